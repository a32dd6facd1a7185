"""Few colours with sharp borders: triangles that a colour border crosses are cut before they are coloured."""

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Float32, Int, UInt8

from genkei.figure.palette import Palette, apply_colours, nearest_colours
from genkei.types import Figure, Mesh, Part

BORDER_MM = 0.4
"""A border is at most this jagged: the width of one line of an FDM nozzle."""
MOST_TRIANGLES = 600_000
ROUNDS = 8
_CORNERWARD = [[8, 1, 1], [1, 8, 1], [1, 1, 8], [5, 5, 1], [1, 5, 5], [5, 1, 5], [4, 4, 4]]
_PROBES = np.array(_CORNERWARD, np.float32) / np.sum(_CORNERWARD, 1, keepdims=True, dtype=np.float32)


@dataclass(frozen=True)
class Coloured:
    """A figure whose triangles each have one colour; the same solid, cut finer along colour borders."""

    figure: Figure
    palette: Palette


def sharpen(
    figure: Figure, palette: Palette, border_mm: float = BORDER_MM, most_triangles: int = MOST_TRIANGLES
) -> Coloured:
    """The figure cut along the borders of the palette's colours, and each new triangle's colour.

    Cutting happens in the plane of each triangle, so the solid is unchanged; it stops before there are more
    than `most_triangles`. ValueError for a border width that is not above 0.
    """
    if not border_mm > 0:
        raise ValueError(f"colour borders of {border_mm:g} mm were asked for; wanted more than 0")
    room = max(most_triangles - sum(len(part.mesh.faces) for part in figure.parts), 0)
    parts = []
    for part in figure.parts:
        refined = refine(part, figure.texture, palette.colours, border_mm, len(part.mesh.faces) + room)
        room -= len(refined.mesh.faces) - len(part.mesh.faces)
        parts.append(refined)
    cut = replace(figure, parts=tuple(parts))
    return Coloured(cut, apply_colours(cut, palette.colours))


def refine(
    part: Part,
    texture: UInt8[np.ndarray, "th tw 3"],
    colours: UInt8[np.ndarray, "n 3"],
    border_mm: float,
    most_triangles: int,
) -> Part:
    """The part with every triangle of more than one colour cut until its edges are `border_mm` or shorter."""
    mesh, uv = part.mesh, part.uv
    mixed = np.zeros(0, bool)  # of the leading faces, which the last round left as they were
    for _ in range(ROUNDS):
        long = _long_edges(mesh, border_mm)
        asked = np.flatnonzero(long[len(mixed) :].any(1)) + len(mixed)
        mixed = np.concatenate([mixed, np.zeros(len(long) - len(mixed), bool)])
        mixed[asked] = _mixed(uv[asked], texture, colours)
        marked = long & mixed[:, None]
        added = 2 * int(marked.sum())  # a marked edge cuts at most the two faces beside it
        if not added or len(mesh.faces) + added > most_triangles:
            break
        mesh, uv, kept = _subdivided(mesh, uv, marked)
        mixed = mixed[kept]
    return Part(part.name, mesh, uv)


def _mixed(uv: np.ndarray, texture: np.ndarray, colours: np.ndarray) -> Bool[np.ndarray, "f"]:
    """Faces whose probes are nearest to more than one colour."""
    from genkei.geometry.raster import sample

    points = np.einsum("pk,fkc->fpc", _PROBES, uv).reshape(-1, 2)
    label = nearest_colours(sample(texture, points) / 255, colours / 255).reshape(len(uv), len(_PROBES))
    return (label != label[:, :1]).any(1)


def _long_edges(mesh: Mesh, limit: float) -> Bool[np.ndarray, "f 3"]:
    """Edges 01, 12, 20 longer than the limit."""
    ends = mesh.vertices[mesh.faces]
    return np.linalg.norm(ends - np.roll(ends, -1, axis=1), axis=2) > limit


def subdivide(
    mesh: Mesh, uv: Float32[np.ndarray, "f 3 2"], marked: Bool[np.ndarray, "f 3"]
) -> tuple[Mesh, Float32[np.ndarray, "f2 3 2"]]:
    """Cut every marked edge (01, 12, 20) in the middle, in both faces beside it: the mesh stays closed.

    A face with one, two or three cut edges becomes two, three or four; positions and uv are linear.
    """
    return _subdivided(mesh, uv, marked)[:2]


def _subdivided(
    mesh: Mesh, uv: Float32[np.ndarray, "f 3 2"], marked: Bool[np.ndarray, "f 3"]
) -> tuple[Mesh, Float32[np.ndarray, "f2 3 2"], Int[np.ndarray, "k"]]:
    """`subdivide`, and the numbers of the faces that stayed whole: they come first, in their order."""
    key, count = _edge_keys(mesh.faces)
    cut_keys = np.unique(key[marked])
    cut = np.isin(key, cut_keys)
    number = np.searchsorted(cut_keys, key)
    ends = np.stack([cut_keys // count, cut_keys % count], 1)
    middle = mesh.vertices.astype(np.float64)[ends].mean(1).astype(np.float32)
    vertices = np.concatenate([mesh.vertices, middle])
    midpoint = len(mesh.vertices) + number
    uv_middle = (uv + np.roll(uv, -1, axis=1)) / 2
    corner_faces = np.concatenate([mesh.faces, midpoint], 1)
    corner_uv = np.concatenate([uv, uv_middle], 1)
    pieces, piece_uv = [], []
    for pattern, triangles in _TEMPLATES.items():
        chosen = (cut == np.array(pattern)).all(1)
        for triangle in triangles:
            pieces.append(corner_faces[chosen][:, triangle])
            piece_uv.append(corner_uv[chosen][:, triangle])
    faces = np.concatenate(pieces).astype(np.int32)
    return Mesh(vertices, faces), np.concatenate(piece_uv).astype(np.float32), np.flatnonzero(~cut.any(1))


def _edge_keys(faces: np.ndarray) -> tuple[np.ndarray, int]:
    """One number per undirected edge 01, 12, 20 of every face."""
    count = int(faces.max()) + 1
    ends = np.sort(np.stack([faces, np.roll(faces, -1, axis=1)], 2).astype(np.int64), axis=2)
    return ends[..., 0] * count + ends[..., 1], count


def _templates() -> dict[tuple[bool, bool, bool], list[list[int]]]:
    """Corners 0-2 and middles 3 (of 01), 4 (of 12), 5 (of 20), for every set of cut edges."""
    one = [[0, 3, 2], [3, 1, 2]]
    two = [[3, 1, 4], [0, 3, 4], [0, 4, 2]]
    table = {
        (False, False, False): [[0, 1, 2]],
        (True, True, True): [[0, 3, 5], [3, 1, 4], [5, 4, 2], [3, 4, 5]],
    }
    for turn in range(3):
        turned = lambda k, t=turn: (k + t) % 3 if k < 3 else 3 + (k - 3 + t) % 3  # noqa: E731
        first, second = turn, (turn + 1) % 3
        single = (first == 0, first == 1, first == 2)
        double = (0 in (first, second), 1 in (first, second), 2 in (first, second))
        table[single] = [[turned(k) for k in triangle] for triangle in one]
        table[double] = [[turned(k) for k in triangle] for triangle in two]
    return table


_TEMPLATES = _templates()


__all__ = ["BORDER_MM", "Coloured", "refine", "sharpen", "subdivide"]
