"""Laws of the studio: what is photographed is what stands there, lit from above, and nothing by chance."""

from dataclasses import replace

import numpy as np
import pytest

from genkei.formats.soup import Soup
from genkei.geometry.colour import to_lab
from genkei.photo import Studio, scene_of_figure, scene_of_soup
from genkei.photo.lights import KEY, light_points, sky_directions
from genkei.photo.vinyl import diffuse, fresnel, highlight, in_crevices, skin_share
from genkei.types import Figure, Part
from tests.figure.characters import doll
from tests.geometry.solids import ball, both, cube

SMALL = Studio(width_px=48, height_px=64)


def coloured(mesh, rgba=(200, 60, 60, 255)) -> Soup:
    soup = Soup.plain(mesh.vertices, mesh.faces, 1.0, "a test")
    return replace(soup, colours=np.full((len(mesh.faces), 3, 4), rgba, np.uint8))


@pytest.fixture(scope="module")
def red_ball():
    return scene_of_soup(coloured(ball()))


def test_the_same_scene_gives_the_same_bytes(red_ball):
    assert (SMALL(red_ball) == SMALL(red_ball)).all()


def test_a_picture_is_as_large_as_asked_and_opaque(red_ball):
    picture = SMALL(red_ball)
    assert picture.shape == (64, 48, 4)
    assert (picture[..., 3] == 1).all()
    assert picture.min() >= 0 and picture.max() <= 1


def test_bands_leave_no_seam(red_ball, monkeypatch):
    whole = SMALL(red_ball)
    monkeypatch.setattr("genkei.photo.studio.BAND_ROWS", 16)
    assert np.abs(SMALL(red_ball) - whole).max() < 1e-5


def test_without_a_backdrop_only_the_figure_is_there(red_ball):
    alpha = replace(SMALL, backdrop="none")(red_ball)[..., 3]
    assert alpha[:3].max() == 0 and alpha[-3:].max() == 0 and alpha[32, 24] == 1
    share = (alpha > 0.5).sum() / (np.pi / 4 * np.ptp(np.nonzero(alpha.max(1))[0]) ** 2)
    assert share == pytest.approx(1, abs=0.1), "a ball is round whatever the shape of the picture"


def test_the_figure_fills_the_picture_whatever_its_unit():
    for scale in (0.01, 150.0):
        mesh = cube()
        soup = coloured(replace(mesh, vertices=mesh.vertices * np.float32(scale)))
        alpha = replace(SMALL, backdrop="none")(scene_of_soup(soup))[..., 3]
        assert 0.25 < (alpha > 0.5).mean() < 0.9
        assert alpha[0].max() == alpha[-1].max() == alpha[:, 0].max() == alpha[:, -1].max() == 0


