"""Laws of triangle meshes: volumes, closedness, pieces, welding, smoothing, manifold3d."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genkei.geometry.mesh import (
    area_vectors,
    compact,
    component_labels,
    corners,
    distinct_rows,
    face_middles,
    face_normals,
    from_manifold,
    open_edges,
    parted,
    simplify,
    smooth,
    surface_area,
    to_manifold,
    vertex_normals,
    volume,
    weld,
)
from genkei.types import Mesh
from tests.geometry.solids import ball, both, cube, sample_points

LAW = settings(deadline=None, derandomize=True, max_examples=40)
CUBE, BALL = cube(), ball()


def flipped(mesh: Mesh) -> Mesh:
    return Mesh(mesh.vertices, np.ascontiguousarray(mesh.faces[:, ::-1]))


def soup(mesh: Mesh) -> Mesh:
    """The same triangles, no vertex shared."""
    return Mesh(corners(mesh).reshape(-1, 3), np.arange(3 * len(mesh.faces), dtype=np.int32).reshape(-1, 3))


@LAW
@given(st.floats(0.01, 100), st.floats(-5, 5), st.floats(-5, 5), st.floats(-5, 5))
def test_cubes_have_their_volume_and_area_wherever_they_stand(edge, x, y, z):
    mesh = cube(edge, (x * edge, y * edge, z * edge))
    assert volume(mesh) == pytest.approx(edge**3, rel=1e-4)
    assert surface_area(mesh) == pytest.approx(6 * edge**2, rel=1e-4)
    assert volume(flipped(mesh)) == pytest.approx(-volume(mesh))


def test_a_ball_has_its_volume_and_area():
    assert volume(BALL) == pytest.approx(4 / 3 * np.pi * 0.403**3, rel=0.01)
    assert surface_area(BALL) == pytest.approx(4 * np.pi * 0.403**2, rel=0.01)


def test_disjoint_volumes_add():
    mesh = both(CUBE, cube(2, (5, 0, 0)))
    assert volume(mesh) == pytest.approx(9) and surface_area(mesh) == pytest.approx(30)


def test_normals_point_outward_with_unit_length():
    middle = corners(BALL).mean(1)
    assert (np.einsum("fk,fk->f", face_normals(BALL), middle) > 0).all()
    length = np.linalg.norm(BALL.vertices, axis=1, keepdims=True)
    assert (np.einsum("vk,vk->v", vertex_normals(BALL), BALL.vertices / length) > 0.98).all()
    assert np.allclose(np.linalg.norm(vertex_normals(BALL), axis=1), 1, atol=1e-5)
    assert np.allclose(area_vectors(BALL).sum(0), 0, atol=1e-6)  # a closed surface


def test_a_face_without_area_has_no_normal():
    flat = Mesh(np.zeros((3, 3), np.float32), np.array([[0, 1, 2]], np.int32))
    assert (face_normals(flat) == 0).all() and (vertex_normals(flat) == 0).all()


@pytest.mark.parametrize("mesh", [CUBE, BALL])
def test_open_edges_sees_a_removed_a_flipped_and_a_doubled_face(mesh):
    assert open_edges(mesh.faces) == 0
    assert open_edges(flipped(mesh).faces) == 0
    assert open_edges(mesh.faces[1:]) == 3
    turned = mesh.faces.copy()
    turned[0] = turned[0, ::-1]
    assert open_edges(turned) > 0
    assert open_edges(np.concatenate([mesh.faces, mesh.faces[:1]])) == 3
    assert open_edges(mesh.faces[:0]) == 0


def test_pieces_are_numbered_from_the_largest():
    mesh = both(CUBE, BALL)
    assert (component_labels(mesh.faces) == np.repeat([1, 0], [12, len(BALL.faces)])).all()
    assert component_labels(soup(CUBE).faces).max() == 11
    touching = both(CUBE, CUBE).faces.copy()
    touching[touching == 8] = 0  # one shared corner joins
    assert component_labels(touching).max() == 0


def test_no_faces_have_no_pieces():
    assert component_labels(CUBE.faces[:0]).shape == (0,)


def test_compact_drops_what_no_face_uses():
    loose = Mesh(np.concatenate([np.full((3, 3), 9, np.float32), CUBE.vertices]), CUBE.faces + 3)
    mesh = compact(loose.vertices, loose.faces)
    assert (mesh.vertices == CUBE.vertices).all() and (mesh.faces == CUBE.faces).all()
    one = compact(CUBE.vertices, CUBE.faces[:1])
    assert len(one.vertices) == 3 and (corners(one) == corners(CUBE)[:1]).all()


@pytest.mark.parametrize("mesh", [CUBE, BALL])
def test_welding_a_soup_closes_it(mesh):
    welded = weld(soup(mesh))
    assert open_edges(welded.faces) == 0 and len(welded.vertices) == len(mesh.vertices)
    assert volume(welded) == pytest.approx(volume(mesh))
    again = weld(welded)
    assert (again.vertices == welded.vertices).all() and (again.faces == welded.faces).all()


@pytest.mark.parametrize("kind", [np.int32, np.float32])
def test_distinct_rows_are_numpy_s_unique_rows(kind):
    rows = np.random.default_rng(0).integers(-2, 3, (500, 3)).astype(kind)
    _, first, number = np.unique(rows, axis=0, return_index=True, return_inverse=True)
    found, group = distinct_rows(rows)
    assert (found == first).all() and (group == number.reshape(-1)).all()
    none, empty = distinct_rows(rows[:0])
    assert none.size == 0 and empty.size == 0


def test_plus_and_minus_zero_are_one_place():
    vertices = np.array([[0.0, 0, 0], [1, 0, 0], [0, 1, 0], [-0.0, 0, 0], [0, 1, 0], [-1, 0, 0]], np.float32)
    assert len(weld(Mesh(vertices, np.array([[0, 1, 2], [3, 4, 5]], np.int32))).vertices) == 4


def test_welding_with_a_tolerance_drops_faces_that_lose_a_corner():
    rng = np.random.default_rng(0)
    loose = soup(CUBE)
    shaken = Mesh(
        loose.vertices + rng.uniform(-1e-4, 1e-4, loose.vertices.shape).astype(np.float32), loose.faces
    )
    assert open_edges(weld(shaken).faces) > 0
    welded = weld(shaken, 0.01)
    assert open_edges(welded.faces) == 0 and volume(welded) == pytest.approx(1, abs=1e-3)
    small = both(CUBE, cube(1e-4, (5, 5, 5)))
    assert len(weld(small, 0.01).faces) == 12


def test_near_vertices_weld_wherever_they_stand():
    for offset in np.linspace(0, 0.01, 7):
        points = np.array([[offset, 0, 0], [1, 0, 0], [0, 1, 0], [offset + 1e-3, 0, 0]], np.float32)
        mesh = weld(Mesh(points, np.array([[0, 1, 2], [3, 1, 2]], np.int32)), 0.01)
        assert len(mesh.vertices) == 3


def test_smoothing_keeps_the_volume_and_the_faces():
    from genkei.geometry.field import Grid, surface

    steps = np.linalg.norm(np.indices((41, 41, 41)) - 20, axis=0) < 16
    voxels = surface(Grid(np.where(steps, -1, 1).astype(np.float32), np.zeros(3, np.float32), 1.0))
    even = smooth(voxels)
    assert volume(even) == pytest.approx(volume(voxels), rel=0.01)
    assert surface_area(even) < surface_area(voxels)
    assert (even.faces == voxels.faces).all() and open_edges(even.faces) == 0
    radius = [np.linalg.norm(m.vertices - 20, axis=1).std() for m in (even, voxels)]
    assert radius[0] < 0.8 * radius[1]


def test_smoothing_does_not_care_where_it_happens():
    moved = Mesh(BALL.vertices + np.float32(1), BALL.faces)
    assert np.allclose(smooth(moved).vertices, smooth(BALL).vertices + 1, atol=1e-5)
    assert (smooth(BALL, rounds=0).vertices == BALL.vertices).all()


@pytest.mark.parametrize("tolerance", [0.002, 0.01])
def test_simplified_stays_closed_and_near(tolerance):
    from scipy.spatial import KDTree

    less = simplify(BALL, tolerance)
    assert len(less.faces) < len(BALL.faces) and open_edges(less.faces) == 0
    rng = np.random.default_rng(0)
    one, other = sample_points(BALL, 20_000, rng), sample_points(less, 20_000, rng)
    spacing = 0.018  # of the samples
    assert np.asarray(KDTree(one).query(other)[0]).max() < tolerance + spacing
    assert np.asarray(KDTree(other).query(one)[0]).max() < tolerance + spacing


def test_a_manifold_and_back_is_the_same_solid():
    back = from_manifold(to_manifold(BALL))
    assert volume(back) == pytest.approx(volume(BALL), rel=1e-5) and open_edges(back.faces) == 0
    assert len(back.faces) == len(BALL.faces)


@pytest.mark.parametrize(
    ("mesh", "edges"),
    [(Mesh(CUBE.vertices, CUBE.faces[1:]), 3), (soup(CUBE), 36)],
    ids=["a face is missing", "no edge is shared"],
)
def test_an_open_mesh_is_no_solid(mesh, edges):
    with pytest.raises(ValueError, match=f"not a closed solid: NotManifold, {edges} open edges"):
        to_manifold(mesh)


def test_coordinates_that_are_not_finite_are_no_solid():
    with pytest.raises(ValueError, match="not a closed solid: NonFiniteVertex"):
        to_manifold(Mesh(CUBE.vertices * np.float32(np.nan), CUBE.faces))


def test_touching_corners_are_parted_and_nothing_else_moves():
    corner = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]], np.float32)
    faces = np.array([[0, 2, 1], [0, 1, 3], [0, 3, 2], [1, 2, 3]], np.int32)
    two = Mesh(np.concatenate([corner, -corner]), np.concatenate([faces, faces[:, ::-1] + 4]))
    done = parted(two, 0.01)
    assert np.linalg.norm(done.vertices[0] - done.vertices[4]) > 0.01
    assert np.array_equal(np.delete(done.vertices, [0, 4], 0), np.delete(two.vertices, [0, 4], 0))
    assert volume(done) < volume(two)  # inward
    assert parted(done, 0.01) is done


def test_middles_of_faces_are_the_means_of_their_corners_to_the_bit():
    assert face_middles(BALL).tobytes() == corners(BALL).astype(np.float64).mean(1).tobytes()
