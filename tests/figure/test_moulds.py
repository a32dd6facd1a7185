"""Moulds: known solids, volumes that add up, halves that part without touching, every check able to fail."""

import math
from dataclasses import replace

import manifold3d
import numpy as np
import pytest

from genkei.figure.moulds import Mould, Moulded, _held
from genkei.figure.parting import block_frame
from genkei.figure.pockets import tops
from genkei.figure.profiles import profile_named
from genkei.figure.pull import Cut, Probes, Search, draft_angles, free_path, half_directions
from genkei.geometry.mesh import from_manifold, open_edges, to_manifold, vertex_normals, volume
from genkei.geometry.rays import Surface
from genkei.types import Mesh, Part

Solid = manifold3d.Manifold
CAST, INJECTION = profile_named("cast"), profile_named("injection")
QUICK = Mould(probes=600, cells=60)
BALL = Solid.sphere(10, 48)
RING = Solid.revolve(manifold3d.CrossSection.circle(4, 24).translate((12, 0)), 48)
HOOK = Solid.cube((30, 10, 10)) + Solid.cube((10, 10, 40)) + Solid.cube((30, 10, 10)).translate((0, 0, 30))
"""A C in the plane of x and z: its mouth looks to +x."""
SPOOL = Solid.cylinder(40, 3, 3, 24, True) + sum(
    (Solid.cylinder(4, 12, 12, 32, True).translate((0, 0, z)) for z in (-18, 18)), Solid()
)
SPOOLS = SPOOL + SPOOL.rotate((90, 0, 0)) + SPOOL.rotate((0, 90, 0))
CUP = Solid.cylinder(20, 12, 13, 48) - Solid.cylinder(20, 10.2, 11.2, 48).translate((0, 0, 2))
"""Open towards +z, walls of 2 mm that lean by 3 degrees."""
Z = np.array([0, 0, 1.0])


def part(solid: Solid, name: str = "part") -> Part:
    mesh = from_manifold(solid)
    return Part(name, mesh, np.zeros((len(mesh.faces), 3, 2), np.float32))


def failed(moulded: Moulded) -> set[str]:
    return {check.name for check in moulded.checks if not check.passed}


def test_directions_are_one_of_every_pair_and_mirror_into_themselves():
    found = half_directions(2)
    assert len(found) == 49 and np.allclose(np.linalg.norm(found, axis=1), 1)
    assert np.allclose(found[:3] ** 2 @ np.arange(3), [0, 1, 2]) or set(np.abs(found[:3]).argmax(1)) == {
        0,
        1,
        2,
    }
    lines = {tuple(np.round(np.sign(d[np.flatnonzero(np.abs(d) > 1e-9)[-1]]) * d, 6)) for d in found}
    assert len(lines) == len(found)
    for axis in range(3):
        mirrored = found * np.where(np.arange(3) == axis, -1, 1)
        assert {
            tuple(np.round(np.sign(d[np.flatnonzero(np.abs(d) > 1e-9)[-1]]) * d + 0.0, 6)) for d in mirrored
        } == {tuple(np.array(line) + 0.0) for line in lines}


def test_a_ball_has_no_undercut_in_any_direction():
    mesh = from_manifold(BALL)
    assert (Search.over(mesh, Surface(mesh), 800).undercut == 0).all()


def test_a_hooks_undercut_is_its_mouth():
    """Along z the mouth's floor, ceiling and back (600 mm²) are shut in; along y nothing is."""
    mesh = from_manifold(HOOK)
    surface, probes = Surface(mesh), Probes.spread(mesh, 20_000)
    shut = probes.share(np.isfinite(free_path(surface, probes, Z)))
    assert shut == pytest.approx(600 / probes.area.sum(), rel=0.03)
    assert probes.share(np.isfinite(free_path(surface, probes, np.array([0, 1.0, 0])))) == 0
    faces = Probes.of_faces(mesh)
    assert faces.area[np.isfinite(free_path(surface, faces, Z))].sum() == pytest.approx(600, rel=0.01)
    assert set(np.round(draft_angles(mesh, Z)).tolist()) == {0.0, 90.0}


