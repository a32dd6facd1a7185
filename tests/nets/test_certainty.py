"""Characters the net understands are sure; what it can't make out is not."""

from functools import partial

import numpy as np
import pytest

from genkei.nets.certainty import MEASURES, UNSURE, certainty, measures
from genkei.nets.look import look
from genkei.types import Camera, View
from tests.nets.answers import colour_net
from tests.nets.test_look import SIZE, doll


def noise() -> View:
    rgba = np.random.default_rng(0).random((SIZE, SIZE, 4)).astype(np.float32)
    rgba[..., 3] = 1
    return View(rgba, Camera.orthographic(0.0))


def test_a_clear_answer_is_sure_and_no_answer_is_not():
    blind = partial(colour_net, sure=0.0)
    assert certainty(look((doll(),), colour_net)[0]) > 0.8
    assert certainty(look((doll(),), blind)[0]) < UNSURE
    assert certainty(look((noise(),), blind)[0]) < certainty(look((doll(),), blind)[0])


def test_measures_are_shares():
    for view in (doll(), noise()):
        found = measures(look((view,), colour_net)[0])
        assert found.shape == (len(MEASURES),) and (found >= 0).all() and (found <= 1).all()
    assert measures(look((noise(),), colour_net)[0])[1] < 0.5
    assert measures(look((doll(),), colour_net)[0])[1] == 1


def test_the_wheel_s_net_doubts_noise():
    from genkei.nets.loader import load, records

    if "solid" not in records():
        pytest.skip("no weights of the solid net in the wheel")
    assert certainty(look((noise(),), load("solid"))[0]) < UNSURE
