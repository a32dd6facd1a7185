"""Few colours with sharp borders: triangles that a colour border crosses are cut before they are coloured."""

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Float32, Int, UInt8

from genkei.figure.palette import Palette, apply_colours, nearest_colours
from genkei.geometry.mesh import edge_keys
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
    settled = 0  # leading faces that need no cut: of one colour, or short
    for _ in range(ROUNDS):
        marked = np.zeros((len(mesh.faces), 3), bool)
        marked[settled:] = _long_edges(mesh.vertices[mesh.faces[settled:]], border_mm)
        asked = settled + np.flatnonzero(_some(marked[settled:]))
        marked[asked] &= _mixed(uv[asked], texture, colours)[:, None]
        added = 2 * int(marked.sum())  # a marked edge cuts at most the two faces beside it
        if not added or len(mesh.faces) + added > most_triangles:
            break
        mesh, uv, settled = _subdivided(mesh, uv, marked)
    return Part(part.name, mesh, uv)


def _mixed(uv: np.ndarray, texture: np.ndarray, colours: np.ndarray) -> Bool[np.ndarray, "f"]:
    """Faces whose probes are nearest to more than one colour."""
    from genkei.geometry.raster import sample

    points = (_PROBES @ uv).reshape(-1, 2)
    rgb = sample(texture, points).reshape(len(uv), 3 * len(_PROBES))
    mixed = (rgb[:, 3:] != rgb[:, :-3]).any(1)
    probes = rgb[mixed].reshape(-1, len(_PROBES), 3) / 255
    label = nearest_colours(probes, colours / 255)
    mixed[mixed] = (label != label[:, :1]).any(1)
    return mixed


def _long_edges(ends: Float32[np.ndarray, "f 3 3"], limit: float) -> Bool[np.ndarray, "f 3"]:
    """Edges 01, 12, 20 of triangles longer than the limit."""
    return np.linalg.norm(ends - np.roll(ends, -1, axis=1), axis=2) > limit


def _some(edges: Bool[np.ndarray, "f 3"]) -> Bool[np.ndarray, "f"]:
    """`any(1)`, which numpy does row by row."""
    return edges[:, 0] | edges[:, 1] | edges[:, 2]


def subdivide(
    mesh: Mesh, uv: Float32[np.ndarray, "f 3 2"], marked: Bool[np.ndarray, "f 3"]
) -> tuple[Mesh, Float32[np.ndarray, "f2 3 2"]]:
    """Cut every marked edge (01, 12, 20) in the middle, in both faces beside it: the mesh stays closed.

    A face with one, two or three cut edges becomes two, three or four; positions and uv are linear.
    """
    return _subdivided(mesh, uv, marked)[:2]


def _subdivided(
    mesh: Mesh, uv: Float32[np.ndarray, "f 3 2"], marked: Bool[np.ndarray, "f 3"]
) -> tuple[Mesh, Float32[np.ndarray, "f2 3 2"], int]:
    """`subdivide`, and how many faces stayed whole: they come first, in their order."""
    count = len(mesh.vertices)
    chosen = np.flatnonzero(_some(marked))
    split = np.sort(edge_keys(mesh.faces[chosen], count)[marked[chosen]])
    split = split[np.diff(split, prepend=-1) > 0]
    first, second = split // count, split % count
    middle = (mesh.vertices[first].astype(np.float64) + mesh.vertices[second]) / 2
    vertices = np.concatenate([mesh.vertices, middle.astype(np.float32)])
    touched, cut, midpoint = _touched(mesh, split)
    whole = np.ones(len(mesh.faces), bool)
    whole[touched] = False
    corner_uv = np.concatenate([uv[touched], (uv[touched] + np.roll(uv[touched], -1, axis=1)) / 2], 1)
    corner_faces = np.concatenate([mesh.faces[touched], midpoint], 1)
    pieces, piece_uv = [mesh.faces[whole]], [uv[whole]]
    for pattern, triangles in _TEMPLATES.items():
        like = np.flatnonzero((cut == np.array(pattern)).all(1))
        for triangle in triangles:
            pieces.append(corner_faces[like][:, triangle])
            piece_uv.append(corner_uv[like][:, triangle])
    faces = np.concatenate(pieces).astype(np.int32)
    return Mesh(vertices, faces), np.concatenate(piece_uv).astype(np.float32), len(pieces[0])


def _touched(
    mesh: Mesh, split: Int[np.ndarray, "s"]
) -> tuple[Int[np.ndarray, "t"], Bool[np.ndarray, "t 3"], Int[np.ndarray, "t 3"]]:
    """Faces with a split edge, which of their edges are split, and the vertices in these edges' middles."""
    count = len(mesh.vertices)
    ends = np.zeros(count, bool)
    ends[split // count] = ends[split % count] = True
    a, b, c = ends[mesh.faces].T
    near = np.flatnonzero((a & b) | (b & c) | (c & a))
    key = edge_keys(mesh.faces[near], count)
    number = np.searchsorted(split, key)
    cut = np.append(split, -1)[number] == key
    found = _some(cut)
    return near[found], cut[found], count + number[found]


def _templates() -> dict[tuple[bool, bool, bool], list[list[int]]]:
    """Corners 0-2 and middles 3 (of 01), 4 (of 12), 5 (of 20), for every set of cut edges but none."""
    one = [[0, 3, 2], [3, 1, 2]]
    two = [[3, 1, 4], [0, 3, 4], [0, 4, 2]]
    table = {
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
