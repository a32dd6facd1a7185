"""Views by any camera, orthographic or perspective, level or raised: refusals, visual hull, pixels."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float32

from genkei.geometry.camera import project, rays, refuse_singular
from genkei.geometry.field import Grid, signed_distance
from genkei.shape.silhouette import Silhouette
from genkei.shape.volume import Volume
from genkei.types import Camera, View


def usable(views: tuple[View, ...], who: str) -> tuple[View, ...]:
    """The drawn views (all when none is drawn), always in one order.

    ValueError without PyTorch, for fewer than two views, and for one that is not square, empty, or seen by a
    camera that sees nothing.
    """
    given = tuple(view for view in views if view.drawn) or views
    if len(given) < 2:
        raise ValueError(
            f"{who} wants at least two views from different sides, found {len(given)}; give more, or take "
            "another --shape: auto makes a solid of one drawing"
        )
    for view in given:
        height, width = view.mask.shape
        refuse_singular(view.camera)
        if height != width:
            raise ValueError(f"the {view.name} view is {width} x {height} px; {who} wants square views")
        if not view.mask.any():
            raise ValueError(f"the {view.name} view is empty: no pixel is opaque; leave it out or draw it")
    refuse_without_torch(who)
    return tuple(sorted(given, key=lambda view: view.camera.world_to_clip.tolist()))


def refuse_without_torch(who: str, device: str = "cpu") -> None:
    """ValueError with the command that helps when PyTorch, or the GPU that was asked for, is not there."""
    try:
        import torch
    except ImportError as error:
        raise ValueError(f"{who} wants PyTorch, which is not here: pip install 'genkei[torch]'") from error
    if device.startswith("cuda") and not torch.cuda.is_available():
        raise ValueError(f"{who} was asked for on {device}, and this PyTorch finds no GPU; use --device cpu")


@dataclass(frozen=True)
class Outline:
    """A view's outline as a distance in pixels, negative inside."""

    camera: Camera
    distance: Float32[np.ndarray, "s s"]


def outlines(views: tuple[View, ...], size_px: int = 256) -> tuple[Outline, ...]:
    """At about `size_px`, a power of two below the pictures' own sides."""
    return tuple(
        Outline(view.camera, signed_distance(shrunk(view.rgba, size_px)[..., 3] > 0.5)) for view in views
    )


def shrunk(rgba: Float32[np.ndarray, "s s 4"], size_px: int) -> Float32[np.ndarray, "t t 4"]:
    """The picture halved while that leaves at least `size_px` pixels a side."""
    from genkei.geometry.render import halve

    while rgba.shape[0] >= 2 * size_px and rgba.shape[0] % 2 == 0:
        rgba = halve(rgba.copy())
    return rgba


def hull_distance(points: Float32[np.ndarray, "n 3"], seen: tuple[Outline, ...]) -> Float32[np.ndarray, "n"]:
    """The largest of the outlines' distances at the points, in heights: the visual hull, negative inside."""
    from scipy.ndimage import map_coordinates

    found = np.full(len(points), -np.inf, np.float32)
    for one in seen:
        size = len(one.distance)
        pixel = project(points, one.camera, size, size)
        at = np.stack([pixel[:, 1], pixel[:, 0]]) - 0.5
        far = map_coordinates(one.distance, at, order=1, mode="nearest")
        beyond = np.linalg.norm(
            at - np.clip(at, 0, size - 1), axis=0
        )  # what lies outside a picture is outside
        distance = np.where(beyond > 0, np.maximum(far, 0) + beyond, far)
        found = np.maximum(found, distance * pitch(points, one.camera, size))
    return found


def pitch(points: Float[np.ndarray, "n 3"], camera: Camera, size_px: int) -> Float[np.ndarray, "n"]:
    """Width of a pixel at the points, in character heights."""
    row = camera.world_to_clip[3]
    away = points @ row[:3].astype(points.dtype) + points.dtype.type(row[3])
    return away * points.dtype.type(2 / (np.linalg.norm(camera.world_to_clip[1, :3]) * size_px))


def hull_grid(seen: tuple[Outline, ...], resolution: int) -> Grid:
    """The hull's distance, in heights, round all that the outlines have in common.

    ValueError when they have nothing in common.
    """
    coarse = _grid(np.array([-WIDEST, -0.06, -WIDEST]), np.array([WIDEST, 1.06, WIDEST]), 1 / COARSE)
    inside = np.nonzero(_hull(coarse, seen).values < 1 / COARSE)
    if not len(inside[0]):
        raise ValueError(
            f"the {len(seen)} outlines have no place in common: the cameras do not fit the pictures, or the "
            "character does not stand with its feet at y = 0, one height tall"
        )
    low, high = (getattr(np.stack(inside), name)(1) / COARSE + coarse.origin for name in ("min", "max"))
    margin = MARGIN / resolution
    return _hull(_grid(low - margin, high + margin, 1 / resolution), seen)


