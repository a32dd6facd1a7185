"""The fit of NeuS: a distance grid, a grid of features and a small colour head, moved until rays agree."""

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from genkei.geometry.field import Grid
from genkei.shape.neus_render import Lattice, distance, places_along, sampled, weights
from genkei.shape.posed import Pixels, box, through

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Terms:
    """How much every term of the loss counts."""

    colour: float = 1.0
    """Mean absolute difference inside the outlines."""
    mask: float = 1.0
    """Binary cross entropy of a ray's weights against the picture's alpha; .1 in the paper, which has more
    views than a turnaround."""
    eikonal: float = 0.1
    """Squared difference of the gradient's length from 1, at the rays' samples."""


@dataclass(frozen=True)
class Pace:
    """How far the fit goes on one grid."""

    rounds: int
    rays: int = 768
    coarse: int = 32
    """Even places along a ray."""
    fine: tuple[int, ...] = (16, 16)
    """More of them, round by round, where the surface is."""
    rate: float = 0.08
    """Cells that a cell's value may change in the first round; a tenth of it in the last."""
    bend: float = 0.2
    """Share of the ripples, as short as a cell or two, that every round takes off the field: a grid has none
    of the smoothness that the paper's perceptron has of itself."""


@dataclass(frozen=True)
class Scene:
    """Everything that is learned."""

    lattice: Lattice
    f: "Tensor"
    """[cells]."""
    paint: Lattice
    features: "Tensor"
    """[cells of paint, FEATURES]."""
    head: tuple["Tensor", ...]
    """Weights and biases of the colour head: features, normal and direction to rgb."""
    log_s: "Tensor"

    @property
    def learned(self) -> list["Tensor"]:
        return [self.f, self.features, *self.head, self.log_s]


FEATURES, HIDDEN = 6, 24
SHARP = 4.0
"""Over the cells' size: the sharpness that a grid begins with at least. Softer, thin limbs look transparent
to the mask term and are fattened."""


def scene_of(grid: Grid, paint: Lattice, seed: int, device: str) -> Scene:
    """A scene whose f is the grid's and whose colours are a guess."""
    import torch

    chance = torch.Generator("cpu").manual_seed(seed)
    widths = (FEATURES + 6, HIDDEN, 3)
    head = [
        part
        for wide, high in pairwise(widths)
        for part in (torch.randn(high, wide, generator=chance) / math.sqrt(wide), torch.zeros(high))
    ]
    features = 0.1 * torch.randn(math.prod(paint.shape), FEATURES, generator=chance)
    return _ready(Scene(lattice_of(grid), _values(grid), paint, features, tuple(head), _sharp(grid)), device)


def on(grid: Grid, before: Scene, device: str) -> Scene:
    """The scene with another grid's f."""
    log_s = before.log_s.detach().cpu().maximum(_sharp(grid))
    made = Scene(lattice_of(grid), _values(grid), before.paint, before.features, before.head, log_s)
    return _ready(made, device)


def _ready(scene: Scene, device: str) -> Scene:
    parts = [part.detach().to(device).clone().requires_grad_() for part in scene.learned]
    return Scene(scene.lattice, parts[0], scene.paint, parts[1], tuple(parts[2:-1]), parts[-1])


def _values(grid: Grid) -> "Tensor":
    import torch

    return torch.from_numpy(np.ascontiguousarray(grid.values.reshape(-1)))


def _sharp(grid: Grid) -> "Tensor":
    import torch

    return torch.tensor(math.log(SHARP / grid.step))


def lattice_of(grid: Grid) -> Lattice:
    """Where the grid's values stand."""
    nx, ny, nz = (int(n) for n in grid.values.shape)
    x, y, z = (float(v) for v in grid.origin)
    return Lattice((nx, ny, nz), (x, y, z), float(grid.step))


def colour(scene: Scene, points: "Tensor", normal: "Tensor", way: "Tensor") -> "Tensor":
    """rgb [n, 3] in 0..1 of surface points, by features, normal and the direction they are seen along."""
    import torch

    seen = torch.cat([sampled(scene.features, points, scene.paint), normal, way], 1)
    inner = torch.relu(seen @ scene.head[0].T + scene.head[1])
    return torch.sigmoid(inner @ scene.head[2].T + scene.head[3])


