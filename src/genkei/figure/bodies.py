"""A painted part as one closed body a filament, for slicers that read no painted colours.

The outside colours reach `skin_mm` deep, the rest is a core of the part's main filament: three lines of a
nozzle hide what is behind them, and no more of the infill, on which the part holds together, is cut apart.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Bool, Float, Int, Int32, UInt8

from genkei.figure.cells import Cells, Spread, commonest, connected, extended, spread, voxelise
from genkei.figure.cutters import surroundings
from genkei.figure.palette import nearest_colours
from genkei.figure.profiles import Profile
from genkei.figure.union import shell_volumes
from genkei.geometry.field import Grid, surface
from genkei.geometry.mesh import compact, from_manifold, simplify, to_manifold, volume
from genkei.types import Check, Figure, Mesh, Part

if TYPE_CHECKING:
    from manifold3d import Manifold

VOLUME_SHARE = 1e-4
"""Bodies and part may differ by this share of the part."""
MOST_CELLS = 14e6
"""A larger part gets larger cells: 14 million take about 1 GB."""
SMOOTH = 0.08
"""Cells by which a border may be moved for fewer triangles."""
SIGMA = 1.2
"""Cells (one sigma) over which a border is smoothed."""
OUTSIDE = 0.35
"""Cells that the nearest cell outside a slanted surface lies beyond it, on the mean."""
DUST_MM3 = 0.02
"""Shells of a body under this volume are less than a dot of a nozzle: they are left out."""


@dataclass(frozen=True)
class Bodies:
    """One part as closed solids that touch and do not overlap; together they are the part."""

    name: str
    filaments: tuple[int, ...]
    """Number of each body's colour in the palette, ascending."""
    meshes: tuple[Mesh, ...]
    """In the part's frame; a body may have several pieces."""
    main: int
    """The filament with most of the surface: the core is of it too."""
    check: Check
    """Sum of the bodies against the part."""


@dataclass(frozen=True)
class ByColour:
    """How deep colours go, and how fine their borders are."""

    skin_mm: float = 1.2
    """Three lines of a 0.4 mm nozzle: less lets the core shine through, more cuts up the infill."""
    step_mm: float = 0.3
    """Cells in which borders are found; dots and lines under twice this are lost, as a nozzle loses them."""
    dot_mm3: float = 0.4
    """A spot of colour with less material stays with what surrounds it: a few dots of a nozzle."""

    def __post_init__(self) -> None:
        if not (0.05 <= self.step_mm <= 5 and 2 * self.step_mm <= self.skin_mm < 1000 and self.dot_mm3 >= 0):
            raise ValueError(
                f"colours {self.skin_mm:g} mm deep in cells of {self.step_mm:g} mm: wanted cells of 0.05 to "
                "5 mm, a skin of at least two cells, and dots of 0 mm³ or more"
            )

    @staticmethod
    def of(profile: Profile) -> "ByColour":
        """As deep as the thinnest wall that the process makes at all."""
        return ByColour(profile.wall_mm, min(ByColour.step_mm, profile.wall_mm / 2))

    def __call__(
        self, part: Part, texture: UInt8[np.ndarray, "th tw 3"], colours: UInt8[np.ndarray, "n 3"]
    ) -> Bodies:
        """Bodies of the colours that the part shows. ValueError when the part is no closed solid."""
        solid = to_manifold(part.mesh)
        box = float(np.ptp(part.mesh.vertices.astype(np.float64), axis=0).prod())
        cells = voxelise(part.mesh, max(self.step_mm, (box / MOST_CELLS) ** (1 / 3)))
        sampled = spread(part.mesh, 0.7 * cells.step)
        shown = _shown(part, sampled, texture, colours)
        main = int(np.bincount(shown, sampled.weight, len(colours)).argmax())
        label = self._labels(cells, sampled, shown, main, len(colours))
        bodies = _cut(solid, cells, label, main)
        found = sorted(number for number, mesh in bodies.items() if len(mesh.faces))
        meshes = tuple(bodies[number] for number in found)
        return Bodies(part.name, tuple(found), meshes, main, _sum_check(part, meshes))

    def _labels(
        self, cells: Cells, sampled: Spread, shown: Int32[np.ndarray, "n"], main: int, count: int
    ) -> Int[np.ndarray, "nx ny nz"]:
        """The filament of every cell of the solid, -1 outside."""
        each = replace(sampled, face=np.arange(len(shown)))
        seeds = commonest(cells, each, shown, count)
        solid = cells.inside | (seeds >= 0)
        label = np.where(solid, extended(seeds), np.int16(-1))
        label[_core(cells, self.skin_mm)] = main
        return _undotted(label, main, self.dot_mm3 / cells.step**3)


