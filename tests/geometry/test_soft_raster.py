"""The rasteriser's derivatives against finite differences."""

import numpy as np
import pytest

from genkei.geometry.raster import rasterise
from genkei.geometry.soft_raster import neighbours, soft_picture, soft_slopes
from genkei.types import Camera, Mesh
from tests.shape.figures import capsules

SIZE = 48


def scene() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Two overlapping tetrahedra in the picture, one before the other: places, faces, values."""
    rng = np.random.default_rng(5)
    far = np.array([[10.3, 8.2, 30], [38.4, 12.1, 32], [20.2, 40.3, 31], [24.1, 20.4, 40]])
    near = np.array([[18.4, 18.3, 10], [42.2, 22.6, 12], [30.7, 42.4, 11], [31.3, 28.2, 5]])
    cell = np.array([[0, 1, 2], [0, 3, 1], [1, 3, 2], [2, 3, 0]])
    return np.concatenate([far, near]), np.concatenate([cell, cell + 4]).astype(np.int32), rng.random((8, 2))


def loss(pixels: np.ndarray, faces: np.ndarray, values: np.ndarray, target: np.ndarray) -> tuple:
    picture, known = soft_picture(pixels, faces, neighbours(faces), values, SIZE)
    return 0.5 * ((picture - target) ** 2).sum(), picture - target, known


def test_places_have_the_derivatives_of_finite_differences():
    pixels, faces, values = scene()
    target = np.random.default_rng(6).random((SIZE, SIZE, 2))
    _, slope, known = loss(pixels, faces, values, target)
    by_place, _ = soft_slopes(pixels, faces, values, known, slope)
    for vertex in range(len(pixels)):
        for axis in range(2):
            step = np.zeros_like(pixels)
            step[vertex, axis] = 1e-5
            ahead, behind = (loss(pixels + s * step, faces, values, target)[0] for s in (1, -1))
            assert (ahead - behind) / 2e-5 == pytest.approx(by_place[vertex, axis], rel=1e-2, abs=1e-2)


def test_values_have_the_derivatives_of_finite_differences():
    pixels, faces, values = scene()
    target = np.random.default_rng(7).random((SIZE, SIZE, 2))
    _, slope, known = loss(pixels, faces, values, target)
    _, by_value = soft_slopes(pixels, faces, values, known, slope)
    way = np.random.default_rng(8).standard_normal(values.shape)
    ahead, behind = (loss(pixels, faces, values + s * 1e-4 * way, target)[0] for s in (1, -1))
    assert (ahead - behind) / 2e-4 == pytest.approx(float((by_value * way).sum()), rel=1e-4)


def test_a_square_that_moves_by_part_of_a_pixel_covers_that_much_more():
    """Coverage is smooth: between whole pixels the sum grows in proportion."""
    square = np.array([[10.0, 10, 1], [20, 10, 1], [20, 20, 1], [10, 20, 1]])
    faces = np.array([[0, 1, 2], [0, 2, 3]], np.int32)
    shown = []
    for more in (0.0, 0.3, 0.6, 0.9):
        moved = square.copy()
        moved[1:3, 0] += more
        shown.append(soft_picture(moved, faces, neighbours(faces), np.ones((4, 1)), SIZE)[0].sum())
    assert np.diff(shown) == pytest.approx([3, 3, 3], abs=0.01)


def test_it_shows_what_the_plain_rasteriser_shows():
    mesh = capsules(((0, 0.3, 0), (0, 0.7, 0), 0.2), cells=24)
    camera = Camera.orthographic(30)
    from genkei.geometry.camera import project

    pixels = project(mesh.vertices.astype(np.float64), camera, 64, 64)
    picture, _ = soft_picture(pixels, mesh.faces, neighbours(mesh.faces), np.ones((len(pixels), 1)), 64)
    plain = rasterise(mesh.vertices, mesh.faces, camera, 64, 64).triangle >= 0
    assert ((picture[..., 0] > 0.5) == plain).mean() > 0.995
    assert isinstance(mesh, Mesh)


def test_neighbours_of_a_tetrahedron():
    faces = np.array([[0, 1, 2], [0, 3, 1], [1, 3, 2], [2, 3, 0]], np.int32)
    assert sorted(neighbours(faces)[0]) == [1, 2, 3]
    assert (neighbours(faces[:3]) == -1).sum() == 3
