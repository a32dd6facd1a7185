"""World to picture and back."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genkei.geometry.camera import condition, project, rays, unproject
from genkei.types import Camera

LAW = settings(deadline=None, derandomize=True, max_examples=60)
POINTS = np.random.default_rng(0).uniform(-0.7, 1.2, (50, 3))


@LAW
@given(
    st.floats(-360, 360), st.floats(-80, 80), st.floats(0.3, 5), st.integers(1, 2048), st.integers(1, 2048)
)
def test_unproject_undoes_project(azimuth, elevation, span, height, width):
    camera = Camera.orthographic(azimuth, span, elevation)
    there = project(POINTS, camera, height, width)
    assert np.abs(unproject(there, camera, height, width) - POINTS).max() < 1e-5
    again = project(unproject(there, camera, height, width), camera, height, width)
    assert np.abs(again - there).max() < 1e-5 * max(height, width) / span + 1e-5


@LAW
@given(st.floats(-360, 360), st.integers(0, 2**31))
def test_float32_stays_float32_and_close(azimuth, seed):
    points = np.random.default_rng(seed).uniform(-1, 1, (5, 3)).astype(np.float32)
    camera = Camera.orthographic(azimuth)
    there = project(points, camera, 512, 512)
    back = unproject(there, camera, 512, 512)
    assert there.dtype == back.dtype == np.float32 and np.abs(back - points).max() < 1e-5


def test_the_middle_is_the_middle_and_up_is_row_zero():
    pixels = project(np.array([[0, 0.5, 0], [0, 1.1, 0], [0.6, 0.5, 0]]), Camera.orthographic(0), 100, 200)
    assert np.allclose(pixels[:, :2], [[100, 50], [100, 0], [200, 50]], atol=1e-4)


@pytest.mark.parametrize("make", [Camera.orthographic, Camera.perspective])
@pytest.mark.parametrize("azimuth", [0, 37, 90, 180, 270])
def test_nearer_points_have_less_depth(make, azimuth):
    camera = make(azimuth)
    steps = np.array([0, 0.5, 0]) + np.outer([-0.4, 0, 0.4], camera.axes[2].astype(np.float64))
    pixels = project(steps, camera, 64, 64)
    assert (np.diff(pixels[:, 2]) > 0.39).all() and np.allclose(pixels[:, :2], 32, atol=1e-3)


def test_perspective_shows_near_things_larger():
    points = np.array([[0.3, 0.5, 0.4], [0.3, 0.5, -0.4]])
    near, far = project(points, Camera.perspective(0), 100, 100)[:, 0]
    assert near > far > 50


def test_a_picture_of_a_perspective_camera_cannot_be_unprojected():
    with pytest.raises(ValueError, match="wants an orthographic camera"):
        unproject(np.zeros((1, 3)), Camera.perspective(0), 10, 10)


@pytest.mark.parametrize(
    "camera",
    [Camera.orthographic(40, 1.3, 20), Camera.perspective(130, 2.0, 50, -30)],
    ids=["orthographic", "perspective"],
)
def test_what_lies_on_a_ray_is_seen_at_its_pixel_and_farther_is_deeper(camera):
    wanted = np.random.default_rng(0).uniform(0, 64, (40, 2))
    start, way = rays(wanted, camera, 64, 64)
    if not camera.is_orthographic:
        start = start + way
    there, beyond = (project(start + far * way, camera, 64, 64) for far in (0.0, 0.7))
    assert np.allclose(there[:, :2], wanted, atol=1e-3) and np.allclose(beyond[:, :2], wanted, atol=1e-3)
    assert (beyond[:, 2] > there[:, 2]).all() and np.allclose(np.linalg.norm(way, axis=1), 1)


def test_rays_of_a_singular_camera_are_refused():
    flat = np.array([[1, 0, 0, 0], [1, 0, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]], np.float32)
    with pytest.raises(ValueError, match="singular"):
        rays(np.zeros((1, 2)), Camera(flat), 8, 8)
    assert condition(Camera.orthographic(33)) == pytest.approx(1, abs=1e-4)
