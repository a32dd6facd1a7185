"""Exact distance of branches from the part, and room where a lattice promised too much."""

import numpy as np
from jaxtyping import Float

from genkei.figure.branches import Branches
from genkei.figure.winding import Probe
from genkei.geometry.mesh import corners
from genkei.types import Mesh

ROUNDS = 4
SPARE_MM = 0.03
MOST_STEP_MM = 0.3
"""Nodes move at most this far a round: another wall may be near."""


def with_room(
    branches: Branches, part: Mesh, need_mm: float
) -> tuple[Float[np.ndarray, "n 3"], Float[np.ndarray, "n"]]:
    """All nodes and their exact distances to the part.

    Those nearer than `need_mm` are pushed sideways off it, where that helps.
    """
    points, distance = branches.points.copy(), np.zeros(len(branches.points))
    triangles = corners(part).astype(np.float64)
    rows, tried = np.arange(len(points)), points
    for _ in range(ROUNDS if len(points) else 0):
        found, nearest = _nearest(part, triangles, tried)
        better = found > distance[rows]
        distance[rows[better]], points[rows[better]] = found[better], tried[better]
        close = found < need_mm
        if not close.any():
            break
        rows, away = rows[close], (tried[close] - nearest[close])[:, :2]
        length = np.maximum(np.linalg.norm(away, axis=1), 1e-6)
        height = (tried[close] - nearest[close])[:, 2]
        wanted = np.sqrt(np.maximum((need_mm + SPARE_MM) ** 2 - height**2, 0))
        tried = tried[close].copy()
        tried[:, :2] += away * (np.clip(wanted - length, 0, MOST_STEP_MM) / length)[:, None]
    return points, distance


def _nearest(
    part: Mesh, triangles: Float[np.ndarray, "f 3 3"], points: Float[np.ndarray, "n 3"]
) -> tuple[Float[np.ndarray, "n"], Float[np.ndarray, "n 3"]]:
    """Distance to the surface and the point on it."""
    distance, face, weights = Probe(part).distance(points.astype(np.float32), np.ones(len(triangles), bool))
    return distance.astype(np.float64), np.einsum("nk,nkc->nc", weights, triangles[face])
