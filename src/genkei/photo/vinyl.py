"""What a painted PVC figure looks like under a light: soft terminator, warm skin, a broad satin highlight."""

import numpy as np
from jaxtyping import Float

from genkei.geometry.colour import to_lab

ROUGHNESS = 0.42
"""Satin: lower is wet, higher is chalk."""
REFLECTANCE = 0.04
"""Of the surface seen straight on: plastics and varnish."""
WRAP = 0.22
"""How far light reaches round the terminator of cloth and hair, 0 stone, 1 fog."""
SKIN_WRAP = (0.55, 0.30, 0.22)
"""The same for skin, by linear red, green, blue: red travels furthest under the surface."""
CREVICE = 0.45
"""How much more saturated a crevice is than dimmed paint: figures are shaded with a deeper tone of their
own colour, not with grey."""
SCATTER = (0.15, 0.055, 0.035)
"""Light that comes out of skin where none falls on it, by linear red, green, blue: its shadows stay warm."""


def skin_share(srgb: Float[np.ndarray, "n 3"]) -> Float[np.ndarray, "n"]:
    """0..1 that a paint is a skin tone: hue 25 to 80 degrees, some chroma, not dark (CIE Lab)."""
    light, a, b = to_lab(srgb.astype(np.float64)).T
    chroma, hue = np.hypot(a, b), np.degrees(np.arctan2(b, a))
    tone = _bump(hue, 20, 38, 72, 88)
    return tone * _bump(chroma, 3, 9, 34, 48) * np.clip((light - 38) / 22, 0, 1)


def diffuse(cosine: Float[np.ndarray, "n"], skin: Float[np.ndarray, "n"]) -> Float[np.ndarray, "n 3"]:
    """Wrapped Lambert per colour, energy kept: (n.l + w) / (1 + w)^2 (Green, GPU Gems 2004, normalised)."""
    wrap = WRAP + skin[:, None] * (np.array(SKIN_WRAP) - WRAP)
    return np.clip(cosine[:, None] + wrap, 0, None) / (1 + wrap) ** 2


def through_skin(skin: Float[np.ndarray, "n"], openness: Float[np.ndarray, "n"]) -> Float[np.ndarray, "n 3"]:
    """What scatters under the surface towards the less lit places."""
    return skin[:, None] * (0.35 + 0.65 * openness[:, None]) * np.array(SCATTER)


def highlight(
    normals: Float[np.ndarray, "n 3"],
    towards_eye: Float[np.ndarray, "n 3"],
    towards_light: Float[np.ndarray, "n 3"],
    light_size: float,
) -> Float[np.ndarray, "n"]:
    """Cook-Torrance with GGX and Schlick's Fresnel, times n.l; an area light widens the lobe (Karis 2013)."""
    half = towards_eye + towards_light
    half = half / np.maximum(np.linalg.norm(half, axis=1, keepdims=True), 1e-9)
    n_h, n_l, n_v, v_h = (
        np.clip(np.einsum("nk,nk->n", a, b), 1e-4, 1)
        for a, b in ((normals, half), (normals, towards_light), (normals, towards_eye), (towards_eye, half))
    )
    sharp, wide = ROUGHNESS**2, min(ROUGHNESS**2 + light_size / 3, 1.0)
    spread = wide**2 / (np.pi * (n_h**2 * (wide**2 - 1) + 1) ** 2) * (sharp / wide) ** 2
    k = (ROUGHNESS + 1) ** 2 / 8
    shadowing = 1 / ((n_v * (1 - k) + k) * (n_l * (1 - k) + k))
    return spread * shadowing * fresnel(v_h) / 4 * n_l


def fresnel(cosine: Float[np.ndarray, "n"]) -> Float[np.ndarray, "n"]:
    """Schlick's approximation."""
    return REFLECTANCE + (1 - REFLECTANCE) * (1 - np.clip(cosine, 0, 1)) ** 5


def in_crevices(
    linear: Float[np.ndarray, "n 3"], openness: Float[np.ndarray, "n"]
) -> Float[np.ndarray, "n 3"]:
    """Paint deepened where little sky is seen: a power of itself, the brightest channel kept."""
    peak = np.maximum(linear.max(1, keepdims=True), 1e-6)
    return peak * (linear / peak) ** (1 + CREVICE * (1 - openness))[:, None]


def _bump(value: np.ndarray, low: float, from_: float, to: float, high: float) -> np.ndarray:
    """1 between `from_` and `to`, falling to 0 at `low` and `high`."""
    return np.clip(np.minimum((value - low) / (from_ - low), (high - value) / (high - to)), 0, 1)
