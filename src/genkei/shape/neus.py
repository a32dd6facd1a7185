"""Neus: a signed distance field with view-dependent colour, fitted to pictures of any known cameras.

NeuS as published (arXiv 2106.10689) on dense grids, coarse to fine, instead of a perceptron: the same
weights and terms, far cheaper on a processor. It starts from the outlines' visual hull.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from genkei.geometry.field import Grid
from genkei.shape.neus_fit import Pace, Terms, fitted, lattice_of, on, scene_of
from genkei.shape.posed import (
    ball,
    box,
    doubled,
    hull_grid,
    outlines,
    pixels,
    refuse_without_torch,
    usable,
    volume_of,
)
from genkei.shape.volume import distance_cells, finished, solid
from genkei.types import Mesh, View


@dataclass(frozen=True)
class Neus:
    """Shape from two or more views by any cameras (extra [torch])."""

    resolution: int = 128
    """Cells per character height."""
    paces: tuple[Pace, ...] = (Pace(100), Pace(100))
    """The rounds on every grid, coarse to fine, each twice as fine as the one before."""
    terms: Terms = Terms()
    size_px: int = 256
    """Least side of the pictures that rays are taken from."""
    begin: Literal["hull", "ball"] = "hull"
    """Where the field starts: `ball`, as the paper, wants many more rounds."""
    seed: int = 0
    """Of the rays' choice and of the colour head."""
    device: str = "cpu"
    """`cpu` or `cuda`."""

    def __call__(self, views: tuple[View, ...]) -> Mesh:
        """One closed outward mesh in character space. Raises ValueError in the user's words."""
        grid = self.field(usable(views, "NeuS"))
        return finished(solid(volume_of(grid), grid.values))

    def field(self, given: tuple[View, ...]) -> Grid:
        """The fitted distance, in heights, negative inside."""
        refuse_without_torch("NeuS", self.device)
        coarsest = self.resolution / 2 ** (len(self.paces) - 1)
        grid = hull_grid(outlines(given, self.size_px), round(coarsest))
        grid = ball(grid) if self.begin == "ball" else redistanced(grid)
        seen = pixels(given, self.size_px, *box(grid))
        scene = scene_of(grid, lattice_of(grid), self.seed, self.device)
        for level, pace in enumerate(self.paces):
            if level:
                grid = doubled(grid, 2 / grid.step)
                scene = on(grid, scene, self.device)
            grid = fitted(scene, seen, pace, self.terms, self.seed + level)
        return grid


def redistanced(grid: Grid) -> Grid:
    """A true distance with the same surface."""
    cells = distance_cells(grid.values / np.float32(grid.step))
    return Grid(cells * np.float32(grid.step), grid.origin, grid.step)
