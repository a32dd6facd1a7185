"""The slab fit's adjoint against finite differences and against torch; what the fit promises."""

import numpy as np
import pytest

from genkei.shape.slab import Frame, Pull, fitted, seen_as, sight
from genkei.shape.slab_kernels import gather, march, regular, scatter
from genkei.types import Camera, View

FRAME = Frame((9, 11, 11), -0.5, 0.1, -0.5, 0.1)


def ball(radius: float, centre: tuple[float, float, float] = (0.0, 0.5, 0.0)) -> np.ndarray:
    """Distance in cells on FRAME."""
    y, x, z = np.meshgrid(
        *(low + FRAME.step * np.arange(n) for low, n in zip((0.1, -0.5, -0.5), FRAME.shape, strict=True)),
        indexing="ij",
    )
    away = np.sqrt((x - centre[0]) ** 2 + (y - centre[1]) ** 2 + (z - centre[2]) ** 2)
    return ((away - radius) / FRAME.step).astype(np.float32)


def disk(azimuth: float, radius: float = 0.25, centre: float = 0.0, size: int = 120) -> View:
    """A round picture, `centre` right of the axis, at height 0.5."""
    at = (np.arange(size) + 0.5) / size * 1.2 - 0.6
    inside = np.hypot(at[None] - centre, at[:, None]) < radius
    return View(np.repeat(inside[..., None], 4, 2).astype(np.float32), Camera.orthographic(azimuth))


def terms(azimuth: float, seed: int = 0) -> tuple[np.ndarray, ...]:
    """Field, lattice and random targets in double precision."""
    rng = np.random.default_rng(seed)
    one = sight(disk(azimuth), FRAME)
    field = ball(0.27).astype(np.float64) + 0.2 * rng.standard_normal(FRAME.shape)
    slab = (FRAME.shape[0], *one.place.shape[:2])
    mask, weight, priced, sure = (rng.random(slab[:2]) for _ in range(4))
    normals = rng.standard_normal((*slab[:2], 3))
    normals /= np.linalg.norm(normals, axis=-1, keepdims=True)
    return (
        field,
        one.place,
        one.share.astype(np.float64),
        mask,
        weight,
        rng.random(slab),
        priced,
        normals,
        sure,
    )


def value(
    field: np.ndarray, place, share, mask, weight, cost, priced, normals, sure
) -> tuple[float, np.ndarray]:
    slab = np.empty((field.shape[0], *place.shape[:2]))
    gather(field, place, share, slab)
    slope, out = np.zeros_like(slab), np.zeros_like(field)
    total, _ = march(slab, 1.3, (mask, weight, cost, priced, normals, sure), slope)
    scatter(slope, place, share, out)
    return total, out


@pytest.mark.parametrize("azimuth", [0.0, 90.0, 37.0])
def test_a_views_derivative_is_that_of_finite_differences(azimuth):
    field, *rest = terms(azimuth)
    _, slope = value(field, *rest)
    rng = np.random.default_rng(1)
    for _ in range(4):
        way = rng.standard_normal(field.shape)
        ahead, behind = value(field + 1e-5 * way, *rest)[0], value(field - 1e-5 * way, *rest)[0]
        assert (ahead - behind) / 2e-5 == pytest.approx(float((slope * way).sum()), rel=2e-3, abs=1e-4)


def test_the_fields_own_derivative_is_that_of_finite_differences():
    rng = np.random.default_rng(2)
    field = ball(0.27).astype(np.float64) + 0.1 * rng.standard_normal(FRAME.shape)
    start, keep = ball(0.25).astype(np.float64), rng.random(FRAME.shape)

    def total(at: np.ndarray) -> tuple[float, np.ndarray]:
        slope = np.zeros_like(at)
        return regular(at, start, 1e9, 0.3, 0.2, keep, slope), slope

    _, slope = total(field)
    way = rng.standard_normal(field.shape)
    ahead, behind = total(field + 1e-5 * way)[0], total(field - 1e-5 * way)[0]
    assert (ahead - behind) / 2e-5 == pytest.approx(float((slope * way).sum()), rel=1e-6)


