"""The figure-style picture without any checkpoint: the studio's lights on the drawing itself."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from jaxtyping import Float32

from genkei.photo.drawn import Net, scene_of_drawing
from genkei.photo.scene import Scene
from genkei.photo.studio import Studio
from genkei.types import Cue, View

ELEVATION_DEG = 4.0
"""Enough to see the floor that the figure stands on; drawings are drawn from the front."""
LENS_DEG = 1.0
"""As good as parallel: a drawing knows no perspective, and its pixels stay where they are."""


@dataclass(frozen=True)
class Lit:
    """A drawing in the light, and where it lies in the picture."""

    picture: Float32[np.ndarray, "h w 3"]
    """sRGB in [0, 1]."""
    drawing: Float32[np.ndarray, "h w 4"]
    """RGBA, straight alpha: the drawing's own pixels, where the picture has them."""

    @property
    def on_white(self) -> Float32[np.ndarray, "h w 3"]:
        """The drawing on white paper."""
        alpha = self.drawing[..., 3:]
        return self.drawing[..., :3] * alpha + (1 - alpha)


@dataclass(frozen=True)
class Vinyl:
    """A drawing lit as if it were a PVC figure; `Vinyl()(view, lines)` is the picture.

    The net in the wheel tells how its surface lies, and what of it is skin; colours and outline stay the
    drawing's own. The same drawing gives the same bytes.
    """

    width_px: int = 768
    height_px: int = 1280
    backdrop: str = "auto"
    """As in `genkei.photo.Studio`, without `none`."""
    net: Net | None = field(default=None, repr=False)
    """None: the net in the wheel."""

    def __post_init__(self) -> None:
        if self.backdrop == "none":
            raise ValueError("a figure's photograph has a backdrop; wanted auto, a name, or a colour")
        _ = self.studio  # which refuses what no studio can do

    @property
    def studio(self) -> Studio:
        return Studio(0.0, ELEVATION_DEG, self.width_px, self.height_px, self.backdrop, LENS_DEG)

    def __call__(self, view: View, lines: Cue | None = None) -> Lit:
        """`lines`, those the drawing stage found, become grooves. ValueError for an empty view."""
        scene = scene_of_drawing(view, self.studio.axes, lines, self.net)
        return Lit(self.studio(scene)[..., :3], framed(view, scene, self.studio))


def framed(view: View, scene: Scene, studio: Studio) -> Float32[np.ndarray, "h w 4"]:
    """The drawing's own pixels where the studio's picture of its relief has them."""
    from scipy.ndimage import affine_transform

    size = len(view.mask)
    pixels = studio.pixels(scene, scene.soup.vertices[scene.soup.faces].reshape(-1, 3))
    known = np.concatenate([pixels, np.ones((len(pixels), 1))], 1)
    back, *_ = np.linalg.lstsq(known, scene.soup.uv.reshape(-1, 2) * size, rcond=None)
    # where a pixel of the result lies in the view: (row, column), centres at whole numbers
    turn = back[:2, ::-1].T[:, ::-1]
    offset: Any = turn @ (0.5, 0.5) + back[2, ::-1] - 0.5
    rgba = np.concatenate([view.rgba[..., :3] * view.rgba[..., 3:], view.rgba[..., 3:]], -1)
    shape = (studio.height_px, studio.width_px)
    planes = [affine_transform(plane, turn, offset, shape, order=1) for plane in np.moveaxis(rgba, 2, 0)]
    out = np.stack(planes, -1)
    out[..., :3] /= np.maximum(out[..., 3:], 1e-6)
    return np.clip(out, 0, 1).astype(np.float32)
