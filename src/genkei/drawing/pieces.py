"""Connected pieces of a mask."""

import numpy as np
from jaxtyping import Bool, Int32


def pieces_of(mask: Bool[np.ndarray, "h w"], corners: bool = True) -> tuple[Int32[np.ndarray, "h w"], int]:
    """Label per pixel (0 outside, then 1..n) and n; `corners`: pixels that meet at a corner are one piece."""
    from scipy.ndimage import label

    labels = np.zeros(mask.shape, np.int32)
    count = label(mask, np.ones((3, 3)) if corners else None, output=labels)
    assert isinstance(count, int)
    return labels, count


def main_pieces(mask: Bool[np.ndarray, "h w"], share: float = 0.05) -> Bool[np.ndarray, "h w"]:
    """The largest piece and those at least `share` of it."""
    pieces, count = pieces_of(mask)
    if count < 2:
        return mask
    sizes = np.bincount(pieces.ravel())
    sizes[0] = 0
    return (sizes >= share * sizes.max())[pieces]
