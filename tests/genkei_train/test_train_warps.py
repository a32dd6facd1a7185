"""A warped sample is a sample: its normals are those of its depth, its joints sit where they sat."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from genkei_train.feed import truth
from genkei_train.warps import warped
from tests.genkei_train.shapes import labelled

SIDE = 128


def hill() -> dict[str, np.ndarray]:
    """A smooth surface over the whole square, with its true normals, and one joint on a painted dot."""
    sample = truth(labelled(3, SIDE), "solid")
    x, y = (np.arange(SIDE) + 0.5) / SIDE - 0.5, 0.5 - (np.arange(SIDE) + 0.5) / SIDE
    slope = np.broadcast_arrays(0.6 * np.cos(6 * x)[None], -0.4 * np.cos(5 * y)[:, None])
    normal = np.stack([-slope[0], -slope[1], np.ones((SIDE, SIDE))], -1)
    normal /= np.linalg.norm(normal, axis=-1, keepdims=True)
    height = (0.1 * np.sin(6 * x)[None] - 0.08 * np.sin(5 * y)[:, None]).astype(np.float32)
    coarse = height.reshape(SIDE // 2, 2, SIDE // 2, 2).mean((1, 3))
    sample["normals"] = np.round(127 * normal).astype(np.int8)
    sample["depth"] = np.stack([coarse, coarse])
    sample["picture"] = np.zeros((SIDE, SIDE, 4), np.uint8)
    sample["picture"][70:73, 40:43] = 255
    sample["joints"] = np.tile(np.float32([41.5, 71.5, 0, 1]), (17, 1))
    return sample


@pytest.mark.parametrize("seed", range(4))
def test_normals_are_those_of_the_warped_depth(seed):
    found = warped(hill(), 1.0, np.random.default_rng(seed))
    # depths come from the nearest pixel: smoothed before they are derived
    down, across = np.gradient(gaussian_filter(found["depth"][0].astype(float), 2), 2 / SIDE)
    expected = np.stack([-across, down, np.ones_like(down)], -1)
    expected /= np.linalg.norm(expected, axis=-1, keepdims=True)
    given = found["normals"].reshape(SIDE // 2, 2, SIDE // 2, 2, 3).astype(float).mean((1, 3))
    given /= np.linalg.norm(given, axis=-1, keepdims=True)
    inner = np.s_[10:-10, 10:-10]
    off = np.degrees(np.arccos(np.clip((given * expected).sum(-1)[inner], -1, 1)))
    flat = np.degrees(np.arccos(np.clip(hill()["normals"][::2, ::2][inner] / 127 * expected[inner], -1, 1)))
    assert np.median(off) < 0.6 * np.median(flat)
    assert np.median(off) < 2.5


@pytest.mark.parametrize("seed", range(4))
def test_a_joint_stays_on_what_it_is_in(seed):
    found = warped(hill(), 1.0, np.random.default_rng(seed))
    rows, columns = np.nonzero(found["picture"][..., 3] > 127)
    x, y = found["joints"][0, :2]
    assert np.hypot(columns.mean() + 0.5 - x, rows.mean() + 0.5 - y) < 1
    assert np.hypot(x - 41.5, y - 71.5) > 0.2


def test_rays_move_whole_and_nothing_else_is_said():
    sample = truth(labelled(5, SIDE), "solid")
    found = warped(sample, 1.0, np.random.default_rng(0))
    assert {n: (v.dtype, v.shape) for n, v in found.items()} == {
        n: (v.dtype, v.shape) for n, v in sample.items()
    }
    rays = {ray.tobytes() for ray in sample["occupancy"].reshape(-1, 10)}
    assert {ray.tobytes() for ray in found["occupancy"].reshape(-1, 10)} <= rays
    assert set(np.unique(found["parts"])) <= set(np.unique(sample["parts"]))
    assert not np.array_equal(found["occupancy"], sample["occupancy"])


def test_no_warp_is_the_sample():
    sample = truth(labelled(5, SIDE), "solid")
    found = warped(sample, 0.0, np.random.default_rng(0))
    for name in set(sample) - {"normals", "normals_back"}:
        np.testing.assert_array_equal(found[name], sample[name])


def test_a_figure_is_not_pushed_over_the_border():
    sample = truth(labelled(3, SIDE), "solid")
    sample["mask"] = np.zeros((SIDE, SIDE), np.uint8)
    sample["mask"][1:-1, 50:80] = 255
    for seed in range(6):
        found = warped(sample, 1.0, np.random.default_rng(seed))["mask"]
        assert not (found[[0, -1]] > 127).any() and not (found[:, [0, -1]] > 127).any()
