"""A head behind every face: a hollow is filled, whatever is whole or shows no face stays as it is."""

from dataclasses import replace

import numpy as np
import pytest

from genkei.geometry.crop import Crop
from genkei.nets.look import PARTS
from genkei.shape.fuse import Solid
from genkei.shape.head import headed, with_face
from genkei.shape.outlines import outline, room
from genkei.shape.volume import empty
from genkei.types import Camera, View

CELLS = 64
SIZE = 128


@pytest.fixture(scope="module")
def body():
    alpha = np.hypot(*(np.mgrid[:SIZE, :SIZE] - (SIZE - 1) / 2)) < 40
    view = View(np.repeat(alpha[..., None], 4, 2).astype(np.float32), Camera.orthographic(0.0))
    front = outline((view,), 0.0, CELLS)
    assert front is not None
    return empty(front, room(front, -0.5, 0.5))


def mane(body, hollow: float):
    """A ball of matter round the axis at half the height, its front pressed in up to `hollow` heights."""
    x, y, z = (body.origin[k] + body.step * np.arange(body.field.shape[k]) for k in range(3))
    away = np.sqrt(x[:, None, None] ** 2 + (y[:, None] - 0.5) ** 2 + z**2)
    dent = np.hypot(x[:, None, None], y[:, None] - 0.5) - 0.22
    return np.maximum(away - 0.36, np.minimum(-dent, z - 0.36 + hollow)).astype(np.float32)


def face(body, radius: float) -> Solid:
    own = body.front
    columns = own.u0 + own.step * np.arange(own.mask.shape[1])
    rows = own.y0 + own.step * np.arange(own.mask.shape[0])
    seen = np.hypot(columns, rows[:, None] - 0.5) < radius
    return Solid(np.zeros((80, *own.mask.shape), np.float32), own, 1.1, 0.0, face=seen)


def test_a_pressed_in_face_gets_its_head(body):
    hollow = mane(body, 0.6)
    solid = face(body, 0.2)
    full = headed(body, hollow, solid)
    middle = full.shape[0] // 2, round((0.5 - body.origin[1]) / body.step)
    z = body.origin[2] + body.step * np.arange(full.shape[2])
    assert (hollow[middle] < 0).sum() < 0.5 * (full[middle] < 0).sum()
    assert z[full[middle] < 0].max() == pytest.approx(0.2, abs=0.05)
    assert (full <= hollow).all() and np.array_equal(headed(body, full, solid), full)


def test_what_is_whole_or_shows_no_face_stays(body):
    whole, hollow, solid = mane(body, 0.05), mane(body, 0.6), face(body, 0.2)
    assert headed(body, whole, solid) is whole
    assert headed(body, hollow, replace(solid, face=None)) is hollow
    assert headed(body, hollow, face(body, 0.02)) is hollow, "a speck is no face"
    assert headed(body, hollow, replace(solid, azimuth_deg=90.0)) is hollow
    nothing = np.ones_like(hollow)
    assert headed(body, nothing, solid) is nothing


def test_the_likeliest_part_says_where_the_face_is(body):
    solid = face(body, 0.2)
    parts = np.zeros((len(PARTS), 96, 96), np.float32)
    parts[PARTS.index("face"), :48, 48:] = 1
    told = with_face(solid, Crop(0.0, 0.5, 1.1), parts).face
    assert told is not None
    rows = solid.outline.y0 + solid.outline.step * np.arange(told.shape[0])
    up, right = rows > 0.52, solid.across > 0.02
    assert (
        told[up][:, right].all()
        and not told[~(rows > 0.48)].any()
        and not told[:, solid.across < -0.02].any()
    )
