"""The compiled loops of this stage; imported only where they run, since numba is slow to load."""

from typing import no_type_check

import numpy as np
from numba import njit


@njit(cache=True)
@no_type_check
def paint_ellipsoids(field, origin, step, centres, radii, depth_axis, power):
    """Lowers the field in place to every superellipsoid's scaled distance."""
    nx, ny, nz = field.shape
    fine = power == 2.0
    for n in range(centres.shape[0]):
        cx, cy, cz = centres[n]
        rx, ry, rz = radii[n]
        least = min(rx, ry, rz)
        reach = 1.0 + 1.5 * step / least  # beyond 1.5 cells from the surface nothing has to be known
        i0, i1 = _cells(cx, rx * reach, origin[0], step, nx)
        j0, j1 = _cells(cy, ry * reach, origin[1], step, ny)
        k0, k1 = _cells(cz, rz * reach, origin[2], step, nz)
        limit = reach**power
        depth = np.empty(k1 - k0 if depth_axis == 2 else i1 - i0)
        for m in range(len(depth)):
            if depth_axis == 2:
                depth[m] = abs((origin[2] + (k0 + m) * step - cz) / rz) ** power
            else:
                depth[m] = abs((origin[0] + (i0 + m) * step - cx) / rx) ** power
        other0, other1 = (i0, i1) if depth_axis == 2 else (k0, k1)
        centre, radius, low = (cx, rx, origin[0]) if depth_axis == 2 else (cz, rz, origin[2])
        for j in range(j0, j1):
            y = ((origin[1] + j * step - cy) / ry) ** 2
            for o in range(other0, other1):
                flat = ((low + o * step - centre) / radius) ** 2 + y
                if not fine:
                    flat = flat ** (power / 2)
                if flat > limit:
                    continue
                for m in range(len(depth)):
                    total = flat + depth[m]
                    if total > limit:
                        continue
                    i, k = (o, k0 + m) if depth_axis == 2 else (i0 + m, o)
                    if field[i, j, k] <= -least:
                        continue
                    size = np.sqrt(total) if fine else total ** (1.0 / power)
                    value = (size - 1.0) * least
                    if value < field[i, j, k]:
                        field[i, j, k] = value


@njit(cache=True)
@no_type_check
def _cells(centre, radius, origin, step, count):
    """First and one past the last grid cell within the radius."""
    first = int(np.floor((centre - radius - origin) / step))
    last = int(np.ceil((centre + radius - origin) / step)) + 1
    return max(0, min(count, first)), max(0, min(count, last))


@njit(cache=True)
@no_type_check
def thin_centres(rows, columns, radius, spacing, shape):
    """Which centres to keep, first come first served: a kept one clears `spacing` radii (cells) around it."""
    taken = np.zeros(shape, np.uint8)
    keep = np.zeros(len(rows), np.bool_)
    for k in range(len(rows)):
        if taken[rows[k], columns[k]]:
            continue
        keep[k] = True
        reach = int(max(0.0, spacing * radius[k]))
        for i in range(max(0, rows[k] - reach), min(shape[0], rows[k] + reach + 1)):
            for j in range(max(0, columns[k] - reach), min(shape[1], columns[k] + reach + 1)):
                if (i - rows[k]) ** 2 + (j - columns[k]) ** 2 <= reach * reach:
                    taken[i, j] = 1
    return keep


@njit(cache=True)
@no_type_check
def add_rays(target, rays, column, depth):
    """Adds rays[column, bin, y] to target[x, y, z], linear between samples; nothing beyond the rays.

    `column` and `depth` are fractional indices per (x, z).
    """
    columns, bins, rows = rays.shape
    for i in range(target.shape[0]):
        for k in range(target.shape[2]):
            u, d = column[i, k], depth[i, k]
            if not (-0.5 <= u <= columns - 0.5 and -0.5 <= d <= bins - 0.5):
                continue
            u0, d0 = max(0, min(int(u), columns - 2)), max(0, min(int(d), bins - 2))
            a, b = min(max(u - u0, 0.0), 1.0), min(max(d - d0, 0.0), 1.0)
            for j in range(rows):
                near = rays[u0, d0, j] * (1 - a) + rays[u0 + 1, d0, j] * a
                far = rays[u0, d0 + 1, j] * (1 - a) + rays[u0 + 1, d0 + 1, j] * a
                target[i, j, k] += near * (1 - b) + far * b
