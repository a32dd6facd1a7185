"""A texture in which two triangles share a small square: no chart to cut, no overlap."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float32, Int64

from genkei.types import Mesh

GAP_PX = 3
"""Texels of a square's side that keep its two triangles from bleeding into each other."""
CLOSE_UP = 2
"""Faces marked as fine get squares this much larger."""


@dataclass(frozen=True)
class Tiles:
    """Faces that lie alike in their squares, and what their texels see."""

    faces: Int64[np.ndarray, "n"]
    corner: Int64[np.ndarray, "n 2"]
    """Top left texel (x, y) of each face's square."""
    texels: Int64[np.ndarray, "k 2"]
    """Texels (x, y) of a face within its square."""
    weights: Float32[np.ndarray, "k 3"]
    """Barycentrics of those texels; they may leave [0, 1], so that paint runs past the edge."""


@dataclass(frozen=True)
class Atlas:
    uv: Float32[np.ndarray, "f 3 2"]
    tiles: tuple[Tiles, ...]


def unwrap(mesh: Mesh, fine: Bool[np.ndarray, "f"], size_px: int) -> Atlas:
    """The largest squares that fit into size_px x size_px; ValueError when even the smallest do not."""
    count = len(mesh.faces)
    pairs_fine, pairs = (int(fine.sum()) + 1) // 2, (int((~fine).sum()) + 1) // 2
    for block in range(40, GAP_PX + 1, -1):
        large = CLOSE_UP * block
        rows_fine = -(-pairs_fine // (size_px // large))
        if rows_fine * large + -(-pairs // (size_px // block)) * block <= size_px:
            break
    else:
        raise ValueError(f"{count} faces do not fit into a {size_px} px texture; use a larger one")
    uv = np.zeros((count, 3, 2), np.float32)
    tiles = []
    for chosen, side, top in ((fine, large, 0), (~fine, block, rows_fine * large)):
        faces = np.flatnonzero(chosen)
        for upper in (False, True):
            tiles.append(_lay(faces[int(upper) :: 2], side, top, size_px, upper))
            tile = tiles[-1]
            uv[tile.faces] = (tile.corner[:, None, :] + _triangle(side, upper)) / size_px
    return Atlas(uv, tuple(tiles))


def _triangle(side: int, upper: bool) -> np.ndarray:
    """Corners of a face in its square, in texels: the lower left half or the upper right half."""
    leg = side - GAP_PX
    lower = np.array([(1, 1), (1 + leg, 1), (1, 1 + leg)], np.float32)
    return side - lower if upper else lower


def _lay(faces: np.ndarray, side: int, top: int, size_px: int, upper: bool) -> Tiles:
    """One face into each square of `side` texels, row by row below `top`."""
    number, per_row = np.arange(len(faces)), size_px // side
    corner = np.stack([(number % per_row) * side, top + (number // per_row) * side], 1)
    column, row = np.meshgrid(np.arange(side), np.arange(side))
    half = (column + row >= side - 1) if upper else (column + row < side - 1)
    texels = np.stack([column[half], row[half]], 1)
    a, b, _ = _triangle(side, upper)
    leg = (b - a)[0]
    local = (texels + 0.5 - a) / leg
    weights = np.stack([1 - local.sum(1), local[:, 0], local[:, 1]], 1).astype(np.float32)
    return Tiles(faces, corner, texels, weights)
