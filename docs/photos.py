"""Makes docs/gallery/NAME.jpg, the shop picture of each demo character made from its own drawings, and of all
three docs/img/photos.jpg, the README's picture.

python docs/photos.py        (about three minutes; `genkei photo out/figure.glb` makes the like)
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
GALLERY = ROOT / "docs" / "gallery"
SIZE, STRIP = (720, 960), (480, 640)
QUALITY = 88


def main() -> None:
    GALLERY.mkdir(exist_ok=True)
    pictures = []
    for name, azimuth, backdrop in SHOTS:
        made = genkei.make(sheet=EXAMPLES / name / "sheet.png")
        picture = Studio(azimuth, 7.0, *SIZE, backdrop)(scene_of_figure(made.figure))
        pictures.append(np.round(picture[..., :3] * 255).astype(np.uint8))
        save(pictures[-1], GALLERY / f"{name}.jpg")
    save(np.concatenate([shrunk(picture) for picture in pictures], axis=1), ROOT / "docs/img/photos.jpg")


def shrunk(picture: np.ndarray) -> np.ndarray:
    from PIL import Image

    small = Image.fromarray(picture).resize(STRIP, Image.Resampling.LANCZOS)
    return np.asarray(small)


def save(picture: np.ndarray, path: Path) -> None:
    from PIL import Image

    Image.fromarray(picture).save(path, quality=QUALITY, subsampling=0)


if __name__ == "__main__":
    main()
