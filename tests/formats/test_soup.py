"""Soups: colours under a point, boxes, joining."""

import numpy as np
import pytest

from genkei.formats.soup import Soup, concatenate, soup_colours

SQUARE = np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]], np.float32)
TWO = np.array([[0, 1, 2], [0, 2, 3]], np.int32)


def textured(texture: np.ndarray, uv_scale: float = 1.0) -> Soup:
    plain = Soup.plain(SQUARE, TWO, 1.0, "square.glb")
    uv = (np.stack([SQUARE[TWO][..., 0], 1 - SQUARE[TWO][..., 1]], -1) * uv_scale).astype(np.float32)
    return Soup(plain.vertices, TWO, uv, np.zeros(2, np.int32), (texture,), plain.colours, 1.0, "square.glb")


def centres(count: int) -> tuple[np.ndarray, np.ndarray]:
    return np.arange(count), np.full((count, 3), 1 / 3, np.float32)


def test_a_plain_soup_is_white_and_opaque() -> None:
    soup = Soup.plain(SQUARE, TWO, 0.0, "a.stl")
    assert (soup_colours(soup, *centres(2)) == 255).all()
    assert not soup.shows_alpha.any()


def test_a_texture_of_one_colour_gives_that_colour_times_the_corner_colours() -> None:
    soup = textured(np.full((4, 4, 4), (200, 100, 50, 255), np.uint8))
    assert (soup_colours(soup, *centres(2)) == (200, 100, 50, 255)).all()
    halved = Soup(
        soup.vertices, soup.faces, soup.uv, soup.texture, soup.textures, soup.colours // 2, 1.0, "square.glb"
    )
    assert np.abs(soup_colours(halved, *centres(2)).astype(int) - (100, 50, 25, 127)).max() <= 1


def test_the_first_texture_row_is_on_top() -> None:
    texture = np.zeros((8, 1, 4), np.uint8)
    texture[:4], texture[4:] = (255, 0, 0, 255), (0, 0, 255, 255)
    top = np.array([[0.1, 0.1, 0.8]], np.float32)  # corner 2 of face 1 is (0, 1)
    assert tuple(soup_colours(textured(texture), np.array([1]), top)[0]) == (255, 0, 0, 255)


def test_textures_repeat() -> None:
    rng = np.random.default_rng(0)
    texture = rng.integers(0, 256, (8, 8, 4)).astype(np.uint8)
    here, there = textured(texture), textured(texture)
    moved = Soup(
        there.vertices,
        there.faces,
        there.uv - np.float32(3),
        there.texture,
        there.textures,
        there.colours,
        1.0,
        "",
    )
    face, point = np.zeros(50, int), rng.dirichlet((1, 1, 1), 50).astype(np.float32)
    difference = soup_colours(here, face, point).astype(int) - soup_colours(moved, face, point)
    assert np.abs(difference).max() <= 1


def test_clear_texels_lend_no_colour() -> None:
    texture = np.zeros((1, 2, 4), np.uint8)
    texture[0, 0], texture[0, 1] = (250, 20, 20, 255), (0, 0, 0, 0)
    colour = soup_colours(textured(texture), np.array([0]), np.array([[0.6, 0.2, 0.2]], np.float32))[0]
    assert 0 < colour[3] < 255
    assert abs(int(colour[0]) - 250) <= 1
    assert textured(texture).shows_alpha.all()


def test_joining_keeps_every_colour_name_and_place() -> None:
    red, blue = (np.full((2, 2, 4), c, np.uint8) for c in ((255, 0, 0, 255), (0, 0, 255, 255)))
    both = concatenate([textured(red), Soup.plain(SQUARE, TWO, 1.0, "white"), textured(blue)], "all")
    assert [tuple(c) for c in soup_colours(both, *centres(6))[::2, :3]] == [
        (255, 0, 0),
        (255, 255, 255),
        (0, 0, 255),
    ]
    assert [both.part_names[k] for k in both.parts[::2]] == ["square.glb", "white", "square.glb"]
    assert (both.bounds == [[0, 0, 0], [1, 1, 0]]).all()


def test_refusals() -> None:
    with pytest.raises(ValueError, match="wanted meshes in one unit, found"):
        concatenate([Soup.plain(SQUARE, TWO, 1.0, "a"), Soup.plain(SQUARE, TWO, 25.4, "b")], "both")
    with pytest.raises(ValueError, match="no triangles"):
        _ = Soup.plain(SQUARE, TWO[:0], 1.0, "a").bounds
