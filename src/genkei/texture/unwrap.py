"""Mesh to atlas: where on the square texture every face lies. Two backends with one contract."""

import subprocess
import sys
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from jaxtyping import Float32, Int32

from genkei.texture import charts
from genkei.texture.pack import pack
from genkei.types import Camera, Mesh, View


@dataclass(frozen=True)
class Atlas:
    """Charts on the unit square that do not overlap."""

    uv: Float32[np.ndarray, "f 3 2"]
    """Per corner; (0, 0) is the top left corner of the texture."""
    chart: Int32[np.ndarray, "f"]
    method: str
    """`projective` or `xatlas`: what really made it."""
    note: str = ""
    """Why another method than the asked one was used; empty when it was not."""


@dataclass(frozen=True)
class Projective:
    """Charts seen straight on from the views' directions, top and bottom: a second for 50k triangles."""

    gutter_px: int = 4
    """Texels between charts; fewer bleed in mipmaps, more waste texture."""
    portrait_scale: float = 1.7
    """Texel density of the front of the head against the rest; 1 = the same."""

    def __call__(self, mesh: Mesh, views: tuple[View, ...], size: int) -> Atlas:
        """ValueError when the charts cannot fit into `size` texels."""
        towards = charts.directions(views)
        pairs = charts.neighbours(mesh.faces)
        label = charts.choose_directions(mesh, pairs, towards)
        plane, depth = charts.flatten(mesh, towards, label)
        close = charts.portrait(mesh, label, front=0)
        plane = plane * np.where(close, np.float32(self.portrait_scale), np.float32(1))[:, None, None]
        key = label + len(towards) * close.astype(np.int32)
        while True:
            chart = charts.pieces(pairs, key)
            uv = pack(plane, chart, size, self.gutter_px)
            folded = hidden_faces(uv, depth, size)
            if not len(folded):
                return Atlas(uv, chart, "projective")
            key[folded] += 2 * len(towards)  # the next layer behind: a chart of its own


def hidden_faces(
    uv: Float32[np.ndarray, "f 3 2"], depth: Float32[np.ndarray, "f 3"], size: int
) -> Int32[np.ndarray, "n"]:
    """Faces that lie on the texture under another face of their chart, farther from its viewer."""
    near = texture_hits(uv, depth, size)
    far = texture_hits(uv, -depth, size)
    # Two faces meet at the same depth along their common edge; a fold is deeper than a ten-thousandth.
    double = (near.triangle != far.triangle) & (-far.depth - near.depth > 1e-4)
    return np.unique(far.triangle[double])


def texture_hits(uv: Float32[np.ndarray, "f 3 2"], depth: Float32[np.ndarray, "f 3"], size: int):
    """`raster.Hits` of the faces spread on the texture: which face owns which texel."""
    from genkei.geometry.raster import rasterise

    flat = Camera(np.array([[2, 0, 0, -1], [0, -2, 0, 1], [0, 0, 1, 0], [0, 0, 0, 1]], np.float32))
    points = np.concatenate([uv, depth[..., None]], -1).reshape(-1, 3)
    faces = np.arange(len(points), dtype=np.int32).reshape(-1, 3)
    return rasterise(points, faces, flat, size, size)


@dataclass(frozen=True)
class Xatlas:
    """xatlas in a process of its own: fewer stretched texels, but slow, and without end on some meshes."""

    limit_s: float = 20.0
    """Wall seconds after which the process is ended and the projective atlas is used."""
    max_faces: int = 60_000
    """Larger meshes go to the projective atlas at once: xatlas grows worse than linearly."""
    gutter_px: int = 4

    def __call__(self, mesh: Mesh, views: tuple[View, ...], size: int) -> Atlas:
        """Falls back to `Projective`, and says so in `note`; that it fits depends on the machine's speed."""
        if len(mesh.faces) > self.max_faces:
            reason = f"the mesh has {len(mesh.faces)} triangles, xatlas takes at most {self.max_faces}"
        else:
            uv, reason = self._unwrap(mesh, size)
            if uv is not None:
                return Atlas(uv, charts.pieces(_joined(mesh, uv), np.zeros(len(uv), np.int32)), "xatlas")
        return replace(Projective(self.gutter_px)(mesh, views, size), note=reason)

    def _unwrap(self, mesh: Mesh, size: int) -> tuple[np.ndarray | None, str]:
        with tempfile.TemporaryDirectory(prefix="genkei-") as name:
            source, result = Path(name) / "mesh.npz", Path(name) / "uv.npy"
            np.savez(source, vertices=mesh.vertices, faces=mesh.faces, size=size, gutter=self.gutter_px)
            command = [sys.executable, "-m", "genkei.texture.xatlas_worker", str(source), str(result)]
            try:
                done = subprocess.run(command, timeout=self.limit_s, capture_output=True, check=False)
            except subprocess.TimeoutExpired:
                return None, f"xatlas was not ready after {self.limit_s:g} s"
            if done.returncode != 0 or not result.exists():
                return None, f"xatlas ended with code {done.returncode}"
            uv = np.load(result)
        if uv.shape != (len(mesh.faces), 3, 2) or not np.isfinite(uv).all():
            return None, "xatlas returned no usable atlas"
        return np.clip(uv, 0, 1).astype(np.float32), ""


def _joined(mesh: Mesh, uv: np.ndarray) -> np.ndarray:
    """Pairs of faces that share an edge on the texture too."""
    key = np.concatenate([mesh.faces[..., None].astype(np.float32), uv], -1).reshape(-1, 3)
    _, inverse = np.unique(key, axis=0, return_inverse=True)
    return charts.neighbours(inverse.reshape(-1, 3).astype(np.int32))


Unwrap = Projective | Xatlas
