"""The surface point under every texel of an atlas."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float32, Int32, Int64

from genkei.geometry.mesh import vertex_normals
from genkei.texture.unwrap import Atlas, texture_hits
from genkei.types import Mesh


@dataclass(frozen=True)
class Texels:
    """The n used texels of a square texture, row by row."""

    size: int
    index: Int64[np.ndarray, "n"]
    """Row * size + column."""
    vertices: Int32[np.ndarray, "n 3"]
    """Corners of the face a texel lies on."""
    barycentric: Float32[np.ndarray, "n 3"]

    def interpolate(self, values: Float[np.ndarray, "v c"]) -> Float32[np.ndarray, "n c"]:
        """A quantity of the vertices at every texel."""
        out = values[self.vertices[:, 0]].astype(np.float32) * self.barycentric[:, :1]
        for k in (1, 2):
            out += values[self.vertices[:, k]] * self.barycentric[:, k : k + 1]
        return out.astype(np.float32)

    def gather(
        self, values: Float[np.ndarray, "n c"], weight: Float[np.ndarray, "n"], count: int
    ) -> tuple[Float32[np.ndarray, "v c"], Float32[np.ndarray, "v"]]:
        """Weighted mean of the texels round each of `count` vertices, and the sum of the weights.

        A texel counts for a corner by the square of its barycentric coordinate: near texels rule.
        """
        total, sums = np.zeros(count), np.zeros((count, values.shape[1]))
        for k in range(3):
            share = weight * self.barycentric[:, k] ** 2
            total += np.bincount(self.vertices[:, k], share, count)
            for c in range(values.shape[1]):
                sums[:, c] += np.bincount(self.vertices[:, k], share * values[:, c], count)
        mean = sums / np.maximum(total, 1e-12)[:, None]
        return mean.astype(np.float32), total.astype(np.float32)

    def select(self, rows: np.ndarray) -> "Texels":
        return Texels(self.size, self.index[rows], self.vertices[rows], self.barycentric[rows])

    def positions(self, mesh: Mesh) -> Float32[np.ndarray, "n 3"]:
        return self.interpolate(mesh.vertices)

    def normals(self, mesh: Mesh) -> Float32[np.ndarray, "n 3"]:
        """Smooth unit normals."""
        normals = self.interpolate(vertex_normals(mesh))
        return normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-6)


def find_texels(mesh: Mesh, atlas: Atlas, size: int) -> Texels:
    """Every texel whose centre lies on a face; a face too small for that owns the texel under its middle."""
    hits = texture_hits(atlas.uv, np.zeros(atlas.uv.shape[:2], np.float32), size)
    triangle, barycentric = hits.triangle.ravel(), hits.barycentric.reshape(-1, 3)
    owns = np.zeros(len(mesh.faces), bool)
    owns[triangle[triangle >= 0]] = True
    small = np.flatnonzero(~owns)
    middle = np.clip((atlas.uv[small].mean(1) * size).astype(np.int64), 0, size - 1)
    place = middle[:, 1] * size + middle[:, 0]
    free = triangle[place] < 0
    triangle[place[free]] = small[free]
    barycentric[place[free]] = 1 / 3
    index = np.flatnonzero(triangle >= 0)
    return Texels(size, index, mesh.faces[triangle[index]], barycentric[index])
