"""Figures laid on grounds on the device, a batch at a time: `genkei_train.composites` for a GPU.

Colours are multiplied by alpha here, floats of 0..1, channels before rows and columns.
"""

from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import torch  # pyright: ignore[reportMissingImports]
from PIL import Image
from torch import Tensor  # pyright: ignore[reportMissingImports]
from torch.nn import functional as F  # pyright: ignore[reportMissingImports]

from genkei.geometry.colour import to_bytes
from genkei_train.bent import Batch, looked_at, mixed, strays, uniform
from genkei_train.composites import NOBODY, PLAIN, busy_ground
from genkei_train.feed import Variation
from genkei_train.grounds import random_ground

OWN_PAPER = 0.15
"""Share of pictures that stay on the paper they were rendered on."""
PHOTOGRAPHS = 0.4
"""Share of the grounds that are pieces of the user's photographs, where there are some."""
LARGEST = 1600
"""Pixels of a photograph's longer side; a larger one is read smaller."""
LUMA = np.array(
    [[16, 11, 10, 16, 24, 40, 51, 61], [12, 12, 14, 19, 26, 58, 60, 55], [14, 13, 16, 24, 40, 57, 69, 56],
     [14, 17, 22, 29, 51, 87, 80, 62], [18, 22, 37, 56, 68, 109, 103, 77], [24, 35, 55, 64, 81, 104, 113, 92],
     [49, 64, 78, 87, 103, 121, 120, 101], [72, 92, 95, 98, 112, 100, 103, 99]], np.float32,
)  # fmt: skip
"""JPEG's luminance table at quality 50 (ITU T.81, table K.1)."""


@dataclass(frozen=True)
class Grounds:
    """Pictures without a figure, on the device: u8 [n, side, side, 3]."""

    pictures: Tensor

    @classmethod
    def made(
        cls, count: int, side: int, seed: int, device: str, photographs: Path | None = None, workers: int = 1
    ) -> "Grounds":
        """`count` grounds of the generators, and pieces of the photographs in a folder."""
        files = sorted(p for p in photographs.rglob("*") if p.is_file()) if photographs else []
        if photographs and not files:
            raise ValueError(f"{photographs} holds no photographs; leave --photographs out")
        one = partial(_one_ground, files=files, side=side, seed=seed)
        if workers <= 1:
            made = [one(k) for k in range(count)]
        else:
            with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
                made = list(pool.map(one, range(count), chunksize=32))
        return cls(torch.from_numpy(np.stack(made)).to(device))


