"""What a drawing style is given to draw from: one view of a character, pixel by pixel."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float32, Int8

NOTHING = -9.0
"""The depth written where the view shows nothing."""


@dataclass(frozen=True)
class Buffers:
    """One view of a character, rasterised at the supersampled side n.

    `albedo` is sRGB in 0..1 without any light; `normal` is in the view's frame (x right, y up, z towards the
    viewer) and 0 outside; `depth` is z towards the viewer in crop units (1 = the side of the picture) and
    NOTHING outside; `part` counts in PARTS and is -1 outside; `mask` is where the character is.
    """

    albedo: Float32[np.ndarray, "n n 3"]
    normal: Float32[np.ndarray, "n n 3"]
    depth: Float32[np.ndarray, "n n"]
    part: Int8[np.ndarray, "n n"]
    mask: Bool[np.ndarray, "n n"]
