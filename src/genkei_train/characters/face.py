"""The face as a crisp decal: eyes, lashes, brows, mouth, nose and blush, projected from the front.

Coordinates in head heights: u across (0 the middle, + towards picture right), v up (0 the chin).
"""

from collections.abc import Callable

import numpy as np
from jaxtyping import Float32
from PIL import Image, ImageDraw, ImageFilter

from genkei_train.characters.paint import mixed, rgb
from genkei_train.characters.spec import CharacterSpec, Face

DECAL_PX = 1024
"""Side of the decal picture, one head height; small textures take a smaller one."""


class FaceSheet:
    """Layers of colour over a transparent square, drawn larger than it is handed out."""

    def __init__(self, size_px: int) -> None:
        self.size_px = size_px
        self.oversample = 2 if size_px >= DECAL_PX else 1
        self.side = size_px * self.oversample
        self.colour = np.zeros((self.side, self.side, 3), np.float32)
        self.cover = np.zeros((self.side, self.side), np.float32)

    def pixels(self, uv: np.ndarray) -> list[tuple[float, float]]:
        return [((u + 0.5) * self.side, (1 - v) * self.side) for u, v in np.asarray(uv, float)]

    def mask(self, outline: np.ndarray, blur: float = 0.0) -> np.ndarray:
        picture = Image.new("L", (self.side, self.side), 0)
        ImageDraw.Draw(picture).polygon(self.pixels(outline), fill=255)
        if blur > 0:
            picture = picture.filter(ImageFilter.GaussianBlur(blur * self.side))
        return np.asarray(picture, np.float32) / 255

    def lay(self, colour: np.ndarray, cover: np.ndarray) -> None:
        """Paint over what is there; colour (3,) or one per pixel."""
        rows, columns = np.flatnonzero(cover.any(1)), np.flatnonzero(cover.any(0))
        if not len(rows):
            return
        at = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        ink = np.asarray(colour, np.float32)
        ink = ink if ink.ndim == 1 else ink[at]
        total = cover[at] + self.cover[at] * (1 - cover[at])
        weight = np.where(total > 0, cover[at] / np.maximum(total, 1e-6), 0)[..., None]
        self.colour[at] = self.colour[at] * (1 - weight) + ink * weight
        self.cover[at] = total

    def fill(self, outline: np.ndarray, colour: str, opacity: float = 1.0) -> None:
        self.lay(rgb(colour), self.mask(outline) * opacity)

    def rgba(self) -> Float32[np.ndarray, "s s 4"]:
        n, k = self.size_px, self.oversample
        premultiplied = np.concatenate([self.colour * self.cover[..., None], self.cover[..., None]], -1)
        return premultiplied.reshape(n, k, n, k, 4).mean((1, 3)).astype(np.float32)


def oval(centre: tuple[float, float], radii: tuple[float, float], count: int = 72) -> np.ndarray:
    t = np.linspace(0, 2 * np.pi, count, endpoint=False)
    return np.column_stack([centre[0] + radii[0] * np.cos(t), centre[1] + radii[1] * np.sin(t)])


def stroke(path: np.ndarray, widths: np.ndarray) -> np.ndarray:
    """Outline of a line through `path` whose width follows `widths`, both smoothly resampled."""
    from scipy.interpolate import PchipInterpolator

    t = np.linspace(0, 1, len(path))
    fine = np.linspace(0, 1, 60)
    line = PchipInterpolator(t, path)(fine)
    width = PchipInterpolator(np.linspace(0, 1, len(widths)), widths)(fine)[:, None]
    tangent = np.gradient(line, axis=0)
    normal = np.column_stack([-tangent[:, 1], tangent[:, 0]])
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-9)
    return np.concatenate([line + normal * width / 2, (line - normal * width / 2)[::-1]])


def draw_face(spec: CharacterSpec, size_px: int = DECAL_PX) -> Float32[np.ndarray, "s s 4"]:
    """Premultiplied RGBA decal of the whole face, row 0 the top of the skull."""
    sheet = FaceSheet(size_px)
    for side in (-1.0, 1.0):
        _blush(sheet, spec, side)
        _eye(sheet, spec, side)
        _brow(sheet, spec, side)
    _nose_and_mouth(sheet, spec)
    return sheet.rgba()


