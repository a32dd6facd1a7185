"""The room inside a solid: everything deeper than the wall that a ball can reach, as exact surfaces."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Bool, Float32

from genkei.figure.union import CRUMB_MM3, shell_volumes
from genkei.geometry.field import Grid, surface
from genkei.geometry.mesh import area_vectors, compact, face_normals, from_manifold, joined, simplify
from genkei.geometry.rays import Surface
from genkei.types import Mesh

if TYPE_CHECKING:
    from manifold3d import Manifold

    from genkei.figure.depth import Gauge, Lattice

SMOOTH_SHARE = 0.04
"""Cavities are simplified by at most this share of a cell: the wall feels it at a tenth of its tolerance."""
FACING = 0.97
"""Cosine (14 degrees) from which a cavity's face and the outer surface nearest to it are two sides of a wall.
In rounded inner corners, which are thicker on purpose, they are not."""
TOLERANCE = 0.05
"""Share of the wall by which it may differ from what was asked for."""
BESIDE_MM = 0.1
"""Faces nearer than this to a kept-out solid bound that solid, not the wall."""
SLACK = 0.25
"""In cells: by so much the opening may err before it moves a wall."""


@dataclass(frozen=True)
class Room:
    """Closed outward meshes of the cavities, largest first, and the cells in them; millimetres."""

    cavities: tuple[Mesh, ...]
    volumes_mm3: tuple[float, ...]
    cells: Bool[np.ndarray, "nx ny nz"]
    origin: Float32[np.ndarray, "3"]
    step: float
    lumps_mm3: float = 0.0
    """Solid that would float loose in a cavity; such cavities are left out."""

    @property
    def mesh(self) -> Mesh:
        """All cavities as one mesh."""
        return joined(self.cavities)


def room(mesh: Mesh, wall_mm: float, ball_mm: float, keep_out: Sequence[Mesh], step: float) -> Room:
    """Where a ball of radius `ball_mm` fits that stays `wall_mm` under the surface and out of `keep_out`.

    The offset solid is opened and then closed with the ball (Serra 1982): pockets that are narrower are left
    solid, films of solid that are thinner go. Opening takes two level sets of exact distances: the places the
    ball's centre reaches, and what lies within a radius of them. Where the ball rolls on the wall, the wall
    is the level set of the exact distance to the outer surface, and it is nowhere thinner.
    """
    from genkei.figure.depth import Lattice, counted, distances, lattice_of

    lattice = lattice_of(mesh, step)
    spare = distances(lattice, lattice.inside, mesh, wall_mm + ball_mm + step)
    spare -= np.float32(wall_mm)
    for solid in keep_out:
        _keep_away(spare, lattice, solid)
    centres = spare > ball_mm
    if not centres.any():
        return Room((), (), np.zeros((1, 1, 1), bool), lattice.origin.astype(np.float32), step)
    low, high = _box(centres, int(np.ceil(2 * ball_mm / step)) + 3)
    window = tuple(slice(a, b) for a, b in zip(low, high, strict=True))
    lattice = Lattice(lattice.origin + step * low, step, lattice.inside[window])
    spare = spare[window]
    origin = lattice.origin.astype(np.float32)
    reached = surface(Grid(np.clip(ball_mm - spare, -step, step).astype(np.float32), origin, step))
    outside = spare <= ball_mm
    away = counted(outside, step, 2 * ball_mm + step)
    near = ball_mm + 1.5 * step
    away = np.where(away < near, distances(lattice, outside, reached, near), away)
    film = counted(away <= 2 * ball_mm, step, ball_mm + 2 * step)
    opened = np.minimum(away - np.float32(ball_mm + SLACK * step), np.float32(ball_mm + SLACK * step) - film)
    values = np.clip(np.maximum(-spare, opened), -step, step).astype(np.float32)
    if not (values < 0).any():
        return Room((), (), values < 0, origin, step)
    grid = Grid(values, origin, step)
    return _rooms(simplify(surface(grid), SMOOTH_SHARE * step), grid)


def recut(found: Room, cut: Callable[[Mesh], "Manifold | None"]) -> Room:
    """The room with the pieces that `cut` leaves of every cavity, crumbs dropped; None leaves it as it is."""
    pieces: list[tuple[float, Mesh]] = []
    for mesh, size in zip(found.cavities, found.volumes_mm3, strict=True):
        left = cut(mesh)
        if left is None:
            pieces.append((size, mesh))
            continue
        whole = [(piece.volume(), piece) for piece in left.decompose()]
        pieces += [(volume, from_manifold(piece)) for volume, piece in whole if volume > CRUMB_MM3]
    pieces.sort(key=lambda piece: -piece[0])
    return replace(
        found,
        cavities=tuple(mesh for _, mesh in pieces),
        volumes_mm3=tuple(size for size, _ in pieces),
    )


def _keep_away(spare: Float32[np.ndarray, "nx ny nz"], lattice: "Lattice", solid: Mesh) -> None:
    """Lower spare depths, in place, to the signed distance from a closed solid; 0 where there is no room."""
    from genkei.figure.depth import nearest

    margin = float(spare.max()) + lattice.step
    low = np.floor((solid.vertices.min(0) - margin - lattice.origin) / lattice.step).astype(np.int64)
    high = np.ceil((solid.vertices.max(0) + margin - lattice.origin) / lattice.step).astype(np.int64) + 1
    low, high = np.maximum(low, 0), np.minimum(high, spare.shape)
    if (low >= high).any():
        return
    window = tuple(slice(a, b) for a, b in zip(low, high, strict=True))
    near = spare[window]
    cells = np.nonzero(near > -2 * lattice.step)
    if not len(cells[0]):
        return
    points = lattice.points(tuple(axis + a for axis, a in zip(cells, low, strict=True)))
    distance, _ = nearest(solid, points)
    along = np.broadcast_to(np.array([0.48, 0.6, 0.64], np.float32), points.shape)
    covered = Surface(solid).crossings(points.astype(np.float64), along) > 0
    near[cells] = np.minimum(near[cells], np.where(covered, -distance, distance))


def _box(cells: Bool[np.ndarray, "nx ny nz"], margin: int) -> tuple[np.ndarray, np.ndarray]:
    """First and last + 1 index of the true cells along every axis, and a margin, inside the array."""
    spans = [np.flatnonzero(cells.any(axis=tuple(k for k in range(3) if k != axis))) for axis in range(3)]
    low = np.array([span[0] - margin for span in spans])
    high = np.array([span[-1] + margin + 1 for span in spans])
    return np.maximum(low, 0), np.minimum(high, cells.shape)


def _rooms(mesh: Mesh, grid: Grid) -> Room:
    """One mesh a cavity; a cavity with a shell inside it, round a loose lump, is left out.

    Crumbs are dropped, whether they are air or solid.
    """
    labels, signed = shell_volumes(mesh)
    lumps = [_shell(mesh, labels == k) for k in np.flatnonzero(signed < -CRUMB_MM3)]
    whole = [(float(signed[k]), _shell(mesh, labels == k)) for k in np.flatnonzero(signed > CRUMB_MM3)]
    whole.sort(key=lambda pair: -pair[0])
    kept = [pair for pair in whole if not any(_holds(pair[1], lump) for lump in lumps)]
    return Room(
        cavities=tuple(shell for _, shell in kept),
        volumes_mm3=tuple(size for size, _ in kept),
        cells=grid.values < 0,
        origin=grid.origin,
        step=grid.step,
        lumps_mm3=float(-signed[signed < -CRUMB_MM3].sum()) if len(kept) < len(whole) else 0.0,
    )


def _shell(mesh: Mesh, chosen: Bool[np.ndarray, "f"]) -> Mesh:
    return compact(mesh.vertices, mesh.faces[chosen])


def _holds(outer: Mesh, inner: Mesh) -> bool:
    """Whether a closed mesh contains a vertex of the other."""
    direction = np.array([[0.48, 0.6, 0.64]], np.float32)
    return bool(Surface(outer).crossings(inner.vertices[:1].astype(np.float64), direction)[0] > 0)


@dataclass(frozen=True)
class Wall:
    """Distances between a cavity's surface and the outer one; millimetres."""

    least_mm: float
    """Anywhere."""
    mean_mm: float
    """Weighed by area, where the two surfaces face each other; so are the others below."""
    most_mm: float
    """What 99 % of the facing area stays under: rounded corners and the surroundings of kept-out solids are
    meant to be thicker."""
    off_share: float
    """Share of the facing area that is more than `TOLERANCE` off the wall that was asked for."""
    facing_share: float
    """Share of the cavities' surface that faces the outer surface."""
    thinnest: Float32[np.ndarray, "3"]
    """Where `least_mm` is."""


