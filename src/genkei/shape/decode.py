"""What the net says along each ray, read as matter: as thick as it expects, where it is likeliest.

A bin's probability rarely passes one half where the depth is unsure, so a fixed threshold loses arms and
legs. The sum of a ray's probabilities is its expected thickness whatever the doubt: each ray gets the
threshold that keeps just that much. The threshold is found on the fine grid, so that a thin lock which lies
deeper from ray to ray is not lost between the net's coarse rays.
"""

import numpy as np
from jaxtyping import Bool, Float, Float32

BINS = 80
NEAREST = 0.4
"""Crop units: where the first bin begins, towards the viewer."""
BIN = 0.01
"""Crop units: depth of a bin."""
SURE = 6.0
"""Log-odds beyond which a bin is simply in or out."""
EMPTY = 0.7
"""Bins: rays that expect less matter do not tell where it is; they follow their neighbours."""
GUESSED = 0.3
"""Weight beside other views of a ray that only follows its neighbours."""
LEAST = 2.0
"""Bins that every ray keeps, or hair and fingers tear."""
LOWEST = -4.5
"""Log-odds of the lowest threshold: what is surely empty stays so."""
TIE = 0.1
"""Share of the odds of the bins around that is added: of equally sure bins the middle ones go first."""


def matter(
    logits: Float32[np.ndarray, "k h w"],
    mask: Bool[np.ndarray, "h w"],
    rows: Float[np.ndarray, "r"],
    columns: Float[np.ndarray, "c"],
    wanted: Bool[np.ndarray, "r c"],
) -> Float32[np.ndarray, "k r c"]:
    """Log-odds less the ray's threshold, positive inside, on rays at fractional `rows` and `columns`.

    Only wanted rays are read, the others are 0: they say nothing. Where the mask of the net's own rays ends,
    the nearest ray inside it is continued.
    """
    from scipy.special import expit

    thickness = expit(logits).sum(0, keepdims=True)
    odds = np.clip(logits, -SURE, SURE)
    known = mask & (thickness[0] > EMPTY)
    weight = np.where(known, 1, GUESSED)[None].astype(np.float32)
    maps = (continued(odds, known), continued(thickness, known), weight)
    odds, thickness, weight = (between(one, rows, columns) for one in maps)
    out = np.zeros_like(odds)
    rays = np.ascontiguousarray(odds[:, wanted].T)
    kept = above_threshold(rays, np.maximum(thickness[0][wanted], LEAST))
    out[:, wanted] = (kept * weight[0][wanted][:, None]).T
    return out


def continued(
    values: Float32[np.ndarray, "k h w"], known: Bool[np.ndarray, "h w"]
) -> Float32[np.ndarray, "k h w"]:
    """Rays that are not known become copies of the nearest known ones."""
    from scipy.ndimage import distance_transform_edt

    if known.all() or not known.any():
        return values
    nearest = np.asarray(distance_transform_edt(~known, return_distances=False, return_indices=True))
    return np.ascontiguousarray(values[:, nearest[0], nearest[1]])


def between(
    values: Float32[np.ndarray, "k h w"], rows: Float[np.ndarray, "r"], columns: Float[np.ndarray, "c"]
) -> Float32[np.ndarray, "k r c"]:
    """Linear interpolation at fractional rows and columns; the border's value beyond."""
    down, right = (_weights(at, n) for at, n in zip((rows, columns), values.shape[1:], strict=True))
    return np.ascontiguousarray(down @ values @ right.T)


def _weights(at: np.ndarray, count: int) -> Float32[np.ndarray, "n count"]:
    """One row per place: its weights of the samples around it."""
    inside = np.clip(at, 0, count - 1)
    return np.maximum(0, 1 - np.abs(inside[:, None] - np.arange(count))).astype(np.float32)


def above_threshold(
    odds: Float32[np.ndarray, "n k"], thickness: Float32[np.ndarray, "n"]
) -> Float32[np.ndarray, "n k"]:
    """Log-odds less the level above which a ray has `thickness` bins."""
    from scipy.ndimage import gaussian_filter1d

    odds = odds + np.float32(TIE) * gaussian_filter1d(odds, 1.5, axis=1, mode="nearest")
    ordered = np.sort(odds, axis=1)[:, ::-1]
    at = np.clip(thickness, 1, odds.shape[1] - 1) - 0.5  # n bins are in: between the n-th and the next
    below = np.minimum(at.astype(np.int64), odds.shape[1] - 2)
    ray = np.arange(len(odds))
    first, second = ordered[ray, below], ordered[ray, below + 1]
    level = first + (second - first) * (at - below)
    return odds - np.maximum(level, LOWEST).astype(np.float32)[:, None]


def half_mask(picture: Float32[np.ndarray, "4 s s"]) -> Bool[np.ndarray, "h w"]:
    """Where at least half of a half-resolution pixel is opaque."""
    alpha = picture[3]
    return alpha.reshape(len(alpha) // 2, 2, -1, 2).mean((1, 3)) >= 0.5
