"""Where air stays when a cavity fills from below: the tops of a solid, by how far they rise."""

from dataclasses import dataclass
from typing import no_type_check

import numpy as np
from jaxtyping import Float, Int
from numba import njit

from genkei.geometry.mesh import vertex_normals
from genkei.types import Mesh


@dataclass(frozen=True)
class Tops:
    """Vertices where a surface is highest in its neighbourhood, the most prominent first."""

    vertex: Int[np.ndarray, "n"]
    rise_mm: Float[np.ndarray, "n"]
    """Height above the pass to a higher top; the whole height for the highest."""


def tops(mesh: Mesh, up: Float[np.ndarray, "3"], least_mm: float) -> Tops:
    """Tops that rise at least `least_mm`, with the solid below them: a pit's rim counts, a pit's ceiling not.

    Persistence of the superlevel sets of the surface (Edelsbrunner, Letscher and Zomorodian 2002): from the
    top down, a top ends where its slope meets a higher one's.
    """
    height = mesh.vertices.astype(np.float64) @ up
    order = np.argsort(-height, kind="stable")
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    a, b = rank[mesh.faces].T.reshape(-1), rank[np.roll(mesh.faces, -1, axis=1)].T.reshape(-1)
    later, earlier = np.maximum(a, b), np.minimum(a, b)
    sort = np.argsort(later, kind="stable")
    rise = _rises(height[order], later[sort], earlier[sort])
    chosen = order[rise >= least_mm]
    # the highest of all has nothing over it, whatever the faces round a sharp corner add up to
    chosen = chosen[(vertex_normals(mesh)[chosen] @ up > 0) | (rank[chosen] == 0)]
    chosen = chosen[np.argsort(-rise[rank[chosen]], kind="stable")]
    return Tops(chosen, rise[rank[chosen]])


@njit(cache=True)
@no_type_check  # the shape checker of the tests must not wrap what numba compiles
def _rises(height, later, earlier):
    """Per rank (0 the highest): how far its top rises above the pass to a higher one; -1 for no top."""
    count = len(height)
    root = np.arange(count)
    rise = np.full(count, -1.0)
    edge = 0
    for v in range(count):
        lonely = True
        while edge < len(later) and later[edge] == v:
            r = earlier[edge]
            while root[r] != r:
                root[r] = root[root[r]]
                r = root[r]
            s = v
            while root[s] != s:
                root[s] = root[root[s]]
                s = root[s]
            if lonely:
                root[s] = r
                lonely = False
            elif r != s:
                low, high = max(r, s), min(r, s)  # the higher top has the lower rank
                rise[low] = height[low] - height[v]
                root[low] = high
            edge += 1
        if lonely:
            rise[v] = 0.0
    for v in range(count):
        if root[v] == v:
            rise[v] = height[v] - height[count - 1]
    return rise


__all__ = ["Tops", "tops"]
