"""The way out of known sockets, hooks and boxes, and the order of assembly."""

import manifold3d
import numpy as np
import pytest

from genkei.figure.assembly import assembly
from genkei.figure.columns import window_over
from genkei.figure.pegs import Frame
from genkei.figure.sweep import directions, follow, way_out
from genkei.geometry.mesh import from_manifold, joined
from genkei.geometry.rays import Surface, meets_any
from genkei.types import Interface
from tests.figure.kits import UP, carved, cut_in_two, part, rod, shared

Manifold = manifold3d.Manifold
ALONG = np.array(UP)


def out(parts, interfaces):
    body, arm = parts
    return way_out(arm.mesh, [Surface(body.mesh)], interfaces[0].triangles, ALONG[None])


def test_a_plane_is_left_along_its_normal():
    for normal in (UP, (1.0, 0.0, 0.0), (0.3, -0.2, 0.8)):
        way = out(*cut_in_two(Manifold.cube((20, 20, 20), True), normal))
        assert way.free and way.cone_deg == 45 and len(way.spare) > 5
        assert way.direction @ np.array(normal) / np.linalg.norm(normal) == pytest.approx(1, abs=1e-5)


def test_a_plug_leaves_its_hole_along_the_hole_only():
    whole = Manifold.cube((20, 20, 20), True)
    way = out(*carved(whole, Manifold.cube((6, 6, 15), True).translate((0, 0, 5))))
    assert way.free and way.direction[2] == pytest.approx(1, abs=1e-6) and way.cone_deg <= 15


def test_a_slot_is_left_sideways():
    whole = Manifold.cube((20, 20, 20), True)
    slot = Manifold.cube((30, 6, 6), True).translate((14, 0, 0))  # the mean normal is +x
    way = out(*carved(whole, slot))
    assert way.free and way.direction[0] == pytest.approx(1, abs=1e-6)


def test_a_ball_more_than_half_in_its_socket_is_held():
    whole = Manifold.cube((20, 20, 20), True)
    held = out(*carved(whole, Manifold.sphere(6, 64).translate((0, 0, 7))))
    free = out(*carved(whole, Manifold.sphere(6, 64).translate((0, 0, 11))))
    assert not held.free and 0 < held.held_share < 0.5
    assert free.free and free.direction[2] == pytest.approx(1, abs=1e-6)


def test_a_dovetail_leaves_along_its_groove():
    whole = Manifold.cube((20, 20, 20), True)
    tail = manifold3d.CrossSection([[(-6.0, 0.0), (6.0, 0.0), (3.0, 10.0), (-3.0, 10.0)]])
    parts, faces = carved(whole, tail.extrude(40).translate((0, 0, -20)))
    body, arm = parts
    sideways = way_out(arm.mesh, [Surface(body.mesh)], faces[0].triangles, ALONG[None])
    assert sideways.free and abs(sideways.direction[2]) == pytest.approx(1, abs=1e-6)


def hook(gap: float):
    """A T whose bar hangs `gap` under a plate with a slot narrower than the bar."""
    plate = Manifold.cube((20, 20, 4), True) - Manifold.cube((4, 4, 10), True)
    bar = Manifold.cube((10, 3, 3), True).translate((0, 0, -3.5 - gap))
    return part("body", plate), part("arm", bar + Manifold.cube((3, 3, 20), True).translate((0, 0, 5)))


def test_travel_to_what_is_in_the_way_is_measured():
    body, arm = hook(2.5)
    path = follow(arm.mesh, [body.mesh], ALONG)
    assert path.travel_mm == pytest.approx(2.5, abs=0.01) and path.held_mm > 1
    assert path.needed_mm == pytest.approx(2.0 - (-5.0 - 2.5), abs=0.01)
    assert follow(arm.mesh, [body.mesh], -ALONG).held_mm == 0  # the stem falls through the slot


def test_a_free_path_is_as_long_as_the_peg():
    whole = Manifold.cube((20, 20, 20), True)
    (body, arm), _ = carved(whole, Manifold.cube((6, 6, 15), True).translate((0, 0, 6)))
    path = follow(arm.mesh, [body.mesh], ALONG)
    assert path.held_mm == 0 and path.travel_mm == path.needed_mm == pytest.approx(11.5, abs=1e-3)
    assert follow(arm.mesh, [], ALONG).needed_mm == 0


