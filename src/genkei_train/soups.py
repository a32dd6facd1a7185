"""Character files as soups to draw and seal: in character space, without piled-up props and clear texels."""

import fnmatch
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from jaxtyping import Float32, Int64

from genkei.formats.glb import read
from genkei.formats.soup import Soup, concatenate, only, soup_colours
from genkei.geometry.mesh import area_vectors
from genkei.types import Mesh

RESOLUTION = 192
"""Voxels along the edge of the truth's cube."""
SAMPLES_PER_VOXEL = 5
"""Points along a voxel's edge: 25 on a face, or wide figures leak through pinholes."""
CHUNK = 2_000_000
PROPS = {"kaykit_*": ("1H_*", "2H_*", "Knife*", "Throwable", "Mug", "*Shield")}
"""Files that hold every weapon at once, in both hands and inside each other: these parts are left out."""


def props_note(name: str) -> tuple[str, ...]:
    return ("weapons left out",) if any(fnmatch.fnmatch(name, known) for known in PROPS) else ()


def character_soup(path: Path) -> Soup:
    """The model in character space, without piled-up props."""
    return to_character(without_props(read(path), path.stem))


def without_props(soup: Soup, name: str) -> Soup:
    """The soup without the weapons of files that hold all of them at once."""
    dropped = [p for known, parts in PROPS.items() if fnmatch.fnmatch(name, known) for p in parts]
    unwanted = [any(fnmatch.fnmatch(part.split("/")[0], p) for p in dropped) for part in soup.part_names]
    return only(soup, ~np.array(unwanted, bool)[soup.parts])


def visible_samples(
    soup: Soup, step: float, faces: np.ndarray | None = None
) -> Iterator[Float32[np.ndarray, "n 3"]]:
    """Points on the surface at most `step` apart, without those whose texel is transparent (alpha < .5)."""
    chosen = np.arange(len(soup.faces)) if faces is None else faces
    see_through = soup.shows_alpha
    for face, barycentric in face_grid(soup.vertices[soup.faces[chosen]], step):
        index = chosen[face]
        points = np.einsum("nk,nkc->nc", barycentric, soup.vertices[soup.faces[index]])
        doubtful = see_through[index]
        if doubtful.any():
            shown = np.ones(len(index), bool)
            shown[doubtful] = soup_colours(soup, index[doubtful], barycentric[doubtful])[:, 3] >= 128
            points = points[shown]
        yield points.astype(np.float32)


