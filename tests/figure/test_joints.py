"""Joints of every kind on solids cut in two: laws of volume, gap, path and mirror; loud failures."""

from dataclasses import replace

import manifold3d
import numpy as np
import pytest

from genkei.figure.disassembly import taken_apart
from genkei.figure.fits import (
    Made,
    _beside,
    free_turn_deg,
    joint_checks,
    key_check,
    path_checks,
    pieces_check,
    socket_wall,
)
from genkei.figure.fittings import KINDS
from genkei.figure.footing import foot_interfaces
from genkei.figure.joints import Joints
from genkei.figure.pegs import Frame, Peg
from genkei.figure.profiles import PROFILES
from genkei.geometry.mesh import corners, from_manifold, open_edges, to_manifold, volume
from genkei.types import Interface, Mesh, Part, all_passed
from tests.figure.kits import UP, carved, cut_in_two, part, rod, shared

Manifold = manifold3d.Manifold
RESIN, FDM = PROFILES["resin"], PROFILES["fdm"]


def wide() -> Manifold:
    return Manifold.cube((40, 24, 40), True)


def failed(joined) -> list[str]:
    return [check.name for check in joined.checks if not check.passed]


def only(joined, name: str):
    return next(check for check in joined.checks if check.name == name)


def test_a_sliver_of_the_mouth_is_no_wall_beside_it():
    frame = Frame.along(np.zeros(3), np.array([0, 0, -1.0]))
    peg = Peg(frame, "round", 4, 6, 1, 1.5, 0.25, 3, 0.3)
    mouth = np.array([[3, 0, 0], [3.1, 0, 0], [3, 0.1, 0]])
    sliver = np.array([[3, 0, 0], [3.1, 0, 0.03], [3.1, 1e-7, 0.03]])
    side = np.array([[3, 0, 0], [3, 0, -1], [3, 1, 0.0]])
    assert np.array_equal(_beside(np.stack([mouth, sliver, sliver[:, [1, 0, 2]], side]), peg), side[None])


@pytest.mark.parametrize("deep_mm, least, most", [(0, 3, 3), (1, 1.2, 1.6)])
def test_a_step_of_the_shared_surface_is_no_wall_and_a_groove_is(deep_mm, least, most):
    """The step's side is a hair off the other part's: only what is above and below it counts as shared."""
    body = Manifold.cube((20, 20, 10)).translate((-10, -10, -10)) + Manifold.cylinder(0.1, 3.8, 3.8, 64)
    triangles = corners(part("body", body).mesh)
    level = triangles[(triangles[:, :, 2] > -0.01).all(1) & (np.ptp(triangles[:, :, 2], axis=1) == 0)]
    ring = Manifold.cylinder(2, 4.1, 4.1, 64) - Manifold.cylinder(2, 3.8, 3.8, 64)
    body -= ring.translate((0, 0, -deep_mm)) if deep_mm else Manifold()
    peg = Peg(Frame.along(np.array([0, 0, 0.1]), np.array([0, 0, -1.0])), "round", 4, 6, 1, 1.5, 0.25, 3, 0.3)
    wall = socket_wall(peg, body - peg.socket(), Interface("body", "arm", level))
    assert least - 1e-6 <= wall <= most


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("profile", [RESIN, FDM], ids=lambda p: p.name)
@pytest.mark.parametrize("normal", [UP, (0.3, 0.1, 0.9)])
def test_every_kind_is_made_and_proven(kind, profile, normal):
    parts, faces = cut_in_two(wide(), normal)
    joined = Joints(kind=kind)(parts, faces, profile)
    assert all_passed(joined.checks), failed(joined)
    assert {joint.kind for joint in joined.joints} == {kind}
    assert len(joined.joints) == (2 if kind == "two pegs" else 1)
    for one in joined.parts:
        assert open_edges(one.mesh.faces) == 0 and len(to_manifold(one.mesh).decompose()) == 1
        assert one.uv.shape == (len(one.mesh.faces), 3, 2)
    asked = 0.05 if kind in ("pin", "magnet") else profile.clearance_mm
    assert only(joined, "joint clearance").measured == pytest.approx(asked, abs=0.02)
    assert only(joined, "joint wall").measured >= profile.wall_mm


