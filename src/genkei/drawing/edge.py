"""The soft rim of a cut-out: how much of each edge pixel is subject, and which colour the subject has there."""

import numpy as np
from jaxtyping import Bool, Float32

BAND_PX = 3
"""Half-width of the rim in which a pixel may be part subject, part background."""
INNER_PX = 9
"""Window whose mean gives the subject's colour just inside the rim."""
CONTRAST = 100 / 255**2
"""Squared sRGB distance between subject and background below which the mix cannot be solved."""


def soft_alpha(
    rgb: Float32[np.ndarray, "h w 3"], behind: Float32[np.ndarray, "h w 3"], subject: Bool[np.ndarray, "h w"]
) -> Float32[np.ndarray, "h w"]:
    """Opacity: 1 inside, 0 outside, in the rim the projection of (pixel - background) on (inner - background)."""
    from scipy.ndimage import binary_dilation, binary_erosion

    plus = np.ones((3, 3), bool)
    core = np.asarray(binary_erosion(subject, plus, iterations=2, border_value=1))
    reach = np.asarray(binary_dilation(subject, plus, iterations=BAND_PX - 1))
    inner = _mean_inside(rgb, core.astype(np.float32), INNER_PX)
    span = inner - behind
    squared = (span**2).sum(-1)
    mix = ((rgb - behind) * span).sum(-1) / np.maximum(squared, CONTRAST)
    solvable = (squared > CONTRAST) & (inner.sum(-1) > 0)
    # a drawn outline is further from the background than the paint inside it: it counts as all subject
    rim = np.where(solvable, np.clip(mix, 0, 1), subject)
    rim = np.where(rim < 0.06, 0, rim)
    alpha = np.where(core, 1, np.where(reach, rim, 0))
    return alpha.astype(np.float32)


def subject_colour(
    rgb: Float32[np.ndarray, "h w 3"], alpha: Float32[np.ndarray, "h w"]
) -> Float32[np.ndarray, "h w 3"]:
    """The subject's own colour where it is mixed with background (Forte 2021, blur-fusion, our own loop).

    A coarse round at a quarter of the size, then a fine one: each estimates subject and background as
    opacity-weighted box means and adds what the mixing equation misses. Opaque pixels stay as they are.
    """
    weight = alpha[..., None]
    front, back = _fused(rgb[::4, ::4], rgb[::4, ::4], rgb[::4, ::4], weight[::4, ::4], 11)
    height, width = alpha.shape
    front, back = (np.repeat(np.repeat(p, 4, 0), 4, 1)[:height, :width] for p in (front, back))
    opaque = weight >= 1
    front, _ = _fused(rgb, np.where(opaque, rgb, front), np.where(weight <= 0, rgb, back), weight, 4)
    return np.where((weight > 0) & ~opaque, front, rgb).astype(np.float32)


def _fused(
    rgb: Float32[np.ndarray, "h w 3"],
    front: Float32[np.ndarray, "h w 3"],
    back: Float32[np.ndarray, "h w 3"],
    weight: Float32[np.ndarray, "h w 1"],
    radius_px: int,
) -> tuple[Float32[np.ndarray, "h w 3"], Float32[np.ndarray, "h w 3"]]:
    """One round of blur-fusion: subject and background colours."""
    from scipy.ndimage import uniform_filter

    size = (2 * radius_px + 1, 2 * radius_px + 1, 1)
    share = uniform_filter(weight, size, mode="nearest")
    near = uniform_filter(front * weight, size, mode="nearest") / np.maximum(share, 1e-5)
    far = uniform_filter(back * (1 - weight), size, mode="nearest") / np.maximum(1 - share, 1e-5)
    out = np.clip(near + weight * (rgb - weight * near - (1 - weight) * far), 0, 1)
    return out.astype(np.float32), far.astype(np.float32)


def _mean_inside(
    rgb: Float32[np.ndarray, "h w 3"], core: Float32[np.ndarray, "h w"], side: int
) -> Float32[np.ndarray, "h w 3"]:
    """Mean colour of the core pixels in a window; zero where there is none."""
    from scipy.ndimage import uniform_filter

    share = uniform_filter(core, side, mode="constant")
    mean = uniform_filter(rgb * core[..., None], (side, side, 1), mode="constant")
    return np.where(share[..., None] > 1e-3, mean / np.maximum(share, 1e-3)[..., None], 0).astype(np.float32)
