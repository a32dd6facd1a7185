"""A soft solid carved by the drawn outlines so that no ray of a drawing loses all its matter."""

import numpy as np
from jaxtyping import Float32, Float64

from genkei.shape.rim import rounded
from genkei.shape.silhouette import Silhouette
from genkei.shape.volume import Volume, evened, relaxed


def shaped(
    body: Volume, field: Float32[np.ndarray, "nx ny nz"], drawn: tuple[int, ...], smoothing: float
) -> Float32[np.ndarray, "nx ny nz"]:
    """The field carved by the outlines; every ray of the drawn ones (by axis) keeps matter.

    What a lone outline tells is rounded at its rim, and thick parts are evened within it.
    """
    limit, lone = body.outlines, len(drawn) == 1
    for axis in drawn:
        spare(body, field, limit, axis)
        if lone:
            rounded(_rays(body, axis), _along(field, axis))
    field = np.maximum(relaxed(np.maximum(field, limit), body.step, smoothing), limit)
    if lone:
        within = np.clip(np.abs(limit) / (NEAR * body.step), 0, 1)
        calm = evened(field, body.step, EVEN, THIN, THICK)
        field = np.maximum(field + within * (calm - field), limit)
    for axis in drawn:
        hold(body, field, axis)
    return field


EVEN, THIN, THICK = 3.0, 8.0, 16.0
"""Cells, see `evened`: a lone look's thick parts have waves where its bins end. At a 224th of the height a
leg stays as it is, a head is evened."""
NEAR = 3.0
"""Cells from the outline within which that fades."""


def spare(body: Volume, field: np.ndarray, limit: np.ndarray, axis: int) -> None:
    """Where the other outline would take all matter off a ray, only the ray's own outline is its limit.

    So no arm is lost to a side view that forgot it; changes `limit` in place.
    """
    own, rays, bounds = _rays(body, axis), _along(field, axis), _along(limit, axis)
    lost = (own.distance < -body.step) & (rays < 0).any(2) & (np.maximum(rays, bounds) >= 0).all(2)
    bounds[lost] = own.distance[lost][:, None]


def hold(body: Volume, field: np.ndarray, axis: int) -> None:
    """Rays of the outline without matter keep some where they are likeliest to; changes the field in place.

    Equally likely cells are chosen as near as can be to where the nearest full ray has its matter. A ray has
    three cells; but the last one of what is wide only as much as brings its likeliest cell to the outline,
    since three cells all round stand out as a seam.
    """
    from scipy.ndimage import distance_transform_edt, maximum_filter

    own, rays = _rays(body, axis), _along(field, axis)
    full = (rays < 0).any(2)
    empty = np.nonzero(own.mask & ~full)
    if not len(empty[0]) or not full.any():
        return
    beside = np.asarray(distance_transform_edt(~full, return_distances=False, return_indices=True))
    nearest = beside[0][empty], beside[1][empty]
    air = rays[nearest] >= 0
    away = np.asarray(distance_transform_edt(air, sampling=(1e4, 1)))
    ray, outline_at = rays[empty], own.distance[empty][:, None]
    best = _least(ray / body.step + NEARBY * away)
    off = np.abs(np.arange(rays.shape[2]) - best[:, None])
    three = np.where(off < 2, np.minimum(ray, np.maximum(outline_at, -body.step) * (1 - 0.5 * off)), ray)
    sunk = ray + outline_at - ray.min(1, keepdims=True)
    wide = np.asarray(maximum_filter(own.distance <= -BESIDE * body.step, size=2 * int(BESIDE) + 1), bool)
    gap = np.hypot(empty[0] - nearest[0], empty[1] - nearest[1])
    seam = (outline_at[:, 0] > -LAST * body.step) & (gap <= BESIDE) & wide[empty]
    sloped = np.maximum(sunk, outline_at + CREST * body.step * off)
    rays[empty] = np.where(seam[:, None], sloped, three)


def _least(cost: Float32[np.ndarray, "n depth"] | Float64[np.ndarray, "n depth"]) -> Float64[np.ndarray, "n"]:
    """Where each row is least, half-way among those that are: a mirrored row gives the mirrored place."""
    tied = cost <= cost.min(1, keepdims=True) + 1e-6
    counted, total = tied.cumsum(1), tied.sum(1, keepdims=True)
    return ((counted > (total - 1) // 2).argmax(1) + (counted > total // 2).argmax(1)) / 2


CREST = 0.2
"""Cells of soft distance per cell away from its middle that the last ray of something wide rises at least."""
BESIDE = 2.0
"""Cells from a full ray, and half the width of what is wide."""
LAST = 1.01
"""Cells from the outline of its last rays."""
NEARBY = 0.05
"""Cells of soft distance that one cell away from the neighbours' matter costs."""


def _rays(body: Volume, axis: int) -> Silhouette:
    return body.front if axis == 2 else body.side


def _along(field: np.ndarray, axis: int) -> np.ndarray:
    """The field [row, column, depth] of the front (axis 2) or side (axis 0) outline."""
    return field.transpose(1, 0, 2) if axis == 2 else field.transpose(1, 2, 0)
