"""One family of small nets: a residual U-Net that works at half resolution, with a point-wise head."""

from dataclasses import asdict, dataclass
from itertools import pairwise

import torch  # pyright: ignore[reportMissingImports]
from torch import Tensor, nn  # pyright: ignore[reportMissingImports]
from torch.nn import functional as F  # pyright: ignore[reportMissingImports]

from genkei.shape.decode import BINS

MULTIPLE = 32
"""The picture's side must be a multiple of this: half resolution, then four halvings."""
RARE = -1.5
"""Logit that occupancy starts from: one bin in five inside the silhouette holds matter."""
LEVELS = (1, 2, 4, 6, 8)
"""Channels of each level over those of the first."""
ENCODER = (0, 1, 2, 2, 2)
DECODER = (1, 1, 1, 1)
"""Residual blocks of each level, finest first; the finest is the dearest, so it works on the way up only."""


@dataclass(frozen=True)
class Head:
    channels: int
    full: bool = False
    """At the picture's own resolution instead of half."""


@dataclass(frozen=True)
class Architecture:
    """Everything that must be known to build the net again; stands in every checkpoint."""

    net: str
    """"solid" or "matte"."""
    width: int
    """Channels at half resolution; time and size grow with its square."""

    def build(self) -> "UNet":
        if self.net not in NETS:
            raise ValueError(f"no net is called {self.net!r}; there are {', '.join(NETS)}")
        return UNet(self)

    def record(self) -> dict:
        return asdict(self)


@dataclass(frozen=True)
class Net:
    inputs: dict[str, int]
    """Channels of each input picture."""
    heads: dict[str, Head]
    """Read off each point of the trunk's features by one small net."""
    joints: int = 0
    """Heat maps of so many joints, with a depth each."""


NETS = {
    "solid": Net(
        {"picture": 4, "behind": 4},
        {
            "occupancy": Head(BINS),
            "parts": Head(6, full=True),
            "parts_back": Head(6),
            "normals": Head(3, full=True),
            "normals_back": Head(3),
            "depth": Head(2),
            "canonical": Head(3),
            "colour_back": Head(3),
            "lines": Head(1, full=True),
        },
        joints=17,
    ),
    "matte": Net({"paper": 3}, {"alpha": Head(1, full=True)}),
}
OUTPUTS = {
    "solid": (
        "occupancy", "parts", "parts_back", "normals", "normals_back", "depth", "joints", "joint_z",
        "canonical", "colour_back", "lines",
    ),
    "matte": ("alpha",),
}  # fmt: skip
"""Names of what `forward` returns, in the order of the ONNX file."""


def _norm(channels: int) -> nn.GroupNorm:
    return nn.GroupNorm(8, channels)


class Block(nn.Module):
    """Norm, ReLU, convolution, twice, added to the input; starts as the identity."""

    def __init__(self, channels: int):
        super().__init__()
        self.norm1, self.norm2 = _norm(channels), _norm(channels)
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1)
        nn.init.zeros_(self.conv2.weight)

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv1(F.relu(self.norm1(x)))
        return x + self.conv2(F.relu(self.norm2(y)))


