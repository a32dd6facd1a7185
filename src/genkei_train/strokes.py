"""Ink lines: where a hand would draw them, and the strokes that lay them down."""

from dataclasses import dataclass
from typing import no_type_check

import numpy as np
from jaxtyping import Float32, Int32
from numba import njit

from genkei_train.buffers import Buffers
from genkei_train.noise import smooth_noise
from genkei_train.styles import Lines

CREASE_REACH = 2 / 384
"""Distance, in sides, over which a bend of the surface is measured."""


@dataclass(frozen=True)
class Ink:
    cover: Float32[np.ndarray, "h w"]
    """0..1; beyond the mask only by the outline, at most its width and a pixel."""
    source: Int32[np.ndarray, "h w"]
    """The pixel (row * w + column) whose paint a tinted line darkens, in the mask; -1 without ink."""


def ink(view: Buffers, brightness: np.ndarray, lines: Lines, side: int, rng: np.random.Generator) -> Ink:
    """The lines of a view whose paint has this brightness (h, w); `side` is the picture's, in pixels."""
    shape = view.mask.shape
    cover, source = np.zeros(shape, np.float32), np.full(shape, -1, np.int32)
    if lines.width == 0:
        return Ink(cover, source)
    reach = max(round(CREASE_REACH * side), 1)
    limits = np.array([lines.step, lines.crease, lines.borders, lines.features], np.float32)
    place, strength, outline = _seeds(
        view.depth, view.normal, view.part, brightness.astype(np.float32), limits, reach
    )
    width = lines.width * side
    for stroke in range(lines.strokes):
        stray = np.stack(
            [smooth_noise(rng, shape, 0.06 * side, 2)[place[:, 0], place[:, 1]] for _ in "yx"], 1
        )
        stray *= lines.wobble * side * (1.0 if stroke == 0 else 1.6)
        press = smooth_noise(rng, shape, 0.05 * side, 2)[place[:, 0], place[:, 1]]
        radius = 0.5 * width * np.where(outline, 1, lines.inner) * (1 - lines.pressure * (0.5 + 0.8 * press))
        radius = np.clip(radius, 0.2, width)
        room = np.where(outline, np.maximum(width - radius, 0) / np.sqrt(2), np.inf)[:, None]
        centre = (place + np.clip(stray, -room, room)).astype(np.float32)
        _stamp(cover, source, place, centre, radius.astype(np.float32), strength)
    if lines.grain:
        tooth = smooth_noise(rng, shape, 0.006 * side, 2)
        cover *= 1 - lines.grain * np.clip(0.5 + 1.6 * tooth, 0, 1)
    return Ink(cover * np.float32(lines.strength), source)


@njit(cache=True)
@no_type_check
def _seeds(depth, normal, part, brightness, limits, reach):
    """Pixels a line goes through: (n, 2) row and column, (n,) strength, (n,) whether it is the outline."""
    height, width = part.shape
    strength, outline = _borders(depth, part, limits)
    for y in range(height):
        for x in range(width):
            if part[y, x] < 0 or strength[y, x] >= 1:
                continue
            for dy, dx in ((0, 1), (1, 0)):
                qy, qx = y + dy * reach, x + dx * reach
                if qy >= height or qx >= width or part[qy, qx] < 0:
                    continue
                here, there = normal[y, x], normal[qy, qx]
                bend = 1 - (here[0] * there[0] + here[1] * there[1] + here[2] * there[2])
                if bend > limits[1] and (there[0] - here[0]) * dx - (there[1] - here[1]) * dy < 0:
                    strength[y, x] = max(strength[y, x], np.float32(0.8))
                if part[qy, qx] == part[y, x] and abs(brightness[qy, qx] - brightness[y, x]) > 0.14:
                    strength[y, x] = max(strength[y, x], limits[3])
    rows, columns = np.nonzero(strength)
    place = np.stack((rows, columns), 1)
    found, edge = np.empty(len(rows), np.float32), np.empty(len(rows), np.bool_)
    for i in range(len(rows)):
        found[i], edge[i] = strength[rows[i], columns[i]], outline[rows[i], columns[i]]
    return place, found, edge


@njit(cache=True)
@no_type_check
def _borders(depth, part, limits):
    """Strength of the lines at the silhouette, at jumps in depth (on the near side) and between parts."""
    height, width = part.shape
    strength, outline = np.zeros((height, width), np.float32), np.zeros((height, width), np.bool_)
    for y in range(height):
        for x in range(width):
            if part[y, x] < 0:
                continue
            for dy, dx in ((-1, 0), (1, 0), (0, -1), (0, 1)):
                qy, qx, oy, ox = y + dy, x + dx, y - dy, x - dx
                if not (0 <= qy < height and 0 <= qx < width) or part[qy, qx] < 0:
                    strength[y, x], outline[y, x] = 1, True
                    continue
                if part[qy, qx] > part[y, x]:
                    strength[y, x] = max(strength[y, x], limits[2])
                if not (0 <= oy < height and 0 <= ox < width) or part[oy, ox] < 0:
                    continue
                here, there = depth[y, x], depth[qy, qx]
                if here > there and 2 * here - there - depth[oy, ox] > limits[0]:
                    strength[y, x] = 1
    return strength, outline


@njit(cache=True)
@no_type_check
def _stamp(cover, source, place, centre, radius, strength):
    """Lays a round dab of ink at every seed; the strongest dab of a pixel gives its cover and source."""
    height, width = cover.shape
    for i in range(place.shape[0]):
        cy, cx, r = centre[i, 0], centre[i, 1], radius[i]
        index = place[i, 0] * width + place[i, 1]
        weight = strength[i] * min(1.0, 2 * r)
        for y in range(max(int(cy - r - 0.5), 0), min(int(cy + r + 1.5), height - 1) + 1):
            for x in range(max(int(cx - r - 0.5), 0), min(int(cx + r + 1.5), width - 1) + 1):
                amount = r + 0.5 - np.sqrt((y - cy) ** 2 + (x - cx) ** 2)
                amount = weight * min(max(amount, 0.0), 1.0)
                if amount > cover[y, x]:
                    cover[y, x] = amount
                    source[y, x] = index
