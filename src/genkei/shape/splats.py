"""Splats: 3-D Gaussian splatting or its surfels (2DGS), and the closed surface of the depth that they show.

Splats are laid over the outlines' visual hull, so that none need be born or split; a reference rasteriser in
torch fits them anywhere, gsplat's kernels on a GPU where that package is installed.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from genkei.geometry.camera import rays
from genkei.geometry.field import Grid, surface
from genkei.geometry.gaussians import Gaussians
from genkei.geometry.poisson import Oriented, poisson_field
from genkei.shape.posed import hull_grid, outlines, pitch, refuse_without_torch, usable, volume_of
from genkei.shape.splat_fit import Rasteriser, Rates, Terms, fitted, laid
from genkei.shape.splat_raster import TILE, Picture, cloud_of, rasterised, splats_of
from genkei.shape.volume import finished, solid
from genkei.types import Camera, Mesh, View


@dataclass(frozen=True)
class Splats:
    """Shape from two or more views by any cameras (extra [torch])."""

    resolution: int = 128
    """Cells per character height of the surface."""
    form: Literal["surfels", "gaussians"] = "surfels"
    """Flat splats lie on a surface; 3-D ones look better than they measure."""
    count: int = 4000
    """About how many splats; more are finer and cost time in proportion."""
    rounds: int = 48
    """Steps; each compares one view."""
    size_px: int = 128
    """Side of the pictures that are compared, a multiple of 16."""
    terms: Terms = Terms()
    rates: Rates = Rates()
    screening: float = 16.0
    """How closely the surface passes through the depths, against being smooth."""
    device: str = "cpu"
    """`cpu` or `cuda`."""

    def __call__(self, views: tuple[View, ...]) -> Mesh:
        """One closed outward mesh in character space. Raises ValueError in the user's words."""
        return self.closed(self.splats(views), views)

    def splats(self, views: tuple[View, ...]) -> Gaussians:
        """The fitted splats, in character space."""
        if self.size_px % TILE or self.count < 1:
            raise ValueError(
                f"splats are {self.count} at {self.size_px} px; wanted one or more, a multiple of {TILE} px"
            )
        given = usable(views, "splatting")
        refuse_without_torch("splatting", self.device)
        hull = surface(hull_grid(outlines(given), min(self.resolution, START)))
        start = laid(hull, self.count, self.form == "surfels", given)
        cloud = cloud_of(start, self.device)
        way = rasteriser(self.device)
        return splats_of(fitted(cloud, given, self.size_px, self.rounds, self.terms, self.rates, way))

    def closed(self, splats: Gaussians, views: tuple[View, ...]) -> Mesh:
        """The Poisson surface of what the splats show to the views and from around, inside the outlines."""
        given = usable(views, "splatting")
        hull = hull_grid(outlines(given), self.resolution)
        points = self.shown(splats, (*(view.camera for view in given), *AROUND), hull)
        field = poisson_field(points, hull.origin, hull.values.shape, hull.step, self.screening).values
        limit = hull.values - np.float32(0.5 * hull.step)
        within = np.maximum(field * np.float32(hull.step), limit)
        return finished(solid(volume_of(hull), within))

    def shown(self, splats: Gaussians, cameras: tuple[Camera, ...], grid: Grid) -> Oriented:
        """Oriented points of the pictures' depths, at most one a cell."""
        import torch

        cloud, way = cloud_of(splats, self.device), rasteriser(self.device)
        with torch.no_grad():
            parts = [depth_points(way(cloud, camera, self.size_px), camera) for camera in cameras]
        return thinned(Oriented.joined(*parts), grid)


START = 96
"""Cells a height of the hull that splats are laid on."""
AROUND = tuple(
    Camera.orthographic(azimuth, 1.5, elevation)
    for elevation, azimuths in ((0, range(0, 360, 45)), (40, range(0, 360, 90)), (-40, range(0, 360, 90)))
    for azimuth in azimuths
)
"""From where the splats are looked at beside the given views."""
SOLID = 0.5
"""What a pixel must be covered by to tell a depth."""
STEEPEST = 0.2
"""Cosine to the viewer below which a pixel tells no depth: it may be a jump."""


def rasteriser(device: str) -> Rasteriser:
    """gsplat's kernels on a GPU that has them, else the reference."""
    from genkei.shape import splat_gsplat

    return splat_gsplat.rasterised if splat_gsplat.there(device) else rasterised


def depth_points(seen: Picture, camera: Camera) -> Oriented:
    """The places of a picture's depths, with the normals seen there."""
    alpha, depth, normal = (part.cpu().numpy() for part in (seen.alpha, seen.depth, seen.normal))
    size = len(alpha)
    length = np.linalg.norm(normal, axis=-1)
    normal = normal / np.maximum(length, 1e-6)[..., None]
    row, column = np.nonzero((alpha > SOLID) & (length > STEEPEST))
    start, way = rays(np.stack([column, row], 1) + 0.5, camera, size, size)
    forward = camera.axes[2].astype(np.float64)
    places = start + way * ((depth[row, column] - start @ forward) / (way @ forward))[:, None]
    cosine = -(normal[row, column] * way).sum(1)
    keep = cosine > STEEPEST
    wide = pitch(places, camera, size)
    areas = wide**2 / np.maximum(cosine, STEEPEST)
    return Oriented(*(part[keep].astype(np.float32) for part in (places, normal[row, column], areas)))


def thinned(points: Oriented, grid: Grid) -> Oriented:
    """The means of the points of every cell and side of it; each stands for a cell's face.

    What many views see counts no more than what one does. ValueError when nothing is seen.
    """
    if not len(points.places):
        raise ValueError("the splats show no surface to any camera; give them more rounds, or other pictures")
    cell = np.floor((points.places - grid.origin) / grid.step).astype(np.int64)
    side = np.abs(points.normals).argmax(1)
    sign = np.take_along_axis(points.normals, side[:, None], 1)[:, 0] > 0
    low, size = cell.min(0), np.ptp(cell, axis=0) + 1
    number = np.ravel_multi_index((*(cell - low).T, side, sign), (*size, 3, 2))
    _, group = np.unique(number, return_inverse=True)

    def mean(values: np.ndarray) -> np.ndarray:
        total = np.stack([np.bincount(group, points.areas * values[:, k]) for k in range(3)], 1)
        return total / np.bincount(group, points.areas)[:, None]

    places, normals = mean(points.places), mean(points.normals)
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-6)
    areas = np.float32(grid.step**2) / np.abs(normals).max(1)
    return Oriented(*(part.astype(np.float32) for part in (places, normals, areas)))
