"""CharacterGen's second stage (Peng et al. 2024, Apache-2.0): four posed views to a signed field.

DINOv2 sees every view with its camera fed into both norms of every block; a triplane transformer reads all
views at once; a perceptron says distance and colour at any point. Names are those of the published file.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float32

from genkei.nets import vit
from genkei.nets.layers import Layout, Weights, linear, linear_layout, placed, under
from genkei.nets.published.recognise import whole
from genkei.nets.triplane import Triplane, perceptron, perceptron_layout, planes, sampled

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Sizes:
    """The published net; tests use smaller ones."""

    eye: vit.Vit = vit.DINOV2_B14
    planes: Triplane = Triplane(
        plane=32, channels=512, blocks=12, heads=16, head_width=64, context=768, features=80
    )
    neurons: int = 64
    shared: int = 8
    """Layers before the heads, each followed by SiLU."""
    picture_px: int = 504

    @property
    def layout(self) -> Layout:
        """Every tensor that is used."""
        eye = self.eye.layout
        for index in range(self.eye.depth):
            for norm in ("norm1", "norm2"):
                name = f"encoder.layer.{index}.{norm}_modulation.linear2"
                eye |= linear_layout(name, self.eye.width, 2 * self.eye.width)
        widths = (3 * self.planes.features, *(self.neurons,) * self.shared)
        layout = linear_layout("camera_embedder.linear", 16, self.eye.width)
        layout |= placed("image_tokenizer.model.", eye) | self.planes.layout
        layout |= perceptron_layout("decoder.shared_layers", widths)
        for head, outputs in (("sdf", 1), ("features", 3)):
            layout |= perceptron_layout(f"decoder.heads.{head}", (self.neurons, self.neurons, outputs))
        return layout


FILL = 0.945
"""Height of the character over the picture's side in its own example views."""
PAPER = 0.0
"""Colour round the character: its examples are clear there, and their alpha is dropped."""
RADIUS = 0.6
"""Half side of the cube that the planes span."""
BIAS = -2.0
"""Added to the raw value; above 0 is inside."""
HALF = 1.5 * math.tan(math.radians(20.0))
"""Half side of the picture in the plane through the centre: 40 degrees from 1.5 away."""
CAMERAS = {
    180: ((1, 0, 0, 0), (0, 0, 1, 1.5), (0, 1, 0, 0), (0, 0, 0, 1)),
    0: ((-1, 0, 0, 0), (0, 0, -1, -1.5), (0, 1, 0, 0), (0, 0, 0, 1)),
    270: ((0, 0, 1, 1.5), (-1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 0, 1)),
    90: ((0, 0, -1, -1.5), (1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 0, 1)),
}
"""Its meta.json: camera to world by genkei's azimuth, in the order the views are handed over. They mirror:
right, up and back are a left-handed frame, so its world is the mirror image of the character."""
CHUNK = 1 << 16
"""Points asked at once: 64 MB of features."""


@dataclass(frozen=True)
class CharacterGenNet:
    """A net that is ready to run on the device its tensors are on."""

    weights: Weights
    """Exactly the tensors of the sizes' layout."""
    sizes: Sizes = Sizes()

    def __call__(
        self, pictures: Mapping[int, Float32[np.ndarray, "4 s s"]]
    ) -> Callable[[np.ndarray], np.ndarray]:
        """What it sees in views by azimuth (0, 90, 180, 270), [4, s, s] RGBA, colours times alpha, one scale.

        The answer takes points [n, 3] in picture sides (x right, y up, z to the front view's viewer, 0 in the
        middle) and gives its value there, positive inside.
        """
        import torch

        with torch.inference_mode():
            scene = self.scene(torch.stack([self._tensor(_on_paper(pictures[a])) for a in CAMERAS]))[0]
        return lambda points: self._inside(scene, points)

    def scene(self, pictures: "Tensor") -> "Tensor":
        """[4, 3, s, s] in 0..1, ordered like CAMERAS -> planes [1, 3, features, 2 plane, 2 plane]."""
        from torch.nn.functional import interpolate

        side = self.sizes.picture_px
        resized = interpolate(pictures, (side, side), mode="bilinear", antialias=True, align_corners=False)
        cameras = self._tensor(np.array(list(CAMERAS.values()), np.float32).reshape(4, 16))
        own = under(self.weights, "image_tokenizer.model.")
        modulation = self.modulation(own, linear(self.weights, "camera_embedder.linear", cameras))
        seen = vit.tokens(own, self.sizes.eye, resized, modulation)
        return planes(self.weights, self.sizes.planes, seen.flatten(0, 1)[None])

    def modulation(self, eye: Weights, cameras: "Tensor") -> "Tensor":
        """Embedded cameras [b, width] -> scale and shift after every norm [b, depth, 2, 2 width]."""
        import torch
        from torch.nn.functional import silu

        lit = silu(cameras)
        rows = [
            torch.stack(
                [
                    linear(eye, f"encoder.layer.{k}.{norm}_modulation.linear2", lit)
                    for norm in ("norm1", "norm2")
                ],
                1,
            )
            for k in range(self.sizes.eye.depth)
        ]
        return torch.stack(rows, 1)

    def raw(self, scene: "Tensor", points: "Tensor", head: str = "sdf") -> "Tensor":
        """Value [n, 1] or colour [n, 3] of points [n, 3] in the net's own cube, ±`RADIUS`."""
        from torch.nn.functional import silu

        features = sampled(scene, points / RADIUS)
        shared = silu(perceptron(self.weights, "decoder.shared_layers", features, self.sizes.shared))
        return perceptron(self.weights, f"decoder.heads.{head}", shared, 2)

    def _inside(self, scene: "Tensor", points: np.ndarray) -> np.ndarray:
        import torch

        found = []
        with torch.inference_mode():
            for start in range(0, len(points), CHUNK):
                own = self._tensor(cube_points(points[start : start + CHUNK]))
                found.append(self.raw(scene, own)[:, 0] + BIAS)
            return torch.cat(found).cpu().numpy().astype(np.float32)

    def _tensor(self, array: np.ndarray) -> "Tensor":
        import torch

        return torch.from_numpy(np.ascontiguousarray(array)).to(self.weights["tokenizer.embeddings"])


def load(path: Path, device: str = "cpu") -> CharacterGenNet:
    """The published checkpoint, whole; ValueError says what else the file is, or what in it does not fit."""
    sizes = Sizes()
    return CharacterGenNet(whole(path, "charactergen-3d", sizes.layout, rename=used, device=device), sizes)


UNUSED = ("decoder.heads.density.", "image_tokenizer.modulations.", "renderer.", "lpips_loss_fn.")
"""The first training's head, a second name of every modulation, and what only training needs."""


def used(name: str) -> str | None:
    """The file's name of a tensor; None for what the stage does not use."""
    return None if name.startswith(UNUSED) else name


def cube_points(points: Float32[np.ndarray, "n 3"]) -> Float32[np.ndarray, "n 3"]:
    """Points in picture sides -> the net's world: x to the character's right, y to its back, z up."""
    x, y, z = (2 * HALF * points).T
    return np.stack([-x, -z, y], 1).astype(np.float32)


def _on_paper(rgba: np.ndarray) -> np.ndarray:
    return (rgba[:3] + PAPER * (1 - rgba[3:])).astype(np.float32)
