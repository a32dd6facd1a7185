"""Characters put before grounds without end, for the matte net: new every time a picture is asked for.

One figure is what the net shall cut out; things, noise, photographs and smaller characters partly behind it
are what it shall leave. Some pictures hold no figure at all.
"""

from functools import cache

import numpy as np
from jaxtyping import Float32, UInt8
from PIL import Image

from genkei.geometry.colour import to_bytes
from genkei_train import patterns, scenes
from genkei_train.grounds import random_ground
from genkei_train.noise import smooth_noise
from genkei_train.paper import degrade
from genkei_train.patterns import Picture, any_colour, floats

Drawn = UInt8[np.ndarray, "s s 4"]
NOBODY = 0.05
"""Share of pictures without a figure."""
PLAIN = 0.3
"""Share of grounds as the labelled pictures have them, a third of which are white or one colour."""
PHOTOGRAPHS = (
    "brick.png",
    "chelsea.png",
    "coffee.png",
    "grass.png",
    "gravel.png",
    "hubble_deep_field.jpg",
    "rocket.jpg",
)
"""Public-domain pictures that scikit-image ships."""


def composed(
    figure: Drawn, others: list[Drawn], rng: np.random.Generator
) -> tuple[UInt8[np.ndarray, "s s 3"], UInt8[np.ndarray, "s s"]]:
    """Paper and the figure's alpha on it; `others` may come into the background."""
    side = figure.shape[0]
    ground = random_ground(rng, side) if rng.random() < PLAIN else busy_ground(rng, side)
    nobody = rng.random() < NOBODY
    size = 1.0 if rng.random() < 0.35 else float(rng.uniform(0.45, 1.2))
    shift = (rng.uniform(-0.5, 0.5, 2) * max(abs(1 - size), 0.06) * (1.0, 0.7)).tolist()
    most = 0.9 if nobody else 0.75
    for other in others:
        smaller = float(rng.uniform(0.3, most)) * min(size, 1.0)
        place = rng.uniform(-0.55, 0.55), rng.uniform(-0.3, 0.45)
        extra = placed(other, smaller, place)
        if nobody:  # parts of things and of clothes, no people
            extra = _torn(extra, rng)
        ground = _over(ground, extra)
    if nobody:
        return degrade(to_bytes(ground), rng), np.zeros((side, side), np.uint8)
    front = placed(figure, size, (shift[0], shift[1]))
    if rng.random() < 0.25:
        ground = _shadow(ground, front[..., 3], rng)
    if rng.random() < 0.15:
        ground = _glow(ground, front[..., 3], rng)
    paper = _over(ground, front)
    return degrade(to_bytes(paper), rng), np.round(255 * front[..., 3]).astype(np.uint8)


def placed(rgba: Drawn, size: float, place: tuple[float, float]) -> Float32[np.ndarray, "s s 4"]:
    """The drawing `size` times as large, its middle moved by `place` of the side, its colours times alpha."""
    side = rgba.shape[0]
    whole = rgba.astype(np.float32) / 255
    whole[..., :3] *= whole[..., 3:]
    reach = max(round(side * size), 8)
    planes = [
        np.asarray(Image.fromarray(whole[..., k]).resize((reach, reach), Image.Resampling.BILINEAR))
        for k in range(4)
    ]
    out = np.zeros((side, side, 4), np.float32)
    left, top = (round(side / 2 + p * side - reach / 2) for p in place)
    rows = slice(max(top, 0), min(top + reach, side))
    columns = slice(max(left, 0), min(left + reach, side))
    if rows.start < rows.stop and columns.start < columns.stop:
        scaled = np.stack(planes, -1)
        out[rows, columns] = scaled[
            rows.start - top : rows.stop - top, columns.start - left : columns.stop - left
        ]
    return out


def _over(ground: Picture, front: Float32[np.ndarray, "s s 4"]) -> Picture:
    """`front` has its colours multiplied by alpha."""
    return (front[..., :3] + ground * (1 - front[..., 3:])).astype(np.float32)


def _torn(rgba: Float32[np.ndarray, "s s 4"], rng: np.random.Generator) -> Float32[np.ndarray, "s s 4"]:
    """What lies under a random blob."""
    side = rgba.shape[0]
    kept = smooth_noise(rng, (side, side), side * rng.uniform(0.05, 0.2)) > 0.15
    return rgba * kept[..., None]


def _shadow(ground: Picture, alpha: np.ndarray, rng: np.random.Generator) -> Picture:
    """The figure's own shadow on the wall behind it."""
    down, right = rng.integers(-8, 14, 2)
    cast = np.roll(alpha, (int(down), int(right)), (0, 1))
    small = Image.fromarray(cast).resize((24, 24), Image.Resampling.BOX)
    if rng.random() < 0.6:
        cast = np.asarray(small.resize(alpha.shape[::-1], Image.Resampling.BICUBIC))
    return ground * (1 - rng.uniform(0.15, 0.6) * np.clip(cast, 0, 1)[..., None])


