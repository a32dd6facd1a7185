"""Materials and their tones: what is one cloth or one head of hair under light and shade.

A shadow scales a colour in linear light, and then a*/(L* + 16) stays as it is. Materials are classes of hue
and saturation with lightness weighted down; the tone of a material is the commonest one round a place, so
that guessed surface shows neither the highlights nor the shadows of the drawn side.
"""

import math

import numpy as np
from jaxtyping import Float, Float32, Int

from genkei.geometry.colour import to_lab

LIGHTNESS = 0.3
"""Weight of lightness: 40 L* apart is another material whatever the hue, 15 is a shadow."""
NEUTRAL = 8.0
"""Saturation in percent up to which differences count in full, from where on in proportion."""
SAME = 12.0
"""Distance under which two classes are one material; pale skin and white cloth are 16 apart."""
CLASSES = 24
"""Classes before those of one material are joined."""
CELL = 0.04
"""Character heights along a cell of the grid in which neighbourhoods are counted."""
TONE = 0.12
"""Character heights (one sigma) round a place from which its tone is taken: wider than tresses and folds."""
COMMON = 10.0
"""Lab distance from the mean tone at which a colour counts by 1/e: highlights do not pull the tone."""


def shadeless(colours: Float[np.ndarray, "n 3"]) -> Float[np.ndarray, "n 3"]:
    """Coordinates in which one material's light and shade lie close together; in units of about one Lab."""
    lab = to_lab(colours.astype(np.float64))
    chroma = 100 * lab[:, 1:] / (np.maximum(lab[:, :1], 30) + 16)
    radius = np.linalg.norm(chroma, axis=1, keepdims=True)
    stretch = 15 * np.arcsinh(radius / NEUTRAL) / np.maximum(radius, 1e-6)
    return np.concatenate([LIGHTNESS * lab[:, :1], stretch * chroma], axis=1)


def find_materials(colours: Float[np.ndarray, "n 3"], rounds: int = 8) -> Int[np.ndarray, "n"]:
    """Which material, 0.., each colour is: k-means from farthest points, then the nearest classes join."""
    place = shadeless(colours)
    centres = [np.median(place, axis=0)]
    distance = np.linalg.norm(place - centres[0], axis=1)
    while len(centres) < CLASSES and distance.max() > SAME / 2:
        centres.append(place[int(distance.argmax())])
        distance = np.minimum(distance, np.linalg.norm(place - centres[-1], axis=1))
    middle = np.stack(centres)
    for _ in range(rounds):
        middle, size = _means(place, _nearest(place, middle), middle)
    label = _nearest(place, middle)
    joined = _joined(middle, size)[label]
    return np.searchsorted(np.unique(joined), joined)


def _nearest(place: np.ndarray, middle: np.ndarray) -> np.ndarray:
    return ((middle**2).sum(1) - 2 * place @ middle.T).argmin(1)


def _means(place: np.ndarray, label: np.ndarray, middle: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    size = np.bincount(label, minlength=len(middle))
    sums = np.stack([np.bincount(label, place[:, k], len(middle)) for k in range(3)], 1)
    return np.where(size[:, None] > 0, sums / np.maximum(size, 1)[:, None], middle), size


def _joined(middle: np.ndarray, size: np.ndarray) -> np.ndarray:
    """The class each class has joined: the two nearest means join until all are SAME apart."""
    owner, middle, size = np.arange(len(middle)), middle.copy(), np.maximum(size, 1e-3)
    while True:
        gap = np.linalg.norm(middle[:, None] - middle, axis=-1)
        gap[owner != np.arange(len(owner))] = np.inf
        gap[:, owner != np.arange(len(owner))] = np.inf
        np.fill_diagonal(gap, np.inf)
        a, b = divmod(int(gap.argmin()), len(gap))
        if gap[a, b] > SAME:
            return owner
        middle[a] = (size[a] * middle[a] + size[b] * middle[b]) / (size[a] + size[b])
        size[a] += size[b]
        owner[owner == b] = a


def tones(
    points: Float[np.ndarray, "n 3"],
    colours: Float[np.ndarray, "n 3"],
    label: Int[np.ndarray, "n"],
    weight: Float[np.ndarray, "n"],
) -> Float32[np.ndarray, "n 3"]:
    """sRGB of the commonest tone of each point's own material within about TONE of it."""
    lab = to_lab(colours.astype(np.float64))
    tone, share = colours.astype(np.float64), weight.astype(np.float64)
    for _ in range(3):
        tone = nearby(points, label, np.concatenate([colours, np.ones((len(colours), 1))], 1), share, TONE)
        tone = tone[:, :3] / np.maximum(tone[:, 3:], 1e-12)
        away = np.linalg.norm(to_lab(tone) - lab, axis=1)
        share = weight * (np.exp(-((away / COMMON) ** 2)) + 1e-3)
    return tone.astype(np.float32)


def nearby(
    points: Float[np.ndarray, "n 3"],
    label: Int[np.ndarray, "n"],
    values: Float[np.ndarray, "n c"],
    weight: Float[np.ndarray, "n"],
    sigma: float,
) -> Float[np.ndarray, "n c"]:
    """Weighted sums of the values of like-labelled points round each point, under a Gaussian of `sigma`."""
    from scipy.ndimage import gaussian_filter, map_coordinates

    place = (points - points.min(0)).astype(np.float64) / CELL + 1
    cell = np.round(place).astype(np.int64)
    shape = tuple(int(n) for n in cell.max(0) + 2)
    index = np.asarray(np.ravel_multi_index(tuple(cell.T), shape))
    result = np.zeros(values.shape)
    for material in range(int(label.max()) + 1):
        rows = np.flatnonzero(label == material)
        at = place[rows].T
        for c in range(values.shape[1]):
            grid = np.bincount(index[rows], weight[rows] * values[rows, c], math.prod(shape))
            spread = gaussian_filter(grid.reshape(shape), sigma / CELL, mode="constant")
            result[rows, c] = np.asarray(map_coordinates(spread, at, order=1, mode="nearest"))
    return result
