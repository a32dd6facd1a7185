"""Labels of cells made firm: what of a part is thin only because of where labels meet changes sides."""

import numpy as np
from jaxtyping import Bool, Int

RADIUS = 1.6
"""Cells: a part is cut no thinner than twice this, where the whole is thicker. Less leaves tongues and
feather edges along the seams; more straightens them."""
AROUND = 3


def firm(label: Int[np.ndarray, "nx ny nz"], radius: float = RADIUS) -> Int[np.ndarray, "nx ny nz"]:
    """The same labels, but that cells where a ball fits into the whole and not into their part go to the
    nearest other part, if they are farther than its radius from where it fits: edges stay. -1 is air.

    The opening of mathematical morphology (Serra 1982), part by part; a hair tip, thin by itself, stays.
    """
    thick, out = _opened(label >= 0, radius, radius), label.copy()
    for part in np.unique(label[label >= 0]):
        mine = label == part
        flakes = mine & thick & ~_opened(mine, radius, 2 * radius)
        if not flakes.any() or (flakes == mine).all():
            continue
        box = _box(flakes, 4 * int(np.ceil(radius)) + AROUND)
        near, chosen = np.where(mine[box], -1, label[box]), flakes[box]
        if (near >= 0).any():
            out[box][chosen] = _nearest(near)[chosen]
    return out


def _nearest(label: np.ndarray) -> np.ndarray:
    """Every cell with the label of the nearest that has one."""
    from scipy.ndimage import distance_transform_edt

    index = distance_transform_edt(label < 0, return_distances=False, return_indices=True)
    return label[tuple(np.asarray(index))]


def _opened(mask: Bool[np.ndarray, "nx ny nz"], radius: float, reach: float) -> Bool[np.ndarray, "nx ny nz"]:
    """Everything inside within reach of the middle of a ball that fits."""
    from scipy.ndimage import distance_transform_edt

    out = np.zeros_like(mask)
    if not mask.any():
        return out
    box = _box(mask, int(np.ceil(reach)) + AROUND)
    padded = np.pad(mask[box], 1)
    centres = np.asarray(distance_transform_edt(padded)) > radius
    if centres.any():
        reached = np.asarray(distance_transform_edt(~centres)) <= reach
        out[box] = reached[1:-1, 1:-1, 1:-1] & mask[box]
    return out


def _box(mask: Bool[np.ndarray, "nx ny nz"], margin: int) -> tuple[slice, ...]:
    spans = [np.flatnonzero(mask.any(tuple(k for k in range(3) if k != axis))) for axis in range(3)]
    return tuple(slice(max(int(span[0]) - margin, 0), int(span[-1]) + 1 + margin) for span in spans)


__all__ = ["firm"]
