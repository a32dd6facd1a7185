"""A chamber under a base for steel shot or sand, and the plug that closes it."""

from dataclasses import dataclass

import numpy as np

from genkei.figure.profiles import Profile
from genkei.figure.union import Painted, from_solid, to_solid
from genkei.geometry.mesh import from_manifold, to_manifold
from genkei.types import Mesh, Part

LEDGE_MM = 1.5
"""Width of the step the plug rests on."""
ROOF_SPARE_MM = 0.8
"""Over the chamber, besides the wall: the name is engraved into it."""
LEAST_HIGH_MM = 1.5
SHOT = 3.9
"""Weight of loose steel shot (4.5 g/cm3) against solid resin (1.15): our estimate of what is poured in."""


@dataclass(frozen=True)
class Ballasted:
    """A base with its chamber, the plug in its place, and what fills the chamber; figure space."""

    base: Part
    plug: Part
    fill: Mesh
    """Closed; `SHOT` times as heavy as the same volume of resin when it is steel shot."""


def ballasted(base: Part, thickness_mm: float, profile: Profile) -> Ballasted:
    """The base, its underside at z = 0 and its plate `thickness_mm` thick, with a round chamber from below.

    ValueError when the plate is too thin or too narrow for a chamber inside its walls.
    """
    import manifold3d
    from shapely import Polygon, maximum_inscribed_circle

    solid = to_manifold(base.mesh)
    outline = max(solid.slice(0.05).to_polygons(), key=lambda ring: abs(Polygon(ring).area))
    inside = maximum_inscribed_circle(Polygon(outline), 0.05).coords
    (x, y), reach = inside[0], float(np.hypot(*np.subtract(inside[1], inside[0])))
    wall, lid = profile.recommended_wall_mm, max(profile.recommended_wall_mm, 1.5)
    wide, high = reach - wall - LEDGE_MM, thickness_mm - wall - ROOF_SPARE_MM - lid
    if high < LEAST_HIGH_MM or wide < 3 * LEDGE_MM:
        raise ValueError(
            f"a chamber for ballast in a base {thickness_mm:.1f} mm thick and {2 * reach:.0f} mm wide would "
            f"be {max(high, 0):.1f} mm high; wanted {LEAST_HIGH_MM:g} mm: make the base thicker"
        )
    chamber = manifold3d.Manifold.cylinder(high, wide, wide, 96).translate((x, y, lid))
    mouth = manifold3d.Manifold.cylinder(2 * lid, wide + LEDGE_MM, wide + LEDGE_MM, 96)
    mouth = mouth.translate((x, y, -lid))
    round_lid = wide + LEDGE_MM - profile.clearance_mm
    plug = manifold3d.Manifold.cylinder(lid, round_lid, round_lid, 96).translate((x, y, 0.0))
    swatch = base.uv[0, 0]
    body = to_solid(Painted(base.mesh, base.uv))
    carved = from_solid(body - to_solid(_plain(from_manifold(chamber + mouth), swatch)))
    lid_part = _plain(from_manifold(plug), swatch)
    return Ballasted(
        Part(base.name, carved.mesh, carved.uv),
        Part("base plug", lid_part.mesh, lid_part.uv),
        from_manifold(chamber),
    )


def _plain(mesh: Mesh, swatch: np.ndarray) -> Painted:
    return Painted(mesh, np.broadcast_to(swatch, (len(mesh.faces), 3, 2)).astype(np.float32))


__all__ = ["SHOT", "Ballasted", "ballasted"]
