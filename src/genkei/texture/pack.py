"""Charts to a square: each slides down onto the skyline of those before it (Levy et al. 2002, section 5)."""

import numpy as np
from jaxtyping import Float, Float32, Int
from numpy.lib.stride_tricks import sliding_window_view

BLOCK = 4
"""Width in texels of one column of the skyline: a gap is at least this wide."""


def pack(
    plane: Float[np.ndarray, "f 3 2"], chart: Int[np.ndarray, "f"], size: int, gutter_px: int
) -> Float32[np.ndarray, "f 3 2"]:
    """Corners in texture units [0, 1], all charts in one scale, `gutter_px` texels between them.

    `plane` holds every chart's corners (right, down) in one unit. Raises ValueError when the gutters alone
    fill the texture.
    """
    area = np.abs(_cross(plane)).sum() / 2
    extent = np.ptp(plane.reshape(-1, 2), axis=0).max()
    if not area > 0:
        raise ValueError("the mesh has no area: there is nothing to paint")
    scale = min(np.sqrt(0.5 * size**2 / area), 0.9 * size / max(extent / len(plane), 1e-9))
    best, fits, spills = None, 0.0, np.inf
    for _ in range(16):
        placed, used = _place(plane * scale, chart, size, gutter_px)
        if used <= size:
            best, fits = placed, scale
        else:
            spills = scale
        if fits > 0.97 * spills or (best is not None and used <= size and used > 0.97 * size):
            break
        guess = scale * np.clip(np.sqrt(0.98 * size / used), 0.5, 1.5)
        between = (fits + spills) / 2 if np.isfinite(spills) else 1.02 * fits
        scale = guess if fits * 1.01 < guess < spills * 0.99 else between
    if best is None:
        raise ValueError(
            f"a texture of {size} px has no room for {int(chart.max()) + 1} charts with {gutter_px} px "
            f"between them; ask for a larger texture"
        )
    return (best / size).astype(np.float32)


def _cross(plane: np.ndarray) -> np.ndarray:
    """Twice the signed area of every face."""
    b, c = plane[:, 1] - plane[:, 0], plane[:, 2] - plane[:, 0]
    return b[:, 0] * c[:, 1] - b[:, 1] * c[:, 0]


def _place(texels: np.ndarray, chart: np.ndarray, size: int, gutter_px: int) -> tuple[np.ndarray, float]:
    """Corners in texels and the height (or width, when one chart is wider than the texture) they need."""
    count = int(chart.max()) + 1
    low = np.full((count, 2), np.inf)
    np.minimum.at(low, chart, texels.min(1))
    local = texels - low[chart][:, None]
    start, bottom, top = _profiles(local, chart, count, gutter_px)
    columns = np.diff(start)
    margin = gutter_px // 2 + 1
    wide = (size - 2 * margin) // BLOCK
    if columns.max() > wide:
        return texels, float(size * columns.max() / wide * 1.02)
    skyline = np.zeros(wide)
    offset = np.zeros((count, 2))
    height = np.maximum.reduceat(top, start[:-1])
    for c in np.lexsort((np.arange(count), -columns, -height)):
        lower, upper = bottom[start[c] : start[c + 1]], top[start[c] : start[c + 1]]
        rest = (sliding_window_view(skyline, len(lower)) - lower).max(1)
        x = int(np.argmin(rest))
        offset[c] = x * BLOCK + margin, max(rest[x], 0.0) + margin
        skyline[x : x + len(lower)] = max(rest[x], 0.0) + upper + gutter_px
    return local + offset[chart][:, None], float(skyline.max() - gutter_px + 2 * margin)


def _profiles(
    local: np.ndarray, chart: np.ndarray, count: int, gutter_px: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Lowest and highest row of every chart per column, widened to the right by the gutter."""
    a, b = local.reshape(-1, 2), local[:, [1, 2, 0]].reshape(-1, 2)
    steps = np.ceil(np.linalg.norm(b - a, axis=1) / (BLOCK / 2)).astype(np.int64) + 1
    edge = np.repeat(np.arange(len(a)), steps)
    t = (np.arange(len(edge)) - np.repeat(np.cumsum(steps) - steps, steps)) / np.maximum(steps - 1, 1)[edge]
    points = a[edge] + (b - a)[edge] * t[:, None]
    owner = np.repeat(chart, 3)[edge]
    extra = -(-gutter_px // BLOCK)
    column = (points[:, 0] // BLOCK).astype(np.int64)
    last = np.zeros(count, np.int64)
    np.maximum.at(last, owner, column)
    start = np.concatenate([[0], np.cumsum(last + 1 + extra)])
    bottom, top = np.full(start[-1], np.inf), np.full(start[-1], -np.inf)
    for shift in range(extra + 1):
        # rows between two samples of a steep edge are at most half a block away
        np.minimum.at(bottom, start[owner] + column + shift, points[:, 1] - BLOCK / 2)
        np.maximum.at(top, start[owner] + column + shift, points[:, 1] + BLOCK / 2)
    return start, np.maximum(bottom, 0), top
