"""The soft rim of a cut-out: how much of each pixel is subject, and which colour the subject has."""

import numpy as np
from jaxtyping import Bool, Float32, Int

OUTSIDE_PX, INSIDE_PX = 2, 2
"""How far the rim, in which a pixel may be part subject, part background, reaches to either side."""
REACH_PX = 3
"""The pure colour of the subject is looked for this far around a rim pixel."""
CONTRAST = 100 / 255**2
"""Squared sRGB distance between subject and background below which the mix cannot be solved."""
LEAST_ALPHA = 0.06
"""Fainter rim pixels are noise of the background."""


def soft_rim(
    rgb: Float32[np.ndarray, "h w 3"], behind: Float32[np.ndarray, "h w 3"], subject: Bool[np.ndarray, "h w"]
) -> tuple[Float32[np.ndarray, "h w"], Float32[np.ndarray, "h w 3"]]:
    """Opacity and the subject's own colour: 1 inside, 0 outside, a solved mix in the rim.

    The pure colour is that of the nearby subject pixel furthest from the background (the drawn outline, where
    there is one); opacity is the projection of (pixel - background) on (pure - background). A rim pixel that
    lies deeper inside than its pure pixel is behind the outline, so it is opaque whatever its colour.
    """
    from scipy.ndimage import binary_dilation, distance_transform_edt

    depth = np.asarray(distance_transform_edt(subject)).astype(np.float32)
    reach = np.asarray(binary_dilation(subject, np.ones((3, 3)), iterations=OUTSIDE_PX), bool)
    y, x = np.nonzero(reach & (depth <= INSIDE_PX))
    qy, qx = _purest(((rgb - behind) ** 2).sum(-1) * subject, y, x)
    pure, ground = rgb[qy, qx], behind[y, x]
    span = pure - ground
    squared = (span**2).sum(-1)
    mix = np.clip(((rgb[y, x] - ground) * span).sum(-1) / np.maximum(squared, CONTRAST), 0, 1)
    mix = np.where(squared > CONTRAST, mix, subject[y, x])
    mix = np.where((depth[y, x] > depth[qy, qx]) | (mix > 0.95), 1, np.where(mix < LEAST_ALPHA, 0, mix))
    alpha = subject.astype(np.float32)
    alpha[y, x] = mix
    colour = rgb.copy()
    mixed = mix < 1
    colour[y[mixed], x[mixed]] = pure[mixed]
    return alpha, colour


def _purest(
    contrast: Float32[np.ndarray, "h w"], y: Int[np.ndarray, "n"], x: Int[np.ndarray, "n"]
) -> tuple[Int[np.ndarray, "n"], Int[np.ndarray, "n"]]:
    """Around every (y, x) the pixel of the highest contrast."""
    height, width = contrast.shape
    best = np.full(len(y), -1.0, np.float32)
    qy, qx = y.copy(), x.copy()
    for dy in range(-REACH_PX, REACH_PX + 1):
        for dx in range(-REACH_PX, REACH_PX + 1):
            ny, nx = np.clip(y + dy, 0, height - 1), np.clip(x + dx, 0, width - 1)
            found = contrast[ny, nx]
            better = found > best
            best = np.where(better, found, best)
            qy, qx = np.where(better, ny, qy), np.where(better, nx, qx)
    return qy, qx


def subject_colour(
    rgb: Float32[np.ndarray, "h w 3"], alpha: Float32[np.ndarray, "h w"]
) -> Float32[np.ndarray, "h w 3"]:
    """The subject's own colour where it is mixed with background (Forte 2021, blur-fusion, our own loop).

    A coarse round at a quarter of the size, then a fine one: each estimates subject and background as
    opacity-weighted box means and adds what the mixing equation misses. Opaque pixels stay as they are.
    """
    weight = alpha[..., None]
    front, back = _fused(rgb[::4, ::4], rgb[::4, ::4], rgb[::4, ::4], weight[::4, ::4], 23)
    height, width = alpha.shape
    front, back = (np.repeat(np.repeat(p, 4, 0), 4, 1)[:height, :width] for p in (front, back))
    opaque = weight >= 1
    front, _ = _fused(rgb, np.where(opaque, rgb, front), np.where(weight <= 0, rgb, back), weight, 9)
    return np.where((weight > 0) & ~opaque, front, rgb).astype(np.float32)


def refined_colour(
    rgb: Float32[np.ndarray, "h w 3"], alpha: Float32[np.ndarray, "h w"], boxes_px: tuple[int, ...] = (90, 6)
) -> Float32[np.ndarray, "h w 3"]:
    """The subject's own colour under a published net's soft opacity, background taken out of hair edges.

    Blur-fusion as published mattes use it (Forte and Pitie 2021, eqs. 4-7; boxes of 90 and then 6 px).
    """
    weight = alpha[..., None].astype(np.float32)
    front, back = rgb, rgb
    for side_px in boxes_px:
        front, back = _fused(rgb, front, back, weight, side_px, "mirror")
    return front


def _fused(
    rgb: Float32[np.ndarray, "h w 3"],
    front: Float32[np.ndarray, "h w 3"],
    back: Float32[np.ndarray, "h w 3"],
    weight: Float32[np.ndarray, "h w 1"],
    side_px: int,
    border: str = "nearest",
) -> tuple[Float32[np.ndarray, "h w 3"], Float32[np.ndarray, "h w 3"]]:
    """One round of blur-fusion with a box `side_px` wide: subject and background colours."""
    from scipy.ndimage import uniform_filter

    def mean(plane: np.ndarray) -> np.ndarray:
        return uniform_filter(plane, side_px, mode=border, axes=(0, 1))

    share = mean(weight)
    near = mean(front * weight) / (share + 1e-5)
    far = mean(back * (1 - weight)) / (1 - share + 1e-5)
    out = np.clip(near + weight * (rgb - weight * near - (1 - weight) * far), 0, 1)
    return out.astype(np.float32), far.astype(np.float32)
