"""Where cavities drain: pools, places out of sight, holes that fit, and plugs in them."""

import math

import numpy as np
import pytest

from genkei.figure.bores import Bore, Ground, bores_at, sites_of
from genkei.figure.cavity import Room, room
from genkei.figure.depth import Gauge
from genkei.figure.drains import POOL_MM3, Rule, drain
from genkei.figure.pools import coarse, places, pooled, spill
from genkei.figure.sight import seen, viewers
from genkei.geometry.mesh import to_manifold, volume
from genkei.geometry.rays import Surface
from genkei.types import Mesh
from tests.figure.characters import solid

UP = np.array([0.0, 0.0, 1.0])
RULE = Rule(width_mm=3.0, count=2, big_mm3=500.0, taper_deg=10.0, wall_mm=1.5)


def boxes(*corners: tuple) -> Room:
    """A room of unit cells: boxes (i, j, k) to (i, j, k)."""
    cells = np.zeros((24, 8, 24), bool)
    for low, high in corners:
        cells[tuple(slice(a, b) for a, b in zip(low, high, strict=True))] = True
    return Room((), (), cells, np.zeros(3, np.float32), 1.0)


def at(room: Room, *cells: tuple) -> np.ndarray:
    holes = np.zeros_like(room.cells)
    for cell in cells:
        holes[cell] = True
    return holes


U_TUBE = (((2, 2, 2), (6, 6, 20)), ((2, 2, 16), (20, 6, 20)), ((16, 2, 2), (20, 6, 20)))


def test_a_leg_without_a_hole_stays_full_up_to_the_bridge():
    tube = boxes(*U_TUBE)
    left = pooled(tube, spill(tube, UP, at(tube, (3, 3, 2))))
    assert not left[:15].any()
    assert left[16:20].sum() == 4 * 4 * (14 - 1)  # the uppermost cell may be the grid's rounding


def test_a_hole_in_both_legs_leaves_nothing():
    tube = boxes(*U_TUBE)
    assert not pooled(tube, spill(tube, UP, at(tube, (3, 3, 2), (17, 3, 2)))).any()


def test_upside_down_the_bridge_is_the_lowest():
    tube = boxes(*U_TUBE)
    assert not pooled(tube, spill(tube, -UP, at(tube, (10, 3, 19)))).any()


def test_what_has_no_way_to_a_hole_is_no_pool_but_endless():
    apart = boxes(((2, 2, 2), (6, 6, 6)), ((12, 2, 2), (16, 6, 6)))
    rise = spill(apart, UP, at(apart, (3, 3, 2)))
    assert np.isinf(rise[12:16, 2:6, 2:6]).all() and not pooled(apart, rise).any()


def test_a_slope_is_no_pool():
    i, _, k = np.ogrid[:24, :8, :24]
    cells = np.broadcast_to((k > 0.4 * i + 1) & (k < 0.4 * i + 5), (24, 8, 24)).copy()
    slope = Room((), (), cells, np.zeros(3, np.float32), 1.0)
    low = np.argwhere(cells)[0]
    assert not pooled(slope, spill(slope, UP, at(slope, tuple(low)))).any()


def test_a_fine_room_is_thinned_in_place():
    big = Room((), (), np.ones((100, 80, 60), bool), np.zeros(3, np.float32), 0.5)
    small = coarse(big)
    assert small.step == 1.0 and small.cells.shape == (50, 40, 30)
    assert places(small, small.cells).max(0) == pytest.approx([49, 39, 29])
    assert coarse(small).step == 1.0


def ball(radius: float = 10.0, at: tuple = (0.0, 0.0, 0.0)) -> Mesh:
    import manifold3d

    return solid(manifold3d.Manifold.sphere(radius, 96).translate(at))


def test_the_face_is_seen_best_and_the_sole_not_at_all():
    front, left, right, back, sole = np.array(
        [(0, -1, 0), (1, 0, 0), (-1, 0, 0), (0, 1, 0), (0, 0, -1)], np.float32
    )
    normals = np.stack([front, left, right, back, sole])
    values = seen([Surface(ball())], 10 * normals, normals)
    assert values[0] == pytest.approx(1.0, abs=0.02)
    assert values[0] > values[1] > values[3] > 0.02
    assert values[1] == pytest.approx(values[2], abs=1e-3)
    assert values[4] < 0.01
    assert len(viewers()[0]) == len(viewers()[1])


