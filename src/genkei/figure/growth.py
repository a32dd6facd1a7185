"""Solids made of balls: the union of balls round the middle of thin walls, as meshes that can be united."""

from collections.abc import Iterator, Sequence
from typing import no_type_check

import numpy as np
from jaxtyping import Float, Int
from numba import njit

from genkei.figure.union import Painted
from genkei.geometry.field import Grid, surface
from genkei.geometry.mesh import corners, simplify
from genkei.geometry.nearest import closest
from genkei.types import Mesh

MOST_CELLS = 600_000
"""A block with more cells is halved: a union of balls is the union of its halves."""
SMOOTH = 0.04
"""Simplification, as a share of a ball's radius."""


BLUR = 1.0
"""Cells: the field is blurred by this much, so that a row of balls becomes a bar and no string of beads.
A bar of radius r loses (blur)² / 2r by it, which is added to the balls before."""


def grown(centres: Float[np.ndarray, "n 3"], radii: Float[np.ndarray, "n"], step: float) -> list[Mesh]:
    """Closed meshes whose union is the union of the balls, to about a tenth of `step`."""
    return [
        simplify(surface(_field(centres[chosen], radii[chosen], step)), SMOOTH * float(radii.max()))
        for chosen in _blocks(centres, radii, step, np.arange(len(centres)))
    ]


def _blocks(
    centres: np.ndarray, radii: np.ndarray, step: float, chosen: Int[np.ndarray, "k"]
) -> Iterator[Int[np.ndarray, "k"]]:
    """Sets of balls, each in a box of at most `MOST_CELLS`, cut where the largest gap is near the middle."""
    points, reach = centres[chosen], float(radii[chosen].max()) + 2 * step
    size = np.ptp(points, axis=0) + 2 * reach
    if np.prod(size / step) <= MOST_CELLS or len(chosen) == 1:
        yield chosen
        return
    axis = int(size.argmax())
    order = np.argsort(points[:, axis], kind="stable")
    ranks = np.arange(len(order) // 4, max(3 * len(order) // 4, len(order) // 4 + 1))
    along = points[order, axis]
    cut = int(ranks[np.diff(along[ranks[0] : ranks[-1] + 2]).argmax()]) + 1 if len(order) > 3 else 1
    for half in (order[:cut], order[cut:]):
        yield from _blocks(centres, radii, step, chosen[np.sort(half)])


def _field(centres: np.ndarray, radii: np.ndarray, step: float) -> Grid:
    """Distance to the union of the balls near its surface, a little blurred, far outside elsewhere."""
    from scipy.ndimage import gaussian_filter

    radii = radii + (BLUR * step) ** 2 / (2 * radii)
    reach = float(radii.max()) + 4 * step
    origin = np.floor((centres.min(0) - reach) / step) * step
    shape = np.ceil((centres.max(0) + reach - origin) / step).astype(np.int64) + 1
    values = np.full(tuple(shape), 2 * step, np.float32)
    _carve(values, (centres - origin) / step, radii / step, step)
    values = gaussian_filter(values, BLUR, mode="nearest", truncate=2.5)
    return Grid(values, origin.astype(np.float32), float(step))


@njit(cache=True)
@no_type_check
def _carve(values, centres, radii, step):
    """Lower every cell within two cells of a ball to its distance from it; centres and radii in cells."""
    for n in range(len(centres)):
        reach = radii[n] + 2.0
        low = np.maximum(np.ceil(centres[n] - reach), 0.0).astype(np.int64)
        high = np.floor(centres[n] + reach).astype(np.int64)
        for i in range(low[0], min(high[0] + 1, values.shape[0])):
            for j in range(low[1], min(high[1] + 1, values.shape[1])):
                for k in range(low[2], min(high[2] + 1, values.shape[2])):
                    x, y, z = i - centres[n, 0], j - centres[n, 1], k - centres[n, 2]
                    away = (np.sqrt(x * x + y * y + z * z) - radii[n]) * step
                    values[i, j, k] = min(values[i, j, k], away)


def painted_like(meshes: Sequence[Mesh], body: Painted) -> list[Painted]:
    """The meshes with the paint of the body's nearest faces: every triangle lies in one face's paint."""
    if not meshes:
        return []
    triangles = np.concatenate([corners(mesh) for mesh in meshes]).astype(np.float64)
    _, face, _ = closest(triangles.mean(1), body.mesh.vertices, body.mesh.faces)
    weights = nearest_weights(triangles, corners(body.mesh)[face].astype(np.float64)[:, None])
    uv = np.einsum("fck,fkd->fcd", weights, body.uv[face].astype(np.float64))
    ends = np.cumsum([len(mesh.faces) for mesh in meshes])[:-1]
    return [Painted(*pair) for pair in zip(meshes, np.split(uv.astype(np.float32), ends), strict=True)]


def nearest_weights(
    points: Float[np.ndarray, "*n 3"], triangles: Float[np.ndarray, "*m 3 3"]
) -> Float[np.ndarray, "*n 3"]:
    """Barycentric weights of the nearest point of each triangle: inside it, or on its nearest edge."""
    a, ab, ac = triangles[..., 0, :], triangles[..., 1, :] - triangles[..., 0, :], triangles[..., 2, :]
    ac = ac - a
    ap = points - a
    d00, d01, d11 = (ab * ab).sum(-1), (ab * ac).sum(-1), (ac * ac).sum(-1)
    d20, d21 = (ap * ab).sum(-1), (ap * ac).sum(-1)
    area = np.maximum(d00 * d11 - d01 * d01, 1e-30)
    v, w = (d11 * d20 - d01 * d21) / area, (d00 * d21 - d01 * d20) / area
    best = np.stack([1 - v - w, v, w], -1)
    away = np.where(best.min(-1) >= 0, 0.0, np.inf)
    for k in range(3):
        start, along = triangles[..., k, :], triangles[..., (k + 1) % 3, :] - triangles[..., k, :]
        share = ((points - start) * along).sum(-1) / np.maximum((along * along).sum(-1), 1e-30)
        share = np.clip(share, 0, 1)
        distance = np.linalg.norm(points - start - share[..., None] * along, axis=-1)
        edge = np.zeros_like(best)
        edge[..., k], edge[..., (k + 1) % 3] = 1 - share, share
        nearer = distance < away
        best, away = np.where(nearer[..., None], edge, best), np.where(nearer, distance, away)
    return best


__all__ = ["grown", "nearest_weights", "painted_like"]
