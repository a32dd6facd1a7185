"""Table of matte quality: cut-out drawings with published alpha, put on backgrounds and cut out again.

    python benchmarks/matte.py FOLDER   (every RGBA picture in it; alpha is the truth)

As in `genkei make`, the smooth background remover goes first and the net takes what that refuses. The
photograph (a motorcycle in a garage, of scikit-image) and the textures were never trained on.

    python benchmarks/matte.py FOLDER --backgrounds textured photograph --any   (nothing is refused)
"""

import io
import time
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path

import numpy as np
import tyro
from PIL import Image

from genkei.drawing.learned import Learned
from genkei.drawing.matte import MATTES, Alpha, Matte, cut_out
from genkei.drawing.pieces import pieces_of
from genkei.drawing.read import read_picture
from genkei.nets.loader import load

LONGEST_PX = 1024
NAMES = ("white", "pale solid", "gradient", "gradient + noise + JPEG 75", "textured", "photograph")


@dataclass(frozen=True)
class Options:
    folder: tyro.conf.Positional[Path]
    backgrounds: tuple[str, ...] = NAMES
    any: bool = False
    """The net alone, whatever it says of its own certainty."""
    weights: Path | None = None
    """Another weights.toml than the shipped one."""
    sheet: Path | None = None
    """File for a picture of what was given and what was cut out, before the last of the backgrounds."""


def backgrounds(height: int, width: int) -> dict[str, np.ndarray]:
    """White, a pale colour, a smooth gradient, and a texture no smooth model explains."""
    y, x = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j]
    ones = np.ones((height, width, 1))
    rng = np.random.default_rng(7)
    coarse = Image.fromarray(rng.integers(0, 256, (24, 24, 3), np.uint8))
    with files("skimage").joinpath("data", "motorcycle_left.png").open("rb") as file:
        garage = Image.open(file).convert("RGB")
    slope = np.stack([0.75 + 0.2 * x, 0.85 - 0.2 * y, 0.95 - 0.15 * x * y], -1)
    return {
        "white": ones * [1.0, 1.0, 1.0],
        "pale solid": ones * [0.78, 0.86, 0.93],
        "gradient": slope,
        "gradient + noise + JPEG 75": slope,
        "textured": np.asarray(coarse.resize((width, height), Image.Resampling.BICUBIC)) / 255,
        "photograph": np.asarray(garage.resize((width, height), Image.Resampling.BICUBIC)) / 255,
    }


def worsened(rgb: np.ndarray) -> np.ndarray:
    noisy = np.clip(rgb + np.random.default_rng(3).normal(0, 0.012, rgb.shape), 0, 1)
    buffer = io.BytesIO()
    Image.fromarray((noisy * 255 + 0.5).astype(np.uint8)).save(buffer, "JPEG", quality=75)
    return np.asarray(Image.open(buffer), np.float32) / 255


def padded(path: Path) -> np.ndarray:
    """At most `LONGEST_PX`, with a margin of 5 % so that the border is background."""
    rgba = read_picture(path)
    margin = round(0.05 * max(rgba.shape[:2]))
    image = Image.fromarray(
        (np.pad(rgba, ((margin, margin), (margin, margin), (0, 0))) * 255).astype(np.uint8)
    )
    image.thumbnail((LONGEST_PX, LONGEST_PX), Image.Resampling.LANCZOS)
    return np.asarray(image, np.float32) / 255


def is_one_figure(path: Path) -> bool:
    """A cut-out of one character: a sheet of several has no single answer."""
    if Image.open(path).mode != "RGBA" or not Alpha().fits(rgba := read_picture(path)):
        return False
    pieces, _ = pieces_of(rgba[..., 3] > 0.5)
    sizes = np.sort(np.bincount(pieces[pieces > 0]))
    return len(sizes) < 2 or sizes[-2] < 0.3 * sizes[-1]


def tile(rgb: np.ndarray) -> np.ndarray:
    """A thumbnail of 160 px on white."""
    image = Image.fromarray((np.clip(rgb, 0, 1) * 255).astype(np.uint8))
    image.thumbnail((160, 160))
    out = np.full((160, 160, 3), 255, np.uint8)
    out[: image.height, : image.width] = np.asarray(image)
    return out


def main(options: Options) -> None:
    net = load("matte", options.weights)
    mattes: tuple[Matte, ...] = MATTES
    if options.weights is not None:
        mattes = tuple(replace(m, net=net) if isinstance(m, Learned) else m for m in mattes)
    if options.any:
        mattes = (Learned(net=net, most_unsure=float("inf"), least_share=0.0),)
    tiles: list[np.ndarray] = []
    rows: dict[str, list[tuple[float, float, float]]] = {}
    worst: dict[str, tuple[float, str]] = {}
    refused: dict[str, int] = {}
    by_net: dict[str, int] = {}
    paths = [p for p in sorted(options.folder.rglob("*.png")) if is_one_figure(p)]
    for path in paths:
        rgba = padded(path)
        truth = rgba[..., 3]
        for name, behind in backgrounds(*truth.shape).items():
            if name not in options.backgrounds:
                continue
            rgb = rgba[..., :3] * truth[..., None] + behind * (1 - truth[..., None])
            rgb = worsened(rgb) if "JPEG" in name else rgb
            began = time.perf_counter()
            try:
                cutout = cut_out(np.dstack([rgb, np.ones_like(truth)]).astype(np.float32), mattes)
            except ValueError:
                refused[name] = refused.get(name, 0) + 1
                continue
            seconds, found = time.perf_counter() - began, cutout.rgba
            by_net[name] = by_net.get(name, 0) + (cutout.method == "net")
            a, b = truth > 0.5, found[..., 3] > 0.5
            iou = float((a & b).sum() / (a | b).sum())
            rim = (truth > 0.1) & (truth < 0.9) & (found[..., 3] > 0.1)
            fringe = float(np.abs(found[..., :3] - rgba[..., :3])[rim].mean()) if rim.any() else 0.0
            rows.setdefault(name, []).append((iou, fringe, seconds))
            if name == options.backgrounds[-1]:
                tiles += [tile(rgb), tile(found[..., :3] * found[..., 3:] + 1 - found[..., 3:])]
            worst[name] = min(worst.get(name, (2.0, "")), (iou, path.name))
    if options.sheet is not None and tiles:
        rows_of = [np.hstack(tiles[k : k + 16]) for k in range(0, len(tiles) - len(tiles) % 16, 16)]
        Image.fromarray(np.vstack(rows_of)).save(options.sheet)
    print(f"{len(paths)} drawings, at most {LONGEST_PX} px\n")
    print(
        "| background | IoU mean / median / min | worst | rim colour error | by the net | refused | seconds |"
    )
    print("|---|---|---|---|---|---|---|")
    for name in options.backgrounds:
        if name not in rows:
            print(f"| {name} | - | - | - | - | {refused.get(name, 0)} | - |")
            continue
        table = np.array(rows[name])
        iou, fringe, seconds = table.T
        quality = f"{iou.mean():.3f} / {np.median(iou):.3f} / {iou.min():.3f}"
        print(
            f"| {name} | {quality} | {worst.get(name, (0, '-'))[1]}"
            f" | {fringe.mean():.3f} | {by_net[name]} | {refused.get(name, 0)} | {seconds.mean():.2f} |"
        )


if __name__ == "__main__":
    main(tyro.cli(Options, description=__doc__))
