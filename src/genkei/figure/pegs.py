"""Pegs and the sockets they go in: convex frusta with parallel sides, so that the gap is exact."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from jaxtyping import Float, Float32

from genkei.figure.union import Painted, from_solid, to_solid

if TYPE_CHECKING:
    from manifold3d import Manifold

Outline = Literal["d", "square", "round"]

SIDES = 48
FLAT = 0.55
"""Distance of a D's flat from its middle, in radii (the measured prototype's key)."""
CORNER, KEY_CORNER = 1.25, 0.85
"""How far the diagonals of a square peg reach, in half widths: three corners broken, the fourth cut off."""
CHAMFER_MM = 0.3
"""Broken edge of a peg's tip: it finds its hole, and a blob of glue has somewhere to go."""


@dataclass(frozen=True)
class Frame:
    """A place in figure space: rows u, v, w are unit, right-handed; `w` is the axis of a peg."""

    origin: Float[np.ndarray, "3"]
    axes: Float[np.ndarray, "3 3"]

    @staticmethod
    def along(origin: Float[np.ndarray, "3"], direction: Float[np.ndarray, "3"]) -> "Frame":
        """`v` leans to the front for an upright axis, up for any other: mirrored parts get mirrored keys."""
        w = np.asarray(direction, np.float64) / np.linalg.norm(direction)
        towards = np.array([0.0, -1.0, 0.0]) if abs(w[2]) > 0.7 else np.array([0.0, 0.0, 1.0])
        v = towards - w * (towards @ w)
        v = v / np.linalg.norm(v)
        return Frame(np.asarray(origin, np.float64), np.stack([np.cross(v, w), v, w]))

    @property
    def direction(self) -> Float[np.ndarray, "3"]:
        return self.axes[2]

    def local(self, points: Float[np.ndarray, "*n 3"]) -> Float[np.ndarray, "*n 3"]:
        """Figure space to (u, v, w)."""
        return (points.astype(np.float64) - self.origin) @ self.axes.T

    def world(self, points: Float[np.ndarray, "*n 3"]) -> Float[np.ndarray, "*n 3"]:
        """(u, v, w) to figure space."""
        return points.astype(np.float64) @ self.axes + self.origin

    def placed(self, solid: "Manifold") -> "Manifold":
        """A solid built in (u, v, w), carried to figure space."""
        return solid.transform(np.column_stack([self.axes.T, self.origin]))

    def turned_over(self) -> "Frame":
        """The same place and key, the axis the other way."""
        return Frame(self.origin, np.stack([-self.axes[0], self.axes[1], -self.axes[2]]))


@dataclass(frozen=True)
class Section:
    """A convex outline round the origin: the points x with `normals @ x <= reach`; symmetric in u."""

    normals: Float[np.ndarray, "n 2"]
    reach: Float[np.ndarray, "n"]

    @staticmethod
    def of(outline: Outline, width_mm: float) -> "Section":
        """A circle, a D whose flat looks to +v, or a square standing on its corner with the upper one cut."""
        half = width_mm / 2
        if outline == "square":
            angle = math.pi / 4 * np.arange(1, 9)
            reach = np.array([1.0, KEY_CORNER, 1.0, CORNER, 1.0, CORNER, 1.0, CORNER])
            return Section(_circle(angle), half * reach)
        angle = math.pi / 2 + 2 * math.pi / SIDES * np.arange(SIDES)
        if outline == "d":
            edge = math.acos(FLAT)
            kept = np.abs((angle - math.pi / 2 + math.pi) % (2 * math.pi) - math.pi) > edge
            angle = np.concatenate([[math.pi / 2], angle[kept]])
            return Section(_circle(angle), half * np.concatenate([[FLAT], np.ones(int(kept.sum()))]))
        return Section(_circle(angle), np.full(SIDES, half))

    def grown(self, by_mm: float) -> "Section":
        """Every side moved outward by the same distance."""
        return Section(self.normals, self.reach + by_mm)

    @property
    def points(self) -> Float[np.ndarray, "n 2"]:
        """Corners, counter-clockwise: where each side meets the next."""
        a, b = self.normals, np.roll(self.normals, -1, axis=0)
        p, q = self.reach, np.roll(self.reach, -1)
        cross = a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]
        x, y = (p * b[:, 1] - q * a[:, 1]) / cross, (q * a[:, 0] - p * b[:, 0]) / cross
        return np.stack([x, y], 1)

    @property
    def radius(self) -> float:
        """Of the smallest circle round the origin that holds the outline."""
        return float(np.linalg.norm(self.points, axis=1).max())

    def free_turn_deg(self, gap_mm: float) -> float:
        """The largest turn, up to 180 degrees, at which the outline still fits the one grown by the gap."""
        turns = np.radians(np.arange(0, 360, 0.5))
        turned = np.stack([np.cos(turns), -np.sin(turns), np.sin(turns), np.cos(turns)], 1).reshape(-1, 2, 2)
        corners = np.einsum("tij,pj->tpi", turned, self.points)
        over = np.einsum("tpi,ni->tpn", corners, self.normals) - (self.reach + gap_mm)
        fits = over.max(axis=(1, 2)) <= 1e-9
        away = np.degrees(np.minimum(turns, 2 * math.pi - turns))
        return float(away[fits].max(initial=0.0))


