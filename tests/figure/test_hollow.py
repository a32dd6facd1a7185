"""Hollow parts: nothing is lost, joints stay, every check can fail, refusals in the user's words."""

from dataclasses import replace

import manifold3d
import numpy as np
import pytest

from genkei.figure.cavity import wall_between
from genkei.figure.depth import Gauge
from genkei.figure.drains import Rule
from genkei.figure.hollow import Hollow, Hollowed
from genkei.figure.profiles import PROFILES
from genkei.figure.proof import Cut, check_cut
from genkei.figure.union import shell_volumes
from genkei.geometry.mesh import open_edges, to_manifold, volume
from genkei.types import Check, Mesh, Part, all_passed
from tests.figure.characters import joined, solid

RESIN = PROFILES["resin"]
HOLLOW = Hollow(wall_mm=1.5, step_mm=0.5)


def part_of(mesh: Mesh, name: str = "body") -> Part:
    """Painted by height."""
    height = mesh.vertices[mesh.faces][..., 2]
    share = (height - height.min()) / max(float(np.ptp(height)), 1e-6)
    return Part(name, mesh, np.stack([np.full_like(share, 0.5), share], -1).astype(np.float32))


def body():
    """Legs, a trunk and a head, 46 mm tall; the soles are flat."""
    import manifold3d

    leg = manifold3d.Manifold.cylinder(18.0, 5.5, 5.0, 64)
    shapes = [
        leg.translate((-7, 0, 0)),
        leg.translate((7, 0, 0)),
        manifold3d.Manifold.sphere(10.0, 64).translate((0, 0, 20)),
        manifold3d.Manifold.sphere(12.0, 64).translate((0, 0, 36)),
    ]
    return manifold3d.Manifold.batch_boolean(shapes, manifold3d.OpType.Add)


def peg() -> Mesh:
    """The surroundings of a joint on top of the head."""
    import manifold3d

    return solid(manifold3d.Manifold.cylinder(12.0, 4.0, 4.0, 48).translate((0, 0, 40)))


@pytest.fixture(scope="module")
def whole() -> Part:
    return part_of(solid(body()))


@pytest.fixture(scope="module")
def made(whole) -> Hollowed:
    return HOLLOW(whole, RESIN, keep_out=(peg(),))


def named(checks: tuple[Check, ...], name: str) -> Check:
    return next(check for check in checks if check.name == name)


def test_everything_that_is_promised_passes(made):
    assert all_passed(made.checks), [check for check in made.checks if not check.passed]
    assert len(made.checks) == 10 and all(check.advice and check.where for check in made.checks)


def test_mass_is_conserved(whole, made):
    """Cavities and holes are measured as solids of their own."""
    import manifold3d

    taken = [to_manifold(mesh) for mesh in made.cavities] + [bore.cone() for bore in made.bores]
    union = manifold3d.Manifold.batch_boolean(taken, manifold3d.OpType.Add)
    removed = (to_manifold(whole.mesh) ^ union).volume()
    assert volume(made.part.mesh) + removed == pytest.approx(volume(whole.mesh), rel=1e-5)
    plugs = sum(volume(plug.mesh) for plug in made.plugs)
    assert made.saved_mm3 == pytest.approx(removed - plugs, rel=1e-4)
    assert made.saved_mm3 > 0.4 * volume(whole.mesh)


def test_both_legs_drain_through_their_soles(made):
    soles = [bore for bore in made.bores if bore.mouth[2] < 0.05]
    assert {bool(bore.mouth[0] > 0) for bore in soles} == {True, False}
    assert all(bore.seen < 0.02 for bore in made.bores)


def test_nothing_is_trapped(made):
    signed = shell_volumes(made.part.mesh)[1]
    assert len(signed) == 1 and signed[0] > 0 and open_edges(made.part.mesh.faces) == 0


