"""What can be chosen about a character: frozen parameters, every one with a default that looks right."""

from dataclasses import dataclass, field
from typing import Literal

PARTS = ("hair", "face", "skin", "cloth", "shoes", "accessory")
"""What a face of a character can be part of."""
Bangs = Literal[
    "straight", "parted", "spiky", "blunt", "swept", "curtain", "messy", "veil", "wisps", "fringe", "slick"
]
Sides = Literal["pointed", "blunt", "long", "wavy", "none"]
Back = Literal["short", "bob", "long", "spiky", "straight", "wavy", "mane", "wolf", "cropped"]
Tails = Literal[
    "none",
    "twin",
    "bun",
    "low_twin",
    "drills",
    "pony",
    "low_pony",
    "side_pony",
    "odango",
    "braids",
    "braid",
]
Top = Literal[
    "sailor", "dress", "shirt", "tee", "tunic", "jacket", "kimono", "bodysuit", "armour", "gown", "hoodie"
]
Sleeves = Literal["none", "cap", "short", "elbow", "long", "wide", "bell", "puff", "kimono"]
Collar = Literal["none", "crew", "turtle", "shirt", "hood", "ruffle", "fur", "shawl"]
Front = Literal["none", "buttons", "double", "zip", "tie", "emblem", "bib"]
Pattern = Literal["none", "stripes", "bars", "checks", "plaid", "dots", "hem", "fade"]
Skirt = Literal["none", "pleated", "bell", "flared", "straight", "tiered"]
Trousers = Literal["slim", "wide", "shorts", "leggings", "baggy"]
Cape = Literal["none", "long", "knee", "shoulders"]
Gloves = Literal["none", "short", "long", "gauntlets"]
Hat = Literal[
    "none",
    "witch",
    "cap",
    "beret",
    "top",
    "straw",
    "frill",
    "crown",
    "helmet",
    "headphones",
    "hood",
    "band",
    "knit",
]
Ears = Literal["none", "cat", "fox", "rabbit", "dog", "bear", "elf"]
Horns = Literal["none", "oni", "short", "ram"]
Tail = Literal["none", "cat", "fox", "rabbit", "dragon", "devil"]
Wings = Literal["none", "bat", "angel", "fairy"]
Bow = Literal["none", "head", "waist"]
Bag = Literal["none", "backpack", "satchel"]
Held = Literal["none", "staff", "sword", "wand", "umbrella"]
Footwear = Literal["loafers", "strap", "boots", "tall_boots", "sneakers", "sandals", "heels"]
Mouth = Literal[
    "smile", "open", "calm", "frown", "cat", "grin", "round", "flat", "pout", "none", "tongue", "fang"
]
Eyes = Literal["open", "sharp", "gentle", "lidded", "wide", "bean", "dot", "happy", "closed", "wink"]
Iris = Literal["deep", "flat", "ring", "slit", "star", "dark", "bright"]
Nose = Literal["mark", "dot", "line", "none"]
Marks = Literal["none", "freckles", "mole", "scar", "stripes", "tear", "lines"]


@dataclass(frozen=True)
class Palette:
    """Colours as `#rrggbb`."""

    skin: str = "#fde3d0"
    hair: str = "#f0a8a0"
    eye: str = "#3f8fc4"
    other_eye: str = ""
    """Colour of the right eye; empty for that of the left."""
    main: str = "#fdfdfb"
    """The larger garment: blouse, dress, coat."""
    second: str = "#34508a"
    """Collar, skirt, apron, trousers."""
    accent: str = "#e0503c"
    """Ribbons, ties, hair bands."""
    legs: str = "#39415c"
    """Socks."""
    shoes: str = "#6b4234"
    hair_tip: str = ""
    """Colour of the hair's lower ends; empty for nearly that of the hair."""


@dataclass(frozen=True)
class Face:
    """Lengths in head heights."""

    eye_height: float = 0.205
    eye_width: float = 0.205
    eye_spacing: float = 0.188
    """From the middle of the face to the middle of an eye."""
    eye_level: float = 0.385
    """Above the chin; lower looks younger."""
    outer_tilt: float = 0.10
    """Rise of the outer corner per eye width: above 0 looks keen, below 0 gentle."""
    brow_tilt: float = 0.05
    """Rise of the brow's outer end; negative worries, positive is stern."""
    brow_weight: float = 0.017
    lashes: float = 1.0
    """Thickness of the upper lash line; 0.7 suits boys."""
    eyes: Eyes = "open"
    iris: Iris = "deep"
    nose: Nose = "mark"
    marks: Marks = "none"
    mouth: Mouth = "smile"
    blush: float = 0.5
    """0 none, 1 strong."""


