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
    out = np.zeros_like(mask)
    if not mask.any():
        return out
    box = _box(mask, int(np.ceil(reach)) + AROUND)
    padded = np.pad(mask[box], 1)
    centres = ~within(~padded, radius)
    if centres.any():
        out[box] = within(centres, reach)[1:-1, 1:-1, 1:-1] & mask[box]
    return out


def within(mask: Bool[np.ndarray, "nx ny nz"], radius: float) -> Bool[np.ndarray, "nx ny nz"]:
    """Cells whose centre is within a radius, in cells, of a chosen one's: as a distance transform would tell.

    A ball is a bundle of rows: each is spread along the last axis, then moved along the others.
    """
    out, most = np.zeros_like(mask), int(radius)
    rows = [mask.copy()]
    for half in range(1, most + 1):
        wider = rows[-1].copy()
        wider[..., half:] |= mask[..., :-half]
        wider[..., :-half] |= mask[..., half:]
        rows.append(wider)
    for i in range(-most, most + 1):
        for j in range(-most, most + 1):
            left = radius * radius - i * i - j * j
            if left >= 0:
                to, of = _moved(i), _moved(-i)
                across, along = _moved(j), _moved(-j)
                out[to, across] |= rows[int(left**0.5)][of, along]
    return out


def _moved(by: int) -> slice:
    """What of an axis is still on it when it is moved."""
    return slice(max(by, 0), min(by, 0) or None)


def _box(mask: Bool[np.ndarray, "nx ny nz"], margin: int) -> tuple[slice, ...]:
    spans = [np.flatnonzero(mask.any(tuple(k for k in range(3) if k != axis))) for axis in range(3)]
    return tuple(slice(max(int(span[0]) - margin, 0), int(span[-1]) + 1 + margin) for span in spans)


__all__ = ["firm"]
