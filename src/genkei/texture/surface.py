"""Quantities on the vertices of a mesh: averaged, smoothed by heat flow, weighed by area."""

import numpy as np
from jaxtyping import Bool, Float, Float32, Int

from genkei.geometry.mesh import area_vectors, corners
from genkei.types import Mesh

HOLD = 30.0
"""How much more than a guess a seen colour resists smoothing."""


def blur(faces: Int[np.ndarray, "f 3"], values: Float[np.ndarray, "v c"], rounds: int) -> np.ndarray:
    """`rounds` times the mean of each vertex and its neighbours."""
    from scipy.sparse import coo_array, eye_array

    count = len(values)
    a, b = faces.ravel(), faces[:, [1, 2, 0]].ravel()
    graph = coo_array((np.ones(2 * len(a)), (np.r_[a, b], np.r_[b, a])), shape=(count, count)).tocsr()
    graph.data[:] = 1
    graph = graph + eye_array(count, format="csr")
    share = 1 / np.asarray(graph.sum(1)).ravel()[:, None]
    for _ in range(rounds):
        values = (graph @ values) * share
    return values


def relax(
    mesh: Mesh,
    state: Float[np.ndarray, "v c"],
    known: Bool[np.ndarray, "v"],
    length: float,
    firm: float = HOLD,
) -> Float32[np.ndarray, "v c"]:
    """Heat flow over about `length` (character heights) on the surface; the known yield `firm` times less.

    One backward Euler step with the cotangent Laplacian, so that uneven triangles leave no trace.
    """
    from scipy.sparse import diags_array

    stiffness = _stiffness(mesh)
    share = vertex_areas(mesh)
    least = np.where(known, share.mean(), 1e-9 * max(share.sum(), 1e-12))  # slivers hold no less
    hold = np.where(known, firm, 1.0) * np.maximum(share, least)
    matrix = (diags_array(hold) + length**2 * stiffness).tocsr()
    return _solve(matrix, hold[:, None] * state.astype(np.float64), state).astype(np.float32)


def vertex_areas(mesh: Mesh) -> Float[np.ndarray, "v"]:
    """A third of the area of the faces round each vertex."""
    area = np.linalg.norm(area_vectors(mesh), axis=1)
    return np.bincount(mesh.faces.ravel(), np.repeat(area / 3, 3), len(mesh.vertices))


def _solve(matrix, right: np.ndarray, guess: np.ndarray) -> np.ndarray:
    """Conjugate gradients, Jacobi preconditioned, every column at once; residual below 1e-4 of the start."""
    scale = 1 / matrix.diagonal()[:, None]
    x = guess.astype(np.float64)
    residual = right - matrix @ x
    along = scale * residual
    power = (residual * along).sum(0)
    goal = 1e-8 * np.maximum((right * right * scale).sum(0), 1e-30)
    for _ in range(300):
        if (power <= goal).all():
            break
        pushed = matrix @ along
        step = power / np.maximum((along * pushed).sum(0), 1e-300)
        x += step * along
        residual -= step * pushed
        preconditioned = scale * residual
        before, power = power, (residual * preconditioned).sum(0)
        along = preconditioned + power / np.maximum(before, 1e-300) * along
    return x


def _stiffness(mesh: Mesh):
    """Sparse [v, v] cotangent Laplacian; cotangents clipped to 0.02..20, so rows stay diagonally dominant."""
    from scipy.sparse import coo_array, diags_array

    count = len(mesh.vertices)
    points = corners(mesh).astype(np.float64)
    area = np.maximum(2 * np.linalg.norm(area_vectors(mesh), axis=1), 1e-15)
    rows, columns, values = [], [], []
    for k in range(3):
        a, b = (k + 1) % 3, (k + 2) % 3
        dot = np.einsum("fk,fk->f", points[:, a] - points[:, k], points[:, b] - points[:, k])
        half = np.clip(dot / area, 0.02, 20.0) / 2
        rows += [mesh.faces[:, a], mesh.faces[:, b]]
        columns += [mesh.faces[:, b], mesh.faces[:, a]]
        values += [half, half]
    entry = (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns)))
    graph = coo_array(entry, shape=(count, count)).tocsr()
    return diags_array(np.asarray(graph.sum(1)).ravel()) - graph