WIDEST, COARSE = 1.2, 40
"""Heights left, right, before and behind the axis that are looked through, and cells a height for that."""
MARGIN = 4.0
"""Cells left free round the hull."""


def _grid(low: np.ndarray, high: np.ndarray, step: float) -> Grid:
    """Empty, its samples at whole multiples of the step."""
    first = np.floor(low / step)
    shape = tuple(int(n) for n in np.ceil(high / step) - first + 1)
    return Grid(np.zeros(shape, np.float32), (first * step).astype(np.float32), step)


def _hull(grid: Grid, seen: tuple[Outline, ...]) -> Grid:
    return Grid(hull_distance(places(grid), seen).reshape(grid.values.shape), grid.origin, grid.step)


def places(grid: Grid) -> Float32[np.ndarray, "n 3"]:
    """Every sample's place, in the order of its values in memory."""
    axes = np.meshgrid(*(grid.axis(k) for k in range(3)), indexing="ij")
    return np.stack([axis.ravel() for axis in axes], 1)


def volume_of(grid: Grid) -> Volume:
    """The grid as a work volume whose outlines are told by nothing but its own box."""
    nx, ny, nz = grid.values.shape
    x0, y0, z0 = map(float, grid.origin)
    front = Silhouette(np.zeros((ny, nx), np.float32), x0, y0, grid.step)
    return Volume(grid.values, front, Silhouette(np.zeros((ny, nz), np.float32), z0, y0, grid.step))


@dataclass(frozen=True)
class Pixels:
    """What all views show, pixel by pixel, in and round their outlines."""

    start: Float32[np.ndarray, "n 3"]
    way: Float32[np.ndarray, "n 3"]
    """Unit, away from the viewer."""
    rgb: Float32[np.ndarray, "n 3"]
    alpha: Float32[np.ndarray, "n"]
    coloured: Float32[np.ndarray, "n"]
    """0 where only the outline means something."""
    chance: Float32[np.ndarray, "n"]
    """Of being looked at; sums to 1."""


def pixels(views: tuple[View, ...], size_px: int, low: np.ndarray, high: np.ndarray) -> Pixels:
    """All pixels whose lines of sight meet the box, at about `size_px`; rims of outlines are likelier."""
    parts = []
    for view in views:
        rgba = shrunk(view.rgba, size_px)
        size = len(rgba)
        row, column = np.indices((size, size)).reshape(2, -1)
        start, way = rays(np.stack([column, row], 1) + 0.5, view.camera, size, size)
        near, far = through(start, way, low, high)
        rim = np.abs(signed_distance(rgba[..., 3] > 0.5)).ravel() < RIM_PX
        chance = np.where(rim, RIM_WORTH, 1.0)
        flat = rgba.reshape(-1, 4)
        worth = np.full(len(flat), float(view.coloured))
        parts.append([part[near < far] for part in (start, way, flat[:, :3], flat[:, 3], worth, chance)])
    joined = [np.concatenate(column).astype(np.float32) for column in zip(*parts, strict=True)]
    joined[5] /= joined[5].sum()
    return Pixels(*joined)


RIM_PX, RIM_WORTH = 3.0, 4.0
"""Pixels from an outline, and how much likelier than others they are looked at."""


def through(
    start: Float[np.ndarray, "n 3"], way: Float[np.ndarray, "n 3"], low: np.ndarray, high: np.ndarray
) -> tuple[Float[np.ndarray, "n"], Float[np.ndarray, "n"]]:
    """Distances at which rays enter and leave a box; near >= far where they miss it."""
    safe = np.where(np.abs(way) < 1e-9, 1e-9, way)
    one, other = (low - start) / safe, (high - start) / safe
    return np.minimum(one, other).max(1), np.maximum(one, other).min(1)


def box(grid: Grid) -> tuple[Float32[np.ndarray, "3"], Float32[np.ndarray, "3"]]:
    """First and last sample's place."""
    last = np.array(grid.values.shape) - 1
    return grid.origin, (grid.origin + grid.step * last).astype(np.float32)


def doubled(grid: Grid, resolution: float) -> Grid:
    """The same field on finer cells, linear between."""
    from scipy.ndimage import map_coordinates

    low, high = box(grid)
    fine = _grid(low, high, 1 / resolution)
    at = ((places(fine) - grid.origin) / grid.step).T
    values = map_coordinates(grid.values, at, order=1, mode="nearest").reshape(fine.values.shape)
    return Grid(values.astype(np.float32), fine.origin, fine.step)


def ball(grid: Grid) -> Grid:
    """A ball of half the box's least side in its middle: a start that knows nothing."""
    low, high = box(grid)
    radius = float((high - low).min()) / 2 - MARGIN * grid.step
    away = np.linalg.norm(places(grid) - (low + high) / 2, axis=1) - radius
    return Grid(away.reshape(grid.values.shape).astype(np.float32), grid.origin, grid.step)
