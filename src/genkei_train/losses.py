"""What the nets are asked for: one number a head, read inside the silhouette only."""

from dataclasses import dataclass

import torch  # pyright: ignore[reportMissingImports]
from torch import Tensor  # pyright: ignore[reportMissingImports]
from torch.nn import functional as F  # pyright: ignore[reportMissingImports]

from genkei.shape.decode import BINS
from genkei_train.unet import UNet

WEIGHTS = {
    "occupancy": 10.0, "thickness": 3.0, "depth": 5.0, "normals": 1.0, "normals_back": 0.5, "parts": 1.0,
    "parts_back": 0.5, "joints": 0.4, "joint_z": 2.0, "canonical": 1.0, "colour_back": 0.5, "lines": 0.2,
    "alpha": 1.0,
}  # fmt: skip
"""Geometry dominates: at the start of training occupancy, thickness and depth are two thirds of the sum."""
PART_WEIGHTS = (0.7, 1.2, 2.0, 0.7, 2.0, 1.5)
"""Of a pixel of each part: near the inverse root of how often it occurs: hair and cloth cover four fifths."""
SPREAD_PX = 1.5
"""Standard deviation of a joint's target in the heat map, at half resolution."""
DEPTH_KNEE = 0.02
"""Crop units; depth errors below it count squared, so that noise in the truth does not rule."""


