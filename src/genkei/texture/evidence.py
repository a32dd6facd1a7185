"""What one view says about the surface: trusted pixels, and colours without background."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float32

from genkei.geometry.colour import to_lab
from genkei.types import Camera, Mesh, View

JUMP = 0.02
"""Depth step in character heights that is an edge and not a slope: a 75-degree slope steps 0.004 a pixel."""


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


def collect(mesh: Mesh, view: View, rim_px: float, contour_px: float, keep_contours: bool) -> Evidence:
    """Both widths are in pixels of a picture 1024 px high. ValueError when the view shows nothing.

    Unless kept, contour lines take the colour of the surface beside them.
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
    ink = _ink(view, contour_px * pixel)
    solid = view.rgba[..., 3] > 0.95
    solid = solid if solid.any() else view.mask
    contour = ink & (distance <= max(contour_px * pixel, 1) + 1)
    if not keep_contours and (solid & ~contour).any():
        solid = solid & ~contour
    nearest = np.asarray(distance_transform_edt(~solid, return_distances=False, return_indices=True))
    colour = np.ascontiguousarray(view.rgba[..., :3][nearest[0], nearest[1]])
    ramp = np.clip((distance - 0.5) / max(rim_px * pixel, 1), 0, 1)
    trust = ramp * _clear_of_occluders(depth, max(rim_px * pixel, 2))
    return Evidence(view.camera, colour, depth, trust.astype(np.float32), ink, view.drawn)


def _clear_of_occluders(depth: np.ndarray, reach_px: float) -> np.ndarray:
    """1, falling to 0 on far surface next to the edge of something nearer; the nearer side keeps 1.

    Bilinear look-up reaches 1.5 px, so `reach_px` below 2 would let the nearer colour in.
    """
    from scipy.ndimage import distance_transform_edt, maximum_filter

    finite = np.where(np.isfinite(depth), depth, depth[np.isfinite(depth)].max(initial=0) + 1)
    edge = maximum_filter(finite, 3) - finite > JUMP
    if not edge.any():
        return np.ones(depth.shape)
    nearest = np.asarray(distance_transform_edt(~edge, return_distances=False, return_indices=True))
    away = np.linalg.norm(nearest - np.indices(depth.shape), axis=0)
    behind = finite - finite[nearest[0], nearest[1]] > JUMP / 2
    return np.where(behind, np.clip((away - reach_px) / (1.5 * reach_px), 0, 1), 1.0)


def _ink(view: View, width_px: float) -> np.ndarray:
    """Pixels far darker than the brightest one beside them, on lines at most twice `width_px` wide.

    15 L* is a clear step. A grey closing with the paper taken as white removes thin dark things only, so that
    dark shoes or hair that reach the silhouette are left alone.
    """
    from scipy.ndimage import binary_dilation, grey_closing, maximum_filter

    lightness = np.zeros(view.mask.shape, np.float32)
    lightness[view.mask] = to_lab(view.rgba[view.mask, :3])[:, 0]
    reach = 2 * int(np.ceil(width_px)) + 1
    brightest = maximum_filter(lightness, reach)
    closed = grey_closing(np.where(view.mask, lightness, 100), reach)
    line = view.mask & (lightness < np.minimum(brightest, closed) - 15)
    # the soft edge of the line is one pixel more
    return np.asarray(binary_dilation(line, np.ones((3, 3)))) & view.mask
