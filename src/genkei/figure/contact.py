"""Where two surfaces are the same: triangles of one that lie on the other, within a few micrometres."""

import numpy as np
from jaxtyping import Bool, Float

SAME_MM = 2e-3
"""Surfaces nearer than this are one: more than the rounding of float32 at 2 m, less than any layer."""


def lies_on(
    triangles: Float[np.ndarray, "n 3 3"],
    skin: Float[np.ndarray, "m 3 3"],
    facing: bool = False,
    within_mm: float = SAME_MM,
) -> Bool[np.ndarray, "n"]:
    """Which triangles lie on the skin, corners and middle; `facing`: they are turned against it, too."""
    import igl

    on = np.zeros(len(triangles), bool)
    if not len(triangles) or not len(skin):
        return on
    flat, index = soup(skin)
    middle = triangles.astype(np.float64).mean(1)
    found = igl.point_mesh_squared_distance(np.ascontiguousarray(middle), flat, index)
    on = np.asarray(found[0]) < within_mm**2
    if facing:
        under = np.asarray(found[1])
        on &= np.einsum("nk,nk->n", normals_of(triangles), normals_of(skin)[under]) < 0
    if on.any():
        points = np.ascontiguousarray(triangles[on].reshape(-1, 3), np.float64)
        squared = np.asarray(igl.point_mesh_squared_distance(points, flat, index)[0])
        on[on] = (squared.reshape(-1, 3) < within_mm**2).all(1)
    return on


def distance_to(points: Float[np.ndarray, "n 3"], skin: Float[np.ndarray, "m 3 3"]) -> Float[np.ndarray, "n"]:
    """From each point to the nearest point of the triangles."""
    import igl

    flat, index = soup(skin)
    squared = igl.point_mesh_squared_distance(np.ascontiguousarray(points, np.float64), flat, index)[0]
    return np.sqrt(np.asarray(squared))


def soup(triangles: Float[np.ndarray, "n 3 3"]) -> tuple[np.ndarray, np.ndarray]:
    """Vertices and faces of loose triangles; float64 and int64."""
    flat = np.ascontiguousarray(triangles.reshape(-1, 3), np.float64)
    return flat, np.arange(len(flat), dtype=np.int64).reshape(-1, 3)


def normals_of(triangles: Float[np.ndarray, "n 3 3"]) -> Float[np.ndarray, "n 3"]:
    """As long as the triangles' areas doubled; float64."""
    points = triangles.astype(np.float64)
    return np.cross(points[:, 1] - points[:, 0], points[:, 2] - points[:, 0])
