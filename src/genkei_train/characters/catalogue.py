"""Characters without end: a seed in, a specification out, the same one every time."""

import colorsys
from collections.abc import Sequence
from typing import TypeVar, get_args

import numpy as np

from genkei_train.characters.spec import (
    Back,
    Bag,
    Bangs,
    Bow,
    Build,
    Cape,
    CharacterSpec,
    Collar,
    Ears,
    Extras,
    Eyes,
    Face,
    Footwear,
    Front,
    Gloves,
    Hair,
    Hat,
    Held,
    Horns,
    Iris,
    Marks,
    Mouth,
    Nose,
    Outfit,
    Palette,
    Pattern,
    Pose,
    Sides,
    Skirt,
    Sleeves,
    Tail,
    Tails,
    Top,
    Trousers,
    Wings,
)

Choice = TypeVar("Choice")
SKINS = ("#fee6d6", "#fde3d0", "#fbdcc6", "#f7d3b8", "#f2c6a2", "#e3ae87", "#c98d66", "#a86d4a", "#7f4f35")
"""From the palest to the darkest; the first five are drawn most often."""
NATURAL_HAIR = (
    "#2b2430",
    "#3a2a26",
    "#5b3d2e",
    "#8a5a44",
    "#b98a5a",
    "#e2c07c",
    "#f4e3b2",
    "#e9e6ea",
    "#a8482e",
)


def random_spec(seed: int) -> CharacterSpec:
    """A character of the whole catalogue, decided by `seed` alone."""
    rng = np.random.default_rng([seed, 0xC4A7])
    masculine = float(rng.random() < 0.36)
    if rng.random() < 0.15:
        masculine = round(float(rng.random()), 2)
    heads = _heads(rng)
    outfit = _outfit(rng, masculine)
    # hands must stay clear of wide skirts and of a child's large head of hair
    least_deg = 32.0 if outfit.skirt == "none" and heads > 4.2 else 48.0
    return CharacterSpec(
        name=f"seed {seed}",
        heads=heads,
        girth=round(float(np.clip(rng.normal(1.02, 0.10), 0.84, 1.36)), 3),
        masculine=masculine,
        palette=_palette(rng),
        face=_face(rng, heads, masculine),
        hair=_hair(rng, masculine),
        outfit=outfit,
        extras=_extras(rng, heads),
        pose=Pose(between(rng, least_deg, 80.0), between(rng, 0, 14), between(rng, 2.5, 8)),
        build=_build(rng),
    )


def _build(rng: np.random.Generator) -> Build:
    return Build(
        legs=between(rng, 0.93, 1.07),
        shoulders=between(rng, 0.90, 1.12),
        hips=between(rng, 0.92, 1.12),
        waist=between(rng, 0.92, 1.10),
        chest=between(rng, 0.92, 1.22),
        arms=between(rng, 0.93, 1.05),
        limbs=between(rng, 0.85, 1.12),
        hands=between(rng, 0.88, 1.18),
        feet=between(rng, 0.90, 1.15),
        head_wide=between(rng, 0.94, 1.08),
        head_deep=between(rng, 0.92, 1.08),
        jaw=between(rng, 0.90, 1.22),
    )


def between(rng: np.random.Generator, low: float, high: float) -> float:
    """Evenly drawn, rounded so that a specification prints short."""
    return round(float(rng.uniform(low, high)), 4)


def one_of(rng: np.random.Generator, choices: Sequence[Choice]) -> Choice:
    """Each as likely."""
    return choices[int(rng.integers(len(choices)))]


def _heads(rng: np.random.Generator) -> float:
    """A third are chibis, the rest of every height up to eight heads."""
    if rng.random() < 0.33:
        return between(rng, 2.0, 3.6)
    return round(float(np.clip(rng.normal(5.8, 1.0), 3.6, 8.0)), 3)


def random_colour(
    rng: np.random.Generator, saturation: tuple[float, float], value: tuple[float, float]
) -> str:
    """Any hue, as `#rrggbb`."""
    r, g, b = colorsys.hsv_to_rgb(
        float(rng.random()), float(rng.uniform(*saturation)), float(rng.uniform(*value))
    )
    return f"#{round(r * 255):02x}{round(g * 255):02x}{round(b * 255):02x}"


def random_cloth(rng: np.random.Generator) -> str:
    """White, black, muted or bright."""
    kind = rng.random()
    if kind < 0.22:
        return random_colour(rng, (0.0, 0.06), (0.90, 1.0))
    if kind < 0.42:
        return random_colour(rng, (0.0, 0.25), (0.12, 0.32))
    if kind < 0.72:
        return random_colour(rng, (0.25, 0.55), (0.35, 0.85))
    return random_colour(rng, (0.5, 0.9), (0.55, 0.98))


