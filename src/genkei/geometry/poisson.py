"""Screened Poisson surfaces of oriented points on a dense grid (Kazhdan and Hoppe 2013)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float, Float32

from genkei.geometry.field import Grid

if TYPE_CHECKING:
    from scipy.sparse import csr_array


@dataclass(frozen=True)
class Oriented:
    """Points of a surface with their outward normals."""

    places: Float32[np.ndarray, "n 3"]
    normals: Float32[np.ndarray, "n 3"]
    """Unit length."""
    areas: Float32[np.ndarray, "n"]
    """How much surface each point stands for, in square units of the places; less where it is unsure."""

    @staticmethod
    def joined(*parts: "Oriented") -> "Oriented":
        return Oriented(
            np.concatenate([part.places for part in parts]),
            np.concatenate([part.normals for part in parts]),
            np.concatenate([part.areas for part in parts]),
        )


def poisson_field(
    points: Oriented,
    origin: Float32[np.ndarray, "3"],
    shape: tuple[int, int, int],
    step: float,
    screening: float = 1.0,
    rounds: int = 12,
) -> Grid:
    """The field whose gradient is nearest to the normals and whose value at the points is nearest to 0.

    Minimises the integral of |grad f - V|^2 plus `screening` times the sum of area * f(point)^2, V the
    normals spread over the cells; solved by conjugate gradients, preconditioned by the cosine transform's
    exact inverse of the Laplacian. Negative inside, about in cells near the surface. ValueError without a
    point in the box.
    """
    from scipy.sparse.linalg import LinearOperator, cg

    rows = _interpolation((points.places - origin) / np.float32(step), shape)
    weight = points.areas.astype(np.float64) / step**2
    if not rows.nnz or not weight.any():
        raise ValueError(f"none of the {len(weight)} points lies in the box; give points of the surface")
    spread = [(rows.T @ (weight * points.normals[:, axis])).reshape(shape) for axis in range(3)]
    wanted = -np.sum([np.gradient(spread[axis], axis=axis) for axis in range(3)], axis=0).ravel()
    pull = (rows.T.multiply(screening * weight)).tocsr() @ rows
    eigen = _laplacian(shape)

    def system(x: np.ndarray) -> np.ndarray:
        return _transformed(x, shape, eigen) + pull @ x

    floor = screening * weight.sum() / np.prod(shape)

    def near_inverse(x: np.ndarray) -> np.ndarray:
        return _transformed(x, shape, 1 / (eigen + floor))

    size = (int(np.prod(shape)),) * 2
    found, _ = cg(
        LinearOperator(size, system), wanted, rtol=1e-3, maxiter=rounds, M=LinearOperator(size, near_inverse)
    )
    level = float(np.average(rows @ found, weights=weight))
    return Grid((found - level).reshape(shape).astype(np.float32), origin, step)


def _interpolation(cells: Float[np.ndarray, "n 3"], shape: tuple[int, int, int]) -> "csr_array":
    """Sparse [n, cells]: trilinear weights of the grid's values at every point; no row entries outside."""
    from scipy.sparse import csr_array

    low = np.floor(cells).astype(np.int64)
    share = cells - low
    inside = ((low >= 0) & (low < np.array(shape) - 1)).all(1)
    number, columns, values = [], [], []
    for corner in np.ndindex(2, 2, 2):
        weight = np.where(corner, share, 1 - share).prod(1)
        at = low + corner
        number.append(np.flatnonzero(inside))
        columns.append(np.ravel_multi_index(tuple(at[inside].T), shape))
        values.append(weight[inside])
    entries = (np.concatenate(values), (np.concatenate(number), np.concatenate(columns)))
    return csr_array(entries, shape=(len(cells), int(np.prod(shape))))


def _laplacian(shape: tuple[int, int, int]) -> Float[np.ndarray, "nx ny nz"]:
    """Eigenvalues of minus the seven-point Laplacian with closed borders, in the cosine basis."""
    parts = [2 - 2 * np.cos(np.pi * np.arange(n) / n) for n in shape]
    return parts[0][:, None, None] + parts[1][None, :, None] + parts[2]


def _transformed(x: np.ndarray, shape: tuple[int, int, int], factor: np.ndarray) -> np.ndarray:
    """x multiplied by a factor in the cosine basis."""
    from scipy.fft import dctn, idctn

    return np.asarray(idctn(factor * np.asarray(dctn(x.reshape(shape), norm="ortho")), norm="ortho")).ravel()
