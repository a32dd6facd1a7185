"""Torsos, arms, hands, legs and feet of toys.

Parts: clothes, armour, shells of robots and suits are `cloth`; bare bodies of people and animals are `skin`;
feet are `shoes` but for the bare paws of animals; of golems and blobs nobody can tell.
"""

import numpy as np

from genkei_train.characters.body import HANDS, TORSO, Piece
from genkei_train.characters.build import UNKNOWN
from genkei_train.characters.forms import Form, both, box, ellipsoid, limb, union
from genkei_train.characters.paint import Paint, mixed, over, patterned, plain
from genkei_train.toys.frame import ToyFrame
from genkei_train.toys.lumps import Lump, moved, straight, tube
from genkei_train.toys.spec import Block

UPPER_ARM = ("leftUpperArm", "rightUpperArm")
LOWER_ARM = ("leftLowerArm", "rightLowerArm", "leftUpperArm", "rightUpperArm")
THIGH = ("leftUpperLeg", "rightUpperLeg", "hips")
SHIN = ("leftLowerLeg", "rightLowerLeg", "leftUpperLeg", "rightUpperLeg")
FEET = ("leftFoot", "rightFoot")


def bare(f: ToyFrame) -> bool:
    """An animal without clothes, or something that never has any."""
    return f.spec.kind in ("golem", "blob") or (f.spec.kind == "animal" and not f.spec.gear.sleeves)


def body(f: ToyFrame) -> list[Piece]:
    """Torso with its paint, arms, legs."""
    pieces = [] if f.spec.kind == "blob" else _trunk(f)
    return [*pieces, *_arms(f), *(_legs(f) if f.spec.limbs.foot != "none" else [])]


def _fur(f: ToyFrame) -> tuple[str, str]:
    """Part and colour of what is bare."""
    p = f.spec.palette
    if f.spec.kind == "animal":
        return "skin", p.hair
    return (UNKNOWN, p.main) if f.spec.kind in ("golem", "blob") else ("skin", p.skin)


def _trunk(f: ToyFrame) -> list[Piece]:
    part, colour = _fur(f) if bare(f) else ("cloth", _suit(f))
    pieces = [Piece(f.torso.form(), part, torso_paint(f, colour), TORSO)]
    if f.spec.kind in ("person", "animal") and not bare(f):
        low = tube_of_trousers(f)
        pieces.append(Piece(low, "cloth", plain(f.spec.palette.second), ("hips", "spine")))
    return pieces


def _suit(f: ToyFrame) -> str:
    p = f.spec.palette
    return p.second if f.spec.kind == "astronaut" else p.main


def tube_of_trousers(f: ToyFrame) -> Form:
    """The lower part of the torso, a hair thicker."""
    top = f.torso.at(0.30)
    y = np.linspace(f.torso.low + 0.02 * (top - f.torso.low), top, 16)
    return tube(f.torso.grown(0.004), [(float(v), float(f.torso.share(np.array([v]))[0])) for v in y])


def torso_paint(f: ToyFrame, colour: str) -> Paint:
    """Belly patches, stripes, panel lines, zips and vests."""
    p, torso, kind = f.spec.palette, f.torso, f.spec.gear.pattern
    ground = plain(colour)
    deep = 0.2 * torso.deep

    def front(p: np.ndarray) -> np.ndarray:
        return np.clip((p[:, 2] - deep) / 0.002, 0, 1)

    if kind == "belly":
        pale = mixed(colour, "#fff4e6", 0.7) if f.spec.kind in ("animal", "golem") else p.second

        def oval(q: np.ndarray) -> np.ndarray:
            r = np.hypot(
                q[:, 0] / (0.62 * torso.wide), (q[:, 1] - torso.at(0.42)) / (0.40 * (torso.high - torso.low))
            )
            return np.clip((1 - r) * 60, 0, 1) * front(q)

        return over(ground, pale, oval)
    if kind in ("stripes", "dots"):
        return patterned(
            ground, kind, (p.second if colour != p.second else p.main, p.accent), (torso.low, torso.high)
        )
    if kind == "halves":
        return over(ground, p.accent, lambda q: np.clip((torso.at(0.5) - q[:, 1]) / 0.001, 0, 1))
    if kind == "panel":
        ink = mixed(colour, p.dark, 0.6)
        lines = over(
            ground, ink, lambda q: np.clip((0.0025 - np.abs(q[:, 1] - torso.at(0.38))) / 0.001, 0, 1)
        )
        return over(
            lines, ink, lambda q: _line(np.abs(q[:, 0]) - 0.5 * torso.wide) * (q[:, 1] > torso.at(0.38))
        )
    if kind == "zip":
        return over(ground, p.dark, lambda q: _line(q[:, 0], 0.003) * front(q))
    if kind == "vest":
        return over(ground, p.second, lambda q: _line(q[:, 0], 0.3 * torso.wide) * front(q))
    return ground


def _line(x: np.ndarray, half: float = 0.002) -> np.ndarray:
    return np.clip((half - np.abs(x)) / 0.001, 0, 1)


