"""Normals that a picture or a model told of a view: which are told, who reads them, and who says no."""

from dataclasses import replace

import numpy as np
import pytest

from genkei.drawing.cues import normals
from genkei.pipeline import SHAPES, with_normals
from genkei.shape import Refined, Sdf, Tets
from genkei.shape.relief import Relief, told_normals
from genkei.shape.slab_kernels import march
from genkei.types import Camera, Cue, Reading, Sheet, View
from tests.shape.figures import ALL_SIDES, seen
from tests.shape.test_sdf import depth_error, reliefs, sdf, truth

READING = Reading("a.png", (0, 0, 1, 1), "alpha", 0.0, "named", 1.0)


def told(view: View, sure: float = 0.8) -> Cue:
    """Exact normals of the figure, as a picture that was handed in."""
    (one,) = [r for r in reliefs() if r.camera.azimuth_deg == view.camera.azimuth_deg]
    return Cue(one.normals.value, (sure * view.mask).astype(np.float32))


def views(*azimuths: float) -> tuple[View, ...]:
    return seen(truth(), *azimuths, size=192)


def bare() -> tuple[Relief, ...]:
    """Normals from all sides, no depth."""
    return tuple(
        replace(one, depth=Cue(one.depth.value, np.zeros_like(one.depth.confidence))) for one in reliefs()
    )


def test_inflated_outlines_tell_nothing():
    four = views(*ALL_SIDES)
    assert told_normals(four, tuple(normals(view) for view in four)) == ()


def test_a_picture_tells_of_its_level_view_alone():
    front, left = views(0.0, 90.0)
    raised = replace(left, camera=Camera.orthographic(90.0, left.camera.span, 20.0))
    (found,) = told_normals((front, raised), (told(front), told(left)))
    assert found.camera is front.camera
    assert found.depth.confidence.max() == 0 and set(np.unique(found.normals.confidence)) == {0, 1}
    assert told_normals((front,), (told(front, 0.5),)) == ()


def test_normals_alone_bring_the_surface_nearer():
    four = views(*ALL_SIDES)
    assert depth_error(sdf(reliefs=bare())(four), 0.0) < 0.9 * depth_error(sdf()(four), 0.0)


def test_normals_count_where_the_body_is_thick():
    """A ray that is deep inside is as its mask wants it, and its normal still pulls."""
    slab = np.abs(np.arange(40.0) - 19.5)[None, None].repeat(3, 0).repeat(3, 1) - 12.0
    one = np.ones((3, 3))
    flat, turned = (np.tile(n, (3, 3, 1)).astype(float) for n in ((0.0, 0.0, 1.0), (0.6, 0.0, 0.8)))
    slopes = {}
    for name, normal, sure in (("none", flat, 0 * one), ("turned", turned, 0.3 * one)):
        slopes[name] = np.zeros_like(slab)
        march(slab, 1.0, (one, one, np.zeros_like(slab), 0 * one, normal, sure), slopes[name])
    assert np.abs(slopes["none"]).max() == 0 and np.abs(slopes["turned"]).max() > 0.01


@pytest.mark.parametrize("name", SHAPES)
def test_every_backend_reads_told_normals_or_says_that_it_does_not(name):
    (front,) = views(0.0)
    way = SHAPES[name]()
    sheet = Sheet((front,), (READING,), (), (told(front),))
    found, notes = with_normals(way, sheet)
    if isinstance(way, Sdf | Refined | Tets):
        assert len(found.reliefs) == 1 and notes == ("the surface was bent to the normals told of front",)
        own = replace(way, reliefs=bare())
        assert with_normals(own, sheet)[0] is own
    else:
        assert found is way and notes[0].startswith(f"NORMALS NOT USED: --shape {name} reads none")
    assert with_normals(way, replace(sheet, normals=(normals(front),))) == (way, ())
