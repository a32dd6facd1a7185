"""A loop of silicone counts, a hair of it does not; what goes through the part itself always does."""

import manifold3d
import pytest

from genkei.figure.rings import SHORT_MM, rings

Solid = manifold3d.Manifold
FACE = Solid.cube((60, 60, 30), True).translate((0, 0, -15))
"""A half whose face is at z = 0."""


def post(x: float, radius: float) -> Solid:
    return Solid.cylinder(20, radius, radius, 48).translate((x, 0, -10))


def bridge(radius: float) -> Solid:
    """A part that goes through the face twice and is one piece below it."""
    return post(-12, 4) + post(12, radius) + Solid.cube((28, 2, 2), True).translate((0, 0, -8))


def counted(part: Solid) -> int:
    marked = part.as_original()
    return rings(FACE - marked, marked.original_id())


@pytest.mark.parametrize(("radius", "loops"), [(3.0, 1), (0.9, 1), (0.7, 0), (0.3, 0)])
def test_a_bridge_counts_where_its_seam_is_no_hair(radius, loops):
    assert (2 * 3.14 * radius > SHORT_MM) == bool(loops)
    assert counted(bridge(radius)) == loops


def test_what_enters_once_is_free():
    assert counted(post(0, 5)) == 0
    assert counted(post(-12, 5) + post(12, 5)) == 0


def test_a_sunk_ring_is_one_loop():
    ring = Solid.cylinder(4, 10, 10, 64).rotate((90, 0, 0)) - Solid.cylinder(9, 6, 6, 64, center=True).rotate(
        (90, 0, 0)
    )
    assert counted(ring.translate((0, 0, -3))) == 1


@pytest.mark.parametrize(("gap", "loops"), [(3.0, 1), (1.5, 1), (0.6, 0)])
def test_a_loop_that_tears_is_no_loop(gap, loops):
    """Two posts on one bridge: the silicone round either is as thin as the gap between them."""
    legs = post(-4 - gap / 2, 4) + post(4 + gap / 2, 4)
    assert counted(legs + Solid.cube((12, 2, 2), True).translate((0, 0, -8))) == loops
