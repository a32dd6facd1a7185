"""Grounds without a place: plain colours, gradients, patterns, loose shapes."""

import colorsys

import numpy as np
from jaxtyping import Float32
from PIL import Image, ImageDraw

from genkei_train.noise import smooth_noise

Picture = Float32[np.ndarray, "s s 3"]
"""sRGB, 0..1; a ground may leave the range a little."""


def any_colour(
    rng: np.random.Generator,
    saturation: tuple[float, float] = (0.0, 0.8),
    brightness: tuple[float, float] = (0.15, 1.0),
) -> np.ndarray:
    hsv = rng.random(), rng.uniform(*saturation), rng.uniform(*brightness)
    return np.array(colorsys.hsv_to_rgb(*hsv), np.float32)


def solid(colour: np.ndarray, side: int) -> Picture:
    return np.broadcast_to(colour.astype(np.float32), (side, side, 3)).copy()


def mixed(share: np.ndarray, first: np.ndarray, second: np.ndarray) -> Picture:
    """`first` where share (s, s) is 0, `second` where it is 1."""
    share = np.clip(share, 0, 1)[..., None]
    return (first * (1 - share) + second * share).astype(np.float32)


def _plane(rng: np.random.Generator, side: int) -> tuple[np.ndarray, np.ndarray]:
    """Two coordinates at right angles, turned at random, 0..1 about the centre."""
    angle = rng.uniform(0, 2 * np.pi)
    y, x = np.mgrid[:side, :side].astype(np.float32) / side - 0.5
    return x * np.cos(angle) + y * np.sin(angle) + 0.5, y * np.cos(angle) - x * np.sin(angle) + 0.5


def canvas(side: int, base: Picture) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    image = Image.fromarray(np.round(np.clip(base, 0, 1) * 255).astype(np.uint8))
    return image, ImageDraw.Draw(image)


def floats(image: Image.Image) -> Picture:
    return np.asarray(image, np.float32) / np.float32(255)


def rgb8(colour: np.ndarray) -> tuple[int, int, int]:
    red, green, blue = (round(float(c) * 255) for c in colour)
    return red, green, blue


def white(rng: np.random.Generator, side: int) -> Picture:
    return solid(np.ones(3), side)


def pale(rng: np.random.Generator, side: int) -> Picture:
    return solid(any_colour(rng, (0, 0.2), (0.75, 1)), side)


def strong(rng: np.random.Generator, side: int) -> Picture:
    return solid(any_colour(rng, (0.0, 1.0), (0.0, 1.0)), side)


def linear(rng: np.random.Generator, side: int) -> Picture:
    return mixed(_plane(rng, side)[0], any_colour(rng), any_colour(rng))


def radial(rng: np.random.Generator, side: int) -> Picture:
    y, x = np.mgrid[:side, :side].astype(np.float32) / side
    away = np.hypot(x - rng.uniform(0.3, 0.7), y - rng.uniform(0.2, 0.7))
    return mixed(away / rng.uniform(0.4, 0.9), any_colour(rng, (0, 0.5), (0.5, 1)), any_colour(rng))


def halves(rng: np.random.Generator, side: int) -> Picture:
    edge = (_plane(rng, side)[0] - rng.uniform(0.25, 0.75)) * side
    return mixed(edge, any_colour(rng), any_colour(rng))


def paper(rng: np.random.Generator, side: int) -> Picture:
    base = solid(any_colour(rng, (0, 0.25), (0.7, 1)), side)
    return base * (1 + 0.12 * smooth_noise(rng, (side, side), rng.uniform(2, 40), 5)[..., None])


def clouded(rng: np.random.Generator, side: int) -> Picture:
    share = 0.5 + smooth_noise(rng, (side, side), rng.uniform(0.1, 0.5) * side, 4)
    return mixed(share, any_colour(rng), any_colour(rng))


def striped(rng: np.random.Generator, side: int) -> Picture:
    wave = np.cos(_plane(rng, side)[0] * 2 * np.pi * rng.uniform(4, 30))
    return mixed((wave - rng.uniform(-0.6, 0.6)) * 4 + 0.5, any_colour(rng), any_colour(rng))


def dotted(rng: np.random.Generator, side: int) -> Picture:
    u, v = _plane(rng, side)
    count = rng.uniform(5, 28)
    away = np.hypot((u * count) % 1 - 0.5, (v * count) % 1 - 0.5) - rng.uniform(0.15, 0.42)
    return mixed(0.5 - away * side / count, any_colour(rng), any_colour(rng))


def checked(rng: np.random.Generator, side: int) -> Picture:
    u, v = _plane(rng, side) if rng.random() < 0.5 else tuple(np.mgrid[:side, :side] / side)
    count = rng.uniform(4, 24)
    grey = rng.random() < 0.3
    first, second = (np.full(3, 0.8), np.ones(3)) if grey else (any_colour(rng), any_colour(rng))
    return mixed(((np.floor(u * count) + np.floor(v * count)) % 2).astype(np.float32), first, second)


def rays(rng: np.random.Generator, side: int) -> Picture:
    """A comic's speed lines out of a point."""
    y, x = np.mgrid[:side, :side].astype(np.float32) / side
    angle = np.arctan2(y - rng.uniform(0.2, 0.6), x - rng.uniform(0.3, 0.7))
    wave = np.cos(angle * int(rng.integers(8, 60)) + 3 * smooth_noise(rng, (side, side), side))
    return mixed((wave - rng.uniform(-0.5, 0.8)) * 4, any_colour(rng, (0, 0.6), (0.6, 1)), any_colour(rng))


def strokes(rng: np.random.Generator, side: int) -> Picture:
    """Broad strokes of a few related colours."""
    image, pen = canvas(side, linear(rng, side))
    colours = [any_colour(rng) for _ in range(4)]
    for _ in range(int(rng.integers(15, 80))):
        x, y, dx, dy = rng.uniform((0, 0, -0.4, -0.2), (1, 1, 0.4, 0.2)) * side
        shade = colours[int(rng.integers(4))] * rng.uniform(0.8, 1)
        pen.line((x, y, x + dx, y + dy), rgb8(shade), int(rng.uniform(0.01, 0.08) * side))
    return floats(image)


def _shape(pen: ImageDraw.ImageDraw, rng: np.random.Generator, side: int, size: float) -> None:
    """A round, boxy, star-like or leafy thing anywhere."""
    x, y = rng.uniform(0, side, 2)
    w, h = rng.uniform(0.3, 1, 2) * size * side
    fill = rgb8(any_colour(rng))
    outline = rgb8(any_colour(rng, (0, 0.4), (0, 0.4))) if rng.random() < 0.5 else None
    match int(rng.integers(3)):
        case 0:
            pen.ellipse((x - w, y - h, x + w, y + h), fill, outline)
        case 1:
            pen.rectangle((x - w, y - h, x + w, y + h), fill, outline)
        case _:
            angles = np.sort(rng.uniform(0, 2 * np.pi, int(rng.integers(3, 10))))
            radius = rng.uniform(0.4, 1, len(angles))
            points = np.stack([x + w * radius * np.cos(angles), y + h * radius * np.sin(angles)], -1)
            pen.polygon([tuple(p) for p in points.tolist()], fill, outline)


def things(rng: np.random.Generator, side: int) -> Picture:
    base = linear(rng, side) if rng.random() < 0.5 else pale(rng, side)
    image, pen = canvas(side, base)
    size = rng.uniform(0.04, 0.3)
    for _ in range(int(rng.integers(3, 40))):
        _shape(pen, rng, side, size)
    return floats(image)
