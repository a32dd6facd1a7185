"""Splats: the rasteriser against its equations pixel by pixel, derivatives, order, known depths."""

import numpy as np
import pytest

from genkei.geometry.camera import project, rays
from genkei.geometry.field import Grid
from genkei.geometry.gaussians import SH0, SH1, Gaussians, rotations, turns_to
from genkei.geometry.mesh import volume
from genkei.shape import Splats, splat_gsplat
from genkei.shape.splat_fit import Rates, Terms, faced, facing, fitted, fitting, laid, loss
from genkei.shape.splat_raster import blended, cloud_of, rasterised, splats_of
from genkei.shape.splats import depth_points, rasteriser, thinned
from genkei.types import Camera
from tests.shape.figures import capsules
from tests.shape.test_posed import CAMERAS, MIDDLE, RADIUS, disk

torch = pytest.importorskip("torch")
SEEN_BY = {
    "orthographic": Camera.orthographic(25, 1.2, 10),
    "perspective": Camera.perspective(-40, 2.2, 35, 15),
}
camera = pytest.mark.parametrize("camera", SEEN_BY.values(), ids=SEEN_BY)


def some(count: int, flat: bool, seed: int = 0) -> Gaussians:
    chance = np.random.default_rng(seed)
    turns = chance.normal(size=(count, 4))
    scales = chance.uniform(0.02, 0.12, (count, 3)) * [1, 1, 0 if flat else 1]
    parts = (
        chance.uniform((-0.3, 0.2, -0.3), (0.3, 0.8, 0.3), (count, 3)),
        scales,
        turns / np.linalg.norm(turns, axis=1, keepdims=True),
        chance.uniform(0.2, 0.95, count),
        chance.normal(0, 0.5, (count, 4, 3)),
    )
    return Gaussians(*(part.astype(np.float32) for part in parts))


def plain(splats: Gaussians, camera: Camera, size: int) -> np.ndarray:
    """rgb, alpha, depth [s, s, 5] by the papers' equations, one splat and one pixel after the other."""
    inner, eye = splat_gsplat.intrinsics(camera, size)
    depths = splats.places @ camera.axes[2]
    order = np.argsort(depths)
    eye_at = np.linalg.inv(eye)[:3, 3]
    frames = rotations(splats.turns).astype(np.float64)
    every = np.stack(np.meshgrid(*[np.arange(size) + 0.5] * 2), -1).reshape(-1, 2)
    sights = np.stack(rays(every, camera, size, size), 1).reshape(size, size, 2, 3)
    out = np.zeros((size, size, 5))
    for row in range(size):
        for column in range(size):
            pixel = np.array([column + 0.5, row + 0.5])
            passed = 1.0
            for n in order:
                alpha, depth = alone(splats, n, camera, pixel, inner, eye, frames[n], sights[row, column])
                alpha = min(splats.opacities[n] * alpha, 0.99)
                if alpha < 1 / 255:
                    continue
                way = splats.places[n] - eye_at if not camera.is_orthographic else camera.axes[2]
                x, y, z = way / np.linalg.norm(way)
                basis = np.array([SH0, -SH1 * y, SH1 * z, -SH1 * x])
                rgb = np.maximum(basis @ splats.colours[n] + 0.5, 0)
                out[row, column] += passed * alpha * np.array([*rgb, 1, depth])
                passed *= 1 - alpha
    return out


