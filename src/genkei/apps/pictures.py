"""Pictures of results for the report: turntables, clay, guessed regions, drawing against result."""

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, UInt8

from genkei.geometry.colour import to_bytes, to_lab
from genkei.geometry.mesh import joined
from genkei.geometry.render import render, render_clay
from genkei.geometry.score import Score
from genkei.types import Camera, Character, Figure, Mesh, View

GUESS = (0.93, 0.12, 0.55)
"""Magenta: rare on figures, so a guessed region cannot be mistaken for paint."""
TURNS = tuple(range(0, 360, 45))
WORST_LAB = 40.0
"""The Lab distance drawn in full red: black on dark grey is 40 apart."""


@dataclass(frozen=True)
class Shown:
    """A painted solid scaled to height 1 with y up, so that a character's cameras see all of it."""

    mesh: Mesh
    uv: Float32[np.ndarray, "f 3 2"]
    texture: UInt8[np.ndarray, "th tw 3"]
    span: float

    def camera(self, azimuth_deg: float, elevation_deg: float = 8.0) -> Camera:
        return Camera.orthographic(azimuth_deg, self.span, elevation_deg)


def show_figure(figure: Figure) -> Shown:
    """All parts of a figure, turned from the bed (z up, face to -y) to a character's frame."""
    whole = joined([part.mesh for part in figure.parts])
    points, faces = whole.vertices, whole.faces
    turned = np.stack([points[:, 0], points[:, 2], -points[:, 1]], 1)
    turned[:, [0, 2]] -= (turned[:, [0, 2]].max(0) + turned[:, [0, 2]].min(0)) / 2
    mesh = Mesh((turned / max(float(turned[:, 1].max()), 1e-6)).astype(np.float32), faces)
    return Shown(mesh, np.concatenate([part.uv for part in figure.parts]), figure.texture, _span(mesh))


def show_character(character: Character) -> Shown:
    """The character without a base; it stands in its own frame already."""
    return Shown(character.mesh, character.uv, character.texture, _span(character.mesh))


def _span(mesh: Mesh) -> float:
    reach = float(np.linalg.norm(mesh.vertices[:, [0, 2]], axis=1).max())
    return max(1.16, 2.08 * reach)


def turntable(shown: Shown, size_px: int = 360) -> list[Float32[np.ndarray, "s s 4"]]:
    """Eight softly lit pictures, every 45 degrees from the front on."""
    return [render(shown.mesh, shown.uv, shown.texture, shown.camera(a), size_px, light=0.3) for a in TURNS]


def clay(shown: Shown, size_px: int = 360) -> list[Float32[np.ndarray, "s s 4"]]:
    """Four pictures of the bare shape: front, three-quarter, side, back."""
    return [render_clay(shown.mesh, shown.camera(a), size_px) for a in (0, 45, 90, 180)]


def guesses(character: Character, size_px: int = 300) -> tuple[list[Float32[np.ndarray, "s s 4"]], float]:
    """The turntable with every guessed texel hatched, and the seen share of all that was rendered."""
    shown = show_character(character)
    seen_map = np.repeat(to_bytes(character.drawn)[..., None], 3, -1)
    pictures, seen_px, all_px = [], 0, 0
    for azimuth in TURNS:
        paint = render(shown.mesh, shown.uv, shown.texture, shown.camera(azimuth), size_px, light=0.3)
        seen = render(shown.mesh, shown.uv, seen_map, shown.camera(azimuth), size_px)[..., 0] > 0.5
        inside = paint[..., 3] > 0.5
        seen_px, all_px = seen_px + int((seen & inside).sum()), all_px + int(inside.sum())
        pictures.append(_hatch(paint, inside & ~seen))
    return pictures, seen_px / max(all_px, 1)


def _hatch(rgba: np.ndarray, where: np.ndarray) -> np.ndarray:
    """Diagonal magenta lines, eight pixels apart, over a light magenta wash."""
    rows, columns = np.indices(where.shape)
    weight = np.where((rows + columns) % 8 < 3, 0.75, 0.3)[..., None] * where[..., None]
    out = rgba.copy()
    out[..., :3] = rgba[..., :3] * (1 - weight) + np.array(GUESS, np.float32) * weight
    return out.astype(np.float32)


def difference(view: View, score: Score) -> Float32[np.ndarray, "s s 4"]:
    """White where drawing and result agree, red by Lab distance; blue: only drawn, orange: only made."""
    drawn, made = view.mask, score.rendered[..., 3] > 0.5
    off = np.linalg.norm(to_lab(view.rgba[..., :3]) - to_lab(score.rendered[..., :3]), axis=-1)
    strength = np.clip(off / WORST_LAB, 0, 1)[..., None]
    out = np.zeros_like(view.rgba)
    out[..., :3] = (1 - strength) * 0.96 + strength * np.array([0.80, 0.05, 0.10])
    out[drawn & ~made, :3] = (0.15, 0.40, 0.95)
    out[made & ~drawn, :3] = (1.0, 0.55, 0.05)
    out[..., 3] = drawn | made
    return out


def crop_together(
    pictures: Sequence[Float32[np.ndarray, "h w 4"]], margin: float = 0.03
) -> list[Float32[np.ndarray, "_ _ 4"]]:
    """The same box of every picture: what any of them shows, and a margin."""
    shown = np.any([picture[..., 3] > 0.02 for picture in pictures], axis=0)
    rows, columns = np.flatnonzero(shown.any(1)), np.flatnonzero(shown.any(0))
    if not len(rows):
        return list(pictures)
    pad = int(margin * shown.shape[0])
    top, bottom = max(rows[0] - pad, 0), rows[-1] + pad + 1
    left, right = max(columns[0] - pad, 0), columns[-1] + pad + 1
    return [picture[top:bottom, left:right] for picture in pictures]


def data_uri(rgba: Float32[np.ndarray, "h w 4"], height_px: int = 0, colours: int = 0) -> str:
    """A PNG inside the page; shrunk to `height_px` and to a palette of `colours` when those are given."""
    from PIL import Image

    image = Image.fromarray(to_bytes(np.ascontiguousarray(rgba)), "RGBA")
    if 0 < height_px < image.height:
        width = max(round(image.width * height_px / image.height), 1)
        image = image.convert("RGBa").resize((width, height_px), Image.Resampling.LANCZOS).convert("RGBA")
    if colours:
        image = image.quantize(colours, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    stream = io.BytesIO()
    image.save(stream, "PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(stream.getvalue()).decode("ascii")
