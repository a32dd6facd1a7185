"""The fitted field: every view counts, reliefs are obeyed, contradictions are not."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from genkei.geometry.mesh import open_edges, vertex_normals
from genkei.geometry.raster import corner_values, rasterise
from genkei.geometry.score import silhouette_iou
from genkei.shape import Poisson, Relief, Sdf
from genkei.shape.relief import relief_of
from genkei.shape.sdf import believed
from genkei.shape.slab import Frame, doubled, halved, rendered, sight
from genkei.shape.volume import distance_cells
from genkei.types import Camera, Mesh, View
from tests.shape.figures import ALL_SIDES, LEFT_ARM_FORWARD, RIGHT_ARM, armless, figure, seen, silhouette
from tests.shape.nets import balloon_net


def sdf(**options) -> Sdf:
    return Sdf(resolution=64, net=balloon_net, **options)


@cache
def truth() -> Mesh:
    return figure(LEFT_ARM_FORWARD, RIGHT_ARM)


@cache
def reliefs() -> tuple[Relief, ...]:
    found = []
    for azimuth in ALL_SIDES:
        camera = Camera.orthographic(azimuth)
        hits = rasterise(truth().vertices, truth().faces, camera, 192, 192)
        right, up, forward = camera.axes
        normals = corner_values(hits, vertex_normals(truth())[truth().faces]) @ np.stack(
            [right, up, -forward], 1
        )
        found.append(relief_of(camera, -hits.depth, normals.astype(np.float32)))
    return tuple(found)


def depth_error(mesh: Mesh, azimuth: float) -> float:
    """Mean distance in depth between mesh and truth where both are seen, at most 0.05."""
    camera = Camera.orthographic(azimuth)
    a, b = (rasterise(m.vertices, m.faces, camera, 128, 128).depth for m in (mesh, truth()))
    both = np.isfinite(a) & np.isfinite(b)
    return float(np.minimum(np.abs(a[both] - b[both]), 0.05).mean())


def iou_from(mesh: Mesh, view: View) -> float:
    return silhouette_iou(silhouette(mesh, view.camera), view.mask)


def test_a_view_from_between_is_used():
    four, (between,) = seen(truth(), *ALL_SIDES), seen(truth(), 45.0)
    without, with_it = sdf()(four), sdf()((*four, between))
    assert iou_from(with_it, between) > iou_from(without, between) + 0.02


def test_reliefs_are_obeyed():
    views = seen(truth(), *ALL_SIDES)
    blind, told = sdf()(views), sdf(reliefs=reliefs())(views)
    assert depth_error(told, 0.0) < 0.75 * depth_error(blind, 0.0)


def test_poisson_passes_through_reliefs():
    views = seen(truth(), *ALL_SIDES)
    backend = Poisson(resolution=64, net=balloon_net)
    blind, told = backend(views), replace(backend, reliefs=reliefs())(views)
    assert open_edges(told.faces) == 0
    assert depth_error(told, 0.0) < 0.6 * depth_error(blind, 0.0)


def test_a_relief_without_its_view_is_refused():
    with pytest.raises(ValueError, match="a relief looks from 180 degrees"):
        sdf(reliefs=reliefs()[2:3])(seen(truth(), 0.0, 90.0))


def test_a_contradiction_of_one_view_does_not_count():
    """The start has an arm that the front drawing lacks: its pixels are left out."""
    step = 1 / 64
    frame = Frame((80, 81, 81), -40 * step, -0.1, -40 * step, step)
    (with_arms,) = seen(figure(), 0.0)
    (without,) = seen(armless(), 0.0)
    deep = np.broadcast_to(
        distance_cells(np.repeat((0.5 - sight(with_arms, frame).mask)[..., None], 3, 2))[..., :1], frame.shape
    )
    start = np.maximum(deep, np.abs(np.arange(81) - 40.0) - 3).astype(np.float32)
    one = sight(without, frame)
    left_out = believed(one, start, 2.0).weight == 0
    assert left_out.sum() > 30
    shown = rendered(start, one)
    assert (shown[left_out] > 0.5).all() and (one.mask[left_out] < 0.5).all()


def test_what_is_moved_on_half_the_cells_is_moved_on_all():
    """A plane's shift is found again; x = 0 is a cell of both grids."""
    frame = Frame((11, 14, 13), -7 / 64, 0.0, -6 / 64, 1 / 64)
    field = np.broadcast_to(np.arange(14, dtype=np.float32)[None, :, None] - 7.3, frame.shape).copy()
    half, coarse = halved(field, frame)
    assert (half.x0 / half.step) % 1 == 0 and (half.z0 / half.step) % 1 == 0
    assert np.allclose(doubled(coarse, half, frame)[:, 1:-1], field[:, 1:-1], atol=1e-5)
