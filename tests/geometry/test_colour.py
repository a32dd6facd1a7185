"""sRGB, linear light and Lab."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genkei.geometry.colour import difference_2000, to_bytes, to_lab, to_linear, to_srgb

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


SHARMA = np.array([
    [50.0000, 2.6772, -79.7751, 50.0000, 0.0000, -82.7485, 2.0425],
    [50.0000, 3.1571, -77.2803, 50.0000, 0.0000, -82.7485, 2.8615],
    [50.0000, 2.8361, -74.0200, 50.0000, 0.0000, -82.7485, 3.4412],
    [50.0000, -1.3802, -84.2814, 50.0000, 0.0000, -82.7485, 1.0000],
    [50.0000, -1.1848, -84.8006, 50.0000, 0.0000, -82.7485, 1.0000],
    [50.0000, -0.9009, -85.5211, 50.0000, 0.0000, -82.7485, 1.0000],
    [50.0000, 0.0000, 0.0000, 50.0000, -1.0000, 2.0000, 2.3669],
    [50.0000, -1.0000, 2.0000, 50.0000, 0.0000, 0.0000, 2.3669],
    [50.0000, 2.4900, -0.0010, 50.0000, -2.4900, 0.0009, 7.1792],
    [50.0000, 2.4900, -0.0010, 50.0000, -2.4900, 0.0010, 7.1792],
    [50.0000, 2.4900, -0.0010, 50.0000, -2.4900, 0.0011, 7.2195],
    [50.0000, 2.4900, -0.0010, 50.0000, -2.4900, 0.0012, 7.2195],
    [50.0000, -0.0010, 2.4900, 50.0000, 0.0009, -2.4900, 4.8045],
    [50.0000, -0.0010, 2.4900, 50.0000, 0.0010, -2.4900, 4.8045],
    [50.0000, -0.0010, 2.4900, 50.0000, 0.0011, -2.4900, 4.7461],
    [50.0000, 2.5000, 0.0000, 50.0000, 0.0000, -2.5000, 4.3065],
    [50.0000, 2.5000, 0.0000, 73.0000, 25.0000, -18.0000, 27.1492],
    [50.0000, 2.5000, 0.0000, 61.0000, -5.0000, 29.0000, 22.8977],
    [50.0000, 2.5000, 0.0000, 56.0000, -27.0000, -3.0000, 31.9030],
    [50.0000, 2.5000, 0.0000, 58.0000, 24.0000, 15.0000, 19.4535],
    [50.0000, 2.5000, 0.0000, 50.0000, 3.1736, 0.5854, 1.0000],
    [50.0000, 2.5000, 0.0000, 50.0000, 3.2972, 0.0000, 1.0000],
    [50.0000, 2.5000, 0.0000, 50.0000, 1.8634, 0.5757, 1.0000],
    [50.0000, 2.5000, 0.0000, 50.0000, 3.2592, 0.3350, 1.0000],
    [60.2574, -34.0099, 36.2677, 60.4626, -34.1751, 39.4387, 1.2644],
    [63.0109, -31.0961, -5.8663, 62.8187, -29.7946, -4.0864, 1.2630],
    [61.2901, 3.7196, -5.3901, 61.4292, 2.2480, -4.9620, 1.8731],
    [35.0831, -44.1164, 3.7933, 35.0232, -40.0716, 1.5901, 1.8645],
    [22.7233, 20.0904, -46.6940, 23.0331, 14.9730, -42.5619, 2.0373],
    [36.4612, 47.8580, 18.3852, 36.2715, 50.5065, 21.2231, 1.4146],
    [90.8027, -2.0831, 1.4410, 91.1528, -1.6435, 0.0447, 1.4441],
    [90.9257, -0.5406, -0.9208, 88.6381, -0.8985, -0.7239, 1.5381],
    [6.7747, -0.2908, -2.4247, 5.8714, -0.0985, -2.2286, 0.6377],
    [2.0776, 0.0795, -1.1350, 0.9033, -0.0636, -0.5514, 0.9082],
])  # fmt: skip
"""Table 1 of Sharma, Wu and Dalal (2005): Lab, Lab, CIEDE2000."""


def test_ciede2000_is_the_published_table_in_either_order():
    first, second, published = SHARMA[:, :3], SHARMA[:, 3:6], SHARMA[:, 6]
    assert np.abs(difference_2000(first, second) - published).max() < 1e-4
    assert np.abs(difference_2000(second, first) - published).max() < 1e-4


def test_ciede2000_is_a_distance_from_itself_zero_over_any_axes():
    lab = to_lab(np.random.default_rng(0).random((5, 1, 3)))
    apart = difference_2000(lab, lab.transpose(1, 0, 2))
    assert apart.shape == (5, 5) and (np.diag(apart) == 0).all() and np.allclose(apart, apart.T)
    assert difference_2000(np.array([[0.0, 0, 0]]), np.array([[100.0, 0, 0]])) == pytest.approx(100, abs=1e-6)
