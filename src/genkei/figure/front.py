"""What the drawing fixes: the front silhouette and the face, and how far a change of the solid moved them."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Bool, Float, Float32, Int

from genkei.geometry.mesh import corners
from genkei.geometry.nearest import closest
from genkei.types import Camera, Mesh

MOST_PX = 1400
LEAST_MM = 0.1
FACE_FROM = 0.45
"""Of the height: no character's face is lower."""
FACE_WIDTH = 0.3
"""Of the height: no character's face is wider; hair and hands at the sides may move more."""


@dataclass(frozen=True)
class FrontView:
    """A solid in figure space seen from the front (-y): one square picture, millimetres."""

    mesh: Mesh
    centre: Float[np.ndarray, "2"]
    """x and z in the picture's middle."""
    pixel_mm: float
    side_px: int

    @staticmethod
    def of(mesh: Mesh) -> "FrontView":
        low, high = mesh.vertices.min(0).astype(np.float64), mesh.vertices.max(0).astype(np.float64)
        size = float(max(high[0] - low[0], high[2] - low[2]))
        pixel = max(LEAST_MM, size / MOST_PX)
        side = int(np.ceil(size / pixel)) + 2 * int(np.ceil(4 / pixel))
        return FrontView(mesh, (low + high)[[0, 2]] / 2, pixel, side)

    def same_place(self, mesh: Mesh) -> "FrontView":
        """Another solid in the same picture."""
        return FrontView(mesh, self.centre, self.pixel_mm, self.side_px)

    @cached_property
    def nearest(self) -> Float32[np.ndarray, "s s"]:
        """The front-most y per pixel, row 0 on top; inf beside the figure."""
        from genkei.geometry.raster import corner_values, rasterise

        hits = rasterise(self.mesh.vertices, self.mesh.faces, self._camera, self.side_px, self.side_px)
        depth = corner_values(hits, corners(self.mesh)[..., 1:2])[..., 0]
        return np.where(hits.triangle >= 0, depth, np.inf).astype(np.float32)

    @property
    def mask(self) -> Bool[np.ndarray, "s s"]:
        return np.isfinite(self.nearest)

    @cached_property
    def depth_inside(self) -> Float32[np.ndarray, "s s"]:
        """Distance to the outline, positive inside, negative outside."""
        from genkei.geometry.field import signed_distance

        return -signed_distance(self.mask, self.pixel_mm)

    def pixels(self, points: Float[np.ndarray, "n 3"]) -> tuple[Int[np.ndarray, "n"], Int[np.ndarray, "n"]]:
        """Row and column of points in figure space, held inside the picture."""
        column = np.floor((points[:, 0] - self.centre[0]) / self.pixel_mm + self.side_px / 2)
        row = np.floor(self.side_px / 2 - (points[:, 2] - self.centre[1]) / self.pixel_mm)
        last = self.side_px - 1
        return np.clip(row, 0, last).astype(np.int64), np.clip(column, 0, last).astype(np.int64)

    def points(self, chosen: Bool[np.ndarray, "s s"]) -> Float32[np.ndarray, "n 3"]:
        """The front-most points of the chosen pixels, which all see the figure."""
        row, column = np.nonzero(chosen)
        x = (column + 0.5 - self.side_px / 2) * self.pixel_mm + self.centre[0]
        z = (self.side_px / 2 - row - 0.5) * self.pixel_mm + self.centre[1]
        return np.stack([x, self.nearest[chosen], z], 1).astype(np.float32)

    @property
    def _camera(self) -> Camera:
        scale = 2 / (self.side_px * self.pixel_mm)
        matrix = np.eye(4)
        matrix[:3, :3] = np.array([[1, 0, 0], [0, 0, 1], [0, 1e-3, 0]]) * scale
        matrix[0, 3], matrix[1, 3] = -scale * self.centre[0], -scale * self.centre[1]
        return Camera(matrix.astype(np.float32))

    @cached_property
    def face(self) -> Bool[np.ndarray, "s s"]:
        """Pixels among which the face is: the middle of the upper part, large heads or small."""
        row, column = np.nonzero(self.mask)
        top, bottom = row.min(), row.max()
        lowest = bottom - FACE_FROM * (bottom - top)
        middle = np.median(column[row < (top + bottom) / 2])
        chosen = np.zeros_like(self.mask)
        near = np.abs(np.arange(self.side_px) - middle) < FACE_WIDTH / 2 * (bottom - top)
        chosen[top : int(lowest)] = near
        return chosen & self.mask


def silhouette_moved(before: FrontView, after: FrontView) -> float:
    """Largest distance of a pixel that became figure from the old outline; to one pixel, in millimetres."""
    fresh = after.mask & ~before.mask
    return float(-before.depth_inside[fresh].min()) if fresh.any() else 0.0


def face_moved(before: FrontView, after: FrontView) -> float:
    """How far what one sees of the face is from the old surface at most, in millimetres."""
    changed = before.face & after.mask & (after.nearest < before.nearest - 1e-3)
    if not changed.any():
        return 0.0
    distance, _, _ = closest(after.points(changed), before.mesh.vertices, before.mesh.faces)
    return float(distance.max())


__all__ = ["FrontView", "face_moved", "silhouette_moved"]
