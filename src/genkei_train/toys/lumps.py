"""Solids that toys are made of: rounded blocks on the vertical axis, caps on them, straight limbs."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float32

from genkei_train.characters.forms import Distance, Form, Stations, box, clipped, column, limb, union
from genkei_train.toys.spec import Block, Limb


@dataclass(frozen=True)
class Lump:
    """A block in its place; its axis is x = 0."""

    low: float
    """y of the lowest point."""
    high: float
    wide: float
    """Half the greatest width."""
    deep: float
    block: Block
    z: float = 0.0

    @property
    def middle(self) -> float:
        return (self.low + self.high) / 2

    def grown(self, by: float) -> "Lump":
        """`by` larger all round."""
        return replace(self, low=self.low - by, high=self.high + by, wide=self.wide + by, deep=self.deep + by)

    def share(self, y: np.ndarray) -> np.ndarray:
        """Width at heights, of the greatest one."""
        at = np.clip(2 * (np.asarray(y, float) - self.low) / (self.high - self.low) - 1, -1, 1)
        return _outline(self.block, at) / _outline(self.block, np.linspace(-1, 1, 65)).max()

    def half_width(self, y: float) -> float:
        return float(self.wide * self.share(np.array([y]))[0])

    def form(self) -> Form:
        turn = np.linspace(-np.pi / 2, np.pi / 2, 49)
        y = self.middle + (self.high - self.low) / 2 * np.sin(turn)
        share = np.maximum(self.share(y), 0.01)
        rows = (y, self.wide * share, self.deep * share, self.deep * share, np.full(len(y), self.z))
        return column(Stations(*(np.asarray(v, np.float32) for v in rows)), self.block.square)

    def point(self, angle: float, y: float, lift: float = 0.0) -> Float32[np.ndarray, "3"]:
        """On the surface (plus `lift`) at height y; angle 0 is the front, + towards the toy's left."""
        share, q = float(self.share(np.array([y]))[0]), self.block.square
        s, c = np.sin(angle), np.cos(angle)
        wide, deep = max(self.wide * share, 1e-4), max(self.deep * share, 1e-4)
        reach = (abs(s / wide) ** q + abs(c / deep) ** q) ** (-1 / q) + lift
        return np.array([reach * s, y, self.z + reach * c], np.float32)

    def at(self, share: float) -> float:
        """Height of a share of the way up."""
        return self.low + share * (self.high - self.low)


def _outline(block: Block, at: np.ndarray) -> np.ndarray:
    edge = (1 - np.abs(at) ** block.rounding) ** (1 / block.rounding)
    return edge * (1 + block.taper * at) * (1 + block.bulge * (1 - at**2))


def moved(solid: Form, by: np.ndarray) -> Form:
    shift = np.asarray(by, np.float32)
    return Form(lambda p: solid.distance(p - shift), solid.low + shift, solid.high + shift)


def cap(lump: Lump, lift: float, front: float, back: float, teeth: tuple[int, float] = (0, 0.0)) -> Form:
    """What covers a block from above, `lift` thick: its edge runs from y = front to y = back.

    `teeth`: number round the head and height of an edge of waves.
    """
    count, height = teeth

    def region(p: np.ndarray) -> np.ndarray:
        t = np.clip(0.5 + 0.9 * (p[:, 2] - lump.z) / lump.deep, 0, 1)
        edge = back + (front - back) * t * t * (3 - 2 * t)
        if count:
            edge = edge + height * np.cos(count * np.arctan2(p[:, 0], p[:, 2] - lump.z))
        return edge - p[:, 1]

    return clipped(lump.grown(lift).form(), region)


def patch(lump: Lump, lift: float, centre_y: float, half: tuple[float, float], square: float = 4.0) -> Form:
    """A plate on a block's front, half width and half height `half`."""

    def region(p: np.ndarray) -> np.ndarray:
        x, y = np.abs(p[:, 0]) / half[0], np.abs(p[:, 1] - centre_y) / half[1]
        inside = ((x**square + y**square) ** (1 / square) - 1) * min(half)
        return np.maximum(inside, lump.z - p[:, 2])

    return clipped(lump.grown(lift).form(), region)


def tube(lump: Lump, rows: list[tuple[float, float]]) -> Form:
    """A column with a block's outline: rows (y, share of the block's width)."""
    y, share = np.asarray(rows, float).T
    fine = np.linspace(y[0], y[-1], 24)
    k = np.interp(fine, y, share)
    values = (fine, k * lump.wide, k * lump.deep, k * lump.deep, np.full(24, lump.z))
    return column(Stations(*(np.asarray(v, np.float32) for v in values)), lump.block.square)


def straight(kind: Limb, a: np.ndarray, b: np.ndarray, radii: tuple[float, float]) -> Form:
    """A limb from a to b with the radii of its ends."""
    first, last = radii
    along = np.asarray(b, float) - a
    length = float(np.linalg.norm(along))
    if kind == "box":
        turn = _axes(along / length)
        return box(
            (a + b) / 2, np.array([0.9 * first, length / 2 + 0.5 * min(radii), 0.9 * last]), 0.3 * last, turn
        )
    if kind == "tube":
        ends = [limb([(*a, 0.62 * first), (*b, 0.62 * last)], 3)]
        return union([*ends, limb([(*a, first), (*(a + 0.01 * along), first)], 2)])
    if kind == "ridged":
        count = max(int(length / (0.55 * first)), 2)
        t = np.linspace(0, 1, 2 * count + 1)
        waves = first + (last - first) * t
        waves[1::2] *= 0.82
        return limb(np.column_stack([a + t[:, None] * along, waves]), 4 * count + 1)
    return limb([(*a, first), (*b, last)], 3)


def _axes(along: np.ndarray) -> np.ndarray:
    """Columns: across, along, towards the front."""
    front = np.array([0.0, 0.0, 1.0]) - along[2] * along
    if np.linalg.norm(front) < 1e-3:
        front = np.array([0.0, 1.0, 0.0])
    front /= np.linalg.norm(front)
    return np.column_stack([np.cross(along, front), along, front])


def above(level: float) -> Distance:
    return lambda p: level - p[:, 1]


def behind(z: float) -> Callable[[np.ndarray], np.ndarray]:
    """Region z < a depth, for `clipped`."""
    return lambda p: p[:, 2] - z