def test_light_comes_from_above_and_the_paint_keeps_its_hue(red_ball):
    picture = replace(SMALL, backdrop="none")(red_ball)
    inside = picture[..., 3] == 1
    rows = np.nonzero(inside.any(1))[0]
    light = to_lab(picture[..., :3].astype(np.float64))[..., 0]
    top, bottom = (light[row][inside[row]].mean() for row in (rows[len(rows) // 4], rows[-len(rows) // 6]))
    assert top > bottom + 8
    red, green, blue = picture[inside][:, :3].T
    assert (red > green).all() and (red > blue).all()


def test_the_floor_is_darker_beside_the_figure_and_untouched_far_away(red_ball):
    studio = replace(SMALL, backdrop="grey", elevation_deg=25)
    beside = studio(red_ball)
    far = studio(scene_of_soup(coloured(both(cube(0.02, (0, 0, 0)), cube(1e-3, (0, 0.999, 0))))))
    loss = (far - beside)[..., :3].mean(-1)
    under = np.nonzero((loss > 0.02).any(1))[0]
    assert len(under) and under.max() > 40, "a shadow lies on the floor"
    assert np.abs(loss[:4]).max() < 0.02, "the wall behind has none"


def test_a_parallel_lens_shows_near_and_far_alike_before_the_same_wall():
    """Of two squares one behind the other the near one hides the far one, and its sides are not seen."""
    scene = scene_of_soup(coloured(cube()))
    long, parallel = (replace(SMALL, azimuth_deg=0, elevation_deg=0, lens_deg=deg) for deg in (40, 1))
    corners = np.array([[0.5, 0.0, 0.5], [0.5, 0.0, -0.5]])
    assert abs(np.diff(parallel.pixels(scene, corners)[:, 0])[0]) < 0.6
    assert abs(np.diff(long.pixels(scene, corners)[:, 0])[0]) > 3
    grey = [replace(SMALL, elevation_deg=4, backdrop="grey", lens_deg=deg)(scene)[:6] for deg in (16, 1)]
    assert np.abs(grey[0] - grey[1]).max() < 0.02, "the wall is lit for the picture, not for the lens"


def test_points_lie_where_they_are_pictured(red_ball):
    studio = replace(SMALL, backdrop="none")
    alpha = studio(red_ball)[..., 3] > 0.5
    places = studio.pixels(red_ball, red_ball.soup.vertices)
    rows, columns = np.nonzero(alpha)
    assert places.min(0) == pytest.approx([columns.min(), rows.min()], abs=1.2)
    assert places.max(0) == pytest.approx([columns.max() + 1, rows.max() + 1], abs=1.2)


def test_a_mirrored_camera_and_light_would_see_the_mirror_image():
    points = light_points(KEY, 30.0)
    turned = light_points(KEY, 120.0)
    assert np.allclose(np.linalg.norm(points[:, [0, 2]], axis=1), np.linalg.norm(turned[:, [0, 2]], axis=1))


def test_sky_directions_lie_over_the_surface_and_average_to_its_normal():
    rng = np.random.default_rng(3)
    normals = rng.normal(size=(50, 3))
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    each = np.stack([sky_directions(normals, np.full(50, k)) for k in range(16)])
    assert np.allclose(np.linalg.norm(each, axis=-1), 1)
    assert (np.einsum("knc,nc->kn", each, normals) > 0).all()
    mean = each.mean(0)
    assert np.einsum("nc,nc->n", mean, normals) == pytest.approx(2 / 3, abs=0.02), "cosine-weighted"


def test_diffuse_light_reflects_no_more_than_falls_on_it():
    cosine = np.cos(np.linspace(0, np.pi, 20001))
    weight = np.sin(np.linspace(0, np.pi, 20001)) * np.pi / 20000 * 2 * np.pi
    for skin in (0.0, 1.0):
        total = (diffuse(cosine, np.full(len(cosine), skin)) * weight[:, None]).sum(0)
        assert total == pytest.approx(np.pi, rel=0.01)


def test_highlights_peak_in_the_mirror_direction_and_grow_to_the_rim():
    up = np.tile([0.0, 1.0, 0.0], (3, 1))
    turn = np.radians([0, 25, 60])
    light = np.stack([np.sin(turn), np.cos(turn), 0 * turn], 1)
    mirrored = light * [-1, 1, 1]
    shine = highlight(up, np.tile(mirrored[1], (3, 1)), light, 0.2)
    assert shine.argmax() == 1
    assert fresnel(np.array([1.0, 0.5, 0.1])) == pytest.approx([0.04, 0.07, 0.607], abs=5e-3)


def test_crevices_deepen_their_own_colour():
    paint = np.array([[0.8, 0.4, 0.2], [0.5, 0.5, 0.5]])
    assert in_crevices(paint, np.ones(2)) == pytest.approx(paint)
    deep = in_crevices(paint, np.zeros(2))
    assert deep[0, 0] == 0.8 and (deep[0, 1:] < paint[0, 1:]).all()
    assert deep[1] == pytest.approx(paint[1]), "grey stays grey"


def test_skin_tones_are_skin_and_cloth_is_not():
    skin = np.array([[1.0, 0.87, 0.78], [0.55, 0.38, 0.30], [0.96, 0.80, 0.69]])
    cloth = np.array([[1, 1, 1], [0.2, 0.3, 0.6], [0.9, 0.1, 0.1], [0.05, 0.05, 0.05], [0.95, 0.63, 0.66]])
    assert (skin_share(skin)[[0, 2]] > 0.6).all() and skin_share(skin)[1] > 0.2
    assert (skin_share(cloth) < 0.35).all()


def test_clear_layers_are_looked_through_and_throw_no_shadow():
    inner, veil = coloured(cube(1.0)), coloured(cube(1.2, (-0.1, -0.1, -0.1)), (0, 0, 0, 20))
    mesh = both(cube(1.0), cube(1.2, (-0.1, -0.1, -0.1)))
    soup = replace(coloured(mesh), colours=np.concatenate([inner.colours, veil.colours]))
    bare, veiled = scene_of_soup(coloured(mesh)), scene_of_soup(soup)
    start, way = np.array([[0.0, 0.5, 5.0]]), np.array([[0.0, 0.0, -1.0]])
    assert bare.look(start, way).distance[0] < veiled.look(start, way).distance[0]
    tint = veiled.look(start, way).paint[0]
    assert tint == pytest.approx(np.array([200, 60, 60]) / 255 * (1 - 20 / 255), abs=0.01)
    assert (veiled.blocks.first_hit(start, way)[1] > bare.blocks.first_hit(start, way)[1]).all()


def test_an_open_sheet_is_lit_from_whichever_side_is_seen():
    square = cube()
    sheet = replace(square, faces=square.faces[8:10])
    scene = scene_of_soup(coloured(sheet))
    assert not scene.closed
    way = np.array([[1.0, 0.0, 0.1], [-1.0, 0.0, 0.1]])
    way /= np.linalg.norm(way, axis=1, keepdims=True)
    look = scene.look(np.array([[0.0, 0.5, 0.0]]) - 3 * way, way)
    assert (look.face >= 0).all()
    assert (np.einsum("nk,nk->n", scene.facing(look, way), way) < 0).all()


def test_a_figure_stands_upright_with_its_paint():
    character = doll()
    points = character.mesh.vertices[:, [0, 2, 1]] * np.array([1, -1, 1], np.float32) * 100
    part = Part("doll", replace(character.mesh, vertices=points.astype(np.float32)), character.uv)
    scene = scene_of_figure(Figure((part,), character.texture, 100.0, 0.0))
    assert scene.soup.bounds[:, 1] == pytest.approx([0, 1], abs=1e-5)
    assert scene.closed
    seen = scene.look(np.array([[0.0, 0.7, 5.0]]), np.array([[0.0, 0.0, -1.0]]))
    assert seen.face[0] >= 0 and seen.distance[0] < 5


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"width_px": 4}, "width is 4 px"),
        ({"height_px": 9000}, "height is 9000 px"),
        ({"elevation_deg": 89}, "elevation is 89"),
        ({"backdrop": "beach"}, "'beach' is not known"),
        ({"backdrop": "#12345z"}, "'#12345z' is not known"),
    ],
)
def test_what_the_studio_cannot_do_is_said(wrong, says):
    with pytest.raises(ValueError, match=says):
        Studio(**wrong)


def test_nothing_to_see_is_refused():
    with pytest.raises(ValueError, match="no triangle in it can be seen"):
        scene_of_soup(coloured(cube(), (10, 10, 10, 0)))
    flat = replace(cube(), vertices=np.zeros((8, 3), np.float32))
    with pytest.raises(ValueError, match="no triangle in it can be seen"):
        scene_of_soup(coloured(flat))
