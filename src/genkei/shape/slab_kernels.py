"""The compiled loops of the slab fit: one orthographic view rendered as NeuS does, and its adjoint by hand.

A view turns the grid about its upright axis, so it is a two-dimensional resampling of every row, and after
it rays are grid lines. Fields are [y, x, z] in cells, negative inside; a view's slab is [y, u, k], k = 0
nearest to the viewer. Weights along a ray follow Wang et al., NeuS (2021), eq. 13: alpha =
clamp((P_k - P_k+1) / P_k), P the logistic of sharpness times distance.
"""

from typing import no_type_check

import numpy as np
from numba import njit

EPS = 1e-5
"""Keeps alpha finite deep inside, where P is 0."""
FAR = 15.0
"""Sharpness times distance beyond which P is 1 or 0."""
CLEAR = 8.0
GENTLE = 0.05
FAINT = 1e-3
"""Weights below this have no normal."""


@njit(cache=True, fastmath=True)
@no_type_check
def gather(field, place, share, slab):
    """slab[y, u, k] = bilinear field[y, x, z]; `place` [u, k, 4]: flat (x, z) cells; `share`: weights."""
    rows, across, deep = slab.shape
    flat = field.reshape(rows, -1)
    for y in range(rows):
        plane = flat[y]
        for u in range(across):
            for k in range(deep):
                p, w = place[u, k], share[u, k]
                slab[y, u, k] = (
                    w[0] * plane[p[0]] + w[1] * plane[p[1]] + w[2] * plane[p[2]] + w[3] * plane[p[3]]
                )


@njit(cache=True, fastmath=True)
@no_type_check
def scatter(slab, place, share, field):
    """The transpose of `gather`: adds to the field."""
    rows, across, deep = slab.shape
    flat = field.reshape(rows, -1)
    for y in range(rows):
        plane = flat[y]
        for u in range(across):
            for k in range(deep):
                value = slab[y, u, k]
                if value != 0:
                    p, w = place[u, k], share[u, k]
                    for c in range(4):
                        plane[p[c]] += w[c] * value


@njit(cache=True, fastmath=True)
@no_type_check
def march(slab, sharp, said, slope):
    """Loss of a view; its derivative by the slab is added to `slope`.

    `said` = (mask, weight, cost, priced, normals, sure), see genkei.shape.slab.Sight. Per ray: weight *
    huber(sum of w - mask) + sum over samples of w_k * (priced * cost_k + sure * |grad - normal|^2 / 2);
    grad is the slab's central difference per cell: right, up, towards the viewer.
    Rays that are surely as the mask wants them, and have neither price nor normal, are passed over.
    Returns (loss, rendered mask).
    """
    mask, weight, cost, priced, normals, sure = said
    rows, across, deep = slab.shape
    seen = np.zeros((rows, across), slab.dtype)
    total = 0.0
    p, alpha, through, gain = np.empty(deep), np.empty(deep), np.empty(deep), np.empty(deep)
    for y in range(rows):
        for u in range(across):
            ray = slab[y, u]
            low = ray[0]
            for k in range(1, deep):
                low = min(low, ray[k])
            if low * sharp > CLEAR and mask[y, u] == 0:
                continue
            if low * sharp < -CLEAR and mask[y, u] == 1 and priced[y, u] == 0 and sure[y, u] == 0:
                seen[y, u] = 1
                continue
            for k in range(deep):
                at = sharp * ray[k]
                p[k] = 1.0 if at > FAR else 0.0 if at < -FAR else 1 / (1 + np.exp(-at))
            left = 1.0
            for k in range(deep - 1):
                raw = (p[k] - p[k + 1]) / (p[k] + EPS)
                alpha[k] = max(raw, 0.0)
                through[k] = left
                left *= 1 - alpha[k]
            seen[y, u] = 1 - left
            miss = 1 - left - mask[y, u]
            total += weight[y, u] * (np.sqrt(miss * miss + 0.01) - 0.1)
            pull = weight[y, u] * miss / np.sqrt(miss * miss + 0.01)
            trust = sure[y, u]
            for k in range(deep - 1):
                w = through[k] * alpha[k]
                price = priced[y, u] * cost[y, u, k] if priced[y, u] > 0 else 0.0
                gain[k] = pull + price
                total += w * price
                if trust > 0 and w > FAINT:
                    bend = _normal(slab, (y, u, k), normals[y, u], trust, w, slope)
                    gain[k] += bend
                    total += w * bend
            after = 0.0
            for k in range(deep - 2, -1, -1):
                by_alpha = through[k] * (gain[k] - after)
                after = alpha[k] * gain[k] + (1 - alpha[k]) * after
                if alpha[k] > 0:
                    near = p[k] + EPS
                    slope[y, u, k] += by_alpha * (p[k + 1] + EPS) / (near * near) * sharp * p[k] * (1 - p[k])
                    slope[y, u, k + 1] -= by_alpha / near * sharp * p[k + 1] * (1 - p[k + 1])
    return total, seen


