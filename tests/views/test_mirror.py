"""The sides nobody drew: mirrored silhouettes, once, and called guesses."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genkei.geometry.raster import rasterise
from genkei.types import Camera, Cue, Reading, Sheet, View
from genkei.views import Mirrored
from tests.shape.figures import figure

LAW = settings(deadline=None, derandomize=True, max_examples=40)


def sheet(*views: View) -> Sheet:
    reading = Reading("drawing.png", (0, 0, 8, 8), "alpha", 0.0, "asked for", 1.0)
    size = views[0].rgba.shape[:2] if views else (8, 8)
    lines = Cue(np.zeros((*size, 1), np.float32), np.zeros(size, np.float32))
    normals = Cue(np.zeros((*size, 3), np.float32), np.zeros(size, np.float32))
    return Sheet(views, (reading,) * len(views), (lines,) * len(views), (normals,) * len(views))


def blob(azimuth: float, seed: int = 0, span: float = 1.2) -> View:
    rgba = np.random.default_rng(seed).random((8, 8, 4)).astype(np.float32)
    return View(rgba, Camera.orthographic(azimuth, span))


@LAW
@given(st.lists(st.sampled_from([0.0, 45.0, 90.0, 180.0, 225.0, 270.0]), unique=True, max_size=6))
def test_drawn_views_stay_and_every_opposite_is_there_once(azimuths):
    drawn = tuple(blob(azimuth, seed) for seed, azimuth in enumerate(azimuths))
    views = Mirrored()(sheet(*drawn))
    assert all(a is b for a, b in zip(views, drawn, strict=False))
    found = sorted(round(view.camera.azimuth_deg) for view in views)
    assert found == sorted({round(a) % 360 for a in azimuths} | {round(a + 180) % 360 for a in azimuths})
    assert all(view.drawn for view in views[: len(drawn)])
    assert not any(view.drawn for view in views[len(drawn) :])


@pytest.mark.parametrize("azimuth", [0, 30, 90, 180, 270])
def test_the_opposite_is_the_mirrored_silhouette(azimuth):
    view = blob(azimuth, span=1.7)
    _, guess = Mirrored()(sheet(view))
    assert (guess.rgba[..., 3] == view.rgba[:, ::-1, 3]).all()
    assert guess.camera.azimuth_deg == pytest.approx((azimuth + 180) % 360, abs=0.01)
    assert guess.camera.span == pytest.approx(1.7, rel=1e-5)


@pytest.mark.parametrize(
    "azimuth",
    [0, 180, 30, 45, 345],
)
def test_no_face_is_lent_to_the_back_of_the_head(azimuth):
    """The symmetric partner of a quarter view is the other quarter view, not the one behind."""
    _, guess = Mirrored()(sheet(blob(azimuth)))
    assert (guess.rgba[..., :3] == 0).all()


@pytest.mark.parametrize("azimuth", [90, 270])
def test_a_side_lends_its_mirrored_picture_or_only_its_outline(azimuth):
    view = blob(azimuth)
    _, guess = Mirrored()(sheet(view))
    assert (guess.rgba == view.rgba[:, ::-1]).all() or (guess.rgba[..., :3] == 0).all()


def test_mirroring_twice_is_the_same_mask():
    view = blob(90)
    _, once = Mirrored()(sheet(view))
    _, twice = Mirrored()(sheet(once))
    assert (twice.mask == view.mask).all() and twice.name == view.name


def test_a_full_set_gets_nothing_added():
    views = Mirrored()(sheet(*(blob(azimuth) for azimuth in (0, 90))))
    assert Mirrored()(sheet(*views)) == views


def test_a_side_nearly_opposite_counts_as_drawn():
    assert len(Mirrored()(sheet(blob(0), blob(165)))) == 2
    assert len(Mirrored(same_deg=5.0)(sheet(blob(0), blob(165)))) == 4
    assert len(Mirrored()(sheet(blob(350), blob(180)))) == 2  # across 360


@pytest.mark.parametrize("azimuth", [0, 90, 135])
@pytest.mark.parametrize("elevation", [0, 20])
def test_a_solid_seen_from_behind_looks_as_guessed(azimuth, elevation):
    mesh = figure()
    camera = Camera.orthographic(azimuth, 1.2, elevation)
    seen = rasterise(mesh.vertices, mesh.faces, camera, 96, 96).triangle >= 0
    rgba = np.repeat(seen[..., None], 4, 2).astype(np.float32)
    _, guess = Mirrored()(sheet(View(rgba, camera)))
    behind = rasterise(mesh.vertices, mesh.faces, guess.camera, 96, 96).triangle >= 0
    assert (behind != guess.mask).mean() < 0.005
