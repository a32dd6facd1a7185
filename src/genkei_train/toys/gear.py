"""What toys wear and carry: chest plates, belts, pauldrons, capes, packs, tails, weapons."""

import numpy as np

from genkei_train.characters.body import TORSO, Piece
from genkei_train.characters.build import UNKNOWN
from genkei_train.characters.forms import Form, both, box, clipped, ellipsoid, limb, ring, union, without
from genkei_train.characters.paint import mixed, patterned, plain
from genkei_train.toys.bodies import bare
from genkei_train.toys.frame import ToyFrame
from genkei_train.toys.lumps import behind, patch, tube

BACK = ("chest", "spine")


def gear(f: ToyFrame) -> list[Piece]:
    wears = f.spec.gear
    pieces = [*_chest(f), *_waist(f), *_shoulders(f), *_back(f)]
    if f.spec.kind == "animal" and wears.tail:
        pieces += _tail(f)
    if wears.held != "none" and f.spec.kind != "blob":
        pieces += _held(f)
    return pieces


def _chest(f: ToyFrame) -> list[Piece]:
    p, t, kind = f.spec.palette, f.torso, f.spec.gear.chest
    tall = t.high - t.low
    if kind == "plate":
        form = patch(t, 0.012, t.at(0.58), (0.78 * t.wide, 0.27 * tall))
        return [Piece(form, "cloth", plain(p.second), TORSO)]
    if kind == "panel":
        at = t.point(0.0, t.at(0.58))
        half = np.array([0.42 * t.wide, 0.15 * tall, 0.016])
        pieces = [Piece(box(at, half, 0.006), "accessory", plain(mixed(p.second, "#9aa2ac", 0.5)), BACK)]
        for k, colour in enumerate((p.glow, p.accent, p.main)):
            knob = at + np.array([(k - 1) * 0.25 * t.wide, 0.03 * tall, 0.016])
            pieces.append(
                Piece(ellipsoid(knob, np.full(3, 0.075 * t.wide)), "accessory", plain(colour), BACK)
            )
        return pieces
    if kind == "buttons":
        spots = [ellipsoid(t.point(0.0, t.at(y)), np.full(3, 0.07 * t.wide)) for y in (0.38, 0.56, 0.74)]
        return [Piece(union(spots), "accessory", plain(p.accent), TORSO)]
    if kind == "badge":
        at = t.point(0.35, t.at(0.68))
        disc = ellipsoid(at, np.array([0.16, 0.16, 0.09]) * t.wide)
        return [Piece(disc, "accessory", plain(p.accent), BACK)]
    return []


def _waist(f: ToyFrame) -> list[Piece]:
    p, t, kind = f.spec.palette, f.torso, f.spec.gear.waist
    if kind == "none" or f.spec.kind == "blob":
        return []
    share = [float(t.share(np.array([t.at(y)]))[0]) for y in (0.24, 0.36)]
    belt = tube(t.grown(0.008), [(t.at(0.24), share[0]), (t.at(0.36), share[1])])
    buckle = box(
        t.point(0.0, t.at(0.30), 0.006), np.array([0.16 * t.wide, 0.07 * (t.high - t.low), 0.008]), 0.004
    )
    pieces = [
        Piece(belt, "accessory", plain(p.dark), ("hips", "spine")),
        Piece(buckle, "accessory", plain(p.accent), ("hips", "spine")),
    ]
    if kind == "skirt":
        hem = max(f.crotch * 0.45, 0.02)
        paint = patterned(plain(p.main), "bars", (mixed(p.main, p.dark, 0.35), p.accent), (hem, t.at(0.3)))
        flare = 1.35 if f.crotch > 0.15 else 1.15
        skirt = tube(t.grown(0.005), [(hem, flare), (t.at(0.30), share[0])])
        pieces.append(Piece(skirt, "cloth", paint, ("hips", "leftUpperLeg", "rightUpperLeg")))
    return pieces


