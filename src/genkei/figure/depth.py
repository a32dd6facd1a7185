"""How deep cells of a grid lie: inside or not, distance to the other side, exact where it matters."""

from dataclasses import dataclass
from typing import no_type_check

import numpy as np
from jaxtyping import Bool, Float, Float32
from numba import njit

from genkei.geometry.mesh import corners, face_middles
from genkei.geometry.nearest import closest
from genkei.types import Mesh

ROUNDED = 1 + 1e-5
"""Bounds are wider by this: far more than a float32 of a squared distance is rounded."""


@dataclass(frozen=True)
class Lattice:
    """Cell (i, j, k) has its centre at `origin + step * (i, j, k)`; the outermost cells are outside."""

    origin: Float[np.ndarray, "3"]
    step: float
    inside: Bool[np.ndarray, "nx ny nz"]

    def points(self, cells: tuple[np.ndarray, ...]) -> Float32[np.ndarray, "n 3"]:
        """Centres of cells, given as `np.nonzero` gives them."""
        return (self.origin + self.step * np.stack(cells, 1)).astype(np.float32)


def lattice_of(mesh: Mesh, step: float) -> Lattice:
    """Which cells' centres lie in a closed mesh: the lattice sits in the middle of the mesh's box.

    Vertical lines through the centres are met by faces; the turns below a cell are its winding number.
    """
    low, high = mesh.vertices.min(0).astype(np.float64), mesh.vertices.max(0).astype(np.float64)
    counts = np.ceil((high - low) / step).astype(np.int64) + 3
    origin = (low + high - step * (counts - 1)) / 2
    points = (mesh.vertices - origin) / step
    nx, ny, nz = (int(n) for n in counts)
    return Lattice(origin, step, _filled(points, np.ascontiguousarray(mesh.faces), nx, ny, nz))


@njit(cache=True)
@no_type_check  # the shape checker of the tests must not wrap what numba compiles
def _filled(points, faces, nx, ny, nz):
    """Faces are met on whole x and y, sides of an edge being decided with its ends in one order for both of
    its faces, so that no line slips through."""
    turns = np.zeros((nx, ny, nz), np.int8)
    side = np.empty(3)
    for f in range(faces.shape[0]):
        corner = faces[f]
        x0, x1 = points[corner, 0].min(), points[corner, 0].max()
        y0, y1 = points[corner, 1].min(), points[corner, 1].max()
        for i in range(int(np.ceil(x0)), int(np.floor(x1)) + 1):
            for j in range(int(np.ceil(y0)), int(np.floor(y1)) + 1):
                left = 0
                for k in range(3):
                    a, b = corner[(k + 1) % 3], corner[(k + 2) % 3]
                    turned = a > b
                    if turned:
                        a, b = b, a
                    ux, uy = points[b, 0] - points[a, 0], points[b, 1] - points[a, 1]
                    across = ux * (j - points[a, 1]) - uy * (i - points[a, 0])
                    left += (across >= 0) != turned
                    side[k] = -across if turned else across
                whole = side[0] + side[1] + side[2]
                if (left != 3 and left != 0) or whole == 0:
                    continue
                z = (
                    side[0] * points[corner[0], 2]
                    + side[1] * points[corner[1], 2]
                    + side[2] * points[corner[2], 2]
                ) / whole
                first = min(max(int(np.ceil(z)), 0), nz - 1)
                turns[i, j, first] += 1 if left == 0 else -1
    inside = np.empty((nx, ny, nz), np.bool_)
    for i in range(nx):
        for j in range(ny):
            winding = 0
            for k in range(nz):
                winding += turns[i, j, k]
                inside[i, j, k] = winding > 0
    return inside


def distances(
    lattice: Lattice, chosen: Bool[np.ndarray, "nx ny nz"], mesh: Mesh, reach: float
) -> Float32[np.ndarray, "nx ny nz"]:
    """Exact distance of chosen cells to a mesh that bounds them, at most about `reach`; 0 in the other cells.

    Cells beside a triangle are measured to it; from there every cell, nearest first, tries the triangles of
    its neighbours (Danielsson 1980, with triangles for features). In the rare cell to which no neighbour
    hands the nearest triangle the distance is a little too large.
    """
    far = int(np.ceil(reach / lattice.step)) + 1
    squared = _squared(np.ascontiguousarray(chosen), far)
    flat = squared.ravel()
    cells = np.flatnonzero((flat > 0) & (flat < far * far))
    cells = cells[np.argsort(flat[cells], kind="stable")]
    triangles = (corners(mesh).astype(np.float64) - lattice.origin) / lattice.step
    found = _nearest(triangles, squared, cells)
    return np.minimum(found, np.float32(far)) * np.float32(lattice.step)


def counted(
    solid: Bool[np.ndarray, "nx ny nz"], step: float, reach: float
) -> Float32[np.ndarray, "nx ny nz"]:
    """Distance from cells of `solid` to the nearest other cell less half a cell, up to `reach`; else 0.

    It errs by up to half a cell's diagonal.
    """
    squared = _squared(np.ascontiguousarray(solid), int(np.ceil(reach / step)) + 1)
    return np.maximum(np.sqrt(squared, dtype=np.float32) * np.float32(step) - np.float32(step / 2), 0)


