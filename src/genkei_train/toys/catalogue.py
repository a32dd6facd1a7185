"""Toys without end: a seed in, a specification out, the same one every time."""

from typing import get_args

import numpy as np

from genkei_train.characters.catalogue import SKINS, between, one_of, random_cloth, random_colour
from genkei_train.toys.spec import (
    Back,
    Beast,
    Block,
    Chest,
    Eyes,
    Face,
    Foot,
    Gear,
    Hand,
    Headwear,
    Kind,
    Limb,
    Limbs,
    Mouth,
    Palette,
    Pattern,
    ToySpec,
)

KINDS: dict[Kind, float] = {
    "robot": 0.24,
    "animal": 0.22,
    "person": 0.24,
    "knight": 0.10,
    "astronaut": 0.08,
    "golem": 0.06,
    "blob": 0.06,
}
"""How often each is drawn."""
FURS = (
    "#8a5a3c",
    "#c99a66",
    "#f1e7d8",
    "#54463f",
    "#e8b64c",
    "#9aa0a8",
    "#f3b7c0",
    "#6fae52",
    "#4f7fc0",
    "#23252e",
)
METALS = ("#c8ced6", "#8f99a6", "#5a6470", "#e8e6df", "#b98f4c")
BOXED: tuple[Kind, ...] = ("robot", "golem")


def random_toy(seed: int) -> ToySpec:
    """A toy of the whole catalogue, decided by `seed` alone."""
    rng = np.random.default_rng([seed, 0x70F5])
    kind: Kind = KINDS_IN_ORDER[int(rng.choice(len(KINDS), p=np.array(list(KINDS.values()))))]
    beast: Beast = one_of(rng, get_args(Beast))
    heads = between(rng, 1.3, 1.8) if kind == "blob" else _heads(rng)
    return ToySpec(
        name=f"toy {seed}",
        kind=kind,
        beast=beast,
        heads=heads,
        sink=between(rng, -0.10, 0.0) if rng.random() < 0.25 and heads > 1.8 else between(rng, 0.02, 0.14),
        head=_head(rng, kind),
        torso=_torso(rng, kind, heads),
        limbs=_limbs(rng, kind, heads),
        face=_face(rng, kind, beast),
        palette=_palette(rng, kind, beast),
        gear=_gear(rng, kind),
    )


KINDS_IN_ORDER: tuple[Kind, ...] = tuple(KINDS)


def _heads(rng: np.random.Generator) -> float:
    return round(float(np.clip(1.45 + rng.gamma(2.2, 0.55), 1.45, 5.0)), 3)


def _head(rng: np.random.Generator, kind: Kind) -> Block:
    square = kind in BOXED and rng.random() < 0.6
    if kind == "astronaut":
        return Block(between(rng, 0.95, 1.15), between(rng, 0.9, 1.1), 2.0, 2.0)
    if kind == "blob":
        return Block(
            between(rng, 0.6, 1.0),
            between(rng, 0.6, 1.05),
            between(rng, 2.0, 3.5),
            2.0,
            between(rng, -0.45, 0.1),
        )
    return Block(
        wide=between(rng, 0.75, 1.5),
        deep=between(rng, 0.55, 1.25),
        rounding=between(rng, 4.0, 10.0) if square else between(rng, 2.0, 6.0),
        square=between(rng, 4.0, 9.0) if square else between(rng, 2.0, 3.5),
        taper=between(rng, -0.22, 0.22) if rng.random() < 0.5 else 0.0,
        bulge=between(rng, 0.0, 0.25) if rng.random() < 0.4 else 0.0,
    )


def _torso(rng: np.random.Generator, kind: Kind, heads: float) -> Block:
    slim = float(np.clip((heads - 1.5) / 3, 0, 1))
    square = kind in BOXED or rng.random() < 0.35
    pear = kind in ("animal", "astronaut")
    return Block(
        wide=between(rng, 0.8, 1.7) * (1 - 0.4 * slim),
        deep=between(rng, 0.5, 1.2) if not pear else between(rng, 0.75, 1.15),
        rounding=between(rng, 3.5, 9.0) if square else between(rng, 2.2, 4.0),
        square=between(rng, 3.0, 8.0) if square else between(rng, 2.0, 3.0),
        taper=between(rng, -0.30, 0.0) if pear else between(rng, -0.25, 0.35),
        bulge=between(rng, 0.0, 0.3) if rng.random() < 0.5 else 0.0,
    )


