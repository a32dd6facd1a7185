"""What one drawn view says about the surface: which pixels can be trusted, and their colours without background."""

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
    contour: Bool[np.ndarray, "h w"]
    """Dark line along the silhouette: true to the drawing, but no colour of the surface."""


def collect(mesh: Mesh, view: View, rim_px: float, contour_px: float) -> Evidence:
    """Both widths are in pixels of a picture 1024 px high. ValueError when the view shows nothing."""
    from scipy.ndimage import distance_transform_edt

    from genkei.geometry.raster import rasterise

    height, width = view.mask.shape
    if not view.mask.any():
        raise ValueError(f"the {view.name} view is empty: no pixel is opaque; give a drawing or leave it out")
    pixel = height / 1024
    depth = rasterise(mesh.vertices, mesh.faces, view.camera, height, width).depth
    inside = np.pad(view.mask, 1)
    distance = np.asarray(distance_transform_edt(inside))[1:-1, 1:-1]
    solid = view.rgba[..., 3] > 0.95
    solid = solid if solid.any() else view.mask
    nearest = np.asarray(distance_transform_edt(~solid, return_distances=False, return_indices=True))
    colour = np.ascontiguousarray(view.rgba[..., :3][nearest[0], nearest[1]])
    ramp = np.clip((distance - 0.5) / max(rim_px * pixel, 1), 0, 1)
    trust = ramp * _clear_of_occluders(depth, max(rim_px * pixel, 1))
    contour = _contour(colour, view.mask, distance, contour_px * pixel)
    return Evidence(view.camera, colour, depth, trust.astype(np.float32), contour)


def _clear_of_occluders(depth: np.ndarray, reach_px: float) -> np.ndarray:
    """1, falling to 0 on far surface next to the edge of something nearer; the nearer side keeps 1."""
    from scipy.ndimage import distance_transform_edt, maximum_filter

    finite = np.where(np.isfinite(depth), depth, depth[np.isfinite(depth)].max(initial=0) + 1)
    edge = maximum_filter(finite, 3) - finite > JUMP
    if not edge.any():
        return np.ones(depth.shape)
    away, nearest = distance_transform_edt(~edge, return_indices=True)
    behind = finite - finite[nearest[0], nearest[1]] > JUMP / 2
    return np.where(behind, np.clip((np.asarray(away) - 1) / (1.5 * reach_px), 0, 1), 1.0)


def _contour(colour: np.ndarray, mask: np.ndarray, distance: np.ndarray, width_px: float) -> np.ndarray:
    """Pixels of the rim that are far darker than the brightest one beside them: 15 L* is a clear step."""
    from scipy.ndimage import maximum_filter

    lightness = np.where(mask, to_lab(colour)[..., 0], 0.0)
    brightest = maximum_filter(lightness, 2 * int(np.ceil(width_px)) + 1)
    return (distance <= max(width_px, 1)) & (lightness < brightest - 15)
