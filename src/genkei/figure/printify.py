"""Any coloured triangles to a painted solid in character space, so that the rest of the road is the same."""

from dataclasses import dataclass, replace

import numpy as np

from genkei.figure.scale import TALLEST_MM, checked_height
from genkei.figure.solidify import Solid, solidify
from genkei.figure.transfer import transfer
from genkei.formats.soup import Soup, only, soup_colours
from genkei.types import Character, Mesh, Rig

UNITS_MM = {"mm": 1.0, "cm": 10.0, "m": 1000.0, "inch": 25.4}
SEEN_ALPHA = 128
"""Below this a texel is a hole: a face without any seen texel is not printed."""
_PROBES = np.array(
    [
        [1, 1, 1],
        [4, 1, 1],
        [1, 4, 1],
        [1, 1, 4],
        [2, 2, 1],
        [1, 2, 2],
        [2, 1, 2],
        [8, 1, 1],
        [1, 8, 1],
        [1, 1, 8],
    ]
)


@dataclass(frozen=True)
class Printified:
    """A painted solid in character space, and how it came to be."""

    character: Character
    solid: Solid
    height_mm: float
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Printify:
    """A soup to a painted solid: transparent faces out, one closed solid, colours carried over."""

    wall_mm: float = 1.0
    """Sheets and walls thinner than this are thickened where the surface has to be rebuilt."""
    voxel_mm: float = 0.0
    """Step of the rebuilt surface; 0: from the size, about 0.6 mm at 150 mm."""
    texel_mm: float = 0.2
    """Size of the new texture's texels on the figure; smaller keeps finer paint and takes longer."""

    def __post_init__(self) -> None:
        if not (0 < self.wall_mm <= 50 and 0 <= self.voxel_mm <= 50 and 0 < self.texel_mm <= 50):
            raise ValueError(
                f"wall {self.wall_mm:g}, voxel {self.voxel_mm:g}, texel {self.texel_mm:g} mm: "
                "wanted above 0, at most 50"
            )

    def __call__(self, soup: Soup, mm_per_unit: float) -> Printified:
        """`mm_per_unit` from `resolve_unit`; ValueError when nothing printable is in the soup."""
        visible = _visible(soup)
        _refuse(visible)
        millimetres = replace(visible, vertices=_placed(visible, mm_per_unit))
        height = checked_height(float(np.ptp(millimetres.bounds[:, 1])))
        solid = solidify(millimetres.vertices, millimetres.faces, self.wall_mm, self.voxel_mm)
        paint = transfer(solid.mesh, millimetres, self.texel_mm)
        low = float(solid.mesh.vertices[:, 1].min())
        tall = float(np.ptp(solid.mesh.vertices[:, 1]))
        points = (solid.mesh.vertices - np.array([0, low, 0], np.float32)) / np.float32(tall)
        mesh = Mesh(points.astype(np.float32), solid.mesh.faces)
        side = paint.texture.shape[0]
        character = Character(
            mesh=mesh,
            uv=paint.uv,
            texture=paint.texture,
            drawn=np.ones((side, side), np.float32),
            parts=np.zeros(len(mesh.faces), np.int32),
            part_names=("figure",),
            rig=Rig.empty(len(mesh.vertices)),
        )
        hidden = len(soup.faces) - len(visible.faces)
        notes = (f"{hidden} fully transparent faces were left out",) if hidden else ()
        return Printified(character, solid, height, notes + solid.notes)


def resolve_unit(soup: Soup, unit: str = "", height_mm: float = 0.0) -> float:
    """Millimetres of print per file unit, from the height asked, the unit given, or the one the file states.

    Refuses to guess: an STL or OBJ without either is a ValueError that shows what each unit would mean.
    """
    _refuse(soup)
    size = np.ptp(soup.bounds.astype(np.float64), axis=0)
    if height_mm:
        checked_height(height_mm)
        if not size[1] > 0:
            raise ValueError(
                f"{soup.source}: the model is flat, its height is 0; a height cannot be given to it"
            )
        return height_mm / float(size[1])
    if unit and unit not in UNITS_MM:
        raise ValueError(f"unit {unit!r}: known are {', '.join(UNITS_MM)}")
    factor = UNITS_MM[unit] if unit else soup.unit_mm
    if not factor:
        meanings = ", ".join(f"{_extents(size * mm)} mm with --unit {name}" for name, mm in UNITS_MM.items())
        raise ValueError(
            f"{soup.source}: the file does not say its unit, and its size is {_extents(size)} units "
            f"(width x height x depth): {meanings}. Give --unit, or the wanted height with --height-mm"
        )
    if not 0 < factor * size[1] <= TALLEST_MM:
        raise ValueError(
            f"{soup.source}: it would be {plain(factor * size[1])} mm tall; wanted more than 0 and at most "
            f"{TALLEST_MM:g} mm. Give the wanted height with --height-mm"
        )
    return factor


def plain(value: float) -> str:
    """Four significant digits and never an exponent: 75510, 1.8, 0.00025."""
    return np.format_float_positional(float(f"{value:.4g}"), trim="-")


def _extents(size: np.ndarray) -> str:
    return " x ".join(plain(value) for value in size)


def _refuse(soup: Soup) -> None:
    if not len(soup.faces):
        raise ValueError(f"{soup.source}: there are no (visible) triangles in it")
    if not np.isfinite(soup.vertices).all():
        bad = int((~np.isfinite(soup.vertices).all(1)).sum())
        raise ValueError(
            f"{soup.source}: {bad} of {len(soup.vertices)} vertices are not numbers (NaN or infinite); "
            "export it again"
        )


def _placed(soup: Soup, mm_per_unit: float) -> np.ndarray:
    """Vertices in millimetres, +y up, feet at 0, centred in x and z; float64 until the subtraction."""
    low, high = soup.bounds.astype(np.float64)
    origin = np.array([(low[0] + high[0]) / 2, low[1], (low[2] + high[2]) / 2])
    return ((soup.vertices.astype(np.float64) - origin) * mm_per_unit).astype(np.float32)


def _visible(soup: Soup) -> Soup:
    """Without the faces whose every probe is transparent."""
    asked = np.flatnonzero(soup.shows_alpha) if len(soup.faces) else np.zeros(0, np.int64)
    if not len(asked):
        return soup
    weights = _PROBES / _PROBES.sum(1, keepdims=True)
    face = np.repeat(asked, len(weights))
    alpha = soup_colours(soup, face, np.tile(weights, (len(asked), 1)))[:, 3].reshape(len(asked), -1)
    keep = np.ones(len(soup.faces), bool)
    keep[asked[(alpha < SEEN_ALPHA).all(1)]] = False
    return soup if keep.all() else only(soup, keep)