@dataclass(frozen=True)
class Hair:
    """Lengths in head heights unless said otherwise."""

    bangs: Bangs = "straight"
    bang_level: float = 0.53
    """Height of the bangs' tips above the chin."""
    side_level: float = 0.02
    """Height of the side locks' tips above the chin."""
    sides: Sides = "pointed"
    back: Back = "short"
    back_length: float = 1.5
    """How far below the chin long hair reaches."""
    flare: float = 0.0
    """How far the ends of long hair stand off the body."""
    tails: Tails = "none"
    tail_length: float = 2.4
    tail_spread: float = 1.0
    """Factor on how far tails swing out."""
    tail_wide: float = 1.0
    """Factor on the thickness of tails."""
    ahoge: bool = False
    volume: float = 0.06
    """Thickness of the hair on the skull."""
    flip: bool = False
    """Bangs and a single tail on the other side."""
    tousle: int = 0
    """Number of a small disorder of the locks; 0 for none."""
    gloss: bool = True
    """A bright ring round the head."""


@dataclass(frozen=True)
class Outfit:
    top: Top = "sailor"
    sleeves: Sleeves = "short"
    """Of every top but sailor, dress and shirt, which have their own; so for collar and front."""
    collar: Collar = "crew"
    front: Front = "none"
    pattern: Pattern = "none"
    """On the top."""
    hang: float = 0.0
    """How far tunics, jackets and hoodies hang below the hips: 1 reaches the ankles."""
    skirt: Skirt = "pleated"
    skirt_length: float = 0.55
    """Share of the thigh that the skirt covers; at 2 it nears the ankle."""
    skirt_flare: float = 0.0
    """More width at the hem, as a share of the skirt's length."""
    skirt_pattern: Pattern = "none"
    trousers: bool = False
    trouser_cut: Trousers = "slim"
    coat: bool = False
    coat_raise: float = 0.0
    """0 a coat to below the knee, 1 one that ends at the hips."""
    cape: Cape = "none"
    apron: bool = False
    belt: bool = False
    scarf: bool = False
    gloves: Gloves = "none"
    socks: float = 0.9
    """Share of the shin that the socks cover, 0 for none, up to 1.8 for thigh-highs."""
    footwear: Footwear = "loafers"
    chest_ribbon: bool = True
    hair_ribbon: bool = False


@dataclass(frozen=True)
class Extras:
    """What makes a figure a witch, a cat or a knight."""

    hat: Hat = "none"
    ears: Ears = "none"
    horns: Horns = "none"
    tail: Tail = "none"
    wings: Wings = "none"
    bow: Bow = "none"
    bag: Bag = "none"
    held: Held = "none"
    """In the left hand, or in the right where the hair is flipped."""
    glasses: bool = False
    flower: bool = False


@dataclass(frozen=True)
class Build:
    """Factors on the proportions that the height in heads gives."""

    legs: float = 1.0
    """Height of the crotch."""
    shoulders: float = 1.0
    hips: float = 1.0
    waist: float = 1.0
    chest: float = 1.0
    """Depth of the chest in front."""
    arms: float = 1.0
    """Length of the arms."""
    limbs: float = 1.0
    """Thickness of arms and legs."""
    hands: float = 1.0
    feet: float = 1.0
    head_wide: float = 1.0
    head_deep: float = 1.0
    jaw: float = 1.0
    """Width of the jaw and cheeks."""


@dataclass(frozen=True)
class Pose:
    """Angles in degrees."""

    arm_out_deg: float = 40.0
    """Upper arms away from straight down."""
    elbow_deg: float = 8.0
    """Forearms back towards the body."""
    leg_out_deg: float = 2.0


@dataclass(frozen=True)
class CharacterSpec:
    """A whole character; the height is always 1."""

    name: str
    heads: float = 6.0
    """Total height in head heights, 2 to 8."""
    girth: float = 1.0
    """Thickness of torso and limbs."""
    masculine: float = 0.0
    """0 a girl's, 1 a boy's shoulders, waist and jaw."""
    palette: Palette = field(default_factory=Palette)
    face: Face = field(default_factory=Face)
    hair: Hair = field(default_factory=Hair)
    outfit: Outfit = field(default_factory=Outfit)
    extras: Extras = field(default_factory=Extras)
    pose: Pose = field(default_factory=Pose)
    build: Build = field(default_factory=Build)

    def __post_init__(self) -> None:
        if not 2.0 <= self.heads <= 8.0:
            raise ValueError(f"{self.name}: heads is {self.heads}, but a character is 2 to 8 heads tall")
        if not 10.0 <= self.pose.arm_out_deg <= 95.0:
            raise ValueError(
                f"{self.name}: arm_out_deg is {self.pose.arm_out_deg}; arms clear the torso at 10 to 95"
            )


__all__ = ["Build", "CharacterSpec", "Extras", "Face", "Hair", "Outfit", "Palette", "Pose"]
