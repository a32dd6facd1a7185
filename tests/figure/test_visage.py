"""The face is what somebody in front sees of the head between chin and brow."""

import manifold3d
import numpy as np

from genkei.figure.visage import visage
from genkei.geometry.mesh import corners
from genkei.types import Mesh
from tests.figure.characters import solid


def head(helmet: bool) -> Mesh:
    ball = manifold3d.Manifold.sphere(10, 64)
    if helmet:
        ball += manifold3d.Manifold.cube((30, 2, 30), True).translate((0, -14, 0))
        ball += manifold3d.Manifold.cube((2, 6, 2), True).translate((0, -11, 9))
    return solid(ball.translate((0, 0, 60)))


def test_the_middle_of_the_front_is_the_face():
    mesh = head(False)
    every = np.ones(len(mesh.faces), bool)
    middles = corners(mesh)[visage(mesh, every, 50, 0)].mean(1)
    assert len(middles) > 100 and (middles[:, 1] < 0).all()
    assert middles[:, 2].min() > 51.5 and middles[:, 2].max() < 66 and np.abs(middles[:, 0]).max() < 8.1
    assert not visage(mesh, ~every, 50, 0).any()


def test_behind_a_visor_there_is_no_face():
    mesh = head(True)
    middles = corners(mesh)[visage(mesh, np.ones(len(mesh.faces), bool), 50, 0)].mean(1)
    assert len(middles) and (middles[:, 1] < -14).all()
