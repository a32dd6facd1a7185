"""3MF: strict readers accept it, and what was written comes back."""

import io
import zipfile
from pathlib import Path

import manifold3d
import numpy as np
import pytest

from genkei.formats import threemf
from genkei.formats.threemf_dialects import paint_code
from genkei.geometry.mesh import from_manifold, volume
from genkei.types import Figure, Mesh, Part

PALETTE = np.array([[250, 10, 20], [20, 240, 30], [0, 0, 255], [9, 9, 9]], np.uint8)


def block(name: str, x: float) -> Part:
    mesh = from_manifold(manifold3d.Manifold.cube((10, 10, 10)).translate((x, 0, 0)))
    return Part(name, mesh, np.zeros((len(mesh.faces), 3, 2), np.float32))


FIGURE = Figure((block("body & 原型", 0), block('the "base"', 20)), np.zeros((4, 4, 3), np.uint8), 10.0, 0.0)
COLOURS = tuple((np.arange(len(part.mesh.faces)) % 4).astype(np.int32) for part in FIGURE.parts)


def written(tmp_path: Path) -> Path:
    path = tmp_path / "figure 原.3mf"
    threemf.write(path, FIGURE, PALETTE, COLOURS)
    return path


def test_strict_reader_finds_nothing(tmp_path):
    assert threemf.strict_findings(written(tmp_path)) == ()


def test_what_was_written_comes_back(tmp_path):
    bodies = threemf.read(written(tmp_path))
    assert [body.name for body in bodies] == [part.name for part in FIGURE.parts]
    for body, part, index in zip(bodies, FIGURE.parts, COLOURS, strict=True):
        assert volume(body.mesh) == pytest.approx(volume(part.mesh), rel=1e-6) and body.unit_mm == 1
        assert (body.colours[:, 0, :3] == PALETTE[index]).all()


def test_bambu_layout_keeps_the_geometry_and_paints(tmp_path):
    path = tmp_path / "b.3mf"
    threemf.write_bambu(path, FIGURE, PALETTE, COLOURS)
    assert sum(volume(body.mesh) for body in threemf.read(path)) == pytest.approx(2000, rel=1e-6)
    with zipfile.ZipFile(path) as archive:
        assert archive.read("3D/Objects/object_1.model").count(b'paint_color="0C"') == 3


def test_every_triangle_says_its_extruder(tmp_path):
    with zipfile.ZipFile(written(tmp_path)) as archive:
        model = archive.read("3D/3dmodel.model").decode()
    assert [model.count(f'mmu_segmentation="{paint_code(k)}"') for k in (1, 2, 3, 4)] == [6, 6, 6, 6]
    assert [paint_code(k) for k in range(1, 7)] == ["4", "8", "0C", "1C", "2C", "3C"]


def test_same_figure_same_bytes(tmp_path):
    first = written(tmp_path).read_bytes()
    assert written(tmp_path).read_bytes() == first
    for name in ("a.3mf", "b.3mf"):
        threemf.write_bambu(tmp_path / name, FIGURE, PALETTE, COLOURS)
    assert (tmp_path / "a.3mf").read_bytes() == (tmp_path / "b.3mf").read_bytes()


def test_as_a_soup_it_stands_up_and_knows_its_unit(tmp_path):
    soup = threemf.read_soup(written(tmp_path))
    assert soup.unit_mm == 1 and soup.part_names == ("body & 原型", 'the "base"')
    assert soup.bounds.tolist() == [[0, 0, -10], [30, 10, 0]]


def test_many_colours_are_written_without_slicer_paint(tmp_path):
    many = np.arange(60, dtype=np.uint8).reshape(20, 3)
    threemf.write(tmp_path / "m.3mf", FIGURE, many, COLOURS)
    assert threemf.strict_findings(tmp_path / "m.3mf") == ()
    with zipfile.ZipFile(io.BytesIO((tmp_path / "m.3mf").read_bytes())) as archive:
        assert b"mmu_segmentation" not in archive.read("3D/3dmodel.model")
    with pytest.raises(ValueError, match="extruder 17"):
        paint_code(17)


def test_an_open_mesh_is_found_by_the_strict_reader(tmp_path):
    part = FIGURE.parts[0]
    torn = Part("torn", Mesh(part.mesh.vertices, part.mesh.faces[1:]), part.uv[1:])
    figure = Figure((torn,), FIGURE.texture, 10.0, 0.0)
    threemf.write(tmp_path / "t.3mf", figure, PALETTE, (COLOURS[0][1:],))
    assert threemf.strict_findings(tmp_path / "t.3mf")


def test_wrong_colours_and_empty_figures_are_refused(tmp_path):
    path = tmp_path / "x.3mf"
    with pytest.raises(ValueError, match="colours for 12 triangles"):
        threemf.write(path, FIGURE, PALETTE, (COLOURS[0][:5], COLOURS[1]))
    with pytest.raises(ValueError, match="palette has 2"):
        threemf.write(path, FIGURE, PALETTE[:2], COLOURS)
    with pytest.raises(ValueError, match="no parts"):
        threemf.write_bambu(path, Figure((), FIGURE.texture, 1.0, 0.0), PALETTE, ())
    nan = Part(
        "n",
        Mesh(FIGURE.parts[0].mesh.vertices * np.float32(np.nan), FIGURE.parts[0].mesh.faces),
        FIGURE.parts[0].uv,
    )
    with pytest.raises(ValueError, match="not numbers"):
        threemf.write(path, Figure((nan,), FIGURE.texture, 1.0, 0.0), PALETTE, COLOURS[:1])
    assert not path.exists()


def test_unreadable_files_are_refused(tmp_path):
    with pytest.raises(ValueError, match="no such file"):
        threemf.read(tmp_path / "none.3mf")
    (tmp_path / "t.3mf").write_text("hello")
    with pytest.raises(ValueError, match="not a readable 3MF"):
        threemf.read(tmp_path / "t.3mf")
    assert threemf.strict_findings(tmp_path / "t.3mf")
