"""A whole kit of a small doll: parts that are the figure, stand, print, and say so."""

from dataclasses import replace

import numpy as np
import pytest

from genkei.figure.base import Base
from genkei.figure.build import Build
from genkei.figure.kit import KitMaker
from genkei.figure.orient import Orient
from genkei.figure.profiles import profile_named, profile_with
from genkei.geometry.mesh import component_labels, open_edges, volume
from genkei.types import Figure
from tests.figure.characters import doll

QUICK = Orient(directions=8)
PLAIN = KitMaker(orient=QUICK, solid=True, unsupported=True)


@pytest.fixture(scope="module")
def bare() -> Figure:
    return Build(with_base=False)(doll(0.02))


@pytest.fixture(scope="module")
def plain(bare):
    return PLAIN(bare, profile_named("resin"))


def test_every_part_is_closed_in_one_piece_and_in_the_order_of_assembly(plain):
    names = [part.name for part in plain.kit.parts]
    assert names[0] == "torso" and "base" in names and len(names) >= 5 and len(set(names)) == len(names)
    for part in plain.kit.parts:
        assert open_edges(part.mesh.faces) == 0 and volume(part.mesh) > 0
        assert component_labels(part.mesh.faces).max() == 0, part.name
    for joint in plain.kit.joints:
        assert names.index(joint.carrier) < names.index(joint.plugged)


def test_the_parts_are_the_figure_but_for_the_gaps_of_its_joints(bare, plain):
    whole = volume(bare.parts[0].mesh)
    parts = sum(volume(part.mesh) for part in plain.kit.parts if part.name != "base")
    assert parts == pytest.approx(whole, rel=0.02)
    row = next(check for check in plain.checks if check.name == "volume of the cuts")
    assert row.passed and row.measured < 100


def test_it_stands_and_nothing_is_lost_on_the_way_to_the_printer(plain):
    assert next(check for check in plain.checks if check.name == "the kit stands").passed
    assert [plate.part.name for plate in plain.plates] == [part.name for part in plain.kit.parts]
    for plate, part in zip(plain.plates, plain.kit.parts, strict=True):
        assert volume(plate.part.mesh) == pytest.approx(volume(part.mesh), rel=1e-4)
        assert not len(plate.supports.faces)
    base = next(plate for plate in plain.plates if plate.part.name == "base")
    assert np.array_equal(base.posture.rotation, np.eye(3))  # flat on the bed


def test_the_same_bytes_twice(bare, plain):
    again = replace(PLAIN, processes=2)(bare, profile_named("resin"))
    for a, b in zip(plain.kit.parts, again.kit.parts, strict=True):
        assert a.mesh.vertices.tobytes() == b.mesh.vertices.tobytes()
        assert a.mesh.faces.tobytes() == b.mesh.faces.tobytes()


def test_hollow_and_supported_parts_are_proven(bare):
    told: list[str] = []
    maker = KitMaker(split=replace(PLAIN.split, parts=("legs",)), orient=QUICK)
    made = maker(bare, profile_named("resin"), told.append)
    assert made.saved_mm3 > 1000 and len(made.plugs) >= 1
    assert any(len(plate.supports.faces) for plate in made.plates)
    assert {"wall", "islands"} <= {word for check in made.checks for word in check.name.split()}
    assert told[:2] == ["split", "joints"] and "print torso" in told


def test_without_a_base_there_is_none(bare):
    made = replace(PLAIN, base=Base(look="none"), split=replace(PLAIN.split, parts=("head",)))(
        bare, profile_named("fdm")
    )
    names = [part.name for part in made.kit.parts]
    assert names[0] == "torso" and names[-1] == "head" and "base" not in names
    assert "the kit stands" not in {check.name for check in made.checks}


def test_a_part_too_large_for_the_machine_is_a_failed_check(bare):
    small = profile_with("resin", build_mm=(60.0, 60.0, 60.0))
    made = replace(PLAIN, split=replace(PLAIN.split, parts=("head",)))(bare, small)
    rows = [check for check in made.checks if check.name == "fits the machine"]
    assert rows and not rows[0].passed and "torso" in rows[0].where
    assert "torso" not in [plate.part.name for plate in made.plates] and not made.sound


def test_a_figure_of_several_parts_is_refused(bare):
    with pytest.raises(ValueError, match="2 parts was given"):
        PLAIN(replace(bare, parts=(*bare.parts, *bare.parts)), profile_named("resin"))
