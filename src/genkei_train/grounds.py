"""What stands behind a drawn character: nothing, colours, patterns, places and other things."""

import colorsys
from collections.abc import Callable

import numpy as np
from jaxtyping import Float32
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from genkei_train.noise import blurred, smooth_noise

Picture = Float32[np.ndarray, "s s 3"]


def lay(rgba: Float32[np.ndarray, "s s 4"], ground: Picture) -> Picture:
    """The drawing (straight alpha) on the ground."""
    alpha = rgba[..., 3:]
    return (rgba[..., :3] * alpha + ground * (1 - alpha)).astype(np.float32)


def random_ground(
    rng: np.random.Generator, side: int, paper: tuple[float, float, float] = (1.0, 1.0, 1.0)
) -> Picture:
    """A background of `side` pixels, sRGB 0..1, perhaps with a shadow at the feet, captions or a frame.

    `paper` is the sheet that the drawing itself lies on: the ground of one drawing in six, and half of those
    whose paper is not white.
    """
    names = list(GROUNDS)
    shares = np.array([share for _, share in GROUNDS.values()])
    name = names[int(rng.choice(len(names), p=shares / shares.sum()))]
    plain = name == "white" or (min(paper) < 1 and rng.random() < 0.5)
    picture = _solid(np.array(paper), side) if plain else GROUNDS[name][0](rng, side)
    for add, share in ((_shadowed, 0.2), (_captioned, 0.12), (_framed, 0.06)):
        if rng.random() < share:
            picture = add(picture, rng)
    return np.clip(picture, 0, 1).astype(np.float32)


def _colour(
    rng: np.random.Generator,
    saturation: tuple[float, float] = (0.0, 0.8),
    brightness: tuple[float, float] = (0.15, 1.0),
) -> np.ndarray:
    hsv = rng.random(), rng.uniform(*saturation), rng.uniform(*brightness)
    return np.array(colorsys.hsv_to_rgb(*hsv), np.float32)


def _solid(colour: np.ndarray, side: int) -> Picture:
    return np.broadcast_to(colour.astype(np.float32), (side, side, 3)).copy()


def _mixed(share: np.ndarray, first: np.ndarray, second: np.ndarray) -> Picture:
    """`first` where share (s, s) is 0, `second` where it is 1."""
    share = np.clip(share, 0, 1)[..., None]
    return (first * (1 - share) + second * share).astype(np.float32)


def _plane(rng: np.random.Generator, side: int) -> tuple[np.ndarray, np.ndarray]:
    """Two coordinates at right angles, turned at random, 0..1 about the centre."""
    angle = rng.uniform(0, 2 * np.pi)
    y, x = np.mgrid[:side, :side].astype(np.float32) / side - 0.5
    return x * np.cos(angle) + y * np.sin(angle) + 0.5, y * np.cos(angle) - x * np.sin(angle) + 0.5


def _white(rng: np.random.Generator, side: int) -> Picture:
    return _solid(np.ones(3), side)


def _pale(rng: np.random.Generator, side: int) -> Picture:
    return _solid(_colour(rng, (0, 0.2), (0.75, 1)), side)


def _strong(rng: np.random.Generator, side: int) -> Picture:
    return _solid(_colour(rng, (0.0, 1.0), (0.0, 1.0)), side)


def _linear(rng: np.random.Generator, side: int) -> Picture:
    return _mixed(_plane(rng, side)[0], _colour(rng), _colour(rng))


def _radial(rng: np.random.Generator, side: int) -> Picture:
    y, x = np.mgrid[:side, :side].astype(np.float32) / side
    away = np.hypot(x - rng.uniform(0.3, 0.7), y - rng.uniform(0.2, 0.7))
    return _mixed(away / rng.uniform(0.4, 0.9), _colour(rng, (0, 0.5), (0.5, 1)), _colour(rng))


def _halves(rng: np.random.Generator, side: int) -> Picture:
    edge = (_plane(rng, side)[0] - rng.uniform(0.25, 0.75)) * side
    return _mixed(edge, _colour(rng), _colour(rng))


