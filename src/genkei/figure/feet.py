"""What the figure stands on: soles that hover over the base, and the posts that meet them."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float

if TYPE_CHECKING:
    from manifold3d import CrossSection, Manifold

NEAR = 0.03
"""Whatever hovers at most this share of the height over the base gets a post: a raised heel, a hem."""
REACH = 0.085
"""A sole that hovers at most this share is a second foot of someone who stands; higher it is a lifted leg."""
LIFTED = 0.2
"""A foot up to this share over the base is worth a word; what hovers higher is a hand or a coat."""
SOLE_SHARE = 0.35
"""Least area of such a sole, of the section of the foot that stands: hair tips are thinner."""
STEP = 0.005
SHRINK = 0.002
"""By this share of the height a post is narrower than the sole it carries, so that it hides under it."""


@dataclass(frozen=True)
class Sole:
    """The outline of something that hovers, and the height inside it up to which its post reaches."""

    outline: "CrossSection"
    grip: float
    gap: float
    """From the base's top to its lowest point."""

    @property
    def points(self) -> Float[np.ndarray, "n 2"]:
        return np.concatenate([np.asarray(ring, np.float64) for ring in self.outline.to_polygons()])


def soles(solid: "Manifold", floor: float, height: float) -> list[Sole]:
    """Everything that needs a post over a base whose top is at `floor`, lowest first.

    The body is looked at up to rising levels: a foot is found before it grows into its leg or a skirt.
    """
    low = solid.trim_by_plane((0.0, 0.0, -1.0), -(floor + (REACH + 0.035) * height))
    standing = low.slice(floor + 0.015 * height).area()
    found: list[Sole] = []
    for level in np.arange(0.01, REACH + 0.035, STEP) * height:
        below = low.trim_by_plane((0.0, 0.0, -1.0), -(floor + float(level)))
        for lump in below.decompose():
            sole = _sole(lump, floor, height, standing)
            if sole is not None and all((sole.outline ^ other.outline).is_empty() for other in found):
                found.append(sole)
    return found


def lifted(solid: "Manifold", floor: float, height: float) -> tuple[float, ...]:
    """How high each foot of a character on one leg hovers when that is too high for a post; lowest first."""
    low = solid.trim_by_plane((0.0, 0.0, -1.0), -(floor + LIFTED * height))
    standing = low.slice(floor + 0.015 * height)
    if len(standing.decompose()) != 1:
        return ()
    found: list[tuple[float, CrossSection]] = []
    for level in np.arange(REACH, LIFTED, 2 * STEP) * height:
        below = low.trim_by_plane((0.0, 0.0, -1.0), -(floor + float(level)))
        for lump in below.decompose():
            gap, thick = lump.bounding_box()[2] - floor, lump.bounding_box()[5] - lump.bounding_box()[2]
            outline = lump.slice(floor + gap + 0.6 * thick)
            foot = 0.008 * height <= thick <= 0.03 * height and outline.area() >= SOLE_SHARE * standing.area()
            if foot and gap > REACH * height and all((outline ^ other).is_empty() for _, other in found):
                found.append((gap, outline))
    return tuple(gap for gap, _ in found)


def _sole(lump: "Manifold", floor: float, height: float, standing: float) -> Sole | None:
    """The lump's sole, or None when it stands already, hangs too high or is too thin to be a foot."""
    bottom, top = lump.bounding_box()[2], lump.bounding_box()[5]
    gap, thick = bottom - floor, top - bottom
    if not -0.1 < gap <= REACH * height or thick < max(0.0025 * height, 0.25) or lump.volume() < 1.0:
        return None
    grip = bottom + 0.6 * thick
    outline = _hidden(lump.slice(float(grip)), SHRINK * height)
    if outline.area() < 1.0:
        return None
    if gap > NEAR * height and not (
        0.008 * height <= thick <= 0.03 * height and outline.area() >= SOLE_SHARE * standing
    ):
        return None
    return Sole(outline, float(grip), float(gap))


def _hidden(section: "CrossSection", shrink: float) -> "CrossSection":
    """The convex outline of a section, a little smaller; the section itself where it is far from convex."""
    import manifold3d

    hull = section.hull()
    wide = hull if hull.area() < 1.25 * section.area() else section
    return wide.offset(-shrink, manifold3d.JoinType.Round)


def posts(found: list[Sole], floor: float, thickness: float) -> "list[Manifold]":
    """A column from inside the base to inside every sole."""
    root = floor - 0.5 * thickness
    return [sole.outline.extrude(sole.grip - root).translate((0.0, 0.0, root)) for sole in found]
