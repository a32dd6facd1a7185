"""Closed cutters from labelled cells: smooth where colours meet, flat where a limb leaves the body."""

import numpy as np
from jaxtyping import Bool, Float, Float32, Int

from genkei.figure.cells import Cells, connected, extended
from genkei.figure.sockets import Limb, plane_axes, plane_cells
from genkei.geometry.field import Grid, surface
from genkei.types import Mesh

FLAT_SIGMA = 1.3
"""Cells (one sigma) over which the rim of a flat cut is smoothed."""
SIGMA = 2.0
"""The same of a border between colours, in each of `ROUNDS`."""
ROUNDS = 5
"""Short seams in few rounds; more would straighten hairlines and eat small parts."""
INNER = 3.0
"""The same deep inside, where nothing is seen and a plain surface fits better."""
DEPTH = 6.0
"""Cells under the surface from which on `INNER` holds."""
AROUND = 8
"""Cells a cutter reaches beyond its part, so that its rim leaves the solid at a steep angle."""
RIM = 3.0
"""Cells before and behind the plane in which it decides outside the solid too, so that the rim is flat."""
DEEP = 1.2
"""Radii of a limb's section behind it in which the plane takes the limb's cells away."""
SHALLOW = 0.35
"""Radii before it in which it takes the carrier's: farther on, that is the flank beside an arm."""


def cutter(
    cells: Cells,
    label: Int[np.ndarray, "nx ny nz"],
    part: int,
    plane: Limb | None = None,
    carriers: tuple[int, ...] = (),
    square: bool = True,
) -> Mesh:
    """A closed mesh that holds the cells of one label and ends half-way to those of others.

    `label` is -1 where nothing is (any more). Borders between colours shorten as curves do that are fixed
    nowhere (Merriman, Bence and Osher 1994): as cells outside the solid don't count, they meet its surface at
    a right angle and leave no feather edges. Within `plane`'s limb the border to `carriers` is flat but for
    a rim that turns square to the surface; all of it is where not `square`.
    """
    from scipy.ndimage import distance_transform_edt, gaussian_filter

    crop, origin = surroundings(cells, label, part)
    nearest = extended(np.ascontiguousarray(label[crop]))
    share = (nearest == part).astype(np.float32)
    solid = label[crop] >= 0
    if plane is not None:
        _flatten(share, nearest, origin, cells, cells.inside[crop], plane, (part, *carriers))
        if square:
            smooth = _beyond(_blurred(share, solid, FLAT_SIGMA), solid)
        else:
            smooth = gaussian_filter(share, FLAT_SIGMA, mode="nearest")
    else:
        smooth = _blurred(share, solid, SIGMA, ROUNDS)
        depth = np.asarray(distance_transform_edt(cells.inside[crop])) - 1
        inner = np.clip(depth / DEPTH, 0, 1).astype(np.float32)
        smooth = _beyond(smooth + inner * (_blurred(share, solid, INNER) - smooth), solid)
    return surface(Grid((0.5 - smooth).astype(np.float32), origin.astype(np.float32), cells.step))


def surroundings(
    cells: Cells, label: Int[np.ndarray, "nx ny nz"], part: int
) -> tuple[tuple[slice, ...], Float[np.ndarray, "3"]]:
    """The cells of one label and `AROUND` more on every side, and where the first of them lies."""
    places = np.argwhere(label == part)
    low = np.maximum(places.min(0) - AROUND, 0)
    high = np.minimum(places.max(0) + 1 + AROUND, np.array(label.shape))
    return tuple(slice(a, b) for a, b in zip(low, high, strict=True)), cells.origin + cells.step * low


def _blurred(
    share: Float32[np.ndarray, "nx ny nz"], solid: Bool[np.ndarray, "nx ny nz"], sigma: float, rounds: int = 1
) -> Float32[np.ndarray, "nx ny nz"]:
    """Mean over the solid's cells near each, as it was where none is near; further rounds blur what is over
    a half."""
    from scipy.ndimage import gaussian_filter

    mass = gaussian_filter(solid.astype(np.float32), sigma, mode="constant")
    for k in range(rounds):
        share = share if k == 0 else (share > 0.5).astype(np.float32)
        mean = gaussian_filter(share * solid, sigma, mode="constant") / np.maximum(mass, 1e-3)
        share = np.where(mass > 1e-3, mean, share).astype(np.float32)
    return share


def _beyond(
    value: Float32[np.ndarray, "nx ny nz"], solid: Bool[np.ndarray, "nx ny nz"]
) -> Float32[np.ndarray, "nx ny nz"]:
    """Outside the solid what its nearest cell has."""
    from scipy.ndimage import distance_transform_edt

    return value[
        tuple(np.asarray(distance_transform_edt(~solid, return_distances=False, return_indices=True)))
    ]


def _flatten(
    share: Float32[np.ndarray, "nx ny nz"],
    nearest: Int[np.ndarray, "nx ny nz"],
    origin: Float[np.ndarray, "3"],
    cells: Cells,
    solid: Bool[np.ndarray, "nx ny nz"],
    plane: Limb,
    parts: tuple[int, ...],
) -> None:
    """In place: within the limb's section, before and behind it, how much of each cell is over the plane."""
    from scipy.ndimage import binary_dilation

    points = np.moveaxis(np.indices(share.shape), 0, -1) * cells.step + origin - plane.point
    over = points @ plane.normal
    u, v = plane_axes(plane.normal)
    section = limb_section(cells, plane)
    half = section.shape[0] // 2
    tight, wide = (binary_dilation(section, iterations=n) for n in (2, AROUND))
    i = np.rint(points @ u / cells.step).astype(np.int64) + half
    j = np.rint(points @ v / cells.step).astype(np.int64) + half
    within = (np.minimum(i, j) >= 0) & (np.maximum(i, j) < len(section))
    i, j = np.where(within, i, 0), np.where(within, j, 0)
    reach = np.where(nearest == parts[0], DEEP, SHALLOW) * plane.radius_mm
    near = np.abs(over) < np.where(solid, reach, RIM * cells.step)
    within &= near & np.where(solid, tight[i, j], wide[i, j]) & np.isin(nearest, parts)
    share[within] = np.clip(0.5 + over[within] / cells.step, 0, 1)


def limb_section(cells: Cells, plane: Limb) -> Bool[np.ndarray, "n n"]:
    """The plane's samples within the limb, with room round it."""
    places, inside = plane_cells(
        cells, plane.point, plane.normal, 1.3 * plane.radius_mm + (AROUND + 2) * cells.step
    )
    inside &= np.linalg.norm(places - plane.point, axis=2) <= plane.radius_mm + cells.step
    pieces, count = connected(inside)
    if not count:
        return inside
    half = len(inside) // 2
    piece = pieces[half, half]
    if not piece:
        there = np.argwhere(pieces > 0)
        piece = pieces[tuple(there[((there - half) ** 2).sum(1).argmin()])]
    return pieces == piece
