"""Coats worn open."""

import numpy as np

from genkei_train.characters.body import ARMS, TORSO, Figurine, Piece
from genkei_train.characters.forms import Form, Stations, both, clipped, column, ellipsoid, stations, without
from genkei_train.characters.paint import band, mixed, over, plain, within
from genkei_train.characters.skirts import pleats
from genkei_train.characters.tops import cuff_band, sleeve


def coat(f: Figurine) -> list[Piece]:
    """A long coat that hangs open: a wall of cloth, a wedge cut out in front, lapels, cuffs, buttons."""
    m, palette = f.m, f.spec.palette
    hem = m.knee - 0.055
    hem += f.spec.outfit.coat_raise * (m.crotch - 0.035 - hem)
    chest = m.waist + 0.5 * (m.shoulder - m.waist)
    outer = _outside(f, hem, chest)
    folds = pleats(10, 0.045, m.waist, hem)
    wall = without(
        column(outer, ripple=folds),
        column(outer.grown(-0.012).between(hem - 0.02, m.waist - 0.01), ripple=folds),
    )

    def gap(p: np.ndarray) -> np.ndarray:
        """Negative outside the front opening, which is widest at the hem and closes to a V at the chest."""
        half = 0.024 + 0.30 * np.clip(m.waist - p[:, 1], 0, None) + 0.06 * np.clip(p[:, 1] - m.waist, 0, None)
        return np.where(p[:, 2] > 0.0, half - np.abs(p[:, 0]), -0.02)

    trimmed = within(gap, -0.0085, -0.0045)
    paint = over(
        over(plain(palette.main), palette.accent, trimmed), palette.accent, band(hem + 0.014, hem + 0.019)
    )
    cuff = over(plain(palette.main), palette.accent, cuff_band(f, 0.86, 0.885))
    pieces = [
        Piece(clipped(wall, gap), "cloth", paint, (*TORSO, "leftUpperLeg", "rightUpperLeg")),
        Piece(sleeve(f, 0.98, 0.013, 0.010), "cloth", cuff, ("chest", *ARMS)),
    ]
    dark = plain(mixed(palette.main, "#10121c", 0.28))
    lapel = clipped(
        column(f.torso.grown(0.025)),
        lambda p: np.where(p[:, 2] > -0.012, _lapel(p, m.shoulder, chest), (m.shoulder - 0.030 - p[:, 1])),
    )
    pieces.append(Piece(lapel, "cloth", dark, TORSO))
    gold = plain("#e8c46a")
    pieces += [Piece(button, "accessory", gold, TORSO) for button in _buttons(outer, m.waist, chest)]
    return pieces


def _outside(f: Figurine, hem: float, chest: float) -> Stations:
    """The coat's outer surface from hem to collar."""
    m, body, wide = f.m, f.torso.grown(0.016), max(f.torso.wide)
    upper = [
        (y, *(float(np.interp(y, body.y, v)) for v in (body.wide, body.front, body.back, body.centre)))
        for y in (m.waist, chest, m.shoulder - 0.022, m.shoulder - 0.002, m.shoulder + 0.014)
    ]
    skirt = [(hem, wide + 0.072, 0.100, 0.110, -0.004), (m.crotch, wide + 0.038, 0.076, 0.086, 0.0)]
    return stations([*skirt, *upper])


def _buttons(outer: Stations, waist: float, chest: float) -> list[Form]:
    """Two pairs of buttons beside the opening."""
    levels = [waist - 0.004 + level * (chest - waist) - 0.02 for level in (0.30, 0.62)]
    places = [outer.point(np.radians(33), y, 0.002) for y in levels]
    return [both(ellipsoid(place, np.array([0.0062, 0.0062, 0.005]))) for place in places]


def _lapel(p: np.ndarray, shoulder: float, chest: float) -> np.ndarray:
    """Negative on a strip that runs from the neck to the opening."""
    x, y = np.abs(p[:, 0]), p[:, 1]
    rise = np.clip((y - chest) / (shoulder - chest), 0, 1)
    inner, outer = 0.024 + 0.006 * rise, 0.030 + 0.038 * rise
    return np.maximum(np.maximum(inner - x, x - outer), chest - y)
