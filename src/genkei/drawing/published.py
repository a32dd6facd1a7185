"""The character chosen by a published matte net (BiRefNet, ISNet, ToonOut ...), of a file the user has."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float32

from genkei.drawing.cutout import REMEDY, Cutout
from genkei.drawing.edge import refined_colour
from genkei.drawing.pieces import main_pieces

Opacity = Callable[[Float32[np.ndarray, "h w 3"]], Float32[np.ndarray, "h w"]]
"""Like `genkei.nets.published.matte_net.MatteNet`."""
REACH = 0.02
"""Share of the picture's longer side round the character within which soft pixels count."""


@dataclass(frozen=True)
class Published:
    """Opacity by a net at full size, the character's pieces kept, colours freed of the background's."""

    net: Opacity = field(repr=False)
    title: str = "a published net"
    """Its name, for the note."""
    least_share: float = 0.002
    """Share of the picture that the character must cover."""
    most_share: float = 0.97
    """Share above which nothing was cut away."""
    most_unsure: float = 0.5
    """Area of middle opacity over the character's above which the picture is refused."""

    def __call__(self, rgba: Float32[np.ndarray, "h w 4"]) -> Cutout:
        """ValueError, with what was measured, when the net tells no character from the rest."""
        rgb = (rgba[..., :3] * rgba[..., 3:] + (1 - rgba[..., 3:])).astype(np.float32)
        found = self.net(rgb)
        subject = main_pieces(found > 0.5)
        share = float(subject.mean())
        if not self.least_share <= share <= self.most_share:
            raise ValueError(
                f"{self.title} takes {share:.1%} of the picture for character (wanted"
                f" {self.least_share:.1%} to {self.most_share:.0%}): it tells none from the plain rest."
                f" {REMEDY}"
            )
        unsure = float(((found > 0.15) & (found < 0.85)).sum() / subject.sum())
        if unsure > self.most_unsure:
            raise ValueError(
                f"{self.title} is unsure on an area of {unsure:.0%} of the character's (limit"
                f" {self.most_unsure:.0%}). Another net may see it (genkei models list). {REMEDY}"
            )
        alpha = (found * _near(subject)).astype(np.float32)
        colour = refined_colour(rgb, alpha)
        colour[alpha <= 0] = 0
        note = f"the background was removed by {self.title}, unsure on {unsure:.0%} of the character's area"
        return Cutout(np.dstack([colour, alpha]).astype(np.float32), "net", 0.0, (note,))


def _near(subject: np.ndarray) -> np.ndarray:
    """Whether a pixel is on or close to the character: what the net saw elsewhere is another thing."""
    from scipy.ndimage import distance_transform_edt

    return np.asarray(distance_transform_edt(~subject)) <= max(4.0, REACH * max(subject.shape))
