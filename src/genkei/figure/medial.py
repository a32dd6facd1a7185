"""The middle of thin walls: where it runs, how thick the wall is there, and drawn back from its ends."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float

from genkei.figure.walls import OPPOSITE, STEP_MM, cone, spread
from genkei.geometry.mesh import area_vectors
from genkei.geometry.rays import Surface

NEAR = 2.0
"""Walls up to this many limits are followed too: where a wall grows thick its middle has no end."""
AXIS = 0.85
"""The axis is preferred to a slanted ray that is not shorter than this: across a round bar of diameter 1 the
slanted ones measure cos 0.5 = 0.88, and their middles lie beside its axis."""
MOST_SAMPLES = 600_000
NEIGHBOURS = 32
TO_THE_END = 1.9
"""From a rim to a ball's radius inside it, in distances to the mean of the points around."""


@dataclass(frozen=True)
class Middles:
    """Points halfway between the two sides of walls; millimetres."""

    points: Float[np.ndarray, "n 3"]
    thickness: Float[np.ndarray, "n"]
    samples: int
    """Points of the surface that were asked, the thick ones too."""

    def drawn_back(self, chosen: Bool[np.ndarray, "n"], radius: float) -> Float[np.ndarray, "k 3"]:
        """The chosen points moved inward from rims and tips, so that balls of that radius end where they end.

        The mean of the points within the radius lies 0.42 radii inward at a rim and half a radius at a tip:
        a lock grows thicker, not longer. Elsewhere it lies where the point is, but for noise, which is left.
        """
        from scipy.spatial import KDTree

        points = self.points[chosen]
        if not len(points):
            return points
        distance, index = KDTree(self.points).query(
            points, k=min(NEIGHBOURS, len(self.points)), distance_upper_bound=radius
        )
        there = np.isfinite(distance).reshape(len(points), -1)
        padded = np.concatenate([self.points, np.zeros((1, 3))])[index.reshape(len(points), -1)]
        inward = (padded * there[..., None]).sum(1) / there.sum(1)[:, None] - points
        share = np.clip((np.linalg.norm(inward, axis=1) / radius - 0.1) / 0.2, 0, 1)
        return points + TO_THE_END * (share * share * (3 - 2 * share))[:, None] * inward


def middles(surface: Surface, limit_mm: float, spacing_mm: float, seed: int = 0) -> Middles:
    """Middles of all walls thinner than `NEAR` limits, from surface points about `spacing_mm` apart.

    The wall is the shortest of 9 rays that ends on an opposite side, as `walls` measures it; points whose
    axis meets nothing within four limits are not asked further.
    """
    area = np.linalg.norm(area_vectors(surface.mesh), axis=1)
    count = int(min(max(area.sum() / spacing_mm**2, 1000), MOST_SAMPLES))
    face, points = spread(surface.mesh, area, count, np.random.default_rng(seed))
    normals = surface.normals[face]
    starts = points - STEP_MM * normals
    _, axis = surface.first_hit(starts, -normals)
    close = np.flatnonzero(axis < 4 * limit_mm)
    points, normals, starts = points[close], normals[close], starts[close]
    directions = cone(normals)
    asked = np.broadcast_to(starts[:, None], directions.shape)
    hit, distance = surface.first_hit(asked.reshape(-1, 3), directions.reshape(-1, 3))
    facing = np.einsum("nk,nk->n", surface.normals[hit], np.repeat(normals, directions.shape[1], axis=0))
    distance = np.where((hit >= 0) & (facing < -OPPOSITE), distance + STEP_MM, np.inf)
    distance = distance.reshape(len(points), -1)
    thickness = distance.min(1)
    best = np.where(distance[:, 0] * AXIS < thickness, 0, distance.argmin(1))
    across = np.take_along_axis(distance, best[:, None], 1)
    along = directions[np.arange(len(points)), best]
    kept = thickness < NEAR * limit_mm
    middle = points[kept] + along[kept] * (across[kept] / 2)
    return Middles(middle.astype(np.float64), thickness[kept].astype(np.float64), count)


def extended(points: Float[np.ndarray, "n 3"], link: float, extent: float) -> Bool[np.ndarray, "n"]:
    """Which points are in a chain, no step longer than `link`, that is at least `extent` long."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components
    from scipy.spatial import KDTree

    count = len(points)
    if not count:
        return np.zeros(0, bool)
    pairs = KDTree(points).query_pairs(link, output_type="ndarray")
    graph = coo_array((np.ones(len(pairs), bool), (pairs[:, 0], pairs[:, 1])), shape=(count, count))
    pieces, label = connected_components(graph, directed=False)
    low, high = np.full((pieces, 3), np.inf), np.full((pieces, 3), -np.inf)
    np.minimum.at(low, label, points)
    np.maximum.at(high, label, points)
    return (np.linalg.norm(high - low, axis=1) >= extent)[label]


def webbed(
    centres: Float[np.ndarray, "n 3"], radii: Float[np.ndarray, "n"], reach: float
) -> tuple[Float[np.ndarray, "m 3"], Float[np.ndarray, "m"]]:
    """The balls and one halfway between every two of the nearest within `reach`: fewer bumps between them."""
    from scipy.spatial import KDTree

    if len(centres) < 2:
        return centres, radii
    found = KDTree(centres).query(centres, k=min(9, len(centres)), distance_upper_bound=reach)
    near, index = np.asarray(found[0]), np.asarray(found[1])
    own = np.broadcast_to(np.arange(len(centres))[:, None], index.shape)
    pair = (np.isfinite(near) & (index > own)).nonzero()
    a, b = own[pair], index[pair]
    middle, radius = (centres[a] + centres[b]) / 2, np.minimum(radii[a], radii[b])
    return np.concatenate([centres, middle]), np.concatenate([radii, radius])


__all__ = ["Middles", "extended", "middles", "webbed"]
