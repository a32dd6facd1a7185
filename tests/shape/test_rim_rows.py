"""Laws of the rim of a lone look's solid, of rows stretched to the sides' outlines, and of evened fields."""

import numpy as np
import pytest

from genkei.geometry.camera import turned_deg
from genkei.shape.carving import shaped
from genkei.shape.fuse import Solid
from genkei.shape.outlines import outline, room
from genkei.shape.rim import rounded, spread, thickest
from genkei.shape.rows import stretched
from genkei.shape.silhouette import Silhouette
from genkei.shape.volume import empty, evened, opened
from genkei.types import Camera, View

CELLS = 64


def disc(radius: float = 20.0, size: int = 64) -> Silhouette:
    away = np.hypot(*(np.mgrid[:size, :size] - (size - 1) / 2)) - radius
    return Silhouette((away / CELLS).astype(np.float32), 0.0, 0.0, 1 / CELLS)


def slab(own: Silhouette, half: float, short: float, depth: int = 64) -> np.ndarray:
    """A plate that ends some cells before the outline, as a net's does."""
    z = np.abs(np.arange(depth) - (depth - 1) / 2) - half
    return np.maximum((own.distance * CELLS + short)[..., None], z).astype(np.float32) / CELLS


def test_the_rim_reaches_the_outline_and_thins_out_towards_it():
    own = disc()
    rays = slab(own, 10.0, 2.0)
    before = rays.copy()
    rounded(own, rays)
    assert (rays <= before).all() and (rays < 0).any(2)[own.distance < -0.3 / CELLS].all()
    assert not (rays < 0).any(2)[~own.mask].any()
    thick = (rays < 0).sum(2)[32, :32]
    assert (np.diff(thick.astype(int)) >= 0).all() and 0 < thick[13] < 10 and thick[20] == 20


def test_a_rim_without_anything_further_in_stays_empty():
    own = disc()
    rays = np.full((64, 64, 8), 0.1, np.float32)
    rounded(own, rays)
    assert (rays == np.float32(0.1)).all()


def test_the_thickest_run_counts():
    full = np.zeros((1, 2, 9), bool)
    full[0, 0, [0, 1, 4, 5, 6]] = True
    near, far = thickest(full)
    assert (near[0, 0], far[0, 0]) == (3.5, 6.5) and near[0, 1] == far[0, 1]


def test_known_values_spread_as_they_are():
    known = np.zeros((40, 40), bool)
    known[18:22, 18:22] = True
    mean, told = spread(np.where(known, 7, 99).astype(np.float32), known)
    assert told[20, 26] and not told[0, 0]
    assert mean[told] == pytest.approx(7, abs=1e-3)


def test_a_lone_plate_has_no_seam():
    """From the side, the plate grows thinner towards its outline; three cells all round would be a ridge."""
    size = 128
    alpha = np.hypot(*(np.mgrid[:size, :size] - 63.5)) < 48
    view = View(np.repeat(alpha[..., None], 4, 2).astype(np.float32), Camera.orthographic(0.0))
    front = outline((view,), 0.0, CELLS)
    assert front is not None
    body = empty(front, room(front, -0.4, 0.4))
    z = body.origin[2] + body.step * np.arange(body.field.shape[2])
    field = np.broadcast_to(np.abs(z) - 0.15, body.field.shape).astype(np.float32)
    made = shaped(body, np.maximum(field, body.outlines + 2 * body.step), (2,), 1.0)
    middle = made.shape[1] // 2
    thick = (made < 0).sum(2)[:, middle]
    ends = np.flatnonzero(thick)[[0, -1]]
    assert (body.front.mask[middle].sum() - (ends[1] - ends[0] + 1)) <= 1
    assert (np.diff(thick[ends[0] : middle].astype(int)) >= 0).all() and thick[ends[0] + 1] > 4


def look(azimuth: float, half: float, middle: float = 0.0) -> Solid:
    """A net's word of a plate so deep, in an outline of a quarter of the height on either side."""
    columns = np.arange(CELLS)
    u0 = -(CELLS - 1) / 2 / CELLS
    away = np.abs(u0 + columns / CELLS) - 0.25
    own = Silhouette(np.broadcast_to(away, (CELLS, CELLS)).astype(np.float32), u0, 0.0, 1 / CELLS)
    solid = Solid(np.zeros((80, CELLS, CELLS), np.float32), own, 1.1, azimuth)
    odds = 8 - 16 * np.clip((np.abs(solid.depth - middle) - half) * 40 + 0.5, 0, 1)
    return Solid(np.broadcast_to(odds[:, None, None], solid.odds.shape).astype(np.float32), own, 1.1, azimuth)


@pytest.mark.parametrize("half, middle", [(0.25, 0.0), (0.2, 0.0), (0.3, 0.05), (0.22, -0.06)])
@pytest.mark.parametrize("aside", [90.0, 270.0])
def test_rows_reach_as_far_as_the_side_drew_them(half, middle, aside):
    front, side = stretched((look(0.0, half, middle), look(aside, 0.2)))
    deep = front.depth[front.inside.any((1, 2))]
    assert deep.max() == pytest.approx(0.25, abs=0.02) and deep.min() == pytest.approx(-0.25, abs=0.02)
    assert turned_deg(side.azimuth_deg, aside) == 0 and np.array_equal(side.odds, look(aside, 0.2).odds)


def test_rows_stay_without_a_side_or_without_matter():
    lone, back = look(0.0, 0.2), look(180.0, 0.3)
    assert stretched((lone, back)) == (lone, back)
    nothing = Solid(np.full_like(lone.odds, -8), lone.outline, 1.1, 0.0)
    kept, _ = stretched((nothing, look(90.0, 0.2)))
    assert not kept.inside.any()


def test_a_ball_stays_and_its_dents_go():
    grid = np.stack(np.mgrid[:60, :60, :60]).astype(np.float32) - 29.5
    away = np.sqrt((grid**2).sum(0)) - 20
    wavy = (away + np.sin(grid[1])).astype(np.float32)
    calm = evened(wavy, 1.0, 3.0, 3.0, 6.0)
    near = np.abs(away) < 2
    assert (calm - away)[near].std() < 0.8 * (wavy - away)[near].std()
    assert (calm < 0).sum() == pytest.approx((away < 0).sum(), rel=0.05)


def test_what_is_thin_stays_as_it_is_beside_a_thick_thing():
    grid = np.stack(np.mgrid[:80, :40, :40]).astype(np.float32)
    ball = np.sqrt(((grid - [[[[18]]], [[[20]]], [[[20]]]]) ** 2).sum(0)) - 12
    rod = np.maximum(np.hypot(grid[1] - 20, grid[2] - 20) - 1.5, np.abs(grid[0] - 40) - 36)
    field = np.minimum(ball, rod).astype(np.float32)
    calm = evened(field, 1.0, 3.0, 3.0, 6.0)
    far = slice(45, 80)
    assert np.array_equal(calm[far] < 0, field[far] < 0)
    assert not opened(rod.astype(np.float32), 3.0).any() and opened(field, 6.0)[18, 20, 20]
