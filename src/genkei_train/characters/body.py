"""Head, torso, arms with hands, legs: the skin under everything else."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from genkei_train.characters.forms import (
    Form,
    Stations,
    both,
    clipped,
    column,
    ellipsoid,
    limb,
    stations,
    sweep,
    union,
)
from genkei_train.characters.skeleton import Measures, joints, measure
from genkei_train.characters.spec import CharacterSpec

Paint = Callable[[np.ndarray], np.ndarray]
"""Design-space points (n, 3) to sRGB (n, 3)."""

HEAD = ("head",)
TORSO = ("hips", "spine", "chest", "neck")
ARMS = ("leftUpperArm", "leftLowerArm", "rightUpperArm", "rightLowerArm")
HANDS = ("leftHand", "rightHand", "leftLowerArm", "rightLowerArm")
LEGS = ("leftUpperLeg", "leftLowerLeg", "rightUpperLeg", "rightLowerLeg")
FEET = ("leftFoot", "rightFoot", "leftLowerLeg", "rightLowerLeg")


@dataclass(frozen=True)
class Piece:
    """One solid of one material: its shape, part name, paint and the bones that may move it."""

    form: Form
    part: str
    paint: Paint
    bones: tuple[str, ...]
    seam: float = 0.004
    """Half the width round x = 0 within which bones of both sides pull."""


@dataclass(frozen=True)
class Figurine:
    """The undressed measures that garments and hair are cut to."""

    spec: CharacterSpec
    m: Measures
    at: dict[str, np.ndarray]
    skull: Stations
    torso: Stations

    def arm(self, extra: float) -> list[tuple[float, float, float, float]]:
        """Rows (x, y, z, radius) of the left arm from shoulder to wrist, `extra` thicker."""
        s, e, w = self.at["leftUpperArm"], self.at["leftLowerArm"], self.at["leftHand"]
        k = self.m.thick
        radii = [
            (s, 0.0235),
            (0.55 * s + 0.45 * e, 0.0205),
            (e, 0.0175),
            (0.7 * e + 0.3 * w, 0.0175),
            (w, 0.0125),
        ]
        return [(*p, r * k + extra) for p, r in radii]

    def leg(self, extra: float) -> list[tuple[float, float, float, float]]:
        """Rows (x, y, z, radius) of the left leg from hip to ankle, `extra` thicker."""
        h, n, f = self.at["leftUpperLeg"], self.at["leftLowerLeg"], self.at["leftFoot"]
        k = self.m.thick * self.m.mix(0.86, 1.0)
        calf = 0.68 * n + 0.32 * f + np.array([0.001, 0, -0.005])
        radii = [
            (h, 0.043),
            (0.5 * h + 0.5 * n, 0.0365),
            (n, 0.0265),
            (calf, 0.0275),
            (0.3 * n + 0.7 * f, 0.0205),
        ]
        return [(*p, r * k + extra) for p, r in [*radii, (f, 0.0155)]]


def figurine(spec: CharacterSpec) -> Figurine:
    m = measure(spec)
    return Figurine(spec, m, joints(spec, m), skull(spec, m), torso(spec, m))


def skull(spec: CharacterSpec, m: Measures) -> Stations:
    """Anime head: a wide round cranium over a short, pointed jaw; the spine passes behind the middle."""
    jaw = (1 + 0.07 * spec.masculine + 0.10 * (1 - m.tall)) * spec.build.jaw
    wide = m.mix(1.10, 1.0) * spec.build.head_wide
    deep = m.mix(1.06, 1.0) * spec.build.head_deep
    lower = [
        (0.000, 0.020, 0.030, 0.020, 0.26),
        (0.018, 0.062, 0.068, 0.060, 0.25),
        (0.055, 0.122 * jaw, 0.120, 0.110, 0.22),
        (0.13, 0.215 * jaw, 0.230, 0.200, 0.14),
        (0.22, 0.298 * jaw, 0.320, 0.290, 0.07),
        (0.33, 0.362, 0.372, 0.380, 0.03),
        (0.45, 0.396, 0.392, 0.430, 0.02),
        (0.57, 0.408, 0.400, 0.450, 0.015),
    ]
    turn = np.linspace(0.12, 1, 12) * np.pi / 2
    dome = [
        (0.57 + 0.43 * np.sin(t), 0.408 * np.cos(t), 0.40 * np.cos(t), 0.45 * np.cos(t), 0.015) for t in turn
    ]
    h = m.head
    return stations(
        [(m.chin + y * h, w * wide * h, f * deep * h, b * deep * h, c * h) for y, w, f, b, c in lower + dome]
    )


def torso(spec: CharacterSpec, m: Measures) -> Stations:
    """From the crotch to the neck."""
    boy, g = spec.masculine, spec.girth
    chest = m.waist + 0.5 * (m.shoulder - m.waist)
    hips = (m.mix(0.078, 0.079) - 0.008 * boy) * spec.build.hips
    waist = (m.mix(0.068, 0.053) + 0.010 * boy) * spec.build.waist
    bust = spec.build.chest
    rows = [
        (m.crotch - 0.012, 0.052, 0.040, 0.044, 0.0),
        (m.crotch + 0.035, hips, m.mix(0.064, 0.053), m.mix(0.064, 0.060), 0.0),
        (m.waist, waist, m.mix(0.058, 0.043), m.mix(0.054, 0.041), 0.0),
        (chest, m.mix(0.064, 0.066) + 0.008 * boy, (m.mix(0.054, 0.056) - 0.006 * boy) * bust, 0.050, -0.002),
        (m.shoulder - 0.022, m.half_shoulder - 0.001, m.mix(0.042, 0.044), 0.047, -0.005),
        (m.shoulder - 0.004, m.half_shoulder * 0.74, 0.032, 0.037, -0.007),
        (m.shoulder + 0.008, m.half_shoulder * 0.42, 0.023, 0.027, -0.008),
        (m.shoulder + 0.014, 0.023, 0.020, 0.022, -0.008),
    ]
    return stations([(y, w * g, f * g, b * g, c) for y, w, f, b, c in rows])


def body(f: Figurine, skin: Paint, face: Paint) -> list[Piece]:
    """The skin: face, ears, neck and torso, arms, hands, legs."""
    m, at = f.m, f.at
    neck_r = m.mix(0.030, 0.0215) + 0.004 * f.spec.masculine
    base, top = at["neck"], at["head"]
    trunk = [
        column(f.torso),
        limb(
            [(0, m.shoulder - 0.02, -0.006, neck_r * 1.15), (*base, neck_r), (0, top[1] + 0.02, 0.0, neck_r)]
        ),
    ]
    return [
        Piece(_head(f), "face", face, HEAD),
        Piece(both(_ear(f)), "skin", skin, HEAD),
        Piece(union(trunk, 0.012), "skin", skin, TORSO),
        Piece(both(limb(f.arm(0.0))), "skin", skin, ("chest", *ARMS)),
        Piece(both(hand(f)), "skin", skin, HANDS),
        Piece(both(limb(f.leg(0.0), 16)), "skin", skin, ("hips", *LEGS)),
    ]


def _head(f: Figurine) -> Form:
    """The skull with a small pointed nose that shows in profile."""
    h, level = f.m.head, f.spec.face.eye_level - f.spec.face.eye_height * 0.5 - 0.050
    bridge = f.skull.point(0.0, f.m.chin + (level + 0.15) * h, -0.022 * h)
    tip = f.skull.point(0.0, f.m.chin + level * h, 0.014 * h)
    nose = limb([(*bridge, 0.022 * h), (*tip, 0.017 * h)], 4)
    return union([column(f.skull, square=2.15), nose], 0.04 * h)


def _ear(f: Figurine) -> Form:
    h = f.m.head
    root = f.skull.point(np.radians(97), f.m.chin + 0.36 * h, -0.01 * h)
    tilt = np.array([[0.97, 0.2, 0.12], [-0.2, 0.95, -0.25], [-0.16, 0.22, 0.96]])
    axes = np.linalg.qr(tilt)[0]
    return ellipsoid(root + np.array([0.012, 0, 0]) * h, np.array([0.035, 0.105, 0.065]) * h, axes)


def hand(f: Figurine) -> Form:
    """Palm, four fingers and a thumb that points forward; fingers stay side by side."""
    wrist, tip = f.at["leftHand"], f.at["leftHandTip"]
    size = float(np.linalg.norm(tip - wrist))
    down = (tip - wrist) / size
    fore = np.array([0.0, 0.0, 1.0]) - down[2] * down
    fore /= np.linalg.norm(fore)
    inward = np.cross(down, fore)
    k = f.m.mix(1.5, 1.0) * (1 + 0.1 * f.spec.masculine) * f.spec.build.hands
    palm_end = wrist + 0.52 * size * down
    core = wrist + inward * 10
    palm = sweep(
        [
            (*(wrist - 0.1 * size * down), 0.0115 * k, 0.0105 * k),
            (*(wrist + 0.22 * size * down), 0.0165 * k, 0.0098 * k),
            (*palm_end, 0.0165 * k, 0.0085 * k),
        ],
        core,
    )
    fingers = []
    for place, reach in ((-1.5, 0.40), (-0.5, 0.50), (0.5, 0.53), (1.5, 0.47)):
        side = fore * place * 0.0081 * k
        knuckle = palm_end + side - 0.05 * size * down
        bend = knuckle + 0.55 * reach * size * down + side * 0.12 + inward * 0.002 * k
        end = knuckle + reach * size * down + side * 0.16 + inward * 0.008 * k
        fingers.append(limb([(*knuckle, 0.0064 * k), (*bend, 0.0060 * k), (*end, 0.0048 * k)], 6))
    root = wrist + 0.16 * size * down + fore * 0.010 * k
    thumb_end = wrist + 0.60 * size * down + fore * 0.030 * k + inward * 0.010 * k
    middle = 0.45 * root + 0.55 * thumb_end + fore * 0.005 * k
    thumb = limb([(*root, 0.0085 * k), (*middle, 0.0075 * k), (*thumb_end, 0.0052 * k)], 6)
    return union([palm, *fingers, thumb], 0.0025)


def above(level: float) -> Callable[[np.ndarray], np.ndarray]:
    """Region y > level, for `clipped`."""
    return lambda p: level - p[:, 1]


def below(level: float) -> Callable[[np.ndarray], np.ndarray]:
    """Region y < level, for `clipped`."""
    return lambda p: p[:, 1] - level


__all__ = [
    "ARMS",
    "FEET",
    "HANDS",
    "HEAD",
    "LEGS",
    "TORSO",
    "Figurine",
    "Paint",
    "Piece",
    "above",
    "below",
    "body",
    "clipped",
    "figurine",
]
