"""Grounds that are places, and the people in them."""

import colorsys

import numpy as np
from PIL import ImageFilter

from genkei_train.noise import blurred, smooth_noise
from genkei_train.patterns import (
    Picture,
    any_colour,
    canvas,
    clouded,
    floats,
    linear,
    mixed,
    pale,
    rgb8,
    solid,
    things,
    white,
)


def sky(rng: np.random.Generator, side: int) -> Picture:
    """Sky, clouds, hills, perhaps a field."""
    y = np.linspace(0, 1, side, dtype=np.float32)[:, None] * np.ones(side, np.float32)
    hue = rng.choice((0.58, 0.55, 0.08, 0.75))
    top = np.array(colorsys.hsv_to_rgb(hue, rng.uniform(0.3, 0.8), rng.uniform(0.4, 1)), np.float32)
    picture = mixed(y * rng.uniform(0.8, 1.6), top, top * 0.4 + 0.6)
    cloud = smooth_noise(rng, (side, side), side * rng.uniform(0.15, 0.4), 4)
    hard = rng.uniform(2, 12)
    picture = mixed((cloud - rng.uniform(-0.1, 0.3)) * hard, picture, np.ones(3))
    for level in np.sort(rng.uniform(0.45, 0.9, int(rng.integers(1, 4)))):
        rise = smooth_noise(rng, (1, side), side * rng.uniform(0.1, 0.5), 4)[0] * 0.12
        near = 0.35 + 0.65 * level
        land = np.array(colorsys.hsv_to_rgb(rng.uniform(0.2, 0.45), 0.6 * near, 0.9 - 0.5 * near), np.float32)
        soil = land * (1 + 0.25 * smooth_noise(rng, (side, side), side * 0.03, 3)[..., None])
        picture = mixed((y - level - rise) * side, picture, soil)
    return picture


