"""A bust: what the picture's border cuts is cut flat, and stands on a socle that is fitted to the cut."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from manifold3d import Manifold

SEARCHED = 0.05
"""Share of the height over which the lowest clean cut is looked for: below it the surface is rounded off."""
CLEAN = 0.92
"""A cut is clean from where its area is this share of the largest above it."""
TALL = 0.07
"""Height of the socle as a share of the figure's."""
INSET = 0.012
"""How far the socle stands back under the cut, as a share of the height: the cut's edge stays seen."""
SEATED_MM = 0.2
"""How far the socle reaches into the bust, so that both are one solid."""
WAIST = 0.8
"""Width of the socle at its foot against its top; the disc below carries it."""


@dataclass(frozen=True)
class OnSocle:
    """A bust, and the socle under it with its foot at z = 0."""

    bust: "Manifold"
    socle: "Manifold"
    lift_mm: float
    """How far the bust was lifted; what lay below the cut is gone."""


def on_socle(solid: "Manifold", height_mm: float) -> OnSocle:
    """The solid (its lowest point at z = 0) cut flat where it is first whole, on a tapering socle.

    ValueError when nothing is left above the cut.
    """
    levels = np.linspace(0.002, SEARCHED, 13) * height_mm
    areas = np.array([solid.slice(float(z)).area() for z in levels])
    if areas.max() <= 0:
        raise ValueError("the bust has no matter at its cut: nothing can stand on a socle")
    cut = float(levels[int(np.argmax(areas >= CLEAN * areas.max()))])
    bust = solid.trim_by_plane((0.0, 0.0, 1.0), cut).translate((0.0, 0.0, -cut))
    outline = bust.slice(1e-3 * height_mm).hull().offset(-INSET * height_mm)
    if outline.is_empty():
        outline = bust.slice(1e-3 * height_mm).hull()
    low, high = np.array(outline.bounds()).reshape(2, 2)
    middle = (low + high) / 2
    tall = TALL * height_mm
    # mirrored first, because turning the taper upside down about x mirrors y
    centred = outline.translate((-float(middle[0]), -float(middle[1]))).scale((1.0, -1.0))
    taper = centred.extrude(tall + SEATED_MM, scale_top=(WAIST, WAIST)).rotate((180.0, 0.0, 0.0))
    socle = taper.translate((float(middle[0]), float(middle[1]), tall + SEATED_MM))
    return OnSocle(bust.translate((0.0, 0.0, tall)), socle, tall - cut)
