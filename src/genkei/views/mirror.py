"""An orthographic silhouette seen from behind is the mirrored silhouette: every view gives its opposite."""

from dataclasses import dataclass

import numpy as np

from genkei.types import Camera, Sheet, View


@dataclass(frozen=True)
class Mirrored:
    """Adds the opposite silhouette of every drawn view whose opposite nobody drew."""

    same_deg: float = 20.0
    """A drawn view nearer than this to the opposite direction counts as that side; larger guesses less."""

    def __call__(self, sheet: Sheet) -> tuple[View, ...]:
        """The drawn views first, then the guessed silhouettes (`drawn` False, colour 0)."""
        azimuths = [view.camera.azimuth_deg for view in sheet.views]
        missing = [
            view
            for view, azimuth in zip(sheet.views, azimuths, strict=True)
            if all(_angle(azimuth + 180, other) > self.same_deg for other in azimuths)
        ]
        return (*sheet.views, *(_opposite(view) for view in missing))


def _opposite(view: View) -> View:
    rgba = np.zeros_like(view.rgba)
    rgba[..., 3] = view.rgba[:, ::-1, 3]
    return View(rgba, Camera.orthographic(view.camera.azimuth_deg + 180, view.camera.span), drawn=False)


def _angle(a: float, b: float) -> float:
    """Smallest angle between two directions in degrees."""
    return abs((a - b + 180) % 360 - 180)
