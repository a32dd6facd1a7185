"""Clothes as solids cut to the body: tops, collars, skirts, coats, trousers, socks, shoes, ribbons."""

import numpy as np

from genkei_train.characters.body import ARMS, FEET, LEGS, TORSO, Figurine, Piece, above, below
from genkei_train.characters.forms import (
    Form,
    Stations,
    both,
    box,
    clipped,
    column,
    ellipsoid,
    limb,
    stations,
    union,
    without,
)
from genkei_train.characters.hair import bow
from genkei_train.characters.paint import band, mixed, over, plain, within

CLOTH = 0.008
"""How far a close garment stands off the skin."""


def garments(f: Figurine) -> list[Piece]:
    """Everything worn, from the inside out."""
    wear, palette = f.spec.outfit, f.spec.palette
    pieces = list(_legwear(f))
    if wear.top == "sailor":
        pieces += _sailor(f)
    elif wear.top == "dress":
        pieces += _dress(f)
    else:
        pieces += _shirt(f)
    if wear.skirt != "none":
        pieces.append(_skirt(f))
    if wear.coat:
        pieces += _coat(f)
    if wear.chest_ribbon:
        knot = f.torso.point(0.0, f.m.shoulder - f.m.mix(0.040, 0.062), CLOTH + 0.012)
        size = f.m.mix(0.062, 0.050)
        pieces += [
            Piece(form, "accessory", plain(palette.accent), TORSO) for form in bow(knot, size, tails=True)
        ]
    return pieces


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


def _sleeve(f: Figurine, reach: float, extra: float, flare: float) -> Form:
    """The left sleeve down to `reach` of the arm (0 shoulder, 1 wrist), `flare` wider at its end."""
    rows = np.array(f.arm(extra), np.float32)
    at = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(rows[:, :3], axis=0), axis=1))])
    share = np.linspace(0, reach, 6)
    cut = np.column_stack([np.interp(share * at[-1], at, rows[:, k]) for k in range(4)])
    cut[:, 3] += flare * (share / reach) ** 2
    return both(_open_cuff([tuple(r) for r in cut], 0.006))


