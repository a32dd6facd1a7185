"""A part of a kit made ready: hollow where that is good for it, solid where it is not, and its ways up."""

import manifold3d
import numpy as np
import pytest

from genkei.figure.checks import THIN_SHARE
from genkei.figure.finish import Finish, on_face, part_checks
from genkei.figure.hollow import Hollow
from genkei.figure.orient import Orient, in_sight
from genkei.figure.profiles import profile_named
from genkei.figure.supports import Supports
from genkei.geometry.mesh import area_vectors, face_normals
from genkei.types import Mesh, Part, all_passed
from tests.figure.characters import solid

RESIN = profile_named("resin")
QUICK = Orient(directions=4)


def gear(teeth: int, radius: float, depth: float, high: float) -> Part:
    turn = np.linspace(0, 2 * np.pi, 8 * teeth, endpoint=False)
    rim = radius + depth * np.cos(teeth * turn)
    ring = np.stack([rim * np.cos(turn), rim * np.sin(turn)], 1)
    mesh = solid(manifold3d.CrossSection([ring.tolist()]).extrude(high))
    return Part("gear", mesh, np.zeros((len(mesh.faces), 3, 2), np.float32))


def plain(part: Part) -> np.ndarray:
    return np.zeros(len(part.mesh.faces), bool)


def test_a_cavity_that_fails_its_checks_is_not_made_where_little_is_lost():
    part, coarse = gear(7, 10, 3, 16), Hollow(step_mm=0.74)
    failed = coarse(part, RESIN)
    assert not all_passed(failed.checks) and failed.saved_mm3 > 1000
    made = Finish(QUICK, coarse, unsupported=True)(part, RESIN, plain(part), (), ())
    assert made.failed == () and made.saved_mm3 == 0 and made.plugs == ()
    assert any("left solid, its cavity would fail the check of" in note for note in made.notes)


def test_an_uneven_wall_is_made_again_with_finer_cells_before_the_part_stays_solid():
    part = gear(5, 9, 2, 14)
    first = Hollow()(part, RESIN)
    assert [check.name for check in first.checks if not check.passed] == ["even wall"]
    finer = Hollow().finer(0.6, part, RESIN)
    assert 0 < finer.step_mm < 0.25
    made = Finish(QUICK, unsupported=True)(part, RESIN, plain(part), (), ())
    assert made.failed == ()


def test_a_larger_part_gets_narrower_passages_where_its_wall_is_uneven():
    part = gear(18, 24, 1.0, 40)
    first = Hollow()(part, RESIN)
    assert [check.name for check in first.checks if not check.passed] == ["even wall"]
    made = Finish(QUICK, unsupported=True)(part, RESIN, plain(part), (), ())
    assert made.failed == () and made.saved_mm3 > 10_000


def test_every_row_names_its_part():
    part = gear(7, 10, 3, 0.5)
    rows = part_checks(part, RESIN)
    assert all(row.where.startswith("gear") for row in rows)
    thin = next(row for row in rows if row.name == "thin walls")
    assert thin.measured > 100 * THIN_SHARE and "gear: 0.5" in thin.where


def test_faces_near_the_face_are_the_face():
    part = gear(5, 9, 2, 14)
    centres = part.mesh.vertices[part.mesh.faces].mean(1)
    top = centres[:, 2] > 13.9
    face = Mesh(part.mesh.vertices, part.mesh.faces[top])
    assert np.array_equal(on_face(part, face), top)
    assert not on_face(part, Mesh(part.mesh.vertices, part.mesh.faces[:0])).any()


def test_what_lies_under_a_fringe_is_no_face():
    part = gear(5, 9, 2, 14)
    top = part.mesh.vertices[part.mesh.faces].mean(1)[:, 2] > 13.9
    under = Mesh(part.mesh.vertices, np.ascontiguousarray(part.mesh.faces[top][:, ::-1]))
    assert not on_face(part, under).any()


def test_cutting_a_part_moves_no_border_of_its_face():
    ball = manifold3d.Manifold.sphere(8, 160)
    whole = solid(ball)
    marked = whole.vertices[whole.faces].mean(1)[:, 0] > 3
    hole = manifold3d.Manifold.cylinder(20, 1, 1, 24).rotate((0, 90, 0))
    mesh = solid(ball - manifold3d.Manifold.sphere(6, 48) - hole.translate((-20, 0, 0)))
    kept = on_face(Part("ball", mesh, np.zeros((len(mesh.faces), 3, 2), np.float32)),
                   Mesh(whole.vertices, whole.faces[marked]))  # fmt: skip
    cap = area_vectors(whole)[marked].sum(0)
    assert np.allclose(area_vectors(mesh)[kept].sum(0), cap, atol=1e-3 * np.linalg.norm(cap))


def studded() -> tuple[Part, np.ndarray]:
    """A rod whose front end bears studs with wider heads, and which of its faces look to the front there."""
    stud = manifold3d.Manifold.cylinder(0.7, 0.25, 0.25, 12)
    stud += manifold3d.Manifold.cylinder(0.5, 0.6, 0.2, 12).translate((0, 0, 0.6))
    rod = manifold3d.Manifold.cylinder(40, 6, 6, 48)
    for x in (-3, 0, 3):
        for y in (-3, 0, 3):
            rod += stud.translate((x, y, 39.9))
    mesh = solid(rod.rotate((90, 0, 0)))
    front = (face_normals(mesh)[:, 1] < -0.1) & (mesh.vertices[mesh.faces].mean(1)[:, 1] < -39.95)
    return Part("rod", mesh, np.zeros((len(mesh.faces), 3, 2), np.float32)), front


def test_where_every_cheap_way_up_leaves_a_tip_on_the_face_it_looks_up():
    part, face = studded()
    finish = Finish(QUICK, supports=Supports(pixel_mm=0.15), solid=True)
    sight = (in_sight(part.mesh) + 8 * face).astype(np.float32)
    ways = QUICK.ways(part, RESIN, sight, face)
    assert ways and all((face_normals(part.mesh)[face] @ way.rotation[2] >= 0).all() for way in ways)
    assert not any((way.rotation[2] @ [0, -1, 0]) > 0.9 for way in QUICK.ways(part, RESIN, sight))
    assert finish(part, RESIN, face, (), ()).failed == ()


def test_ways_up_differ_and_the_cheapest_stands_first():
    part = gear(5, 9, 2, 14)
    ways = QUICK.ways(part, RESIN)
    assert [way.cost_min for way in ways] == sorted(way.cost_min for way in ways)
    assert QUICK(part, RESIN).cost_min == pytest.approx(ways[0].cost_min)
    for a, first in enumerate(ways):
        for second in ways[a + 1 :]:
            assert first.rotation[2] @ second.rotation[2] < np.cos(np.radians(14.9))
