"""Painted faces of toys: a square decal on the front of a head, a screen or a visor."""

from collections.abc import Callable

import numpy as np
from jaxtyping import Float32

from genkei_train.characters.face import FaceSheet, face_paint, oval, stroke
from genkei_train.characters.paint import Paint, mixed, rgb
from genkei_train.characters.spec import CharacterSpec
from genkei_train.characters.spec import Face as AnimeFace
from genkei_train.characters.spec import Mouth as AnimeMouth
from genkei_train.characters.spec import Palette as AnimePalette
from genkei_train.toys.spec import Palette, ToySpec

DECAL_PX = 320


def painted(spec: ToySpec, ground: Paint, square: tuple[float, float, float], ink: str) -> Paint:
    """The ground with the toy's face; `square`: y of its middle, its side, and the z it must lie before."""
    middle, side, _ = square
    if spec.face.eyes == "anime":
        palette = AnimePalette(skin=spec.palette.skin, hair=spec.palette.hair, eye=spec.palette.accent)
        mouth: AnimeMouth = "open" if spec.face.mouth == "open" else "smile"
        face = AnimeFace(
            eye_level=spec.face.level - 0.14, mouth=mouth, blush=0.6 if spec.face.cheeks else 0.0
        )
        anime = CharacterSpec(spec.name, palette=palette, face=face)
        return face_paint(anime, middle - 0.42 * side, side, ground, DECAL_PX)
    return _projected(_decal(spec, ink), ground, square)


def _projected(decal: np.ndarray, ground: Paint, square: tuple[float, float, float]) -> Paint:
    from genkei.geometry.raster import sample

    middle, side, z = square

    def paint(p: np.ndarray) -> np.ndarray:
        uv = np.column_stack([p[:, 0] / side + 0.5, 0.5 - (p[:, 1] - middle) / side])
        layer = sample(decal, uv) * ((p[:, 2] > z) & (np.abs(uv - 0.5) < 0.49).all(1))[:, None]
        return (ground(p) * (1 - layer[:, 3:]) + layer[:, :3]).astype(np.float32)

    return paint


def _decal(spec: ToySpec, ink: str) -> Float32[np.ndarray, "s s 4"]:
    """Premultiplied RGBA; u from -0.5 to 0.5 across, v from 0 to 1 up."""
    sheet, face = FaceSheet(DECAL_PX), spec.face
    if face.eyes == "none":
        pass
    elif face.eyes == "cyclops":
        _eye(sheet, spec, (0.0, face.level), ink)
    else:
        for side in (-1.0, 1.0):
            _eye(sheet, spec, (side * face.spacing, face.level), ink)
            if face.brows:
                u, v = side * face.spacing, face.level + 1.75 * face.size
                path = np.array(
                    [(u - side * 0.9 * face.size, v - 0.012), (u + side * 0.9 * face.size, v + 0.012)]
                )
                sheet.fill(stroke(path, np.full(2, 0.35 * face.size)), ink)
            if face.cheeks:
                spot = oval(
                    (side * (face.spacing + 0.09), face.level - 1.3 * face.size - 0.03), (0.06, 0.042)
                )
                sheet.fill(spot, "#f08a86", 0.75)
    _mouth(sheet, spec, max(face.level - 1.2 * face.size - 0.12, 0.10), ink)
    return sheet.rgba()


def _eye(sheet: FaceSheet, spec: ToySpec, at: tuple[float, float], ink: str) -> None:
    _EYES[spec.face.eyes](sheet, at, spec.face.size, (ink, spec.palette))


Inks = tuple[str, Palette]


def _dot(sheet: FaceSheet, at: tuple[float, float], r: float, inks: Inks) -> None:
    sheet.fill(oval(at, (0.62 * r, 0.62 * r)), inks[0])


def _oval(sheet: FaceSheet, at: tuple[float, float], r: float, inks: Inks) -> None:
    sheet.fill(oval(at, (0.62 * r, r)), inks[0])
    sheet.fill(oval((at[0] - 0.18 * r, at[1] + 0.42 * r), (0.22 * r, 0.26 * r)), "#ffffff")


def _round(sheet: FaceSheet, at: tuple[float, float], r: float, inks: Inks) -> None:
    sheet.fill(oval(at, (1.12 * r, 1.12 * r)), mixed(inks[0], "#15151c", 0.6))
    sheet.fill(oval(at, (r, r)), "#ffffff")
    sheet.fill(oval((at[0] * 0.94, at[1] - 0.1 * r), (0.5 * r, 0.55 * r)), "#17171f")
    sheet.fill(oval((at[0] * 0.94 - 0.15 * r, at[1] + 0.15 * r), (0.16 * r, 0.16 * r)), "#ffffff")


