"""The balloon: as deep as it is wide, layers on top, one view enough."""

from dataclasses import replace

import numpy as np
import pytest

from genkei.geometry.mesh import volume
from genkei.geometry.score import silhouette_iou
from genkei.shape import Inflation
from genkei.types import Camera, View
from tests.geometry.solids import sample_points
from tests.shape.figures import capsules, figure, painted, seen, silhouette

CELLS = 80
BALLOON = Inflation(resolution=CELLS)


def test_a_small_ball_has_its_volume():
    ball = capsules(((0, 0.5, 0), (0, 0.5, 0), 0.15))
    assert volume(BALLOON(seen(ball, 0.0))) == pytest.approx(4 / 3 * np.pi * 0.15**3, rel=0.25)


def test_nothing_is_deeper_than_most_depth():
    wide = capsules(((0, 0.5, 0), (0, 0.5, 0), 0.5))
    for most in (0.1, 0.18):
        made = replace(BALLOON, most_depth=most, relief=0.0)(seen(wide, 0.0))
        assert 0.7 * most < made.vertices[:, 2].max() < most + 2 / CELLS


def test_wider_limbs_are_deeper():
    made = BALLOON(seen(figure(), 0.0))
    depth = [np.ptp(made.vertices[np.abs(made.vertices[:, 1] - y) < 0.02, 2]) for y in (0.85, 0.3)]
    assert depth[0] > 1.5 * depth[1]


@pytest.mark.parametrize("azimuths", [(0.0,), (180.0,), (0.0, 180.0)])
def test_front_back_or_both(azimuths):
    views = seen(figure(), *azimuths)
    made = BALLOON(views)
    for view in views:
        assert silhouette_iou(silhouette(made, view.camera), view.mask) > 0.93


def test_a_plain_balloon_is_the_same_from_front_and_back():
    made = replace(BALLOON, relief=0.0)(seen(figure(), 0.0))
    assert -made.vertices[:, 2].min() == pytest.approx(made.vertices[:, 2].max(), abs=1 / CELLS)


def test_a_long_stripe_of_another_colour_stands_out_on_its_side_only():
    body = capsules(((0, 0.85, 0), (0, 0.15, 0), 0.15))
    middle = body.vertices[body.faces].mean(1)
    stripe = ((np.abs(middle[:, 0]) < 0.03) & (np.abs(middle[:, 1] - 0.5) < 0.3)).astype(int)
    view = painted(body, stripe, np.array([[230, 200, 180], [40, 40, 120]], np.uint8), 0.0)
    plain, layered = replace(BALLOON, relief=0.0)((view,)), replace(BALLOON, relief=1.0)((view,))

    def deepest(mesh, towards):
        points = sample_points(mesh, 20_000, np.random.default_rng(0))
        near = np.abs(points[:, [0, 1]] - [0, 0.5]).max(1) < 0.05
        return (points[near, 2] * towards).max()

    assert deepest(layered, 1) > deepest(plain, 1) + 0.5 / CELLS
    assert deepest(layered, -1) == pytest.approx(deepest(plain, -1), abs=0.5 / CELLS)


def test_guessed_views_lend_their_outline_but_no_layers():
    (front,) = seen(figure(), 0.0)
    rgba = np.zeros_like(front.rgba)
    rgba[..., 3] = front.rgba[:, ::-1, 3]
    guess = View(rgba, Camera.orthographic(180), drawn=False)
    alone, guided = BALLOON((front,)), BALLOON((front, guess))
    assert alone.vertices.tobytes() == guided.vertices.tobytes()


def test_sides_alone_are_refused():
    with pytest.raises(ValueError, match="inflation wants a front or a back view; it got left, right"):
        BALLOON(seen(figure(), 90.0, 270.0))