def room(rng: np.random.Generator, side: int) -> Picture:
    """A wall with windows and shelves, a floor of boards or tiles in perspective."""
    wall, floor = any_colour(rng, (0, 0.5), (0.4, 1)), any_colour(rng, (0.1, 0.7), (0.25, 0.8))
    horizon = rng.uniform(0.55, 0.88)
    image, pen = canvas(side, solid(wall, side))
    for _ in range(int(rng.integers(1, 4))):
        x, y = rng.uniform(0, 0.8) * side, rng.uniform(0, 0.4) * side
        w, h = rng.uniform(0.15, 0.4, 2) * side
        pen.rectangle((x, y, x + w, y + h), rgb8(any_colour(rng)), rgb8(wall * 0.4), max(side // 96, 1))
        across = max(rng.uniform(0.02, 0.08) * side, 2)
        for rank in range(int(w / across)):
            left, low = x + rank * across, y + h * rng.uniform(0.0, 0.5)
            pen.rectangle((left, low, left + across * 0.8, y + h), rgb8(any_colour(rng)))
    edge = int(horizon * side)
    pen.rectangle((0, edge, side, side), rgb8(floor))
    for x in np.linspace(-2, 3, int(rng.integers(8, 30))):
        pen.line((side * (0.5 + (x - 0.5) * 0.4), edge, side * x, side), rgb8(floor * 0.7))
    for k in range(1, int(rng.integers(2, 8))):
        y = edge + (side - edge) * (k / 8) ** 1.7
        pen.line((0, y, side, y), rgb8(floor * 0.75))
    pen.line((0, edge, side, edge), rgb8(wall * 0.5), max(side // 64, 1))
    return floats(image)


def town(rng: np.random.Generator, side: int) -> Picture:
    """Buildings with rows of windows under a plain sky."""
    image, pen = canvas(side, linear(rng, side))
    for depth in (0.4, 0.7, 1.0):
        x = -0.1 * side
        while x < side:
            w, top = rng.uniform(0.1, 0.3) * side, side * rng.uniform(0.1, 0.7) * (0.4 + 0.6 * depth)
            front = any_colour(rng, (0, 0.4), (0.3, 0.9))
            pen.rectangle((x, top, x + w, side), rgb8(front), rgb8(front * 0.5))
            pitch = rng.uniform(0.03, 0.07) * side
            for y in np.arange(top + pitch * 0.5, side, pitch):
                for u in np.arange(x + pitch * 0.4, x + w - pitch * 0.5, pitch):
                    pen.rectangle((u, y, u + pitch * 0.45, y + pitch * 0.5), rgb8(front * 0.55))
            x += w
    return floats(image)


def foliage(rng: np.random.Generator, side: int) -> Picture:
    """Leaves in heaps, near ones lighter."""
    hue = rng.uniform(0.18, 0.45) if rng.random() < 0.7 else rng.random()
    image, pen = canvas(side, solid(np.array(colorsys.hsv_to_rgb(hue, 0.6, 0.2)), side))
    count = int(rng.integers(120, 400))
    for rank in range(count):
        x, y, r = *rng.uniform(0, side, 2), rng.uniform(0.015, 0.06) * side
        near = 0.25 + 0.6 * rank / count
        leaf = colorsys.hsv_to_rgb((hue + rng.uniform(-0.05, 0.05)) % 1, rng.uniform(0.4, 0.8), near)
        flat = rng.uniform(0.3, 1)
        pen.ellipse((x - r, y - r * flat, x + r, y + r * flat), rgb8(np.array(leaf)))
    return floats(image)


def bokeh(rng: np.random.Generator, side: int) -> Picture:
    """Discs of light out of focus."""
    picture = clouded(rng, side) * rng.uniform(0.3, 0.9)
    for _ in range(3):
        image, pen = canvas(side, np.zeros((side, side, 3), np.float32))
        for _ in range(int(rng.integers(4, 14))):
            x, y, r = *rng.uniform(0, side, 2), rng.uniform(0.02, 0.12) * side
            pen.ellipse((x - r, y - r, x + r, y + r), rgb8(any_colour(rng, (0, 0.6), (0.3, 1)) * 0.7))
        light = blurred(floats(image), int(rng.integers(1, 3)))
        picture = 1 - (1 - picture) * (1 - light * rng.uniform(0.3, 0.8))
    return picture.astype(np.float32)


def crowd(rng: np.random.Generator, side: int) -> Picture:
    """Other figures of heads, bodies and legs beside or behind, flat or drawn with an outline."""
    picture = (white, pale, sky, room, linear)[int(rng.integers(5))](rng, side)
    image, pen = canvas(side, picture)
    for _ in range(int(rng.integers(1, 5))):
        tall, x, foot = rng.uniform(0.4, 0.95) * side, rng.uniform(0, 1) * side, rng.uniform(0.8, 1.1) * side
        head = tall / rng.uniform(2.2, 7)
        line = rgb8(any_colour(rng, (0, 0.5), (0, 0.3))) if rng.random() < 0.7 else None
        cloth, skin, hair = any_colour(rng), any_colour(rng, (0.1, 0.4), (0.8, 1)), any_colour(rng)
        top, wide = foot - tall, head * rng.uniform(0.4, 0.8)
        hip = top + head + (tall - head) * 0.5
        for leg in (-0.5, 0.5):
            left = x + wide * leg - head * 0.15
            pen.rectangle((left, hip, left + head * 0.3, foot), rgb8(cloth * 0.6), line)
        body = (
            (x - wide * 0.6, top + head * 0.9),
            (x + wide * 0.6, top + head * 0.9),
            (x + wide, hip),
            (x - wide, hip),
        )
        pen.polygon(body, rgb8(cloth), line)
        pen.ellipse((x - head * 0.6, top - head * 0.1, x + head * 0.6, top + head * 1.1), rgb8(hair), line)
        pen.ellipse((x - head * 0.42, top + head * 0.25, x + head * 0.42, top + head), rgb8(skin), line)
        for eye in (-0.2, 0.2):
            pen.ellipse(
                (x + head * (eye - 0.07), top + head * 0.5, x + head * (eye + 0.07), top + head * 0.72),
                rgb8(hair * 0.3),
            )
    return floats(image)


def photo(rng: np.random.Generator, side: int) -> Picture:
    """A place out of focus: any scene, blurred and speckled."""
    place = (sky, room, town, foliage, things, crowd)[int(rng.integers(6))]
    image, _ = canvas(side, place(rng, side))
    soft = floats(image.filter(ImageFilter.GaussianBlur(rng.uniform(0.5, 0.03 * side))))
    light = 1 + 0.3 * smooth_noise(rng, (side, side), side * 0.6)
    grain = rng.uniform(0, 0.04) * rng.standard_normal((side, side, 1), np.float32)
    return (soft * light[..., None] + grain).astype(np.float32)
