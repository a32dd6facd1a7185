"""Support trees as solids: tapered tubes with level rings, a foot per trunk, and the raft they stand on."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float, Int

from genkei.figure.branches import Branches
from genkei.types import Mesh

if TYPE_CHECKING:
    from manifold3d import Manifold

SIDES = 8
PAD_SIDES = 16
STRAIGHT_MM = 0.08
"""Rings whose axis and radius stay this near to the line between their neighbours are left out."""
MESH_MM = 22.0
"""Longest bar of the raft beyond those that tie it together: more make it stiffer and heavier."""
MERGE_DEPTH = 3
"""Nodes a branch runs on inside the one it joins, so that the two overlap."""


@dataclass(frozen=True)
class Ring:
    """Rings of one tube from the top down: centres and radii; z falls strictly."""

    centres: Float[np.ndarray, "n 3"]
    radii: Float[np.ndarray, "n"]


def tube(ring: Ring, sides: int = SIDES) -> Mesh:
    """The closed tube over level polygons of the given radii (to the corners), outward."""
    turn = np.arange(sides) * (2 * math.pi / sides)
    circle = np.stack([np.cos(turn), np.sin(turn), np.zeros(sides)], 1)
    points = (ring.centres[:, None] + ring.radii[:, None, None] * circle).reshape(-1, 3)
    count = len(ring.radii)
    low = np.arange(count - 1)[:, None] * sides + np.arange(sides)
    after = np.arange(count - 1)[:, None] * sides + (np.arange(sides) + 1) % sides
    walls = np.concatenate(
        [
            np.stack([low, low + sides, after], -1).reshape(-1, 3),
            np.stack([after, low + sides, after + sides], -1).reshape(-1, 3),
        ]
    )
    fan = np.stack([np.zeros(sides - 2, int), np.arange(1, sides - 1), np.arange(2, sides)], 1)
    last = (count - 1) * sides
    faces = np.concatenate([walls, fan, last + fan[:, ::-1]])
    return Mesh(points.astype(np.float32), faces.astype(np.int32))


def chains(branches: Branches) -> list[Int[np.ndarray, "k"]]:
    """Nodes of one tube per head: down to the raft, or a little way into the thicker branch it joins."""
    heir = np.full(len(branches.below), -1)
    for node in np.lexsort((-np.arange(len(heir)), branches.tips)):
        if branches.below[node] >= 0:
            heir[branches.below[node]] = node  # the one that carries most comes last and stays
    paths = []
    for head in np.flatnonzero(np.bincount(branches.below[branches.below >= 0], minlength=len(heir)) == 0):
        path, inside = [int(head)], 0
        while branches.below[path[-1]] >= 0 and inside < MERGE_DEPTH:
            onward = int(branches.below[path[-1]])
            inside += bool(inside or heir[onward] != path[-1])
            path.append(onward)
        paths.append(np.array(path))
    return paths


def straightened(ring: Ring) -> Ring:
    """Fewer rings (Douglas and Peucker 1973 over x, y, z and radius); the ends stay."""
    rows = np.column_stack([ring.centres, ring.radii])
    keep = np.zeros(len(rows), bool)
    keep[[0, -1]] = True
    todo = [(0, len(rows) - 1)]
    while todo:
        a, b = todo.pop()
        if b - a < 2:
            continue
        share = (rows[a + 1 : b, 2] - rows[a, 2]) / (rows[b, 2] - rows[a, 2])
        off = np.linalg.norm(rows[a + 1 : b] - rows[a] - share[:, None] * (rows[b] - rows[a]), axis=1)
        worst = int(off.argmax())
        if off[worst] > STRAIGHT_MM:
            middle = a + 1 + worst
            keep[middle] = True
            todo += [(a, middle), (middle, b)]
    return Ring(ring.centres[keep], ring.radii[keep])


@dataclass(frozen=True)
class Raft:
    """Pads under the trunks tied by bars; the edge leans outward, so that a scraper gets under it."""

    thickness_mm: float
    pad_mm: float
    """Radius of a pad's upper edge."""

    def solids(self, feet: Float[np.ndarray, "n 2"]) -> "list[Manifold]":
        """Pads at z = 0, and bars between them."""
        import manifold3d

        turn = np.arange(PAD_SIDES) * (2 * math.pi / PAD_SIDES)
        circle = np.stack([np.cos(turn), np.sin(turn)], 1)

        def pad(foot: np.ndarray) -> np.ndarray:
            lower = np.column_stack([foot + (self.pad_mm - self.thickness_mm) * circle, np.zeros(PAD_SIDES)])
            upper = np.column_stack([foot + self.pad_mm * circle, np.full(PAD_SIDES, self.thickness_mm)])
            return np.concatenate([lower, upper])

        pads = [pad(foot) for foot in feet]
        groups = [np.concatenate([pads[a], pads[b]]) for a, b in _net(feet)]
        return [manifold3d.Manifold.hull_points(group) for group in (groups or pads)]


def _net(feet: Float[np.ndarray, "n 2"]) -> Int[np.ndarray, "e 2"]:
    """Pairs of feet to tie: the shortest tree over all of them, and neighbours nearer than `MESH_MM`.

    Neighbours have no third foot in the circle over them (Gabriel and Sokal 1969).
    """
    from scipy.sparse.csgraph import minimum_spanning_tree
    from scipy.spatial.distance import cdist

    gaps = cdist(feet, feet)
    tree = np.stack(minimum_spanning_tree(gaps + 1e-6).nonzero(), 1)
    a, b = np.nonzero(np.triu((gaps < MESH_MM) & (gaps > 0)))
    between = cdist((feet[a] + feet[b]) / 2, feet).min(1) >= gaps[a, b] / 2 - 1e-9
    near = np.stack([a, b], 1)[between]
    return np.unique(np.sort(np.concatenate([tree, near]), axis=1), axis=0)


def united(pieces: "list[Mesh]", raft: "list[Manifold]") -> Mesh:
    """All pieces as one solid without self-overlap (manifold3d)."""
    from genkei.figure.union import unite
    from genkei.geometry.mesh import from_manifold, to_manifold

    return from_manifold(unite([*raft, *(to_manifold(piece) for piece in pieces)]))
