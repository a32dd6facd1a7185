"""Laws of the painted character, then every refusal."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.ndimage import binary_erosion

from genkei.geometry.render import render
from genkei.texture import Paint
from genkei.texture.evidence import collect
from genkei.texture.texels import find_texels
from genkei.types import Camera, Mesh, View
from tests.texture.solids import balls, painted, plain, waves

BALL = balls((0, 0.5, 0, 0.4))
PAINT = Paint(size=256)


def psnr(a: np.ndarray, b: np.ndarray, rim_px: int = 0) -> float:
    both = np.minimum(a[..., 3], b[..., 3]) > 0.9
    if rim_px:
        both = np.asarray(binary_erosion(both, iterations=rim_px), bool)
    error = a[..., :3].reshape(-1, 3)[both.ravel()] - b[..., :3].reshape(-1, 3)[both.ravel()]
    return float(-10 * np.log10((error**2).mean() + 1e-12))


@pytest.mark.parametrize("colour", [(0.2, 0.4, 0.8), (0, 0, 0), (1, 1, 1)])
def test_a_one_colour_view_paints_one_colour_everywhere(colour):
    character = PAINT(BALL, (painted(BALL, 0, plain(colour)),))
    assert np.abs(character.texture.astype(int) - np.round(np.array(colour) * 255)).max() <= 1


def test_the_front_is_the_drawing():
    view = painted(BALL, 0, waves)
    character = Paint(size=512)(BALL, (view,))
    assert psnr(render(BALL, character.uv, character.texture, view.camera, 256), view.rgba, rim_px=3) > 34


def test_four_views_paint_every_side_and_the_diagonals():
    views = tuple(painted(BALL, azimuth, waves) for azimuth in (0, 90, 180, 270))
    painting = Paint(size=512).explain(BALL, views)
    assert painting.seen_share > 0.9
    for azimuth in (0, 90, 180, 270, 45, 225):
        truth = painted(BALL, azimuth, waves)
        shown = render(BALL, painting.character.uv, painting.character.texture, truth.camera, 256)
        assert psnr(shown, truth.rgba) > 28


def test_seen_and_guessed_texels_are_all_texels():
    painting = PAINT.explain(BALL, (painted(BALL, 0, plain((0.3, 0.6, 0.3))),))
    character = painting.character
    texels = find_texels(BALL, painting.atlas, 256)
    drawn = character.drawn.ravel()[texels.index]
    assert drawn.min() == 0 and drawn.max() == 1
    positions, normals = texels.positions(BALL), texels.normals(BALL)
    assert (drawn[normals[:, 2] < 0.2] == 0).all()
    assert (drawn[positions[:, 2] > 0.25] == 1).all()


def test_a_hand_drawn_wider_than_its_arm_does_not_stain_the_coat():
    coat, arm = (0, 0.5, -0.15, 0.3), (0, 0.5, 0.4, 0.12)
    mesh, drawn = balls(coat, arm), balls(coat, (*arm[:3], 0.124))

    def paint(points):
        return np.where(points[:, 2:] > 0.25, [[1.0, 0.0, 0.0]], [[0.0, 0.0, 1.0]]).astype(np.float32)

    painting = Paint(size=512).explain(mesh, (painted(drawn, 0, paint, 1024),))
    texels = find_texels(mesh, painting.atlas, 512)
    colour = painting.character.texture.reshape(-1, 3)[texels.index].astype(int)
    behind = colour[texels.positions(mesh)[:, 2] < 0.2]
    assert (behind == [0, 0, 255]).all()


def test_the_back_view_paints_the_back():
    red, blue = (0.9, 0.1, 0.1), (0.1, 0.1, 0.9)
    character = PAINT(BALL, (painted(BALL, 0, plain(red)), painted(BALL, 180, plain(blue))))
    back = render(BALL, character.uv, character.texture, Camera.orthographic(180), 128)
    assert np.abs(back[64, 64, :3] - blue).max() < 0.01


def test_the_front_wins_wherever_it_sees_well():
    red, blue = (0.9, 0.1, 0.1), (0.1, 0.1, 0.9)
    painting = PAINT.explain(BALL, (painted(BALL, 0, plain(red)), painted(BALL, 90, plain(blue))))
    texels = find_texels(BALL, painting.atlas, 256)
    towards_front = texels.normals(BALL)[:, 2]
    colour = painting.character.texture.reshape(-1, 3)[texels.index]
    front = colour[towards_front > 0.5]
    assert (front[:, 0] > 200).mean() > 0.98
    side = colour[(towards_front < 0.2) & (texels.normals(BALL)[:, 0] > 0.7)]
    assert (side[:, 2] > 200).mean() > 0.95


def test_a_hidden_surface_does_not_take_the_occluders_colour():
    mesh = balls((0, 0.5, -0.15, 0.3), (0, 0.5, 0.4, 0.12))

    def paint(points):
        return np.where(points[:, 2:] > 0.25, [[1.0, 0.0, 0.0]], [[0.0, 0.0, 1.0]]).astype(np.float32)

    painting = PAINT.explain(mesh, (painted(mesh, 0, paint),))
    texels = find_texels(mesh, painting.atlas, 256)
    points = texels.positions(mesh)
    colour = painting.character.texture.reshape(-1, 3)[texels.index].astype(int)
    assert (colour[points[:, 2] < 0.2] == [0, 0, 255]).all()
    assert (colour[points[:, 2] > 0.45] == [255, 0, 0]).all()


def test_contour_lines_stay_off_the_solid_unless_kept():
    view = painted(BALL, 0, plain((0.9, 0.8, 0.7)), 512)
    distance = np.hypot(*(np.indices((512, 512)) - 255.5)) * 1.2 / 512
    rgba = view.rgba.copy()
    rgba[(distance > 0.393) & view.mask, :3] = 0.05
    inked = View(rgba, view.camera)
    assert PAINT(BALL, (inked,)).texture.min() > 170
    assert collect(BALL, inked, 3, 6, keep_contours=False).colour.min() > 0.65
    assert collect(BALL, inked, 3, 6, keep_contours=True).colour[inked.mask].min() < 0.1


def test_a_mirrored_drawing_gives_mirrored_paint():
    view = painted(BALL, 0, waves)
    mirrored = View(np.ascontiguousarray(view.rgba[:, ::-1]), view.camera)
    one, other = PAINT(BALL, (view,)), PAINT(BALL, (mirrored,))
    # the guess quantises colours: half of the side is a guess, and a rainbow is its hardest case
    for azimuth, least in ((0, 26), (90, 18)):
        a = render(BALL, one.uv, one.texture, Camera.orthographic(azimuth), 128)
        b = render(BALL, other.uv, other.texture, Camera.orthographic(-azimuth), 128)[:, ::-1]
        assert psnr(a, b, rim_px=2) > least


def test_the_same_drawing_gives_the_same_bytes():
    views = (painted(BALL, 0, waves), painted(BALL, 90, waves))
    one, other = PAINT(BALL, views), PAINT(BALL, views)
    assert one.texture.tobytes() == other.texture.tobytes() and one.uv.tobytes() == other.uv.tobytes()
    assert one.drawn.tobytes() == other.drawn.tobytes()


def test_outlines_without_colour_lend_none():
    guess = replace(painted(BALL, 180, plain((0, 1, 0))), drawn=False, coloured=False)
    character = PAINT(BALL, (painted(BALL, 0, plain((1, 0, 0))), guess))
    assert (character.texture == [255, 0, 0]).all()


def test_a_guessed_view_paints_only_what_no_drawing_sees_and_stays_a_guess():
    guess = replace(painted(BALL, 180, plain((0, 1, 0))), drawn=False)
    character = PAINT(BALL, (painted(BALL, 0, plain((1, 0, 0))), guess))
    front = render(BALL, character.uv, character.texture, Camera.orthographic(0), 128)
    back = render(BALL, character.uv, character.texture, Camera.orthographic(180), 128)
    assert (front[front[..., 3] > 0.99][:, 0] > 0.5).mean() > 0.95
    assert (back[back[..., 3] > 0.99][:, 1] > 0.5).mean() > 0.8
    green = character.texture[..., 1] > 200
    assert character.drawn[green].max() < 0.5


def test_a_guess_alone_is_no_drawing():
    guess = replace(painted(BALL, 0, waves), drawn=False)
    with pytest.raises(ValueError, match="none of them is a drawing"):
        PAINT(BALL, (guess,))


def test_a_perspective_view_paints_too():
    camera = Camera.perspective(0)
    flat = np.zeros((256, 256, 4), np.float32)
    flat[...] = 0.2, 0.5, 0.7, 1
    assert np.abs(PAINT(BALL, (View(flat, camera),)).texture.astype(int) - [51, 128, 178]).max() <= 1


def test_one_part_and_no_rig():
    character = PAINT(BALL, (painted(BALL, 0, waves),))
    assert character.part_names == ("body",) and not character.parts.any()
    assert character.rig.names == () and character.mesh is BALL


@pytest.mark.parametrize("size", [63, 8193])
def test_refuses_senseless_sizes(size):
    with pytest.raises(ValueError, match=f"texture of {size} px"):
        Paint(size=size)(BALL, (painted(BALL, 0, waves),))


def test_refuses_empty_and_broken_meshes():
    view = painted(BALL, 0, waves)
    with pytest.raises(ValueError, match="no faces"):
        PAINT(Mesh(BALL.vertices, np.zeros((0, 3), np.int32)), (view,))
    with pytest.raises(ValueError, match="not finite"):
        PAINT(Mesh(BALL.vertices * np.float32(np.nan), BALL.faces), (view,))


def test_refuses_without_a_drawing():
    with pytest.raises(ValueError, match="0 views"):
        PAINT(BALL, ())
    with pytest.raises(ValueError, match="none of them is a drawing"):
        PAINT(BALL, (replace(painted(BALL, 0, waves), drawn=False),))


def test_refuses_an_empty_drawing():
    with pytest.raises(ValueError, match="front view is empty"):
        PAINT(BALL, (View(np.zeros((64, 64, 4), np.float32), Camera.orthographic(0)),))


def test_refuses_views_that_miss_the_mesh():
    away = Mesh(BALL.vertices + np.float32(5), BALL.faces)
    with pytest.raises(ValueError, match="none of the drawn views sees the mesh"):
        PAINT(away, (painted(BALL, 0, waves),))
