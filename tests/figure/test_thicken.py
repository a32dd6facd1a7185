"""Thin walls grow to the limit, only outward and only there; everything else stays as it was."""

import manifold3d
import numpy as np
import pytest

from genkei.figure.build import Build
from genkei.figure.front import FrontView
from genkei.figure.medial import Middles
from genkei.figure.thicken import Thicken
from genkei.figure.union import Painted
from genkei.figure.walls import walls
from genkei.geometry.mesh import component_labels, open_edges, to_manifold, volume
from genkei.types import Mesh
from tests.figure.characters import doll, solid

BLOCK = manifold3d.Manifold.cube((20, 16, 12), True)
PLATE = manifold3d.Manifold.cube((14, 0.5, 10), True)
THICKEN = Thicken(limit_mm=1.0)


def painted(shape: manifold3d.Manifold) -> Painted:
    """uv = (x, z) over 100 mm: paint that can be asked where it came from."""
    mesh = solid(shape)
    corner = mesh.vertices[mesh.faces]
    return Painted(mesh, np.ascontiguousarray(corner[..., [0, 2]] / 100 + 0.5, np.float32))


@pytest.fixture(scope="module")
def plate():
    return THICKEN(painted(BLOCK.translate((0, 0, -10)) + PLATE))


def test_a_thin_plate_reaches_the_limit(plate):
    assert plate.before > 0.05 and plate.after < 0.005 and plate.rounds >= 1
    found = walls(plate.painted.mesh)
    flat = (np.abs(found.points[:, 1]) < 1) & (np.abs(found.points[:, 0]) < 6) & (found.points[:, 2] > -3)
    assert flat.sum() > 1000 and (found.thickness[flat] < 1).mean() < 0.01
    assert np.median(found.thickness[flat]) < 1.3


def test_it_stays_one_closed_solid_and_says_what_it_did(plate):
    mesh = plate.painted.mesh
    assert open_edges(mesh.faces) == 0 and component_labels(mesh.faces).max() == 0
    assert volume(mesh) > 0 and len(plate.painted.uv) == len(mesh.faces)
    assert 0.2 < plate.outward_mm < 0.75 and plate.silhouette_mm <= 0.6 + 0.1
    assert "were thickened to 1 mm" in plate.notes[0]


def test_the_surface_never_moves_inward_and_stays_where_it_was_thick(plate):
    before = BLOCK.translate((0, 0, -10)) + PLATE
    after = to_manifold(plate.painted.mesh)
    assert (before - after).volume() < 1e-3
    assert (after - before).trim_by_plane((0, 0, -1), 5.0).volume() < 1e-3


def test_the_paint_is_the_nearest_old_one(plate):
    centre = plate.painted.mesh.vertices[plate.painted.mesh.faces].mean(1)
    off = np.abs((plate.painted.uv.mean(1) - 0.5) * 100 - centre[:, [0, 2]])
    assert off.max() < 0.8 and np.median(off) < 0.1


def test_a_thick_block_is_the_very_same_object():
    block = painted(BLOCK)
    done = THICKEN(block)
    assert done.painted is block and done.rounds == 0 and done.notes == ()
    assert (done.before, done.after, done.outward_mm, done.silhouette_mm) == (0, 0, 0, 0)


def test_a_lock_grows_thicker_and_not_longer():
    lock = manifold3d.Manifold.cylinder(14, 0.3, 0.3, 24).translate((0, 0, 5))
    done = THICKEN(painted(BLOCK + lock))
    width = np.ptp(done.painted.mesh.vertices[(abs(done.painted.mesh.vertices[:, 2] - 12) < 2)], axis=0)
    assert 1.05 < width[0] < 1.5 and 1.05 < width[1] < 1.5
    assert done.painted.mesh.vertices[:, 2].max() == pytest.approx(19, abs=1e-5)
    assert done.after < 0.1 * done.before


def test_a_lock_that_hangs_ends_where_it_ended():
    lock = manifold3d.Manifold.cylinder(14, 0.3, 0.3, 24).rotate((90, 0, 0)).translate((0, -5, 0))
    done = THICKEN(painted(BLOCK + lock))
    assert -19.3 < done.painted.mesh.vertices[:, 1].min() <= -19 + 1e-5


