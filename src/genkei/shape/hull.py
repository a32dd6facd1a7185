"""Rounded visual hull: the outlines of two or more sides, filled with round matter instead of boxes.

A hull of a front and a side outline has square cross-sections. Here every inscribed disk of the front
outline becomes an ellipsoid as deep as the side outline allows there, every inscribed disk of the side
outline one as wide as the front allows, and their union is carved by the outlines: torsos and heads come out
round, limbs stay limbs.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32

from genkei.shape.materials import find_materials, joined, label_grid, nearest_limit, reach
from genkei.shape.outlines import outline
from genkei.shape.silhouette import Silhouette, calmed, inscribed_disks, row_runs
from genkei.shape.volume import Volume, empty, fill_rays, finished, paint, relaxed, solid
from genkei.types import Mesh, View


@dataclass(frozen=True)
class Hull:
    """Shape from two or more outlines; wants a front or back and a left or right view."""

    resolution: int = 192
    """Cells per character height; 256 keeps finer hair and doubles the time."""
    boxiness: float = 2.3
    """Exponent of the cross-section: 2 an ellipse, 4 nearly the hull's box."""
    flatness: float = 1.6
    """A limb is at most this many times deeper than wide where the side cannot tell."""

    slenderness: float = 2.5
    """A row whose front and side runs differ by no more than this factor is one elliptic slice."""
    colour: bool = True
    """Let the views' colours carve too: hair behind the body comes apart from it."""

    smoothing: float = 1.5
    """Cells over which steps between rows are rounded off; more melts folds and fingers."""

    def __call__(self, views: tuple[View, ...]) -> Mesh:
        """One closed outward mesh in character space; ValueError without two views 90 degrees apart."""
        body = empty(*outlines(views, self.resolution))
        return finished(solid(body, self.carved(body, self.filled(body, views), body.outlines)))

    def filled(self, body: Volume, views: tuple[View, ...]) -> Float32[np.ndarray, "nx ny nz"]:
        """Round matter between the outlines of an empty volume, carved by colour: negative inside."""
        paint_from_front(body, self.boxiness, self.flatness)
        paint_from_side(body, self.boxiness, self.flatness)
        paint_rows(body, self.boxiness, self.slenderness)
        field = np.maximum(body.field, body.outlines)
        if self.colour:
            field = carve_by_colour(body, field, views)
        return field

    def carved(
        self,
        body: Volume,
        field: Float32[np.ndarray, "nx ny nz"],
        limit: Float32[np.ndarray, "nx ny nz"],
    ) -> Float32[np.ndarray, "nx ny nz"]:
        """Smoothed, inside a limit such as both outlines, with matter on every ray of both."""
        field = np.maximum(relaxed(field, body.step, self.smoothing), limit)
        return fill_rays(body, fill_rays(body, field, 2), 0)


def outlines(views: tuple[View, ...], resolution: int) -> tuple[Silhouette, Silhouette]:
    """Front and side outline (columns along +x and +z), each merged from its drawn views."""
    front = outline(views, 0.0, resolution)
    side = outline(views, 90.0, resolution)
    if front is None or side is None:
        have = ", ".join(view.name for view in views)
        raise ValueError(f"the hull wants a front or back view and a left or right view; it got {have}")
    return front, side


def paint_from_front(body: Volume, boxiness: float, flatness: float) -> None:
    """Every front disk as an ellipsoid as deep as the side's longest run there, at most `flatness` radii."""
    disks = inscribed_disks(body.front)
    middle, half = _longest_runs(body.side)
    row = np.clip(np.round((disks.y - body.front.y0) / body.step).astype(int), 0, len(middle) - 1)
    depth = np.minimum(half[row], flatness * disks.radius)
    depth = np.where(half[row] > 0, depth, disks.radius)
    centres = np.stack([disks.u, disks.y, middle[row]], 1)
    radii = np.stack([disks.radius, disks.radius, np.maximum(depth, 0.5 * body.step)], 1)
    paint(body, centres.astype(np.float32), radii.astype(np.float32), 2, boxiness)


