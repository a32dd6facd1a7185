"""STL in and out: bare triangles, in no unit, +z up by the slicers' custom."""

import re
from pathlib import Path

import numpy as np

from genkei.formats.soup import Soup
from genkei.geometry.mesh import corners, face_normals, weld
from genkei.types import Mesh

_ROW = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("spare", "<u2")])
_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|[-+]?(?:nan|inf)\w*"


def write(path: Path, mesh: Mesh) -> None:
    """Binary STL of a mesh as it is: millimetres and +z up when it comes from a Figure."""
    if not len(mesh.faces):
        raise ValueError(f"{path}: the mesh has no triangles, there is nothing to write")
    rows = np.zeros(len(mesh.faces), _ROW)
    rows["normal"] = face_normals(mesh)
    rows["corners"] = corners(mesh)
    header = b"genkei, millimetres, +z up".ljust(80, b" ")
    path.write_bytes(header + np.uint32(len(rows)).tobytes() + rows.tobytes())


def read_mesh(path: Path) -> Mesh:
    """The triangles with equal corners welded, in the file's own axes; ValueError says what is wrong."""
    points = _triangles(path)
    if not np.isfinite(points).all():
        bad = int(np.flatnonzero(~np.isfinite(points).all((1, 2)))[0])
        raise ValueError(f"{path}: triangle {bad + 1} has a coordinate that is not a number; export it again")
    faces = np.arange(3 * len(points), dtype=np.int32).reshape(-1, 3)
    return weld(Mesh(np.ascontiguousarray(points.reshape(-1, 3), np.float32), faces))


def read(path: Path) -> Soup:
    """White triangles turned from +z up to +y up; the unit is unknown (0.0)."""
    mesh = read_mesh(path)
    turned = mesh.vertices[:, [0, 2, 1]] * np.array([1, 1, -1], np.float32)
    return Soup.plain(np.ascontiguousarray(turned), mesh.faces, 0.0, path.name)


def _triangles(path: Path) -> np.ndarray:
    """Corner positions (n, 3, 3), either flavour: binary may begin with `solid`, so the size decides."""
    if not path.is_file():
        raise ValueError(f"{path}: there is no such file")
    data = path.read_bytes()
    if not data:
        raise ValueError(f"{path}: the file is empty")
    count = int(np.frombuffer(data[80:84], "<u4")[0]) if len(data) >= 84 else -1
    if count >= 0 and len(data) == 84 + 50 * count and count > 0:
        return np.frombuffer(data, _ROW, count, 84)["corners"].astype(np.float32)
    if data.lstrip()[:5].lower() == b"solid":
        return _ascii(path, data)
    if count > 0 and len(data) > 84 + 50 * count:  # some exporters pad the end
        return np.frombuffer(data, _ROW, count, 84)["corners"].astype(np.float32)
    if count > 0:
        held = max(len(data) - 84, 0) // 50
        raise ValueError(
            f"{path}: the STL is cut off: it announces {count} triangles and holds {held}; "
            "copy or export it again"
        )
    raise ValueError(f"{path}: not an STL: neither a text file that begins with `solid` nor a binary one")


def _ascii(path: Path, data: bytes) -> np.ndarray:
    text = data.decode("utf-8", "replace").lower()
    rows = re.findall(rf"vertex\s+({_NUMBER})\s+({_NUMBER})\s+({_NUMBER})", text)
    facets = len(re.findall(r"^\s*facet\b", text, re.MULTILINE))
    if not rows:
        raise ValueError(f"{path}: a text STL without a single `vertex x y z` line")
    if len(rows) != 3 * facets:
        raise ValueError(
            f"{path}: the text STL is damaged: {facets} facets but {len(rows)} readable vertices, wanted "
            f"{3 * facets}; export it again"
        )
    return np.array(rows, np.float64).astype(np.float32).reshape(-1, 3, 3)