def alone(splats, n, camera, pixel, inner, eye, own, sight) -> tuple[float, float]:
    """What a splat would be at a pixel were it opaque, and the depth there."""
    place = splats.places[n].astype(np.float64)
    depth = float(place @ camera.axes[2])
    x, y, z = (eye @ [*place, 1])[:3]
    fx, fy = inner[0, 0], inner[1, 1]
    if camera.is_orthographic:
        centre = inner[:2, :2] @ [x, y] + inner[:2, 2]
        jacobian = np.array([[fx, 0, 0], [0, fy, 0]])
    else:
        centre = inner[:2, :2] @ [x / z, y / z] + inner[:2, 2]
        jacobian = np.array([[fx / z, 0, -fx * x / z**2], [0, fy / z, -fy * y / z**2]])
    off = pixel - centre
    if not splats.flat:
        cov = own @ np.diag(splats.scales[n].astype(np.float64) ** 2) @ own.T
        half = jacobian @ eye[:3, :3]
        flat = half @ cov @ half.T + 0.3 * np.eye(2)
        return float(np.exp(-0.5 * off @ np.linalg.solve(flat, off))), depth
    start, way = sight
    met = start + way * (own[:, 2] @ (place - start)) / (own[:, 2] @ way)
    u, v = (own[:, :2].T @ (met - place)) / splats.scales[n, :2]
    inside, beside = u * u + v * v, 2 * off @ off
    return float(np.exp(-0.5 * min(inside, beside))), float(
        met @ camera.axes[2]
    ) if inside <= beside else depth


@camera
@pytest.mark.parametrize("flat", [False, True], ids=["gaussians", "surfels"])
def test_the_picture_is_the_papers_equations_pixel_by_pixel(camera, flat):
    splats = some(10, flat)
    seen, wanted = rasterised(cloud_of(splats), camera, 16), plain(splats, camera, 16)
    assert wanted[..., 3].max() > 0.7
    assert np.abs(seen.rgb.numpy() - wanted[..., :3]).max() < 2e-3
    assert np.abs(seen.alpha.numpy() - wanted[..., 3]).max() < 2e-3
    told = wanted[..., 3] > 0.05
    depth = wanted[..., 4] / np.maximum(wanted[..., 3], 1e-9)
    assert np.abs(seen.depth.numpy() - depth)[told].max() < 5e-3


@pytest.mark.parametrize("flat", [False, True])
def test_the_order_of_the_splats_in_the_file_changes_nothing(flat):
    splats, mixed = some(60, flat), np.random.default_rng(9).permutation(60)
    other = Gaussians(*(getattr(splats, name)[mixed] for name in splats.__dataclass_fields__))
    one, two = (rasterised(cloud_of(s), CAMERAS[2], 48) for s in (splats, other))
    assert torch.allclose(one.rgb, two.rgb, atol=1e-5) and torch.allclose(one.depth, two.depth, atol=1e-5)


def test_nothing_behind_an_opaque_splat_is_seen_and_weights_never_sum_above_one():
    alpha = torch.tensor([[0.99, 0.9, 0.5], [0.3, 0.3, 0.3], [0.0, 0.0, 0.0]])
    w = blended(alpha)
    assert w[0, 1] < 0.01 and (w.sum(1) <= 1).all() and w[2].abs().max() == 0
    assert torch.allclose(1 - w.sum(1), (1 - alpha).prod(1), atol=1e-6)


def test_a_surfel_tells_its_own_plane_and_faces_the_viewer():
    slope = np.array([[0.6, 0.0, 0.8]], np.float32)
    splats = Gaussians(
        np.array([[0, 0.5, 0]], np.float32),
        np.array([[0.2, 0.2, 0]], np.float32),
        turns_to(slope),
        np.array([0.9], np.float32),
        np.zeros((1, 4, 3), np.float32),
    )
    seen = rasterised(cloud_of(splats), Camera.orthographic(0), 64)
    right, depth = (np.arange(64) + 0.5 - 32) * 1.2 / 64, seen.depth[32].numpy()
    near = np.abs(right) < 0.1
    assert np.allclose(depth[near], right[near] * 0.6 / 0.8, atol=2e-3)  # depth grows as the plane falls back
    normal = seen.normal[32, 32] / seen.alpha[32, 32]
    assert np.allclose(normal.numpy(), slope[0], atol=1e-4)
    assert float(facing(seen, Camera.orthographic(0))[32, 32].numpy() @ slope[0]) > 0.999
    assert seen.spread.abs().max() < 1e-4  # one splat lies at one depth
    behind = rasterised(cloud_of(splats), Camera.orthographic(180), 64)
    assert np.allclose(behind.normal[32, 32] / behind.alpha[32, 32], -slope[0], atol=1e-4)


