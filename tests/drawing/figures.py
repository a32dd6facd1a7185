"""Simple drawn people with the cues of each side: hair, skin, eyes, toes; for sheets of known content."""

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

SKIN, HAIR, DRESS, SHOE, INK = (250, 214, 190), (90, 60, 140), (60, 120, 200), (120, 40, 40), (30, 20, 30)


def person(side: str, height: int = 320) -> Image.Image:
    """RGBA, 0.8 heights wide, transparent outside; the head touches the top row, the soles the bottom row."""
    s = 4
    unit = height * s / 100
    image = Image.new("RGBA", (round(80 * unit), height * s))
    draw = ImageDraw.Draw(image)

    def box(kind, x0, y0, x1, y1, fill):
        shape = {"o": draw.ellipse, "r": draw.rectangle}[kind]
        shape(
            [(40 + x0) * unit, y0 * unit, (40 + x1) * unit, y1 * unit],
            fill=fill,
            outline=INK,
            width=round(0.7 * unit),
        )

    if side in ("front", "back"):
        _upright(box, draw, unit, side == "front")
    elif side in ("left", "right"):
        _profile(box, draw, unit)
        image = image if side == "left" else image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    else:
        raise AssertionError(side)
    return image.resize((image.width // s, height), Image.Resampling.BOX)


def _upright(box, draw, unit, face: bool) -> None:
    for way in (-1, 1):
        x0, x1 = sorted((way * 3, way * 9))
        box("r", x0, 60, x1, 94, SKIN)
        x0, x1 = sorted((way * 2, way * 11))
        box("o", x0, 91, x1, 100, SHOE)
        points = [(40 + way * 9, 30), (40 + way * 28, 55), (40 + way * 25, 58), (40 + way * 9, 38)]
        draw.polygon([(x * unit, y * unit) for x, y in points], fill=SKIN, outline=INK)
    draw.polygon(
        [(x * unit, y * unit) for x, y in [(31, 27), (49, 27), (58, 70), (22, 70)]], fill=DRESS, outline=INK
    )
    box("o", -14, 0, 14, 28, HAIR)
    if face:
        box("o", -10, 8, 10, 28, SKIN)
        for way in (-1, 1):
            box("o", way * 5 - 2, 15, way * 5 + 2, 21, (20, 90, 60))


def _profile(box, draw, unit) -> None:
    box("r", -3, 60, 4, 94, SKIN)
    box("o", -11, 93, 5, 100, SHOE)
    draw.polygon(
        [(x * unit, y * unit) for x, y in [(35, 27), (45, 27), (52, 70), (31, 70)]], fill=DRESS, outline=INK
    )
    box("r", -2, 33, 3, 56, SKIN)
    box("o", -12, 0, 15, 28, HAIR)
    draw.pieslice([26 * unit, 8 * unit, 44 * unit, 28 * unit], 90, 270, fill=SKIN, outline=INK)
    box("o", -11, 15, -8, 21, (20, 90, 60))


def sheet(
    sides: list[str], gaps: list[int], height: int = 320, ground: tuple[int, int, int] = (255, 255, 255)
) -> Image.Image:
    """Figures left to right on plain paper, each `gaps[k]` px after the last, feet on one line."""
    figures = [person(side, height) for side in sides]
    figures = [f.crop(f.getbbox()) for f in figures]
    paper = Image.new("RGB", (sum(f.width for f in figures) + sum(gaps) + 30, height + 90), ground)
    x = 0
    for figure, gap in zip(figures, gaps, strict=True):
        x += gap
        paper.paste(figure, (x, 40 + height - figure.height), figure)
        x += figure.width
    return paper


def saved(image: Image.Image, path: Path) -> Path:
    image.save(path)
    return path


def textured(width: int, height: int) -> np.ndarray:
    """uint8 RGB noise with large blotches: no smooth model explains it."""
    coarse = np.random.default_rng(5).integers(0, 256, (12, 12, 3), np.uint8)
    return np.asarray(Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC))