def _sailor(f: Figurine) -> list[Piece]:
    m, palette = f.m, f.spec.palette
    white = plain(palette.main)
    shirt = column(f.torso.grown(CLOTH).between(m.waist - 0.022, m.shoulder + 0.004))
    skirt_top = _waistband(f)[1]
    cuff = over(white, palette.second, _cuff_band(f, 0.40, 0.56))
    pieces = [
        Piece(_sleeve(f, 0.52, 0.009, 0.012), "cloth", cuff, ("chest", *ARMS)),
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


def _waistband(f: Figurine) -> tuple[float, float]:
    """Lower and upper height of the skirt's waistband."""
    return f.m.waist - 0.026, f.m.waist - 0.004


def _cuff_band(f: Figurine, low: float, high: float):
    """Mask of the arm between two shares of the way from shoulder to wrist."""
    start, end = f.at["leftUpperArm"], f.at["leftHand"]
    axis = (end - start) / np.linalg.norm(end - start)
    length = float(np.linalg.norm(end - start))

    def along(p: np.ndarray) -> np.ndarray:
        return (np.abs(p) * np.array([1, 1, 0]) - start * np.array([1, 1, 0])) @ axis / length

    return within(along, low, high, 0.004)


def _pleats(count: int, deep: float, top: float, bottom: float):
    """Knife pleats whose depth grows from the waistband to the hem."""

    def ripple(angle: np.ndarray, y: np.ndarray) -> np.ndarray:
        turn = (np.abs(angle) / (2 * np.pi) * count + 0.5) % 1.0
        grow = np.clip((top - y) / (top - bottom), 0, 1)
        return 1 + deep * (0.25 + 0.75 * grow) * (np.abs(turn - 0.5) * 4 - 1) * 0.5

    return ripple


def _skirt_level(f: Figurine) -> float:
    hip, knee = f.at["leftUpperLeg"][1], f.m.knee
    return float(hip - f.spec.outfit.skirt_length * (hip - knee))


def _skirt(f: Figurine) -> Piece:
    """Waistband, pleats that open towards the hem, a stripe above it; a little hollow from below."""
    palette, wear = f.spec.palette, f.spec.outfit
    low, top = _waistband(f)
    hem = _skirt_level(f)
    waist = f.torso.point(np.pi / 2, top)[0] + CLOTH + 0.003
    hips = float(max(f.torso.wide)) + CLOTH + 0.007
    drop = top - hem
    bell = wear.skirt == "bell"
    wide = hips + (0.34 if bell else 0.26) * drop
    middle = (0.45 * hips + 0.55 * wide) + (0.05 * drop if bell else 0.0)
    rows = [
        (hem, wide, 0.86 * wide, 0.90 * wide, 0.0),
        (hem + 0.45 * drop, middle, 0.82 * middle, 0.87 * middle, 0.0),
        (top - 0.36 * drop, 0.5 * hips + 0.5 * middle, 0.80 * hips, 0.88 * hips, 0.0),
        (low, waist + 0.006, 0.86 * waist, 0.84 * waist, 0.0),
        (top, waist, 0.83 * waist, 0.81 * waist, 0.0),
    ]
    shape = stations(rows)
    count, deep = (14, 0.07) if bell else (20, 0.11)
    ripple = _pleats(count, deep, low, hem)
    inside = column(shape.grown(-0.012).between(hem - 0.01, hem + 0.018), ripple=ripple)
    cloth, trim = (palette.main, palette.second) if wear.top == "dress" else (palette.second, palette.main)
    paint = over(plain(cloth), mixed(cloth, "#1a1030", 0.22), _pleat_shade(count, low))
    paint = over(paint, trim, band(hem + 0.0120, hem + 0.0170))
    bones = ("hips", "spine", "leftUpperLeg", "rightUpperLeg")
    return Piece(without(column(shape, ripple=ripple), inside), "cloth", paint, bones)


def _pleat_shade(count: int, top: float):
    """Mask of the folded-in side of every pleat, below the waistband."""

    def mask(p: np.ndarray) -> np.ndarray:
        turn = (np.abs(np.arctan2(p[:, 0], p[:, 2])) / (2 * np.pi) * count + 0.5) % 1.0
        inward = np.clip((0.13 - np.abs(turn - 0.5)) / 0.02 + 0.5, 0, 1)
        return inward * np.clip((top - p[:, 1]) / 0.002, 0, 1)

    return mask


def _dress(f: Figurine) -> list[Piece]:
    """A bodice with puff sleeves, a round collar and buttons; the skirt is a bell."""
    m, palette = f.m, f.spec.palette
    bodice = column(f.torso.grown(CLOTH + 0.002).between(m.waist - 0.03, m.shoulder + 0.006))
    shoulder, elbow = f.at["leftUpperArm"], f.at["leftLowerArm"]
    puff_at = 0.72 * shoulder + 0.28 * elbow
    down = (elbow - shoulder) / np.linalg.norm(elbow - shoulder)
    puff = clipped(
        ellipsoid(puff_at, np.array([0.050, 0.046, 0.046]) * m.mix(1.0, 0.8)),
        lambda p: (np.abs(p[:, :1]) * [[1, 0, 0]] + p * [[0, 1, 1]] - puff_at) @ down - 0.030,
    )
    trim = both(
        limb(
            [
                (*(puff_at + down * 0.024), 0.034 * m.mix(1, 0.75)),
                (*(puff_at + down * 0.034), 0.034 * m.mix(1, 0.75)),
            ],
            4,
        )
    )
    collar = clipped(
        column(f.torso.grown(CLOTH + 0.011)), lambda p: m.shoulder - 0.026 - 0.10 * np.abs(p[:, 0]) - p[:, 1]
    )
    belt = column(f.torso.grown(CLOTH + 0.006).between(m.waist - 0.022, m.waist - 0.002))
    arms = ("chest", *ARMS)
    return [
        Piece(bodice, "cloth", plain(palette.main), TORSO),
        Piece(both(puff), "cloth", plain(palette.main), arms),
        Piece(trim, "cloth", plain(palette.second), arms),
        Piece(collar, "cloth", plain(palette.second), TORSO),
        Piece(belt, "cloth", plain(palette.accent), TORSO),
    ]


def _shirt(f: Figurine) -> list[Piece]:
    m, palette = f.m, f.spec.palette
    shirt = column(f.torso.grown(CLOTH).between(m.crotch + 0.02, m.shoulder + 0.012))
    light = plain(mixed(palette.main, "#ffffff", 0.88))
    neck = limb([(0, m.shoulder + 0.004, -0.006, 0.033), (0, m.shoulder + 0.026, -0.006, 0.031)], 4)
    rows = clipped(neck, lambda p: m.shoulder + 0.002 + 0.25 * np.maximum(p[:, 2], -0.02) * 0 - p[:, 1])
    return [
        Piece(shirt, "cloth", light, TORSO),
        Piece(rows, "cloth", light, ("chest", "neck")),
        Piece(_sleeve(f, 0.97, CLOTH, 0.002), "cloth", light, ("chest", *ARMS)),
    ]


def _coat(f: Figurine) -> list[Piece]:
    """A long coat that hangs open: a wall of cloth, a wedge cut out in front, lapels, cuffs, buttons."""
    m, palette = f.m, f.spec.palette
    hem = m.knee - 0.055
    chest = m.waist + 0.5 * (m.shoulder - m.waist)
    wide = max(f.torso.wide)
    body = f.torso.grown(0.016)
    upper = [
        (y, *(float(np.interp(y, body.y, v)) for v in (body.wide, body.front, body.back, body.centre)))
        for y in (m.waist, chest, m.shoulder - 0.022, m.shoulder - 0.002, m.shoulder + 0.014)
    ]
    skirt = [(hem, wide + 0.072, 0.100, 0.110, -0.004), (m.crotch, wide + 0.038, 0.076, 0.086, 0.0)]
    outer = stations([*skirt, *upper])
    folds = _pleats(10, 0.045, m.waist, hem)
    wall = without(
        column(outer, ripple=folds),
        column(outer.grown(-0.012).between(hem - 0.02, m.waist - 0.01), ripple=folds),
    )

    def gap(p: np.ndarray) -> np.ndarray:
        """Negative outside the front opening, which is widest at the hem and closes to a V at the chest."""
        half = 0.024 + 0.30 * np.clip(m.waist - p[:, 1], 0, None) + 0.06 * np.clip(p[:, 1] - m.waist, 0, None)
        return np.where(p[:, 2] > 0.0, half - np.abs(p[:, 0]), -p[:, 2] - 0.02)

    trimmed = within(gap, -0.0085, -0.0045)
    paint = over(
        over(plain(palette.main), palette.accent, trimmed), palette.accent, band(hem + 0.014, hem + 0.019)
    )
    cuff = over(plain(palette.main), palette.accent, _cuff_band(f, 0.86, 0.885))
    pieces = [
        Piece(clipped(wall, gap), "cloth", paint, (*TORSO, "leftUpperLeg", "rightUpperLeg")),
        Piece(_sleeve(f, 0.98, 0.013, 0.010), "cloth", cuff, ("chest", *ARMS)),
    ]
    dark = plain(mixed(palette.main, "#10121c", 0.28))
    lapel = clipped(
        column(f.torso.grown(0.025)),
        lambda p: np.where(p[:, 2] > -0.012, _lapel(p, m.shoulder, chest), (m.shoulder - 0.030 - p[:, 1])),
    )
    pieces.append(Piece(lapel, "cloth", dark, TORSO))
    for level in (0.30, 0.62):
        y = m.waist - 0.004 + level * (chest - m.waist) - 0.02
        button = outer.point(np.radians(33), y, 0.002)
        pieces.append(
            Piece(
                both(ellipsoid(button, np.array([0.0062, 0.0062, 0.005]))),
                "accessory",
                plain("#e8c46a"),
                TORSO,
            )
        )
    return pieces


def _lapel(p: np.ndarray, shoulder: float, chest: float) -> np.ndarray:
    """Negative on a strip that runs from the neck to the opening."""
    x, y = np.abs(p[:, 0]), p[:, 1]
    rise = np.clip((y - chest) / (shoulder - chest), 0, 1)
    inner, outer = 0.024 + 0.006 * rise, 0.030 + 0.038 * rise
    return np.maximum(np.maximum(inner - x, x - outer), chest - y)


def _legwear(f: Figurine) -> list[Piece]:
    m, wear, palette = f.m, f.spec.outfit, f.spec.palette
    pieces: list[Piece] = []
    hips = ("hips", *LEGS)
    if wear.trousers:
        rows = f.leg(0.011)
        cloth = plain(palette.second)
        legs = both(limb(rows, 16))
        seat = column(f.torso.grown(0.011).between(m.crotch - 0.012, m.waist + 0.012))
        belt = column(f.torso.grown(0.015).between(m.waist - 0.006, m.waist + 0.010))
        pieces.append(Piece(union([legs, seat], 0.012), "cloth", cloth, ("spine", *hips)))
        pieces.append(Piece(belt, "cloth", plain(palette.shoes), TORSO))
    if wear.socks > 0:
        top = m.ankle + wear.socks * (m.knee - m.ankle)
        sock = clipped(both(limb(f.leg(0.0042), 16)), below(top))
        trim = over(plain(palette.legs), "#fbfaf6", band(top - 0.016, top - 0.011))
        pieces.append(Piece(sock, "cloth", trim, LEGS))
    return [*pieces, *_shoes(f)]


def _shoes(f: Figurine) -> list[Piece]:
    m, wear, palette = f.m, f.spec.outfit, f.spec.palette
    ankle, toe = f.at["leftFoot"], f.at["leftToe"]
    k = m.mix(1.22, 1.0) * (1 + 0.12 * f.spec.masculine)
    heel = np.array([ankle[0], 0.020 * k, ankle[2] - 0.010])
    ball = np.array([toe[0] - 0.001, 0.018 * k, toe[2] - 0.026])
    upper = union(
        [
            ellipsoid(ball, np.array([0.0285, 0.0225, 0.042]) * k),
            ellipsoid(heel, np.array([0.0235, 0.0300, 0.0290]) * k),
            limb([(*heel, 0.0220 * k), (*ball, 0.0205 * k)], 4),
        ],
        0.012,
    )
    shoe = clipped(upper, above(0.004))
    sole = union(
        [
            ellipsoid(ball * [1, 0, 1], np.array([0.0300, 0.30, 0.0440]) * k),
            ellipsoid(heel * [1, 0, 1], np.array([0.0250, 0.30, 0.0300]) * k),
        ],
        0.02,
    )
    flat = clipped(clipped(sole, above(0.0)), below(0.0095))
    flat = Form(
        flat.distance,
        np.array([flat.low[0], 0.0, flat.low[2]], np.float32),
        np.array([flat.high[0], 0.0095, flat.high[2]], np.float32),
    )
    dark = plain(mixed(palette.shoes, "#150c10", 0.55))
    pieces = [Piece(both(shoe), "shoes", plain(palette.shoes), FEET), Piece(both(flat), "shoes", dark, FEET)]
    if wear.footwear == "boots":
        top = m.ankle + 0.62 * (m.knee - m.ankle)
        rows = [(x, y, z, max(r, 0.024) + 0.012) for x, y, z, r in f.leg(0.0)]
        shaft = clipped(both(limb(rows, 16)), below(top))
        cuff = clipped(
            clipped(both(limb([(x, y, z, r + 0.006) for x, y, z, r in rows], 16)), below(top + 0.004)),
            above(top - 0.020),
        )
        pieces += [Piece(shaft, "shoes", plain(palette.shoes), FEET), Piece(cuff, "shoes", dark, FEET)]
    if wear.footwear == "strap":
        strap = box(
            np.array([heel[0], 0.040 * k, heel[2] + 0.026 * k]), np.array([0.027, 0.006, 0.008]) * k, 0.003
        )
        pieces.append(Piece(both(strap), "shoes", dark, FEET))
    return pieces


__all__ = ["CLOTH", "Stations", "garments"]
