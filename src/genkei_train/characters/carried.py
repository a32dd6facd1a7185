"""Bags, glasses, big bows, flowers, and what a hand holds."""

import numpy as np

from genkei_train.characters.body import HEAD, TORSO, Figurine, Piece
from genkei_train.characters.forms import Form, both, box, ellipsoid, limb, ring, sweep, turned_back, union
from genkei_train.characters.ornaments import bow
from genkei_train.characters.paint import mixed, plain
from genkei_train.characters.skirts import worn_column


def carried(f: Figurine) -> list[Piece]:
    """Whatever of these the extras ask for."""
    wants = f.spec.extras
    pieces: list[Piece] = []
    if wants.glasses:
        pieces += _glasses(f)
    if wants.flower:
        pieces += _flower(f)
    if wants.bow != "none":
        pieces += _bow(f)
    if wants.bag != "none":
        pieces += _bag(f)
    if wants.held != "none":
        pieces += _held(f)
    return pieces


def _glasses(f: Figurine) -> list[Piece]:
    h, face = f.m.head, f.spec.face
    level = f.m.chin + (face.eye_level - 0.01) * h
    turn = np.arcsin(np.clip(face.eye_spacing * h / f.skull.point(np.pi / 2, level)[0], -1, 1))
    eye = f.skull.point(float(turn), level, 0.045 * h)
    radius = 0.56 * max(face.eye_width, face.eye_height) * h
    rim = ring(eye, np.array([0.35, 0, 1.0]), radius, 0.016 * h + 0.001)
    bridge = limb(
        [(*(eye - np.array([radius, 0, -0.03 * h])), 0.014 * h), (0, level, eye[2] + 0.05 * h, 0.014 * h)], 3
    )
    ear = f.skull.point(np.radians(85), level, 0.03 * h)
    temple = limb([(*(eye + np.array([radius, 0, -0.05 * h])), 0.014 * h), (*ear, 0.014 * h)], 4)
    dark = plain(mixed(f.spec.palette.accent, "#181420", 0.7))
    return [Piece(both(union([rim, bridge, temple])), "accessory", dark, HEAD)]


def _flower(f: Figurine) -> list[Piece]:
    h, side = f.m.head, -1.0 if f.spec.hair.flip else 1.0
    lift = (f.spec.hair.volume + 0.09) * h
    centre = f.skull.point(side * np.radians(62), f.m.chin + 0.72 * h, lift)
    out = centre - np.array([0, f.m.chin + 0.5 * h, 0])
    out /= np.linalg.norm(out)
    across = np.cross(out, [0, 1.0, 0])
    across /= np.linalg.norm(across)
    up = np.cross(across, out)
    axes = np.column_stack([across, up, out])
    petals: list[Form] = []
    for turn in np.arange(5) * 2 * np.pi / 5:
        place = centre + 0.075 * h * (across * np.sin(turn) + up * np.cos(turn))
        petals.append(ellipsoid(place, np.array([0.060, 0.060, 0.030]) * h, axes))
    heart = ellipsoid(centre + 0.02 * h * out, np.array([0.04, 0.04, 0.035]) * h, axes)
    stem = limb([(*(centre - 0.09 * h * out), 0.05 * h), (*centre, 0.04 * h)], 3)
    petal_paint = plain(f.spec.palette.accent)
    return [
        *(Piece(form, "accessory", petal_paint, HEAD) for form in (*petals, stem)),
        Piece(heart, "accessory", plain("#f6d858"), HEAD),
    ]


def _bow(f: Figurine) -> list[Piece]:
    """A big ribbon behind the waist or at the back of the head."""
    paint = plain(f.spec.palette.accent)
    if f.spec.extras.bow == "waist":
        knot = worn_column(f).point(np.pi, f.m.waist - 0.005, 0.012)
        forms = bow(knot, 0.115 * f.m.mix(0.9, 1.0), tails=True)
        return [
            Piece(turned_back(form, float(knot[2])), "accessory", paint, ("spine", "hips")) for form in forms
        ]
    h = f.m.head
    knot = np.array([0.0, f.m.chin + (0.98 + f.spec.hair.volume) * h, -0.20 * h])
    return [Piece(form, "accessory", paint, HEAD) for form in bow(knot, 0.42 * h, tails=False)]


