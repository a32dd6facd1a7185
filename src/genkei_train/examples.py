"""Draws the demo pictures under examples/: `python -m genkei_train.examples OUTDIR`."""

import sys
from pathlib import Path

import numpy as np
from jaxtyping import Float32
from PIL import Image, ImageDraw, ImageFont

from genkei.types import Camera, Character
from genkei_train.characters.build import build_character
from genkei_train.characters.cast import CAST
from genkei_train.characters.paint import rgb
from genkei_train.characters.spec import CharacterSpec
from genkei_train.toon import draw, on_ground

VIEW_PX = 1024
SHEET_PX = 960
"""Height of a drawing on a sheet, for a span of 1.2 character heights."""
PAPER = "#f6f2ea"
PENCIL = "#7c706a"
AZIMUTHS = {"front": 0, "left": 90, "back": 180, "right": 270}
SINGLES = {"hana": ("front",), "mame": ("front", "back"), "ren": ("front", "back", "left", "right")}


def turnaround(character: Character, spec: CharacterSpec, size_px: int = SHEET_PX) -> Image.Image:
    """An artist's sheet: front, left, back, right on pale paper, a caption and colour swatches."""
    drawings = [draw(character, Camera.orthographic(a), size_px) for a in AZIMUTHS.values()]
    gap = size_px // 16
    cut = [_cropped(d) for d in drawings]
    width = sum(c.shape[1] for c in cut) + gap * (len(cut) + 1)
    sheet = np.ones((size_px + gap, width, 3), np.float32) * rgb(PAPER)
    left = gap
    for drawing in cut:
        right = left + drawing.shape[1]
        sheet[gap // 2 : gap // 2 + size_px, left:right] = on_ground(
            drawing, sheet[gap // 2 : gap // 2 + size_px, left:right]
        )[..., :3]
        left = right + gap
    picture = Image.fromarray(np.round(sheet * 255).astype(np.uint8))
    _caption(picture, spec)
    return picture


def _cropped(rgba: Float32[np.ndarray, "h w 4"]) -> Float32[np.ndarray, "h v 4"]:
    """The drawing without its empty columns."""
    columns = np.flatnonzero((rgba[..., 3] > 0).any(0))
    return rgba[:, columns[0] : columns[-1] + 1]


def _caption(picture: Image.Image, spec: CharacterSpec) -> None:
    """Name and height at the top left, three swatches at the top right."""
    pen = ImageDraw.Draw(picture)
    unit = picture.height // 40
    pen.text((unit, unit * 0.6), spec.name, PENCIL, ImageFont.load_default(unit * 1.7))
    pen.text((unit, unit * 2.7), f"{spec.heads:g} heads tall", PENCIL, ImageFont.load_default(unit * 0.8))
    swatches = (spec.palette.hair, spec.palette.second, spec.palette.accent)
    for rank, colour in enumerate(swatches):
        left = picture.width - unit * (2.6 * (len(swatches) - rank) + 0.2)
        pen.rectangle((left, unit * 0.9, left + unit * 2.0, unit * 2.9), colour, PENCIL, 1)


def write_examples(folder: Path) -> list[Path]:
    """Every demo picture of the cast; returns the files, the same bytes every time."""
    written: list[Path] = []
    for name, spec in CAST.items():
        character = build_character(spec, texture_px=3072)
        room = folder / name
        room.mkdir(parents=True, exist_ok=True)
        pictures = {"sheet": turnaround(character, spec)}
        for view in SINGLES[name]:
            rgba = draw(character, Camera.orthographic(AZIMUTHS[view]), VIEW_PX)
            pictures[view] = Image.fromarray(np.round(rgba * 255).astype(np.uint8))
            if name == "hana":
                white = on_ground(rgba, np.ones(3))[..., :3]
                pictures[f"{view}_white"] = Image.fromarray(np.round(white * 255).astype(np.uint8))
        for title, picture in pictures.items():
            written.append(room / f"{title}.png")
            picture.save(written[-1], optimize=True)
    return written


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        print("usage: python -m genkei_train.examples OUTDIR", file=sys.stderr)
        return 2
    for path in write_examples(Path(arguments[0])):
        print(f"{path}  {path.stat().st_size // 1000} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
