"""What somebody in front of a figure sees, row by row: its middle, and the neck under the face."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int

from genkei.figure.cells import Cells
from genkei.figure.scale import to_character
from genkei.types import Camera, Mesh

ROWS = 256
SPAN = 1.2
LOWEST_NECK, HIGHEST_NECK = 0.3, 0.93
"""Heights between which a neck is looked for: under large heads it lies low."""
PROMINENCE = 1.15
"""A neck is narrower (in the root of its area) than what is over and under it by this factor."""
NEAR = 0.14
"""Heights from the middle within which a section counts: weapons and stretched arms lie outside."""
WIDE = 0.4
"""A head is at least this wide, of the widest section: ears and buns are not."""
HEAD = 0.03
"""Least share of the volume without hair that is over a neck: ribbons on a crown hold two hundredths."""
STEP = 1.25
"""A head is wider than a body that is as narrow as its neck by this factor."""
CROWN = 0.05


@dataclass(frozen=True)
class Front:
    """Face number per pixel (-1: nothing), and where the pixels lie in the figure's frame, mm."""

    triangle: Int[np.ndarray, "r r"]
    x: Float[np.ndarray, "r"]
    z: Float[np.ndarray, "r"]

    @property
    def seen(self) -> Bool[np.ndarray, "r r"]:
        return self.triangle >= 0

    @property
    def axis(self) -> float:
        """x of the line about which the upper half is most symmetric: what one hand holds does not count."""
        rows = np.flatnonzero(self.seen.any(1))
        upper = self.seen[rows[0] : (rows[0] + rows[-1]) // 2].astype(float)
        overlap = sum(np.convolve(row, row) for row in upper)  # with its mirror image, by twice the column
        return float(np.interp(int(np.argmax(overlap)) / 2, np.arange(ROWS), self.x))

    @property
    def top(self) -> float:
        """z over which `CROWN` of the silhouette lies: ears and horns hold less."""
        count = np.cumsum(self.seen.sum(1))
        return float(self.z[int(np.searchsorted(count, CROWN * count[-1]))])


def front_picture(mesh: Mesh, floor: float, height: float) -> Front:
    """The figure from the front, `height` mm tall from `floor` up."""
    from genkei.geometry.raster import rasterise

    points = to_character(mesh.vertices, height, floor)
    hits = rasterise(points, mesh.faces, Camera.orthographic(0, SPAN), ROWS, ROWS)
    across = ((np.arange(ROWS) + 0.5) / ROWS - 0.5) * SPAN
    return Front(hits.triangle, across * height, floor + (0.5 - across) * height)


def find_neck(free: Cells, axis: float, floor: float, height: float) -> float | None:
    """z of the neck: the topmost level where the solid without hair is narrower than around it.

    None where nothing narrows.
    """
    x, _, z = (free.origin[k] + free.step * np.arange(free.inside.shape[k]) for k in range(3))
    near = np.abs(x - axis) < NEAR * height
    widths = np.sqrt(free.inside[near].sum((0, 1)))
    share = (z - floor) / height
    middle = np.abs(x - axis) <= 1.01 * free.step
    split = free.inside.any((0, 1)) & ~free.inside[middle].any((0, 1)) & (share > 0) & (share < 0.6)
    lowest = max(LOWEST_NECK, float(share[split].max(initial=0)) + 0.04)
    levels = np.flatnonzero((share > lowest) & (share < HIGHEST_NECK))
    above = np.cumsum(free.inside.sum((0, 1))[::-1])[::-1]
    best = None
    for k in levels[::-1]:
        if best is not None and widths[k] >= PROMINENCE * widths[best]:
            break  # wider again: the neck is over
        over, under = widths[k:].max(), widths[levels[0] : k + 1].max()
        narrow = 0 < widths[k] * PROMINENCE <= min(over, under) and over > WIDE * widths.max()
        if narrow and above[k] > HEAD * above[0] and (best is None or widths[k] < widths[best]):
            best = int(k)
    if best is None:  # a body no wider than the neck: where the head has narrowed to it
        flat = max(int(0.05 * height / free.step), 1)
        for k in levels[:flat:-1]:
            over, going_on = widths[k:].max(), widths[k - flat : k].min() >= 0.93 * widths[k] > 0
            if going_on and over > max(WIDE * widths.max(), STEP * widths[k]) and above[k] > HEAD * above[0]:
                return float(z[k])
    return None if best is None else float(z[best])
