"""Views as an illustrator draws them: every side a little taller, aside, in another pose than the front.

The front is the reference, so that a perfect answer exists: it has the hand's noise on its lines alone. Every
other view is drawn from the model with its limbs turned, then scaled about the feet and moved.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from genkei.geometry.warp import warped
from genkei.types import Camera, View
from genkei_train.poses import REST, Pose, posed
from genkei_train.real import load_real
from genkei_train.soups import smooth_normals
from genkei_train.subjects import Subject

if TYPE_CHECKING:
    from inputs import Model

LIMBS = tuple(f"{side}{bone}" for side in ("left", "right") for bone in ("UpperArm", "UpperLeg"))


@dataclass(frozen=True)
class Errors:
    """How far views stray from the front: uniform between plus and minus, but for the noise."""

    scale: float = 0.02
    offset: float = 0.01
    """Character heights, to the side and up."""
    limb_deg: float = 3.0
    noise: float = 0.0015
    """Character heights by which a line wanders (root mean square), over `wave` heights."""
    wave: float = 0.03


def disagreeing(
    model: "Model", path: Path, style: str, seed: int, errors: Errors = Errors()
) -> tuple[View, ...]:
    """The model's views with the errors of a hand: the same for the same seed."""
    subject = load_real(path, "", "", step=1 / 1024)
    return tuple(
        _drawn_by_hand(view, subject, style, np.random.default_rng([seed, k]), errors)
        for k, view in enumerate(model.views)
    )


def _drawn_by_hand(
    view: View, subject: Subject, style: str, rng: np.random.Generator, errors: Errors
) -> View:
    from inputs import draw

    rgba, size = view.rgba, view.rgba.shape[0]
    scale, across, up = 1.0, 0.0, 0.0
    if view.name != "front":
        soup = posed(subject, _turned_limbs(rng, errors.limb_deg)).soup
        rgba = draw(soup, smooth_normals(soup), view.camera, size, style == "drawn")
        scale += rng.uniform(-1, 1) * errors.scale
        across, up = rng.uniform(-1, 1, 2) * errors.offset
    return View(
        _moved(rgba, view.camera, scale, (across, up), wander(rng, size, view.camera, errors)), view.camera
    )


def _turned_limbs(rng: np.random.Generator, most_deg: float) -> Pose:
    """Every arm and leg turned about its upper joint, about any axis."""
    turns = {}
    for limb in LIMBS:
        axis = rng.normal(size=3)
        axis *= np.radians(rng.uniform(-most_deg, most_deg)) / np.linalg.norm(axis)
        turns[limb] = _rotation(axis)
    return Pose({}, turns, REST.scale, "turned limbs")


def _rotation(vector: np.ndarray) -> np.ndarray:
    from scipy.spatial.transform import Rotation

    return Rotation.from_rotvec(vector).as_matrix()


def _moved(
    rgba: np.ndarray, camera: Camera, scale: float, offset: tuple[float, float], noise: np.ndarray
) -> np.ndarray:
    """Scaled about the feet's middle, moved by heights (right, up), then shaken by [2, s, s] pixels."""
    size = rgba.shape[0]
    heights_px = size / camera.span
    row, column = np.indices(rgba.shape[:2]) + 0.5
    foot = size / 2 + 0.5 * heights_px
    from_x = size / 2 + (column - size / 2 - offset[0] * heights_px) / scale
    from_y = foot + (row - foot + offset[1] * heights_px) / scale
    return warped(rgba, from_x - column + noise[0], from_y - row + noise[1])


def wander(rng: np.random.Generator, size: int, camera: Camera, errors: Errors) -> np.ndarray:
    """Smooth noise, pixels [2, size, size]: what an unsteady hand does to lines."""
    from scipy.ndimage import gaussian_filter

    heights_px = size / camera.span
    rough = rng.normal(size=(2, size, size))
    smooth = np.stack([gaussian_filter(plane, errors.wave * heights_px / 2) for plane in rough])
    return smooth / smooth.std() * errors.noise * heights_px
