"""RRDBNet, the net of ESRGAN-class 4x upscalers (Wang et al. 2018), in the layout of Real-ESRGAN."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float32

from genkei.nets.published.contents import Contents, read
from genkei.nets.published.weights import fill

if TYPE_CHECKING:
    import torch

SLOPE = 0.2
RESIDUAL = 0.2
TILE_PX, OVERLAP_PX = 256, 16
"""A picture goes through in tiles, so that memory does not grow with it."""
_OLD = {
    "model.0.": "conv_first.",
    "model.3.": "conv_up1.",
    "model.6.": "conv_up2.",
    "model.8.": "conv_hr.",
    "model.10.": "conv_last.",
}


def renamed(name: str) -> str:
    """A name of ESRGAN's first layout (`model.1.sub.0.RDB1.conv1.0.weight`) as the later one's."""
    for old, new in _OLD.items():
        if name.startswith(old):
            return new + name.removeprefix(old)
    found = re.fullmatch(r"model\.1\.sub\.(\d+)\.RDB(\d)\.conv(\d)\.0\.(weight|bias)", name)
    if found:
        return "body.{}.rdb{}.conv{}.{}".format(*found.groups())
    trunk = re.fullmatch(r"model\.1\.sub\.\d+\.(weight|bias)", name)
    return f"conv_body.{trunk.group(1)}" if trunk else name


def upscaler(path: Path, device: str = "cpu") -> "torch.nn.Module":
    """The net a file holds, its size read off the file; ValueError for any other file."""
    contents = read(path)
    blocks, width, growth = _size(contents)
    return fill(rrdb(blocks, width, growth), contents, rename=renamed, device=device)


def upscale(net: "torch.nn.Module", rgb: Float32[np.ndarray, "h w 3"]) -> Float32[np.ndarray, "h4 w4 3"]:
    """Four times as large; tiles overlap, and only their middles are kept."""
    import torch

    height, width = rgb.shape[:2]
    parameter = next(net.parameters())
    out = np.zeros((4 * height, 4 * width, 3), np.float32)
    for top in range(0, height, TILE_PX):
        for left in range(0, width, TILE_PX):
            bottom, right = min(top + TILE_PX, height), min(left + TILE_PX, width)
            t, lft = max(top - OVERLAP_PX, 0), max(left - OVERLAP_PX, 0)
            tile = rgb[t : bottom + OVERLAP_PX, lft : right + OVERLAP_PX]
            given = torch.from_numpy(np.ascontiguousarray(tile.transpose(2, 0, 1)))[None].to(parameter)
            with torch.no_grad():
                large = net(given)[0].float().cpu().numpy().transpose(1, 2, 0)
            y, x = 4 * (top - t), 4 * (left - lft)
            out[4 * top : 4 * bottom, 4 * left : 4 * right] = large[
                y : y + 4 * (bottom - top), x : x + 4 * (right - left)
            ]
    return np.clip(out, 0, 1)


def rrdb(blocks: int, width: int = 64, growth: int = 32) -> "torch.nn.Module":
    """An RRDBNet with random weights."""
    import torch
    from torch import nn

    def conv(inside: int, outside: int) -> nn.Conv2d:
        return nn.Conv2d(inside, outside, 3, 1, 1)

    def bent(x: torch.Tensor) -> torch.Tensor:
        return nn.functional.leaky_relu(x, SLOPE)

    class Dense(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv1, self.conv2 = conv(width, growth), conv(width + growth, growth)
            self.conv3, self.conv4 = conv(width + 2 * growth, growth), conv(width + 3 * growth, growth)
            self.conv5 = conv(width + 4 * growth, width)

        def forward(self, x: Any) -> Any:
            seen = [x]
            for layer in (self.conv1, self.conv2, self.conv3, self.conv4):
                seen.append(bent(layer(torch.cat(seen, 1))))
            return x + RESIDUAL * self.conv5(torch.cat(seen, 1))

    class Block(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.rdb1, self.rdb2, self.rdb3 = Dense(), Dense(), Dense()

        def forward(self, x: Any) -> Any:
            return x + RESIDUAL * self.rdb3(self.rdb2(self.rdb1(x)))

    class Rrdb(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv_first, self.conv_body = conv(3, width), conv(width, width)
            self.body = nn.Sequential(*(Block() for _ in range(blocks)))
            self.conv_up1, self.conv_up2 = conv(width, width), conv(width, width)
            self.conv_hr, self.conv_last = conv(width, width), conv(width, 3)

        def forward(self, x: Any) -> Any:
            first = self.conv_first(x)
            x = first + self.conv_body(self.body(first))
            for up in (self.conv_up1, self.conv_up2):
                x = bent(up(nn.functional.interpolate(x, scale_factor=2, mode="nearest")))
            return self.conv_last(bent(self.conv_hr(x)))

    return Rrdb()


def _size(contents: Contents) -> tuple[int, int, int]:
    """Blocks, width and growth; ValueError when the file is no 4x ESRGAN."""
    names = {renamed(name): tensor for name, tensor in contents.tensors.items()}
    numbers = [
        int(m.group(1)) for name in names if (m := re.match(r"body\.(\d+)\.rdb1\.conv1\.weight", name))
    ]
    first, dense = names.get("conv_first.weight"), names.get("body.0.rdb1.conv1.weight")
    if not numbers or first is None or dense is None or first.shape[1] != 3:
        raise ValueError(
            f"{contents.path} is no 4x upscaler of the ESRGAN class (RRDBNet): its first tensor is"
            f" {next(iter(contents.tensors), 'none')}. Real-ESRGAN x4plus, its anime version and"
            " 4x-UltraSharp are such files; see genkei models list"
        )
    return max(numbers) + 1, first.shape[0], dense.shape[0]
