"""Polishing: derivatives against finite differences, outlines that come nearer, nothing that crosses."""

import numpy as np
import pytest

from genkei.geometry.crossing import crossing_faces
from genkei.geometry.mesh import open_edges, vertex_normals, volume
from genkei.geometry.raster import corner_values, rasterise
from genkei.geometry.score import silhouette_iou
from genkei.shape.refine import Refined, by_normals, cut_edges, loss, pulls, shading, stepped_back, target
from genkei.shape.relief import relief_of
from genkei.types import Camera, Mesh
from tests.shape.figures import BODY, LEFT_ARM, RIGHT_ARM, capsules, figure, seen, silhouette

LUMP = ((0, 0.3, 0), (0, 0.7, 0.05), 0.2)


def lump() -> Mesh:
    return capsules(LUMP, cells=16)


def relief(mesh: Mesh, azimuth: float, size: int = 64):
    """Depth and normals as a renderer sees them."""
    camera = Camera.orthographic(azimuth)
    hits = rasterise(mesh.vertices, mesh.faces, camera, size, size)
    right, up, forward = camera.axes
    normals = corner_values(hits, vertex_normals(mesh)[mesh.faces]) @ np.stack([right, up, -forward], 1)
    return relief_of(camera, -hits.depth, normals.astype(np.float32))


def test_normals_have_the_derivative_of_finite_differences():
    mesh, rng = lump(), np.random.default_rng(0)
    by, way = rng.standard_normal(mesh.vertices.shape), rng.standard_normal(mesh.vertices.shape)

    def value(points: np.ndarray) -> float:
        index = mesh.faces.ravel()
        tri = points[mesh.faces]
        vectors = np.cross(tri[:, 1] - tri[:, 0], tri[:, 2] - tri[:, 0]) / 2
        total = np.stack([np.bincount(index, np.repeat(vectors[:, k], 3)) for k in range(3)], 1)
        return float((by * total / np.linalg.norm(total, axis=1, keepdims=True)).sum())

    points = mesh.vertices.astype(np.float64)
    step = 1e-7
    ahead, behind = value(points + step * way), value(points - step * way)
    assert (ahead - behind) / (2 * step) == pytest.approx(float((by_normals(mesh, by) * way).sum()), rel=1e-4)


def test_an_outline_has_the_derivative_of_finite_differences():
    """Of the whole outline: what the mesh does not tell is which pixels it covers, and that is smooth too."""
    mesh = lump()
    (view,) = seen(figure(), 30.0, size=64)
    wanted = target(view.rgba[..., 3:], view.camera, 64)
    way = np.stack([mesh.vertices[:, 0], np.zeros(len(mesh.vertices)), mesh.vertices[:, 2]], 1)
    step = 2e-3
    moved = [
        loss(Mesh((mesh.vertices + s * step * way).astype(np.float32), mesh.faces), wanted)[0]
        for s in (1, -1)
    ]
    assert (moved[0] - moved[1]) / (2 * step) == pytest.approx(
        float((loss(mesh, wanted)[1] * way).sum()), rel=0.02
    )


def test_polishing_brings_the_outlines_nearer_and_crosses_nothing():
    views = seen(figure(), 0.0, 90.0, 180.0, 270.0)
    blunt = capsules(*((a, b, radius - 0.008) for a, b, radius in (*BODY, LEFT_ARM, RIGHT_ARM)), cells=70)
    polished = Refined().polished(blunt, views)
    assert open_edges(polished.faces) == 0 and volume(polished) > volume(blunt)
    assert crossing_faces(polished).sum() <= crossing_faces(blunt).sum()
    for view in views:
        before, after = (silhouette_iou(silhouette(m, view.camera), view.mask) for m in (blunt, polished))
        assert after > before + 0.3 * (1 - before)


def test_normals_pull_the_surface_between_the_outlines():
    round_, flat = lump(), lump()
    flat = Mesh((flat.vertices * np.array([1, 1, 0.8])).astype(np.float32), flat.faces)
    views = seen(round_, 0.0, size=64)
    told = relief(round_, 0.0)
    polish = Refined(rounds=40, size_px=64, step_px=0.3, reliefs=(told,))
    error = [loss(mesh, shading(told, 64))[0] for mesh in (flat, polish.polished(flat, views))]
    assert error[1] < 0.7 * error[0]


def test_a_step_that_makes_faces_cross_is_taken_back():
    mesh = cut_edges(lump(), 0.05)
    still = np.zeros(len(mesh.faces), bool)
    wild = mesh.vertices.astype(np.float64)
    wild[5] -= 0.6 * vertex_normals(mesh)[5]
    assert crossing_faces(Mesh(wild.astype(np.float32), mesh.faces)).any()
    back = stepped_back(wild, mesh.vertices.astype(np.float64), mesh.faces, still)
    assert not crossing_faces(Mesh(back.astype(np.float32), mesh.faces)).any()


def test_a_contradiction_does_not_pull():
    """An arm that one drawing lacks keeps its place."""
    from tests.shape.figures import armless

    (view,) = seen(armless(), 0.0, size=96)
    wanted = pulls(figure(), target(view.rgba[..., 3:], view.camera, 96), 3.0)
    assert 50 < (wanted.weight == 0).sum() < 1000


def test_no_views_are_refused():
    with pytest.raises(ValueError, match="want"):
        Refined()(())
