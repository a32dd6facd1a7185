"""The place of a surface that is nearest to a point."""

import numpy as np
from jaxtyping import Float, Float32, Int


def closest(
    points: Float[np.ndarray, "n 3"], vertices: Float32[np.ndarray, "v 3"], faces: Int[np.ndarray, "f 3"]
) -> tuple[Float32[np.ndarray, "n"], Int[np.ndarray, "n"], Float[np.ndarray, "n 3"]]:
    """Exact distance to triangles (not empty), which one is nearest, and where on it (barycentric, 0..1).

    A triangle without an area counts as its longest edge.
    """
    import point_cloud_utils

    if len(points) == 1:  # the library misreads a single point
        distance, face, weights = closest(np.repeat(points, 2, axis=0), vertices, faces)
        return distance[:1], face[:1], weights[:1]
    asked = np.ascontiguousarray(points, np.float32)
    distance, face, weights = point_cloud_utils.closest_points_on_mesh(
        asked, vertices, np.ascontiguousarray(faces)
    )
    flat = np.flatnonzero(~np.isfinite(weights).all(1))
    if len(flat):
        weights[flat] = _on_longest_edge(asked[flat], vertices[faces[face[flat]]])
    return distance.astype(np.float32), face.astype(np.int64), np.clip(weights, 0, 1)


def _on_longest_edge(
    points: Float32[np.ndarray, "n 3"], triangles: Float32[np.ndarray, "n 3 3"]
) -> Float[np.ndarray, "n 3"]:
    """Barycentric weights of the place nearest to each point on its triangle's longest edge."""
    edges = np.roll(triangles, -1, axis=1).astype(np.float64) - triangles
    squared = (edges**2).sum(2)
    row, first = np.arange(len(points)), squared.argmax(1)
    along = ((points - triangles[row, first]) * edges[row, first]).sum(1)
    share = np.clip(along / np.maximum(squared[row, first], 1e-30), 0, 1)
    weights = np.zeros((len(points), 3))
    weights[row, first], weights[row, (first + 1) % 3] = 1 - share, share
    return weights