def _arms(f: ToyFrame) -> list[Piece]:
    s, e, w = (f.at[k] for k in ("leftUpperArm", "leftLowerArm", "leftHand"))
    kind, limbs, p, r = f.spec.limbs.arm, f.spec.limbs, f.spec.palette, f.arm
    shape = "capsule" if kind in ("taper", "club") else kind
    ends = {"taper": (1.0, 0.85, 0.65), "club": (0.75, 0.9, 1.15)}.get(kind, (1.0, 1.0, 1.0))
    upper = straight(shape, s, e, (r * ends[0], r * ends[1]))
    lower = straight(shape, e, w, (r * ends[1], r * ends[2]))
    if bare(f):
        part, colour = _fur(f)
        pieces = [
            Piece(both(upper), part, plain(colour), UPPER_ARM),
            Piece(both(lower), part, plain(colour), LOWER_ARM),
        ]
    else:
        sleeve = plain(_suit(f))
        fore = ("skin", plain(p.skin)) if not limbs_covered(f) else ("cloth", sleeve)
        pieces = [
            Piece(both(upper), "cloth", sleeve, UPPER_ARM),
            Piece(both(lower), fore[0], fore[1], LOWER_ARM),
        ]
    if f.spec.kind in ("robot", "knight"):
        joint = ellipsoid(e, np.full(3, 1.08 * r * ends[1]))
        pieces.append(Piece(both(joint), "cloth", plain(p.dark), LOWER_ARM))
    if limbs.hand != "stump":
        pieces.append(_hand(f, w, f.at["leftHandTip"]))
    return pieces


def limbs_covered(f: ToyFrame) -> bool:
    return f.spec.gear.sleeves or f.spec.kind not in ("person",)


def _hand(f: ToyFrame, wrist: np.ndarray, tip: np.ndarray) -> Piece:
    p, kind, r = f.spec.palette, f.spec.limbs.hand, f.arm * f.spec.limbs.hand_size
    way = (tip - wrist) / np.linalg.norm(tip - wrist)
    middle = wrist + 0.7 * r * way
    front = np.array([0, 0, 1.0]) - way[2] * way
    front /= np.linalg.norm(front)
    across = np.cross(way, front)
    turn = np.column_stack([across, way, front])
    if kind == "box":
        form = box(middle, np.array([0.8, 1.0, 0.9]) * r, 0.3 * r, turn)
    elif kind == "claw":
        palm = ellipsoid(wrist + 0.3 * r * way, np.full(3, 0.8 * r))
        prongs = []
        for side in (-1.0, 1.0):
            root, knee = (
                wrist + 0.5 * r * way + 0.5 * side * r * front,
                wrist + 1.2 * r * way + side * r * front,
            )
            prongs.append(
                limb(
                    [
                        (*root, 0.3 * r),
                        (*knee, 0.3 * r),
                        (*(knee + 0.9 * r * way - 0.4 * side * r * front), 0.2 * r),
                    ]
                )
            )
        form = union([palm, *prongs])
    else:
        form = ellipsoid(
            middle, np.array([0.85, 1.1, 1.0] if kind == "mitten" else [1.0, 1.0, 1.0]) * r, turn
        )
        if kind == "mitten":
            thumb = limb([(*middle, 0.4 * r), (*(middle + 0.5 * r * way + 0.95 * r * front), 0.32 * r)], 3)
            form = union([form, thumb], 0.15 * r)
    part, colour = {
        "robot": ("cloth", p.second),
        "knight": ("cloth", p.dark),
        "astronaut": ("cloth", p.accent),
    }.get(f.spec.kind, _fur(f))
    return Piece(both(form), part, plain(colour), HANDS)


def _legs(f: ToyFrame) -> list[Piece]:
    h, n, a = (f.at[k] for k in ("leftUpperLeg", "leftLowerLeg", "leftFoot"))
    kind, p, r = f.spec.limbs.leg, f.spec.palette, f.leg
    shape = "capsule" if kind in ("taper", "club") else kind
    ends = {"taper": (1.0, 0.9, 0.75), "club": (0.8, 0.95, 1.1)}.get(kind, (1.0, 1.0, 1.0))
    sole = np.array([a[0], max(a[1], 0.95 * r * ends[2]), a[2]])
    if bare(f):
        part, colour = _fur(f)
    else:
        part, colour = "cloth", _suit(f) if f.spec.kind in ("robot", "knight", "astronaut") else p.second
    pieces = [
        Piece(both(straight(shape, h, n, (r * ends[0], r * ends[1]))), part, plain(colour), THIGH),
        Piece(both(straight(shape, n, sole, (r * ends[1], r * ends[2]))), part, plain(colour), SHIN),
    ]
    if f.spec.kind in ("robot", "knight") and f.crotch > 4 * r:
        joint = ellipsoid(n, np.full(3, 1.08 * r))
        pieces.append(Piece(both(joint), part, plain(p.dark), SHIN))
    return [*pieces, *_feet(f, r * ends[2])]


def _feet(f: ToyFrame, r: float) -> list[Piece]:
    p, limbs, at = f.spec.palette, f.spec.limbs, f.at["leftFoot"]
    high = float(np.clip(1.2 * r, 0.02, 0.9 * f.crotch))
    wide = min(1.12 * r, 0.98 * float(at[0]))
    deep = 0.5 * (r + limbs.foot_long * r)
    block = {
        "shoe": Block(rounding=3.0, square=2.6, taper=-0.25),
        "block": Block(rounding=6.0, square=6.0),
    }.get(limbs.foot, Block(rounding=2.2, square=2.2))
    shape = moved(Lump(0.0, high, wide, deep, block).form(), np.array([at[0], 0, deep - 1.05 * r]))
    part, colour = ("shoes", p.shoes) if not bare(f) and f.spec.kind != "animal" else _fur(f)
    if f.spec.kind == "animal" and f.spec.beast == "bird":
        colour = p.accent
    pieces = [Piece(both(shape), part, plain(colour), FEET)]
    if limbs.foot == "shoe" and part == "shoes" and f.crotch > 5 * r:
        rise = np.array([0, 1.2 * r - at[1], 0])
        boot = limb([(*(at + rise), 1.12 * r), (*(at + rise + np.array([0, 1.2 * r, 0])), 1.15 * r)], 3)
        pieces.append(Piece(both(boot), "shoes", plain(colour), (*FEET, "leftLowerLeg", "rightLowerLeg")))
    return pieces
