"""Ways from support tips down to the bed: branches that merge, and keep their distance from the part."""

from dataclasses import dataclass
from typing import no_type_check

import numpy as np
from jaxtyping import Bool, Float, Float32, Int
from numba import njit

from genkei.figure.dexels import Dexels

MOST_CELLS = 14e6
MOST_SLOPE = 0.84
"""Sideways per downward step while two branches seek each other: 40 degrees from the vertical."""
JOINED_MM = 0.45
"""Two branches nearer than this go on as one."""
ROOMY_MM = 2.0
"""A branch that is farther from the part does not care how far."""
MOST_TIPS = 30
"""Branches that would carry more together do not seek each other."""


@dataclass(frozen=True)
class Space:
    """Where the axis of a branch may be: cells of `step_mm`, `distance[i, j, k]` at their centres."""

    origin: Float[np.ndarray, "3"]
    """Centre of cell (0, 0, 0)."""
    step_mm: float
    distance: Float32[np.ndarray, "nx ny nz"]
    """To the part, less half a cell; 0 inside it, and where it is far at least `ROOMY_MM`."""
    open: Bool[np.ndarray, "nx ny nz"]
    """Free, and from here a way leads down to the lowest cells at 45 degrees or steeper."""

    def cell(self, points: Float[np.ndarray, "n 3"]) -> Int[np.ndarray, "n 3"]:
        """Cell of each point, clamped to the grid."""
        index = np.round((points - self.origin) / self.step_mm).astype(np.int64)
        return np.clip(index, 0, np.array(self.distance.shape) - 1)

    def reaches_bed(self, points: Float[np.ndarray, "n 3"]) -> Bool[np.ndarray, "n"]:
        """Whether a branch may begin at each point."""
        index = np.round((points - self.origin) / self.step_mm).astype(np.int64)
        within = ((index >= 0) & (index < np.array(self.open.shape))).all(1)
        i, j, k = self.cell(points).T
        return within & self.open[i, j, k]


@dataclass(frozen=True)
class Box:
    """The room supports may use, millimetres."""

    low: Float[np.ndarray, "3"]
    high: Float[np.ndarray, "3"]


def space_round(dexels: Dexels, box: Box, step_mm: float, need_mm: float, guard: "Guard") -> Space:
    """Free room round a part: farther than `need_mm` from it and than the guard's distance from the guarded.

    The step grows where the box would have more than `MOST_CELLS` cells.
    """
    from genkei.figure.depth import counted

    step = max(step_mm, (float(np.prod(box.high - box.low)) / MOST_CELLS) ** (1 / 3))
    shape = tuple(int(n) for n in np.floor((box.high - box.low) / step) + 1)
    solid, guarded = np.zeros(shape, bool), np.zeros(shape, bool)
    watched = guard.faces[dexels.under] if len(guard.faces) else np.zeros(len(dexels.under), bool)
    column = dexels.column
    xy = np.round((dexels.places(column) - box.low[:2]) / step).astype(np.int64)
    z = np.stack([dexels.low, dexels.high], 1).astype(np.float64)
    k = np.round((z - box.low[2]) / step).astype(np.int64)
    _fill(solid, xy, k)
    distance = counted(~solid, step, max(need_mm, ROOMY_MM) + step)
    free = distance >= need_mm
    if watched.any():
        _fill(guarded, xy[watched], np.stack([k[watched, 0], k[watched, 0]], 1))
        free &= counted(~guarded, step, guard.distance_mm + step) + step / 2 >= guard.distance_mm
    return Space(box.low, step, distance, _reached(free))


@dataclass(frozen=True)
class Guard:
    """Faces that no branch may come near, and how near."""

    faces: Bool[np.ndarray, "f"]
    distance_mm: float


@dataclass(frozen=True)
class Branches:
    """Every tip's way as a tree: first the heads in the order given; `below[i]` is the next node, -1 on the
    raft."""

    points: Float[np.ndarray, "n 3"]
    below: Int[np.ndarray, "n"]
    tips: Int[np.ndarray, "n"]
    """How many tips a node carries."""
    length: Float[np.ndarray, "n"]
    """Longest way up to one of its tips, mm."""

    @staticmethod
    def none() -> "Branches":
        nobody = np.zeros(0, np.int64)
        return Branches(np.zeros((0, 3)), nobody, nobody, np.zeros(0))


