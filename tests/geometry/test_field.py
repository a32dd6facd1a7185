"""Fields and their surfaces."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genkei.geometry.field import Grid, largest_piece, signed_distance, surface
from genkei.geometry.mesh import component_labels, open_edges, to_manifold, volume
from tests.geometry.solids import ball_grid

LAW = settings(deadline=None, derandomize=True, max_examples=40)
ZERO = np.zeros(3, np.float32)


def plus(values: np.ndarray, step: float = 1.0) -> Grid:
    return Grid(values.astype(np.float32), ZERO, step)


@pytest.mark.parametrize("radius", [0.1, 0.3, 0.45])
def test_a_ball_is_closed_outward_and_its_size(radius):
    mesh = surface(ball_grid(radius))
    assert open_edges(mesh.faces) == 0 and component_labels(mesh.faces).max() == 0
    assert volume(mesh) == pytest.approx(4 / 3 * np.pi * radius**3, rel=0.05)
    assert np.abs(np.linalg.norm(mesh.vertices, axis=1) - radius).max() < 0.1 / 40
    to_manifold(mesh)


@LAW
@given(st.integers(0, 2**31), st.sampled_from(["noise", "steps", "exact zeros"]))
def test_the_surface_of_anything_is_closed_and_outward(seed, kind):
    from scipy.ndimage import gaussian_filter

    values = gaussian_filter(np.random.default_rng(seed).normal(size=(12, 12, 12)), 1.0)
    if kind == "steps":
        values = np.where(values < 0, -1.0, 1.0)
    if kind == "exact zeros":
        values = np.round(values * 6)
    mesh = surface(plus(values))
    assert open_edges(mesh.faces) == 0 and volume(mesh) > 0


def test_the_union_of_fields_is_the_smaller_value():
    one, other = ball_grid(0.2, centre=(-0.22, 0, 0)), ball_grid(0.2, centre=(0.22, 0, 0))
    joined = Grid(np.minimum(one.values, other.values), one.origin, one.step)
    mesh = surface(joined)
    assert component_labels(mesh.faces).max() == 1
    assert volume(mesh) == pytest.approx(volume(surface(one)) + volume(surface(other)), rel=1e-4)
    same = surface(Grid(np.minimum(one.values, one.values), one.origin, one.step))
    assert (same.vertices == surface(one).vertices).all()


def test_what_reaches_the_border_is_capped_there():
    full = surface(plus(-np.ones((5, 6, 7)), 0.5))
    assert open_edges(full.faces) == 0 and component_labels(full.faces).max() == 0
    assert (full.vertices.min(0) >= -0.5).all() and (full.vertices.max(0) <= [2.5, 3, 3.5]).all()
    assert (full.vertices.min(0) <= 0).all() and (full.vertices.max(0) >= [2, 2.5, 3]).all()
    assert volume(full) > 2 * 2.5 * 3 * 0.95
    cut = surface(ball_grid(0.45, centre=(0.3, 0, 0)))
    assert open_edges(cut.faces) == 0 and cut.vertices[:, 0].max() <= 0.5 + 1 / 40 + 1e-6


def test_a_hollow_is_a_piece_of_its_own_and_takes_volume_away():
    solid, hollow = ball_grid(0.4), ball_grid(0.2)
    shell = Grid(np.maximum(solid.values, -hollow.values), solid.origin, solid.step)
    mesh = surface(shell)
    assert component_labels(mesh.faces).max() == 1 and open_edges(mesh.faces) == 0
    assert volume(mesh) == pytest.approx(volume(surface(solid)) - volume(surface(hollow)), rel=1e-3)
    assert volume(largest_piece(mesh)) == pytest.approx(volume(surface(solid)), rel=1e-5)


def test_the_largest_piece_is_by_volume():
    small, large = ball_grid(0.1, centre=(-0.3, 0, 0)), ball_grid(0.2, centre=(0.2, 0, 0))
    mesh = surface(Grid(np.minimum(small.values, large.values), small.origin, small.step))
    piece = largest_piece(mesh)
    assert volume(piece) == pytest.approx(volume(surface(large)), rel=1e-5)
    assert component_labels(piece.faces).max() == 0 and piece.faces.max() + 1 == len(piece.vertices)


@pytest.mark.parametrize("values", [np.ones((4, 4, 4)), np.zeros((4, 4, 4))])
def test_nothing_inside_has_no_surface(values):
    with pytest.raises(ValueError, match="nowhere inside"):
        surface(plus(values))


@LAW
@given(st.integers(0, 2**31), st.floats(0.1, 3), st.integers(1, 3))
def test_signed_distance_equals_a_plain_loop(seed, step, axes):
    inside = np.random.default_rng(seed).random((9, 8, 3)[:axes]) < 0.4
    inside.flat[0], inside.flat[-1] = True, False
    found = signed_distance(inside, step)
    cells = np.argwhere(np.ones_like(inside)).astype(float)
    for cell, here, value in zip(cells, inside.ravel(), found.ravel(), strict=True):
        other = cells[inside.ravel() != here]
        nearest = np.sqrt(((other - cell) ** 2).sum(1)).min() - 0.5
        assert value == pytest.approx((-nearest if here else nearest) * step, rel=1e-5)


def test_inside_and_outside_change_places():
    inside = np.random.default_rng(3).random((20, 30)) < 0.5
    assert np.allclose(signed_distance(~inside), -signed_distance(inside))
    assert ((signed_distance(inside) < 0) == inside).all()


def test_axes_tell_where_samples_are():
    grid = Grid(np.zeros((3, 4, 5), np.float32), np.array([1, 2, 3], np.float32), 0.5)
    assert grid.axis(0).tolist() == [1, 1.5, 2] and len(grid.axis(1)) == 4 and grid.axis(2)[-1] == 5
