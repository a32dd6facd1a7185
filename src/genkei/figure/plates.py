"""Outlines of bases, and the plate over an outline: smooth closed curves with a rounded upper rim."""

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float

from genkei.figure.balance import margin

if TYPE_CHECKING:
    from manifold3d import Manifold

SEGMENTS = 128
CORNER = 0.3
"""Radius of a square's corners, in halves of its side."""
WAIST = 0.6
"""Radius of the hollow between two feet in a shaped outline, in widths of its border."""
GRAIN_MM = 0.8
"""Points nearer than twice this are one spot of a footprint."""
ARC = 7
Outline = Float[np.ndarray, "n 2"]


def circle(centre: Float[np.ndarray, "2"], radius: float) -> Outline:
    """Counter-clockwise."""
    angle = np.arange(SEGMENTS) * (2 * math.pi / SEGMENTS)
    return centre + radius * np.stack([np.cos(angle), np.sin(angle)], 1)


def square(centre: Float[np.ndarray, "2"], half: float) -> Outline:
    """With round corners, its sides along x and y."""
    radius = CORNER * half
    angle = np.arange(SEGMENTS // 4 + 1) / (SEGMENTS // 4) * (math.pi / 2)
    arc = radius * np.stack([np.cos(angle), np.sin(angle)], 1) + (half - radius)
    turns = [np.array([[1, 0], [0, 1]]), np.array([[0, 1], [-1, 0]]), -np.eye(2), np.array([[0, -1], [1, 0]])]
    return centre + np.concatenate([arc @ turn for turn in turns])


def around(points: Float[np.ndarray, "k 2"]) -> Callable[[float], Outline]:
    """By its width: the curve that far outside all points, hollow between groups of them, without holes."""
    from shapely import MultiPoint, Polygon

    dots = MultiPoint(points)
    close = dots.buffer(GRAIN_MM, quad_segs=2).simplify(GRAIN_MM / 2)

    def curve(border: float) -> Outline:
        waist = WAIST * border
        grown = close.buffer(border - GRAIN_MM + waist, quad_segs=24).buffer(-waist, quad_segs=24)
        if not isinstance(grown, Polygon):
            grown = dots.convex_hull.buffer(border, quad_segs=24)
        assert isinstance(grown, Polygon)
        return _resampled(np.asarray(grown.exterior.coords, np.float64))

    return curve


def _resampled(ring: Float[np.ndarray, "k 2"]) -> Outline:
    """Equally spaced points of a closed ring (its first point given twice), counter-clockwise."""
    from shapely import LinearRing

    ring = ring if LinearRing(ring).is_ccw else ring[::-1]
    along = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(ring, axis=0), axis=1))])
    at = np.arange(2 * SEGMENTS) / (2 * SEGMENTS) * along[-1]
    return np.stack([np.interp(at, along, ring[:, k]) for k in range(2)], 1)


def area_centre(outline: Outline) -> tuple[float, Float[np.ndarray, "2"]]:
    """Area of the outline and the centre of the plate over it."""
    from shapely import Polygon

    shape = Polygon(outline)
    return float(shape.area), np.array([shape.centroid.x, shape.centroid.y])


def tip_angle(outline: Outline, thickness: float, volume: float, centre: Float[np.ndarray, "3"]) -> float:
    """Degrees a body on a plate tips in the worst direction; its centre of mass over the plate's bottom."""
    from shapely import MultiPoint

    area, middle = area_centre(outline)
    plate = area * thickness
    share = volume / (volume + plate)
    mass = share * centre[:2] + (1 - share) * middle
    hull = np.asarray(MultiPoint(outline).convex_hull.exterior.coords[:-1])  # type: ignore[attr-defined]  # a ring has an area
    return math.degrees(math.atan2(margin(hull, mass), share * centre[2] + (1 - share) * thickness / 2))


def smallest(shape: Callable[[float], Outline], good: Callable[[Outline], bool], least: float) -> float:
    """The smallest size from `least` on whose outline is good, to 0.1 mm; ValueError when none is."""
    low, high = least, least
    while not good(shape(high)):
        low, high = high, 1.3 * high
        if high > 2000:
            raise ValueError(
                "no base under 2 m carries this figure: lower --height-mm, or ask less tilt of it"
            )
    while high - low > 0.1:
        middle = (low + high) / 2
        low, high = (low, middle) if good(shape(middle)) else (middle, high)
    return high


def plate(outline: Outline, bottom: float, thickness: float, rim: float) -> "Manifold":
    """The solid over an outline (counter-clockwise, smooth) with its upper edge rounded by `rim`."""
    import manifold3d

    angle = np.linspace(0, math.pi / 2, ARC) if rim > 0 else np.zeros(1)
    heights = [bottom, *(bottom + thickness - rim + rim * np.sin(angle))]
    rings = [outline, *(_inset(outline, float(rim * (1 - np.cos(a)))) for a in angle)]
    count = len(outline)
    points = np.concatenate(
        [np.column_stack([ring, np.full(count, z)]) for ring, z in zip(rings, heights, strict=True)]
    )
    here = np.arange(count)
    there = np.roll(here, -1)
    faces = []
    for level in range(len(rings) - 1):
        a, b = level * count, (level + 1) * count
        faces += [np.stack([a + here, a + there, b + there], 1), np.stack([a + here, b + there, b + here], 1)]
    caps = [np.asarray(manifold3d.triangulate([ring])) for ring in (rings[0], rings[-1])]
    faces += [caps[0][:, ::-1], caps[1] + (len(rings) - 1) * count]
    mesh = manifold3d.Mesh(points.astype(np.float32), np.concatenate(faces).astype(np.uint32))
    solid = manifold3d.Manifold(mesh)
    assert solid.status() == manifold3d.Error.NoError, solid.status()
    return solid


def _inset(outline: Outline, by: float) -> Outline:
    """Every point moved inward along the mean normal of its two edges; exact on arcs and straight sides."""
    ahead = np.roll(outline, -1, axis=0) - outline
    normal = np.stack([ahead[:, 1], -ahead[:, 0]], 1)
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-12)
    mean = normal + np.roll(normal, 1, axis=0)
    mean /= np.linalg.norm(mean, axis=1, keepdims=True)
    return outline - by * mean / np.maximum((mean * normal).sum(1, keepdims=True), 0.5)
