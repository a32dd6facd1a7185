"""How well the certainty tells characters from anything else, and the weights of its logistic model.

    python -m genkei_train.data --held --models ../shared/data --out out/held --shards 3
    python benchmarks/certainty.py out/held --fit

Pictures of something else are made here: noise, clouds, photographs' textures, boxes, landscapes, trees,
quadrupeds, furniture, and two held-out characters in one outline. Half of everything fits, half measures.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import tyro
from PIL import Image, ImageDraw

from genkei.nets.certainty import BIAS, MEASURES, WEIGHTS, measures
from genkei.nets.loader import load
from genkei.nets.look import look
from genkei.types import Camera, View
from genkei_train.data import open_folder

SIDE = 256
LEVELS = (0.1, 0.25, 0.5, 0.75)


@dataclass(frozen=True)
class Options:
    """Score the certainty."""

    folder: Annotated[Path, tyro.conf.Positional]
    """Data set of held-out characters as `genkei_train.data` writes it."""
    weights: Path | None = None
    """Another weights.toml than the shipped one."""
    junk: int = 10
    """Pictures of each kind of something else."""
    fit: bool = False
    """Also fit and print new weights."""


def blob(rng: np.random.Generator, rough: float = 3.0) -> np.ndarray:
    """A random connected outline, a bool picture."""
    angle = np.linspace(0, 2 * np.pi, 90, endpoint=False)
    radius = 1 + sum(rng.normal(0, 0.35 / k) * np.cos(k * angle + rng.uniform(0, 6.3)) for k in range(1, 7))
    radius = np.clip(radius, 0.3, rough)
    points = np.stack([radius * np.cos(angle) * rng.uniform(0.5, 1), radius * np.sin(angle)], 1)
    points *= 0.46 * SIDE / np.abs(points).max()
    image = Image.new("1", (SIDE, SIDE))
    ImageDraw.Draw(image).polygon([tuple(p + SIDE / 2) for p in points], fill=1)
    return np.array(image, bool)


def clouds(rng: np.random.Generator, octaves: int) -> np.ndarray:
    """Smooth random colours [s, s, 3]; more octaves give finer grain, as photographs of foliage have."""
    out = np.zeros((SIDE, SIDE, 3))
    for k in range(octaves):
        grid = rng.random((3 * 2**k + 2, 3 * 2**k + 2, 3)) * 255
        fine = Image.fromarray(grid.astype(np.uint8)).resize((SIDE, SIDE), Image.Resampling.BICUBIC)
        out += np.asarray(fine) / 255 / 1.5**k
    return np.clip(out / out.max(), 0, 1)


def with_alpha(rgb: np.ndarray, mask: np.ndarray) -> np.ndarray:
    return np.dstack([rgb, mask]).astype(np.float32)


def noise(rng: np.random.Generator) -> np.ndarray:
    mask = np.ones((SIDE, SIDE), bool) if rng.random() < 0.5 else blob(rng)
    return with_alpha(rng.random((SIDE, SIDE, 3)), mask)


def texture(rng: np.random.Generator) -> np.ndarray:
    return with_alpha(clouds(rng, int(rng.integers(2, 7))), blob(rng))


def landscape(rng: np.random.Generator) -> np.ndarray:
    x, y = np.meshgrid(np.linspace(0, 1, SIDE), np.linspace(0, 1, SIDE))
    sky = np.stack([0.5 + 0.3 * y, 0.7 + 0.2 * y, 0.95 + 0 * y], -1)
    for k in range(3):
        hill = y > 0.5 + 0.13 * k + 0.08 * np.sin(x * rng.uniform(4, 14) + rng.uniform(0, 6))
        sky[hill] = rng.uniform(0.1, 0.6, 3) * [0.7, 1, 0.6]
    return with_alpha(sky, (y > rng.uniform(0, 0.3)) & (np.abs(x - 0.5) < rng.uniform(0.3, 0.5)))


def drawn(rng: np.random.Generator, shapes: list[tuple[str, float, float, float, float]]) -> np.ndarray:
    """Ellipses, boxes and triangles in random colours with dark outlines, in a square from 0 to 100."""
    image = Image.new("RGBA", (SIDE, SIDE))
    draw = ImageDraw.Draw(image)
    for kind, x0, y0, x1, y1 in shapes:
        box = [v * SIDE / 100 for v in (x0, y0, x1, y1)]
        colour = tuple(int(v) for v in rng.integers(60, 255, 3))
        if kind == "t":
            corners = [((box[0] + box[2]) / 2, box[1]), (box[2], box[3]), (box[0], box[3])]
            draw.polygon(corners, fill=colour, outline=(20, 20, 30))
        else:
            {"o": draw.ellipse, "r": draw.rectangle}[kind](box, fill=colour, outline=(20, 20, 30), width=2)
    return np.asarray(image, np.float32) / 255


def boxes(rng: np.random.Generator) -> np.ndarray:
    x0, y0 = rng.uniform(5, 35, 2)
    x1, y1 = rng.uniform(60, 95, 2)
    return drawn(rng, [("r", x0, y0, x1, y1), ("r", x0 + 8, y0 + 8, x1 - 8, y0 + 20)])


def furniture(rng: np.random.Generator) -> np.ndarray:
    seat, back = rng.uniform(45, 60), rng.uniform(5, 25)
    legs = [("r", x, seat, x + 5, 95.0) for x in (20, 35, 60, 75)]
    return drawn(rng, [*legs, ("r", 18, back, 82, seat), ("r", 14, seat - 5, 86, seat + 8)])


def tree(rng: np.random.Generator) -> np.ndarray:
    crown = [("o", x - 18, y - 16, x + 18, y + 16) for x, y in rng.uniform((25, 18), (75, 50), (6, 2))]
    return drawn(rng, [("r", 44, 45, 56, 96), *crown])


def quadruped(rng: np.random.Generator) -> np.ndarray:
    legs = [("r", x, 60, x + rng.uniform(6, 10), 92) for x in (20, 32, 60, 72)]
    head = ("o", 70, rng.uniform(5, 25), 98, rng.uniform(40, 55))
    ears = [("t", 72, 4, 80, 20), ("t", 86, 4, 94, 20)]
    return drawn(
        rng, [*legs, *ears, ("o", 10, 35, 85, 70), head, ("o", 88, 28, 92, 32), ("o", 78, 28, 82, 32)]
    )


KINDS: dict[str, Callable[[np.random.Generator], np.ndarray]] = {
    f.__name__: f for f in (noise, texture, landscape, boxes, furniture, tree, quadruped)
}


def two_in_one(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Two characters side by side that touch."""
    size = first.shape[0]
    canvas = np.zeros((size, size, 4), np.float32)
    for rgba, left in ((first, True), (second, False)):
        columns = np.flatnonzero((rgba[..., 3] > 0.5).any(0))
        part = rgba[:, columns[0] : columns[-1] + 1][:, : size // 2]
        if left:
            canvas[:, size // 2 - part.shape[1] : size // 2] = part
        else:
            canvas[:, size // 2 : size // 2 + part.shape[1]] = part
    return canvas


def main(options: Options) -> None:
    net = load("solid", options.weights)
    data = open_folder(options.folder)
    people = [data.sample(k)["picture"].astype(np.float32) / 255 for k in range(len(data))]
    pictures = {"held-out characters": people}
    for k, (name, make) in enumerate(KINDS.items()):
        pictures[name] = [make(np.random.default_rng([k, n])) for n in range(options.junk)]
    pictures["two characters"] = [two_in_one(people[3 * n], people[3 * n + 40]) for n in range(options.junk)]
    found = {
        name: np.array([measures(look((View(p, Camera.orthographic(0.0)),), net)[0]) for p in some])
        for name, some in pictures.items()
    }
    weights, bias = (fitted(found), 0.0) if options.fit else (np.array(WEIGHTS), BIAS)
    if options.fit:
        weights, bias = weights[:-1], float(weights[-1])
        print("WEIGHTS =", tuple(round(float(w), 2) for w in weights), "\nBIAS =", round(bias, 2))
    print("| picture | n | certainty 5 % / median / 95 % | " + " | ".join(f"< {v:g}" for v in LEVELS) + " |")
    print("|---|---|---|" + "---|" * len(LEVELS))
    for name, rows in found.items():
        held = rows[1::2]
        sure = 1 / (1 + np.exp(-(held @ weights + bias)))
        spread = " / ".join(f"{v:.2f}" for v in np.percentile(sure, [5, 50, 95]))
        below = " | ".join(f"{(sure < v).mean():.0%}" for v in LEVELS)
        print(f"| {name} | {len(held)} | {spread} | {below} |")
    print("\nmedian of each measure")
    for name, rows in found.items():
        print(name, dict(zip(MEASURES, np.median(rows, 0).round(2).tolist(), strict=True)))


def fitted(found: dict[str, np.ndarray]) -> np.ndarray:
    """Logistic regression on every other picture, both classes weighing the same, small ridge; bias last."""
    rows = {name: values[::2] for name, values in found.items()}
    good = next(iter(rows.values()))
    bad = np.concatenate(list(rows.values())[1:])
    x = np.column_stack([np.concatenate([good, bad]), np.ones(len(good) + len(bad))])
    y = np.r_[np.ones(len(good)), np.zeros(len(bad))]
    share = np.where(y > 0, 0.5 / len(good), 0.5 / len(bad))
    weight = np.zeros(x.shape[1])
    ridge = np.r_[np.full(x.shape[1] - 1, 2e-4), 1e-6]
    for _ in range(50):
        chance = 1 / (1 + np.exp(-(x @ weight)))
        slope = x.T @ (share * (chance - y)) + ridge * weight
        bend = (x * (share * chance * (1 - chance))[:, None]).T @ x + np.diag(ridge)
        weight -= np.linalg.solve(bend, slope)
    return weight


if __name__ == "__main__":
    main(tyro.cli(Options, description=__doc__))
