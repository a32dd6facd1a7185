"""Where it would break: horizontal sections, and how much of the figure each of them carries."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from genkei.geometry.mesh import to_manifold
from genkei.types import Mesh

if TYPE_CHECKING:
    from manifold3d import CrossSection

STEP_MM = 1.0
MOST_SLICES = 220
CARRIES = 0.05
"""A section that carries less of the volume than this is a hair tip or a finger."""


@dataclass(frozen=True)
class Section:
    """One connected horizontal section."""

    area_mm2: float
    carried_share: float
    """Volume that rests on it, of the whole, 0..1."""
    centre: tuple[float, float, float]

    @property
    def diameter_mm(self) -> float:
        """Of the circle with its area."""
        return 2 * math.sqrt(self.area_mm2 / math.pi)


def weakest(mesh: Mesh, carries: float = CARRIES) -> Section | None:
    """The smallest section that carries more than a share of a closed solid; None when there is none.

    Volume flows from every section to those it overlaps one step below, in proportion to their areas, as far
    as these lead down to the ground; what hangs lower than where it is attached carries nothing.
    """
    low, high = float(mesh.vertices[:, 2].min()), float(mesh.vertices[:, 2].max())
    step = max(STEP_MM, (high - low) / MOST_SLICES)
    heights = np.arange(low + step / 2, high, step)
    solid = to_manifold(mesh)
    layers = [[c for c in solid.slice(float(z)).decompose() if c.area() > 1e-3] for z in heights]
    if not layers or not layers[0]:
        return None
    areas = [np.array([c.area() for c in layer]) for layer in layers]
    below = [np.ones((len(layers[0]), 1), bool)]
    below += [_overlaps(upper, lower) for lower, upper in pairwise(layers)]
    grounded = [np.ones(len(layers[0]), bool)]
    for links in below[1:]:
        grounded.append(np.asarray((links & grounded[-1]).any(axis=1)))
    total = sum(float(a.sum()) for a in areas)
    best = None
    load = np.zeros(len(areas[-1]))
    for k in range(len(layers) - 1, -1, -1):
        load = load + areas[k]
        for i in np.flatnonzero(grounded[k] & (load > carries * total)):
            if best is None or areas[k][i] < best.area_mm2:
                x, y = _middle(layers[k][i])
                best = Section(float(areas[k][i]), float(load[i] / total), (x, y, float(heights[k])))
        if k:
            share = below[k] * np.where(grounded[k - 1], areas[k - 1], 0)
            load = (load[:, None] * share / np.maximum(share.sum(1, keepdims=True), 1e-9)).sum(0)
    return best


def _overlaps(upper: "Sequence[CrossSection]", lower: "Sequence[CrossSection]") -> np.ndarray:
    """Bool [upper, lower]: do they overlap seen from above."""
    found = np.zeros((len(upper), len(lower)), bool)
    boxes = [np.array(c.bounds()) for c in lower]
    for i, one in enumerate(upper):
        box = np.array(one.bounds())
        for j, other in enumerate(boxes):
            if (box[:2] < other[2:]).all() and (other[:2] < box[2:]).all():
                found[i, j] = not (one ^ lower[j]).is_empty()
    return found


def _middle(section: "CrossSection") -> tuple[float, float]:
    left, front, right, back = section.bounds()
    return (left + right) / 2, (front + back) / 2