def wall_between(
    gauge: "Gauge", cavities: Sequence[Mesh], wall_mm: float, keep_out: Sequence[Mesh] = ()
) -> Wall:
    """Measured from every face and vertex of the cavities to the nearest outer point, by exact distances."""
    from genkei.figure.depth import nearest

    cavity = joined(cavities)
    gaps, ends = [gauge.of(one) for one in cavities], [len(one.faces) for one in cavities]
    middles = np.concatenate([gap.middles for gap in gaps])
    walls = np.concatenate([gap.distance[:end] for gap, end in zip(gaps, ends, strict=True)])
    foot = np.concatenate([gap.foot[:end] for gap, end in zip(gaps, ends, strict=True)])
    distance = np.concatenate([walls, *(gap.distance[end:] for gap, end in zip(gaps, ends, strict=True))])
    least = int(distance.argmin())
    thinnest = np.concatenate([middles, cavity.vertices])[least]
    towards = (foot - middles) / np.maximum(walls[:, None], 1e-6)
    facing = np.einsum("nk,nk->n", towards, face_normals(cavity)) > FACING
    for solid in keep_out:
        low, high = solid.vertices.min(0) - BESIDE_MM, solid.vertices.max(0) + BESIDE_MM
        near = np.flatnonzero(facing & (middles >= low).all(1) & (middles <= high).all(1))
        facing[near] = nearest(solid, middles[near])[0] > BESIDE_MM
    area = np.linalg.norm(area_vectors(cavity), axis=1)
    weight, walls = area[facing], walls[facing].astype(np.float64)
    if not weight.sum() > 0:
        return Wall(float(distance[least]), 0.0, 0.0, 1.0, 0.0, thinnest)
    order = np.argsort(walls)
    upto = np.cumsum(weight[order])
    return Wall(
        least_mm=float(distance[least]),
        mean_mm=float(walls @ weight / weight.sum()),
        most_mm=float(walls[order][min(np.searchsorted(upto, 0.99 * upto[-1]), len(order) - 1)]),
        off_share=float(weight[np.abs(walls - wall_mm) > TOLERANCE * wall_mm].sum() / weight.sum()),
        facing_share=float(weight.sum() / area.sum()),
        thinnest=thinnest,
    )