def _longest_runs(outline: Silhouette) -> tuple[Float32[np.ndarray, "rows"], Float32[np.ndarray, "rows"]]:
    """Middle and half length of each row's longest run; zeros for an empty row."""
    middle, half = np.zeros(len(outline.mask)), np.zeros(len(outline.mask))
    for row, runs in enumerate(row_runs(outline.mask)):
        if len(runs):
            first, last = runs[np.argmax(runs[:, 1] - runs[:, 0])]
            middle[row] = outline.u0 + (first + last) / 2 * outline.step
            half[row] = (last - first + 1) / 2 * outline.step
    return middle.astype(np.float32), half.astype(np.float32)


def paint_from_side(body: Volume, boxiness: float, flatness: float) -> None:
    """Every side disk as an ellipsoid in each front run that is wide enough to belong to it."""
    disks = inscribed_disks(body.side)
    runs = row_runs(body.front.mask)
    centres, radii = [], []
    for z, y, radius in zip(disks.u, disks.y, disks.radius, strict=True):
        row = int(np.clip(round((y - body.front.y0) / body.step), 0, len(runs) - 1))
        if not len(runs[row]):
            continue
        middle = body.front.u0 + runs[row].mean(1) * body.step
        half = np.array([-body.front.distance[row, first : last + 1].min() for first, last in runs[row]])
        wide = half >= 0.6 * min(half.max(), radius)
        for x, width in zip(middle[wide], half[wide], strict=True):
            centres.append((x, y, z))
            radii.append((min(width, flatness * radius), radius, radius))
    paint(body, np.array(centres, np.float32), np.array(radii, np.float32), 0, boxiness)


def paint_rows(body: Volume, boxiness: float, slenderness: float) -> None:
    """Rows of the body proper as elliptic slices: skirts stay cones where balls would leave hems thin."""
    middle, half = _longest_runs(calmed(body.side))
    x, z = (
        u + body.step * np.arange(n) for u, n in zip(body.origin[[0, 2]], body.field.shape[::2], strict=True)
    )
    for row, runs in enumerate(row_runs(calmed(body.front).mask)):
        for first, last in runs:
            width = (last - first + 1) / 2 * body.step
            if not 1 / slenderness <= width / max(float(half[row]), 1e-6) <= slenderness:
                continue
            across = np.abs((x - body.front.u0 - (first + last) / 2 * body.step) / width) ** boxiness
            along = np.abs((z - middle[row]) / half[row]) ** boxiness
            radius = (across[:, None] + along[None, :]) ** (1 / boxiness)
            slice_ = body.field[:, row]
            np.minimum(slice_, ((radius - 1) * min(width, half[row])).astype(np.float32), out=slice_)


def carve_by_colour(
    body: Volume, field: Float32[np.ndarray, "nx ny nz"], views: tuple[View, ...]
) -> Float32[np.ndarray, "nx ny nz"]:
    """No surface stands in front of what its colour shows in the other views' same rows."""
    drawn = {round(view.camera.azimuth_deg) % 360: view for view in views if view.drawn}
    kinds = find_materials(tuple(drawn.values()))
    labels = {
        azimuth: label_grid(view, kinds, body.side if azimuth % 180 else body.front, azimuth in (90, 180))
        for azimuth, view in drawn.items()
        if azimuth in (0, 90, 180, 270)
    }
    fronts = [reach(labels[a], kinds) for a in (0, 180) if a in labels]
    sides = [reach(labels[a], kinds) for a in (90, 270) if a in labels]
    if not fronts or not sides:
        return field
    across, along = joined(fronts), joined(sides)
    x = np.arange(field.shape[0], dtype=np.float32)[:, None, None]
    z = np.arange(field.shape[2], dtype=np.float32)[None, None, :]
    for azimuth, label in labels.items():
        ahead = azimuth in (0, 90)
        own, other = (along, across) if azimuth % 180 else (across, along)
        limit = nearest_limit(label, own, other, ahead)
        beyond = (x - limit[None]) if azimuth % 180 else (z - limit.T[:, :, None])
        field = np.maximum(field, ((beyond if ahead else -beyond) - 1.0) * body.step)
    return field
