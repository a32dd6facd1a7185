"""Capes, scarves, aprons, belts and gloves."""

import numpy as np

from genkei_train.characters.body import HANDS, TORSO, Figurine, Piece, hand
from genkei_train.characters.forms import (
    Form,
    both,
    box,
    clipped,
    column,
    grown,
    limb,
    ring,
    stations,
    sweep,
    without,
)
from genkei_train.characters.paint import band, mixed, over, plain
from genkei_train.characters.skirts import CLOTH, pleats, waistband, worn_column


def wraps(f: Figurine) -> list[Piece]:
    """Whatever of these the outfit asks for."""
    wear = f.spec.outfit
    pieces: list[Piece] = []
    if wear.cape != "none":
        pieces += _cape(f)
    if wear.scarf:
        pieces += _scarf(f)
    if wear.apron:
        pieces += _apron(f)
    if wear.belt:
        pieces += _belt(f)
    if wear.gloves != "none":
        pieces += _gloves(f)
    return pieces


def _cape(f: Figurine) -> list[Piece]:
    """Cloth that hangs from the shoulders behind the arms, or a short one all round."""
    m, palette, kind = f.m, f.spec.palette, f.spec.outfit.cape
    body = worn_column(f)
    paint = plain(palette.accent)
    if kind == "shoulders":
        hem = m.waist + 0.42 * (m.shoulder - m.waist)
        wide = m.half_shoulder + 0.040
        rows = [
            (hem, wide, 0.082, 0.088, -0.004),
            (m.shoulder - 0.03, m.half_shoulder + 0.022, 0.062, 0.066, -0.004),
            (m.shoulder - 0.004, m.half_shoulder * 0.85, 0.046, 0.050, -0.006),
            (m.shoulder + 0.012, 0.036, 0.032, 0.034, -0.007),
        ]
        shape = column(stations(rows), ripple=pleats(9, 0.05, m.shoulder, hem))
        trimmed = over(paint, palette.second, band(hem, hem + 0.008))
        return [Piece(shape, "cloth", trimmed, ("chest", "leftUpperArm", "rightUpperArm"), seam=0.03)]
    hem = 0.06 if kind == "long" else m.knee + 0.02
    top = m.shoulder - 0.002
    rows = []
    for share in (0.0, 0.35, 0.7, 1.0):
        y = hem + share * (top - hem)
        out = (1 - share) * (0.55 if kind == "long" else 0.45) * (top - hem) * 0.35
        back = float(np.interp(y, body.y, body.back, left=float(body.back[0]))) + 0.016 + out * 0.7
        rows.append((y, m.half_shoulder * 0.98 + 0.014 + out, 0.05, back, -0.004))
    shape = stations(rows)
    folds = pleats(9, 0.10, top, hem)
    wall = without(column(shape, ripple=folds), column(shape.grown(-0.013), ripple=folds))

    def region(p: np.ndarray) -> np.ndarray:
        """Negative behind the arms."""
        return p[:, 2] + 0.022

    trimmed = over(paint, palette.second, band(hem, hem + 0.012))
    clasp = ring(np.array([0, m.shoulder + 0.002, -0.008]), np.array([0, 1.0, 0.25]), 0.045, 0.011)
    yoke = clipped(
        column(f.torso.grown(CLOTH + 0.018).between(m.shoulder - 0.045, m.shoulder + 0.006)), region
    )
    return [
        Piece(clipped(wall, region), "cloth", trimmed, ("chest", "spine", "hips")),
        Piece(yoke, "cloth", paint, ("chest",)),
        Piece(clasp, "cloth", paint, ("chest",)),
    ]


