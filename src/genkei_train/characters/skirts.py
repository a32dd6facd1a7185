"""Pleated and bell skirts."""

from collections.abc import Callable

import numpy as np

from genkei_train.characters.body import Figurine, Piece
from genkei_train.characters.forms import Stations, column, stations, without
from genkei_train.characters.paint import Mask, band, mixed, over, patterned, plain

CLOTH = 0.008
"""How far a close garment stands off the skin."""


def waistband(f: Figurine) -> tuple[float, float]:
    """Lower and upper height of the skirt's waistband."""
    return f.m.waist - 0.026, f.m.waist - 0.004


def skirt_column(f: Figurine) -> Stations:
    """The skirt's outside without its pleats, from the hem to the top of the waistband."""
    wear = f.spec.outfit
    low, top = waistband(f)
    hem = _skirt_level(f)
    waist = f.torso.point(np.pi / 2, top)[0] + CLOTH + 0.003
    hips = float(max(f.torso.wide)) + CLOTH + 0.007
    drop = top - hem
    bell = wear.skirt == "bell"
    opening = {"bell": 0.34, "pleated": 0.26, "flared": 0.48, "straight": 0.04, "tiered": 0.36}[wear.skirt]
    wide = hips + (opening + wear.skirt_flare) * drop / (1 + 1.2 * max(drop - 0.3, 0))
    if wear.skirt == "straight":
        wide = max(wide, max(x + r for x, y, _, r in f.leg(0.014) if y > hem - 0.06))
    middle = (0.45 * hips + 0.55 * wide) + (0.05 * drop if bell else 0.0)
    upper = 0.5 * (hips + middle)
    rows = [
        (hem, wide, 0.86 * wide, 0.90 * wide, 0.0),
        (hem + 0.45 * drop, middle, 0.82 * middle, 0.87 * middle, 0.0),
        (top - 0.36 * drop, upper, 0.84 * upper, 0.88 * upper, 0.0),
        (low, waist + 0.006, 0.86 * waist, 0.84 * waist, 0.0),
        (top, waist, 0.83 * waist, 0.81 * waist, 0.0),
    ]
    return stations(rows)


def worn_column(f: Figurine) -> Stations:
    """How far the body and what is worn reach, from the hem to the neck."""
    body = f.torso.grown(2 * CLOTH + (0.010 if f.spec.outfit.coat else 0.0))
    if f.spec.outfit.skirt == "none":
        return body
    below, level = skirt_column(f), waistband(f)[1]
    y = np.concatenate([np.linspace(below.y[0], level, 40), np.linspace(level + 1e-3, body.y[-1], 40)])
    lower, upper = (
        np.array([np.interp(y, s.y, v) for v in (s.wide, s.front, s.back, s.centre)]) for s in (below, body)
    )
    return Stations(y.astype(np.float32), *np.where(y <= level, lower, upper).astype(np.float32))


def skirt(f: Figurine) -> Piece:
    """Waistband, pleats that open towards the hem, a stripe above it; a little hollow from below."""
    palette, wear = f.spec.palette, f.spec.outfit
    low, hem = waistband(f)[0], _skirt_level(f)
    bell = wear.skirt == "bell"
    shape = skirt_column(f)
    count, deep = {"pleated": (20, 0.11), "flared": (11, 0.13), "straight": (1, 0.0)}.get(
        wear.skirt, (14, 0.07)
    )
    ripple = pleats(count, deep, low, hem)
    if wear.skirt == "tiered":
        ripple = _tiers(ripple, low, hem)
    inside = column(shape.grown(-0.012).between(hem - 0.01, hem + 0.018), ripple=ripple)
    cloth, trim = (
        (palette.main, palette.second)
        if wear.top in ("dress", "gown", "kimono")
        else (palette.second, palette.main)
    )
    fold = mixed(cloth, "#b06a30" if bell else "#1a1030", 0.22)
    paint = patterned(plain(cloth), wear.skirt_pattern, (trim, palette.accent), (hem, low))
    if deep > 0:
        paint = over(paint, fold, _pleat_shade(count, low))
    paint = over(paint, trim, band(hem + 0.0120, hem + 0.0170))
    bones = ("hips", "spine", "leftUpperLeg", "rightUpperLeg")
    if wear.skirt_length > 1.2:
        bones = (*bones, "leftLowerLeg", "rightLowerLeg")
    return Piece(without(column(shape, ripple=ripple), inside), "cloth", paint, bones, seam=0.05)


def _skirt_level(f: Figurine) -> float:
    hip, knee = f.at["leftUpperLeg"][1], f.m.knee
    return float(hip - f.spec.outfit.skirt_length * (hip - knee))


def pleats(
    count: int, deep: float, top: float, bottom: float
) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    """Knife pleats whose depth grows from the waistband to the hem."""

    def ripple(angle: np.ndarray, y: np.ndarray) -> np.ndarray:
        turn = (np.abs(angle) / (2 * np.pi) * count + 0.5) % 1.0
        grow = np.clip((top - y) / (top - bottom), 0, 1)
        return 1 + deep * (0.25 + 0.75 * grow) * (np.abs(turn - 0.5) * 4 - 1) * 0.5

    return ripple


def _tiers(
    ripple: Callable[[np.ndarray, np.ndarray], np.ndarray], top: float, bottom: float
) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    """Three frills, each of which widens towards its own hem."""

    def tiered(angle: np.ndarray, y: np.ndarray) -> np.ndarray:
        share = np.clip((top - y) / (top - bottom), 0, 0.999) * 3
        return ripple(angle, y) * (0.93 + 0.12 * (share % 1.0))

    return tiered


def _pleat_shade(count: int, top: float) -> Mask:
    """Mask of the folded-in side of every pleat, below the waistband."""

    def mask(p: np.ndarray) -> np.ndarray:
        turn = (np.abs(np.arctan2(p[:, 0], p[:, 2])) / (2 * np.pi) * count + 0.5) % 1.0
        inward = np.clip((0.13 - np.abs(turn - 0.5)) / 0.02 + 0.5, 0, 1)
        return inward * np.clip((top - p[:, 1]) / 0.002, 0, 1)

    return mask
