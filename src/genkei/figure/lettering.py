"""Words as outlines in millimetres: the font is drawn large, and the edge of the ink is followed."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from manifold3d import CrossSection
    from PIL.ImageFont import FreeTypeFont

DRAWN_PX = 160
"""Font size the letters are drawn at: a letter 7 mm high is then followed in steps of 0.06 mm."""
LONGEST = 40
SMOOTH_PX = 0.35


def lettering(text: str, height_mm: float, font: Path | None = None) -> "CrossSection":
    """The text with capitals `height_mm` high, centred on (0, 0), read along +x with +y up.

    Without a font file it is the one that comes with Pillow (Aileron, CC0), which knows Latin letters only.
    ValueError for an empty or long text, a letter the font lacks, and a file that is no font.
    """
    import manifold3d
    from PIL import Image, ImageDraw
    from skimage.measure import approximate_polygon, find_contours

    if not text.strip() or len(text) > LONGEST or "\n" in text:
        raise ValueError(f"the name is {text!r}; wanted one line of 1 to {LONGEST} letters")
    face = _font(font)
    missing = [letter for letter in dict.fromkeys(text) if not _known(letter, face)]
    if missing:
        raise ValueError(
            f"the font has no letter for {' '.join(missing)}; give a font file that has it with --font"
        )
    left, top, right, bottom = face.getbbox(text)
    picture = Image.new("L", (int(right - left) + 8, int(bottom - top) + 8), 0)
    ImageDraw.Draw(picture).text((4 - left, 4 - top), text, fill=255, font=face)
    ink = np.asarray(picture, np.float64) / 255
    rings = [approximate_polygon(ring, SMOOTH_PX) for ring in find_contours(ink, 0.5)]
    capital = face.getbbox("H")
    scale = height_mm / float(capital[3] - capital[1])
    flat = [ring[:-1, ::-1] * np.array([1.0, -1.0]) * scale for ring in rings if len(ring) > 3]
    shape = manifold3d.CrossSection(flat, manifold3d.FillRule.EvenOdd)
    low_x, low_y, high_x, high_y = shape.bounds()
    return shape.translate((-(low_x + high_x) / 2, -(low_y + high_y) / 2))


def _font(font: Path | None) -> "FreeTypeFont":
    from PIL import ImageFont

    if font is None:
        face = ImageFont.load_default(DRAWN_PX)
        if not isinstance(face, ImageFont.FreeTypeFont):
            raise ValueError("this Pillow draws no outlines of letters (it was built without FreeType)")
        return face
    try:
        return ImageFont.truetype(str(font), DRAWN_PX)
    except OSError as error:
        raise ValueError(f"{font}: this is no font file ({error}); wanted a .ttf, .otf or .ttc") from error


def _bytes(mask: Any) -> bytes:
    """A bitmap of Pillow's, which is a sequence of bytes without saying so."""
    return bytes(mask)


def _known(letter: str, face: "FreeTypeFont") -> bool:
    """Whether the font draws the letter as something else than its box for unknown ones."""
    if letter.isspace():
        return True
    unknown = face.getmask("\U0010fffe")
    drawn = face.getmask(letter)
    return drawn.getbbox() is not None and (drawn.size, _bytes(drawn)) != (unknown.size, _bytes(unknown))


__all__ = ["lettering"]
