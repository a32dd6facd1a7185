"""Blouses, dresses and shirts cut to the torso, and their sleeves."""

import numpy as np

from genkei_train.characters.body import ARMS, TORSO, Figurine, Piece
from genkei_train.characters.forms import Form, both, clipped, column, limb, without
from genkei_train.characters.paint import Mask, band, mixed, over, plain, within
from genkei_train.characters.skirts import CLOTH, waistband


def sleeve(f: Figurine, reach: float, extra: float, flare: float) -> Form:
    """The left sleeve down to `reach` of the arm (0 shoulder, 1 wrist), `flare` wider at its end."""
    rows = np.array(f.arm(extra), np.float32)
    at = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(rows[:, :3], axis=0), axis=1))])
    share = np.linspace(0, reach, 6)
    cut = np.column_stack([np.interp(share * at[-1], at, rows[:, k]) for k in range(4)])
    cut[:, 3] += flare * (share / reach) ** 2
    return both(_open_cuff([tuple(r) for r in cut], 0.006))


def _open_cuff(sleeve: list[tuple[float, float, float, float]], wall: float) -> Form:
    """A sleeve or trouser leg cut straight at its last row and hollowed a little at the opening."""
    end, before = np.array(sleeve[-1]), np.array(sleeve[-2])
    along = (end - before)[:3] / np.linalg.norm((end - before)[:3])
    radius = end[3]
    hollow = limb(
        [
            (*(end[:3] - along * 0.55 * radius), radius - 1.6 * wall),
            (*(end[:3] + along * 0.03), radius - wall),
        ],
        4,
    )
    cut = clipped(
        limb([*sleeve[:-1], (*(end[:3] + along * 0.5 * radius), radius)], 14), lambda p: (p - end[:3]) @ along
    )
    return without(cut, hollow)


def cuff_band(f: Figurine, low: float, high: float) -> Mask:
    """Mask of the arm between two shares of the way from shoulder to wrist."""
    start, end = f.at["leftUpperArm"], f.at["leftHand"]
    axis = (end - start) / np.linalg.norm(end - start)
    length = float(np.linalg.norm(end - start))

    def along(p: np.ndarray) -> np.ndarray:
        return (np.abs(p) * np.array([1, 1, 0]) - start * np.array([1, 1, 0])) @ axis / length

    return within(along, low, high, 0.0022)


def sailor(f: Figurine) -> list[Piece]:
    m, palette = f.m, f.spec.palette
    white = plain(palette.main)
    shirt = column(f.torso.grown(CLOTH).between(m.waist - 0.022, m.shoulder + 0.004))
    skirt_top = waistband(f)[1]
    cuff = over(white, palette.second, cuff_band(f, 0.40, 0.56))
    pieces = [
        Piece(sleeve(f, 0.52, 0.009, 0.012), "cloth", cuff, ("chest", *ARMS)),
    ]
    lower, inner = m.shoulder - m.mix(0.055, 0.098), m.half_shoulder * 0.30
    wide = m.half_shoulder * 0.86

    def edge(p: np.ndarray) -> np.ndarray:
        """Negative on the collar: a square flap behind, two lapels that meet in a V before."""
        x, y, z = np.abs(p[:, 0]), p[:, 1], p[:, 2]
        sides = np.maximum(x - wide, lower - y)
        v = inner * np.clip((y - lower) / (m.shoulder - lower), 0, None)
        lapel = np.maximum(x - wide, np.maximum((lower + 0.55 * x) - y, (v - x) * 0.9))
        return np.where(z > 0, lapel, sides)

    collar = clipped(column(f.torso.grown(CLOTH + 0.009)), edge)
    blouse = over(white, palette.second, band(0.0, skirt_top))
    blouse = over(blouse, palette.second, within(edge, -1.0, 0.0))
    blouse = over(blouse, palette.main, within(edge, -0.0120, -0.0085))
    pieces += [Piece(shirt, "cloth", blouse, TORSO), Piece(collar, "cloth", blouse, TORSO)]
    return pieces


def dress(f: Figurine) -> list[Piece]:
    """A bodice with puff sleeves, a scalloped collar and a belt; its skirt is a bell."""
    m, palette = f.m, f.spec.palette
    arms = ("chest", *ARMS)

    def neckline(p: np.ndarray) -> np.ndarray:
        """Negative on a scalloped collar round the neck."""
        wave = 0.005 * np.abs(np.sin(5 * np.arctan2(p[:, 0], p[:, 2])))
        return np.hypot(p[:, 0], (p[:, 1] - m.shoulder) * 1.2) - 0.060 - wave

    cloth = over(plain(palette.main), palette.accent, band(0.0, m.waist - 0.002))
    cloth = over(cloth, palette.second, within(neckline, -1.0, 0.0))
    cloth = over(cloth, palette.accent, within(neckline, -0.0125, -0.0090))
    bodice = column(f.torso.grown(CLOTH + 0.002).between(m.waist - 0.03, m.shoulder + 0.012))
    collar = clipped(column(f.torso.grown(CLOTH + 0.010)), neckline)
    belt = column(f.torso.grown(CLOTH + 0.006).between(m.waist - 0.022, m.waist - 0.002))
    puff, trim = puff_sleeve(f)
    return [
        Piece(bodice, "cloth", cloth, TORSO),
        Piece(puff, "cloth", plain(palette.main), arms),
        Piece(trim, "cloth", plain(palette.second), arms),
        Piece(collar, "cloth", cloth, TORSO),
        Piece(belt, "cloth", plain(palette.accent), TORSO),
    ]


def puff_sleeve(f: Figurine) -> tuple[Form, Form]:
    """Both short balloon sleeves, and the bands that gather them."""
    shoulder, elbow = f.at["leftUpperArm"], f.at["leftLowerArm"]
    down = (elbow - shoulder) / np.linalg.norm(elbow - shoulder)
    centre, size = 0.78 * shoulder + 0.22 * elbow, f.m.mix(1.0, 0.8)
    rows = [(centre - 0.035 * down, 0.028), (centre, 0.049), (centre + 0.026 * down, 0.040)]
    puff = limb(np.array([(*p, r * size) for p, r in rows]), 10)
    wrap = [(*(centre + reach * down), 0.0375 * size) for reach in (0.044, 0.054)]
    return both(puff), both(limb(np.array(wrap), 3))


def shirt(f: Figurine) -> list[Piece]:
    m, palette = f.m, f.spec.palette
    shirt = column(f.torso.grown(CLOTH).between(m.crotch + 0.02, m.shoulder + 0.012))
    light = plain(mixed(palette.main, "#ffffff", 0.88))
    neck = limb([(0, m.shoulder + 0.004, -0.006, 0.033), (0, m.shoulder + 0.026, -0.006, 0.031)], 4)
    rows = clipped(neck, lambda p: m.shoulder + 0.002 - p[:, 1])
    return [
        Piece(shirt, "cloth", light, TORSO),
        Piece(rows, "cloth", light, ("chest", "neck")),
        Piece(sleeve(f, 0.97, CLOTH, 0.002), "cloth", light, ("chest", *ARMS)),
    ]