def _limbs(rng: np.random.Generator, kind: Kind, heads: float) -> Limbs:
    robot = kind == "robot"
    limb_kinds: tuple[Limb, ...] = get_args(Limb) if robot else ("capsule", "taper", "club")
    if kind in ("golem", "knight"):
        limb_kinds = ("box", "club", "capsule")
    elif kind == "astronaut":
        limb_kinds = ("ridged", "capsule", "club")
    elif kind == "person":
        limb_kinds = ("capsule", "taper", "club", "box")
    hands: tuple[Hand, ...] = (
        ("claw", "ball", "box", "mitten") if robot else ("mitten", "ball", "stump", "mitten")
    )
    if kind == "golem":
        hands = ("box", "ball")
    feet: tuple[Foot, ...] = get_args(Foot)[:3]
    if kind == "blob":
        feet, hands = ("none", "ball"), ("stump",)
    legs = between(rng, 0.22, 0.38) + 0.055 * (heads - 1.5)
    if rng.random() < 0.2:
        legs = between(rng, 0.12, 0.25)
    return Limbs(
        legs=round(min(legs, 0.58), 4),
        leg_thick=between(rng, 0.45, 1.0),
        leg=one_of(rng, limb_kinds),
        foot=one_of(rng, feet),
        foot_long=between(rng, 1.0, 1.9),
        arms=between(rng, 0.55, 0.9),
        arm_thick=between(rng, 0.16, 0.42),
        arm=one_of(rng, limb_kinds),
        hand=one_of(rng, hands),
        hand_size=between(rng, 1.1, 1.8),
        arm_out_deg=between(rng, 18.0, 45.0) if rng.random() < 0.5 else between(rng, 40.0, 92.0),
        elbow_deg=between(rng, 0.0, 18.0),
    )


def _face(rng: np.random.Generator, kind: Kind, beast: Beast) -> Face:
    eyes: Eyes = one_of(rng, ("dot", "oval", "round", "bar", "happy", "sleepy"))
    mouth: Mouth = one_of(rng, get_args(Mouth))
    front = "decal"
    if kind == "robot":
        eyes = one_of(rng, ("dot", "oval", "bar", "ring", "cyclops", "round", "happy", "slit"))
        front = one_of(rng, ("decal", "screen", "screen", "visor"))
    elif kind == "knight":
        eyes, mouth, front = one_of(rng, ("slit", "bar", "dot")), one_of(rng, ("grille", "none")), "visor"
    elif kind == "astronaut":
        front = "visor"
        eyes = "slit" if rng.random() < 0.4 else one_of(rng, ("dot", "oval", "happy"))
        mouth = "none" if eyes == "slit" else one_of(rng, ("smile", "open", "none"))
    elif kind == "golem":
        eyes, mouth = (
            one_of(rng, ("ring", "slit", "dot", "round")),
            one_of(rng, ("none", "teeth", "flat", "frown")),
        )
    elif kind == "person" and rng.random() < 0.3:
        eyes = "anime"
    if kind == "animal":
        mouth = one_of(rng, ("smile", "open", "flat")) if beast == "frog" else "none"
        eyes = "none" if beast == "frog" else eyes
    return Face(
        eyes=eyes,
        mouth=mouth,
        front=front,
        size=between(rng, 0.055, 0.13),
        spacing=between(rng, 0.15, 0.26),
        level=between(rng, 0.46, 0.62),
        brows=bool(kind in ("person", "golem") and rng.random() < 0.5),
        cheeks=bool(kind in ("person", "animal", "blob") and rng.random() < 0.4),
    )


