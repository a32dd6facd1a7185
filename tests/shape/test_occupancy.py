"""A net's log-odds become a solid: as thick as expected, where the outlines say, with every lock and limb."""

from dataclasses import replace

import numpy as np
import pytest

from genkei.geometry.crop import FILL, column_of, crop_of, cut, row_of
from genkei.geometry.mesh import component_labels, open_edges, volume
from genkei.geometry.score import silhouette_iou
from genkei.shape import Occupancy
from genkei.shape.decode import BINS, above_threshold, matter
from genkei.shape.fuse import agreed
from genkei.shape.occupancy import leading
from genkei.types import Camera, View
from tests.shape.figures import (
    ALL_SIDES,
    BODY,
    LEFT_ARM,
    LEFT_ARM_FORWARD,
    LEFT_ARM_UP,
    RIGHT_ARM,
    armless,
    figure,
    seen,
    silhouette,
)
from tests.shape.nets import balloon_net, knowing_net

CELLS = 96
SMALL = 128


def distance(points: np.ndarray, *parts: tuple) -> np.ndarray:
    """Of points to the union of capsules, negative inside."""
    away = np.full(points.shape[:-1], np.inf)
    for start, end, radius in parts:
        a, b = np.array(start), np.array(end)
        along = np.clip((points - a) @ (b - a) / max(float((b - a) @ (b - a)), 1e-12), 0, 1)
        away = np.minimum(away, np.linalg.norm(points - a - along[..., None] * (b - a), axis=-1) - radius)
    return away


def knowing(views: tuple[View, ...], *arms: tuple, spine: float = 0.0) -> Occupancy:
    net = knowing_net(lambda p: distance(p, *BODY, *arms), views, SMALL, spine)
    return Occupancy(resolution=CELLS, side_px=SMALL, twice=False, net=net)


def test_the_square_holds_the_box_at_its_share():
    view = seen(figure(), 0.0)[0]
    crop = crop_of(view)
    rows, columns = np.nonzero(cut(view, crop, 192)[3] > 0.5)
    longer = max(np.ptp(rows), np.ptp(columns)) + 1
    assert longer == pytest.approx(FILL * 192, abs=1)
    assert rows.min() + rows.max() == pytest.approx(191, abs=1)
    assert columns.min() + columns.max() == pytest.approx(191, abs=1)


def test_rows_and_columns_find_the_cut_pixels():
    view = seen(figure(), 0.0)[0]
    crop = crop_of(view)
    picture = cut(view, crop, 96)
    rows, columns = np.nonzero(view.mask)
    px = view.camera.span / 256
    u, y = (columns + 0.5 - 128) * px, 0.5 + (128 - rows - 0.5) * px
    i, j = np.round(row_of(y, crop, 96)).astype(int), np.round(column_of(u, crop, 96)).astype(int)
    assert picture[3][i, j].min() > 0 and picture[3][i, j].mean() > 0.97


def test_a_square_that_leaves_the_paper_is_clear_there():
    rgba = np.zeros((64, 64, 4), np.float32)
    rgba[:, 20:30] = 1
    view = View(rgba, Camera.orthographic(0.0))
    picture = cut(view, crop_of(view), 96)
    assert picture[:, 0].max() == 0 and picture[3].max() == pytest.approx(1)
    assert picture[3].mean() == pytest.approx(FILL * FILL * 10 / 64, rel=0.03)


def test_a_mirrored_crop_is_the_mirrored_picture():
    view = seen(figure(), 0.0)[0]
    flipped = View(np.ascontiguousarray(view.rgba[:, ::-1]), Camera.orthographic(180.0))
    straight, back = cut(view, crop_of(view), 96), cut(flipped, crop_of(view).mirrored, 96)
    assert np.abs(straight - back[..., ::-1]).max() < 1e-5