def _shoulders(f: ToyFrame) -> list[Piece]:
    p, kind, r, s = f.spec.palette, f.spec.gear.shoulders, f.arm, f.at["leftUpperArm"]
    if kind == "none":
        return []
    bones = ("leftUpperArm", "rightUpperArm")
    if kind == "balls":
        return [Piece(both(ellipsoid(s, np.full(3, 1.3 * r))), "cloth", plain(p.dark), bones)]
    way = f.at["leftLowerArm"] - s
    way = way / np.linalg.norm(way)
    out = np.array([-way[1], way[0], 0.0])
    axes = np.column_stack([way, out, [0, 0, 1.0]])
    plate = ellipsoid(s + 0.35 * r * way + 0.35 * r * out, np.array([1.7, 1.15, 1.75]) * r, axes)
    return [Piece(both(plate), "accessory", plain(p.second), bones)]


def _back(f: ToyFrame) -> list[Piece]:
    p, t, kind = f.spec.palette, f.torso, f.spec.gear.back
    tall = t.high - t.low
    if kind == "none":
        return []
    at = t.point(np.pi, t.at(0.58))
    if kind == "cape":
        return [_cape(f)]
    if kind == "shell":
        form = ellipsoid(t.point(np.pi, t.at(0.5)), np.array([0.95 * t.wide, 0.52 * tall, 0.5 * t.deep]))
        return [Piece(form, "accessory", plain(p.accent), BACK)]
    if kind == "key":
        far = at - np.array([0, 0, 0.09])
        rod = limb([(*(at + np.array([0, 0, 0.02])), 0.010), (*far, 0.010)], 3)
        side = ring(far + np.array([0.034, 0, -0.01]), np.array([0, 0, 1.0]), 0.026, 0.010)
        return [Piece(union([rod, both(side)]), "accessory", plain(p.accent), BACK)]
    half = np.array([0.62 * t.wide, 0.34 * tall, max(0.38 * t.deep, 0.03)])
    pack = box(at - np.array([0, 0, 0.7 * half[2]]), half, 0.3 * float(half.min()))
    pieces = [Piece(pack, "accessory", plain(mixed(p.accent, p.dark, 0.25)), BACK)]
    if kind == "jetpack":
        x, z = 0.45 * t.wide, at[2] - half[2]
        r = 0.26 * t.wide
        tank = limb([(x, t.at(0.30), z, r), (x, t.at(0.85), z, r)], 3)
        nozzle = limb([(x, t.at(0.10), z, 0.8 * r), (x, t.at(0.28), z, 0.5 * r)], 3)
        pieces += [
            Piece(both(tank), "accessory", plain(p.second), BACK),
            Piece(both(nozzle), "accessory", plain(p.dark), BACK),
        ]
    return pieces


def _cape(f: ToyFrame) -> Piece:
    t = f.torso
    low, high = max(0.25 * f.crotch, 0.02), t.at(0.92)
    rows = [(low, 1.45), (0.5 * (low + high), 1.25), (high, float(t.share(np.array([high]))[0]) + 0.08)]
    outer = tube(t.grown(0.010), rows)
    inner = tube(t.grown(-0.012), [(rows[0][0] - 0.05, rows[0][1]), *rows[1:]])
    sheet = clipped(without(outer, inner), behind(-0.25 * t.deep))
    return Piece(sheet, "accessory", plain(f.spec.palette.accent), ("chest", "spine", "hips"))