def _palette(rng: np.random.Generator, kind: Kind, beast: Beast) -> Palette:
    bright = random_colour(rng, (0.45, 0.9), (0.6, 1.0))
    main = bright if rng.random() < 0.6 else random_cloth(rng)
    if kind == "knight" or (kind == "robot" and rng.random() < 0.4):
        main = one_of(rng, METALS)
    elif kind == "golem":
        main = random_colour(rng, (0.05, 0.4), (0.35, 0.7))
    fur = one_of(rng, FURS)
    if beast in ("frog", "dino"):
        fur = random_colour(rng, (0.4, 0.8), (0.5, 0.9)) if rng.random() < 0.5 else "#6fae52"
    hair = fur if kind == "animal" else random_colour(rng, (0.2, 0.7), (0.2, 0.9))
    return Palette(
        main=main,
        second="#f4f3ee" if rng.random() < 0.4 else random_cloth(rng),
        accent=random_colour(rng, (0.55, 0.95), (0.7, 1.0)),
        dark=random_colour(rng, (0.0, 0.35), (0.10, 0.24)),
        skin=one_of(rng, SKINS) if rng.random() < 0.75 else "#f6d04a",
        hair=hair,
        glow=random_colour(rng, (0.3, 0.7), (0.9, 1.0)),
        shoes=random_cloth(rng),
    )


def _gear(rng: np.random.Generator, kind: Kind) -> Gear:
    tops: dict[Kind, tuple[Headwear, ...]] = {
        "robot": ("none", "antenna", "antennas", "fin", "lamp", "none"),
        "animal": ("none", "none", "none", "none", "cap", "cone", "crown", "top"),
        "person": (
            "hair", "hair", "hair", "helmet", "horned", "crested", "cone", "cap", "top", "beanie", "crown",
            "hood", "none",
        ),
        "knight": ("none", "crested", "horned", "helmet", "fin", "crown"),
        "astronaut": ("none", "none", "antenna", "fin"),
        "golem": ("none", "none", "crown", "horned"),
        "blob": ("none", "none", "crown", "cone", "top", "antenna"),
    }  # fmt: skip
    patterns: dict[Kind, tuple[Pattern, ...]] = {
        "animal": ("belly", "belly", "belly", "none", "stripes"),
        "robot": ("panel", "none", "halves", "panel"),
        "person": ("none", "stripes", "zip", "vest", "halves", "dots"),
        "astronaut": ("zip", "panel", "none"),
        "knight": ("none", "panel", "halves", "vest"),
    }
    armed = {"knight": 0.6, "person": 0.3, "robot": 0.12, "golem": 0.2, "animal": 0.08}.get(kind, 0.0)
    packs: tuple[Back, ...] = {
        "robot": ("backpack", "jetpack", "key"),
        "astronaut": ("backpack", "jetpack"),
    }.get(kind, ("cape", "backpack", "shell") if kind == "animal" else ("cape", "cape", "backpack"))
    packed = {"astronaut": 0.85, "knight": 0.4, "person": 0.3, "robot": 0.35, "animal": 0.15}.get(kind, 0.0)
    chests: tuple[Chest, ...] = (
        ("plate", "panel", "badge") if kind in ("robot", "astronaut") else ("buttons", "badge")
    )
    return Gear(
        top=one_of(rng, tops[kind]),
        fringe=one_of(rng, (0, 0, 5, 7, 9)),
        sides="pods"
        if kind in ("robot", "astronaut") and rng.random() < 0.45
        else "ears"
        if kind == "person" and rng.random() < 0.4
        else "none",
        back=one_of(rng, packs) if rng.random() < packed else "none",
        held=one_of(rng, ("sword", "axe", "hammer", "staff", "shield", "ball"))
        if rng.random() < armed
        else "none",
        chest="plate"
        if kind == "knight"
        else one_of(rng, chests)
        if kind not in ("blob", "golem") and rng.random() < 0.4
        else "none",
        pattern=one_of(rng, patterns.get(kind, ("none", "belly"))),
        shoulders="plates"
        if kind == "knight" or (kind == "person" and rng.random() < 0.2)
        else "balls"
        if kind == "robot" and rng.random() < 0.6
        else "none",
        waist=one_of(rng, ("none", "belt", "skirt")) if kind in ("person", "knight") else "none",
        beard=bool(kind == "person" and rng.random() < 0.2),
        sleeves=bool(rng.random() < (0.35 if kind == "animal" else 0.7)),
        tail=bool(rng.random() < 0.85),
    )
