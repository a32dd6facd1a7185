"""Faces and hands once more, larger: crop, paint again, paste. The drawing's reading tells where they are."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32

from genkei.geometry.camera import project
from genkei.nets.look import JOINTS, PARTS, Look

PADDING = 0.35
"""Round the face or hand, as a share of its longer side."""
HAND = 0.09
"""Side of a hand's square, in character heights."""
SURE = 0.25
"""Sharpness of a hand's joint below which it is left as it is."""
SMALLEST_PX = 12
MULTIPLE_PX = 64


@dataclass(frozen=True)
class Box:
    """A square of the drawing, in its pixels; it may reach over the border."""

    name: str
    left: float
    top: float
    side: float

    def within(self, scale: float, top: int, left: int) -> "Box":
        """The same square after the drawing was fitted into another picture."""
        return Box(self.name, self.left * scale + left, self.top * scale + top, self.side * scale)


def boxes(look: Look) -> tuple[Box, ...]:
    """The face and the hands that can be told, in the view's pixels."""
    height, width = look.view.mask.shape
    best = look.labels.value.argmax(-1)
    rows, columns = np.nonzero((best == PARTS.index("face")) & look.view.mask)
    found = []
    if len(rows) >= SMALLEST_PX**2:
        low, high = np.percentile(rows, [2, 98]), np.percentile(columns, [2, 98])
        found.append(_box("face", (*high, *low)))
    reach = HAND / look.view.camera.span * width
    axes = look.view.camera.axes.astype(np.float64)
    for name in ("leftHand", "rightHand"):
        k = JOINTS.index(name)
        if look.joints.sharpness[k] < SURE:
            continue
        u, y = look.joints.place[k].astype(np.float64)
        x, row, _ = project(
            (u * axes[0] + y * np.array([0.0, 1.0, 0.0]))[None], look.view.camera, height, width
        )[0]
        found.append(Box(name, x - reach / 2, row - reach / 2, reach))
    return tuple(box for box in found if box.side >= SMALLEST_PX)


def _box(name: str, edges: tuple[float, float, float, float]) -> Box:
    left, right, top, bottom = edges
    side = max(right - left, bottom - top) * (1 + 2 * PADDING)
    return Box(name, (left + right - side) / 2, (top + bottom - side) / 2, side)


def crop(
    picture: Float32[np.ndarray, "h w 3"], box: Box
) -> tuple[Float32[np.ndarray, "s s 3"], tuple[int, int, int, int]]:
    """The part of the box that lies in the picture, made a square by its border colours, and its edges."""
    height, width = picture.shape[:2]
    top, left = max(round(box.top), 0), max(round(box.left), 0)
    bottom, right = min(round(box.top + box.side), height), min(round(box.left + box.side), width)
    part = picture[top:bottom, left:right]
    side = max(part.shape[:2])
    square = np.pad(part, ((0, side - part.shape[0]), (0, side - part.shape[1]), (0, 0)), mode="edge")
    return square, (top, bottom, left, right)


def soft_mask(side: int) -> Float32[np.ndarray, "s s"]:
    """1 in the middle of a square, falling to 0 over its outer eighth."""
    ramp = np.clip((np.arange(side) + 0.5) / (side / 8), 0, 1)
    line = np.minimum(ramp, ramp[::-1])
    return np.minimum.outer(line, line).astype(np.float32)


def pasted(
    picture: Float32[np.ndarray, "h w 3"],
    square: Float32[np.ndarray, "s s 3"],
    edges: tuple[int, int, int, int],
) -> Float32[np.ndarray, "h w 3"]:
    """The picture with a repainted square blended in."""
    top, bottom, left, right = edges
    tall, wide = bottom - top, right - left
    weight = soft_mask(square.shape[0])[:tall, :wide, None]
    out = picture.copy()
    out[top:bottom, left:right] = (1 - weight) * out[top:bottom, left:right] + weight * square[:tall, :wide]
    return out
