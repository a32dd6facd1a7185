"""PrusaSlicer and lib3mf judge a whole kit: every part passes the bar, a torn part does not."""

import manifold3d
import numpy as np
import pytest

from genkei.apps.kit_files import file_name, write_kit
from genkei.figure.beds import Placed, on_beds
from genkei.figure.build import Build
from genkei.figure.kit import KitMaker
from genkei.figure.orient import Orient
from genkei.figure.profiles import profile_named
from genkei.figure.supports import Supports, supported_mesh
from genkei.formats import slicer, stl, threemf, threemf_plates
from genkei.formats.slicer import accepted
from genkei.geometry.mesh import volume
from genkei.types import Mesh, Part
from tests.clients.test_slicer import needs_slicer
from tests.figure.characters import doll, solid

pytestmark = pytest.mark.clients


@pytest.fixture(scope="module")
def made():
    maker = KitMaker(orient=Orient(directions=8), solid=True, unsupported=True)
    return maker(Build(with_base=False)(doll(0.02)), profile_named("resin"))


@pytest.fixture(scope="module")
def folder(made, tmp_path_factory):
    out = tmp_path_factory.mktemp("kit") / "kit"
    write_kit(out, made, profile_named("resin"), 4)
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


@needs_slicer
def test_the_bed_with_its_supports_slices_and_takes_our_resin(tmp_path):
    """One part, tilted and held by our own trees, from `print.3mf` as it is."""
    block = solid(manifold3d.Manifold.cube((8, 6, 5), True).rotate((0, 25, 0)).translate((0, 0, 12)))
    profile = profile_named("resin")
    held = Supports(layer_mm=0.1)(
        Part("block", block, np.zeros((len(block.faces), 3, 2), np.float32)), profile
    )
    laid = Part("block", held.part, np.zeros((len(held.part.faces), 3, 2), np.float32))
    ((bed,),) = on_beds([Placed(laid, held.supports)], profile)
    threemf_plates.write(tmp_path / "print.3mf", [(bed.part, bed.supports)])
    (told,) = slicer.info(tmp_path / "print.3mf")
    assert told["manifold"] == "yes" and float(told["min_z"]) == pytest.approx(0, abs=1e-3)
    machine = slicer.Machine("resin", profile.build_mm[:2], profile.build_mm[2], 0.1)
    assert slicer.slice_part(tmp_path / "print.3mf", machine).cm3 * 1000 == pytest.approx(
        volume(supported_mesh(held.part, held.supports)), rel=5e-3
    )
    threemf_plates.write_core(tmp_path / "core.3mf", [(bed.part, bed.supports)])
    with pytest.raises(ValueError, match="PrusaSlicer ended with code"):
        slicer.info(tmp_path / "core.3mf")  # why there are two files


def test_the_whole_kit_is_one_strict_3mf(made, folder):
    assert threemf.strict_findings(folder / "kit.3mf") == ()
    assert [body.name for body in threemf.read(folder / "kit.3mf")] == [p.name for p in made.kit.parts]