def _place(face: Face, side: float) -> Callable[[list[tuple[float, float]]], np.ndarray]:
    """Eye coordinates (a: -1 inner corner to 1 outer corner, b: -1 bottom to 1 top) to (u, v)."""

    def to_face(points: list[tuple[float, float]]) -> np.ndarray:
        ab = np.asarray(points, float)
        u = side * (face.eye_spacing + ab[:, 0] * face.eye_width / 2)
        v = face.eye_level + ab[:, 1] * face.eye_height / 2 + ab[:, 0] * face.outer_tilt * face.eye_width / 2
        return np.column_stack([u, v])

    return to_face


def _eye(sheet: FaceSheet, spec: CharacterSpec, side: float) -> None:
    face, to_face = spec.face, _place(spec.face, side)
    lash_colour = mixed(mixed(spec.palette.hair, "#2a1620", 0.78), "#2a1620", 0.2)
    upper = [(-0.98, -0.02), (-0.72, 0.52), (-0.2, 0.86), (0.35, 0.86), (0.78, 0.52), (0.98, 0.02)]
    lower = [(0.82, -0.52), (0.45, -0.86), (0.0, -0.95), (-0.45, -0.84), (-0.8, -0.48)]
    opening = _rounded(to_face(upper + lower))
    white = sheet.mask(opening)
    sheet.lay(rgb("#fffdfb"), white)
    shade = sheet.mask(_rounded(to_face([(a, b - 0.30) for a, b in upper + lower])))
    sheet.lay(rgb("#cfd3ea"), white * (1 - shade) * 0.9)
    _iris(sheet, spec, side, white)
    thick = face.eye_height * 0.115 * face.lashes
    top = to_face([(-1.04, -0.16), *upper[1:5], (1.02, 0.02), (1.26, 0.10)])
    sheet.fill(stroke(top, thick * np.array([0.35, 1.0, 1.25, 1.35, 1.5, 1.25, 0.1])), lash_colour)
    flick = to_face([(0.80, 0.50), (1.04, 0.36), (1.24, 0.40)])
    sheet.fill(stroke(flick, thick * np.array([1.1, 0.8, 0.08])), lash_colour)
    under = to_face([(0.98, -0.12), (0.84, -0.58), (0.42, -0.95), (0.0, -1.02)])
    sheet.fill(stroke(under, thick * np.array([0.5, 0.42, 0.28, 0.05])), lash_colour)
    lid = to_face([(-0.62, 0.96), (-0.1, 1.20), (0.5, 1.14), (0.98, 0.72)])
    sheet.fill(
        stroke(lid, thick * np.array([0.08, 0.26, 0.26, 0.08])), mixed(spec.palette.skin, "#7a3a30", 0.55)
    )


def _iris(sheet: FaceSheet, spec: CharacterSpec, side: float, white: np.ndarray) -> None:
    face, to_face = spec.face, _place(spec.face, side)
    centre = to_face([(-0.06, -0.04)])[0]
    wide, high = face.eye_width * 0.315, face.eye_height * 0.475
    clip = sheet.mask(oval(tuple(centre), (wide, high))) * white
    rows = 1 - (np.arange(sheet.side) + 0.5) / sheet.side
    t = np.clip((rows - (centre[1] - high)) / (2 * high), 0, 1)[:, None]
    dark, light = rgb(mixed(spec.palette.eye, "#0d1030", 0.62)), rgb(mixed(spec.palette.eye, "#ffffff", 0.42))
    ramp = light + (dark - light) * np.clip(t * 1.25 - 0.08, 0, 1)
    sheet.lay(np.broadcast_to(ramp[:, None, :], (sheet.side, sheet.side, 3)), clip)
    rim = clip * (1 - sheet.mask(oval(tuple(centre), (wide * 0.86, high * 0.90))))
    sheet.lay(rgb(mixed(spec.palette.eye, "#120c26", 0.78)), rim)
    pupil = (centre[0], centre[1] + high * 0.10)
    sheet.lay(rgb("#140e20"), clip * sheet.mask(oval(pupil, (wide * 0.42, high * 0.44))))
    glow = (centre[0], centre[1] - high * 0.58)
    crescent = sheet.mask(oval(glow, (wide * 0.62, high * 0.27)), blur=0.002)
    sheet.lay(rgb(mixed(spec.palette.eye, "#ffffff", 0.72)), clip * crescent * 0.75)
    big = oval((centre[0] - wide * 0.36, centre[1] + high * 0.46), (wide * 0.34, high * 0.27))
    small = oval((centre[0] + wide * 0.44, centre[1] - high * 0.36), (wide * 0.17, high * 0.13))
    for shine in (big, small):
        sheet.fill(shine, "#ffffff")