@pytest.mark.parametrize("kind", KINDS)
def test_volumes_are_conserved_up_to_the_gap(kind):
    """What is missing afterwards is what the sockets took and no peg filled."""
    parts, faces = cut_in_two(wide())
    joined = Joints(kind=kind)(parts, faces, RESIN)
    solids = {one.name: to_manifold(one.mesh) for one in joined.parts}
    whole = sum(volume(one.mesh) for one in parts)
    left = sum(solid.volume() for solid in solids.values())
    gaps = wide() - Manifold.batch_boolean(list(solids.values()), manifold3d.OpType.Add)
    assert left + gaps.volume() == pytest.approx(whole, rel=1e-5)
    assert (solids["body"] ^ solids["arm"]).volume() < 1e-3
    joint = joined.joints[0]
    gap = 0.05 if kind in ("pin", "magnet") else RESIN.clearance_mm
    if kind in ("d peg", "square peg"):  # a shell one clearance thick round the peg, and the room at its tip
        side = 3.2 * joint.size_mm * joint.depth_mm * gap
        assert 0.7 * side < gaps.volume() < 1.5 * side + joint.size_mm**2 * 0.5


def test_it_lifts_out_and_is_held_sideways():
    parts, faces = cut_in_two(wide(), (0.3, 0.1, 0.9))
    joined = Joints()(parts, faces, RESIN)
    body, arm = (to_manifold(one.mesh) for one in joined.parts)
    way = joined.joints[0].direction
    for lift in np.linspace(0.0, 30.0, 16):
        assert (arm.translate(tuple(float(x) for x in lift * way)) ^ body).volume() < 1e-3
    aside = np.cross(way, [1.0, 0, 0])
    assert (arm.translate(tuple(float(x) for x in aside + 0.01 * way)) ^ body).volume() > 0.5


def test_mirror_in_mirror_out():
    shape = rod(9.0) + Manifold.sphere(7, 48).translate((5, 2, 12))
    parts, faces = cut_in_two(shape, (0.2, 0.1, 0.97))
    flipped = [Part(p.name, mirrored(p.mesh), np.ascontiguousarray(p.uv[:, ::-1])) for p in parts]
    triangles = np.ascontiguousarray(faces[0].triangles[:, ::-1] * np.array([-1, 1, 1], np.float32))
    one = Joints()(parts, faces, RESIN)
    other = Joints()(flipped, [Interface("body", "arm", triangles)], RESIN)
    a, b = one.joints[0], other.joints[0]
    assert a.kind == b.kind and a.size_mm == pytest.approx(b.size_mm, abs=0.05)
    assert np.allclose(a.direction * [-1, 1, 1], b.direction, atol=1e-4)
    assert np.allclose(a.origin * [-1, 1, 1], b.origin, atol=0.15)
    for p, q in zip(one.parts, other.parts, strict=True):
        assert volume(p.mesh) == pytest.approx(volume(q.mesh), rel=2e-3)


def mirrored(mesh: Mesh) -> Mesh:
    points = mesh.vertices * np.array([-1, 1, 1], np.float32)
    return Mesh(points, np.ascontiguousarray(mesh.faces[:, ::-1]))


def test_the_cross_section_chooses():
    def kind(diameter, profile):
        return Joints()(*cut_in_two(rod(diameter)), profile).joints[0].kind

    assert [kind(d, RESIN) for d in (4, 10)] == ["pin", "d peg"]
    assert [kind(d, FDM) for d in (4, 10)] == ["pin", "dowel"]
    assert Joints()(*cut_in_two(wide()), RESIN).joints[0].kind == "two pegs"


