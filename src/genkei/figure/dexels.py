"""A solid as dexels: over a square lattice seen from above, the stretches of z that lie inside it.

Van Hook 1986. Every layer at every height can be read off them without cutting the mesh again.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import no_type_check

import numpy as np
from jaxtyping import Bool, Float, Float32, Int, Int32
from numba import njit

from genkei.types import Mesh

ODD = np.array([0.4142135, 0.6180339])
"""Share of a pixel the lattice is set off by, so that no sample falls on a vertex of a machined shape."""
MOST_SAMPLES = 40_000_000


@dataclass(frozen=True)
class Dexels:
    """Stretches of z inside a solid over lattice points; millimetres, overlapping shells united."""

    origin: Float[np.ndarray, "2"]
    """x, y of sample (0, 0)."""
    pixel_mm: float
    shape: tuple[int, int]
    """Samples along x and y; sample (i, j) is column `i * shape[1] + j`."""
    first: Int32[np.ndarray, "c1"]
    """Stretches of column c are `first[c]` up to `first[c + 1]`, lowest first."""
    low: Float32[np.ndarray, "s"]
    high: Float32[np.ndarray, "s"]
    under: Int32[np.ndarray, "s"]
    """The face at the lower end of every stretch."""

    @property
    def column(self) -> Int32[np.ndarray, "s"]:
        """Which column every stretch belongs to."""
        return np.repeat(np.arange(len(self.first) - 1, dtype=np.int32), np.diff(self.first))

    def places(self, column: Int[np.ndarray, "n"]) -> Float[np.ndarray, "n 2"]:
        """x, y of columns."""
        return self.origin + self.pixel_mm * np.stack(np.divmod(column, self.shape[1]), 1)

    def volume(self) -> float:
        """Midpoint rule, mm³."""
        return float((self.high - self.low).sum(dtype=np.float64)) * self.pixel_mm**2

    def inside(self, z: float) -> Bool[np.ndarray, "nx ny"]:
        """The layer at one height."""
        seen = np.zeros(len(self.first) - 1, bool)
        seen[self.column[(self.low <= z) & (z <= self.high)]] = True
        return seen.reshape(self.shape)


def origin_of(mesh: Mesh, pixel_mm: float) -> Float[np.ndarray, "2"]:
    """x, y of the first sample of a mesh's own lattice."""
    return _extreme(mesh, np.min) - ODD * pixel_mm


def _extreme(mesh: Mesh, which: Callable[[np.ndarray], np.floating]) -> Float[np.ndarray, "2"]:
    """Least or largest x and y; axis by axis is several times faster than over rows of two."""
    return np.array([which(mesh.vertices[:, k]) for k in range(2)], np.float64)


def dexels_of(mesh: Mesh, pixel_mm: float, through: Float[np.ndarray, "2"] | None = None) -> Dexels:
    """Dexels of a closed mesh (or of several that overlap); ValueError when the lattice would be too fine.

    A sample is inside where its winding number is positive. The side of an edge is decided with the edge's
    ends in one order for both its faces, so that no sample slips between neighbours. `through`: a point the
    lattice shall pass (another's origin).
    """
    low, high = _extreme(mesh, np.min), _extreme(mesh, np.max)
    origin = low - ODD * pixel_mm
    if through is not None:
        origin = through + np.floor((low - through) / pixel_mm) * pixel_mm
    counts = np.floor((high - origin) / pixel_mm).astype(np.int64) + 1
    if counts.prod() > MOST_SAMPLES:
        raise ValueError(
            f"{counts.prod() / 1e6:.0f} million samples of {pixel_mm:g} mm over {high[0] - low[0]:.0f} x "
            f"{high[1] - low[1]:.0f} mm are too many (limit {MOST_SAMPLES / 1e6:.0f}): take larger pixels"
        )
    points = mesh.vertices.astype(np.float64)
    points[:, :2] = (points[:, :2] - origin) / pixel_mm
    first, z, face = _crossings(points, np.ascontiguousarray(mesh.faces), int(counts[0]), int(counts[1]))
    kept, low_z, high_z, under = _stretches(first, z, face)
    return Dexels(origin, pixel_mm, (int(counts[0]), int(counts[1])), kept, low_z, high_z, under)


