"""sRGB, linear light and CIE Lab (D65), on float arrays in [0, 1] with channels last."""

import numpy as np
from jaxtyping import Float

_TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
_WHITE = np.array([0.95047, 1.0, 1.08883])


def to_linear(srgb: Float[np.ndarray, "*n c"]) -> Float[np.ndarray, "*n c"]:
    """IEC 61966-2-1 decoding."""
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4).astype(srgb.dtype)


def to_srgb(linear: Float[np.ndarray, "*n c"]) -> Float[np.ndarray, "*n c"]:
    """IEC 61966-2-1 encoding."""
    clipped = np.maximum(linear, 0)
    return np.where(clipped <= 0.0031308, clipped * 12.92, 1.055 * clipped ** (1 / 2.4) - 0.055).astype(
        linear.dtype
    )


def to_lab(srgb: Float[np.ndarray, "*n 3"]) -> Float[np.ndarray, "*n 3"]:
    """CIE 1976 L*a*b*, D65: L in 0..100; Euclidean distance 2.3 is one just noticeable difference."""
    t = to_linear(srgb) @ _TO_XYZ.T / _WHITE
    f = np.where(t > (6 / 29) ** 3, np.cbrt(t), t / (3 * (6 / 29) ** 2) + 4 / 29)
    lightness = 116 * f[..., 1] - 16
    return np.stack([lightness, 500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2])], -1).astype(
        srgb.dtype
    )


def to_bytes(srgb: Float[np.ndarray, "*n c"]) -> np.ndarray:
    """uint8, rounded."""
    return np.clip(np.round(srgb * 255), 0, 255).astype(np.uint8)


def difference_2000(
    first: Float[np.ndarray, "*#n 3"], second: Float[np.ndarray, "*#n 3"]
) -> Float[np.ndarray, "*#n"]:
    """CIEDE2000 of two CIE Lab colours: 1 is about the smallest step an eye sees side by side.

    Equations 2-22 of Sharma, Wu and Dalal (Color Research and Application 30, 2005), all weights 1. Hues that
    differ by 180 degrees to 1e-9 count as up, so that both orders of a pair give the same.
    """
    chroma = (np.hypot(first[..., 1], first[..., 2]) + np.hypot(second[..., 1], second[..., 2])) / 2
    stretch = 1.5 - 0.5 * _saturated(chroma)
    (l1, c1, h1), (l2, c2, h2) = (
        (lab[..., 0], np.hypot(stretch * lab[..., 1], lab[..., 2]), _hue(stretch * lab[..., 1], lab[..., 2]))
        for lab in (first, second)
    )
    grey = c1 * c2 == 0
    turn = np.where(grey, 0, h2 - h1)
    turn = turn - 360 * (turn > 180 + 1e-9) + 360 * (turn < -180 - 1e-9)
    hue = np.where(grey, h1 + h2, (h1 + h2) / 2)
    apart = ~grey & (np.abs(h1 - h2) > 180 + 1e-9)
    hue = hue + np.where(apart, np.where(h1 + h2 < 360, 180, -180), 0)
    chroma, light = (c1 + c2) / 2, ((l1 + l2) / 2 - 50) ** 2
    t = 1 - 0.17 * _cos(hue - 30) + 0.24 * _cos(2 * hue) + 0.32 * _cos(3 * hue + 6) - 0.2 * _cos(4 * hue - 63)
    by_light = (l2 - l1) / (1 + 0.015 * light / np.sqrt(20 + light))
    by_chroma = (c2 - c1) / (1 + 0.045 * chroma)
    by_hue = 2 * np.sqrt(c1 * c2) * np.sin(np.radians(turn) / 2) / (1 + 0.015 * chroma * t)
    blue = 60 * np.exp(-(((hue - 275) / 25) ** 2))
    twist = -2 * _saturated(chroma) * np.sin(np.radians(blue))
    square = by_light**2 + by_chroma**2 + by_hue**2 + twist * by_chroma * by_hue
    return np.sqrt(np.maximum(square, 0)).astype(first.dtype)


def _saturated(chroma: np.ndarray) -> np.ndarray:
    """0 for greys, towards 1 beyond a chroma of 25."""
    return np.sqrt(chroma**7 / (chroma**7 + 25.0**7))


def _hue(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Degrees in [0, 360); 0 for grey."""
    return np.degrees(np.arctan2(b, a)) % 360


def _cos(degrees: np.ndarray) -> np.ndarray:
    return np.cos(np.radians(degrees))