def test_directions_mirror():
    flip = np.array([-1.0, 1.0, 1.0])
    one, other = directions(np.array([0.6, 0.2, 0.5])), directions(np.array([-0.6, 0.2, 0.5]))
    apart = np.linalg.norm((one * flip)[:, None] - other[None], axis=2)
    assert apart.min(1).max() < 1e-9


def test_what_is_under_a_lid_comes_out_after_the_lid():
    box = Manifold.cube((20, 20, 20), True) - Manifold.cube((14, 14, 14), True)
    lid, box = box.split_by_plane(UP, 7.0)
    ball = Manifold.cube((14, 14, 14), True)
    body, top, inner = part("body", box), part("lid", lid), part("inner", ball)
    faces = [shared(body, top), shared(body, inner)]
    steps = assembly((body, top, inner), faces)
    assert [step.part.name for step in steps] == ["body", "inner", "lid"]
    assert all(step.way.free for step in steps)
    assert [step.part.name for step in assembly((inner, top, body), faces)] == ["body", "inner", "lid"]


def test_carriers_stand_before_what_they_carry():
    arm, rest = rod(length=40).split_by_plane(UP, 10.0)
    middle, foot = rest.split_by_plane(UP, -10.0)
    parts = part("arm", arm), part("middle", middle), part("foot", foot)
    faces = [shared(parts[1], parts[0]), shared(parts[2], parts[1])]
    assert [step.part.name for step in assembly(parts, faces)] == ["foot", "middle", "arm"]


def test_a_touch_may_be_turned_unless_the_caller_insists():
    """Two blocks side by side on a floor, one said to carry the other where they only touch."""
    floor = part("floor", Manifold.cube((30, 30, 4)).translate((-15, -15, -4)))
    left = part("left", Manifold.cube((10, 10, 30)).translate((0, -5, 0)))
    lip = Manifold.cube((14, 8, 4)).translate((-10, -4, 30)) + Manifold.cube((10, 8, 30)).translate(
        (-10, -4, 0)
    )
    right = part("right", lip)
    faces = [shared(floor, left), shared(floor, right), shared(right, left)]
    faces[2] = Interface("right", "left", faces[2].triangles[:4])
    loose, strict = assembly((floor, left, right), faces), assembly((floor, left, right), faces, strict=True)
    assert [step.part.name for step in strict] == ["floor", "right", "left"]
    assert not strict[-1].way.free or abs(strict[-1].way.direction[2]) < 0.9
    assert all(step.way.free for step in loose)


def test_contradictions_are_refused():
    (body, arm), faces = cut_in_two(rod())
    turned = Interface("arm", "body", faces[0].triangles[:, ::-1])
    with pytest.raises(ValueError, match="circle"):
        assembly((body, arm), [*faces, turned])
    with pytest.raises(ValueError, match="but the parts are body"):
        assembly((body,), faces)
    with pytest.raises(ValueError, match="same name"):
        assembly((body, body), ())


def boulders(rng: np.random.Generator, count: int):
    """Balls here and there in a box."""
    return [
        from_manifold(Manifold.sphere(float(r), 24).translate((float(x), float(y), float(z))))
        for r, x, y, z in rng.uniform((0.5, -9, -9, -9), (4, 9, 9, 9), (count, 4))
    ]


def test_only_what_is_over_the_window_and_not_under_the_part_can_be_in_its_way():
    rng = np.random.default_rng(5)
    part, *others = boulders(rng, 9)
    for direction in rng.normal(size=(6, 3)):
        window = window_over(Frame.along(np.zeros(3), direction), part.vertices, 0.1, 0.1, 300)
        floor = float(window.heights(part, upper=False).min())
        for other in others:
            all_ = window.heights(other, upper=True)
            some = window.heights(window.over(other, floor), upper=True)
            assert np.array_equal(np.maximum(all_, floor), np.maximum(some, floor))
            assert len(window.over(other, floor).faces) <= len(other.faces)
            assert not len(window.over(other, 99.0).faces)


def test_one_of_several_surfaces_is_met_as_all_in_one_are():
    rng = np.random.default_rng(6)
    meshes = boulders(rng, 5)
    starts, along = rng.uniform(-9, 9, (2000, 3)), rng.normal(size=(2000, 3))
    whole = Surface(joined(meshes)).first_hit(starts, along)[0] >= 0
    assert np.array_equal(meets_any([Surface(mesh) for mesh in meshes], starts, along), whole)
    assert 0.1 < whole.mean() < 0.9 and not meets_any([], starts, along).any()
