"""Small solids and painted views of them for the texture tests."""

import numpy as np

from genkei.geometry.field import Grid, surface
from genkei.geometry.raster import corner_values, rasterise
from genkei.types import Camera, Mesh, View


def _grid(cells: int) -> tuple[np.ndarray, np.ndarray, float]:
    step = 1.2 / cells
    origin = np.array([-0.6, -0.1, -0.6], np.float32)
    axes = [origin[k] + step * np.arange(cells + 1) for k in range(3)]
    return np.stack(np.meshgrid(*axes, indexing="ij"), -1), origin, step


def balls(*centres_radii: tuple[float, float, float, float], cells: int = 40) -> Mesh:
    """Union of balls (x, y, z, radius)."""
    points, origin, step = _grid(cells)
    field = [np.linalg.norm(points - np.array(c[:3]), axis=-1) - c[3] for c in centres_radii]
    return surface(Grid(np.minimum.reduce(field).astype(np.float32), origin, step))


def painted(mesh: Mesh, azimuth: float, paint, size: int = 256) -> View:
    """`paint(positions) -> rgb` of the points that the view sees."""
    camera = Camera.orthographic(azimuth)
    hits = rasterise(mesh.vertices, mesh.faces, camera, size, size)
    seen = hits.triangle >= 0
    rgba = np.zeros((size, size, 4), np.float32)
    rgba[seen, :3] = paint(corner_values(hits, mesh.vertices[mesh.faces])[seen])
    rgba[seen, 3] = 1
    return View(rgba, camera)


def plain(colour: tuple[float, float, float]):
    return lambda points: np.tile(np.array(colour, np.float32), (len(points), 1))


def waves(points: np.ndarray) -> np.ndarray:
    """A soft pattern without left-right symmetry."""
    return (0.5 + 0.4 * np.sin(points * np.array([9.0, 12.0, 7.0]))).astype(np.float32)