def _bag(f: Figurine) -> list[Piece]:
    m, palette = f.m, f.spec.palette
    leather = plain(mixed(palette.shoes, "#a06a3c", 0.35))
    strap = plain(mixed(palette.shoes, "#20140c", 0.4))
    k = m.mix(0.95, 1.0)
    if f.spec.extras.bag == "backpack":
        back = f.torso.point(np.pi, m.waist + 0.5 * (m.shoulder - m.waist), 0.050)
        sack = box(back, np.array([0.062, 0.072, 0.036]) * k, 0.022)
        pocket = box(back + np.array([0, -0.03, -0.034]) * k, np.array([0.042, 0.030, 0.016]) * k, 0.010)
        ways = [
            f.torso.point(np.radians(150), m.shoulder - 0.02, 0.018),
            f.torso.point(np.radians(62), m.shoulder - 0.002, 0.018),
            f.torso.point(np.radians(34), m.shoulder - 0.050, 0.020),
            f.torso.point(np.radians(62), m.waist + 0.02, 0.018),
            f.torso.point(np.radians(140), m.waist + 0.02, 0.022),
        ]
        band = sweep(np.array([(*p, 0.010, 0.006) for p in ways]), np.array([0, m.waist + 0.06, 0]), 18)
        bones = ("chest", "spine")
        return [
            Piece(sack, "accessory", leather, bones),
            Piece(pocket, "accessory", strap, bones),
            Piece(both(band), "accessory", strap, bones),
        ]
    body = worn_column(f)
    hip = body.point(-np.pi / 2, m.crotch + 0.035, 0.022)
    sack = box(hip, np.array([0.024, 0.040, 0.052]) * k, 0.012)
    flap = box(hip + np.array([-0.008, 0.016, 0]) * k, np.array([0.022, 0.028, 0.054]) * k, 0.010)
    bones = ("hips",)
    ways = [body.point(a, y, 0.008) for a, y in ((-1.45, m.waist - 0.02), (-0.75, m.waist + 0.02))]
    ways += [
        f.torso.point(0.1, m.waist + 0.45 * (m.shoulder - m.waist), 0.022),
        f.torso.point(0.95, m.shoulder - 0.004, 0.020),
    ]
    ways += [
        f.torso.point(2.6, m.shoulder - 0.03, 0.020),
        f.torso.point(-2.6, m.waist + 0.01, 0.020),
        body.point(-1.75, m.waist - 0.02, 0.008),
    ]
    band = sweep(np.array([(*p, 0.008, 0.005) for p in ways]), np.array([0, m.waist + 0.03, 0]), 30)
    drop = limb([(*ways[0], 0.006), (*hip, 0.006)], 3)
    return [
        Piece(sack, "accessory", leather, bones),
        Piece(flap, "accessory", strap, bones),
        Piece(drop, "accessory", strap, bones),
        Piece(band, "accessory", strap, TORSO),
    ]


def _held(f: Figurine) -> list[Piece]:
    """A thing in one hand, upright at rest."""
    kind, palette = f.spec.extras.held, f.spec.palette
    side = "right" if f.spec.hair.flip else "left"
    grip = 0.55 * f.at[f"{side}Hand"] + 0.45 * f.at[f"{side}HandTip"]
    floor = 0.02 - grip[1]
    wood = plain(mixed(palette.shoes, "#8a5c34", 0.5))
    gem, gold = plain(palette.eye), plain("#dcb850")
    thick = 0.0085 * f.m.mix(1.2, 1.0)

    def rod(low: float, high: float, radius: float) -> Form:
        ends = [
            (*(grip + np.array([0, max(low, floor), 0])), radius),
            (*(grip + np.array([0, high, 0])), radius),
        ]
        return limb(ends, 3)

    if kind == "staff":
        top = grip + np.array([0, 0.40, 0])
        rows = [(rod(-0.6, 0.40, thick), wood), (ellipsoid(top, np.full(3, 0.030)), gem)]
        rows.append((ring(top, np.array([0, 0, 1.0]), 0.046, 0.008), gold))
    elif kind == "wand":
        top = grip + np.array([0, 0.14, 0])
        star = union([ellipsoid(top, np.array([0.034, 0.012, 0.010]), _spin(a)) for a in (0, 60, 120)])
        rows = [(rod(-0.05, 0.14, thick * 0.8), wood), (star, gold)]
    elif kind == "sword":
        blade = box(grip + np.array([0, 0.25, 0]), np.array([0.015, 0.20, 0.0055]), 0.004)
        guard = box(grip + np.array([0, 0.045, 0]), np.array([0.040, 0.009, 0.010]), 0.004)
        pommel = ellipsoid(grip - np.array([0, 0.055, 0]), np.full(3, 0.013))
        rows = [(rod(-0.05, 0.05, thick), wood), (blade, plain("#d4dae4")), (guard, gold), (pommel, gold)]
    else:
        low = max(-0.30, floor)
        rolled = limb(
            [
                (*(grip + np.array([0, y, 0])), r)
                for y, r in ((low, 0.006), (0.6 * low, 0.024), (-0.03, 0.018))
            ],
            8,
        )
        rows = [(rod(low, 0.06, thick * 0.8), wood), (rolled, plain(palette.accent))]
    return [Piece(form, "accessory", paint, (f"{side}Hand",)) for form, paint in rows]


def _spin(degrees: float) -> np.ndarray:
    """Axes turned about z."""
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return np.array([[c, -s, 0], [s, c, 0], [0, 0, 1.0]])
