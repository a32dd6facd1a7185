"""The rasteriser against two plain loops, and what mirrors and depth must do."""

import math

import numpy as np
import pytest

from genkei.geometry.camera import project, unproject
from genkei.geometry.raster import Hits, corner_values, rasterise, sample, sample_repeating
from genkei.types import Camera, Mesh
from tests.geometry.solids import ball, both, cube


def triangles(seed: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Triangles without a common corner, some larger than the picture."""
    rng = np.random.default_rng(seed)
    centre = rng.uniform([-0.6, -0.1, -0.6], [0.6, 1.1, 0.6], (count, 1, 3))
    corners = centre + rng.normal(0, 0.4, (count, 3, 3))
    return corners.reshape(-1, 3).astype(np.float32), np.arange(3 * count, dtype=np.int32).reshape(-1, 3)


def by_loops(vertices, faces, camera, height, width):
    """Every pixel centre against every triangle, corner weights solved as a 3 x 3 system."""
    pixels = project(vertices.astype(np.float64), camera, height, width)
    triangle, depth = np.full((height, width), -1), np.full((height, width), np.inf)
    for row in range(height):
        for column in range(width):
            for number, face in enumerate(faces):
                a, b, c = pixels[face]
                matrix = np.array([[a[0], b[0], c[0]], [a[1], b[1], c[1]], [1, 1, 1]])
                if abs(np.linalg.det(matrix)) < 1e-12:
                    continue
                weights = np.linalg.solve(matrix, [column + 0.5, row + 0.5, 1])
                z = weights @ [a[2], b[2], c[2]]
                if (weights >= 0).all() and z < depth[row, column]:
                    triangle[row, column], depth[row, column] = number, z
    return triangle, depth


@pytest.mark.parametrize("camera", [Camera.orthographic(30, 1.5, 20), Camera.perspective(200)])
@pytest.mark.parametrize(("height", "width"), [(17, 23), (3, 40), (1, 1)])
def test_equals_two_plain_loops(camera, height, width):
    vertices, faces = triangles(height, 12)
    hits = rasterise(vertices, faces, camera, height, width)
    triangle, depth = by_loops(vertices, faces, camera, height, width)
    assert (hits.triangle == triangle).all()
    assert np.allclose(hits.depth, depth, atol=1e-5)
    seen = triangle >= 0
    assert np.allclose(hits.barycentric[seen].sum(1), 1, atol=1e-5) and (hits.barycentric[~seen] == 0).all()


def test_a_hit_lies_under_its_pixel():
    vertices, faces = triangles(1, 20)
    camera = Camera.orthographic(75, 1.4)
    hits = rasterise(vertices, faces, camera, 40, 40)
    seen = hits.triangle >= 0
    points = corner_values(hits, vertices[faces])
    rows, columns = np.nonzero(seen)
    wanted = np.stack([columns + 0.5, rows + 0.5, hits.depth[seen]], 1)
    assert np.abs(unproject(wanted, camera, 40, 40) - points[seen]).max() < 1e-4
    assert (points[~seen] == 0).all()


def test_the_nearer_thing_hides_the_farther_from_both_sides():
    near, far = cube(0.2, (-0.1, 0.4, 0.3)), cube(0.4, (-0.2, 0.3, -0.5))
    mesh = both(near, far)
    front = rasterise(mesh.vertices, mesh.faces, Camera.orthographic(0), 64, 64)
    back = rasterise(mesh.vertices, mesh.faces, Camera.orthographic(180), 64, 64)
    assert front.triangle[32, 32] < 12 <= back.triangle[32, 32]
    assert front.depth[32, 32] == pytest.approx(-0.5) and back.depth[32, 32] == pytest.approx(-0.5)
    around = front.triangle[32, 32 + 8]
    assert around >= 12 and front.depth[32, 32 + 8] == pytest.approx(0.1)


def test_the_order_of_faces_does_not_matter():
    vertices, faces = triangles(5, 30)
    one = rasterise(vertices, faces, Camera.orthographic(0), 50, 50)
    other = rasterise(vertices, faces[::-1].copy(), Camera.orthographic(0), 50, 50)
    assert (one.depth == other.depth).all()
    turned = rasterise(vertices, np.ascontiguousarray(faces[:, ::-1]), Camera.orthographic(0), 50, 50)
    assert (one.triangle == turned.triangle).all()


@pytest.mark.parametrize("azimuth", [0, 33, 90])
def test_the_opposite_silhouette_is_the_mirrored_one(azimuth):
    vertices, faces = triangles(2, 15)
    one, other = (
        rasterise(vertices, faces, Camera.orthographic(a), 99, 99).triangle >= 0
        for a in (azimuth, azimuth + 180)
    )
    assert (one != other[:, ::-1]).sum() <= 2  # a pixel centre on an edge may fall either way


def test_a_closed_surface_has_no_pinholes():
    from scipy.ndimage import binary_fill_holes

    mesh = ball(0.45, 24)
    mesh = Mesh(mesh.vertices + np.array([0, 0.5, 0], np.float32), mesh.faces)
    seen = rasterise(mesh.vertices, mesh.faces, Camera.orthographic(10), 300, 300).triangle >= 0
    assert (np.asarray(binary_fill_holes(seen)) == seen).all()
    assert seen.sum() * (1.2 / 300) ** 2 == pytest.approx(np.pi * 0.45**2, rel=0.01)


def test_nothing_is_seen_of_nothing():
    none = np.zeros((0, 3), np.int32)
    hits = rasterise(np.zeros((0, 3), np.float32), none, Camera.orthographic(0), 5, 4)
    assert (hits.triangle == -1).all() and np.isinf(hits.depth).all()
    flat = np.array([[0, 0, 0], [0, 1, 0], [0, 0.5, 0]], np.float32)
    assert (
        rasterise(flat, np.array([[0, 1, 2]], np.int32), Camera.orthographic(0), 5, 5).triangle == -1
    ).all()


def test_corner_values_are_linear():
    hits = Hits(
        np.array([[1, -1]], np.int32),
        np.array([[[0.2, 0.3, 0.5], [0, 0, 0]]], np.float32),
        np.zeros((1, 2), np.float32),
    )
    corners = np.zeros((2, 3, 1), np.float32)
    corners[1, :, 0] = 10, 20, 30
    assert np.allclose(corner_values(hits, corners).ravel(), [23, 0])


def sampled_by_loop(texture: np.ndarray, uv: np.ndarray) -> np.ndarray:
    """Weights of all texels: the product of two tents, coordinates clamped to the outermost centres."""
    height, width = texture.shape[:2]
    out = np.zeros((len(uv), texture.shape[2]))
    for n, (u, v) in enumerate(uv):
        x, y = min(max(u * width - 0.5, 0), width - 1), min(max(v * height - 0.5, 0), height - 1)
        for row in range(height):
            for column in range(width):
                out[n] += max(0, 1 - abs(x - column)) * max(0, 1 - abs(y - row)) * texture[row, column]
    return out


@pytest.mark.parametrize("kind", [np.uint8, np.float32])
def test_sample_equals_a_plain_loop_and_clamps(kind):
    rng = np.random.default_rng(4)
    texture = (rng.random((5, 7, 3)) * 255).astype(kind)
    uv = np.concatenate([rng.uniform(-0.2, 1.2, (60, 2)), [[0, 0], [1, 1], [0, 1], [1, 0]]])
    assert np.allclose(sample(texture, uv), sampled_by_loop(texture, uv), atol=1e-3)
    assert np.allclose(sample(texture, np.array([[-9.0, -9.0], [9.0, 9.0]])), texture[[0, -1], [0, -1]])


def test_sample_at_texel_centres_is_the_texel():
    texture = np.arange(24, dtype=np.uint8).reshape(4, 6, 1)
    v, u = np.meshgrid((np.arange(4) + 0.5) / 4, (np.arange(6) + 0.5) / 6, indexing="ij")
    assert np.allclose(sample(texture, np.stack([u.ravel(), v.ravel()], 1)).ravel(), np.arange(24), atol=1e-5)


def test_a_repeating_sample_equals_a_plain_loop_and_transparent_texels_lend_no_colour():
    rng = np.random.default_rng(5)
    texture = rng.integers(0, 256, (4, 5, 4)).astype(np.uint8)
    texture[rng.random((4, 5)) < 0.4, 3] = 0
    uv = rng.uniform(-2, 3, (80, 2))
    found = sample_repeating(texture, uv)
    for (u, v), rgba in zip(uv, found, strict=True):
        x, y = u % 1 * 5 - 0.5, v % 1 * 4 - 0.5
        weights, texels = [], []
        for row in (math.floor(y), math.floor(y) + 1):
            for column in (math.floor(x), math.floor(x) + 1):
                weights.append((1 - abs(x - column)) * (1 - abs(y - row)))
                texels.append(texture[row % 4, column % 5] / 255)
        weight, texel = np.array(weights), np.array(texels)
        shown = weight * texel[:, 3] if weight @ texel[:, 3] > 1e-4 else weight
        assert np.allclose(rgba[:3], shown @ texel[:, :3] / shown.sum(), atol=1e-5)
        assert rgba[3] == pytest.approx(weight @ texel[:, 3], abs=1e-6)
