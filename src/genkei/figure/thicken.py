"""Thin walls made printable: thicker only there, only outward, measured again until nothing is left to do."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float

from genkei.figure.front import FrontView, face_moved, silhouette_moved
from genkei.figure.growth import grown, painted_like
from genkei.figure.medial import extended, middles, webbed
from genkei.figure.union import Painted, from_solid, resolve, to_solid, unite
from genkei.figure.walls import walls
from genkei.geometry.mesh import corners, distinct_rows, face_normals, from_manifold, open_edges, to_manifold
from genkei.geometry.nearest import closest
from genkei.geometry.rays import Surface
from genkei.types import Mesh

if TYPE_CHECKING:
    from manifold3d import Manifold

SPARE = 1.18
"""Walls become this many limits thick: across a round bar the shortest of the slanted rays, by which walls
are measured, is 0.88 of its diameter, and facets must not bring it back under the limit."""
MEANT = 1.04
"""Walls under this many limits grow, lest one that is just over it is measured just under it next time."""
SPACING = 0.33
"""Distance of the rays on the surface, in limits: balls that far apart leave no visible scallops."""
CELLS = 4.5
"""Cells of the field along one limit."""
LEAST_GAIN = 0.02
"""Millimetres a ball has to stick out of a wall to be worth it."""
LINK, EXTENT = 0.75, 1.5
"""Thin points nearer than the one (in limits) are one wall; a wall shorter than the other is a detail such as
a nose or the point of a lock, and stays as it is."""


@dataclass(frozen=True)
class Thickened:
    """The solid with its thin walls grown, and what that changed."""

    painted: Painted
    before: float
    """Share of the surface under the limit, 0..1, as `walls` measures it."""
    after: float
    outward_mm: float
    """Largest distance of the new surface from the old one; never inward."""
    silhouette_mm: float
    """How far the front silhouette moved, at most; to about 0.1 mm."""
    face_mm: float
    """How far what one sees of the face is from the old surface, at most."""
    rounds: int
    notes: tuple[str, ...]
    centres: Float[np.ndarray, "n 3"]
    """Of the balls it grew by; mm."""
    radii: Float[np.ndarray, "n"]


@dataclass(frozen=True)
class Thicken:
    """Grow what is thinner than `limit_mm`: a union of balls along the middle of the wall, short of its ends.

    The rule of DrawingSpinUp (thin parts keep their skeleton and get a radius) as a distance field: the balls
    are united with the solid, so that its surface never moves inward and stays as it was everywhere else.
    """

    limit_mm: float = 1.0
    silhouette_mm: float = 0.6
    """The front outline moves no further than this; less keeps the drawing and leaves strands thinner."""
    face_mm: float = 0.4
    """Nothing in front of the face, nor the face, grows by more than this."""
    rounds: int = 3
    """Grow and measure again at most so often."""
    enough: float = 0.001
    """Share of the surface that may stay thin, 0..1: less takes more rounds."""

    def __post_init__(self) -> None:
        if not 0.05 <= self.limit_mm <= 50:
            raise ValueError(f"walls of {self.limit_mm:g} mm were asked for; wanted 0.05 to 50 mm")
        if not (0 <= self.silhouette_mm <= 50 and 0 <= self.face_mm <= 50):
            raise ValueError(
                f"a silhouette that may move {self.silhouette_mm:g} mm and a face {self.face_mm:g} mm: "
                "wanted 0 to 50 mm"
            )
        if not (1 <= self.rounds <= 10 and 0 <= self.enough < 1):
            raise ValueError(
                f"{self.rounds} rounds of thickening down to {self.enough:g} of the surface; wanted 1 to 10 "
                "rounds, and a share from 0 to 1"
            )

    def __call__(self, painted: Painted, begun: Thickened | None = None) -> Thickened:
        """ValueError when the mesh is not closed; the very same `painted` when no wall is thin.

        `begun`: what came of it when more was `enough`: the rounds that were done then are not done again.
        """
        if open_edges(painted.mesh.faces):
            raise ValueError("only a closed solid can be thickened: close it first with `genkei printify`")
        if begun is None:
            begun = as_it_is(painted, walls(painted.mesh).share_below(self.limit_mm))
        front = FrontView.of(painted.mesh)
        now, share, done, before = begun.painted, begun.after, begun.rounds, begun.before
        centres, radii = begun.centres, begun.radii
        if done >= self.rounds or share <= self.enough:
            return begun
        surface, solid = Surface(now.mesh), to_solid(painted)
        while done < self.rounds and share > self.enough:
            more, sizes = self._balls(surface, front)
            if not len(more):
                break
            centres, radii = np.concatenate([centres, more]), np.concatenate([radii, sizes])
            now = _united(painted, solid, centres, radii, self.limit_mm / CELLS)
            done += 1
            surface = Surface(now.mesh)
            share = walls(surface).share_below(self.limit_mm)
        if done == begun.rounds:
            return begun
        after = front.same_place(now.mesh)
        moved = (_outward(now.mesh, painted.mesh), silhouette_moved(front, after), face_moved(front, after))
        return Thickened(
            now, before, share, *moved, done, (self._note(before, share, moved),), centres, radii
        )

    def _balls(
        self, surface: Surface, front: FrontView
    ) -> tuple[Float[np.ndarray, "n 3"], Float[np.ndarray, "n"]]:
        """Centres and radii of the balls that make thin walls thick, as far as outline and face allow it.

        `front` shows the solid as it was at the beginning, whatever has grown since.
        """
        found = middles(surface, self.limit_mm, SPACING * self.limit_mm)
        radius = SPARE * self.limit_mm / 2
        thin = found.thickness < MEANT * self.limit_mm
        thin[thin] = extended(found.points[thin], LINK * self.limit_mm, EXTENT * self.limit_mm)
        centres = found.drawn_back(thin, radius)
        row, column = front.pixels(centres)
        radii = np.minimum(radius, front.depth_inside[row, column] + self.silhouette_mm)
        face = np.flatnonzero(front.face[row, column])
        radii[face] = np.minimum(radii[face], _depth(centres[face], front.mesh) + self.face_mm)
        worth = radii > found.thickness[thin] / 2 + LEAST_GAIN
        return webbed(centres[worth], radii[worth], 2 * SPACING * self.limit_mm)

    def _note(self, before: float, after: float, moved: tuple[float, float, float]) -> str:
        return (
            f"thin walls were thickened to {self.limit_mm:g} mm: {100 * before:.1f} % of the surface was "
            f"thinner, {100 * after:.1f} % still is; the surface grew by at most {moved[0]:.2f} mm, the "
            f"front outline by {moved[1]:.2f} mm, the face by {moved[2]:.2f} mm"
        )


def as_it_is(painted: Painted, thin: float) -> Thickened:
    """Before the first round; `thin`: the share of its surface under the limit."""
    return Thickened(painted, thin, thin, 0.0, 0.0, 0.0, 0, (), np.zeros((0, 3)), np.zeros(0))


def _united(
    painted: Painted, solid: "Manifold", centres: np.ndarray, radii: np.ndarray, step: float
) -> Painted:
    """The body, of which `solid` is made, and the balls as one painted piece, no taller than before."""
    heights = painted.mesh.vertices[:, 2]
    low, high = float(heights.min()), float(heights.max())
    added = [cut for mesh in grown(centres, radii, step) if len((cut := _between(mesh, low, high)).faces)]
    return from_solid(resolve(unite([solid, *map(to_solid, painted_like(added, painted))])).solid)


def _between(mesh: Mesh, low: float, high: float) -> Mesh:
    """What of a closed mesh lies between two heights."""
    heights = mesh.vertices[:, 2]
    if heights.min() >= low and heights.max() <= high:
        return mesh
    solid = to_manifold(mesh).trim_by_plane((0.0, 0.0, 1.0), low)
    return from_manifold(solid.trim_by_plane((0.0, 0.0, -1.0), -high))


def _outward(mesh: Mesh, old: Mesh) -> float:
    """Largest distance of a vertex from the old surface; the old one's own vertices need no measuring."""
    own = len(old.vertices)
    _, place = distinct_rows(np.concatenate([old.vertices, mesh.vertices]) + np.float32(0))
    known = np.zeros(int(place.max()) + 1, bool)
    known[place[:own]] = True
    new = mesh.vertices[~known[place[own:]]]
    return float(max(-_depth(new.astype(np.float64), old).min(initial=0.0), 0.0))


def _depth(points: Float[np.ndarray, "n 3"], mesh: Mesh) -> Float[np.ndarray, "n"]:
    """Distance of points to a surface, negative in front of its nearest face."""
    if not len(points):
        return np.zeros(0)
    distance, face, weights = closest(points, mesh.vertices, mesh.faces)
    foot = np.einsum("nk,nkc->nc", weights, corners(mesh)[face])
    ahead = np.einsum("nc,nc->n", points - foot, face_normals(mesh)[face]) > 0
    return np.where(ahead, -distance, distance).astype(np.float64)


__all__ = ["Thicken", "Thickened", "as_it_is"]
