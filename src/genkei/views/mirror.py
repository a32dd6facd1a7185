"""An orthographic silhouette seen from behind is the mirrored silhouette: every view gives its opposite."""

import math
from dataclasses import dataclass

import numpy as np

from genkei.geometry.camera import turned_deg
from genkei.types import Camera, Sheet, View


@dataclass(frozen=True)
class Mirrored:
    """Adds the opposite of every drawn view whose opposite nobody drew.

    Its outline is exact; a view in perspective has no such opposite. A side lends its colours too, since most
    characters are nearly symmetric; a front never does, or there would be a face on the back of the head.
    """

    same_deg: float = 20.0
    """A drawn view nearer than this to the opposite direction counts as that side; larger guesses less."""

    def __call__(self, sheet: Sheet) -> tuple[View, ...]:
        """The drawn views first, then the guessed ones: `drawn` False, `coloured` for sides only."""
        azimuths = [view.camera.azimuth_deg for view in sheet.views]
        missing = [
            view
            for view, azimuth in zip(sheet.views, azimuths, strict=True)
            if view.camera.is_orthographic
            and all(turned_deg(azimuth + 180, other) > self.same_deg for other in azimuths)
        ]
        return (*sheet.views, *(_opposite(view) for view in missing))


SIDEWAYS = 0.9
"""Sine of the azimuth from which a view counts as a side (64 degrees): before, it shows the face."""


def _opposite(view: View) -> View:
    azimuth = view.camera.azimuth_deg
    side = abs(math.sin(math.radians(azimuth))) > SIDEWAYS
    rgba = np.ascontiguousarray(view.rgba[:, ::-1])
    if not side:
        rgba = np.concatenate([np.zeros_like(rgba[..., :3]), rgba[..., 3:]], axis=-1)
    camera = Camera.orthographic(azimuth + 180, view.camera.span, -view.camera.elevation_deg)
    return View(rgba, camera, drawn=False, coloured=side)
