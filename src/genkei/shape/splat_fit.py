"""The fit of splats: laid over the outlines' hull, then moved until their pictures are the views'."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float32

from genkei.geometry.camera import project
from genkei.geometry.gaussians import SH0, Gaussians, turns_to
from genkei.geometry.mesh import surface_area, vertex_normals
from genkei.shape.posed import shrunk
from genkei.shape.splat_raster import Cloud, Picture, rasterised
from genkei.types import Camera, Mesh, View

if TYPE_CHECKING:
    from torch import Tensor

Rasteriser = Callable[[Cloud, Camera, int], Picture]


@dataclass(frozen=True)
class Terms:
    """How much every term counts; lengths are heights."""

    colour: float = 1.0
    """Mean absolute difference of the pictures, on black; not of views whose colour means nothing."""
    mask: float = 1.0
    """Mean absolute difference of what is covered."""
    spread: float = 0.5
    """2DGS's distortion: what one pixel sees lies at one depth. Its weight for heights: ten times as much and
    splats fade, since front and back seen through each other are what is farthest apart."""
    normal: float = 0.05
    """2DGS's consistency: a surfel faces as the depths round it say."""


@dataclass(frozen=True)
class Rates:
    """Adam's steps, a round."""

    places: float = 6e-4
    scales: float = 5e-3
    turns: float = 5e-3
    logits: float = 0.03
    colours: float = 0.01


def laid(mesh: Mesh, count: int, flat: bool, views: tuple[View, ...]) -> Gaussians:
    """About `count` splats even over a surface, as wide as that needs, in the colours of the views they face.

    One for each cell of a lattice that the surface's vertices meet: mirrored solids get mirrored splats.
    """
    pitch = np.sqrt(surface_area(mesh) / count)
    cells = np.rint(mesh.vertices / pitch).astype(np.int64)
    size = np.ptp(cells, axis=0) + 1
    number = np.ravel_multi_index(tuple((cells - cells.min(0)).T), tuple(size))
    _, group = np.unique(number, return_inverse=True)
    share = np.bincount(group)
    places, normals = (
        np.stack([np.bincount(group, values[:, k]) for k in range(3)], 1) / share[:, None]
        for values in (mesh.vertices, vertex_normals(mesh))
    )
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-6)
    places, normals, count = places.astype(np.float32), normals.astype(np.float32), len(places)
    scales = np.full((count, 3), COVER * pitch, np.float32)
    scales[:, 2] *= 0 if flat else 0.2
    colours = np.zeros((count, 4, 3), np.float32)
    colours[:, 0] = (faced(places, normals, views) - 0.5) / SH0
    opacities = np.full(count, 0.9, np.float32)
    return Gaussians(places, scales, turns_to(normals), opacities, colours)


COVER = 0.6
"""Standard deviation of a splat over the distance to its neighbours: less leaves gaps."""


def faced(
    places: Float32[np.ndarray, "n 3"], normals: Float32[np.ndarray, "n 3"], views: tuple[View, ...]
) -> Float32[np.ndarray, "n 3"]:
    """The views' colours at places, mean by how straight they look; grey where none does."""
    total = np.full((len(places), 4), (5e-4, 5e-4, 5e-4, 1e-3))
    for view in views:
        size = len(view.rgba)
        pixel = np.floor(project(places, view.camera, size, size)[:, :2]).astype(np.int64)
        column, row = np.clip(pixel, 0, size - 1).T
        cosine = np.maximum(-(normals @ view.camera.axes[2]), 0) ** 2
        worth = cosine * (view.rgba[row, column, 3] > 0.5) * view.coloured
        total[:, :3] += worth[:, None] * view.rgba[row, column, :3]
        total[:, 3] += worth
    return (total[:, :3] / total[:, 3:]).astype(np.float32)


def loss(
    seen: Picture, camera: Camera, truth: "Tensor", coloured: bool, flat: bool, terms: Terms
) -> "Tensor":
    """The sum of all terms; `truth` [s, s, 4] is straight RGBA."""
    alpha = truth[..., 3]
    total = terms.mask * (seen.alpha - alpha).abs().mean()
    if coloured:
        total = total + terms.colour * (seen.rgb - truth[..., :3] * truth[..., 3:]).abs().mean()
    if flat:
        total = total + terms.spread * seen.spread.mean()
        total = (
            total
            + terms.normal * ((1 - (seen.normal * facing(seen, camera)).sum(-1)) * alpha)[1:-1, 1:-1].mean()
        )
    return total


def facing(seen: Picture, camera: Camera) -> "Tensor":
    """[s, s, 3]: unit normals towards the viewer that neighbouring depths tell; 0 at the border.

    Exact for orthographic cameras; in perspective, pixels are as wide as at the character's middle.
    """
    import torch

    size = len(seen.depth)
    right, up, forward = seen.depth.new_tensor(camera.axes).unbind(0)
    row = camera.world_to_clip[3]
    pixel = (row[3] + row[1] * 0.5) * 2 / np.linalg.norm(camera.world_to_clip[0, :3]) / size
    depth = seen.depth
    across = (depth[1:-1, 2:] - depth[1:-1, :-2]) / (2 * float(pixel))
    down = (depth[2:, 1:-1] - depth[:-2, 1:-1]) / (2 * float(pixel))
    normal = across[..., None] * right - down[..., None] * up - forward
    inner = torch.nn.functional.normalize(normal, dim=-1)
    return torch.nn.functional.pad(inner, (0, 0, 1, 1, 1, 1))


def fitted(
    cloud: Cloud,
    views: tuple[View, ...],
    size_px: int,
    rounds: int,
    terms: Terms,
    rates: Rates,
    rasterise: Rasteriser = rasterised,
) -> Cloud:
    """The cloud after so many rounds, one view each in turn; splats that nearly vanished are dropped."""
    import torch

    cloud = Cloud(*(part.clone().requires_grad_() for part in cloud.learned), flat=cloud.flat)
    paces = rates.places, rates.scales, rates.turns, rates.logits, rates.colours
    adam = torch.optim.Adam(
        [{"params": [part], "lr": rate} for part, rate in zip(cloud.learned, paces, strict=True)], eps=1e-15
    )
    truths = [torch.from_numpy(fitting(view.rgba, size_px)).to(cloud.places.device) for view in views]
    for turn in range(rounds):
        k = turn % len(views)
        seen = rasterise(cloud, views[k].camera, size_px)
        adam.zero_grad()
        loss(seen, views[k].camera, truths[k], views[k].coloured, cloud.flat, terms).backward()
        adam.step()
    kept = torch.sigmoid(cloud.logits.detach()) > FADED
    return Cloud(*(part.detach()[kept] for part in cloud.learned), flat=cloud.flat)


FADED = 0.05
"""Opacity below which a splat is dropped at the end."""


def fitting(rgba: Float32[np.ndarray, "s s 4"], size_px: int) -> Float32[np.ndarray, "t t 4"]:
    """The picture in means of areas at exactly `size_px`."""
    from PIL import Image

    near = shrunk(rgba, size_px)
    thick = np.concatenate([near[..., :3] * near[..., 3:], near[..., 3:]], -1)
    box = Image.Resampling.BOX
    parts = [Image.fromarray(thick[..., k]).resize((size_px, size_px), box) for k in range(4)]
    out = np.stack([np.asarray(part, np.float32) for part in parts], -1)
    out[..., :3] /= np.maximum(out[..., 3:], 1e-6)
    return out
