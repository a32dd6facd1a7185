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
    _marks(sheet, spec)
    for side in (-1.0, 1.0):
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


Corners = list[tuple[float, float]]
_LIDS: dict[str, tuple[Corners, Corners]] = {
    "open": (
        [(-0.98, -0.02), (-0.72, 0.52), (-0.2, 0.86), (0.35, 0.86), (0.78, 0.52), (0.98, 0.02)],
        [(0.82, -0.52), (0.45, -0.86), (0.0, -0.95), (-0.45, -0.84), (-0.8, -0.48)],
    ),
    "sharp": (
        [(-1.0, -0.30), (-0.70, 0.18), (-0.2, 0.52), (0.35, 0.70), (0.80, 0.66), (1.05, 0.40)],
        [(0.86, -0.22), (0.45, -0.62), (0.0, -0.74), (-0.45, -0.68), (-0.8, -0.50)],
    ),
    "gentle": (
        [(-0.96, 0.10), (-0.70, 0.60), (-0.2, 0.84), (0.35, 0.76), (0.78, 0.36), (1.0, -0.20)],
        [(0.82, -0.66), (0.45, -0.92), (0.0, -0.95), (-0.45, -0.80), (-0.8, -0.40)],
    ),
    "lidded": (
        [(-0.98, -0.05), (-0.72, 0.22), (-0.2, 0.34), (0.35, 0.34), (0.78, 0.24), (0.98, 0.0)],
        [(0.82, -0.50), (0.45, -0.80), (0.0, -0.88), (-0.45, -0.78), (-0.8, -0.46)],
    ),
    "wide": (
        [(-0.94, 0.05), (-0.74, 0.64), (-0.25, 1.0), (0.30, 1.0), (0.76, 0.64), (0.94, 0.05)],
        [(0.80, -0.60), (0.45, -0.96), (0.0, -1.05), (-0.45, -0.96), (-0.8, -0.60)],
    ),
    "bean": (
        [(-0.66, -0.02), (-0.56, 0.56), (-0.2, 0.92), (0.2, 0.92), (0.56, 0.56), (0.66, 0.02)],
        [(0.58, -0.52), (0.32, -0.90), (0.0, -1.0), (-0.32, -0.90), (-0.58, -0.52)],
    ),
}
"""Upper lid from the inner to the outer corner, lower lid back again, in eye coordinates."""


def _eye(sheet: FaceSheet, spec: CharacterSpec, side: float) -> None:
    face, to_face = spec.face, _place(spec.face, side)
    lash_colour = mixed(mixed(spec.palette.hair, "#2a1620", 0.78), "#2a1620", 0.2)
    kind = face.eyes
    if kind == "wink":
        kind = "open" if side > 0 else "happy"
    if kind in ("happy", "closed", "dot"):
        _simple_eye(sheet, spec, side, kind, lash_colour)
        return
    upper, lower = _LIDS[kind]
    opening = _rounded(to_face(upper + lower))
    white = sheet.mask(opening)
    sheet.lay(rgb("#fffdfb"), white)
    shade = sheet.mask(_rounded(to_face([(a, b - 0.30) for a, b in upper + lower])))
    sheet.lay(rgb("#cfd3ea"), white * (1 - shade) * 0.9)
    _iris(sheet, spec, side, white)
    thick = face.eye_height * 0.115 * face.lashes
    if kind == "bean":
        sheet.fill(stroke(to_face(upper), thick * np.array([0.3, 1.0, 1.0, 0.3])), lash_colour)
        return
    (x0, y0), (x1, y1) = upper[0], upper[-1]
    top = to_face([(x0 - 0.06, y0 - 0.14), *upper[1:5], (x1 + 0.04, y1), (x1 + 0.28, y1 + 0.08)])
    sheet.fill(stroke(top, thick * np.array([0.35, 1.0, 1.25, 1.35, 1.5, 1.25, 0.1])), lash_colour)
    flick = to_face([(0.80, upper[4][1] - 0.02), (1.04, y1 + 0.34), (1.24, y1 + 0.38)])
    sheet.fill(stroke(flick, thick * np.array([1.1, 0.8, 0.08])), lash_colour)
    under = to_face([(x1, y1 - 0.14), (0.84, lower[0][1] - 0.06), (0.42, lower[1][1] - 0.09)])
    under = np.vstack([under, to_face([(0.0, lower[2][1] - 0.07)])])
    sheet.fill(stroke(under, thick * np.array([0.5, 0.42, 0.28, 0.05])), lash_colour)
    over = upper[2][1] - 0.86
    lid = to_face([(-0.62, 0.96 + over), (-0.1, 1.20 + over), (0.5, 1.14 + over), (0.98, 0.72 + over)])
    sheet.fill(
        stroke(lid, thick * np.array([0.08, 0.26, 0.26, 0.08])), mixed(spec.palette.skin, "#7a3a30", 0.55)
    )


