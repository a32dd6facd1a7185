"""Wall thickness by rays: from points on the surface inward, along the normal and in a cone around it."""

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Float32

from genkei.geometry.mesh import area_vectors, corners
from genkei.geometry.rays import Surface, surface_of
from genkei.types import Mesh

CONE_RAD = 0.5
"""Half angle of the cone: wide enough to find the wall beside an oblique axis, narrow enough not to graze."""
EDGE = 1.0
"""So far from what is firm an edge may reach: two thirds of what is thin on a wedge of 50 degrees is such an
edge, a third on one of 15 degrees (`tests/figure/test_checks.py`)."""
OPPOSITE = 0.35
"""Least cosine between the inward axis and the normal a ray hits: a wall has two roughly parallel sides.
Without it the rays of every convex edge end on the neighbouring face and call the edge thin."""
STEP_MM = 2e-3
"""Rays start this far under the surface, so that they do not hit the face they come from."""


@dataclass(frozen=True)
class Walls:
    """Thickness of the solid under points spread over its surface by area; millimetres."""

    points: Float32[np.ndarray, "n 3"]
    normals: Float32[np.ndarray, "n 3"]
    thickness: Float32[np.ndarray, "n"]
    """inf where no ray met an opposite wall."""

    def share_below(self, limit_mm: float) -> float:
        """Share of the surface whose wall is thinner, 0..1."""
        return float((self.thickness < limit_mm).mean()) if len(self.thickness) else 0.0

    def thin(self, limit_mm: float) -> Bool[np.ndarray, "n"]:
        """Where the wall is thinner and it is no mere edge: a place as thick as asked for is farther away
        than `EDGE` limits. Sharp edges of something firm, of which every seam has some, are no walls."""
        from scipy.spatial import KDTree

        below = self.thickness < limit_mm
        firm = ~below & np.isfinite(self.thickness)
        if not below.any() or not firm.any():
            return below
        away, _ = KDTree(self.points[firm]).query(self.points[below])
        below[below] = away > EDGE * limit_mm
        return below


def walls(mesh: Mesh | Surface, count: int = 30_000, seed: int = 0) -> Walls:
    """Minimum over 9 rays of the distance to the opposite wall, at `count` points of the surface."""
    surface = surface_of(mesh)
    area = np.linalg.norm(area_vectors(surface.mesh), axis=1)
    if not area.sum() > 0:
        empty = np.zeros((0, 3), np.float32)
        return Walls(empty, empty, np.zeros(0, np.float32))
    rng = np.random.default_rng(seed)
    face, points = spread(surface.mesh, area, min(count, 4 * len(area)), rng)
    normals = surface.normals[face]
    return Walls(points, normals, thickness_at(surface, points, normals))


def spread(
    mesh: Mesh, area: np.ndarray, count: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Stratified by area: the k-th point lies in the k-th equal slice of the summed area."""
    ends = np.cumsum(area)
    face = np.searchsorted(ends, (np.arange(count) + rng.random(count)) / count * ends[-1])
    face = np.minimum(face, len(area) - 1)
    r1, r2 = np.sqrt(rng.random(count)), rng.random(count)
    weights = np.stack([1 - r1, r1 * (1 - r2), r1 * r2], 1)
    return face, np.einsum("nk,nkc->nc", weights, corners(mesh)[face]).astype(np.float32)


def thickness_at(
    mesh: Mesh | Surface, points: Float32[np.ndarray, "n 3"], normals: Float32[np.ndarray, "n 3"]
) -> Float32[np.ndarray, "n"]:
    """Thickness under given surface points with outward unit normals; inf where nothing opposite is hit."""
    surface, directions = surface_of(mesh), cone(normals)
    starts = np.broadcast_to((points - STEP_MM * normals)[:, None], directions.shape)
    face, distance = surface.first_hit(starts.reshape(-1, 3), directions.reshape(-1, 3))
    axis = np.repeat(normals, directions.shape[1], axis=0)
    opposite = np.einsum("nk,nk->n", surface.normals[face], axis) < -OPPOSITE
    distance = np.where((face >= 0) & opposite, distance + STEP_MM, np.inf)
    return distance.reshape(len(points), -1).min(1).astype(np.float32)


def cone(normals: Float[np.ndarray, "n 3"]) -> Float32[np.ndarray, "n 9 3"]:
    """The inward axis and 8 directions around it."""
    helper = np.where(np.abs(normals[:, :1]) < 0.6, np.array([1.0, 0, 0]), np.array([0, 1.0, 0]))
    side = np.cross(normals, helper)
    side /= np.maximum(np.linalg.norm(side, axis=1, keepdims=True), 1e-9)
    other = np.cross(normals, side)
    turn = np.arange(8) * (math.pi / 4)
    ring = np.cos(turn)[None, :, None] * side[:, None] + np.sin(turn)[None, :, None] * other[:, None]
    around = -math.cos(CONE_RAD) * normals[:, None] + math.sin(CONE_RAD) * ring
    return np.concatenate([-normals[:, None], around], 1).astype(np.float32)
