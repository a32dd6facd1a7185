"""What stands behind a drawn character: nothing, colours, patterns, places and other things."""

from collections.abc import Callable

import numpy as np
from jaxtyping import Float32
from PIL import ImageFont

from genkei_train import patterns, scenes
from genkei_train.patterns import Picture, any_colour, canvas, floats, mixed, rgb8, solid


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
    picture = solid(np.array(paper), side) if plain else GROUNDS[name][0](rng, side)
    for add, share in ((_shadowed, 0.2), (_captioned, 0.12), (_framed, 0.06)):
        if rng.random() < share:
            picture = add(picture, rng)
    return np.clip(picture, 0, 1).astype(np.float32)


def _shadowed(picture: Picture, rng: np.random.Generator) -> Picture:
    """A soft ellipse where the feet of a whole figure stand."""
    side = picture.shape[0]
    y, x = np.mgrid[:side, :side].astype(np.float32) / side
    wide, flat = rng.uniform(0.12, 0.35), rng.uniform(0.02, 0.07)
    away = np.hypot((x - rng.uniform(0.42, 0.58)) / wide, (y - rng.uniform(0.92, 0.96)) / flat)
    hard = 12 if rng.random() < 0.4 else 2
    shade = rng.uniform(0.2, 0.6) * np.clip((1 - away) * hard, 0, 1)
    return mixed(shade, picture, picture * any_colour(rng, (0, 0.5), (0.0, 0.5)))


def _captioned(picture: Picture, rng: np.random.Generator) -> Picture:
    """Lines of letters, or of marks that look like writing."""
    side = picture.shape[0]
    image, pen = canvas(side, picture)
    for _ in range(int(rng.integers(1, 5))):
        size = rng.uniform(0.03, 0.16) * side
        x, y = rng.uniform(0, 0.8, 2) * side
        fill = rgb8(any_colour(rng, (0, 0.9), (0, 1)))
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
    return floats(image)


def _framed(picture: Picture, rng: np.random.Generator) -> Picture:
    side = picture.shape[0]
    image, pen = canvas(side, picture)
    inset = rng.uniform(0, 0.06) * side
    width = max(round(rng.uniform(0.005, 0.04) * side), 1)
    pen.rectangle(
        (inset, inset, side - 1 - inset, side - 1 - inset),
        None,
        rgb8(any_colour(rng, (0, 1), (0, 1))),
        width,
    )
    return floats(image)


GROUNDS: dict[str, tuple[Callable[[np.random.Generator, int], Picture], float]] = {
    "white": (patterns.white, 0.16),
    "pale": (patterns.pale, 0.09),
    "strong": (patterns.strong, 0.10),
    "linear": (patterns.linear, 0.07),
    "radial": (patterns.radial, 0.05),
    "halves": (patterns.halves, 0.03),
    "paper": (patterns.paper, 0.05),
    "clouded": (patterns.clouded, 0.03),
    "striped": (patterns.striped, 0.03),
    "dotted": (patterns.dotted, 0.03),
    "checked": (patterns.checked, 0.03),
    "rays": (patterns.rays, 0.02),
    "strokes": (patterns.strokes, 0.03),
    "things": (patterns.things, 0.04),
    "sky": (scenes.sky, 0.05),
    "room": (scenes.room, 0.05),
    "town": (scenes.town, 0.03),
    "foliage": (scenes.foliage, 0.03),
    "bokeh": (scenes.bokeh, 0.03),
    "crowd": (scenes.crowd, 0.06),
    "photo": (scenes.photo, 0.09),
}
"""Makers of grounds and how often each is taken."""