def test_a_thin_limb_gets_the_thickest_pin_that_leaves_a_wall():
    joined = Joints()(*cut_in_two(rod(4.0)), RESIN)
    assert all_passed(joined.checks) and joined.joints[0].size_mm == 1.5
    assert any("brass wire of 1.5 mm" in note for note in joined.notes)


def test_a_slanting_cut_is_pinned_along_its_limb():
    joined = Joints()(*cut_in_two(rod(4.0), (0.4, 0.0, 0.9)), RESIN)
    assert all_passed(joined.checks), failed(joined)
    assert joined.joints[0].direction[2] > 0.97


def test_a_ring_is_joined_in_its_band():
    joined = Joints()(*cut_in_two(rod(40.0) - rod(24.0, 40.0)), RESIN)
    assert all_passed(joined.checks), failed(joined)
    assert len(joined.joints) == 2
    for joint in joined.joints:
        assert 12 < np.linalg.norm(joint.origin[:2]) < 20


def test_a_curved_seam_of_a_cap():
    tool = Manifold.cube((60, 60, 60), True).trim_by_plane(UP, 2.0) - Manifold.sphere(17, 96)
    joined = Joints()(*carved(Manifold.sphere(20, 96), tool), RESIN)
    assert all_passed(joined.checks), failed(joined)
    assert joined.joints[0].direction[2] > 0.99


def test_a_sliver_fails_loudly():
    parts, faces = cut_in_two(rod(2.0))
    joined = Joints()(parts, faces, RESIN)
    row = only(joined, "joint room")
    assert not row.passed and row.measured < row.limit and "arm on body" in row.where and row.advice
    assert not joined.joints and joined.parts == tuple(parts) and not joined.keep_out
    assert joined.apart == tuple(faces)


def test_a_hook_fails_loudly():
    parts, faces = carved(Manifold.cube((20, 20, 20), True), Manifold.sphere(6, 48).translate((0, 0, 6)))
    joined = Joints()(parts, faces, RESIN)
    row = only(joined, "joint path")
    assert not row.passed and "hook" in row.where and not joined.joints and joined.parts == tuple(parts)
    assert joined.apart == tuple(faces)


def test_a_small_hook_is_eased():
    """A ball a little more than half in its socket: the rim that holds it stays in the socket."""
    whole, ball = Manifold.cube((20, 20, 20), True), Manifold.sphere(6, 48).translate((0, 0, 8))
    parts, faces = carved(whole + ball, ball)
    before = sum(volume(one.mesh) for one in parts)
    held = Joints(ease=False)(parts, faces, RESIN)
    assert failed(held) == ["joint path"] and held.parts == tuple(parts)
    joined = Joints(kind="d peg")(parts, faces, RESIN)
    assert all_passed(joined.checks), failed(joined)
    assert "hooked behind body" in joined.notes[0] and "so that it comes off" in joined.notes[0]
    body, arm = (to_manifold(one.mesh) for one in joined.parts)
    for lift in (0.0, 0.1, 0.5, 2.0, 8.0):
        assert (arm.translate((0, 0, lift)) ^ body).volume() < 0.05
    plain = taken_apart(parts, faces)[0]
    assert sum(volume(step.part.mesh) for step in plain) == pytest.approx(before, rel=1e-4)
    assert not joined.apart


def test_a_joint_on_one_large_surface_is_enough():
    """A bar on a post and a wire that no joint fits in: one joint holds it, on the wire it is glued."""
    post, wire = rod(10.0).translate((0, 0, -15)), rod(2.0).translate((10, 0, -15))
    bar = Manifold.cube((20, 12, 8), True).translate((4, 0, 4))
    parts = part("post", post), part("wire", wire), part("bar", bar)
    faces = [shared(parts[0], parts[2]), shared(parts[1], parts[2])]
    joined = Joints()(parts, faces, RESIN)
    assert len(joined.joints) == 1 and not joined.apart and not failed(joined)
    assert any("bar also touches wire" in note for note in joined.notes)


