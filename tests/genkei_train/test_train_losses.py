"""Losses vanish at the truth, and look only where the drawing is."""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs the extra: pip install 'genkei[train]'")

from genkei_train.feed import stack, truth  # noqa: E402
from genkei_train.losses import (  # noqa: E402
    Points,
    alpha_loss,
    heat_target,
    inputs,
    joint_losses,
    losses,
    occupancy_bits,
    point_losses,
    silhouette,
)
from genkei_train.unet import Architecture  # noqa: E402
from tests.genkei_train.shapes import labelled  # noqa: E402


def batch(net: str = "solid", count: int = 2) -> dict:
    stacked = stack([truth(labelled(seed), net) for seed in range(count)])
    return {name: torch.from_numpy(value) for name, value in stacked.items()}


def small(net: str = "solid"):
    torch.manual_seed(0)
    return Architecture(net, 8).build()


def test_occupancy_bits_are_numpys():
    packed = np.random.default_rng(0).integers(0, 256, (5, 10), np.uint8)
    np.testing.assert_array_equal(occupancy_bits(torch.from_numpy(packed)), np.unpackbits(packed, -1))


def test_points_and_dense_maps_are_one():
    net, pictures = small().eval(), inputs(small(), batch())
    with torch.no_grad():
        dense, features = net(*pictures), net.trunk(*pictures)
        points = Points(torch.tensor([0, 700, 2047]))
        flat = net.points(features.permute(0, 2, 3, 1).flatten(0, 2)[points.index])
    for name in ("occupancy", "depth", "normals_back"):
        torch.testing.assert_close(points.of(dense[name].permute(0, 2, 3, 1)), flat[name])
    for name in ("parts", "normals", "lines"):
        torch.testing.assert_close(
            points.of_full(dense[name].permute(0, 2, 3, 1)), flat[name].transpose(1, 2)
        )


def true_points(data: dict, points: Points) -> dict:
    """Head outputs that say the truth at the points."""
    parts, back = points.of_full(data["parts"]).long(), points.of(data["parts_back"]).long()
    behind = torch.nn.functional.avg_pool2d(data["behind"].permute(0, 3, 1, 2).float() / 255, 2)
    unit = torch.nn.functional.normalize
    return {
        "occupancy": occupancy_bits(points.of(data["occupancy"])) * 100 - 50,
        "parts": 60.0 * torch.nn.functional.one_hot(parts.clamp(min=0), 6).transpose(1, 2),
        "parts_back": 60.0 * torch.nn.functional.one_hot(back.clamp(min=0), 6),
        "normals": unit(points.of_full(data["normals"]).float(), dim=-1).transpose(1, 2),
        "normals_back": unit(points.of(data["normals_back"]).float(), dim=-1),
        "depth": points.of(data["depth"].permute(0, 2, 3, 1)).float(),
        "canonical": points.of(data["canonical"]).float() / 127,
        "colour_back": points.of(behind.permute(0, 2, 3, 1))[:, :3],
        "lines": (points.of_full(data["lines"]).float() / 255 * 100 - 50).unsqueeze(1),
    }


def test_losses_vanish_at_the_truth_and_nowhere_else():
    data = batch()
    points = silhouette(data["mask"])
    exact = point_losses(true_points(data, points), data, points)
    assert {name: float(v) for name, v in exact.items()} == pytest.approx(dict.fromkeys(exact, 0), abs=1e-4)
    for name in true_points(data, points):
        wrong = true_points(data, points)
        wrong[name] = -wrong[name] + 0.3
        assert float(point_losses(wrong, data, points)[name]) > 0.01, name


def test_joint_losses_vanish_at_the_truth_and_ignore_the_unseen():
    joints = batch()["joints"]
    heat = heat_target(joints, 32).clamp(min=1e-30).log().unflatten(-1, (32, 32))
    right = joint_losses({"joints": heat, "joint_z": joints[..., 2]}, joints)
    assert float(right["joints"]) == pytest.approx(0, abs=1e-4)
    assert float(right["joint_z"]) == 0
    heat, z = heat.clone(), joints[..., 2].clone()
    heat[:, 3], z[:, 3] = 0, 9
    unseen = joint_losses({"joints": heat, "joint_z": z}, joints)
    assert float(unseen["joints"]) == pytest.approx(0, abs=1e-4)
    assert float(unseen["joint_z"]) == 0


def test_alpha_loss_vanishes_at_the_truth():
    alpha = (torch.rand(40, 4) > 0.5).float()
    assert float(alpha_loss(alpha * 100 - 50, alpha)) == pytest.approx(0, abs=1e-4)
    soft = torch.full((40, 4), 0.3)
    assert float(alpha_loss(torch.logit(soft), soft)) == pytest.approx(0, abs=1e-3)


def test_what_lies_outside_the_drawing_does_not_matter():
    data, net = batch(), small()
    before = losses(net, data)["total"]
    outside = ~torch.nn.functional.max_pool2d((data["mask"] > 127).float(), 2).bool()
    data["occupancy"][outside] = 255
    data["canonical"][outside] = 99
    torch.testing.assert_close(losses(net, data)["total"], before)


def test_a_withheld_back_is_black():
    data, net = batch(), small()
    data["given"][:] = 0
    picture, behind = inputs(net, data)
    assert behind.abs().max() == 0
    assert picture.shape == (2, 4, 64, 64)
    assert (picture[:, :3] <= picture[:, 3:] + 1e-6).all()


@pytest.mark.parametrize("net", ["solid", "matte"])
def test_a_batch_is_its_samples(net):
    model = small(net).eval()
    pictures = [torch.rand(3, c, 64, 64) for c in model.net.inputs.values()]
    with torch.no_grad():
        whole = model(*pictures)
        single = model(*(p[1:2] for p in pictures))
    for name, value in single.items():
        torch.testing.assert_close(whole[name][1:2], value, rtol=1e-4, atol=1e-5)


def test_an_unknown_net_is_refused():
    with pytest.raises(ValueError, match="no net is called 'voxel'; there are solid, matte"):
        Architecture("voxel", 8).build()
