"""Material on both sides of a shared surface, column by column along the way the parts come apart."""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Bool, Float

from genkei.figure.pegs import Frame
from genkei.figure.walls import STEP_MM
from genkei.geometry.rays import Surface
from genkei.types import Camera, Interface, Mesh

LEAST_STEP_MM, MOST_COLUMNS = 0.08, 160
OVER_MM = 0.01
"""Faces that miss a window by less may still be seen in it: heights and places are rounded to float32."""
OFF_EDGES_MM = (1.3e-3, 0.7e-3)
"""Columns keep off the edges of regular meshes, through which a ray in some thousands slips."""


@dataclass(frozen=True)
class Window:
    """A square of n x n columns across a frame's axis; `[i, j]` stands at v of row i, u of column j."""

    frame: Frame
    centre: tuple[float, float]
    """(u, v) of its middle."""
    half_mm: float
    count: int

    @property
    def step_mm(self) -> float:
        return 2 * self.half_mm / self.count

    @property
    def ticks(self) -> Float[np.ndarray, "n"]:
        """Offsets of the columns from the middle, symmetric about 0."""
        return (np.arange(self.count) + 0.5) * self.step_mm - self.half_mm

    def points(self, level: Float[np.ndarray, "n n"]) -> Float[np.ndarray, "n n 3"]:
        """Figure space positions of the columns at a height `w` each."""
        u, v = np.meshgrid(self.ticks + self.centre[0], self.ticks + self.centre[1])
        return self.frame.world(np.stack([u, v, level], -1))

    def heights(self, mesh: Mesh, upper: bool) -> Float[np.ndarray, "n n"]:
        """Height `w` of the mesh's upper or lower skin in every column; -inf or inf where it has none."""
        from genkei.geometry.raster import rasterise

        u, v, w = self.frame.axes
        look = -w if upper else w
        origin = self.frame.origin
        matrix = np.eye(4)
        matrix[:3, :3] = np.stack([u, -v, look]) / self.half_mm
        matrix[0, 3] = -(u @ origin + self.centre[0]) / self.half_mm
        matrix[1, 3] = (v @ origin + self.centre[1]) / self.half_mm
        camera = Camera(matrix.astype(np.float32))
        depth = rasterise(mesh.vertices, mesh.faces, camera, self.count, self.count).depth.astype(np.float64)
        height = depth - float(look @ origin)
        return -height if upper else height

    def over(self, mesh: Mesh, floor: float) -> Mesh:
        """The faces of a mesh that may be seen in the window and do not lie wholly under a height `w`.

        Those alone decide how high its upper skin is wherever it is higher than `floor`.
        """
        u, v, w = (mesh.vertices @ self.frame.axes.T - self.frame.axes @ self.frame.origin).T
        aside = self.half_mm + OVER_MM
        codes = (u - self.centre[0] < -aside) | ((u - self.centre[0] > aside) << 1)
        codes = codes | ((v - self.centre[1] < -aside) << 2) | ((v - self.centre[1] > aside) << 3)
        codes = (codes | ((w < floor - OVER_MM) << 4)).astype(np.uint8)
        a, b, c = (codes[mesh.faces[:, k]] for k in range(3))
        return Mesh(mesh.vertices, mesh.faces[(a & b & c) == 0])


def window_over(
    frame: Frame, points: Float[np.ndarray, "n 3"], margin_mm: float, step_mm: float, most: int
) -> Window:
    """The square that holds the points seen along the axis, and a margin."""
    flat = frame.local(points)[:, :2]
    low, high = flat.min(0), flat.max(0)
    half = float((high - low).max()) / 2 + margin_mm
    count = int(np.clip(math.ceil(2 * half / step_mm), 8, most))
    middle = (low + high) / 2 + OFF_EDGES_MM
    return Window(frame, (float(middle[0]), float(middle[1])), half, count)


