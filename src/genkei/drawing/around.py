"""All four sides of a lone drawing, made by CharacterGen's 2D stage: the character in an A-pose, re-drawn."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from jaxtyping import Float32

from genkei.drawing.grid import read_grid
from genkei.drawing.sheet import Options
from genkei.geometry.colour import to_bytes
from genkei.geometry.crop import FILL, Crop, crop_of, cut
from genkei.nets.charactergen2d import GREY
from genkei.nets.published.weights import explained_memory
from genkei.types import Sheet, View

Draw = Callable[..., np.ndarray]
"""Like `genkei.nets.charactergen2d.Drawer`: picture, steps=, guidance=, seed= -> [4, 3, h, w]."""
HIGH_PX, WIDE_PX = 768, 512


@dataclass(frozen=True)
class Around:
    """CharacterGen's 2D stage (extra [diffusion]): one drawing becomes front, back, left and right."""

    models: Path = Path()
    """Its folder 2D_Stage/models."""
    base: Path = Path()
    """The folder of Stable Diffusion 2.1 in the layout of diffusers."""
    steps: int = 40
    """Of denoising; 20 is a draft."""
    guidance: float = 5.0
    """How much the drawing counts; more hardens colours."""
    seed: int = 0
    device: str = "cpu"
    """`cpu` or `cuda`."""
    draw: Draw | None = field(default=None, repr=False)
    """None: the nets in the folders."""

    def __call__(self, drawn: Sheet, options: Options = Options()) -> Sheet:
        """A sheet of the four made views; the drawing itself is left out, since its pose is another.

        ValueError for folders that are not whole.
        """
        front = min(drawn.views, key=lambda view: abs((view.camera.azimuth_deg + 180) % 360 - 180))
        draw = self.draw or self._loaded()
        with explained_memory("the four views of CharacterGen"):
            made = draw(framed(front), steps=self.steps, guidance=self.guidance, seed=self.seed)
        sheet = read_made(made, "charactergen", None, options)
        note = f"four views were made from the {front.name} drawing, in an A-pose (seed {self.seed}): guesses"
        return replace(sheet, notes=(*drawn.notes, note, *sheet.notes))

    def _loaded(self) -> Draw:
        from genkei.nets.charactergen2d_files import load

        return load(self.models, self.base, self.device)


def read_made(made: Float32[np.ndarray, "4 3 h w"], rig: str, drawn: Sheet | None, options: Options) -> Sheet:
    """Four pictures that a model drew as views of a rig, beside drawn ones. ValueError when none can be
    told from its paper."""
    from PIL import Image

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "made.png"
        rows = [np.concatenate(list(made[k : k + 2]), 2) for k in (0, 2)]
        Image.fromarray(to_bytes(np.concatenate(rows, 1).transpose(1, 2, 0))).save(path)
        try:
            return read_grid(path, rig, drawn, options)
        except ValueError as error:
            raise ValueError(f"what the model drew cannot be read: {error}. Another --seed may do") from error


def framed(view: View) -> Float32[np.ndarray, "3 768 512"]:
    """The drawing on grey, its longer side as high as the picture, as the stage was trained to see it."""
    box = crop_of(view)
    rgba = cut(view, Crop(box.u, box.y, box.side * FILL), HIGH_PX)
    side = (HIGH_PX - WIDE_PX) // 2
    whole = rgba[:3] + GREY * (1 - rgba[3:])
    return np.ascontiguousarray(whole[:, :, side : side + WIDE_PX]).astype(np.float32)