def _simple_eye(sheet: FaceSheet, spec: CharacterSpec, side: float, kind: str, ink: str) -> None:
    """A dot, or a closed eye: an arc up for joy, down for calm."""
    face, to_face = spec.face, _place(spec.face, side)
    if kind == "dot":
        centre = to_face([(-0.1, -0.1)])[0]
        radii = (face.eye_width * 0.20, face.eye_height * 0.30)
        sheet.fill(oval((centre[0], centre[1]), radii), mixed(spec.palette.eye, "#140e20", 0.8))
        glint = (centre[0] - radii[0] * 0.3, centre[1] + radii[1] * 0.4)
        sheet.fill(oval(glint, (radii[0] * 0.35, radii[1] * 0.25)), "#ffffff")
        return
    bend = 0.42 if kind == "happy" else -0.42
    arc = to_face([(-0.92, -bend * 0.7 - 0.1), (-0.45, bend * 0.5 - 0.1), (0.05, bend - 0.1)])
    arc = np.vstack([arc, to_face([(0.52, bend * 0.5 - 0.1), (1.0, -bend * 0.7 - 0.1)])])
    thick = face.eye_height * 0.10 * max(face.lashes, 0.7)
    sheet.fill(stroke(arc, thick * np.array([0.4, 1.0, 1.3, 1.2, 0.5])), ink)


def _iris(sheet: FaceSheet, spec: CharacterSpec, side: float, white: np.ndarray) -> None:
    face, to_face = spec.face, _place(spec.face, side)
    eye = spec.palette.other_eye if side < 0 and spec.palette.other_eye else spec.palette.eye
    centre = to_face([(-0.06, -0.04)])[0]
    wide, high = face.eye_width * 0.315, face.eye_height * 0.475
    clip = sheet.mask(oval(tuple(centre), (wide, high))) * white
    rows = 1 - (np.arange(sheet.side) + 0.5) / sheet.side
    t = np.clip((rows - (centre[1] - high)) / (2 * high), 0, 1)[:, None]
    deep, pale = {"flat": (0.0, 0.0), "dark": (0.85, 0.0), "bright": (0.25, 0.6)}.get(face.iris, (0.62, 0.42))
    dark, light = rgb(mixed(eye, "#0d1030", deep)), rgb(mixed(eye, "#ffffff", pale))
    ramp = light + (dark - light) * np.clip(t * 1.25 - 0.08, 0, 1)
    sheet.lay(np.broadcast_to(ramp[:, None, :], (sheet.side, sheet.side, 3)), clip)
    rim = clip * (1 - sheet.mask(oval(tuple(centre), (wide * 0.86, high * 0.90))))
    sheet.lay(rgb(mixed(eye, "#120c26", 0.78)), rim)
    _pupil(sheet, face, clip, centre, (wide, high))
    if face.iris not in ("flat", "dark"):
        glow = (centre[0], centre[1] - high * 0.58)
        crescent = sheet.mask(oval(glow, (wide * 0.62, high * 0.27)), blur=0.002)
        sheet.lay(rgb(mixed(eye, "#ffffff", 0.72)), clip * crescent * 0.75)
    big = oval((centre[0] - wide * 0.36, centre[1] + high * 0.46), (wide * 0.34, high * 0.27))
    small = oval((centre[0] + wide * 0.44, centre[1] - high * 0.36), (wide * 0.17, high * 0.13))
    for shine in (big, small)[: 1 if face.iris == "flat" else 2]:
        sheet.fill(shine, "#ffffff")


