"""Marching tetrahedra: surfaces that are closed manifolds for any signs, on corners that may be moved.

Every cube is cut into six tetrahedra round its diagonal (Freudenthal 1942), so that neighbours share whole
faces. A tetrahedron has no ambiguous case, as the cubes of marching cubes have: whatever the signs, every
edge of the surface has two faces and every vertex one fan of them (Doi and Koide 1991). Offsets move the
grid's corners (DMTet, Shen et al. 2021) and change where the surface runs, never how it hangs together.
"""

import numpy as np
from jaxtyping import Float, Float32, Int

from genkei.geometry.field import Grid
from genkei.geometry.mesh import compact
from genkei.types import Mesh

CUTS = np.array([[0, 4, 6, 7], [0, 6, 2, 7], [0, 2, 3, 7], [0, 3, 1, 7], [0, 1, 5, 7], [0, 5, 4, 7]])
"""Six tetrahedra of the same handedness; corner number 4 i + 2 j + k of a cube at (i, j, k)."""
FARTHEST = 0.2
"""Cells that a corner may move along each axis: no tetrahedron of CUTS turns inside out."""
CASES = {
    1: ((0, 1), (0, 2), (0, 3)),
    3: ((0, 2), (0, 3), (1, 3), (1, 2)),
    7: ((0, 3), (1, 3), (2, 3)),
}
"""Edges crossed when the first 1, 2 or 3 corners are inside, counter-clockwise from outside."""


def tet_surface(grid: Grid, offsets: Float32[np.ndarray, "nx ny nz 3"] | None = None) -> Mesh:
    """The zero surface, closed and outward; a field that is negative on the grid's border is capped there.

    `offsets`: cells by which corners stand beside their places, at most FARTHEST; the values are those at the
    moved corners. Raises ValueError when nothing is inside or a corner is moved too far.
    """
    values = np.pad(grid.values, 1, constant_values=max(float(grid.step), 1e-6)).astype(np.float64)
    if not (values < 0).any():
        raise ValueError("the field is nowhere inside: there is no surface to extract")
    moved = np.zeros((*values.shape, 3))
    if offsets is not None:
        if np.abs(offsets).max(initial=0) > FARTHEST:
            raise ValueError(
                f"a corner is moved by {np.abs(offsets).max():.2f} cells; at most {FARTHEST} keeps it whole"
            )
        moved[1:-1, 1:-1, 1:-1] = offsets
    inside = (values < 0).ravel()
    tets = _crossed(inside, values.shape)
    edges = np.concatenate(
        [_faces(tets, inside, count) for count in (1, 2, 3)]
    )  # [f, 3, 2] ends, inner first
    key = edges[..., 0].astype(np.int64) * len(inside) + edges[..., 1]
    used, faces = np.unique(key, return_inverse=True)
    a, b = used // len(inside), used % len(inside)
    place = np.stack(np.unravel_index(np.arange(len(inside)), values.shape), 1) - 1 + moved.reshape(-1, 3)
    level = values.ravel()
    share = (level[a] / (level[a] - level[b]))[:, None]
    share = np.clip(share, SHORTEST, 1 - SHORTEST)
    points = grid.origin + grid.step * (place[a] * (1 - share) + place[b] * share)
    return compact(points.astype(np.float32), faces.reshape(-1, 3))


SHORTEST = 1e-3
"""Share of an edge that a crossing keeps from its ends, or vertices of several edges would fall together."""


def _crossed(inside: np.ndarray, shape: tuple[int, ...]) -> Int[np.ndarray, "t 4"]:
    """Flat corner numbers of the tetrahedra that have corners on both sides."""
    solid = inside.reshape(shape)
    parts = [solid[i : shape[0] - 1 + i, j : shape[1] - 1 + j, k : shape[2] - 1 + k] for i, j, k in _CUBE]
    some = np.logical_or.reduce(parts) & ~np.logical_and.reduce(parts)
    base = np.ravel_multi_index(np.nonzero(some), shape)
    step = np.array([np.ravel_multi_index(corner, shape) for corner in _CUBE])
    tets = (base[:, None, None] + step[CUTS][None]).reshape(-1, 4)
    count = inside[tets].sum(1)
    return tets[(count > 0) & (count < 4)]


_CUBE = [(i, j, k) for i in (0, 1) for j in (0, 1) for k in (0, 1)]


def _faces(tets: np.ndarray, inside: np.ndarray, count: int) -> Int[np.ndarray, "f 3 2"]:
    """Triangles of the tetrahedra with `count` corners inside, as crossed edges (inner end, outer end)."""
    within = inside[tets]
    chosen = within.sum(1) == count
    tets, within = tets[chosen], within[chosen]
    order = np.argsort(~within, axis=1, kind="stable")
    ends = np.take_along_axis(tets, order, 1)[:, np.array(CASES[2**count - 1])]  # [t, crossings, 2]
    odd = _odd(order)
    ends[odd] = ends[odd][:, ::-1]
    if ends.shape[1] == 3:
        return ends
    return np.concatenate([ends[:, [0, 1, 2]], ends[:, [0, 2, 3]]])


def _odd(order: Int[np.ndarray, "t 4"]) -> np.ndarray:
    """Whether each permutation is odd: the tetrahedron it leads to is the mirror image."""
    pairs = [(i, j) for i in range(4) for j in range(i + 1, 4)]
    return np.sum([order[:, i] > order[:, j] for i, j in pairs], axis=0) % 2 == 1


def spread_corners(grid: Grid, clearance: float = 0.15) -> tuple[Grid, Float32[np.ndarray, "nx ny nz 3"]]:
    """Corners near the surface moved away from it along its normal, and the field there.

    The surface then crosses edges at least about `clearance` cells from their ends: no slivers
    (Labelle and Shewchuk 2007, isosurface stuffing, warp the other way).
    """
    from scipy.ndimage import map_coordinates

    values = grid.values.astype(np.float32)
    slope = np.stack([np.gradient(values, axis=axis) for axis in range(3)], -1)
    length = np.maximum(np.linalg.norm(slope, axis=-1), 1e-6)
    away = values / length
    wanted = np.where(away < 0, -clearance, clearance) - away
    short = np.abs(away) < clearance
    offsets = np.where(short, wanted, 0)[..., None] * slope / length[..., None]
    offsets = np.clip(offsets, -FARTHEST, FARTHEST).astype(np.float32)
    at = np.stack(np.meshgrid(*(np.arange(n) for n in values.shape), indexing="ij"), -1) + offsets
    there = map_coordinates(values, np.moveaxis(at, -1, 0), order=1, mode="nearest")
    kept = (there < 0) == (values < 0)
    offsets *= kept[..., None]
    return Grid(np.where(kept, there, values).astype(np.float32), grid.origin, grid.step), offsets


def signed_volumes(offsets: Float[np.ndarray, "nx ny nz 3"]) -> Float[np.ndarray, "t"]:
    """Of every tetrahedron between moved corners, in cells: all positive when none is inside out."""
    shape = offsets.shape[:3]
    place = np.stack(np.meshgrid(*(np.arange(n) for n in shape), indexing="ij"), -1) + offsets
    corner = [
        place[i : shape[0] - 1 + i, j : shape[1] - 1 + j, k : shape[2] - 1 + k].reshape(-1, 3)
        for i, j, k in _CUBE
    ]
    a, b, c, d = (np.concatenate([corner[n] for n in column]) for column in CUTS.T)
    return np.einsum("tk,tk->t", np.cross(b - a, c - a), d - a) / 6