def face_grid(corners: np.ndarray, step: float) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Chunks of (face, barycentric [n, 3]): rows parallel to the longest edge, `step` or less apart."""
    lengths = np.linalg.norm(corners - np.roll(corners, -1, axis=1), axis=2)
    first = lengths.argmax(1)
    longest = lengths.max(1)
    area = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1)
    columns = np.maximum(np.ceil(longest / step), 1).astype(np.int64)
    rows = np.maximum(np.ceil(area / np.maximum(longest, 1e-12) / step), 1).astype(np.int64)
    count = columns * rows
    start = np.concatenate([[0], np.cumsum(count)])
    cut = 0
    while cut < len(count):
        end = max(cut + 1, int(np.searchsorted(start, start[cut] + CHUNK, side="right")) - 1)
        face = np.repeat(np.arange(cut, end), count[cut:end])
        within = np.arange(start[cut], start[end]) - start[face]
        apex = (within // columns[face] + 0.5) / rows[face]
        along = (within % columns[face] + 0.5) / columns[face] * (1 - apex)
        barycentric = np.empty((len(face), 3), np.float32)
        line = np.arange(len(face))
        barycentric[line, first[face]] = 1 - apex - along
        barycentric[line, (first[face] + 1) % 3] = along
        barycentric[line, (first[face] + 2) % 3] = apex
        yield face, barycentric
        cut = end


def to_character(soup: Soup) -> Soup:
    """The soup in character space: visible feet at y = 0, height 1, x and z centred on the visible box."""
    low, high = visible_bounds(soup)
    height = float(high[1] - low[1])
    if height <= 0:
        raise ValueError(f"{soup.source}: nothing visible has any height")
    origin = np.array([(low[0] + high[0]) / 2, low[1], (low[2] + high[2]) / 2], np.float32)
    return replace(
        soup,
        vertices=((soup.vertices - origin) / height).astype(np.float32),
        joint_positions=((soup.joint_positions - origin) / height).astype(np.float32),
        unit_mm=soup.unit_mm * height,
    )


def visible_bounds(soup: Soup) -> np.ndarray:
    """Opaque faces by their corners, see-through ones by their visible samples."""
    see_through = soup.shows_alpha
    low, high = np.full(3, np.inf), np.full(3, -np.inf)
    clouds = [soup.vertices[np.unique(soup.faces[~see_through])]]
    step = float(np.ptp(soup.bounds, axis=0).max()) / (RESOLUTION * SAMPLES_PER_VOXEL)
    for cloud in (*clouds, *visible_samples(soup, step, np.flatnonzero(see_through))):
        if len(cloud):
            low, high = np.minimum(low, cloud.min(0)), np.maximum(high, cloud.max(0))
    if not np.isfinite(low).all():
        raise ValueError(f"{soup.source}: nothing in it is visible")
    return np.stack([low, high])


def cut_out(soup: Soup, step: float = 1 / 1024) -> Soup:
    """An opaque soup: faces with clear texels are halved down to `step` and their clear pieces dropped."""
    doubtful = np.flatnonzero(soup.shows_alpha)
    clear, shown = np.zeros(len(soup.faces), bool), np.zeros(len(soup.faces), bool)
    shown[~soup.shows_alpha] = True
    for face, barycentric in face_grid(soup.vertices[soup.faces[doubtful]], step):
        index = doubtful[face]
        seen = soup_colours(soup, index, barycentric)[:, 3] >= 128
        shown[index[seen]] = True
        clear[index[~seen]] = True
    whole = only(soup, shown & ~clear)
    mixed = only(soup, shown & clear)
    return concatenate([whole, _shown_pieces(mixed, step)], soup.source) if len(mixed.faces) else whole


def _shown_pieces(soup: Soup, step: float) -> Soup:
    """Every face halved at its longest edge down to `step`; pieces whose middle is clear go."""
    parent = np.arange(len(soup.faces))
    barycentric = np.tile(np.eye(3, dtype=np.float32), (len(parent), 1, 1))
    small = []
    while len(parent):
        corners = barycentric @ soup.vertices[soup.faces[parent]]
        length = np.linalg.norm(corners - np.roll(corners, -1, axis=1), axis=2)
        done = length.max(1) <= step
        small.append((parent[done], barycentric[done]))
        parent, barycentric, first = parent[~done], barycentric[~done], length[~done].argmax(1)
        line = np.arange(len(parent))
        a, b, c = (barycentric[line, (first + k) % 3] for k in range(3))
        middle = (a + b) / 2
        barycentric = np.concatenate([np.stack([a, middle, c], 1), np.stack([middle, b, c], 1)])
        parent = np.concatenate([parent, parent])
    parent, barycentric = (np.concatenate(both) for both in zip(*small, strict=True))
    kept = soup_colours(soup, parent, barycentric.mean(1))[:, 3] >= 128
    parent, barycentric = parent[kept], barycentric[kept]
    colours = np.einsum("nkj,njc->nkc", barycentric, soup.colours[parent].astype(np.float32))
    return replace(
        soup,
        vertices=(barycentric @ soup.vertices[soup.faces[parent]]).reshape(-1, 3).astype(np.float32),
        faces=np.arange(3 * len(parent), dtype=np.int32).reshape(-1, 3),
        uv=(barycentric @ soup.uv[parent]).astype(np.float32),
        texture=soup.texture[parent],
        colours=np.round(colours).astype(np.uint8),
        parts=soup.parts[parent],
    )


def same_place(vertices: Float32[np.ndarray, "v 3"]) -> Int64[np.ndarray, "v"]:
    """A number per vertex, shared by those less than about 1/4096 height apart."""
    place = np.round(vertices * 4096).astype(np.int64)
    key = (place[:, 0] * (1 << 20) + place[:, 1]) * (1 << 20) + place[:, 2]
    return np.unique(key, return_inverse=True)[1].ravel()


def smooth_normals(soup: Soup) -> np.ndarray:
    """Area-weighted normals per corner over corners at the same place, whatever way their faces turn."""
    vectors = area_vectors(Mesh(soup.vertices, soup.faces)).astype(np.float32)
    index = same_place(soup.vertices)[soup.faces].ravel()
    each = np.repeat(vectors, 3, axis=0)
    total = np.stack([np.bincount(index, each[:, k]) for k in range(3)], 1)[index]
    total /= np.maximum(np.linalg.norm(total, axis=1, keepdims=True), 1e-20)
    return total.reshape(-1, 3, 3).astype(np.float32)
