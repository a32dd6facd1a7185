"""Scores: one for itself, symmetric, honest about what is missing."""

from dataclasses import replace

import numpy as np
import pytest

from genkei.geometry.render import render
from genkei.geometry.score import colour_distances, score_view, score_views, silhouette_iou
from genkei.types import Camera, View
from tests.geometry.solids import cube

BOX = cube(0.5, (-0.25, 0.25, -0.25))
UV = np.zeros((12, 3, 2), np.float32)
RED = np.full((2, 2, 3), [255, 0, 0], np.uint8)
VIEW = View(render(BOX, UV, RED, Camera.orthographic(0), 48), Camera.orthographic(0))


def test_a_drawing_of_the_result_itself_is_perfect():
    score = score_view(VIEW, BOX, UV, RED)
    assert (score.name, score.silhouette_iou) == ("front", 1.0)
    assert score.colour_error == score.colour_median == 0
    assert (score.rendered == VIEW.rgba).all()


def test_another_colour_is_its_lab_distance():
    score = score_view(VIEW, BOX, UV, np.full((2, 2, 3), 255, np.uint8))
    assert score.colour_error == pytest.approx(np.hypot(100 - 53.24, np.hypot(80.09, 67.20)), abs=0.05)
    assert score.silhouette_iou == 1.0


def test_iou_is_symmetric_and_counts():
    rng = np.random.default_rng(0)
    a, b = (rng.random((20, 20)) < 0.4 for _ in range(2))
    by_loop = sum(x and y for x, y in zip(a.flat, b.flat, strict=True)) / sum(
        x or y for x, y in zip(a.flat, b.flat, strict=True)
    )
    assert silhouette_iou(a, b) == silhouette_iou(b, a) == pytest.approx(by_loop)
    assert silhouette_iou(a, a) == 1 and silhouette_iou(a, ~a) == 0


def test_two_empty_pictures_are_identical():
    nothing = np.zeros((3, 3), bool)
    assert silhouette_iou(nothing, nothing) == 1.0
    assert colour_distances(np.zeros((3, 3, 4), np.float32), VIEW.rgba[:3, :3]).size == 0
    empty = View(np.zeros((48, 48, 4), np.float32), Camera.orthographic(0))
    score = score_view(empty, BOX, UV, RED)
    assert (score.silhouette_iou, score.colour_error, score.colour_median) == (0, 0, 0)


def test_guessed_views_are_not_scored():
    guess = replace(VIEW, drawn=False)
    assert [s.name for s in score_views((guess, VIEW, guess), BOX, UV, RED)] == ["front"]


def test_a_picture_that_is_not_square_is_refused():
    with pytest.raises(ValueError, match=r"front view is 48 x 40 px; scoring wants a square"):
        score_view(View(VIEW.rgba[4:44], VIEW.camera), BOX, UV, RED)
