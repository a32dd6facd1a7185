"""What one view says about the surface: trusted pixels, and colours without background."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float32

from genkei.geometry.colour import to_lab
from genkei.texture.features import Head, second_face
from genkei.texture.layers import behind_edges, claimed
from genkei.types import Camera, Mesh, View

OVERHANG = 5.0
"""Pixels of a picture 1024 px high by which a drawn hand may be wider than its solid arm: that much of the
surface behind is not believed where the solid has no layers apart."""
BESIDE = 28.0
"""Pixels of a picture 1024 px high by which an arm of the solid may stand beside the drawn one."""
FACING = 0.9
"""Cosine to the front or back from which the head is exempt from the test of layers."""
STEP = 15.0
"""L* by which a line is darker than what it borders."""
DARK = 45.0
"""L* of the lightest outline."""
THICKEST = 20.0
"""Pixels of a picture 1024 px high that an outline may be wide."""


@dataclass(frozen=True)
class Evidence:
    """Per pixel of one view."""

    camera: Camera
    colour: Float32[np.ndarray, "h w 3"]
    """The drawing; outside it, the nearest opaque colour."""
    depth: Float32[np.ndarray, "h w"]
    """Of the mesh; inf beside it."""
    trust: Float32[np.ndarray, "h w"]
    """0 outside the drawing and behind occluding edges, rising to 1 over the rim."""
    ink: Bool[np.ndarray, "h w"]
    """Thin dark lines: true where they are drawn, but no colour for the surface beside them."""
    drawn: bool
    """False for a view that is itself a guess."""


def collect(
    mesh: Mesh, view: View, rim_px: float, contour_px: float, keep_contours: bool, head: Head | None = None
) -> Evidence:
    """Both widths are in pixels of a picture 1024 px high; thicker outlines count in full.

    Unless kept, contour lines along the silhouette take the colour of the surface beside them, and those
    between two layers of the solid are not believed. ValueError for an empty view.
    """
    from scipy.ndimage import distance_transform_edt

    from genkei.geometry.raster import rasterise

    height, width = view.mask.shape
    if not view.mask.any():
        raise ValueError(f"the {view.name} view is empty: no pixel is opaque; give a drawing or leave it out")
    pixel = height / 1024
    depth = rasterise(mesh.vertices, mesh.faces, view.camera, height, width).depth
    inside = np.pad(view.mask, 1)
    distance = np.asarray(distance_transform_edt(inside))[1:-1, 1:-1]
    contour_px = stroke_width(view, contour_px * pixel, THICKEST * pixel) / pixel
    ink = _ink(view, contour_px * pixel)
    solid = view.rgba[..., 3] > 0.95
    solid = solid if solid.any() else view.mask
    contour = ink & (distance <= max(contour_px * pixel, 1) + 1)
    if not keep_contours and (solid & ~contour).any():
        solid = solid & ~contour
    nearest = np.asarray(distance_transform_edt(~solid, return_distances=False, return_indices=True))
    colour = np.ascontiguousarray(view.rgba[..., :3][nearest[0], nearest[1]])
    ramp = np.clip((distance - 0.5) / max(rim_px * pixel, 1), 0, 1)
    of_head = _of_head(view, head)
    trust = ramp * behind_edges(depth, np.where(of_head, 2.0, max(rim_px * pixel, OVERHANG * pixel, 2)))
    agreed, border = claimed(view, depth, BESIDE * pixel)
    agreed[of_head] = 1
    border &= agreed < 1
    trust = trust * agreed * ~second_face(view, head, depth)
    if not keep_contours and border.any():
        beside = np.asarray(distance_transform_edt(~border)) <= contour_px * pixel + 1
        trust = trust * ~(ink & beside)
    return Evidence(view.camera, colour, depth, trust.astype(np.float32), ink, view.drawn)


def _of_head(view: View, head: Head | None) -> np.ndarray:
    """Pixels of the head in a view from the front or back: what hangs over a face there lies close to it."""
    rows, facing = len(view.mask), abs(float(view.camera.axes[2][2]))
    height = 0.5 + (0.5 - (np.arange(rows) + 0.5) / rows) * view.camera.span
    chosen = (height > head.chin) & (facing > FACING) if head is not None else np.zeros(rows, bool)
    return np.broadcast_to(chosen[:, None], view.mask.shape)


def stroke_width(view: View, least_px: float, most_px: float) -> float:
    """Median width in pixels of the dark rim along the silhouette, `least_px` where a light rim prevails.

    Inwards from the silhouette a stroke ends where it is STEP lighter than the darkest of its first pixels.
    """
    from scipy.ndimage import distance_transform_edt

    mask = view.mask
    distance = np.asarray(distance_transform_edt(np.pad(mask, 1)))[1:-1, 1:-1]
    rim = np.argwhere((distance >= 1.5) & (distance < 2.6))
    row, column = np.gradient(distance)
    inward = np.stack([row, column], -1)[rim[:, 0], rim[:, 1]]
    inward = inward / np.maximum(np.linalg.norm(inward, axis=1, keepdims=True), 1e-6)
    lightness = np.zeros(mask.shape)
    lightness[mask] = to_lab(view.rgba[mask, :3])[:, 0]
    steps = np.arange(int(1.5 * most_px) + 4)
    at = np.round(rim[:, None] + steps[:, None] * inward[:, None]).astype(np.int64)
    at = np.clip(at, 0, np.array(mask.shape) - 1)
    profile = lightness[at[..., 0], at[..., 1]]
    lighter = profile > profile[:, :3].min(1, keepdims=True) + STEP
    dark = profile[:, :3].min(1) < DARK
    ends = lighter.any(1) & dark
    if ends.sum() < 0.3 * max(len(rim), 1):
        return least_px
    return float(np.clip(np.median(lighter[ends].argmax(1)) + 3, least_px, most_px))


def _ink(view: View, width_px: float) -> np.ndarray:
    """Pixels far darker than the brightest one beside them, on lines at most twice `width_px` wide.

    A grey closing with the paper taken as white removes thin dark things only, so that
    dark shoes or hair that reach the silhouette are left alone.
    """
    from scipy.ndimage import binary_dilation, grey_closing, maximum_filter

    lightness = np.zeros(view.mask.shape, np.float32)
    lightness[view.mask] = to_lab(view.rgba[view.mask, :3])[:, 0]
    reach = 2 * int(np.ceil(width_px)) + 1
    brightest = maximum_filter(lightness, reach)
    closed = grey_closing(np.where(view.mask, lightness, 100), reach)
    line = view.mask & (lightness < np.minimum(brightest, closed) - STEP)
    # the soft edge of the line is one pixel more
    return np.asarray(binary_dilation(line, np.ones((3, 3)))) & view.mask
