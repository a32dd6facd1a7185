"""One closed outward solid from any triangles: exact union where closed, else a winding-number field."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, Int

from genkei.figure.union import resolve, shell_volumes
from genkei.figure.winding import Probe, solid_field, voxel_for
from genkei.geometry.field import surface
from genkei.geometry.mesh import (
    compact,
    from_manifold,
    open_edges,
    simplify,
    surface_area,
    to_manifold,
    volume,
    weld,
)
from genkei.geometry.nearest import closest
from genkei.types import Mesh

MOST_TRIANGLES = 400_000
"""More are simplified: at 150 mm a triangle is then far smaller than a printer's dot."""
SNAP = 1e-6
"""Corners nearer than this share of the size are the same point: below float32's rounding of a file."""


@dataclass(frozen=True)
class Solid:
    """A printable solid and what was changed to get it; in the unit of the input (millimetres)."""

    mesh: Mesh
    method: str
    """`union` (every shell was closed) or `field` (holes or sheets: the surface was rebuilt)."""
    open_edges: int
    """Of the input, after welding."""
    volume_before_mm3: float
    """Signed volume of the input as it was; meaningless where it was open."""
    volume_mm3: float
    largest_distance_mm: float
    """From the solid's surface to the input's, 99.9th percentile of its vertices."""
    dropped_mm3: float
    """Loose crumbs that were left out."""
    thickened_share: float
    """Share of the input's surface that was a sheet or thinner than the wall and was made thicker."""
    notes: tuple[str, ...]


def solidify(
    vertices: Float32[np.ndarray, "v 3"],
    faces: Int[np.ndarray, "f 3"],
    wall_mm: float = 1.0,
    voxel_mm: float = 0.0,
) -> Solid:
    """The solid the triangles mean, in millimetres; `voxel_mm` 0 chooses the field's step from the size.

    Raises ValueError for nothing, not-a-number, flat or point-like input.
    """
    mesh = _accepted(vertices, faces)
    gaps = open_edges(mesh.faces)
    before = volume(mesh)
    if gaps == 0:
        closed = _united(mesh)
        if closed is not None:
            return _solid(mesh, closed[0], "union", gaps, before, closed[1], 0.0)
    probe = Probe(_thinned(mesh, voxel_mm or voxel_for(mesh, wall_mm)))
    grid, share = solid_field(probe, wall_mm, voxel_mm or voxel_for(mesh, wall_mm))
    rebuilt, crumbs = _largest(surface(grid))
    rebuilt = simplify(rebuilt, 0.06 * grid.step)
    return _solid(mesh, rebuilt, "field", gaps, before, crumbs, share)


def _accepted(vertices: np.ndarray, faces: np.ndarray) -> Mesh:
    """The welded triangles, or the reason why nothing can be made of them."""
    if not len(faces) or not len(vertices):
        raise ValueError("the mesh is empty: there are no triangles to print")
    if not np.isfinite(vertices).all():
        bad = int((~np.isfinite(vertices).all(1)).sum())
        raise ValueError(
            f"{bad} of {len(vertices)} vertices are not numbers (NaN or infinite); export it again"
        )
    if faces.min() < 0 or faces.max() >= len(vertices):
        raise ValueError(f"a triangle uses vertex {int(faces.max())} of {len(vertices)}; export it again")
    seen = np.zeros(len(vertices), bool)
    seen[faces] = True
    used = vertices[seen]
    size = used.max(0).astype(np.float64) - used.min(0)
    if not size.max() > 0:
        raise ValueError("all vertices of the mesh are one point: there is nothing to print")
    if size.min() <= 1e-4 * size.max():
        raise ValueError(
            f"the mesh is flat ({size[0]:.4g} x {size[1]:.4g} x {size[2]:.4g}): a plane has no volume; "
            "give it a thickness in a modeller first"
        )
    mesh = weld(Mesh(vertices, faces.astype(np.int32)), SNAP * float(size.max()))
    mesh = _distinct(mesh)
    if not len(mesh.faces) or not surface_area(mesh) > 0:
        raise ValueError("no triangle of the mesh has an area: there is nothing to print")
    return mesh


