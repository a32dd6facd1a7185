"""Solids as distance functions: negative inside, positive outside, in design space (feet 0, height about 1).

Distances are first-order estimates, exact where the zero set is: enough to mesh, to union smoothly, to tell
which of several solids a surface point belongs to. Estimates follow the common closed forms (ellipsoid by
k0 (k0 - 1) / k1, polynomial smooth minimum).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float32
from numpy.typing import ArrayLike

from genkei_train.characters.kernels import beyond, rounded, stacked, swept

Distance = Callable[[np.ndarray], np.ndarray]
FAR = 0.04
"""Beyond this distance from its box a form only reports how far its box is."""
TIP = 0.0034
"""Smallest radius of a lock: thinner would fall between the samples of the grid."""


@dataclass(frozen=True)
class Form:
    """A distance function and the box that holds its inside."""

    distance: Distance
    low: Float32[np.ndarray, "3"]
    high: Float32[np.ndarray, "3"]

    def __call__(self, points: Float[np.ndarray, "n 3"]) -> Float32[np.ndarray, "n"]:
        outside = beyond(points, self.low, self.high)
        near = outside <= FAR
        if near.all():
            return self.distance(points).astype(np.float32)
        result = (outside + FAR / 4).astype(np.float32)
        if near.any():
            result[near] = self.distance(points[near])
        return result


def form(distance: Distance, low: np.ndarray, high: np.ndarray) -> Form:
    return Form(distance, np.asarray(low, np.float32), np.asarray(high, np.float32))


def ellipsoid(centre: np.ndarray, radii: np.ndarray, turn: np.ndarray | None = None) -> Form:
    """Columns of `turn` are the ellipsoid's axes; the identity if left out."""
    c, r = np.asarray(centre, np.float32), np.asarray(radii, np.float32)
    axes = np.eye(3, dtype=np.float32) if turn is None else np.ascontiguousarray(turn, dtype=np.float32)
    reach = np.sqrt(((axes * r) ** 2).sum(1))

    def distance(p: np.ndarray) -> np.ndarray:
        return rounded(np.ascontiguousarray(p, dtype=np.float32), c, r, axes)

    return form(distance, c - reach, c + reach)


def box(centre: np.ndarray, half: np.ndarray, rounding: float, turn: np.ndarray | None = None) -> Form:
    """A rounded box; columns of `turn` are its axes."""
    c, h = np.asarray(centre, np.float32), np.asarray(half, np.float32)
    axes = np.eye(3, dtype=np.float32) if turn is None else np.ascontiguousarray(turn, dtype=np.float32)
    reach = (np.abs(axes) * h).sum(1)

    def distance(p: np.ndarray) -> np.ndarray:
        q = np.abs((p - c) @ axes) - (h - rounding)
        return np.linalg.norm(np.maximum(q, 0), axis=1) + np.minimum(q.max(1), 0) - rounding

    return form(distance, c - reach, c + reach)


def ring(centre: np.ndarray, axis: np.ndarray, radius: float, thickness: float) -> Form:
    """A torus round `axis`."""
    c, n = np.asarray(centre, np.float32), np.asarray(axis, np.float32)
    n = n / np.linalg.norm(n)

    def distance(p: np.ndarray) -> np.ndarray:
        along = (p - c) @ n
        around = np.linalg.norm((p - c) - along[:, None] * n, axis=1)
        return np.hypot(around - radius, along) - thickness

    reach = radius + thickness
    return form(distance, c - reach, c + reach)


def spline(knots: np.ndarray, count: int) -> np.ndarray:
    """`count` points on the chord-length PCHIP curve through `knots` (rows: position and anything else)."""
    from scipy.interpolate import PchipInterpolator

    k = np.asarray(knots, np.float64)
    chord = np.linalg.norm(np.diff(k[:, :3], axis=0), axis=1)
    at = np.concatenate([[0], np.cumsum(np.maximum(chord, 1e-6))])
    return PchipInterpolator(at, k)(np.linspace(0, at[-1], count)).astype(np.float32)


def limb(knots: ArrayLike, count: int = 12) -> Form:
    """A round limb through rows (x, y, z, radius)."""
    k = np.asarray(knots, np.float32)
    return sweep(np.column_stack([k, k[:, 3]]), np.array([0.0, 0.0, 100.0]), count)


def sweep(knots: ArrayLike, core: np.ndarray, count: int = 12) -> Form:
    """An elliptical section swept along rows (x, y, z, half width, half thickness).

    The thickness points away from `core`; the width lies across. Radii are held above `TIP`.
    """
    path = spline(np.asarray(knots, np.float64), count)
    path[:, 3:] = np.maximum(path[:, 3:], TIP)
    start, step = path[:-1], np.diff(path, axis=0)
    length = np.maximum(np.linalg.norm(step[:, :3], axis=1, keepdims=True), 1e-6)
    along = step[:, :3] / length
    away = start[:, :3] + step[:, :3] / 2 - np.asarray(core, np.float32)
    away = away - (away * along).sum(1, keepdims=True) * along
    away /= np.maximum(np.linalg.norm(away, axis=1, keepdims=True), 1e-6)
    across = np.cross(along, away)
    segments = np.ascontiguousarray(
        np.concatenate([start, step, length, along, across, away], 1), dtype=np.float32
    )

    def distance(p: np.ndarray) -> np.ndarray:
        return swept(np.ascontiguousarray(p, dtype=np.float32), segments)

    reach = path[:, 3:].max(1, keepdims=True)
    return form(distance, (path[:, :3] - reach).min(0), (path[:, :3] + reach).max(0))


