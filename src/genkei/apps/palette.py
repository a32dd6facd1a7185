"""The colours of the 3MF as the report shows them."""

from dataclasses import dataclass

import numpy as np

from genkei.figure.palette import Palette
from genkei.geometry.mesh import area_vectors
from genkei.types import Figure


@dataclass(frozen=True)
class Chip:
    """One colour of the figure."""

    rgb: tuple[int, int, int]
    share: float
    """0..1 of the figure's surface."""


def chips(figure: Figure, palette: Palette) -> tuple[Chip, ...]:
    """The palette's colours by the area they cover, largest first."""
    area = np.zeros(len(palette.colours))
    for part, index in zip(figure.parts, palette.faces, strict=True):
        size = np.linalg.norm(area_vectors(part.mesh), axis=1)
        area += np.bincount(index, size, len(palette.colours))
    order = np.argsort(-area, kind="stable")
    total = max(float(area.sum()), 1e-9)
    rgb = [tuple(int(c) for c in palette.colours[k]) for k in order]
    return tuple(Chip((r, g, b), float(area[k]) / total) for (r, g, b), k in zip(rgb, order, strict=True))
