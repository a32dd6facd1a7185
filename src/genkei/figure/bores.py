"""A drain hole and its plug: a cone through the wall, wide outside, and the same cone a clearance smaller."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Bool, Float, Float32

from genkei.figure.depth import Gauge, nearest
from genkei.geometry.mesh import face_normals, joined
from genkei.geometry.rays import Surface
from genkei.types import Mesh

if TYPE_CHECKING:
    from manifold3d import Manifold

SIDES = 48
RING = 12
"""Directions round an axis in which a place for a hole is probed."""
ENOUGH = 8
"""So many of them must open into the cavity."""
RELIEF = 0.5
"""Rise of the surface under a mouth, as a share of its radius: on steeper ground a hole becomes a slot."""
END_MM = 0.3
"""By so much a hole goes on inside the cavity, and over the surface outside."""
SPARE_MM = 0.2
"""Least distance of a hole from a solid that must be kept."""


@dataclass(frozen=True)
class Bore:
    """One hole; millimetres, in the part's place."""

    mouth: Float32[np.ndarray, "3"]
    """On the outer surface."""
    outward: Float32[np.ndarray, "3"]
    """Unit axis."""
    depth_mm: float
    """From the mouth to its inner end."""
    over_mm: float
    """How far the surface rises over the mouth inside the hole; the cutting cone reaches farther."""
    width_mm: float
    """Diameter at the inner end, where it is narrowest."""
    taper_deg: float
    """Of each side against the axis."""
    kind: str
    """`drain` at the bottom of a cavity or of a pool in it, `vent` elsewhere."""
    seen: float
    """0 out of sight, 1 in the middle of the face."""

    def radius(self, depth_mm: float) -> float:
        """At a depth under the mouth."""
        return self.width_mm / 2 + math.tan(math.radians(self.taper_deg)) * (self.depth_mm - depth_mm)

    def cone(self, smaller_mm: float = 0.0) -> "Manifold":
        """The hole as a solid; `smaller_mm`: every side moved inward by that much, both ends more."""
        import manifold3d

        inset = smaller_mm / (math.cos(math.radians(self.taper_deg)) * math.cos(math.pi / SIDES))
        ends = smaller_mm + 0.1 if smaller_mm else 0.0
        bottom, top = self.depth_mm - ends, self.over_mm + END_MM - ends
        cone = manifold3d.Manifold.cylinder(
            bottom + top, self.radius(bottom) - inset, self.radius(-top) - inset, SIDES
        )
        side, other = across(self.outward[None].astype(np.float64))
        turn = np.stack([side[0], other[0], self.outward.astype(np.float64)], 1)
        start = self.mouth.astype(np.float64) - bottom * self.outward
        return cone.transform(np.concatenate([turn, start[:, None]], 1))


def across(axes: Float[np.ndarray, "n 3"]) -> tuple[Float[np.ndarray, "n 3"], Float[np.ndarray, "n 3"]]:
    """Two unit directions across every axis, the three right-handed."""
    helper = np.where(np.abs(axes[:, :1]) < 0.6, np.array([1.0, 0, 0]), np.array([0, 1.0, 0]))
    side = np.cross(helper, axes)
    side /= np.linalg.norm(side, axis=1, keepdims=True)
    return side, np.cross(axes, side)


@dataclass(frozen=True)
class Sites:
    """Places where a hole could go: the shortest ways through the wall."""

    mouths: Float32[np.ndarray, "n 3"]
    outward: Float32[np.ndarray, "n 3"]
    wall: Float32[np.ndarray, "n"]

    @property
    def inner(self) -> Float32[np.ndarray, "n 3"]:
        """Where they enter the cavity."""
        return self.mouths - self.wall[:, None] * self.outward

    def chosen(self, index: np.ndarray) -> "Sites":
        return Sites(self.mouths[index], self.outward[index], self.wall[index])


def sites_of(gauge: Gauge, cavity: Mesh, wall_mm: float, spacing_mm: float = 1.2) -> Sites:
    """From points of a cavity's surface to the nearest outer point, where that is a plain wall."""
    gaps = gauge.of(cavity)
    middles = gaps.middles
    cell = np.floor((middles - middles.min(0)) / spacing_mm).astype(np.int64)
    _, first = np.unique(cell @ np.array([1 << 40, 1 << 20, 1]), return_index=True)
    first = np.sort(first)
    points, distance, foot = middles[first], gaps.distance[first], gaps.foot[first]
    outward = (foot - points) / np.maximum(distance[:, None], 1e-6)
    plain = (distance < 1.15 * wall_mm) & (distance > 0.5 * wall_mm)
    plain &= np.einsum("nk,nk->n", outward, face_normals(cavity)[first]) > 0.9
    return Sites(foot, outward, distance).chosen(plain)


