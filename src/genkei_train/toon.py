"""Characters drawn as anime illustrations: two-tone cel shading, cast shadows, ink lines of varied width."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32

from genkei.geometry.mesh import vertex_normals
from genkei.geometry.raster import Hits, corner_values, rasterise, sample
from genkei.types import Camera, Character, Mesh


@dataclass(frozen=True)
class ToonStyle:
    light: tuple[float, float, float] = (-0.40, 0.62, 0.68)
    """Towards the light, in the viewer's frame: right, up, towards the viewer."""
    edge: float = 0.10
    """Cosine to the light below which a surface is in shade."""
    shade: tuple[float, float, float] = (0.80, 0.70, 0.79)
    """What shade multiplies the colours by."""
    skin_shade: tuple[float, float, float] = (0.955, 0.80, 0.77)
    """The same for skin, which shades warm."""
    shadow: float = 0.011
    """How far hair, chin and hems throw their shadow, in character heights; 0 for none."""
    line: float = 0.0021
    """Width of the outline in character heights; inner lines are thinner."""
    ink: tuple[float, float, float] = (0.20, 0.11, 0.15)
    tint: float = 0.30
    """How much of the paint's own hue inner lines take."""
    valley: float = 0.30
    """Sharpness of a fold above which it is inked; higher leaves folds out."""
    samples: int = 3
    """Samples a pixel along each side."""


def draw(
    character: Character, camera: Camera, size_px: int, style: ToonStyle | None = None
) -> Float32[np.ndarray, "s s 4"]:
    """RGBA on a transparent ground, straight alpha; `camera` orthographic."""
    style = style or ToonStyle()
    side = size_px * style.samples
    mesh = character.mesh
    hits, window = _window(rasterise(mesh.vertices, mesh.faces, camera, side, side), 4 * style.samples)
    seen = hits.triangle >= 0
    per_px = camera.span / side
    paint = np.zeros((*seen.shape, 3), np.float32)
    paint[seen] = sample(character.texture, corner_values(hits, character.uv)[seen]) / 255
    labels = _labels(character, hits)
    shaded = _shaded(character, hits, camera, labels, per_px, style)
    skin = np.isin(labels, [character.part_names.index(n) for n in ("face", "skin")])
    factor = np.where(skin[..., None], style.skin_shade, style.shade)
    lit = paint * (1 - shaded[..., None] * (1 - factor))
    ink = _ink(character, hits, labels, per_px, style)
    colour = np.asarray(style.ink) * (1 - style.tint) + style.tint * lit * 0.55
    inner = lit * (1 - ink[..., None]) + colour * ink[..., None]
    rgba = np.zeros((side, side, 4), np.float32)
    rgba[window][..., :3] = np.where(seen[..., None], inner, style.ink)
    rgba[window][..., 3] = _grow(seen, style.line / per_px * 0.6)
    return _shrink(rgba, style.samples)


def _window(hits: Hits, margin: int) -> tuple[Hits, tuple[slice, slice]]:
    """Only the part of the picture that shows something, and where it lies."""
    seen = hits.triangle >= 0
    rows, columns = np.flatnonzero(seen.any(1)), np.flatnonzero(seen.any(0))
    if not len(rows):
        raise ValueError(
            "the camera sees nothing of the character; widen its span or turn it towards the origin"
        )
    window = (
        slice(max(rows[0] - margin, 0), rows[-1] + 1 + margin),
        slice(max(columns[0] - margin, 0), columns[-1] + 1 + margin),
    )
    return Hits(hits.triangle[window], hits.barycentric[window], hits.depth[window]), window


def on_ground(rgba: Float32[np.ndarray, "h w 4"], ground: np.ndarray) -> Float32[np.ndarray, "h w 4"]:
    """The drawing laid on a colour (3,) or a picture (h, w, 3)."""
    alpha = rgba[..., 3:]
    mixed = rgba[..., :3] * alpha + np.asarray(ground, np.float32) * (1 - alpha)
    return np.concatenate([mixed, np.ones_like(alpha)], -1).astype(np.float32)


def _labels(character: Character, hits: Hits) -> np.ndarray:
    """Part per sample, from part shares smoothed over the mesh, so that borders are curves, not stairs."""
    mesh, count = character.mesh, len(character.part_names)
    share = np.zeros((len(mesh.vertices), count), np.float32)
    for part in range(count):
        share[:, part] = np.bincount(
            mesh.faces.ravel(), np.repeat(character.parts == part, 3), len(mesh.vertices)
        )
    share /= np.maximum(share.sum(1, keepdims=True), 1)
    labels = np.full(hits.triangle.shape, -1, np.int8)
    seen = hits.triangle >= 0
    best = np.full(int(seen.sum()), -1.0, np.float32)
    chosen = np.zeros(len(best), np.int8)
    for part in range(count):
        value = np.einsum("nk,nk->n", hits.barycentric[seen], share[mesh.faces[hits.triangle[seen]], part])
        chosen[value > best] = part
        best = np.maximum(best, value)
    labels[seen] = chosen
    return labels


