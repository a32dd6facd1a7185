"""What colour says about depth: what is red from the front is not in front of all that is red in profile.

Two orthographic views 90 degrees apart share their rows. A voxel that a front pixel sees first has the
front pixel's material, so it lies no nearer than the nearest such material in the side view's row, and so on
for all four sides. This is voxel colouring (Seitz and Dyer 1999) weakened until drawings satisfy it:
materials are wide classes of colour, only extremes count, and rows without evidence say nothing.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, Int32

from genkei.geometry.colour import to_lab
from genkei.shape.silhouette import Silhouette
from genkei.types import View

NOTHING = -1


@dataclass(frozen=True)
class Materials:
    """Colour classes of some views, and which classes may be the same material under other light."""

    centres: Float32[np.ndarray, "k 3"]
    """In Lab with lightness weighted down."""
    alike: np.ndarray
    """Bool [k, k]."""


LIGHTNESS = 0.5
"""Weight of lightness against chroma: shading changes lightness within one material."""
SAME = 16.0
"""Weighted Lab distance under which two classes may be one material."""
CLASSES = 24


def find_materials(views: tuple[View, ...]) -> Materials:
    """Deterministic k-means (Lloyd 1982) over the views' opaque pixels, started from farthest points."""
    samples = np.concatenate([_weighted_lab(view.rgba[view.rgba[..., 3] > 0.9][:, :3]) for view in views])
    samples = samples[:: max(1, len(samples) // 20_000)]
    centres = samples.mean(0, keepdims=True)
    for _ in range(CLASSES - 1):
        distance = ((samples[:, None] - centres[None]) ** 2).sum(-1).min(1)
        if distance.max() < 9.0:
            break
        centres = np.concatenate([centres, samples[[distance.argmax()]]])
    for _ in range(6):
        label = _nearest(samples, centres)
        count = np.maximum(np.bincount(label, minlength=len(centres)), 1)[:, None]
        sums = np.stack([np.bincount(label, samples[:, c], len(centres)) for c in range(3)], 1)
        centres = np.where(np.bincount(label, minlength=len(centres))[:, None] > 0, sums / count, centres)
    alike = ((centres[:, None] - centres[None]) ** 2).sum(-1) < SAME**2
    return Materials(centres.astype(np.float32), alike)


def _weighted_lab(rgb: np.ndarray) -> np.ndarray:
    return to_lab(rgb.astype(np.float32)) * np.array([LIGHTNESS, 1, 1], np.float32)


def _nearest(samples: np.ndarray, centres: np.ndarray) -> np.ndarray:
    return ((samples[:, None] - centres[None]) ** 2).sum(-1).argmin(1)


def label_grid(
    view: View, materials: Materials, grid: Silhouette, flip: bool
) -> Int32[np.ndarray, "rows cols"]:
    """The material of every cell of a silhouette's grid; `flip` when its columns run to picture-left."""
    size = view.rgba.shape[0]
    px = view.camera.span / size
    rows, columns = grid.distance.shape
    u = (grid.u0 + grid.step * np.arange(columns)) * (-1 if flip else 1)
    y = grid.y0 + grid.step * np.arange(rows)
    i = np.clip(np.round(size / 2 - 0.5 - (y - 0.5) / px).astype(int), 0, size - 1)
    j = np.clip(np.round(u / px + size / 2 - 0.5).astype(int), 0, size - 1)
    cells = view.rgba[np.ix_(i, j)]
    label = _nearest(_weighted_lab(cells[..., :3].reshape(-1, 3)), materials.centres).reshape(rows, columns)
    return np.where((cells[..., 3] > 0.9) & grid.mask, label, NOTHING).astype(np.int32)


@dataclass(frozen=True)
class Reach:
    """Per row and material the first and last column where the material (or one alike) shows; NaN unknown."""

    first: Float32[np.ndarray, "rows k"]
    last: Float32[np.ndarray, "rows k"]
    count: Float32[np.ndarray, "rows k"]


def reach(labels: Int32[np.ndarray, "rows cols"], materials: Materials, band: int = 2) -> Reach:
    """Columns over rows +-`band`; a material must fill two neighbouring cells to count."""
    from scipy.ndimage import maximum_filter1d, minimum_filter1d, uniform_filter1d

    rows, columns = labels.shape
    kinds = len(materials.centres)
    first, last = np.full((rows, kinds), np.inf), np.full((rows, kinds), -np.inf)
    count = np.zeros((rows, kinds))
    index = np.arange(columns)
    for kind in range(kinds):
        same = (labels != NOTHING) & materials.alike[kind][labels]
        same = same & (np.roll(same, 1, 1) | np.roll(same, -1, 1))
        count[:, kind] = same.sum(1)
        first[:, kind] = np.where(same, index, np.inf).min(1)
        last[:, kind] = np.where(same, index, -np.inf).max(1)
    size = 2 * band + 1
    return Reach(
        minimum_filter1d(first, size, axis=0).astype(np.float32),
        maximum_filter1d(last, size, axis=0).astype(np.float32),
        uniform_filter1d(count, size, axis=0).astype(np.float32),
    )


def joined(reaches: list[Reach]) -> Reach:
    """The widest reach of several views on the same grid."""
    return Reach(
        np.minimum.reduce([r.first for r in reaches]),
        np.maximum.reduce([r.last for r in reaches]),
        np.maximum.reduce([r.count for r in reaches]),
    )


def nearest_limit(
    labels: Int32[np.ndarray, "rows cols"], own: Reach, other: Reach, ahead: bool
) -> Float32[np.ndarray, "rows cols"]:
    """How far forward each ray's first surface can be, in the other view's columns.

    The last column (`ahead`) or the first one where the ray's material shows in the other view's rows;
    +-inf where the other view shows too little of the material to tell.
    """
    from scipy.ndimage import grey_closing, grey_opening, median_filter

    unknown = np.inf if ahead else -np.inf
    bound = other.last if ahead else other.first
    enough = other.count >= np.maximum(3, EVIDENCE * own.count)
    table = np.where(enough & np.isfinite(bound), bound, unknown)
    rows = np.arange(len(labels))[:, None]
    limit = np.where(labels == NOTHING, unknown, table[rows, np.maximum(labels, 0)])
    calm = median_filter(np.clip(limit, -FAR, FAR), size=5)
    calm = grey_closing(calm, size=PATCH) if ahead else grey_opening(calm, size=PATCH)
    return calm.astype(np.float32)


FAR = 1e6
"""Stands for no limit where infinities would not filter."""
PATCH = 7
"""Cells: smaller patches of colour never carve, so that texture and shading leave the surface smooth."""
EVIDENCE = 0.2
"""Share of a material's length in its own row below which the other view may be hiding it."""
