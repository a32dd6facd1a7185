"""Heads of toys with their faces, ears, muzzles and what is worn on them.

Parts: heads of people and animals are `face` whole, as those of our anime characters are; so are screens and
visors. Helmets, globes, hats and shells with a screen are `accessory`, animals' ears `skin`. Where a face is
painted on a robot's shell, a golem or a blob, nobody can tell.
"""

import numpy as np

from genkei_train.characters.body import HEAD, TORSO, Piece
from genkei_train.characters.build import UNKNOWN
from genkei_train.characters.forms import Form, both, clipped, ellipsoid, limb, sweep, union
from genkei_train.characters.paint import mixed, plain, rgb
from genkei_train.toys.faces import painted
from genkei_train.toys.frame import ToyFrame
from genkei_train.toys.headwear import headwear
from genkei_train.toys.lumps import patch

FLAT = np.array([0.0, 0.0, -100.0])
LIFT = 0.004
"""A painted plate stands off the head this far, in figure heights."""


def head(f: ToyFrame) -> list[Piece]:
    """Everything that the head bone carries."""
    p, lump = f.spec.palette, f.head
    bones = (*HEAD, *TORSO) if f.spec.kind == "blob" else HEAD
    ground = plain(_colour(f))
    if f.spec.face.front == "decal":
        ink = "#2a1c20" if rgb(_colour(f)).mean() > 0.35 else "#f6f2ea"
        part = "face" if f.spec.kind in ("person", "animal") else UNKNOWN
        pieces = [Piece(lump.form(), part, painted(f.spec, ground, f.face_square, ink), bones)]
    else:
        pieces = [Piece(lump.form(), "accessory", ground, bones), _front(f, bones)]
    if f.spec.sink < 0 and f.spec.kind != "blob":
        low, top = f.torso.at(0.85), f.head.at(0.2)
        thick = min(0.45 * f.head.wide, 0.6 * f.torso.wide)
        neck = limb([(0, low, 0, thick), (0, top, 0, thick)], 3)
        neck_paint = plain(p.dark if f.spec.kind == "robot" else _colour(f))
        pieces.append(
            Piece(neck, "skin" if f.spec.kind == "person" else UNKNOWN, neck_paint, ("neck", "head"))
        )
    if f.spec.kind == "animal":
        pieces += _beast(f)
    if f.spec.kind == "blob" and f.spec.limbs.foot == "none" and f.spec.head.taper < -0.15:
        pieces.append(_hem(f))
    if f.spec.gear.sides != "none":
        pieces.append(_sides(f))
    if f.spec.gear.beard:
        pieces.append(_beard(f))
    return pieces + headwear(f)


def _colour(f: ToyFrame) -> str:
    p = f.spec.palette
    return {"person": p.skin, "animal": p.hair, "astronaut": p.second, "knight": p.main}.get(
        f.spec.kind, p.main
    )


def _front(f: ToyFrame, bones: tuple[str, ...]) -> Piece:
    """The plate of the face: a dark screen, or a window."""
    p, face, square = f.spec.palette, f.spec.face, f.face_square
    middle, side, _ = square
    half = (0.47 * side, 0.40 * side)
    if face.front == "screen":
        form = patch(f.head, 3 * LIFT, middle, (min(1.15 * half[0], 0.85 * f.head.wide), half[1]))
        return Piece(form, "face", painted(f.spec, plain(p.dark), square, p.glow), bones)
    form = patch(f.head, 3 * LIFT, middle, (0.86 * f.head.wide, 0.75 * half[1]), 3.0)
    if f.spec.kind == "astronaut" and face.eyes != "slit":
        return Piece(form, "face", painted(f.spec, plain(p.skin), square, "#2a1c20"), bones)
    return Piece(form, "face", painted(f.spec, plain(p.dark), square, p.glow), bones)


def _hem(f: ToyFrame) -> Piece:
    """The scalloped lower edge of a ghost."""
    lump, y = f.head, f.head.at(0.07)
    r = 0.26 * lump.half_width(y)
    scallops = [ellipsoid(lump.point(t, y, -0.5 * r), np.full(3, r)) for t in np.arange(11) * 2 * np.pi / 11]
    return Piece(union(scallops), UNKNOWN, plain(_colour(f)), TORSO)


