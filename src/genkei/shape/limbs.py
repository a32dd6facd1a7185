"""Locks, arms and tails that stand apart in the front view: how deep they are, its own look tells best.

From the side a twin-tail lies before or behind the head, and no outline tells where: a rounded hull makes it
as deep as the head, a look from the side forgets it. The front's own look sees it as a thing of its own.
"""

import numpy as np
from jaxtyping import Bool, Float32, Int

from genkei.geometry.field import signed_distance
from genkei.shape.fuse import Solid, fused
from genkei.shape.silhouette import row_runs
from genkei.shape.volume import Volume

CAP = 4.0
"""Cells by which the hull may stand before or behind what the front's look tells of a slender run."""
SLENDER = 1.5
"""How many times deeper than wide a run of the hull is before it is too deep."""
LEAST = 3
"""Cells of matter that a ray keeps, or its depth is not touched."""
AROUND = 3
"""Cells round a side ray that only the deep run fills which stay filled too."""
FORGOTTEN = 0.5
"""Share of the front look's matter below which the others have forgotten what it sees there."""


def told_apart(
    body: Volume,
    hull: Float32[np.ndarray, "nx ny nz"],
    found: Float32[np.ndarray, "nx ny nz"],
    solids: tuple[Solid, ...],
) -> Float32[np.ndarray, "nx ny nz"]:
    """The hull with its slender runs no deeper than the front's own look has them.

    What alone fills a ray of the side's outline stays. `found`, what all looks together say, gets matter back
    on rays of such runs that the others had forgotten; changed in place.
    """
    for solid in solids:
        if round(solid.azimuth_deg) % 180:
            continue
        own, limit = fused((solid,), body), body.outlines
        cap = np.float32(body.step) * (signed_distance(own < 0) - CAP).astype(np.float32)
        deep = (hull < 0).sum(2) > SLENDER * widths(body.front.mask).T
        rays = deep & (((cap < 0) & (hull < 0)).sum(2) >= LEAST)
        capped = np.where(rays[..., None], np.maximum(hull, cap), hull)
        hull = np.where(_alone(body.side.mask, capped, hull)[None], hull, capped)
        _regain(found, own, limit, rays & body.front.mask.T)
    return hull


def widths(mask: Bool[np.ndarray, "rows cols"]) -> Int[np.ndarray, "rows cols"]:
    """Length of the run in its row that each cell lies in; 0 outside."""
    width = np.zeros(mask.shape, np.int64)
    for row, runs in enumerate(row_runs(mask)):
        for first, last in runs:
            width[row, first : last + 1] = last - first + 1
    return width


def _alone(side: Bool[np.ndarray, "ny nz"], capped: np.ndarray, hull: np.ndarray) -> np.ndarray:
    """Rays of the side's outline that the hull fills and the capped one does not, and those around."""
    from scipy.ndimage import binary_dilation

    alone = side & ~(capped < 0).any(0) & (hull < 0).any(0)
    return np.asarray(binary_dilation(alone, iterations=AROUND)) if alone.any() else alone


def _regain(found: np.ndarray, own: np.ndarray, limit: np.ndarray, rays: Bool[np.ndarray, "nx ny"]) -> None:
    """On rays where little is left of what their own look sees, its likeliest cells within the limit."""
    room, seen = limit < 0, (own < 0).sum(2)
    left = ((found < 0) & room).sum(2)
    x, y = np.nonzero(rays & (seen > 0) & (left < FORGOTTEN * seen) & room.any(2))
    if not len(x):
        return
    within = np.sort(np.where(room[x, y], own[x, y], np.inf), axis=1)
    count = np.minimum(seen[x, y], room[x, y].sum(1))
    least = within[np.arange(len(x)), count - 1]
    found[x, y] = np.minimum(found[x, y], own[x, y] - np.maximum(least, 0)[:, None] - TOUCH)


TOUCH = 1e-4
"""Heights by which the last regained cell is inside."""
