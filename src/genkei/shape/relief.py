"""Reliefs: what a cue says of the surface that a view sees, as depth and normals per pixel."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32

from genkei.geometry.camera import unproject
from genkei.geometry.poisson import Oriented
from genkei.types import Camera, Cue, View

STEEPEST = 0.2
"""Cosine to the viewer below which a pixel stands for no more surface: it may be a jump."""


@dataclass(frozen=True)
class Relief:
    """Depth and normals of one orthographic view, square pictures of any size that show its span."""

    camera: Camera
    depth: Cue
    """Character heights from the axis that views turn about, towards the viewer; one channel."""
    normals: Cue
    """In the view's frame: x right, y up, z towards the viewer."""

    @property
    def points(self) -> Oriented:
        """The surface where both are told, in character space."""
        sure = np.minimum(self.depth.confidence, self.normals.confidence)
        rows, columns = np.nonzero(sure > 0)
        size = len(sure)
        right, up, forward = self.camera.axes
        pixels = np.stack([columns + 0.5, rows + 0.5, -self.depth.value[rows, columns, 0]], 1)
        places = unproject(pixels.astype(np.float32), self.camera, size, size)
        told = self.normals.value[rows, columns]
        normals = told @ np.stack([right, up, -forward])
        normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-6)
        cosine = np.maximum(told[:, 2], STEEPEST)
        areas = (self.camera.span / size) ** 2 / cosine * sure[rows, columns]
        return Oriented(places.astype(np.float32), normals.astype(np.float32), areas.astype(np.float32))


TOLD = 0.7
"""Confidence from which a normal was told by someone; an inflated outline is so sure at its rim alone."""


def told_normals(views: Sequence[View], cues: Sequence[Cue]) -> tuple[Relief, ...]:
    """Of the level views whose normals are told over most of the character: normals without any depth."""
    found = []
    for view, cue in zip(views, cues, strict=True):
        told = (cue.confidence >= TOLD) & view.mask
        if abs(view.camera.elevation_deg) < LEVEL_DEG and told.sum() > 0.5 * view.mask.sum():
            nothing = Cue(np.zeros((*told.shape, 1), np.float32), np.zeros(told.shape, np.float32))
            found.append(Relief(view.camera, nothing, Cue(cue.value, told.astype(np.float32))))
    return tuple(found)


LEVEL_DEG = 5.0
"""Of a camera whose view the fit can take for level."""


def relief_of(
    camera: Camera, depth: Float32[np.ndarray, "s s"], normals: Float32[np.ndarray, "s s 3"]
) -> Relief:
    """A relief that is sure wherever the depth is finite."""
    known = np.isfinite(depth)
    sure = known.astype(np.float32)
    value = np.where(known, depth, 0).astype(np.float32)[..., None]
    return Relief(
        camera, Cue(value, sure), Cue(np.where(known[..., None], normals, 0).astype(np.float32), sure)
    )
