"""Tops made of a bodice, sleeves, a collar and what decks the front."""

import numpy as np

from genkei_train.characters.body import ARMS, LEGS, TORSO, Figurine, Piece, above
from genkei_train.characters.forms import (
    Form,
    Stations,
    both,
    box,
    clipped,
    column,
    ellipsoid,
    limb,
    ring,
    sweep,
    union,
)
from genkei_train.characters.paint import Mask, Paint, band, mixed, over, patterned, plain, within
from genkei_train.characters.skirts import CLOTH
from genkei_train.characters.tops import cuff_band, puff_sleeve, sleeve

LOOSE = {"hoodie": 0.010, "jacket": 0.006, "tunic": 0.003, "kimono": 0.005}
"""How much farther than close cloth a top stands off."""
HEM = {"tunic": -0.060, "hoodie": -0.006, "jacket": -0.012}
"""Lowest edge above the crotch of tops that hang over the hips; others end at the waistband."""


def bodice(f: Figurine) -> list[Piece]:
    """The top of an outfit whose sleeves, collar and front can be chosen."""
    m, wear, palette = f.m, f.spec.outfit, f.spec.palette
    thick = CLOTH + LOOSE.get(wear.top, 0.0)
    low = m.waist - 0.024
    if wear.top in HEM:
        low = m.crotch + HEM[wear.top] - wear.hang * (m.crotch + HEM[wear.top] - m.ankle - 0.01)
    levels = (low, m.shoulder)
    cloth = patterned(plain(palette.main), wear.pattern, (palette.second, palette.accent), levels)
    front = _front(f, cloth)
    trunk, bones = _trunk(f, thick, low), TORSO
    if wear.top in HEM:
        bones = (*TORSO, *(LEGS if wear.hang > 0.45 else ("leftUpperLeg", "rightUpperLeg")))
    pieces = [Piece(column(trunk), "cloth", front, bones, seam=0.03)]
    if wear.top == "bodysuit":
        pieces += _suit(f, cloth)
    if wear.top == "armour":
        pieces += _plates(f)
    if wear.top == "kimono":
        pieces += _obi(f)
    pieces += _sleeves(f, thick, cloth)
    return [*pieces, *_collar(f, thick, cloth), *_tie(f, thick)]


def _trunk(f: Figurine, thick: float, low: float) -> Stations:
    """The torso in cloth from `low` to the neck; below the hips it hangs straight and a little wide."""
    body, top = f.torso.grown(thick), f.m.shoulder + 0.010
    if f.spec.outfit.top not in HEM:
        return body.between(low, top)
    hips = f.m.crotch + 0.035
    y = np.linspace(low, top, 64)
    at = [np.interp(np.maximum(y, hips), body.y, v) for v in (body.wide, body.front, body.back, body.centre)]
    drop = 0.16 * np.maximum(hips + 0.02 - y, 0)
    at = [at[0] + drop, at[1] + drop, at[2] + drop, at[3]]
    return Stations(*(np.asarray(v, np.float32) for v in (y, *at)))


def _front(f: Figurine, cloth: Paint) -> Paint:
    """The bodice's paint: buttons, zip, emblem, bib, crossed edges of a kimono."""
    m, wear, palette = f.m, f.spec.outfit, f.spec.palette
    line = mixed(palette.main, "#14101c", 0.55)
    top, low = m.shoulder - 0.01, m.waist - 0.02
    if wear.top == "kimono":
        return over(over(cloth, palette.second, _crossing(f, 0.030)), palette.accent, _crossing(f, 0.010))
    if wear.front == "zip":
        return over(cloth, line, lambda p: _soft(0.0028 - np.abs(p[:, 0])) * (p[:, 2] > 0))
    if wear.front in ("buttons", "double"):
        apart = 0.018 if wear.front == "double" else 0.0
        gap = (top - low) / 5

        def buttons(p: np.ndarray) -> np.ndarray:
            y = (p[:, 1] - low) % gap - gap / 2
            return _soft(0.0052 - np.hypot(np.abs(p[:, 0]) - apart, y)) * (p[:, 2] > 0) * (p[:, 1] < top)

        seam = over(cloth, line, lambda p: _soft(0.0009 - np.abs(p[:, 0])) * (p[:, 2] > 0))
        return over(seam, palette.accent, buttons)
    if wear.front == "emblem":
        return over(cloth, palette.accent, _emblem(f))
    if wear.front == "bib":
        half = 0.42 * m.half_shoulder
        return over(cloth, palette.second, lambda p: _soft(half - np.abs(p[:, 0])) * (p[:, 2] > 0))
    return cloth


def _soft(x: np.ndarray) -> np.ndarray:
    return np.clip(x / 0.0012 + 0.5, 0, 1)


