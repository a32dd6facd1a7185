"""World to picture and back; pixels (x, y) with centres at +0.5, row 0 on top."""

import numpy as np
from jaxtyping import Float

from genkei.types import Camera


def turned_deg(a: float, b: float) -> float:
    """Angle between two azimuths in degrees, 0 to 180."""
    return abs((a - b + 180) % 360 - 180)


def project(
    points: Float[np.ndarray, "n 3"], camera: Camera, height: int, width: int
) -> Float[np.ndarray, "n 3"]:
    """Picture x and y in pixels, and depth along the view (character heights, smaller is nearer)."""
    homogeneous = np.column_stack([points, np.ones(len(points), points.dtype)])
    clip = homogeneous @ camera.world_to_clip.T.astype(points.dtype)
    x, y = clip[:, 0] / clip[:, 3], clip[:, 1] / clip[:, 3]
    depth = points @ camera.axes[2].astype(points.dtype)
    return np.column_stack([(x + 1) / 2 * width, (1 - y) / 2 * height, depth]).astype(points.dtype)


def unproject(
    pixels: Float[np.ndarray, "n 3"], camera: Camera, height: int, width: int
) -> Float[np.ndarray, "n 3"]:
    """World points of orthographic (x, y, depth), the inverse of `project`; ValueError for a perspective."""
    if not camera.is_orthographic:
        raise ValueError("unproject wants an orthographic camera, this one is a perspective camera")
    axes = camera.axes.astype(np.float64)
    clip_x, clip_y = pixels[:, 0] / width * 2 - 1, 1 - pixels[:, 1] / height * 2
    offset = camera.world_to_clip[:2, 3].astype(np.float64)
    scale = np.linalg.norm(camera.world_to_clip[:2, :3].astype(np.float64), axis=1)
    right, up = (clip_x - offset[0]) / scale[0], (clip_y - offset[1]) / scale[1]
    points = np.outer(right, axes[0]) + np.outer(up, axes[1]) + np.outer(pixels[:, 2], axes[2])
    return points.astype(pixels.dtype)
