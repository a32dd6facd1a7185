"""TripoSR (Tochilkin et al. 2024, MIT): one picture to a radiance field in less than a second on a big card.

The tensors carry the names of the published `model.ckpt`; sizes and constants are those of its config.yaml.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float32

from genkei.nets import vit
from genkei.nets.layers import Layout, Weights, placed, under
from genkei.nets.published.recognise import whole
from genkei.nets.triplane import Triplane, perceptron, perceptron_layout, planes, sampled

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Sizes:
    """The published net; tests use smaller ones."""

    eye: vit.Vit = vit.DINO_B16
    planes: Triplane = Triplane(
        plane=32, channels=1024, blocks=16, heads=16, head_width=64, context=768, features=40
    )
    neurons: int = 64
    hidden: int = 9
    """Hidden layers of the field's perceptron."""
    picture_px: int = 512

    @property
    def layout(self) -> Layout:
        """Every tensor of the checkpoint."""
        widths = (3 * self.planes.features, *(self.neurons,) * self.hidden, 4)
        return (
            placed("image_tokenizer.model.", self.eye.layout)
            | self.planes.layout
            | perceptron_layout("decoder.layers", widths)
        )


FILL = 0.85
"""Longer side of the character's box over the picture's side."""
GREY = 0.5
"""Of the paper: it was trained on nothing else."""
RADIUS = 0.87
"""Half side of the cube that the planes span."""
BIAS = -1.0
"""Added to the raw density before its exponential."""
THRESHOLD = 25.0
"""Density at the surface."""
DISTANCE, FIELD_OF_VIEW_DEG = 1.9, 40.0
"""Of the camera behind its pictures, looking at the cube's centre along -x, +z up."""
HALF = DISTANCE * math.tan(math.radians(FIELD_OF_VIEW_DEG / 2))
"""Half side of the picture in the plane through the centre."""
CHUNK = 1 << 17
"""Points asked at once: 64 MB of features."""


@dataclass(frozen=True)
class TripoSrNet:
    """A net that is ready to run on the device its tensors are on."""

    weights: Weights
    """Exactly the tensors of the sizes' layout."""
    sizes: Sizes = Sizes()

    def __call__(self, picture: Float32[np.ndarray, "4 s s"]) -> Callable[[np.ndarray], np.ndarray]:
        """What it sees in a picture, RGBA with colours times alpha, the character's box `FILL` of its side.

        The answer takes points [n, 3] in picture sides (x right, y up, z towards the viewer, 0 in the middle)
        and gives log density over the surface's, positive inside. The net thinks in perspective; its field is
        sheared so that rays parallel to z meet what its own rays met: the outline stays the picture's.
        """
        import torch

        with torch.inference_mode():
            scene = self.scene(self._tensor(picture[:3] + GREY * (1 - picture[3:])))[0]
        return lambda points: self._over_surface(scene, points)

    def scene(self, picture: "Tensor") -> "Tensor":
        """[3, s, s] in 0..1 -> planes [1, 3, features, 2 plane, 2 plane]."""
        from torch.nn.functional import interpolate

        side = self.sizes.picture_px
        resized = interpolate(
            picture[None], (side, side), mode="bilinear", antialias=True, align_corners=False
        )
        seen = vit.tokens(under(self.weights, "image_tokenizer.model."), self.sizes.eye, resized)
        return planes(self.weights, self.sizes.planes, seen)

    def raw(self, scene: "Tensor", points: "Tensor") -> "Tensor":
        """Raw density and colour [n, 4] of points [n, 3] in the net's own cube, ±`RADIUS`."""
        return perceptron(
            self.weights, "decoder.layers", sampled(scene, points / RADIUS), self.sizes.hidden + 1
        )

    def _over_surface(self, scene: "Tensor", points: np.ndarray) -> np.ndarray:
        import torch

        found = []
        with torch.inference_mode():
            for start in range(0, len(points), CHUNK):
                own = self._tensor(cube_points(points[start : start + CHUNK]))
                found.append(self.raw(scene, own)[:, 0] + (BIAS - math.log(THRESHOLD)))
            return torch.cat(found).cpu().numpy().astype(np.float32)

    def _tensor(self, array: np.ndarray) -> "Tensor":
        import torch

        like = self.weights["tokenizer.embeddings"]
        return torch.from_numpy(np.ascontiguousarray(array)).to(like)


def load(path: Path, device: str = "cpu") -> TripoSrNet:
    """The published checkpoint, whole; ValueError says what else the file is, or what in it does not fit."""
    sizes = Sizes()
    return TripoSrNet(whole(path, "triposr", sizes.layout, device=device), sizes)


def cube_points(points: Float32[np.ndarray, "n 3"]) -> Float32[np.ndarray, "n 3"]:
    """Points in picture sides -> the net's cube (x to the viewer, y right, z up), by its own perspective."""
    right, up, near = (2 * HALF * points).T
    closer = (DISTANCE - near) / DISTANCE
    return np.stack([near, right * closer, up * closer], 1).astype(np.float32)
