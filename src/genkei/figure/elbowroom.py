"""Exact distance of branches from the part, and room where a lattice promised too much."""

import numpy as np
from jaxtyping import Float

from genkei.figure.branches import Branches
from genkei.figure.winding import Probe
from genkei.geometry.mesh import corners
from genkei.types import Mesh

ROUNDS = 4
SPARE_MM = 0.03


def with_room(
    branches: Branches, part: Mesh, need_mm: float
) -> tuple[Float[np.ndarray, "n 3"], Float[np.ndarray, "n"]]:
    """All nodes, those nearer to the part than `need_mm` pushed sideways off it, and exact distances."""
    points = branches.points.copy()
    if not len(points):
        return points, np.zeros(0)
    probe, everywhere = Probe(part), np.ones(len(part.faces), bool)
    triangles = corners(part).astype(np.float64)
    rows, distance = np.arange(len(points)), np.zeros(len(points))
    for _ in range(ROUNDS):
        found, face, weights = probe.distance(points[rows].astype(np.float32), everywhere)
        distance[rows] = found
        close = distance[rows] < need_mm
        if not close.any():
            break
        nearest = np.einsum(
            "nk,nkc->nc", weights.reshape(-1, 3)[close], triangles[np.atleast_1d(face)[close]]
        )
        rows = rows[close]
        away = (points[rows] - nearest)[:, :2]
        length = np.maximum(np.linalg.norm(away, axis=1), 1e-6)
        # half a millimetre at most: another wall may be near
        height = points[rows, 2] - nearest[:, 2]
        wanted = np.sqrt(np.maximum((need_mm + SPARE_MM) ** 2 - height**2, 0))
        step = np.clip(wanted - length, 0, 0.5)
        points[rows, :2] += away * (step / length)[:, None]
    else:
        distance[rows] = probe.distance(points[rows].astype(np.float32), everywhere)[0]
    return points, distance
