"""Makes docs/img/photos.jpg: the three demo characters photographed, each made from its own drawings.

python docs/photos.py        (about three minutes)
"""

from pathlib import Path

import numpy as np

import genkei
from genkei.photo import Studio, scene_of_figure

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "examples"
SHOTS = (
    ("hana", 18.0, "auto"),
    ("mame", -14.0, "auto"),
    ("ren", 22.0, "auto"),
)
SIZE = (480, 640)
QUALITY = 88


def main() -> None:
    from PIL import Image

    pictures = []
    for name, azimuth, backdrop in SHOTS:
        made = genkei.make(sheet=EXAMPLES / name / "sheet.png")
        picture = Studio(azimuth, 7.0, *SIZE, backdrop)(scene_of_figure(made.figure))
        pictures.append(np.round(picture[..., :3] * 255).astype(np.uint8))
    strip = Image.fromarray(np.concatenate(pictures, axis=1))
    strip.save(ROOT / "docs" / "img" / "photos.jpg", quality=QUALITY, subsampling=0)


if __name__ == "__main__":
    main()
