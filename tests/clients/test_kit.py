"""PrusaSlicer and lib3mf judge a whole kit: every part passes the bar, a torn part does not."""

from dataclasses import replace

import manifold3d
import numpy as np
import pytest

from genkei.apps.kit_files import file_name, plates_of, write_kit
from genkei.apps.kit_job import machine_of
from genkei.figure.base import Base
from genkei.figure.beds import Placed, on_beds
from genkei.figure.build import Build
from genkei.figure.kit import KitMaker
from genkei.figure.orient import Orient
from genkei.figure.profiles import profile_named
from genkei.figure.split import Split
from genkei.figure.supports import Supports, supported_mesh
from genkei.formats import slicer, stl, threemf, threemf_plates
from genkei.formats.slicer import accepted
from genkei.geometry.mesh import joined, volume
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


@pytest.fixture(scope="module", params=["resin", "fdm"])
def small(request):
    """A doll 40 mm tall in two parts and what joins them, on one bed and held as the process wants it."""
    profile = profile_named(request.param)
    maker = KitMaker(
        Split(parts=("head",)), orient=Orient(directions=8), supports=Supports(layer_mm=0.1, pixel_mm=0.2),
        base=Base(look="none"), solid=True,
    )  # fmt: skip
    made = maker(Build(height_mm=40.0, with_base=False, process=profile)(doll(0.03)), profile)
    (bed,) = on_beds(plates_of(made), profile)
    return [(placed.part, placed.supports) for placed in bed], machine_of(profile, own_supports=False)


def expected(bed) -> list[slicer.Expected]:
    return [
        slicer.Expected(volume(part.mesh) + volume(supports), 1 + int(len(supports.faces) > 0))
        for part, supports in bed
    ]


@needs_slicer
def test_one_process_slices_a_whole_kit_and_takes_our_volume(small, tmp_path):
    bed, machine = small
    threemf_plates.write(tmp_path / "print.3mf", bed)
    assert slicer.objections(tmp_path / "print.3mf", expected(bed), machine) == ()
    ours = sum(volume(supported_mesh(part.mesh, supports)) for part, supports in bed)
    told = slicer.slice_part(tmp_path / "print.3mf", machine)
    assert told.layers > 100 and len(bed) >= 2
    if machine.kind == "resin":
        assert any(len(supports.faces) for _, supports in bed)
        assert 1000 * told.cm3 == pytest.approx(ours, rel=5e-3)
    else:  # walls and a tenth of infill
        assert 0.2 * ours < 1000 * told.cm3 < ours


def torn(bed):
    (part, supports), *others = bed
    return [
        (replace(part, mesh=Mesh(part.mesh.vertices, part.mesh.faces[9:]), uv=part.uv[9:]), supports),
        *others,
    ]


def overlapping(bed):
    """All parts moved to the first one's place."""
    level = np.array([1, 1, 0], np.float32)
    places = [level * part.mesh.vertices.mean(0) for part, _ in bed]
    moves = [places[0] - place for place in places]
    return [(moved(part, by), nothing(supports)) for (part, supports), by in zip(bed, moves, strict=True)]


def doubled(bed):
    """A part with a second shell through it."""
    (part, supports), *others = bed
    both = joined([part.mesh, moved(part, np.array([1, 0, 0], np.float32)).mesh])
    return [(Part(part.name, both, np.concatenate([part.uv, part.uv])), supports), *others]


def oversized(bed):
    """Twelve times as large."""
    return [
        (replace(part, mesh=Mesh(12 * part.mesh.vertices, part.mesh.faces)), nothing(supports))
        for part, supports in bed
    ]


def moved(part: Part, by: np.ndarray) -> Part:
    return replace(part, mesh=Mesh((part.mesh.vertices + by).astype(np.float32), part.mesh.faces))


def nothing(supports: Mesh) -> Mesh:
    return Mesh(supports.vertices[:0], supports.faces[:0])


CONTROLS = {
    torn: "not manifold", overlapping: "in each other's way", doubled: "shells, wanted",
    oversized: "outside the machine",
}  # fmt: skip


@needs_slicer
@pytest.mark.parametrize("spoil", CONTROLS)
def test_a_spoiled_kit_fails_the_bar(small, tmp_path, spoil):
    bed, machine = small
    threemf_plates.write(tmp_path / "bad.3mf", spoil(bed))
    told = slicer.objections(tmp_path / "bad.3mf", expected(bed), machine)
    assert any(CONTROLS[spoil] in words for words in told), told
    threemf_plates.write(tmp_path / "fewer.3mf", bed[1:])
    assert slicer.objections(tmp_path / "fewer.3mf", expected(bed), machine) == (
        f"{len(bed) - 1} objects, wanted {len(bed)}",
    )


def test_the_whole_kit_is_one_strict_3mf(made, folder):
    assert threemf.strict_findings(folder / "kit.3mf") == ()
    assert [body.name for body in threemf.read(folder / "kit.3mf")] == [p.name for p in made.kit.parts]
