"""Loops of silicone through a part: what a mould's half cannot let go of without being slit."""

from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Bool, Float, Int

from genkei.figure.cells import connected, voxelise
from genkei.figure.depth import counted
from genkei.figure.divide import faces_from
from genkei.geometry.mesh import edge_keys, from_manifold
from genkei.types import Mesh

if TYPE_CHECKING:
    from manifold3d import Manifold

SHORT_MM = 5.0
"""A shorter seam goes round a ripple of the outline: the loop of silicone there is a hair."""

TEARS_MM = 1.0
"""A loop thinner than this tears instead of holding the part: the thinnest fin that silicone stands."""
MOST_CELLS = 16e6
"""Of a half; in a larger one they are coarser."""


def rings(half: "Manifold", part: int) -> int:
    """Handles of a half, without those that only hang on a seam shorter than `SHORT_MM` and those too thin to
    hold anything.

    `part`: the number manifold3d gave the part's surface. Seams, where the half's face meets the part, divide
    the half's surface into regions; a handle is a circle in the graph of regions and seams, or in a region.
    """
    mesh, genus = from_manifold(half), int(half.genus())
    if genus <= 0:
        return 0
    inner = faces_from(half, (part,)) >= 0
    ends, region, length = _seams(mesh, inner)
    every = _circles(ends, region)
    count = max(genus - (every - _circles(ends[length >= SHORT_MM], region)), 0)
    return min(count, _thick_loops(mesh)) if count else 0


def _thick_loops(half: Mesh) -> int:
    """Loops that are left when the silicone is peeled by half of `TEARS_MM` on every side.

    The first Betti number of the cells that are left: pieces and cavities less Euler's number.
    """
    from skimage.measure import euler_number

    size = np.ptp(half.vertices.astype(np.float64), axis=0)
    step = max(TEARS_MM / 4, float(np.prod(size) / MOST_CELLS) ** (1 / 3))
    inside = voxelise(half, step).inside
    deep = counted(inside, step, TEARS_MM) >= TEARS_MM / 2
    pieces, outside = connected(deep, by_corners=True)[1], connected(~deep)[1]
    return int(pieces + outside - 1 - euler_number(deep, connectivity=3))


def _seams(
    mesh: Mesh, inner: Bool[np.ndarray, "f"]
) -> tuple[Int[np.ndarray, "s 2"], int, Float[np.ndarray, "s"]]:
    """Of every seam the two regions beside it and its length; and how many regions there are."""
    key = edge_keys(mesh.faces, len(mesh.vertices)).ravel()
    order = np.argsort(key, kind="stable")
    face = np.repeat(np.arange(len(mesh.faces)), 3)[order].reshape(-1, 2)
    ends = np.stack(np.divmod(key[order[::2]], len(mesh.vertices)), 1)
    border = inner[face[:, 0]] != inner[face[:, 1]]
    region, count = _pieces(face[~border], len(mesh.faces))
    seam, _ = _pieces(ends[border], len(mesh.vertices))
    numbers, first, number = np.unique(seam[ends[border, 0]], return_index=True, return_inverse=True)
    line = mesh.vertices[ends[border]].astype(np.float64)
    length = np.bincount(number.ravel(), np.linalg.norm(line[:, 0] - line[:, 1], axis=1), len(numbers))
    return region[face[border][first]].reshape(-1, 2), count, length


def _circles(ends: Int[np.ndarray, "s 2"], nodes: int) -> int:
    """Independent circles of a graph."""
    return len(ends) - nodes + _pieces(ends, nodes)[1]


def _pieces(pairs: Int[np.ndarray, "p 2"], nodes: int) -> tuple[Int[np.ndarray, "n"], int]:
    """A number per node, shared by all that pairs connect, and how many numbers there are."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    graph = coo_array((np.ones(len(pairs), bool), (pairs[:, 0], pairs[:, 1])), shape=(nodes, nodes))
    count, number = connected_components(graph, directed=False)
    return number.astype(np.int64), int(count)


__all__ = ["SHORT_MM", "rings"]
