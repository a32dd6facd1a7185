"""What the figure stands on: sized so that it stands, placed between the feet and the centre of mass."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
from jaxtyping import Float, Float32, UInt8

from genkei.figure.balance import mass_properties
from genkei.figure.feet import NEAR, Sole, lifted, soles
from genkei.figure.plates import (
    GRAIN_MM,
    Outline,
    area_centre,
    around,
    circle,
    plate,
    smallest,
    square,
    tip_angle,
)
from genkei.figure.pole import Pole, find_pole
from genkei.types import Mesh

if TYPE_CHECKING:
    from manifold3d import CrossSection, Manifold

SEGMENTS = 128
Look = Literal["disc", "square", "outline", "post", "none"]
SLACK_DEG = 0.15
HOVER = 0.08
"""Of the height: how far over its base a figure on a post leaps."""
LETTER = 0.045
"""Height of capitals as a share of the figure's."""
LEAST_LETTER_MM = 3.0
"""Strokes are an eighth of a capital's height: lower ones are finer than any process engraves (0.4 mm)."""
ENGRAVED_MM = 0.6
"""Depth of the name; hycubeworks: engrave 0.3-0.5 mm at least."""
SWATCH_PX = 16
"""Rows of base colour appended under the texture: enough that four mip levels do not mix it with the skin."""


@dataclass(frozen=True)
class Base:
    """A plate with a rounded upper rim; 0 in a size means "choose it from the figure"."""

    look: Look = "disc"
    """`disc`, `square` (round corners), `outline` (follows the feet), `post` (a leaping figure on a pole over
    a disc) or `none`."""
    name: str = ""
    """Engraved in front of the feet; empty: nothing."""
    font: Path | None = None
    """Font file for the name; without one Pillow's own, which knows Latin letters only."""
    ballast: bool = False
    """A chamber for steel shot or sand, closed by a plug: for a kit, whose base is a part of its own."""
    diameter_mm: float = 0.0
    """Of the disc, or the square's side; 0: the least that carries the feet and reaches `tip_angle_deg`."""
    thickness_mm: float = 0.0
    """0: 3 % of the height, 2.5 to 8 mm; 6 % and 7 to 14 mm with ballast."""
    sink_mm: float = 0.0
    """How deep the feet stand in the disc; 0: until the soles hold (0.2 to 1.2 % of the height)."""
    rim_mm: float = 1.0
    """Radius of the rounded upper edge."""
    tip_angle_deg: float = 12.0
    """Tilt the figure survives in every direction; 10 is the check's limit, more makes a wider disc."""
    least_share: float = 0.32
    """Smallest diameter as a share of the height: a narrower disc looks lost under the figure."""
    colour: tuple[int, int, int] = (92, 94, 102)
    """sRGB of the base."""

    def __post_init__(self) -> None:
        if self.look not in get_args(Look):
            raise ValueError(f"there is no base {self.look!r}; known are {', '.join(get_args(Look))}")
        if self.look == "none" and (self.name or self.ballast):
            raise ValueError("a figure without a base has no place for a name or ballast: choose a base")
        for what, value in (
            ("diameter", self.diameter_mm),
            ("thickness", self.thickness_mm),
            ("sink", self.sink_mm),
            ("rim", self.rim_mm),
        ):
            if not 0 <= value <= 1000:
                raise ValueError(f"the base's {what} is {value:g} mm; wanted 0 (automatic) to 1000 mm")
        if not 0 < self.tip_angle_deg < 45:
            raise ValueError(f"the base's tip angle is {self.tip_angle_deg:g} degrees; wanted 0 to 45")
        if not all(0 <= c <= 255 for c in self.colour):
            raise ValueError(f"the base's colour is {self.colour}; wanted three numbers from 0 to 255")


@dataclass(frozen=True)
class Placement:
    """Where the base goes under a body whose lowest point is z = 0."""

    centre: Float[np.ndarray, "2"]
    radius_mm: float
    """Of the disc, or of the circle with the plate's area."""
    thickness_mm: float
    sink_mm: float
    """The plate's top is at this height of the body; negative under a figure that leaps."""
    soles: tuple[Sole, ...] = ()
    """What hovers over the plate and gets a post."""
    lifted_mm: tuple[float, ...] = ()
    """How high over the plate a lifted foot is that gets none."""
    outline: Outline = field(default_factory=lambda: np.zeros((0, 2)))
    """Of the plate, seen from above, counter-clockwise."""
    poles: tuple[Pole, ...] = ()
    letters: tuple["CrossSection", ...] = ()
    """The name, where it is engraved."""


