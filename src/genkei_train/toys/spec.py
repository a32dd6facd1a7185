"""What can be chosen about a toy: frozen parameters, every one with a default that looks right."""

from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["robot", "animal", "person", "knight", "astronaut", "golem", "blob"]
Beast = Literal["bear", "rabbit", "cat", "dog", "frog", "bird", "dino", "pig"]
Eyes = Literal["dot", "oval", "round", "bar", "ring", "happy", "sleepy", "cyclops", "slit", "anime", "none"]
Mouth = Literal["none", "smile", "open", "flat", "cat", "grille", "teeth", "frown", "o"]
Front = Literal["decal", "screen", "visor"]
Limb = Literal["capsule", "taper", "club", "box", "tube", "ridged"]
Hand = Literal["mitten", "ball", "claw", "box", "stump"]
Foot = Literal["shoe", "ball", "block", "none"]
Headwear = Literal[
    "none", "hair", "helmet", "horned", "crested", "cone", "cap", "top", "beanie", "crown", "hood", "antenna",
    "antennas", "fin", "lamp",
]  # fmt: skip
Sides = Literal["none", "pods", "ears"]
Back = Literal["none", "cape", "backpack", "jetpack", "key", "shell"]
Held = Literal["none", "sword", "axe", "hammer", "staff", "ball", "shield"]
Chest = Literal["none", "plate", "panel", "buttons", "badge"]
Pattern = Literal["none", "belly", "stripes", "halves", "panel", "zip", "vest", "dots"]
Shoulders = Literal["none", "balls", "plates"]
Waist = Literal["none", "belt", "skirt"]


@dataclass(frozen=True)
class Block:
    """A rounded solid on the vertical axis, from a ball to a box, an egg or a barrel."""

    wide: float = 1.0
    """Width over height."""
    deep: float = 1.0
    """Depth over width."""
    rounding: float = 2.5
    """Exponent of the vertical outline: 2 is an ellipse, 8 nearly a rectangle."""
    square: float = 2.5
    """Exponent of the horizontal outline."""
    taper: float = 0.0
    """Above 0 the top is wider than the bottom."""
    bulge: float = 0.0
    """More width in the middle, as a share."""


@dataclass(frozen=True)
class Palette:
    """Colours as `#rrggbb`."""

    main: str = "#d9463c"
    second: str = "#f2f0ea"
    accent: str = "#f2b632"
    dark: str = "#23262e"
    skin: str = "#f2c79c"
    hair: str = "#5b3d2e"
    glow: str = "#5fe3ff"
    shoes: str = "#6b4234"


@dataclass(frozen=True)
class Face:
    """Sizes in face sides."""

    eyes: Eyes = "dot"
    mouth: Mouth = "smile"
    front: Front = "decal"
    """Painted on the head, on a dark screen before it, or behind a window of glass."""
    size: float = 0.10
    """Half the height of an eye."""
    spacing: float = 0.20
    """From the middle of the face to the middle of an eye."""
    level: float = 0.55
    """Of the eyes above the face's lower edge."""
    brows: bool = False
    cheeks: bool = False


@dataclass(frozen=True)
class Limbs:
    legs: float = 0.4
    """Height of the crotch as a share of that of the chin."""
    leg_thick: float = 0.8
    """Of half the room that the torso leaves for a leg."""
    leg: Limb = "capsule"
    foot: Foot = "shoe"
    foot_long: float = 1.3
    """Length of a foot over the leg's thickness."""
    arms: float = 0.7
    """Length from shoulder to fingertips over the shoulder's height."""
    arm_thick: float = 0.2
    """Radius over the torso's half width."""
    arm: Limb = "capsule"
    hand: Hand = "mitten"
    hand_size: float = 1.3
    """Over the arm's radius."""
    arm_out_deg: float = 30.0
    elbow_deg: float = 8.0


@dataclass(frozen=True)
class Gear:
    """What is on it."""

    top: Headwear = "none"
    fringe: int = 0
    """Waves of the hair's edge round the head, 0 for a straight one."""
    sides: Sides = "none"
    back: Back = "none"
    held: Held = "none"
    chest: Chest = "none"
    pattern: Pattern = "none"
    shoulders: Shoulders = "none"
    waist: Waist = "none"
    beard: bool = False
    sleeves: bool = True
    """False: bare arms of people, bare bodies of animals."""
    tail: bool = True
    """Of animals."""


@dataclass(frozen=True)
class ToySpec:
    """A whole toy; the top of its head is at 1."""

    name: str
    kind: Kind = "person"
    beast: Beast = "bear"
    heads: float = 2.4
    """Height in heads, 1.3 to 5."""
    sink: float = 0.05
    """How deep the head sits in the torso, in heads; below 0 it stands on a neck."""
    head: Block = field(default_factory=Block)
    torso: Block = field(default_factory=lambda: Block(0.8, 0.7, 4, 3))
    limbs: Limbs = field(default_factory=Limbs)
    face: Face = field(default_factory=Face)
    palette: Palette = field(default_factory=Palette)
    gear: Gear = field(default_factory=Gear)

    def __post_init__(self) -> None:
        if not 1.3 <= self.heads <= 5.0:
            raise ValueError(f"{self.name}: heads is {self.heads}, but a toy is 1.3 to 5 heads tall")
        if not 0.1 <= self.limbs.legs <= 0.65:
            raise ValueError(
                f"{self.name}: legs is {self.limbs.legs}; a crotch is at 0.1 to 0.65 of the chin"
            )
        for name, block in (("head", self.head), ("torso", self.torso)):
            if min(block.rounding, block.square) < 2:
                raise ValueError(f"{self.name}: the {name} is pointed; rounding and square are 2 or more")
