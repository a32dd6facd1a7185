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
