"""Solid from anything: closed shells exactly, torn ones by winding number, sheets with a thickness."""

import math
import re

import manifold3d
import numpy as np
import pytest

from genkei import pipeline
from genkei.figure import winding
from genkei.figure.build import Build
from genkei.figure.printify import Printify, resolve_unit
from genkei.figure.solidify import solidify
from genkei.figure.transfer import transfer
from genkei.figure.walls import walls
from genkei.formats import stl
from genkei.formats.soup import Soup
from genkei.geometry.mesh import component_labels, face_normals, open_edges, volume
from genkei.geometry.raster import sample
from genkei.types import Mesh
from tests.figure.characters import joined, solid

BALL = solid(manifold3d.Manifold.sphere(20, 96))


def test_closed_shells_are_united_exactly():
    cube = manifold3d.Manifold.cube((10, 10, 10))
    inverted = solid(cube.translate((5, 0, 0)))
    both = joined(solid(cube), Mesh(inverted.vertices, inverted.faces[:, ::-1].copy()))
    made = solidify(both.vertices, both.faces)
    assert made.method == "union" and made.volume_mm3 == pytest.approx(1500, rel=1e-6)
    assert made.largest_distance_mm < 1e-3


def test_a_torn_ball_is_closed_within_a_percent():
    keep = np.random.default_rng(0).random(len(BALL.faces)) > 0.03
    made = solidify(BALL.vertices, BALL.faces[keep])
    assert made.method == "field" and open_edges(made.mesh.faces) == 0
    assert made.volume_mm3 == pytest.approx(4 / 3 * math.pi * 8000, rel=0.01)
    assert made.largest_distance_mm < 0.6  # the lids of the holes


def test_faces_turned_at_random_do_not_matter_much_when_most_are_right():
    flip = np.random.default_rng(1).random(len(BALL.faces)) < 0.02
    faces = np.where(flip[:, None], BALL.faces[:, ::-1], BALL.faces)
    made = solidify(BALL.vertices, faces)
    assert open_edges(made.mesh.faces) == 0 and component_labels(made.mesh.faces).max() == 0
    assert made.volume_mm3 == pytest.approx(4 / 3 * math.pi * 8000, rel=0.03)


def test_a_sheet_gets_the_wall():
    corner = np.array([[0, -15, 0], [40, -15, 0], [40, 15, 0], [0, 15, 0]], np.float32)
    card = Mesh(corner, np.array([[0, 1, 2], [0, 2, 3]], np.int32))
    both = joined(BALL, card)
    made = solidify(both.vertices, both.faces, wall_mm=2.0)
    outer = walls(made.mesh, 8000)
    fin = outer.points[:, 0] > 24
    assert open_edges(made.mesh.faces) == 0 and made.thickened_share > 0.05
    assert np.median(outer.thickness[fin]) == pytest.approx(2.3, rel=0.08)


def test_more_triangles_than_fit_are_simplified():
    fine = solid(manifold3d.Manifold.sphere(20, 1024))
    made = solidify(fine.vertices, fine.faces)
    assert len(fine.faces) > 500_000 > len(made.mesh.faces)
    assert made.volume_mm3 == pytest.approx(volume(fine), rel=2e-3)


def refusals() -> list[tuple[str, np.ndarray, np.ndarray]]:
    tri = np.array([[0, 1, 2]], np.int32)
    square = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0]], np.float32)
    nan = np.where(np.eye(3, dtype=bool), np.nan, square).astype(np.float32)
    thick = np.array([[0, 0, 0], [1, 1, 1], [2, 2, 2], [0, 0, 0]], np.float32)
    return [
        ("empty", np.zeros((0, 3), np.float32), np.zeros((0, 3), np.int32)),
        ("not numbers", nan, tri),
        ("uses vertex 7", square, np.array([[0, 1, 7]], np.int32)),
        ("one point", np.ones((3, 3), np.float32), tri),
        ("flat", square, tri),
        ("has an area", thick, np.array([[0, 1, 2]], np.int32)),
    ]


