"""Laws of contours: what turns away goes, what faces the viewer stays, and unlined pictures lose nothing."""

import numpy as np
import pytest

from genkei.geometry.contours import inner_contours, outlined, strands
from genkei.geometry.render import render
from genkei.nets.look import PARTS
from genkei.texture import Paint
from genkei.texture.evidence import Told, collect, told_of
from genkei.types import Camera, Cue, View
from tests.texture.solids import balls, painted, plain

SKIN, INK = (0.9, 0.8, 0.7), 0.05
BALL = balls((0, 0.5, 0, 0.4))
SIZE = 512
ROW, COLUMN = np.indices((SIZE, SIZE)) - (SIZE - 1) / 2
OUT = np.hypot(ROW, COLUMN) * 1.2 / SIZE / 0.4
"""Radii from the ball's middle."""


def ball_with(*rings: tuple[float, float]) -> tuple[View, Cue]:
    """A ball whose rings, in radii, are inked, and where that ink is."""
    view = painted(BALL, 0, plain(SKIN), SIZE)
    line = np.any([(low < OUT) & (high > OUT) for low, high in rings], axis=0) & view.mask
    rgba = view.rgba.copy()
    rgba[line, :3] = INK
    return View(rgba, view.camera), Cue(line[..., None].astype(np.float32), view.mask.astype(np.float32))


OUTLINE, TURNED, FACING = (0.985, 1.1), (0.9, 0.907), (0.5, 0.52)


def test_a_picture_without_outline_is_told_from_one_with():
    view = painted(BALL, 0, plain(SKIN), SIZE)
    assert outlined(ball_with(OUTLINE)[0]) and not outlined(view)
    black = View(view.rgba * np.array([0.02, 0.02, 0.02, 1], np.float32), view.camera)
    assert outlined(black)  # nobody can tell


def test_dark_clothes_at_the_rim_of_a_picture_without_lines_keep_their_colour():
    view = painted(BALL, 0, lambda p: np.where(np.abs(p[:, :1]) > 0.37, INK, SKIN), SIZE)
    evidence = collect(BALL, view, 3, 6, False)
    assert np.array_equal(evidence.colour[view.mask], view.rgba[view.mask, :3])


def test_lines_where_the_solid_turns_away_go_and_others_stay():
    view, cue = ball_with(OUTLINE, TURNED, FACING)
    told = Told(cue.value[..., 0], np.zeros((SIZE, SIZE), np.float32))
    colour = collect(BALL, view, 3, 6, False, told=told).colour
    assert colour[view.mask & (OUT > 0.6)].min() > 0.65
    assert (colour[(OUT > 0.505) & (OUT < 0.515)] < 0.1).all()
    kept = collect(BALL, view, 3, 6, True, told=told).colour
    assert np.array_equal(kept[view.mask], view.rgba[view.mask, :3])


def test_a_line_in_the_face_stays_however_the_solid_lies():
    depth = np.zeros((SIZE, SIZE), np.float32)
    line = ((OUT > 0.3) & (OUT < 0.31)).astype(np.float32)
    away = np.full((SIZE, SIZE), 0.2)
    face = (OUT < 0.9).astype(np.float32)
    assert not inner_contours(line, away, depth, face).any()
    assert inner_contours(line, away, depth, 0 * face)[line > 0].all()


def test_the_chin_is_a_contour_and_the_brow_is_none():
    ring = ((OUT > 0.89) & (OUT < 0.9)).astype(np.float32)
    face = (OUT < 0.9).astype(np.float32)
    found = inner_contours(ring, np.ones((SIZE, SIZE)), np.zeros((SIZE, SIZE), np.float32), face)
    assert found[(ring > 0) & (ROW * 1.2 / SIZE > 0.3)].all() and not found[ROW < 0].any()


def test_lines_beside_a_step_of_the_solid_are_contours():
    depth = np.where(COLUMN < 0, 0.0, 0.2).astype(np.float32)
    line = (np.abs(COLUMN) < 1).astype(np.float32) + (np.abs(COLUMN - 60) < 2)
    found = inner_contours(line, np.ones((SIZE, SIZE)), depth, np.zeros((SIZE, SIZE), np.float32))
    assert found[np.abs(COLUMN) < 1].all() and not found[COLUMN > 30].any()


def test_a_band_wider_than_a_line_is_no_contour():
    away, nothing = np.full((SIZE, SIZE), 0.2), np.zeros((SIZE, SIZE), np.float32)
    band = ((OUT > 0.3) & (OUT < 0.4)).astype(np.float32)
    assert not inner_contours(band, away, nothing, nothing)[(OUT > 0.31) & (OUT < 0.39)].any()


def test_a_strand_is_its_own_line_and_a_finger_has_an_inside():
    rgba = np.zeros((256, 256, 4), np.float32)
    rgba[20:230, 100:106, 3] = 1
    rgba[20:230, 150:170, 3] = 1
    thin = strands(View(rgba, Camera.orthographic(0)), 3)
    assert thin[30:220, 100:106].all() and not thin[30:220, 152:168].any()


def test_paint_without_contours_shows_no_ink_at_the_side():
    view, cue = ball_with(OUTLINE, TURNED, FACING)
    told = Paint(size=512)(BALL, (view,), (), (cue,))
    kept = Paint(size=512, keep_contours=True)(BALL, (view,), (), (cue,))
    for character, dark in ((told, False), (kept, True)):
        side = render(BALL, character.uv, character.texture, Camera.orthographic(60), 256)
        edge = side[128, 128:][side[128, 128:, 3] > 0.99]
        assert (edge[:, 0].min() < 0.3) == dark


def test_lines_belong_to_the_first_views_and_looks_to_their_own():
    view, cue = ball_with(OUTLINE)
    guess = painted(BALL, 180, plain(SKIN), SIZE)
    first, second = told_of((view, guess), (), (cue,))
    assert np.array_equal(first.lines, cue.value[..., 0]) and not first.face.any() and not second.lines.size
    assert PARTS.index("face") == 1


def test_refuses_lines_that_do_not_fit_the_views():
    view, cue = ball_with(OUTLINE)
    small = Cue(cue.value[::2, ::2].copy(), cue.confidence[::2, ::2].copy())
    for lines in ((small,), (cue, cue)):
        with pytest.raises(ValueError, match="give one map a view, of its size"):
            Paint(size=256)(BALL, (view,), (), lines)