@pytest.mark.parametrize("peak", [0.9, 0.4, 0.15])
def test_a_ray_keeps_its_expected_thickness_however_unsure(peak):
    bins = np.arange(BINS)
    p = peak * np.exp(-(((bins - 33.3) / 9) ** 2))
    odds = np.log(p / (1 - p))[None].astype(np.float32)
    field = above_threshold(odds, np.array([p.sum()], np.float32))[0]
    edges = np.flatnonzero(np.diff(field > 0))
    crossing = [k + field[k] / (field[k] - field[k + 1]) for k in edges]
    assert len(crossing) == 2
    assert crossing[1] - crossing[0] == pytest.approx(p.sum(), abs=0.35)
    assert sum(crossing) / 2 == pytest.approx(33.3, abs=0.1)


def test_rays_the_net_is_silent_on_follow_their_neighbours():
    odds = np.full((BINS, 4, 4), -9, np.float32)
    odds[20:30, :2] = 9
    at = np.arange(4.0)
    field = matter(odds, np.ones((4, 4), bool), at, at, np.ones((4, 4), bool))
    assert ((field > 0).sum(0) == 10).all()
    nothing = matter(odds, np.ones((4, 4), bool), at, at, np.zeros((4, 4), bool))
    assert (nothing == 0).all()


@pytest.mark.parametrize("azimuths", [(0.0,), (180.0,), (90.0,), (0.0, 180.0), (0.0, 45.0), ALL_SIDES])
def test_one_closed_solid_that_shows_the_given_outlines(azimuths):
    views = seen(figure(), *azimuths)
    made = knowing(views, LEFT_ARM, RIGHT_ARM)(views)
    assert open_edges(made.faces) == 0 and component_labels(made.faces).max() == 0
    assert volume(made) == pytest.approx(volume(figure()), rel=0.12)
    for view in views:
        assert silhouette_iou(silhouette(made, view.camera), view.mask) > (0.94 if 45.0 in azimuths else 0.96)


def test_what_the_net_knows_is_seen_from_where_nobody_drew():
    views = seen(figure(LEFT_ARM_FORWARD, RIGHT_ARM), 0.0)
    made = knowing(views, LEFT_ARM_FORWARD, RIGHT_ARM)(views)
    camera = Camera.orthographic(90.0)
    wanted = silhouette(figure(LEFT_ARM_FORWARD, RIGHT_ARM), camera)
    assert silhouette_iou(silhouette(made, camera), wanted) > 0.9


@pytest.mark.parametrize("spine", [-0.08])
def test_views_from_aside_tell_where_the_spine_is(spine):
    views = seen(figure(LEFT_ARM_FORWARD, RIGHT_ARM), *ALL_SIDES)
    made = knowing(views, LEFT_ARM_FORWARD, RIGHT_ARM, spine=spine)
    solids = agreed(made.predicted(views))
    assert [one.shift for one in solids] == pytest.approx([spine, spine], abs=0.006)
    mesh = made(views)
    for azimuth in (0.0, 45.0, 90.0, 135.0):
        camera = Camera.orthographic(azimuth)
        wanted = silhouette(figure(LEFT_ARM_FORWARD, RIGHT_ARM), camera)
        assert silhouette_iou(silhouette(mesh, camera), wanted) > 0.9


def test_front_and_back_alone_keep_the_spine_at_zero():
    views = seen(figure(), 0.0, 180.0)
    read = knowing(views, LEFT_ARM, RIGHT_ARM).predicted(views)
    assert [(one.azimuth_deg, one.shift) for one in agreed(read)] == [(0, 0)]


def test_an_arm_that_the_side_forgot_stays_where_the_net_sees_it():
    views = (*seen(figure(LEFT_ARM_UP, RIGHT_ARM), 0.0), *seen(armless(), 90.0))
    made = knowing(views, LEFT_ARM_UP, RIGHT_ARM)(views)
    hand = made.vertices[(made.vertices[:, 0] > 0.25) & (made.vertices[:, 1] > 0.85)]
    assert len(hand) and abs(hand[:, 2].mean()) < 0.04 and np.abs(hand[:, 2]).max() < 0.15


