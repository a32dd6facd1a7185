"""Laws of the camera and the nouns."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genkei.types import Camera, Check, Rig, View, all_passed

LAW = settings(deadline=None, derandomize=True, max_examples=100)
AZIMUTHS = st.floats(-720, 720)
ELEVATIONS = st.floats(-85, 85)
SPANS = st.floats(0.1, 10)


@LAW
@given(AZIMUTHS, SPANS, ELEVATIONS)
def test_axes_are_right_up_and_away(azimuth, span, elevation):
    for camera in (
        Camera.orthographic(azimuth, span, elevation),
        Camera.perspective(azimuth, 3.0, 25.0, elevation),
    ):
        right, up, forward = axes = camera.axes.astype(np.float64)
        assert np.abs(axes @ axes.T - np.eye(3)).max() < 1e-5
        assert np.allclose(np.cross(right, up), -forward, atol=1e-5)  # right, up, towards: right-handed
        assert abs(right[1]) < 1e-6 and up[1] > 0
        assert np.sign(forward[1]) == -np.sign(elevation) or abs(elevation) < 1e-3


@LAW
@given(AZIMUTHS, SPANS, ELEVATIONS)
def test_what_was_asked_is_what_it_says(azimuth, span, elevation):
    camera = Camera.orthographic(azimuth, span, elevation)
    assert camera.is_orthographic and camera.span == pytest.approx(span, rel=1e-5)
    assert 0 <= camera.azimuth_deg < 360
    assert abs((camera.azimuth_deg - azimuth + 180) % 360 - 180) < 2e-3


@LAW
@given(AZIMUTHS, st.floats(2.5, 20), st.floats(5, 60), ELEVATIONS)
def test_a_perspective_camera_looks_at_the_middle_from_its_distance(azimuth, distance, fov, elevation):
    camera = Camera.perspective(azimuth, distance, fov, elevation)
    assert not camera.is_orthographic
    assert abs((camera.azimuth_deg - azimuth + 180) % 360 - 180) < 2e-3
    matrix = camera.world_to_clip.astype(np.float64)
    middle = matrix @ [0, 0.5, 0, 1]
    assert np.allclose(middle[:2] / middle[3], 0, atol=1e-4) and middle[3] == pytest.approx(
        distance, rel=1e-4
    )
    edge = [0, 0.5, 0] + math.tan(math.radians(fov / 2)) * distance * camera.axes[0].astype(np.float64)
    clip = matrix @ [*edge, 1]
    assert clip[0] / clip[3] == pytest.approx(1, abs=1e-4)
    eye = [0, 0.5, 0] - distance * camera.axes[2].astype(np.float64)
    assert abs((matrix @ [*eye, 1])[3]) < 1e-4


@LAW
@given(AZIMUTHS, st.floats(1.0, 4.0))
def test_the_picture_is_centred_and_span_wide(azimuth, span):
    camera = Camera.orthographic(azimuth, span)
    ends = np.array([0, 0.5, 0]) + span / 2 * np.array([[1.0], [-1.0]]) * camera.axes[0]
    clip = np.column_stack([ends, [1, 1]]) @ camera.world_to_clip.T
    assert np.allclose(clip[:, 0], [1, -1], atol=1e-5) and np.allclose(clip[:, 1:3], 0, atol=1e-5)


@pytest.mark.parametrize(
    ("azimuth", "name"),
    [
        (0, "front"),
        (90, "left"),
        (180, "back"),
        (270, "right"),
        (-90, "right"),
        (360, "front"),
        (45, "az045"),
    ],
)
def test_names(azimuth, name):
    camera = Camera.orthographic(azimuth)
    assert camera.name == name and View(np.zeros((2, 2, 4), np.float32), camera).name == name
    assert Camera.perspective(azimuth).name == name


@pytest.mark.parametrize(
    "azimuth",
    [0, 90, 180, 270],
)
def test_a_view_half_a_degree_off_keeps_its_name(azimuth):
    names = {Camera.orthographic(azimuth + off).name for off in (-0.4, 0, 0.4)}
    assert len(names) == 1


def test_from_the_characters_left_its_front_is_on_picture_left():
    camera = Camera.orthographic(90)
    clip = camera.world_to_clip @ [0, 0.5, 0.4, 1]  # a nose, towards +z
    assert clip[0] < -0.5 and abs(clip[1]) < 1e-6
    hands = np.array([[0.4, 0.5, 0, 1], [-0.4, 0.5, 0, 1]]) @ camera.world_to_clip.T
    assert hands[0, 2] < hands[1, 2]  # the left hand (+x) is nearer
    front = Camera.orthographic(0).world_to_clip @ [0.4, 0.5, 0, 1]
    assert front[0] > 0.5  # and the front view shows it on picture-right


def test_a_positive_elevation_looks_down():
    clip = Camera.orthographic(0, elevation_deg=30).world_to_clip @ np.array(
        [[0, 0], [1, 0], [0, 0], [1, 1]], np.float32
    )
    assert clip[2, 0] < clip[2, 1]  # the head is nearer than the feet


def test_the_mask_is_alpha_above_one_half():
    rgba = np.zeros((1, 4, 4), np.float32)
    rgba[0, :, 3] = 0, 0.5, 0.51, 1
    assert View(rgba, Camera.orthographic(0)).mask.tolist() == [[False, False, True, True]]


def test_an_empty_rig_fits_its_mesh():
    rig = Rig.empty(7)
    assert rig.weights.shape == (7, 0) and rig.positions.shape == (0, 3) and rig.parents.shape == (0,)
    assert rig.names == ()


def test_all_passed_means_every_one():
    good, bad = (Check("walls", 1.0, 1.0, "mm", "arm", passed) for passed in (True, False))
    assert all_passed(()) and all_passed((good, good)) and not all_passed((good, bad))