@dataclass(frozen=True)
class Columns:
    """A shared surface seen along the axis, and how much solid each column has on either side of it."""

    window: Window
    face: Bool[np.ndarray, "n n"]
    """Where the shared surface is."""
    level: Float[np.ndarray, "n n"]
    """Its height; of the nearest point of it elsewhere."""
    below: Float[np.ndarray, "n n"]
    """Millimetres of carrier from the level down (-w) without a break; 0 where it is not solid there."""
    above: Float[np.ndarray, "n n"]
    """Millimetres of plugged part from the level up."""

    @cached_property
    def face_inset(self) -> Float[np.ndarray, "n n"]:
        """Distance of every column to the rim of the shared surface; 0 outside."""
        return self.inset(self.face)

    def inset(self, solid: Bool[np.ndarray, "n n"]) -> Float[np.ndarray, "n n"]:
        """Radius of the disc round each column in which all columns are so, at most; millimetres."""
        from scipy.ndimage import distance_transform_edt

        if solid.all():
            return np.full(solid.shape, 4.0 * self.window.half_mm)
        return np.maximum(np.asarray(distance_transform_edt(solid)) - 1, 0) * self.window.step_mm

    def turned_over(self) -> "Columns":
        """The same surface with the parts' roles exchanged: what was above is below."""
        window = self.window
        flipped = Window(
            window.frame.turned_over(), (-window.centre[0], window.centre[1]), window.half_mm, window.count
        )
        face, level, above, below = (a[:, ::-1] for a in (self.face, self.level, self.above, self.below))
        return Columns(flipped, face, -level, above, below)


@dataclass(frozen=True)
class Stock:
    """A part as the joints see it: its surface, and what other joints have taken from it."""

    surface: Surface
    taken: tuple[Mesh, ...] = ()

    def solid_along(
        self, starts: Float[np.ndarray, "n 3"], direction: Float[np.ndarray, "3"]
    ) -> Float[np.ndarray, "n"]:
        """Millimetres of untouched material from each start on; 0 when it starts outside."""
        length = _run(self.surface, starts, direction, inside=True)
        for mesh in self.taken:
            length = np.minimum(length, _run(Surface(mesh), starts, direction, inside=False))
        return length


def _run(surface: Surface, starts: np.ndarray, direction: np.ndarray, inside: bool) -> np.ndarray:
    """Distance to the first hit; 0 unless the starts are inside (or, asked so, outside) the solid."""
    along = np.broadcast_to(direction, starts.shape)
    face, distance = surface.first_hit(starts, along)
    leaves = (face >= 0) & (surface.normals[face] @ direction > 0)
    if inside:
        return np.where(leaves, distance, 0.0)
    return np.where(leaves, 0.0, distance)


def columns(interface: Interface, frame: Frame, carrier: Stock, plugged: Stock, margin_mm: float) -> Columns:
    """Look along the frame's axis at the interface, the carrier under it and the plugged part over it."""
    from scipy.ndimage import distance_transform_edt

    triangles = interface.triangles.astype(np.float32)
    skin = Mesh(triangles.reshape(-1, 3), np.arange(3 * len(triangles), dtype=np.int32).reshape(-1, 3))
    window = window_over(frame, skin.vertices, margin_mm, LEAST_STEP_MM, MOST_COLUMNS)
    height = window.heights(skin, upper=True)
    face = np.isfinite(height)
    if not face.any():
        zero = np.zeros(face.shape)
        return Columns(window, face, zero, zero, zero)
    nearest = np.asarray(distance_transform_edt(~face, return_distances=False, return_indices=True))
    level = height[tuple(np.asarray(nearest))]
    axis = frame.direction
    on = window.points(level).reshape(-1, 3)
    below = carrier.solid_along(on - STEP_MM * axis, -axis)
    above = plugged.solid_along(on + STEP_MM * axis, axis)
    return Columns(window, face, level, below.reshape(face.shape), above.reshape(face.shape))
