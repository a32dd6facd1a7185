"""Exact unions of painted solids: manifold3d carries the per-corner uv through as vertex properties."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float, Float32, Int32

from genkei.geometry.mesh import area_vectors, compact, component_labels, face_middles, open_edges
from genkei.types import Mesh

if TYPE_CHECKING:
    from manifold3d import Manifold


@dataclass(frozen=True)
class Painted:
    """A solid and the uv of its corners: what a union takes and gives."""

    mesh: Mesh
    uv: Float32[np.ndarray, "f 3 2"]


def to_solid(painted: Painted) -> "Manifold":
    """manifold3d's solid whose vertices carry (u, v); ValueError when the mesh is not closed.

    A vertex on a uv seam is given once per uv, and the copies are merged by index, so that the
    solid stays closed (manifold3d's MeshGL with merge vectors).
    """
    import manifold3d

    faces, uv = painted.mesh.faces, np.ascontiguousarray(painted.uv, np.float32)
    bits = (uv.reshape(-1, 2) + np.float32(0)).view(np.uint32).astype(np.uint64)
    key = np.stack([faces.reshape(-1).astype(np.uint64), bits[:, 0] << np.uint64(32) | bits[:, 1]], 1)
    order = np.lexsort((key[:, 1], key[:, 0]))
    fresh = np.ones(len(order), bool)
    fresh[1:] = (key[order[1:]] != key[order[:-1]]).any(1)
    corner = np.empty(len(order), np.int64)
    corner[order] = np.cumsum(fresh) - 1
    first = order[fresh]
    vertex = faces.reshape(-1)[first]
    properties = np.concatenate([painted.mesh.vertices[vertex], uv.reshape(-1, 2)[first]], 1)
    starts = np.ones(len(vertex), bool)
    starts[1:] = vertex[1:] != vertex[:-1]
    head = np.flatnonzero(starts)[np.cumsum(starts) - 1]
    solid = manifold3d.Manifold(
        manifold3d.Mesh(
            np.ascontiguousarray(properties, np.float32),
            corner.reshape(-1, 3).astype(np.uint32),
            merge_from_vert=np.flatnonzero(~starts).astype(np.uint32),
            merge_to_vert=head[~starts].astype(np.uint32),
        )
    )
    if solid.status() != manifold3d.Error.NoError:
        raise ValueError(
            f"the mesh is not a closed solid ({solid.status().name}, {open_edges(faces)} open edges): "
            "close it first, for example with `genkei printify`"
        )
    return solid


def from_solid(solid: "Manifold") -> Painted:
    """Mesh and uv of a manifold3d solid made by `to_solid` or by booleans of such."""
    data = solid.to_mesh()
    properties = np.asarray(data.vert_properties, np.float32)
    corners = np.asarray(data.tri_verts).astype(np.int64)
    canonical = np.arange(len(properties))
    canonical[np.asarray(data.merge_from_vert, np.int64)] = np.asarray(data.merge_to_vert, np.int64)
    mesh = compact(np.ascontiguousarray(properties[:, :3]), canonical[corners])
    uv = properties[corners, 3:5] if properties.shape[1] >= 5 else np.zeros((len(corners), 3, 2), np.float32)
    return Painted(mesh, np.ascontiguousarray(uv, np.float32))


def shell_volumes(mesh: Mesh) -> tuple[Int32[np.ndarray, "f"], Float[np.ndarray, "n"]]:
    """A label per face (faces sharing a vertex share it) and the signed volume of every such shell."""
    labels = component_labels(mesh.faces)
    origin = mesh.vertices.mean(0).astype(np.float64)
    centres = face_middles(mesh) - origin
    return labels, np.bincount(labels, np.einsum("fk,fk->f", centres, area_vectors(mesh)) / 3)


CRUMB_MM3 = 1.0
"""Shells and voids smaller than this that a cut leaves are dropped."""


def without_crumbs(painted: Painted) -> Painted:
    """Without shells of less than `CRUMB_MM3`, but never without the largest."""
    labels, signed = shell_volumes(painted.mesh)
    kept = np.abs(signed) >= CRUMB_MM3
    kept[int(signed.argmax())] = True
    if kept.all():
        return painted
    chosen = kept[labels]
    return Painted(compact(painted.mesh.vertices, painted.mesh.faces[chosen]), painted.uv[chosen])


@dataclass(frozen=True)
class Resolved:
    """A solid without self-overlap, and what it took."""

    solid: "Manifold"
    overlap_mm3: float
    """Volume that was counted twice before."""
    dropped: tuple[float, ...]
    """Volumes of loose pieces that were left out, largest first."""
    filled_mm3: float
    """Volume of closed cavities that became solid."""


def resolve(solid: "Manifold") -> Resolved:
    """Unite overlapping shells, fill closed cavities and keep the largest piece.

    A solid is a sum of shells; each is united as a body of its own, so that nothing is counted twice.
    """
    import manifold3d

    shells = solid.decompose()
    volumes = [shell.volume() for shell in shells]
    bodies = [shell for shell, volume in zip(shells, volumes, strict=True) if volume > 0]
    if not bodies:
        raise ValueError("the mesh has no volume or is inside-out: nothing can be printed from it")
    filled = -sum(volume for volume in volumes if volume < 0)
    united = (
        bodies[0] if len(bodies) == 1 else manifold3d.Manifold.batch_boolean(bodies, manifold3d.OpType.Add)
    )
    overlap = sum(volume for volume in volumes if volume > 0) - united.volume()
    pieces = [piece for piece in united.decompose() if piece.volume() > 0] if len(bodies) > 1 else [united]
    pieces.sort(key=lambda piece: -piece.volume())
    dropped = tuple(piece.volume() for piece in pieces[1:])
    return Resolved(pieces[0], overlap, dropped, filled)


def unite(solids: "Sequence[Manifold]") -> "Manifold":
    """The exact union."""
    import manifold3d

    return manifold3d.Manifold.batch_boolean(list(solids), manifold3d.OpType.Add)