def test_a_lock_thinner_than_the_nets_pixel_survives():
    """Every drawn pixel has matter within two pixels, down to the lock's tip."""
    from scipy.ndimage import binary_dilation

    parts = (*BODY, LEFT_ARM, ((0.1, 0.9, 0), (0.2, 0.9, 0), 0.02), ((0.2, 0.9, 0), (0.32, 0.5, 0.1), 0.004))
    camera, px = Camera.orthographic(0.0), 1.2 / 512
    u = (np.arange(512) + 0.5 - 256) * px
    flat = np.stack(np.broadcast_arrays(u, 0.5 - u[:, None], 0.0), -1)
    drawn = distance(flat, *((_flat(a), _flat(b), r) for a, b, r in parts)) < 0
    view = View(np.repeat(drawn[..., None], 4, 2).astype(np.float32), camera)
    net = knowing_net(lambda p: distance(p, *parts), (view,), SMALL)
    made = Occupancy(resolution=160, side_px=SMALL, twice=False, net=net)((view,))
    assert component_labels(made.faces).max() == 0
    assert not (drawn & ~binary_dilation(silhouette(made, camera, 512), iterations=2)).any()


def _flat(point: tuple) -> tuple:
    return (point[0], point[1], 0.0)


def test_guessed_views_are_not_read():
    front, back = seen(figure(), 0.0, 180.0)
    guess = replace(back, drawn=False)
    made = replace(knowing((front,), LEFT_ARM, RIGHT_ARM), net=balloon_net)
    assert made((front, guess)).vertices.tobytes() == made((front,)).vertices.tobytes()


def test_the_drawing_from_behind_reaches_the_net_on_the_same_pixels():
    asked = {}

    def spy(*, picture, behind):
        asked.update(picture=picture, behind=behind)
        return balloon_net(picture=picture, behind=behind)

    views = seen(figure(), 0.0, 180.0)
    Occupancy(resolution=48, side_px=SMALL, twice=False, net=spy)(views)
    inside = [asked[k][0, 3] > 0.5 for k in ("picture", "behind")]
    assert silhouette_iou(*inside) > 0.97
    Occupancy(resolution=48, side_px=SMALL, twice=False, net=spy)(views[:1])
    assert asked["picture"].shape == (1, 4, SMALL, SMALL) and not asked["behind"].any()


def test_an_empty_picture_has_no_crop():
    with pytest.raises(ValueError, match="empty"):
        crop_of(View(np.zeros((8, 8, 4), np.float32), Camera.orthographic(0.0)))


def test_a_picture_that_the_net_sees_nothing_in_is_refused_in_our_words():
    def silent(*, picture, behind):
        h = picture.shape[2] // 2
        return {"occupancy": np.full((len(picture), BINS, h, h), -9, np.float32)}

    with pytest.raises(ValueError, match="nothing solid in the front view"):
        Occupancy(resolution=48, side_px=SMALL, twice=False, net=silent)(seen(figure(), 0.0))


def test_looking_twice_makes_mirrored_drawings_mirrored_solids() -> None:
    def lopsided(*, picture: np.ndarray, behind: np.ndarray) -> dict[str, np.ndarray]:
        odds = balloon_net(picture=picture, behind=behind)["occupancy"].copy()
        odds[..., : odds.shape[-1] // 2] += 1.5  # sure of the left, whatever is drawn there
        return {"occupancy": odds}

    view = seen(figure(LEFT_ARM), 0.0)[0]
    turned = View(np.ascontiguousarray(view.rgba[:, ::-1]), view.camera)
    made = Occupancy(resolution=64, side_px=SMALL, net=lopsided)
    here, there = made.predicted((view,))[0], made.predicted((turned,))[0]
    assert np.allclose(here.odds, there.odds[..., ::-1], atol=0.05)


def test_of_two_opposite_views_the_front_or_left_one_is_read():
    views = seen(figure(), 270.0, 180.0, 90.0, 0.0)
    assert [view.camera.azimuth_deg for view in leading(views)] == [90.0, 0.0]
    assert [view.camera.azimuth_deg for view in leading(views[:2])] == [270.0, 180.0]
    assert leading(views[:1]) == views[:1]
