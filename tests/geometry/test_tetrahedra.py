"""Marching tetrahedra: closed manifolds from any field, moved corners or not."""

import numpy as np
import pytest

from genkei.geometry.field import Grid, surface
from genkei.geometry.mesh import corners, open_edges, to_manifold, volume
from genkei.geometry.tetrahedra import FARTHEST, signed_volumes, spread_corners, tet_surface

ORIGIN = np.zeros(3, np.float32)


def noise(seed: int, side: int = 7) -> Grid:
    """Signs without any order: the worst that a field can be."""
    return Grid(
        np.random.default_rng(seed).standard_normal((side, side, side)).astype(np.float32), ORIGIN, 0.5
    )


def ball(side: int = 24) -> Grid:
    at = np.arange(side) - (side - 1) / 2 + 0.03
    away = np.sqrt(at[:, None, None] ** 2 + at[None, :, None] ** 2 + at**2) - 8.0
    return Grid(away.astype(np.float32), ORIGIN, 1.0)


def fans(faces: np.ndarray) -> bool:
    """Whether the faces round every vertex are one ring: with closed edges, a 2-manifold."""
    for vertex in range(int(faces.max()) + 1):
        ring = faces[(faces == vertex).any(1)]
        after = {}
        for face in ring:
            k = list(face).index(vertex)
            after[face[(k + 1) % 3]] = face[(k + 2) % 3]
        start = at = next(iter(after))
        steps = 0
        while steps == 0 or at != start:
            at, steps = after[at], steps + 1
        if steps != len(ring):
            return False
    return True


@pytest.mark.parametrize("seed", range(12))
def test_any_field_gives_a_closed_manifold(seed):
    mesh = tet_surface(noise(seed))
    assert open_edges(mesh.faces) == 0 and volume(mesh) > 0
    assert fans(mesh.faces)
    assert to_manifold(mesh).volume() == pytest.approx(volume(mesh), rel=1e-3)


@pytest.mark.parametrize("seed", range(4))
def test_moved_corners_keep_the_topology(seed):
    grid, rng = noise(seed), np.random.default_rng(seed + 100)
    offsets = rng.uniform(-FARTHEST, FARTHEST, (*grid.values.shape, 3)).astype(np.float32)
    still, moved = tet_surface(grid), tet_surface(grid, offsets)
    assert np.array_equal(still.faces, moved.faces)
    assert signed_volumes(offsets).min() > 0
    assert to_manifold(moved).volume() > 0


def test_corners_moved_too_far_would_turn_tetrahedra_inside_out():
    """The limit is needed: beyond half a cell some corners pass through others."""
    rng = np.random.default_rng(0)
    assert signed_volumes(rng.uniform(-0.6, 0.6, (5, 5, 5, 3))).min() < 0


def test_a_ball_is_the_ball_that_marching_cubes_finds():
    mesh = tet_surface(ball())
    assert volume(mesh) == pytest.approx(4 / 3 * np.pi * 8**3, rel=0.02)
    assert volume(mesh) == pytest.approx(volume(surface(ball())), rel=0.01)
    assert np.abs(np.linalg.norm(mesh.vertices - 11.47, axis=1) - 8).max() < 0.1


def test_spread_corners_leave_no_slivers():
    def least_angle(mesh) -> float:
        tri = corners(mesh).astype(np.float64)
        sides = np.roll(tri, -1, 1) - tri
        unit = sides / np.linalg.norm(sides, axis=-1, keepdims=True)
        return float(np.degrees(np.arccos(-(unit * np.roll(unit, 1, 1)).sum(-1)).min()))

    plain = tet_surface(ball())
    grid, offsets = spread_corners(ball())
    spread = tet_surface(grid, offsets)
    assert least_angle(plain) < 1.5 and least_angle(spread) > 6
    assert volume(spread) == pytest.approx(volume(plain), rel=0.005)


def test_nothing_inside_is_refused():
    with pytest.raises(ValueError, match="nowhere inside"):
        tet_surface(Grid(np.ones((3, 3, 3), np.float32), ORIGIN, 1.0))


def test_corners_moved_too_far_are_refused():
    with pytest.raises(ValueError, match="at most"):
        tet_surface(noise(0), np.full((7, 7, 7, 3), 0.4, np.float32))