def test_what_another_part_covers_is_out_of_sight():
    front = np.array([[0, -1, 0]], np.float32)
    cover = ball(8.0, (0.0, -18.1, 0.0))
    covered = seen([Surface(ball()), Surface(cover)], 10 * front, front)
    assert covered[0] < 0.3 < seen([Surface(ball())], 10 * front, front)[0]
    assert seen([Surface(ball())], np.zeros((0, 3), np.float32), np.zeros((0, 3), np.float32)).shape == (0,)


def jar(*keep_out: Mesh) -> tuple[Ground, Room]:
    """A standing cylinder of 9 mm radius and 26 mm height with a wall of 1.5 mm."""
    import manifold3d

    outer = solid(manifold3d.Manifold.cylinder(26.0, 9.0, 9.0, 96))
    found = room(outer, 1.5, 1.0, keep_out, 0.5)
    return Ground(Gauge(outer), found.cavities, keep_out, (), 1.0), found


def test_a_jar_drains_through_its_sole():
    ground, found = jar()
    made = drain(ground, found, 0, UP, RULE)
    assert len(made.bores) == 2 and made.left_mm3 < 40
    first, second = made.bores
    assert first.kind == "drain" and second.kind == "vent"
    for bore in made.bores:
        assert bore.mouth[2] < 0.05 and bore.seen < 0.01 and bore.outward[2] < -0.99
        assert np.linalg.norm(bore.mouth[:2]) + bore.radius(0) < 9 - 0.3
    assert np.linalg.norm(first.mouth - second.mouth) >= 9


def test_down_is_where_the_print_says():
    ground, found = jar()
    made = drain(ground, found, 0, -UP, RULE)
    assert made.bores[0].mouth[2] > 23 and made.left_mm3 < POOL_MM3


def test_a_hole_keeps_away_from_a_joint():
    import manifold3d

    keep = solid(manifold3d.Manifold.cylinder(9.0, 4.0, 4.0, 48).translate((0, 0, -1)))
    ground, found = jar(keep)
    for bore in drain(ground, found, 0, UP, RULE).bores:
        assert (bore.cone() ^ to_manifold(keep)).volume() == 0


def test_no_place_no_hole():
    """A joint that takes the whole bottom: nothing within reach of the lowest point is free."""
    import manifold3d

    keep = solid(manifold3d.Manifold.cylinder(20.0, 12.0, 12.0, 48).translate((0, 0, -1)))
    ground, found = jar(keep)
    tall = Ground(ground.gauge, found.cavities, (ground.outer,), (), 1.0)
    assert drain(tall, found, 0, UP, RULE).bores == ()


def test_no_hole_beside_an_edge():
    """Every hole leaves the least wall beside it."""
    ground, _ = jar()
    sites = sites_of(ground.gauge, ground.cavities[0], 1.5)
    zero = np.zeros(3, np.float32)
    found = bores_at(ground, sites, Bore(zero, zero, 0.0, 0.0, 3.0, 10.0, "drain", 0.0))
    assert 20 < len(found) < len(sites.wall)
    bottoms = [bore for _, bore in found if bore.outward[2] < -0.9]
    assert max(float(np.linalg.norm(bore.mouth[:2])) for bore in bottoms) < 9 - 1.5 - 0.3


def cone(**changes) -> Bore:
    numbers = {
        "mouth": np.zeros(3, np.float32), "outward": np.array([0.6, 0, -0.8], np.float32), "depth_mm": 2.5,
        "over_mm": 0.4, "width_mm": 3.0, "taper_deg": 10.0, "kind": "drain", "seen": 0.0,
    }  # fmt: skip
    return Bore(**{**numbers, **changes})


def test_a_bore_is_a_cone_that_widens_outward():
    bore = cone()
    assert bore.radius(2.5) == pytest.approx(1.5)
    assert bore.radius(0) == pytest.approx(1.5 + 2.5 * math.tan(math.radians(10)))
    points = np.asarray(bore.cone().to_mesh().vert_properties)[:, :3] @ bore.outward
    assert points.min() == pytest.approx(-2.5, abs=1e-4) and points.max() > 0.4
    whole, turned = bore.cone().volume(), cone(outward=np.array([0, 0, 1], np.float32)).cone().volume()
    assert whole == pytest.approx(turned, rel=1e-5)


@pytest.mark.parametrize("clearance", [0.1, 0.15, 0.3])
def test_a_smaller_cone_has_the_gap_on_every_side(clearance):
    import manifold3d

    bore = cone()
    block = manifold3d.Manifold.cube((20, 20, 20), True) - bore.cone()
    assert block.min_gap(bore.cone(clearance), 2.0) == pytest.approx(clearance, abs=1e-3)
    assert volume(solid(bore.cone(clearance))) < volume(solid(bore.cone()))