def _shown(
    part: Part, sampled: Spread, texture: UInt8[np.ndarray, "th tw 3"], colours: UInt8[np.ndarray, "n 3"]
) -> Int32[np.ndarray, "p"]:
    """Number of the nearest colour at every point."""
    from genkei.geometry.raster import sample

    rgb = sample(texture, _uv_at(part, sampled)) / 255
    return nearest_colours(rgb, colours / 255)


def _uv_at(part: Part, sampled: Spread) -> Float[np.ndarray, "n 2"]:
    """The texture's place under every point of the part's surface."""
    corner = part.mesh.vertices[part.mesh.faces[sampled.face]].astype(np.float64)
    a, b = corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0]
    away = sampled.points - corner[:, 0]
    normal = np.cross(a, b)
    square = np.maximum((normal**2).sum(1), 1e-30)
    v = (np.cross(away, b) * normal).sum(1) / square
    w = (np.cross(a, away) * normal).sum(1) / square
    weights = np.clip(np.stack([1 - v - w, v, w], 1), 0, 1)
    return np.einsum("nk,nkc->nc", weights, part.uv[sampled.face]).astype(np.float32)


def _core(cells: Cells, skin_mm: float) -> Bool[np.ndarray, "nx ny nz"]:
    """What is deeper than the skin, but not where that would be thinner than the skin itself."""
    from scipy.ndimage import distance_transform_edt

    deep = np.asarray(distance_transform_edt(cells.inside, sampling=cells.step)) - OUTSIDE * cells.step
    middle = deep > 1.5 * skin_mm
    if not middle.any():
        return middle
    near = np.asarray(distance_transform_edt(~middle, sampling=cells.step)) <= skin_mm / 2
    return near & (deep > skin_mm)


def _undotted(label: Int[np.ndarray, "nx ny nz"], main: int, least: float) -> Int[np.ndarray, "nx ny nz"]:
    """Pieces of a colour with fewer cells go to the nearest other colour."""
    small = np.zeros(label.shape, bool)
    for number in np.unique(label[label >= 0]):
        pieces, count = connected(label == number, by_corners=True)
        size = np.bincount(pieces.ravel(), minlength=count + 1)
        tiny = size < least
        tiny[0] = False
        if number == main:
            tiny[size[1:].argmax() + 1] = False
        small |= tiny[pieces]
    if not small.any():
        return label
    return np.where(small, extended(np.where(small, np.int16(-1), label)), label)


def _cut(solid: "Manifold", cells: Cells, label: Int[np.ndarray, "nx ny nz"], main: int) -> dict[int, Mesh]:
    """The solid cut along the labels' borders, colour by colour; what remains is the main one's."""
    bodies, rest, left = {}, solid, label.copy()
    for number in np.unique(label[label >= 0]):
        if number == main:
            continue
        border = simplify(_border(cells, left, int(number)), SMOOTH * cells.step)
        inner, rest = rest.split(to_manifold(border))
        bodies[int(number)] = _dusted(inner)
        left[left == number] = -1
    bodies[main] = _dusted(rest)
    return bodies


def _border(cells: Cells, label: Int[np.ndarray, "nx ny nz"], number: int) -> Mesh:
    """A closed mesh round the cells of one label, half-way to others and beyond the solid's surface.

    It is smoothed just enough to lose its steps: colours keep small shapes that seams of parts would not.
    """
    from scipy.ndimage import gaussian_filter

    crop, origin = surroundings(cells, label, number)
    share = (extended(np.ascontiguousarray(label[crop])) == number).astype(np.float32)
    field = 0.5 - gaussian_filter(share, SIGMA, mode="nearest")
    return surface(Grid(field.astype(np.float32), origin.astype(np.float32), cells.step))


def _dusted(solid: "Manifold") -> Mesh:
    """Without shells smaller than a dot of a nozzle."""
    mesh = from_manifold(solid)
    if not len(mesh.faces):
        return mesh
    labels, signed = shell_volumes(mesh)
    kept = np.abs(signed) >= DUST_MM3
    return mesh if kept.all() else compact(mesh.vertices, mesh.faces[kept[labels]])


def _sum_check(part: Part, meshes: tuple[Mesh, ...]) -> Check:
    whole = volume(part.mesh)
    off = abs(sum(volume(mesh) for mesh in meshes) - whole) / whole
    return Check("colour bodies", 1e6 * off, 1e6 * VOLUME_SHARE, "millionths", f"{part.name}: {len(meshes)}",
                 off <= VOLUME_SHARE, "The bodies are not the part: print the painted 3MF.")  # fmt: skip


def bodies_of(figure: Figure, colours: UInt8[np.ndarray, "n 3"], how: ByColour) -> tuple[Bodies, ...]:
    """Of every part of the figure."""
    return tuple(how(part, figure.texture, colours) for part in figure.parts)


__all__ = ["Bodies", "ByColour", "bodies_of"]