def test_the_parting_line_of_a_ball_is_a_great_circle():
    made = QUICK(part(BALL), CAST)
    assert made.undercut_share == 0 and not made.undercut.any() and not failed(made)
    assert made.parting_mm == pytest.approx(20 * math.pi, rel=0.03)
    rim = made.parting.covered & (np.linalg.norm(made.parting.nodes(), axis=-1) > 9.5)
    assert np.abs(made.parting.height[rim]).max() < 0.7  # the band of 2 degrees that counts as wall


@pytest.mark.parametrize(
    ("solid", "cells"),
    [(BALL, 60), (RING, 60), (HOOK, 60), (Solid.cylinder(30, 9, 5).rotate((20, 35, 0)), 180)],
)
def test_halves_fill_the_block_and_part_without_touching(solid, cells):
    """block = halves + part + sprues; nothing overlaps; along the pull nothing ever collides."""
    whole = part(solid)
    made = replace(QUICK, cells=cells)(whole, CAST)
    assert all(open_edges(piece.mesh.faces) == 0 for piece in (*made.halves, *made.sprues))
    inside = sum(volume(piece.mesh) for piece in (*made.halves, *made.sprues, whole))
    assert inside == pytest.approx(made.block_mm3, rel=1e-6)
    lower, upper = (to_manifold(half.mesh) for half in made.halves)
    (sprues,) = made.sprues
    cast = to_manifold(whole.mesh) + to_manifold(sprues.mesh)
    assert (lower ^ upper).volume() < 1e-3 and ((lower + upper) ^ cast).volume() < 0.1
    for way in (0.5, 2.0, 8.0, 40.0):
        lifted = upper.translate(tuple(way * made.pull))
        dropped = lower.translate(tuple(-way * made.pull))
        assert (lifted ^ lower).volume() < 1e-3
        grain = 1e-4 * volume(whole.mesh)  # the grid's steps along an oblique outline
        assert (lifted ^ cast).volume() < grain and (dropped ^ cast).volume() < grain


def test_the_halves_do_not_close_when_one_is_turned_round():
    made = QUICK(part(BALL), CAST)
    lower, upper = (to_manifold(half.mesh) for half in made.halves)
    middle = np.array(upper.bounding_box()).reshape(2, 3).mean(0)
    middle -= (middle @ made.pull) * made.pull
    half_turn = 2 * np.outer(made.pull, made.pull) - np.eye(3)
    turned = upper.transform(np.column_stack([half_turn, middle - half_turn @ middle]))
    assert (turned ^ lower).volume() > 20 > 1e-3 > (upper ^ lower).volume()


def test_keys_stand_in_both_halves_as_bump_and_hollow():
    made, bare = QUICK(part(BALL), CAST), replace(QUICK, key_mm=60)(part(BALL), CAST)
    assert failed(bare) == {"keys", "keys fit one way"}
    bumps = made.parting.height - bare.parting.height
    assert (bumps > 2).any() and (bumps < -2).any()
    cone = math.pi * 2.7 * (3**2 + 3 * 1.5 + 1.5**2) / 3
    assert bumps.sum() * made.parting.step**2 == pytest.approx(2 * cone, rel=0.05)  # three up, one down


def test_a_mirrored_part_gets_the_mirrored_mould():
    lump = HOOK + Solid.sphere(8, 24).translate((25, 3, 12))
    first, second = QUICK(part(lump), CAST), QUICK(part(lump.mirror((1, 0, 0))), CAST)
    flipped = first.pull * np.array([-1, 1, 1])
    assert abs(flipped @ second.pull) == pytest.approx(1)
    assert first.undercut_share == pytest.approx(second.undercut_share, abs=1e-3)
    assert first.block_mm3 == pytest.approx(second.block_mm3, rel=1e-6)


def test_the_block_keeps_its_wall_and_is_as_small_as_it_can_be():
    box = part(Solid.cube((30, 20, 10), True).rotate((0, 0, 30)))
    made = replace(QUICK, wall_mm=15)(box, CAST)
    assert sorted(made.parting.size_mm) == pytest.approx([40, 50, 60], abs=1.0)
    frame = block_frame(box.mesh, Z)
    assert np.allclose(frame @ frame.T, np.eye(3)) and np.linalg.det(frame) == pytest.approx(1)


