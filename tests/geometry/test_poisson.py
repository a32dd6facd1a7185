"""Screened Poisson surfaces."""

import numpy as np
import pytest

from genkei.geometry.field import surface
from genkei.geometry.mesh import open_edges, volume
from genkei.geometry.poisson import Oriented, poisson_field

ORIGIN = np.full(3, -0.5, np.float32)
SHAPE = (41, 41, 41)
STEP = 0.025


def ball_points(count: int, radius: float = 0.3, noise: float = 0.0, seed: int = 0) -> Oriented:
    rng = np.random.default_rng(seed)
    normals = rng.standard_normal((count, 3))
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    places = normals * radius + noise * rng.standard_normal((count, 3))
    areas = np.full(count, 4 * np.pi * radius**2 / count)
    return Oriented(*(v.astype(np.float32) for v in (places, normals, areas)))


def test_points_of_a_ball_give_the_ball():
    mesh = surface(poisson_field(ball_points(4000), ORIGIN, SHAPE, STEP))
    assert open_edges(mesh.faces) == 0
    assert volume(mesh) == pytest.approx(4 / 3 * np.pi * 0.3**3, rel=0.03)
    assert np.abs(np.linalg.norm(mesh.vertices, axis=1) - 0.3).max() < 0.3 * STEP


def test_a_hole_in_the_points_is_closed():
    points = ball_points(4000)
    keep = points.places[:, 2] < 0.2
    cut = Oriented(points.places[keep], points.normals[keep], points.areas[keep])
    mesh = surface(poisson_field(cut, ORIGIN, SHAPE, STEP))
    assert open_edges(mesh.faces) == 0
    assert 0.2 < mesh.vertices[:, 2].max() < 0.31


def test_screening_holds_the_surface_at_the_points():
    """Normals that claim another curvature bend an unscreened surface away from its points."""
    points = ball_points(4000)
    wrong = points.normals + np.array([0, 0, 0.6], np.float32) * (points.places[:, 2:] > 0)
    wrong /= np.linalg.norm(wrong, axis=1, keepdims=True)
    off = []
    for screening in (1e-6, 4.0):
        field = poisson_field(
            Oriented(points.places, wrong.astype(np.float32), points.areas),
            ORIGIN,
            SHAPE,
            STEP,
            screening,
            60,
        )
        off.append(float(np.abs(np.linalg.norm(surface(field).vertices, axis=1) - 0.3).mean()))
    assert off[1] < 0.6 * off[0]


def test_noise_is_averaged():
    mesh = surface(poisson_field(ball_points(6000, noise=0.01), ORIGIN, SHAPE, STEP))
    assert np.linalg.norm(mesh.vertices, axis=1).std() < 0.007


def test_points_outside_the_box_are_refused():
    points = ball_points(10)
    with pytest.raises(ValueError, match="none of the 10 points"):
        poisson_field(Oriented(points.places + 5, points.normals, points.areas), ORIGIN, SHAPE, STEP)