@dataclass(frozen=True)
class Stations:
    """Cross-sections along +y: half width, depth in front of and behind the centre line, its z."""

    y: Float32[np.ndarray, "n"]
    wide: Float32[np.ndarray, "n"]
    front: Float32[np.ndarray, "n"]
    back: Float32[np.ndarray, "n"]
    centre: Float32[np.ndarray, "n"]

    def grown(self, by: float) -> "Stations":
        """The same column, `by` thicker all round."""
        return Stations(self.y, self.wide + by, self.front + by, self.back + by, self.centre)

    def between(self, low: float, high: float) -> "Stations":
        """The part of the column from y = low to y = high."""
        y = np.linspace(low, high, 48)
        at = [np.interp(y, self.y, v) for v in (self.wide, self.front, self.back, self.centre)]
        return Stations(*(np.asarray(v, np.float32) for v in (y, *at)))

    def point(self, angle: float, y: float, lift: float = 0.0) -> Float32[np.ndarray, "3"]:
        """On the surface (plus `lift`) at height y; angle 0 is the front, + towards the character's left."""
        wide, front, back, centre = (
            float(np.interp(y, self.y, v)) for v in (self.wide, self.front, self.back, self.centre)
        )
        x, z = np.sin(angle), np.cos(angle)
        return np.array([(wide + lift) * x, y, centre + ((front if z > 0 else back) + lift) * z], np.float32)


def stations(rows: Sequence[Sequence[float]]) -> Stations:
    """A smooth column (PCHIP, no overshoot) through rows (y, wide, front, back, centre z), y rising."""
    from scipy.interpolate import PchipInterpolator

    table = np.asarray(rows, np.float64)
    y = np.linspace(table[0, 0], table[-1, 0], 96)
    columns = PchipInterpolator(table[:, 0], table[:, 1:])(y).astype(np.float32)
    return Stations(y.astype(np.float32), *columns.T)


def column(
    s: Stations, square: float = 2.0, ripple: Callable[[np.ndarray, np.ndarray], np.ndarray] | None = None
) -> Form:
    """The solid between the first and last station; `square` above 2 flattens its sides.

    `ripple(angle, y)` multiplies the radius: pleats and folds.
    """

    heights = np.ascontiguousarray(s.y, dtype=np.float32)
    table = np.array([s.wide, s.front, s.back, s.centre], np.float32)

    def distance(p: np.ndarray) -> np.ndarray:
        waves = np.zeros(0, np.float32)
        if ripple is not None:
            z = p[:, 2] - np.interp(p[:, 1], s.y, s.centre)
            waves = ripple(np.arctan2(p[:, 0], z), p[:, 1]).astype(np.float32)
        return stacked(np.ascontiguousarray(p, dtype=np.float32), heights, table, float(square), waves)

    room = 1.3 if ripple is not None else 1.0
    reach = max(float(s.front.max()), float(s.back.max())) * room
    low = [-s.wide.max() * room, s.y[0], s.centre.min() - reach]
    return form(distance, np.array(low), np.array([s.wide.max() * room, s.y[-1], s.centre.max() + reach]))


def union(forms: list[Form], blend: float = 0.0) -> Form:
    """All of them; `blend` rounds the valleys between them (a length)."""

    def distance(p: np.ndarray) -> np.ndarray:
        total = forms[0](p)
        for other in forms[1:]:
            d = other(p)
            if blend > 0:
                h = np.clip(0.5 + 0.5 * (d - total) / blend, 0, 1)
                total = d + (total - d) * h - blend * h * (1 - h)
            else:
                total = np.minimum(total, d)
        return total

    return form(distance, np.min([f.low for f in forms], 0), np.max([f.high for f in forms], 0))


def clipped(solid: Form, region: Distance) -> Form:
    """Only where `region` is negative."""
    return Form(lambda p: np.maximum(solid.distance(p), region(p)).astype(np.float32), solid.low, solid.high)


def without(solid: Form, hole: Form) -> Form:
    """The solid less the hole."""
    return Form(lambda p: np.maximum(solid.distance(p), -hole(p)), solid.low, solid.high)


def grown(solid: Form, by: float) -> Form:
    """The solid, `by` thicker all round."""
    return Form(lambda p: (solid.distance(p) - by).astype(np.float32), solid.low - by, solid.high + by)


def turned_back(solid: Form, z: float) -> Form:
    """The form with front and back exchanged about a depth."""
    flip, shift = np.array([1, 1, -1], np.float32), np.array([0, 0, 2 * z], np.float32)
    low, high = solid.low * flip + shift, solid.high * flip + shift
    return Form(lambda p: solid.distance(p * flip + shift), np.minimum(low, high), np.maximum(low, high))


def mirrored(solid: Form) -> Form:
    """The other side's twin: x becomes -x."""
    flip = np.array([-1, 1, 1], np.float32)
    low, high = solid.low * flip, solid.high * flip
    return Form(lambda p: solid.distance(p * flip), np.minimum(low, high), np.maximum(low, high))


def both(solid: Form) -> Form:
    """The solid and its mirror twin."""
    return union([solid, mirrored(solid)])
