"""Does it stand: mass properties, the polygon it rests on, and how far it may be tipped."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from genkei.types import Mesh

CONTACT_MM = 0.05
"""Points nearer than this to the lowest point touch the table: one resin layer."""


@dataclass(frozen=True)
class Balance:
    """How a solid stands on its lowest points; figure space, millimetres."""

    volume_mm3: float
    centre: Float[np.ndarray, "3"]
    """Centre of mass."""
    polygon: Float[np.ndarray, "n 2"]
    """Convex hull of the contact points (x, y); fewer than three points when it rests on a point or edge."""
    margin_mm: float
    """From the centre of mass to the nearest edge of the polygon, seen from above; negative outside."""

    @property
    def tip_angle_deg(self) -> float:
        """Tilt at which it falls over, in the worst direction; negative when it falls by itself."""
        return math.degrees(math.atan2(self.margin_mm, self.centre[2]))


def mass_properties(mesh: Mesh) -> tuple[float, Float[np.ndarray, "3"]]:
    """Volume and centre of mass of a closed solid: sums over tetrahedra from one point (exact for polyhedra).

    The point is the box's middle, so that a solid far from the origin loses no digits.
    """
    origin = (mesh.vertices.min(0).astype(np.float64) + mesh.vertices.max(0)) / 2
    a, b, c = np.moveaxis(mesh.vertices.astype(np.float64)[mesh.faces] - origin, 1, 0)
    tetrahedra = np.einsum("fk,fk->f", a, np.cross(b, c)) / 6
    volume = float(tetrahedra.sum())
    if volume == 0:
        return 0.0, origin
    return volume, origin + np.einsum("f,fk->k", tetrahedra, a + b + c) / (4 * volume)


def support_polygon(mesh: Mesh) -> Float[np.ndarray, "n 2"]:
    """Convex hull, seen from above, of everything within `CONTACT_MM` of the lowest point."""
    from shapely import MultiPoint, Polygon

    height = mesh.vertices[:, 2]
    low = mesh.vertices[height < height.min() + CONTACT_MM, :2].astype(np.float64)
    hull = MultiPoint(low).convex_hull
    ring = hull.exterior.coords[:-1] if isinstance(hull, Polygon) else hull.coords  # type: ignore[attr-defined]  # a point or a line
    return np.asarray(ring, np.float64).reshape(-1, 2)


def margin(polygon: Float[np.ndarray, "n 2"], point: Float[np.ndarray, "2"]) -> float:
    """Distance from a point to the polygon's border: positive inside, negative outside or without an area."""
    from shapely import LinearRing, Point, Polygon

    if len(polygon) < 3:
        return -float(np.linalg.norm(polygon - point, axis=1).min())
    distance = LinearRing(polygon).distance(Point(point))
    return float(distance if Polygon(polygon).contains(Point(point)) else -distance)


def balance(mesh: Mesh) -> Balance:
    """How the solid stands as it is turned now, on a table under its lowest point."""
    return balance_of([mesh])


def balance_of(meshes: Sequence[Mesh], fills: Sequence[tuple[Mesh, float]] = ()) -> Balance:
    """How several closed solids stand together as they are: parts with their cavities, as their meshes say.

    `fills`: what is poured into chambers, and how many times as heavy as the parts' material it is. The
    volume is that of the parts. ValueError when there is no part.
    """
    if not meshes:
        raise ValueError("there is no part whose balance could be told")
    parts = [mass_properties(mesh) for mesh in meshes]
    loads = parts + [
        (ratio * mass, centre) for mesh, ratio in fills for mass, centre in [mass_properties(mesh)]
    ]
    weight = np.array([mass for mass, _ in loads])
    centres = np.array([centre for _, centre in loads])
    centre = weight @ centres / weight.sum() if weight.sum() else centres[0]
    points = np.concatenate([mesh.vertices for mesh in meshes])
    polygon = support_polygon(Mesh(points, np.zeros((0, 3), np.int32)))
    above = centre - np.array([0, 0, float(points[:, 2].min())])
    return Balance(sum(mass for mass, _ in parts), above, polygon, margin(polygon, centre[:2]))
