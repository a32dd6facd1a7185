"""What `genkei_train.feed` does to one labelled picture of a solid, done to a batch on its device."""

from functools import partial

import numpy as np
import torch  # pyright: ignore[reportMissingImports]
from torch import Tensor  # pyright: ignore[reportMissingImports]
from torch.nn import functional as F  # pyright: ignore[reportMissingImports]

from genkei_train.feed import MIRRORED, Variation
from genkei_train.warps import SOFT, WAVES

Batch = dict[str, Tensor]
OWN = 0.5
"""Chance that a sample's parts get gains of their own, and of each part then."""


def uniform(rng: torch.Generator, *shape: int, low: float = 0.0, high: float = 1.0) -> Tensor:
    """Random numbers of the generator's own device."""
    return low + (high - low) * torch.rand(shape, generator=rng, device=rng.device)


def varied(batch: Batch, variation: Variation, rng: torch.Generator) -> Batch:
    """Each sample of a solid's batch changed by its own chances; the arrays keep their kinds and shapes."""
    count, device = len(batch["mask"]), batch["mask"].device

    def chance(share: float) -> Tensor:
        return uniform(rng, count) < share

    batch = mirrored(batch, chance(variation.mirror))
    strength = uniform(rng, count) * chance(variation.warp)
    batch = warped(batch, strength, rng)
    batch = recoloured(batch, variation, rng)
    edge, outwards = chance(variation.edge), chance(0.5)
    batch["picture"] = _moved_edge(batch["picture"], edge & outwards, edge & ~outwards)
    strong = variation.noise * uniform(rng, count, 1, 1, 1) ** 2
    grain = torch.randn(*batch["picture"].shape[:3], 1, generator=rng, device=device) * 255 * strong
    batch["picture"] = with_colours(batch["picture"], batch["picture"][..., :3] + grain)
    batch["given"] = 1 - chance(variation.alone).float()
    return batch


def mirrored(batch: Batch, chosen: Tensor) -> Batch:
    """Left and right swapped where `chosen` (bool [b]), in pictures and in what they mean."""
    out = dict(batch)
    for name, value in batch.items():
        if value.ndim >= 3 and name != "joints":
            other = value.flip(3 if name == "depth" else 2)
            out[name] = torch.where(chosen.reshape(-1, *[1] * (value.ndim - 1)), other, value)
    for name in ("normals", "normals_back", "canonical"):
        x = out[name][..., :1]
        out[name] = torch.cat([torch.where(chosen.reshape(-1, 1, 1, 1), -x, x), out[name][..., 1:]], -1)
    joints = batch["joints"][:, torch.from_numpy(MIRRORED).to(chosen.device)].clone()
    joints[..., 0] = batch["picture"].shape[2] - joints[..., 0]
    out["joints"] = torch.where(chosen.reshape(-1, 1, 1), joints, batch["joints"])
    return out


def strays(count: int, side: int, rng: torch.Generator) -> Tensor:
    """Where each pixel looks, less where it is: [b, 2 (row, column), side, side] in pixels.

    The maps of `genkei_train.warps`: stretching, turning, leaning and three waves.
    """
    device = rng.device

    draw = partial(uniform, rng, count)
    at = (torch.arange(side, device=device) + 0.5) / side - 0.5
    down, across = at[:, None], at[None, :]
    grow = draw(2, 1, 1, low=-0.15, high=0.15).exp() - 1
    turn, lean = draw(1, 1, 1, low=-0.12, high=0.12)[:, 0], draw(1, 1, 1, low=-0.06, high=0.06)[:, 0]
    rows = grow[:, 0] * down + turn * across
    columns = grow[:, 1] * across - (turn + lean) * down
    stray = torch.stack([rows, columns], 1)
    for _ in range(WAVES):
        angle, pitch, phase = (
            draw(1, 1, high=2 * np.pi),
            draw(1, 1, low=4, high=12),
            draw(1, 1, high=2 * np.pi),
        )
        wave = (pitch * (down * angle.cos() + across * angle.sin()) + phase).sin()
        stray = stray + draw(2, 1, 1, low=-0.012, high=0.012) * wave[:, None]
    return stray * side


def warped(batch: Batch, strength: Tensor, rng: torch.Generator) -> Batch:
    """Every sample seen through a random smooth map of the plane, as `genkei_train.warps.warped` does.

    A figure that the map would push over the border is moved by half or a quarter of it, or not at all.
    """
    side = batch["mask"].shape[1]
    whole = strays(len(strength), side, rng) * strength.reshape(-1, 1, 1, 1)
    before, share = _at_border(batch["mask"]), torch.zeros_like(strength)
    for part in (0.25, 0.5, 1.0):
        mask = mixed(batch["mask"][..., None], looked_at(part * whole, side))[..., 0]
        share = torch.where(_at_border(mask) <= before, torch.full_like(share, part), share)
    return seen(batch, share.reshape(-1, 1, 1, 1) * whole)


def seen(batch: Batch, stray: Tensor) -> Batch:
    """The batch through the map `stray` [b, 2, side, side] (see `strays`)."""
    side, out = stray.shape[-1], dict(batch)
    for name, value in batch.items():
        if name in ("given", "joints"):
            continue
        image = value.permute(0, 2, 3, 1) if name == "depth" else value
        where = looked_at(stray, image.shape[1])
        if name in SOFT:
            found = mixed(image if image.ndim == 4 else image[..., None], where)
            out[name] = found.round().to(torch.uint8).reshape(image.shape)
        else:
            found = _nearest(image, where)
            out[name] = found.permute(0, 3, 1, 2) if name == "depth" else found
    for name in ("normals", "normals_back"):
        out[name] = _tilted(out[name], looked_at(stray, out[name].shape[1]))
    joints = batch["joints"].clone()
    sample = torch.arange(len(joints), device=joints.device)[:, None]
    for _ in range(8):
        column, row = (joints[..., k].long().clamp(0, side - 1) for k in (0, 1))
        joints[..., 0] = batch["joints"][..., 0] - stray[sample, 1, row, column]
        joints[..., 1] = batch["joints"][..., 1] - stray[sample, 0, row, column]
    out["joints"] = joints
    return out


