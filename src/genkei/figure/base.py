"""The disc under the figure: sized so that it stands, placed between the feet and the centre of mass."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float, Float32, UInt8

from genkei.figure.balance import mass_properties
from genkei.figure.feet import NEAR, Sole, lifted, soles
from genkei.types import Mesh

if TYPE_CHECKING:
    from manifold3d import Manifold

SEGMENTS = 128
SWATCH_PX = 16
"""Rows of base colour appended under the texture: enough that four mip levels do not mix it with the skin."""


@dataclass(frozen=True)
class Base:
    """A disc with a rounded upper rim; 0 in a size means "choose it from the figure"."""

    diameter_mm: float = 0.0
    """0: the smallest disc that carries the feet and reaches `tip_angle_deg`."""
    thickness_mm: float = 0.0
    """0: 3 % of the height, 2.5 to 8 mm."""
    sink_mm: float = 0.0
    """How deep the feet stand in the disc; 0: until the soles hold (0.2 to 1.2 % of the height)."""
    rim_mm: float = 1.0
    """Radius of the rounded upper edge."""
    tip_angle_deg: float = 12.0
    """Tilt the figure survives in every direction; 10 is the check's limit, more makes a wider disc."""
    least_share: float = 0.32
    """Smallest diameter as a share of the height: a narrower disc looks lost under the figure."""
    colour: tuple[int, int, int] = (92, 94, 102)
    """sRGB of the disc."""

    def __post_init__(self) -> None:
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
    """Where the disc goes under a body whose lowest point is z = 0."""

    centre: Float[np.ndarray, "2"]
    radius_mm: float
    thickness_mm: float
    sink_mm: float
    """The disc's top is at this height of the body."""
    soles: tuple[Sole, ...] = ()
    """What hovers over the disc and gets a post."""
    lifted_mm: tuple[float, ...] = ()
    """How high over the disc a lifted foot is that gets none."""


def place(base: Base, body: Mesh, solid: "Manifold") -> Placement:
    """The smallest disc, centred from feet to centre of mass, that covers the feet and does not tip.

    A second foot that hovers counts as a foot: a post will meet it.
    """
    height = float(body.vertices[:, 2].max())
    thickness = base.thickness_mm or float(np.clip(0.03 * height, 2.5, 8.0))
    sink = base.sink_mm or _sink(solid, height)
    found = tuple(soles(solid, sink, height))
    near = body.vertices[body.vertices[:, 2] < sink + NEAR * height, :2].astype(np.float64)
    feet = np.concatenate([near, *(sole.points for sole in found)])
    volume, mass_centre = mass_properties(body)
    foot_centre = (feet.min(0) + feet.max(0)) / 2
    along = np.linspace(0, 1, 33)[:, None]
    centres = foot_centre * (1 - along) + mass_centre[:2] * along
    cover = np.linalg.norm(feet[None] - centres[:, None], axis=2).max(1) + base.rim_mm + 0.01 * height
    radius = np.maximum(cover, base.least_share * height / 2)
    mass_height = mass_centre[2] + thickness - sink
    lever = np.linalg.norm(mass_centre[:2] - centres, axis=1)
    for _ in range(40):  # a wider disc is heavier, which lowers and centres the mass: a contraction
        disc = math.pi * radius**2 * thickness
        share = volume / (volume + disc)
        needed = share * lever + math.tan(math.radians(base.tip_angle_deg)) * (
            share * mass_height + (1 - share) * thickness / 2
        )
        radius = np.maximum(
            needed / math.cos(math.pi / SEGMENTS), np.maximum(cover, base.least_share * height / 2)
        )
    best = int(radius.argmin())
    chosen = base.diameter_mm / 2 or math.ceil(radius[best] * 2) / 2
    return Placement(
        centres[best], chosen, thickness, min(sink, thickness), found, lifted(solid, sink, height)
    )


def _sink(solid: "Manifold", height: float) -> float:
    """The smallest depth at which the cut through the feet has 45 % of the area it has 2 % further up."""
    wanted = 0.45 * solid.slice(0.025 * height).area()
    depths = np.linspace(0.002, 0.012, 6) * height
    for depth in depths:
        if solid.slice(float(depth)).area() >= wanted:
            return float(depth)
    return float(depths[-1])


def disc(base: Base, placement: Placement) -> "Manifold":
    """The solid disc, its top at z = sink and its bottom at sink - thickness."""
    import manifold3d

    radius, thickness = placement.radius_mm, placement.thickness_mm
    rim = min(base.rim_mm, 0.6 * thickness, 0.3 * radius)
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
