"""Dexels against exact sections, and islands of solids whose islands are known."""

import math

import manifold3d
import numpy as np
import pytest

from genkei.figure.dexels import Dexels, dexels_of
from genkei.figure.islands import fresh, islands_of, layer_areas
from genkei.types import Mesh
from tests.figure.characters import joined, solid

Solid = manifold3d.Manifold
LAYER = 0.05


def box(x, y, z, at=(0, 0, 0)) -> Solid:
    return Solid.cube((x, y, z)).translate(at)


def table(legs: int, reach: float) -> Solid:
    """A plate at z = 20 over a post that stands on the bed, and `legs` that end `reach` above it."""
    post = box(4, 4, 20, (18, 8, 0))
    rest = [box(3, 3, 20.5 - reach, (9 * k + 1, 2, reach)) for k in range(legs)]
    return manifold3d.Manifold.batch_boolean([post, box(40, 20, 3, (0, 0, 20)), *rest], manifold3d.OpType.Add)


def comb(teeth: int) -> Solid:
    """A bar with teeth that hang down, the first one to the bed."""
    rest = [box(2, 4, 10.5 + k, (6 * k, 0, 10 - k)) for k in range(1, teeth)]
    return Solid.batch_boolean(
        [box(6 * teeth, 4, 3, (0, 0, 20)), box(2, 4, 21), *rest], manifold3d.OpType.Add
    )


def islands(mesh: Mesh, pixel: float = 0.2, layer: float = LAYER):
    dexels = dexels_of(mesh, pixel)
    return islands_of(dexels, fresh(dexels, layer))


def plain_count(dexels: Dexels, layer: float, top: float) -> int:
    """Islands by labelling every layer's picture: the slow way."""
    from scipy.ndimage import label

    count = 0
    before = dexels.inside(layer / 2)
    for k in range(1, math.ceil(top / layer)):
        now = dexels.inside((k + 0.5) * layer)
        pieces, n = label(now, np.ones((3, 3)))
        count += n - len(np.unique(pieces[now & before]))
        before = now
    return count


ROCK = solid(
    Solid.batch_boolean(
        [Solid.sphere(4, 48).translate((3 * k % 7, 5 * k % 11, 2.5 + 4.1 * k % 13)) for k in range(6)],
        manifold3d.OpType.Add,
    )
)


def test_a_sphere_begins_once():
    ball = Solid.sphere(10, 64)
    assert len(islands(solid(ball.translate((0, 0, 15))))) == 1
    assert len(islands(solid(ball.translate((0, 0, 10))))) == 0
    lowest = islands(solid(ball.translate((0, 0, 15))))[0]
    assert np.allclose(lowest.point, [0, 0, 5], atol=0.3)


@pytest.mark.parametrize("legs", [0, 1, 4])
def test_legs_that_hang_are_islands(legs):
    found = islands(solid(table(legs, 3.0)))
    assert len(found) == legs
    assert all(abs(i.point[2] - 3.0) < 1e-3 and abs(i.area_mm2 - 9) < 1.3 for i in found)
    assert len(islands(solid(table(legs, 0.0)))) == 0


def test_a_table_upside_down_has_none():
    turned = table(3, 0.0).rotate((180, 0, 0)).translate((0, 0, 23))
    assert len(islands(solid(turned))) == 0


@pytest.mark.parametrize("teeth", [2, 5])
def test_a_comb_has_an_island_a_tooth(teeth):
    found = islands(solid(comb(teeth)))
    assert len(found) == teeth - 1
    assert sorted(round(float(i.point[2])) for i in found) == sorted(10 - k for k in range(1, teeth))
    mirrored = solid(comb(teeth).mirror((1, 0, 0)))
    assert len(islands(mirrored)) == teeth - 1


def test_the_quick_way_equals_labelling_every_layer():
    dexels = dexels_of(ROCK, 0.3)
    found = islands_of(dexels, fresh(dexels, 0.1))
    assert len(found) == plain_count(dexels, 0.1, float(ROCK.vertices[:, 2].max())) > 1


def test_a_ledge_reaches_as_far_as_it_hangs_over():
    tee = solid(box(4, 10, 20, (10, 0, 0)) + box(24, 10, 3, (0, 0, 20)))
    dexels = dexels_of(tee, 0.1)
    found = fresh(dexels, LAYER)
    assert not islands_of(dexels, found)
    assert found.reach.max() * 0.1 == pytest.approx(10, abs=0.11)
    assert found.ledge_mm2(0.1, 4.0) == pytest.approx(2 * 6 * 10, rel=0.03)


def test_a_gap_no_layer_sees_is_none():
    lower, upper = solid(box(5, 5, 5)), solid(box(5, 5, 5, (0, 0, 5.02)))
    assert len(islands(joined(lower, upper))) == 0
    assert len(islands(joined(lower, solid(box(5, 5, 5, (0, 0, 5.12)))))) == 1


def test_dexels_weigh_what_the_solid_weighs():
    turned = Solid.cube((10, 7, 5), True).rotate((33, 21, 10))
    assert dexels_of(solid(turned), 0.05).volume() == pytest.approx(350, rel=2e-3)
    overlapping = joined(solid(turned), solid(turned.translate((4, 0, 0))))
    union = (turned + turned.translate((4, 0, 0))).volume()
    assert dexels_of(overlapping, 0.05).volume() == pytest.approx(union, rel=2e-3)


def test_every_layer_is_the_exact_section():
    turned = Solid.sphere(9, 40).rotate((10, 20, 0)) - box(20, 3, 20, (-10, -1, -4))
    dexels = dexels_of(solid(turned), 0.05)
    for z in (-6.03, 0.01, 5.5):
        assert dexels.inside(z).sum() * 0.05**2 == pytest.approx(turned.slice(z).area(), rel=5e-3)


def test_no_sample_slips_through_an_edge():
    dexels = dexels_of(solid(box(4, 4, 4).refine(4)), 0.5, np.array([0.0, 0.0]))  # samples on edges
    i, j = np.round((np.array([0.5, 3.5]) - dexels.origin[:, None]) / 0.5).astype(int)
    assert dexels.inside(2.0)[i[0] : i[1] + 1, j[0] : j[1] + 1].all()
    assert np.allclose(dexels.high - dexels.low, 4)


def test_layer_areas_of_a_ball():
    ball = dexels_of(solid(Solid.sphere(8, 128)), 0.1)
    areas = layer_areas(ball, 0.1, -8.0)
    assert areas.max() == pytest.approx(math.pi * 64, rel=0.01)
    assert areas.sum() * 0.1 == pytest.approx(ball.volume(), rel=0.01)


def test_refusals():
    ball = solid(Solid.sphere(8, 16))
    with pytest.raises(ValueError, match=r"too many .*take larger pixels"):
        dexels_of(ball, 1e-3)
    with pytest.raises(ValueError, match="the layer is 0"):
        fresh(dexels_of(ball, 0.5), 0.0)
