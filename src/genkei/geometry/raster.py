"""A z-buffer rasteriser: triangle id, barycentrics and depth per pixel, orthographic or perspective."""

from dataclasses import dataclass
from typing import no_type_check

import numpy as np
from jaxtyping import Float, Float32, Int32, UInt8
from numba import njit, prange

from genkei.geometry.camera import project
from genkei.types import Camera


@dataclass(frozen=True)
class Hits:
    """What each pixel centre sees; `triangle` is -1 and depth inf where it sees nothing."""

    triangle: Int32[np.ndarray, "h w"]
    barycentric: Float32[np.ndarray, "h w 3"]
    depth: Float32[np.ndarray, "h w"]


def rasterise(
    vertices: Float32[np.ndarray, "v 3"],
    faces: Int32[np.ndarray, "f 3"],
    camera: Camera,
    height: int,
    width: int,
) -> Hits:
    """The nearest triangle under every pixel centre, from either side; depth in character heights.

    Barycentrics are linear on the picture: exact for orthographic cameras, and off by the perspective
    inside one triangle otherwise.
    """
    pixels = project(vertices.astype(np.float64), camera, height, width)
    triangle, barycentric, depth = _fill(pixels, np.ascontiguousarray(faces), height, width)
    return Hits(triangle, barycentric, depth)


@njit(parallel=True, cache=True)
@no_type_check  # the shape checker of the tests must not wrap what numba compiles
def _fill(pixels, faces, height, width):
    triangle = np.full((height, width), -1, np.int32)
    barycentric = np.zeros((height, width, 3), np.float32)
    depth = np.full((height, width), np.inf, np.float32)
    bands = 8
    for band in prange(bands):
        top, bottom = height * band // bands, height * (band + 1) // bands
        for f in range(faces.shape[0]):
            a, b, c = faces[f, 0], faces[f, 1], faces[f, 2]
            ax, ay, bx, by, cx, cy = (
                pixels[a, 0],
                pixels[a, 1],
                pixels[b, 0],
                pixels[b, 1],
                pixels[c, 0],
                pixels[c, 1],
            )
            y0 = max(int(np.floor(min(ay, by, cy) - 0.5)), top)
            y1 = min(int(np.ceil(max(ay, by, cy) - 0.5)) + 1, bottom)
            if y0 >= y1:
                continue
            x0 = max(int(np.floor(min(ax, bx, cx) - 0.5)), 0)
            x1 = min(int(np.ceil(max(ax, bx, cx) - 0.5)) + 1, width)
            area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
            if x0 >= x1 or area == 0:
                continue
            for y in range(y0, y1):
                py = y + 0.5
                for x in range(x0, x1):
                    px = x + 0.5
                    w1 = ((px - ax) * (cy - ay) - (py - ay) * (cx - ax)) / area
                    w2 = ((bx - ax) * (py - ay) - (by - ay) * (px - ax)) / area
                    w0 = 1.0 - w1 - w2
                    if w0 < 0 or w1 < 0 or w2 < 0:
                        continue
                    z = w0 * pixels[a, 2] + w1 * pixels[b, 2] + w2 * pixels[c, 2]
                    if z < depth[y, x]:
                        depth[y, x] = z
                        triangle[y, x] = f
                        barycentric[y, x, 0] = w0
                        barycentric[y, x, 1] = w1
                        barycentric[y, x, 2] = w2
    return triangle, barycentric, depth


def corner_values(hits: Hits, corners: Float[np.ndarray, "f 3 c"]) -> Float32[np.ndarray, "h w c"]:
    """Interpolate a per-corner quantity; 0 where nothing is seen."""
    seen = hits.triangle >= 0
    out = np.zeros((*seen.shape, corners.shape[2]), np.float32)
    out[seen] = np.einsum("nk,nkc->nc", hits.barycentric[seen], corners[hits.triangle[seen]])
    return out


def sample(
    texture: UInt8[np.ndarray, "th tw c"] | Float[np.ndarray, "th tw c"], uv: Float[np.ndarray, "n 2"]
) -> Float32[np.ndarray, "n c"]:
    """Bilinear texture look-up at uv in [0, 1]^2, (0, 0) the top left corner; edges are clamped."""
    height, width = texture.shape[:2]
    x = np.clip(uv[:, 0] * width - 0.5, 0, width - 1)
    y = np.clip(uv[:, 1] * height - 0.5, 0, height - 1)
    return _bilinear(texture, x, y)


@njit(cache=True)
@no_type_check
def _bilinear(texture, x, y):
    height, width, channels = texture.shape
    out = np.empty((len(x), channels), np.float32)
    for i in range(len(x)):
        x0, y0 = int(np.floor(x[i])), int(np.floor(y[i]))
        x1, y1 = min(x0 + 1, width - 1), min(y0 + 1, height - 1)
        fx, fy = np.float64(x[i]) - x0, np.float64(y[i]) - y0
        for k in range(channels):
            top = texture[y0, x0, k] * (1.0 - fx) + texture[y0, x1, k] * fx
            bottom = texture[y1, x0, k] * (1.0 - fx) + texture[y1, x1, k] * fx
            out[i, k] = top * (1.0 - fy) + bottom * fy
    return out


def sample_repeating(
    texture: UInt8[np.ndarray, "th tw 4"], uv: Float[np.ndarray, "n 2"]
) -> Float32[np.ndarray, "n 4"]:
    """Bilinear RGBA in [0, 1] of a texture that repeats; transparent texels lend no colour to neighbours."""
    height, width = texture.shape[:2]
    return _bilinear_repeating(texture, (uv[:, 0] % 1) * width - 0.5, (uv[:, 1] % 1) * height - 0.5)


@njit(cache=True)
@no_type_check
def _bilinear_repeating(texture, x, y):
    height, width = texture.shape[:2]
    out = np.empty((len(x), 4), np.float32)
    for i in range(len(x)):
        x0, y0 = int(np.floor(x[i])), int(np.floor(y[i]))
        fx, fy = np.float64(x[i]) - x0, np.float64(y[i]) - y0
        seen = r = g = b = plain_r = plain_g = plain_b = 0.0
        for dy in range(2):
            for dx in range(2):
                texel = texture[(y0 + dy) % height, (x0 + dx) % width]
                weight = (fy if dy else 1.0 - fy) * (fx if dx else 1.0 - fx)
                covered = weight * (texel[3] / 255)
                seen += covered
                r, g, b = (
                    r + covered * (texel[0] / 255),
                    g + covered * (texel[1] / 255),
                    b + covered * (texel[2] / 255),
                )
                plain_r += weight * (texel[0] / 255)
                plain_g += weight * (texel[1] / 255)
                plain_b += weight * (texel[2] / 255)
        if seen > 1e-4:
            plain_r, plain_g, plain_b = r / seen, g / seen, b / seen
        out[i, 0], out[i, 1], out[i, 2], out[i, 3] = plain_r, plain_g, plain_b, seen
    return out
