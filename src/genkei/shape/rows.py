"""A front look's depths fitted to the outlines drawn from aside, row by row.

A net tells how round a face is better than how far forward it lies. Where its solid stood out of a side's
outline, carving made a flat wall across the whole figure; stretched to reach just as far, it stays round.
"""

from dataclasses import replace

import numpy as np
from jaxtyping import Float32

from genkei.geometry.camera import turned_deg
from genkei.shape.decode import BIN, NEAREST
from genkei.shape.fuse import Solid, turn

SQUARE_DEG = 10.0
"""A front or back, and a view from aside of it, stand so far from it at most."""
SMOOTH = 1.0
"""Rows over which what is amiss is averaged."""
LEAST, MOST = 0.6, 1.7
"""How many times deeper a row may become."""
ENOUGH = 5
"""Rows known from both sides below which nothing is stretched."""


def stretched(solids: tuple[Solid, ...]) -> tuple[Solid, ...]:
    """The solids, those of a front or back with every row's depths mapped onto what the sides drew of it."""
    return tuple(_fitted(solid, solids) for solid in solids)


def _fitted(solid: Solid, solids: tuple[Solid, ...]) -> Solid:
    if min(turned_deg(solid.azimuth_deg, towards) for towards in (0, 180)) > SQUARE_DEG:
        return solid
    drawn = [_drawn(solid, other) for other in solids if _square(solid, other)]
    if not drawn:
        return solid
    known = [np.isfinite(one[0]) for one in drawn]
    count = np.sum(known, axis=0)
    wanted = np.sum([np.where(ok, one, 0) for ok, one in zip(known, drawn, strict=True)], axis=0)
    wanted = wanted / np.maximum(count, 1)
    reach = _reached(solid)
    both = (count > 0) & np.isfinite(reach[0])
    if both.sum() < ENOUGH:
        return solid
    rows = np.arange(len(both))
    was = np.stack([np.interp(rows, rows[both], one[both]) for one in reach])
    off = np.stack([_averaged(np.where(both, w - r, 0), both) for w, r in zip(wanted, was, strict=True)])
    now = was + off
    scale = np.clip((now[1] - now[0]) / np.maximum(was[1] - was[0], BIN * solid.side), LEAST, MOST)
    before = (solid.depth[:, None] - now.mean(0)) / scale + was.mean(0)
    return replace(solid, odds=_looked_up(solid, before.astype(np.float32)))


def _square(solid: Solid, other: Solid) -> bool:
    return abs(turned_deg(solid.azimuth_deg, other.azimuth_deg) - 90) <= SQUARE_DEG


def _reached(solid: Solid) -> Float32[np.ndarray, "2 rows"]:
    """Farthest and nearest depth of each row's matter in heights; NaN in empty rows."""
    full = np.asarray(solid.inside.any(2))
    nearest = solid.depth[full.argmax(0)] + 0.5 * BIN * solid.side
    farthest = solid.depth[len(full) - 1 - full[::-1].argmax(0)] - 0.5 * BIN * solid.side
    return np.where(full.any(0), np.stack([farthest, nearest]), np.nan).astype(np.float32)


def _drawn(solid: Solid, other: Solid) -> Float32[np.ndarray, "2 rows"]:
    """The same as the other view drew it: u' = u cos - d sin, with u nearly 0 and the sine nearly 1 or -1."""
    mask, step = other.outline.mask, other.outline.step
    first = other.outline.u0 + step * (mask.argmax(1) - 0.5)
    last = other.outline.u0 + step * (mask.shape[1] - 0.5 - mask[:, ::-1].argmax(1))
    sine, _ = turn(other.azimuth_deg - solid.azimuth_deg)
    ends = np.sort(np.stack([first, last]) / -sine, axis=0)
    return np.where(mask.any(1), ends, np.nan).astype(np.float32)


def _averaged(amiss: np.ndarray, known: np.ndarray) -> np.ndarray:
    from scipy.ndimage import gaussian_filter1d

    weight = gaussian_filter1d(known.astype(np.float64), SMOOTH)
    return gaussian_filter1d(amiss, SMOOTH) / np.maximum(weight, 1e-6)


def _looked_up(solid: Solid, depth: Float32[np.ndarray, "k rows"]) -> Float32[np.ndarray, "k rows cols"]:
    """The odds that lie at these depths, linear between bins."""
    last = len(solid.odds) - 1
    bins = np.clip((NEAREST - (depth - solid.shift) / solid.side) / BIN - 0.5, 0, last)
    lower = np.minimum(bins.astype(int), last - 1)
    share = (bins - lower)[..., None].astype(np.float32)
    row = np.arange(depth.shape[1])[None]
    return solid.odds[lower, row] * (1 - share) + solid.odds[lower + 1, row] * share
