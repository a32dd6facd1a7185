"""Hair by its colour: what the crown is painted with, smoothed, as far as it hangs together with the head."""

from dataclasses import replace

import numpy as np
from jaxtyping import Bool, Float, Float32, Int, Int32

from genkei.figure.cells import Cells, Spread, coarser, commonest, connected, extended
from genkei.figure.outline import Front, find_neck
from genkei.types import Mesh

SMOOTH = 0.009
"""Heights (one sigma) over which hair's colour is averaged before it decides: shadows, streaks, brows."""
CROWN = 0.1
"""Least share of the crown's area a colour of hair covers."""
BODY = 0.3
"""A crown of the colour that covers more than this of the body's front middle is no hair: robots, goblins."""
ROUNDS = 5
TRUST = 0.3
"""Weight of a place's own colour against what surrounds it."""
LEAN = 0.25
"""How much of a vote the place on the head has: sides that nobody drew are painted by guesses."""
RARE = 0.004
"""Share of an area under which a colour says little."""
OWN = 0.2
"""A single colour that covers this share of it is cloth's too, and ears' or ribbons' on the crown."""
LEAST_HAIR = 0.12
"""Least share of the head's surface."""


def find_hair(
    mesh: Mesh,
    colour: Int32[np.ndarray, "f"],
    front: Front,
    cells: Cells,
    sampled: Spread,
    floor: float,
    height: float,
) -> tuple[Int[np.ndarray, "nx ny nz"], float | None]:
    """Cells the surface runs through: 1 hair, 2 stuck in it, 0 other, -1 no surface; and the neck's z.

    None where no neck was found: then there is no hair either.
    """
    centre = mesh.vertices[mesh.faces].mean(1)
    away = (mesh.vertices[mesh.faces][:, [1, 2]] - mesh.vertices[mesh.faces][:, :1]).astype(np.float64)
    vectors = np.cross(away[:, 0], away[:, 1]) / 2
    area, back = np.linalg.norm(vectors, axis=1), vectors[:, 1] > 0
    rough = coarser(cells)
    bare = commonest(cells, sampled, np.zeros(len(colour), np.int64), 1)
    crowns = (centre[:, 2] > front.top, back & (centre[:, 2] > floor + 0.7 * height))
    for crown in crowns:  # the second for ears and horns that are all of the top
        hues, neck = _hues(colour, area, crown), None
        for _ in range(2):
            neck = find_neck(_without(rough, sampled, hues[colour]), front.axis, floor, height) or neck
            if neck is None:
                break
            tall = floor + height - neck
            upper = (centre[:, 2] > neck + 0.8 * tall) | back & (centre[:, 2] > neck + 0.45 * tall)
            hues = _hues(colour, area, upper)
        if neck is None:
            continue
        trunk = _trunk(colour, front, neck, floor, height)
        hues = hues & (trunk < OWN)
        if hues.any() and trunk[hues].sum() < BODY:
            shares = np.bincount(colour[upper], area[upper], len(trunk)) / area[upper].sum()
            other = np.maximum(trunk, _face(colour, front, neck, floor, height))
            chance = np.where(trunk < OWN, (shares + RARE) / (shares + other + 2 * RARE), 0)
            return _grown(chance[colour].astype(np.float32), cells, sampled, neck, front.axis, height), neck
    return bare, find_neck(rough, front.axis, floor, height)


def _hues(colour: np.ndarray, area: np.ndarray, crown: np.ndarray) -> Bool[np.ndarray, "c"]:
    """Colours that a good part of the crown has."""
    shares = np.bincount(colour[crown], area[crown], int(colour.max()) + 1)
    return shares > CROWN * shares.sum()


def _trunk(
    colour: Int32[np.ndarray, "f"], front: Front, neck: float, floor: float, height: float
) -> Float[np.ndarray, "c"]:
    """What share of the middle of the body's front has each colour."""
    rows = (front.z < neck - 0.03 * height) & (front.z > floor + 0.3 * (neck - floor))
    return _seen_shares(colour, front, rows, 0.06 * height)


def _face(
    colour: Int32[np.ndarray, "f"], front: Front, neck: float, floor: float, height: float
) -> Float[np.ndarray, "c"]:
    """What share of the head's front under the brow has each colour."""
    tall = floor + height - neck
    return _seen_shares(colour, front, (front.z > neck) & (front.z < neck + 0.4 * tall), 0.2 * tall)


