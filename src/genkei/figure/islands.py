"""What hangs in the air while a solid is printed upward: islands and ledges, layer by layer."""

from dataclasses import dataclass
from typing import no_type_check

import numpy as np
from jaxtyping import Float, Float32, Int32
from numba import njit

from genkei.figure.dexels import Dexels

RAISED = 0.5
"""Slicers cut a layer in its middle."""


@dataclass(frozen=True)
class Fresh:
    """Every sample of every layer above the first that has nothing below it in its column, and what holds it.

    Samples that touch (8 neighbours) in one layer are a patch. A patch that touches a sample with something
    below is held; one that touches none is an island.
    """

    layer_mm: float
    column: Int32[np.ndarray, "n"]
    layer: Int32[np.ndarray, "n"]
    stretch: Int32[np.ndarray, "n"]
    """Index of the stretch of its column that begins here."""
    patch: Int32[np.ndarray, "n"]
    reach: Int32[np.ndarray, "n"]
    """Steps (pixels) from the nearest sample that has something below; -1 in an island."""

    def ledge_mm2(self, pixel_mm: float, reach_mm: float) -> float:
        """Area farther than `reach_mm` from what holds it, islands included."""
        far = (self.reach < 0) | (self.reach * pixel_mm > reach_mm)
        return float(far.sum()) * pixel_mm**2


@dataclass(frozen=True)
class Island:
    """A first patch of something that begins in the air."""

    point: Float[np.ndarray, "3"]
    """Its lowest sample (the middlemost of equals) on the surface, millimetres."""
    area_mm2: float
    """Of its first layer."""
    patch: int
    sample: int
    """Row of that lowest sample."""


def fresh(dexels: Dexels, layer_mm: float, bed_mm: float = 0.0) -> Fresh:
    """All samples that begin above the first layer of a print whose layers start at z = `bed_mm`.

    A gap thinner than a layer that no layer's middle meets is no gap, as in a slicer.
    """
    if not layer_mm > 0:
        raise ValueError(f"the layer is {layer_mm} mm high, wanted more than 0")
    start = np.ceil((dexels.low.astype(np.float64) - bed_mm) / layer_mm - RAISED).astype(np.int32)
    end = np.floor((dexels.high.astype(np.float64) - bed_mm) / layer_mm - RAISED).astype(np.int32)
    column, layer, stretch, begin, stop = _begins(dexels.first, start, end)
    order = np.argsort(layer, kind="stable").astype(np.int32)
    column, layer, stretch = column[order], layer[order], stretch[order]
    patch, reach = _patches(dexels.shape[0], dexels.shape[1], dexels.first, begin, stop, column, layer)
    return Fresh(layer_mm, column, layer, stretch, patch, reach)


def islands_of(dexels: Dexels, found: Fresh) -> tuple[Island, ...]:
    """The islands, lowest layer first."""
    alone = np.flatnonzero(found.reach < 0)
    order = alone[np.argsort(found.patch[alone], kind="stable")]
    if not len(order):
        return ()
    cuts = np.flatnonzero(np.diff(found.patch[order])) + 1
    islands = []
    for members in np.split(order, cuts):
        xy = dexels.places(found.column[members])
        z = dexels.low[found.stretch[members]].astype(np.float64)
        off = np.linalg.norm(xy - xy.mean(0), axis=1)
        best = int(np.lexsort((off, np.round(z, 3)))[0])
        point = np.array([*xy[best], z[best]])
        area = len(members) * dexels.pixel_mm**2
        islands.append(Island(point, area, int(found.patch[members[0]]), int(members[best])))
    return tuple(islands)


def layer_areas(dexels: Dexels, layer_mm: float, bed_mm: float = 0.0) -> Float32[np.ndarray, "k"]:
    """Area of every layer, mm²: what peels off the film at once in a resin machine."""
    start = np.ceil((dexels.low.astype(np.float64) - bed_mm) / layer_mm - RAISED).astype(np.int64)
    end = np.floor((dexels.high.astype(np.float64) - bed_mm) / layer_mm - RAISED).astype(np.int64) + 1
    start, end = np.maximum(start, 0), np.maximum(end, 0)
    count = int(end.max(initial=0)) + 1
    rises = np.bincount(start, minlength=count) - np.bincount(np.maximum(end, start), minlength=count)
    return (np.cumsum(rises)[:-1] * dexels.pixel_mm**2).astype(np.float32)


@njit(cache=True)
@no_type_check  # the shape checker of the tests must not wrap what numba compiles
def _begins(first, start, end):
    """Stretches in whole layers (first, last), joined over unseen gaps, and which begin in the air."""
    count = len(start)
    begin, stop = np.full(count, 1, np.int32), np.full(count, 0, np.int32)
    column, layer, stretch = np.empty(count, np.int32), np.empty(count, np.int32), np.empty(count, np.int32)
    total = 0
    for c in range(len(first) - 1):
        last = -1
        for s in range(first[c], first[c + 1]):
            if start[s] > end[s]:
                continue
            if last >= 0 and start[s] <= stop[last] + 1:
                stop[last] = max(stop[last], end[s])
                continue
            begin[s], stop[s] = start[s], end[s]
            last = s
            if start[s] > 0:
                column[total], layer[total], stretch[total] = c, start[s], s
                total += 1
    return column[:total], layer[:total], stretch[:total], begin, stop


@njit(cache=True)
@no_type_check
def _patches(nx, ny, first, begin, stop, column, layer):
    """Flood every layer's fresh samples: the patch of each, and its steps from what is held."""
    count = len(column)
    patch, reach = np.full(count, -1, np.int32), np.full(count, -1, np.int32)
    here = np.full(nx * ny, -1, np.int32)  # the fresh sample of this layer in a column
    queue = np.empty(count, np.int32)
    label = 0
    a = 0
    while a < count:
        b = a
        while b < count and layer[b] == layer[a]:
            here[column[b]] = b
            b += 1
        tail = 0
        for e in range(a, b):
            if _held(nx, ny, first, begin, stop, column[e], layer[e]):
                reach[e] = 1
                queue[tail] = e
                tail += 1
        _flood(nx, ny, here, column, queue, tail, reach, 1)
        for seed in range(a, b):
            if patch[seed] >= 0:
                continue
            patch[seed] = label
            queue[0] = seed
            _flood(nx, ny, here, column, queue, 1, patch, 0)
            label += 1
        for e in range(a, b):
            here[column[e]] = -1
        a = b
    return patch, reach


@njit(cache=True)
@no_type_check
def _held(nx, ny, first, begin, stop, column, layer):
    """Whether a neighbour of the column is in this layer and in the one below."""
    i, j = column // ny, column % ny
    for p in range(max(i - 1, 0), min(i + 2, nx)):
        for q in range(max(j - 1, 0), min(j + 2, ny)):
            c = p * ny + q
            for s in range(first[c], first[c + 1]):
                if begin[s] < layer <= stop[s]:
                    return True
    return False


@njit(cache=True)
@no_type_check
def _flood(nx, ny, here, column, queue, tail, value, rise):  # noqa: PLR0913
    """Fresh samples without a value that are connected to queued ones get theirs plus `rise` a step."""
    head = 0
    while head < tail:
        e = queue[head]
        head += 1
        i, j = column[e] // ny, column[e] % ny
        for p in range(max(i - 1, 0), min(i + 2, nx)):
            for q in range(max(j - 1, 0), min(j + 2, ny)):
                n = here[p * ny + q]
                if n >= 0 and value[n] < 0:
                    value[n] = value[e] + rise
                    queue[tail] = n
                    tail += 1
