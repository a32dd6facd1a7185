"""Trousers, socks and shoes."""

import numpy as np

from genkei_train.characters.body import FEET, LEGS, TORSO, Figurine, Piece, above, below
from genkei_train.characters.forms import Form, both, box, clipped, column, ellipsoid, limb, union
from genkei_train.characters.paint import Mask, band, mixed, over, plain


def legwear(f: Figurine) -> list[Piece]:
    m, wear, palette = f.m, f.spec.outfit, f.spec.palette
    pieces: list[Piece] = []
    hips = ("hips", *LEGS)
    if wear.trousers:
        legs, cloth = _trouser_legs(f), plain(palette.second)
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


def _trouser_legs(f: Figurine) -> Form:
    """Both legs of the trousers; shorts are cut above the knee."""
    m, cut = f.m, f.spec.outfit.trouser_cut
    extra = {"leggings": 0.0045, "shorts": 0.014}.get(cut, 0.011)
    rows = f.leg(extra)
    if cut in ("wide", "baggy"):
        grow = (
            (0.0, 0.006, 0.014, 0.020, 0.028, 0.034)
            if cut == "wide"
            else (0.006, 0.018, 0.024, 0.026, 0.022, 0.006)
        )
        inner = min(1.0, m.thick)
        rows = [
            (x + 0.4 * g * inner, y, z, r + g * inner) for (x, y, z, r), g in zip(rows, grow, strict=True)
        ]
        return both(clipped(limb(rows, 16), above(m.ankle * 0.55)))
    legs = both(limb(rows, 16))
    return clipped(legs, above(m.knee + 0.30 * (m.crotch - m.knee))) if cut == "shorts" else legs


def _shoes(f: Figurine) -> list[Piece]:
    m, wear, palette = f.m, f.spec.outfit, f.spec.palette
    ankle, toe = f.at["leftFoot"], f.at["leftToe"]
    k = m.mix(1.22, 1.0) * (1 + 0.12 * f.spec.masculine) * f.spec.build.feet
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
    kind = wear.footwear
    upper_paint, part = plain(palette.shoes), "shoes"
    if kind == "sandals":
        upper_paint, part = over(plain(palette.skin), palette.shoes, _straps(heel, ball)), "skin"
    if kind == "sneakers":
        dark = plain("#f4f2ee")
        toe_cap = ball[2] + 0.014 * k
        upper_paint = over(upper_paint, "#f4f2ee", lambda p: (p[:, 2] > toe_cap).astype(np.float32))
    pieces = [Piece(both(shoe), part, upper_paint, FEET), Piece(both(flat), "shoes", dark, FEET)]
    if kind in ("boots", "tall_boots"):
        pieces += _shafts(f)
    if kind in ("strap", "heels"):
        place = np.array([heel[0], 0.040 * k, heel[2] + 0.026 * k])
        pieces.append(
            Piece(both(box(place, np.array([0.027, 0.006, 0.008]) * k, 0.003)), "shoes", dark, FEET)
        )
    return pieces


def _straps(heel: np.ndarray, ball: np.ndarray) -> Mask:
    """Two straps across the foot."""

    def mask(p: np.ndarray) -> np.ndarray:
        near = np.minimum(np.abs(p[:, 2] - ball[2] + 0.004), np.abs(p[:, 2] - heel[2] - 0.020))
        return np.clip((0.008 - near) / 0.001, 0, 1)

    return mask


def _shafts(f: Figurine) -> list[Piece]:
    """Both boot legs with their turned-down cuffs."""
    m, palette = f.m, f.spec.palette
    dark = plain(mixed(palette.shoes, "#150c10", 0.55))
    share = 1.45 if f.spec.outfit.footwear == "tall_boots" else 0.62
    top = m.ankle + share * (m.knee - m.ankle)
    rows = [(x, y, z, max(r, 0.024) + 0.012) for x, y, z, r in f.leg(0.0)]
    shaft = clipped(both(limb(rows, 16)), below(top))
    cuff = clipped(
        clipped(both(limb([(x, y, z, r + 0.006) for x, y, z, r in rows], 16)), below(top + 0.004)),
        above(top - 0.020),
    )
    return [Piece(shaft, "shoes", plain(palette.shoes), FEET), Piece(cuff, "shoes", dark, FEET)]
