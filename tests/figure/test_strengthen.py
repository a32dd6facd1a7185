"""Weak sections grow to what was asked, outward only; strong figures come back as they are."""

import math

import manifold3d
import numpy as np
import pytest

from genkei.figure.build import Build
from genkei.figure.sections import weakest
from genkei.figure.strengthen import Strengthen
from genkei.figure.union import Painted
from genkei.geometry.mesh import component_labels, open_edges, to_manifold
from genkei.types import Mesh
from tests.figure.characters import doll, painted, solid

HEAD = manifold3d.Manifold.sphere(8, 64)
FOOT = manifold3d.Manifold.cylinder(10, 9, 9, 64)


def plain(shape: manifold3d.Manifold) -> Painted:
    mesh = solid(shape)
    return Painted(mesh, np.full((len(mesh.faces), 3, 2), 0.25, np.float32))


def bar(x: float, radius: float) -> manifold3d.Manifold:
    return manifold3d.Manifold.cylinder(24, radius, radius, 48).translate((x, 0, 5))


NECK = FOOT + bar(0, 0.7) + HEAD.translate((0, 0, 30))


def test_a_weak_neck_gets_the_asked_section_and_stays_one_closed_solid():
    done = Strengthen(2.5)(plain(NECK))
    assert done.before_mm == pytest.approx(1.4, abs=0.02) and 2.5 <= done.after_mm < 2.8
    mesh = done.painted.mesh
    assert open_edges(mesh.faces) == 0 and component_labels(mesh.faces).max() == 0
    assert done.outward_mm == pytest.approx(2.5 * 1.06 / 2 - 0.7, abs=0.05)
    assert done.silhouette_mm == pytest.approx(done.outward_mm, abs=0.15)
    assert (done.painted.uv == 0.25).all() and "1 weak section" in done.notes[0]


def test_nothing_moves_inward_and_head_and_foot_stay():
    after = to_manifold(Strengthen(2.5)(plain(NECK)).painted.mesh)
    assert (NECK - after).volume() < 1e-3
    for low, high in ((0.0, 9.0), (27.0, 38.0)):
        grown = (after - NECK).trim_by_plane((0, 0, 1), low).trim_by_plane((0, 0, -1), -high)
        assert grown.volume() < 0.2


def test_two_ankles_are_two_places():
    body = FOOT.translate((0, 0, 28)) + FOOT
    done = Strengthen(3.0)(plain(body + bar(-5, 0.8) + bar(5, 1.0)))
    found = weakest(done.painted.mesh)
    assert done.after_mm >= 3.0 and found is not None and found.diameter_mm >= 3.0


def test_a_flat_neck_keeps_its_shape():
    flat = manifold3d.Manifold.cube((3.0, 0.8, 24), True).translate((0, 0, 17))
    mesh = Strengthen(2.5)(plain(FOOT + flat + HEAD.translate((0, 0, 30)))).painted.mesh
    left, front, right, back = to_manifold(mesh).slice(16.0).bounds()
    assert right - left > 1.5 * (back - front) and math.pi * 1.25**2 <= to_manifold(mesh).slice(16.0).area()


def test_no_more_than_may_move_moves_and_it_says_what_is_left():
    done = Strengthen(6.0, most_mm=0.5)(plain(NECK))
    assert done.outward_mm == pytest.approx(0.5, abs=0.01) and 2.2 < done.after_mm < 3.0


def test_a_strong_figure_is_the_very_same_object_and_a_build_asks_for_it():
    block = plain(FOOT)
    assert Strengthen(2.5)(block).painted is block
    upright = NECK.scale((1 / 38,) * 3).rotate((-90, 0, 0))
    body = painted(solid(upright))
    built = Build(height_mm=38.0, with_base=False, strengthen=True, thicken=False).with_notes(body)
    assert "1 weak section" in built.notes[-1]
    strong = Build(height_mm=100.0, strengthen=True)(doll())
    assert (
        strong.parts[0].mesh.vertices.tobytes()
        == Build(height_mm=100.0)(doll()).parts[0].mesh.vertices.tobytes()
    )


def test_open_solids_and_impossible_wishes_are_refused():
    mesh = plain(NECK).mesh
    with pytest.raises(ValueError, match="not a closed solid"):
        Strengthen()(
            Painted(Mesh(mesh.vertices, mesh.faces[1:]), np.zeros((len(mesh.faces) - 1, 3, 2), np.float32))
        )
    for wish in ({"section_mm": 0.0}, {"most_mm": -1.0}, {"rounds": 0}):
        with pytest.raises(ValueError, match="wanted 0 to 100 mm"):
            Strengthen(**wish)
