"""Small marks on the pages of kits: numbers of parts, letters of tones, swatches, directions in words."""

import numpy as np
from jaxtyping import Float

from genkei.apps.page import hex_code

WAYS = ("right", "left", "front", "back", "below", "above")


def badge(number: int) -> str:
    """A part's number."""
    return f'<span class="number-badge">{number}</span>'


def swatch(rgb: tuple[int, int, int], large: bool = False) -> str:
    """A patch of colour."""
    return f'<i class="swatch{" large" if large else ""}" style="background:{hex_code(rgb)}"></i>'


def letter(number: int) -> str:
    """A, B, ... Z, AA: tones are letters, parts are numbers."""
    number -= 1
    return (chr(64 + number // 26) if number >= 26 else "") + chr(65 + number % 26)


def hours(minutes: float) -> str:
    """`45 min` or `2 h 05`."""
    whole = round(minutes)
    return f"{whole // 60} h {whole % 60:02d}" if whole >= 60 else f"{whole} min"


def way_words(direction: Float[np.ndarray, "3"]) -> str:
    """Where a part comes from, seen from the figure itself: above, its left, front above, ..."""
    found = []
    for axis in np.argsort(-np.abs(direction), kind="stable"):
        if abs(direction[axis]) > 0.38:
            word = WAYS[2 * int(axis) + int(direction[axis] > 0)]
            found.append(f"its {word}" if axis == 0 else f"the {word}" if axis == 1 else word)
    return " and ".join(found)


__all__ = ["badge", "hours", "letter", "swatch", "way_words"]