def test_air_pockets_of_a_comb():
    """Prongs of 30, 20 and 25 mm on a bar of 5: each but the highest rises above its pass."""
    comb = Solid.cube((50, 5, 5))
    for x, height in ((0, 30), (20, 20), (40, 25)):
        comb += Solid.cube((5, 5, height)).translate((x, 0, 0))
    mesh = from_manifold(comb.refine_to_length(2.0))
    found = tops(mesh, Z, 2.0)
    assert found.rise_mm.tolist() == pytest.approx([30, 20, 15])
    assert mesh.vertices[found.vertex, 2].tolist() == pytest.approx([30, 25, 20])
    assert len(tops(mesh, -Z, 2.0).vertex) == 1 and len(tops(mesh, Z, 18.0).vertex) == 2


def test_every_top_has_its_way_out():
    """Resin poured in at the gate drives the air out: sprues reach the block's upper side."""
    comb = Solid.cube((60, 8, 8)) + sum(
        (Solid.cube((8, 8, 30)).translate((x, 0, 0)) for x in (0, 26, 52)), Solid()
    )
    made = QUICK(part(comb), CAST)
    (sprues,) = made.sprues
    ways = to_manifold(sprues.mesh).decompose()
    corner = np.append(made.parting.corner, made.parting.low) + np.array(made.parting.size_mm) / 2
    size = np.array(made.parting.size_mm)
    up = made.parting.frame @ made.pour_up
    assert np.abs(up).max() == pytest.approx(1) and abs(up[2]) < 1e-9
    for way in ways:
        reach = (from_manifold(way).vertices @ made.pour_up).max()
        assert reach == pytest.approx(corner @ up + size @ np.abs(up) / 2, abs=1e-3)
    assert f"{len(ways) - 1} vents" in made.notes[1]


def test_two_linked_rings_lock_and_say_where_to_cut():
    made = QUICK(part(RING + RING.rotate((90, 0, 0)) + RING.rotate((0, 90, 0))), CAST)
    assert {"rings", "undercut"} <= failed(made)
    row = next(check for check in made.checks if check.name == "undercut")
    assert row.measured == pytest.approx(100 * made.undercut_share)
    assert "undercut instead of" in row.advice or "no single planar cut helps" in row.advice


def test_the_helping_cut_frees_crossed_spools():
    """Discs on three crossing rods lock in every direction; cut in two, two pieces lock less."""
    mesh = from_manifold(SPOOLS.refine_to_length(4.0))
    search = Search.over(mesh, Surface(mesh), 1500)
    cut = search.helping_cut()
    assert 0 <= cut.share_after < 0.7 * search.undercut.min()
    assert Cut(Z, 12.4, 0.1).words == "a horizontal cut at z = 12 mm" and "-0.71" in cut.words
    assert Cut(np.array([0, -1.0, 0]), 5, 0.1).words == "a cut between front and back at y = -5 mm"
    hook = from_manifold(HOOK)
    assert Search.over(hook, Surface(hook), 500).helping_cut().share_after == 0


def test_the_highest_corner_is_a_top_whatever_its_faces_add_up_to():
    """The faces round the tip look down on the whole: the base of this pyramid leans over."""
    pyramid = Solid.hull_points([(-0.8, 3, -4), (-0.8, -3, -4), (0.2, 0, 1), (10, 0, 10)])
    leaning = from_manifold(pyramid)
    tip = int(leaning.vertices[:, 2].argmax())
    assert vertex_normals(leaning)[tip] @ Z < 0 and tops(leaning, Z, 2.0).vertex.tolist() == [tip]
    assert len(QUICK(part(pyramid), CAST).halves) == 2