def _bar(sheet: FaceSheet, at: tuple[float, float], r: float, inks: Inks) -> None:
    path = np.array([(at[0], at[1] - 0.8 * r), (at[0], at[1]), (at[0], at[1] + 0.8 * r)])
    sheet.fill(stroke(path, np.full(3, 0.8 * r)), inks[0])


def _ring(sheet: FaceSheet, at: tuple[float, float], r: float, inks: Inks) -> None:
    sheet.fill(oval(at, (1.1 * r, 1.1 * r)), mixed(inks[1].dark, "#808890", 0.3))
    sheet.fill(oval(at, (0.9 * r, 0.9 * r)), inks[1].glow)
    sheet.fill(oval(at, (0.4 * r, 0.4 * r)), "#ffffff")


def _arc(sheet: FaceSheet, at: tuple[float, float], r: float, inks: Inks, rise: float) -> None:
    path = np.array([(at[0] - r, at[1] - rise * r), (at[0], at[1] + rise * r), (at[0] + r, at[1] - rise * r)])
    sheet.fill(stroke(path, 0.32 * r * np.array([0.6, 1.0, 0.6])), inks[0])


def _happy(sheet: FaceSheet, at: tuple[float, float], r: float, inks: Inks) -> None:
    _arc(sheet, at, r, inks, 0.5)


def _sleepy(sheet: FaceSheet, at: tuple[float, float], r: float, inks: Inks) -> None:
    _arc(sheet, at, r, inks, -0.35)


def _cyclops(sheet: FaceSheet, at: tuple[float, float], r: float, inks: Inks) -> None:
    _ring(sheet, at, 1.9 * r, inks)


def _slit(sheet: FaceSheet, at: tuple[float, float], r: float, inks: Inks) -> None:
    side = np.sign(at[0]) or 1.0
    path = np.array([(at[0] - side * r, at[1] - 0.2 * r), (at[0] + side * r, at[1] + 0.4 * r)])
    sheet.fill(stroke(path, r * np.array([0.55, 0.75])), inks[0])


_EYES: dict[str, Callable[[FaceSheet, tuple[float, float], float, Inks], None]] = {
    "dot": _dot,
    "oval": _oval,
    "round": _round,
    "bar": _bar,
    "ring": _ring,
    "happy": _happy,
    "sleepy": _sleepy,
    "cyclops": _cyclops,
    "slit": _slit,
}


def _mouth(sheet: FaceSheet, spec: ToySpec, v: float, ink: str) -> None:
    kind = spec.face.mouth
    lines = {
        "smile": [(-0.11, 0.03), (-0.05, -0.02), (0.05, -0.02), (0.11, 0.03)],
        "frown": [(-0.09, -0.025), (-0.04, 0.01), (0.04, 0.01), (0.09, -0.025)],
        "flat": [(-0.08, 0.0), (0.08, 0.0)],
        "cat": [(-0.08, 0.0), (-0.04, -0.03), (0.0, 0.01), (0.04, -0.03), (0.08, 0.0)],
    }
    if kind in lines:
        path = np.asarray(lines[kind]) + np.array([0, v])
        sheet.fill(stroke(path, np.full(len(path), 0.024)), ink)
    elif kind in ("grille", "teeth"):
        outline = np.array([(-0.15, v - 0.05), (0.15, v - 0.05), (0.15, v + 0.05), (-0.15, v + 0.05)])
        sheet.fill(outline, ink)
        bright = "#ffffff" if kind == "teeth" else mixed(ink, spec.palette.second, 0.6)
        for u in (-0.105, -0.035, 0.035, 0.105):
            tooth = outline * np.array([0.19, 0.0]) + np.array([u, 0])
            tooth[:, 1] = v + 0.75 * (outline[:, 1] - v)
            sheet.fill(tooth, bright)
    elif kind == "open":
        turn = np.linspace(np.pi, 2 * np.pi, 30)
        half = np.column_stack([0.10 * np.cos(turn), v + 0.03 + 0.10 * np.sin(turn)])
        sheet.fill(half, mixed(ink, "#8a2a30", 0.6))
        sheet.lay(rgb("#f08a80"), sheet.mask(half) * sheet.mask(oval((0, v - 0.06), (0.06, 0.04))))
    elif kind == "o":
        sheet.fill(oval((0.0, v), (0.035, 0.045)), mixed(ink, "#8a2a30", 0.5))
