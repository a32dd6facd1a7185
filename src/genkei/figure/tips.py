"""From a touch point off the surface: contact cones that lead to free air, and struts where none is below."""

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int

from genkei.figure.branches import Space
from genkei.figure.touch import Touches
from genkei.figure.tubes import Ring
from genkei.geometry.mesh import face_normals
from genkei.geometry.rays import Surface
from genkei.types import Mesh

STEEPEST_DEG = 45.0
"""A tip leaves the surface at most this far from straight down: it has to print itself."""
LENGTHS = (1.0, 0.7, 1.5, 0.45, 2.2, 3.0, 0.25)
"""In tip lengths, in the order they are tried."""
OFF_MM = 0.03
"""Rays start this far off the surface."""
OUT_SHARE = 0.4
"""A tip's sides are off the surface from this share of its length."""
LEAST_STRUT_MM = 0.02
LANDING, SLIPPING, DETOUR_MM = 0.45, 0.1, 3.0
"""Cosine between a strut and the surface it stands on: a strut that lands flatter than the first counts as so
much longer, flatter than the second it does not hold."""

FOOT_IN_MM = 0.1
"""A strut's foot goes this deep into what it stands on."""


@dataclass(frozen=True)
class Tip:
    """The thin end of a support."""

    contact_mm: float
    """Diameter where it touches."""
    length_mm: float
    penetration_mm: float
    """How deep it goes in: 0 only touches and may break off while printing; more leaves larger marks."""
    branch_mm: float
    """Radius of the branch it widens to."""


@dataclass(frozen=True)
class Heads:
    """Which touch points got a head, and where."""

    touch: Int[np.ndarray, "t"]
    points: Float[np.ndarray, "t 3"]

    @staticmethod
    def none() -> "Heads":
        return Heads(np.zeros(0, np.int64), np.zeros((0, 3)))


def heads(part: Surface, found: Touches, space: Space, tip: Tip) -> Heads:
    """The first head of every touch point from which a way leads down: along the normal, else steeper."""
    count = len(found.points)
    ways = _ways(found.normals)
    room = np.stack([_free_length(part, found.points, ways[:, w]) for w in range(ways.shape[1])], 1)
    best, place = np.full(count, -1), np.zeros((count, 3))
    for share in LENGTHS:
        length = share * tip.length_mm
        for w in range(ways.shape[1]):
            head = found.points + length * ways[:, w]
            good = (best < 0) & (room[:, w] > length + tip.branch_mm) & space.reaches_bed(head)
            good &= head[:, 2] > space.origin[2] + space.step_mm
            rows = np.flatnonzero(good)
            rows = rows[_clear_cone(part, found.points[rows], head[rows], tip)]
            best[rows], place[rows] = w, head[rows]
    reached = np.flatnonzero(best >= 0)
    return Heads(reached, place[reached])


def _clear_cone(
    part: Surface, points: Float[np.ndarray, "n 3"], ends: Float[np.ndarray, "n 3"], tip: Tip
) -> Bool[np.ndarray, "n"]:
    """Whether the sides of a tip stay off the part, from where it has left the surface to its head."""
    free = np.ones(len(points), bool)
    for turn in np.arange(4) * (math.pi / 2):
        side = np.array([math.cos(turn), math.sin(turn), 0])
        high, low = points + tip.contact_mm / 2 * side, ends + tip.branch_mm * side
        start = high + OUT_SHARE * (low - high)
        length = np.linalg.norm(low - start, axis=1)
        _, distance = part.first_hit(start, (low - start) / length[:, None])
        free &= distance > length
    return free


