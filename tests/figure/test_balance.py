"""Mass, support and tipping of solids whose answers are known."""

import math

import manifold3d
import numpy as np
import pytest

from genkei.figure.balance import balance, mass_properties
from genkei.geometry.mesh import volume
from genkei.types import Mesh
from tests.figure.characters import solid


def test_mass_centre_of_a_half_ball():
    ball = manifold3d.Manifold.sphere(10, 256).trim_by_plane((0, 0, 1), 0).translate((500, 3, 7))
    measured, centre = mass_properties(solid(ball))
    assert measured == pytest.approx(2 / 3 * math.pi * 1000, rel=1e-3)
    assert np.allclose(centre, [500, 3, 7 + 3 / 8 * 10], atol=0.01)


def test_tip_angle_of_a_cylinder():
    stand = balance(solid(manifold3d.Manifold.cylinder(40, 10, 10, 256)))
    assert stand.tip_angle_deg == pytest.approx(math.degrees(math.atan2(10, 20)), abs=0.02)


def test_a_ball_does_not_stand():
    # a layer of 0.05 mm of a ball of radius 10 is 1 mm wide: atan(1 / 10)
    assert balance(solid(manifold3d.Manifold.sphere(10, 256))).tip_angle_deg < 6


def test_a_leaning_tower_falls():
    leaning = manifold3d.Manifold.cube((10, 10, 60)).warp(lambda p: (p[0] + p[2], p[1], p[2]))
    assert balance(solid(leaning)).margin_mm < 0


def test_a_point_has_no_support():
    cone = solid(manifold3d.Manifold.cylinder(10, 0.0, 5, 32))
    assert balance(cone).tip_angle_deg <= 0


def test_no_volume_has_a_centre_anyway():
    flat = Mesh(np.zeros((3, 3), np.float32), np.array([[0, 1, 2]], np.int32))
    assert mass_properties(flat)[0] == 0 and volume(flat) == 0
