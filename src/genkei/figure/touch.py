"""Where supports touch a part: every island, and undersides by how level they are."""

import math
from dataclasses import dataclass
from typing import no_type_check

import numpy as np
from jaxtyping import Bool, Float, Int
from numba import njit

from genkei.figure.dexels import Dexels
from genkei.figure.islands import Fresh, islands_of
from genkei.geometry.mesh import face_normals
from genkei.types import Mesh

SAME_MM = 0.05
"""Two islands nearer than this get one tip: it is wider."""


@dataclass(frozen=True)
class Touches:
    """Points on the surface that want a tip, as they were chosen: islands first, then from low up."""

    points: Float[np.ndarray, "n 3"]
    normals: Float[np.ndarray, "n 3"]
    island: Bool[np.ndarray, "n"]
    """Something begins in the air here."""
    forbidden: Bool[np.ndarray, "n"]
    """Lies on faces that were to be kept clear: an island that is all face."""

    def only(self, rows: Int[np.ndarray, "k"]) -> "Touches":
        """Some of them."""
        return Touches(self.points[rows], self.normals[rows], self.island[rows], self.forbidden[rows])


@dataclass(frozen=True)
class Spacing:
    """How dense tips stand."""

    overhang_deg: float
    """Undersides flatter than this against the horizontal get tips."""
    level_mm: float
    """Between tips under a level face."""
    steep_mm: float
    """Between tips under a face at the limit."""
    ledge_mm: float
    """A sample of a layer farther than this from what holds it gets a tip whatever its slope."""


def touches(
    part: Mesh, dexels: Dexels, found: Fresh, spacing: Spacing, clear: Bool[np.ndarray, "f"]
) -> Touches:
    """Tips for a part in print position; `clear`: faces that only an island without another place may use."""
    normals = face_normals(part).astype(np.float64)[dexels.under[found.stretch]]
    limit = math.cos(math.radians(spacing.overhang_deg))
    severity = np.clip((-normals[:, 2] - limit) / (1 - limit), 0, 1)
    ledge = found.reach * dexels.pixel_mm > spacing.ledge_mm
    severity[ledge] = np.maximum(severity[ledge], 0.5)
    xy = dexels.places(found.column)
    points = np.column_stack([xy, dexels.low[found.stretch].astype(np.float64)])
    kept_clear = clear[dexels.under[found.stretch]]
    first = _island_samples(dexels, found, points, kept_clear)
    rest = np.flatnonzero((severity > 0) & ~kept_clear)
    # of equally high samples the outer ones come first: they are the ends of an edge
    order = rest[np.lexsort((found.column[rest], np.round(points[rest, 2], 2)))]
    radius = spacing.steep_mm + (spacing.level_mm - spacing.steep_mm) * severity
    every = np.concatenate([first, order])
    distance = np.concatenate([np.full(len(first), SAME_MM), radius[order]])
    chosen = every[_thinned(points[every], distance, max(spacing.level_mm, spacing.steep_mm))]
    is_first = np.zeros(len(points), bool)
    is_first[first] = True
    return Touches(points[chosen], normals[chosen], is_first[chosen], kept_clear[chosen])


def _island_samples(
    dexels: Dexels, found: Fresh, points: Float[np.ndarray, "n 3"], kept_clear: Bool[np.ndarray, "n"]
) -> Int[np.ndarray, "i"]:
    """The lowest middlemost sample of every island, off the faces to keep clear where it has others."""
    samples = []
    alone = np.flatnonzero(found.reach < 0)
    members = {int(p): rows for p, rows in _grouped(found.patch[alone], alone)}
    for island in islands_of(dexels, found):
        rows = members[island.patch]
        allowed = rows[~kept_clear[rows]]
        rows = allowed if len(allowed) else rows
        samples.append(int(rows[np.argmin(np.linalg.norm(points[rows] - island.point, axis=1))]))
    return np.array(samples, np.int64)


def _grouped(
    label: Int[np.ndarray, "n"], rows: Int[np.ndarray, "n"]
) -> list[tuple[int, Int[np.ndarray, "k"]]]:
    order = np.argsort(label, kind="stable")
    cuts = np.flatnonzero(np.diff(label[order])) + 1
    return [(int(label[part[0]]), rows[part]) for part in np.split(order, cuts) if len(part)]


def _thinned(
    points: Float[np.ndarray, "n 3"], distance: Float[np.ndarray, "n"], cell_mm: float
) -> Int[np.ndarray, "k"]:
    """Indices kept one after the other, each at least its own distance from all kept before it.

    Dart throwing (Cook 1986) in a given order instead of a random one.
    """
    if not len(points):
        return np.zeros(0, np.int64)
    low = points.min(0)
    cell = np.floor((points - low) / cell_mm).astype(np.int64)
    return _throw(np.ascontiguousarray(points), distance, cell, cell.max(0) + 1)


@njit(cache=True)
@no_type_check  # the shape checker of the tests must not wrap what numba compiles
def _throw(points, distance, cell, shape):
    head = np.full(shape[0] * shape[1] * shape[2], -1, np.int64)
    after = np.full(len(points), -1, np.int64)
    kept = np.empty(len(points), np.int64)
    count = 0
    for n in range(len(points)):
        fits = True
        for i in range(max(cell[n, 0] - 1, 0), min(cell[n, 0] + 2, shape[0])):
            for j in range(max(cell[n, 1] - 1, 0), min(cell[n, 1] + 2, shape[1])):
                for k in range(max(cell[n, 2] - 1, 0), min(cell[n, 2] + 2, shape[2])):
                    m = head[(i * shape[1] + j) * shape[2] + k]
                    while m >= 0 and fits:
                        gap = 0.0
                        for axis in range(3):
                            gap += (points[n, axis] - points[m, axis]) ** 2
                        fits = gap >= distance[n] ** 2
                        m = after[m]
        if fits:
            own = (cell[n, 0] * shape[1] + cell[n, 1]) * shape[2] + cell[n, 2]
            after[n] = head[own]
            head[own] = n
            kept[count] = n
            count += 1
    return kept[:count]


def tip_area_mm2(contact_mm: float) -> float:
    """Of a round contact."""
    return math.pi * contact_mm**2 / 4
