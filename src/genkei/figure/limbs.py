"""Arms and legs of a bare solid: branches of the distance that one walks inside it from the spine."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float

from genkei.figure.cells import Cells, connected
from genkei.figure.sockets import Limb, plane_section

LEAST = 0.09
"""Heights a branch sticks out before it counts: fingers and folds are shorter."""
SEARCH = 0.4
"""Share of a limb's length from its root in which its cut is looked for."""
SLACK = 1.5
"""A section this much larger than the smallest one farther out is taken: joints hide near the body."""
BISECTIONS = 5
MOST = 0.25
"""Share of the body an arm has at most, with what it holds."""
FOOT = 0.07
"""Heights over the floor under which a tip is a foot."""


@dataclass(frozen=True)
class Branch:
    """Everything farther out than a root; `walk` is the distance from the spine in mm, inf outside."""

    mask: Bool[np.ndarray, "nx ny nz"]
    walk: Float[np.ndarray, "nx ny nz"]
    root: float
    length: float


def walked(body: Cells, sources: Bool[np.ndarray, "nx ny nz"]) -> Float[np.ndarray, "nx ny nz"]:
    """Shortest way inside the body from the sources in mm; inf where none leads."""
    from scipy.sparse.csgraph import dijkstra

    graph = _graph(body)
    number = np.cumsum(body.inside.ravel()).reshape(body.inside.shape) - 1
    found = dijkstra(graph, directed=False, indices=number[sources & body.inside], min_only=True)
    out = np.full(body.inside.shape, np.inf)
    out[body.inside] = found
    return out


def _graph(body: Cells):
    from scipy.sparse import coo_array

    a, b, length = _pairs(body.inside)
    count = int(body.inside.sum())
    return coo_array((length * body.step, (a, b)), shape=(count, count)).tocsr()


