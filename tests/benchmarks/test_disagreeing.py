"""The hand's errors: none is none, the size asked for is the size they have, the seed decides."""

import numpy as np
import pytest

from benchmarks import disagreeing
from genkei.types import Camera
from tests.shape.figures import figure, seen

CAMERA = Camera.orthographic(90)
STILL = np.zeros((2, 96, 96))


def side() -> np.ndarray:
    return seen(figure(), 90.0, size=96)[0].rgba


def test_no_error_is_the_picture():
    moved = disagreeing._moved(side(), CAMERA, 1.0, (0.0, 0.0), STILL)
    assert moved[..., 3] == pytest.approx(side()[..., 3], abs=1e-4)


def test_scale_keeps_the_feet_and_moves_the_head():
    taller = disagreeing._moved(side(), CAMERA, 0.9, (0.0, 0.0), STILL)[..., 3] > 0.5
    was, now = (np.flatnonzero(mask.any(1)) for mask in (side()[..., 3] > 0.5, taller))
    assert abs(now[-1] - was[-1]) <= 1
    assert now[0] - was[0] == pytest.approx(0.1 * 80, abs=1.5)


def test_the_offset_goes_right_and_up():
    moved = disagreeing._moved(side(), CAMERA, 1.0, (0.05, 0.025), STILL)[..., 3]
    assert moved[:-2, 4:] == pytest.approx(side()[2:, :-4, 3], abs=1e-3)


def test_lines_wander_as_far_as_asked_and_the_seed_decides():
    errors = disagreeing.Errors(noise=0.002)
    found = [disagreeing.wander(np.random.default_rng(s), 96, CAMERA, errors) for s in (3, 3, 4)]
    assert found[0].std() == pytest.approx(0.002 * 80, rel=0.01)
    assert np.array_equal(found[0], found[1])
    assert not np.array_equal(found[0], found[2])