def test_what_hangs_only_on_the_other_half_is_poured_with_it():
    """Under a dome that stands on the face there is silicone above it, and only the lower half holds that."""
    dome = (Solid.sphere(10, 48) - Solid.sphere(8, 48)).trim_by_plane((0, 0, 1), -2)
    block = Solid.cube((40, 40, 20), True)
    lower, upper = (block.translate((0, 0, z)) - dome for z in (-10, 10))
    assert [len(half.decompose()) for half in (lower, upper)] == [1, 2]
    below, above = _held(lower, upper)
    assert [len(half.decompose()) for half in (below, above)] == [1, 1]
    assert below.volume() == pytest.approx(lower.volume() + 2 / 3 * np.pi * 8**3, rel=2e-3)
    assert below.volume() + above.volume() == pytest.approx(lower.volume() + upper.volume(), rel=1e-6)


@pytest.mark.parametrize(
    ("solid", "options", "row"),
    [
        (BALL - Solid.sphere(6, 24), QUICK, "mould in two pieces"),
        (Solid.cylinder(300, 5), QUICK, "fits the mould box"),
        (sum((Solid.cube((20, 1, 20)).translate((0, 1.5 * k, 0)) for k in range(4)), Solid.cube((1, 5, 20))),
         QUICK, "thin cores"),
        (BALL, replace(QUICK, wall_mm=7, key_mm=14), "keys"),
        (SPOOLS, QUICK, "undercut depth"),
    ],
)  # fmt: skip
def test_what_silicone_cannot_do_fails(solid, options, row):
    made = options(part(solid, "odd"), CAST)
    assert row in failed(made)
    found = next(check for check in made.checks if check.name == row)
    assert found.advice and len(made.halves) == 2


def test_a_cup_can_be_injected_and_a_report_says_so():
    made = QUICK(part(CUP), INJECTION)
    assert failed(made) == set() and made.halves == () == made.sprues
    assert abs(made.pull @ Z) == pytest.approx(1) and made.parting_mm > 0


@pytest.mark.parametrize(
    ("solid", "rows"),
    [
        (HOOK, {"too thick"}),
        (Solid.cylinder(20, 12, 12, 48) - Solid.cylinder(20, 10, 10, 48).translate((0, 0, 2)), {"draft"}),
        (Solid.cube((20, 20, 0.8)), {"too thin"}),
        (CUP + Solid.cube((0.8, 9, 8)).translate((0, 0, 1)) + Solid.cube((0.8, 9, 8)).translate((1.8, 0, 1)),
         {"thin cores"}),
        (CUP - Solid.cylinder(40, 3, 3, 24, True).rotate((0, 90, 0)).translate((0, 0, 10)), {"undercut"}),
    ],
)  # fmt: skip
def test_what_steel_cannot_do_fails(solid, rows):
    assert rows <= failed(QUICK(part(solid), INJECTION))


def test_the_same_part_gives_the_same_bytes():
    first, second = (QUICK(part(HOOK), CAST) for _ in range(2))
    for a, b in zip(first.halves, second.halves, strict=True):
        assert (a.mesh.vertices == b.mesh.vertices).all() and (a.mesh.faces == b.mesh.faces).all()


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"wall_mm": 0.0}, "wall_mm = 0: wanted from 0.2 to 200 mm"),
        ({"vent_mm": math.nan}, "vent_mm = nan"),
        ({"gate_mm": 20.0}, "a gate of 20 mm breaks through a wall of 12 mm"),
        ({"probes": 3}, "3 probes were asked for"),
        ({"cells": 8}, "a parting surface of 8 cells"),
    ],
)
def test_bad_options_are_refused(options, says):
    with pytest.raises(ValueError, match=says):
        Mould(**options)


def test_bad_meshes_are_refused():
    good = part(BALL, "head")
    nan = good.mesh.vertices.copy()
    nan[0] = np.nan
    meshes = {
        "head: the mesh is empty": Mesh(good.mesh.vertices[:0], good.mesh.faces[:0]),
        "head: the mesh .* not numbers": Mesh(nan, good.mesh.faces),
        "not a closed solid": Mesh(good.mesh.vertices, good.mesh.faces[1:]),
        "inside-out": Mesh(good.mesh.vertices, good.mesh.faces[:, ::-1].copy()),
    }
    for says, mesh in meshes.items():
        with pytest.raises(ValueError, match=says):
            QUICK(replace(good, mesh=mesh), CAST)
