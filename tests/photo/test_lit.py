"""Laws of the picture without a checkpoint: the drawing stays where and what it was, and is lit."""

import numpy as np
import pytest
from scipy.ndimage import binary_erosion

from genkei.geometry.colour import to_lab
from genkei.nets.look import PARTS
from genkei.photo import Vinyl
from genkei.photo.drawn import ROWS, grid_of, scene_of_drawing, sheet_faces, walls
from genkei.photo.lit import framed
from genkei.types import Camera, Cue, View

SIDE = 128
SMALL = (96, 128)


def disc(colour=(0.9, 0.72, 0.62), radius=0.3) -> View:
    """A disc of one colour, its middle half a height above the ground."""
    y, x = (np.mgrid[0:SIDE, 0:SIDE] + 0.5) / SIDE - 0.5
    rgba = np.zeros((SIDE, SIDE, 4), np.float32)
    rgba[..., :3] = colour
    rgba[..., 3] = np.clip((radius - np.hypot(x, y)) * SIDE + 0.5, 0, 1)
    return View(rgba, Camera.orthographic(0.0))


def ball(part: str = "cloth"):
    """A net that takes everything for a ball of one part, whatever the picture's side."""

    def net(*, picture, behind):
        side = picture.shape[-1]
        y, x = (np.mgrid[0:side, 0:side] + 0.5) / side * 2 - 1
        across, up = x / 0.92, -y / 0.92
        towards = np.sqrt(np.clip(1 - across**2 - up**2, 0.02, 1))
        normals = np.stack([across, up, towards])
        half = 0.46 * towards.reshape(side // 2, 2, side // 2, 2).mean((1, 3))
        parts = np.zeros((len(PARTS), side // 2, side // 2))
        parts[PARTS.index(part)] = 9
        both = {"normals": normals, "depth": np.stack([half, -half]), "parts": parts}
        return {name: np.stack([a, a]).astype(np.float32) for name, a in both.items()}

    return net


@pytest.fixture(scope="module")
def lit():
    return Vinyl(*SMALL, net=ball())(disc())


def test_the_same_drawing_gives_the_same_bytes(lit):
    assert (Vinyl(*SMALL, net=ball())(disc()).picture == lit.picture).all()


def test_the_drawing_stays_where_it_was():
    """Also where it is wider than tall, and off the axis."""
    view, way = disc(), Vinyl(128, 80, net=ball())
    rgba = np.roll(view.rgba, 9, axis=1)
    rgba[:, 40:90, :3] = (0.2, 0.3, 0.8)
    moved = View(rgba, view.camera)
    scene = scene_of_drawing(moved, way.studio.axes, net=ball())
    place = framed(moved, scene, way.studio)
    picture = way(moved).picture
    drawn_red, lit_red = (p[..., 0] > p[..., 2] for p in (place, picture))
    same = (drawn_red == lit_red)[place[..., 3] > 0.99]
    assert same.mean() > 0.97, "each colour lies where it was drawn"
    assert 0.2 < (place[..., 3] > 0.5).mean() < 0.6


def test_light_comes_from_above_and_the_left_and_the_paint_keeps_its_hue(lit):
    inside = binary_erosion(np.abs(lit.on_white - (0.9, 0.72, 0.62)).max(-1) < 0.02)
    light = to_lab(lit.picture)[..., 0]
    rows, columns = np.nonzero(inside)
    row, column = np.indices(inside.shape)
    upper_left = inside & (row < rows.mean()) & (column < columns.mean())
    lower_right = inside & (row > rows.mean()) & (column > columns.mean())
    assert light[upper_left].mean() > light[lower_right].mean() + 6
    red, green, blue = lit.picture[inside].T
    assert (red > green).all() and (green > blue).all()


def test_what_the_net_calls_skin_is_lit_as_skin(lit):
    """Its shadows are redder than those of cloth of the same colour."""
    skin = Vinyl(*SMALL, net=ball("skin"))(disc()).picture
    inside = np.abs(lit.on_white - 1).max(-1) > 0.1
    dark = inside & (to_lab(lit.picture)[..., 0] < np.percentile(to_lab(lit.picture)[..., 0][inside], 20))
    warmth = [(p[dark][:, 0] / p[dark][:, 1]).mean() for p in (skin, lit.picture)]
    assert warmth[0] > warmth[1] * 1.01


def test_drawn_lines_become_grooves(lit):
    strength = np.zeros((SIDE, SIDE, 1), np.float32)
    strength[:, SIDE // 2] = 1
    carved = Vinyl(*SMALL, net=ball())(disc(), Cue(strength, np.ones((SIDE, SIDE), np.float32))).picture
    off = np.abs(carved - lit.picture).max(-1)
    column = off.max(0)
    assert column.max() > 0.01 and abs(int(column.argmax()) - 48) <= 3
    assert column[:30].max() < 0.01 and column[66:].max() < 0.01, "and nothing else changes"


def test_a_face_is_not_carved():
    strength = np.zeros((SIDE, SIDE, 1), np.float32)
    strength[:, SIDE // 2] = 1
    lines = Cue(strength, np.ones((SIDE, SIDE), np.float32))
    with_lines, without = (Vinyl(*SMALL, net=ball("face"))(disc(), told).picture for told in (lines, None))
    assert np.abs(with_lines - without).max() < 0.01


def test_the_relief_is_closed():
    cells = np.zeros((5, 6), bool)
    cells[1:4, 1:5] = True
    cells[2, 2] = False
    sheet = sheet_faces(cells)
    count = 6 * 7
    faces = np.concatenate([sheet, sheet[:, ::-1] + count, walls(sheet, count)])
    edges = faces[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2)
    forward, back = (np.sort(e[:, 0] * 2 * count + e[:, 1]) for e in (edges, edges[:, ::-1]))
    assert (forward == back).all() and len(np.unique(forward)) == len(forward)


def test_the_grid_covers_the_drawing():
    grid = grid_of(disc(radius=0.2))
    assert len(grid.y) == ROWS + 5 and grid.y[0] > 0.5 + 0.2 * 1.2 > grid.y[6]
    assert grid.u[0] < -0.2 * 1.2 < grid.u[6]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"backdrop": "none"}, "has a backdrop"),
        ({"backdrop": "beach"}, "'beach' is not known"),
        ({"width_px": 3}, "width is 3 px"),
    ],
)
def test_what_cannot_be_done_is_refused(change, says):
    with pytest.raises(ValueError, match=says):
        Vinyl(**change)


def test_an_empty_drawing_is_refused():
    view = disc()
    with pytest.raises(ValueError, match="empty"):
        Vinyl(*SMALL, net=ball())(View(np.zeros_like(view.rgba), view.camera))


def stick(width_px: int) -> View:
    """An upright line in the middle, that many pixels wide, of a picture 1,024 px high."""
    rgba = np.zeros((1024, 1024, 4), np.float32)
    rgba[60:960, 512 : 512 + width_px] = (0.4, 0.3, 0.8, 1)
    return View(rgba, Camera.orthographic(0.0))


def test_a_thin_drawing_is_lit_and_a_hairline_is_refused():
    lit = Vinyl(*SMALL, net=ball())(stick(8))
    assert np.isfinite(lit.picture).all() and (lit.drawing[..., 3] > 0).any()
    rgba = np.zeros((1024, 1024, 4), np.float32)
    rgba[60:960:2, 511] = 1
    with pytest.raises(ValueError, match="wide enough to be lit"):
        Vinyl(*SMALL, net=ball())(View(rgba, Camera.orthographic(0.0)))