def test_less_may_move_where_the_drawing_is_dear():
    lock = manifold3d.Manifold.cylinder(14, 0.2, 0.2, 24).translate((0, 0, 5))
    done = Thicken(limit_mm=1.0, silhouette_mm=0.2, face_mm=1.0)(painted(BLOCK + lock))
    free = Thicken(limit_mm=1.0, face_mm=1.0)(painted(BLOCK + lock))
    assert done.silhouette_mm <= 0.3 < free.silhouette_mm
    assert free.after < 0.01 < done.after


def test_a_face_may_come_forward_only_so_far():
    body = Build(with_base=False, height_mm=100.0)(doll()).parts[0].mesh
    fringe = manifold3d.Manifold.cube((14, 0.3, 8), True).translate((0, -25, 75))
    stalk = manifold3d.Manifold.cube((3, 12, 3), True).translate((0, -19, 78))
    figure = painted(to_manifold(body) + fringe + stalk)
    assert FrontView.of(figure.mesh).face.sum() > 1000
    kept, free = Thicken(face_mm=0.1)(figure), Thicken(face_mm=1.0)(figure)
    assert kept.face_mm <= 0.1 + 0.1 < free.face_mm


def test_a_nose_is_no_wall():
    nose = manifold3d.Manifold.cylinder(1.2, 0.5, 0.05, 24).rotate((90, 0, 0)).translate((0, -8, 0))
    figure = painted(BLOCK + nose)
    assert walls(figure.mesh).share_below(1.0) > 0 and THICKEN(figure).painted is figure


def test_mirror_in_mirror_out(plate):
    lean = BLOCK.translate((0, 0, -10)) + PLATE.translate((3, 0, 0))
    mirrored = lean.mirror((1, 0, 0))
    one, other = THICKEN(painted(lean)), THICKEN(painted(mirrored))
    assert volume(one.painted.mesh) == pytest.approx(volume(other.painted.mesh), rel=2e-3)
    assert other.after < 0.005 and one.after < 0.005


def test_same_input_same_bytes(plate):
    again = THICKEN(painted(BLOCK.translate((0, 0, -10)) + PLATE))
    assert again.painted.mesh.vertices.tobytes() == plate.painted.mesh.vertices.tobytes()
    assert again.painted.uv.tobytes() == plate.painted.uv.tobytes()


def test_the_middle_of_a_sheet_stays_and_its_rim_draws_back():
    grid = np.stack(np.meshgrid(np.arange(0, 4.05, 0.15), np.arange(0, 4.05, 0.15), [0.0]), -1).reshape(-1, 3)
    everything = np.ones(len(grid), bool)
    moved = Middles(grid, np.full(len(grid), 0.5), len(grid)).drawn_back(everything, 0.5) - grid
    inner = (np.abs(grid[:, :2] - 2).max(1)) < 1.2
    rim = (grid[:, 0] == 0) & (np.abs(grid[:, 1] - 2) < 1)
    assert np.abs(moved[inner]).max() < 1e-9 and np.allclose(moved[rim, 0], 0.42, atol=0.15)
    assert Middles(grid[:0], np.zeros(0), 0).drawn_back(everything[:0], 0.5).shape == (0, 3)


def test_open_solids_and_impossible_wishes_are_refused():
    torn = painted(BLOCK)
    torn = Painted(Mesh(torn.mesh.vertices, torn.mesh.faces[1:]), torn.uv[1:])
    with pytest.raises(ValueError, match="only a closed solid"):
        THICKEN(torn)
    for wish, says in (
        ({"limit_mm": 0.0}, "walls of 0 mm"),
        ({"silhouette_mm": -1.0}, "may move -1 mm"),
        ({"rounds": 0}, "0 rounds"),
        ({"enough": 1.0}, "down to 1 of"),
    ):
        with pytest.raises(ValueError, match=says):
            Thicken(**wish)
