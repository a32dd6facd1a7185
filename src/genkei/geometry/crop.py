"""The square round a character that the nets look at: its silhouette's box centred, the longer side 0.92.

Crop units: 1 is the square's side, x right and y up from its centre, z towards the viewer.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float32

from genkei.types import View

FILL = 0.92
"""Longer side of the silhouette's box over the side of the square."""


@dataclass(frozen=True)
class Crop:
    """Where the square lies in a view's picture plane: character heights, u to the right, y up."""

    u: float
    """Of the square's centre; 0 is the axis that views turn about."""
    y: float
    side: float

    @property
    def mirrored(self) -> "Crop":
        """The same square seen from the opposite side."""
        return Crop(-self.u, self.y, self.side)


def crop_of(view: View) -> Crop:
    """The square round an orthographic view's silhouette. ValueError for a view without an opaque pixel."""
    rows, columns = np.flatnonzero(view.mask.any(1)), np.flatnonzero(view.mask.any(0))
    if not len(rows):
        raise ValueError(f"the {view.name} view is empty: no pixel is opaque; leave it out or draw it")
    size = view.mask.shape[0]
    px = view.camera.span / size
    longer = max(rows[-1] - rows[0], columns[-1] - columns[0]) + 1
    u = ((columns[0] + columns[-1] + 1) / 2 - size / 2) * px
    y = 0.5 + (size / 2 - (rows[0] + rows[-1] + 1) / 2) * px
    return Crop(float(u), float(y), float(longer * px / FILL))


def cut(view: View, crop: Crop, side_px: int) -> Float32[np.ndarray, "4 s s"]:
    """The square's picture, area means, RGBA with the colours multiplied by alpha; clear beyond the paper."""
    from PIL import Image

    size = view.mask.shape[0]
    px = view.camera.span / size
    half = crop.side / px / 2
    centre = crop.u / px + size / 2, size / 2 - (crop.y - 0.5) / px
    margin = int(np.ceil(max(half - min(*centre), half + max(*centre) - size, 0.0))) + 1
    box = tuple(c + margin + d * half for d in (-1, 1) for c in centre)
    rgba = np.concatenate([view.rgba[..., :3] * view.rgba[..., 3:], view.rgba[..., 3:]], -1)
    padded = np.pad(rgba, ((margin, margin), (margin, margin), (0, 0)))
    channels = [
        Image.fromarray(channel).resize((side_px, side_px), Image.Resampling.BOX, box)
        for channel in np.moveaxis(padded, 2, 0)
    ]
    return np.stack([np.asarray(channel, np.float32) for channel in channels])


def row_of(y: Float[np.ndarray, "*n"], crop: Crop, rows: int) -> Float[np.ndarray, "*n"]:
    """Fractional row (centres at whole numbers) of heights above the ground, for a map of `rows` rows."""
    return (0.5 - (y - crop.y) / crop.side) * rows - 0.5


def column_of(u: Float[np.ndarray, "*n"], crop: Crop, columns: int) -> Float[np.ndarray, "*n"]:
    """Fractional column (centres at whole numbers) of places right of the axis."""
    return (0.5 + (u - crop.u) / crop.side) * columns - 0.5


def uncut(
    planes: Float32[np.ndarray, "c h w"], view: View, crop: Crop, beyond: float = 0.0
) -> Float32[np.ndarray, "c s s"]:
    """Maps of the square laid over the view's own pixels, bilinear; `beyond` outside the square."""
    from scipy.ndimage import map_coordinates

    size = view.mask.shape[0]
    px = view.camera.span / size
    middle = np.arange(size) + 0.5
    rows = row_of(0.5 + (size / 2 - middle) * px, crop, planes.shape[1])
    columns = column_of((middle - size / 2) * px, crop, planes.shape[2])
    inside = (np.abs(rows + 0.5 - planes.shape[1] / 2) <= planes.shape[1] / 2)[:, None] & (
        np.abs(columns + 0.5 - planes.shape[2] / 2) <= planes.shape[2] / 2
    )
    grid = np.meshgrid(rows, columns, indexing="ij")
    out = [np.where(inside, map_coordinates(p, grid, order=1, mode="nearest"), beyond) for p in planes]
    return np.stack(out).astype(np.float32)
