"""Solids of nets that can be asked about any point: their field, sampled within the drawn outlines.

The drawing stays what it is: where the net and a drawn outline disagree, the outline wins, and every pixel
that is drawn keeps matter behind it.
"""

from collections.abc import Callable

import numpy as np
from jaxtyping import Float32

from genkei.geometry.field import Grid, surface
from genkei.shape.carving import shaped
from genkei.shape.outlines import outline, refuse, room
from genkei.shape.silhouette import Silhouette
from genkei.shape.volume import Volume, empty, finished, solid
from genkei.types import Mesh, View

Field = Callable[[Float32[np.ndarray, "n 3"]], Float32[np.ndarray, "n"]]
"""How much matter there is at points in character space: positive inside, 1 where the net is sure."""

DEPTH = 0.5
"""Character heights before and behind the axis that are asked where no drawing from aside tells the depth."""
MARGIN = 2.0
"""Cells outside the outlines that are asked still, so that the surface may reach the outline."""


def known_solid(
    views: tuple[View, ...],
    field: Field,
    resolution: int,
    smoothing: float,
    cut: Callable[[Grid], Mesh] = surface,
) -> Mesh:
    """One closed outward mesh in character space, its outlines those of the drawn views.

    `resolution` cells per character height, cut out by marching cubes or by `cut`. Raises ValueError without
    a usable view, for views of which none sees front, back or a side, and where the net finds no matter.
    """
    refuse(views)
    front, side = (outline(views, azimuth, resolution) for azimuth in (0.0, 90.0))
    drawn = tuple(axis for axis, found in ((2, front), (0, side)) if found)
    if front is None and side is None:
        seen = ", ".join(view.name for view in views)
        raise ValueError(f"the net wants a view of front, back or a side to stand the solid in; found {seen}")
    body = empty(_or_room(front, side), _or_room(side, front))
    values = asked(body, field)
    if not (values < 0).any():
        raise ValueError(
            "the net finds nothing solid inside the drawn outline; is it one character, cut out? "
            "Occupancy, Inflation and Hull go by the drawing more than by such a net"
        )
    return finished(solid(body, shaped(body, values, drawn, smoothing), cut))


def _or_room(own: Silhouette | None, other: Silhouette | None) -> Silhouette:
    if own is not None:
        return own
    assert other is not None
    return room(other, -DEPTH, DEPTH)


def asked(body: Volume, field: Field) -> Float32[np.ndarray, "nx ny nz"]:
    """The field on the body's grid as a soft distance in heights, negative inside; far off it isn't asked."""
    limit = body.outlines
    near = np.nonzero(limit < MARGIN * body.step)
    points = body.origin + body.step * np.stack(near, 1).astype(np.float32)
    values = np.full(limit.shape, SOFT * body.step, np.float32)
    values[near] = -SOFT * body.step * np.clip(field(points.astype(np.float32)), -1, 1)
    return values


SOFT = 3.0
"""Cells that a sure net counts as distance from the surface."""
