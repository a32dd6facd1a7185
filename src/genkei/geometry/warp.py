"""Pictures moved by a displacement per pixel."""

import numpy as np
from jaxtyping import Float, Float32


def warped(
    rgba: Float32[np.ndarray, "h w 4"], dx_px: Float[np.ndarray, "h w"], dy_px: Float[np.ndarray, "h w"]
) -> Float32[np.ndarray, "h w 4"]:
    """The picture whose pixel (x, y) shows what stood at (x + dx, y + dy); clear beyond the border.

    Cubic splines on premultiplied colour, straight alpha again.
    """
    from scipy.ndimage import map_coordinates

    rows, columns = np.indices(rgba.shape[:2], np.float32)
    where = [rows + dy_px, columns + dx_px]
    premultiplied = np.concatenate([rgba[..., :3] * rgba[..., 3:], rgba[..., 3:]], -1)
    planes = [map_coordinates(premultiplied[..., c], where, order=3, mode="constant") for c in range(4)]
    alpha = np.clip(planes[3], 0, 1)
    alpha[alpha < 1 / 510] = 0
    colour = np.stack(planes[:3], -1) / np.maximum(planes[3], 1 / 510)[..., None]
    return np.dstack([np.clip(colour, 0, 1) * (alpha > 0)[..., None], alpha]).astype(np.float32)
