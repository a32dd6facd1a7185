"""NeuS: the weights' laws, derivatives by finite differences, solids found again from few masks."""

import numpy as np
import pytest

from genkei.geometry.field import Grid
from genkei.geometry.mesh import volume
from genkei.shape import Neus
from genkei.shape.neus_fit import Pace, Terms, lattice_of, loss, on, scene_of
from genkei.shape.neus_render import Lattice, distance, finer, sampled, weights
from genkei.types import Camera
from tests.shape.test_posed import CAMERAS, MIDDLE, RADIUS, disk

torch = pytest.importorskip("torch")


def test_weights_are_the_papers_formula():
    f = torch.from_numpy(np.random.default_rng(0).normal(size=(5, 12)))
    phi = 1 / (1 + torch.exp(-7.0 * f))
    alpha = ((phi[:, :-1] - phi[:, 1:]) / phi[:, :-1]).clamp(min=0)
    wanted = torch.zeros_like(alpha)
    for ray in range(5):
        passed = 1.0
        for k in range(11):
            wanted[ray, k] = passed * alpha[ray, k]
            passed = passed * (1 - alpha[ray, k])
    assert torch.allclose(weights(f, 7.0), wanted, atol=1e-12)


@pytest.mark.parametrize("s", [20.0, 200.0, 5000.0])
@pytest.mark.parametrize("cosine", [1.0, 0.4, 0.1])
def test_on_a_plane_weights_sum_to_one_and_peak_on_it_however_sharp_and_steep(s, cosine):
    """The paper's unbiasedness: a density of the field itself would peak before the surface."""
    t = torch.linspace(0, 4, 4001, dtype=torch.float64)[None]
    w = weights(cosine * (1.7 - t) + 0.0, s)
    assert w.sum() == pytest.approx(1.0 if s * cosine > 6 else 0.96, abs=0.04)
    peak = t[0, w.argmax()]
    assert abs(float(peak) - 1.7) <= 0.5 / (s * cosine) + 1e-3


def test_of_two_planes_the_nearer_is_seen():
    t = torch.linspace(0, 3, 601, dtype=torch.float64)[None]
    f = torch.minimum((t - 1.2).abs(), (t - 2.2).abs()) - 0.2  # two walls, 0.4 thick
    w = weights(f, 300.0)
    assert w[t[:, :-1] < 1.5].sum() == pytest.approx(1, abs=1e-3)
    assert float(w[0].argmax()) * 3 / 600 == pytest.approx(1.0, abs=0.02)


def test_away_from_the_surface_nothing_is_seen():
    assert weights(torch.full((2, 9), 0.3), 500.0).abs().max() < 1e-6


def test_nothing_overflows_deep_inside():
    w = weights(torch.tensor([[-5.0, -6.0, -3.0, 4.0]], dtype=torch.float64), 1e4)
    assert torch.isfinite(w).all() and (w >= 0).all()


def test_interpolation_is_the_double_loop_and_its_gradient_the_difference():
    lattice = Lattice((3, 4, 5), (0.1, -0.2, 0.3), 0.5)
    chance = np.random.default_rng(1)
    values = torch.from_numpy(chance.normal(size=60))
    points = torch.from_numpy(chance.uniform(0, 1, (20, 3)) * [0.9, 1.4, 1.9] + [0.12, -0.18, 0.32])
    f, slope = distance(values, points, lattice)
    cube = values.reshape(3, 4, 5).numpy()
    for n, point in enumerate(points.numpy()):
        cell = (point - [0.1, -0.2, 0.3]) / 0.5
        low = np.floor(cell).astype(int)
        total = 0.0
        for corner in np.ndindex(2, 2, 2):
            share = np.where(corner, cell - low, 1 - cell + low).prod()
            total += share * cube[tuple(low + corner)]
        assert float(f[n]) == pytest.approx(total, abs=1e-9)
    for axis in range(3):
        step = 1e-6 * torch.eye(3, dtype=torch.float64)[axis]
        change = distance(values, points + step, lattice)[0] - distance(values, points - step, lattice)[0]
        assert torch.allclose(change / 2e-6, slope[:, axis], atol=1e-6)
    assert torch.allclose(sampled(values[:, None], points, lattice)[:, 0], f)