def test_the_joint_is_as_solid_as_before(whole, made):
    keep = to_manifold(peg())
    before, after = keep ^ to_manifold(whole.mesh), keep ^ to_manifold(made.part.mesh)
    assert after.volume() == pytest.approx(before.volume(), rel=1e-6)
    open_joint = HOLLOW(whole, RESIN)
    assert (keep ^ to_manifold(open_joint.part.mesh)).volume() < 0.9 * before.volume()


def test_plugs_fill_the_holes_with_their_clearance(whole, made):
    assert len(made.plugs) == len(made.bores)
    hollow = to_manifold(made.part.mesh)
    for plug in made.plugs:
        piece = to_manifold(plug.mesh)
        assert (hollow ^ piece).volume() == 0 and len(piece.decompose()) == 1
        assert hollow.min_gap(piece, 1.0) == pytest.approx(RESIN.clearance_mm, abs=0.02)
        assert (piece - to_manifold(whole.mesh)).volume() < 1e-3  # flush with the skin
        assert len(plug.uv) == len(plug.mesh.faces)


def test_the_skin_keeps_its_paint(whole, made):
    """Outer corners lie where they lay, with the same uv."""
    corner = made.part.mesh.vertices[made.part.mesh.faces].reshape(-1, 3)
    uv = made.part.uv.reshape(-1, 2)
    height = whole.mesh.vertices[:, 2]
    known = {tuple(point) for point in np.round(whole.mesh.vertices, 4)}
    on_skin = np.array([tuple(point) in known for point in np.round(corner, 4)])
    assert on_skin.mean() > 0.2
    share = (corner[on_skin, 2] - height.min()) / np.ptp(height)
    assert np.abs(uv[on_skin, 1] - share).max() < 1e-4


def test_the_same_input_gives_the_same_bytes(whole, made):
    again = HOLLOW(whole, RESIN, keep_out=(peg(),))
    assert again.part.mesh.vertices.tobytes() == made.part.mesh.vertices.tobytes()
    assert again.part.mesh.faces.tobytes() == made.part.mesh.faces.tobytes()


def test_a_second_way_down_goes_on_from_the_same_room(whole):
    """What was found for the first one, and measured to it, changes nothing."""
    begun = HOLLOW.begun(whole, RESIN, (peg(),))
    HOLLOW.drained(begun)
    down = (0.6, 0.0, 0.8)
    again, fresh = HOLLOW.drained(begun, down), HOLLOW(whole, RESIN, (peg(),), down)
    assert len(fresh.bores) and again.part.mesh.vertices.tobytes() == fresh.part.mesh.vertices.tobytes()
    assert again.part.uv.tobytes() == fresh.part.uv.tobytes()
    assert again.checks == fresh.checks and again.notes == fresh.notes


def test_mirror_in_mirror_out(made):
    mirrored = part_of(solid(body().mirror((1, 0, 0))))
    there = HOLLOW(mirrored, RESIN, keep_out=(peg(),))
    assert there.saved_mm3 == pytest.approx(made.saved_mm3, rel=5e-3)
    assert len(there.bores) == len(made.bores)


def test_a_thin_part_comes_back_as_it_was():
    import manifold3d

    plate = part_of(solid(manifold3d.Manifold.cube((30.0, 20.0, 4.0))), "plate")
    found = HOLLOW(plate, RESIN)
    assert found.part is plate and not found.plugs and not found.cavities and not found.checks
    assert found.saved_mm3 == 0 and "too small to hollow" in found.notes[0]


def test_a_wall_is_nowhere_thinner_even_where_cells_are_coarse(monkeypatch):
    turn = np.linspace(0, 2 * np.pi, 56, endpoint=False)
    rim = (10 + 3 * np.cos(7 * turn))[:, None] * np.stack([np.cos(turn), np.sin(turn)], 1)
    mesh = solid(manifold3d.CrossSection([rim]).extrude(30))
    gear = Part("gear", mesh, np.zeros((len(mesh.faces), 3, 2), np.float32))
    coarse = Hollow(step_mm=0.8, least_cavity_mm3=50)

    def row() -> Check:
        made = coarse(gear, PROFILES["resin"], (), (0, 0, -1), ())
        return next(check for check in made.checks if check.name == "thinnest wall")

    assert row().passed
    monkeypatch.setattr("genkei.figure.hollow.backfilled", lambda found, *rest: found)
    assert not row().passed


