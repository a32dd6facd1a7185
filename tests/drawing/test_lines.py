"""Lines are found where they are drawn, by every backend; the net's answer lands on the drawing's pixels."""

import numpy as np
import pytest

from genkei.drawing.lines import Classical, LearnedLines
from genkei.types import Camera, View
from tests.drawing.figures import person

SIZE = 256


def view_of(side: str = "front") -> View:
    """The drawn person on a square, as the sheet places it."""
    figure = person(side, 200)
    rgba = np.zeros((SIZE, SIZE, 4), np.float32)
    left = (SIZE - figure.width) // 2
    rgba[28:228, left : left + figure.width] = np.asarray(figure, np.float32) / 255
    return View(rgba, Camera.orthographic(0.0))


def dark_net(*, picture: np.ndarray, behind: np.ndarray) -> dict[str, np.ndarray]:
    """Takes everything dark for a line; sees no back."""
    assert not behind.any() and picture.shape == (2, 4, 192, 192)
    light = picture[:, :3].mean(1, keepdims=True) + 1 - picture[:, 3:]
    return {"lines": (20 * (0.45 - light)).astype(np.float32)}


BACKENDS = [Classical(), LearnedLines(net=dark_net)]
NAMES = [type(backend).__name__ for backend in BACKENDS]


@pytest.mark.parametrize("backend", BACKENDS, ids=NAMES)
def test_dark_outlines_are_lines_and_fills_are_not(backend):
    view = view_of()
    cue = backend(view)
    dark = (view.rgba[..., :3].sum(-1) < 0.5) & (view.rgba[..., 3] > 0.9)
    plain = (np.abs(view.rgba[..., :3] - np.array([60, 120, 200]) / 255).max(-1) < 0.01) & view.mask
    assert cue.value.shape == (SIZE, SIZE, 1) and 0 <= cue.value.min() <= cue.value.max() <= 1
    assert cue.value[dark, 0].mean() > 0.5
    assert cue.value[plain, 0].mean() < 0.1
    assert not cue.value[view.rgba[..., 3] <= 0].any()
    assert np.array_equal(cue.confidence, view.mask.astype(np.float32))


@pytest.mark.parametrize("backend", BACKENDS, ids=NAMES)
def test_mirroring_the_picture_mirrors_the_lines(backend):
    view = view_of("left")
    mirrored = View(np.ascontiguousarray(view.rgba[:, ::-1]), view.camera)
    there, back = backend(mirrored).value, backend(view).value[:, ::-1]
    assert np.abs(there - back).max() < 0.02


def test_a_view_without_lines_has_none():
    rgba = np.zeros((SIZE, SIZE, 4), np.float32)
    rgba[30:220, 90:170] = [0.8, 0.4, 0.3, 1]
    assert Classical()(View(rgba, Camera.orthographic(0.0))).value.max() < 0.05


def test_the_net_refuses_an_empty_view():
    clear = View(np.zeros((SIZE, SIZE, 4), np.float32), Camera.orthographic(0.0))
    with pytest.raises(ValueError, match="empty: no pixel is opaque"):
        LearnedLines(net=dark_net)(clear)