@dataclass(frozen=True)
class _Load:
    """What a plate has to carry: where it is touched, and where the weight is; body frame."""

    feet: Float[np.ndarray, "n 2"]
    volume: float
    mass: Float[np.ndarray, "3"]
    thickness: float
    sink: float
    border: float
    """From the feet to the edge, at least."""
    least: float
    """Smallest half width of the plate."""

    def tips_at(self, outline: Outline) -> float:
        """Degrees, `SLACK_DEG` less: feet that stand in the plate are counted twice here."""
        above = self.mass + np.array([0, 0, self.thickness - self.sink])
        return tip_angle(outline, self.thickness, self.volume, above) - SLACK_DEG

    @property
    def line(self) -> Float[np.ndarray, "n 2"]:
        """Where the plate's middle may be: from the middle of the feet to under the weight."""
        along = np.linspace(0, 1, 33)[:, None]
        middle = (self.feet.min(0) + self.feet.max(0)) / 2
        return middle * (1 - along) + self.mass[:2] * along


def place(base: Base, body: Mesh, solid: "Manifold") -> Placement:
    """The smallest plate of the asked look that covers the feet, does not tip and has room for the name.

    A second foot that hovers counts as a foot: a post will meet it.
    """
    height = float(body.vertices[:, 2].max())
    share, least, most = (0.06, 7.0, 14.0) if base.ballast else (0.03, 2.5, 8.0)
    thickness = base.thickness_mm or float(np.clip(share * height, least, most))
    volume, mass = mass_properties(body)
    found: tuple[Sole, ...] = ()
    poles: tuple[Pole, ...] = ()
    if base.look == "post":
        poles, sink, high = (find_pole(body, mass),), -HOVER * height, ()
        feet = poles[0].footprint
    else:
        sink = base.sink_mm or _sink(solid, height)
        found, high = tuple(soles(solid, sink, height)), lifted(solid, sink, height)
        near = body.vertices[body.vertices[:, 2] < sink + NEAR * height, :2].astype(np.float64)
        feet = np.concatenate([near, *(sole.points for sole in found)])
    border = base.rim_mm + 0.01 * height
    load = _Load(feet, volume, mass, thickness, sink, border, base.least_share * height / 2)
    centre, size, shape = _fitted(base, load)
    placement = Placement(centre, size, thickness, min(sink, thickness), found, high, shape(size), poles)
    return _named(base, placement, shape, feet, height) if base.name else placement


def _fitted(base: Base, load: _Load) -> tuple[Float[np.ndarray, "2"], float, Callable[[float], Outline]]:
    """Middle and half width of the plate, and its outline by half width."""
    if base.look == "outline":
        points = np.concatenate([load.feet, load.mass[None, :2]])
        least = max(load.border, 0.3 * load.least)
        curve = around(points)
        size = smallest(curve, lambda outline: load.tips_at(outline) >= base.tip_angle_deg, least)
        return (load.feet.min(0) + load.feet.max(0)) / 2, size, curve
    if base.look == "square":
        best = min((_square_for(base, load, middle), k) for k, middle in enumerate(load.line[::8]))
        middle = load.line[::8][best[1]]
        return middle, base.diameter_mm / 2 or math.ceil(best[0] * 2) / 2, partial(square, middle)
    middle, radius = _disc_for(base, load)
    return middle, base.diameter_mm / 2 or math.ceil(radius * 2) / 2, partial(circle, middle)


def _square_for(base: Base, load: _Load, middle: Float[np.ndarray, "2"]) -> float:
    """Half the side of the smallest square round `middle` that covers the feet and does not tip."""
    from shapely import MultiPoint, Polygon

    feet = MultiPoint(load.feet).convex_hull.buffer(load.border)

    def good(outline: Outline) -> bool:
        return load.tips_at(outline) >= base.tip_angle_deg and Polygon(outline).contains(feet)

    return smallest(partial(square, middle), good, load.least * 0.9)


def _disc_for(base: Base, load: _Load) -> tuple[Float[np.ndarray, "2"], float]:
    """Middle and radius of the smallest disc."""
    centres = load.line
    cover = np.linalg.norm(load.feet[None] - centres[:, None], axis=2).max(1) + load.border
    radius = np.maximum(cover, load.least)
    mass_height = load.mass[2] + load.thickness - load.sink
    lever = np.linalg.norm(load.mass[:2] - centres, axis=1)
    for _ in range(40):  # a wider disc is heavier, which lowers and centres the mass: a contraction
        disc = math.pi * radius**2 * load.thickness
        share = load.volume / (load.volume + disc)
        needed = share * lever + math.tan(math.radians(base.tip_angle_deg)) * (
            share * mass_height + (1 - share) * load.thickness / 2
        )
        radius = np.maximum(needed / math.cos(math.pi / SEGMENTS), np.maximum(cover, load.least))
    best = int(radius.argmin())
    return centres[best], float(radius[best])


