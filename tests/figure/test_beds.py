"""Parts on beds: none lost, none over another, all inside; plugs lie on their flat side."""

import manifold3d
import numpy as np
import pytest

from genkei.figure.beds import Placed, lying, on_beds
from genkei.figure.profiles import profile_with
from genkei.geometry.mesh import from_manifold, volume
from genkei.types import Mesh, Part

NOTHING = Mesh(np.zeros((0, 3), np.float32), np.zeros((0, 3), np.int32))
SMALL = profile_with("resin", build_mm=(80.0, 60.0, 100.0))


def plate(name: str, size: tuple[float, float, float], raft_mm: float = 0.0) -> Placed:
    mesh = from_manifold(manifold3d.Manifold.cube(size, True).translate((7.0, -3.0, size[2] / 2)))
    part = Part(name, mesh, np.zeros((len(mesh.faces), 3, 2), np.float32))
    if not raft_mm:
        return Placed(part, NOTHING)
    raft = manifold3d.Manifold.cube((size[0] + raft_mm, size[1] + raft_mm, 1.0), True).translate((7, -3, 0.5))
    return Placed(part, from_manifold(raft))


def boxes(bed) -> np.ndarray:
    points = [np.concatenate([one.part.mesh.vertices, one.supports.vertices])[:, :2] for one in bed]
    return np.array([[p.min(0), p.max(0)] for p in points])


def test_nothing_is_lost_or_overlaps_and_all_lie_inside():
    sizes = np.random.default_rng(3).uniform(4, 30, (17, 3))
    plates = [plate(f"p{k}", tuple(map(float, size)), 6.0 * (k % 2)) for k, size in enumerate(sizes)]
    beds = on_beds(plates, SMALL)
    assert sorted(one.part.name for bed in beds for one in bed) == sorted(p.part.name for p in plates)
    assert 1 < len(beds) < 8
    for bed in beds:
        found = boxes(bed)
        assert (found >= SMALL.margin_mm - 1e-3).all()
        assert (found[:, 1] <= np.array(SMALL.build_mm[:2]) - SMALL.margin_mm + 1e-3).all()
        for k, one in enumerate(found):
            for other in found[k + 1 :]:
                gap = np.maximum(one[0] - other[1], other[0] - one[1]).max()
                assert gap > 3.9
    heights = {p.part.name: p.part.mesh.vertices[:, 2] for p in plates}
    for one in (one for bed in beds for one in bed):
        assert np.array_equal(one.part.mesh.vertices[:, 2], heights[one.part.name])
        assert volume(one.part.mesh) > 0


def test_a_part_larger_than_the_bed_has_one_to_itself():
    beds = on_beds([plate("a", (5, 5, 5)), plate("long", (120, 5, 5)), plate("b", (5, 5, 5))], SMALL)
    assert sorted(sorted(one.part.name for one in bed) for bed in beds) == [["a", "b"], ["long"]]
    assert on_beds([], SMALL) == ()


@pytest.mark.parametrize("turn", [(0, 0, 0), (35, 0, 0), (180, 20, 0), (90, 0, 45)])
def test_a_plug_lies_on_its_larger_end(turn):
    cone = manifold3d.Manifold.cylinder(2.0, 1.5, 2.5, 48).rotate(turn)
    mesh = from_manifold(cone)
    laid = lying(Part("plug", mesh, np.zeros((len(mesh.faces), 3, 2), np.float32))).mesh
    assert volume(laid) == pytest.approx(volume(mesh), rel=1e-5)
    assert laid.vertices[:, 2].min() == pytest.approx(0, abs=1e-5)
    assert laid.vertices[:, 2].max() == pytest.approx(2.0, abs=1e-4)
    assert np.ptp(laid.vertices[laid.vertices[:, 2] < 1e-3, 0]) == pytest.approx(5.0, abs=0.05)