def _paper(rng: np.random.Generator, side: int) -> Picture:
    base = _solid(_colour(rng, (0, 0.25), (0.7, 1)), side)
    return base * (1 + 0.12 * smooth_noise(rng, (side, side), rng.uniform(2, 40), 5)[..., None])


def _clouded(rng: np.random.Generator, side: int) -> Picture:
    share = 0.5 + smooth_noise(rng, (side, side), rng.uniform(0.1, 0.5) * side, 4)
    return _mixed(share, _colour(rng), _colour(rng))


def _striped(rng: np.random.Generator, side: int) -> Picture:
    wave = np.cos(_plane(rng, side)[0] * 2 * np.pi * rng.uniform(4, 30))
    return _mixed((wave - rng.uniform(-0.6, 0.6)) * 4 + 0.5, _colour(rng), _colour(rng))


def _dotted(rng: np.random.Generator, side: int) -> Picture:
    u, v = _plane(rng, side)
    count = rng.uniform(5, 28)
    away = np.hypot((u * count) % 1 - 0.5, (v * count) % 1 - 0.5) - rng.uniform(0.15, 0.42)
    return _mixed(0.5 - away * side / count, _colour(rng), _colour(rng))


def _checked(rng: np.random.Generator, side: int) -> Picture:
    u, v = _plane(rng, side) if rng.random() < 0.5 else tuple(np.mgrid[:side, :side] / side)
    count = rng.uniform(4, 24)
    grey = rng.random() < 0.3
    first, second = (np.full(3, 0.8), np.ones(3)) if grey else (_colour(rng), _colour(rng))
    return _mixed(((np.floor(u * count) + np.floor(v * count)) % 2).astype(np.float32), first, second)


def _rays(rng: np.random.Generator, side: int) -> Picture:
    """A comic's speed lines out of a point."""
    y, x = np.mgrid[:side, :side].astype(np.float32) / side
    angle = np.arctan2(y - rng.uniform(0.2, 0.6), x - rng.uniform(0.3, 0.7))
    wave = np.cos(angle * int(rng.integers(8, 60)) + 3 * smooth_noise(rng, (side, side), side))
    return _mixed((wave - rng.uniform(-0.5, 0.8)) * 4, _colour(rng, (0, 0.6), (0.6, 1)), _colour(rng))


def _drawn(side: int, base: Picture) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    image = Image.fromarray(np.round(np.clip(base, 0, 1) * 255).astype(np.uint8))
    return image, ImageDraw.Draw(image)


def _floats(image: Image.Image) -> Picture:
    return np.asarray(image, np.float32) / np.float32(255)


def _ink(colour: np.ndarray) -> tuple[int, int, int]:
    red, green, blue = (round(float(c) * 255) for c in colour)
    return red, green, blue


def _strokes(rng: np.random.Generator, side: int) -> Picture:
    """Broad strokes of a few related colours."""
    image, pen = _drawn(side, _linear(rng, side))
    colours = [_colour(rng) for _ in range(4)]
    for _ in range(int(rng.integers(15, 80))):
        x, y, dx, dy = rng.uniform((0, 0, -0.4, -0.2), (1, 1, 0.4, 0.2)) * side
        shade = colours[int(rng.integers(4))] * rng.uniform(0.8, 1)
        pen.line((x, y, x + dx, y + dy), _ink(shade), int(rng.uniform(0.01, 0.08) * side))
    return _floats(image)


def _shape(pen: ImageDraw.ImageDraw, rng: np.random.Generator, side: int, size: float) -> None:
    """A round, boxy, star-like or leafy thing anywhere."""
    x, y = rng.uniform(0, side, 2)
    w, h = rng.uniform(0.3, 1, 2) * size * side
    fill = _ink(_colour(rng))
    outline = _ink(_colour(rng, (0, 0.4), (0, 0.4))) if rng.random() < 0.5 else None
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