def grow(space: Space, heads: Float[np.ndarray, "t 3"], merge_mm: float) -> Branches:
    """Lead heads (points where `reaches_bed`) down to the lowest cells.

    Layer by layer every branch leans towards its nearest neighbour within `merge_mm` that it can still
    meet, goes round the part, and joins what it meets; it never enters a cell without a way down.
    """
    starts = np.ascontiguousarray(heads, np.float64)
    points, below = _without(
        *_descend(starts, space.open, space.distance, space.origin, space.step_mm, merge_mm)
    )
    points = _smoothed(points, below, space)
    tips, length = np.zeros(len(points), np.int64), np.zeros(len(points))
    tips[: len(heads)] = 1
    drop = np.linalg.norm(points - points[below], axis=1)
    for n in np.argsort(-points[:, 2], kind="stable"):
        m = below[n]
        if m >= 0:
            tips[m] += tips[n]
            length[m] = max(length[m], length[n] + drop[n])
    return Branches(points, below, tips, length)


def _without(
    points: np.ndarray, below: np.ndarray, instead: np.ndarray
) -> tuple[Float[np.ndarray, "n 3"], Int[np.ndarray, "n"]]:
    """Drop nodes that have another instead, and send what led to them there."""
    while (gone := (below >= 0) & (instead[below] >= 0)).any():
        below = np.where(gone, instead[below], below)
    kept = instead < 0
    number = np.cumsum(kept) - 1
    return points[kept], np.where(below[kept] >= 0, number[below[kept]], -1)


def _smoothed(points: np.ndarray, below: np.ndarray, space: Space) -> np.ndarray:
    """Steps of the lattice evened out; a node stays where evening would bring it nearer to the part."""
    count = np.bincount(below[below >= 0], minlength=len(points))
    above = np.full(len(points), -1)
    above[below[below >= 0]] = np.flatnonzero(below >= 0)
    inner = np.flatnonzero((count == 1) & (below >= 0))
    smooth = points.copy()
    for _ in range(6):
        new = smooth.copy()
        new[inner, :2] = (smooth[inner, :2] + (smooth[above[inner], :2] + smooth[below[inner], :2]) / 2) / 2
        now, then = (space.distance[tuple(space.cell(p).T)] for p in (new, points))
        safe = (now >= np.minimum(then, ROOMY_MM)) & space.reaches_bed(new)
        smooth[inner] = np.where(safe[inner, None], new[inner], smooth[inner])
    return smooth


@njit(cache=True)
@no_type_check  # the shape checker of the tests must not wrap what numba compiles
def _fill(cells, xy, k):
    """Mark the cells that stretches pass."""
    for s in range(len(xy)):
        i, j = xy[s, 0], xy[s, 1]
        if 0 <= i < cells.shape[0] and 0 <= j < cells.shape[1]:
            for z in range(max(k[s, 0], 0), min(k[s, 1] + 1, cells.shape[2])):
                cells[i, j, z] = True


@njit(cache=True)
@no_type_check
def _reached(free):
    """Free cells from which free cells lead down, each straight below the last or one to a side."""
    nx, ny, nz = free.shape
    good = np.zeros((nx, ny, nz), np.bool_)
    good[:, :, 0] = free[:, :, 0]
    for i in range(nx):
        for j in range(ny):
            for k in range(1, nz):
                good[i, j, k] = False
    for k in range(1, nz):
        for i in range(nx):
            for j in range(ny):
                if free[i, j, k]:
                    good[i, j, k] = (
                        good[i, j, k - 1]
                        or (i > 0 and good[i - 1, j, k - 1])
                        or (i < nx - 1 and good[i + 1, j, k - 1])
                        or (j > 0 and good[i, j - 1, k - 1])
                        or (j < ny - 1 and good[i, j + 1, k - 1])
                    )
    return good


@njit(cache=True)
@no_type_check
def _nearest(position, alive, i, limit):
    """The nearest other branch within `limit`, -1 when there is none."""
    best, found = limit * limit, -1
    for n in range(len(alive)):
        if n != i and alive[n]:
            gap = (position[n, 0] - position[i, 0]) ** 2 + (position[n, 1] - position[i, 1]) ** 2
            if gap < best:
                best, found = gap, n
    return found, np.sqrt(best)


