"""The checks measure known solids, and broken ones fail the row that is about them."""

import math

import manifold3d
import numpy as np
import pytest

from genkei.figure.build import Build
from genkei.figure.checks import buried, check_figure, check_mesh, place_name
from genkei.figure.profiles import PROFILES
from genkei.figure.sections import weakest
from genkei.figure.walls import thickness_at, walls
from genkei.geometry.mesh import area_vectors, corners, face_normals
from genkei.geometry.rays import Surface
from genkei.types import Figure, Mesh, Part, all_passed
from tests.figure.characters import doll, joined, solid

BLOCK = manifold3d.Manifold.cylinder(30, 15, 15, 64)
RESIN = PROFILES["resin"]


def failed(mesh: Mesh) -> set[str]:
    return {check.name for check in check_mesh(mesh, RESIN) if not check.passed}


def test_a_good_block_and_a_built_figure_pass():
    assert failed(solid(BLOCK)) == set()
    checks = check_figure(Build()(doll()), RESIN)
    assert all_passed(checks), [check for check in checks if not check.passed]


def test_a_removed_face_is_open():
    mesh = solid(BLOCK)
    torn = Mesh(mesh.vertices, mesh.faces[:-1])
    assert "closed" in failed(torn)
    assert any("z =" in check.where for check in check_mesh(torn, RESIN) if check.name == "closed")


def test_overlapping_shells_overlap():
    assert {"self-overlap", "one piece"} <= failed(joined(solid(BLOCK), solid(BLOCK.translate((10, 0, 0)))))


def test_rays_tell_what_is_buried_like_winding_numbers():
    import igl

    ball, bar = manifold3d.Manifold.sphere(10, 64), manifold3d.Manifold.cube((40, 3, 3), True)
    mesh = joined(joined(solid(ball), solid(ball.translate((6, 2, 1)))), solid(bar.rotate((10, 20, 30))))
    outward = face_normals(mesh)
    probes = corners(mesh).astype(np.float64).mean(1) + 5e-3 * outward
    told = Surface(mesh).crossings(probes, outward)
    exact = np.asarray(igl.winding_number(mesh.vertices.astype(float), mesh.faces.astype(np.int64), probes))
    assert (told == np.round(exact)).mean() > 0.999
    covered = buried(mesh)[0]
    area = np.linalg.norm(area_vectors(mesh), axis=1)
    assert covered == pytest.approx(area[exact > 0.5].sum() / area.sum(), abs=1e-3)


def test_inside_out_is_found():
    mesh = solid(BLOCK)
    assert "outward" in failed(Mesh(mesh.vertices, mesh.faces[:, ::-1].copy()))


def test_a_cavity_is_a_trapped_void():
    hollow = solid(BLOCK - manifold3d.Manifold.sphere(5, 64).translate((0, 0, 15)))
    rows = {check.name: check for check in check_mesh(hollow, RESIN)}
    assert not rows["trapped voids"].passed
    assert rows["trapped voids"].measured == pytest.approx(4 / 3 * math.pi * 125, rel=0.01)


def test_floating_tall_and_tippy():
    assert "on the bed" in failed(solid(BLOCK.translate((0, 0, 1))))
    assert "fits the machine" in failed(solid(BLOCK.scale((1, 1, 10))))
    assert "fits the machine" not in failed(solid(manifold3d.Manifold.cube((100, 200, 20))))
    assert "stands" in failed(solid(manifold3d.Manifold.cylinder(100, 5, 5, 64)))


def test_a_thin_wall_is_named_with_its_place():
    fin = manifold3d.Manifold.cube((0.6, 20, 20)).translate((14, -10, 29))
    rows = {check.name: check for check in check_mesh(solid(BLOCK + fin), RESIN)}
    assert not rows["thin walls"].passed and "0.60 mm" in rows["thin walls"].where
    assert "left side" in rows["thin walls"].where


def test_wall_of_a_hollow_ball():
    ball = solid(manifold3d.Manifold.sphere(20, 200) - manifold3d.Manifold.sphere(18, 200))
    assert np.median(walls(ball, 4000).thickness) == pytest.approx(2.0, rel=0.05)


def test_edges_of_a_thick_box_are_not_thin():
    assert walls(solid(manifold3d.Manifold.cube((30, 30, 30))), 4000).share_below(5.0) == 0


