"""Crossing from character to figure space."""

import math

import numpy as np
import pytest

from genkei.figure.profiles import profile_named
from genkei.figure.scale import checked_height, parse_scale, to_character, to_figure


@pytest.mark.parametrize(("text", "height"), [("1/7", 1600 / 7), ("1:8", 200.0), ("1/12", 1600 / 12)])
def test_a_scale_is_the_height_of_a_person(text, height):
    assert parse_scale(text) == pytest.approx(height)


def test_there_and_back():
    points = np.random.default_rng(0).normal(size=(50, 3)).astype(np.float32)
    assert np.allclose(to_character(to_figure(points, 150.0, 3.2), 150.0, 3.2), points, atol=1e-6)


def test_up_is_up_and_the_face_looks_to_minus_y():
    up, front, left = to_figure(np.eye(3, dtype=np.float32)[[1, 2, 0]], 10.0, 0.0)
    assert up.tolist() == [0, 0, 10] and front.tolist() == [0, -10, 0] and left.tolist() == [10, 0, 0]


@pytest.mark.parametrize("text", ["big", "1/0", "-1/7", "1/2/3", "nan/7", ""])
def test_a_scale_that_is_none_is_refused(text):
    with pytest.raises(ValueError, match="scale"):
        parse_scale(text)


@pytest.mark.parametrize("height", [0.0, -3.0, 2001.0, math.nan, math.inf])
def test_an_impossible_height_is_refused(height):
    with pytest.raises(ValueError, match="mm tall"):
        checked_height(height)


def test_unknown_process_names_the_known():
    with pytest.raises(ValueError, match="known are resin, fdm"):
        profile_named("clay")