def _shaded(
    character: Character, hits: Hits, camera: Camera, labels: np.ndarray, per_px: float, style: ToonStyle
) -> np.ndarray:
    """1 in form shadow or cast shadow; the face takes cast shadow only, as illustrators leave it flat."""
    normals = corner_values(hits, _calm_normals(character.mesh)[character.mesh.faces])
    right, up, forward = camera.axes
    light = np.asarray(style.light) / np.linalg.norm(style.light)
    towards = light[0] * right + light[1] * up - light[2] * forward
    form = (normals @ towards.astype(np.float32)) < style.edge
    form &= labels != character.part_names.index("face")
    reach = style.shadow / per_px
    depth = np.where(hits.triangle >= 0, hits.depth, 9).astype(np.float32)
    cast = np.zeros_like(form)
    for share in (0.35, 0.7, 1.0):
        dx, dy = round(light[0] * reach * share), round(-light[1] * reach * share)
        nearer = np.roll(depth, (-dy, -dx), (0, 1))
        cast |= nearer < depth - 0.006 - 0.004 * share
    shade = (form | cast) & (hits.triangle >= 0)
    speck = (0.008 / per_px) ** 2
    return (~_without_specks(~_without_specks(shade, speck), speck)).astype(np.float32)


def _ink(character: Character, hits: Hits, labels: np.ndarray, per_px: float, style: ToonStyle) -> np.ndarray:
    """Inner lines: jumps in depth, borders of parts, valleys of the surface."""
    depth = np.where(hits.triangle >= 0, hits.depth, np.nan)
    jump = np.zeros(depth.shape, bool)
    part = np.zeros(depth.shape, bool)
    for axis in (0, 1):
        ahead, behind = np.roll(depth, -1, axis), np.roll(depth, 1, axis)
        jump |= np.nan_to_num(np.abs(ahead + behind - 2 * depth), nan=0) > 0.007
        other = np.roll(labels, -1, axis)
        part |= (other != labels) & (other >= 0) & (labels >= 0)
    fold = corner_values(hits, valley(character.mesh)[character.mesh.faces][..., None])[..., 0]
    px = style.line / per_px
    crease = _without_specks((fold > style.valley) & (hits.triangle >= 0), 36 * px * px)
    thin = np.clip(_grow(part, px * 0.16), 0, 1) * 0.75
    strong = _grow(jump, px * 0.30)
    return np.maximum(np.maximum(thin, strong), crease * 0.8).astype(np.float32)


def valley(mesh: Mesh) -> Float32[np.ndarray, "v"]:
    """How sharply the surface folds inward at each vertex, in edge lengths: 0 if flat, negative on ridges."""
    mean = _neighbour_mean(mesh)
    offset = mean @ mesh.vertices.astype(np.float64) - mesh.vertices
    raw = (offset * vertex_normals(mesh)).sum(1)
    edge = np.linalg.norm(mesh.vertices[mesh.faces[:, 0]] - mesh.vertices[mesh.faces[:, 1]], axis=1).mean()
    return ((0.5 * raw + 0.5 * (mean @ raw)) / edge).astype(np.float32)


def _calm_normals(mesh: Mesh, rounds: int = 5) -> np.ndarray:
    """Vertex normals averaged with their neighbours, so that the edge of a shade is a drawn curve."""
    mean, normals = _neighbour_mean(mesh), vertex_normals(mesh).astype(np.float64)
    for _ in range(rounds):
        normals = mean @ normals
    return (normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-9)).astype(np.float32)


def _neighbour_mean(mesh: Mesh):
    """Sparse (v, v): row i averages the neighbours of vertex i."""
    from scipy.sparse import coo_array, diags_array

    n = len(mesh.vertices)
    a, b = mesh.faces.ravel(), np.roll(mesh.faces, 1, axis=1).ravel()
    graph = coo_array((np.ones(len(a)), (a, b)), shape=(n, n)).tocsr()
    graph = graph + graph.T
    return diags_array(1 / np.asarray(graph.sum(1)).ravel()) @ graph


def _without_specks(mask: np.ndarray, least_px: float) -> np.ndarray:
    """The mask without connected bits smaller than `least_px` samples."""
    from scipy.ndimage import label

    number = np.empty(mask.shape, np.int32)
    label(mask, np.ones((3, 3)), output=number)
    size = np.bincount(number.ravel())
    size[0] = 0
    return (size >= least_px)[number]


def _grow(mask: np.ndarray, radius_px: float) -> np.ndarray:
    """The mask and everything within `radius_px` of it, as float."""
    grown = mask.copy()
    reach = int(radius_px)
    for dy in range(-reach, reach + 1):
        dx = int(np.sqrt(max(radius_px**2 - dy**2, 0)))
        wide = mask.copy()
        for step in range(1, dx + 1):
            wide[:, step:] |= mask[:, :-step]
            wide[:, :-step] |= mask[:, step:]
        rows = np.roll(wide, dy, 0)
        grown |= rows
    return grown.astype(np.float32)


def _shrink(rgba: np.ndarray, samples: int) -> np.ndarray:
    """Mean over samples x samples blocks in premultiplied alpha, straight alpha again."""
    side = rgba.shape[0] // samples
    premultiplied = np.concatenate([rgba[..., :3] * rgba[..., 3:], rgba[..., 3:]], -1)
    mean = premultiplied.reshape(side, samples, side, samples, 4).mean((1, 3))
    mean[..., :3] /= np.maximum(mean[..., 3:], 1e-6)
    return np.clip(mean, 0, 1).astype(np.float32)
