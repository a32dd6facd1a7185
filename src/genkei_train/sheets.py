"""A contact sheet of predictions: a row a sample, what was guessed beside what is true."""

import numpy as np
from PIL import Image
from scipy.special import expit

from genkei_train.feed import Arrays
from genkei_train.scores import solid_bins

PAINT = np.array(
    [
        [150, 90, 60], [250, 205, 170], [240, 170, 130], [80, 120, 200], [60, 60, 70], [230, 200, 60],
        [245, 245, 245],
    ],
    np.uint8,
)  # fmt: skip
"""Colours of hair, face, skin, cloth, shoes, accessory, and of nothing."""
GROUND = 245


def sheet(samples: list[Arrays], found: list[Arrays]) -> Image.Image:
    """Picture; normals, parts, front and back depth, view from the side: guess then truth of each."""
    rows = [np.concatenate(_row(sample, maps), 1) for sample, maps in zip(samples, found, strict=True)]
    return Image.fromarray(np.concatenate(rows, 0))


def _row(sample: Arrays, maps: Arrays) -> list[np.ndarray]:
    side = sample["picture"].shape[0]
    alpha = sample["picture"][..., 3:] / 255
    picture = sample["picture"][..., :3] * alpha + GROUND * (1 - alpha)
    if "alpha" in maps:
        guess = expit(maps["alpha"].transpose(1, 2, 0))
        return [_panel(v, side) for v in (sample["paper"], _rgb(255 * guess), _rgb(255 * alpha), picture)]
    inside = alpha[..., 0] > 0.5
    half = inside[::2, ::2]
    normals = np.where(inside[..., None], maps["normals"].transpose(1, 2, 0) * 127.5 + 127.5, GROUND)
    true_normals = np.where(sample["normals"].any(-1, keepdims=True), sample["normals"] + 127.5, GROUND)
    parts = PAINT[np.where(inside, maps["parts"].argmax(0), -1)]
    probability = expit(maps["occupancy"].transpose(1, 2, 0))
    guess = solid_bins(probability, half)
    truth = np.unpackbits(sample["occupancy"], -1).astype(bool)
    depths = [*maps["depth"], *sample["depth"].astype(np.float32)]
    shown = [picture, normals, true_normals, parts, PAINT[sample["parts"]]]
    shown += [
        _rgb(np.where(half, (d + 0.4) / 0.8 * 255, GROUND))
        for d in (depths[0], depths[2], depths[1], depths[3])
    ]
    shown += [_side(guess, probability * half[..., None]), _side(truth, truth)]
    return [_panel(v, side) for v in shown]


def _side(solid: np.ndarray, amount: np.ndarray) -> np.ndarray:
    """Rows and depth, front to the left: dark where a ray from the side meets matter, by how much."""
    shade = 120 - 90 * np.clip(amount.sum(1) / 12, 0, 1)
    return _rgb(np.where(solid.any(1), shade, GROUND))


def _rgb(grey: np.ndarray) -> np.ndarray:
    return np.repeat(grey.reshape(*grey.shape[:2], 1), 3, -1)


def _panel(picture: np.ndarray, side: int) -> np.ndarray:
    """u8, `side` high; maps at half resolution are doubled."""
    times = side // picture.shape[0]
    return np.clip(picture, 0, 255).astype(np.uint8).repeat(times, 0).repeat(times, 1)
