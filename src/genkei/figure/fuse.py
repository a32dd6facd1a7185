"""Solids that lie flush against each other made one."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from genkei.figure.contact import lies_on
from genkei.figure.union import Painted, from_solid, to_solid, unite
from genkei.geometry.mesh import area_vectors, corners
from genkei.types import Mesh, Part

if TYPE_CHECKING:
    from manifold3d import Manifold

OVERLAP_MM = 0.004
"""Flush surfaces that were rounded to float32 miss each other by a hundredth of this: their union would be
two shells that nearly touch. So a piece reaches this far into what it lies on."""
NEAR_MM = 0.1


def fused(part: Part, pieces: "Sequence[Manifold]") -> Part:
    """The part with pieces grown on where they lie against it; the same part when there are none."""
    if not pieces:
        return part
    body = to_solid(Painted(part.mesh, part.uv))
    painted = from_solid(unite([body, *(reaching(piece, part.mesh) for piece in pieces)]))
    return Part(part.name, painted.mesh, painted.uv)


def reaching(piece: "Manifold", body: Mesh) -> "Manifold":
    """The piece, its surfaces that lie on the body's moved a hair into it."""
    painted = from_solid(piece)
    mesh, skin = painted.mesh, corners(body)
    low, high = mesh.vertices.min(0) - NEAR_MM, mesh.vertices.max(0) + NEAR_MM
    near = skin[((skin.max(1) >= low) & (skin.min(1) <= high)).all(1)]
    on = lies_on(corners(mesh), near, facing=True)
    vectors, index = np.repeat(area_vectors(mesh)[on], 3, axis=0), mesh.faces[on].ravel()
    count = len(mesh.vertices)
    inward = np.stack([np.bincount(index, vectors[:, k], count) for k in range(3)], 1)
    length = np.linalg.norm(inward, axis=1, keepdims=True)
    moved = mesh.vertices + OVERLAP_MM * inward / np.where(length > 0, length, 1)
    return to_solid(Painted(Mesh(moved.astype(np.float32), mesh.faces), painted.uv))


__all__ = ["fused", "reaching"]