@pytest.mark.parametrize(("says", "vertices", "faces"), refusals(), ids=[r[0] for r in refusals()])
def test_what_has_no_solid_is_refused(says, vertices, faces):
    with pytest.raises(ValueError, match=says):
        solidify(vertices, faces)


def two_tone(mesh: Mesh, unit_mm: float = 1.0) -> Soup:
    """Red above y = 0, blue below."""
    soup = Soup.plain(mesh.vertices, mesh.faces, unit_mm, "ball.stl")
    top = mesh.vertices[mesh.faces].mean(1)[:, 1] > 0
    soup.colours[top] = (255, 0, 0, 255)
    soup.colours[~top] = (0, 0, 255, 255)
    return soup


def test_colours_land_where_they_were():
    target = solid(manifold3d.Manifold.sphere(20, 50))
    paint = transfer(target, two_tone(BALL), 0.5)
    seen = sample(paint.texture, paint.uv.mean(1))
    height = target.vertices[target.faces].mean(1)[:, 1]
    assert (np.abs(seen[height > 1] - (255, 0, 0)) < 2).all()
    assert (np.abs(seen[height < -1] - (0, 0, 255)) < 2).all()
    corner = sample(paint.texture, paint.uv.reshape(-1, 2)).reshape(-1, 3, 3)
    high = (target.vertices[target.faces][..., 1] > 1).all(1)
    assert (corner[high][..., 2] < 2).all()


def test_a_face_that_stayed_keeps_its_own_paint_however_it_is_turned():
    """Every face has three colours of its own, so that a neighbour's would show."""
    soup = Soup.plain(BALL.vertices, BALL.faces, 1.0, "ball.stl")
    rng = np.random.default_rng(0)
    soup.colours[..., :3] = rng.integers(0, 256, soup.colours[..., :3].shape)
    order, turns = rng.permutation(len(BALL.faces)), rng.integers(0, 3, len(BALL.faces))
    corner = (np.arange(3) + turns[:, None]) % 3
    mesh = Mesh(BALL.vertices, np.take_along_axis(BALL.faces, corner, 1)[order])
    own = np.take_along_axis(soup.colours[..., :3], corner[..., None], 1)[order]
    paint = transfer(mesh, soup, 0.5)
    found = sample(paint.texture, paint.uv.reshape(-1, 2)).reshape(-1, 3, 3)
    assert np.abs(found - own).max() <= 1


def test_faces_that_stayed_and_new_ones_are_painted_together():
    cut = solid(manifold3d.Manifold.sphere(20, 96).trim_by_plane((0.0, 1.0, 0.0), -12.0))
    paint = transfer(cut, two_tone(BALL), 0.5)
    seen = sample(paint.texture, paint.uv.mean(1))
    height = cut.vertices[cut.faces].mean(1)[:, 1]
    assert (np.abs(seen[height > 1] - (255, 0, 0)) < 2).all()
    assert (np.abs(seen[height < -1] - (0, 0, 255)) < 2).all()


def test_printify_keeps_shape_and_colour():
    made = Printify()(two_tone(BALL), 2.0)
    assert made.height_mm == pytest.approx(80, rel=1e-3)
    low, high = made.character.mesh.vertices.min(0), made.character.mesh.vertices.max(0)
    assert low[1] == pytest.approx(0, abs=1e-6) and high[1] == pytest.approx(1, abs=1e-6)
    assert volume(made.character.mesh) == pytest.approx(math.pi / 6, rel=0.01)
    assert set(np.unique(made.character.texture[..., 1])) == {0}


def test_transparent_faces_are_left_out():
    both = joined(BALL, Mesh(BALL.vertices + np.float32(100), BALL.faces))
    soup = Soup.plain(both.vertices, both.faces, 1.0, "ghost.glb")
    soup.colours[len(BALL.faces) :, :, 3] = 0
    made = Printify()(soup, 1.0)
    assert made.height_mm == pytest.approx(40, rel=1e-3) and "transparent" in made.notes[0]
    soup.colours[..., 3] = 0
    with pytest.raises(ValueError, match=r"no \(visible\) triangles"):
        Printify()(soup, 1.0)