def _distinct(mesh: Mesh) -> Mesh:
    """Without repeated faces: the same three corners in the same turning count once."""
    turned = np.argmin(mesh.faces, axis=1)
    rolled = np.take_along_axis(mesh.faces, (turned[:, None] + np.arange(3)) % 3, 1).astype(np.int64)
    order = np.lexsort((rolled[:, 2], rolled[:, 1], rolled[:, 0]))
    fresh = np.ones(len(order), bool)
    fresh[1:] = (rolled[order[1:]] != rolled[order[:-1]]).any(1)
    return mesh if fresh.all() else compact(mesh.vertices, mesh.faces[np.sort(order[fresh])])


def _united(mesh: Mesh) -> tuple[Mesh, float] | None:
    """The exact union of closed shells turned outward, and the crumbs' volume; None if one crosses itself."""
    from genkei.figure.checks import BURIED_SHARE, buried

    turned = _outward_shells(mesh)
    try:
        solid = to_manifold(turned)
    except ValueError:  # closed by counting, but not a 2-manifold (two solids sharing an edge)
        return None
    if len(mesh.faces) > MOST_TRIANGLES:
        size = float((mesh.vertices.max(0) - mesh.vertices.min(0)).max())
        for tolerance in (1e-4, 2e-4, 4e-4, 8e-4):
            if solid.num_tri() > MOST_TRIANGLES:
                solid = solid.simplify(tolerance * size)
    resolved = resolve(solid)
    united = from_manifold(resolved.solid)
    if buried(united)[0] > BURIED_SHARE:
        return None
    return united, sum(resolved.dropped)


def _outward_shells(mesh: Mesh) -> Mesh:
    """Every connected shell with positive volume: one turned inside-out is an exporter's slip, no cavity."""
    labels, signed = shell_volumes(mesh)
    faces = np.where((signed[labels] < 0)[:, None], mesh.faces[:, ::-1], mesh.faces)
    return Mesh(mesh.vertices, np.ascontiguousarray(faces))


def _thinned(mesh: Mesh, voxel: float) -> Mesh:
    """Fewer triangles for the field: corners snapped to a third of a voxel when there are too many."""
    if len(mesh.faces) <= MOST_TRIANGLES:
        return mesh
    return _distinct(weld(mesh, voxel / 3))


def _largest(mesh: Mesh) -> tuple[Mesh, float]:
    """The largest shell, so without cavities, and the volume of the other pieces.

    Pieces of a level set never overlap: a crumb is either outside the largest shell or inside a cavity of it.
    """
    labels, signed = shell_volumes(mesh)
    kept = int(signed.argmax())
    loose = np.delete(signed, kept)
    return compact(mesh.vertices, mesh.faces[labels == kept]), float(loose[loose > 0].sum())


def _solid(
    source: Mesh, made: Mesh, method: str, gaps: int, before: float, crumbs: float, share: float
) -> Solid:
    step = max(len(made.vertices) // 50_000, 1)
    distance, _, _ = closest(made.vertices[::step], source.vertices, source.faces)
    after = volume(made)
    notes: tuple[str, ...] = ()
    if method == "field":
        notes += (f"the mesh had {gaps} open edges: its surface was rebuilt as one closed solid",)
    if share > 0.005:
        notes += (f"{share:.0%} of its surface was a sheet or too thin and was thickened",)
    if crumbs > 1e-3 * after:
        notes += (f"loose pieces of together {crumbs:.1f} mm³ were left out",)
    if len(source.faces) > max(MOST_TRIANGLES, len(made.faces)):
        notes += (f"{len(source.faces)} triangles are more than a print shows: {len(made.faces)} are left",)
    return Solid(
        mesh=made,
        method=method,
        open_edges=gaps,
        volume_before_mm3=before,
        volume_mm3=after,
        largest_distance_mm=float(np.quantile(distance, 0.999)),
        dropped_mm3=crumbs,
        thickened_share=share,
        notes=notes,
    )