def test_a_joint_that_fails_its_proof_is_glued_where_another_holds(monkeypatch):
    left, right = rod(10.0).translate((-12, 0, -15)), rod(10.0).translate((12, 0, -15))
    bar = Manifold.cube((40, 12, 8), True).translate((0, 0, 4))
    parts = part("left", left), part("right", right), part("bar", bar)
    faces = [shared(parts[0], parts[2]), shared(parts[1], parts[2])]
    assert len(Joints()(parts, faces, RESIN).joints) == 2

    def spoiled(*carriers: str):
        def rows(made, solids, profile):
            bad = made.interface.carrier in carriers
            return [replace(r, passed=r.passed and not bad) for r in joint_checks(made, solids, profile)]

        monkeypatch.setattr("genkei.figure.joints.joint_checks", rows)
        return Joints()(parts, faces, RESIN)

    one = spoiled("left")
    assert [joint.carrier for joint in one.joints] == ["right"] and not failed(one)
    assert "bar also touches left, without a joint there: glue it" in one.notes
    both = spoiled("left", "right")
    assert len(both.joints) == 2 and failed(both)


def test_what_is_forced_is_made_or_fails():
    parts, faces = cut_in_two(rod(12.0))
    for rule in ("arm=magnet", "body/arm=magnet"):
        assert Joints(force=(rule,))(parts, faces, RESIN).joints[0].kind == "magnet"
    thin = Joints(kind="square peg")(*cut_in_two(rod(4.0)), RESIN)
    assert failed(thin) == ["joint room"] and not thin.joints


def test_a_loose_dowel_is_a_part_of_its_own():
    joined = Joints(kind="dowel")(*cut_in_two(rod(12.0)), RESIN)
    assert [one.name for one in joined.parts] == ["body", "arm dowel", "arm"]
    solids = [to_manifold(one.mesh) for one in joined.parts]
    for a, b in ((0, 1), (1, 2)):
        assert solids[a].min_gap(solids[b], 1.0) == pytest.approx(RESIN.clearance_mm, abs=0.02)


def test_hollowing_is_kept_out_of_both_sides():
    joined = Joints()(*cut_in_two(rod(12.0)), RESIN)
    hold = to_manifold(joined.keep_out[0])
    socket = joined.joints[0].origin - (joined.joints[0].depth_mm + 0.5) * joined.joints[0].direction
    assert hold.bounding_box()[2] < socket[2] < joined.joints[0].origin[2] < hold.bounding_box()[5]


def test_a_peg_stands_where_there_is_material():
    """A plate carries: it is too thin for a socket, so its own peg goes up into the block."""
    block = Manifold.cube((20, 20, 16)).translate((-10, -10, 0))
    plate = Manifold.cube((20, 20, 2)).translate((-10, -10, -2))
    parts = part("body", plate), part("arm", block)
    joined = Joints(kind="d peg")(parts, [shared(*parts)], RESIN)
    assert all_passed(joined.checks), failed(joined)
    assert volume(joined.parts[0].mesh) > volume(plate_mesh := parts[0].mesh) and len(plate_mesh.faces)
    assert any("the peg stands on body" in note for note in joined.notes)


def test_two_pins_of_one_part_differ():
    """Two equal pins would let a body be put on back to front."""
    feet = rod(4.0).translate((-6, 0, 0)) + rod(4.0).translate((6, 0, 0))
    body = (feet + Manifold.cube((20, 8, 8), True).translate((0, 0, 14))).trim_by_plane(UP, 0.0)
    base = Manifold.cube((40, 20, 6)).translate((-20, -10, -6))
    parts = part("base", base), part("body", body)
    soles = foot_interfaces(parts[1], parts[0])
    assert len(soles) == 2
    joined = Joints(kind="pin")(parts, soles, RESIN)
    assert all_passed(joined.checks), failed(joined)
    assert len({joint.size_mm for joint in joined.joints}) == 2
    assert only(joined, "joint one way").measured < 20


