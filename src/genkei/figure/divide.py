"""Exact division of a painted solid by a closed cutter: two closed pieces that share one surface."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Int

from genkei.figure.contact import lies_on
from genkei.figure.union import from_solid, unite
from genkei.geometry.mesh import corners, to_manifold
from genkei.types import Interface, Mesh, Part

if TYPE_CHECKING:
    from manifold3d import Manifold

CRUMB = 0.3
"""Of the smaller side: loose pieces beside the largest one that hold more than this are no crumbs."""


@dataclass(frozen=True)
class Piece:
    """A part in the making: cutters are known by the number manifold3d gave their surface."""

    name: str
    solid: "Manifold"
    cutters: tuple[tuple[int, str], ...]
    """(number, name of what that cutter cut off) of all cuts so far."""
    inside: tuple[int, ...] = ()
    """Numbers of the cutters it was cut off by, not cut out of."""


@dataclass(frozen=True)
class Divided:
    piece: Piece
    rest: Piece


def divide(rest: Piece, name: str, mesh: Mesh, wall_mm: float, least_mm3: float) -> Divided | str:
    """What of `rest` is inside a closed cutter, in one piece, and what is outside, in one piece.

    Crumbs go to the other side. A sentence instead when that leaves a sliver, too little, or a broken rest.
    """
    block = to_manifold(mesh).as_original()
    inner, outer = rest.solid.split(block)
    inside, outside = _sorted(inner), _sorted(outer)
    if not inside or not outside:
        return f"{name}: the cut does not meet the solid, it stays whole"
    piece, left = _tidy(inside, outside)
    if piece is None or left is None:
        return f"{name}: the cut would break what remains into several pieces, so it was not made"
    if piece.volume() < least_mm3:
        return (
            f"{name}: only {piece.volume():.0f} mm³, not worth a part of its own; it stays with its neighbour"
        )
    thin = min(sliver(piece, wall_mm) or np.inf, sliver(left, wall_mm) or np.inf)
    if thin < np.inf:
        return (
            f"{name}: the cut would leave a sliver {thin:.2f} mm thick (least wall {wall_mm:g} mm): not made"
        )
    cutters = (*rest.cutters, (block.original_id(), name))
    off = (*rest.inside, block.original_id())
    return Divided(Piece(name, piece, cutters, off), Piece(rest.name, left, cutters, rest.inside))


def sliver(solid: "Manifold", wall_mm: float) -> float:
    """The mean thickness (twice the volume over the surface) where that is under the wall, else 0."""
    thickness = 2 * solid.volume() / max(solid.surface_area(), 1e-9)
    return thickness if thickness < wall_mm else 0.0


def _sorted(solid: "Manifold") -> "list[Manifold]":
    """Connected pieces, largest first, without those that have no volume."""
    return sorted((p for p in solid.decompose() if p.volume() > 1e-9), key=lambda p: -p.volume())


def _tidy(inside: "list[Manifold]", outside: "list[Manifold]") -> "tuple[Manifold | None, Manifold | None]":
    """One piece on either side: smaller ones change sides; None where one of them is no crumb."""
    limit = CRUMB * min(inside[0].volume(), outside[0].volume())
    if any(p.volume() > limit for p in (*inside[1:], *outside[1:])):
        return None, None
    piece = unite([inside[0], *outside[1:]]) if outside[1:] else inside[0]
    left = unite([outside[0], *inside[1:]]) if inside[1:] else outside[0]
    pieces, lefts = _sorted(piece), _sorted(left)
    if len(pieces) > 1 or len(lefts) > 1:
        return None, None
    return pieces[0], lefts[0]


def faces_from(solid: "Manifold", numbers: tuple[int, ...]) -> Int[np.ndarray, "f"]:
    """Per triangle of `solid.to_mesh()` the number of the cutter it came from, -1 for outer surface."""
    data = solid.to_mesh()
    ends = np.asarray(data.run_index, np.int64) // 3
    found = np.full(len(np.asarray(data.tri_verts)), -1, np.int64)
    for start, end, number in zip(ends[:-1], ends[1:], np.asarray(data.run_original_id), strict=False):
        if int(number) in numbers:
            found[start:end] = int(number)
    return found


def finished(pieces: list[Piece]) -> tuple[tuple[Part, ...], dict[str, Int[np.ndarray, "_"]]]:
    """Painted parts, cuts still without paint (`calm`), and per part the cutter of every face.

    Cutter k is k on what stayed and -2 - k on what it cut off; -1 is the figure's own surface.
    """
    parts, cuts = [], {}
    names = dict(pair for piece in pieces for pair in piece.cutters)
    order = {number: k for k, number in enumerate(names)}
    for piece in pieces:
        painted = from_solid(piece.solid)
        found = faces_from(piece.solid, tuple(order))
        sides = {number: -2 - k if number in piece.inside else k for number, k in order.items()}
        cuts[piece.name] = np.array([sides.get(int(n), -1) for n in found])
        parts.append(Part(piece.name, painted.mesh, painted.uv))
    return tuple(parts), cuts | {"": np.array(list(names.values()))}


def shared(parts: tuple[Part, ...], cuts: dict[str, np.ndarray]) -> tuple[Interface, ...]:
    """Every surface that two parts share, seen from the part that was cut off."""
    found = []
    for number in range(len(cuts[""])):
        off = [part for part in parts if (cuts[part.name] == -2 - number).any()]
        for part in parts:
            triangles = corners(part.mesh)[cuts[part.name] == number]
            for plugged in off if len(triangles) else ():
                skin = corners(plugged.mesh)[cuts[plugged.name] == -2 - number]
                own = triangles if len(off) == 1 else triangles[lies_on(triangles, skin, facing=True)]
                if len(own):
                    found.append(Interface(part.name, plugged.name, np.ascontiguousarray(own)))
    return tuple(found)
