"""Supports leave nothing in the air, keep their distance, and tell what they cannot reach."""

from dataclasses import replace

import manifold3d
import numpy as np
import pytest

from genkei.figure.branches import Branches
from genkei.figure.build import Build
from genkei.figure.elbowroom import with_room
from genkei.figure.profiles import PROFILES
from genkei.figure.support_checks import Grid, air_checks
from genkei.figure.supports import NOTHING, Supported, Supports, supported_mesh
from genkei.figure.tips import OUT_SHARE
from genkei.figure.tubes import Ring, straightened, tube
from genkei.geometry.mesh import from_manifold, open_edges, to_manifold, volume
from genkei.types import Mesh, Part
from tests.figure.characters import doll, solid
from tests.figure.test_islands import box, comb, table

Solid = manifold3d.Manifold
RESIN = PROFILES["resin"]
STAGE = Supports(pixel_mm=0.15)
SHAPES = {
    "sphere": Solid.sphere(8, 48),
    "inverted cone": Solid.cylinder(20, 0.0, 9, 48),
    "table": table(4, 3.0),
    "comb": comb(4),
    "T": box(4, 8, 20, (10, 0, 0)) + box(24, 8, 3, (0, 0, 20)),
}


def part(shape: Solid | Mesh) -> Part:
    mesh = solid(shape) if isinstance(shape, Solid) else shape
    return Part("part", mesh, np.zeros((len(mesh.faces), 3, 2), np.float32))


def row(found: Supported, name: str):
    return next(check for check in found.checks if check.name == name)


@pytest.fixture(scope="module", params=SHAPES)
def held(request) -> Supported:
    return STAGE(part(SHAPES[request.param]), RESIN)


def test_nothing_hangs_in_the_air(held):
    assert [check.name for check in held.checks if not check.passed] == []
    assert row(held, "islands").measured == 0 and len(held.unreached) == 0
    bare = air_checks(held.part, NOTHING, Grid(0.15, 0.05), 5.0)
    assert not bare[0].passed and bare[0].measured >= 1 and "on the bed" in bare[0].where


def test_the_master_of_a_casting_is_held_like_resin():
    held = STAGE(part(SHAPES["comb"]), PROFILES["cast"])
    assert len(held.supports.faces) and row(held, "islands").measured == 0
    assert not len(STAGE(part(SHAPES["comb"]), PROFILES["sls"]).supports.faces)


def test_the_body_is_a_closed_solid_of_its_own_above_the_bed(held):
    assert open_edges(held.supports.faces) == 0
    assert held.supports.vertices[:, 2].min() == pytest.approx(0, abs=1e-4)
    assert held.part.vertices[:, 2].min() == pytest.approx(STAGE.raft_mm + STAGE.lift_mm, abs=1e-4)
    both = supported_mesh(held.part, held.supports)
    assert volume(both) == pytest.approx(volume(held.part) + held.resin_mm3, rel=1e-5)
    assert 0 < held.resin_mm3 < volume(held.supports)
    assert len(to_manifold(both).decompose()) == 1


def test_only_tips_touch_the_part(held):
    shared = to_manifold(held.part) ^ to_manifold(held.supports)
    tip = np.pi * STAGE.contact_mm**2 / 4 * (STAGE.penetration_mm + STAGE.contact_mm / 2)
    assert 0 < shared.volume() < len(held.tips) * 1.5 * tip
    touched = from_manifold(shared).vertices
    off = np.linalg.norm(touched[:, None] - held.tips, axis=2).min(1)
    assert off.max() < OUT_SHARE * STAGE.tip_mm + 0.1


def test_a_support_taken_away_fails_the_check(held):
    lowest = held.tips[np.argmin(held.tips[:, 2])]
    knife = Solid.cube((2, 2, 0.6), True).translate((*lowest[:2], lowest[2] - 0.35))
    cut = from_manifold(to_manifold(held.supports) - knife)
    assert not air_checks(held.part, cut, Grid(0.15, 0.05), 5.0)[0].passed


def test_a_doll_is_held_and_no_branch_comes_near():
    whole = Build(height_mm=60.0, with_base=False)(doll()).parts[0]
    found = STAGE(whole, RESIN)
    assert all(check.passed for check in found.checks), found.checks
    gap = row(found, "branch clearance").measured
    assert STAGE.clearance_mm - 0.02 <= gap < 5
    apart = to_manifold(found.part).min_gap(_without_tips(found), 5.0)
    assert apart >= STAGE.clearance_mm - 0.1
    assert any("trunks" in note for note in found.notes)


def _without_tips(found: Supported) -> Solid:
    """The supports less a ball round every tip (tips and heads)."""
    ball = Solid.sphere(3 * STAGE.tip_mm, 12)
    balls = [ball.translate(tuple(tip)) for tip in found.tips]
    return to_manifold(found.supports) - Solid.batch_boolean(balls, manifold3d.OpType.Add)


def test_the_same_input_gives_the_same_bytes():
    one, two = (STAGE(part(SHAPES["T"]), RESIN) for _ in range(2))
    assert one.supports.vertices.tobytes() == two.supports.vertices.tobytes()
    assert one.supports.faces.tobytes() == two.supports.faces.tobytes() and one.checks == two.checks


