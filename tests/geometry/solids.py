"""Exact small meshes and fields for the geometry tests."""

import numpy as np

from genkei.geometry.field import Grid, surface
from genkei.geometry.mesh import area_vectors, corners
from genkei.types import Mesh

QUADS = ((0, 2, 3, 1), (4, 5, 7, 6), (0, 1, 5, 4), (2, 6, 7, 3), (0, 4, 6, 2), (1, 3, 7, 5))
CUBE_FACES = np.array([face for a, b, c, d in QUADS for face in ((a, b, c), (a, c, d))], np.int32)


def cube(edge: float = 1.0, corner: tuple[float, float, float] = (0, 0, 0)) -> Mesh:
    """Twelve triangles, outward; `corner` is its least corner."""
    unit = np.array([[x, y, z] for z in (0, 1) for y in (0, 1) for x in (0, 1)], np.float32)
    return Mesh((unit * edge + np.array(corner)).astype(np.float32), CUBE_FACES)


def both(first: Mesh, second: Mesh) -> Mesh:
    """Two meshes in one list of faces."""
    faces = np.concatenate([first.faces, second.faces + len(first.vertices)])
    return Mesh(np.concatenate([first.vertices, second.vertices]), faces)


def ball_grid(radius: float, cells: int = 40, centre: tuple[float, float, float] = (0, 0, 0)) -> Grid:
    """The signed distance of a ball on the cube [-0.5, 0.5]^3."""
    axis = np.linspace(-0.5, 0.5, cells + 1)
    x, y, z = np.meshgrid(axis, axis, axis, indexing="ij")
    distance = np.sqrt((x - centre[0]) ** 2 + (y - centre[1]) ** 2 + (z - centre[2]) ** 2) - radius
    return Grid(distance.astype(np.float32), np.full(3, -0.5, np.float32), 1 / cells)


def ball(radius: float = 0.403, cells: int = 40) -> Mesh:
    return surface(ball_grid(radius, cells))


def sample_points(mesh: Mesh, count: int, rng: np.random.Generator) -> np.ndarray:
    """Points (n, 3) spread evenly over the surface by area."""
    area = np.linalg.norm(area_vectors(mesh), axis=1)
    face = rng.choice(len(area), count, p=area / area.sum())
    r1, r2 = np.sqrt(rng.random(count)), rng.random(count)
    weights = np.stack([1 - r1, r1 * (1 - r2), r1 * r2], 1)
    return np.einsum("nk,nkc->nc", weights, corners(mesh)[face]).astype(np.float32)
