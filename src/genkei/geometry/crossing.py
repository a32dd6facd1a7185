"""Which faces of a mesh pass through each other: triangle against triangle, found by a grid of cells."""

from typing import no_type_check

import numpy as np
from jaxtyping import Bool
from numba import njit

from genkei.geometry.mesh import corners
from genkei.types import Mesh


def crossing_faces(mesh: Mesh) -> Bool[np.ndarray, "f"]:
    """Faces that a face without a common vertex passes through; touching without passing is no crossing."""
    points = corners(mesh).astype(np.float64)
    low, high = points.min(1), points.max(1)
    cell = max(1.5 * float((high - low).max(1).mean()), 1e-9)
    origin = low.min(0)
    first, last = ((v - origin) // cell for v in (low, high))
    first, last = first.astype(np.int64), last.astype(np.int64)
    count = (last - first + 1).prod(1)
    face, key = _filed(first, last, count, int(count.sum()), last.max(0) + 1)
    order = np.argsort(key, kind="stable")
    return _crossings(points, mesh.faces, low, high, face[order], key[order])


@njit(cache=True)
@no_type_check
def _filed(first, last, count, total, size):
    """Every face under every cell that its box touches."""
    face, key = np.empty(total, np.int64), np.empty(total, np.int64)
    n = 0
    for f in range(len(count)):
        for i in range(first[f, 0], last[f, 0] + 1):
            for j in range(first[f, 1], last[f, 1] + 1):
                for k in range(first[f, 2], last[f, 2] + 1):
                    face[n], key[n] = f, (i * size[1] + j) * size[2] + k
                    n += 1
    return face, key


@njit(cache=True)
@no_type_check
def _crossings(points, faces, low, high, face, key):
    found = np.zeros(len(faces), np.bool_)
    start = 0
    while start < len(key):
        end = start
        while end < len(key) and key[end] == key[start]:
            end += 1
        for m in range(start, end):
            a = face[m]
            for n in range(m + 1, end):
                b = face[n]
                apart = False
                for axis in range(3):
                    apart |= low[a, axis] > high[b, axis] or low[b, axis] > high[a, axis]
                if apart:
                    continue
                for p in range(3):
                    for q in range(3):
                        apart |= faces[a, p] == faces[b, q]
                if not apart and (_pierced(points[a], points[b]) or _pierced(points[b], points[a])):
                    found[a] = found[b] = True
        start = end
    return found


@njit(cache=True)
@no_type_check
def _pierced(edges, face):
    """Whether an edge of the first triangle passes through the second."""
    for k in range(3):
        p, q = edges[k], edges[(k + 1) % 3]
        if _side(face[0], face[1], face[2], p) * _side(face[0], face[1], face[2], q) >= 0:
            continue
        a = _side(p, q, face[0], face[1])
        b = _side(p, q, face[1], face[2])
        c = _side(p, q, face[2], face[0])
        if (a > 0 and b > 0 and c > 0) or (a < 0 and b < 0 and c < 0):
            return True
    return False


@njit(cache=True)
@no_type_check
def _side(a, b, c, d):
    """Six times the signed volume of a tetrahedron."""
    ux, uy, uz = b[0] - a[0], b[1] - a[1], b[2] - a[2]
    vx, vy, vz = c[0] - a[0], c[1] - a[1], c[2] - a[2]
    wx, wy, wz = d[0] - a[0], d[1] - a[1], d[2] - a[2]
    return (uy * vz - uz * vy) * wx + (uz * vx - ux * vz) * wy + (ux * vy - uy * vx) * wz
