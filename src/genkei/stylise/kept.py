"""How much of the drawing a restyled picture kept: its lines and its colours."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float32

from genkei.geometry.colour import to_lab

NEAR_PX = 3
"""An edge this near to the drawing's counts as kept, at 1024 px of the longer side."""
BLUR_SHARE = 0.02
"""Colours are compared after a blur of this share of the longer side: shading may change, a dress may not."""


@dataclass(frozen=True)
class Kept:
    lines: float
    """0..1: share of the drawing's edges that the picture has within a few pixels."""
    colour_lab: float
    """Mean CIE Lab distance inside the character, both blurred."""


def kept(
    drawing: Float32[np.ndarray, "h w 3"],
    picture: Float32[np.ndarray, "hp wp 3"],
    mask: Bool[np.ndarray, "h w"],
) -> Kept:
    """ValueError when the sizes differ or the mask is empty."""
    from scipy.ndimage import distance_transform_edt, gaussian_filter
    from skimage.color import rgb2gray
    from skimage.feature import canny

    if drawing.shape != picture.shape or mask.shape != drawing.shape[:2]:
        raise ValueError(f"the drawing is {drawing.shape}, the picture {picture.shape}; wanted one size")
    if not mask.any():
        raise ValueError("the mask is empty: there is no character to compare")
    longer = max(mask.shape)
    lines, found = (canny(rgb2gray(rgb), sigma=1.5) for rgb in (drawing, picture))
    lines = lines & mask
    away = np.asarray(distance_transform_edt(~found)) if found.any() else np.full(mask.shape, np.inf)
    share = float((away[lines] <= max(NEAR_PX * longer / 1024, 1)).mean()) if lines.any() else 1.0
    radius = (BLUR_SHARE * longer, BLUR_SHARE * longer, 0)
    weight = np.maximum(gaussian_filter(mask.astype(np.float64), radius[0]), 1e-6)[..., None]
    labs = [to_lab(gaussian_filter(rgb * mask[..., None], radius) / weight) for rgb in (drawing, picture)]
    return Kept(share, float(np.linalg.norm(labs[0] - labs[1], axis=-1)[mask].mean()))
