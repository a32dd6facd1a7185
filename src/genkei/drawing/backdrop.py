"""What lies behind a drawing: a smooth colour model of the border, and what is reachable from there."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float32, Float64

STRIP = 0.015
"""Share of the short side that counts as border."""
ROUNDS = 6
"""Reweighted fits; the weights stand still after four or five."""


@dataclass(frozen=True)
class Backdrop:
    """A quadratic colour model a b c d e f . (1, x, y, x2, y2, xy), with x and y in [-1, 1]."""

    lab: Float32[np.ndarray, "h w 3"]
    """The model's colour at every pixel, CIE Lab."""
    rgb: Float32[np.ndarray, "h w 3"]
    """The same in sRGB."""
    residual: float
    """1.48 times the median Lab distance of the border to the model, at least 1."""
    explained: float
    """Share of the border within three residuals of the model."""


def fit_backdrop(rgb: Float32[np.ndarray, "h w 3"], lab: Float32[np.ndarray, "h w 3"]) -> Backdrop:
    """Robust fit to the border strip, so that a subject cut by the border does not count.

    Iteratively reweighted least squares: start weights exp(-(d / 25)^2) with d the distance to the median
    colour, then 1 / (1 + (e / 2s)^2)^2 (Geman and McClure) with s = max(1, 1.48 median e).
    """
    height, width = lab.shape[:2]
    strip = max(2, round(STRIP * min(height, width)))
    border = np.ones((height, width), bool)
    border[strip:-strip, strip:-strip] = False
    rows, columns = np.nonzero(border)
    terms = _terms(columns / (width - 1) * 2 - 1, rows / (height - 1) * 2 - 1)
    colours = np.concatenate([lab[border], rgb[border]], 1).astype(np.float64)
    error = np.linalg.norm(colours[:, :3] - np.median(colours[:, :3], axis=0), axis=1)
    weight = np.exp(-((error / 25) ** 2)) + 1e-6
    model = np.zeros((6, 6))
    for _ in range(ROUNDS):
        root = np.sqrt(weight)[:, None]
        model = np.linalg.lstsq(terms * root, colours * root, rcond=None)[0]
        error = np.linalg.norm(terms @ model[:, :3] - colours[:, :3], axis=1)
        scale = max(1.0, 1.48 * float(np.median(error)))
        weight = 1 / (1 + (error / (2 * scale)) ** 2) ** 2
    scale = max(1.0, 1.48 * float(np.median(error)))
    x, y = np.linspace(-1, 1, width), np.linspace(-1, 1, height)
    whole = (_terms(*(a.ravel() for a in np.meshgrid(x, y))) @ model).reshape(height, width, 6)
    return Backdrop(
        whole[..., :3].astype(np.float32),
        np.clip(whole[..., 3:], 0, 1).astype(np.float32),
        scale,
        float((error < 3 * scale).mean()),
    )


def distance(lab: Float32[np.ndarray, "h w 3"], backdrop: Backdrop) -> Float32[np.ndarray, "h w"]:
    """CIE 1976 distance of every pixel to the backdrop."""
    return np.sqrt(((lab - backdrop.lab) ** 2).sum(-1))


def flood(candidate: Bool[np.ndarray, "h w"], radius_px: int) -> Bool[np.ndarray, "h w"]:
    """Trapped-ball flood (Zhang et al. 2009): where a disc of that radius can roll to from the border.

    A gap in an outline narrower than the ball does not let the background in.
    """
    from scipy.ndimage import binary_dilation, binary_propagation

    if radius_px < 1:
        return np.asarray(binary_propagation(_edge_of(candidate), mask=candidate))
    room = np.pad(candidate, radius_px + 1, constant_values=True)
    centres = ~dilate(~room, radius_px)
    reached = binary_propagation(_edge_of(centres), mask=centres)
    inner = slice(radius_px + 1, -radius_px - 1)
    rolled = dilate(np.asarray(reached), radius_px)[inner, inner] & candidate
    # the ball cannot reach into corners and narrow clefts: creep on by its own diameter, no further
    return np.asarray(binary_dilation(rolled, np.ones((3, 3)), iterations=2 * radius_px, mask=candidate))


def dilate(mask: Bool[np.ndarray, "h w"], radius_px: int) -> Bool[np.ndarray, "h w"]:
    """By a disc: exact, through the distance transform."""
    from scipy.ndimage import distance_transform_edt

    if not mask.any():
        return mask.copy()
    return np.asarray(distance_transform_edt(~mask)) <= radius_px


def _edge_of(mask: np.ndarray) -> np.ndarray:
    edge = np.zeros_like(mask)
    edge[[0, -1]] = mask[[0, -1]]
    edge[:, [0, -1]] = mask[:, [0, -1]]
    return edge


def _terms(x: np.ndarray, y: np.ndarray) -> Float64[np.ndarray, "n 6"]:
    return np.stack([np.ones_like(x), x, y, x * x, y * y, x * y], -1).astype(np.float64)