def _pupil(
    sheet: FaceSheet, face: Face, clip: np.ndarray, centre: np.ndarray, radii: tuple[float, float]
) -> None:
    wide, high = radii
    pupil, ink = (centre[0], centre[1] + high * 0.10), rgb("#140e20")
    if face.iris == "slit":
        sheet.lay(ink, clip * sheet.mask(oval(pupil, (wide * 0.17, high * 0.66))))
    elif face.iris == "ring":
        ring = sheet.mask(oval(pupil, (wide * 0.56, high * 0.58)))
        sheet.lay(ink, clip * ring * (1 - sheet.mask(oval(pupil, (wide * 0.38, high * 0.42)))))
        sheet.lay(ink, clip * sheet.mask(oval(pupil, (wide * 0.18, high * 0.2))))
    elif face.iris == "star":
        turn = np.arange(10) * np.pi / 5
        reach = np.where(np.arange(10) % 2, 0.24, 0.58)
        points = np.column_stack(
            [pupil[0] + wide * reach * np.sin(turn), pupil[1] + high * reach * np.cos(turn)]
        )
        sheet.lay(rgb("#fff4c8"), clip * sheet.mask(points))
    else:
        sheet.lay(ink, clip * sheet.mask(oval(pupil, (wide * 0.42, high * 0.44))))


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
    tip = spec.face.eye_level - spec.face.eye_height * 0.5 - 0.055
    soft = mixed(spec.palette.skin, "#8a4538", 0.6)
    if spec.face.nose == "mark":
        nose = np.array([(0.006, tip + 0.008), (-0.004, tip - 0.004), (0.004, tip - 0.010)])
        sheet.fill(stroke(nose, np.array([0.002, 0.007, 0.003])), soft)
    elif spec.face.nose == "line":
        nose = np.array([(0.012, tip + 0.055), (0.002, tip + 0.012), (-0.010, tip - 0.006)])
        sheet.fill(stroke(nose, np.array([0.002, 0.006, 0.006])), soft)
    elif spec.face.nose == "dot":
        sheet.fill(oval((0.0, tip), (0.008, 0.006)), soft)
    _mouth(sheet, spec, max(tip - 0.085, 0.045))


_LINES: dict[str, tuple[Corners, tuple[float, ...]]] = {
    "smile": (
        [(-0.062, 0.0132), (-0.0279, -0.0088), (0.0279, -0.0088), (0.062, 0.0132)],
        (0.006, 0.010, 0.010, 0.006),
    ),
    "calm": (
        [(-0.040, 0.0024), (-0.018, -0.0016), (0.018, -0.0016), (0.040, 0.0024)],
        (0.006, 0.010, 0.010, 0.006),
    ),
    "flat": ([(-0.045, 0.0), (-0.01, 0.001), (0.01, 0.001), (0.045, 0.0)], (0.007, 0.010, 0.010, 0.007)),
    "frown": (
        [(-0.050, -0.012), (-0.02, 0.008), (0.02, 0.008), (0.050, -0.012)],
        (0.005, 0.010, 0.010, 0.005),
    ),
    "pout": (
        [(-0.024, -0.006), (-0.008, 0.006), (0.008, 0.006), (0.024, -0.006)],
        (0.006, 0.012, 0.012, 0.006),
    ),
    "cat": (
        [(-0.060, 0.010), (-0.040, -0.010), (-0.016, -0.008), (0.0, 0.008), (0.016, -0.008), (0.040, -0.010)],
        (0.006, 0.009, 0.009, 0.010, 0.009, 0.009, 0.006),
    ),
}
"""Closed mouths: points of the line about the middle of the mouth, and its widths."""


