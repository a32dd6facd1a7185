"""A cue read off a view without a network: the normals of the inflated silhouette."""

import numpy as np
from jaxtyping import Bool, Float32

from genkei.drawing.lines import resized
from genkei.types import Cue, View

INFLATION_PX = 192
"""Side of the grid on which the Poisson equation is solved directly."""


def normals(view: View) -> Cue:
    """Unit normals in the view's frame (x right, y up, z towards the viewer) of the inflated mask.

    Solves laplace(h) = -4 in the mask with h = 0 outside; z = sqrt(h) is a sphere over a disc. z^2 - h is an
    implicit function, so the normal is (-dh/dx, -dh/dy, 2z) and stays finite at the rim. Confidence is high
    at the rim, where the surface must turn away, and low inside, where inflation only guesses.
    """
    size = view.rgba.shape[0]
    height = inflate(view.mask, min(size, INFLATION_PX))
    height = np.maximum(resized(height, size), 0) * view.mask * view.camera.span**2
    step = view.camera.span / size
    down, right = np.gradient(_smoothed(height, size / INFLATION_PX / 2), step)
    vectors = np.stack([-right, down, 2 * np.sqrt(height)], -1)
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    front = np.array([0.0, 0.0, 1.0])
    value = np.where(length > 1e-6, vectors / np.maximum(length, 1e-6), front)
    sure = 0.15 + 0.75 * (1 - value[..., 2]) ** 2
    return Cue(value.astype(np.float32), (sure * view.mask).astype(np.float32))


def inflate(mask: Bool[np.ndarray, "s s"], grid: int) -> Float32[np.ndarray, "g g"]:
    """Squared half thickness on a coarse grid, in units where the square picture is 1 wide; zero outside."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.linalg import spsolve

    inside = resized(mask.astype(np.float32), grid) > 0.5
    out = np.zeros((grid, grid), np.float32)
    count = int(inside.sum())
    if count == 0:
        return out
    index = np.full((grid + 2, grid + 2), -1)
    index[1:-1, 1:-1][inside] = np.arange(count)
    rows, columns = np.nonzero(index >= 0)
    diagonal = np.arange(count)
    entries = [(diagonal, diagonal, np.full(count, 4.0))]
    for dy, dx in ((0, 1), (1, 0), (0, -1), (-1, 0)):
        neighbour = index[rows + dy, columns + dx]
        there = neighbour >= 0
        entries.append((diagonal[there], neighbour[there], np.full(int(there.sum()), -1.0)))
    i, j, v = (np.concatenate(part) for part in zip(*entries, strict=True))
    matrix = coo_matrix((v, (i, j)), (count, count)).tocsc()
    out[inside] = np.asarray(spsolve(matrix, np.full(count, 4.0 / grid**2)))
    return out


def _smoothed(plane: Float32[np.ndarray, "s s"], sigma: float) -> Float32[np.ndarray, "s s"]:
    from scipy.ndimage import gaussian_filter

    return gaussian_filter(plane, sigma)