@njit(cache=True)
@no_type_check  # the shape checker of the tests must not wrap what numba compiles
def _left(points, a, b, x, y):
    """Twice the signed area of (a, b, point): exactly minus that of (b, a, point), and never 0."""
    p, q = min(a, b), max(a, b)
    area = (points[q, 0] - points[p, 0]) * (y - points[p, 1]) - (points[q, 1] - points[p, 1]) * (
        x - points[p, 0]
    )
    if area == 0:
        area = 1e-300
    return area if a < b else -area


@njit(cache=True)
@no_type_check
def _crossings(points, faces, nx, ny):
    """Per column the heights at which its line meets faces, and the face: ~face where it leaves the solid.

    What is met is noted face by face, and then sorted into its columns in that order.
    """
    first = np.zeros(nx * ny + 1, np.int32)
    count, room = 0, max(2 * faces.shape[0], 1024)
    column, z, owner = np.empty(room, np.int32), np.empty(room, np.float32), np.empty(room, np.int32)
    for f in range(faces.shape[0]):
        a, b, c = faces[f, 0], faces[f, 1], faces[f, 2]
        x0 = max(int(np.ceil(min(points[a, 0], points[b, 0], points[c, 0]))), 0)
        x1 = min(int(np.floor(max(points[a, 0], points[b, 0], points[c, 0]))), nx - 1)
        y0 = max(int(np.ceil(min(points[a, 1], points[b, 1], points[c, 1]))), 0)
        y1 = min(int(np.floor(max(points[a, 1], points[b, 1], points[c, 1]))), ny - 1)
        if x0 > x1 or y0 > y1 or abs(_left(points, a, b, points[c, 0], points[c, 1])) < 1e-200:
            continue
        lowest = min(points[a, 2], points[b, 2], points[c, 2])
        highest = max(points[a, 2], points[b, 2], points[c, 2])
        most = count + (x1 - x0 + 1) * (y1 - y0 + 1)
        if most > room:
            room = 2 * most
            column, z, owner = _longer(column, room), _longer(z, room), _longer(owner, room)
        for i in range(x0, x1 + 1):
            for j in range(y0, y1 + 1):
                wc = _left(points, a, b, i, j)
                wa = _left(points, b, c, i, j)
                wb = _left(points, c, a, i, j)
                if not ((wa > 0 and wb > 0 and wc > 0) or (wa < 0 and wb < 0 and wc < 0)):
                    continue
                at = (wa * points[a, 2] + wb * points[b, 2] + wc * points[c, 2]) / (wa + wb + wc)
                column[count] = i * ny + j
                z[count] = min(max(at, lowest), highest)
                owner[count] = ~f if wa > 0 else f  # counter-clockwise from above: a top
                first[column[count] + 1] += 1
                count += 1
    for c in range(nx * ny):
        first[c + 1] += first[c]
    fill = first[:-1].copy()
    heights, faces_met = np.empty(count, np.float32), np.empty(count, np.int32)
    for k in range(count):
        heights[fill[column[k]]], faces_met[fill[column[k]]] = z[k], owner[k]
        fill[column[k]] += 1
    return first, heights, faces_met


@njit(cache=True)
@no_type_check
def _longer(values, room):
    longer = np.empty(room, values.dtype)
    longer[: len(values)] = values
    return longer


@njit(cache=True)
@no_type_check
def _stretches(first, z, owner):
    """Sort every column's crossings, entries first, and keep where the winding number is positive."""
    kept = np.zeros(len(first), np.int32)
    low, high = np.empty(len(z) // 2 + 1, np.float32), np.empty(len(z) // 2 + 1, np.float32)
    under = np.empty(len(z) // 2 + 1, np.int32)
    total = 0
    for c in range(len(first) - 1):
        for i in range(first[c] + 1, first[c + 1]):
            height, who = z[i], owner[i]
            j = i - 1
            while j >= first[c] and (z[j] > height or (z[j] == height and owner[j] < 0 <= who)):
                z[j + 1], owner[j + 1] = z[j], owner[j]
                j -= 1
            z[j + 1], owner[j + 1] = height, who
        winding = 0
        for i in range(first[c], first[c + 1]):
            if owner[i] >= 0:
                if winding == 0:
                    low[total], under[total] = z[i], owner[i]
                winding += 1
            else:
                winding -= 1
                if winding == 0:
                    high[total] = z[i]
                    total += 1
        kept[c + 1] = total
    return kept, low[:total], high[:total], under[:total]