def _pairs(inside: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Numbers of inside cells that touch, by face, edge or corner, and how many steps they are apart."""
    number = np.cumsum(inside.ravel()).reshape(inside.shape) - 1
    firsts, seconds, lengths = [], [], []
    steps = [(i, j, k) for i in (0, 1) for j in (-1, 0, 1) for k in (-1, 0, 1) if (i, j, k) > (0, 0, 0)]
    for step in steps:
        here = tuple(slice(max(-s, 0), n - max(s, 0)) for s, n in zip(step, inside.shape, strict=True))
        there = tuple(slice(max(s, 0), n - max(-s, 0)) for s, n in zip(step, inside.shape, strict=True))
        both = inside[here] & inside[there]
        firsts.append(number[here][both])
        seconds.append(number[there][both])
        lengths.append(np.full(len(firsts[-1]), np.sqrt(sum(s * s for s in step))))
    return np.concatenate(firsts), np.concatenate(seconds), np.concatenate(lengths)


def tips_of(walk: Float[np.ndarray, "nx ny nz"], least_mm: float) -> list[tuple[tuple[int, ...], float]]:
    """Cells farther than those around, with the level down to which nothing farther is connected above it.

    Only those that stick out `least_mm` or more: the merge tree of the upper level sets (Carr, Snoeyink and
    Axen 2003), over its maximum spanning tree.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import minimum_spanning_tree

    reached = np.isfinite(walk)
    a, b, _ = _pairs(reached)
    value = walk[reached]
    top = float(value.max(initial=0)) + 1
    weight = top - np.minimum(value[a], value[b])
    tree = minimum_spanning_tree(coo_array((weight, (a, b)), shape=(len(value),) * 2).tocsr()).tocoo()
    places = np.argwhere(reached)
    found = _merges(value, tree.row, tree.col, top - tree.data, least_mm)
    return [(tuple(int(n) for n in places[tip]), root) for tip, root in found.items()]


def branch_at(walk: Float[np.ndarray, "nx ny nz"], tip: tuple[int, ...], root: float) -> Branch:
    """What is connected with the tip over the root."""
    pieces, _ = connected(np.isfinite(walk) & (walk > root), by_corners=True)
    return Branch(pieces == pieces[tip], walk, root, float(walk[tip]) - root)


def longest(
    walk: Float[np.ndarray, "nx ny nz"],
    tip: tuple[int, ...],
    lowest: float,
    least_mm: float,
    fits: Callable[[Branch], bool],
) -> Branch | None:
    """The longest branch of this tip that fits, by bisection of its root; None when none does."""
    low, high = lowest, float(walk[tip]) - least_mm
    if high <= low or not fits(branch_at(walk, tip, high)):
        return None
    whole = branch_at(walk, tip, low)
    if fits(whole):
        return whole
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        low, high = (low, middle) if fits(branch_at(walk, tip, middle)) else (middle, high)
    return branch_at(walk, tip, high)


def _merges(
    value: np.ndarray, a: np.ndarray, b: np.ndarray, level: np.ndarray, least: float
) -> dict[int, float]:
    """By tip the lowest root: where what sticks out `least` meets something farther out still."""
    owner = list(range(len(value)))
    tip = list(range(len(value)))

    def find(n: int) -> int:
        while owner[n] != n:
            owner[n] = owner[owner[n]]
            n = owner[n]
        return n

    found: dict[int, float] = {}
    for e in np.argsort(-level, kind="stable"):
        first, second = find(int(a[e])), find(int(b[e]))
        tips, root = (tip[first], tip[second]), float(level[e])
        if min(value[tips[0]], value[tips[1]]) - root >= least:
            found |= {tips[0]: root, tips[1]: root}
        owner[second] = first
        tip[first] = max(tips, key=lambda t: (value[t], -t))
    return found


def cut_of(branch: Branch, body: Cells) -> tuple[Float[np.ndarray, "3"], Float[np.ndarray, "3"], float]:
    """Where to cut a limb near its root: middle, direction to the tip, and the radius of the section.

    The first section from the root that is hardly larger than the smallest one within `SEARCH` of the length.
    """
    width = 2.0 * body.step
    starts = np.arange(branch.root, branch.root + max(SEARCH * branch.length, 3 * width), body.step)
    cells = np.argwhere(branch.mask)
    at = branch.walk[branch.mask]
    points = body.centres(cells)
    sections = []
    for start in starts:
        near, far = (at >= start) & (at < start + width), (at >= start + width) & (at < start + 3 * width)
        if near.sum() < 4 or far.sum() < 4:
            continue
        middle, direction = points[near].mean(0), points[far].mean(0) - points[near].mean(0)
        length = float(np.linalg.norm(direction))
        if length > 0.3 * body.step:
            sections.append((*plane_section(body, middle, direction / length), direction / length))
    if not sections:
        raise ValueError("a limb has no section")
    areas = np.array([area for _, area, _, _ in sections])
    smallest = np.minimum.accumulate(areas[::-1])[::-1]
    first = int(np.flatnonzero(areas <= SLACK * smallest)[0])
    middle, _, radius, direction = sections[first]
    return middle, direction, radius


def find_limbs(
    body: Cells, neck: float, axis: float, height: float, floor: float
) -> tuple[list[tuple[Limb, Bool[np.ndarray, "nx ny nz"]]], tuple[str, ...]]:
    """Arms and legs with the coarse cells of their branches, and what was not found.

    `body`: the cells without hair and head; `neck`, `floor`: z in mm; `axis`: x of the middle.
    """
    spine = _spine(body, neck, axis, height, floor)
    if not spine.any():
        return [], ("no limbs were found: there is nothing below the neck in the middle of the figure",)
    walk = walked(body, spine)
    least = LEAST * height
    tips = tips_of(walk, least)
    where = _Place(body, neck, axis, floor, height)
    limbs, missing = [], []
    for kind, wanted in (("leg", _is_leg), ("arm", _is_arm)):
        for side, sign in (("left", 1.0), ("right", -1.0)):
            tried = [
                longest(walk, tip, root, least, lambda b, w=wanted, s=sign: w(where, b, s))
                for tip, root in tips
            ]
            fits = [branch for branch in tried if branch is not None]
            if not fits:
                missing.append(f"{side} {kind}")
                continue
            branch = max(fits, key=lambda b: int(b.mask.sum()))
            point, normal, radius = cut_of(branch, body)
            limbs.append((Limb(f"{side} {kind}", "torso", point, normal, radius), branch.mask))
    notes = (f"{' and '.join(missing)}: no free branch of the solid, left whole",) if missing else ()
    return limbs, notes


def _spine(body: Cells, neck: float, axis: float, height: float, floor: float) -> np.ndarray:
    """Cells round the line through the torso's middle, from the hips to under the neck."""
    x, _, z = (body.origin[k] + body.step * np.arange(body.inside.shape[k]) for k in range(3))
    rows = (z > floor + 0.55 * (neck - floor)) & (z < floor + 0.93 * (neck - floor))
    near = np.abs(x - axis) < 0.05 * height
    core = body.inside & near[:, None, None] & rows[None, None, :]
    depth = np.arange(body.inside.shape[1])
    mass = core.sum((0, 1))
    middle = (core.sum(0) * depth[:, None]).sum(0) / np.maximum(mass, 1)
    line = np.abs(depth[:, None] - middle) <= 1.0
    return core & (np.abs(x - axis) <= 1.01 * body.step)[:, None, None] & line[None]


@dataclass(frozen=True)
class _Place:
    """The body and its measures, mm."""

    body: Cells
    neck: float
    axis: float
    floor: float
    height: float

    def rise(self, share: float) -> float:
        """z at a share of the way from the floor to the neck."""
        return self.floor + share * (self.neck - self.floor)


def _is_leg(where: _Place, branch: Branch, sign: float) -> bool:
    points = where.body.centres(np.argwhere(branch.mask))
    low, high = points[:, 2].min(), points[:, 2].max()
    aside = sign * (points[:, 0] - where.axis)
    mostly = float((aside > 0).mean()) > 0.9 and aside.min() > -0.06 * where.height
    return bool(low < where.floor + FOOT * where.height and high < where.rise(0.75) and mostly)


def _is_arm(where: _Place, branch: Branch, sign: float) -> bool:
    if branch.mask.sum() > MOST * where.body.inside.sum():
        return False
    points = where.body.centres(np.argwhere(branch.mask))
    aside = sign * (points[:, 0] - where.axis)
    root = points[branch.walk[branch.mask] < branch.root + 2.5 * where.body.step]
    high_root = root[:, 2].mean() > where.rise(0.5)
    free = points[:, 2].min() > where.floor + FOOT * where.height / 2
    return bool(aside.min() > 0.03 * where.height and aside.max() > 0.1 * where.height and high_root and free)