def _glow(ground: Picture, alpha: np.ndarray, rng: np.random.Generator) -> Picture:
    """A border of light or of white paper round the figure, as stickers have it."""
    reach = int(rng.integers(2, 7))
    near = np.asarray(Image.fromarray(alpha).resize((alpha.shape[0] // reach,) * 2, Image.Resampling.BOX))
    wide = np.asarray(Image.fromarray(near).resize(alpha.shape[::-1], Image.Resampling.BICUBIC))
    share = np.clip(wide * rng.uniform(2, 6), 0, 1)[..., None] * rng.uniform(0.4, 1)
    return ground * (1 - share) + any_colour(rng, (0, 0.3), (0.7, 1)) * share


def busy_ground(rng: np.random.Generator, side: int) -> Picture:
    """A ground that no smooth colour explains; half of them one laid into another."""
    maker = BUSY[int(rng.integers(len(BUSY)))]
    picture = maker(rng, side)
    if rng.random() < 0.45:
        other = BUSY[int(rng.integers(len(BUSY)))](rng, side)
        if rng.random() < 0.5:
            share = np.full((side, side), rng.uniform(0.2, 0.8), np.float32)
        else:
            share = 0.5 + rng.uniform(2, 20) * smooth_noise(
                rng, (side, side), side * rng.uniform(0.1, 0.8), 2
            )
        picture = patterns.mixed(share, picture, other)
    return np.clip(picture, 0, 1).astype(np.float32)


def blotched(rng: np.random.Generator, side: int) -> Picture:
    """Random colours on a lattice, smooth between, or its tiles."""
    cells = int(np.exp(rng.uniform(np.log(4), np.log(side / 2))))
    calm = rng.random() < 0.5
    knots = rng.integers(0, 256, (cells, cells, 3))
    if calm:
        base = any_colour(rng) * 255
        knots = base + (knots - 128) * rng.uniform(0.1, 0.7)
    image = Image.fromarray(np.clip(knots, 0, 255).astype(np.uint8))
    way = (Image.Resampling.NEAREST, Image.Resampling.BILINEAR, Image.Resampling.BICUBIC)[
        int(rng.integers(3))
    ]
    return floats(image.resize((side, side), way))


def marbled(rng: np.random.Generator, side: int) -> Picture:
    """Noise of all sizes in each colour, as in photographs of nature."""
    cell = side * rng.uniform(0.1, 0.7)
    octaves = int(rng.integers(4, 8))
    planes = [smooth_noise(rng, (side, side), cell, octaves) for _ in range(3)]
    grey = rng.uniform(0, 1)
    field = np.stack(planes, -1) * (1 - grey) + planes[0][..., None] * grey
    return any_colour(rng, (0, 0.6), (0.2, 0.9)) + field * rng.uniform(0.4, 1.6)


def photographed(rng: np.random.Generator, side: int) -> Picture:
    """A piece of a photograph, turned, mirrored and in other colours."""
    picture = _photograph(PHOTOGRAPHS[int(rng.integers(len(PHOTOGRAPHS)))])
    reach = int(rng.uniform(0.3, 1.0) * min(picture.shape[:2]))
    top, left = (int(rng.integers(n - reach + 1)) for n in picture.shape[:2])
    piece = picture[top : top + reach, left : left + reach]
    piece = np.rot90(piece, int(rng.integers(4)))
    piece = piece[:, ::-1] if rng.random() < 0.5 else piece
    order = rng.permutation(3) if rng.random() < 0.5 else np.arange(3)
    image = Image.fromarray(np.ascontiguousarray(piece[..., order]))
    light = rng.uniform(0.6, 1.3) * (1 + rng.uniform(-0.25, 0.25, 3))
    return floats(image.resize((side, side), Image.Resampling.BOX)) * light


@cache
def _photograph(name: str) -> UInt8[np.ndarray, "h w 3"]:
    from importlib.resources import files

    with files("skimage").joinpath("data", name).open("rb") as file:
        return np.asarray(Image.open(file).convert("RGB")).copy()


BUSY = (
    blotched, blotched, marbled, photographed, photographed, scenes.room, scenes.town, scenes.foliage,
    scenes.bokeh, scenes.crowd, scenes.photo, scenes.sky, patterns.things, patterns.things, patterns.strokes,
    patterns.striped, patterns.dotted, patterns.checked, patterns.rays,
)  # fmt: skip
"""Makers of grounds, each as often as it stands here."""
