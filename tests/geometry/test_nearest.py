"""The nearest place of a surface is on the surface, at the distance that is told."""

import numpy as np

from genkei.geometry.mesh import corners
from genkei.geometry.nearest import closest
from tests.geometry.solids import ball

LINE = np.array([[9.264211, 76.96199, -11.456154], [5.1156273, 76.93315, -10.717995],
                 [0.96704483, 76.90431, -9.979836]], np.float32)  # fmt: skip
"""Three corners in a row."""


def test_distance_leads_to_the_place():
    mesh = ball(0.4)
    points = np.random.default_rng(0).normal(size=(300, 3), scale=0.5).astype(np.float32)
    distance, face, weights = closest(points, mesh.vertices, mesh.faces)
    foot = np.einsum("nk,nkc->nc", weights, corners(mesh)[face])
    np.testing.assert_allclose(np.linalg.norm(foot - points, axis=1), distance, atol=1e-5)
    assert (weights >= 0).all() and np.allclose(weights.sum(1), 1, atol=1e-5)
    outside = np.linalg.norm(points, axis=1) > 0.4
    np.testing.assert_allclose(distance[outside], np.linalg.norm(points[outside], axis=1) - 0.4, atol=0.01)


def test_a_face_without_an_area_is_as_far_as_its_longest_edge():
    points = (LINE.mean(0) + np.random.default_rng(0).normal(size=(200, 3)) * 4).astype(np.float32)
    distance, _, weights = closest(points, LINE, np.array([[0, 1, 2]], np.int32))
    assert (weights >= 0).all()
    np.testing.assert_allclose(weights.sum(1), 1)
    np.testing.assert_allclose(np.linalg.norm(weights @ LINE - points, axis=1), distance, atol=1e-3)


def test_a_single_point_is_answered_as_one_of_many():
    mesh = ball(0.4)
    points = np.random.default_rng(1).normal(size=(20, 3)).astype(np.float32)
    many = closest(points, mesh.vertices, mesh.faces)
    for k in range(len(points)):
        for one, all_ in zip(closest(points[k : k + 1], mesh.vertices, mesh.faces), many, strict=True):
            np.testing.assert_array_equal(one, all_[k : k + 1])
