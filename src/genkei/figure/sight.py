"""Where nobody looks: how much of a surface point the people see who walk round a figure."""

import math
from collections.abc import Sequence

import numpy as np
from jaxtyping import Float32

from genkei.geometry.rays import Surface, meets_any

HEIGHTS_DEG = (0.0, 20.0, 50.0)
"""From a shelf at eye level to a desk seen from above; nobody looks from below."""
TURNS = 12
BEHIND = 0.12
"""Weight of a look from straight behind against one at the face."""
START_MM = 0.05


def viewers() -> tuple[Float32[np.ndarray, "n 3"], Float32[np.ndarray, "n"]]:
    """Unit directions towards the viewers in figure space (the face looks to -y), and their weights."""
    rows, weights = [], []
    for height in HEIGHTS_DEG:
        level, rise = math.cos(math.radians(height)), math.sin(math.radians(height))
        for turn in range(TURNS):
            angle = 2 * math.pi * turn / TURNS
            rows.append((level * math.sin(angle), -level * math.cos(angle), rise))
            weights.append(BEHIND + (1 - BEHIND) * ((1 + math.cos(angle)) / 2) ** 1.5)
    return np.array(rows, np.float32), np.array(weights, np.float32)


def seen(
    scenery: Sequence[Surface], points: Float32[np.ndarray, "n 3"], normals: Float32[np.ndarray, "n 3"]
) -> Float32[np.ndarray, "n"]:
    """0 where nobody sees a surface point of the scenery, 1 for a bare spot that looks straight ahead."""
    directions, weights = viewers()
    if not len(points):
        return np.zeros(0, np.float32)
    starts = np.repeat(points + START_MM * normals, len(directions), axis=0)
    along = np.tile(directions, (len(points), 1))
    slope = np.clip(normals @ directions.T, 0, None)
    looked = np.flatnonzero((slope > 0.05).ravel())
    free = np.zeros(len(along), bool)
    free[looked] = ~meets_any(scenery, starts[looked], along[looked])
    bare = float(np.clip(-directions[:, 1], 0, None) @ weights)
    return ((slope * free.reshape(slope.shape)) @ weights / bare).astype(np.float32)