def _crossing(f: Figurine, wide: float) -> Mask:
    """The edges of a robe that cross before the chest, left over right, and run round the neck."""
    m = f.m
    slope = 0.55 * m.half_shoulder / (m.shoulder - m.waist)

    def mask(p: np.ndarray) -> np.ndarray:
        edge = slope * (p[:, 1] - m.waist - 0.02)
        left, right = np.abs(p[:, 0] - edge), np.abs(p[:, 0] + edge)
        over_left = np.where(p[:, 0] > -edge, right, 1.0)
        nearest = np.where(p[:, 0] >= -0.004, np.minimum(left, over_left), np.minimum(right, left))
        return _soft(wide / 2 - nearest) * (p[:, 2] > -0.02) * (edge > 0)

    return mask


def _emblem(f: Figurine) -> Mask:
    """A star, heart, disc or ring on the chest, chosen by the name."""
    kind, level = sum(map(ord, f.spec.name)) % 4, f.m.waist + 0.5 * (f.m.shoulder - f.m.waist)
    size = 0.024 * f.m.mix(1.2, 1.0)

    def mask(p: np.ndarray) -> np.ndarray:
        x, y = p[:, 0] / size, (p[:, 1] - level) / size
        radius = np.hypot(x, y)
        if kind == 0:
            shape = 0.72 + 0.28 * np.cos(5 * np.arctan2(x, y)) - radius
        elif kind == 1:
            shape = 0.9 - np.hypot(x, y + 0.1 - 0.75 * np.sqrt(np.abs(x) + 1e-3))
        else:
            shape = (1 - radius) if kind == 2 else 0.22 - np.abs(radius - 0.8)
        return _soft(shape * size) * (p[:, 2] > 0)

    return mask


def _sleeves(f: Figurine, thick: float, cloth: Paint) -> list[Piece]:
    wear, palette, arms = f.spec.outfit, f.spec.palette, ("chest", *ARMS)
    kind = "kimono" if wear.top == "kimono" and wear.sleeves in ("none", "cap") else wear.sleeves
    if wear.top == "bodysuit" or kind == "none":
        return []
    if kind == "puff":
        puff, trim = puff_sleeve(f)
        return [Piece(puff, "cloth", cloth, arms), Piece(trim, "cloth", plain(palette.second), arms)]
    reach, flare = {
        "cap": (0.20, 0.006),
        "short": (0.36, 0.010),
        "elbow": (0.56, 0.010),
        "long": (0.97, 0.003),
        "wide": (0.95, 0.022),
        "bell": (0.93, 0.048),
        "kimono": (0.90, 0.014),
    }[kind]
    trimmed = over(cloth, palette.accent, cuff_band(f, reach - 0.075, reach - 0.035))
    pieces = [Piece(sleeve(f, reach, thick + 0.002, flare), "cloth", trimmed, arms)]
    if kind == "kimono":
        pieces.append(Piece(_hanging(f, cut=0.36), "cloth", trimmed, ARMS))
    return pieces


def _hanging(f: Figurine, cut: float) -> Form:
    """The bag of a kimono's sleeve: a flat box that hangs below the forearm."""
    start, end = f.at["leftLowerArm"], f.at["leftHand"]
    along = (end - start) / np.linalg.norm(end - start)
    fore = np.array([0.0, 0.0, 1.0]) - along[2] * along
    fore /= np.linalg.norm(fore)
    down = np.cross(along, fore)
    down *= -np.sign(down[1]) or 1.0
    deep = f.m.mix(0.045, 0.068)
    length = float(np.linalg.norm(end - start))
    centre = start + along * length * (1.0 - cut) + down * deep
    half = np.array([length * 0.46, deep + 0.012, 0.017 * f.m.thick])
    return both(box(centre, half, 0.012, np.column_stack([along, down, fore])))


def _collar(f: Figurine, thick: float, cloth: Paint) -> list[Piece]:
    m, wear, palette = f.m, f.spec.outfit, f.spec.palette
    kind = wear.collar
    neck_r = m.mix(0.030, 0.0215) + 0.004 * f.spec.masculine
    base = np.array([0.0, m.shoulder + 0.006, -0.006])
    up = np.array([0.0, 1.0, 0.12])
    bones = ("chest", "neck")
    trim = plain(palette.second)
    if wear.top == "kimono" or kind == "none":
        return []
    if kind == "crew":
        return [Piece(ring(base, up, neck_r + 0.008, 0.0065), "cloth", trim, bones)]
    if kind in ("turtle", "shirt"):
        tall = min(0.034, 0.75 * (m.chin - m.shoulder)) if kind == "turtle" else 0.020
        rows = [(*(base - 0.012 * up), neck_r + 0.014), (*(base + tall * up), neck_r + 0.008)]
        tube = clipped(limb(rows, 4), lambda p: p[:, 1] - base[1] - tall)
        return [Piece(tube, "cloth", cloth if kind == "turtle" else trim, bones)]
    if kind == "hood":
        back = [(a, 0.030 + 0.018 * np.cos(np.radians(a - 180))) for a in (70, 110, 150, 180, 210, 250, 290)]
        knots = []
        for angle, radius in back:
            x, z = np.sin(np.radians(angle)), np.cos(np.radians(angle))
            knots.append((0.055 * x, base[1] + 0.004 - 0.014 * (z < -0.5), -0.010 + 0.050 * z, radius * 0.8))
        return [Piece(limb(knots, 20), "cloth", cloth, ("chest",))]
    if kind == "fur":
        fluffy = union([ring(base - 0.002 * up, up, neck_r + 0.024, 0.021)])
        return [Piece(fluffy, "cloth", plain(mixed(palette.second, "#ffffff", 0.75)), ("chest",))]
    reach = 0.070 if kind == "ruffle" else 0.085

    def edge(p: np.ndarray) -> np.ndarray:
        wave = 0.007 * np.sin(14 * np.arctan2(p[:, 0], p[:, 2])) if kind == "ruffle" else 0.0
        return np.hypot(p[:, 0], (p[:, 1] - m.shoulder) * 1.2) - reach * m.mix(0.9, 1.0) - wave

    return [Piece(clipped(column(f.torso.grown(thick + 0.008)), edge), "cloth", trim, TORSO)]


