"""A solid as cubic cells: what is inside, what the surface nearby is called, and how far it goes."""

from dataclasses import dataclass
from typing import no_type_check

import numpy as np
from jaxtyping import Bool, Float, Float32, Int, Int32
from numba import njit

from genkei.geometry.mesh import area_vectors, corners
from genkei.types import Mesh

MARGIN = 4
"""Empty cells on every side."""
MOST_CELLS = 24_000_000


@dataclass(frozen=True)
class Cells:
    """`inside[i, j, k]`: is `origin + step * (i, j, k)` inside the solid; in the solid's frame and unit."""

    inside: Bool[np.ndarray, "nx ny nz"]
    origin: Float[np.ndarray, "3"]
    step: float

    def index(self, points: Float[np.ndarray, "n 3"]) -> Int[np.ndarray, "n 3"]:
        """The cell each point lies in; points beyond the grid get a border cell."""
        cell = np.floor((points - self.origin) / self.step + 0.5).astype(np.int64)
        return np.clip(cell, 0, np.array(self.inside.shape) - 1)

    def centres(self, cells: Int[np.ndarray, "n 3"]) -> Float[np.ndarray, "n 3"]:
        return self.origin + self.step * cells


def voxelise(mesh: Mesh, step: float) -> Cells:
    """Cells of a closed mesh, an even number along each axis.

    The grid is centred on the mesh's box, so that a mirrored mesh has mirrored cells.

    ValueError when the grid would have more than `MOST_CELLS` cells.
    """
    low, high = mesh.vertices.min(0).astype(np.float64), mesh.vertices.max(0).astype(np.float64)
    count = 2 * np.ceil((high - low) / step / 2).astype(np.int64) + 2 * MARGIN
    if count.prod() > MOST_CELLS:
        raise ValueError(
            f"a box of {' x '.join(f'{s:.0f}' for s in high - low)} mm has {count.prod() / 1e6:.0f} million "
            f"cells of {step:.2g} mm; at most {MOST_CELLS / 1e6:.0f} are possible. Use larger cells"
        )
    origin = (low + high) / 2 - step * (count - 1) / 2
    grid = (mesh.vertices.astype(np.float64) - origin) / step
    crossings = _crossings(grid, mesh.faces.astype(np.int64), int(count[0]), int(count[1]), int(count[2]))
    return Cells(np.cumsum(crossings[..., :-1], axis=2, dtype=np.int16) > 0, origin, float(step))


@njit(cache=True)
@no_type_check
def _crossings(points, faces, nx, ny, nz):
    """Net number of surfaces entered going up through the grid, noted at the first sample above each."""
    out = np.zeros((nx, ny, nz + 1), np.int16)
    dx, dy = 1.0e-5, 1.7e-5  # off the samples: no ray meets an edge of a mesh that was made on such a grid
    for f in range(faces.shape[0]):
        ax, ay, az = points[faces[f, 0], 0] - dx, points[faces[f, 0], 1] - dy, points[faces[f, 0], 2]
        bx, by, bz = points[faces[f, 1], 0] - dx, points[faces[f, 1], 1] - dy, points[faces[f, 1], 2]
        cx, cy, cz = points[faces[f, 2], 0] - dx, points[faces[f, 2], 1] - dy, points[faces[f, 2], 2]
        area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
        if area == 0.0:
            continue
        turn = 1 if area < 0 else -1  # seen from below, a face that looks down is entered
        for i in range(
            max(int(np.ceil(min(ax, bx, cx))), 0), min(int(np.floor(max(ax, bx, cx))), nx - 1) + 1
        ):
            for j in range(
                max(int(np.ceil(min(ay, by, cy))), 0), min(int(np.floor(max(ay, by, cy))), ny - 1) + 1
            ):
                w1 = ((i - ax) * (cy - ay) - (j - ay) * (cx - ax)) / area
                w2 = ((bx - ax) * (j - ay) - (by - ay) * (i - ax)) / area
                w0 = 1.0 - w1 - w2
                if w0 < 0 or w1 < 0 or w2 < 0:
                    continue
                z = w0 * az + w1 * bz + w2 * cz
                out[i, j, min(max(int(np.ceil(z)), 0), nz)] += turn
    return out


