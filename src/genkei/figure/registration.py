"""Registration keys of a mould: bumps of the parting surface itself, so that they part with it."""

from dataclasses import replace

import numpy as np
from jaxtyping import Bool, Float

from genkei.figure.parting import Parting

KEYS = 4
RISE = 0.45
"""Height of a key, of its diameter."""
MARGIN_MM = 1.2
"""Between a key and the part, a channel or the block's side."""


def keyed(
    parting: Parting, taken: Bool[np.ndarray, "nx ny"], diameter_mm: float
) -> tuple[Parting, Float[np.ndarray, "k 2"]]:
    """The surface with up to four blunt cones beside what is `taken`, and where they stand.

    The first points down, the others up: turned round, the halves do not close.
    """
    from scipy.ndimage import distance_transform_edt

    room = np.asarray(distance_transform_edt(np.pad(~taken, 1)))[1:-1, 1:-1] * parting.step
    nodes = parting.nodes()
    free = room > diameter_mm / 2 + MARGIN_MM
    places: list[np.ndarray] = []
    candidates = nodes[free]
    away = -(candidates - parting.corner).sum(1)  # first the corner of the grid, then ever the farthest
    while len(candidates) and len(places) < KEYS:
        best = int(np.argmax(np.round(away, 6)))
        if places and away[best] < 2 * diameter_mm:
            break
        places.append(candidates[best])
        away = np.minimum.reduce([np.linalg.norm(candidates - place, axis=1) for place in places])
    height = parting.height
    for k, place in enumerate(places):
        radius = np.linalg.norm(nodes - place, axis=-1)
        cone = np.clip((diameter_mm / 2 - radius) / (diameter_mm / 4), 0, 1) * RISE * diameter_mm
        height = height + (-cone if k == 0 else cone)
    return replace(parting, height=height), np.array(places).reshape(-1, 2)


def misfit_mm(parting: Parting) -> float:
    """How far apart the halves stay at least when one is put on turned round (also by quarters if square)."""
    height = parting.height - parting.height.mean()
    turned = [height[::-1, ::-1]]
    if height.shape[0] == height.shape[1]:
        turned += [np.rot90(height), np.rot90(height, -1)]
    # the upper half rests where its surface reaches lowest over the lower one's: elsewhere a gap is left
    return min(float((other - height).max() - (other - height).min()) for other in turned) / 2


__all__ = ["keyed", "misfit_mm"]