def test_same_input_same_bytes():
    parts, faces = cut_in_two(wide(), (0.3, 0.1, 0.9))
    one, other = (Joints()(parts, faces, RESIN) for _ in range(2))
    for a, b in zip(one.parts, other.parts, strict=True):
        assert a.mesh.vertices.tobytes() == b.mesh.vertices.tobytes()
        assert a.mesh.faces.tobytes() == b.mesh.faces.tobytes()
    assert one.checks == other.checks


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"clearance_mm": -0.1}, "clearance is -0.1"),
        ({"metal_clearance_mm": 3.0}, "clearance round metal"),
        ({"taper_deg": 40.0}, "taper is 40"),
        ({"most_width_mm": 0.5}, "more than 0 mm"),
        ({"pins_mm": (0.0,)}, "more than 0 mm"),
        ({"force": ("arm=glue",)}, "PART=KIND"),
        ({"force": ("arm",)}, "PART=KIND"),
    ],
)
def test_bad_options_are_refused(options, words):
    with pytest.raises(ValueError, match=words):
        Joints(**options)


def test_a_forced_joint_of_nothing_is_refused():
    with pytest.raises(ValueError, match="known are arm, body/arm"):
        Joints(force=("leg=pin",))(*cut_in_two(rod()), RESIN)


def made_of(joints: Joints, parts, faces, profile):
    """A joint's decision and the finished solids, for checks that are shown something else."""
    from genkei.figure.assembly import assembly
    from genkei.figure.columns import Stock
    from genkei.geometry.rays import Surface

    steps = assembly(parts, faces)
    stocks = {one.name: Stock(Surface(one.mesh)) for one in parts}
    made = joints._along(steps[1], stocks, profile).made
    solids = {one.name: to_manifold(one.mesh) for one in joints(parts, faces, profile).parts}
    return made, solids


def test_every_check_can_fail():
    parts, faces = cut_in_two(rod(12.0))
    made, solids = made_of(Joints(), parts, faces, RESIN)
    plain = {one.name: to_manifold(one.mesh) for one in parts}
    assert all(row.passed for row in joint_checks(made[0], solids, RESIN))

    def bad(rows) -> set[str]:
        return {row.name for row in rows if not row.passed}

    assert {"joint clearance", "joint clearance on its way"} <= bad(joint_checks(made[0], plain, RESIN))
    assert "joint wall" in bad(
        joint_checks(made[0], solids, replace(RESIN, recommended_wall_mm=5, wall_mm=5))
    )
    assert "joint root" in bad(joint_checks(made[0], solids, replace(RESIN, section_mm=9)))
    uncut = {**solids, "body": plain["body"]}
    assert {"joint overlap", "joint overlap on its way", "joint path"} <= bad(
        path_checks(
            made[0].step, made, uncut, {name: from_manifold(one) for name, one in uncut.items()}, ["body"]
        )
    )
    assert not pieces_check("arm", 1, 2).passed
    assert bad([loose_key(made[0])]) == {"joint one way"}


def loose_key(made: Made):
    """The same joint with a gap as wide as its key."""
    plug = made.fitting.plugs[0]
    loose = replace(plug, peg=replace(plug.peg, clearance_mm=3.0))
    return key_check(made.step, [replace(made, fitting=replace(made.fitting, plugs=(loose,)))])


def test_pairs_of_pegs_go_on_one_way_only_when_they_differ():
    frame = Frame.along(np.zeros(3), np.array(UP))
    one = Peg(frame, "round", 4.0, 5.0, 1.0, 1.1, 0.15)
    far = replace(one, frame=replace(frame, origin=np.array([20.0, 0, 0])))
    assert free_turn_deg([one]) is None
    assert free_turn_deg([one, far]) == 180
    assert free_turn_deg([one, replace(far, width_mm=3.0)]) < 5
    assert free_turn_deg([one, replace(far, width_mm=3.8)]) == 180  # the gap hides the difference
