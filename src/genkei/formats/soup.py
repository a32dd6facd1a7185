"""What a mesh file holds before anything is believed about it: open, overlapping, coloured triangles."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from jaxtyping import Bool, Float, Float32, Int, Int32, UInt8


def _no_faces() -> np.ndarray:
    return np.zeros(0, np.int32)


def _no_points() -> np.ndarray:
    return np.zeros((0, 3), np.float32)


@dataclass(frozen=True)
class Soup:
    """Triangles as a file has them, in its own unit, turned to +y up and +z front; sRGB, straight alpha."""

    vertices: Float32[np.ndarray, "v 3"]
    faces: Int32[np.ndarray, "f 3"]
    uv: Float32[np.ndarray, "f 3 2"]
    """Per corner; (0, 0) is the texture's top left corner, and textures repeat outside [0, 1]."""
    texture: Int32[np.ndarray, "f"]
    """Index into `textures`, -1 for a face without one."""
    textures: tuple[UInt8[np.ndarray, "_ _ 4"], ...]
    """RGBA; alpha 255 everywhere unless the material shows it; below 128 nothing is there."""
    colours: UInt8[np.ndarray, "f 3 4"]
    """Per corner: material colour times vertex colour; the texture is multiplied on top."""
    unit_mm: float
    """Millimetres of one file unit; 0.0 where the format doesn't say."""
    source: str
    """File the triangles came from, for messages."""
    parts: Int32[np.ndarray, "_"] = field(default_factory=_no_faces)
    """Index into `part_names` per face; empty when the file names no parts."""
    part_names: tuple[str, ...] = ()
    joint_names: tuple[str, ...] = ()
    """Bones of a rigged file: VRM humanoid names where the file gives them, else its node names."""
    joint_positions: Float32[np.ndarray, "j 3"] = field(default_factory=_no_points)
    """Where those bones are, in the vertices' frame."""

    @staticmethod
    def plain(
        vertices: Float32[np.ndarray, "v 3"], faces: Int32[np.ndarray, "f 3"], unit_mm: float, source: str
    ) -> "Soup":
        """White triangles without texture."""
        count = len(faces)
        return Soup(
            vertices=vertices,
            faces=faces,
            uv=np.zeros((count, 3, 2), np.float32),
            texture=np.full(count, -1, np.int32),
            textures=(),
            colours=np.full((count, 3, 4), 255, np.uint8),
            unit_mm=unit_mm,
            source=source,
        )

    @property
    def bounds(self) -> Float32[np.ndarray, "2 3"]:
        """Lowest and highest corner of the box round all used vertices; ValueError without faces."""
        if not len(self.faces):
            raise ValueError(f"{self.source}: there are no triangles in it")
        seen = np.zeros(len(self.vertices), bool)
        seen[self.faces] = True
        used = self.vertices[seen]
        return np.stack([used.min(0), used.max(0)])

    @property
    def shows_alpha(self) -> np.ndarray:
        """Bool per face: some of it may be transparent, by its colour or its texture."""
        textured = np.array([bool((t[..., 3] < 128).any()) for t in self.textures] + [False])
        return (self.colours[..., 3] < 255).any(1) | textured[self.texture]


def only(soup: Soup, keep: Bool[np.ndarray, "f"]) -> Soup:
    """The soup without the faces that are not kept; vertices stay."""
    return replace(
        soup,
        faces=soup.faces[keep],
        uv=soup.uv[keep],
        texture=soup.texture[keep],
        colours=soup.colours[keep],
        parts=soup.parts[keep] if len(soup.parts) == len(keep) else soup.parts,
    )


def soup_colours(
    soup: Soup, face_index: Int[np.ndarray, "n"], barycentric: Float[np.ndarray, "n 3"]
) -> UInt8[np.ndarray, "n 4"]:
    """sRGB colour and alpha of points on faces: texture (bilinear, repeating) times corner colours.

    The product is taken on encoded values, which for a pure power law equals the product of linear light.
    """
    tint = np.einsum("nk,nkc->nc", barycentric, soup.colours[face_index].astype(np.float32)) / 255
    uv = np.einsum("nk,nkc->nc", barycentric, soup.uv[face_index])
    which = soup.texture[face_index]
    rgba = np.ones((len(face_index), 4), np.float32)
    for index, texture in enumerate(soup.textures):
        chosen = which == index
        if chosen.any():
            rgba[chosen] = _repeating(texture, uv[chosen])
    return np.clip(np.round(rgba * tint * 255), 0, 255).astype(np.uint8)


def _repeating(texture: np.ndarray, uv: np.ndarray) -> np.ndarray:
    """Bilinear RGBA in [0, 1]; transparent texels lend no colour to their neighbours."""
    from genkei.geometry.raster import sample_repeating

    return sample_repeating(texture, uv)


def concatenate(soups: Sequence[Soup], source: str) -> Soup:
    """One soup of several in the same unit; ValueError when there is none or the units differ."""
    units = {soup.unit_mm for soup in soups}
    if len(units) != 1:
        raise ValueError(f"{source}: wanted meshes in one unit, found {sorted(units)} mm per unit")
    vertex_base = np.cumsum([0, *(len(s.vertices) for s in soups)])
    texture_base = np.cumsum([0, *(len(s.textures) for s in soups)])
    part_base = np.cumsum([0, *(max(len(s.part_names), 1) for s in soups)])
    return Soup(
        vertices=np.concatenate([s.vertices for s in soups]),
        faces=np.concatenate([s.faces + vertex_base[i] for i, s in enumerate(soups)]).astype(np.int32),
        uv=np.concatenate([s.uv for s in soups]),
        texture=np.concatenate(
            [np.where(s.texture < 0, -1, s.texture + texture_base[i]) for i, s in enumerate(soups)]
        ).astype(np.int32),
        textures=tuple(t for s in soups for t in s.textures),
        colours=np.concatenate([s.colours for s in soups]),
        unit_mm=units.pop(),
        source=source,
        parts=np.concatenate([_parts(s) + part_base[i] for i, s in enumerate(soups)]).astype(np.int32),
        part_names=tuple(n for s in soups for n in (s.part_names or (s.source,))),
        joint_names=tuple(n for s in soups for n in s.joint_names),
        joint_positions=np.concatenate([s.joint_positions for s in soups]),
    )


def _parts(soup: Soup) -> np.ndarray:
    return soup.parts if len(soup.parts) == len(soup.faces) else np.zeros(len(soup.faces), np.int32)
