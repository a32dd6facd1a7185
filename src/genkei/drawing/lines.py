"""Where drawn lines run: a lines backend is a frozen dataclass whose call turns a view into a `Cue`.

One channel, 1 on lines; confidence 1 inside the mask, 0 outside.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float32
from PIL import Image

from genkei.geometry.crop import crop_of, cut, uncut
from genkei.types import Cue, View

LinesNet = Callable[..., Mapping[str, np.ndarray]]
LUMINANCE = (0.2126, 0.7152, 0.0722)


@dataclass(frozen=True)
class Classical:
    """Dark and thin: difference of Gaussians gated by how far a pixel is below its surroundings."""

    inner_px: int = 512
    """Pictures are reduced to this before lines are looked for; lines get one to three pixels wide."""
    faint: float = 0.04
    """Luminance by which a pixel must be below its surroundings to count at all."""
    plain: float = 0.12
    """The same from which on it counts in full; more loses pencil and coloured lines."""

    def __call__(self, view: View) -> Cue:
        size = view.rgba.shape[0]
        value = resized(self._strength(darkness(view), min(size, self.inner_px)), size)
        return _cue(view, value)

    def _strength(self, luminance: Float32[np.ndarray, "h w"], size: int) -> Float32[np.ndarray, "s s"]:
        """Difference of Gaussians of sigma .5, ratio 1.6, and a grey closing 7 px wide."""
        from scipy.ndimage import gaussian_filter, grey_closing

        plane = resized(luminance, size)
        thin = gaussian_filter(plane, 0.8) - gaussian_filter(plane, 0.5)
        below = grey_closing(plane, (7, 7)) - plane
        gate = np.clip((below - self.faint) / (self.plain - self.faint), 0, 1)
        return (gate * np.clip(0.5 + thin / 0.02, 0, 1)).astype(np.float32)


@dataclass(frozen=True)
class LearnedLines:
    """What the solid net takes for ink, moved onto the dark pixels of the drawing itself."""

    side_px: int = 192
    """Side of the square that the net sees, a multiple of 32."""
    inner_px: int = 512
    """Size at which dark pixels are looked for."""
    faint: float = 0.04
    """Luminance by which a pixel must be below its surroundings to be ink."""
    plain: float = 0.04
    """Chance from which on the net's word counts in full: few pixels are ink, so it never says much."""
    net: LinesNet | None = field(default=None, repr=False)
    """A callable like `genkei.nets.Net`; None: the net in the wheel."""

    def __call__(self, view: View) -> Cue:
        """ValueError for a view without an opaque pixel."""
        size = view.rgba.shape[0]
        chance = np.clip(self.chance(view) / self.plain, 0, 1)
        return _cue(view, chance * self._ink(view, min(size, self.inner_px)))

    def chance(self, view: View) -> Float32[np.ndarray, "s s"]:
        """How likely the net takes each pixel for a line, from a look at the view and its mirror image."""
        net = self.net or _shipped()
        crop = crop_of(view)
        picture = cut(view, crop, self.side_px)
        both = np.ascontiguousarray(np.stack([picture, picture[..., ::-1]]))
        logits = np.asarray(net(picture=both, behind=np.zeros_like(both))["lines"])[:, 0]
        mean = np.clip((logits[0] + logits[1][:, ::-1]) / 2, -30, 30)
        return uncut((1 / (1 + np.exp(-mean)))[None].astype(np.float32), view, crop)[0]

    def _ink(self, view: View, size: int) -> Float32[np.ndarray, "s s"]:
        from scipy.ndimage import grey_closing

        plane = resized(darkness(view), size)
        below = grey_closing(plane, (7, 7)) - plane
        return resized(np.clip(below / self.faint - 1, 0, 1).astype(np.float32), view.rgba.shape[0])


Lines = Classical | LearnedLines


def darkness(view: View) -> Float32[np.ndarray, "s s"]:
    """Luminance of the drawing on white."""
    alpha = view.rgba[..., 3]
    return (view.rgba[..., :3] @ np.array(LUMINANCE, np.float32) * alpha + (1 - alpha)).astype(np.float32)


def resized(plane: Float32[np.ndarray, "h w"], size: int) -> Float32[np.ndarray, "s s"]:
    """A plane at another size: area means downwards, bicubic upwards."""
    if plane.shape[0] == size:
        return plane
    how = Image.Resampling.BOX if size < plane.shape[0] else Image.Resampling.BICUBIC
    return np.array(Image.fromarray(plane).resize((size, size), how))


def _shipped() -> LinesNet:
    from genkei.nets.loader import load

    return load("solid")


def _cue(view: View, value: Float32[np.ndarray, "s s"]) -> Cue:
    value = np.clip(value, 0, 1) * (view.rgba[..., 3] > 0)
    return Cue(value[..., None].astype(np.float32), view.mask.astype(np.float32))
