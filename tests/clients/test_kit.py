"""PrusaSlicer and lib3mf judge a whole kit: every part passes the bar, a torn part does not."""

import pytest

from genkei.apps.outputs import file_name, write_kit
from genkei.figure.build import Build
from genkei.figure.kit import KitMaker
from genkei.figure.orient import Orient
from genkei.figure.profiles import profile_named
from genkei.formats import stl, threemf
from genkei.geometry.mesh import volume
from genkei.types import Mesh
from tests.clients.test_slicer import accepted, needs_slicer
from tests.figure.characters import doll

pytestmark = pytest.mark.clients


@pytest.fixture(scope="module")
def made():
    maker = KitMaker(orient=Orient(directions=8), solid=True, unsupported=True)
    return maker(Build(with_base=False)(doll(0.02)), profile_named("resin"))


@pytest.fixture(scope="module")
def folder(made, tmp_path_factory):
    out = tmp_path_factory.mktemp("kit") / "kit"
    write_kit(out, made, 4)
    return out


@needs_slicer
def test_every_part_passes_the_bar(made, folder, tmp_path):
    for plate in made.plates:
        name = file_name(plate.part.name)
        assert accepted(folder / "print" / f"{name}.stl", volume(plate.part.mesh)), name
        assert accepted(folder / "parts" / f"{name}.stl", volume(plate.part.mesh)), name
    torn = made.kit.parts[0].mesh
    stl.write(tmp_path / "torn.stl", Mesh(torn.vertices, torn.faces[40:]))
    assert not accepted(tmp_path / "torn.stl", volume(torn))


def test_the_whole_kit_is_one_strict_3mf(made, folder):
    assert threemf.strict_findings(folder / "kit.3mf") == ()
    assert [body.name for body in threemf.read(folder / "kit.3mf")] == [p.name for p in made.kit.parts]
