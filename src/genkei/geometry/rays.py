"""Rays against a mesh, by embree: the first face they meet, and how often they cross the surface."""

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Bool, Float, Float32, Int

from genkei.geometry.mesh import face_normals
from genkei.types import Mesh

if TYPE_CHECKING:
    from embreex.rtcore_scene import EmbreeScene  # type: ignore[attr-defined]  # compiled, no stubs

GRAIN_MM = 1e-4
"""A ray that is followed through the surface goes on this far behind it: the rounding of its hit is less."""
MOST_CROSSINGS = 64


def first_hit(
    mesh: Mesh, starts: Float[np.ndarray, "n 3"], directions: Float[np.ndarray, "n 3"]
) -> tuple[Int[np.ndarray, "n"], Float32[np.ndarray, "n"]]:
    """Face and distance each ray meets first (embree); -1 and inf where it meets nothing."""
    return Surface(mesh).first_hit(starts, directions)


class Surface:
    """A mesh as embree keeps it, for more than one set of rays; made when the first of them asks."""

    def __init__(self, mesh: Mesh) -> None:
        self.mesh = mesh

    @cached_property
    def _scene(self) -> "EmbreeScene":
        from embreex.mesh_construction import TriangleMesh
        from embreex.rtcore_scene import EmbreeScene  # type: ignore[attr-defined]  # compiled, no stubs

        scene = EmbreeScene()
        points = np.ascontiguousarray(self.mesh.vertices)
        faces = np.ascontiguousarray(self.mesh.faces, np.int32)
        self._keep = TriangleMesh(scene, points, faces)  # its buffers must live as long as the scene
        return scene

    @cached_property
    def normals(self) -> Float32[np.ndarray, "f 3"]:
        """Outward unit normals of its faces."""
        return face_normals(self.mesh)

    def first_hit(
        self, starts: Float[np.ndarray, "n 3"], directions: Float[np.ndarray, "n 3"]
    ) -> tuple[Int[np.ndarray, "n"], Float32[np.ndarray, "n"]]:
        """Face and distance each ray meets first; -1 and inf where it meets nothing."""
        hits = self._scene.run(
            np.ascontiguousarray(starts, np.float32),
            np.ascontiguousarray(directions, np.float32),
            output=True,
        )
        face = hits["primID"].astype(np.int64)
        return face, np.where(face >= 0, hits["tfar"], np.inf).astype(np.float32)

    def crossings(
        self, starts: Float[np.ndarray, "n 3"], directions: Float[np.ndarray, "n 3"]
    ) -> Int[np.ndarray, "n"]:
        """How often each ray leaves through a back more than it enters through a front.

        For a closed mesh this is the winding number of the start, but for the few rays that graze an edge.
        """
        count, going = np.zeros(len(starts), np.int64), np.arange(len(starts))
        points = starts.astype(np.float64)
        for _ in range(MOST_CROSSINGS):
            face, distance = self.first_hit(points, directions[going])
            hit = face >= 0
            going, along = going[hit], directions[going[hit]]
            if not len(going):
                break
            count[going] += np.where(np.einsum("nk,nk->n", self.normals[face[hit]], along) > 0, 1, -1)
            points = points[hit] + along * (distance[hit] + GRAIN_MM)[:, None]
        return count


def surface_of(mesh: Mesh | Surface) -> Surface:
    """The surface of a mesh; of one that is known already, itself."""
    return mesh if isinstance(mesh, Surface) else Surface(mesh)


class Surfaces:
    """Surfaces by their mesh: to make one takes longer than most rays."""

    def __init__(self) -> None:
        self._made: dict[int, Surface] = {}

    def of(self, mesh: Mesh) -> Surface:
        """The surface of this very mesh, which it keeps: no other can take its number."""
        if id(mesh) not in self._made:
            self._made[id(mesh)] = Surface(mesh)
        return self._made[id(mesh)]


def meets_any(
    surfaces: Sequence[Surface], starts: Float[np.ndarray, "n 3"], directions: Float[np.ndarray, "n 3"]
) -> Bool[np.ndarray, "n"]:
    """Which rays meet one of the surfaces: as one surface of all of them would tell."""
    met = np.zeros(len(starts), bool)
    for surface in surfaces:
        going = np.flatnonzero(~met)
        if len(going):
            met[going] = surface.first_hit(starts[going], directions[going])[0] >= 0
    return met