def _seen_shares(
    colour: Int32[np.ndarray, "f"], front: Front, rows: Bool[np.ndarray, "r"], aside: float
) -> Float[np.ndarray, "c"]:
    seen = front.seen & (np.abs(front.x - front.axis) < aside) & rows[:, None]
    count = np.bincount(colour[front.triangle[seen]], minlength=int(colour.max()) + 1)
    return count / max(float(count.sum()), 1.0)


def _without(rough: Cells, sampled: Spread, hair: Bool[np.ndarray, "f"]) -> Cells:
    """The cells nearer to other surface than to hair."""
    seeds = commonest(rough, sampled, hair.astype(np.int64), 2)
    return replace(rough, inside=rough.inside & (extended(seeds) == 0))


def _grown(
    hair: Float32[np.ndarray, "f"], cells: Cells, sampled: Spread, neck: float, axis: float, height: float
) -> Int[np.ndarray, "nx ny nz"]:
    """Hair's colour, smoothed over the surface, of which only what hangs together with the head stays."""
    from scipy.ndimage import gaussian_filter

    index = tuple(cells.index(sampled.points).T)
    mass, share = np.zeros(cells.inside.shape, np.float32), np.zeros(cells.inside.shape, np.float32)
    np.add.at(mass, index, sampled.weight)
    np.add.at(share, index, sampled.weight * hair[sampled.face])
    touched, top = mass > 0, cells.origin[2] + cells.step * np.arange(cells.inside.shape[2]) > neck
    head = touched & top
    data = share[touched] / mass[touched]
    lean = _lean(cells, head, neck, axis, height)[touched]
    sigma, spread_mass = SMOOTH * height / cells.step, None
    now, field = data, np.zeros_like(mass)
    for _ in range(
        ROUNDS
    ):  # a curve that shortens as far as the colours let it (Merriman, Bence and Osher 1994)
        field[touched] = now * mass[touched]
        spread_mass = gaussian_filter(mass, sigma)[touched] if spread_mass is None else spread_mass
        near = gaussian_filter(field, sigma)[touched] / spread_mass
        now = ((1 - TRUST) * near + TRUST * data + lean > 0.5).astype(np.float32)
    found = np.full(mass.shape, -1, np.int16)
    found[touched] = now
    locks, _ = connected(found == 1, by_corners=True)
    size = np.bincount(locks[head], minlength=int(locks.max()) + 1)
    size[0] = 0
    found[(found == 1) & (size < 0.03 * head.sum())[locks]] = 0
    rest, _ = connected((found == 0) & top, by_corners=True)
    size = np.bincount(rest[head], minlength=int(rest.max()) + 1)
    lowest = cells.inside.shape[2] - top.sum() + 2
    stays = np.zeros(len(size), bool)
    stays[rest[:, :, :lowest].ravel()] = True
    size[0] = 0
    stays[int(size.argmax())] = True
    stays |= size > 0.25 * head.sum()
    stuck = ~stays
    stuck[0] = False
    found[stuck[rest]] = 2
    if (found[head] > 0).sum() < LEAST_HAIR * head.sum():
        found[touched] = 0
    return found


def _lean(
    cells: Cells, head: Bool[np.ndarray, "nx ny nz"], neck: float, axis: float, height: float
) -> Float[np.ndarray, "nx ny nz"]:
    """What speaks for hair before any colour is seen: the back of the head for, its front against."""
    x, y, z = (cells.origin[k] + cells.step * np.arange(head.shape[k]) for k in range(3))
    middle = (np.abs(x - axis) < 0.06 * height)[:, None] & np.ones(len(y), bool)
    level = int(np.searchsorted(z, neck))
    rows = np.flatnonzero((cells.inside[:, :, level] & middle).any(0))
    ears = float(y[rows].mean()) if len(rows) else float(y.mean())
    deep = max(float(np.ptp(y[head.any((0, 2))])) / 2, cells.step)
    rise = np.clip((z - neck) / max(0.35 * float(z[head.any((0, 1))].max() - neck), cells.step), 0, 1)
    return (LEAN * np.clip((y - ears) / (0.5 * deep), -0.2, 1))[None, :, None] * rise * head