def test_sheets_needles_and_sharp_wedges_are_thin_and_blunt_edges_less():
    import manifold3d

    cylinder, cube = manifold3d.Manifold.cylinder, manifold3d.Manifold.cube
    needle = solid(
        (cube((20, 20, 20)) + cylinder(12, 0.3, 0.3, 24).translate((10, 10, 20))).refine_to_length(1)
    )
    found = walls(needle, 20_000)
    thin = found.points[found.thin(1.0)]
    assert len(thin) and (thin[:, 2] > 20).all() and thin[:, 2].max() > 31 and thin[:, 2].min() < 23
    assert walls(solid(cube((20, 20, 0.5)))).thin(1.0).mean() > 0.9

    def wedge(degrees: float) -> Mesh:
        high = 20 * float(np.tan(np.radians(degrees)))
        return solid(
            manifold3d.CrossSection([np.array([(0, 0), (20, 0), (20, high)])]).extrude(20).refine_to_length(1)
        )

    blunt, sharp = walls(wedge(50)), walls(wedge(15))
    assert blunt.thin(1.0).mean() < 0.4 * blunt.share_below(1.0)
    assert sharp.thin(1.0).mean() > 0.6 * sharp.share_below(1.0) > 0.05


def test_wall_of_nothing():
    flat = Mesh(np.zeros((3, 3), np.float32), np.array([[0, 1, 2]], np.int32))
    assert walls(flat).share_below(1.0) == 0
    point = np.zeros((1, 3), np.float32)
    up = np.array([[0, 0, 1]], np.float32)
    slab = solid(manifold3d.Manifold.cube((9, 9, 3), True).translate((0, 0, -1.5)))
    assert thickness_at(slab, point, up)[0] == pytest.approx(3.0, abs=1e-3)


def test_height_that_is_not_the_asked_one_fails():
    figure = Build()(doll())
    wrong = Figure(figure.parts, figure.texture, figure.scale_mm + 5, figure.lift_mm)
    assert [c.name for c in check_figure(wrong, RESIN) if not c.passed] == ["height"]


def test_unreadable_is_a_finding():
    nothing = Mesh(np.zeros((0, 3), np.float32), np.zeros((0, 3), np.int32))
    nan = Mesh(np.full((3, 3), np.nan, np.float32), np.array([[0, 1, 2]], np.int32))
    assert failed(nothing) == failed(nan) == {"readable"}


def test_two_parts_are_checked_each():
    uv = np.zeros((len(solid(BLOCK).faces), 3, 2), np.float32)
    parts = tuple(Part(name, solid(BLOCK.translate((x, 0, 0))), uv) for name, x in (("a", 0), ("b", 60)))
    checks = check_figure(Figure(parts, np.zeros((4, 4, 3), np.uint8), 30.0, 0.0), PROFILES["colour"])
    assert sum(check.name == "closed" for check in checks) == 2 and all_passed(checks)


def test_places_are_told_from_the_figure_s_own_side():
    mesh = solid(BLOCK)
    assert "left side, front" in place_name(np.array([14.0, -14.0, 3.0]), mesh)
    assert "middle" in place_name(np.array([0.0, 0.0, 15.0]), mesh)


def test_a_thin_neck_is_the_weakest_section_and_a_column_has_none():
    ball = manifold3d.Manifold.sphere(15, 64)
    for radius, good in ((1.0, False), (4.0, True)):
        neck = manifold3d.Manifold.cylinder(24, radius, radius, 64).translate((0, 0, 20))
        figure = solid(BLOCK + neck + ball.translate((0, 0, 55)))
        row = {check.name: check for check in check_mesh(figure, RESIN)}["weakest section"]
        assert row.passed == good and row.measured == pytest.approx(2 * radius, rel=0.02)
        assert 29 < float(row.where.split()[2]) < 42
    column = weakest(solid(BLOCK))
    assert column is not None and column.diameter_mm == pytest.approx(30, rel=0.01)


def test_two_ankles_share_the_load_and_what_hangs_carries_nothing():
    body = manifold3d.Manifold.cube((40, 20, 20), True).translate((0, 0, 40))
    legs = [manifold3d.Manifold.cube((3, 3, 31)).translate((x, 0, 0)) for x in (-15, 12)]
    strand = manifold3d.Manifold.cube((1, 1, 25)).translate((0, 0, 10))
    found = weakest(solid(body + legs[0] + legs[1] + strand))
    assert found is not None and found.area_mm2 == pytest.approx(9, rel=1e-3)
    assert 0.4 < found.carried_share < 0.55


def test_too_large_says_how_high_would_fit():
    row = {c.name: c for c in check_mesh(solid(BLOCK.scale((1, 1, 10))), RESIN)}["fits the machine"]
    assert "--height-mm 246" in row.advice and "resin" in row.advice and "218x123x250" in row.advice
