"""A face is drawn once: what a side view shows of its eyes and mouth gives way to the front's.

The solid's face is flatter or deeper than the drawn profile, so the eye of the side view would fall on the
temple, beside the eye of the front.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Float32

from genkei.geometry.camera import turned_deg
from genkei.texture.tones import SAME, find_materials, shadeless
from genkei.types import Mesh, View

BROW = 0.5
"""Share of the head's height above the chin up to which eyes lie; above it is hair or hat."""
DEEP = 0.5
"""Share of the head's depth behind the face's front in which a profile shows eye and mouth."""
GAP = 0.2
"""Half width of an eye in profile as a share of the head's height: closes the skin round it."""
SIDEWAYS = (30.0, 150.0)
"""Degrees from the front between which a view shows the face again."""


@dataclass(frozen=True)
class Head:
    """Where the face is, in character space, and its skin."""

    chin: float
    brow: float
    middle: float
    """x of its middle."""
    front: float
    """z of its foremost point."""
    back: float
    """z as deep as features reach in profile."""
    skin: Float32[np.ndarray, "3"]
    """sRGB."""


def find_head(mesh: Mesh, chin: float, views: tuple[View, ...]) -> Head | None:
    """By the solid above the chin and the colour of the front view there; None without a drawn front."""
    fronts = [v for v in views if v.drawn and turned_deg(v.camera.azimuth_deg, 0) < 5]
    height = float(mesh.vertices[:, 1].max()) - chin
    x, y, z = mesh.vertices.T
    face = (y > chin) & (y < chin + BROW * height)
    if not fronts or not face.any() or height <= 0:
        return None
    front, back = np.percentile(z[face], (99, 1))
    middle, half = float(np.median(x[face])), float(np.percentile(np.abs(x[face] - np.median(x[face])), 95))
    view = fronts[0]
    right, up = _plane(view)
    inner = view.mask & (up > chin + 0.1 * height) & (up < chin + 0.5 * height)
    inner &= np.abs(right - middle) < 0.4 * half
    colours = view.rgba[inner, :3]
    if len(colours) < 20:
        return None
    colours = colours[:: max(len(colours) // 2000, 1)]
    kind = find_materials(colours)
    skin = np.median(colours[kind == np.bincount(kind).argmax()], axis=0)
    deep = front - DEEP * (front - back)
    return Head(chin, chin + BROW * height, middle, float(front), float(deep), skin.astype(np.float32))


def second_face(
    view: View, head: Head | None, mesh_depth: Float32[np.ndarray, "h w"]
) -> Bool[np.ndarray, "h w"]:
    """Pixels of a side view that show eye, brow or mouth: not skin, in the front of the head, amid skin."""
    from scipy.ndimage import binary_dilation, binary_opening, distance_transform_edt

    nothing = np.zeros(view.mask.shape, bool)
    turn = turned_deg(view.camera.azimuth_deg, 0)
    if head is None or not SIDEWAYS[0] < turn < SIDEWAYS[1]:
        return nothing
    right, up = _plane(view)
    forward = _forward(view, right, mesh_depth)
    zone = view.mask & (up > head.chin) & (up < head.brow) & (forward > head.back)
    if not zone.any():
        return nothing
    alike = np.zeros(view.mask.shape, bool)
    gap = np.linalg.norm(shadeless(view.rgba[zone, :3]) - shadeless(head.skin[None]), axis=1)
    alike[zone] = gap < 0.75 * SAME
    alike = _large(np.asarray(binary_opening(alike, iterations=2)))
    if not alike.any():
        return nothing
    reach = GAP * (head.brow - head.chin) / BROW / view.camera.span * len(up)
    near = np.asarray(distance_transform_edt(~alike)) <= reach
    closed = np.greater(np.asarray(distance_transform_edt(np.pad(near, 1)))[1:-1, 1:-1], reach)
    return np.asarray(binary_dilation(closed & zone & ~alike, iterations=3), bool) & zone


def _large(where: Bool[np.ndarray, "h w"]) -> Bool[np.ndarray, "h w"]:
    """Connected pieces of at least a quarter of the largest."""
    from skimage.measure import label

    piece = np.asarray(label(where, connectivity=1))
    size = np.bincount(piece.ravel())
    size[0] = 0
    return (size >= max(size.max() / 4, 1))[piece]


def _plane(view: View) -> tuple[Float[np.ndarray, "h w"], Float[np.ndarray, "h w"]]:
    """Character heights to the right of the views' axis and above the ground, per pixel."""
    height, width = view.mask.shape
    span = view.camera.span
    x = ((np.arange(width) + 0.5) / width - 0.5) * span
    y = 0.5 + (0.5 - (np.arange(height) + 0.5) / height) * span
    return np.broadcast_to(x, (height, width)), np.broadcast_to(y[:, None], (height, width))


def _forward(view: View, right: np.ndarray, depth: np.ndarray) -> Float[np.ndarray, "h w"]:
    """z of what each pixel sees; of the view's own plane where it sees nothing of the solid."""
    axes = view.camera.axes
    return right * axes[0, 2] + np.where(np.isfinite(depth), depth, 0) * axes[2, 2]
