"""Pictures of kits: parts in place or apart from a camera that fits them, and where on it each part is."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Float32, Int, UInt8

from genkei.apps.pictures import crop_together
from genkei.geometry.camera import project
from genkei.geometry.raster import rasterise
from genkei.geometry.render import render
from genkei.types import Camera, Mesh, Part

LIGHT = 0.45
FADE = 0.72
"""How far a part that is not meant goes towards the paper."""
PAPER = 250
COARSE = 3
"""Labels look for their part on a picture this many times smaller."""


@dataclass(frozen=True)
class Side:
    """Where the viewer stands: azimuth 0 before the figure, 90 at its left; degrees."""

    azimuth_deg: float
    elevation_deg: float = 12.0

    @property
    def forward(self) -> Float[np.ndarray, "3"]:
        """The way the camera looks, in figure space."""
        az, el = math.radians(self.azimuth_deg), math.radians(self.elevation_deg)
        return np.array([-math.sin(az) * math.cos(el), math.cos(az) * math.cos(el), -math.sin(el)])


FRONT_LEFT, FRONT_RIGHT, BACK_LEFT, BACK_RIGHT = Side(28.0), Side(-28.0), Side(152.0), Side(208.0)


def clearest(sides: Sequence[Side], ways: Float[np.ndarray, "n 3"]) -> Side:
    """The side that sees the most foreshortened of some unit ways longest; the first of equals."""

    def shortest(side: Side) -> float:
        return float(np.sqrt(np.maximum(1 - (ways @ side.forward) ** 2, 0)).min(initial=1.0))

    return max(sides, key=lambda side: round(shortest(side), 3))


@dataclass(frozen=True)
class Shot:
    """A picture, and where points of figure space fall on it."""

    rgba: Float32[np.ndarray, "h w 4"]
    anchors: Float[np.ndarray, "n 2"]
    """A pixel (x, y) of every part, well inside what is seen of it; NaN where none of it is."""
    camera: Camera
    centre: Float[np.ndarray, "3"]
    scale: float
    shift_px: Float[np.ndarray, "2"]
    size_px: int

    def place(self, points: Float[np.ndarray, "n 3"]) -> Float[np.ndarray, "n 2"]:
        """Pixels (x, y) of points in figure space."""
        upright = _upright(points.astype(np.float64), self.centre, self.scale)
        return project(upright, self.camera, self.size_px, self.size_px)[:, :2] - self.shift_px


def shoot(
    parts: Sequence[Part],
    texture: UInt8[np.ndarray, "th tw 3"],
    side: Side,
    size_px: int,
    faded: Sequence[bool] = (),
) -> Shot:
    """The parts as large as a square of `size_px` allows, cropped; `faded` ones go towards the paper."""
    points = np.concatenate([part.mesh.vertices for part in parts]).astype(np.float64)
    starts = np.cumsum([0, *(len(part.mesh.vertices) for part in parts)])
    faces = np.concatenate([part.mesh.faces + n for part, n in zip(parts, starts, strict=False)])
    owner = np.repeat(np.arange(len(parts)), [len(part.mesh.faces) for part in parts])
    camera = Camera.orthographic(side.azimuth_deg, 1.0, side.elevation_deg)
    centre, scale = _fit(points, camera)
    mesh = Mesh(_upright(points, centre, scale).astype(np.float32), faces.astype(np.int32))
    doubled, uv = _with_faded(parts, texture, np.array(faded or [False] * len(parts)))
    rgba = render(mesh, uv, doubled, camera, size_px, light=LIGHT)
    (cropped,) = crop_together([rgba], margin=0.02)
    shown = rgba[..., 3] > 0.02
    pad = int(0.02 * size_px)
    corner = [max(int(np.flatnonzero(shown.any(axis)).min(initial=size_px)) - pad, 0) for axis in (0, 1)]
    small = max(size_px // COARSE, 8)
    hits = rasterise(mesh.vertices, mesh.faces, camera, small, small).triangle
    seen = np.where(hits >= 0, owner[np.maximum(hits, 0)], -1)
    anchors = _anchors(seen, len(parts)) * (size_px / small) - np.array(corner, np.float64)
    return Shot(cropped, anchors, camera, centre, scale, np.array(corner, np.float64), size_px)


def moved(parts: Sequence[Part], moves: Float[np.ndarray, "n 3"]) -> list[Part]:
    """The parts, each shifted by its own millimetres."""
    return [
        Part(part.name, Mesh((part.mesh.vertices + move).astype(np.float32), part.mesh.faces), part.uv)
        for part, move in zip(parts, moves, strict=True)
    ]


def _upright(points: np.ndarray, centre: np.ndarray, scale: float) -> np.ndarray:
    """Figure space to what a character's camera sees: y up, the middle at (0, 0.5, 0)."""
    away = (points - centre) * scale
    return np.stack([away[:, 0], away[:, 2] + 0.5, -away[:, 1]], 1)


def _fit(points: np.ndarray, camera: Camera) -> tuple[np.ndarray, float]:
    """The middle of what the camera sees of the points, and the scale that makes them fill 0.94 of it."""
    axes = camera.axes.astype(np.float64)
    flat = _upright(points, np.zeros(3), 1.0) @ axes.T
    low, high = flat.min(0), flat.max(0)
    middle = (low + high) / 2 @ axes - np.array([0, 0.5, 0])
    return np.array([middle[0], -middle[2], middle[1]]), 0.94 / max(float((high - low)[:2].max()), 1e-6)


def _with_faded(
    parts: Sequence[Part], texture: np.ndarray, faded: Bool[np.ndarray, "n"]
) -> tuple[UInt8[np.ndarray, "_ _ 3"], Float32[np.ndarray, "f 3 2"]]:
    """The texture with its faded twin below it, and uv that point into the one or the other."""
    if not faded.any():
        return texture, np.concatenate([part.uv for part in parts])
    pale = np.round(texture * (1 - FADE) + PAPER * FADE).astype(np.uint8)
    half = [
        part.uv * np.array([1, 0.5], np.float32) + np.array([0, 0.5 * pale_one], np.float32)
        for part, pale_one in zip(parts, faded, strict=True)
    ]
    return np.concatenate([texture, pale]), np.concatenate(half).astype(np.float32)


def _anchors(seen: Int[np.ndarray, "h w"], count: int) -> Float[np.ndarray, "n 2"]:
    """Per part the pixel farthest from where it ends, of those the one nearest its middle."""
    from scipy.ndimage import distance_transform_edt, find_objects

    anchors = np.full((count, 2), np.nan)
    for k, box in enumerate(find_objects(seen + 1, count)):
        if box is None:
            continue
        here = np.pad(seen[box] == k, 1)
        depth = np.asarray(distance_transform_edt(here))
        rows, columns = np.nonzero(depth > 0.8 * depth.max())
        middle = np.argwhere(here).mean(0)
        best = int(((rows - middle[0]) ** 2 + (columns - middle[1]) ** 2).argmin())
        anchors[k] = columns[best] - 0.5 + box[1].start, rows[best] - 0.5 + box[0].start
    return anchors


__all__ = [
    "BACK_LEFT",
    "BACK_RIGHT",
    "FRONT_LEFT",
    "FRONT_RIGHT",
    "Shot",
    "Side",
    "clearest",
    "moved",
    "shoot",
]
