"""Laws of the guess and of the gutters."""

import numpy as np
import pytest

from genkei.geometry.contours import stroke_width
from genkei.texture.evidence import collect
from genkei.texture.fill import flood_gutters, nearest_known
from genkei.texture.project import rank
from genkei.texture.surface import relax
from genkei.texture.texels import Texels
from genkei.types import Camera, Mesh, View
from tests.texture.solids import balls, painted, plain

BALL = balls((0, 0.5, 0, 0.3), cells=24)


def test_known_vertices_lend_to_themselves_and_all_get_a_lender():
    known = BALL.vertices[:, 2] > 0.1
    lender = nearest_known(BALL, known)
    assert known[lender].all()
    assert (lender[known] == np.flatnonzero(known)).all()


def test_the_back_borrows_at_its_own_height():
    known = BALL.vertices[:, 2] > 0
    lender = nearest_known(BALL, known)
    level = ~known & (np.abs(BALL.vertices[:, 1] - 0.5) < 0.2)
    assert np.abs(BALL.vertices[lender[level], 1] - BALL.vertices[level, 1]).max() < 0.08


def test_a_handicapped_vertex_keeps_its_colour_but_lends_none():
    known = BALL.vertices[:, 2] > 0.1
    left = known & (BALL.vertices[:, 0] < -0.1)
    lender = nearest_known(BALL, known, np.where(left, 9.0, 0.0).astype(np.float32))
    assert not left[lender[~known]].any()
    assert (lender[known] == np.flatnonzero(known)).all()


def test_surface_apart_borrows_through_the_air():
    other = Mesh(
        np.concatenate([BALL.vertices, BALL.vertices + np.float32(2)]),
        np.concatenate([BALL.faces, BALL.faces + len(BALL.vertices)]),
    )
    known = np.zeros(len(other.vertices), bool)
    known[: len(BALL.vertices)] = True
    assert known[nearest_known(other, known)].all()


def test_smoothing_keeps_constants_and_bounds():
    rng = np.random.default_rng(0)
    state = np.stack([np.ones(len(BALL.vertices)), rng.random(len(BALL.vertices))], 1)
    out = relax(BALL, state, rng.random(len(state)) > 0.5, 0.05)
    assert np.abs(out[:, 0] - 1).max() < 1e-3
    assert out[:, 1].min() > -1e-2 and out[:, 1].max() < 1 + 1e-2
    assert out[:, 1].std() < state[:, 1].std()


def test_gutters_take_the_nearest_texel():
    texels = Texels(8, np.array([9, 54]), np.zeros((2, 3), np.int32), np.ones((2, 3), np.float32) / 3)
    picture = flood_gutters(np.array([[1.0], [2.0]], np.float32), texels)
    assert picture[1, 1, 0] == 1 and picture[6, 6, 0] == 2 and picture[0, 0, 0] == 1 and picture[7, 7, 0] == 2
    assert (picture > 0).all()


def test_no_background_colour_is_left_in_the_evidence():
    view = painted(BALL, 0, plain((0.2, 0.6, 0.3)))
    rgba = np.where(view.mask[..., None], view.rgba, np.array([1, 0, 1, 0], np.float32))
    evidence = collect(BALL, View(rgba, view.camera), 3, 6, False)
    assert np.abs(evidence.colour - [0.2, 0.6, 0.3]).max() < 1e-6
    assert (evidence.trust[~view.mask] == 0).all() and evidence.trust.max() == 1


def test_large_dark_areas_are_not_taken_for_lines():
    view = painted(BALL, 0, lambda p: np.where(p[:, 1:2] > 0.5, 0.9, 0.02) * np.ones((1, 3), np.float32))
    evidence = collect(BALL, view, 3, 6, False)
    assert not evidence.ink.any()


def outlined(width: float, size: int = 512) -> View:
    """A pale ball with a dark outline of so many pixels."""
    view = painted(BALL, 0, plain((0.9, 0.8, 0.7)), size)
    distance = np.hypot(*(np.indices((size, size)) - (size - 1) / 2))
    rgba = view.rgba.copy()
    rgba[(distance > 0.3 * size / 1.2 - width) & view.mask, :3] = 0.05
    return View(rgba, view.camera)


@pytest.mark.parametrize("width", [5, 9])
def test_the_stroke_is_as_wide_as_drawn(width):
    assert abs(stroke_width(outlined(width), 2, 20) - width) <= 2


def test_without_an_outline_the_stroke_is_the_least():
    assert stroke_width(painted(BALL, 0, plain((0.9, 0.8, 0.7))), 3, 20) == 3
    assert stroke_width(painted(BALL, 0, plain((0.02, 0.02, 0.02))), 3, 20) == 3


def test_a_thick_outline_leaves_no_dark_colour():
    assert collect(BALL, outlined(9), 3, 6, False).colour.min() > 0.65


def test_a_thin_dark_lock_alone_is_no_outline():
    lock = np.zeros((256, 256, 4), np.float32)
    lock[30:220, 120:130] = 0.1, 0.08, 0.08, 1
    evidence = collect(BALL, View(lock, Camera.orthographic(0)), 3, 6, False)
    assert not evidence.ink.any()


def test_views_rank_front_back_quarter_side_top():
    ranks = [rank(Camera.orthographic(a)) for a in (0, 180, 45, 90)] + [
        rank(Camera.orthographic(0, elevation_deg=90))
    ]
    assert np.allclose(ranks, [1, 0.5, 0.1**0.5, 0.1, 0.05], atol=1e-3)
