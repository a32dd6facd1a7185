"""The field of a soup: winding numbers say what is inside, exact distances where the surface is."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Bool, Float, Float32, Int

from genkei.geometry.field import Grid
from genkei.geometry.mesh import area_vectors, corners, face_normals
from genkei.geometry.nearest import closest
from genkei.geometry.rays import first_hit
from genkei.types import Mesh

if TYPE_CHECKING:
    import igl

INSIDE = 0.5
"""Winding number from which a point is inside (Jacobson et al. 2013)."""
LARGEST_GRID = 24e6
"""Cells; float32 and a few masks of it stay under 400 MB."""
SPARE = 1.15
"""Walls are thickened to this many limits: the grid's rounding must not bring them back under."""
CORNERS = np.array([[1, 1, 1], [17, 1, 1], [1, 17, 1], [1, 1, 17]]) / np.array([[3], [19], [19], [19]])
"""Where on a face its wall is measured: the middle and just inside every corner, for wedges and rims."""
UNSURE = 0.2
"""A winding number this near to `INSIDE` is asked for, never inferred from the other side of a face."""
BLOCKS = 48
"""Along the longest edge: the order in which winding numbers are asked."""
PROBE_SHARE = 2e-4
"""Distance of the probes on both sides of a face, as a share of the size."""


def voxel_for(mesh: Mesh, wall_mm: float) -> float:
    """Step of the field: 1/260 of the size, at most 0.6 of the wall, never more cells than `LARGEST_GRID`."""
    size = mesh.vertices.max(0).astype(np.float64) - mesh.vertices.min(0)
    step = min(float(size.max()) / 260, 0.6 * wall_mm)
    cells = float(np.prod((size + 2 * wall_mm) / step + 8))
    return step * max(cells / LARGEST_GRID, 1.0) ** (1 / 3)