def test_a_box_on_the_bed_needs_none():
    found = replace(STAGE, lift_mm=0.0)(part(box(20, 15, 10)), RESIN)
    assert not len(found.supports.faces) and "no supports" in found.notes[0]
    assert all(check.passed for check in found.checks)
    assert supported_mesh(found.part, found.supports) is found.part


def test_on_the_bed_branches_stand_on_it():
    found = replace(STAGE, lift_mm=0.0)(part(table(2, 3.0)), RESIN)
    assert all(check.passed for check in found.checks), found.checks
    assert found.supports.vertices[:, 2].min() == pytest.approx(0, abs=1e-4)
    low = replace(STAGE, lift_mm=0.0)(part(table(2, 0.4)), RESIN)
    assert row(low, "islands").passed and low.supports.vertices[:, 2].min() == pytest.approx(0, abs=1e-3)


def cave() -> Solid:
    """A closed box whose ceiling lets a spike hang into its cavity."""
    spike = Solid.cylinder(6, 0.3, 2, 16).translate((7, 7, 7))
    return box(14, 14, 14) - box(10, 10, 10, (2, 2, 2)) + spike


def test_what_cannot_be_reached_is_told():
    alone = replace(STAGE, on_part=False)(part(cave()), RESIN)
    missed = row(alone, "support points")
    assert not missed.passed and missed.measured == len(alone.unreached) > 0 and "z " in missed.where
    assert not row(alone, "islands").passed
    helped = STAGE(part(cave()), RESIN)
    assert row(helped, "islands").passed and helped.struts > 0
    assert any("stand on the part" in note for note in helped.notes)


def test_the_face_stays_clear():
    ball = part(SHAPES["sphere"])
    centre = ball.mesh.vertices[ball.mesh.faces].mean(1)
    clear = centre[:, 0] > 1.5
    free, kept = STAGE(ball, RESIN), STAGE(ball, RESIN, clear)
    assert (free.tips[:, 0] > 2.5).any() and not (kept.tips[:, 0] > 2.5).any()
    assert row(kept, "tips on the face").passed and row(kept, "islands").passed
    forbidden = STAGE(ball, RESIN, np.ones(len(clear), bool))
    assert row(forbidden, "tips on the face").measured == 1 and not row(forbidden, "tips on the face").passed


def test_other_processes_get_a_note():
    for process, told in (("fdm", "switch supports on in the slicer"), ("colour", "needs no supports")):
        found = STAGE(part(table(2, 3.0)), PROFILES[process])
        assert not len(found.supports.faces) and told in found.notes[0] and found.checks == ()
        assert found.part.vertices[:, 2].min() == 0


def test_too_large_a_part_fails_its_row():
    small = replace(RESIN, build_mm=(40.0, 30.0, 30.0))
    found = STAGE(part(box(33, 10, 9)), small)
    assert row(found, "fits with supports").measured > 36 and not row(found, "fits with supports").passed
    assert row(STAGE(part(box(33, 10, 9)), RESIN), "fits with supports").passed
    assert not row(STAGE(part(box(30, 0.3, 0.3)), RESIN), "support resin").passed


def test_a_branch_too_near_is_pushed_off():
    wall = solid(box(5, 20, 20))
    at = np.array([[5.5, 10.0, 10], [5.7, 10, 9], [9, 10, 8]])
    only = np.zeros(3, np.int64)
    for points in (at, at[:1]):
        branches = Branches(points, only[: len(points)], only[: len(points)], np.zeros(len(points)))
        moved, distance = with_room(branches, wall, 0.7)
        assert distance[0] == pytest.approx(moved[0, 0] - 5, abs=1e-3) and (distance >= 0.7).all()
        assert (moved[points[:, 0] > 6] == points[points[:, 0] > 6]).all()


def test_a_tube_weighs_what_its_rings_say():
    ring = Ring(np.array([[1.0, 0, 9], [0, 0, 4], [0, 1, 0]]), np.array([1.0, 1.0, 1.0]))
    octagon = 2 * np.sqrt(2)
    assert volume(tube(ring)) == pytest.approx(9 * octagon, rel=1e-5) and not open_edges(tube(ring).faces)
    many = Ring(np.linspace([0, 0, 9], [0, 0, 0], 50), np.linspace(1, 2, 50))
    assert len(straightened(many).radii) == 2


def test_refusals():
    block = solid(box(9, 9, 9))
    for mesh, told in (
        (Mesh(block.vertices, block.faces[1:]), "open edges"),
        (Mesh(block.vertices * np.float32(np.nan), block.faces), "not numbers"),
        (NOTHING, "no triangles"),
    ):
        with pytest.raises(ValueError, match=told):
            STAGE(part(mesh), RESIN)
    with pytest.raises(ValueError, match="marks to keep clear"):
        STAGE(part(block), RESIN, np.ones(5, bool))
    for name, value in (("layer_mm", 0.0), ("contact_mm", 9.0), ("overhang_deg", 90.0), ("lift_mm", -1.0)):
        with pytest.raises(ValueError, match=f"supports: {name} is {value}, wanted"):
            Supports(**{name: value})
