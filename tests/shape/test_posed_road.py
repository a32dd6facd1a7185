"""The pipeline hands raised and perspective views to the shapes that know cameras, and keeps the splats."""

import pytest

from genkei.pipeline import shaped
from genkei.shape import Neus, Splats
from genkei.shape.neus_fit import Pace
from tests.shape.test_posed import CAMERAS, disk

pytest.importorskip("torch")
VIEWS = tuple(disk(camera, 32) for camera in CAMERAS)


def test_neus_sees_the_raised_views_too():
    way = Neus(resolution=16, paces=(Pace(0),), size_px=32)
    whole, splats = shaped(way, VIEWS, VIEWS[:2])
    assert splats == () and len(whole.vertices) == len(way(VIEWS).vertices) != len(way(VIEWS[:2]).vertices)


def test_splats_come_with_their_mesh():
    way = Splats(resolution=16, count=200, rounds=0, size_px=32)
    mesh, (splats,) = shaped(way, VIEWS, VIEWS[:2])
    assert len(mesh.faces) and splats.flat and 60 < len(splats.places) < 600
