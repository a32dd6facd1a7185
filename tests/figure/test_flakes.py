"""Pieces that change sides: flakes are left out, what is firm stays, and the part itself is not touched."""

import manifold3d
import numpy as np
import pytest

from genkei.figure.flakes import firm_pieces
from genkei.figure.walls import walls
from genkei.geometry.mesh import from_manifold
from tests.figure.kits import part

Manifold = manifold3d.Manifold
BODY = part("body", Manifold.cube((12, 12, 6)))
WALL_MM = 0.97


def plate(thick: float) -> Manifold:
    """Stands on the body, 8 mm wide and 6 mm high."""
    return Manifold.cube((8, thick, 6)).translate((2, 5, 6))


def test_a_flake_is_left_out_and_a_wall_stays():
    assert firm_pieces(BODY, [plate(0.4)], WALL_MM) == []
    (kept,) = firm_pieces(BODY, [plate(3.0)], WALL_MM)
    assert kept.volume() == pytest.approx(plate(3.0).volume(), rel=0.05)


def test_of_a_wedge_the_thick_end_stays_and_nothing_that_stays_is_thin():
    ridge = [(x, y, z) for x in (2, 10) for y, z in ((4, 6), (8, 6), (6, 14))]
    wedge = Manifold.hull_points(np.array(ridge, np.float64))
    (kept,) = firm_pieces(BODY, [wedge], WALL_MM)
    assert 0.6 * wedge.volume() < kept.volume() < 0.98 * wedge.volume()
    assert kept.bounding_box()[5] < 13.0
    whole = from_manifold(Manifold.cube((12, 12, 6)) + kept)
    assert walls(whole).share_below(WALL_MM) < 0.01


def test_what_hangs_on_a_flake_goes_with_it():
    knob = Manifold.cube((3, 3, 3)).translate((4, 4, 12))
    assert firm_pieces(BODY, [plate(0.4) + knob], WALL_MM) == []


def test_no_pieces_are_no_pieces():
    assert firm_pieces(BODY, [], WALL_MM) == []
