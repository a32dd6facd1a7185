"""Makes docs/img/kit_NAME.png for the three demo characters: the figure, its kit taken apart, and the list.

python docs/kits.py hana
"""

import sys
from pathlib import Path

import numpy as np

from genkei.apps.kit_pictures import (
    BACK_LEFT,
    BACK_RIGHT,
    FRONT_LEFT,
    FRONT_RIGHT,
    Shot,
    Side,
    clearest,
    moved,
    shoot,
)
from genkei.figure.explode import seats, travels
from genkei.formats import png
from genkei.types import Kit

ROOT = Path(__file__).resolve().parent.parent
NAMES = ("hana", "mame", "ren")
WIDTH, HEIGHT, TOP, LIST = 1680, 1120, 120, 110
COLUMNS = ((60, 400), (520, 620), (1230, 400))
"""Left edge and width of the figure in one piece, the kit from the front, the kit from behind."""
PAPER, INK, SOFT, ACCENT = (249, 248, 246), (29, 31, 36), (102, 107, 117), (179, 65, 58)
COLOURS, SMALL = 256, (1344, 896)
"""What the picture is reduced to, so that it stays under 300 kB; fewer colours make eyes grey."""


def make_kit(folder: Path) -> Kit:
    """The kit of an example's sheet; solid and without supports, which no picture shows."""
    from genkei import pipeline
    from genkei.figure.build import Build
    from genkei.figure.kit import KitMaker
    from genkei.figure.orient import Orient

    character = pipeline.make(sheet=folder / "sheet.png").character
    quick = KitMaker(orient=Orient(directions=1), solid=True, unsupported=True)
    return pipeline.kit(character, Build(), quick).kit


def kit_picture(kit: Kit, name: str) -> np.ndarray:
    """RGB bytes, HEIGHT x WIDTH."""
    from PIL import Image, ImageDraw, ImageFont

    sheet = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    draw = ImageDraw.Draw(sheet)
    draw.text((60, 34), name.capitalize(), INK, ImageFont.load_default(46))
    says = f"{len(kit.parts)} parts, {len(kit.joints)} joints, {kit.scale_mm:.0f} mm"
    draw.text((60, 88), says, SOFT, ImageFont.load_default(20))
    along = np.array([joint.direction for joint in kit.joints], np.float64).reshape(-1, 3)
    front = clearest((FRONT_LEFT, FRONT_RIGHT), along)
    back = clearest((BACK_LEFT, BACK_RIGHT), along)
    _paste(sheet, shoot(kit.parts, kit.texture, front, 900), *COLUMNS[0])
    for side, column, numbered in ((front, COLUMNS[1], True), (back, COLUMNS[2], False)):
        _apart(sheet, kit, side, column, numbered)
    font = ImageFont.load_default(21)
    x, y = 60, HEIGHT - LIST + 14
    for k, part in enumerate(kit.parts, 1):
        wide = 58 + round(draw.textlength(part.name, font))
        if x + wide > WIDTH - 60:
            x, y = 60, y + 36
        _number(draw, (x + 12, y + 12), k)
        draw.text((x + 32, y + 12), part.name, INK, font, anchor="lm")
        x += wide
    small = sheet.resize(SMALL, Image.Resampling.LANCZOS)
    return np.asarray(
        small.quantize(COLOURS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).convert("RGB")
    )


def _apart(sheet, kit: Kit, side: Side, column: tuple[int, int], numbered: bool) -> None:
    """The exploded kit with the ways of its parts, and their numbers beside them."""
    from PIL import ImageDraw

    moves = travels(kit, 1.0, side.forward)
    shot = shoot(moved(kit.parts, moves), kit.texture, side, 950)
    offset, scale = _paste(sheet, shot, *column)
    draw = ImageDraw.Draw(sheet)
    for ends in seats(kit, moves):
        _dashes(draw, *(shot.place(np.stack(ends)) * scale + offset))
    if not numbered:
        return
    empty = shot.rgba[..., 3] < 0.02
    for k, anchor in enumerate(shot.anchors):
        if np.isfinite(anchor).all():
            beside = _beside(empty, anchor, 34 / scale)
            (x1, y1), (x2, y2) = (np.stack([anchor, beside]) * scale + offset).tolist()
            draw.line([(x1, y1), (x2, y2)], SOFT, 1)
            draw.ellipse((x1 - 3, y1 - 3, x1 + 3, y1 + 3), fill=PAPER, outline=INK)
            _number(draw, (x2, y2), k + 1)
            row, at, reach = round(beside[1]), round(beside[0]), round(15 / scale)
            empty[max(row - reach, 0) : row + reach, max(at - reach, 0) : max(at + reach, 0)] = False


def _beside(empty: np.ndarray, anchor: np.ndarray, room: float) -> np.ndarray:
    """The middle of the nearest empty stretch of `room` pixels left or right of a point; off the picture is
    empty too."""
    wide = round(room)
    row = np.pad(empty[int(anchor[1])], 2 * wide, constant_values=True)
    free = np.convolve(row, np.ones(wide), "valid") >= wide
    middle = np.flatnonzero(free) + wide / 2 - 2 * wide
    return np.array([middle[np.abs(middle - anchor[0]).argmin()], anchor[1]])


def _paste(sheet, shot: Shot, left: int, width: int) -> tuple[np.ndarray, float]:
    """The shot in its column, as large as it fits, standing on one line; the offset and scale it got."""
    from PIL import Image

    room = HEIGHT - TOP - LIST
    rgba = Image.fromarray(np.round(np.clip(shot.rgba, 0, 1) * 255).astype(np.uint8))
    scale = min(width / rgba.width, room / rgba.height)
    small = rgba.resize((round(rgba.width * scale), round(rgba.height * scale)), Image.Resampling.LANCZOS)
    place = (left + (width - small.width) // 2, TOP + (room - small.height) // 2)
    sheet.paste(small, place, small)
    return np.array(place, np.float64), scale


def _dashes(draw, start: np.ndarray, end: np.ndarray) -> None:
    """A dashed line, 7 pixels on and 6 off."""
    length = float(np.linalg.norm(end - start))
    for at in np.arange(0, length, 13.0):
        a, b = (start + (end - start) * min(s / max(length, 1e-9), 1) for s in (at, at + 7))
        draw.line([tuple(a), tuple(b)], ACCENT, 2)


def _number(draw, at: tuple[float, float], number: int) -> None:
    from PIL import ImageFont

    x, y = at
    draw.ellipse((x - 13, y - 13, x + 13, y + 13), fill=ACCENT, outline=PAPER, width=2)
    draw.text((x, y), str(number), PAPER, ImageFont.load_default(16), anchor="mm")


if __name__ == "__main__":
    for name in sys.argv[1:] or NAMES:
        picture = kit_picture(make_kit(ROOT / "examples" / name), name)
        png.write(ROOT / "docs" / "img" / f"kit_{name}.png", picture)