def shown(scene: Scene, start: "Tensor", way: "Tensor", t: "Tensor") -> tuple["Tensor", "Tensor", "Tensor"]:
    """Of rays with places t [r, n + 1]: rgb [r, 3] on black, opacity [r], gradients of f [r * (n + 1), 3]."""
    points = (start[:, None] + way[:, None] * t[..., None]).flatten(0, 1)
    f, slope = distance(scene.f, points, scene.lattice)
    w = weights(f.reshape(t.shape), scene.log_s.exp())
    ray, section = (w.detach() > LEAST).nonzero(as_tuple=True)
    at = ray * t.shape[1] + section
    normal = slope[at] / slope[at].norm(dim=1, keepdim=True).clamp(min=1e-6)
    rgb = colour(scene, points[at], normal, way[ray]) * w[ray, section, None]
    return rgb.new_zeros(len(t), 3).index_add(0, ray, rgb), w.sum(1), slope


LEAST = 1e-3
"""Weight of a section below which its colour is not asked."""


def loss(
    scene: Scene, start: "Tensor", way: "Tensor", t: "Tensor", truth: "Tensor", terms: Terms
) -> "Tensor":
    """The sum of all terms; `truth` [r, 5]: rgb, alpha, and 1 where the colour means something."""
    from torch.nn.functional import binary_cross_entropy

    rgb, alpha, slope = shown(scene, start, way, t)
    told = truth[:, 3] * truth[:, 4]
    off = ((rgb - truth[:, :3]).abs().sum(1) * told).sum() / told.sum().clamp(min=1)
    mask = binary_cross_entropy(alpha.clamp(1e-3, 1 - 1e-3), truth[:, 3])
    return terms.colour * off + terms.mask * mask + terms.eikonal * ((slope.norm(dim=1) - 1) ** 2).mean()


def fitted(scene: Scene, pixels: Pixels, pace: Pace, terms: Terms, seed: int) -> Grid:
    """The scene's f after `pace.rounds` rounds of Adam; the scene itself is changed."""
    import torch

    grid = grid_of(scene)
    low, high = box(grid)
    device, chance = scene.f.device, np.random.default_rng(seed)
    near, far = through(pixels.start, pixels.way, low, high)
    truth = np.column_stack([pixels.rgb, pixels.alpha, pixels.coloured])
    rates = [pace.rate * scene.lattice.step, *[0.01] * (len(scene.learned) - 1)]
    adam = torch.optim.Adam(
        [{"params": [p], "lr": rate} for p, rate in zip(scene.learned, rates, strict=True)],
        betas=(0.9, 0.99),
        eps=1e-15,
        fused=True,
    )
    upto = np.cumsum(pixels.chance)
    for turn in range(pace.rounds):
        adam.param_groups[0]["lr"] = rates[0] * (1 - 0.9 * turn / pace.rounds)
        at = np.minimum(np.searchsorted(upto, chance.random(pace.rays)), len(upto) - 1)
        shift = chance.random((pace.rays, 1))
        even = (np.arange(pace.coarse) + shift) / pace.coarse
        t = near[at, None] + (far - near)[at, None] * even
        arrays = pixels.start[at], pixels.way[at], t, truth[at]
        start, way, t, wanted = (torch.from_numpy(a.astype(np.float32)).to(device) for a in arrays)
        t = places_along(scene.f, start, way, t, scene.lattice, pace.fine)
        adam.zero_grad()
        loss(scene, start, way, t, wanted, terms).backward()
        assert scene.f.grad is not None
        scene.f.grad = spread(scene.f.grad, scene.lattice, SPREAD)
        adam.step()
        with torch.no_grad():
            ripple = spread(scene.f, scene.lattice) - scene.f
            scene.f.add_(ripple - spread(ripple, scene.lattice), alpha=pace.bend)
    return grid_of(scene)


def spread(values: "Tensor", lattice: Lattice, times: int = 1) -> "Tensor":
    """Values [cells] blurred by (1, 2, 1) / 4 along every axis."""
    import torch

    x = values.reshape(lattice.shape)
    for _ in range(times):
        for axis in range(3):
            x = (torch.roll(x, 1, axis) + 2 * x + torch.roll(x, -1, axis)) / 4
    return x.flatten()


SPREAD = 2
"""Blurs of the derivative by the field (Sobolev gradient): rays are sparse, the surface is not."""


def grid_of(scene: Scene) -> Grid:
    """The scene's f."""
    values = scene.f.detach().cpu().numpy().reshape(scene.lattice.shape)
    return Grid(values.astype(np.float32), np.array(scene.lattice.origin, np.float32), scene.lattice.step)