@dataclass(frozen=True)
class Points:
    """The pixels at half resolution whose heads are read: indices into the flattened [b, h, h]."""

    index: Tensor

    def of(self, half: Tensor) -> Tensor:
        """[b, h, h, ...] -> [n, ...]."""
        return half.flatten(0, 2)[self.index]

    def of_full(self, full: Tensor) -> Tensor:
        """[b, s, s, ...] -> [n, 4, ...], the four quarters row by row, as `UNet.points` answers."""
        b, s, _, *rest = full.shape
        cells = full.reshape(b, s // 2, 2, s // 2, 2, *rest).transpose(2, 3)
        return cells.reshape(-1, 4, *rest)[self.index]


def inputs(net: UNet, batch: dict[str, Tensor]) -> list[Tensor]:
    """The net's pictures [b, c, s, s], 0..1, colours multiplied by alpha; `behind` where it is given."""
    found = []
    for name in net.net.inputs:
        picture = batch[name].permute(0, 3, 1, 2).float() / 255
        if picture.shape[1] == 4:
            picture = torch.cat([picture[:, :3] * picture[:, 3:], picture[:, 3:]], 1)
        if name == "behind":
            picture = picture * batch["given"].reshape(-1, 1, 1, 1)
        found.append(picture.contiguous())
    return found


NOWHERE = -5.0
"""Depths below it stand for nothing there."""


def losses(net: UNet, batch: dict[str, Tensor]) -> dict[str, Tensor]:
    """Every head's loss, unweighted scalars by name; `total` sums them by WEIGHTS."""
    features = net.trunk(*inputs(net, batch))
    flat = features.permute(0, 2, 3, 1).flatten(0, 2)
    if "alpha" in net.net.heads:
        truth = batch["mask"].float() / 255
        every = Points(torch.arange(len(flat), device=flat.device))
        found = {"alpha": alpha_loss(net.points(flat)["alpha"].squeeze(1), every.of_full(truth))}
    else:
        points = silhouette(batch["mask"])
        found = point_losses(net.points(flat[points.index]), batch, points)
        found |= joint_losses(net.joints(features), batch["joints"])
    found["total"] = torch.stack([WEIGHTS[name] * value for name, value in found.items()]).sum()
    return found


def silhouette(mask: Tensor) -> Points:
    """Half-resolution pixels of which a quarter or more is drawn; mask [b, s, s], 0..255."""
    drawn = F.avg_pool2d((mask > 127).float(), 2) >= 0.25
    return Points(drawn.flatten().nonzero().squeeze(1))


def point_losses(found: dict[str, Tensor], batch: dict[str, Tensor], points: Points) -> dict[str, Tensor]:
    """Heads of the solid net against the truth at `points`; 0 where a head says the truth."""
    bits = occupancy_bits(points.of(batch["occupancy"]))
    parts, parts_back = points.of_full(batch["parts"]).long(), points.of(batch["parts_back"]).long()
    true_depth = points.of(batch["depth"].permute(0, 2, 3, 1)).float()
    seen = (true_depth > NOWHERE).all(1).float()
    normals, normals_back = points.of_full(batch["normals"]), points.of(batch["normals_back"])
    off = (found["depth"] - true_depth).abs()
    depth = torch.where(off < DEPTH_KNEE, off**2 / (2 * DEPTH_KNEE), off - DEPTH_KNEE / 2)
    canonical = (found["canonical"] - points.of(batch["canonical"]).float() / 127).abs()
    lines = points.of_full(batch["lines"]).float() / 255
    behind = F.avg_pool2d(batch["behind"].permute(0, 3, 1, 2).float() / 255, 2)
    colour = points.of(behind.permute(0, 2, 3, 1))
    covered = (colour[:, 3] > 0.95).float() * seen
    return {
        "occupancy": F.binary_cross_entropy_with_logits(found["occupancy"], bits),
        "thickness": (found["occupancy"].sigmoid().sum(1) - bits.sum(1)).abs().mean() / BINS,
        "depth": mean_over(depth, seen),
        "normals": normal_loss(found["normals"].transpose(1, 2), normals),
        "normals_back": normal_loss(found["normals_back"], normals_back),
        "parts": part_loss(found["parts"], parts),
        "parts_back": part_loss(found["parts_back"], parts_back),
        "canonical": mean_over(canonical, seen),
        "colour_back": mean_over((found["colour_back"] - colour[:, :3]).abs(), covered),
        "lines": F.binary_cross_entropy_with_logits(found["lines"].squeeze(1), lines),
    }  # fmt: skip


def occupancy_bits(packed: Tensor) -> Tensor:
    """Bytes [n, 10] of np.packbits -> 0/1 floats [n, 80]."""
    shifts = torch.arange(7, -1, -1, device=packed.device, dtype=torch.uint8)
    return ((packed[..., None] >> shifts) & 1).flatten(-2).float()


def part_loss(logits: Tensor, parts: Tensor) -> Tensor:
    """Weighted cross entropy of [n, c, ...] over the pixels that show a part; -1 shows none."""
    weight = torch.tensor(PART_WEIGHTS, device=logits.device)
    every = F.cross_entropy(logits, parts, weight, ignore_index=-1, reduction="sum")
    return every / (weight[parts.clamp(min=0)] * (parts >= 0)).sum().clamp(min=1e-6)


def mean_over(value: Tensor, weight: Tensor) -> Tensor:
    """Mean of [n, c] over the rows weighted by [n]; 0 if none counts."""
    return (value.mean(-1) * weight).sum() / weight.sum().clamp(min=1)


def normal_loss(found: Tensor, truth: Tensor) -> Tensor:
    """1 - cosine plus half the mean L1, of unit vectors [..., 3] against signed bytes; 0 is unknown."""
    weight = (truth != 0).any(-1).float()
    unit = F.normalize(truth.float(), dim=-1, eps=1e-3)
    each = 1 - (found * unit).sum(-1) + 0.5 * (found - unit).abs().mean(-1)
    return (each * weight).sum() / weight.sum().clamp(min=1)


def joint_losses(found: dict[str, Tensor], joints: Tensor) -> dict[str, Tensor]:
    """Heat maps [b, j, h, h] and depths [b, j] against joints [b, j, 4] in pixels of the full square."""
    visible = joints[..., 3]
    target = heat_target(joints, found["joints"].shape[-1])
    log_share = found["joints"].float().flatten(2).log_softmax(-1)
    surprise = (torch.special.xlogy(target, target) - target * log_share).sum(-1)
    off = (found["joint_z"] - joints[..., 2]).abs()
    count = visible.sum().clamp(min=1)
    return {"joints": (surprise * visible).sum() / count, "joint_z": (off * visible).sum() / count}


def heat_target(joints: Tensor, side: int) -> Tensor:
    """Gaussians [b, j, side * side] round the joints, each summing to 1."""
    centre = torch.arange(side, device=joints.device, dtype=torch.float32) + 0.5
    x, y = joints[..., 0:1] / 2, joints[..., 1:2] / 2
    across = -((centre - x) ** 2) / (2 * SPREAD_PX**2)
    down = -((centre - y) ** 2) / (2 * SPREAD_PX**2)
    return (down[..., :, None] + across[..., None, :]).flatten(2).softmax(-1)


def alpha_loss(logits: Tensor, alpha: Tensor) -> Tensor:
    """Cross entropy against soft alpha, less its own entropy, plus the overlap's shortfall (dice)."""
    entropy = -(torch.special.xlogy(alpha, alpha) + torch.special.xlogy(1 - alpha, 1 - alpha)).mean()
    share = logits.sigmoid()
    dice = 1 - (2 * torch.minimum(share, alpha).sum() + 1) / (share.sum() + alpha.sum() + 1)
    return F.binary_cross_entropy_with_logits(logits, alpha) - entropy + 0.5 * dice
