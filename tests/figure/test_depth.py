"""Cells inside a solid, and exact distances from them to its surface."""

import numpy as np
import pytest

from genkei.figure.depth import counted, distances, lattice_of, nearest
from genkei.geometry.mesh import volume
from genkei.types import Mesh
from tests.figure.characters import joined, solid


def knot() -> Mesh:
    """Three balls and a box that overlap, no part of it on the lattice."""
    import manifold3d

    ball = manifold3d.Manifold.sphere(5.0, 48)
    parts = [ball, ball.translate((6.1, 1.3, 0.7)), manifold3d.Manifold.cube((3, 14, 4)).rotate((20, 30, 40))]
    return solid(manifold3d.Manifold.batch_boolean(parts, manifold3d.OpType.Add))


def test_cells_count_the_volume_and_know_their_side():
    import igl

    mesh = knot()
    lattice = lattice_of(mesh, 0.4)
    assert lattice.inside.sum() * 0.4**3 == pytest.approx(volume(mesh), rel=5e-3)
    cells = np.nonzero(np.ones_like(lattice.inside))
    vertices, points = mesh.vertices.astype(np.float64), lattice.points(cells).astype(np.float64)
    winding = igl.fast_winding_number(vertices, mesh.faces.astype(np.int64), points)
    sure = np.abs(winding - 0.5) > 0.1
    assert np.array_equal(lattice.inside[cells][sure], winding[sure] > 0.5)
    assert not lattice.inside[[0, -1]].any() and not lattice.inside[..., [0, -1]].any()


def test_a_box_on_the_lattice_loses_no_column():
    """Every column meets the diagonal of a face and its corners exactly."""
    import manifold3d

    mesh = solid(manifold3d.Manifold.cube((4.0, 4.0, 4.0), True))
    inside = lattice_of(mesh, 0.5).inside
    assert inside.any(axis=2).sum() in (49, 64, 81)
    assert inside.sum() == inside.any(axis=2).sum() * inside.any(axis=(0, 1)).sum()


def test_overlapping_shells_are_one_solid():
    import manifold3d

    cube = manifold3d.Manifold.cube((4.1, 4.1, 4.1))
    both = joined(solid(cube), solid(cube.translate((2.0, 0.3, 0.2))))
    united = solid(cube + cube.translate((2.0, 0.3, 0.2)))
    assert np.array_equal(lattice_of(both, 0.3).inside, lattice_of(united, 0.3).inside)


def test_distances_are_exact_up_to_their_reach():
    mesh = knot()
    lattice = lattice_of(mesh, 0.4)
    found = distances(lattice, lattice.inside, mesh, 2.5)
    cells = np.nonzero(lattice.inside & (found < 2.5))
    exact = nearest(mesh, lattice.points(cells))[0]
    assert np.abs(found[cells] - exact).max() < 0.03
    assert np.median(np.abs(found[cells] - exact)) < 1e-5
    deep = nearest(mesh, lattice.points(np.nonzero(lattice.inside & (found >= 2.5))))[0]
    assert deep.min() > 2.4
    assert (found[~lattice.inside] == 0).all()


def test_one_large_triangle_reaches_all_cells_beside_it():
    import manifold3d

    mesh = solid(manifold3d.Manifold.cube((8.0, 8.0, 8.0), True))
    lattice = lattice_of(mesh, 0.4)
    cells = np.nonzero(lattice.inside)
    depth = 4 - np.abs(lattice.points(cells)).max(1)
    found = distances(lattice, lattice.inside, mesh, 3.0)[cells]
    assert np.abs(found - depth)[depth < 3].max() < 1e-4


def test_counted_distances_err_by_half_a_diagonal():
    mesh = knot()
    lattice = lattice_of(mesh, 0.4)
    rough, exact = counted(lattice.inside, 0.4, 2.0), distances(lattice, lattice.inside, mesh, 2.0)
    near = lattice.inside & (exact < 1.8)
    assert np.abs(rough - exact)[near].max() <= 0.87 * 0.4 + 1e-3


def test_nearest_of_nothing_is_nothing():
    distance, foot = nearest(knot(), np.zeros((0, 3), np.float32))
    assert distance.shape == (0,) and foot.shape == (0, 3)


def test_no_triangle_is_passed_over_that_is_near_enough():
    """Needles and specks among them: the ball round a triangle holds all of it."""
    from genkei.figure.depth import _beyond, _known, _to_triangle

    rng = np.random.default_rng(0)
    triangles = rng.normal(size=(400, 3, 3)) * rng.choice([1.0, 1e-3], size=(400, 1, 3))
    known, points = _known(triangles), rng.normal(size=(50, 3)) * 2
    for row in known:
        for x, y, z in points:
            assert not _beyond(row, x, y, z, np.sqrt(_to_triangle(row, x, y, z)))
