"""Views that disagree: what agrees is left alone, a known distortion is taken back, mirrors behave alike."""

from dataclasses import replace

import numpy as np
import pytest

from genkei.drawing.agree import agree, opposite_pairs, regions
from genkei.drawing.bend import GRID, fitted, moved, outline_of, overlap
from genkei.geometry.score import silhouette_iou
from genkei.geometry.warp import warped
from genkei.types import Camera, View
from tests.shape.figures import ALL_SIDES, LEFT_ARM, RIGHT_ARM, armless, figure, seen

SIZE = 256


def bent(view: View, shift: float = 0.0) -> View:
    """A smooth distortion of up to 2 % of the height, and a shift."""
    rows, columns = np.indices((SIZE, SIZE)) / SIZE
    px = SIZE / view.camera.span
    dx, dy = 0.02 * np.sin(3 * rows + 1) + shift, 0.012 * np.cos(2.5 * columns + 2 * rows)
    return replace(view, rgba=warped(view.rgba, dx * px, dy * px))


def mirrored(view: View) -> View:
    camera = Camera.orthographic(-view.camera.azimuth_deg, view.camera.span)
    return View(np.ascontiguousarray(view.rgba[:, ::-1]), camera)


def opposite_iou(first: View, second: View) -> float:
    return silhouette_iou(first.mask, second.mask[:, ::-1])


def test_consistent_views_come_back_as_they_are():
    views = seen(figure(), *ALL_SIDES)
    found = agree(views)
    assert all(a is b for a, b in zip(found.views, views, strict=True))
    assert [(row.reference, row.view, row.moved) for row in found.rows] == [
        ("front", "back", 0.0),
        ("left", "right", 0.0),
    ]
    assert found.notes == ()


def test_a_known_distortion_of_the_back_is_taken_back_and_the_front_stays():
    front, back = seen(figure(), 0.0, 180.0)
    found = agree((front, bent(back)))
    assert opposite_iou(front, bent(back)) < 0.9
    assert opposite_iou(*found.views) > 0.97
    assert found.views[0] is front
    assert found.rows[0].after > found.rows[0].before + 0.08
    assert 0.01 < found.rows[0].moved < 0.04


def test_left_and_right_meet_half_way():
    left, right = seen(figure(), 90.0, 270.0)
    found = agree((left, bent(right, 0.01)))
    assert opposite_iou(*found.views) > 0.965
    strayed = [
        float(np.abs(a.rgba[..., 3] - b.rgba[..., 3]).sum())
        for a, b in zip(found.views, (left, right), strict=True)
    ]
    assert strayed[0] > 0 and strayed[1] > 0


def test_the_mirrored_pictures_are_bent_mirrored():
    front, back = seen(figure(), 0.0, 180.0)
    one = agree((front, bent(back))).views[1]
    other = agree((mirrored(front), mirrored(bent(back)))).views[1]
    assert np.abs(one.rgba[..., 3] - other.rgba[:, ::-1, 3]).max() < 0.05


def test_a_smaller_view_gets_the_rows_of_the_front():
    front, left = seen(figure(), 0.0, 90.0)
    px = SIZE / left.camera.span
    rows, columns = np.indices((SIZE, SIZE)) + 0.5
    small = replace(left, rgba=warped(left.rgba, (columns - 128) * 0.06, (rows - 128) * 0.06 + 0.01 * px))
    found = agree((front, small)).views[1]
    assert silhouette_iou(found.mask, left.mask) > 0.97
    assert silhouette_iou(small.mask, left.mask) < 0.9


def test_an_arm_that_one_view_lacks_is_told_and_bends_nothing():
    front = seen(figure(LEFT_ARM, RIGHT_ARM), 0.0)[0]
    back = seen(armless(), 180.0)[0]
    found = agree((front, back))
    told = dict(found.rows[0].conflicts)
    assert told["left arm"] > 0.5 and told["right arm"] > 0.5
    assert not {"head", "body", "legs"} & set(told)
    assert "left arm" in found.notes[0] and "front was believed" in found.notes[0]
    head = slice(0, SIZE // 3)
    assert silhouette_iou(found.views[1].mask[head], back.mask[head]) > 0.97


def test_another_pose_is_told_and_left_as_drawn():
    front = seen(figure(LEFT_ARM, RIGHT_ARM), 0.0)[0]
    other = replace(
        front, camera=Camera.orthographic(180), rgba=np.ascontiguousarray(np.rot90(front.rgba, 2))
    )
    found = agree((front, other))
    assert found.views[1] is other
    assert found.rows[0].after < 0.7 and found.notes


def test_who_leads_and_who_follows():
    views = seen(figure(), 180.0, 270.0, 45.0, 0.0, 90.0, 225.0, size=64)
    assert sorted(opposite_pairs(views)) == [(2, 5), (3, 0), (4, 1)]


def test_regions_of_an_upright_figure():
    view = seen(figure(), 0.0)[0]
    where = regions(outline_of(view) < 0, view.camera.span, arms=True)

    def at(x: float, y: float) -> int:
        scale = GRID / view.camera.span
        return int(where[int(GRID / 2 - (y - 0.5) * scale), int(GRID / 2 + x * scale)])

    assert [at(0, 0.85), at(0.27, 0.5), at(-0.27, 0.6), at(0, 0.55), at(0.08, 0.1)] == [0, 1, 2, 3, 4]


def test_a_similarity_is_recovered():
    view = seen(figure(), 0.0)[0]
    angle, scale, px = np.radians(2.0), 1.02, SIZE / view.camera.span
    rows, columns = np.indices((SIZE, SIZE)) + 0.5 - SIZE / 2
    x = scale * (np.cos(angle) * columns - np.sin(angle) * rows) + 0.01 * px
    y = scale * (np.sin(angle) * columns + np.cos(angle) * rows)
    turned = replace(view, rgba=warped(view.rgba, x - columns, y - rows))
    fixed, moving = outline_of(view), outline_of(turned)
    bend = fitted(fixed, moving, view.camera.span, bends=False)
    assert overlap(fixed, moved(moving, bend, view.camera.span)) > 0.97 > 0.93 > overlap(fixed, moving)


@pytest.mark.parametrize("azimuths", [(0.0,), (0.0, 90.0)])
def test_views_without_an_opposite_have_nothing_to_agree_with(azimuths):
    views = seen(figure(), *azimuths)
    assert agree(views).rows == ()
