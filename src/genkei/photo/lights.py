"""Softboxes round a figure, and how much of each a point sees."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import no_type_check

import numpy as np
from jaxtyping import Float, Float32, Int
from numba import njit

PATTERN = 4
"""Neighbouring samples look at different points of a light, repeating every 4 x 4; the mean of such a block
is a smooth shadow (interleaved sampling, Keller and Heidrich 2001)."""
START = 1.5e-3
"""Shadow rays start this far above the surface, in heights."""
SKY_REACH = 0.6
"""What is further away than this (heights) does not darken a crevice."""
FLAT_COS = 0.85
NEAR = 6e-3
"""The mean is taken over samples on one surface: similar normals, within this of the plane (heights)."""


@dataclass(frozen=True)
class Light:
    """A round softbox that looks at the middle of the figure."""

    azimuth_deg: float
    """Seen from the camera: 0 behind it, 90 at its right, 180 behind the figure."""
    elevation_deg: float
    distance: float
    """In heights."""
    radius: float
    """In heights: larger is softer."""
    strength: float
    colour: tuple[float, float, float] = (1.0, 1.0, 1.0)

    def place(self, camera_azimuth_deg: float) -> Float[np.ndarray, "3"]:
        turn = math.radians(camera_azimuth_deg + self.azimuth_deg)
        rise = math.radians(self.elevation_deg)
        level = self.distance * math.cos(rise)
        return np.array(
            [level * math.sin(turn), 0.5 + self.distance * math.sin(rise), level * math.cos(turn)]
        )


KEY = Light(-38, 42, 2.6, 0.55, 0.86, (1.0, 0.98, 0.95))
FILL = Light(50, 18, 3.0, 1.1, 0.30, (0.98, 0.98, 1.0))
RIM = Light(158, 38, 2.4, 0.5, 0.62, (0.98, 0.99, 1.0))


def light_points(light: Light, camera_azimuth_deg: float) -> Float[np.ndarray, "16 3"]:
    """Sixteen points of the softbox, one for every place of the pattern."""
    centre = light.place(camera_azimuth_deg)
    inward = np.array([0.0, 0.5, 0.0]) - centre
    inward /= np.linalg.norm(inward)
    right = np.cross(inward, [0.0, 1.0, 0.0])
    right /= np.linalg.norm(right)
    up = np.cross(right, inward)
    u, v = _square_points()
    radius, angle = light.radius * np.sqrt(u), 2 * math.pi * v
    return centre + np.outer(radius * np.cos(angle), right) + np.outer(radius * np.sin(angle), up)


def sky_directions(normals: Float[np.ndarray, "n 3"], which: Int[np.ndarray, "n"]) -> np.ndarray:
    """One direction over each normal, cosine-weighted, by the place in the pattern."""
    u, v = (points[which % PATTERN**2] for points in _square_points())
    radius, angle = np.sqrt(u), 2 * math.pi * v
    sign = np.where(normals[:, 2] >= 0, 1.0, -1.0)  # Duff et al. 2017: a frame without a pole
    a = -1 / (sign + normals[:, 2])
    b = normals[:, 0] * normals[:, 1] * a
    first = np.stack([1 + sign * normals[:, 0] ** 2 * a, sign * b, -sign * normals[:, 0]], 1)
    second = np.stack([b, sign + normals[:, 1] ** 2 * a, -normals[:, 1]], 1)
    rise = np.sqrt(np.maximum(1 - u, 0))
    return (
        (radius * np.cos(angle))[:, None] * first
        + (radius * np.sin(angle))[:, None] * second
        + rise[:, None] * normals
    )


def _square_points() -> tuple[np.ndarray, np.ndarray]:
    """Hammersley's sixteen points of the unit square, shuffled so that neighbours differ."""
    k = (np.arange(16) * 7) % 16
    bits = (k & 1) * 8 + (k & 2) * 2 + (k & 4) // 2 + (k & 8) // 8
    return (k + 0.5) / 16, (bits + 0.5) / 16


def pattern(rows: Int[np.ndarray, "n"], columns: Int[np.ndarray, "n"]) -> Int[np.ndarray, "n"]:
    """Place in the 4 x 4 pattern of each sample."""
    return (rows % PATTERN) * PATTERN + columns % PATTERN


def visible(
    first_hit: Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]],
    points: Float[np.ndarray, "n 3"],
    targets: Float[np.ndarray, "n 3"],
) -> Float32[np.ndarray, "n"]:
    """1 where nothing stands between a point and its target, 0 where something does."""
    way = targets - points
    length = np.linalg.norm(way, axis=1)
    distance = first_hit(points, way / length[:, None])[1]
    return (distance > length).astype(np.float32)


@njit(cache=True)
@no_type_check  # the shape checker of the tests must not wrap what numba compiles
def block_means(values, normals, points, there):
    """Mean of [h, w, c] values over the 4 x 4 samples round each, those of its own surface only."""
    height, width, channels = values.shape
    out = np.zeros_like(values)
    for y in range(height):
        for x in range(width):
            if not there[y, x]:
                continue
            weight = 0.0
            for dy in range(-2, 2):
                for dx in range(-2, 2):
                    v, u = y + dy, x + dx
                    if v < 0 or u < 0 or v >= height or u >= width or not there[v, u]:
                        continue
                    along = 0.0
                    off = 0.0
                    for k in range(3):
                        along += normals[y, x, k] * normals[v, u, k]
                        off += normals[y, x, k] * (points[v, u, k] - points[y, x, k])
                    if along < FLAT_COS or abs(off) > NEAR:
                        continue
                    weight += 1.0
                    for c in range(channels):
                        out[y, x, c] += values[v, u, c]
            for c in range(channels):
                out[y, x, c] /= weight
    return out
