"""The sealed solid of open, overlapping triangles on a grid whose last axis is the viewing ray.

The rule is the benchmark's (benchmarks/truth.py): cells touched by the surface, a closing or more, and what a
flood from outside doesn't reach. It runs on cells of half the size; a cell is solid when half of it is.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import no_type_check

import numpy as np
from jaxtyping import Bool, Float32, Int32
from numba import njit

from genkei.shape.decode import BIN, BINS, NEAREST

FAR = NEAREST - BINS * BIN
"""Crop units: z of the last bin's outer wall; z grows towards the viewer."""
SPACING = 0.4
"""Distance between samples of a triangle, in fine cells."""
PAD = 4
LEAK = 1.08
"""One more closing may grow a solid this much; more means that it stopped a leak."""


def sealed(
    vertices: Float32[np.ndarray, "v 3"], faces: Int32[np.ndarray, "f 3"], side: int, closings: int = 1
) -> Bool[np.ndarray, "side side bins"]:
    """Solid cells (row, column, bin), row 0 on top, bin 0 nearest the viewer.

    `vertices` in crop units: x right and y up from the picture's centre, z towards the viewer; the grid
    covers [-0.5, 0.5] in x and y and [FAR, NEAREST] in z; what lies beyond is pressed to its walls along z,
    cut off along x and y.
    """
    fine = np.empty_like(vertices)
    fine[:, 0] = (0.5 - vertices[:, 1]) * (2 * side)
    fine[:, 1] = (vertices[:, 0] + 0.5) * (2 * side)
    fine[:, 2] = np.clip((NEAREST - vertices[:, 2]) / (NEAREST - FAR), 0.0, 0.9999) * (2 * BINS)
    there = np.zeros(len(fine), bool)
    there[faces] = True
    used = fine[there]
    shape = np.array([2 * side, 2 * side, 2 * BINS])
    low = np.clip(np.floor(used.min(0)).astype(int), 0, shape - 1) // 2 * 2
    high = np.clip(np.ceil(used.max(0)).astype(int) + 1, 1, shape)
    high = np.minimum((high + 1) // 2 * 2, shape)
    touched = np.zeros(high - low + 2 * PAD, np.uint8)
    _mark(fine - low.astype(np.float32) + PAD, faces, touched, SPACING, PAD)
    closed = touched
    for _ in range(closings):
        closed = _dilated(closed)
    for _ in range(closings):
        closed = _eroded(closed)
    closed |= touched
    for axis in (0, 1):  # what the square cuts off is no opening: a wall stands there
        walls = np.moveaxis(closed, axis, 0)
        if used[:, axis].min() < 0:
            walls[PAD - 1] = 1
        if used[:, axis].max() > shape[axis]:
            walls[-PAD] = 1
    outside = np.zeros_like(closed)
    _flood(closed, outside)
    inside = (1 - outside)[PAD:-PAD, PAD:-PAD, PAD:-PAD]
    rows = inside[::2] + inside[1::2]
    columns = rows[:, ::2] + rows[:, 1::2]
    full = columns[..., ::2] + columns[..., 1::2] >= 4
    out = np.zeros((side, side, BINS), bool)
    out[low[0] // 2 : high[0] // 2, low[1] // 2 : high[1] // 2, low[2] // 2 : high[2] // 2] = full
    return out


def fewest_closings(volumes: Sequence[int]) -> int:
    """Index of the first of growing solids, one closing more each, that the next one hardly enlarges.

    A solid that still leaks is a shell; the closing that stops the leak fills it.
    """
    for index, (less, more) in enumerate(pairwise(volumes)):
        if more <= LEAK * less:
            return index
    return len(volumes) - 1


@njit(cache=True)
@no_type_check
def _mark(points, faces, touched, spacing, margin):
    """Touch every cell that a lattice of samples on the triangles falls into."""
    n0, n1, n2 = touched.shape
    for f in range(faces.shape[0]):
        a, b, c = points[faces[f, 0]], points[faces[f, 1]], points[faces[f, 2]]
        ab = np.sqrt((b[0] - a[0]) ** 2 + (b[1] - a[1]) ** 2 + (b[2] - a[2]) ** 2)
        ac = np.sqrt((c[0] - a[0]) ** 2 + (c[1] - a[1]) ** 2 + (c[2] - a[2]) ** 2)
        bc = np.sqrt((c[0] - b[0]) ** 2 + (c[1] - b[1]) ** 2 + (c[2] - b[2]) ** 2)
        rows = int(np.ceil(max(ac, bc) / spacing)) + 1
        for i in range(rows + 1):
            t = i / rows
            columns = int(np.ceil(ab * (1 - t) / spacing)) + 1
            for j in range(columns + 1):
                u = (1 - t) * j / columns
                w = 1 - t - u
                y = int(np.floor(w * a[0] + u * b[0] + t * c[0]))
                x = int(np.floor(w * a[1] + u * b[1] + t * c[1]))
                z = int(np.floor(w * a[2] + u * b[2] + t * c[2]))
                if y < margin or x < margin or y >= n0 - margin or x >= n1 - margin:
                    continue
                z = min(max(z, margin), n2 - margin - 1)
                touched[y, x, z] = 1


@njit(cache=True)
@no_type_check
def _dilated(a):
    out = a.copy()
    n0, n1, n2 = a.shape
    for i in range(1, n0 - 1):
        for j in range(1, n1 - 1):
            for k in range(1, n2 - 1):
                if a[i, j, k]:
                    out[i - 1, j, k] = 1
                    out[i + 1, j, k] = 1
                    out[i, j - 1, k] = 1
                    out[i, j + 1, k] = 1
                    out[i, j, k - 1] = 1
                    out[i, j, k + 1] = 1
    return out


@njit(cache=True)
@no_type_check
def _eroded(a):
    out = a.copy()
    n0, n1, n2 = a.shape
    for i in range(1, n0 - 1):
        for j in range(1, n1 - 1):
            for k in range(1, n2 - 1):
                if a[i, j, k] and not (
                    a[i - 1, j, k]
                    and a[i + 1, j, k]
                    and a[i, j - 1, k]
                    and a[i, j + 1, k]
                    and a[i, j, k - 1]
                    and a[i, j, k + 1]
                ):
                    out[i, j, k] = 0
    return out


@njit(cache=True)
@no_type_check
def _flood(closed, outside):  # noqa: C901 (one kernel: loops cost nothing, calls do)
    """Mark empty cells reached from the walls: straight sweeps first, then what lies round corners."""
    n0, n1, n2 = closed.shape
    for i in range(n0):
        for j in range(n1):
            for k in range(n2):
                if closed[i, j, k]:
                    break
                outside[i, j, k] = 1
            for k in range(n2 - 1, -1, -1):
                if closed[i, j, k]:
                    break
                outside[i, j, k] = 1
    stack = np.empty(closed.size, np.int32)
    top = 0
    flat, reached = closed.ravel(), outside.ravel()
    step0, step1 = n1 * n2, n2
    for i in range(1, n0 - 1):
        for j in range(1, n1 - 1):
            for k in range(1, n2 - 1):
                at = i * step0 + j * step1 + k
                if (
                    not flat[at]
                    and not reached[at]
                    and (
                        reached[at - step0]
                        or reached[at + step0]
                        or reached[at - step1]
                        or reached[at + step1]
                        or reached[at - 1]
                        or reached[at + 1]
                    )
                ):
                    reached[at] = 1
                    stack[top] = at
                    top += 1
    while top > 0:
        top -= 1
        at = stack[top]
        for near in (at - step0, at + step0, at - step1, at + step1, at - 1, at + 1):
            # the outermost cells are empty and reached, so that no neighbour leaves the grid
            if not reached[near] and not flat[near]:
                reached[near] = 1
                stack[top] = near
                top += 1