def _things(rng: np.random.Generator, side: int) -> Picture:
    base = GROUNDS["linear"][0](rng, side) if rng.random() < 0.5 else _pale(rng, side)
    image, pen = _drawn(side, base)
    size = rng.uniform(0.04, 0.3)
    for _ in range(int(rng.integers(3, 40))):
        _shape(pen, rng, side, size)
    return _floats(image)


def _sky(rng: np.random.Generator, side: int) -> Picture:
    """Sky, clouds, hills, perhaps a field."""
    y = np.linspace(0, 1, side, dtype=np.float32)[:, None] * np.ones(side, np.float32)
    hue = rng.choice((0.58, 0.55, 0.08, 0.75))
    top = np.array(colorsys.hsv_to_rgb(hue, rng.uniform(0.3, 0.8), rng.uniform(0.4, 1)), np.float32)
    picture = _mixed(y * rng.uniform(0.8, 1.6), top, top * 0.4 + 0.6)
    cloud = smooth_noise(rng, (side, side), side * rng.uniform(0.15, 0.4), 4)
    hard = rng.uniform(2, 12)
    picture = _mixed((cloud - rng.uniform(-0.1, 0.3)) * hard, picture, np.ones(3))
    for level in np.sort(rng.uniform(0.45, 0.9, int(rng.integers(1, 4)))):
        rise = smooth_noise(rng, (1, side), side * rng.uniform(0.1, 0.5), 4)[0] * 0.12
        near = 0.35 + 0.65 * level
        land = np.array(colorsys.hsv_to_rgb(rng.uniform(0.2, 0.45), 0.6 * near, 0.9 - 0.5 * near), np.float32)
        soil = land * (1 + 0.25 * smooth_noise(rng, (side, side), side * 0.03, 3)[..., None])
        picture = _mixed((y - level - rise) * side, picture, soil)
    return picture


