"""Table of matte quality: cut-out drawings with published alpha, put on backgrounds and cut out again.

    python benchmarks/matte.py FOLDER   (every RGBA picture in it; alpha is the truth)

As in `genkei make`, the smooth background remover goes first and the net takes what that refuses.
"""

import io
import sys
import time
from pathlib import Path

import numpy as np
from PIL import Image

from genkei.drawing.matte import Alpha, cut_out
from genkei.drawing.read import read_picture

LONGEST_PX = 1024


def backgrounds(height: int, width: int) -> dict[str, np.ndarray]:
    """White, a pale colour, a smooth gradient, and a texture no smooth model explains."""
    y, x = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j]
    ones = np.ones((height, width, 1))
    rng = np.random.default_rng(7)
    coarse = Image.fromarray(rng.integers(0, 256, (24, 24, 3), np.uint8))
    slope = np.stack([0.75 + 0.2 * x, 0.85 - 0.2 * y, 0.95 - 0.15 * x * y], -1)
    return {
        "white": ones * [1.0, 1.0, 1.0],
        "pale solid": ones * [0.78, 0.86, 0.93],
        "gradient": slope,
        "gradient + noise + JPEG 75": slope,
        "textured": np.asarray(coarse.resize((width, height), Image.Resampling.BICUBIC)) / 255,
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


def main(folder: Path) -> None:
    rows: dict[str, list[tuple[float, float, float]]] = {}
    worst: dict[str, tuple[float, str]] = {}
    refused: dict[str, int] = {}
    by_net: dict[str, int] = {}
    paths = [
        p
        for p in sorted(folder.rglob("*.png"))
        if Image.open(p).mode == "RGBA" and Alpha().fits(read_picture(p))
    ]
    for path in paths:
        rgba = padded(path)
        truth = rgba[..., 3]
        for name, behind in backgrounds(*truth.shape).items():
            rgb = rgba[..., :3] * truth[..., None] + behind * (1 - truth[..., None])
            rgb = worsened(rgb) if "JPEG" in name else rgb
            began = time.perf_counter()
            try:
                cutout = cut_out(np.dstack([rgb, np.ones_like(truth)]).astype(np.float32))
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
            worst[name] = min(worst.get(name, (2.0, "")), (iou, path.name))
    print(f"{len(paths)} drawings, at most {LONGEST_PX} px\n")
    print(
        "| background | IoU mean / median / min | worst | rim colour error | by the net | refused | seconds |"
    )
    print("|---|---|---|---|---|---|---|")
    for name in backgrounds(8, 8):
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
    main(Path(sys.argv[1]))
