"""Nets for tests: what a trained one would say, computed from the silhouette or from a known solid."""

from collections.abc import Callable

import numpy as np

from genkei.geometry.crop import crop_of, cut
from genkei.geometry.field import signed_distance
from genkei.shape.decode import BIN, BINS, NEAREST
from genkei.types import View

SLOPE = 200.0
"""Log-odds per crop unit inside the surface: 2 a bin."""


def balloon_net(*, picture: np.ndarray, behind: np.ndarray) -> dict[str, np.ndarray]:
    """Every silhouette as deep as it is wide, round z = 0."""
    z = NEAREST - (np.arange(BINS) + 0.5) * BIN
    answers = []
    for alpha in picture[:, 3]:
        half = alpha.reshape(len(alpha) // 2, 2, -1, 2).mean((1, 3))
        inside = np.clip(-signed_distance(half >= 0.5, 1 / len(half)), 0, 0.15)
        answers.append((np.sqrt(inside * (0.3 - inside)) - np.abs(z)[:, None, None]) * SLOPE)
    return {"occupancy": np.stack(answers).astype(np.float32)}


def knowing_net(
    inside: Callable[[np.ndarray], np.ndarray],
    views: tuple[View, ...],
    side_px: int = 192,
    spine: float = 0.0,
) -> Callable[..., dict[str, np.ndarray]]:
    """Log-odds of a solid given as a soft distance of points [..., 3]; it knows the views by their pictures.

    `spine` is the character-space z (and x) that the net takes for 0.
    """
    known = []
    for view in views:
        crop, h = crop_of(view), side_px // 2
        right, _, forward = view.camera.axes
        u = crop.u + ((np.arange(h) + 0.5) / h - 0.5) * crop.side
        y = crop.y + (0.5 - (np.arange(h) + 0.5) / h) * crop.side
        z = (NEAREST - (np.arange(BINS) + 0.5) * BIN) * crop.side
        points = u[None, None, :, None] * right - z[:, None, None, None] * forward
        points = points + y[None, :, None, None] * np.array([0, 1, 0]) + np.array([spine, 0, spine])
        points = points - right * (right @ np.array([spine, 0, spine]))
        known.append((cut(view, crop, side_px), -inside(points) * SLOPE))

    def answer(*, picture: np.ndarray, behind: np.ndarray) -> dict[str, np.ndarray]:
        nearest = [min(known, key=lambda k: float(np.abs(k[0] - one).mean()))[1] for one in picture]
        return {"occupancy": np.stack(nearest).astype(np.float32)}

    return answer


def balloon_field(picture: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """The same balloon for a net that can be asked about any point in picture sides, 0 in the middle."""
    alpha = picture[3]
    side = len(alpha)
    inside = np.clip(-signed_distance(alpha >= 0.5, 1 / side), 0, 0.15)
    thick = np.sqrt(inside * (0.3 - inside))

    def say(points: np.ndarray) -> np.ndarray:
        column = np.clip(((points[:, 0] + 0.5) * side).astype(int), 0, side - 1)
        row = np.clip(((0.5 - points[:, 1]) * side).astype(int), 0, side - 1)
        return ((thick[row, column] - np.abs(points[:, 2])) * SLOPE).astype(np.float32)

    return say
