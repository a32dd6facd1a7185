"""STL: both flavours, and every way a file can be damaged."""

import manifold3d
import numpy as np
import pytest

from genkei.formats import stl
from genkei.geometry.mesh import corners, from_manifold, open_edges, volume
from genkei.types import Mesh

BALL = from_manifold(manifold3d.Manifold.sphere(10, 24).translate((1, 2, 13)))


def ascii_stl(mesh: Mesh) -> str:
    rows = ["solid a name with words"]
    for triangle in corners(mesh):
        rows += ["facet normal 0 0 0", " outer loop"]
        rows += [f"  vertex {x:e} {y:e} {z:e}" for x, y, z in triangle]
        rows += [" endloop", "endfacet"]
    return "\n".join([*rows, "endsolid"])


def test_binary_there_and_back(tmp_path):
    stl.write(tmp_path / "b.stl", BALL)
    back = stl.read_mesh(tmp_path / "b.stl")
    assert open_edges(back.faces) == 0 and volume(back) == pytest.approx(volume(BALL), rel=1e-6)
    soup = stl.read(tmp_path / "b.stl")
    assert (
        soup.unit_mm == 0 and soup.bounds[1, 1] == pytest.approx(23) and soup.bounds[1, 2] == pytest.approx(8)
    )


def test_text_is_the_same_solid(tmp_path):
    (tmp_path / "t.stl").write_text(ascii_stl(BALL))
    assert volume(stl.read_mesh(tmp_path / "t.stl")) == pytest.approx(volume(BALL), rel=1e-5)


def test_binary_that_begins_with_solid_and_binary_with_padding(tmp_path):
    stl.write(tmp_path / "b.stl", BALL)
    data = (tmp_path / "b.stl").read_bytes()
    (tmp_path / "s.stl").write_bytes(b"solid".ljust(80) + data[80:])
    (tmp_path / "p.stl").write_bytes(data + bytes(13))
    for name in ("s.stl", "p.stl"):
        assert len(stl.read_mesh(tmp_path / name).faces) == len(BALL.faces)


def test_damaged_files_are_refused(tmp_path):
    stl.write(tmp_path / "b.stl", BALL)
    data = (tmp_path / "b.stl").read_bytes()
    path = tmp_path / "x.stl"
    for content, says in (
        (b"", "empty"),
        (data[:-60], "cut off"),
        (b"hello world", "not an STL"),
        (b"solid\nendsolid", "without a single"),
        (ascii_stl(BALL)[:-100].replace("vertex", "vortex", 1).encode(), "damaged"),
        (data[:96] + np.float32(np.nan).tobytes() + data[100:], "not a number"),
    ):
        path.write_bytes(content)
        with pytest.raises(ValueError, match=says):
            stl.read_mesh(path)
    with pytest.raises(ValueError, match="no such file"):
        stl.read_mesh(tmp_path / "none.stl")
    with pytest.raises(ValueError, match="no triangles"):
        stl.write(path, Mesh(np.zeros((0, 3), np.float32), np.zeros((0, 3), np.int32)))
