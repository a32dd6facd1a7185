"""Enclosed patches of a cut-out: holes that show the background, or white clothes that were taken for it."""

import numpy as np
from jaxtyping import Bool, Float32, Int

LINE_SHARE = 0.014
"""Width of a drawn outline against the subject's height."""
OUTLINE_SHARE = 0.2
"""A white patch with more of its rim than this behind a mere outline is clothing."""
AMONG_SHARE = 0.45
"""The same for what lies among such patches: half of a gap beside a white shirt is bounded by an arm."""


def faces_outside(
    subject: Bool[np.ndarray, "h w"], patches: Int[np.ndarray, "h w"], count: int
) -> Bool[np.ndarray, "n"]:
    """Per patch: more than OUTLINE_SHARE of its rim lies within a line's width of the outside."""
    from scipy.ndimage import binary_erosion, distance_transform_edt

    wide = line_px(subject)
    rim = (patches > 0) & ~np.asarray(binary_erosion(patches > 0), bool)
    close = rim & (np.asarray(distance_transform_edt(subject)) <= wide)
    total = np.bincount(patches[rim], minlength=count + 1)
    return np.bincount(patches[close], minlength=count + 1) > OUTLINE_SHARE * np.maximum(total, 1)


def among_white(
    subject: Bool[np.ndarray, "h w"], patches: Int[np.ndarray, "h w"], white: Bool[np.ndarray, "n"]
) -> Bool[np.ndarray, "n"]:
    """The white patches with more than AMONG_SHARE of their rims a line from another or from the outside."""
    from scipy.ndimage import binary_erosion, distance_transform_edt, find_objects

    left, wide = white.copy(), line_px(subject)
    room = int(wide) + 1
    boxes = find_objects(patches)
    while True:
        lone = np.zeros_like(left)
        for k in np.flatnonzero(left):
            rows, columns = (slice(max(0, one.start - room), one.stop + room) for one in boxes[k - 1])
            own = patches[rows, columns] == k
            rim = own & ~np.asarray(binary_erosion(own), bool)
            others = ~subject[rows, columns] | (left[patches[rows, columns]] & ~own)
            near = np.asarray(distance_transform_edt(~others)) <= wide if others.any() else others
            lone[k] = near[rim].mean() <= AMONG_SHARE
        if not lone.any():
            return left
        left &= ~lone


def line_px(subject: Bool[np.ndarray, "h w"]) -> float:
    """Width of a drawn line at most."""
    rows = np.flatnonzero(subject.any(1))
    return max(4.0, LINE_SHARE * float(rows[-1] - rows[0] + 1))


def flat(
    off: Float32[np.ndarray, "h w"], patches: Int[np.ndarray, "h w"], count: int, residual: float
) -> Bool[np.ndarray, "n"]:
    """Per patch: nowhere further from the background than half the border's residual, its rim left out.

    Painted white stays below .5 Lab only without any shading (measured: gaps at most .44, clothes from .60).
    """
    from scipy.ndimage import binary_erosion

    inner = np.asarray(binary_erosion(patches > 0, np.ones((3, 3)), iterations=2), bool)
    stray = np.bincount(patches[inner & (off > 0.5 * residual)], minlength=count + 1)
    return (stray == 0) & (np.bincount(patches[inner], minlength=count + 1) > 0)