def _tail(f: ToyFrame) -> list[Piece]:
    t, p, beast = f.torso, f.spec.palette, f.spec.beast
    root, w = t.point(np.pi, t.at(0.2), -0.01), t.wide
    colour = plain(p.hair)
    if beast in ("bear", "rabbit", "pig"):
        ball = ellipsoid(root, np.full(3, 0.24 * w))
        return [Piece(ball, "skin", plain(mixed(p.hair, "#fff4e6", 0.5)), ("hips",))]
    if beast == "dino":
        floor = 0.02 + 0.08 * w
        end = np.array([0, floor, root[2] - 1.5 * w])
        halfway = max(0.5 * (root[1] + floor), 0.37 * w)
        rows = [(0, t.at(0.25), -0.2 * t.deep, 0.62 * w), (0, halfway, root[2] - 0.5 * w, 0.36 * w)]
        knobs: list[Form] = [
            ellipsoid(t.point(np.pi, t.at(y), 0.01), np.array([0.08, 0.28, 0.28]) * w)
            for y in (0.85, 0.6, 0.4)
        ]
        return [
            Piece(limb([*rows, (*end, 0.07 * w)]), "skin" if bare(f) else UNKNOWN, colour, ("hips",)),
            Piece(union(knobs), UNKNOWN, plain(p.accent), TORSO),
        ]
    if beast in ("cat", "dog"):
        rows = [(0, 0, 0.02, 0.15), (0.1, 0.1, -0.5, 0.13), (0.25, 0.6, -0.75, 0.13), (0.3, 1.1, -0.7, 0.10)]
        knots = [(x * w, root[1] + y * w, root[2] + z * w, r * w) for x, y, z, r in rows]
        return [Piece(limb(knots), "skin", colour, ("hips",))]
    return []


def _held(f: ToyFrame) -> list[Piece]:
    """A chunky thing in the right hand, pointing up and forward; shields on the left as well."""
    p, r = f.spec.palette, f.arm
    grip = 0.4 * f.at["rightHand"] + 0.6 * f.at["rightHandTip"]
    lean = np.radians(50.0 if f.spec.limbs.arm_out_deg < 50 else 15.0)
    up = np.array([0.0, np.cos(lean), np.sin(lean)])
    front = np.array([0.0, -np.sin(lean), np.cos(lean)])
    turn = np.column_stack([[1.0, 0, 0], up, front])
    steel, wood = plain(mixed(p.second, "#c9d0da", 0.7)), plain(mixed(p.shoes, "#8a5c34", 0.5))

    def rod(low: float, high: float, thick: float) -> Form:
        return limb([(*(grip + low * up), thick), (*(grip + high * up), thick)], 3)

    thick = max(0.35 * r, 0.009)
    kind = f.spec.gear.held
    if kind == "sword":
        blade = box(grip + 0.17 * up, np.array([0.024, 0.14, 0.009]), 0.006, turn)
        guard = box(grip + 0.035 * up, np.array([0.05, 0.010, 0.014]), 0.005, turn)
        rows = [(rod(-0.05, 0.04, thick), wood), (blade, steel), (guard, plain(p.accent))]
    elif kind == "axe":
        blade = ellipsoid(grip + 0.18 * up + 0.03 * front, np.array([0.012, 0.055, 0.06]), turn)
        rows = [(rod(-0.06, 0.22, thick), wood), (blade, steel)]
    elif kind == "hammer":
        block = box(grip + 0.19 * up, np.array([0.035, 0.038, 0.065]), 0.01, turn)
        rows = [(rod(-0.06, 0.19, thick), wood), (block, steel)]
    elif kind == "staff":
        knob = ellipsoid(grip + 0.24 * up, np.full(3, 0.034))
        rows = [(rod(-0.08, 0.22, thick), wood), (knob, plain(p.glow))]
    elif kind == "ball":
        rows = [(ellipsoid(grip + 0.055 * up + 0.03 * front, np.full(3, 0.06)), plain(p.accent))]
    else:
        rows = []
    pieces = [Piece(form, "accessory", paint, ("rightHand",)) for form, paint in rows]
    if kind == "shield" or (kind in ("sword", "axe") and f.spec.kind == "knight"):
        at = 0.5 * (f.at["leftLowerArm"] + f.at["leftHandTip"]) + np.array([0, 0, 0.9 * r])
        disc = ellipsoid(at, np.array([0.10, 0.12, max(0.022, 0.5 * r)]))
        boss = ellipsoid(at + np.array([0, 0, 0.018]), np.array([0.035, 0.035, 0.025]))
        pieces += [
            Piece(disc, "accessory", plain(p.main), ("leftLowerArm", "leftHand")),
            Piece(boss, "accessory", steel, ("leftLowerArm", "leftHand")),
        ]
    return pieces