@njit(cache=True)
@no_type_check
def _squared(solid, reach):
    """Squared distance in cells, one axis after the other (Felzenszwalb and Huttenlocher 2012)."""
    far = np.uint16(min(reach, 120))
    first = np.empty(solid.shape, np.uint16)
    for i in range(solid.shape[0]):
        for j in range(solid.shape[1]):
            _runs(solid[i, j], first[i, j], far)
    second = first.copy()
    for i in range(solid.shape[0]):
        for j in range(solid.shape[1]):
            for other in range(max(j - far, 0), min(j + far + 1, solid.shape[1])):
                _lower(second[i, j], first[i, other], (other - j) * (other - j))
    first[:] = second
    for i in range(solid.shape[0]):
        for other in range(max(i - far, 0), min(i + far + 1, solid.shape[0])):
            for j in range(solid.shape[1]):
                _lower(first[i, j], second[other, j], (other - i) * (other - i))
    return first


@njit(cache=True)
@no_type_check
def _runs(solid, squared, far):
    """Squared distance along a row to its nearest cell that is not solid, up to `far`."""
    run = far
    for k in range(len(solid)):
        run = np.uint16(min(run + 1, far)) if solid[k] else np.uint16(0)
        squared[k] = run
    run = far
    for k in range(len(solid) - 1, -1, -1):
        run = np.uint16(min(run + 1, far)) if solid[k] else np.uint16(0)
        nearest = min(run, squared[k])
        squared[k] = nearest * nearest


@njit(cache=True)
@no_type_check
def _lower(row, other, added):
    for k in range(len(row)):
        row[k] = min(row[k], np.uint16(other[k] + added))


