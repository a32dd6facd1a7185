"""Laws of locks and limbs that stand apart in the front view."""

import numpy as np
import pytest

from genkei.shape.decode import BIN
from genkei.shape.fuse import Solid, fused
from genkei.shape.hull import outlines
from genkei.shape.limbs import CAP, told_apart, widths
from genkei.shape.volume import empty
from genkei.types import Camera, View

CELLS = 80


def picture(*boxes: tuple[float, float, float, float], azimuth: float = 0.0) -> View:
    """Boxes (left, right, bottom, top) in heights right of the axis and above the ground."""
    size = 256
    u, y = ((np.arange(size) + 0.5) / size - 0.5) * 1.2, 0.5 + (0.5 - (np.arange(size) + 0.5) / size) * 1.2
    alpha = np.zeros((size, size), bool)
    for left, right, bottom, top in boxes:
        alpha |= ((u >= left) & (u <= right))[None] & ((y >= bottom) & (y <= top))[:, None]
    return View(np.repeat(alpha[..., None], 4, 2).astype(np.float32), Camera.orthographic(azimuth))


TAIL = (0.25, 0.31, 0.3, 0.9)
FRONT = picture((-0.16, 0.16, 0, 1), TAIL, (-0.31, -0.25, 0.3, 0.9))
SIDE = picture((-0.2, 0.2, 0, 1), azimuth=90)
"""The tails lie behind the body's outline from the side."""


@pytest.fixture(scope="module")
def body():
    return empty(*outlines((FRONT, SIDE), CELLS))


def seen(body, tail_z: float, half: float = 0.04) -> Solid:
    """A look from the front: the body in the middle, tails at a depth of their own."""
    own = body.front
    columns = own.u0 + own.step * np.arange(own.mask.shape[1])
    middle = np.where(np.abs(columns) > 0.2, tail_z, 0.0)
    deep = np.where(np.abs(columns) > 0.2, half, 0.2)
    empty_ = Solid(np.zeros((80, *own.mask.shape), np.float32), own, 1.1, 0.0)
    odds = np.where(np.abs(empty_.depth[:, None] - middle) < deep, 8.0, -8.0)[:, None]
    return Solid(np.broadcast_to(odds, empty_.odds.shape).astype(np.float32), own, 1.1, 0.0)


def tail_of(body, field):
    """Whether each depth has matter in the middle of the right tail, and the depths."""
    x = round((0.28 - body.origin[0]) / body.step)
    y = round((0.6 - body.origin[1]) / body.step)
    return field[x, y] < 0, body.origin[2] + body.step * np.arange(field.shape[2])


@pytest.mark.parametrize("tail_z", [-0.12, 0.0, 0.1])
def test_a_tail_is_as_deep_as_its_own_look_has_it(body, tail_z):
    hull = body.outlines
    inside, z = tail_of(body, hull)
    assert np.ptp(z[inside]) > 0.3, "the outlines alone make it as deep as the body"
    solids = (seen(body, tail_z),)
    apart = told_apart(body, hull.copy(), fused(solids, body), solids)
    inside, z = tail_of(body, apart)
    reach = 0.04 + CAP * body.step + 1.1 * BIN
    assert inside.any() and np.abs(z[inside] - tail_z).max() <= reach
    assert (apart >= hull).all(), "nothing grows"


def test_what_is_not_slender_stays(body):
    hull = body.outlines
    solids = (seen(body, -0.12),)
    apart = told_apart(body, hull.copy(), fused(solids, body), solids)
    middle = np.abs(body.origin[0] + body.step * np.arange(hull.shape[0])) < 0.11
    assert (apart[middle] == hull[middle]).all()


def test_rays_of_the_side_that_only_a_tail_fills_stay_filled():
    """From the side the tails stand out behind the body, farther back than the front's look believes."""
    far = picture(
        (-0.2, 0.2, 0, 1), (0.2, 0.4, 0.3, 0.9), azimuth=90
    )  # to picture-right: the character's back
    body = empty(*outlines((FRONT, far), CELLS))
    hull = body.outlines
    solids = (seen(body, 0.0),)
    apart = told_apart(body, hull.copy(), fused(solids, body), solids)
    assert ((apart < 0).any(0) == (hull < 0).any(0)).all()


def test_a_forgotten_tail_comes_back_where_its_own_look_has_it(body):
    hull = body.outlines
    solids = (seen(body, -0.12),)
    found = np.full(hull.shape, 0.05, np.float32)
    told_apart(body, hull, found, solids)
    inside, z = tail_of(body, found)
    assert inside.any() and np.abs(z[inside] + 0.12).max() < 0.04 + 1.1 * BIN
    x = round((0.0 - body.origin[0]) / body.step)
    assert (found[x] > 0).all(), "the body was not asked about"


def test_a_look_from_the_side_alone_changes_nothing(body):
    hull = body.outlines
    found = fused((seen(body, 0.1),), body)
    other = Solid(np.zeros((80, *body.side.mask.shape), np.float32), body.side, 1.1, 90.0)
    kept = found.copy()
    assert (told_apart(body, hull, found, (other,)) == hull).all() and (found == kept).all()


def test_widths_are_those_of_runs():
    mask = np.array([[1, 1, 0, 1], [0, 0, 0, 0], [1, 1, 1, 1]], bool)
    assert widths(mask).tolist() == [[2, 2, 0, 1], [0, 0, 0, 0], [4, 4, 4, 4]]
