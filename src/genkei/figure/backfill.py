"""Cavities filled again where the wall over them came out thinner than it was meant."""

from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float

from genkei.figure.cavity import TOLERANCE, Room, recut
from genkei.figure.depth import Gaps, Gauge
from genkei.figure.union import unite
from genkei.geometry.mesh import from_manifold, to_manifold
from genkei.types import Mesh

if TYPE_CHECKING:
    from manifold3d import Manifold

SPACING = 0.15
"""Of the balls, in walls."""
RADIUS = 1.03
"""Of the balls, in walls: what cells and facets leave between them is a wall again."""
SHARE = 0.6
"""Of the tolerance a wall may use before it is filled."""
FACETS = 32
ROUNDS = 4


def backfilled(found: Room, gauge: Gauge, wall_mm: float) -> Room:
    """The cavities without a ball of the wall's radius round every place of the outer surface under which the
    wall is too thin: a field's cells cannot follow what is narrower than they are."""
    return recut(found, lambda cavity: _filled(cavity, gauge, wall_mm))


def _filled(cavity: Mesh, gauge: Gauge, wall_mm: float) -> "Manifold | None":
    """Again and again, for every cut shows new places between the corners that were measured; None where no
    wall is too thin."""
    at = _thin(gauge.of(cavity), wall_mm)
    if not len(at):
        return None
    solid = to_manifold(cavity) - _balls(at, RADIUS * wall_mm)
    for _ in range(ROUNDS - 1):
        at = _thin(gauge.once(from_manifold(solid)), wall_mm)
        if not len(at):
            break
        solid -= _balls(at, RADIUS * wall_mm)
    return solid


def _thin(gaps: Gaps, wall_mm: float) -> Float[np.ndarray, "n 3"]:
    """Places of the outer surface under which the wall is too thin, one per `SPACING`."""
    thin = gaps.foot[gaps.distance < (1 - SHARE * TOLERANCE) * wall_mm].astype(np.float64)
    _, first = np.unique(np.floor(thin / (SPACING * wall_mm)), axis=0, return_index=True)
    return thin[np.sort(first)]


def _balls(centres: Float[np.ndarray, "n 3"], radius: float) -> "Manifold":
    import manifold3d

    ball = manifold3d.Manifold.sphere(radius, FACETS)
    return unite([ball.translate((float(x), float(y), float(z))) for x, y, z in centres])


__all__ = ["backfilled"]
