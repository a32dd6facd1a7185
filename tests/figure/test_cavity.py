"""Cavities: an even wall by analysis, no narrow pockets, kept solids, and a measure that finds bad walls."""

import math
from dataclasses import replace

import numpy as np
import pytest

from genkei.figure.cavity import joined, room, wall_between
from genkei.figure.depth import Gauge, nearest
from genkei.geometry.mesh import open_edges, volume
from genkei.types import Mesh
from tests.figure.characters import solid


def ball(radius: float, at: tuple = (0.0, 0.0, 0.0)) -> Mesh:
    import manifold3d

    return solid(manifold3d.Manifold.sphere(radius, 128).translate(at))


def ring(middle: float, radius: float) -> Mesh:
    import manifold3d

    circle = manifold3d.CrossSection.circle(radius, 96).translate((middle, 0.0))
    return solid(circle.revolve(128))


@pytest.mark.parametrize("step", [0.5, 0.35])
def test_the_wall_of_a_ball_is_even(step):
    outer = ball(12.0)
    made = room(outer, 2.0, 1.0, (), step)
    assert len(made.cavities) == 1 and open_edges(made.mesh.faces) == 0
    radius = (3 * made.volumes_mm3[0] / (4 * math.pi)) ** (1 / 3)
    assert 12 - radius == pytest.approx(2.0, rel=0.02)
    wall = wall_between(Gauge(outer), made.cavities, 2.0)
    assert wall.least_mm > 1.96 and wall.most_mm < 2.04 and wall.mean_mm == pytest.approx(2.0, rel=0.01)
    assert wall.off_share == 0 and wall.facing_share > 0.99


def test_the_wall_of_a_ring_is_even():
    outer = ring(16.0, 7.0)
    made = room(outer, 2.0, 1.0, (), 0.5)
    radius = math.sqrt(made.volumes_mm3[0] / (2 * math.pi**2 * 16))
    assert 7 - radius == pytest.approx(2.0, rel=0.02)


def test_a_passage_narrower_than_asked_stays_solid():
    """Two balls and a bar: the bar's inside is 3 mm wide."""
    import manifold3d

    bar = manifold3d.Manifold.cylinder(30.0, 3.0, 3.0, 64).rotate((0, 90, 0))
    end = manifold3d.Manifold.sphere(8.0, 64)
    whole = end + bar + end.translate((30, 0, 0))
    wide, narrow = room(solid(whole), 1.5, 1.0, (), 0.4), room(solid(whole), 1.5, 2.0, (), 0.4)
    assert len(wide.cavities) == 1 and len(narrow.cavities) == 2
    assert narrow.volumes_mm3[0] == pytest.approx(narrow.volumes_mm3[1], rel=1e-2)
    assert sum(narrow.volumes_mm3) < wide.volumes_mm3[0]


def test_corners_are_rounded_and_not_counted_as_walls():
    import manifold3d

    outer = solid(manifold3d.Manifold.cube((20.0, 20.0, 20.0), True))
    made = room(outer, 2.0, 2.0, (), 0.4)
    assert 0.93 * 16**3 < made.volumes_mm3[0] < 0.995 * 16**3
    wall = wall_between(Gauge(outer), made.cavities, 2.0)
    assert wall.least_mm > 1.95 and wall.off_share < 0.01 and 0.5 < wall.facing_share < 0.97


def test_nothing_fits_into_a_thin_part():
    import manifold3d

    made = room(solid(manifold3d.Manifold.cube((20.0, 20.0, 4.0))), 1.5, 1.0, (), 0.4)
    assert made.cavities == () and len(made.mesh.faces) == 0


def test_mirror_in_mirror_out():
    import manifold3d

    shape = manifold3d.Manifold.sphere(8.0, 64) + manifold3d.Manifold.cube((9, 3, 14))
    here = room(solid(shape), 1.5, 1.0, (), 0.4)
    there = room(solid(shape.mirror((1, 0, 0))), 1.5, 1.0, (), 0.4)
    assert sum(there.volumes_mm3) == pytest.approx(sum(here.volumes_mm3), rel=2e-3)
    assert np.abs(here.mesh.vertices.min(0)[0] + there.mesh.vertices.max(0)[0]) < 0.05
    assert np.array_equal(here.cells.shape, there.cells.shape)


def test_turning_a_part_turns_its_cavity():
    import manifold3d

    shape = manifold3d.Manifold.sphere(8.0, 64) + manifold3d.Manifold.cube((9, 3, 14))
    still = room(solid(shape), 1.5, 1.0, (), 0.4)
    turned = room(solid(shape.rotate((37, 21, 11))), 1.5, 1.0, (), 0.4)
    assert sum(turned.volumes_mm3) == pytest.approx(sum(still.volumes_mm3), rel=0.02)


def test_kept_solids_are_left_out():
    outer, kept = ball(12.0), ball(4.0, (0.0, 0.0, 10.0))
    made = room(outer, 2.0, 1.0, (kept,), 0.4)
    assert made.volumes_mm3[0] < room(outer, 2.0, 1.0, (), 0.4).volumes_mm3[0] - 60
    assert (np.linalg.norm(made.mesh.vertices - (0, 0, 10), axis=1) > 3.95).all()
    wall = wall_between(Gauge(outer), made.cavities, 2.0, (kept,))
    assert wall.off_share < 0.01


def test_a_lump_that_would_float_loose_keeps_its_cavity_solid():
    made = room(ball(12.0), 2.0, 1.0, (ball(3.0),), 0.4)
    assert made.cavities == () and made.lumps_mm3 > 50


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (ball(9.8), "thin on every side"),
        (ball(9.2), "thick on every side"),
        (ball(9.5, (0.3, 0.0, 0.0)), "off the middle"),
    ],
)
def test_the_measure_finds_a_bad_wall(bad, why):
    """The wall that is meant is 2.5 mm."""
    wall = wall_between(Gauge(ball(12.0)), [bad], 2.5)
    assert wall.off_share > 0.3, why
    assert abs(wall_between(Gauge(ball(12.0)), [ball(9.5)], 2.5).mean_mm - 2.5) < 0.01


def test_a_dent_shows_as_the_thinnest_wall():
    dented = joined((ball(9.5), ball(1.0, (0.0, 0.0, 10.2))))
    wall = wall_between(Gauge(ball(12.0)), [dented], 2.5)
    assert wall.least_mm == pytest.approx(0.8, abs=0.02)
    assert wall.thinnest[2] == pytest.approx(11.2, abs=0.05)


def test_nothing_joined_is_nothing():
    assert len(joined(()).vertices) == 0
    assert volume(joined((ball(1.0), ball(1.0, (5, 0, 0))))) == pytest.approx(2 * volume(ball(1.0)), rel=1e-4)


def test_cavities_measured_one_by_one_and_once_are_as_all_in_one_mesh():
    gauge, two = Gauge(ball(12.0)), [ball(3.0, (4.0, 0.0, 0.0)), ball(2.0, (-5.0, 1.0, 0.0))]
    apart, whole = wall_between(gauge, two, 2.5), wall_between(gauge, [joined(two)], 2.5)
    assert (apart.thinnest == whole.thinnest).all()
    assert replace(apart, thinnest=whole.thinnest) == whole
    gaps = gauge.of(two[0])
    assert gauge.of(two[0]) is gaps
    some = nearest(gauge.outer, gaps.middles[::7])
    assert np.array_equal(some[0], gaps.distance[: len(gaps.middles) : 7])
    assert np.array_equal(some[1], gaps.foot[: len(gaps.middles) : 7])
