"""Scalar fields on regular grids and the surfaces inside them: negative inside, positive outside."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float32

from genkei.geometry.mesh import compact, component_labels, volume
from genkei.types import Mesh


@dataclass(frozen=True)
class Grid:
    """`values[i, j, k]` at `origin + step * (i, j, k)`: x, y, z in the frame of whoever made it."""

    values: Float32[np.ndarray, "nx ny nz"]
    origin: Float32[np.ndarray, "3"]
    step: float

    def axis(self, index: int) -> Float32[np.ndarray, "n"]:
        """Coordinates of the samples along axis 0, 1 or 2."""
        count = self.values.shape[index]
        return (self.origin[index] + self.step * np.arange(count)).astype(np.float32)


def surface(grid: Grid) -> Mesh:
    """The zero surface (Lorensen and Cline 1987, Lewiner's cases): closed, outward, every piece of it.

    A field that is negative on the grid's border is capped there. Raises ValueError when nothing is inside.
    """
    from skimage.measure import marching_cubes

    padded = np.pad(grid.values, 1, constant_values=max(float(grid.step), 1e-6))
    if not (padded < 0).any():
        raise ValueError("the field is nowhere inside: there is no surface to extract")
    padded[padded == 0] = 1e-6 * grid.step  # marching cubes leaves holes round samples that are exactly 0
    vertices, faces, _, _ = marching_cubes(padded, 0.0)
    points = grid.origin + grid.step * (vertices - 1)
    mesh = Mesh(points.astype(np.float32), faces.astype(np.int32))
    return mesh if volume(mesh) > 0 else Mesh(mesh.vertices, np.ascontiguousarray(mesh.faces[:, ::-1]))


def largest_piece(mesh: Mesh) -> Mesh:
    """The connected piece with the largest volume."""
    labels = component_labels(mesh.faces)
    pieces = [compact(mesh.vertices, mesh.faces[labels == k]) for k in range(int(labels.max()) + 1)]
    return max(pieces, key=volume)


def signed_distance(inside: Bool[np.ndarray, "*n"], step: float = 1.0) -> Float32[np.ndarray, "*n"]:
    """Exact distance of cell centres to the other side, less half a cell: negative inside.

    Where there is no other side, the longest edge of the array stands for "far".
    """
    from scipy.ndimage import distance_transform_edt

    if inside.all() or not inside.any():
        far = max(inside.shape) * step
        return np.full(inside.shape, -far if inside.any() else far, np.float32)
    outward = np.asarray(distance_transform_edt(~inside))
    inward = np.asarray(distance_transform_edt(inside))
    return ((np.where(inside, 0.5 - inward, outward - 0.5)) * step).astype(np.float32)
