"""Paint: sRGB colour as a function of design-space points."""

from collections.abc import Callable

import numpy as np
from jaxtyping import Float32

Paint = Callable[[np.ndarray], np.ndarray]
Mask = Callable[[np.ndarray], np.ndarray]
"""Design-space points (n, 3) to cover 0..1 (n,)."""


def rgb(colour: str) -> Float32[np.ndarray, "3"]:
    """`#rrggbb` to sRGB in [0, 1]."""
    if len(colour) != 7 or colour[0] != "#":
        raise ValueError(f"colour {colour!r} is not of the form #rrggbb")
    return np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)], np.float32) / 255


def mixed(a: str, b: str, share: float) -> str:
    """`share` of b in a, as `#rrggbb`."""
    c = np.round(((1 - share) * rgb(a) + share * rgb(b)) * 255).astype(int)
    return f"#{c[0]:02x}{c[1]:02x}{c[2]:02x}"


def plain(colour: str) -> Paint:
    value = rgb(colour)
    return lambda p: np.broadcast_to(value, (len(p), 3)).astype(np.float32)


def over(ground: Paint, colour: str, mask: Mask) -> Paint:
    """`colour` where the mask covers, else the ground."""
    value = rgb(colour)

    def paint(p: np.ndarray) -> np.ndarray:
        cover = mask(p)[:, None]
        return (ground(p) * (1 - cover) + value * cover).astype(np.float32)

    return paint


def band(low: float, high: float, soft: float = 0.0006) -> Mask:
    """Heights from low to high."""
    return lambda p: _step(p[:, 1] - low, soft) * _step(high - p[:, 1], soft)


def within(signed: Callable[[np.ndarray], np.ndarray], low: float, high: float, soft: float = 0.0006) -> Mask:
    """Where a distance lies between low and high."""

    def mask(p: np.ndarray) -> np.ndarray:
        d = signed(p)
        return _step(d - low, soft) * _step(high - d, soft)

    return mask


def gradient(low_colour: str, high_colour: str, low: float, high: float) -> Paint:
    """From one colour at y = low to the other at y = high."""
    a, b = rgb(low_colour), rgb(high_colour)

    def paint(p: np.ndarray) -> np.ndarray:
        t = np.clip((p[:, 1:2] - low) / (high - low), 0, 1)
        t = t * t * (3 - 2 * t)
        return (a + (b - a) * t).astype(np.float32)

    return paint


def patterned(ground: Paint, kind: str, colours: tuple[str, str], levels: tuple[float, float]) -> Paint:
    """The ground with a woven or printed pattern in the first colour, fine parts in the second.

    `levels`: the lowest and highest y of the garment.
    """
    low, high = levels
    first, second = colours
    if kind == "stripes":
        return over(ground, first, lambda p: _bars(p[:, 1], 0.030, 0.5))
    if kind == "bars":
        return over(ground, first, lambda p: _bars(_round(p), 0.026, 0.35))
    if kind == "checks":
        return over(ground, first, _checks)
    if kind == "plaid":
        crossed = over(ground, first, lambda p: 0.55 * _bars(p[:, 1], 0.05, 0.45))
        crossed = over(crossed, first, lambda p: 0.55 * _bars(_round(p), 0.05, 0.45))
        lined = over(crossed, second, lambda p: 0.9 * _bars(p[:, 1] + 0.012, 0.05, 0.07))
        return over(lined, second, lambda p: 0.9 * _bars(_round(p) + 0.012, 0.05, 0.07))
    if kind == "dots":
        return over(ground, first, _dots)
    if kind == "hem":
        trim = over(ground, first, band(low, low + 0.13 * (high - low)))
        return over(trim, second, band(low + 0.17 * (high - low), low + 0.21 * (high - low)))
    if kind == "fade":
        return over(ground, first, lambda p: np.clip((high - p[:, 1]) / (high - low), 0, 1) ** 1.5)
    return ground


def _round(p: np.ndarray) -> np.ndarray:
    """Length round the body at a radius of 0.09."""
    return np.arctan2(p[:, 0], p[:, 2]) * 0.09


def _bars(x: np.ndarray, period: float, share: float) -> np.ndarray:
    """Cover of bars of `period` whose ink is `share` wide."""
    return _step((share / 2 - np.abs((x / period) % 1.0 - 0.5)) * period, 0.0008)


def _checks(p: np.ndarray) -> np.ndarray:
    a, b = _bars(p[:, 1], 0.04, 0.5), _bars(_round(p), 0.04, 0.5)
    return a + b - 2 * a * b


def _dots(p: np.ndarray) -> np.ndarray:
    y = p[:, 1] / 0.028
    u = _round(p) / 0.028 + 0.5 * (np.floor(y) % 2)
    return _step((0.26 - np.hypot(u % 1 - 0.5, y % 1 - 0.5)) * 0.028, 0.0008)


def gloss(level: float, half: float, teeth: float, count: int, centre_z: float) -> Mask:
    """The bright ring on anime hair: a band round the head whose edges are teeth of light."""

    def mask(p: np.ndarray) -> np.ndarray:
        turn = np.arctan2(p[:, 0], p[:, 2] - centre_z) * count / (2 * np.pi)
        saw = np.abs((turn % 1) - 0.5) * 2
        fine = np.abs(((turn * 2.0 + 0.25) % 1) - 0.5) * 2
        edge = half + teeth * (0.65 * saw + 0.35 * fine - 0.5)
        return _step(edge - np.abs(p[:, 1] - level), 0.0008)

    return mask


def _step(x: np.ndarray, soft: float) -> np.ndarray:
    return np.clip(x / (2 * soft) + 0.5, 0, 1)