def _mouth(sheet: FaceSheet, spec: CharacterSpec, level: float) -> None:
    kind, ink = spec.face.mouth, mixed(spec.palette.skin, "#7a3028", 0.72)
    if kind == "none":
        return
    if kind in _LINES or kind in ("tongue", "fang"):
        line, widths = _LINES.get(kind, _LINES["smile"])
        line = [*line, (0.060, 0.010)] if kind == "cat" else line
        if kind == "tongue":
            sheet.fill(oval((0.018, level - 0.020), (0.020, 0.022)), "#f08a80")
        sheet.fill(stroke(np.asarray(line) + np.array([0, level]), np.array(widths)), ink)
        if kind == "fang":
            tooth = [(0.022, level - 0.002), (0.042, level + 0.004), (0.030, level - 0.022)]
            sheet.fill(np.asarray(tooth), "#ffffff")
        return
    if kind == "round":
        sheet.fill(oval((0, level), (0.024, 0.030)), ink)
        sheet.fill(oval((0, level), (0.018, 0.024)), "#a8443f")
        return
    wide = 1.15 if kind == "grin" else 1.0
    lips = [
        (x * wide, level + y) for x, y in ((-0.062, 0.016), (-0.02, 0.008), (0.02, 0.008), (0.062, 0.016))
    ]
    chin = [(x * wide, level + y) for x, y in ((0.045, -0.028), (0.0, -0.052), (-0.045, -0.028))]
    outline = _rounded(np.asarray(lips + chin))
    inside = sheet.mask(outline)
    if kind == "grin":
        sheet.fill(outline, "#fffdf8")
        middle = stroke(
            np.array([(-0.06, level - 0.012), (0.0, level - 0.020), (0.06, level - 0.012)]), np.full(3, 0.004)
        )
        sheet.lay(rgb(ink), inside * sheet.mask(middle))
    else:
        sheet.fill(outline, "#a8443f")
        sheet.lay(rgb("#f08a80"), inside * sheet.mask(oval((0, level - 0.05), (0.04, 0.030))))
    line = np.asarray([(-0.066 * wide, level + 0.018), *lips[1:3], (0.066 * wide, level + 0.018)])
    sheet.fill(stroke(line, np.array([0.004, 0.008, 0.008, 0.004])), ink)


def _marks(sheet: FaceSheet, spec: CharacterSpec) -> None:
    """Freckles, a mole, a scar, paint or blush lines on the cheeks."""
    face, kind = spec.face, spec.face.marks
    u, v = face.eye_spacing, face.eye_level - face.eye_height * 0.5
    brown = mixed(spec.palette.skin, "#7a4028", 0.55)
    if kind == "freckles":
        for side in (-1, 1):
            for du, dv in ((-0.05, -0.05), (0.0, -0.065), (0.045, -0.045), (-0.02, -0.035), (0.02, -0.08)):
                sheet.fill(oval((side * (u + du), v + dv), (0.008, 0.007)), brown)
    elif kind == "mole":
        sheet.fill(oval((u * 0.9, v - 0.045), (0.009, 0.009)), "#3a1c1c")
    elif kind == "scar":
        cut = np.array([(u + 0.05, v + 0.30), (u + 0.02, v + 0.12), (u - 0.03, v - 0.07)])
        sheet.fill(stroke(cut, np.array([0.004, 0.016, 0.004])), mixed(spec.palette.skin, "#b05a50", 0.6))
    elif kind == "tear":
        sheet.fill(
            _rounded(np.array([(u, v - 0.02), (u + 0.022, v - 0.07), (u, v - 0.095), (u - 0.022, v - 0.07)])),
            "#6aa8e0",
        )
    elif kind in ("stripes", "lines"):
        ink = spec.palette.accent if kind == "stripes" else "#e8726a"
        for side in (-1, 1):
            for step in (-1, 0, 1):
                a = (side * (u + 0.035 + 0.035 * step), v - 0.03)
                b = (a[0] - side * 0.016, v - 0.075)
                width = 0.016 if kind == "stripes" else 0.007
                sheet.fill(stroke(np.array([a, b]), np.full(2, width)), ink)


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
