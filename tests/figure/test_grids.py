"""Solids as grids: the surface of the field is the mesh, the cells are its volume, files say where."""

import numpy as np
import pytest

from genkei.apps.options import Make, UsageError
from genkei.apps.outputs import VOXELS, Grids, write_grids
from genkei.apps.request import grids
from genkei.figure.contact import distance_to
from genkei.figure.grids import field_of, voxels_of
from genkei.formats.grids import read_field
from genkei.geometry.field import surface
from genkei.geometry.mesh import corners, volume
from genkei.types import Mesh
from tests.shape.figures import figure


def test_the_surface_of_the_field_is_the_mesh_within_a_cell(tmp_path):
    write_grids(tmp_path, figure(), 150.0, Grids("out.npz", 0))
    grid = read_field(tmp_path / "out.npz")
    back = surface(grid)
    assert distance_to(back.vertices, corners(figure())).max() < grid.step / 2
    assert distance_to(figure().vertices, corners(back)).max() < grid.step
    assert volume(back) == pytest.approx(volume(figure()), rel=0.01)


def test_distances_are_true_near_the_surface_and_negative_inside():
    grid = field_of(figure(), 64)
    points = np.stack(np.meshgrid(*(grid.axis(k) for k in range(3)), indexing="ij"), -1)
    near = np.abs(grid.values) < grid.step
    assert np.abs(grid.values[near]) == pytest.approx(distance_to(points[near], corners(figure())), abs=1e-6)
    assert np.abs(np.diff(grid.values, axis=0)).max() < 2 * grid.step
    inside = points[grid.values < 0]
    assert (inside.min(0) >= figure().vertices.min(0)).all() and (
        inside.max(0) <= figure().vertices.max(0)
    ).all()


def test_a_mirrored_solid_has_a_mirrored_field():
    mesh = figure()
    mirrored = Mesh(mesh.vertices * np.float32([-1, 1, 1]), np.ascontiguousarray(mesh.faces[:, ::-1]))
    assert field_of(mirrored, 48).values == pytest.approx(field_of(mesh, 48).values[::-1], abs=1e-5)


def test_voxels_fill_a_cube_and_hold_the_volume(tmp_path):
    inside, grid = voxels_of(figure(), 64)
    assert inside.shape == (64, 64, 64)
    assert inside.sum() * grid.step**3 == pytest.approx(volume(figure()), rel=0.03)
    filled = grid.origin + grid.step * np.argwhere(inside)
    assert np.abs(filled.min(0) - figure().vertices.min(0)).max() < 1.5 * grid.step
    write_grids(tmp_path, figure(), 150.0, Grids("", 64))
    with np.load(tmp_path / VOXELS) as stored:
        assert np.array_equal(stored["inside"], inside)
        assert stored["origin"] == pytest.approx(grid.origin)
        assert (float(stored["unit_mm"]), str(stored["unit"])) == (150.0, "character height")
        assert "feet at y = 0" in str(stored["frame"])


def test_the_same_solid_gives_the_same_bytes(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        write_grids(tmp_path / name, figure(), 150.0, Grids("f.npz", 16))
    for name in ("f.npz", VOXELS):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


@pytest.mark.parametrize("cells", [3, 5000])
def test_a_grid_nobody_can_hold_is_refused(cells):
    with pytest.raises(ValueError, match=f"a grid of {cells} cells a side"):
        voxels_of(figure(), cells)
    with pytest.raises(ValueError, match=f"a grid of {cells} cells a side"):
        field_of(figure(), cells)


def test_a_file_that_is_no_field_is_refused(tmp_path):
    np.savez(tmp_path / "other.npz", a=np.zeros(3))
    with pytest.raises(ValueError, match=r"other\.npz holds no field"):
        read_field(tmp_path / "other.npz")


@pytest.mark.parametrize("name", ["field.txt", "some/field.npz", "voxels.npz"])
def test_a_field_stands_among_the_results(name):
    with pytest.raises(UsageError, match="wanted a plain file name"):
        grids(Make(field=name))


@pytest.mark.parametrize("cells", [4, 1000, -1])
def test_voxels_have_a_size(cells):
    with pytest.raises(UsageError, match=f"--voxels is {cells}"):
        grids(Make(voxels=cells))


def test_grids_are_written_only_when_asked(tmp_path):
    assert grids(Make()) == Grids()
    write_grids(tmp_path, figure(), 150.0, grids(Make()))
    assert not list(tmp_path.iterdir())