def _tie(f: Figurine, thick: float) -> list[Piece]:
    if f.spec.outfit.front != "tie":
        return []
    top, low = f.m.shoulder - 0.004, f.m.waist + 0.012
    ways = [
        f.torso.point(0.0, top + share * (low - top), thick + 0.002) for share in (0.0, 0.12, 0.5, 0.85, 1.0)
    ]
    wide = (0.009, 0.007, 0.013, 0.016, 0.004)
    rows = [(*p, w, 0.0055) for p, w in zip(ways, wide, strict=True)]
    form = sweep(np.array(rows), np.array([0, f.m.waist, -0.05]), 12)
    return [Piece(form, "accessory", plain(f.spec.palette.accent), TORSO)]


def _suit(f: Figurine, cloth: Paint) -> list[Piece]:
    """Close cloth over body, arms and legs, with seams along the sides."""
    m, palette = f.m, f.spec.palette
    legs = union(
        [column(f.torso.grown(0.005).between(m.crotch - 0.012, m.waist)), both(limb(f.leg(0.0045), 16))], 0.01
    )
    seam = over(cloth, palette.accent, within(lambda p: p[:, 2], -0.006, 0.004, 0.0008))
    return [
        Piece(legs, "cloth", seam, ("hips", "spine", *LEGS)),
        Piece(sleeve(f, 0.98, 0.0045, 0.0), "cloth", seam, ("chest", *ARMS)),
    ]


def _plates(f: Figurine) -> list[Piece]:
    """Breastplate with a rim, shoulder plates and hip plates of metal."""
    m, palette = f.m, f.spec.palette
    metal, rim = mixed(palette.second, "#d8dce6", 0.6), palette.accent
    steel = plain(metal)
    low, high = m.waist - 0.006, m.shoulder - 0.020
    chest = over(steel, rim, band(low, low + 0.007))
    chest = over(chest, rim, band(high - 0.007, high + 0.02))
    plate = column(f.torso.grown(CLOTH + 0.013).between(low, high))
    shoulder = f.at["leftUpperArm"] + np.array([0.014, 0.010, 0.0])
    size = f.m.mix(1.1, 1.0)
    guard = ellipsoid(shoulder, np.array([0.045, 0.036, 0.043]) * size)
    guard = clipped(guard, above(shoulder[1] - 0.012))
    trim = over(steel, rim, band(shoulder[1] - 0.02, shoulder[1] - 0.004))
    hips = []
    for angle in (25, 90, 155):
        foot = f.torso.point(np.radians(angle), m.crotch + 0.01, 0.030)
        head = f.torso.point(np.radians(angle), m.waist - 0.012, 0.020)
        hips.append(
            sweep(np.array([(*head, 0.024, 0.009), (*foot, 0.031, 0.009)]), np.array([0, foot[1], 0]), 3)
        )
    return [
        Piece(plate, "cloth", chest, TORSO),
        Piece(both(guard), "cloth", trim, ("chest", "leftUpperArm", "rightUpperArm")),
        *(Piece(both(form), "cloth", steel, ("hips", "spine"), seam=0.03) for form in hips),
    ]


def _obi(f: Figurine) -> list[Piece]:
    """A broad sash, its cord and the knot at the back."""
    m, palette = f.m, f.spec.palette
    low, high = m.waist - 0.030, m.waist + 0.30 * (m.shoulder - m.waist)
    middle = (low + high) / 2
    sash = over(plain(palette.accent), palette.second, band(middle - 0.004, middle + 0.004))
    knot = f.torso.point(np.pi, middle, 0.030)
    bow = box(knot, np.array([0.050, 0.034, 0.018]), 0.014)
    return [
        Piece(column(f.torso.grown(CLOTH + 0.011).between(low, high)), "cloth", sash, TORSO),
        Piece(bow, "cloth", sash, ("spine", "chest")),
    ]
