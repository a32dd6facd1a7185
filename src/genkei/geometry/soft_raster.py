"""A rasteriser with derivatives: pictures of vertex values, smooth in the vertices' places and values.

Inside a triangle a value is linear in the picture, so that moving corner j moves the picture by its
barycentric share of the value's slope. At silhouettes neighbouring pixels are blended by where the edge
passes between their centres (Laine et al. 2020, nvdiffrast: analytic antialiasing), which makes coverage a
smooth function of the edge's ends. Which triangle is nearest has no derivative.
"""

from typing import no_type_check

import numpy as np
from jaxtyping import Float, Int
from numba import njit

from genkei.geometry.raster import _fill

MOST_FACES = 24
"""Between two pixel centres; near silhouettes many narrow ones are."""


def soft_picture(
    pixels: Float[np.ndarray, "v 3"],
    faces: Int[np.ndarray, "f 3"],
    opposite: Int[np.ndarray, "f 3"],
    values: Float[np.ndarray, "v c"],
    size: int,
) -> tuple[Float[np.ndarray, "s s c"], tuple]:
    """The picture of vertex values over 0, and what `soft_slopes` wants to know of it.

    `pixels`: picture x, y and depth of the vertices (genkei.geometry.camera.project); `opposite`: see
    `neighbours`.
    """
    triangle, barycentric, depth = _fill(pixels, faces, size, size)
    bare = _interpolated(triangle, barycentric, faces, values)
    pairs = _edge_pairs(triangle, depth, pixels, faces, opposite)
    return _blended(bare, pairs[0], pairs[1]), (triangle, barycentric, bare, pairs)


def soft_slopes(
    pixels: Float[np.ndarray, "v 3"],
    faces: Int[np.ndarray, "f 3"],
    values: Float[np.ndarray, "v c"],
    known: tuple,
    slope: Float[np.ndarray, "s s c"],
) -> tuple[Float[np.ndarray, "v 2"], Float[np.ndarray, "v c"]]:
    """Derivatives of a loss by vertices' picture places and values, from its derivative by the picture."""
    return _derived(pixels, faces, values, known, slope)


def neighbours(faces: Int[np.ndarray, "f 3"]) -> Int[np.ndarray, "f 3"]:
    """The face across edge 01, 12, 20 of every face of a closed mesh; -1 where there is none."""
    tail = faces.astype(np.int64)
    head, n = np.roll(tail, -1, axis=1), int(faces.max()) + 1
    forward, backward = (tail * n + head).ravel(), (head * n + tail).ravel()
    order = np.argsort(forward, kind="stable")
    at = np.minimum(np.searchsorted(forward[order], backward), len(order) - 1)
    found = order[at]
    return np.where(forward[found] == backward, found // 3, -1).reshape(-1, 3).astype(np.int32)


@njit(cache=True)
@no_type_check
def _interpolated(triangle, barycentric, faces, values):
    height, width = triangle.shape
    out = np.zeros((height, width, values.shape[1]))
    for y in range(height):
        for x in range(width):
            f = triangle[y, x]
            if f >= 0:
                for k in range(3):
                    for c in range(values.shape[1]):
                        out[y, x, c] += barycentric[y, x, k] * values[faces[f, k], c]
    return out


@njit(cache=True)
@no_type_check
def _edge_pairs(triangle, depth, pixels, faces, opposite):
    """Neighbouring pixels between whose centres a silhouette edge passes.

    Returns (ends [n, 4]: y, x of the pixel that the nearer triangle covers, then of the other; cross [n]:
    where the edge passes, 0 at the first centre, 1 at the second; edges [n, 2]: the edge's vertices).
    """
    height, width = triangle.shape
    ends, cross, edges = [], [], []
    for y in range(height):
        for x in range(width):
            for down in range(2):
                y2, x2 = y + down, x + 1 - down
                if y2 >= height or x2 >= width or triangle[y, x] == triangle[y2, x2]:
                    continue
                first = triangle[y2, x2] < 0 or (triangle[y, x] >= 0 and depth[y, x] <= depth[y2, x2])
                ya, xa, yb, xb = (y, x, y2, x2) if first else (y2, x2, y, x)
                t, a, b = _outer_edge(pixels, faces, opposite, triangle[ya, xa], (ya, xa, yb, xb))
                if t >= 0:
                    ends.append((ya, xa, yb, xb))
                    cross.append(t)
                    edges.append((a, b))
    out = np.empty((len(ends), 4), np.int64)
    out_edges = np.empty((len(ends), 2), np.int64)
    for n in range(len(ends)):
        out[n, 0], out[n, 1], out[n, 2], out[n, 3] = ends[n]
        out_edges[n, 0], out_edges[n, 1] = edges[n]
    return out, np.array(cross), out_edges


@njit(cache=True)
@no_type_check
def _outer_edge(pixels, faces, opposite, face, end):
    """The way from one centre to the other, face by face, to the silhouette: where, and its edge; -1: none.

    Steep edges are asked along rows, flat ones along columns, so that no stretch of the outline counts twice.
    """
    ya, xa, yb, xb = end[0] + 0.5, end[1] + 0.5, end[2] + 0.5, end[3] + 0.5
    turned = _turned(pixels, faces, face)
    before = -1
    for _ in range(MOST_FACES):
        after = -1
        for k in range(3):
            g = opposite[face, k]
            if g == before and g >= 0:
                continue
            a, b = faces[face, k], faces[face, (k + 1) % 3]
            t = _crossing(pixels[a], pixels[b], ya, xa, yb, xb)
            if 0 <= t <= 1:
                if g < 0 or _turned(pixels, faces, g) != turned:
                    steep = abs(pixels[a, 1] - pixels[b, 1]) > abs(pixels[a, 0] - pixels[b, 0])
                    return (t, a, b) if steep == (ya == yb) else (-1.0, -1, -1)
                after = g
        if after < 0:
            return -1.0, -1, -1
        before, face = face, after
    return -1.0, -1, -1


@njit(cache=True)
@no_type_check
def _turned(pixels, faces, f):
    a, b, c = pixels[faces[f, 0]], pixels[faces[f, 1]], pixels[faces[f, 2]]
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]) > 0


