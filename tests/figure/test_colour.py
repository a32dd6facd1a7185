"""Few colours, sharp borders, the same solid."""

import numpy as np
import pytest

from genkei.figure.build import Build
from genkei.figure.colour import sharpen, subdivide
from genkei.figure.palette import reduce_colours
from genkei.geometry.mesh import open_edges, volume
from tests.figure.characters import doll

FIGURE = Build(height_mm=60.0)(doll())
PALETTE = reduce_colours(FIGURE, 5)


def test_a_small_dark_spot_keeps_its_colour():
    assert (np.abs(PALETTE.colours.astype(int) - 10).max(1) < 12).any()


def test_borders_are_refined_and_the_solid_is_not_touched():
    before = FIGURE.parts[0].mesh
    cut = sharpen(FIGURE, PALETTE)
    after = cut.figure.parts[0].mesh
    assert len(after.faces) > len(before.faces) and open_edges(after.faces) == 0
    assert volume(after) == pytest.approx(volume(before), rel=1e-6)
    label, corner = cut.palette.faces[0], after.vertices[after.faces]
    edge = np.linalg.norm(corner - np.roll(corner, -1, 1), axis=2).max(1)
    spot = label == int(np.argmin(PALETTE.colours.sum(1)))
    assert spot.any() and np.median(edge[spot]) <= 0.81


@pytest.mark.parametrize("seed", range(5))
def test_any_marks_leave_a_closed_mesh_of_the_same_volume(seed):
    part = FIGURE.parts[0]
    marked = np.random.default_rng(seed).random((len(part.mesh.faces), 3)) < 0.2
    mesh, uv = subdivide(part.mesh, part.uv, marked)
    assert open_edges(mesh.faces) == 0 and len(uv) == len(mesh.faces)
    assert volume(mesh) == pytest.approx(volume(part.mesh), rel=1e-6)


def test_no_more_triangles_than_allowed():
    most = len(FIGURE.parts[0].mesh.faces) + 500
    assert len(sharpen(FIGURE, PALETTE, most_triangles=most).figure.parts[0].mesh.faces) <= most


def test_a_border_without_width_is_refused():
    with pytest.raises(ValueError, match="more than 0"):
        sharpen(FIGURE, PALETTE, border_mm=0.0)
    with pytest.raises(ValueError, match="at least 1"):
        reduce_colours(FIGURE, 0)


def test_triangles_that_are_short_enough_are_left_alone():
    assert len(sharpen(FIGURE, PALETTE, border_mm=500.0).figure.parts[0].mesh.faces) == len(
        FIGURE.parts[0].mesh.faces
    )
