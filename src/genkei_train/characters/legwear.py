"""Trousers, socks and shoes."""

import numpy as np

from genkei_train.characters.body import FEET, LEGS, TORSO, Figurine, Piece, above, below
from genkei_train.characters.forms import Form, both, box, clipped, column, ellipsoid, limb, union
from genkei_train.characters.paint import band, mixed, over, plain


def legwear(f: Figurine) -> list[Piece]:
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
        pieces += _shafts(f)
    if wear.footwear == "strap":
        strap = box(
            np.array([heel[0], 0.040 * k, heel[2] + 0.026 * k]), np.array([0.027, 0.006, 0.008]) * k, 0.003
        )
        pieces.append(Piece(both(strap), "shoes", dark, FEET))
    return pieces


def _shafts(f: Figurine) -> list[Piece]:
    """Both boot legs with their turned-down cuffs."""
    m, palette = f.m, f.spec.palette
    dark = plain(mixed(palette.shoes, "#150c10", 0.55))
    top = m.ankle + 0.62 * (m.knee - m.ankle)
    rows = [(x, y, z, max(r, 0.024) + 0.012) for x, y, z, r in f.leg(0.0)]
    shaft = clipped(both(limb(rows, 16)), below(top))
    cuff = clipped(
        clipped(both(limb([(x, y, z, r + 0.006) for x, y, z, r in rows], 16)), below(top + 0.004)),
        above(top - 0.020),
    )
    return [Piece(shaft, "shoes", plain(palette.shoes), FEET), Piece(cuff, "shoes", dark, FEET)]
