"""Weak necks and ankles made strong: the surface moves outward round them until their section carries."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float

from genkei.figure.front import FrontView, silhouette_moved
from genkei.figure.growth import painted_like
from genkei.figure.sections import Section, weakest
from genkei.figure.union import Painted, from_solid, resolve, to_solid, unite
from genkei.geometry.field import Grid, surface
from genkei.geometry.mesh import from_manifold, simplify, to_manifold
from genkei.geometry.nearest import closest
from genkei.types import Mesh

if TYPE_CHECKING:
    from manifold3d import CrossSection, Manifold

SPARE = 1.06
"""Sections become this many limits wide: the grid's facets must not bring them back under it."""
SLOPE = 0.35
"""Millimetres the surface may rise outward per millimetre of height: a taper, no collar."""
LEVEL_MM = 0.5
STEP_MM = 0.3
REACHES_MM = (30.0, 22.0, 15.0, 10.0, 6.0, 3.0, 1.0, 0.1)
"""How far a limb is followed above and below its weakest section: the first that does not meet another."""


@dataclass(frozen=True)
class Strengthened:
    """The solid with its weak sections grown, and what that changed."""

    painted: Painted
    before_mm: float
    """Diameter of the weakest section; inf where none carries a part of the figure."""
    after_mm: float
    outward_mm: float
    """How far the surface moved outward, at most."""
    silhouette_mm: float
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Strengthen:
    """Grow the weakest section, outward and in its own shape, and look for the next one."""

    section_mm: float = 2.5
    """Diameter every section that carries a part of the figure gets."""
    most_mm: float = 1.5
    """The surface moves no further outward than this, whatever the section then is."""
    rounds: int = 6
    """So many weak places at most: two ankles are two."""

    def __post_init__(self) -> None:
        if not (0 < self.section_mm <= 100 and 0 < self.most_mm <= 50 and 1 <= self.rounds <= 50):
            raise ValueError(
                f"sections of {self.section_mm:g} mm, grown by at most {self.most_mm:g} mm in {self.rounds} "
                "rounds: wanted 0 to 100 mm, 0 to 50 mm and 1 to 50 rounds"
            )

    def __call__(self, painted: Painted) -> Strengthened:
        """ValueError when the mesh is not closed; the very same `painted` when no section is weak."""
        first = found = weakest(painted.mesh)
        before = first.diameter_mm if first else math.inf
        now, moved = painted, 0.0
        places: list[Mesh] = []
        while found is not None and found.diameter_mm < self.section_mm and len(places) < self.rounds:
            if any(_holds(sleeve, found) for sleeve in places):
                break  # it grew as far as it may
            limb = _limb(painted.mesh, found)  # as it was: what grew already must not grow again
            if limb is None:
                break  # it splits right there: two limbs meet
            sleeve, by = self._sleeve(limb, found)
            added = map(to_solid, painted_like([sleeve], painted))
            now = from_solid(resolve(unite([to_solid(now), *added])).solid)
            moved = max(moved, by)
            places.append(sleeve)
            found = weakest(now.mesh)
        if not places:
            return Strengthened(painted, before, before, 0.0, 0.0, ())
        front = FrontView.of(painted.mesh)
        outline = silhouette_moved(front, front.same_place(now.mesh))
        after = found.diameter_mm if found else math.inf
        note = (
            f"{len(places)} weak section(s) were thickened: the weakest was {before:.1f} mm wide and is "
            f"{after:.1f} mm; the surface grew by at most {moved:.2f} mm, the front outline by "
            f"{outline:.2f} mm"
        )
        return Strengthened(now, before, after, moved, outline, (note,))

    def _sleeve(self, limb: Mesh, weak: Section) -> tuple[Mesh, float]:
        """What surrounds the limb at its weak section, thick enough, and how thick it is at most."""
        levels, growth = self._growth(limb, weak.centre[2])
        return _grown(limb, levels, growth), float(growth.max())

    def _growth(self, limb: Mesh, weak_z: float) -> tuple[Float[np.ndarray, "n"], Float[np.ndarray, "n"]]:
        """Heights, and by how much the limb's outline grows at each of them."""
        solid = to_manifold(limb)
        low, high = float(limb.vertices[:, 2].min()), float(limb.vertices[:, 2].max())
        levels = np.arange(low + LEVEL_MM / 2, high, LEVEL_MM)
        wanted = math.pi * (SPARE * self.section_mm / 2) ** 2
        needed = np.array([self._needed(solid.slice(float(z)), wanted) for z in levels])
        near = int(np.abs(levels - weak_z).argmin())
        thick = np.flatnonzero(needed <= 0)  # beyond the first thick level another limb may begin
        first = int(thick[thick < near].max(initial=-1)) + 1
        last = int(thick[thick > near].min(initial=len(levels)))
        fall = np.abs(levels[first:last, None] - levels[None, first:last]) * SLOPE
        growth = np.zeros_like(needed)
        growth[first:last] = (needed[None, first:last] - fall).max(1)
        return levels, growth

    def _needed(self, section: "CrossSection", wanted: float) -> float:
        """By how much an outline has to grow to have the wanted area, at most `most_mm`."""
        if section.area() >= wanted or section.is_empty():
            return 0.0
        low, high = 0.0, self.most_mm
        for _ in range(12):
            middle = (low + high) / 2
            low, high = (low, middle) if section.offset(middle).area() >= wanted else (middle, high)
        return high