@dataclass(frozen=True)
class Probe:
    """Triangles that can be asked what is inside and how far their surface is."""

    mesh: Mesh

    def winding(self, points: Float[np.ndarray, "n 3"]) -> Float[np.ndarray, "n"]:
        """Generalised winding number, fast (Barill et al. 2018).

        Asked block by block of space: neighbours visit the same nodes of the tree, which are then in cache.
        """
        low = self.mesh.vertices.min(0)
        block = (self.mesh.vertices.max(0) - low).max() / BLOCKS
        order = np.lexsort(((points - low) // max(block, 1e-12)).astype(np.int16).T)
        found = np.empty(len(points))
        found[order] = self._tree.winding_number(points[order].astype(np.float64))
        return found

    @cached_property
    def _tree(self) -> "igl.FastWindingNumberBVH":
        import igl

        tree = igl.FastWindingNumberBVH()
        tree.init(self.mesh.vertices.astype(np.float64), self.mesh.faces.astype(np.int64))
        return tree

    def distance(
        self, points: Float32[np.ndarray, "n 3"], chosen: Bool[np.ndarray, "f"]
    ) -> tuple[Float32[np.ndarray, "n"], Int[np.ndarray, "n"], Float[np.ndarray, "n 3"]]:
        """Distance to the nearest of the chosen faces, which one, and where on it (barycentric)."""
        index = np.flatnonzero(chosen)
        distance, face, weights = closest(points, self.mesh.vertices, self.mesh.faces[index])
        return distance, index[face], weights


def solid_field(probe: Probe, wall_mm: float, step: float) -> tuple[Grid, float]:
    """Signed distance near the surface of the solid the soup means, with its thin parts made `wall_mm` thick.

    Also the share of the soup's surface that was thickened.
    """
    mesh = probe.mesh
    border, missing = _roles(probe, SPARE * wall_mm)
    radius = np.zeros(len(mesh.vertices), np.float32)
    np.maximum.at(radius, mesh.faces, missing)
    low, high = mesh.vertices.min(0).astype(np.float64), mesh.vertices.max(0)
    origin = low - (wall_mm / 2 + 4 * step)
    shape = tuple(int(n) for n in np.ceil((high - low + wall_mm + 8 * step) / step) + 1)
    touched = _cells_near(mesh, np.ones(len(mesh.faces), bool), origin, step, shape, 0)
    near = _grown(touched, 1)
    winding = _winding(probe, touched, near, origin, step)
    values = np.clip((INSIDE - winding) * (4 * step), -step, step)
    if border.any():
        _refine(probe, border, values, near, origin, step)
    thin = np.asarray((radius[mesh.faces] > 0).any(1))
    if thin.any():
        reach = int(np.ceil(float(radius.max()) / step)) + 1
        cells = np.argwhere(_cells_near(mesh, thin, origin, step, shape, reach))
        points = (origin + step * cells).astype(np.float32)
        distance, face, weights = probe.distance(points, thin)
        grown = distance - np.einsum("nk,nk->n", weights, radius[mesh.faces[face]])
        at = tuple(cells.T)
        values[at] = np.minimum(values[at], np.clip(grown, -2 * step, 2 * step))
    area = np.linalg.norm(area_vectors(mesh), axis=1)
    return Grid(values, origin.astype(np.float32), float(step)), float(
        area[(missing > 0).all(1)].sum() / area.sum()
    )


def _roles(probe: Probe, wall_mm: float) -> tuple[Bool[np.ndarray, "f"], Float32[np.ndarray, "f 3"]]:
    """Which faces bound the solid, and by how much every corner is to be thickened (0: not at all).

    A face with inside on one side bounds it; one with outside on both is a sheet and gets half the wall on
    either side; a corner over a wall thinner than `wall_mm` gets the missing half.
    """
    mesh = probe.mesh
    size = float((mesh.vertices.max(0) - mesh.vertices.min(0)).max())
    centres, normals = corners(mesh).astype(np.float64).mean(1), face_normals(mesh).astype(np.float64)
    offset = PROBE_SHARE * size * normals
    front = probe.winding(centres + offset)
    back = front + _jumps(mesh.faces)
    unsure = np.flatnonzero(np.abs(back - INSIDE) < UNSURE)  # a lone sheet has -0.5 in front and 0.5 behind
    if len(unsure):
        back[unsure] = probe.winding((centres - offset)[unsure])
    ahead, behind = front > INSIDE, back > INSIDE
    border = ahead != behind
    missing = np.zeros((len(mesh.faces), 3), np.float32)
    missing[~ahead & ~behind] = wall_mm / 2
    inward = np.where(ahead[:, None], normals, -normals)[border]
    wall = _walls(mesh, corners(mesh)[border].astype(np.float64), inward, size)
    thin = np.clip((wall_mm - np.minimum(wall[:, 1:], wall[:, :1])) / 2, 0, None)
    missing[border] = np.where(thin < 0.02 * wall_mm, 0, thin)
    return border, missing


def _jumps(faces: Int[np.ndarray, "f 3"]) -> Int[np.ndarray, "f"]:
    """By how much the winding number rises from a face's front to its back: 1, or 0 for two back to back.

    Faces with the same three corners jump together; everywhere else this is half the work of asking behind.
    """
    ordered = np.sort(faces, axis=1)
    order = np.lexsort(ordered.T)
    fresh = np.ones(len(order), bool)
    fresh[1:] = (np.diff(ordered[order], axis=0) != 0).any(1)
    group = np.empty(len(order), np.int64)
    group[order] = np.cumsum(fresh) - 1
    rising = (faces[:, 0] < faces[:, 1]).astype(np.int64) + (faces[:, 1] < faces[:, 2])
    turn = np.where(rising + (faces[:, 2] < faces[:, 0]) == 2, 1, -1)  # an even order of its corners
    return turn * np.bincount(group, turn).astype(np.int64)[group]


def _walls(
    mesh: Mesh, triangles: Float[np.ndarray, "b 3 3"], inward: Float[np.ndarray, "b 3"], size: float
) -> Float[np.ndarray, "b 4"]:
    """Distance to the far side of the wall under the middle and the three corners of triangles."""
    points = CORNERS @ triangles
    directions = np.broadcast_to(inward[:, None], points.shape)
    face, thickness = first_hit(
        mesh, (points + 1e-5 * size * directions).reshape(-1, 3), directions.reshape(-1, 3)
    )
    across = np.einsum("nk,nk->n", face_normals(mesh)[face], directions.reshape(-1, 3))
    far = (face >= 0) & (np.abs(across) > 0.3)  # either way round: the far side may be a sheet
    return np.where(far, thickness, np.inf).reshape(-1, len(CORNERS))


def _cells_near(
    mesh: Mesh,
    chosen: Bool[np.ndarray, "f"],
    origin: np.ndarray,
    step: float,
    shape: tuple[int, ...],
    reach: int,
) -> Bool[np.ndarray, "nx ny nz"]:
    """Cells within `reach` cells (in every axis) of a chosen face, found by sampling the faces."""
    hit = np.zeros(shape, bool)
    triangles = corners(Mesh(mesh.vertices, mesh.faces[chosen])).astype(np.float64)
    edge = np.linalg.norm(triangles - np.roll(triangles, 1, axis=1), axis=2).max(1)
    counts = np.ceil(edge / (0.7 * step)).astype(np.int64) + 1
    for count in np.flatnonzero(np.bincount(counts)):
        chunk = triangles[counts == count]
        i, j = np.nonzero(np.add.outer(np.arange(count + 1), np.arange(count + 1)) <= count)
        weights = np.stack([i, j, count - i - j], 1) / count
        for part in np.array_split(chunk, max(len(chunk) * len(weights) // 2_000_000, 1)):
            points = (weights @ part).reshape(-1, 3)
            cell = np.round((points - origin) / step).astype(np.int64)
            hit[tuple(cell.T)] = True
    return _grown(hit, reach)


def _grown(cells: Bool[np.ndarray, "nx ny nz"], reach: int) -> Bool[np.ndarray, "nx ny nz"]:
    """Cells within a cube of `reach` cells around one of these."""
    from scipy.ndimage import maximum_filter1d

    grown = cells.astype(np.uint8)
    for axis in range(3 if reach else 0):
        grown = maximum_filter1d(grown, 2 * reach + 1, axis=axis)
    return grown.astype(bool)


def _winding(
    probe: Probe,
    touched: Bool[np.ndarray, "nx ny nz"],
    near: Bool[np.ndarray, "nx ny nz"],
    origin: np.ndarray,
    step: float,
) -> Float32[np.ndarray, "nx ny nz"]:
    """Winding number per cell: its own where a face touches the cell, else borrowed from a cell that sees it.

    Away from the surface every third cell is asked and lends its number to its neighbours; a cell beside the
    surface borrows from a face neighbour that is not: between the two centres no face can pass. Where the
    number passes 0.5 in the open (the lid over a hole) the cells are asked themselves.
    """
    thirds = [np.minimum(np.arange(1, n + 2, 3), n - 1)[: -(-n // 3)] for n in near.shape]
    lattice = np.stack(np.meshgrid(*thirds, indexing="ij"), -1).reshape(-1, 3)
    coarse = probe.winding(origin + step * lattice).reshape([len(t) for t in thirds]).astype(np.float32)
    winding = coarse[np.ix_(*[np.arange(n) // 3 for n in near.shape])]
    known = ~near
    for axis in range(3):
        for shift in (1, -1):
            lent = near & ~touched & ~known & np.roll(~near, shift, axis)
            winding[lent] = np.roll(winding, shift, axis)[lent]
            known |= lent
    lid = _grown(_crossing(winding < INSIDE) & ~near, 1) & ~near
    asked = np.argwhere(~known | lid)
    winding[tuple(asked.T)] = probe.winding(origin + step * asked)
    return winding


def _crossing(outside: Bool[np.ndarray, "nx ny nz"]) -> Bool[np.ndarray, "nx ny nz"]:
    """Cells with a face neighbour on the other side."""
    crossing = np.zeros(outside.shape, bool)
    for axis in range(3):
        ahead, behind = [slice(None)] * 3, [slice(None)] * 3
        ahead[axis], behind[axis] = slice(1, None), slice(None, -1)
        change = outside[tuple(ahead)] != outside[tuple(behind)]
        crossing[tuple(ahead)] |= change
        crossing[tuple(behind)] |= change
    return crossing


def _refine(
    probe: Probe,
    border: Bool[np.ndarray, "f"],
    values: Float32[np.ndarray, "nx ny nz"],
    near: Bool[np.ndarray, "nx ny nz"],
    origin: np.ndarray,
    step: float,
) -> None:
    """Exact distances, in place, at cells beside the surface; a lid over a hole keeps its winding numbers."""
    cells = np.argwhere(_crossing(values > 0) & near)
    if not len(cells):
        return
    distance, _, _ = probe.distance((origin + step * cells).astype(np.float32), border)
    at = tuple(cells.T)
    close = distance < 1.8 * step
    signed = np.where(values[at] > 0, 1, -1) * np.maximum(distance, 1e-3 * step)
    values[at] = np.where(close, signed, values[at])
