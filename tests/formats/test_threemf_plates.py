"""Supports inside a 3MF: strictly valid in both dialects, the same triangles, named for what they are."""

import zipfile

import lib3mf
import manifold3d
import numpy as np
import pytest

from genkei.formats import threemf, threemf_plates
from genkei.geometry.mesh import from_manifold, volume
from genkei.types import Mesh, Part

NOTHING = Mesh(np.zeros((0, 3), np.float32), np.zeros((0, 3), np.int32))


def part(name: str, shape: manifold3d.Manifold) -> Part:
    mesh = from_manifold(shape)
    return Part(name, mesh, np.zeros((len(mesh.faces), 3, 2), np.float32))


ARM = part('left "arm" & hand', manifold3d.Manifold.cube((10, 10, 10)).translate((5, 5, 6)))
TREE = from_manifold(manifold3d.Manifold.cylinder(6.05, 1, 1, 16).translate((10, 10, 0)))
BASE = part("base", manifold3d.Manifold.cylinder(3, 9, 9, 32).translate((40, 10, 0)))
HELD = [(ARM, TREE), (BASE, NOTHING)]


def test_for_the_slicer_a_part_and_its_supports_are_volumes_of_one_object(tmp_path):
    threemf_plates.write(tmp_path / "p.3mf", HELD)
    assert threemf.strict_findings(tmp_path / "p.3mf") == ()
    bodies = threemf.read(tmp_path / "p.3mf")
    assert [body.name for body in bodies] == [ARM.name, "base"]
    assert volume(bodies[0].mesh) == pytest.approx(volume(ARM.mesh) + volume(TREE), rel=1e-6)
    with zipfile.ZipFile(tmp_path / "p.3mf") as archive:
        told = archive.read("Metadata/Slic3r_PE_model.config").decode()
        model = archive.read("3D/3dmodel.model").decode()
    assert told.count("<volume ") == 3 and told.count('value="ModelPart"') == 3
    assert f'firstid="12" lastid="{11 + len(TREE.faces)}"' in told and "mmu_segmentation" not in model
    for number in (2, 3):
        assert f'<object id="{number}"' in told and f'<object id="{number}"' in model


def test_by_the_core_specification_supports_are_objects_of_that_type(tmp_path):
    threemf_plates.write_core(tmp_path / "p.3mf", HELD)
    assert threemf.strict_findings(tmp_path / "p.3mf") == ()
    model = lib3mf.get_wrapper().CreateModel()
    model.QueryReader("3mf").ReadFromFile(str(tmp_path / "p.3mf"))
    found, meshes = {}, model.GetMeshObjects()
    while meshes.MoveNext():
        mesh = meshes.GetCurrentMeshObject()
        found[mesh.GetName()] = mesh.GetType()
    kinds = lib3mf.ObjectType
    assert found == {
        ARM.name: kinds.Model, f"{ARM.name} supports": kinds.Support, "base": kinds.Model,
    }  # fmt: skip


def test_colours_stay_on_the_part_and_supports_are_grey(tmp_path):
    palette = np.array([[200, 0, 0], [0, 0, 200]], np.uint8)
    index = [np.arange(len(one.mesh.faces), dtype=np.int32) % 2 for one, _ in HELD]
    threemf_plates.write(tmp_path / "p.3mf", HELD, palette, index)
    assert threemf.strict_findings(tmp_path / "p.3mf") == ()
    body = threemf.read(tmp_path / "p.3mf")[0]
    count = len(ARM.mesh.faces)
    assert np.array_equal(body.colours[:count, 0, :3], palette[index[0]])
    assert (body.colours[count:, :, :3] == threemf_plates.GREY).all()


def test_an_empty_bed_is_refused(tmp_path):
    with pytest.raises(ValueError, match="there is nothing to write"):
        threemf_plates.write(tmp_path / "p.3mf", [])
