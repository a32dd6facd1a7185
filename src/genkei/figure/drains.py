"""Where a cavity drains: at the lowest point of every pool, out of sight, and air comes in elsewhere."""

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Float, Float32, Int32

from genkei.figure.bores import Bore, Ground, Sites, bores_at, sites_of
from genkei.figure.cavity import Room
from genkei.figure.sight import seen
from genkei.types import Mesh

NEAR_MM = 12.0
"""A drain is at most this much higher than the lowest point of its pool."""
SIGHT_MM3 = 800.0
"""Liquid that a drain may leave behind to get from the middle of the face to where nobody looks."""
POOL_MM3 = 150.0
"""A pool smaller than this (a few drops) runs out when the part is turned; a larger one gets its own hole."""
MOST_HOLES = 6
APART = 3.0
"""Least distance of two holes, in widths: the wall between them must hold."""
BATCH = 128


@dataclass(frozen=True)
class Rule:
    """How the holes are made."""

    width_mm: float
    count: int
    """Holes a cavity of `big_mm3` needs at least; a smaller one makes do with one."""
    big_mm3: float
    taper_deg: float
    wall_mm: float


@dataclass(frozen=True)
class Drained:
    """The holes of one cavity."""

    bores: tuple[Bore, ...]
    left_mm3: float
    """What stays in it when it drains without being turned."""


def drain(ground: Ground, room: Room, index: int, up: Float[np.ndarray, "3"], rule: Rule) -> Drained:
    """Holes for one cavity of the room; none when there is no place for one at its bottom."""
    from genkei.figure.pools import coarse, pooled, spill

    cavity = ground.cavities[index]
    cells = _cells_of(coarse(room), cavity)
    sites = sites_of(ground.gauge, cavity, rule.wall_mm)
    sight = seen(ground.scenery, sites.mouths, sites.outward)
    search = _Search(ground, sites, sites.inner @ up, sight, rule)
    bottom = float((cavity.vertices @ up).min())
    below = search.below(cells, cells.cells, up)
    first = search.best(SIGHT_MM3 * sight + below, below < POOL_MM3, (), "drain")
    first = first or search.best(SIGHT_MM3 * sight + below, search.height < bottom + NEAR_MM, (), "drain")
    if not first:
        return Drained((), room.volumes_mm3[index])
    bores, hopeless = first, np.zeros(cells.cells.shape, bool)
    while True:
        pools = pooled(cells, spill(cells, up, _opened(cells, bores))) & ~hopeless
        pool = _largest(pools)
        if pool.sum() * cells.step**3 < POOL_MM3 or len(bores) >= MOST_HOLES:
            break
        inside = _near(cells, pool, sites.inner)
        more = search.best(SIGHT_MM3 * sight + search.below(cells, pool, up), inside, bores, "drain")
        bores += more
        if not more:
            hopeless |= pool
    needed = rule.count if room.volumes_mm3[index] >= rule.big_mm3 else 1
    while len(bores) < needed:
        more = search.best(100 * sight - 0.05 * search.height, np.ones(len(sight), bool), bores, "vent")
        if not more:
            break
        bores += more
    left = pooled(cells, spill(cells, up, _opened(cells, bores)))
    return Drained(bores, float(left.sum()) * cells.step**3)


@dataclass(frozen=True)
class _Search:
    ground: Ground
    sites: Sites
    height: Float[np.ndarray, "n"]
    sight: Float32[np.ndarray, "n"]
    rule: Rule

    def below(
        self, room: Room, cells: Bool[np.ndarray, "nx ny nz"], up: Float[np.ndarray, "3"]
    ) -> Float[np.ndarray, "n"]:
        """Volume of the chosen cells under every site: what a hole there would leave."""
        from genkei.figure.pools import places

        levels = np.sort(places(room, cells) @ up)
        return np.searchsorted(levels, self.height) * room.step**3

    def best(
        self,
        cost: Float[np.ndarray, "n"],
        allowed: Bool[np.ndarray, "n"],
        taken: tuple[Bore, ...],
        kind: str,
    ) -> tuple[Bore, ...]:
        """The cheapest allowed site where a hole fits, away from those that are taken; none: nothing."""
        free = allowed.copy()
        for bore in taken:
            apart = np.linalg.norm(self.sites.mouths - bore.mouth, axis=1)
            free &= apart > APART * self.rule.width_mm
        order = np.flatnonzero(free)
        order = order[np.argsort(cost[order], kind="stable")]
        zero = np.zeros(3, np.float32)
        like = Bore(zero, zero, 0.0, 0.0, self.rule.width_mm, self.rule.taper_deg, kind, 0.0)
        for start in range(0, len(order), BATCH):
            batch = order[start : start + BATCH]
            found = bores_at(self.ground, self.sites.chosen(batch), like)
            if found:
                which, bore = found[0]
                return (replace(bore, seen=float(self.sight[batch[which]])),)
        return ()


def _cells_of(room: Room, cavity: Mesh) -> Room:
    """The room's cells in one of its cavities: the piece that most of the cavity's corners lie on."""
    pieces = _pieces(room.cells)
    cell = np.rint((cavity.vertices - room.origin) / room.step).astype(np.int64)
    cell = np.clip(cell, 0, np.array(room.cells.shape) - 1)
    votes = np.bincount(pieces[tuple(cell.T)], minlength=2)
    votes[0] = 0
    return replace(room, cells=pieces == int(votes.argmax()))


def _opened(room: Room, bores: tuple[Bore, ...]) -> Bool[np.ndarray, "nx ny nz"]:
    """Cells that a hole's cone touches, or the nearest one to its inner end."""
    from genkei.figure.pools import places

    opened = np.zeros(room.cells.shape, bool)
    cells = np.argwhere(room.cells)
    points = places(room, room.cells)
    for bore in bores:
        along = (points - bore.mouth) @ bore.outward
        beside = np.linalg.norm(points - bore.mouth - along[:, None] * bore.outward, axis=1)
        deep = -along
        touched = (deep < bore.depth_mm + room.step) & (deep > -bore.over_mm)
        touched &= beside < bore.width_mm / 2 + room.step / 2
        end = np.linalg.norm(points - (bore.mouth - bore.depth_mm * bore.outward), axis=1)
        touched[int(end.argmin())] = True
        opened[tuple(cells[touched].T)] = True
    return opened


def _pieces(cells: Bool[np.ndarray, "nx ny nz"]) -> Int32[np.ndarray, "nx ny nz"]:
    """A number from 1 for every piece of touching cells; 0 elsewhere."""
    from scipy.ndimage import label

    pieces = np.zeros(cells.shape, np.int32)
    label(cells, np.ones((3, 3, 3)), output=pieces)
    return pieces


def _largest(pools: Bool[np.ndarray, "nx ny nz"]) -> Bool[np.ndarray, "nx ny nz"]:
    pieces = _pieces(pools)
    if not pieces.any():
        return pools
    return pieces == 1 + int(np.bincount(pieces.ravel())[1:].argmax())


def _near(
    room: Room, pool: Bool[np.ndarray, "nx ny nz"], points: Float32[np.ndarray, "n 3"]
) -> Bool[np.ndarray, "n"]:
    """Points within two cells of the pool."""
    from scipy.spatial import KDTree

    from genkei.figure.pools import places

    distance, _ = KDTree(places(room, pool)).query(points, distance_upper_bound=2 * room.step)
    return np.isfinite(distance)