def test_units_are_asked_for_and_never_guessed():
    soup = two_tone(BALL, 0.0)
    with pytest.raises(ValueError, match="--unit inch") as told:
        resolve_unit(soup)
    assert "1016" in str(told.value) and "--height-mm" in str(told.value)
    assert resolve_unit(soup, "cm") == 10 and resolve_unit(soup, "", 80.0) == pytest.approx(2.0, rel=1e-3)
    assert resolve_unit(two_tone(BALL, 10.0)) == 10


@pytest.mark.parametrize(("size", "says"), [(75_514.0, "75510 x 75510 x"), (2e-6, "0.000002 x")])
def test_sizes_are_told_in_plain_numbers(size, says):
    points = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]], np.float32) * np.float32(size)
    faces = np.array([[0, 2, 1], [0, 1, 3], [1, 2, 3], [0, 3, 2]], np.int32)
    with pytest.raises(ValueError, match=says) as told:
        resolve_unit(Soup.plain(points, faces, 0.0, "far.stl"))
    assert not re.search(r"\de[+-]\d", str(told.value))


def test_wrong_units_and_sizes_are_refused():
    soup = two_tone(BALL, 0.0)
    with pytest.raises(ValueError, match="known are"):
        resolve_unit(soup, "furlong")
    with pytest.raises(ValueError, match="2000 mm"):
        resolve_unit(soup, "m")
    with pytest.raises(ValueError, match="mm tall"):
        resolve_unit(soup, "", -1.0)
    flat = Soup.plain(
        np.array([[0, 0, 0], [1, 0, 0], [0, 0, 1]], np.float32), np.array([[0, 1, 2]], np.int32), 0.0, "f"
    )
    with pytest.raises(ValueError, match="flat"):
        resolve_unit(flat, "", 100.0)
    broken = two_tone(Mesh(BALL.vertices * np.float32(np.nan), BALL.faces))
    with pytest.raises(ValueError, match="not numbers"):
        Printify()(broken, 1.0)
    with pytest.raises(ValueError, match="wall"):
        Printify(wall_mm=0.0)


def test_the_process_sets_the_thinnest_wall(tmp_path):
    corner = np.array([[0, -15, 0], [40, -15, 0], [40, 15, 0], [0, 15, 0]], np.float32)
    both = joined(BALL, Mesh(corner, np.array([[0, 1, 2], [0, 2, 3]], np.int32)))
    stl.write(tmp_path / "fin.stl", both)
    for process, way, wanted in (("fdm", Printify(), 1.2), ("resin", Printify(wall_mm=2.0), 2.0)):
        build = Build(process=process, with_base=False)
        printed = pipeline.printify(tmp_path / "fin.stl", unit="mm", way=way, build=build)
        outer = walls(printed.figure.parts[0].mesh, 8000)
        fin = outer.points[:, 0] > outer.points[:, 0].max() - 14
        assert np.median(outer.thickness[fin]) == pytest.approx(1.15 * wanted, rel=0.08)


def test_faces_back_to_back_do_not_jump():
    faces = np.array([[0, 1, 2], [2, 1, 0], [1, 2, 3], [5, 4, 6], [4, 6, 5]], np.int32)
    assert winding._jumps(faces).tolist() == [0, 0, 1, 2, 2]
    corner = np.array([[30, 0, 0], [50, 0, 0], [30, 20, 0]], np.float32)
    torn = joined(BALL, Mesh(corner, np.array([[0, 1, 2], [2, 1, 0]], np.int32)))
    probe = winding.Probe(torn)
    centres, normals = torn.vertices[torn.faces].mean(1), face_normals(torn)
    front, back = (probe.winding(centres + side * normals) for side in (1e-3, -1e-3))
    assert np.allclose(back - front, winding._jumps(torn.faces), atol=0.02)
