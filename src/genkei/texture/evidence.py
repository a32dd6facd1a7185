"""What one view says about the surface: trusted pixels, and colours without background."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float32

from genkei.geometry import contours
from genkei.geometry.mesh import vertex_normals
from genkei.geometry.raster import Hits, corner_values
from genkei.nets.look import PARTS, Look
from genkei.texture.features import Head, second_face
from genkei.texture.layers import behind_edges, claimed
from genkei.texture.surface import blur
from genkei.types import Camera, Cue, Mesh, View

OVERHANG = 5.0
"""Pixels of a picture 1024 px high by which a drawn hand may be wider than its solid arm: that much of the
surface behind is not believed where the solid has no layers apart."""
BESIDE = 28.0
"""Pixels of a picture 1024 px high by which an arm of the solid may stand beside the drawn one."""
CALM = 4
"""Rounds over the mesh that smooth its normals before lines are judged by them."""
FACING = 0.9
"""Cosine to the front or back from which the head is exempt from the test of layers."""


@dataclass(frozen=True)
class Told:
    """What others know of a view, per pixel; empty maps where nobody said anything."""

    lines: Float32[np.ndarray, "h w"]
    """Strength of drawn lines."""
    face: Float32[np.ndarray, "h w"]
    """Chance of a face."""

    @staticmethod
    def nothing() -> "Told":
        return Told(np.zeros((0, 0), np.float32), np.zeros((0, 0), np.float32))


def told_of(views: tuple[View, ...], looks: tuple[Look, ...], lines: tuple[Cue, ...]) -> tuple[Told, ...]:
    """Per view: its lines, which come in the order of the first views, and the look at it.

    ValueError for lines that do not fit the views.
    """
    sizes = [view.mask.shape for view in views]
    if len(lines) > len(views) or any(cue.value.shape[:2] != s for cue, s in zip(lines, sizes, strict=False)):
        found = ", ".join("x".join(map(str, cue.value.shape[:2])) for cue in lines)
        raise ValueError(
            f"lines of {found} px were given for {len(views)} views of "
            f"{', '.join('x'.join(map(str, s)) for s in sizes)} px; give one map a view, of its size"
        )
    told = [Told.nothing() for _ in views]
    for k, cue in enumerate(lines):
        seen = [look for look in looks if look.view.camera.azimuth_deg == views[k].camera.azimuth_deg]
        face = seen[0].labels.value[..., PARTS.index("face")] if seen else np.zeros(sizes[k], np.float32)
        told[k] = Told(cue.value[..., 0], face)
    return tuple(told)


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
    mesh: Mesh,
    view: View,
    rim_px: float,
    contour_px: float,
    keep_contours: bool,
    head: Head | None = None,
    told: Told = Told.nothing(),
) -> Evidence:
    """Both widths are in pixels of a picture 1024 px high; thicker outlines count in full.

    Where contours are drawn and not kept, they take the colour of the surface beside them, and lines between
    two layers of the solid are not believed. ValueError for an empty view.
    """
    from scipy.ndimage import distance_transform_edt

    from genkei.geometry.raster import rasterise

    height, width = view.mask.shape
    if not view.mask.any():
        raise ValueError(f"the {view.name} view is empty: no pixel is opaque; give a drawing or leave it out")
    pixel = height / 1024
    hits = rasterise(mesh.vertices, mesh.faces, view.camera, height, width)
    distance = contours.inwards(view)
    cosine = _cosine(mesh, hits, view.camera)
    found = contours.inked(view, contour_px, told.lines, told.face, cosine, hits.depth, keep_contours)
    ramp = np.clip((distance - 0.5) / max(rim_px * pixel, 1), 0, 1)
    of_head = _of_head(view, head)
    reach = max(rim_px * pixel, OVERHANG * pixel, 2)
    trust = ramp * behind_edges(hits.depth, np.where(of_head, 2.0, reach))
    agreed, border = claimed(view, hits.depth, BESIDE * pixel)
    agreed[of_head] = 1
    border &= agreed < 1
    trust = trust * agreed * ~second_face(view, head, hits.depth)
    if found.told and border.any():
        beside = np.asarray(distance_transform_edt(~border)) <= found.stroke_px + 1
        trust = trust * ~(found.line & beside)
    colour = contours.without(view, found.contour)
    ink = found.line | found.contour
    return Evidence(view.camera, colour, hits.depth, trust.astype(np.float32), ink, view.drawn)


def _cosine(mesh: Mesh, hits: Hits, camera: Camera) -> Float32[np.ndarray, "h w"]:
    """How far what each pixel sees faces the viewer, smoothed over the surface; 1 beside the solid."""
    facing = -(vertex_normals(mesh) @ camera.axes[2])
    calm = blur(mesh.faces, facing[:, None], CALM)
    seen = hits.triangle >= 0
    cosine = np.ones(seen.shape, np.float32)
    cosine[seen] = corner_values(hits, calm[mesh.faces].astype(np.float32))[seen][:, 0]
    return cosine


def _of_head(view: View, head: Head | None) -> np.ndarray:
    """Pixels of the head in a view from the front or back: what hangs over a face there lies close to it."""
    rows, facing = len(view.mask), abs(float(view.camera.axes[2][2]))
    height = 0.5 + (0.5 - (np.arange(rows) + 0.5) / rows) * view.camera.span
    chosen = (height > head.chin) & (facing > FACING) if head is not None else np.zeros(rows, bool)
    return np.broadcast_to(chosen[:, None], view.mask.shape)
