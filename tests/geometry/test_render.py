"""Pictures of meshes: coverage, flat paint, clay."""

import numpy as np
import pytest

from genkei.geometry.colour import to_bytes
from genkei.geometry.render import CLAY, halve, render, render_clay
from genkei.types import Camera, Mesh
from tests.geometry.solids import ball, cube

BALL = ball(0.4, 24)
BALL = Mesh(BALL.vertices + np.array([0, 0.5, 0], np.float32), BALL.faces)
UV = np.full((len(BALL.faces), 3, 2), 0.5, np.float32)
PAINT = np.full((4, 4, 3), [10, 120, 240], np.uint8)
FRONT = Camera.orthographic(0)


def test_alpha_is_coverage():
    rgba = render(BALL, UV, PAINT, FRONT, 64)
    assert rgba.shape == (64, 64, 4) and rgba[32, 32, 3] == 1 and rgba[0, 0, 3] == 0
    assert set(np.unique(rgba[..., 3])) <= {0, 0.25, 0.5, 0.75, 1}
    assert rgba[..., 3].sum() * (1.2 / 64) ** 2 == pytest.approx(np.pi * 0.16, rel=0.02)
    half = cube(0.6 + 1.2 / 128, (-0.3, 0.2, -0.3))  # covers half a pixel more on the right and on top
    alpha = render(half, np.zeros((12, 3, 2), np.float32), PAINT, FRONT, 64)[..., 3]
    assert alpha.sum() == pytest.approx(32.5**2)


def test_flat_paint_is_the_texture_to_the_rim():
    rgba = render(BALL, UV, PAINT, FRONT, 64)
    seen = rgba[..., 3] > 0
    assert (to_bytes(rgba[seen, :3]) == PAINT[0, 0]).all()
    assert (rgba[~seen] == 0).all()


def test_light_only_darkens():
    flat = render(BALL, UV, PAINT, FRONT, 64)
    dim, lit = (render(BALL, UV, PAINT, FRONT, 64, light) for light in (0.3, 1.0))
    assert (dim <= flat + 1e-5).all() and (lit <= dim + 1e-5).all() and (lit[..., 3] == flat[..., 3]).all()


def test_the_texture_is_read_where_uv_points():
    texture = np.zeros((2, 2, 3), np.uint8)
    texture[0, 1] = 255, 0, 0
    uv = np.full((12, 3, 2), (0.75, 0.25), np.float32)
    rgba = render(cube(0.5, (-0.25, 0.25, -0.25)), uv, texture, FRONT, 16)
    assert rgba[8, 8].tolist() == [1, 0, 0, 1]


@pytest.mark.parametrize("azimuth", [0, 90, 200])
def test_clay_is_grey_lit_from_the_upper_left(azimuth):
    rgba = render_clay(BALL, Camera.orthographic(azimuth), 64)
    seen = rgba[..., 3] > 0
    assert (rgba[..., 3] == render(BALL, UV, PAINT, FRONT, 64)[..., 3]).mean() > 0.99
    assert (rgba[seen, :3] <= np.array(CLAY) + 1e-4).all()
    assert (rgba[seen, :3] >= 0.35 * np.array(CLAY) - 1e-4).all()
    assert np.allclose(rgba[seen, :3] / np.array(CLAY), rgba[seen, :1] / CLAY[0], atol=1e-4)
    assert rgba[22, 22, 0] > rgba[32, 32, 0] > rgba[44, 44, 0]


def test_halving_keeps_straight_alpha():
    picture = np.zeros((2, 2, 4), np.float32)
    picture[0, 0] = 0.8, 0.4, 0.2, 1
    assert np.allclose(halve(picture)[0, 0], [0.8, 0.4, 0.2, 0.25])
    assert (halve(np.zeros((4, 4, 4), np.float32)) == 0).all()
