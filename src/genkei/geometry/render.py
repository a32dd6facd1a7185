"""Pictures of painted meshes for reports, benchmarks and examples: flat or softly lit, anti-aliased."""

import numpy as np
from jaxtyping import Float32, UInt8

from genkei.geometry.mesh import vertex_normals
from genkei.geometry.raster import corner_values, rasterise, sample
from genkei.types import Camera, Mesh

CLAY = (0.82, 0.80, 0.78)


def render(
    mesh: Mesh,
    uv: Float32[np.ndarray, "f 3 2"],
    texture: UInt8[np.ndarray, "th tw 3"],
    camera: Camera,
    size_px: int,
    light: float = 0.0,
) -> Float32[np.ndarray, "s s 4"]:
    """RGBA of the painted mesh, 2x2 samples a pixel; `light` 0 shows the flat paint, 1 full soft shading."""
    hits = rasterise(mesh.vertices, mesh.faces, camera, 2 * size_px, 2 * size_px)
    seen = hits.triangle >= 0
    rgba = np.zeros((*seen.shape, 4), np.float32)
    rgba[seen, :3] = sample(texture, corner_values(hits, uv)[seen]) / 255
    rgba[seen, 3] = 1
    if light > 0:
        normals = corner_values(hits, vertex_normals(mesh)[mesh.faces])[seen]
        rgba[seen, :3] *= 1 - light + light * _soft_light(normals, camera)[:, None]
    return halve(rgba)


def render_clay(mesh: Mesh, camera: Camera, size_px: int) -> Float32[np.ndarray, "s s 4"]:
    """RGBA of the bare shape in grey clay under a soft light from the upper left of the viewer."""
    hits = rasterise(mesh.vertices, mesh.faces, camera, 2 * size_px, 2 * size_px)
    seen = hits.triangle >= 0
    normals = corner_values(hits, vertex_normals(mesh)[mesh.faces])[seen]
    rgba = np.zeros((*seen.shape, 4), np.float32)
    rgba[seen, :3] = np.array(CLAY, np.float32) * _soft_light(normals, camera)[:, None]
    rgba[seen, 3] = 1
    return halve(rgba)


def _soft_light(normals: np.ndarray, camera: Camera) -> np.ndarray:
    """Wrapped diffuse light in 0.35..1 from over the viewer's left shoulder."""
    right, up, forward = camera.axes
    towards = -0.45 * right + 0.55 * up - 0.7 * forward
    towards = towards / np.linalg.norm(towards)
    length = np.maximum(np.linalg.norm(normals, axis=1), 1e-6)
    return (0.35 + 0.65 * np.clip((normals @ towards / length + 0.35) / 1.35, 0, 1)).astype(np.float32)


def halve(rgba: np.ndarray) -> np.ndarray:
    """Mean of 2x2 samples in premultiplied alpha, straight alpha again."""
    premultiplied = np.concatenate([rgba[..., :3] * rgba[..., 3:], rgba[..., 3:]], -1)
    rows = premultiplied[0::2] + premultiplied[1::2]
    mean = (rows[:, 0::2] + rows[:, 1::2]) / 4
    mean[..., :3] /= np.maximum(mean[..., 3:], 1e-6)
    return mean.astype(np.float32)