@njit(cache=True, fastmath=True)
@no_type_check
def _normal(slab, at, normal, trust, w, slope):
    """Cost of the normal halfway between samples k and k + 1; adds w times its derivative to the slope."""
    y, u, k = at
    rows, across = slab.shape[:2]
    above, below = min(y + 1, rows - 1), max(y - 1, 0)
    right, left = min(u + 1, across - 1), max(u - 1, 0)
    gu = 0.25 * (slab[y, right, k] - slab[y, left, k] + slab[y, right, k + 1] - slab[y, left, k + 1])
    gy = 0.25 * (slab[above, u, k] - slab[below, u, k] + slab[above, u, k + 1] - slab[below, u, k + 1])
    gk = slab[y, u, k] - slab[y, u, k + 1]
    du, dy, dk = gu - normal[0], gy - normal[1], gk - normal[2]
    for step in range(2):
        slope[y, right, k + step] += 0.25 * w * trust * du
        slope[y, left, k + step] -= 0.25 * w * trust * du
        slope[above, u, k + step] += 0.25 * w * trust * dy
        slope[below, u, k + step] -= 0.25 * w * trust * dy
    slope[y, u, k] += w * trust * dk
    slope[y, u, k + 1] -= w * trust * dk
    return 0.5 * trust * (du * du + dy * dy + dk * dk)


@njit(cache=True, fastmath=True)
@no_type_check
def regular(field, start, band, eikonal, bend, keep, slope):
    """Loss on the field itself, its derivative added to the slope.

    Per cell with |field| < band: eikonal * (|grad|^2 - 1)^2 / 4 + bend * laplacian^2 / 2, and everywhere
    keep[.] * huber(field - start), the prior. Lengths are cells; forward differences, borders left out.
    """
    rows, nx, nz = field.shape
    total = 0.0
    for y in range(rows):
        for i in range(nx):
            for j in range(nz):
                here = field[y, i, j]
                away = here - start[y, i, j]
                if away != 0:
                    root = np.sqrt(1 + away * away)
                    total += keep[y, i, j] * (root - 1)
                    slope[y, i, j] += keep[y, i, j] * away / root
                if (
                    abs(here) > band
                    or y == 0
                    or i == 0
                    or j == 0
                    or y == rows - 1
                    or i == nx - 1
                    or j == nz - 1
                ):
                    continue
                a, b, c = field[y + 1, i, j] - here, field[y, i + 1, j] - here, field[y, i, j + 1] - here
                off = a * a + b * b + c * c - 1
                total += 0.25 * eikonal * off * off
                g = eikonal * off
                slope[y + 1, i, j] += g * a
                slope[y, i + 1, j] += g * b
                slope[y, i, j + 1] += g * c
                slope[y, i, j] -= g * (a + b + c)
                lap = a + b + c + field[y - 1, i, j] + field[y, i - 1, j] + field[y, i, j - 1] - 3 * here
                total += 0.5 * bend * lap * lap
                g = bend * lap
                slope[y, i, j] -= 6 * g
                slope[y - 1, i, j] += g
                slope[y + 1, i, j] += g
                slope[y, i - 1, j] += g
                slope[y, i + 1, j] += g
                slope[y, i, j - 1] += g
                slope[y, i, j + 1] += g
    return total


@njit(cache=True, fastmath=True)
@no_type_check
def adam(field, slope, first, second, rate, step):
    """One step of Adam (Kingma and Ba 2015) in place, betas 0.9 and 0.99.

    Slopes far below `GENTLE` move a cell in proportion to them instead of at the full rate: what only the
    smoothness wants must not drift.
    """
    f, g, m, v = field.reshape(-1), slope.reshape(-1), first.reshape(-1), second.reshape(-1)
    a, b = 1 - 0.9**step, 1 - 0.99**step
    for n in range(len(f)):
        if g[n] == 0 and m[n] == 0:
            continue
        m[n] = 0.9 * m[n] + 0.1 * g[n]
        v[n] = 0.99 * v[n] + 0.01 * g[n] * g[n]
        f[n] -= rate * (m[n] / a) / (np.sqrt(v[n] / b) + GENTLE)
