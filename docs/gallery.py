"""Makes docs/img/hana.png, the README's picture: the example sheet and, below it, the figure made from it.

python docs/gallery.py        (about a minute)
"""

from pathlib import Path

import numpy as np

import genkei
from genkei.apps.pictures import show_figure, turntable
from genkei.formats import png

ROOT = Path(__file__).resolve().parent.parent
WIDTH = 1400
PAPER = np.array([0.975, 0.972, 0.965], np.float32)


def on_paper(rgba: np.ndarray) -> np.ndarray:
    """Opaque RGB over the page's colour."""
    return rgba[..., :3] * rgba[..., 3:] + PAPER * (1 - rgba[..., 3:])


def main() -> None:
    from PIL import Image

    sheet = ROOT / "examples" / "hana" / "sheet.png"
    made = genkei.make(sheet=sheet)
    views = turntable(show_figure(made.figure), size_px=640)
    strip = np.concatenate([on_paper(views[k])[:, 105:535] for k in (0, 1, 2, 3, 4, 7)], axis=1)
    pictures = []
    for array in (Image.open(sheet).convert("RGB"), Image.fromarray((strip * 255).round().astype(np.uint8))):
        pictures.append(
            array.resize((WIDTH, round(array.height * WIDTH / array.width)), Image.Resampling.LANCZOS)
        )
    page = np.concatenate([np.asarray(picture) for picture in pictures], axis=0)
    quantised = Image.fromarray(page).quantize(200, dither=Image.Dither.NONE).convert("RGB")
    png.write(ROOT / "docs" / "img" / "hana.png", np.asarray(quantised))


if __name__ == "__main__":
    main()