@camera
@pytest.mark.parametrize("flat", [False, True], ids=["gaussians", "surfels"])
def test_derivatives_are_finite_differences(camera, flat):
    cloud = cloud_of(some(5, flat, 4))
    cloud = type(cloud)(*(p.double().requires_grad_() for p in cloud.learned), flat=flat)
    truth = torch.rand(16, 16, 4, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    terms = Terms(spread=1.0)

    def total():
        return loss(rasterised(cloud, camera, 16), camera, truth, True, flat, terms)

    total().backward()
    for part in cloud.learned:
        assert part.grad is not None
        flat_part, grad = part.detach().view(-1), part.grad.view(-1)
        worst = int(grad.abs().argmax())
        before, ends = float(flat_part[worst]), []
        for value in (before + 1e-6, before - 1e-6):
            flat_part[worst] = value
            ends.append(float(total().detach()))
        flat_part[worst] = before
        assert float(grad[worst]) == pytest.approx((ends[0] - ends[1]) / 2e-6, rel=0.02, abs=1e-6)


def test_a_cloud_and_its_arrays_are_the_same_splats():
    for flat in (False, True):
        splats = some(9, flat)
        again = splats_of(cloud_of(splats))
        assert again.flat == flat
        for name in ("places", "scales", "opacities", "colours"):
            assert np.allclose(getattr(again, name), getattr(splats, name), atol=1e-5)


def test_turns_bring_the_third_axis_onto_the_normal():
    normals = np.random.default_rng(0).normal(size=(20, 3))
    normals = np.vstack([normals / np.linalg.norm(normals, axis=1, keepdims=True), [[0, 0, -1]]])
    frames = rotations(turns_to(normals))
    assert np.allclose(frames[:, :, 2], normals, atol=1e-6)
    assert np.allclose(frames @ frames.transpose(0, 2, 1), np.eye(3), atol=1e-6)


def test_splats_are_laid_on_the_surface_in_the_colours_that_face_them():
    mesh = capsules(((0, 0.5, 0), (0, 0.5, 0), 0.4), cells=40)
    views = tuple(disk(Camera.orthographic(azimuth)) for azimuth in (0, 90, 180, 270))
    splats = laid(mesh, 400, True, views)
    assert splats.flat and np.abs(np.linalg.norm(splats.places - [0, 0.5, 0], axis=1) - 0.4).max() < 0.02
    outward = (splats.normals * (splats.places - [0, 0.5, 0])).sum(1)
    assert (outward > 0).all()
    rgb = faced(splats.places, splats.normals, views)
    assert np.median(np.abs(rgb - [0.8, 0.2, 0.1])) < 0.05


def test_a_picture_keeps_its_mean_at_any_size():
    view = disk(CAMERAS[0], 128)
    small = fitting(view.rgba, 48)
    assert small.shape == (48, 48, 4) and small[..., 3].mean() == pytest.approx(
        view.rgba[..., 3].mean(), abs=1e-3
    )
    assert np.allclose(small[small[..., 3] > 0.9, :3].mean(0), [0.8, 0.2, 0.1], atol=0.02)


def test_the_fit_comes_nearer_to_the_views():
    views = tuple(disk(camera, 32) for camera in CAMERAS)
    mesh = capsules((tuple(MIDDLE), tuple(MIDDLE), RADIUS * 0.9), cells=30)
    cloud = cloud_of(laid(mesh, 150, True, views))

    def off(found):
        seen = [(rasterised(found, v.camera, 32).alpha, torch.from_numpy(v.rgba[..., 3])) for v in views]
        return float(sum((alpha - truth).abs().mean() for alpha, truth in seen))

    after = fitted(cloud, views, 32, 16, Terms(), Rates(places=4e-3))
    assert off(after) < 0.9 * off(cloud)


def test_depths_of_a_wall_are_points_of_it():
    grid = Grid(np.zeros((20, 20, 20), np.float32), np.array([-0.5, 0, -0.5], np.float32), 0.05)
    x, y = np.meshgrid(np.linspace(-0.4, 0.4, 30), np.linspace(0.1, 0.9, 30))
    places = np.stack([x.ravel(), y.ravel(), np.full(900, 0.12)], 1).astype(np.float32)
    ahead = np.repeat(np.array([[0, 0, 1]], np.float32), 900, 0)
    splats = Gaussians(
        places,
        np.repeat(np.array([[0.02, 0.02, 0]], np.float32), 900, 0),
        turns_to(ahead),
        np.full(900, 0.95, np.float32),
        np.zeros((900, 4, 3), np.float32),
    )
    for seen_by in (Camera.orthographic(20), Camera.perspective(-15, 2.5, 35, 10)):
        points = depth_points(rasterised(cloud_of(splats), seen_by, 48), seen_by)
        assert (
            len(points.places) > 200 and np.abs(points.places[:, 2] - 0.12).max() < 0.02
        )  # half a splat, at its rim
        assert np.abs(points.areas.sum() - 0.64) < 0.12  # square heights, however it is looked at
        few = thinned(points, grid)
        assert len(few.places) <= 18 * 18 and np.allclose(few.normals, [0, 0, 1], atol=0.01)


def test_splats_that_show_nothing_make_no_surface():
    nothing = Gaussians(*(part[:0] for part in vars(some(1, True)).values()))
    with pytest.raises(ValueError, match="show no surface"):
        Splats(size_px=32).shown(
            nothing, CAMERAS, Grid(np.zeros((2, 2, 2), np.float32), np.zeros(3, np.float32), 1.0)
        )


@pytest.mark.parametrize("wrong", [{"size_px": 100}, {"count": 0}])
def test_sizes_that_cannot_be_meant_are_refused(wrong):
    with pytest.raises(ValueError, match="wanted one or more, a multiple of 16 px"):
        Splats(**wrong)(tuple(disk(camera) for camera in CAMERAS))


@pytest.mark.parametrize("form", ["surfels", "gaussians"])
def test_a_sphere_is_found_again_from_four_pictures(form):
    """Within 15 % of its volume and .04 heights of its place: four hulls' cones are not all worn off."""
    views = tuple(disk(camera) for camera in CAMERAS)
    way = Splats(resolution=32, form=form, count=500, rounds=8, size_px=64)
    mesh = way(views)
    assert volume(mesh) == pytest.approx(4 / 3 * np.pi * RADIUS**3, rel=0.15)
    assert np.abs((mesh.vertices.max(0) + mesh.vertices.min(0)) / 2 - MIDDLE).max() < 0.04


@camera
def test_a_camera_in_gsplats_words_sees_the_same(camera):
    inner, eye = splat_gsplat.intrinsics(camera, 64)
    points = np.random.default_rng(0).uniform((-0.5, 0, -0.5), (0.5, 1, 0.5), (20, 3))
    x, y, z = (points @ eye[:3, :3].T + eye[:3, 3]).T
    assert (z > 0).all() and np.linalg.det(eye[:3, :3]) == pytest.approx(1, abs=1e-5)
    flat = np.stack([x, y], 1) / (1 if camera.is_orthographic else z[:, None])
    assert np.allclose(
        flat @ inner[:2, :2].T + inner[:2, 2], project(points, camera, 64, 64)[:, :2], atol=1e-3
    )
    assert np.allclose(z - splat_gsplat.offset(camera), points @ camera.axes[2], atol=1e-4)


def test_without_a_gpu_the_reference_is_asked():
    assert rasteriser("cpu") is rasterised and not splat_gsplat.there("cpu")


def test_surfels_of_an_orthographic_camera_go_to_the_reference_even_there():
    cloud, seen_by = cloud_of(some(3, True)), Camera.orthographic(0)
    one, other = (way(cloud, seen_by, 16).rgb for way in (splat_gsplat.rasterised, rasterised))
    assert torch.equal(one, other)
