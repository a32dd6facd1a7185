"""The ways people draw an anime character, as numbers; lengths are shares of the picture's side."""

from dataclasses import dataclass, field

from genkei_train.characters.spec import PARTS

Colour = tuple[float, float, float]
"""sRGB, 0..1."""

WHITE = (1.0, 1.0, 1.0)
COUNT = len(PARTS)


@dataclass(frozen=True)
class Recolour:
    """New colours for the same paint; six entries each, one a part."""

    hue: tuple[float, ...] = (0.0,) * COUNT
    """Turns added to the hue."""
    bend: tuple[float, ...] = (0.0,) * COUNT
    """Turns that move different hues differently, so that two cloths do not keep their distance."""
    saturation: tuple[float, ...] = (1.0,) * COUNT
    gamma: tuple[float, ...] = (1.0,) * COUNT
    """Exponent on brightness: below 1 lightens."""
    wash: tuple[Colour, ...] = (WHITE,) * COUNT
    """What the paint is replaced by, its light and dark kept; recolours white and black too."""
    washed: tuple[float, ...] = (0.0,) * COUNT
    complexion: Colour = WHITE
    """What skin is multiplied by."""
    eyes: float = 0.0
    """Turns added to the hue of what is not skin in the face."""


@dataclass(frozen=True)
class Tone:
    edge: float
    """Cosine to the light below which the tone lies."""
    softness: float
    """Width of its edge in cosines: 0.02 is cut with a knife, 1 is an airbrush."""
    share: float
    """How much of the shade's colour it takes."""


@dataclass(frozen=True)
class Light:
    towards: Colour = (-0.4, 0.62, 0.68)
    """Direction to the light: right, up, towards the viewer."""
    strength: float = 1.0
    """What all paint is multiplied by; below 1 a scene is dim."""
    tones: tuple[Tone, ...] = ()
    shade: Colour = (0.80, 0.70, 0.79)
    skin_shade: Colour = (0.955, 0.80, 0.77)
    face: float = 0.0
    """How much of the form shading the face takes; most artists leave it flat."""
    calm: float = 0.008
    """Radius over which the form is simplified before it is shaded."""
    wobble: float = 0.0
    """Cosines by which the edge of a shade wanders."""
    cast: float = 0.0
    """Length of the shadow under hair, chin and hems."""
    hollow: float = 0.0
    """Darkening of hollows."""
    shine: float = 0.0
    """Strength of spots of light; `ring` the same for the band on the hair, `rim` for the far edge."""
    ring: float = 0.0
    rim: float = 0.0


@dataclass(frozen=True)
class Gradient:
    """A colour that paint turns into across the figure, from `start` to `end` (0 head, 1 feet)."""

    part: int
    colour: Colour
    share: float
    start: float
    end: float


@dataclass(frozen=True)
class Lines:
    width: float = 0.004
    """Of the outline; 0 draws no line at all."""
    inner: float = 0.7
    """Width of the inner lines in outlines."""
    ink: Colour = (0.1, 0.07, 0.08)
    tint: float = 0.0
    """How much of the paint's own hue a line takes."""
    strength: float = 1.0
    wobble: float = 0.0
    """Length by which the hand strays."""
    pressure: float = 0.3
    """Share of the width that comes and goes along a line."""
    grain: float = 0.0
    """Share of the line that the tooth of the paper leaves out."""
    strokes: int = 1
    """How often each line is gone over."""
    step: float = 0.007
    """Jump in depth that is inked."""
    crease: float = 0.5
    """Bend of the surface over two pixels of 384, in cosines, that is inked; 2 inks none."""
    borders: float = 0.75
    """Strength of the line between two parts."""
    features: float = 0.0
    """Strength of lines along edges of the paint, as line art needs them."""


@dataclass(frozen=True)
class Surface:
    """What the hand and the medium add to the paint."""

    fill: str = "colour"
    """colour, grey (a comic's greys) or paper (left white)."""
    paper: Colour = WHITE
    grain: float = 0.0
    """Speckle; `mottle` the same in patches, `dabs` the share of brush dabs, `pool` a wash's dark rim."""
    mottle: float = 0.0
    dabs: float = 0.0
    dab_size: float = 0.02
    pool: float = 0.0
    blacks: float = 0.0
    """Brightness of paint below which paper is filled with ink."""
    screen: str = "none"
    """Shade as none (tones), dots or hatch."""
    pitch: float = 0.02
    angle_deg: float = 45.0


@dataclass(frozen=True)
class Style:
    kind: str
    recolour: Recolour = field(default_factory=Recolour)
    light: Light = field(default_factory=Light)
    gradients: tuple[Gradient, ...] = ()
    lines: Lines = field(default_factory=Lines)
    surface: Surface = field(default_factory=Surface)
