"""What stays in a cavity when it drains: every cell that has to rise before it reaches a hole."""

from heapq import heappop, heappush
from typing import no_type_check

import numpy as np
from jaxtyping import Bool, Float, Float32
from numba import njit

from genkei.figure.cavity import Room

MOST_CELLS = 250_000
"""A finer room is looked at in every second, third, ... cell."""
LIP = 1.5
"""In cells: so much lower than its way out a cell may lie by the grid's rounding alone."""


def coarse(room: Room) -> Room:
    """The same room in fewer cells."""
    stride = int(np.ceil((int(room.cells.sum()) / MOST_CELLS) ** (1 / 3)))
    cells = np.ascontiguousarray(room.cells[::stride, ::stride, ::stride])
    return Room(room.cavities, room.volumes_mm3, cells, room.origin, room.step * stride)


def places(room: Room, cells: Bool[np.ndarray, "nx ny nz"]) -> Float32[np.ndarray, "n 3"]:
    """Centres of chosen cells."""
    return (room.origin + room.step * np.argwhere(cells)).astype(np.float32)


def spill(
    room: Room, up: Float[np.ndarray, "3"], holes: Bool[np.ndarray, "nx ny nz"]
) -> Float32[np.ndarray, "nx ny nz"]:
    """How far every cell's liquid has to rise to reach a cell of `holes`; inf where it never does, 0 outside.

    The way with the lowest highest point, grown from the holes by a priority queue (Barnes et al. 2014).
    """
    level = _levels(room.cells, holes & room.cells, *(float(u) * room.step for u in up))
    i, j, k = np.ogrid[tuple(slice(n) for n in level.shape)]
    height = room.step * (up[0] * i + up[1] * j + up[2] * k)
    return np.where(room.cells, level - height, 0).astype(np.float32)


def pooled(room: Room, rise: Float32[np.ndarray, "nx ny nz"]) -> Bool[np.ndarray, "nx ny nz"]:
    """Cells whose liquid stays: it would have to rise, by more than the grid's rounding, and has a way."""
    return np.isfinite(rise) & (rise > LIP * room.step)


@njit(cache=True)
@no_type_check  # the shape checker of the tests must not wrap what numba compiles
def _levels(cells, holes, ux, uy, uz):
    nx, ny, nz = cells.shape
    level = np.full((nx, ny, nz), np.inf)
    queue = [(0.0, 0)]
    queue.pop()
    for i in range(nx):
        for j in range(ny):
            for k in range(nz):
                if holes[i, j, k]:
                    level[i, j, k] = i * ux + j * uy + k * uz
                    heappush(queue, (level[i, j, k], (i * ny + j) * nz + k))
    while len(queue):
        height, at = heappop(queue)
        i, j, k = at // (ny * nz), at // nz % ny, at % nz
        for di in range(-1, 2):
            for dj in range(-1, 2):
                for dk in range(-1, 2):
                    a, b, c = i + di, j + dj, k + dk
                    if not (0 <= a < nx and 0 <= b < ny and 0 <= c < nz) or not cells[a, b, c]:
                        continue
                    if level[a, b, c] == np.inf:
                        level[a, b, c] = max(height, a * ux + b * uy + c * uz)
                        heappush(queue, (level[a, b, c], (a * ny + b) * nz + c))
    return level
