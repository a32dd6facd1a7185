"""Which way a two-part mould opens: what is free along a pull, draft per face, and the cut that helps."""

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Float32

from genkei.figure.walls import spread
from genkei.geometry.mesh import area_vectors, corners, face_normals
from genkei.geometry.rays import Surface
from genkei.types import Mesh

GRAZE = math.sin(math.radians(0.5))
"""A face flatter to the pull is a vertical wall, which either half may own."""
LIFT_MM = 5e-3
"""Rays start this far outside the surface."""
GRAIN = {False: 0.01, True: 0.001}
"""Undercut shares nearer than this are equal to silicone (False), to steel (True)."""
STEEP_PRICE, DEPTH_PRICE = 0.1, 0.01
"""A share of area without draft weighs a tenth of the same undercut; a deep block a hundredth of it."""
SEED = 0


@dataclass(frozen=True)
class Probes:
    """Points just outside a surface, their outward normals, and the area each stands for."""

    points: Float32[np.ndarray, "n 3"]
    normals: Float32[np.ndarray, "n 3"]
    area: Float[np.ndarray, "n"]

    @staticmethod
    def of_faces(mesh: Mesh) -> "Probes":
        """One in the middle of every face."""
        normals = face_normals(mesh)
        area = np.linalg.norm(area_vectors(mesh), axis=1)
        return Probes((corners(mesh).mean(1) + LIFT_MM * normals).astype(np.float32), normals, area)

    @staticmethod
    def spread(mesh: Mesh, count: int) -> "Probes":
        """Stratified by area; the same for the same mesh."""
        area = np.linalg.norm(area_vectors(mesh), axis=1)
        face, points = spread(mesh, area, count, np.random.default_rng(SEED))
        normals = face_normals(mesh)[face]
        each = np.full(count, float(area.sum()) / count)
        return Probes((points + LIFT_MM * normals).astype(np.float32), normals, each)

    def share(self, chosen: Bool[np.ndarray, "n"]) -> float:
        """0..1 of the area."""
        return float(self.area[chosen].sum() / max(float(self.area.sum()), 1e-12))


@dataclass(frozen=True)
class Cut:
    """A plane that splits the part so that each piece can be pulled its own way."""

    normal: Float[np.ndarray, "3"]
    offset_mm: float
    """Points p with p @ normal = offset lie on it, in figure space."""
    share_after: float
    """Undercut share of both pieces together, 0..1 of the part's area."""

    @property
    def words(self) -> str:
        """How a person would say it."""
        named = {2: "a horizontal cut at z", 1: "a cut between front and back at y", 0: "a cut at x"}
        axis = int(np.abs(self.normal).argmax())
        if abs(self.normal[axis]) > 0.999:
            return f"{named[axis]} = {self.offset_mm * float(np.sign(self.normal[axis])):.0f} mm"
        tilt = ", ".join(f"{value:.2f}" for value in self.normal)
        return f"a plane across ({tilt}), {self.offset_mm:.0f} mm from the origin"


def half_directions(most: int) -> Float[np.ndarray, "n 3"]:
    """Unit vectors through whole-number points up to `most`, one of every opposite pair, the axes first.

    The set is the same after a mirror in x, y or z, so that mirrored parts get mirrored moulds.
    """
    axis = np.arange(-most, most + 1)
    grid = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), -1).reshape(-1, 3)
    first = np.where(grid[:, 2] != 0, grid[:, 2], np.where(grid[:, 1] != 0, -grid[:, 1], grid[:, 0]))
    grid = grid[(np.gcd.reduce(grid, axis=1) == 1) & (first > 0)]
    grid = grid[np.lexsort((*grid.T, (grid**2).sum(1)))]
    return grid / np.linalg.norm(grid, axis=1, keepdims=True)