@njit(cache=True)
@no_type_check
def _crossing(a, b, ya, xa, yb, xb):
    """Where edge ab meets the way from one centre to the next along a row or column; -1 if it does not."""
    if ya == yb:
        if (a[1] - ya) * (b[1] - ya) > 0 or a[1] == b[1]:
            return -1.0
        return (a[0] + (ya - a[1]) / (b[1] - a[1]) * (b[0] - a[0]) - xa) * (xb - xa)
    if (a[0] - xa) * (b[0] - xa) > 0 or a[0] == b[0]:
        return -1.0
    return (a[1] + (xa - a[0]) / (b[0] - a[0]) * (b[1] - a[1]) - ya) * (yb - ya)


@njit(cache=True)
@no_type_check
def _blended(bare, ends, cross):
    out = bare.copy()
    for n in range(len(cross)):
        ya, xa, yb, xb = ends[n]
        t = cross[n]
        for c in range(bare.shape[2]):
            if t > 0.5:
                out[yb, xb, c] += (t - 0.5) * (bare[ya, xa, c] - bare[yb, xb, c])
            else:
                out[ya, xa, c] += (0.5 - t) * (bare[yb, xb, c] - bare[ya, xa, c])
    return out


@njit(cache=True)
@no_type_check
def _derived(pixels, faces, values, known, slope):
    triangle, barycentric, bare, (ends, cross, edges) = known
    by_place, by_value = np.zeros((len(pixels), 2)), np.zeros(values.shape)
    by_bare = slope.copy()
    for n in range(len(cross)):
        ya, xa, yb, xb = ends[n]
        t, by_t = cross[n], 0.0
        for c in range(slope.shape[2]):
            step = bare[ya, xa, c] - bare[yb, xb, c]
            if t > 0.5:
                by_t += slope[yb, xb, c] * step
                by_bare[ya, xa, c] += (t - 0.5) * slope[yb, xb, c]
                by_bare[yb, xb, c] -= (t - 0.5) * slope[yb, xb, c]
            else:
                by_t += slope[ya, xa, c] * step
                by_bare[yb, xb, c] += (0.5 - t) * slope[ya, xa, c]
                by_bare[ya, xa, c] -= (0.5 - t) * slope[ya, xa, c]
        along = 0 if ya == yb else 1
        sign = (xb - xa) if along == 0 else (yb - ya)
        level = (ya if along == 0 else xa) + 0.5
        a, b = edges[n]
        rise = pixels[b, 1 - along] - pixels[a, 1 - along]
        lean = (pixels[b, along] - pixels[a, along]) / rise
        share = (level - pixels[a, 1 - along]) / rise
        for v, part in ((a, 1 - share), (b, share)):
            by_place[v, along] += by_t * sign * part
            by_place[v, 1 - along] -= by_t * sign * part * lean
    height, width = triangle.shape
    for y in range(height):
        for x in range(width):
            f = triangle[y, x]
            if f < 0:
                continue
            a, b, c = pixels[faces[f, 0]], pixels[faces[f, 1]], pixels[faces[f, 2]]
            area = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
            gx = gy = 0.0
            for n in range(values.shape[1]):
                s = by_bare[y, x, n]
                va, vb, vc = (values[faces[f, 0], n], values[faces[f, 1], n], values[faces[f, 2], n])
                gx += s * ((vb - va) * (c[1] - a[1]) - (vc - va) * (b[1] - a[1])) / area
                gy += s * ((vc - va) * (b[0] - a[0]) - (vb - va) * (c[0] - a[0])) / area
                for k in range(3):
                    by_value[faces[f, k], n] += s * barycentric[y, x, k]
            for k in range(3):
                by_place[faces[f, k], 0] -= barycentric[y, x, k] * gx
                by_place[faces[f, k], 1] -= barycentric[y, x, k] * gy
    return by_place, by_value