def test_a_small_cavity_stays_solid(whole):
    found = replace(HOLLOW, least_cavity_mm3=1e6)(whole, RESIN)
    assert found.part is whole and "too small" in found.notes[0]


def test_a_part_without_a_place_for_a_hole_stays_solid(whole):
    import manifold3d

    core = body().translate((0, 0, -23)).scale((0.9, 0.9, 0.9)).translate((0, 0, 23))
    shield = solid(manifold3d.Manifold.cube((90, 90, 120), True) - core)
    found = HOLLOW(whole, RESIN, keep_out=(shield,))
    assert found.part is whole and "no drain hole fits" in " ".join(found.notes), found.notes


def test_a_process_with_infill_wants_no_cavity(whole):
    found = HOLLOW(whole, replace(PROFILES["fdm"], wall_mm=1.2))
    assert found.part is whole and "no use for a cavity" in found.notes[0]
    asked = replace(HOLLOW, wall_mm=1.6, hole_mm=3.0)(whole, PROFILES["fdm"])
    assert asked.saved_mm3 > 0 and asked.bores


RULE = Rule(3.0, 2, 2000.0, 10.0, 1.5)
NO_UV = np.zeros((1, 3, 2), np.float32)


def rows(made: Hollowed, whole: Part, **changes) -> tuple[Check, ...]:
    """The checks again, with something of the cut exchanged."""
    import manifold3d

    taken = [to_manifold(mesh) for mesh in made.cavities] + [bore.cone() for bore in made.bores]
    union = manifold3d.Manifold.batch_boolean(taken, manifold3d.OpType.Add)
    rooms = manifold3d.Manifold.batch_boolean(taken[: len(made.cavities)], manifold3d.OpType.Add)
    cut = Cut(
        before=whole,
        after=made.part,
        plugs=made.plugs,
        bores=made.bores,
        cavities_mm3=tuple(volume(mesh) for mesh in made.cavities),
        holes_mm3=((to_manifold(whole.mesh) ^ union) - rooms).volume(),
        hole_counts=(len(made.bores),),
        left_mm3=(0.0,),
        taken=union,
    )
    return check_cut(replace(cut, **changes), made.wall, 1.5, to_manifold(peg()), 0.15, RULE)


def test_the_checks_agree_when_nothing_is_exchanged(made, whole):
    assert all_passed(rows(made, whole))


def test_a_cavity_without_a_hole_fails(made, whole):
    rooms = to_manifold(joined(*made.cavities))
    sealed = replace(whole, mesh=solid(to_manifold(whole.mesh) - rooms))
    found = rows(made, whole, after=sealed)
    assert not named(found, "trapped voids").passed
    assert named(found, "trapped voids").measured == pytest.approx(rooms.volume(), rel=1e-4)


def test_a_bad_wall_fails(made, whole):
    for shift, name in (((0.5, 0, 0), "even wall"), ((0.5, 0, 0), "thinnest wall")):
        bad = solid(to_manifold(joined(*made.cavities)).translate(shift))
        wall = wall_between(Gauge(whole.mesh), [bad], 1.5, (peg(),))
        found = check_cut(_cut_of(made, whole), wall, 1.5, to_manifold(peg()), 0.15, RULE)
        assert not named(found, name).passed


def _cut_of(made: Hollowed, whole: Part) -> Cut:
    return Cut(whole, made.part, (), made.bores, (1.0,), 0.0, (2,), (0.0,), made.bores[0].cone())


