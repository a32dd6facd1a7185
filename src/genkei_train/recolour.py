"""The same paint in other colours: many palettes from one character, alike from the front and from behind."""

from typing import no_type_check

import numpy as np
from jaxtyping import Float32, Int8
from numba import njit

from genkei_train.styles import Recolour

HAIR, FACE, SKIN, CLOTH, UNKNOWN = 0, 1, 2, 3, 6


def recolour(
    albedo: Float32[np.ndarray, "h w 3"], part: Int8[np.ndarray, "h w"], colours: Recolour
) -> Float32[np.ndarray, "h w 3"]:
    """The paint in other colours, part by part (6: not known); black where it is -1."""
    own = np.array(
        [colours.hue, colours.bend, colours.saturation, colours.gamma, colours.washed], np.float32
    ).T
    table = np.concatenate([own, own[CLOTH : CLOTH + 1]])
    table[[FACE, SKIN]] = ((colours.eyes, 0, 1, 1, 0), (0, 0, 1, 1, 0))
    wash = np.array([*colours.wash, colours.wash[CLOTH]], np.float32)
    out = np.zeros_like(albedo)
    _recolour(albedo, part, np.ascontiguousarray(table), wash, np.array(colours.complexion, np.float32), out)
    return out


@njit(cache=True)
@no_type_check
def _recolour(albedo, part, table, wash, complexion, out):
    """`table` rows: hue, bend, saturation, gamma, washed; skin of face, skin and unknown keeps its hue."""
    height, width = part.shape
    turn = np.float32(2 * np.pi)
    for y in range(height):
        for x in range(width):
            p = part[y, x]
            if p < 0:
                continue
            hue, saturation, value = _hsv(albedo[y, x, 0], albedo[y, x, 1], albedo[y, x, 2])
            skin = np.float32(0)
            if p == 1 or p == 2 or p == 6:
                off = abs(hue - np.float32(0.06))
                off = min(off, 1 - off)
                skin = min(max((np.float32(0.13) - off) * 20, 0), 1) * min(saturation * 12, 1)
            free = 1 - skin
            # pale skin of any hue must not turn with the eyes
            vivid = min(max(saturation - np.float32(0.15), 0) * 6, 1) if p == 1 else np.float32(1)
            hue += free * vivid * (table[p, 0] + table[p, 1] * np.sin(turn * hue))
            saturation = min(saturation * (1 + free * (table[p, 2] - 1)), 1)
            value = value ** (1 + free * (table[p, 3] - 1))
            colour = _rgb(hue, saturation, value)
            tone, share = np.float32(0.3) + np.float32(0.7) * value, table[p, 4] * free
            for c in range(3):
                painted = colour[c] * (1 - share) + wash[p, c] * tone * share
                out[y, x, c] = painted * (1 - skin * (1 - complexion[c]))


@njit(cache=True, inline="always")
@no_type_check
def _hsv(red, green, blue):
    value = max(red, green, blue)
    spread = value - min(red, green, blue)
    if spread <= 0:
        return np.float32(0), np.float32(0), value
    if value == red:
        hue = (green - blue) / spread
    elif value == green:
        hue = 2 + (blue - red) / spread
    else:
        hue = 4 + (red - green) / spread
    return np.float32((hue / 6) % 1), np.float32(spread / value), value


@njit(cache=True, inline="always")
@no_type_check
def _rgb(hue, saturation, value):
    six = (hue % 1) * 6
    red = value * (1 - saturation * (1 - min(max(abs(six - 3) - 1, 0), 1)))
    green = value * (1 - saturation * (1 - min(max(2 - abs(six - 2), 0), 1)))
    blue = value * (1 - saturation * (1 - min(max(2 - abs(six - 4), 0), 1)))
    return red, green, blue
