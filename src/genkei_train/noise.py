"""Smooth random fields: the wobble of a hand, the tooth of paper, clouds."""

from typing import no_type_check

import numpy as np
from jaxtyping import Float32
from numba import njit


def smooth_noise(
    rng: np.random.Generator, shape: tuple[int, int], cell_px: float, octaves: int = 1
) -> Float32[np.ndarray, "h w"]:
    """Values in -1..1 around 0 that change over about `cell_px` pixels; each octave halves both."""
    field = np.zeros(shape, np.float32)
    weight, total = 1.0, 0.0
    for _ in range(octaves):
        cell = max(cell_px, 1.0)
        knots = (int(shape[0] / cell) + 3, int(shape[1] / cell) + 3)
        _add_noise(field, rng.uniform(-1, 1, knots).astype(np.float32), rng.random(2), cell, weight)
        total += weight
        weight, cell_px = weight / 2, cell_px / 2
    return field / np.float32(total)


@njit(cache=True)
@no_type_check
def _add_noise(field, knots, offset, cell, weight):
    height, width = field.shape
    for y in range(height):
        fy = y / cell + offset[0]
        iy = int(fy)
        ty = fy - iy
        ty = ty * ty * (3 - 2 * ty)
        for x in range(width):
            fx = x / cell + offset[1]
            ix = int(fx)
            tx = fx - ix
            tx = tx * tx * (3 - 2 * tx)
            top = knots[iy, ix] * (1 - tx) + knots[iy, ix + 1] * tx
            bottom = knots[iy + 1, ix] * (1 - tx) + knots[iy + 1, ix + 1] * tx
            field[y, x] += weight * (top * (1 - ty) + bottom * ty)


def blurred(image: Float32[np.ndarray, "h w c"], radius_px: int) -> Float32[np.ndarray, "h w c"]:
    """Mean over squares of 2 * radius + 1 pixels; beyond the edges it is 0."""
    if radius_px < 1:
        return image
    across = _running_mean(np.ascontiguousarray(image), radius_px)
    down = _running_mean(np.ascontiguousarray(across.transpose(1, 0, 2)), radius_px)
    return np.ascontiguousarray(down.transpose(1, 0, 2))


@njit(cache=True)
@no_type_check
def _running_mean(image, radius):
    height, width, channels = image.shape
    out = np.empty_like(image)
    share = np.float32(1.0 / (2 * radius + 1))
    total = np.zeros(channels, np.float32)
    for y in range(height):
        total[:] = 0
        for x in range(-radius, width):
            for c in range(channels):
                if x + radius < width:
                    total[c] += image[y, x + radius, c]
                if x - radius > 0:
                    total[c] -= image[y, x - radius - 1, c]
                if x >= 0:
                    out[y, x, c] = total[c] * share
    return out