@njit(cache=True)
@no_type_check
def _clear_line(open_cells, origin, step, a, b, k):
    """Whether all cells of layer k between two points are open."""
    length = np.sqrt((a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2)
    count = int(length / step) + 1
    for n in range(count + 1):
        i = round((a[0] + (b[0] - a[0]) * n / count - origin[0]) / step)
        j = round((a[1] + (b[1] - a[1]) * n / count - origin[1]) / step)
        if i < 0 or j < 0 or i >= open_cells.shape[0] or j >= open_cells.shape[1] or not open_cells[i, j, k]:
            return False
    return True


@njit(cache=True)
@no_type_check
def _descend(heads, open_cells, distance, origin, step, merge):
    """Nodes (heads first) and the node below each."""
    count, layers = len(heads), open_cells.shape[2]
    points = np.empty((count * (layers + 1), 3))
    below = np.full(count * (layers + 1), -1, np.int64)
    instead = np.full(count * (layers + 1), -1, np.int64)  # of a node that fell together with another
    points[:count] = heads
    total = count
    node, weight = np.arange(count), np.ones(count)
    position = heads[:, :2].copy()
    wanted = position.copy()
    alive = np.zeros(count, np.bool_)
    level = np.empty(count, np.int64)
    for i in range(count):
        level[i] = min(round((heads[i, 2] - origin[2]) / step), layers - 1)
    for k in range(layers - 1, 0, -1):
        for i in range(count):
            if level[i] == k:
                alive[i] = True
        _lean(position, wanted, weight, alive, open_cells, origin, step, k, merge)
        for i in range(count):
            if alive[i]:
                _step_down(position[i], wanted[i], open_cells, distance, origin, step, k)
                points[total, 0], points[total, 1] = position[i, 0], position[i, 1]
                points[total, 2] = origin[2] + step * (k - 1)
                below[node[i]] = total
                node[i] = total
                total += 1
        for i in range(count):
            if not alive[i]:
                continue
            other, _ = _nearest(position, alive, i, JOINED_MM)
            if other >= 0 and weight[i] <= weight[other]:
                alive[i] = False
                weight[other] += weight[i]
                instead[node[i]] = node[other]
    return points[:total], below[:total], instead[:total]


@njit(cache=True)
@no_type_check
def _lean(position, wanted, weight, alive, open_cells, origin, step, k, merge):  # noqa: PLR0913
    """Where every branch wants to be one layer lower, in place: nearer to the neighbour it can still meet."""
    for i in range(len(alive)):
        if not alive[i]:
            continue
        wanted[i, 0], wanted[i, 1] = position[i, 0], position[i, 1]
        other, gap = _nearest(position, alive, i, min(merge, 2 * MOST_SLOPE * step * (k - 1)))
        if other < 0 or weight[i] > weight[other] or weight[i] + weight[other] > MOST_TIPS:
            continue
        if _clear_line(open_cells, origin, step, position[i], position[other], k):
            share = 1.0 if weight[i] < weight[other] else 0.5
            share = min(MOST_SLOPE * step / max(gap, 1e-9), share)
            for axis in range(2):
                wanted[i, axis] += share * (position[other, axis] - position[i, axis])


@njit(cache=True)
@no_type_check
def _step_down(position, wanted, open_cells, distance, origin, step, k):
    """Move a branch, in place, to the open cell of layer k - 1 nearest to where it wants to go.

    Candidates are the wanted point and the nearest points of the nine cells below; nearer than `ROOMY_MM`
    to the part each missing millimetre counts like half a millimetre of detour.
    """
    ci = round((position[0] - origin[0]) / step)
    cj = round((position[1] - origin[1]) / step)
    best, bx, by = 1e30, position[0], position[1]
    for di in range(-1, 2):
        for dj in range(-1, 2):
            i, j = ci + di, cj + dj
            if i < 0 or j < 0 or i >= open_cells.shape[0] or j >= open_cells.shape[1]:
                continue
            if not open_cells[i, j, k - 1]:
                continue
            x0, y0 = origin[0] + step * i, origin[1] + step * j
            x = min(max(wanted[0], x0 - 0.45 * step), x0 + 0.45 * step)
            y = min(max(wanted[1], y0 - 0.45 * step), y0 + 0.45 * step)
            cost = np.sqrt((x - wanted[0]) ** 2 + (y - wanted[1]) ** 2)
            cost += 0.5 * max(ROOMY_MM - distance[i, j, k - 1], 0.0)
            if cost < best:
                best, bx, by = cost, x, y
    position[0], position[1] = bx, by