def _holds(sleeve: Mesh, section: Section) -> bool:
    """Whether a section lies inside the box of what was grown before."""
    centre = np.array(section.centre)
    return bool((sleeve.vertices.min(0) <= centre).all() and (centre <= sleeve.vertices.max(0)).all())


def _limb(mesh: Mesh, weak: Section) -> Mesh | None:
    """The piece of the figure above and below a section that meets its height nowhere else."""
    solid, z, near = to_manifold(mesh), weak.centre[2], REACHES_MM[-1]
    up = next((r for r in REACHES_MM if _piece(solid, weak, z - near, z + r) is not None), near)
    down = next((r for r in REACHES_MM if _piece(solid, weak, z - r, z + near) is not None), near)
    piece = _piece(solid, weak, z - down, z + up) or _piece(solid, weak, z - near, z + near)
    return None if piece is None else from_manifold(piece)


def _piece(solid: "Manifold", weak: Section, low: float, high: float) -> "Manifold | None":
    """What hangs together with the section between two heights; None if it meets that height twice."""
    x, y, z = weak.centre
    slab = solid.trim_by_plane((0.0, 0.0, 1.0), low).trim_by_plane((0.0, 0.0, -1.0), -high)
    for piece in slab.decompose():
        cuts = piece.slice(z).decompose()
        if len(cuts) == 1 and _over(cuts[0], x, y, weak.area_mm2):
            return piece
    return None


def _over(cut: "CrossSection", x: float, y: float, area: float) -> bool:
    left, front, right, back = cut.bounds()
    middle = abs((left + right) / 2 - x) < 0.2 and abs((front + back) / 2 - y) < 0.2
    return middle and abs(cut.area() - area) < 0.2 * area + 0.05


def _grown(limb: Mesh, levels: Float[np.ndarray, "n"], growth: Float[np.ndarray, "n"]) -> Mesh:
    """The limb and everything nearer to it than the growth at that height, as one closed mesh."""
    from genkei.figure.winding import Probe

    active = levels[growth > 0]
    low, high = limb.vertices.min(0).astype(np.float64), limb.vertices.max(0).astype(np.float64)
    low[2], high[2] = active.min() - LEVEL_MM, active.max() + LEVEL_MM
    pad = float(growth.max()) + 3 * STEP_MM
    origin = low - np.array([pad, pad, 0.0])
    shape = [int(n) for n in np.ceil((high + np.array([pad, pad, 0.0]) - origin) / STEP_MM) + 1]
    cells = np.stack(np.meshgrid(*[np.arange(n) for n in shape], indexing="ij"), -1).reshape(-1, 3)
    points = origin + STEP_MM * cells
    distance, _, _ = closest(points, limb.vertices, limb.faces)
    signed = np.where(Probe(limb).winding(points) > 0.5, -distance, distance)
    values = signed - np.interp(points[:, 2], levels, growth)
    grid = Grid(values.reshape(shape).astype(np.float32), origin.astype(np.float32), STEP_MM)
    return simplify(surface(grid), 0.03)


__all__ = ["Strengthen", "Strengthened"]
