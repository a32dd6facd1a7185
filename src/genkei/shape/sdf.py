"""Sdf: a distance field fitted to all drawn outlines at once, from whatever side they look.

It starts from what the net and the rounded hull say (genkei.shape.occupancy) and moves the surface until the
soft silhouettes of every view agree (genkei.shape.slab). No view carves: a pixel pulls, and where views
contradict each other by more than a little the start has decided already: the loser's pixels count nothing.
"""

from dataclasses import dataclass, field, replace

import numpy as np
from jaxtyping import Float32

from genkei.geometry.camera import turned_deg
from genkei.geometry.field import signed_distance
from genkei.shape.occupancy import Net, Occupancy, directions
from genkei.shape.outlines import refuse
from genkei.shape.relief import Relief
from genkei.shape.slab import Frame, Pull, Sight, doubled, fitted, halved, rendered, sight, told
from genkei.shape.volume import Volume, distance_cells, evened, fill_rays, finished, relaxed, solid
from genkei.types import Mesh, View


@dataclass(frozen=True)
class Sdf:
    """Shape from two or more drawn views of any azimuth; one view alone is left to the net."""

    resolution: int = 160
    """Cells per character height; more keeps finer locks and costs time with its cube."""
    pull: Pull = Pull()
    """Weights and length of the fit."""
    far: Pull = Pull(rounds=40, rate=0.15)
    """The same on a grid half as fine, before, when a view looks from between or a relief is given: what the
    start did not know may move the surface by several cells."""
    tolerance: float = 2.0
    """Cells round an outline within which views that disagree meet half-way; beyond, the start decides."""
    slim: float = 0.4
    """See `Occupancy.slim`. Every cell that the surface touches is full in the solids that nets are trained
    on, and the hull is an upper bound; measured together with `Occupancy.trust` (docs/decisions.md)."""
    reliefs: tuple[Relief, ...] = ()
    """Depth and normals of some of the views, where a cue or a renderer knows them."""
    alone: Occupancy = Occupancy()
    """What is done where one direction was drawn: there is nothing to fit to beside the outline it keeps."""
    net: Net | None = field(default=None, repr=False)
    """None: the net that comes with genkei."""

    def __call__(self, views: tuple[View, ...]) -> Mesh:
        """One closed outward mesh in character space. Raises ValueError without a usable view."""
        refuse(views)
        return finished(solid(*self.field(tuple(view for view in views if view.drawn) or views)))

    def field(self, given: tuple[View, ...]) -> tuple[Volume, Float32[np.ndarray, "nx ny nz"]]:
        """The work grid and the fitted distance on it, in heights, negative inside."""
        if len(directions(given)) < 2 and not self.reliefs:
            return replace(self.alone, net=self.net).field(given)
        begin = Occupancy(self.resolution, slim=self.slim, net=self.net)
        body, start = begun(begin, given)
        moved = self.moved(body, start, given)
        return body, held(body, moved, given)

    def moved(
        self, body: Volume, start: Float32[np.ndarray, "nx ny nz"], views: tuple[View, ...]
    ) -> Float32[np.ndarray, "nx ny nz"]:
        """The start after the fit, in heights."""
        nx, ny, nz = start.shape
        x0, y0, z0 = map(float, body.origin)
        frame = Frame((ny, nx, nz), x0, y0, z0, float(body.step))
        cells = distance_cells(start / np.float32(body.step))
        upright = np.ascontiguousarray(cells.transpose(1, 0, 2))
        if self.reliefs or any(view.camera.azimuth_deg % 90 for view in views):
            half, back = halved(upright, frame)
            rough = fitted(
                back,
                self.sights(views, back, half),
                np.full(back.shape, self.pull.keep, np.float32),
                self.far,
            )
            upright = upright + doubled(rough - back, half, frame)
        keep = np.full(upright.shape, self.pull.keep, np.float32)
        found = fitted(upright, self.sights(views, upright, frame), keep, self.pull)
        return np.ascontiguousarray(found.transpose(1, 0, 2)) * np.float32(body.step)

    def sights(
        self, views: tuple[View, ...], start: Float32[np.ndarray, "y x z"], frame: Frame
    ) -> list[Sight]:
        """What the views say on a frame; those that the start was made from only where it believes them."""
        found = [sight(view, frame) for view in views]
        found = [one if one.quarter < 0 else believed(one, start, self.tolerance) for one in found]
        for relief in self.reliefs:
            k = seen_by(relief, views)
            found[k] = told(found[k], relief, frame)
        return found


def begun(begin: Occupancy, views: tuple[View, ...]) -> tuple[Volume, Float32[np.ndarray, "nx ny nz"]]:
    """The work grid and the field that the fit starts from, in heights."""
    body, found, limit = begin.soft(views)
    start = np.maximum(relaxed(np.maximum(found, limit), body.step, SMOOTHING), limit)
    start = np.maximum(evened(start, body.step, EVEN, THIN, THICK), limit)
    return body, held(body, start, views)


SMOOTHING = 1.2
"""Cells over which the start is rounded off."""
EVEN = 3.0
"""Cells over which its thick parts are: looks from two sides cross in dents and bumps."""
THIN, THICK = 3.0, 6.0
"""Radii in cells of what stays as it is, and of what is wholly evened: a wrist, and a thigh."""


def held(
    body: Volume, found: Float32[np.ndarray, "nx ny nz"], views: tuple[View, ...]
) -> Float32[np.ndarray, "nx ny nz"]:
    """The field with matter on every ray inside the drawn outlines; their rims are left to the fit."""
    for axis in directions(views):
        found = fill_rays(body, found, axis, thin_only=True)
    return found


def seen_by(relief: Relief, views: tuple[View, ...]) -> int:
    """Which view a relief belongs to. ValueError for a relief without one."""
    for k, view in enumerate(views):
        if turned_deg(view.camera.azimuth_deg, relief.camera.azimuth_deg) < 0.5:
            return k
    raise ValueError(
        f"a relief looks from {relief.camera.azimuth_deg:g} degrees, the views from "
        f"{', '.join(f'{view.camera.azimuth_deg:g}' for view in views)}; give that view too"
    )


def believed(one: Sight, start: Float32[np.ndarray, "y x z"], tolerance: float) -> Sight:
    """A view without the pixels where the start contradicts its mask over `tolerance` cells from its edge."""
    shown = rendered(start, one)
    edge = signed_distance(one.mask > 0.5)
    against = (np.abs(shown - one.mask) > 0.5) & (np.abs(edge) > tolerance)
    return replace(one, weight=np.where(against, 0, one.weight).astype(np.float32))