@njit(cache=True)
@no_type_check
def _nearest(triangles, squared, cells):
    """Distance in cells: 0 where `squared` is 0, inf where no triangle came."""
    best = np.full(squared.shape, np.float32(np.inf))
    owner = np.full(squared.shape, -1, np.int32)
    known = _known(triangles)
    for f in range(triangles.shape[0]):
        _beside(triangles[f], known[f], f, squared, best, owner)
    _, ny, nz = squared.shape
    tried = np.empty(28, np.int32)
    for cell in cells:
        _inherited(known, cell // (ny * nz), cell // nz % ny, cell % nz, best, owner, tried)
    flat, chosen = best.ravel(), squared.ravel()
    for cell in range(len(flat)):
        flat[cell] = np.sqrt(flat[cell]) if chosen[cell] else np.float32(0)
    return best


@njit(cache=True)
@no_type_check
def _known(triangles):
    """What is asked of a triangle again and again: a corner, two edges and their products, a ball round it
    (centre, radius), its normal and 1.8 times that normal's length."""
    known = np.empty((triangles.shape[0], 20))
    for f in range(triangles.shape[0]):
        t, row = triangles[f], known[f]
        ux, uy, uz = t[1, 0] - t[0, 0], t[1, 1] - t[0, 1], t[1, 2] - t[0, 2]
        vx, vy, vz = t[2, 0] - t[0, 0], t[2, 1] - t[0, 1], t[2, 2] - t[0, 2]
        wx, wy, wz = uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx
        row[0], row[1], row[2] = t[0, 0], t[0, 1], t[0, 2]
        row[3], row[4], row[5], row[6], row[7], row[8] = ux, uy, uz, vx, vy, vz
        row[9], row[10] = ux * ux + uy * uy + uz * uz, ux * vx + uy * vy + uz * vz
        row[11] = vx * vx + vy * vy + vz * vz
        radius = 0.0
        for k in range(3):
            row[12 + k] = (min(t[0, k], t[1, k], t[2, k]) + max(t[0, k], t[1, k], t[2, k])) / 2
        for k in range(3):
            x, y, z = t[k, 0] - row[12], t[k, 1] - row[13], t[k, 2] - row[14]
            radius = max(radius, np.sqrt(x * x + y * y + z * z))
        row[15] = ROUNDED * radius
        row[16], row[17], row[18] = wx, wy, wz
        row[19] = 1.8 * np.sqrt(wx * wx + wy * wy + wz * wz)
    return known


@njit(cache=True)
@no_type_check
def _beside(t, known, f, squared, best, owner):
    """Measure a triangle's surroundings to it."""
    nx, ny, nz = squared.shape
    last_k = min(int(max(t[0, 2], t[1, 2], t[2, 2])) + 3, nz)
    first_k = max(int(min(t[0, 2], t[1, 2], t[2, 2])) - 1, 0)
    for i in range(max(int(t[:, 0].min()) - 1, 0), min(int(t[:, 0].max()) + 3, nx)):
        for j in range(max(int(t[:, 1].min()) - 1, 0), min(int(t[:, 1].max()) + 3, ny)):
            across = known[16] * (i - t[0, 0]) + known[17] * (j - t[0, 1])
            for k in range(first_k, last_k):
                off = across + known[18] * (k - t[0, 2])
                if abs(off) > known[19] or squared[i, j, k] == 0:
                    continue
                if _beyond(known, i, j, k, np.sqrt(best[i, j, k])):
                    continue
                distance = _to_triangle(known, i, j, k)
                if distance < best[i, j, k]:
                    best[i, j, k] = distance
                    owner[i, j, k] = f


@njit(cache=True)
@no_type_check
def _inherited(known, i, j, k, best, owner, tried):
    """Measure a cell to the triangles of its neighbours."""
    nx, ny, nz = best.shape
    nearest, mine = best[i, j, k], owner[i, j, k]
    count, last, away = 1, mine, np.sqrt(nearest)
    tried[0] = mine
    for a in range(max(i - 1, 0), min(i + 2, nx)):
        for b in range(max(j - 1, 0), min(j + 2, ny)):
            for c in range(max(k - 1, 0), min(k + 2, nz)):
                f = owner[a, b, c]
                new = f >= 0 and f != last
                for old in range(count if new else 0):
                    new = new and tried[old] != f
                if not new:
                    continue
                last = tried[count] = f
                count += 1
                if _beyond(known[f], i, j, k, away):
                    continue
                distance = _to_triangle(known[f], i, j, k)
                if distance < nearest:
                    nearest, mine, away = distance, f, np.sqrt(distance)
    best[i, j, k], owner[i, j, k] = nearest, mine


@njit(cache=True, inline="always")
@no_type_check
def _beyond(known, x, y, z, away):
    """Whether all of a triangle is farther from a point than `away`, by the ball round it."""
    dx, dy, dz = x - known[12], y - known[13], z - known[14]
    reach = known[15] + ROUNDED * away
    return dx * dx + dy * dy + dz * dz > reach * reach


@njit(cache=True, inline="always")
@no_type_check
def _to_triangle(known, x, y, z):
    """Squared distance of a point to a triangle (Ericson, Real-Time Collision Detection, 5.1.5)."""
    ux, uy, uz, vx, vy, vz = known[3], known[4], known[5], known[6], known[7], known[8]
    uu, uv, vv = known[9], known[10], known[11]
    px, py, pz = x - known[0], y - known[1], z - known[2]
    d1, d2 = ux * px + uy * py + uz * pz, vx * px + vy * py + vz * pz
    d3, d4, d5, d6 = d1 - uu, d2 - uv, d1 - uv, d2 - vv
    va, vb, vc = d3 * d6 - d5 * d4, d5 * d2 - d1 * d6, d1 * d4 - d3 * d2
    s, r = 0.0, 0.0
    if d1 <= 0 and d2 <= 0:
        pass
    elif d3 >= 0 and d4 <= d3:
        s = 1.0
    elif d6 >= 0 and d5 <= d6:
        r = 1.0
    elif vc <= 0 <= d1 and d3 <= 0:
        s = d1 / (d1 - d3) if d1 > d3 else 0.0
    elif vb <= 0 <= d2 and d6 <= 0:
        r = d2 / (d2 - d6) if d2 > d6 else 0.0
    elif va <= 0 and d4 >= d3 and d5 >= d6:
        across = (d4 - d3) + (d5 - d6)
        r = (d4 - d3) / across if across > 0 else 0.0
        s = 1.0 - r
    else:
        total = va + vb + vc
        s, r = vb / total, vc / total
    dx, dy, dz = px - s * ux - r * vx, py - s * uy - r * vy, pz - s * uz - r * vz
    return np.float32(dx * dx + dy * dy + dz * dz)


def nearest(
    mesh: Mesh, points: Float32[np.ndarray, "n 3"]
) -> tuple[Float32[np.ndarray, "n"], Float32[np.ndarray, "n 3"]]:
    """Exact distance from points to a surface, and where on it."""
    if not len(points):
        return np.zeros(0, np.float32), np.zeros((0, 3), np.float32)
    distance, face, weights = closest(points, mesh.vertices, mesh.faces)
    corner = mesh.vertices[mesh.faces[face]].astype(np.float64)
    return distance, np.einsum("nk,nkc->nc", weights, corner).astype(np.float32)


@dataclass(frozen=True)
class Gaps:
    """From a mesh to a surface: of the middles of its faces, then of its vertices."""

    middles: Float32[np.ndarray, "f 3"]
    distance: Float32[np.ndarray, "n"]
    foot: Float32[np.ndarray, "n 3"]
    """Where on the surface."""


class Gauge:
    """Exact distances of meshes to one surface; a mesh that is kept is measured once."""

    def __init__(self, outer: Mesh) -> None:
        self.outer = outer
        self._kept: dict[int, tuple[Mesh, Gaps]] = {}

    def of(self, mesh: Mesh) -> Gaps:
        """Of this very mesh, which is kept with them: no other can take its number."""
        if id(mesh) not in self._kept:
            self._kept[id(mesh)] = mesh, self.once(mesh)
        return self._kept[id(mesh)][1]

    def once(self, mesh: Mesh) -> Gaps:
        """Of a mesh that nobody asks for again."""
        middles = face_middles(mesh).astype(np.float32)
        return Gaps(middles, *nearest(self.outer, np.concatenate([middles, mesh.vertices])))
