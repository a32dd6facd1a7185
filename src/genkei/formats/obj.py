"""OBJ in and out: geometry, vertex colours, and a material with a texture beside it."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from genkei.formats import png
from genkei.formats.obj_text import Materials, Parsed, material_table, parse
from genkei.formats.soup import Soup
from genkei.geometry.mesh import distinct_rows
from genkei.types import Figure, Part

HEADER = "# genkei figure, millimetres, +z up"
"""OBJ states neither unit nor axes: files of ours say so here, and `read` believes it."""
ROWS_AT_ONCE = 20_000
"""Formatted together: a few megabytes of Python numbers."""


@dataclass(frozen=True)
class _Paths:
    obj: Path
    mtl: Path
    png: Path


def write(path: Path, figure: Figure) -> tuple[Path, ...]:
    """`NAME.obj`, `NAME.mtl`, `NAME.png`: one group a part, texture and `v x y z r g b` vertex colours.

    Slicers take the vertex colours, full-colour printers and viewers the texture. Figure space (mm, +z up).
    """
    if not figure.parts:
        raise ValueError(f"{path}: the figure has no parts, there is nothing to write")
    files = _Paths(path, path.with_suffix(".mtl"), path.with_suffix(".png"))
    png.write(files.png, figure.texture)
    material = f"newmtl paint\nKa 1 1 1\nKd 1 1 1\nKs 0 0 0\nillum 1\nmap_Kd {files.png.name}\n"
    files.mtl.write_text(material, "utf-8")
    blocks = [f"{HEADER}\nmtllib {files.mtl.name}\nusemtl paint\n"]
    vertex_base = corner_base = 1
    for part in figure.parts:
        blocks.append(_part_text(part, figure.texture, vertex_base, corner_base))
        vertex_base += len(part.mesh.vertices)
        corner_base += 3 * len(part.mesh.faces)
    files.obj.write_text("".join(blocks), "utf-8")
    return files.obj, files.mtl, files.png


def _part_text(part: Part, texture: np.ndarray, vertex_base: int, corner_base: int) -> str:
    mesh, uv = part.mesh, part.uv.reshape(-1, 2)
    colours = _vertex_colours(mesh.faces, uv, texture, len(mesh.vertices))
    points = np.concatenate([mesh.vertices.astype(np.float64), colours], 1)
    turned = np.round(np.stack([uv[:, 0], 1 - uv[:, 1]], 1), 6)
    first, index = distinct_rows(turned)
    table = np.stack([mesh.faces + vertex_base, index.reshape(-1, 3) + corner_base], 2).reshape(-1, 6)
    return (
        f"o {part.name}\n"
        + _rows("v %.6g %.6g %.6g %.4g %.4g %.4g\n", points)
        + _rows("vt %.6g %.6g\n", turned[first])
        + _rows("f %d/%d %d/%d %d/%d\n", table)
    )


def _rows(line: str, rows: np.ndarray) -> str:
    """One line a row; a single format over thousands of rows is more than twice as fast as one a row."""
    chunks = np.array_split(rows, len(rows) // ROWS_AT_ONCE + 1)
    return "".join([line * len(chunk) % tuple(chunk.ravel().tolist()) for chunk in chunks])


def _vertex_colours(faces: np.ndarray, uv: np.ndarray, texture: np.ndarray, count: int) -> np.ndarray:
    """Mean colour of a vertex' corners, sRGB 0..1."""
    height, width = texture.shape[:2]
    x = np.clip((uv[:, 0] * width).astype(np.int64), 0, width - 1)
    y = np.clip((uv[:, 1] * height).astype(np.int64), 0, height - 1)
    seen = texture[y, x].astype(np.float64) / 255
    index = faces.reshape(-1)
    total = np.stack([np.bincount(index, seen[:, k], count) for k in range(3)], 1)
    return total / np.maximum(np.bincount(index, minlength=count), 1)[:, None]


def read(path: Path) -> Soup:
    """Triangles with material, texture and vertex colours; polygons become fans; +y up unless it is ours.

    ValueError when a file it names is missing, an index points nowhere, or nothing is a face.
    """
    if not path.is_file():
        raise ValueError(f"{path}: there is no such file")
    text = path.read_text("utf-8", "replace")
    parsed = parse(text, str(path))
    table = material_table(path, parsed)
    ours = text.startswith(HEADER)
    points = parsed.points
    if ours:
        points = points[:, [0, 2, 1]] * np.array([1, 1, -1], np.float32)
    if not np.isfinite(points).all():
        raise ValueError(f"{path}: a vertex has a coordinate that is not a number; export it again")
    return Soup(
        vertices=np.ascontiguousarray(points, np.float32),
        faces=parsed.faces,
        uv=_corner_uv(parsed),
        texture=table.texture[parsed.material],
        textures=table.textures,
        colours=_corner_colours(parsed, table),
        unit_mm=1.0 if ours else 0.0,
        source=path.name,
        parts=parsed.group,
        part_names=parsed.group_names,
    )


def _corner_uv(parsed: Parsed) -> np.ndarray:
    """(0, 0) top left; corners without vt get 0."""
    coordinates = np.concatenate([parsed.coordinates, np.zeros((1, 2), np.float32)])
    uv = coordinates[parsed.corner_coordinates]
    return np.ascontiguousarray(np.stack([uv[..., 0], 1 - uv[..., 1]], -1), np.float32)


def _corner_colours(parsed: Parsed, table: Materials) -> np.ndarray:
    """Material colour times vertex colour; a texture already holds the vertex colours, so it wins."""
    tint = table.colour[parsed.material][:, None, :].astype(np.float32)
    vertex = np.concatenate([parsed.colours, np.ones((len(parsed.points), 1), np.float32)], 1)
    corner = np.repeat(tint, 3, axis=1) * np.where(
        (table.texture[parsed.material] >= 0)[:, None, None], np.float32(1), vertex[parsed.faces]
    )
    return np.clip(np.round(corner), 0, 255).astype(np.uint8)
