"""The reference rasteriser of splats: plain torch, any device, any camera, differentiable.

3-D splats are projected by EWA (Zwicker et al. 2001, as Kerbl et al. 2023): the covariance through the
projection's derivative at the centre, 0.3 square pixels wider. Surfels are met by the pixel's ray itself
(Huang et al. 2024, arXiv 2403.17888), at least as wide as a pixel. Both are blended by their centres' depth.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from genkei.geometry.gaussians import SH0, SH1, Gaussians
from genkei.types import Camera

if TYPE_CHECKING:
    from torch import Tensor

TILE = 16
"""Pixels: splats are sorted out by squares of this side."""
LEAST, MOST = 1 / 255, 0.99
"""A splat's opacity at a pixel: fainter is nothing, and none covers all."""
WIDER = 0.3
"""Square pixels added to a projected covariance: no splat is thinner than a pixel."""
REACH = 3.33
"""Standard deviations at which the most opaque splat falls below LEAST."""
FAR = 20.0
"""Squared standard deviations beyond which exponentials are not wanted: numbers too small are slow."""


@dataclass(frozen=True)
class Cloud:
    """Splats as they are learned."""

    places: "Tensor"
    log_scales: "Tensor"
    """[n, 3]; surfels do not ask the third."""
    turns: "Tensor"
    """[n, 4], of any length."""
    logits: "Tensor"
    colours: "Tensor"
    """[n, 4, 3]."""
    flat: bool

    @property
    def learned(self) -> list["Tensor"]:
        return [self.places, self.log_scales, self.turns, self.logits, self.colours]


@dataclass(frozen=True)
class Picture:
    """What a camera sees of a cloud."""

    rgb: "Tensor"
    """[s, s, 3] on black."""
    alpha: "Tensor"
    """[s, s]."""
    depth: "Tensor"
    """[s, s] along the view, heights; the mean of what is seen, 0 where nothing is."""
    normal: "Tensor"
    """[s, s, 3] towards the viewer, weighted by what is seen: shorter than 1 where normals differ."""
    spread: "Tensor"
    """[s, s] the weights' squared differences of depth (2DGS's distortion), square heights."""


def cloud_of(splats: Gaussians, device: str = "cpu") -> Cloud:
    """The same splats as tensors."""
    import torch

    opacity = np.clip(splats.opacities, 1e-6, 1 - 1e-6)
    scales = np.log(np.maximum(splats.scales, 1e-6))
    arrays = splats.places, scales, splats.turns, np.log(opacity / (1 - opacity)), splats.colours
    parts = [torch.from_numpy(np.ascontiguousarray(a)).to(device) for a in arrays]
    return Cloud(parts[0], parts[1], parts[2], parts[3], parts[4], splats.flat)


def splats_of(cloud: Cloud) -> Gaussians:
    """The same cloud as arrays."""
    import torch

    turns = torch.nn.functional.normalize(cloud.turns, dim=1)
    parts = cloud.places, cloud.log_scales.exp(), turns, torch.sigmoid(cloud.logits), cloud.colours
    places, scales, turned, opacities, colours = (p.detach().cpu().numpy().astype(np.float32) for p in parts)
    return Gaussians(
        places, scales * np.array([1, 1, 0 if cloud.flat else 1], np.float32), turned, opacities, colours
    )


def frames(turns: "Tensor") -> "Tensor":
    """[n, 3, 3]: columns are the splats' own axes; quaternions of any length."""
    import torch

    w, x, y, z = torch.nn.functional.normalize(turns, dim=1).unbind(1)
    rows = [
        torch.stack([1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)], 1),
        torch.stack([2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)], 1),
        torch.stack([2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)], 1),
    ]
    return torch.stack(rows, 1)


def to_pixels(camera: Camera, size_px: int, like: "Tensor") -> "Tensor":
    """[3, 4]: a place (x, y, z, 1) to pixels times w, and w."""
    x, y, _, w = camera.world_to_clip.astype(np.float64)
    return like.new_tensor(np.stack([(w + x) * size_px / 2, (w - y) * size_px / 2, w]))


