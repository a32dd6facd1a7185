"""The measuring stick itself: sealed solids of open sheets, and scores that are what they claim to be."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks import truth
from genkei.formats.soup import Soup
from genkei.types import Mesh
from genkei_train import soups
from tests.formats.probes import box

SMALL = 48


def open_box() -> Soup:
    """A box whose twelve triangles share no vertex: an open sheet soup, in a file's own place and unit."""
    mesh = box((3, 7, -2), (4, 9, -1.5))
    loose = mesh.vertices[mesh.faces].reshape(-1, 3)
    return Soup.plain(loose, np.arange(36, dtype=np.int32).reshape(-1, 3), 10.0, "box")


def test_character_space_has_feet_at_zero_and_height_one() -> None:
    soup = soups.to_character(open_box())
    assert np.allclose(soup.bounds, [[-0.25, 0, -0.125], [0.25, 1, 0.125]], atol=1e-6)
    assert soup.unit_mm == pytest.approx(20.0)


def test_an_open_soup_seals_to_its_volume_and_a_leaking_one_says_so() -> None:
    solid = truth.seal_soup(soups.to_character(open_box()), SMALL)
    voxel = solid.frame.edge / SMALL
    found = solid.inside.sum() * voxel**3
    assert 0.125 <= found <= (0.5 + 2 * voxel) * (1 + 2 * voxel) * (0.25 + 2 * voxel)
    assert solid.sealed
    sheet = soups.to_character(open_box())
    side = Soup.plain(sheet.vertices, sheet.faces[:2], 1.0, "one side")
    assert not truth.seal_soup(side, SMALL).sealed


def test_pinholes_are_closed() -> None:
    soup = soups.to_character(open_box())
    shrunk = soup.vertices[soup.faces]
    middle = shrunk.mean(1, keepdims=True)
    gaps = (middle + (shrunk - middle) * 0.97).reshape(-1, 3).astype(np.float32)
    solid = truth.seal_soup(replace(soup, vertices=gaps), SMALL)
    assert solid.sealed
    assert solid.inside[SMALL // 2, SMALL // 2, SMALL // 2]


def test_clear_texels_mark_nothing() -> None:
    soup = soups.to_character(open_box())
    colours = soup.colours.copy()
    colours[2:4, :, 3] = 100  # the +x side
    assert soups.to_character(replace(soup, colours=colours)).bounds[1, 0] == pytest.approx(0.25)
    opened = truth.seal_soup(replace(soup, colours=colours), SMALL)
    assert not opened.inside[SMALL // 2, SMALL // 2, SMALL // 2]
    with pytest.raises(ValueError, match="nothing in it is visible"):
        soups.to_character(replace(soup, colours=np.zeros_like(soup.colours)))


def test_no_height_is_refused() -> None:
    flat = Soup.plain(np.zeros((3, 3), np.float32), np.array([[0, 1, 2]], np.int32), 1.0, "flat")
    with pytest.raises(ValueError, match="nothing visible has any height"):
        soups.to_character(flat)


def test_a_perfect_prediction_scores_one_and_a_shifted_one_is_found() -> None:
    mesh = box((-0.2, 0, -0.1), (0.2, 1, 0.1))
    frame = truth.Frame.around(np.array([-0.2, 0, -0.1]), np.array([0.2, 1, 0.1]), SMALL)
    inside = truth.seal_mesh(mesh, frame).inside
    assert truth.score(inside, inside) == truth.Scores(1.0, 0.0, 1.0)
    voxel = frame.edge / SMALL
    behind = Mesh(mesh.vertices - np.array([0, 0, 4 * voxel], np.float32), mesh.faces)
    found = truth.seal_mesh(behind, frame).inside
    raw, aligned = truth.score(inside, found), truth.score_aligned(inside, found)
    assert raw.iou < 0.6
    assert 0 < raw.cd <= 4 / SMALL
    assert (aligned.iou, aligned.f) == (1.0, 1.0)
    assert aligned.shift == pytest.approx(4 / SMALL)
    assert truth.score(inside, np.zeros_like(inside)) == truth.Scores(0.0, 1.0, 0.0)


def test_distances_equal_a_double_loop() -> None:
    rng = np.random.default_rng(3)
    a, b = (rng.random((6, 6, 6)) < 0.2 for _ in range(2))
    pa, pb = truth.surface_points(a), truth.surface_points(b)
    there = np.mean([min(np.linalg.norm(p - q) for q in pb) for p in pa])
    back = np.mean([min(np.linalg.norm(p - q) for q in pa) for p in pb])
    assert truth.score(a, b).cd == pytest.approx((there + back) / 2, rel=1e-5)


def test_a_prediction_outside_the_cube_stays_closed() -> None:
    frame = truth.Frame.around(np.array([-0.2, 0, -0.1]), np.array([0.2, 1, 0.1]), SMALL)
    deep = truth.seal_mesh(box((-0.2, 0, -3), (0.2, 1, 3)), frame)
    assert deep.inside[SMALL // 2, SMALL // 2].all()


def test_samples_are_never_farther_apart_than_the_step() -> None:
    from scipy.spatial import cKDTree

    soup = soups.to_character(open_box())
    samples = np.concatenate(list(soups.visible_samples(soup, 0.02)))
    rng = np.random.default_rng(0)
    face = rng.integers(0, len(soup.faces), 2000)
    points = np.einsum("nk,nkc->nc", rng.dirichlet((1, 1, 1), 2000), soup.vertices[soup.faces[face]])
    assert cKDTree(samples).query(points)[0].max() < 0.02


def test_a_stored_solid_is_the_same_solid(tmp_path: Path) -> None:
    solid = truth.seal_soup(soups.to_character(open_box()), SMALL)
    truth.save(solid, tmp_path / "s.npz")
    back = truth.load(tmp_path / "s.npz")
    assert (back.inside == solid.inside).all()
    assert (back.frame.edge, back.closings, back.hollow) == (solid.frame.edge, solid.closings, solid.hollow)
