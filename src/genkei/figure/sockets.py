"""Where a limb leaves the body: a plane, and the one connected section of the solid in it."""

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Float

from genkei.figure.cells import Cells, connected

GROWTH = 1.2
"""A section may be this much larger than the first one where a cut is moved towards the body."""


@dataclass(frozen=True)
class Limb:
    """A part that leaves another through one plane."""

    name: str
    carrier: str
    point: Float[np.ndarray, "3"]
    """Middle of the section, mm."""
    normal: Float[np.ndarray, "3"]
    """Unit, towards the limb's tip."""
    radius_mm: float
    """Of a circle round `point` that holds the section."""


def slid(body: Cells, limb: Limb, reach_mm: float) -> Limb:
    """The plane moved towards the limb's root as far as its section hardly grows: up into the hem or cuff."""
    area = plane_section(body, limb.point, limb.normal)[1]
    best = limb
    for away in np.arange(body.step / 2, reach_mm, body.step / 2):
        middle, here, radius = plane_section(body, best.point - limb.normal * body.step / 2, limb.normal)
        if here > GROWTH * area or away > reach_mm:
            break
        best = replace(limb, point=middle, radius_mm=radius)
    return best


def plane_section(
    body: Cells, point: Float[np.ndarray, "3"], normal: Float[np.ndarray, "3"], reach_mm: float = 0.0
) -> tuple[Float[np.ndarray, "3"], float, float]:
    """Middle, area and radius of the connected section of the cells by a plane at `point`."""
    places, inside = plane_cells(body, point, normal, reach_mm)
    pieces, count = connected(inside)
    if not count:
        return point, 0.0, 0.0
    half = inside.shape[0] // 2
    piece = pieces[half, half]
    if not piece:
        away = ((np.argwhere(pieces > 0) - half) ** 2).sum(1)
        piece = pieces[tuple(np.argwhere(pieces > 0)[away.argmin()])]
    chosen = places[pieces == piece]
    middle = chosen.mean(0)
    radius = float(np.linalg.norm(chosen - middle, axis=1).max()) + body.step
    return middle, len(chosen) * body.step**2, radius


def plane_cells(
    body: Cells, point: Float[np.ndarray, "3"], normal: Float[np.ndarray, "3"], reach_mm: float
) -> tuple[Float[np.ndarray, "n n 3"], Bool[np.ndarray, "n n"]]:
    """A square of samples in the plane round the point, `step` apart, and which lie inside."""
    u, v = plane_axes(normal)
    half = int(np.ceil((reach_mm or 0.2 * max(body.inside.shape) * body.step) / body.step))
    ticks = np.arange(-half, half + 1) * body.step
    places = point + ticks[:, None, None] * u + ticks[None, :, None] * v
    i, j, k = body.index(places.reshape(-1, 3)).T
    return places, body.inside[i, j, k].reshape(len(ticks), len(ticks))


def plane_axes(normal: Float[np.ndarray, "3"]) -> tuple[Float[np.ndarray, "3"], Float[np.ndarray, "3"]]:
    """Two unit vectors that span the plane; for a level plane x and y."""
    helper = np.array([0.0, 1.0, 0.0]) if abs(normal[1]) < 0.9 else np.array([0.0, 0.0, 1.0])
    u = np.cross(helper, normal)
    u = u / np.linalg.norm(u)
    return u, np.cross(normal, u)
