"""What every matte returns, and what a picture that none can cut out is refused with."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32

REMEDY = (
    "Cut the character out yourself and save it as a PNG with transparency, hand in a mask picture"
    " (white = character), or put the drawing on one plain colour"
)


@dataclass(frozen=True)
class Cutout:
    """A picture whose alpha is the character."""

    rgba: Float32[np.ndarray, "h w 4"]
    method: str
    """`alpha`, `sketch`, `background`, `net`, `prompt` or `mask`."""
    residual: float
    """CIE Lab distance of the border to the background model; 0 when no model was used."""
    notes: tuple[str, ...] = ()


class Unexplained(ValueError):
    """The background is none that this matte knows: another may try."""
