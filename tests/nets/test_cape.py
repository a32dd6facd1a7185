"""CaPE's one law: what all cameras do together changes nothing."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from genkei.nets.cape import orbit_phases, posed, posed_attention  # noqa: E402


def motion(seed: int, count: int = 1) -> torch.Tensor:
    """Random rigid motions [1, count, 4, 4]."""
    from scipy.spatial.transform import Rotation

    rng = np.random.default_rng(seed)
    matrix = np.tile(np.eye(4), (1, count, 1, 1))
    matrix[0, :, :3, :3] = Rotation.random(count, rng=rng).as_matrix()
    matrix[0, :, :3, 3] = rng.standard_normal((count, 3))
    return torch.from_numpy(matrix)


def tokens(seed: int, views: int, each: int = 5, width: int = 16) -> torch.Tensor:
    return torch.from_numpy(np.random.default_rng(seed).standard_normal((1, views * each, width)))


def test_moving_every_camera_alike_changes_nothing():
    q, k, v = tokens(1, 3), tokens(2, 2), tokens(3, 2)
    here, there, move = motion(4, 3), motion(5, 2), motion(6)
    one = posed_attention(q, k, v, (here, there), 2)
    other = posed_attention(q, k, v, (here @ move, there @ move), 2)
    assert (one - other).abs().max() < 1e-9


def test_moving_one_camera_changes_something():
    q, k, v = tokens(1, 3), tokens(2, 2), tokens(3, 2)
    here, there = motion(4, 3), motion(5, 2)
    moved = there.clone()
    moved[:, 1] = motion(7)[:, 0]
    change = posed_attention(q, k, v, (here, there), 2) - posed_attention(q, k, v, (here, moved), 2)
    assert change.abs().max() > 1e-3


def test_a_product_holds_the_relative_pose_alone():
    """(q P^-T)(k P')^T = q (P' P^-1)^T k^T, summed over groups of four channels."""
    q, k, here, there = tokens(8, 1, 1), tokens(9, 1, 1), motion(10), motion(11)
    found = (posed(q, here.inverse().transpose(-1, -2)) @ posed(k, there).transpose(-1, -2)).item()
    relative = here[0, 0].inverse().T @ there[0, 0].T
    expected = sum((q[0, 0, g : g + 4] @ relative @ k[0, 0, g : g + 4]).item() for g in range(0, 16, 4))
    assert found == pytest.approx(expected, rel=1e-9)


def test_turning_the_whole_orbit_changes_no_product():
    q, k = tokens(12, 3), tokens(13, 2)
    here = torch.from_numpy(np.random.default_rng(14).uniform(0, 3, (1, 3, 4)))
    there = torch.from_numpy(np.random.default_rng(15).uniform(0, 3, (1, 2, 4)))
    move = torch.tensor([0.3, 1.2, -0.4, 0.0], dtype=torch.float64)
    one = orbit_phases(q, here) @ orbit_phases(k, there).transpose(-1, -2)
    other = orbit_phases(q, here + move) @ orbit_phases(k, there + move).transpose(-1, -2)
    assert (one - other).abs().max() < 1e-9
    assert torch.allclose(orbit_phases(q, here * 0), q)
