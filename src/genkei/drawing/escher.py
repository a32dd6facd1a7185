"""The sides nobody drew, by EscherNet from all that are drawn: the drawings stay, in their own pose."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from jaxtyping import Float32

from genkei.drawing.around import read_made
from genkei.drawing.grid import SAME_DEG
from genkei.drawing.rigs import QUARTERS
from genkei.drawing.sheet import Options
from genkei.geometry.camera import turned_deg
from genkei.geometry.crop import FILL as FRAMED
from genkei.geometry.crop import Crop, crop_of, cut
from genkei.nets.eschernet import FOCAL_PX, NEAR, SIDE_PX, Freedoms, Stand
from genkei.nets.eschernet_files import LICENCE
from genkei.nets.published.weights import explained_memory
from genkei.types import Sheet, View

Draw = Callable[..., np.ndarray]
"""Like `genkei.nets.eschernet.Drawer`: pictures, given, made, steps=, guidance=, seed= -> [m, 3, s, s]."""


@dataclass(frozen=True)
class Escher:
    """EscherNet (extra [diffusion]): front, left, back and right where nobody drew them."""

    folder: Path = Path()
    """Its folder, or a hub name on this machine. Non-commercial, internal or academic use alone."""
    freedoms: Freedoms = 0
    """Of its cameras: 4, 6, or 0 for what the folder's name says."""
    steps: int = 50
    """Of denoising; fewer is a draft."""
    guidance: float = 3.0
    """How much the drawings count; more hardens colours."""
    distance: float = NEAR
    """Of its cameras, in character heights; from 1.5, where the character fills most of a picture, to 2.2."""
    seed: int = 0
    device: str = "cpu"
    """`cpu` or `cuda`."""
    draw: Draw | None = field(default=None, repr=False)
    """None: the model in the folder."""

    def __call__(self, drawn: Sheet, options: Options = Options()) -> Sheet:
        """The drawn views and the made ones. ValueError for a folder that is not whole, or an unreadable
        picture."""
        wanted = [a for a in QUARTERS if not any(near(view, a) for view in drawn.views)]
        if not wanted:
            note = "EscherNet was not asked: front, left, back and right are drawn"
            return replace(drawn, notes=(*drawn.notes, note))
        square = frame_of(drawn.views, self.distance)
        pictures = np.stack([on_white(view, square) for view in drawn.views])
        given = [Stand(v.camera.azimuth_deg, v.camera.elevation_deg, self.distance) for v in drawn.views]
        made = [Stand(azimuth, 0.0, self.distance) for azimuth in QUARTERS]
        draw = self.draw or self._loaded()
        with explained_memory("the four views of EscherNet"):
            found = draw(pictures, given, made, steps=self.steps, guidance=self.guidance, seed=self.seed)
        sheet = read_made(found, "eschernet", drawn, options)
        names = ", ".join(view.name for view in drawn.views)
        note = (
            f"{len(wanted)} views were made by EscherNet from {names} (seed {self.seed}): guesses; {LICENCE}"
        )
        return replace(sheet, notes=(*drawn.notes, note, *sheet.notes[len(drawn.notes) :]))

    def _loaded(self) -> Draw:
        from genkei.nets.eschernet_files import load

        return load(self.folder, self.freedoms, self.device)


def near(view: View, azimuth_deg: float) -> bool:
    """Whether a view is drawn from about there."""
    return turned_deg(view.camera.azimuth_deg, azimuth_deg) < SAME_DEG


def frame_of(views: tuple[View, ...], distance: float) -> Crop:
    """What a picture of the model's cameras shows in the plane through the character's middle.

    The longest side of all outlines is taken for the 1 that its training's things were scaled to.
    """
    boxes = [crop_of(view) for view in views]
    longest = max(1.0, *(2 * abs(box.u) + box.side * FRAMED for box in boxes))
    return Crop(0.0, 0.5, longest * distance * SIDE_PX / FOCAL_PX)


def on_white(view: View, square: Crop) -> Float32[np.ndarray, "3 256 256"]:
    """The drawing as the model was trained to see it."""
    rgba = cut(view, square, SIDE_PX)
    return np.ascontiguousarray(rgba[:3] + (1 - rgba[3:])).astype(np.float32)
