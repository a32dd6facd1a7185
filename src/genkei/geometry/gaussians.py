"""Gaussian splats as plain arrays: 3-D (Kerbl et al. 2023) or flat, surfels (Huang et al. 2024)."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float32

SH0, SH1 = 0.28209479177387814, 0.4886025119029199
"""Real spherical harmonics of degree 0 and 1: their constants."""


@dataclass(frozen=True)
class Gaussians:
    """Splats in character space."""

    places: Float32[np.ndarray, "n 3"]
    scales: Float32[np.ndarray, "n 3"]
    """Standard deviations along each splat's own axes, heights; the third of surfels is 0."""
    turns: Float32[np.ndarray, "n 4"]
    """Unit quaternions (w, x, y, z): own axes to character space."""
    opacities: Float32[np.ndarray, "n"]
    """0..1."""
    colours: Float32[np.ndarray, "n 4 3"]
    """Spherical harmonics of degree 0 and 1 in the order -, y, z, x; 0.5 is added to their sum."""

    @property
    def flat(self) -> bool:
        """Whether these are surfels."""
        return not self.scales[:, 2].any()

    @property
    def normals(self) -> Float32[np.ndarray, "n 3"]:
        """Unit, along the shortest axis; that of a surfel is its third."""
        frames = rotations(self.turns)
        return np.take_along_axis(frames, self.scales.argmin(1)[:, None, None], 2)[..., 0]


def rotations(turns: Float[np.ndarray, "n 4"]) -> Float[np.ndarray, "n 3 3"]:
    """Matrices of unit quaternions (w, x, y, z); their columns are the own axes."""
    w, x, y, z = turns.T
    rows = [
        [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
        [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
        [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
    ]
    return np.moveaxis(np.array(rows), 2, 0).astype(turns.dtype)


def turns_to(normals: Float[np.ndarray, "n 3"]) -> Float[np.ndarray, "n 4"]:
    """The shortest turn of the third axis onto unit normals, as quaternions (w, x, y, z)."""
    x, y, z = normals.T
    back = z < -0.999999  # straight back: half a turn about x
    found = np.stack([1 + z, -y, x, np.zeros_like(z)], 1)
    found[back] = (0, 1, 0, 0)
    return (found / np.linalg.norm(found, axis=1, keepdims=True)).astype(normals.dtype)