def _scarf(f: Figurine) -> list[Piece]:
    """Wound twice round the neck; one end hangs."""
    m, paint = f.m, plain(f.spec.palette.accent)
    radius = m.mix(0.034, 0.030)
    base = np.array([0.0, m.shoulder + 0.012, -0.004])
    forms: list[Form] = [
        ring(base, np.array([0.1, 1.0, 0.2]), radius, 0.016),
        ring(base + np.array([0, -0.012, 0.002]), np.array([-0.12, 1.0, 0.1]), radius + 0.008, 0.015),
    ]
    side = -1.0 if f.spec.hair.flip else 1.0
    ends = [
        f.torso.point(side * a, m.shoulder + dy, 0.024)
        for a, dy in ((0.3, -0.01), (0.35, -0.06), (0.3, -0.13))
    ]
    rows = [(*p, w, 0.009) for p, w in zip(ends, (0.014, 0.021, 0.022), strict=True)]
    forms.append(sweep(np.array(rows), np.array([0, m.waist, 0]), 8))
    return [Piece(form, "accessory", paint, ("chest", "neck")) for form in forms]


def _apron(f: Figurine) -> list[Piece]:
    """A white panel before the skirt and a bib above it, with a bow's band round the waist."""
    m, body = f.m, worn_column(f)
    white = mixed(f.spec.palette.second, "#ffffff", 0.9)
    low = max(float(body.y[0]) + 0.025, m.knee)
    wide = 0.8 * float(max(body.wide[0], 0.07))
    panel = body.grown(0.010).between(low, waistband(f)[1])

    def front(p: np.ndarray) -> np.ndarray:
        return np.where(
            p[:, 2] > 0, np.abs(p[:, 0]) - wide * np.clip((m.waist + 0.03 - p[:, 1]) * 7, 0.55, 1), 1.0
        )

    bib = f.torso.grown(CLOTH + 0.008).between(m.waist - 0.01, m.waist + 0.62 * (m.shoulder - m.waist))
    half = 0.55 * m.half_shoulder
    chest = clipped(column(bib), lambda p: np.where(p[:, 2] > 0, np.abs(p[:, 0]) - half, 1.0))
    paint = over(plain(white), f.spec.palette.accent, band(low + 0.006, low + 0.010))
    band_ = column(f.torso.grown(CLOTH + 0.013).between(m.waist - 0.012, m.waist + 0.004))
    return [
        Piece(
            clipped(column(panel), front),
            "cloth",
            paint,
            ("hips", "leftUpperLeg", "rightUpperLeg"),
            seam=0.05,
        ),
        Piece(chest, "cloth", plain(white), TORSO),
        Piece(band_, "cloth", plain(white), TORSO),
    ]


def _belt(f: Figurine) -> list[Piece]:
    m, palette = f.m, f.spec.palette
    level = m.waist - 0.012
    strap = column(worn_column(f).grown(0.006).between(level - 0.008, level + 0.008))
    buckle = box(worn_column(f).point(0.0, level, 0.007), np.array([0.013, 0.011, 0.006]), 0.003)
    return [
        Piece(strap, "cloth", plain(mixed(palette.shoes, "#1a1210", 0.3)), TORSO),
        Piece(buckle, "accessory", plain("#d8b24a"), TORSO),
    ]


def _gloves(f: Figurine) -> list[Piece]:
    kind, palette = f.spec.outfit.gloves, f.spec.palette
    paint = plain(palette.legs)
    pieces = [Piece(both(grown(hand(f), 0.0026)), "cloth", paint, HANDS)]
    elbow, wrist = f.at["leftLowerArm"], f.at["leftHand"]
    radius = 0.0150 * f.m.thick + 0.004
    if kind == "short":
        cuff = [(*(0.16 * elbow + 0.84 * wrist), radius + 0.002), (*wrist, radius)]
    elif kind == "long":
        rows = f.arm(0.0065)[1:]
        cuff = [tuple(r) for r in rows]
    else:
        cuff = [
            (*(0.62 * elbow + 0.38 * wrist), radius + 0.016),
            (*(0.3 * elbow + 0.7 * wrist), radius + 0.009),
            (*wrist, radius + 0.003),
        ]
    pieces.append(Piece(both(limb(cuff, 8)), "cloth", paint, (*HANDS, "leftUpperArm", "rightUpperArm")))
    return pieces
