"""Views by any camera: the hull they have in common, their pixels, and what is refused."""

import sys

import numpy as np
import pytest

from genkei.geometry.field import Grid
from genkei.shape import Neus, Splats
from genkei.shape.posed import (
    ball,
    box,
    doubled,
    hull_distance,
    hull_grid,
    outlines,
    pitch,
    pixels,
    places,
    refuse_without_torch,
    through,
    usable,
)
from genkei.types import Camera, View

pytest.importorskip("torch")
MIDDLE, RADIUS = np.array([0.05, 0.5, -0.03], np.float32), 0.4


def disk(camera: Camera, size: int = 64) -> View:
    """A red ball as the camera sees it: every pixel's ray against the sphere."""
    from genkei.geometry.camera import rays

    row, column = np.indices((size, size)).reshape(2, -1)
    start, way = rays(np.stack([column, row], 1) + 0.5, camera, size, size)
    along = ((MIDDLE - start) * way).sum(1, keepdims=True)
    hit = np.linalg.norm(start + along * way - MIDDLE, axis=1) < RADIUS
    rgba = np.zeros((size * size, 4), np.float32)
    rgba[hit] = (0.8, 0.2, 0.1, 1)
    return View(rgba.reshape(size, size, 4), camera)


CAMERAS = (
    Camera.orthographic(0),
    Camera.orthographic(90, 1.5),
    Camera.perspective(200, 2.5, 35, 20),
    Camera.perspective(300, 3.0, 30, -15),
)


def test_the_hull_of_any_cameras_is_about_the_ball():
    grid = hull_grid(outlines(tuple(disk(camera, 128) for camera in CAMERAS)), 32)
    true = np.linalg.norm(places(grid) - MIDDLE, axis=1).reshape(grid.values.shape) - RADIUS
    rim = np.abs(true) < 0.05
    assert (grid.values < true + 0.03)[rim].all()  # a hull holds the solid
    assert np.abs(grid.values - true)[rim].mean() < 0.06
    assert (grid.values[[0, -1]] > 0).all() and (grid.values[:, [0, -1]] > 0).all()


def test_one_more_view_never_enlarges_the_hull():
    seen = outlines(tuple(disk(camera) for camera in CAMERAS))
    points = np.random.default_rng(0).uniform(-1, 1, (300, 3)).astype(np.float32)
    assert (hull_distance(points, seen) >= hull_distance(points, seen[:3])).all()


def test_a_picture_halved_or_framed_wider_is_the_same_outline():
    points = np.random.default_rng(0).uniform(-0.5, 1, (300, 3)).astype(np.float32)
    fine, coarse = (outlines((disk(Camera.orthographic(30), size),)) for size in (256, 64))
    assert np.abs(hull_distance(points, fine) - hull_distance(points, coarse)).max() < 1.2 * 1.2 / 64


@pytest.mark.parametrize("camera", CAMERAS)
def test_pitch_is_the_distance_of_what_neighbouring_pixels_see(camera):
    from genkei.geometry.camera import rays

    start, way = rays(np.array([[32.0, 32.0], [32.0, 33.0]]), camera, 64, 64)
    forward = camera.axes[2].astype(np.float64)
    met = start + way * (((MIDDLE - start) @ forward) / (way @ forward))[:, None]
    apart = float(np.linalg.norm(met[1] - met[0]))
    assert pitch(met, camera, 64)[0] == pytest.approx(apart, rel=1e-3)


def test_rays_of_the_pixels_meet_the_box_and_chances_sum_to_one():
    low, high = np.array([-0.4, 0, -0.4]), np.array([0.4, 1, 0.4])
    seen = pixels(tuple(disk(camera) for camera in CAMERAS), 64, low, high)
    near, far = through(seen.start, seen.way, low, high)
    assert (near < far).all() and seen.chance.sum() == pytest.approx(1, abs=1e-4)
    middle = seen.start + seen.way * ((near + far) / 2)[:, None]
    assert (middle > low - 1e-5).all() and (middle < high + 1e-5).all()
    assert 0.2 < seen.alpha.mean() < 0.9 and (seen.coloured == 1).all()


def test_finer_cells_keep_a_linear_field():
    grid = Grid(np.zeros((5, 6, 7), np.float32), np.array([-0.25, 0.125, 0], np.float32), 0.125)
    linear = Grid(
        (places(grid) @ [1.0, -2.0, 0.5]).astype(np.float32).reshape(5, 6, 7), grid.origin, grid.step
    )
    fine = doubled(linear, 16)
    assert fine.step == 1 / 16 and np.allclose(np.stack(box(fine)), np.stack(box(grid)))
    assert np.abs(fine.values.ravel() - places(fine) @ [1.0, -2.0, 0.5]).max() < 1e-5


def test_a_ball_is_round_and_free_of_the_border():
    found = ball(Grid(np.zeros((20, 30, 24), np.float32), np.zeros(3, np.float32), 0.05))
    assert found.values.min() < 0 and (found.values[[0, -1]] > 0).all()


def test_views_come_in_one_order_and_guesses_only_alone():
    views = tuple(disk(camera) for camera in CAMERAS)
    assert usable(views, "it") == usable(views[::-1], "it")
    guess = View(views[0].rgba, Camera.orthographic(180), drawn=False)
    assert all(view is not guess for view in usable((*views, guess), "it"))


FLAT = Camera(np.array([[1, 0, 0, 0], [1, 0, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]], np.float32))
backend = pytest.mark.parametrize("way", [Neus(), Splats()], ids=["neus", "splats"])


@backend
@pytest.mark.parametrize(
    ("views", "says"),
    [
        ((), "at least two views from different sides, found 0"),
        ((disk(CAMERAS[0]),), "at least two views from different sides, found 1"),
        ((disk(CAMERAS[0]), View(np.ones((64, 64, 4), np.float32), FLAT)), "cameras is singular"),
        ((disk(CAMERAS[0]), View(np.ones((64, 32, 4), np.float32), CAMERAS[1])), "32 x 64 px"),
        ((disk(CAMERAS[0]), View(np.zeros((64, 64, 4), np.float32), CAMERAS[1])), "left view is empty"),
    ],
)
def test_what_cannot_be_used_is_refused(way, views, says):
    with pytest.raises(ValueError, match=says):
        way(views)


@backend
def test_outlines_without_a_place_in_common_are_refused(way):
    high, low = (np.zeros((64, 64, 4), np.float32) for _ in range(2))
    high[:20, 20:40], low[50:, 20:40] = 1, 1
    with pytest.raises(ValueError, match="no place in common"):
        way((View(high, CAMERAS[0]), View(low, Camera.orthographic(90))))


@backend
def test_without_torch_the_command_that_helps_is_said(way, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(ValueError, match=r"pip install 'genkei\[torch\]'"):
        way((disk(CAMERAS[0]), disk(CAMERAS[1])))


def test_a_gpu_that_is_not_there_is_refused(monkeypatch):
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(ValueError, match="finds no GPU; use --device cpu"):
        refuse_without_torch("NeuS", "cuda")