def _circle(angle: np.ndarray) -> np.ndarray:
    return np.stack([np.cos(angle), np.sin(angle)], 1)


@dataclass(frozen=True)
class Peg:
    """What stands out of one part and goes into the other; its frame's axis points into the socket."""

    frame: Frame
    """Its origin lies on the shared surface."""
    outline: Outline
    width_mm: float
    """At the origin."""
    depth_mm: float
    root_mm: float
    """How far it reaches back over the origin, to be one with the part it stands on."""
    mouth_mm: float
    """How far its socket is cut out over the origin, so that no skin of the other part is left there."""
    clearance_mm: float
    taper_deg: float = 0.0
    bottom_mm: float = 0.3
    """Room between the tip and the bottom of the socket; not less than the clearance."""

    def section(self, at_mm: float) -> Section:
        """Across the axis, `at_mm` down from the origin; straight over it, where it may pass a steep seam."""
        slope = math.tan(math.radians(self.taper_deg))
        return Section.of(self.outline, self.width_mm).grown(-max(at_mm, 0.0) * slope)

    def solid(self) -> "Manifold":
        """The peg with its root, in figure space."""
        chamfer = min(CHAMFER_MM, 0.2 * self.width_mm, 0.3 * self.depth_mm)
        low = self.depth_mm - chamfer
        rings = [(-self.root_mm, 0.0), (0.0, 0.0), (low, 0.0), (self.depth_mm, -0.7 * chamfer)]
        return self._hull(rings)

    def socket(self) -> "Manifold":
        """What is cut from the other part: the peg grown by its clearance on every side."""
        gap = self.clearance_mm / math.cos(math.radians(self.taper_deg))
        return self._hull([(-self.mouth_mm, gap), (0.0, gap), (self.depth_mm + self.bottom_mm, gap)])

    def keep_out(self, wall_mm: float) -> "Manifold":
        """The socket and the root with a wall round both: what hollowing must leave full."""
        gap = self.clearance_mm + wall_mm
        back = max(self.mouth_mm, self.root_mm) + wall_mm
        return self._hull([(-back, gap), (0.0, gap), (self.depth_mm + self.bottom_mm + wall_mm, gap)])

    def _hull(self, rings: list[tuple[float, float]]) -> "Manifold":
        import manifold3d

        points = [
            np.column_stack([outline, np.full(len(outline), at)])
            for at, grow in rings
            for outline in [self.section(at).grown(grow).points]
        ]
        return self.frame.placed(manifold3d.Manifold.hull_points(np.concatenate(points)))


def one_colour(solid: "Manifold", uv: Float32[np.ndarray, "2"]) -> "Manifold":
    """The solid with one uv everywhere."""
    painted = from_solid(solid)
    corners = np.broadcast_to(uv, (len(painted.mesh.faces), 3, 2)).astype(np.float32)
    return to_solid(Painted(painted.mesh, corners))
