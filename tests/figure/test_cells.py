"""Cells of known solids, and nearest labels against a double loop."""

import numpy as np
import pytest

from genkei.figure.cells import commonest, extended, spread, voxelise
from genkei.geometry.mesh import surface_area, volume
from genkei.types import Mesh
from tests.figure.characters import solid


def sphere(radius: float = 10.0) -> Mesh:
    import manifold3d

    return solid(manifold3d.Manifold.sphere(radius, 64).translate((3.0, 0.0, 5.0)))


def test_cells_hold_the_volume():
    mesh = sphere()
    cells = voxelise(mesh, 0.5)
    assert cells.inside.sum() * 0.5**3 == pytest.approx(volume(mesh), rel=5e-3)
    assert not cells.inside[0].any() and not cells.inside[:, :, -1].any()


def test_a_mirrored_mesh_has_mirrored_cells():
    mesh = sphere()
    flipped = Mesh(
        mesh.vertices * np.array([-1, 1, 1], np.float32), np.ascontiguousarray(mesh.faces[:, ::-1])
    )
    assert (voxelise(flipped, 0.5).inside == voxelise(mesh, 0.5).inside[::-1]).mean() > 0.9999


def test_too_many_cells_are_refused():
    with pytest.raises(ValueError, match="Use larger cells"):
        voxelise(sphere(), 0.01)


def test_spread_points_carry_the_area_and_touch_cells():
    mesh = sphere()
    points = spread(mesh, 0.5)
    assert points.weight.sum() == pytest.approx(surface_area(mesh))
    assert np.linalg.norm(points.points - np.array([3, 0, 5]), axis=1) == pytest.approx(10, abs=0.1)
    cells = voxelise(mesh, 0.5)
    upper = (mesh.vertices[mesh.faces].mean(1)[:, 2] > 5).astype(np.int64)
    found = commonest(cells, points, upper, 2)
    z = cells.origin[2] + 0.5 * np.arange(cells.inside.shape[2])
    assert (found[:, :, z > 6] != 0).all() and (found[:, :, z < 4] != 1).all()
    assert (found >= 0).sum() > 1000


def test_the_nearest_label_is_the_nearest():
    rng = np.random.default_rng(3)
    label = np.where(rng.random((7, 9, 11)) < 0.05, rng.integers(0, 4, (7, 9, 11)), -1)
    found, seeds = extended(label), np.argwhere(label >= 0)
    for cell in np.argwhere(np.ones(label.shape, bool)):
        away = ((seeds - cell) ** 2).sum(1)
        assert found[tuple(cell)] in label[tuple(seeds[away == away.min()].T)]
    assert (extended(np.full((3, 3, 3), -1)) == -1).all()
