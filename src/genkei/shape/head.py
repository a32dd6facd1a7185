"""A head behind every face: what a lone look forgets where a mane hangs before and beside it.

Between two masses of hair that come forward, a net may take a face for a hollow. A ball as wide as the face,
half-way through the depth of what lies round it, lies inside any head that is whole already.
"""

from dataclasses import replace

import numpy as np
from jaxtyping import Float32

from genkei.geometry.camera import turned_deg
from genkei.geometry.crop import Crop, column_of, row_of
from genkei.nets.look import PARTS
from genkei.shape.fuse import Solid
from genkei.shape.volume import Volume

FACING_DEG = 10.0
"""So far from the front a view's columns still run along x."""
LEAST_SHARE = 0.01
"""Of the outline: a smaller face is none."""
ASIDE = 1.6
"""Face radii from its middle within which matter counts as the head's."""
HOLLOW = 0.15
"""Share of the ball that is missing from a head that is no head."""
ENDS = 2.0
"""Percent of the head's matter left out at either end of its depth."""


def with_face(solid: Solid, crop: Crop, parts: Float32[np.ndarray, "c s s"]) -> Solid:
    """The solid with the rays on which the likeliest part is a face."""
    size = parts.shape[1]
    rows = np.clip(np.round(row_of(solid.up, crop, size)).astype(int), 0, size - 1)
    columns = np.clip(np.round(column_of(solid.across, crop, size)).astype(int), 0, size - 1)
    return replace(solid, face=(parts.argmax(0) == PARTS.index("face"))[rows][:, columns])


def headed(
    body: Volume, found: Float32[np.ndarray, "nx ny nz"], solid: Solid
) -> Float32[np.ndarray, "nx ny nz"]:
    """The field with a ball behind the face of a front look; as it is without a face or with a whole head.

    The ball is as wide as a disc of the face's area, and as deep as wide if what lies round it is.
    """
    seen = solid.face
    if seen is None or turned_deg(solid.azimuth_deg, 0.0) > FACING_DEG:
        return found
    rows, columns = np.nonzero(seen & solid.outline.mask)
    if len(rows) < LEAST_SHARE * solid.outline.mask.sum():
        return found
    x, y, z = (body.origin[k] + body.step * np.arange(found.shape[k]) for k in range(3))
    across = float(solid.across[columns].mean())
    up = float(solid.up[rows].mean())
    radius = float(np.sqrt(len(rows) / np.pi)) * solid.outline.step
    flat = np.hypot(x[:, None] - across, y - up)
    matter = np.nonzero((found < 0)[flat < ASIDE * radius])[1]
    if not len(matter):
        return found
    back, front = np.percentile(z[matter], (ENDS, 100 - ENDS))
    deep = max(min(radius, (front - back) / 2), body.step)
    ball = np.sqrt((flat[..., None] / radius) ** 2 + ((z - (front + back) / 2) / deep) ** 2) - 1
    if ((found >= 0) & (ball < 0)).sum() < HOLLOW * (ball < 0).sum():
        return found
    return np.minimum(found, (ball * radius).astype(np.float32))