def _named(
    base: Base, placement: Placement, shape: Callable[[float], Outline], feet: np.ndarray, height: float
) -> Placement:
    """The plate grown until the name fits between feet and front edge; ValueError when it never does."""
    from shapely import MultiPoint, Polygon, box

    from genkei.figure.lettering import lettering

    fixed = base.diameter_mm > 0 and base.look != "outline"
    taken = MultiPoint(feet).buffer(GRAIN_MM, quad_segs=2).simplify(GRAIN_MM / 2).buffer(0.01 * height)
    capitals = np.array([1.0, 0.85, 0.7]) * LETTER * height
    names = [lettering(base.name, float(c), base.font) for c in capitals if c >= LEAST_LETTER_MM]
    for grown in (1.0,) if fixed else np.arange(1.0, 2.01, 0.04):
        wide = placement.radius_mm * float(grown)
        outline = shape(wide)
        room = Polygon(outline).buffer(-base.rim_mm - 0.01 * height).difference(taken)
        x = float(area_centre(outline)[1][0])
        for name in names:
            left, low, right, high = name.bounds()
            for y in np.arange(float(outline[:, 1].min()) - low, float(feet[:, 1].max()), 0.5):
                if room.contains(box(x + left, y + low, x + right, y + high)):
                    cut = (name.translate((x, float(y))),)
                    return replace(placement, radius_mm=wide, outline=outline, letters=cut)
    raise ValueError(
        f"the name {base.name!r} does not fit on a base of {2 * placement.radius_mm:.0f} mm with letters of "
        f"{max(0.7 * LETTER * height, LEAST_LETTER_MM):.1f} mm: give a shorter name, a taller figure or a "
        "wider base"
    )


def _sink(solid: "Manifold", height: float) -> float:
    """The smallest depth at which the cut through the feet has 45 % of the area it has 2 % further up."""
    wanted = 0.45 * solid.slice(0.025 * height).area()
    depths = np.linspace(0.002, 0.012, 6) * height
    for depth in depths:
        if solid.slice(float(depth)).area() >= wanted:
            return float(depth)
    return float(depths[-1])


def plinth(base: Base, placement: Placement) -> "Manifold":
    """The plate with its name and poles, its top at z = sink and its bottom at sink - thickness."""
    rim = min(base.rim_mm, 0.6 * placement.thickness_mm, 0.3 * placement.radius_mm)
    bottom = placement.sink_mm - placement.thickness_mm
    round_one = base.look in ("disc", "post")
    solid = (
        _disc(placement, rim) if round_one else plate(placement.outline, bottom, placement.thickness_mm, rim)
    )
    deep = min(ENGRAVED_MM, 0.25 * placement.thickness_mm)
    for letters in placement.letters:
        solid -= letters.extrude(deep + 1.0).translate((0.0, 0.0, placement.sink_mm - deep))
    for pole in placement.poles:
        solid += pole.solid(bottom + placement.thickness_mm / 2)
    return solid


def _disc(placement: Placement, rim: float) -> "Manifold":
    import manifold3d

    radius, thickness = placement.radius_mm, placement.thickness_mm
    angle = np.linspace(0, math.pi / 2, 7)
    arc = np.stack([radius - rim + rim * np.cos(angle), thickness - rim + rim * np.sin(angle)], 1)
    if rim == 0:
        arc = np.array([[radius, thickness]])
    outline = np.concatenate([[[0.0, 0.0], [radius, 0.0]], arc, [[0.0, thickness]]])
    solid = manifold3d.CrossSection([outline]).revolve(SEGMENTS)
    x, y = placement.centre
    return solid.translate((float(x), float(y), placement.sink_mm - thickness))


def with_swatch(
    texture: UInt8[np.ndarray, "th tw 3"], colour: tuple[int, int, int]
) -> tuple[UInt8[np.ndarray, "th2 tw 3"], float, Float32[np.ndarray, "2"]]:
    """The texture with a strip of one colour under it, the factor v shrinks by, and the strip's uv."""
    strip = np.broadcast_to(np.array(colour, np.uint8), (SWATCH_PX, texture.shape[1], 3))
    joined = np.concatenate([texture, strip])
    factor = texture.shape[0] / joined.shape[0]
    return joined, factor, np.array([0.5, (1 + factor) / 2], np.float32)