def recoloured(batch: Batch, variation: Variation, rng: torch.Generator) -> Batch:
    """Other gains, tone curve and channels for each sample, and gains of their own for its parts."""
    count, device, out = len(batch["mask"]), batch["mask"].device, dict(batch)

    draw = partial(uniform, rng, count)
    gains = (1 + variation.gain * (2 * draw(3) - 1)) * (1 + 0.5 * variation.gain * (2 * draw(1) - 1))
    bend = (variation.bend * (2 * draw(1, 1, 1) - 1)).exp()
    order = torch.where(draw(1) < variation.channels, draw(3), torch.arange(3, device=device)).argsort(1)
    grey = (draw(1, 1, 1) < variation.grey).float()
    own = 1 + variation.gain * (2 * draw(6, 3) - 1) * (draw(6, 1) < OWN) * (draw(1, 1) < OWN)
    table = torch.cat([own, torch.ones(count, 1, 3, device=device)], 1)
    sample = torch.arange(count, device=device)[:, None, None]
    for name, parts in (("picture", "parts"), ("behind", "parts_back")):
        colours = batch[name][..., :3].float() / 255
        colours = colours.gather(3, order[:, None, None].expand_as(colours)) ** bend
        label = batch[parts].long()
        if label.shape[1] != colours.shape[1]:
            label = label.repeat_interleave(2, 1).repeat_interleave(2, 2)
        colours = colours * gains[:, None, None] * table[sample, label]  # -1 is the last row: as it was
        colours = colours.clamp(0, 1)
        colours = colours + grey * (colours.mean(-1, keepdim=True) - colours)
        out[name] = with_colours(batch[name], 255 * colours)
    return out


def with_colours(picture: Tensor, colours: Tensor) -> Tensor:
    colours = colours.clamp(0, 255).round().to(torch.uint8)
    return torch.cat([colours, picture[..., 3:]], -1)


def _moved_edge(rgba: Tensor, outwards: Tensor, inwards: Tensor) -> Tensor:
    """The cut-out one pixel wider, its colours drawn along, or one pixel narrower, where asked (bool [b])."""
    wider, least = rgba, rgba[..., 3]
    for shift, axis in ((1, 1), (-1, 1), (1, 2), (-1, 2)):
        beside = rgba.roll(shift, axis)
        wider = torch.where((beside[..., 3] > wider[..., 3])[..., None], beside, wider)
        least = torch.minimum(least, beside[..., 3])
    narrower = torch.cat([rgba[..., :3], least[..., None]], -1)
    rgba = torch.where(outwards.reshape(-1, 1, 1, 1), wider, rgba)
    return torch.where(inwards.reshape(-1, 1, 1, 1), narrower, rgba)


def looked_at(stray: Tensor, size: int) -> Tensor:
    """Where the pixels of a picture of `size` look, in its own pixels: [b, 2, size, size]."""
    step = stray.shape[-1] // size
    if step > 1:
        stray = F.avg_pool2d(stray, step) / step
    centre = torch.arange(size, device=stray.device) + 0.5
    return stray + torch.stack(torch.meshgrid(centre, centre, indexing="ij"))


def _nearest(image: Tensor, where: Tensor) -> Tensor:
    """[b, s, s, ...] taken at the nearest pixel."""
    rows, columns = (where[:, k].floor().long().clamp(0, image.shape[1] - 1) for k in (0, 1))
    return image[torch.arange(len(image), device=image.device)[:, None, None], rows, columns]


def mixed(image: Tensor, where: Tensor) -> Tensor:
    """u8 [b, s, s, c] between its pixels, as floats; colours weigh by alpha where there is one."""
    planes = image.permute(0, 3, 1, 2).float()
    alpha = planes.shape[1] == 4
    if alpha:
        planes = torch.cat([planes[:, :3] * planes[:, 3:] / 255, planes[:, 3:]], 1)
    grid = torch.stack([where[:, 1], where[:, 0]], -1) * (2 / image.shape[1]) - 1
    found = F.grid_sample(planes, grid, padding_mode="border", align_corners=False)
    if alpha:
        found = torch.cat([found[:, :3] * 255 / found[:, 3:].clamp(min=1), found[:, 3:]], 1)
    return found.clamp(0, 255).permute(0, 2, 3, 1)


def _tilted(normals: Tensor, where: Tensor) -> Tensor:
    """Signed bytes [b, h, h, 3] of a surface z(x, y) after its plane was warped; 0 stays unknown."""
    (rows_down, rows_across), (columns_down, columns_across) = (
        torch.gradient(where[:, k], dim=(1, 2)) for k in (0, 1)
    )
    x, y, z = normals.float().unbind(-1)
    # y points up, rows go down: what crosses from one to the other changes its sign
    tilted = torch.stack([columns_across * x - rows_across * y, rows_down * y - columns_down * x, z], -1)
    unit = F.normalize(tilted, dim=-1, eps=1e-6)
    return (127 * unit).round().to(torch.int8)


def _at_border(mask: Tensor) -> Tensor:
    """Border pixels that each figure covers; [b]."""
    edges = torch.cat([mask[:, 0], mask[:, -1], mask[:, :, 0], mask[:, :, -1]], 1)
    return (edges > 127).sum(1)
