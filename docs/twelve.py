"""Makes docs/img/twelve.png: twelve characters of our own, one drawing each, and what becomes of them.

    python docs/twelve.py        (about three minutes)

The characters come from seeds that no training set was made with; each is drawn in a random style, only that
drawing is given. Left to right: the drawing, the result from the front, from the left, from behind, in clay.
"""

import tempfile
from pathlib import Path

import numpy as np

from genkei.formats import png
from genkei.geometry.render import render, render_clay
from genkei.pipeline import read
from genkei.shape import Occupancy
from genkei.texture import Paint
from genkei.types import Camera
from genkei.views import Mirrored
from genkei_train.characters.build import build_character
from genkei_train.characters.catalogue import random_spec
from genkei_train.drawn import random_style
from genkei_train.poses import random_pose
from genkei_train.render import Shot, prepare, take
from genkei_train.subjects import of_character

ROOT = Path(__file__).resolve().parent.parent
SEEDS = range(9_000_000_001, 9_000_000_013)
"""Above every seed that the data sets draw, which are below 2^31."""
DRAWING_PX, TILE_PX, COLUMNS = 640, 260, 2
PAPER = np.array([0.975, 0.972, 0.965], np.float32)


def main() -> None:
    strips = [strip(seed) for seed in SEEDS]
    rows = [np.concatenate(strips[k : k + COLUMNS], 1) for k in range(0, len(strips), COLUMNS)]
    page = (np.concatenate(rows) * 255).round().astype(np.uint8)
    from PIL import Image

    small = Image.fromarray(page).quantize(200, dither=Image.Dither.NONE).convert("RGB")
    png.write(ROOT / "docs" / "img" / "twelve.png", np.asarray(small))


def strip(seed: int) -> np.ndarray:
    """One character: drawn once, made, shown."""
    rng = np.random.default_rng(seed)
    character = build_character(random_spec(seed), cells=200, texture_px=2048, smoothing=4)
    prepared = prepare(of_character(character, str(seed)))
    sample = take(prepared, random_pose(rng), Shot(), random_style(rng), DRAWING_PX, rng, seed)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "front.png"
        png.write(path, sample.picture.astype(np.float32) / 255)
        sheet = read({"front": path})
    views = Mirrored()(sheet)
    mesh = Occupancy()(views)
    painted = Paint()(mesh, views)
    span = sheet.views[0].camera.span
    cameras = [Camera.orthographic(azimuth, span) for azimuth in (0, 90, 180)]
    tiles = [shrunk(sheet.views[0].rgba, TILE_PX)]
    tiles += [render(mesh, painted.uv, painted.texture, camera, TILE_PX, light=0.3) for camera in cameras]
    tiles.append(render_clay(mesh, Camera.orthographic(50, span), TILE_PX))
    return np.concatenate([tile[..., :3] * tile[..., 3:] + PAPER * (1 - tile[..., 3:]) for tile in tiles], 1)


def shrunk(rgba: np.ndarray, size: int) -> np.ndarray:
    """Area means down to a tile, without a dark fringe."""
    from PIL import Image

    premultiplied = np.concatenate([rgba[..., :3] * rgba[..., 3:], rgba[..., 3:]], -1)
    picture = Image.fromarray(np.round(premultiplied * 255).astype(np.uint8))
    small = np.asarray(picture.resize((size, size), Image.Resampling.BOX), np.float32) / 255
    small[..., :3] /= np.maximum(small[..., 3:], 1e-6)
    return np.clip(small, 0, 1)


if __name__ == "__main__":
    main()