def _brow(sheet: FaceSheet, spec: CharacterSpec, side: float) -> None:
    face = spec.face
    u0, u1 = face.eye_spacing - 0.085, face.eye_spacing + 0.105
    level = face.eye_level + face.eye_height * 0.5 + 0.072
    rise = face.brow_tilt * (u1 - u0)
    path = [
        (side * u0, level - rise / 2 - 0.004),
        (side * (0.6 * u0 + 0.4 * u1), level + 0.012),
        (side * u1, level + rise / 2 - 0.008),
    ]
    width = face.brow_weight * np.array([0.75, 1.0, 0.15])
    sheet.fill(stroke(np.asarray(path), width), mixed(spec.palette.hair, "#3a1c20", 0.55))


def _blush(sheet: FaceSheet, spec: CharacterSpec, side: float) -> None:
    if spec.face.blush <= 0:
        return
    centre = (
        side * (spec.face.eye_spacing + 0.055),
        spec.face.eye_level - spec.face.eye_height * 0.5 - 0.045,
    )
    cover = sheet.mask(oval(centre, (0.072, 0.032)), blur=0.014)
    sheet.lay(rgb("#f58f86"), cover * 0.75 * spec.face.blush)


def _nose_and_mouth(sheet: FaceSheet, spec: CharacterSpec) -> None:
    ink = mixed(spec.palette.skin, "#7a3028", 0.72)
    tip = spec.face.eye_level - spec.face.eye_height * 0.5 - 0.055
    nose = np.array([(0.006, tip + 0.008), (-0.004, tip - 0.004), (0.004, tip - 0.010)])
    sheet.fill(stroke(nose, np.array([0.002, 0.007, 0.003])), mixed(spec.palette.skin, "#8a4538", 0.6))
    level = tip - 0.085
    if spec.face.mouth == "open":
        lips = [
            (-0.062, level + 0.016),
            (-0.02, level + 0.008),
            (0.02, level + 0.008),
            (0.062, level + 0.016),
        ]
        chin = [(0.045, level - 0.028), (0.0, level - 0.052), (-0.045, level - 0.028)]
        sheet.fill(_rounded(np.asarray(lips + chin)), "#a8443f")
        inside = sheet.mask(_rounded(np.asarray(lips + chin)))
        sheet.lay(rgb("#f08a80"), inside * sheet.mask(oval((0, level - 0.05), (0.04, 0.030))))
        line = np.asarray(
            [(-0.066, level + 0.018), (-0.02, level + 0.008), (0.02, level + 0.008), (0.066, level + 0.018)]
        )
        sheet.fill(stroke(line, np.array([0.004, 0.008, 0.008, 0.004])), ink)
        return
    deep = {"smile": 0.022, "calm": 0.004}[spec.face.mouth]
    half = {"smile": 0.062, "calm": 0.040}[spec.face.mouth]
    line = np.asarray(
        [
            (-half, level + deep * 0.6),
            (-half * 0.45, level - deep * 0.4),
            (half * 0.45, level - deep * 0.4),
            (half, level + deep * 0.6),
        ]
    )
    sheet.fill(stroke(line, np.array([0.006, 0.010, 0.010, 0.006])), ink)


def _rounded(outline: np.ndarray) -> np.ndarray:
    """A closed smooth curve through the corners of an outline."""
    from scipy.interpolate import CubicSpline

    loop = np.vstack([outline, outline[:1]])
    return CubicSpline(np.arange(len(loop)), loop, bc_type="periodic")(np.linspace(0, len(outline), 120))


def face_paint(
    spec: CharacterSpec, chin: float, head: float, skin: Callable, decal_px: int = DECAL_PX
) -> Callable[[np.ndarray], np.ndarray]:
    """Skin with the decal laid on wherever the head faces forward."""
    from genkei.geometry.raster import sample

    decal = draw_face(spec, decal_px)

    def paint(p: np.ndarray) -> np.ndarray:
        uv = np.column_stack([p[:, 0] / head + 0.5, 1 - (p[:, 1] - chin) / head])
        layer = sample(decal, uv) * (p[:, 2] > 0.06 * head)[:, None]
        return (skin(p) * (1 - layer[:, 3:]) + layer[:, :3]).astype(np.float32)

    return paint