@dataclass(frozen=True)
class Screen:
    """Splats as a camera sees them, nearest first."""

    centre: "Tensor"
    """[n, 2] pixels."""
    reach: "Tensor"
    """[n, 2] pixels across and down beyond which a splat shows nothing."""
    depth: "Tensor"
    opacity: "Tensor"
    conic: "Tensor"
    """[n, 3]: the inverse of the projected covariance, xx, xy, yy."""
    sheet: "Tensor"
    """[n, 3, 3]: a surfel's own (u, v, 1) to pixels times w, and w."""
    tilt: "Tensor"
    """[n, 2]: depth by a surfel's u and v."""
    shown: "Tensor"
    """[n, 7]: rgb, normal towards the viewer, 1."""


def screen(cloud: Cloud, camera: Camera, size_px: int) -> Screen:
    """The cloud through a camera."""
    import torch

    places, own = cloud.places, frames(cloud.turns)
    matrix = to_pixels(camera, size_px, places)
    forward = places.new_tensor(camera.axes[2])
    through = places @ matrix[:, :3].T + matrix[:, 3]
    centre = through[:, :2] / through[:, 2:]
    by_place = (matrix[:2, :3] - centre[..., None] * matrix[2, :3]) / through[:, 2, None, None]  # [n, 2, 3]
    scales = cloud.log_scales.exp() * places.new_tensor([1.0, 1.0, 0.0 if cloud.flat else 1.0])
    legs = own * scales[:, None]  # columns: own axes as long as a standard deviation
    half = by_place @ legs
    cov = half @ half.transpose(1, 2) + WIDER * torch.eye(2, device=places.device)
    a, b, c = cov[:, 0, 0], cov[:, 0, 1], cov[:, 1, 1]
    conic = torch.stack([c, -b, a], 1) / (a * c - b * b)[:, None]
    reach = REACH * torch.stack([a, c], 1).detach().sqrt() * (SLACK if cloud.flat else 1.0)
    sheet = torch.stack([*(legs[:, :, k] @ matrix[:, :3].T for k in (0, 1)), through], 2)
    shown = torch.cat(
        [seen_colours(cloud, camera), towards(cloud, own, camera), torch.ones_like(a)[:, None]], 1
    )
    depth = places @ forward
    order = torch.argsort(depth.detach(), stable=True)
    order = order[(through[order, 2] > 0)]
    parts = centre, reach, depth, torch.sigmoid(cloud.logits), conic, sheet, forward @ legs[:, :, :2], shown
    return Screen(*(part[order] for part in parts))


SLACK = 1.2
"""Surfels in perspective are no ellipses: they reach a little farther."""


def sight_lines(cloud: Cloud, camera: Camera) -> "Tensor":
    """[n, 3]: unit, from the viewer to every splat."""
    import torch

    if camera.is_orthographic:
        return cloud.places.new_tensor(camera.axes[2]).expand_as(cloud.places)
    matrix = camera.world_to_clip[[0, 1, 3]].astype(np.float64)
    eye = cloud.places.new_tensor(np.linalg.solve(matrix[:, :3], -matrix[:, 3]))
    return torch.nn.functional.normalize(cloud.places - eye, dim=1)


def seen_colours(cloud: Cloud, camera: Camera) -> "Tensor":
    """[n, 3]: rgb of every splat from where the camera stands."""
    import torch

    x, y, z = sight_lines(cloud, camera).unbind(1)
    basis = torch.stack([SH0 * torch.ones_like(x), -SH1 * y, SH1 * z, -SH1 * x], 1)
    return ((basis[..., None] * cloud.colours).sum(1) + 0.5).clamp(min=0)


def towards(cloud: Cloud, own: "Tensor", camera: Camera) -> "Tensor":
    """[n, 3]: unit normals turned to the viewer; of a 3-D splat its shortest axis."""
    import torch

    axis = cloud.log_scales.argmin(1) if not cloud.flat else torch.full_like(cloud.logits, 2).long()
    normal = torch.take_along_dim(own, axis[:, None, None], 2)[..., 0]
    return -normal * torch.sign((normal * sight_lines(cloud, camera)).sum(1, keepdim=True))