class Attention(nn.Module):
    """Every cell of the coarsest level looks at every other: what the whole figure is decides each place."""

    def __init__(self, channels: int, heads: int = 4):
        super().__init__()
        self.heads = heads
        self.norm = _norm(channels)
        self.qkv = nn.Conv2d(channels, 3 * channels, 1)
        self.out = nn.Conv2d(channels, channels, 1)
        nn.init.zeros_(self.out.weight)

    def forward(self, x: Tensor) -> Tensor:
        b, c, h, w = x.shape
        q, k, v = self.qkv(self.norm(x)).reshape(b, 3, self.heads, c // self.heads, h * w).unbind(1)
        share = ((q.transpose(-1, -2) @ k) * (c // self.heads) ** -0.5).softmax(-1)
        return x + self.out((v @ share.transpose(-1, -2)).reshape(b, c, h, w))


class UNet(nn.Module):
    """Pictures [b, c, s, s] of 0..1 in, named maps out; s a multiple of 32, h = s/2.

    `trunk` gives features at half resolution, `points` reads the heads off single pixels of them: training
    asks for the pixels inside the silhouette alone, which costs a third of asking for all.
    """

    def __init__(self, architecture: Architecture):
        super().__init__()
        self.architecture = architecture
        self.net = NETS[architecture.net]
        widths = [architecture.width * level for level in LEVELS]
        self.stem = nn.Conv2d(4 * (sum(self.net.inputs.values()) + 2), widths[0], 3, padding=1)
        self.down = nn.ModuleList(nn.Conv2d(a, b, 2, stride=2) for a, b in pairwise(widths))
        self.up = nn.ModuleList(nn.Conv2d(b, a, 1) for a, b in pairwise(widths))
        self.encoder = nn.ModuleList(_blocks(w, n) for w, n in zip(widths, ENCODER, strict=True))
        self.decoder = nn.ModuleList(_blocks(w, n) for w, n in zip(widths, DECODER, strict=False))
        self.context = Attention(widths[-1])
        self.last = _norm(widths[0])
        hidden = 3 * widths[0]
        self.hidden = nn.Linear(widths[0], hidden)
        self.read = nn.ModuleDict({
            name: nn.Linear(hidden, head.channels * (4 if head.full else 1))
            for name, head in self.net.heads.items()
        })  # fmt: skip
        if "occupancy" in self.read:
            nn.init.constant_(self.read.get_parameter("occupancy.bias"), RARE)
        if self.net.joints:
            self.heat = nn.Conv2d(widths[0], 2 * self.net.joints, 1)

    def trunk(self, *pictures: Tensor) -> Tensor:
        """Features [b, width, h, h] of the input pictures, in the order of the net's inputs."""
        x = torch.cat([*pictures, _coordinates(pictures[0])], 1)
        x = self.stem(F.pixel_unshuffle(x, 2))
        skips = []
        for level, blocks in enumerate(self.encoder):
            x = blocks(x)
            if level < len(self.down):
                skips.append(x)
                x = self.down[level](x)
        x = self.context(x)
        for level in reversed(range(len(self.up))):
            x = F.interpolate(self.up[level](x), scale_factor=2.0, mode="nearest") + skips[level]
            x = self.decoder[level](x)
        return F.relu(self.last(x))

    def points(self, features: Tensor) -> dict[str, Tensor]:
        """Heads at single pixels: features [n, width] -> [n, channels], or [n, channels, 4] at full size.

        The four are the pixel's quarters, row by row.
        """
        y = F.relu(self.hidden(features))
        raw = {name: read(y) for name, read in self.read.items()}
        shaped = {n: v.unflatten(-1, (-1, 4)) if self.net.heads[n].full else v for n, v in raw.items()}
        return {name: _settled(name, value) for name, value in shaped.items()}

    def joints(self, features: Tensor) -> dict[str, Tensor]:
        """Heat maps [b, j, h, h] (softmax over the pixels) and depths [b, j], read where the heat is."""
        if not self.net.joints:
            return {}
        heat, z = self.heat(features).chunk(2, 1)
        share = heat.float().flatten(2).softmax(-1)
        return {"joints": heat, "joint_z": (share * z.float().flatten(2)).sum(-1)}

    def forward(self, *pictures: Tensor) -> dict[str, Tensor]:
        """All maps, dense; what they say outside the silhouette means nothing."""
        features = self.trunk(*pictures)
        b, c, h, w = features.shape
        flat = self.points(features.permute(0, 2, 3, 1).reshape(b * h * w, c))
        maps = {name: _dense(value, (b, h, w)) for name, value in flat.items()}
        found = maps | self.joints(features)
        return {name: found[name] for name in OUTPUTS[self.architecture.net]}


def _blocks(channels: int, count: int) -> nn.Sequential:
    return nn.Sequential(*(Block(channels) for _ in range(count)))


def _coordinates(x: Tensor) -> Tensor:
    """[b, 2, s, s]: where each pixel lies, -1..1 rightwards and upwards."""
    b, _, h, w = x.shape
    right = ((torch.arange(w, device=x.device, dtype=x.dtype) + 0.5) * (2.0 / w) - 1).reshape(1, 1, 1, w)
    up = (1 - (torch.arange(h, device=x.device, dtype=x.dtype) + 0.5) * (2.0 / h)).reshape(1, 1, h, 1)
    return torch.cat([right.expand(b, 1, h, w), up.expand(b, 1, h, w)], 1)


def _settled(name: str, value: Tensor) -> Tensor:
    """Raw head outputs brought into their ranges; logits stay logits. Channels are axis 1."""
    value = value.float()
    if name.startswith("normals"):
        return F.normalize(value, dim=1, eps=1e-4)
    if name == "canonical":
        return torch.tanh(value)
    if name == "colour_back":
        return torch.sigmoid(value)
    return value


def _dense(value: Tensor, shape: tuple[int, int, int]) -> Tensor:
    """[b*h*w, c] -> [b, c, h, w], or [b*h*w, c, 4] -> [b, c, 2h, 2w]."""
    b, h, w = shape
    full = value.ndim == 3
    maps = value.reshape(b, h, w, -1).permute(0, 3, 1, 2)
    return F.pixel_shuffle(maps, 2) if full else maps
