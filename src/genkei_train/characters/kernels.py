"""Compiled distances of the forms that a character has hundreds of."""

from typing import no_type_check

import numpy as np
from numba import njit


@njit(cache=True)
@no_type_check
def beyond(points, low, high):
    """How far each point (n, 3) lies outside the box along its worst axis; 0 inside."""
    out = np.empty(len(points), np.float32)
    for i in range(len(points)):
        worst = 0.0
        for a in range(3):
            worst = max(worst, low[a] - points[i, a], points[i, a] - high[a])
        out[i] = worst
    return out


@njit(cache=True)
@no_type_check
def swept(points, segments):
    """Distance (n,) to an elliptical section swept along straight segments.

    A segment's row: start x y z, half width, half thickness; change of these five; length; the unit
    vectors along, across and away.
    """
    out = np.empty(len(points), np.float32)
    for i in range(len(points)):
        best = np.float32(np.inf)
        for s in range(len(segments)):
            g = segments[s]
            qx, qy, qz = points[i, 0] - g[0], points[i, 1] - g[1], points[i, 2] - g[2]
            t = (qx * g[11] + qy * g[12] + qz * g[13]) / g[10]
            t = min(max(t, np.float32(0.0)), np.float32(1.0))
            qx, qy, qz = qx - t * g[5], qy - t * g[6], qz - t * g[7]
            wide, thick = g[3] + t * g[8], g[4] + t * g[9]
            small = min(wide, thick)
            reach = max(wide, thick) * (1 + best / small)  # farther than this it cannot be the nearest
            if reach > 0 and qx * qx + qy * qy + qz * qz < reach * reach:
                w = (qx * g[14] + qy * g[15] + qz * g[16]) / wide
                h = (qx * g[17] + qy * g[18] + qz * g[19]) / thick
                a = (qx * g[11] + qy * g[12] + qz * g[13]) / thick
                best = min(best, (np.sqrt(w * w + h * h + a * a) - np.float32(1.0)) * small)
        out[i] = best
    return out


@njit(cache=True)
@no_type_check
def stacked(points, y, table, square, ripple):
    """Distance (n,) to a column of superellipses at heights `y`; `ripple` (n or 0,) scales its radius.

    Rows of `table`: half width, depth in front, depth behind, z of the centre.
    """
    wide, front, back, centre = table
    out = np.empty(len(points), np.float32)
    last = len(y) - 1
    for i in range(len(points)):
        x, py = points[i, 0], points[i, 1]
        low = min(max(np.searchsorted(y, py) - 1, 0), last - 1)
        t = min(max((py - y[low]) / (y[low + 1] - y[low]), 0.0), 1.0)
        half = max(wide[low] + t * (wide[low + 1] - wide[low]), 1e-3)
        z = points[i, 2] - (centre[low] + t * (centre[low + 1] - centre[low]))
        if z > 0:
            deep = front[low] + t * (front[low + 1] - front[low])
        else:
            deep = back[low] + t * (back[low + 1] - back[low])
        deep = max(deep, 1e-3)
        if square == 2.0:
            k = np.sqrt((x / half) ** 2 + (z / deep) ** 2)
        else:
            k = (abs(x / half) ** square + abs(z / deep) ** square) ** (1.0 / square)
        if len(ripple):
            k /= ripple[i]
        flat = np.sqrt(x * x + z * z) * (1.0 - 1.0 / k) if k > 1e-3 else -min(half, deep)
        above = max(y[0] - py, py - y[last])
        if flat > 0 and above > 0:
            out[i] = np.sqrt(flat * flat + above * above)
        else:
            out[i] = max(flat, above)
    return out


@njit(cache=True)
@no_type_check
def rounded(points, centre, radii, axes):
    """Distance (n,) to an ellipsoid whose axes are the columns of `axes`: k0 (k0 - 1) / k1."""
    out = np.empty(len(points), np.float32)
    for i in range(len(points)):
        x, y, z = points[i, 0] - centre[0], points[i, 1] - centre[1], points[i, 2] - centre[2]
        k0, k1 = np.float32(0.0), np.float32(0.0)
        for a in range(3):
            q = (x * axes[0, a] + y * axes[1, a] + z * axes[2, a]) / radii[a]
            k0 += q * q
            k1 += (q / radii[a]) ** 2
        k0 = np.sqrt(k0)
        out[i] = k0 * (k0 - np.float32(1.0)) / max(np.sqrt(k1), np.float32(1e-6))
    return out