def test_a_loose_piece_a_lost_volume_and_a_damaged_joint_fail(made, whole):
    import manifold3d

    crumb = solid(manifold3d.Manifold.cube((2, 2, 2)).translate((40, 0, 0)))
    found = rows(made, whole, after=replace(whole, mesh=joined(made.part.mesh, crumb)))
    assert not named(found, "one piece").passed and not named(found, "volume").passed
    through = manifold3d.Manifold.cube((4, 4, 120), True)
    assert not named(rows(made, whole, taken=through), "joints kept").passed


def test_too_few_holes_and_a_full_leg_fail(made, whole):
    assert not named(rows(made, whole, hole_counts=(1,)), "drain holes").passed
    assert not named(rows(made, whole, left_mm3=(5000.0,)), "drains").passed


def test_plugs_that_touch_or_rattle_fail(made, whole):
    tight = tuple(Part("plug", solid(bore.cone(0.05)), NO_UV) for bore in made.bores)
    assert not named(rows(made, whole, plugs=tight), "gap of plugs").passed
    thick = replace(made.bores[0], width_mm=4.0).cone()
    found = rows(made, whole, plugs=(Part("plug", solid(thick), NO_UV),))
    assert not named(found, "plugs overlap").passed


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"wall_mm": -1.0}, "the wall is -1"),
        ({"wall_mm": float("nan")}, "the wall is nan"),
        ({"least_cavity_mm3": -5.0}, "least cavity"),
        ({"hole_count": -1}, "number of holes"),
        ({"passage_mm": 0.0}, "passage of 0"),
        ({"taper_deg": 60.0}, "taper of 60"),
        ({"wall_mm": 1.0, "step_mm": 0.8}, "too coarse"),
        ({"passage_mm": 1.0, "step_mm": 0.8}, "too coarse"),
    ],
)
def test_options_no_one_can_mean_are_refused(options, words):
    with pytest.raises(ValueError, match=words):
        Hollow(**options)


@pytest.mark.parametrize(
    ("options", "process", "words"),
    [
        ({"wall_mm": 0.5}, "resin", "under the 1 mm that resin can"),
        ({"wall_mm": 60.0}, "resin", "larger than the part 'body'"),
        ({"hole_mm": 1.0}, "resin", "less than the 2 of 3 mm that resin needs"),
        ({"hole_count": 1}, "resin", "less than the 2 of 3 mm"),
        ({"hole_count": 2}, "fdm", "fdm has no diameter"),
        ({"clearance_mm": 2.0}, "resin", "leaves nothing of the plug"),
    ],
)
def test_options_against_the_part_or_the_process_are_refused(whole, options, process, words):
    with pytest.raises(ValueError, match=words):
        Hollow(**options)(whole, PROFILES[process])


def test_broken_parts_are_refused(whole):
    import manifold3d

    mesh = whole.mesh
    nan = mesh.vertices.copy()
    nan[0] = np.nan
    empty = Part("body", Mesh(mesh.vertices, mesh.faces[:0]), whole.uv[:0])
    for part, words in (
        (Part("body", Mesh(nan, mesh.faces), whole.uv), "not numbers"),
        (empty, "no triangles"),
        (Part("body", Mesh(mesh.vertices, mesh.faces[1:]), whole.uv[1:]), "'body': the mesh is not a closed"),
        (part_of(Mesh(mesh.vertices, np.ascontiguousarray(mesh.faces[:, ::-1]))), "inside-out"),
        (part_of(solid(body() - manifold3d.Manifold.sphere(4.0).translate((0, 0, 36)))), "closed void"),
    ):
        with pytest.raises(ValueError, match=words):
            HOLLOW(part, RESIN)


def test_broken_surroundings_are_refused(whole):
    open_peg = Mesh(peg().vertices, peg().faces[1:])
    with pytest.raises(ValueError, match="solid 0 of those to keep out of"):
        HOLLOW(whole, RESIN, keep_out=(open_peg,))
    for down in ((0.0, 0.0, 0.0), (0.0, 1.0), (0.0, 0.0, float("inf"))):
        with pytest.raises(ValueError, match="wanted a direction"):
            HOLLOW(whole, RESIN, down=down)
