"""The work volume: soft solids painted into one field, carved by outlines, one closed mesh taken out."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float32

from genkei.geometry.field import Grid, signed_distance, surface
from genkei.geometry.mesh import compact, component_labels, simplify, smooth, volume
from genkei.shape.silhouette import Silhouette
from genkei.types import Mesh


@dataclass(frozen=True)
class Volume:
    """`field[ix, iy, iz]`, negative inside, over the columns and rows of a front and a side outline."""

    field: Float32[np.ndarray, "nx ny nz"]
    front: Silhouette
    """Columns along +x."""
    side: Silhouette
    """Columns along +z."""

    @property
    def origin(self) -> Float32[np.ndarray, "3"]:
        return np.array([self.front.u0, self.front.y0, self.side.u0], np.float32)

    @property
    def step(self) -> float:
        return self.front.step

    @property
    def outlines(self) -> Float32[np.ndarray, "nx ny nz"]:
        """The visual hull of both outlines (Laurentini 1994): the larger of the two distances."""
        return np.maximum(self.front.distance.T[:, :, None], self.side.distance[None, :, :])


def empty(front: Silhouette, side: Silhouette) -> Volume:
    """Nothing inside yet."""
    shape = (front.distance.shape[1], front.distance.shape[0], side.distance.shape[1])
    return Volume(np.full(shape, 1.0, np.float32), front, side)


def paint(
    target: Volume,
    centres: Float32[np.ndarray, "n 3"],
    radii: Float32[np.ndarray, "n 3"],
    depth_axis: int,
    power: float,
) -> None:
    """Adds solids to the field in place: round in the picture plane, radii[depth_axis] deep.

    The profile over depth is the superellipse |r|^power + |d|^power = 1: 2 is round, more is boxier.
    """
    from genkei.shape.kernels import paint_ellipsoids

    if len(centres):
        paint_ellipsoids(target.field, target.origin, target.step, centres, radii, depth_axis, power)


def relaxed(
    field: Float32[np.ndarray, "nx ny nz"], step: float, cells: float
) -> Float32[np.ndarray, "nx ny nz"]:
    """The field blurred near its surface, so that steps between rows become slopes."""
    from scipy.ndimage import gaussian_filter

    near = np.clip(field / step, -NEAR, NEAR)
    return gaussian_filter(near, cells, truncate=3.0) * np.float32(step)


NEAR = 3.0
"""Cells from the surface beyond which the field says only inside or outside when it is blurred."""


def evened(
    field: Float32[np.ndarray, "nx ny nz"], step: float, cells: float, thin: float, thick: float
) -> Float32[np.ndarray, "nx ny nz"]:
    """The field without the dents and bumps of thick parts, blurred over so many cells; thin ones stay.

    Half of the blurred field counts at the surface of what holds a ball of `thick` cells in radius, a quarter
    where one of `thin` alone fits.
    """
    from scipy.ndimage import gaussian_filter

    away = distance_cells(field / np.float32(step))
    blurred = gaussian_filter(np.clip(away, -4 * cells, 4 * cells), cells, truncate=2.5)
    holds = np.add(opened(away, thin), opened(away, thick), dtype=np.float32) / 2
    share = gaussian_filter(holds, cells, truncate=2.5)
    return ((1 - share) * field + share * blurred * np.float32(step)).astype(np.float32)


def opened(away: Float32[np.ndarray, "nx ny nz"], radius: float) -> Bool[np.ndarray, "nx ny nz"]:
    """What balls of that radius cover that lie wholly within (morphological opening), to two cells.

    `away` is the distance in cells, negative inside.
    """
    from scipy.ndimage import distance_transform_edt

    outside = away[::2, ::2, ::2] > -radius
    if outside.all():
        return np.zeros(away.shape, bool)
    near = np.asarray(distance_transform_edt(outside)) <= radius / 2
    twice = near.repeat(2, 0).repeat(2, 1).repeat(2, 2)
    return twice[tuple(slice(size) for size in away.shape)]


def distance_cells(soft: Float32[np.ndarray, "nx ny nz"]) -> Float32[np.ndarray, "nx ny nz"]:
    """A distance in cells with the zero surface of a field that is only one near its surface, if that."""
    away = signed_distance(soft < 0)
    slope = np.sqrt(np.sum([np.gradient(soft, axis=axis) ** 2 for axis in range(3)], axis=0))
    first = np.clip(soft / np.maximum(slope, 0.2), -TOLD, TOLD)
    return np.where(np.abs(away) < TOLD, first, away).astype(np.float32)


TOLD = 1.5
"""Cells from the surface within which the field itself tells the distance."""


def solid(
    target: Volume, field: Float32[np.ndarray, "nx ny nz"], cut: Callable[[Grid], Mesh] = surface
) -> Mesh:
    """The surface of the field as one closed outward piece: near pieces are bridged, crumbs dropped.

    `cut` takes the surface out of the grid: marching cubes when it is left out.
    """
    mesh = cut(Grid(field, target.origin, target.step))
    pieces = _pieces(mesh)
    for _ in range(MOST_BRIDGES):
        if len(pieces) == 1:
            break
        field = _bridge(target, field, pieces)
        mesh = cut(Grid(field, target.origin, target.step))
        pieces = _pieces(mesh)
    return pieces[0]


def finished(mesh: Mesh) -> Mesh:
    """Voxel steps smoothed off, and no more triangles than the surface needs, in one piece still.

    Simplifying may pinch a neck of a few triangles off; then every triangle stays.
    """
    calm = smooth(mesh, SMOOTHING_ROUNDS)
    lighter = simplify(calm, CHORD)
    return calm if component_labels(lighter.faces).any() else lighter


SMOOTHING_ROUNDS = 3
"""Taubin rounds; more melt fingers and fins, none leaves voxel steps."""
CHORD = 3e-4
"""Heights by which a triangle may leave the surface: 0.045 mm on a 150 mm figure, under a resin layer."""
MOST_BRIDGES = 4
"""Rounds of bridging; one joins every piece unless two bridges meet in a gap narrower than a cell."""


CRUMB = 2e-6
"""Cubic heights (a 2 mm ball on a 150 mm figure): smaller pieces are dropped, larger ones bridged."""


def _pieces(mesh: Mesh) -> list[Mesh]:
    """Outer shells by volume, largest first; crumbs and inner voids (negative volume) are left out."""
    labels = component_labels(mesh.faces)
    found = [compact(mesh.vertices, mesh.faces[labels == k]) for k in range(int(labels.max()) + 1)]
    sized = sorted(((volume(piece), -k) for k, piece in enumerate(found)), reverse=True)
    kept = [found[-k] for size, k in sized if size > CRUMB]
    return kept or [found[-sized[0][1]]]


def _bridge(target: Volume, field: np.ndarray, pieces: list[Mesh]) -> np.ndarray:
    """Joins every piece to the rest by the shortest capsule, 1.5 cells thick at least."""
    from scipy.spatial import KDTree

    joined = Volume(field.copy(), target.front, target.side)
    main = pieces[0].vertices
    for piece in pieces[1:]:
        distance, index = KDTree(main).query(piece.vertices)
        nearest = int(np.argmin(distance))
        start, end = piece.vertices[nearest], main[np.asarray(index)[nearest]]
        count = max(2, int(np.ceil(np.asarray(distance)[nearest] / (0.5 * target.step))) + 1)
        centres = start + (end - start) * np.linspace(-0.2, 1.2, count)[:, None]
        thickness = max(2.0 * target.step, 0.25 * min(0.04, volume(piece) ** (1 / 3)))
        paint(joined, centres.astype(np.float32), np.full((count, 3), thickness, np.float32), 2, 2.0)
    return joined.field


def fill_rays(
    body: Volume, field: Float32[np.ndarray, "nx ny nz"], axis: int, thin_only: bool = False
) -> Float32[np.ndarray, "nx ny nz"]:
    """Puts matter on every ray of the front (axis 2) or side (axis 0) outline that lost all of its own.

    It goes beside the nearest ray that kept some: no arm is ever lost to a view that disagrees. Rays on the
    outline's rim get a fin that thins out with the outline, rays deep inside a ball as wide as the outline.
    `thin_only`: no fins but in parts of the outline that are thin themselves, such as fingers.
    """
    outline = body.front if axis == 2 else body.side
    filled = Volume(field.copy(), body.front, body.side)
    along = np.moveaxis(filled.field, axis, 2)
    along = along.swapaxes(0, 1) if axis == 2 else along  # a view [row, column, depth] either way
    rows, columns, anchors = _missing(outline, along)
    distance = outline.distance[rows, columns]
    rim = distance > -2 * outline.step
    finned = rim & _thin(outline)[rows, columns] if thin_only else rim
    for anchor in anchors:
        for shift in (-1, 0, 1):
            depth = np.clip(anchor[finned] + shift, 0, along.shape[2] - 1)
            cells = rows[finned], columns[finned], depth
            along[cells] = np.minimum(along[cells], distance[finned] * (1 - 0.5 * abs(shift)))
        _add_balls(filled, axis, rows[~rim], columns[~rim], anchor[~rim], -distance[~rim])
    return filled.field


def _thin(outline: Silhouette) -> Bool[np.ndarray, "rows cols"]:
    """Cells of the outline that no disk of `THIN` cells inside it covers."""
    from scipy.ndimage import distance_transform_edt

    core = outline.distance < -THIN * outline.step
    return outline.mask & (np.asarray(distance_transform_edt(~core)) > THIN + 1)


THIN = 3.0
"""Cells of radius."""


def _missing(outline: Silhouette, along: np.ndarray) -> tuple[np.ndarray, np.ndarray, list[np.ndarray]]:
    """Rows and columns of the empty rays; depth index of the middle of the nearest matter's outer runs."""
    from scipy.ndimage import distance_transform_edt

    inside = along < 0
    kept = inside.any(2)
    rows, columns = np.nonzero(outline.mask & ~kept)
    if not kept.any() or not len(rows):
        return rows[:0], columns[:0], []
    nearest = np.asarray(distance_transform_edt(~kept, return_distances=False, return_indices=True))
    rays = inside[nearest[0][rows, columns], nearest[1][rows, columns]]
    far = along.shape[2] - 1 - _first_run_middle(rays[:, ::-1])
    near = _first_run_middle(rays)
    return rows, columns, [near] if (near == far).all() else [near, far]


def _first_run_middle(rays: Bool[np.ndarray, "n depth"]) -> np.ndarray:
    """Index of the middle of each ray's first run of matter."""
    first = rays.argmax(1)
    after = np.where(np.arange(rays.shape[1]) >= first[:, None], ~rays, False)
    end = np.where(after.any(1), after.argmax(1), rays.shape[1])
    return (first + end - 1) // 2


def _add_balls(
    target: Volume, axis: int, rows: np.ndarray, columns: np.ndarray, depth: np.ndarray, radius: np.ndarray
) -> None:
    index = np.stack([columns, rows, depth] if axis == 2 else [depth, rows, columns], 1)
    centres = (target.origin + index * target.step).astype(np.float32)
    paint(target, centres, np.repeat(radius[:, None], 3, 1).astype(np.float32), axis, 2.0)
