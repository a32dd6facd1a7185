"""The solid as a grid, for programs that want no triangles: signed distances or filled cells."""

import numpy as np
from jaxtyping import Bool

from genkei.figure.cells import MARGIN, MOST_CELLS, voxelise
from genkei.geometry.field import Grid, signed_distance
from genkei.geometry.mesh import corners
from genkei.types import Mesh

FIELD_CELLS = 160
"""Samples along the height: one is 0.9 mm on a 150 mm figure."""
EXACT = 2.0
"""Steps from the surface up to which distances are those to the triangles; farther off, those to cells."""


def field_of(mesh: Mesh, cells: int = FIELD_CELLS) -> Grid:
    """Signed distances to a closed mesh in its own frame and unit, negative inside, margins round it.

    `cells`: samples along y. ValueError for fewer than 8, or more than memory allows.
    """
    from genkei.figure.contact import distance_to

    found = voxelise(mesh, _step(mesh, cells))
    values = signed_distance(found.inside, found.step)
    near = np.argwhere(np.abs(values) < EXACT * found.step)
    exact = distance_to(found.centres(near), corners(mesh))
    index = tuple(near.T)
    values[index] = np.where(found.inside[index], -exact, exact)
    return Grid(values, found.origin.astype(np.float32), found.step)


def voxels_of(mesh: Mesh, cells: int) -> tuple[Bool[np.ndarray, "n n n"], Grid]:
    """A cube of `cells`^3 round a closed mesh, True where a cell's centre is inside; and where they lie.

    The longest side of the mesh's box is `cells` wide. ValueError for fewer than 8, or too many for memory.
    """
    low, high = mesh.vertices.min(0).astype(np.float64), mesh.vertices.max(0).astype(np.float64)
    _check(cells, float(cells + 2 * MARGIN + 2) ** 3)
    found = voxelise(mesh, float((high - low).max()) / cells)
    out = np.zeros((cells, cells, cells), bool)
    start = (np.array(found.inside.shape) - cells) // 2
    take, put = [], []
    for first, count in zip(start, found.inside.shape, strict=True):
        take.append(slice(max(first, 0), min(first + cells, count)))
        put.append(slice(max(-first, 0), max(-first, 0) + take[-1].stop - take[-1].start))
    out[tuple(put)] = found.inside[tuple(take)]
    origin = (found.origin + found.step * start).astype(np.float32)
    return out, Grid(np.where(out, -1, 1).astype(np.float32), origin, found.step)


def _step(mesh: Mesh, cells: int) -> float:
    size = np.ptp(mesh.vertices, axis=0).astype(np.float64)
    _check(cells, float(np.prod(size / size[1] * cells)))
    return float(size[1] / cells)


def _check(cells: int, total: float) -> None:
    if cells < FEWEST or total > MOST_CELLS:
        raise ValueError(
            f"a grid of {cells} cells a side has {total / 1e6:.1f} million; wanted at least {FEWEST} a side"
            f" and at most {MOST_CELLS / 1e6:.0f} million in all"
        )


FEWEST = 8