def _beast(f: ToyFrame) -> list[Piece]:
    """Ears, muzzle or beak, eyes of frogs, spikes of dinosaurs; lengths in half head widths."""
    k, p, lump = f.head.wide, f.spec.palette, f.head
    fur, pale = plain(p.hair), plain(mixed(p.hair, "#fff4e6", 0.65))
    middle, side, _ = f.face_square
    beast = f.spec.beast
    below_eyes = max(1.5 * f.spec.face.size * side, 0.40 * k)
    nose_y = max(middle + (f.spec.face.level - 0.5) * side - below_eyes, lump.at(0.2))
    front = lump.point(0.0, nose_y)
    pieces = []
    if beast in _EARS:
        angle, level, rows, inner = _EARS[beast]
        root = lump.point(np.radians(angle), lump.at(level), -0.06 * k)
        table = np.asarray(rows, float) * k
        table[:, :3] += root
        pieces.append(Piece(both(sweep(table, FLAT, 10)), "skin", fur, HEAD))
        if inner:
            small = table * np.array([1, 1, 1, 0.6, 0.9]) + np.array([0, 0, 0.035 * k, 0, 0])
            pieces.append(Piece(both(sweep(small, FLAT, 10)), "skin", pale, HEAD))
    if beast == "frog":
        at = lump.point(np.radians(50), lump.at(0.9)) * [1, 1, 0.6]
        for shift, size, paint in (
            (0.0, 0.30, fur),
            (0.10, 0.24, plain("#fbfaf4")),
            (0.27, 0.12, plain(p.dark)),
        ):
            ball = ellipsoid(at + np.array([0, 0, shift * k]), np.array([size, size, min(size, 0.2)]) * k)
            pieces.append(Piece(both(ball), "face", paint, HEAD))
        return pieces
    long = {"bear": 0.30, "dog": 0.38, "pig": 0.30, "dino": 0.55, "cat": 0.16, "rabbit": 0.16}.get(beast, 0.0)
    if beast == "bird":
        beak = ellipsoid(front, np.array([0.26 * k, 0.14 * k, 0.34 * k]))
        return [*pieces, Piece(beak, "face", plain(p.accent), HEAD)]
    broad = {"dino": (0.56, 0.36)}.get(beast, (0.40, 0.30) if long > 0.2 else (0.28, 0.20))
    muzzle = ellipsoid(front, np.array([*broad, long]) * k)
    snout = fur if beast == "dino" else pale
    pieces.append(Piece(muzzle, "face", snout, HEAD))
    tip = front + np.array([0, 0.10 * k, 0.95 * long * k])
    size = np.array([0.20, 0.15, 0.07]) if beast == "pig" else np.array([0.11, 0.08, 0.07])
    if beast != "dino":
        nose = plain(mixed(p.hair, "#d86a70", 0.7) if beast in ("pig", "cat", "rabbit") else p.dark)
        pieces.append(Piece(ellipsoid(tip, size * k), "face", nose, HEAD))
    else:
        knobs: list[Form] = [
            ellipsoid(
                np.array([0, lump.at(y), lump.point(np.pi, lump.at(y))[2]]), np.array([0.08, 0.28, 0.28]) * k
            )
            for y in (0.9, 0.66, 0.42)
        ]
        pieces.append(Piece(union(knobs), UNKNOWN, plain(p.accent), HEAD))
    return pieces


Row = tuple[float, float, float, float, float]
_EARS: dict[str, tuple[float, float, list[Row], bool]] = {
    "bear": (
        88, 0.84, [(0, 0.02, 0, 0.26, 0.15), (0.10, 0.14, 0, 0.30, 0.15), (0.16, 0.24, 0, 0.22, 0.13)], True,
    ),
    "cat": (
        80, 0.86, [(0, -0.1, 0, 0.30, 0.14), (0.06, 0.2, 0, 0.22, 0.11), (0.10, 0.52, 0, 0.04, 0.06)], True,
    ),
    "rabbit": (
        70, 0.93,
        [(0, -0.1, 0, 0.14, 0.1), (0.03, 0.35, 0, 0.21, 0.11),
         (0.06, 0.8, 0, 0.2, 0.1), (0.08, 1.1, 0, 0.08, 0.07)],
        True,
    ),
    "dog": (
        90, 0.82,
        [(-0.05, 0.1, 0, 0.2, 0.1), (0.14, 0.05, 0, 0.2, 0.1),
         (0.22, -0.3, 0.05, 0.24, 0.1), (0.2, -0.6, 0, 0.1, 0.1)],
        False,
    ),
    "pig": (
        72, 0.88,
        [(0, -0.05, 0, 0.2, 0.1), (0.1, 0.16, 0.08, 0.18, 0.09), (0.16, 0.2, 0.24, 0.05, 0.06)],
        False,
    ),
}  # fmt: skip
"""Angle and height of the root, rows of offset, half width and half thickness; whether the inside is pale."""


def _sides(f: ToyFrame) -> Piece:
    """Round pods or plain ears at the sides of the head."""
    k, lump = f.head.wide, f.head
    at = lump.point(np.pi / 2, lump.at(0.5))
    if f.spec.gear.sides == "ears":
        return Piece(both(ellipsoid(at, np.array([0.10, 0.20, 0.13]) * k)), "skin", plain(_colour(f)), HEAD)
    out = np.array([k, 0, 0])
    pod = limb([(*(at - 0.1 * out), 0.26 * k), (*(at + 0.06 * out), 0.22 * k)], 3)
    return Piece(both(pod), "accessory", plain(f.spec.palette.accent), HEAD)


def _beard(f: ToyFrame) -> Piece:
    lump, k = f.head, f.head_size
    edge, long = lump.at(0.27), lump.low - 0.10 * k
    half = (lump.high - lump.low) / 2

    def region(p: np.ndarray) -> np.ndarray:
        rise = 0.18 * k * np.clip(np.abs(p[:, 0]) / lump.wide, 0, 1) ** 3
        return np.maximum(np.maximum(p[:, 1] - edge - rise, -p[:, 2]), long - p[:, 1])

    shape = clipped(lump.grown(0.10 * half).form(), region)
    tip = ellipsoid(lump.point(0.0, lump.at(0.14)), np.array([0.5 * lump.wide, 0.20 * k, 0.28 * lump.deep]))
    return Piece(union([shape, tip], 0.01), "hair", plain(f.spec.palette.hair), HEAD)
