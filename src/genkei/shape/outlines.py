"""Which outline the given views show of the front and of the side."""

import math

import numpy as np

from genkei.shape.silhouette import Silhouette, merged, silhouette
from genkei.types import View


def outline(views: tuple[View, ...], azimuth_deg: float, resolution: int) -> Silhouette | None:
    """The outline towards an azimuth (0 or 90) from the views there and opposite; None without any.

    Drawn views beat guessed ones. The front wins over the back, since it is what people look at; a left and
    a right side that should agree are merged half-way. Columns run along +x for azimuth 0, +z for azimuth 90.
    """
    refuse(views)
    step = 1.0 / resolution
    half_width = max(view.camera.span for view in views) / 2
    found = {}
    for view in level(views):
        turn = (view.camera.azimuth_deg - azimuth_deg) % 360
        if min(turn, abs(turn - 180), 360 - turn) > SAME_DEG:
            continue
        seen = silhouette(view, half_width, step, 0.02)
        opposite = 90 < turn < 270
        found.setdefault(view.drawn, []).append((opposite, seen.mirrored() if opposite else seen))
    chosen = [seen for _, seen in sorted(found.get(True) or found.get(False) or [], key=lambda pair: pair[0])]
    if not chosen:
        return None
    if azimuth_deg != 90.0:
        return cropped(chosen[0])
    return cropped((chosen[0] if len(chosen) == 1 else merged(chosen[0], chosen[1])).mirrored())


SAME_DEG = 10.0
"""A view nearer than this to a front, back or side counts as one."""


LEVEL_DEG = 5.0
"""A camera raised by less sees head and feet where the front sees them."""


def level(views: tuple[View, ...]) -> tuple[View, ...]:
    """The views whose rows are heights: outlines of raised cameras cannot be laid on the others."""
    return tuple(view for view in views if abs(view.camera.elevation_deg) < LEVEL_DEG)


def refuse(views: tuple[View, ...]) -> None:
    """Raises ValueError for no view, a view that is not square and orthographic, or an empty one."""
    if not views:
        raise ValueError("no views were given: a shape wants at least a front view")
    for view in views:
        height, width = view.mask.shape
        if height != width or not view.camera.is_orthographic:
            raise ValueError(
                f"the {view.name} view is {width} x {height} px, "
                f"{'orthographic' if view.camera.is_orthographic else 'in perspective'}; "
                "outlines want square orthographic views; --shape neus and splats know perspective"
            )
        if not view.mask.any():
            raise ValueError(f"the {view.name} view is empty: no pixel is opaque; leave it out or draw it")


def cropped(outline: Silhouette) -> Silhouette:
    """Without the empty columns at both ends, three cells of margin left."""
    columns = np.flatnonzero(outline.mask.any(0))
    first, last = max(0, columns[0] - 3), min(outline.mask.shape[1], columns[-1] + 4)
    return Silhouette(
        np.ascontiguousarray(outline.distance[:, first:last]),
        outline.u0 + first * outline.step,
        outline.y0,
        outline.step,
    )


def room(outline: Silhouette, low: float, high: float) -> Silhouette:
    """An outline that carves nothing: the rows of a given one, columns from `low` to `high` and a margin."""
    first, last = math.floor(low / outline.step) - 4, math.ceil(high / outline.step) + 4
    inside = np.where(outline.mask.any(1), -1.0, 1.0)[:, None] * np.ones((1, last - first + 1))
    return Silhouette(inside.astype(np.float32), first * outline.step, outline.y0, outline.step)
