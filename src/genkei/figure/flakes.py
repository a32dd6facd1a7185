"""What of some pieces is firm once they belong to a part: flakes and feather edges are taken off them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from genkei.figure.fuse import OVERLAP_MM, reaching
from genkei.figure.union import Painted, to_solid
from genkei.geometry.field import Grid, surface
from genkei.geometry.mesh import from_manifold, to_manifold
from genkei.types import Mesh, Part

if TYPE_CHECKING:
    from manifold3d import Manifold

BALL = 0.6
"""Radius of the ball that has to fit, in walls: across a round bar the shortest of the slanted rays by which
walls are measured is 0.88 of its diameter."""
CELLS = 4.0
"""Of the field along a wall."""
SLACK = 0.25
"""Cells by which what is reached is taken larger: it errs by so much and must not peel a piece."""
LEAST_MM3 = 0.5
"""What is left of a piece has to be worth keeping."""
HOLD_MM3 = 0.5 * OVERLAP_MM
"""It holds on by half a square millimetre or more."""


def firm_pieces(part: Part, pieces: "Sequence[Manifold]", wall_mm: float) -> "list[Manifold]":
    """Of every piece what a ball of a wall's size reaches inside part and piece together, where it holds on.

    The opening of mathematical morphology (Serra 1982), of the pieces alone: the part stays as it is.
    """
    if not pieces:
        return []
    body = to_solid(Painted(part.mesh, part.uv))
    kept = []
    for piece in pieces:
        firm = _opened(body + reaching(piece, part.mesh), piece, wall_mm)
        for one in firm.decompose() if firm is not None else ():
            if one.volume() >= LEAST_MM3 and (body ^ reaching(one, part.mesh)).volume() > HOLD_MM3:
                kept.append(one)
    return kept


def _opened(both: "Manifold", piece: "Manifold", wall_mm: float) -> "Manifold | None":
    """The piece without what is thinner than a wall; None where nothing of it is thicker."""
    import manifold3d

    box = np.array(piece.bounding_box())
    low, high = box[:3] - 2 * wall_mm, box[3:] + 2 * wall_mm
    (x, y, z), (u, v, w) = (tuple(float(n) for n in row) for row in (high - low, low))
    near = both ^ manifold3d.Manifold.cube((x, y, z)).translate((u, v, w))
    firm = _reached(from_manifold(near), BALL * wall_mm, wall_mm / CELLS)
    return piece ^ to_manifold(firm) if len(firm.faces) else None


def _reached(mesh: Mesh, ball_mm: float, step: float) -> Mesh:
    """What a ball reaches inside a solid, and a hair more; no faces where it fits nowhere.

    Two level sets of exact distances: the places of the ball's middle, and what is within a radius of them.
    """
    from genkei.figure.depth import counted, distances, lattice_of

    lattice = lattice_of(mesh, step)
    depth = distances(lattice, lattice.inside, mesh, ball_mm + 2 * step)
    if not (depth > ball_mm).any():
        return Mesh(mesh.vertices[:0], mesh.faces[:0])
    origin = lattice.origin.astype(np.float32)
    middles = surface(Grid(np.clip(ball_mm - depth, -step, step).astype(np.float32), origin, step))
    reach = np.float32(ball_mm + SLACK * step)
    near = float(reach) + 2 * step
    away = counted(depth <= ball_mm, step, near + step)
    away = np.where(away < near, distances(lattice, depth <= ball_mm, middles, near), away)
    return surface(Grid(np.clip(away - reach, -step, step).astype(np.float32), origin, step))


__all__ = ["firm_pieces"]
