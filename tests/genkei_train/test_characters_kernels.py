"""The compiled distances against the same formulas in plain numpy."""

from itertools import pairwise

import numpy as np

from genkei_train.characters.forms import column, ellipsoid, spline, stations, sweep
from genkei_train.characters.kernels import beyond

POINTS = np.random.default_rng(7).uniform(-0.25, 0.25, (400, 3)).astype(np.float32)


def test_a_swept_section_is_the_nearest_of_its_segments():
    knots = np.array([(0, -0.1, 0, 0.05, 0.02), (0.05, 0, 0.02, 0.06, 0.03), (0.02, 0.12, 0, 0.01, 0.01)])
    core = np.array([0.0, 0.0, -1.0])
    path = spline(knots, 6)
    best = np.full(len(POINTS), np.inf)
    for a, b in pairwise(path):
        move = (b - a)[:3]
        along = move / np.linalg.norm(move)
        away = a[:3] + move / 2 - core
        away -= (away @ along) * along
        away /= np.linalg.norm(away)
        t = np.clip((POINTS - a[:3]) @ along / np.linalg.norm(move), 0, 1)
        q = POINTS - a[:3] - t[:, None] * move
        wide, thick = a[3] + t * (b - a)[3], a[4] + t * (b - a)[4]
        k = np.sqrt(
            (q @ np.cross(along, away) / wide) ** 2 + (q @ away / thick) ** 2 + (q @ along / thick) ** 2
        )
        best = np.minimum(best, (k - 1) * np.minimum(wide, thick))
    np.testing.assert_allclose(sweep(knots, core, 6).distance(POINTS), best, atol=2e-5)


def test_an_ellipsoid_is_a_sphere_when_its_radii_are_equal():
    centre = np.array([0.02, -0.03, 0.01])
    expected = np.linalg.norm(POINTS - centre, axis=1) - 0.1
    np.testing.assert_allclose(ellipsoid(centre, np.full(3, 0.1)).distance(POINTS), expected, atol=1e-5)


def test_a_round_column_is_a_cylinder():
    cylinder = column(stations([(-0.1, 0.08, 0.08, 0.08, 0.0), (0.1, 0.08, 0.08, 0.08, 0.0)]))
    side, above = np.hypot(POINTS[:, 0], POINTS[:, 2]) - 0.08, np.abs(POINTS[:, 1]) - 0.1
    expected = np.minimum(np.maximum(side, above), 0) + np.hypot(np.maximum(side, 0), np.maximum(above, 0))
    np.testing.assert_allclose(cylinder.distance(POINTS), expected, atol=1e-5)


def test_nothing_lies_beyond_a_box_that_holds_it():
    low, high = np.full(3, -0.3, np.float32), np.full(3, 0.3, np.float32)
    assert beyond(POINTS, low, high).max() == 0
    far = np.array([[0.5, 0, 0], [0, -0.4, 0.35]], np.float32)
    np.testing.assert_allclose(beyond(far, low, high), [0.2, 0.1], atol=1e-6)
