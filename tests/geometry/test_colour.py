"""sRGB, linear light and Lab."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genkei.geometry.colour import to_bytes, to_lab, to_linear, to_srgb

LAW = settings(deadline=None, derandomize=True, max_examples=100)
RAMP = np.linspace(0, 1, 4097)[:, None]


def test_linear_and_back_is_where_we_were():
    assert np.abs(to_srgb(to_linear(RAMP)) - RAMP).max() < 1e-6
    assert np.abs(to_linear(to_srgb(RAMP)) - RAMP).max() < 1e-6
    assert (np.diff(to_linear(RAMP), axis=0) > 0).all()


@pytest.mark.parametrize(("srgb", "linear"), [(0, 0), (1, 1), (0.5, 0.21404), (0.04, 0.04 / 12.92)])
def test_known_values(srgb, linear):
    assert to_linear(np.array([[srgb]], float))[0, 0] == pytest.approx(linear, abs=1e-5)


@pytest.mark.parametrize(
    ("srgb", "lab"),
    [
        ((1, 1, 1), (100, 0, 0)),
        ((0, 0, 0), (0, 0, 0)),
        ((1, 0, 0), (53.24, 80.09, 67.20)),
        ((0, 1, 0), (87.73, -86.18, 83.18)),
        ((0, 0, 1), (32.30, 79.19, -107.86)),
        ((0.5, 0.5, 0.5), (53.39, 0, 0)),
    ],
)
def test_lab_of_known_colours(srgb, lab):
    assert np.allclose(to_lab(np.array([srgb], np.float64)), [lab], atol=0.02)


@LAW
@given(st.floats(0, 1, width=32))
def test_greys_have_no_chroma(grey):
    lab = to_lab(np.full((1, 3), grey, np.float32))
    assert np.abs(lab[0, 1:]).max() < 0.02 and 0 <= lab[0, 0] <= 100.001


def test_any_axes_before_the_channels_and_the_same_precision():
    rgb = np.random.default_rng(0).random((2, 3, 4, 3)).astype(np.float32)
    for convert in (to_linear, to_srgb, to_lab):
        out = convert(rgb)
        assert out.shape == rgb.shape and out.dtype == np.float32
        assert np.allclose(convert(rgb.reshape(-1, 3)).reshape(rgb.shape), out)


def test_light_below_black_is_black():
    assert to_srgb(np.array([[-0.5]])) == 0


def test_bytes_round_and_clip():
    every = np.arange(256, dtype=np.uint8)[:, None]
    assert (to_bytes((every / 255).astype(np.float32)) == every).all()
    assert to_bytes(np.array([[-1.0, 2.0, 0.499 / 255, 0.501 / 255]])).tolist() == [[0, 255, 0, 1]]