def _ways(normals: Float[np.ndarray, "n 3"]) -> Float[np.ndarray, "n w 3"]:
    """Directions a tip may take: the normal (no farther from down than allowed), down, and a fan round it."""
    down = np.array([0, 0, -1.0])
    flat = normals * [1, 1, 0]
    away = flat / np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-9)
    tilt = np.minimum(np.arccos(np.clip(-normals[:, 2], -1, 1)), math.radians(STEEPEST_DEG))
    along = np.sin(tilt)[:, None] * away + np.cos(tilt)[:, None] * down
    fan = [
        math.sin(math.radians(deg)) * np.array([math.cos(turn), math.sin(turn), 0])
        + math.cos(math.radians(deg)) * down
        for deg in (22.0, STEEPEST_DEG)
        for turn in np.arange(8) * (math.pi / 4)
    ]
    fixed = np.broadcast_to(np.stack([down, *fan]), (len(normals), 17, 3))
    return np.concatenate([along[:, None], fixed], 1)


def _free_length(
    part: Surface, points: Float[np.ndarray, "n 3"], ways: Float[np.ndarray, "n 3"]
) -> Float[np.ndarray, "n"]:
    """How far one can go from the surface before meeting it again."""
    _, distance = part.first_hit(points + OFF_MM * ways, ways)
    return distance.astype(np.float64) + OFF_MM


def cone(point: Float[np.ndarray, "3"], head: Float[np.ndarray, "3"], tip: Tip) -> Ring:
    """Rings from inside the surface to the head."""
    way = (head - point) / np.linalg.norm(head - point)
    return Ring(
        np.stack([point - tip.penetration_mm * way, head]), np.array([tip.contact_mm / 2, tip.branch_mm])
    )


@dataclass(frozen=True)
class Struts:
    """Short supports from touch points down to the part itself."""

    touch: Int[np.ndarray, "s"]
    feet: Float[np.ndarray, "s 3"]

    @staticmethod
    def none() -> "Struts":
        return Struts(np.zeros(0, np.int64), np.zeros((0, 3)))


def struts(
    mesh: Mesh, part: Surface, found: Touches, may_stand: Bool[np.ndarray, "f"], on_bed: bool
) -> Struts:
    """The shortest strut from every touch point to a face it may stand on, or to a bed at z = 0."""
    ways = _ways(found.normals)
    normals = face_normals(mesh).astype(np.float64)
    best, feet = np.full(len(found.points), np.inf), np.zeros((len(found.points), 3))
    for w in range(ways.shape[1]):
        way, points = ways[:, w], found.points
        face, distance = part.first_hit(points + OFF_MM * way, way)
        length = distance.astype(np.float64) + OFF_MM
        upright = np.einsum("nk,nk->n", -normals[face], way)
        cost = length + np.where(upright < LANDING, DETOUR_MM, 0.0)
        good = (face >= 0) & (upright > SLIPPING) & may_stand[face] & (length > LEAST_STRUT_MM)
        if on_bed:
            to_bed = points[:, 2] / -way[:, 2] - FOOT_IN_MM  # its foot goes in by that much
            lands = (to_bed < length) & (to_bed > LEAST_STRUT_MM)
            length, cost = np.where(lands, to_bed, length), np.where(lands, to_bed, cost)
            good |= lands
        better = good & (cost < best)
        best[better] = cost[better]
        feet[better] = points[better] + length[better, None] * way[better]
    kept = np.flatnonzero(np.isfinite(best))
    return Struts(kept, feet[kept])


def strut_ring(point: Float[np.ndarray, "3"], foot: Float[np.ndarray, "3"], tip: Tip) -> Ring:
    """Thin at both ends, thicker between them the longer it is."""
    length = float(np.linalg.norm(foot - point))
    way = (foot - point) / length
    taper = min(tip.length_mm, length / 3)
    thick = min(tip.branch_mm, tip.contact_mm / 2 + 0.12 * taper)
    centres = np.stack(
        [point - tip.penetration_mm * way, point + taper * way, foot - taper * way, foot + FOOT_IN_MM * way]
    )
    return Ring(centres, np.array([tip.contact_mm / 2, thick, thick, tip.contact_mm / 2 + 0.05]))