def _palette(rng: np.random.Generator) -> Palette:
    shade = rng.integers(5) if rng.random() < 0.75 else rng.integers(len(SKINS))
    natural = rng.random() < 0.45
    return Palette(
        skin=SKINS[int(shade)],
        hair=one_of(rng, NATURAL_HAIR) if natural else random_colour(rng, (0.2, 0.75), (0.35, 1.0)),
        eye=random_colour(rng, (0.35, 0.9), (0.45, 0.95)),
        other_eye=random_colour(rng, (0.35, 0.9), (0.45, 0.95)) if rng.random() < 0.05 else "",
        main=random_cloth(rng),
        second=random_cloth(rng),
        accent=random_colour(rng, (0.5, 0.9), (0.6, 0.98)),
        legs=random_cloth(rng),
        shoes=random_cloth(rng) if rng.random() < 0.4 else random_colour(rng, (0.2, 0.6), (0.2, 0.6)),
        hair_tip=random_colour(rng, (0.2, 0.75), (0.35, 1.0)) if rng.random() < 0.18 else "",
    )


def _face(rng: np.random.Generator, heads: float, masculine: float) -> Face:
    """Large low eyes on small figures, small ones on tall boys."""
    young = float(np.clip((6.5 - heads) / 4, 0, 1))
    height = float(np.clip(0.150 + 0.075 * young - 0.03 * masculine + rng.normal(0, 0.022), 0.10, 0.27))
    width = float(np.clip(0.185 + 0.03 * young + rng.normal(0, 0.015), 0.14, 0.24))
    return Face(
        eye_height=round(height, 4),
        eye_width=round(width, 4),
        eye_spacing=round(float(np.clip(0.115 + 0.38 * width + rng.normal(0, 0.008), 0.165, 0.215)), 4),
        eye_level=round(float(np.clip(0.415 - 0.08 * young + rng.normal(0, 0.015), 0.31, 0.44)), 4),
        outer_tilt=between(rng, -0.10, 0.20),
        brow_tilt=between(rng, -0.18, 0.22),
        brow_weight=between(rng, 0.009, 0.024),
        lashes=between(rng, 0.6, 1.25) - 0.2 * masculine,
        eyes=one_of(rng, get_args(Eyes)) if rng.random() < 0.55 else "open",
        iris=one_of(rng, get_args(Iris)) if rng.random() < 0.6 else "deep",
        nose=one_of(rng, get_args(Nose)) if rng.random() < 0.5 else "mark",
        marks=one_of(rng, get_args(Marks)[1:]) if rng.random() < 0.14 else "none",
        mouth=one_of(rng, get_args(Mouth)),
        blush=round(float(max(rng.normal(0.35, 0.35), 0)), 3),
    )


def _hair(rng: np.random.Generator, masculine: float) -> Hair:
    """Boys mostly short; long hair and tails may come together."""
    boy = masculine > 0.5
    short: tuple[Back, ...] = ("short", "spiky", "bob", "wolf", "cropped")
    long: tuple[Back, ...] = ("long", "straight", "wavy", "mane")
    tails: Tails = "none"
    if rng.random() < (0.12 if boy else 0.5):
        tails = one_of(rng, ("low_pony", "pony", "braid") if boy else get_args(Tails)[1:])
    far_down = rng.random() < (0.2 if boy else 0.12 if tails != "none" else 0.62)
    back = one_of(rng, long if far_down else short[:4] if tails == "none" else ("short", "short", "cropped"))
    sides: tuple[Sides, ...] = ("pointed", "pointed", "none") if boy else get_args(Sides)
    return Hair(
        bangs=one_of(rng, get_args(Bangs)),
        bang_level=between(rng, 0.48, 0.60),
        side_level=between(rng, 0.0, 0.3) if boy else between(rng, -0.45, 0.3),
        sides=one_of(rng, sides),
        back=back,
        back_length=round(float(np.clip(rng.gamma(2.2, 0.75), 0.35, 4.2)), 3),
        flare=between(rng, 0.0, 0.35) if rng.random() < 0.6 else 0.0,
        tails=tails,
        tail_length=between(rng, 0.7, 3.6),
        tail_spread=between(rng, 0.8, 1.9),
        tail_wide=between(rng, 0.75, 1.5),
        ahoge=bool(rng.random() < 0.25),
        volume=between(rng, 0.04, 0.11),
        flip=bool(rng.random() < 0.5),
        tousle=int(rng.integers(1, 1 << 30)),
        gloss=bool(rng.random() < 0.6),
    )


