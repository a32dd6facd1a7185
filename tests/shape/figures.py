"""A figure of capsules and its views, for tests of shape and views."""

from functools import cache

import numpy as np

from genkei.geometry.field import Grid, largest_piece, surface
from genkei.geometry.raster import rasterise
from genkei.geometry.render import render, render_clay
from genkei.types import Camera, Mesh, View

ALL_SIDES = (0.0, 90.0, 180.0, 270.0)
BODY = (
    ((0, 0.85, 0.01), (0, 0.85, 0.01), 0.15),  # head
    ((0, 0.62, 0), (0, 0.48, 0), 0.11),  # torso
    ((0.07, 0.45, 0), (0.09, 0.06, 0), 0.06),  # legs
    ((-0.07, 0.45, 0), (-0.09, 0.06, 0), 0.06),
    ((0, 0.9, -0.1), (0, 0.7, -0.17), 0.05),  # a lock of hair at the back
)
LEFT_ARM = ((0.1, 0.64, 0), (0.33, 0.46, 0), 0.035)
RIGHT_ARM = ((-0.1, 0.64, 0), (-0.3, 0.6, 0), 0.035)
LEFT_ARM_FORWARD = ((0.1, 0.64, 0), (0.2, 0.6, 0.3), 0.035)
LEFT_ARM_UP = ((0.1, 0.64, 0), (0.3, 0.95, 0), 0.035)


def capsules(*parts: tuple, cells: int = 80) -> Mesh:
    """The union of capsules (end, end, radius); one piece if they touch."""
    step = 1.3 / cells
    origin = np.array([-0.65, -0.15, -0.65], np.float32)
    axes = [origin[k] + step * np.arange(cells + 1) for k in range(3)]
    points = np.stack(np.meshgrid(*axes, indexing="ij"), -1).astype(np.float32)
    field = np.full(points.shape[:3], 1.0, np.float32)
    for start, end, radius in parts:
        a, b = np.array(start, np.float32), np.array(end, np.float32)
        along = np.clip((points - a) @ (b - a) / max(float((b - a) @ (b - a)), 1e-12), 0, 1)
        away = np.linalg.norm(points - a - along[..., None] * (b - a), axis=-1) - radius
        np.minimum(field, away, out=field)
    return surface(Grid(field, origin, step))


@cache
def figure(*arms: tuple) -> Mesh:
    """Head, torso, legs, a lock of hair, and by default two unequal arms; feet at 0, height 1."""
    return largest_piece(capsules(*BODY, *(arms or (LEFT_ARM, RIGHT_ARM))))


@cache
def armless() -> Mesh:
    return largest_piece(capsules(*BODY))


def seen(mesh: Mesh, *azimuths: float, size: int = 256) -> tuple[View, ...]:
    """Clay pictures."""
    cameras = [Camera.orthographic(azimuth) for azimuth in azimuths]
    return tuple(View(render_clay(mesh, camera, size), camera) for camera in cameras)


def painted(mesh: Mesh, kind: np.ndarray, colours: np.ndarray, azimuth: float, size: int = 256) -> View:
    """A picture in flat colours; `kind` per face indexes `colours` (uint8 [k, 3])."""
    uv = np.stack([(kind + 0.5) / len(colours), np.full(len(kind), 0.5)], 1).astype(np.float32)
    corners = np.repeat(uv[:, None], 3, 1)
    camera = Camera.orthographic(azimuth)
    return View(render(mesh, corners, colours[None].astype(np.uint8), camera, size), camera)


def silhouette(mesh: Mesh, camera: Camera, size: int = 256) -> np.ndarray:
    return rasterise(mesh.vertices, mesh.faces, camera, size, size).triangle >= 0


def mirrored(mesh: Mesh) -> Mesh:
    """Left and right changed, still outward."""
    flip = np.array([-1, 1, 1], np.float32)
    return Mesh(mesh.vertices * flip, np.ascontiguousarray(mesh.faces[:, ::-1]))


def silhouette_of(mesh: Mesh, camera: Camera, size: int, wanted: np.ndarray) -> float:
    """Overlap of the mesh's outline with a mask."""
    from genkei.geometry.score import silhouette_iou

    return silhouette_iou(rasterise(mesh.vertices, mesh.faces, camera, size, size).triangle >= 0, wanted)
