"""Laws of a whole kit: it is the figure, its mirror image is the mirror's kit, and every part comes off."""

import numpy as np
import pytest

from genkei.figure.build import Build
from genkei.figure.kit import KitMaker
from genkei.figure.labels import find_labels
from genkei.figure.orient import Orient
from genkei.figure.profiles import profile_named
from genkei.figure.split import Split
from genkei.figure.union import unite
from genkei.geometry.mesh import to_manifold, volume
from genkei.types import Figure
from tests.figure.characters import doll
from tests.figure.test_labels import mirrored

RESIN = profile_named("resin")
MAKER = KitMaker(orient=Orient(directions=1), solid=True, unsupported=True)
LIFTS_MM = (0.0, 0.5, 1.5, 4.0, 12.0, 40.0)


@pytest.fixture(scope="module")
def bare() -> Figure:
    return Build(with_base=False)(doll(0.025))


@pytest.fixture(scope="module")
def made(bare):
    return MAKER(bare, RESIN)


def test_the_union_of_the_parts_is_the_figure(bare):
    cut = Split()(bare, find_labels(bare))
    whole = to_manifold(bare.parts[0].mesh)
    union = unite([to_manifold(part.mesh) for part in cut.parts])
    assert len(cut.parts) > 4
    assert (whole - union).volume() + (union - whole).volume() < 1e-4 * whole.volume()


def test_every_part_comes_off_those_before_it_along_its_joint(made):
    solids = {part.name: to_manifold(part.mesh) for part in made.kit.parts}
    names = list(solids)
    assert len(made.kit.joints) >= 4
    for joint in made.kit.joints:
        way = joint.direction.astype(float)
        before = unite([solids[name] for name in names[: names.index(joint.plugged)]])
        for lift in LIFTS_MM:
            lifted = solids[joint.plugged].translate(lift * way)
            assert (lifted ^ before).volume() < 0.05, (joint.plugged, lift)


def test_mirror_in_mirror_out(bare, made):
    other = MAKER(mirrored(bare), RESIN)
    swap = {"left": "right", "right": "left"}

    def turned(name: str) -> str:
        return " ".join(swap.get(word, word) for word in name.split())

    there = {turned(part.name): part for part in other.kit.parts}
    assert set(there) == {part.name for part in made.kit.parts}
    for part in made.kit.parts:
        image = there[part.name]
        assert volume(image.mesh) == pytest.approx(volume(part.mesh), rel=0.02)
        centre = part.mesh.vertices.mean(0) * [-1, 1, 1]
        assert np.allclose(image.mesh.vertices.mean(0), centre, atol=1.5)
    kinds = {(turned(joint.plugged), joint.kind) for joint in other.kit.joints}
    assert kinds == {(joint.plugged, joint.kind) for joint in made.kit.joints}