def _outfit(rng: np.random.Generator, masculine: float) -> Outfit:
    """Whatever goes together: something on the legs under every top, never a skirt under a coat's hem."""
    boy = masculine > 0.5
    tops = get_args(Top)[2:] if boy else get_args(Top)
    top: Top = one_of(rng, tuple(t for t in tops if t not in ("gown",) or not boy))
    trousers = top == "bodysuit" or (top not in ("dress", "gown", "kimono") and (boy or rng.random() < 0.3))
    if top == "kimono" and boy:
        trousers = rng.random() < 0.6
    skirt = "none" if trousers else _skirt_of(rng, top, boy)
    bare = top == "bodysuit"
    return Outfit(
        top=top,
        sleeves=one_of(rng, get_args(Sleeves)) if top != "kimono" else "kimono",
        collar=one_of(rng, get_args(Collar)),
        hang=between(rng, 0.1, 0.95) if rng.random() < 0.4 else 0.0,
        front=one_of(rng, get_args(Front)),
        pattern=_pattern(rng, 0.3),
        skirt=skirt,
        skirt_length=between(rng, 1.3, 1.85) if top == "kimono" or (boy and not trousers) else _length(rng),
        skirt_flare=between(rng, 0.0, 0.25) if rng.random() < 0.4 and top != "kimono" else 0.0,
        skirt_pattern=_pattern(rng, 0.4),
        trousers=trousers and not bare,
        trouser_cut=one_of(rng, get_args(Trousers)),
        coat=bool(trousers and top in ("shirt", "tee", "bodysuit", "tunic") and rng.random() < 0.4),
        coat_raise=between(rng, 0.0, 1.0) if rng.random() < 0.6 else 0.0,
        cape=one_of(rng, get_args(Cape)[1:]) if rng.random() < 0.16 else "none",
        apron=bool(skirt != "none" and top in ("dress", "gown", "shirt", "tee") and rng.random() < 0.2),
        belt=bool(top not in ("kimono", "dress") and rng.random() < 0.3),
        scarf=bool(rng.random() < 0.12),
        gloves=one_of(rng, get_args(Gloves)[1:]) if rng.random() < 0.28 else "none",
        socks=0.0 if rng.random() < 0.3 else between(rng, 0.2, 1.8),
        footwear=one_of(rng, get_args(Footwear)),
        chest_ribbon=bool(not boy and rng.random() < 0.25),
        hair_ribbon=bool(rng.random() < 0.3),
    )


def _extras(rng: np.random.Generator, heads: float) -> Extras:
    """Most figures carry little; a hat leaves no room for ears and horns."""
    hat: Hat = one_of(rng, get_args(Hat)[1:]) if rng.random() < 0.22 else "none"
    free = hat in ("none", "frill", "headphones")
    ears: Ears = one_of(rng, get_args(Ears)[1:]) if free and rng.random() < 0.20 else "none"
    beast = ears in ("cat", "fox", "dog")
    horns: Horns = (
        one_of(rng, get_args(Horns)[1:]) if free and ears == "none" and rng.random() < 0.08 else "none"
    )
    tail: Tail = "none"
    if rng.random() < (0.6 if beast or horns != "none" else 0.05):
        tail = one_of(rng, ("fox", "cat")) if beast else one_of(rng, get_args(Tail)[1:])
    return Extras(
        hat=hat,
        ears=ears,
        horns=horns,
        tail="rabbit" if ears == "rabbit" and rng.random() < 0.6 else tail,
        wings=one_of(rng, get_args(Wings)[1:]) if rng.random() < 0.09 else "none",
        bow=one_of(rng, get_args(Bow)[1:]) if hat == "none" and rng.random() < 0.14 else "none",
        bag=one_of(rng, get_args(Bag)[1:]) if rng.random() < 0.10 else "none",
        held=one_of(rng, get_args(Held)[1:]) if rng.random() < 0.12 else "none",
        glasses=bool(rng.random() < 0.10 and heads < 6.8),
        flower=bool(rng.random() < 0.07),
    )


def _skirt_of(rng: np.random.Generator, top: Top, boy: bool) -> Skirt:
    if top == "kimono" or boy:
        return "straight"
    return "bell" if top == "dress" and rng.random() < 0.4 else one_of(rng, get_args(Skirt)[1:])


def _length(rng: np.random.Generator) -> float:
    """Mostly above the knee, some to the floor."""
    return between(rng, 0.42, 0.95) if rng.random() < 0.65 else between(rng, 0.95, 1.85)


def _pattern(rng: np.random.Generator, chance: float) -> Pattern:
    return one_of(rng, get_args(Pattern)[1:]) if rng.random() < chance else "none"
