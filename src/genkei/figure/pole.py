"""The pole of a leaping figure: straight up from the base into the body, near under its weight."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float

from genkei.figure.walls import STEP_MM
from genkei.geometry.mesh import face_normals
from genkei.geometry.rays import Surface
from genkei.types import Mesh

if TYPE_CHECKING:
    from manifold3d import Manifold

REACH = 0.2
"""Of the height: how far from under the centre of mass the pole may stand."""
THICK = 0.016
"""Its radius, of the height; never under `LEAST_MM`."""
LEAST_MM = 1.5
STEEP = -0.45
"""Largest z of the normal where it enters: on a steeper flank it would slip out."""
PER_HEIGHT = 0.1
"""A millimetre of pole counts as much as so many millimetres away from under the weight."""
AROUND = 12


@dataclass(frozen=True)
class Pole:
    """A vertical cylinder; body frame, millimetres."""

    centre: Float[np.ndarray, "2"]
    radius_mm: float
    top_mm: float
    """Inside the body."""

    @property
    def footprint(self) -> Float[np.ndarray, "n 2"]:
        angle = np.arange(AROUND) * (2 * np.pi / AROUND)
        return self.centre + self.radius_mm * np.stack([np.cos(angle), np.sin(angle)], 1)

    def solid(self, bottom: float) -> "Manifold":
        """From `bottom` up into the body."""
        import manifold3d

        column = manifold3d.Manifold.cylinder(self.top_mm - bottom, self.radius_mm, self.radius_mm, 48)
        return column.translate((float(self.centre[0]), float(self.centre[1]), bottom))


def find_pole(body: Mesh, mass_centre: Float[np.ndarray, "3"]) -> Pole:
    """Where a pole from below meets the underside of the body first, deep enough to hold, near the weight.

    ValueError when no underside within reach is wide and flat enough.
    """
    height = float(np.ptp(body.vertices[:, 2]))
    radius = max(THICK * height, LEAST_MM)
    grip = 2.5 * radius
    step = radius / 2
    count = int(REACH * height / step)
    offsets = np.stack(np.meshgrid(*[np.arange(-count, count + 1) * step] * 2, indexing="ij"), -1).reshape(
        -1, 2
    )
    offsets = offsets[np.linalg.norm(offsets, axis=1) <= REACH * height]
    surface, floor = Surface(body), float(body.vertices[:, 2].min()) - 1.0
    centres = mass_centre[:2] + offsets
    face, meets = _rise(surface, centres, floor)
    normal = face_normals(body)[face]
    inner = np.column_stack([centres, meets + STEP_MM])
    good = np.flatnonzero((face >= 0) & (normal[:, 2] < STEEP))
    _, deep = surface.first_hit(inner[good], np.tile([0.0, 0.0, 1.0], (len(good), 1)))
    good = good[deep > grip + radius]
    ring = Pole(np.zeros(2), 1.1 * radius, 0.0).footprint
    asked = (centres[good][:, None] + ring[None]).reshape(-1, 2)
    _, beside = _rise(surface, asked, floor)
    beside = beside.reshape(-1, len(ring))
    whole = np.isfinite(beside).all(1) & (np.abs(beside - meets[good][:, None]).max(1) < 2 * radius)
    good = good[whole]
    if not len(good):
        raise ValueError(
            f"there is no underside within {REACH * height:.0f} mm of the weight that a post of "
            f"{2 * radius:.1f} mm could hold: choose another base (--base disc)"
        )
    cost = np.linalg.norm(offsets[good], axis=1) + PER_HEIGHT * meets[good]
    best = int(good[int(cost.argmin())])
    return Pole(centres[best], radius, float(meets[best]) + grip)


def _rise(surface: Surface, points: np.ndarray, floor: float) -> tuple[np.ndarray, np.ndarray]:
    """Face and height that lines straight up from `floor` meet first; -1 and inf where they meet nothing."""
    starts = np.column_stack([points, np.full(len(points), floor)])
    face, distance = surface.first_hit(starts, np.tile([0.0, 0.0, 1.0], (len(points), 1)))
    return face, floor + distance


__all__ = ["Pole", "find_pole"]
