"""A body a filament in 3MF: what each slicer looks for is there, and the solids come back."""

import re
import zipfile

import manifold3d
import numpy as np
import pytest

from genkei.formats import threemf, threemf_bodies
from genkei.geometry.mesh import from_manifold, volume
from genkei.types import Mesh

PALETTE = np.array([[200, 40, 40], [240, 240, 240], [40, 60, 150]], np.uint8)
LOWER = from_manifold(manifold3d.Manifold.cube((10, 10, 4)))
UPPER = from_manifold(manifold3d.Manifold.cube((10, 10, 2)).translate((0, 0, 4)))
KIT = [("head & hair", [(0, LOWER), (2, UPPER)]), ("base", [(1, LOWER)])]


def test_for_prusaslicer_a_part_is_one_object_with_a_volume_a_filament(tmp_path):
    threemf_bodies.write(tmp_path / "x.3mf", KIT, PALETTE)
    assert threemf.strict_findings(tmp_path / "x.3mf") == ()
    found = threemf.read(tmp_path / "x.3mf")
    assert [body.name for body in found] == ["head & hair", "base"]
    assert volume(found[0].mesh) == pytest.approx(600)
    assert {tuple(row) for row in found[0].colours.reshape(-1, 4)[:, :3].tolist()} == {
        (200, 40, 40), (40, 60, 150),
    }  # fmt: skip
    config = zipfile.ZipFile(tmp_path / "x.3mf").read("Metadata/Slic3r_PE_model.config").decode()
    assert re.findall(r'<volume firstid="(\d+)" lastid="(\d+)"', config) == [
        ("0", "11"), ("12", "23"), ("0", "11"),
    ]  # fmt: skip
    assert re.findall(r'key="extruder" value="(\d)"', config) == ["1", "3", "2"]
    assert 'value="head &amp; hair filament 3"' in config


def test_for_bambu_studio_a_part_is_one_object_with_a_component_a_filament(tmp_path):
    threemf_bodies.write_bambu(tmp_path / "x.3mf", KIT, PALETTE)
    assert [round(volume(body.mesh)) for body in threemf.read(tmp_path / "x.3mf")] == [400, 200, 400]
    archive = zipfile.ZipFile(tmp_path / "x.3mf")
    root = archive.read("3D/3dmodel.model").decode()
    assert root.count("<item ") == 2 and root.count("<component ") == 3
    assert "paint_color" not in archive.read("3D/Objects/object_1.model").decode()
    settings = archive.read("Metadata/model_settings.config").decode()
    assert re.findall(r'<part id="(\d)"', settings) == ["1", "2", "4"]
    assert re.findall(r'key="extruder" value="(\d)"', settings) == ["1", "1", "3", "2"]
    assert "#C82828" in archive.read("Metadata/project_settings.config").decode()


WRONG = {
    "no bodies": ([("x", [])], PALETTE, "wanted one solid or more"),
    "an empty body": ([("x", [(0, Mesh(LOWER.vertices, LOWER.faces[:0]))])], PALETTE, "each with triangles"),
    "no such filament": ([("x", [(3, LOWER)])], PALETTE, "one of 3 colours"),
    "too many filaments": (KIT, np.zeros((17, 3), np.uint8), "slicers know 16"),
}


@pytest.mark.parametrize("kind", WRONG)
@pytest.mark.parametrize("write", [threemf_bodies.write, threemf_bodies.write_bambu])
def test_wrong_bodies_are_refused(tmp_path, kind, write):
    parts, palette, says = WRONG[kind]
    with pytest.raises(ValueError, match=says):
        write(tmp_path / "x.3mf", parts, palette)
    assert not (tmp_path / "x.3mf").exists()
