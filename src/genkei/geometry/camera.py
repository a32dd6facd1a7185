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


SINGULAR = 1e6
"""Condition from which on a camera sees the world flat, or not at all."""


def condition(camera: Camera) -> float:
    """How nearly two of a camera's directions (right, up, away) are one: 1 at best, inf for a flat one."""
    matrix = camera.world_to_clip.astype(np.float64)
    return float(np.linalg.cond(matrix[[0, 1, 2 if camera.is_orthographic else 3], :3]))


def refuse_singular(camera: Camera) -> None:
    """ValueError for a camera whose directions are not three."""
    flat = condition(camera)
    if not flat < SINGULAR:
        raise ValueError(
            f"one of the cameras is singular (condition {flat:.2g}, limit {SINGULAR:.0g}): two of its "
            "directions are one, so it sees no picture. Export the camera again"
        )


def rays(
    pixels: Float[np.ndarray, "n 2"], camera: Camera, height: int, width: int
) -> tuple[Float[np.ndarray, "n 3"], Float[np.ndarray, "n 3"]]:
    """A point on the line of sight of every pixel (x, y), and its unit direction away from the viewer.

    A perspective camera's point is its eye. ValueError for a camera whose directions are not three.
    """
    refuse_singular(camera)
    x, y, _, w = camera.world_to_clip.astype(np.float64)
    clip_x, clip_y = pixels[:, :1] / width * 2 - 1, 1 - pixels[:, 1:] / height * 2
    across, above = x - clip_x * w, y - clip_y * w  # the two planes that meet in the line of sight
    way = np.cross(across[:, :3], above[:, :3])
    way /= np.linalg.norm(way, axis=1, keepdims=True)
    way *= np.sign(way @ camera.axes[2].astype(np.float64))[:, None]
    if not camera.is_orthographic:
        eye = np.linalg.solve(np.stack([x, y, w])[:, :3], -np.array([x[3], y[3], w[3]]))
        return np.broadcast_to(eye, way.shape).astype(pixels.dtype), way.astype(pixels.dtype)
    system = np.stack([across[:, :3], above[:, :3], way], 1)
    level = np.stack([-across[:, 3], -above[:, 3], way @ MIDDLE], 1)
    return np.linalg.solve(system, level[..., None])[..., 0].astype(pixels.dtype), way.astype(pixels.dtype)


MIDDLE = np.array([0.0, 0.5, 0.0])
"""Of a character."""
