"""Small solids cut in two, with the surface they share: what joints are tested on."""

import manifold3d
import numpy as np

from genkei.figure.contact import lies_on
from genkei.figure.union import from_solid
from genkei.geometry.mesh import corners
from genkei.types import Interface, Part

UP = (0.0, 0.0, 1.0)


def part(name: str, solid: manifold3d.Manifold) -> Part:
    painted = from_solid(solid)
    return Part(name, painted.mesh, painted.uv)


def shared(carrier: Part, plugged: Part) -> Interface:
    """Triangles of the carrier that lie against the plugged part."""
    triangles = corners(carrier.mesh)
    return Interface(
        carrier.name, plugged.name, triangles[lies_on(triangles, corners(plugged.mesh), facing=True)]
    )


def rod(diameter: float = 10.0, length: float = 30.0, sides: int = 64) -> manifold3d.Manifold:
    return manifold3d.Manifold.cylinder(length, diameter / 2, diameter / 2, sides, center=True)


def cut_in_two(
    solid: manifold3d.Manifold, normal: tuple[float, float, float] = UP, at: float = 0.0
) -> tuple[tuple[Part, Part], tuple[Interface]]:
    """The half under the plane carries the one over it."""
    length = float(np.linalg.norm(normal))
    over, under = solid.split_by_plane(tuple(x / length for x in normal), at)
    parts = part("body", under), part("arm", over)
    return parts, (shared(*parts),)


def carved(
    whole: manifold3d.Manifold, tool: manifold3d.Manifold
) -> tuple[tuple[Part, Part], tuple[Interface]]:
    """What the tool takes out is plugged into the rest."""
    parts = part("body", whole - tool), part("arm", whole ^ tool)
    return parts, (shared(*parts),)