def _one_ground(number: int, files: list[Path], side: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng([seed, 3, number])
    if files and rng.random() < PHOTOGRAPHS:
        return _piece(files[int(rng.integers(len(files)))], side, rng)
    maker = random_ground if rng.random() < PLAIN else busy_ground
    return to_bytes(maker(rng, side))


def _piece(path: Path, side: int, rng: np.random.Generator) -> np.ndarray:
    """A square of a photograph, from its shorter side down to `side` pixels of it."""
    with Image.open(path) as image:
        image.draft("RGB", (LARGEST, LARGEST))
        picture = image.convert("RGB")
    picture.thumbnail((LARGEST, LARGEST), Image.Resampling.BOX)
    short = min(picture.size)
    reach = int(np.exp(rng.uniform(np.log(min(side, short)), np.log(short))))
    left, top = (int(rng.integers(n - reach + 1)) for n in picture.size)
    box = (left, top, left + reach, top + reach)
    return np.asarray(picture.resize((side, side), Image.Resampling.BOX, box))


def laid(
    figures: Tensor,
    others: Tensor,
    paper: Tensor,
    grounds: Grounds,
    variation: Variation,
    rng: torch.Generator,
) -> Batch:
    """Paper u8 [b, s, s, 3] and the figure's alpha u8 [b, s, s] on it.

    `figures` u8 [b, s, s, 4] (straight alpha) are what the net shall cut out; `others` [b, k, s, s, 4] may
    stand behind them, smaller; `paper` is what the figures were rendered on. A part of the pictures shows
    nobody, only torn pieces of the others.
    """
    count, side, device = len(figures), figures.shape[1], figures.device

    draw = partial(uniform, rng, count)

    def chance(share: float) -> Tensor:
        return (draw(1, 1, 1) < share).float()

    ground = _varied_ground(grounds, count, rng)
    nobody = chance(NOBODY)
    size = torch.where(draw() < 0.35, torch.ones(count, device=device), draw(low=0.45, high=1.2))
    for k in range(others.shape[1]):
        there = chance((0.5, 0.4, 0.3)[min(k, 2)])
        smaller = draw(low=0.3, high=0.75) * size.clamp(max=1)
        extra = _placed(others[:, k], smaller, draw(2, low=-0.55, high=0.55), rng)
        torn = (_blobs(count, side, rng) > 0.15).float()
        ground = _over(ground, extra * there * (1 - nobody * (1 - torn)))
    shift = draw(2, low=-0.5, high=0.5) * (1 - size).abs().clamp(min=0.06)[:, None]
    front = _placed(figures, size, shift, rng) * (1 - nobody)
    alpha = front[:, 3:]
    cast = F.avg_pool2d(alpha.roll((5, 6), (2, 3)), 9, 1, 4)
    ground = ground * (1 - chance(0.25) * draw(1, 1, 1, low=0.15, high=0.6) * cast)
    reach = F.max_pool2d(alpha, 9, 1, 4)
    light = draw(3, 1, 1, low=0.6, high=1.0)
    glow = chance(0.15) * draw(1, 1, 1, low=0.4, high=1.0)
    ground = ground + glow * F.avg_pool2d(reach, 5, 1, 2) * (light - ground)
    picture = _over(ground, front)
    own = (draw(1, 1, 1) < OWN_PAPER) & (nobody < 0.5)
    whole = paper.permute(0, 3, 1, 2).float() / 255
    picture = torch.where(own, whole, picture)
    mask = torch.where(own, figures[..., 3][:, None].float() / 255, alpha)
    picture = _roughened(picture, variation, rng)
    return {
        "paper": (255 * picture.clamp(0, 1)).round().to(torch.uint8).permute(0, 2, 3, 1),
        "mask": (255 * mask[:, 0].clamp(0, 1)).round().to(torch.uint8),
    }


def _varied_ground(grounds: Grounds, count: int, rng: torch.Generator) -> Tensor:
    """Pieces of grounds, mirrored and recoloured; some mixed of two, by shares or along blobs' borders."""
    device = grounds.pictures.device
    side = grounds.pictures.shape[1]

    draw = partial(uniform, rng, count)

    def piece() -> Tensor:
        index = torch.randint(len(grounds.pictures), (count,), generator=rng, device=device)
        picture = grounds.pictures[index].permute(0, 3, 1, 2).float() / 255
        scale = draw(1, low=0.5, high=1.0)
        signs = torch.where(draw(2) < 0.5, -1.0, 1.0) * scale
        theta = torch.zeros(count, 2, 3, device=device)
        theta[:, 0, 0], theta[:, 1, 1] = signs[:, 0], signs[:, 1]
        theta[:, :, 2] = draw(2, low=-1, high=1) * (1 - scale)
        grid = F.affine_grid(theta, [count, 3, side, side], align_corners=False)
        picture = F.grid_sample(picture, grid, padding_mode="reflection", align_corners=False)
        return _recoloured(picture, 0.3, 0.4, rng)

    first, second = piece(), piece()
    flat = draw(1, 1, 1)
    hard = 0.5 + draw(1, 1, 1, low=2, high=20) * _blobs(count, side, rng)
    share = torch.where(draw(1, 1, 1) < 0.5, 0.2 + 0.6 * flat, hard.clamp(0, 1))
    share = share * (draw(1, 1, 1) < 0.3).float()
    return first + share * (second - first)


def _recoloured(picture: Tensor, gain: float, swap: float, rng: torch.Generator) -> Tensor:
    """Other gains, and with chance `swap` other channels; the fourth channel stays."""
    count, device = len(picture), picture.device

    draw = partial(uniform, rng, count)
    order = torch.where(draw(1) < swap, draw(3), torch.arange(3, device=device)).argsort(1)
    colours = picture[:, :3].gather(1, order[:, :, None, None].expand_as(picture[:, :3]))
    colours = colours * (1 + gain * (2 * draw(3, 1, 1) - 1)) * (1 + gain * (2 * draw(1, 1, 1) - 1))
    most = picture[:, 3:] if picture.shape[1] == 4 else torch.ones((), device=device)
    return torch.cat([torch.minimum(colours, most), picture[:, 3:]], 1)


def _placed(figures: Tensor, size: Tensor, place: Tensor, rng: torch.Generator) -> Tensor:
    """[b, 4, s, s]: drawings bent, mirrored, recoloured, `size` times as large, moved by `place` sides."""
    count, side, device = len(figures), figures.shape[1], figures.device
    strength = uniform(rng, count, 1, 1, 1)
    where = looked_at(strength * strays(count, side, rng), side)
    mirror = torch.where(uniform(rng, count) < 0.5, -1.0, 1.0)
    # where a pixel of the picture looks in the bent drawing, which in turn looks into the drawing
    theta = torch.zeros(count, 2, 3, device=device)
    theta[:, 0, 0], theta[:, 1, 1] = mirror / size, 1 / size
    theta[:, 0, 2], theta[:, 1, 2] = -mirror * 2 * place[:, 0] / size, -2 * place[:, 1] / size
    grid = F.affine_grid(theta, [count, 4, side, side], align_corners=False)
    straight = mixed(figures, where).permute(0, 3, 1, 2) / 255
    whole = torch.cat([straight[:, :3] * straight[:, 3:], straight[:, 3:]], 1)
    whole = _recoloured(whole, 0.15, 0.25, rng)
    shown = F.grid_sample(whole, grid, padding_mode="zeros", align_corners=False)
    # shrunk drawings would alias: they are seen through a soft eye
    soft = F.avg_pool2d(shown, 3, 1, 1)
    return torch.where((size < 0.6).reshape(-1, 1, 1, 1), 0.5 * (soft + shown), shown)


def _over(ground: Tensor, front: Tensor) -> Tensor:
    return front[:, :3] + ground * (1 - front[:, 3:])


def _blobs(count: int, side: int, rng: torch.Generator) -> Tensor:
    """Smooth noise [b, 1, s, s] round 0, of blobs a third to a tenth of the side wide."""
    out = torch.zeros(count, 1, side, side, device=rng.device)
    for cells, strong in ((4, 0.6), (9, 0.4)):
        knots = torch.randn(count, 1, cells, cells, generator=rng, device=rng.device)
        out += strong * F.interpolate(knots, (side, side), mode="bicubic", align_corners=True)
    return 0.5 * out


def _roughened(picture: Tensor, variation: Variation, rng: torch.Generator) -> Tensor:
    """What happens between the artist and us: resampled, softened or sharpened, toned, noise, JPEG."""
    count, device = len(picture), picture.device

    draw = partial(uniform, rng, count)
    halved = F.interpolate(F.avg_pool2d(picture, 2), scale_factor=2.0, mode="bilinear", align_corners=False)
    picture = picture + (draw(1, 1, 1) < 0.15).float() * draw(1, 1, 1) * (halved - picture)
    soft = F.avg_pool2d(F.pad(picture, (1, 1, 1, 1), mode="replicate"), 3, 1)
    picture = picture + (draw(1, 1, 1) < 0.25).float() * draw(1, 1, 1, low=-0.5, high=1.0) * (soft - picture)
    picture = _recoloured(picture, variation.gain, variation.channels, rng)
    picture = picture.clamp(1e-4, 1) ** (variation.bend * draw(1, 1, 1, low=-1)).exp()
    grey = (draw(1, 1, 1) < variation.grey).float()
    picture = picture + grey * (picture.mean(1, keepdim=True) - picture)
    grain = torch.randn(picture.shape, generator=rng, device=device)
    picture = picture + grain * variation.noise * draw(1, 1, 1) ** 2
    return torch.where(draw(1, 1, 1) < 0.45, _jpeg(picture, draw(1, 1, 1, low=0.1, high=1.0)), picture)


def _jpeg(picture: Tensor, coarse: Tensor) -> Tensor:
    """Blocks of 8 by 8 quantised in frequency, `coarse` [b, 1, 1, 1] times the table of quality 50."""
    b, c, h, w = picture.shape
    k = torch.arange(8, device=picture.device)
    basis = (
        torch.cos(torch.pi * (2 * k[None] + 1) * k[:, None] / 16)
        * torch.where(k == 0, 0.125, 0.25).sqrt()[:, None]
    )
    blocks = (255 * picture).reshape(b, c, h // 8, 8, w // 8, 8).transpose(3, 4)
    table = torch.from_numpy(LUMA).to(picture.device) * coarse[..., None, None]
    found = ((basis @ blocks @ basis.T) / table).round() * table
    return (basis.T @ found @ basis).transpose(3, 4).reshape(b, c, h, w) / 255


__all__ = ["Grounds", "laid"]
