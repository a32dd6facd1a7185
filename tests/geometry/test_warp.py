"""Moving pictures: nothing moves at zero, whole pixels move exactly, mirrored moves mirrored."""

import numpy as np
import pytest

from genkei.geometry.warp import warped
from tests.shape.figures import figure, seen


def picture() -> np.ndarray:
    return seen(figure(), 30.0, size=96)[0].rgba


def test_no_displacement_changes_nothing():
    still = np.zeros((96, 96))
    assert np.abs(warped(picture(), still, still)[..., 3] - picture()[..., 3]).max() < 1e-5
    opaque = picture()[..., 3] > 0.5
    assert np.abs(warped(picture(), still, still) - picture())[opaque].max() < 1e-4


def test_whole_pixels_move_exactly():
    moved = warped(picture(), np.full((96, 96), 3.0), np.full((96, 96), -2.0))
    assert moved[4:, :-4, 3] == pytest.approx(picture()[2:-2, 3:-1, 3], abs=1e-4)


def test_the_mirror_of_a_warp_is_the_warp_of_the_mirror():
    rows, columns = np.indices((96, 96))
    dx, dy = 3 * np.sin(rows / 15), 2 * np.cos(columns / 20 + rows / 30)
    one = warped(picture(), dx, dy)[:, ::-1]
    other = warped(np.ascontiguousarray(picture()[:, ::-1]), -dx[:, ::-1], dy[:, ::-1])
    assert other == pytest.approx(one, abs=1e-4)


def test_straight_alpha_comes_back():
    half = np.full((96, 96), 0.5)
    moved = warped(picture(), half, half)
    rim = (moved[..., 3] > 0.05) & (moved[..., 3] < 0.95)
    assert rim.any()
    assert moved[rim, :3].mean() == pytest.approx(picture()[picture()[..., 3] > 0.9, :3].mean(), abs=0.15)
