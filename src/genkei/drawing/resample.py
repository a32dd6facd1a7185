"""Moving RGBA pictures to another size or place without mixing hidden colour into edges."""

import numpy as np
from jaxtyping import Bool, Float32
from PIL import Image


def resample(
    rgba: Float32[np.ndarray, "h w 4"], box_px: tuple[float, float, float, float], width: int, height: int
) -> Float32[np.ndarray, "height width 4"]:
    """The part of the picture inside `box_px` (left, top, right, bottom; may stick out, then transparent).

    Lanczos-3 with the footprint of an output pixel, on premultiplied colour; straight alpha comes back.
    """
    premultiplied = rgba.copy()
    premultiplied[..., :3] *= rgba[..., 3:]
    planes = [resample_plane(premultiplied[..., c], box_px, width, height) for c in range(4)]
    alpha = np.clip(planes[3], 0, 1)
    alpha[alpha < 1 / 510] = 0
    colour = np.stack(planes[:3], -1) / np.maximum(planes[3], 1 / 510)[..., None]
    return np.dstack([np.clip(colour, 0, 1) * (alpha > 0)[..., None], alpha]).astype(np.float32)


def resample_plane(
    plane: Float32[np.ndarray, "h w"], box_px: tuple[float, float, float, float], width: int, height: int
) -> Float32[np.ndarray, "height width"]:
    """One channel inside `box_px`; zero outside the picture."""
    left, top, right, bottom = box_px
    rows, columns = plane.shape
    before = int(np.ceil(max(0.0, -left, -top))) + 4
    after = int(np.ceil(max(0.0, right - columns, bottom - rows))) + 4
    padded = Image.fromarray(np.pad(plane, (before, after)))
    box = (left + before, top + before, right + before, bottom + before)
    return np.array(padded.resize((width, height), Image.Resampling.LANCZOS, box=box))


def bleed(rgba: Float32[np.ndarray, "h w 4"], radius_px: int = 8) -> Float32[np.ndarray, "h w 4"]:
    """Paints transparent pixels near the subject with its colour: later filters find no black there."""
    from scipy.ndimage import uniform_filter

    side = 2 * radius_px + 1
    alpha = rgba[..., 3]
    share = uniform_filter(alpha, side, mode="constant")
    near = (alpha <= 0) & (share > 1e-4)
    out = rgba.copy()
    for channel in range(3):
        mean = uniform_filter(rgba[..., channel] * alpha, side, mode="constant")
        out[..., channel][near] = np.clip(mean[near] / share[near], 0, 1)
    return out


def box_of(mask: Bool[np.ndarray, "h w"]) -> tuple[int, int, int, int]:
    """Left, top, right, bottom (exclusive) of what is set; the mask must not be empty."""
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1