def coarser(cells: Cells) -> Cells:
    """Cells of twice the size, inside where half of the eight are."""
    nx, ny, nz = (n // 2 for n in cells.inside.shape)
    count = cells.inside.reshape(nx, 2, ny, 2, nz, 2).sum((1, 3, 5))
    return Cells(count >= 4, cells.origin + cells.step / 2, 2 * cells.step)


@dataclass(frozen=True)
class Spread:
    """Points all over a surface, closer together than its cells."""

    face: Int[np.ndarray, "n"]
    points: Float32[np.ndarray, "n 3"]
    weight: Float[np.ndarray, "n"]
    """Area each point stands for."""


def spread(mesh: Mesh, spacing: float) -> Spread:
    """Points on every face, as many as its area asks for, at the places of the R2 sequence (Roberts 2018)."""
    area = np.linalg.norm(area_vectors(mesh), axis=1)
    count = np.maximum(np.ceil(area / spacing**2).astype(np.int64), 1)
    face = np.repeat(np.arange(len(area)), count)
    rank = np.arange(len(face)) - np.repeat(np.cumsum(count) - count, count)
    u, v = (0.5 + 0.7548776662466927 * rank) % 1, (0.5 + 0.5698402909980532 * rank) % 1
    alone = count[face] == 1
    u, v = np.where(alone, 1 / 3, u), np.where(alone, 1 / 3, v)
    over = u + v > 1
    u, v = np.where(over, 1 - u, u), np.where(over, 1 - v, v)
    weights = np.stack([1 - u - v, u, v], 1)
    points = np.einsum("nk,nkc->nc", weights, corners(mesh)[face])
    return Spread(face, points.astype(np.float32), (area / count)[face])


def commonest(
    cells: Cells, sampled: Spread, label: Int[np.ndarray, "f"], count: int
) -> Int[np.ndarray, "nx ny nz"]:
    """The label with most surface in each cell the surface runs through; -1 elsewhere."""
    i, j, k = cells.index(sampled.points).T
    flat = np.ravel_multi_index((i, j, k), cells.inside.shape)
    touched, place = np.unique(flat, return_inverse=True)
    mass = np.bincount(place * count + label[sampled.face], sampled.weight, len(touched) * count)
    found = np.full(cells.inside.size, -1, np.int16)
    found[touched] = mass.reshape(-1, count).argmax(1)
    return found.reshape(cells.inside.shape)


def connected(mask: Bool[np.ndarray, "*n"], by_corners: bool = False) -> tuple[Int32[np.ndarray, "*n"], int]:
    """1, 2, ... for the cells of every connected piece, 0 for none; and how many pieces there are.

    Cells touch by faces, or `by_corners` too.
    """
    from scipy.ndimage import label

    numbers = np.zeros(mask.shape, np.int32)
    label(mask, np.ones((3,) * mask.ndim) if by_corners else None, output=numbers)
    return numbers, int(numbers.max(initial=0))


def extended(label: Int[np.ndarray, "nx ny nz"]) -> Int[np.ndarray, "nx ny nz"]:
    """Every cell gets the label of the nearest cell that has one (>= 0); all -1 stays so.

    Distances are exact, axis by axis (Felzenszwalb and Huttenlocher 2012).
    """
    found = np.ascontiguousarray(label, np.int16).copy()
    away = np.where(found >= 0, np.float32(0), np.float32(np.inf))
    for axis in range(3):
        turned, far = (np.ascontiguousarray(np.moveaxis(array, axis, 2)) for array in (found, away))
        _envelopes(far.reshape(-1, far.shape[2]), turned.reshape(-1, turned.shape[2]))
        found, away = np.moveaxis(turned, 2, axis), np.moveaxis(far, 2, axis)
    return np.ascontiguousarray(found)


@njit(cache=True)
@no_type_check
def _envelopes(away, label):
    """Per line, in place: the lower envelope of the parabolas `away[q] + (p - q)^2` and whose it is."""
    lines, length = away.shape
    place, start, height = np.empty(length, np.int64), np.empty(length + 1), np.empty(length)
    owner = np.empty(length, np.int16)
    for line in range(lines):
        top = -1
        for q in range(length):
            f = away[line, q]
            if f == np.inf:
                continue
            cut = -np.inf
            while top >= 0:
                p = place[top]
                cut = ((f + q * q) - (height[top] + p * p)) / (2.0 * (q - p))
                if cut > start[top]:
                    break
                top -= 1
                cut = -np.inf
            top += 1
            place[top], start[top], height[top], owner[top] = q, cut, f, label[line, q]
        if top < 0:
            continue
        k = 0
        for q in range(length):
            while k < top and start[k + 1] < q:
                k += 1
            away[line, q] = height[k] + (q - place[k]) ** 2
            label[line, q] = owner[k]