def free_path(surface: Surface, probes: Probes, pull: Float[np.ndarray, "3"]) -> Float32[np.ndarray, "n"]:
    """How far the mould beside each probe slides along its half's way out before it meets the part.

    Faces that look along the pull go that way, others against it, vertical ones whichever is freer; inf is
    free. The first hit of a ray: exact for the mesh at the probe.
    """
    along = probes.normals.astype(np.float64) @ pull
    ways = np.where(along >= 0, 1.0, -1.0)[:, None] * pull
    _, distance = surface.first_hit(probes.points, ways)
    wall = np.flatnonzero((np.abs(along) < GRAZE) & np.isfinite(distance))
    if len(wall):
        _, other = surface.first_hit(probes.points[wall], -ways[wall])
        distance[wall] = np.maximum(distance[wall], other)
    return distance


def draft_angles(mesh: Mesh, pull: Float[np.ndarray, "3"]) -> Float32[np.ndarray, "f"]:
    """Degrees between each face and the pull: 0 a wall along it, 90 a face across it."""
    return np.degrees(np.arcsin(np.clip(np.abs(face_normals(mesh) @ pull), 0, 1))).astype(np.float32)


@dataclass(frozen=True)
class Search:
    """Every direction that was tried, and how free each probe was along it."""

    directions: Float[np.ndarray, "d 3"]
    probes: Probes
    free: Float32[np.ndarray, "d n"]

    @staticmethod
    def over(mesh: Mesh, surface: Surface, count: int, most: int = 3) -> "Search":
        probes, directions = Probes.spread(mesh, count), half_directions(most)
        return Search(directions, probes, np.stack([free_path(surface, probes, pull) for pull in directions]))

    @property
    def undercut(self) -> Float[np.ndarray, "d"]:
        """Share of the area that cannot leave, per direction."""
        return np.isfinite(self.free) @ self.probes.area / self.probes.area.sum()

    def best(self, mesh: Mesh, draft_deg: float = 0.0) -> Float[np.ndarray, "3"]:
        """Least undercut; between equals fewer walls under the draft, the flatter block, the axes."""
        steep = np.abs(self.directions @ self.probes.normals.T) < math.sin(math.radians(draft_deg))
        steep_share = steep @ self.probes.area / self.probes.area.sum()
        deep = np.ptp(mesh.vertices.astype(np.float64) @ self.directions.T, axis=0)
        grain = GRAIN[draft_deg > 0]
        price = (
            grain * np.floor(self.undercut / grain)
            + STEEP_PRICE * steep_share
            + DEPTH_PRICE * deep / deep.max()
        )
        return self.directions[int(np.argmin(np.round(price, 4)))]

    def helping_cut(self, most_probes: int = 2000, most_directions: int = 49) -> Cut:
        """The plane after which both pieces, each pulled its own best way, lock least.

        A ray that crosses the plane before it meets the part has left its piece: it is free.
        """
        thin = slice(None, None, max(1, len(self.probes.area) // most_probes))
        points = self.probes.points[thin].astype(np.float64)
        normals, area = self.probes.normals[thin].astype(np.float64), self.probes.area[thin]
        pulls, free = self.directions[:most_directions], self.free[:most_directions, thin]
        ways = np.where(pulls @ normals.T >= 0, 1.0, -1.0)
        best = Cut(np.array([0, 0, 1.0]), 0.0, math.inf)
        for normal in half_directions(1):
            height = points @ normal
            for offset in np.quantile(height, np.linspace(0.1, 0.9, 9)):
                speed = ways * (pulls @ normal)[:, None]
                with np.errstate(divide="ignore", invalid="ignore"):
                    crossing = (offset - height) / speed
                blocked = (free < np.where(crossing > 0, crossing, np.inf)) & np.isfinite(free)
                above = height > offset
                left = (blocked[:, above] @ area[above]).min() + (blocked[:, ~above] @ area[~above]).min()
                if left / area.sum() < best.share_after - 1e-9:
                    best = Cut(normal, float(offset), float(left / area.sum()))
        return best


__all__ = ["GRAZE", "Cut", "Probes", "Search", "draft_angles", "free_path", "half_directions"]
