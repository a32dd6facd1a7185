"""Where a drawing's viewer stands round a solid of unknown front: outline and colours decide."""

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Float32, UInt8

from genkei.geometry.render import render
from genkei.geometry.score import colour_distances, silhouette_iou
from genkei.types import Camera, Mesh, View

COARSE_PX, FINE_PX = 96, 256
"""Sides of the pictures in which turns, and then scale and offset, are tried."""
STEP_DEG = 15.0
"""Of the turns that are tried first; the best two are refined."""
COLOUR_WORTH = 0.01
"""Overlap of outlines that one CIE Lab unit of difference is worth: outlines cannot tell front from back."""
SHIFT = 0.12
"""Character heights by which the drawn outline may stand aside of the solid's."""
TURN_WORTH = 1e-4
"""Overlap that a degree is worth: of equals, the front the file states is kept."""


@dataclass(frozen=True)
class Facing:
    """How the drawing sees the solid."""

    turn_deg: float
    """Azimuth of the drawing's viewer in the solid's own frame."""
    camera: Camera
    """The drawing's, for the solid once it is turned by that: scale and offset make the outlines meet."""
    overlap: float
    """Intersection over union of the two outlines, 1 = identical."""
    colour_error: float
    """Mean CIE Lab distance where both show the character."""


def turned(mesh: Mesh, azimuth_deg: float) -> Mesh:
    """The solid turned about the upright axis so that what was seen from the azimuth is its front; x and z
    centred on its box again."""
    turn = np.radians(azimuth_deg)
    x, y, z = mesh.vertices.astype(np.float64).T
    points = np.stack([x * np.cos(turn) - z * np.sin(turn), y, x * np.sin(turn) + z * np.cos(turn)], 1)
    low, high = points.min(0), points.max(0)
    points[:, [0, 2]] -= ((low + high) / 2)[[0, 2]]
    return Mesh(points.astype(np.float32), mesh.faces)


def facing(
    mesh: Mesh, uv: Float32[np.ndarray, "f 3 2"], texture: UInt8[np.ndarray, "th tw 3"], view: View
) -> Facing:
    """From where the drawing, a level orthographic view, sees the solid: both 1 high with their feet at 0."""
    drawn = shrunk(view, COARSE_PX)
    level = laid(drawn.camera, rows_of(view))

    def rated(azimuth: float) -> tuple[float, float]:
        seen = render(turned(mesh, azimuth), uv, texture, level, COARSE_PX)
        overlap, shift = shifted_overlap(seen[..., 3] > 0.5, drawn.mask, drawn.camera.span)
        apart = colour_distances(np.roll(seen, shift, axis=1), drawn.rgba)
        error = float(apart.mean()) if apart.size else 100.0
        bend = abs((azimuth + 180) % 360 - 180)
        return overlap - COLOUR_WORTH * error - TURN_WORTH * bend, azimuth

    found = sorted((rated(a) for a in np.arange(0, 360, STEP_DEG)), reverse=True)
    best = [azimuth for _, azimuth in found[:2]]
    for step in (STEP_DEG / 2, STEP_DEG / 4, STEP_DEG / 8):
        best = [max(rated(a + d * step) for d in (-1, 0, 1))[1] for a in best]
    azimuth = max(rated(a) for a in best)[1] % 360
    return replace(_fitted(turned(mesh, azimuth), uv, texture, view), turn_deg=float(azimuth))


def rows_of(view: View) -> np.ndarray:
    """Scale, 0 and offset upwards at which a solid from 0 to 1 reaches over the drawing's rows."""
    rows = np.flatnonzero(view.mask.any(1))
    size, span = len(view.mask), view.camera.span
    height = (rows[-1] + 1 - rows[0]) / size * span
    middle = 0.5 + (0.5 - (rows[-1] + 1 + rows[0]) / 2 / size) * span
    return np.array([height, 0.0, middle - 0.5])


def shrunk(view: View, size_px: int) -> View:
    """The same view in a smaller picture, area means."""
    from PIL import Image

    rgba = np.concatenate([view.rgba[..., :3] * view.rgba[..., 3:], view.rgba[..., 3:]], -1)
    small = np.stack(
        [
            np.asarray(
                Image.fromarray(np.ascontiguousarray(c)).resize((size_px, size_px), Image.Resampling.BOX)
            )
            for c in np.moveaxis(rgba, 2, 0)
        ],
        -1,
    )
    colour = small[..., :3] / np.maximum(small[..., 3:], 1e-3)
    return replace(view, rgba=np.dstack([np.clip(colour, 0, 1), small[..., 3]]).astype(np.float32))


def shifted_overlap(
    seen: Bool[np.ndarray, "s s"], drawn: Bool[np.ndarray, "s s"], span: float
) -> tuple[float, int]:
    """Best intersection over union for any sideways shift of `seen` up to SHIFT, and that shift in pixels."""
    reach = int(SHIFT / span * len(seen))
    rated = [
        (silhouette_iou(np.roll(seen, shift, axis=1), drawn), -abs(shift), shift)
        for shift in range(-reach, reach + 1)
    ]
    overlap, _, shift = max(rated)
    return overlap, shift


def _fitted(
    mesh: Mesh, uv: Float32[np.ndarray, "f 3 2"], texture: UInt8[np.ndarray, "th tw 3"], view: View
) -> Facing:
    """Scale and offset by coordinate descent on the overlap of the outlines."""
    drawn = shrunk(view, FINE_PX)

    def overlap(place: np.ndarray) -> float:
        seen = render(mesh, uv, texture, laid(drawn.camera, place), FINE_PX)
        return silhouette_iou(seen[..., 3] > 0.5, drawn.mask)

    place = rows_of(view)
    seen = render(mesh, uv, texture, laid(drawn.camera, place), FINE_PX)[..., 3] > 0.5
    _, shift = shifted_overlap(seen, drawn.mask, drawn.camera.span)
    place[1] = shift * drawn.camera.span / FINE_PX
    best, step = overlap(place), np.array([0.04, 0.02, 0.02])
    for _ in range(ROUNDS):
        for axis in range(3):
            for sign in (-1, 1):
                tried = place.copy()
                tried[axis] += sign * step[axis]
                rated = overlap(tried)
                if rated > best:
                    best, place = rated, tried
        step = step / 2
    camera = laid(view.camera, place)
    apart = colour_distances(render(mesh, uv, texture, laid(drawn.camera, place), FINE_PX), drawn.rgba)
    return Facing(0.0, camera, best, float(apart.mean()) if apart.size else 100.0)


ROUNDS = 4
"""Of halving: the last step is 0.25 % of the height, a pixel of 1024 is 0.12 %."""


def laid(camera: Camera, place: np.ndarray) -> Camera:
    """The camera that sees a solid as `camera` sees it scaled about (0, 0.5, 0) and moved right and up."""
    scale, right, up = place
    move = np.eye(4)
    move[:3, :3] *= scale
    move[:3, 3] = (1 - scale) * np.array([0, 0.5, 0]) + right * camera.axes[0] + up * camera.axes[1]
    return Camera((camera.world_to_clip.astype(np.float64) @ move).astype(np.float32))