def test_finer_places_gather_at_the_weight_and_stay_in_order():
    t = torch.linspace(0, 1, 11)[None].repeat(2, 1)
    w = torch.zeros(2, 10)
    w[0, 3], w[1, 7] = 1, 1
    found = finer(t, w, 20)
    assert found.shape == (2, 31) and (found.diff(dim=1) >= 0).all()
    assert ((found[0] >= 0.3) & (found[0] <= 0.4)).sum() >= 20
    assert ((found[1] >= 0.7) & (found[1] <= 0.8)).sum() >= 20


def tiny_scene():
    chance = np.random.default_rng(2)
    grid = Grid(chance.normal(0, 0.1, (4, 5, 4)).astype(np.float32), np.zeros(3, np.float32), 0.25)
    return scene_of(grid, lattice_of(grid), 0, "cpu")


def test_the_losses_derivatives_are_finite_differences():
    scene = tiny_scene()
    doubles = [part.detach().double().requires_grad_() for part in scene.learned]
    scene = type(scene)(scene.lattice, doubles[0], scene.paint, doubles[1], tuple(doubles[2:-1]), doubles[-1])
    chance = np.random.default_rng(3)
    start = torch.from_numpy(chance.uniform(0.1, 0.6, (6, 3)) * [1, 1, 0])
    way = torch.tensor([[0.0, 0.0, 1.0]], dtype=torch.float64).repeat(6, 1)
    t = torch.linspace(0.01, 0.72, 9, dtype=torch.float64)[None].repeat(6, 1)
    truth = torch.from_numpy(chance.uniform(0.1, 0.9, (6, 5)))

    def total():
        return loss(scene, start, way, t, truth, Terms())

    total().backward()
    for part in scene.learned:
        assert part.grad is not None
        flat = part.detach().view(-1)
        worst = int(part.grad.view(-1).abs().argmax())
        before, step = float(flat[worst]), 1e-6
        ends = []
        for value in (before + step, before - step):
            flat[worst] = value
            ends.append(float(total().detach()))
        flat[worst] = before
        wanted = (ends[0] - ends[1]) / (2 * step)
        assert float(part.grad.view(-1)[worst]) == pytest.approx(wanted, rel=1e-3, abs=1e-7)


def test_what_was_learned_goes_on_on_a_finer_grid():
    scene = tiny_scene()
    grid = Grid(np.zeros((7, 9, 7), np.float32), np.zeros(3, np.float32), 0.125)
    fine = on(grid, scene, "cpu")
    assert fine.lattice == lattice_of(grid) and fine.paint == scene.paint
    assert torch.equal(fine.features, scene.features) and fine.features is not scene.features
    assert fine.log_s > scene.log_s  # never softer than the finer cells


@pytest.mark.parametrize(
    ("begin", "rounds", "within"), [("hull", 20, 0.06), ("ball", 60, 0.08)], ids=["hull", "ball"]
)
def test_a_sphere_is_found_again_from_four_masks(begin, rounds, within):
    """Volume and centre, cameras of both kinds; from the hull, which is too large, and from a ball."""
    views = tuple(disk(camera) for camera in CAMERAS)
    mesh = Neus(resolution=32, paces=(Pace(rounds, rays=256),), size_px=64, begin=begin)(views)
    assert volume(mesh) == pytest.approx(4 / 3 * np.pi * RADIUS**3, rel=within + 0.05)
    middle = (mesh.vertices.max(0) + mesh.vertices.min(0)) / 2
    assert np.abs(middle - MIDDLE).max() < within / 2
    away = np.linalg.norm(mesh.vertices - MIDDLE, axis=1)
    assert np.abs(away - RADIUS).mean() < 0.03


def test_the_same_seed_gives_the_same_field_and_colours_are_learned():
    views = tuple(disk(Camera.orthographic(azimuth), 32) for azimuth in (0, 90))
    way = Neus(resolution=16, paces=(Pace(3, rays=64),), size_px=32)
    one, other = (way.field(views).values for _ in range(2))
    assert np.array_equal(one, other)