def _room(rng: np.random.Generator, side: int) -> Picture:
    """A wall with windows and shelves, a floor of boards or tiles in perspective."""
    wall, floor = _colour(rng, (0, 0.5), (0.4, 1)), _colour(rng, (0.1, 0.7), (0.25, 0.8))
    horizon = rng.uniform(0.55, 0.88)
    image, pen = _drawn(side, _solid(wall, side))
    for _ in range(int(rng.integers(1, 4))):
        x, y = rng.uniform(0, 0.8) * side, rng.uniform(0, 0.4) * side
        w, h = rng.uniform(0.15, 0.4, 2) * side
        pen.rectangle((x, y, x + w, y + h), _ink(_colour(rng)), _ink(wall * 0.4), max(side // 96, 1))
        across = max(rng.uniform(0.02, 0.08) * side, 2)
        for rank in range(int(w / across)):
            left, low = x + rank * across, y + h * rng.uniform(0.0, 0.5)
            pen.rectangle((left, low, left + across * 0.8, y + h), _ink(_colour(rng)))
    edge = int(horizon * side)
    pen.rectangle((0, edge, side, side), _ink(floor))
    for x in np.linspace(-2, 3, int(rng.integers(8, 30))):
        pen.line((side * (0.5 + (x - 0.5) * 0.4), edge, side * x, side), _ink(floor * 0.7))
    for k in range(1, int(rng.integers(2, 8))):
        y = edge + (side - edge) * (k / 8) ** 1.7
        pen.line((0, y, side, y), _ink(floor * 0.75))
    pen.line((0, edge, side, edge), _ink(wall * 0.5), max(side // 64, 1))
    return _floats(image)


def _town(rng: np.random.Generator, side: int) -> Picture:
    """Buildings with rows of windows under a plain sky."""
    image, pen = _drawn(side, _linear(rng, side))
    for depth in (0.4, 0.7, 1.0):
        x = -0.1 * side
        while x < side:
            w, top = rng.uniform(0.1, 0.3) * side, side * rng.uniform(0.1, 0.7) * (0.4 + 0.6 * depth)
            front = _colour(rng, (0, 0.4), (0.3, 0.9))
            pen.rectangle((x, top, x + w, side), _ink(front), _ink(front * 0.5))
            pitch = rng.uniform(0.03, 0.07) * side
            for y in np.arange(top + pitch * 0.5, side, pitch):
                for u in np.arange(x + pitch * 0.4, x + w - pitch * 0.5, pitch):
                    pen.rectangle((u, y, u + pitch * 0.45, y + pitch * 0.5), _ink(front * 0.55))
            x += w
    return _floats(image)


def _foliage(rng: np.random.Generator, side: int) -> Picture:
    """Leaves in heaps, near ones lighter."""
    hue = rng.uniform(0.18, 0.45) if rng.random() < 0.7 else rng.random()
    image, pen = _drawn(side, _solid(np.array(colorsys.hsv_to_rgb(hue, 0.6, 0.2)), side))
    count = int(rng.integers(120, 400))
    for rank in range(count):
        x, y, r = *rng.uniform(0, side, 2), rng.uniform(0.015, 0.06) * side
        near = 0.25 + 0.6 * rank / count
        leaf = colorsys.hsv_to_rgb((hue + rng.uniform(-0.05, 0.05)) % 1, rng.uniform(0.4, 0.8), near)
        flat = rng.uniform(0.3, 1)
        pen.ellipse((x - r, y - r * flat, x + r, y + r * flat), _ink(np.array(leaf)))
    return _floats(image)


def _bokeh(rng: np.random.Generator, side: int) -> Picture:
    """Discs of light out of focus."""
    picture = _clouded(rng, side) * rng.uniform(0.3, 0.9)
    for _ in range(3):
        image, pen = _drawn(side, np.zeros((side, side, 3), np.float32))
        for _ in range(int(rng.integers(4, 14))):
            x, y, r = *rng.uniform(0, side, 2), rng.uniform(0.02, 0.12) * side
            pen.ellipse((x - r, y - r, x + r, y + r), _ink(_colour(rng, (0, 0.6), (0.3, 1)) * 0.7))
        light = blurred(_floats(image), int(rng.integers(1, 3)))
        picture = 1 - (1 - picture) * (1 - light * rng.uniform(0.3, 0.8))
    return picture.astype(np.float32)


def _crowd(rng: np.random.Generator, side: int) -> Picture:
    """Other figures of heads, bodies and legs beside or behind, flat or drawn with an outline."""
    picture = GROUNDS[str(rng.choice(["white", "pale", "sky", "room", "linear"]))][0](rng, side)
    image, pen = _drawn(side, picture)
    for _ in range(int(rng.integers(1, 5))):
        tall, x, foot = rng.uniform(0.4, 0.95) * side, rng.uniform(0, 1) * side, rng.uniform(0.8, 1.1) * side
        head = tall / rng.uniform(2.2, 7)
        line = _ink(_colour(rng, (0, 0.5), (0, 0.3))) if rng.random() < 0.7 else None
        cloth, skin, hair = _colour(rng), _colour(rng, (0.1, 0.4), (0.8, 1)), _colour(rng)
        top, wide = foot - tall, head * rng.uniform(0.4, 0.8)
        hip = top + head + (tall - head) * 0.5
        for leg in (-0.5, 0.5):
            left = x + wide * leg - head * 0.15
            pen.rectangle((left, hip, left + head * 0.3, foot), _ink(cloth * 0.6), line)
        body = (
            (x - wide * 0.6, top + head * 0.9),
            (x + wide * 0.6, top + head * 0.9),
            (x + wide, hip),
            (x - wide, hip),
        )
        pen.polygon(body, _ink(cloth), line)
        pen.ellipse((x - head * 0.6, top - head * 0.1, x + head * 0.6, top + head * 1.1), _ink(hair), line)
        pen.ellipse((x - head * 0.42, top + head * 0.25, x + head * 0.42, top + head), _ink(skin), line)
        for eye in (-0.2, 0.2):
            pen.ellipse(
                (x + head * (eye - 0.07), top + head * 0.5, x + head * (eye + 0.07), top + head * 0.72),
                _ink(hair * 0.3),
            )
    return _floats(image)


def _photo(rng: np.random.Generator, side: int) -> Picture:
    """A place out of focus: any scene, blurred and speckled."""
    place = str(rng.choice(["sky", "room", "town", "foliage", "things", "crowd"]))
    image, _ = _drawn(side, GROUNDS[place][0](rng, side))
    soft = _floats(image.filter(ImageFilter.GaussianBlur(rng.uniform(0.5, 0.03 * side))))
    light = 1 + 0.3 * smooth_noise(rng, (side, side), side * 0.6)
    grain = rng.uniform(0, 0.04) * rng.standard_normal((side, side, 1), np.float32)
    return (soft * light[..., None] + grain).astype(np.float32)


def _shadowed(picture: Picture, rng: np.random.Generator) -> Picture:
    """A soft ellipse where the feet of a whole figure stand."""
    side = picture.shape[0]
    y, x = np.mgrid[:side, :side].astype(np.float32) / side
    wide, flat = rng.uniform(0.12, 0.35), rng.uniform(0.02, 0.07)
    away = np.hypot((x - rng.uniform(0.42, 0.58)) / wide, (y - rng.uniform(0.92, 0.96)) / flat)
    hard = 12 if rng.random() < 0.4 else 2
    shade = rng.uniform(0.2, 0.6) * np.clip((1 - away) * hard, 0, 1)
    return _mixed(shade, picture, picture * _colour(rng, (0, 0.5), (0.0, 0.5)))


def _captioned(picture: Picture, rng: np.random.Generator) -> Picture:
    """Lines of letters, or of marks that look like writing."""
    side = picture.shape[0]
    image, pen = _drawn(side, picture)
    for _ in range(int(rng.integers(1, 5))):
        size = rng.uniform(0.03, 0.16) * side
        x, y = rng.uniform(0, 0.8, 2) * side
        fill = _ink(_colour(rng, (0, 0.9), (0, 1)))
        count = int(rng.integers(2, 12))
        if rng.random() < 0.5:
            letters = "".join(rng.choice(list("abcdeghiklmnorstuvyAEHKMNRST0123 "), count))
            pen.text((x, y), letters, fill, ImageFont.load_default(max(size, 6)))
            continue
        down = rng.random() < 0.4
        for rank in range(count):
            left, top = (x, y + rank * size) if down else (x + rank * size, y)
            ends = np.array((left, top, left, top)) + rng.uniform(0, 0.9 * size, (int(rng.integers(2, 6)), 4))
            for stroke in ends.tolist():
                if rng.random() < 0.6:
                    stroke[3] = stroke[1]
                pen.line(stroke, fill, max(round(size / 10), 1))
    return _floats(image)


def _framed(picture: Picture, rng: np.random.Generator) -> Picture:
    side = picture.shape[0]
    image, pen = _drawn(side, picture)
    inset = rng.uniform(0, 0.06) * side
    width = max(round(rng.uniform(0.005, 0.04) * side), 1)
    pen.rectangle(
        (inset, inset, side - 1 - inset, side - 1 - inset), None, _ink(_colour(rng, (0, 1), (0, 1))), width
    )
    return _floats(image)


GROUNDS: dict[str, tuple[Callable[[np.random.Generator, int], Picture], float]] = {
    "white": (_white, 0.16),
    "pale": (_pale, 0.09),
    "strong": (_strong, 0.10),
    "linear": (_linear, 0.07),
    "radial": (_radial, 0.05),
    "halves": (_halves, 0.03),
    "paper": (_paper, 0.05),
    "clouded": (_clouded, 0.03),
    "striped": (_striped, 0.03),
    "dotted": (_dotted, 0.03),
    "checked": (_checked, 0.03),
    "rays": (_rays, 0.02),
    "strokes": (_strokes, 0.03),
    "things": (_things, 0.04),
    "sky": (_sky, 0.05),
    "room": (_room, 0.05),
    "town": (_town, 0.03),
    "foliage": (_foliage, 0.03),
    "bokeh": (_bokeh, 0.03),
    "crowd": (_crowd, 0.06),
    "photo": (_photo, 0.09),
}
"""Makers of grounds and how often each is taken."""
