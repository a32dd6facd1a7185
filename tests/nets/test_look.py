"""What a look says lies on the view's own pixels, follows a mirror, and is inferred once."""

import numpy as np
import pytest

from genkei.nets.look import JOINTS, MIRRORED, PARTS, Remembered, look
from genkei.types import Camera, View
from tests.nets.answers import COLOURS, colour_net

SIZE = 240


def doll(lean: int = 0) -> View:
    """A head of hair with a face, a blue body, black shoes; the head stands `lean` px to the right."""
    rgba = np.zeros((SIZE, SIZE, 4), np.float32)
    y, x = np.mgrid[0:SIZE, 0:SIZE]
    shapes = [
        ((np.abs(x - 120) < 30) & (y > 80) & (y < 218), 3),
        ((np.hypot(x - 120 - lean, y - 55) < 35), 0),
        ((np.hypot(x - 120 - lean, y - 60) < 22), 1),
        ((np.abs(x - 120) < 30) & (y >= 205) & (y < 220), 4),
    ]
    for where, part in shapes:
        rgba[where] = [*COLOURS[part], 1]
    return View(rgba, Camera.orthographic(0.0))


def test_names_are_those_of_the_training():
    spec = pytest.importorskip("genkei_train.characters.spec")
    feed = pytest.importorskip("genkei_train.feed")
    render = pytest.importorskip("genkei_train.render")
    assert PARTS == spec.PARTS and tuple(render.JOINTS) == JOINTS
    assert np.array_equal(feed.MIRRORED, MIRRORED)


def test_the_mirror_exchanges_left_and_right():
    for k, name in enumerate(JOINTS):
        other = name.replace("left", "#").replace("right", "left").replace("#", "right")
        assert JOINTS[MIRRORED[k]] == other


def test_labels_lie_where_the_parts_are_drawn():
    view = doll()
    cue = look((view,), colour_net)[0].labels
    where = {"hair": (28, 120), "face": (60, 120), "cloth": (150, 120), "shoes": (213, 120)}
    assert {PARTS[int(cue.value[place].argmax())] for place in where.values()} == set(where)
    assert cue.confidence[150, 120] > 0.9 and not cue.confidence[~view.mask].any()


def test_joints_stand_in_character_heights():
    seen = look((doll(),), colour_net)[0].joints
    place = dict(zip(JOINTS, seen.place, strict=True))
    foot = 0.5 + (120 - 220) * 1.2 / SIZE
    assert place["neck"] == pytest.approx([0, foot + 0.7], abs=0.01)
    assert place["leftHand"][0] == pytest.approx(0.1, abs=0.01) == -place["rightHand"][0]
    assert (seen.sharpness > 0.9).all()


def test_the_mirrored_picture_has_the_mirrored_look():
    one = look((doll(15),), colour_net)[0]
    other = look((View(doll(15).rgba[:, ::-1].copy(), Camera.orthographic(0.0)),), colour_net)[0]
    assert np.abs(one.parts - other.parts[..., ::-1]).max() < 1e-4
    assert np.abs(one.joints.place - other.joints.place[MIRRORED] * [-1, 1]).max() < 1e-3


def test_the_opposite_drawing_is_shown_mirrored():
    seen = []

    def net(*, picture, behind):
        seen.append((picture, behind))
        return colour_net(picture=picture, behind=behind)

    back = View(doll(15).rgba[:, ::-1].copy(), Camera.orthographic(180.0))
    look((doll(15), back), net)
    picture, behind = seen[0]
    assert np.abs(picture[0] - behind[0]).max() < 0.02


def test_what_was_inferred_once_is_remembered():
    asked = []

    def net(*, picture, behind):
        asked.append(len(picture))
        return colour_net(picture=picture, behind=behind)

    remembered = Remembered(net)
    first = look((doll(7),), remembered)[0]
    again = look((doll(7), doll(9)), remembered)
    assert sum(asked) == 2 + 2
    assert np.array_equal(first.parts, again[0].parts)


def test_an_empty_view_is_refused():
    with pytest.raises(ValueError, match="no pixel is opaque"):
        look((View(np.zeros((SIZE, SIZE, 4), np.float32), Camera.orthographic(0.0)),), colour_net)