@dataclass(frozen=True)
class Ground:
    """What a hole must respect: the part, its cavities, and the solids that stay."""

    gauge: Gauge
    """Of the part's surface."""
    cavities: tuple[Mesh, ...]
    keep_out: tuple[Mesh, ...]
    around: tuple[Surface, ...]
    """Other parts in their place, which cover what lies behind them."""
    least_wall_mm: float
    """Beside a hole."""

    @property
    def outer(self) -> Mesh:
        return self.gauge.outer

    @cached_property
    def surface(self) -> Surface:
        """All surfaces as one; faces of the part come first."""
        return Surface(joined((self.outer, *self.cavities)))

    @property
    def scenery(self) -> tuple[Surface, ...]:
        """What stands in the way of a look; no look gets to a cavity before it gets to the part."""
        return self.surface, *self.around


def bores_at(ground: Ground, sites: Sites, like: Bore) -> list[tuple[int, Bore]]:
    """The sites where a hole of that width and taper fits, and the hole.

    Rays round the axis say that the mouth lies on level, open ground, that the hole opens into the cavity,
    and that enough wall is left beside it.
    """
    n, half = len(sites.wall), sites.wall[:, None].astype(np.float64) / 2
    axis = sites.outward.astype(np.float64)
    side, other = across(axis)
    turn = np.arange(RING) * (2 * math.pi / RING)
    ring = np.cos(turn)[:, None] * side[:, None] + np.sin(turn)[:, None] * other[:, None]
    inner_radius = like.width_mm / 2
    slope = math.tan(math.radians(like.taper_deg))
    middle = sites.mouths - half * axis
    faces = len(ground.outer.faces)

    def rays(starts: np.ndarray, along: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        face, distance = ground.surface.first_hit(
            np.broadcast_to(starts, (n, RING, 3)).reshape(-1, 3),
            np.broadcast_to(along, (n, RING, 3)).reshape(-1, 3),
        )
        return face.reshape(n, RING), distance.reshape(n, RING)

    face, into = rays(middle[:, None] + inner_radius * ring, -axis[:, None])
    opens = (face >= faces) & (into < half + inner_radius + 1.0)
    good, rise = opens.sum(1) >= ENOUGH, np.zeros(n)
    depth = sites.wall / 2 + np.maximum(np.where(opens, into, 0).max(1), half[:, 0]) + END_MM
    mouth_radius = inner_radius + slope * (depth + END_MM)
    for share in (0.6, 1.0):
        rim = share * mouth_radius[:, None, None] * ring
        face, out = rays(middle[:, None] + rim, axis[:, None])
        relief = out - half
        level = (face >= 0) & (face < faces) & (np.abs(relief) < share * RELIEF * mouth_radius[:, None])
        good &= level.all(1)
        rise = np.maximum(rise, np.where(level, relief, 0).max(1))
    over = rise + END_MM
    _, air = rays((sites.mouths + over[:, None] * axis)[:, None] + inner_radius * ring, axis[:, None])
    good &= (air > like.width_mm).all(1)
    for share, wall in ((0.5, 0.3), (1.0, 1.0)):
        face, beside = rays((sites.mouths - share * sites.wall[:, None] * axis)[:, None], ring)
        least = inner_radius + slope * (depth - share * sites.wall) + wall * ground.least_wall_mm
        good &= ((face >= faces) | (beside > least[:, None])).all(1)
    found = []
    for k in np.flatnonzero(good & _spared(ground.keep_out, sites, depth, over, mouth_radius)):
        made = replace(
            like,
            mouth=sites.mouths[k],
            outward=sites.outward[k],
            depth_mm=float(depth[k]),
            over_mm=float(over[k]),
        )
        found.append((int(k), made))
    return found


def _spared(
    keep_out: Sequence[Mesh], sites: Sites, depth: np.ndarray, over: np.ndarray, radius: np.ndarray
) -> Bool[np.ndarray, "n"]:
    """Sites whose axis stays the mouth's radius away from every solid that is kept."""
    at = over - np.linspace(0, 1, 6)[:, None] * (over + depth)
    points = (sites.mouths + at[:, :, None] * sites.outward).astype(np.float32).reshape(-1, 3)
    reach = np.broadcast_to(radius + SPARE_MM, at.shape).ravel()
    along = np.broadcast_to(np.array([0.48, 0.6, 0.64], np.float32), points.shape)
    spared = np.ones(len(points), bool)
    for solid in keep_out:
        low, high = solid.vertices.min(0), solid.vertices.max(0)
        apart = np.maximum(np.maximum(low - points, points - high), 0).max(1)
        near = np.flatnonzero(spared & (apart <= reach))
        if len(near):
            spared[near] = nearest(solid, points[near])[0] > reach[near]
            spared[near] &= Surface(solid).crossings(points[near].astype(np.float64), along[near]) <= 0
    return np.asarray(spared.reshape(at.shape).all(0))
