"""Silhouettes on the work grid: signed distances in character heights, row runs and inscribed disks."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float32, Int

from genkei.types import View


@dataclass(frozen=True)
class Silhouette:
    """A view's outline on a grid of `step` heights: columns run along +u (picture right), rows along +y.

    `distance` is negative inside. Column j lies at u = u0 + j * step, row i at y = y0 + i * step.
    """

    distance: Float32[np.ndarray, "rows cols"]
    u0: float
    y0: float
    step: float

    @property
    def mask(self) -> Bool[np.ndarray, "rows cols"]:
        return self.distance < 0

    def mirrored(self) -> "Silhouette":
        """The same outline seen from the opposite side."""
        columns = self.distance.shape[1]
        return Silhouette(
            np.ascontiguousarray(self.distance[:, ::-1]),
            -(self.u0 + (columns - 1) * self.step),
            self.y0,
            self.step,
        )


def silhouette(view: View, half_width: float, step: float, margin: float) -> Silhouette:
    """The outline of a view on the grid u in [-half_width, half_width], y in [-margin, 1 + margin].

    The distance is measured on the picture itself, so the outline keeps sub-cell precision.
    """
    from scipy.ndimage import distance_transform_edt, gaussian_filter, map_coordinates

    alpha = view.rgba[..., 3]
    size = alpha.shape[0]
    px = view.camera.span / size
    mask = alpha > 0.5
    outside, inside = np.asarray(distance_transform_edt(~mask)), np.asarray(distance_transform_edt(mask))
    distance = gaussian_filter(np.where(mask, 0.5 - inside, outside - 0.5) * px, 0.7)
    columns = np.arange(-round(half_width / step), round(half_width / step) + 1) * step
    rows = np.arange(-round(margin / step), round((1 + margin) / step) + 1) * step
    x = columns / px + size / 2 - 0.5
    y = size / 2 - 0.5 - (rows - 0.5) / px
    yy, xx = np.meshgrid(y, x, indexing="ij")
    values = map_coordinates(distance, [yy, xx], order=1, mode="nearest")
    return Silhouette(values.astype(np.float32), float(columns[0]), float(rows[0]), step)


def merged(first: Silhouette, second: Silhouette) -> Silhouette:
    """The outline half-way between two that should agree: neither carves alone."""
    return Silhouette((first.distance + second.distance) / 2, first.u0, first.y0, first.step)


def calmed(outline: Silhouette, rows: float = 3.0) -> Silhouette:
    """The outline without teeth shorter than about `rows` rows: fringes and feathers don't ring the body."""
    from scipy.ndimage import gaussian_filter1d

    distance = gaussian_filter1d(outline.distance, rows, axis=0)
    return Silhouette(np.maximum(distance, outline.distance), outline.u0, outline.y0, outline.step)


@dataclass(frozen=True)
class Disks:
    """Inscribed disks whose union is the silhouette up to its finest corners (Blum's medial axis, 1967)."""

    u: Float32[np.ndarray, "n"]
    y: Float32[np.ndarray, "n"]
    radius: Float32[np.ndarray, "n"]


def inscribed_disks(outline: Silhouette, spacing: float = 0.2) -> Disks:
    """Maximal disks, thinned so that no centre lies within `spacing` radii of a larger disk's centre."""
    from genkei.shape.kernels import thin_centres

    depth = -outline.distance
    centre = _ridge(depth) & (depth > 0.3 * outline.step)
    rows, columns = np.nonzero(centre)
    radius = depth[rows, columns]
    order = np.argsort(-radius, kind="stable")
    keep = thin_centres(
        rows[order], columns[order], (radius[order] / outline.step).astype(np.float32), spacing, depth.shape
    )
    rows, columns, radius = rows[order][keep], columns[order][keep], radius[order][keep]
    return Disks(
        (outline.u0 + columns * outline.step).astype(np.float32),
        (outline.y0 + rows * outline.step).astype(np.float32),
        radius.astype(np.float32),
    )


def _ridge(depth: np.ndarray) -> np.ndarray:
    """Cells whose disk no neighbour's disk contains: towards no side does depth grow as fast as distance."""
    from scipy.ndimage import maximum_filter

    beside = maximum_filter(depth, footprint=np.array([[0, 1, 0], [1, 0, 1], [0, 1, 0]]), mode="constant")
    unit = np.abs(np.diff(depth, axis=0)).max()
    return (depth > 0) & (beside - depth < 0.85 * unit)


def row_runs(mask: Bool[np.ndarray, "rows cols"]) -> list[Int[np.ndarray, "n 2"]]:
    """Per row the first and last column of each unbroken run inside."""
    padded = np.pad(mask, ((0, 0), (1, 1))).astype(np.int8)
    edge = np.diff(padded, axis=1)
    return [np.stack([np.flatnonzero(row == 1), np.flatnonzero(row == -1) - 1], 1) for row in edge]