def strengths(seen: Screen, flat: bool, pixels: "Tensor") -> tuple["Tensor", "Tensor"]:
    """Opacity and depth [p, n] of every splat at pixels [p, 2]."""
    import torch

    px, py = pixels[:, :1], pixels[:, 1:]
    x, y = px - seen.centre[:, 0], py - seen.centre[:, 1]
    if flat:
        (a, b, c), (d, e, f), (g, h, i) = seen.sheet.permute(1, 2, 0)
        a, b, c = a - px * g, b - px * h, c - px * i  # the planes in which the pixel's ray lies, in (u, v, 1)
        d, e, f = d - py * g, e - py * h, f - py * i
        edge = a * e - b * d
        edge = torch.where(edge.abs() < 1e-9, 1e-9, edge)
        u, v = (b * f - c * e) / edge, (c * d - a * f) / edge
        inner, pixel = u * u + v * v, 2 * (x * x + y * y)
        power = torch.minimum(inner, pixel)
        tilted = seen.depth + u * seen.tilt[:, 0] + v * seen.tilt[:, 1]
        depth = torch.where(inner <= pixel, tilted, seen.depth)
    else:
        power = seen.conic[:, 0] * x * x + 2 * seen.conic[:, 1] * x * y + seen.conic[:, 2] * y * y
        depth = seen.depth.expand_as(power)
    alpha = (seen.opacity * torch.exp(-0.5 * power.clamp(max=FAR))).clamp(max=MOST)
    return torch.where(alpha < LEAST, torch.zeros_like(alpha), alpha), depth


def blended(alpha: "Tensor") -> "Tensor":
    """Weights [p, n] of splats [p, n], nearest first: each by what those before it let through."""
    import torch

    passed = torch.cumprod(1 - alpha, 1)
    return alpha * torch.cat([torch.ones_like(passed[:, :1]), passed[:, :-1]], 1)


def rasterised(cloud: Cloud, camera: Camera, size_px: int) -> Picture:
    """The cloud as a square picture; `size_px` a multiple of TILE."""
    import torch

    seen = screen(cloud, camera, size_px)
    out = cloud.places.new_zeros(size_px // TILE, size_px // TILE, TILE * TILE, 9)
    local = torch.arange(TILE, device=out.device) + 0.5
    inside = torch.stack(torch.meshgrid(local, local, indexing="xy"), -1).reshape(-1, 2)
    rows = []
    for row in range(size_px // TILE):
        tiles = []
        for column in range(size_px // TILE):
            corner = out.new_tensor([column * TILE, row * TILE])
            near = ((seen.centre.detach() - corner - TILE / 2).abs() <= seen.reach + TILE / 2).all(1)
            at = near.nonzero()[:, 0]
            tiles.append(_tile(seen, cloud.flat, inside + corner, at) if len(at) else out[row, column])
        rows.append(torch.stack(tiles))
    flat = torch.stack(rows).reshape(*out.shape[:2], TILE, TILE, 9).transpose(1, 2)
    whole = flat.reshape(size_px, size_px, 9)
    alpha = whole[..., 6]
    depth = whole[..., 7] / alpha.clamp(min=1e-6)
    return Picture(whole[..., :3], alpha, depth, whole[..., 3:6], whole[..., 8])


def _tile(seen: Screen, flat: bool, pixels: "Tensor", at: "Tensor") -> "Tensor":
    """[p, 9]: rgb, normal, alpha, depth times alpha, distortion."""
    import torch

    names = "centre", "reach", "depth", "opacity", "conic", "sheet", "tilt", "shown"
    part = Screen(*(getattr(seen, name).index_select(0, at) for name in names))
    alpha, depth = strengths(part, flat, pixels)
    w = blended(alpha)
    total, first, second = w.sum(1), (w * depth).sum(1), (w * depth**2).sum(1)
    spread = 2 * (total * second - first**2)  # of all pairs: w_i w_j (d_i - d_j)^2
    return torch.cat([w @ part.shown, first[:, None], spread[:, None]], 1)
