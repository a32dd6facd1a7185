"""Poisson: oriented points of all views, closed by a screened Poisson surface (ShapeMVD's and CoNR's path).

Points come from reliefs, where a cue or a renderer knows depth and normals; what no relief sees, and all of
it without any, is taken from the surface that net and hull give.
"""

from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Bool, Float32

from genkei.geometry.camera import project
from genkei.geometry.field import Grid, surface
from genkei.geometry.mesh import area_vectors, corners
from genkei.geometry.poisson import Oriented, poisson_field
from genkei.shape.occupancy import Net, Occupancy, directions
from genkei.shape.outlines import refuse
from genkei.shape.relief import Relief
from genkei.shape.volume import Volume, fill_rays, finished, solid
from genkei.types import Mesh, View


@dataclass(frozen=True)
class Poisson:
    """Shape from oriented points."""

    resolution: int = 128
    """Cells per character height."""
    screening: float = 1.0
    """How closely the surface passes through the points, against being smooth."""
    reliefs: tuple[Relief, ...] = ()
    """Depth and normals, from any azimuths."""
    gap: float = 0.03
    """Heights behind a relief's surface within which the start's own surface is dropped: it is the same."""
    net: Net | None = field(default=None, repr=False)
    """None: the net that comes with genkei."""

    def __call__(self, views: tuple[View, ...]) -> Mesh:
        """One closed outward mesh in character space. Raises ValueError without a usable view."""
        refuse(views)
        given = tuple(view for view in views if view.drawn) or views
        body, start = Occupancy(self.resolution, net=self.net).field(given)
        found = self.field(body, start)
        for axis in directions(given):
            found = fill_rays(body, np.maximum(found, _kept(body, axis)), axis)
        return finished(solid(body, found))

    def field(self, body: Volume, start: Float32[np.ndarray, "nx ny nz"]) -> Float32[np.ndarray, "nx ny nz"]:
        """The Poisson field of reliefs and start, in heights."""
        rest = face_points(surface(Grid(start, body.origin, body.step)))
        for relief in self.reliefs:
            keep = behind(rest, relief, self.gap)
            rest = Oriented(rest.places[keep], rest.normals[keep], rest.areas[keep])
        points = Oriented.joined(rest, *(relief.points for relief in self.reliefs))
        solved = poisson_field(points, body.origin, start.shape, body.step, self.screening)
        return solved.values * np.float32(body.step)


def _kept(body: Volume, axis: int) -> Float32[np.ndarray, "nx ny nz"]:
    """The drawn outline seen along an axis, half a cell wide of it: Poisson surfaces bulge there."""
    own = body.front.distance.T[:, :, None] if axis == 2 else body.side.distance[None]
    return np.broadcast_to(own - np.float32(0.5 * body.step), body.field.shape)


def face_points(mesh: Mesh) -> Oriented:
    """One point a face, at its middle."""
    vectors = area_vectors(mesh)
    areas = np.linalg.norm(vectors, axis=1)
    normals = vectors / np.maximum(areas, 1e-12)[:, None]
    return Oriented(
        corners(mesh).mean(1).astype(np.float32), normals.astype(np.float32), areas.astype(np.float32)
    )


def behind(points: Oriented, relief: Relief, gap: float) -> Bool[np.ndarray, "n"]:
    """Points that a relief does not contradict: those it cannot see, and those deeper than `gap`."""
    size = len(relief.depth.confidence)
    seen = project(points.places, relief.camera, size, size)
    columns, rows = (np.floor(seen[:, k]).astype(np.int64) for k in (0, 1))
    inside = (columns >= 0) & (columns < size) & (rows >= 0) & (rows < size)
    rows, columns = np.clip(rows, 0, size - 1), np.clip(columns, 0, size - 1)
    known = inside & (relief.depth.confidence[rows, columns] > 0)
    return ~known | (seen[:, 2] > -relief.depth.value[rows, columns, 0] + gap)
