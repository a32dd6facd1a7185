"""Faces that pass through each other."""

import numpy as np

from genkei.geometry.crossing import crossing_faces
from genkei.types import Mesh
from tests.shape.figures import capsules


def test_a_clean_solid_has_none():
    assert not crossing_faces(capsules(((0, 0.3, 0), (0, 0.7, 0), 0.2), cells=30)).any()


def test_two_solids_that_overlap_cross_in_a_ring():
    ball = capsules(((0, 0.5, 0), (0, 0.5, 0), 0.2), cells=30)
    moved = ball.vertices + np.array([0.2, 0, 0], np.float32)
    both = Mesh(np.concatenate([ball.vertices, moved]), np.concatenate([ball.faces, ball.faces + len(moved)]))
    found = crossing_faces(both)
    middle = both.vertices[both.faces[found]].mean(1)
    assert 20 < found.sum() < 0.5 * len(found)
    assert np.abs(middle[:, 0] - 0.1).max() < 0.1


def test_it_agrees_with_trying_every_pair():
    """On a handful of random triangles, against the cells' short cut."""
    rng = np.random.default_rng(0)
    points = (rng.random((40, 1, 3)) * 2 + rng.random((40, 3, 3))).reshape(-1, 3).astype(np.float32)
    faces = np.arange(120, dtype=np.int32).reshape(-1, 3)
    found = crossing_faces(Mesh(points, faces))
    slow = np.zeros(40, bool)
    for a in range(40):
        for b in range(a):
            pair = crossing_faces(Mesh(points, faces[[a, b]]))
            slow[[a, b]] |= pair
    assert slow.any() and not slow.all() and np.array_equal(found, slow)
