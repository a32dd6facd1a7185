"""The one crossing: character space (+y up, +z front, height 1) to figure space (mm, +z up, face to -y)."""

import math

import numpy as np
from jaxtyping import Float, Float32

PERSON_MM = 1600.0
"""Height a scale such as 1/7 refers to: 1.6 m, what figure makers use for a heroine of unstated height."""
TALLEST_MM = 2000.0


def parse_scale(text: str) -> float:
    """Millimetres of a 1.6 m character at a scale written `1/7` or `1:7`."""
    parts = text.replace(":", "/").split("/")
    try:
        top, bottom = (float(part) for part in parts)
    except ValueError:
        raise ValueError(f"a scale looks like 1/7 or 1:7, this is {text!r}") from None
    if not (top > 0 and bottom > 0 and math.isfinite(top) and math.isfinite(bottom)):
        raise ValueError(f"both numbers of a scale are above zero, this is {text!r}")
    return checked_height(PERSON_MM * top / bottom)


def checked_height(height_mm: float) -> float:
    """The height itself; ValueError unless 0 < height <= 2000 mm."""
    if not (math.isfinite(height_mm) and 0 < height_mm <= TALLEST_MM):
        raise ValueError(
            f"the figure would be {height_mm:g} mm tall; wanted more than 0 and at most {TALLEST_MM:g} mm. "
            "Give the height in millimetres (150) or a scale (1/7)"
        )
    return height_mm


def to_figure(
    points: Float[np.ndarray, "n 3"], scale_mm: float, lift_mm: float
) -> Float32[np.ndarray, "n 3"]:
    """Character space to figure space: upright, `scale_mm` per character height, y = 0 at z = `lift_mm`."""
    x, y, z = points.astype(np.float64).T * scale_mm
    return np.stack([x, -z, y + lift_mm], 1).astype(np.float32)


def to_character(
    points: Float[np.ndarray, "n 3"], scale_mm: float, lift_mm: float
) -> Float32[np.ndarray, "n 3"]:
    """The inverse of `to_figure`."""
    x, y, z = points.astype(np.float64).T
    return (np.stack([x, z - lift_mm, -y], 1) / scale_mm).astype(np.float32)
