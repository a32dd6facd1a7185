"""Pegs added to their parts and sockets cut from theirs, painted like the surface next to them."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float, Float32

from genkei.figure.fits import Made
from genkei.figure.fittings import Fitting
from genkei.figure.pegs import one_colour
from genkei.figure.union import from_solid
from genkei.types import Part

if TYPE_CHECKING:
    from manifold3d import Manifold

CRUMB_MM3 = 1e-4


def cut(
    solids: "Mapping[str, Manifold]", parts: Mapping[str, Part], fittings: Sequence[Fitting]
) -> "dict[str, Manifold]":
    """Every part with its pegs added, then its sockets cut; the ones no joint touches are handed back."""
    import manifold3d

    done = dict(solids)
    plugs = [plug for fitting in fittings for plug in fitting.plugs]
    for name, part in parts.items():
        grown = [
            one_colour(p.peg.solid(), colour_at(part, p.peg.frame.origin))
            for p in plugs
            if p.grown_on == name
        ]
        bored = [
            one_colour(p.peg.socket(), colour_at(part, p.peg.frame.origin)) for p in plugs if p.host == name
        ]
        for tools, how in ((grown, manifold3d.OpType.Add), (bored, manifold3d.OpType.Subtract)):
            if tools:
                done[name] = manifold3d.Manifold.batch_boolean([done[name], *tools], how)
    return done


def colour_at(part: Part, point: Float[np.ndarray, "3"]) -> Float32[np.ndarray, "2"]:
    """The uv of the part's corner nearest to a point."""
    nearest = int(np.linalg.norm(part.mesh.vertices - point.astype(np.float32), axis=1).argmin())
    face, corner = np.argwhere(part.mesh.faces == nearest)[0]
    return part.uv[face, corner]


def dowels(made: Made, part: Part) -> list[Part]:
    """The loose dowel of a joint as a part of its own; none for other kinds."""
    import manifold3d

    if made.fitting.kind != "dowel":
        return []
    ends = [plug.peg.solid() for plug in made.fitting.plugs]
    peg = made.fitting.plugs[0].peg
    painted = from_solid(one_colour(manifold3d.Manifold.batch_hull(ends), colour_at(part, peg.frame.origin)))
    return [Part(f"{made.interface.plugged} dowel", painted.mesh, painted.uv)]


def pieces(solid: "Manifold") -> int:
    """Connected pieces with a volume."""
    return sum(1 for piece in solid.decompose() if piece.volume() > CRUMB_MM3)
