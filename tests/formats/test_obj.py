"""OBJ: geometry, texture, vertex colours, and the files it names."""

import manifold3d
import numpy as np
import pytest
from PIL import Image

from genkei.formats import obj
from genkei.formats.soup import soup_colours
from genkei.geometry.mesh import from_manifold
from genkei.types import Figure, Part

MESH = from_manifold(manifold3d.Manifold.sphere(10, 16).translate((0, 0, 10)))
SQUARE = "v 0 0 0\nv 1 0 0\nv 1 1 0\nv 0 1 0\n"


def figure() -> Figure:
    texture = np.zeros((8, 8, 3), np.uint8)
    texture[:4], texture[4:] = (255, 0, 0), (0, 0, 255)
    corner = MESH.vertices[MESH.faces]
    uv = np.stack([np.full(corner.shape[:2], 0.5), 1 - corner[..., 2] / 20], -1).astype(np.float32)
    return Figure((Part("頭 part", MESH, uv),), texture, 20.0, 0.0)


def test_there_and_back_with_spaces_and_kanji(tmp_path):
    files = obj.write(tmp_path / "my 原型.obj", figure())
    assert [f.name for f in files] == ["my 原型.obj", "my 原型.mtl", "my 原型.png"]
    soup = obj.read(files[0])
    assert soup.unit_mm == 1 and soup.part_names[-1] == "頭 part"
    assert soup.bounds[1, 1] == pytest.approx(20, rel=0.02)  # our files say that +z is up
    third = np.full((len(soup.faces), 3), 1 / 3)
    seen = soup_colours(soup, np.arange(len(soup.faces)), third)
    height = soup.vertices[soup.faces].mean(1)[:, 1]
    assert (seen[(height > 13) & (height < 18), :3] == (255, 0, 0)).all() and (
        seen[(height > 2) & (height < 7), :3] == (0, 0, 255)
    ).all()


def test_vertex_colours_polygons_and_negative_numbers(tmp_path):
    path = tmp_path / "c.obj"
    path.write_text("v 0 0 0 1 0 0\nv 1 0 0 1 0 0\nv 1 1 0 1 0 0\nv 0 1 0 1 0 0\nf -4 -3 \\\n-2 -1\n")
    soup = obj.read(path)
    assert soup.faces.tolist() == [[0, 1, 2], [0, 2, 3]] and soup.unit_mm == 0
    assert (soup.colours[..., :3] == (255, 0, 0)).all()


def test_texture_and_plain_material(tmp_path):
    Image.fromarray(np.full((2, 2, 3), (10, 20, 30), np.uint8)).save(tmp_path / "a b.png")
    (tmp_path / "m.mtl").write_text("newmtl one\nmap_Kd a b.png\nnewmtl two\nKd 0 1 0\nd 0.5\n")
    path = tmp_path / "m.obj"
    path.write_text(
        "mtllib m.mtl\n" + SQUARE + "vt 0 0\nusemtl one\nf 1/1 2/1 3/1\nusemtl two\nf 1//1 3//1 4//1\n"
    )
    soup = obj.read(path)
    seen = soup_colours(soup, np.arange(2), np.full((2, 3), 1 / 3))
    assert seen.tolist() == [[10, 20, 30, 255], [0, 255, 0, 128]]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("v 0 0 0\n", "no face"),
        (SQUARE + "f 1 2 9\n", "vertex 9 of 4"),
        (SQUARE + "f 1 2\n", "three corners"),
        (SQUARE + "f 1 2 x\n", "not a face corner"),
        (SQUARE + "f 1/3 2/1 3/1\n", "texture coordinate 3 of 0"),
        ("v 0 0\nf 1 1 1\n", "wanted 3 numbers"),
        ("v 0 0 oh\nf 1 1 1\n", "not a number"),
        ("v 0 0 nan\nf 1 1 1\n", "not a number"),
        ("mtllib none.mtl\n" + SQUARE + "f 1 2 3\n", "none.mtl"),
        ("mtllib t.mtl\n" + SQUARE + "usemtl t\nf 1 2 3\n", "missing"),
        ("mtllib u.mtl\n" + SQUARE + "usemtl t\nf 1 2 3\n", "not a readable picture"),
    ],
)
def test_broken_files_are_refused(tmp_path, text, says):
    (tmp_path / "t.mtl").write_text("newmtl t\nmap_Kd -s 1 1 1 gone.png\n")
    (tmp_path / "u.mtl").write_text("newmtl t\nmap_Kd u.mtl\n")
    (tmp_path / "x.obj").write_text(text)
    with pytest.raises(ValueError, match=says):
        obj.read(tmp_path / "x.obj")


def test_nothing_to_read_or_write(tmp_path):
    with pytest.raises(ValueError, match="no such file"):
        obj.read(tmp_path / "none.obj")
    with pytest.raises(ValueError, match="no parts"):
        obj.write(tmp_path / "n.obj", Figure((), figure().texture, 1.0, 0.0))