@pytest.mark.parametrize("azimuth", [0.0, 37.0])
def test_a_views_derivative_is_that_of_torch(azimuth):
    """The same loss written again with torch, which derives it by itself."""
    torch = pytest.importorskip("torch")
    field, place, share, mask, weight, cost, priced, normals, sure = terms(azimuth, seed=3)
    total, slope = value(field, place, share, mask, weight, cost, priced, normals, sure)
    known = torch.tensor(field, requires_grad=True)
    cells = known.reshape(len(field), -1)[:, torch.tensor(place.astype(np.int64))]
    slab = (cells * torch.tensor(share)).sum(-1)
    p = torch.sigmoid(1.3 * slab)
    alpha = ((p[..., :-1] - p[..., 1:]) / (p[..., :-1] + 1e-5)).clamp_min(0)
    open_way = torch.cumprod(1 - alpha, -1)
    w = alpha * torch.cat([torch.ones_like(open_way[..., :1]), open_way[..., :-1]], -1)
    miss = w.sum(-1) - torch.tensor(mask)
    edge = torch.nn.functional.pad
    right = (
        edge(slab, (0, 0, 0, 1), mode="replicate")[:, 1:] - edge(slab, (0, 0, 1, 0), mode="replicate")[:, :-1]
    )
    tall = edge(slab.permute(1, 2, 0), (1, 1), mode="replicate").permute(2, 0, 1)
    up = tall[2:] - tall[:-2]
    grad = torch.stack(
        [
            0.25 * (right[..., :-1] + right[..., 1:]),
            0.25 * (up[..., :-1] + up[..., 1:]),
            slab[..., :-1] - slab[..., 1:],
        ],
        -1,
    )
    off = ((grad - torch.tensor(normals)[:, :, None]) ** 2).sum(-1) / 2 * torch.tensor(sure)[..., None]
    price = torch.tensor(cost * priced[..., None])[..., :-1] + torch.where(
        w > 1e-3, off, torch.zeros_like(off)
    )
    twin = (torch.tensor(weight) * ((miss**2 + 0.01).sqrt() - 0.1)).sum() + (w * price).sum()
    twin.backward()
    assert total == pytest.approx(float(twin.detach()), rel=1e-9)
    assert np.allclose(slope, known.grad.numpy(), rtol=1e-6, atol=1e-8)


def test_scatter_is_the_transpose_of_gather():
    rng = np.random.default_rng(4)
    one = sight(disk(37.0), FRAME)
    field, slab = rng.random(FRAME.shape), rng.random((FRAME.shape[0], *one.place.shape[:2]))
    share, gathered, scattered = one.share.astype(np.float64), np.empty_like(slab), np.zeros_like(field)
    gather(field, one.place, share, gathered)
    scatter(slab, one.place, share, scattered)
    assert float((gathered * slab).sum()) == pytest.approx(float((field * scattered).sum()), rel=1e-12)


def test_a_quarter_turn_is_exact():
    """Rays along an axis are the grid's own lines, nothing is blurred."""
    field = ball(0.25, (0.1, 0.5, -0.2)).astype(np.float64)
    for azimuth, wanted in (
        (0, field[:, :, ::-1]),
        (180, field[:, ::-1, :]),
        (90, field.transpose(0, 2, 1)[:, ::-1, ::-1]),
    ):
        one = sight(disk(azimuth), FRAME)
        slab = np.empty((FRAME.shape[0], *one.place.shape[:2]))
        gather(field, one.place, one.share.astype(np.float64), slab)
        assert np.array_equal(slab, wanted) and np.array_equal(seen_as(field, one), wanted)


def test_a_ball_that_is_too_small_grows_into_its_pictures():
    sights = [sight(disk(azimuth), FRAME) for azimuth in (0.0, 45.0, 90.0, 180.0)]
    small = ball(0.19)
    found = fitted(small, sights, np.zeros(FRAME.shape, np.float32), Pull(rounds=150, rate=0.05))
    wanted = (ball(0.25) < 0).sum()
    assert (small < 0).sum() < 0.6 * wanted
    assert (found < 0).sum() == pytest.approx(wanted, rel=0.12)
