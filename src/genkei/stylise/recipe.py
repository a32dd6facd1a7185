"""The figure-style picture: SDXL held to a drawing by two ControlNets and its own colours."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from jaxtyping import Bool, Float32

from genkei.nets.look import Look
from genkei.nets.published.weights import explained_memory
from genkei.stylise.controls import fit, placed
from genkei.stylise.details import MULTIPLE_PX, Box, boxes
from genkei.stylise.kept import Kept, kept
from genkei.stylise.presets import PRESETS
from genkei.stylise.run import GRANULE_PX, Run
from genkei.types import View

Keep = Literal["both", "lines", "colours"]
MARGIN = 0.05
"""Paper left round the character, as a share of its longer side."""


@dataclass(frozen=True)
class Styled:
    """The picture, and what it kept."""

    picture: Float32[np.ndarray, "h w 3"]
    """sRGB in [0, 1]."""
    drawing: Float32[np.ndarray, "h w 3"]
    """What it was held to, on white, fitted into the same size."""
    kept: Kept
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Stylise:
    """How a drawing becomes the photograph of a figure; `Stylise(checkpoint)(view, look)` is the picture."""

    checkpoint: Path
    """SDXL: one .safetensors file, or a folder of diffusers."""
    config: Path | None = None
    """For a single file: the folder of SDXL base's small files."""
    canny: Path | None = None
    """ControlNet for edges, a folder."""
    tile: Path | None = None
    """ControlNet for tiles, a folder."""
    upscaler: Path | None = None
    """ESRGAN-class file; with it the picture is enlarged and gone over again (hires fix)."""
    preset: str = "pvc"
    words: str = ""
    """The user's own, before the preset's."""
    keep: Keep = "both"
    """lines: edges alone; colours: the drawing's low frequencies alone; both."""
    width_px: int = 768
    height_px: int = 1280
    steps: int = 30
    guidance: float = 7.0
    hires_scale: float = 1.5
    details: bool = True
    """Go over face and hands once more."""
    seed: int = 0
    device: str = "cpu"
    half: bool = False
    """16-bit weights: fp16 on a GPU, bf16 on a processor; colours are coded in 32 bits all the same."""
    colour_share: float = 1.0
    """Of the colour-fix: 0 lets the checkpoint choose, 1 holds the drawing's colours."""

    def __post_init__(self) -> None:
        if self.preset not in PRESETS:
            raise ValueError(f"the preset {self.preset!r} is not known; wanted one of {', '.join(PRESETS)}")
        for name, value in (("width", self.width_px), ("height", self.height_px)):
            if value % GRANULE_PX or not 64 <= value <= 4096:
                raise ValueError(
                    f"the {name} is {value} px; wanted a multiple of {GRANULE_PX} from 64 to 4096"
                )
        if self.steps < 1:
            raise ValueError(f"{self.steps} steps; wanted at least 1")
        if self.keep != "colours" and self.canny is None:
            raise ValueError(
                f"to keep {'the lines' if self.keep == 'lines' else 'lines and colours'} an edge ControlNet"
                " is needed: give --canny FOLDER (genkei models info controlnet-sdxl), or --keep colours"
            )

    def __call__(self, view: View, look: Look | None = None) -> Styled:
        """A front view in, its figure-style picture out; the same seed and machine give the same picture.

        Raises ValueError in the user's words when a file is not what it should be.
        """
        with explained_memory(f"the picture of {self.width_px} x {self.height_px} px"):
            return self._styled(view, look)

    def _styled(self, view: View, look: Look | None) -> Styled:
        drawing, mask, window = framed(view, self.height_px, self.width_px)
        run = Run.of(self)
        picture = run.painted(drawing, self.height_px, self.width_px)
        notes = []
        if self.details:
            found = boxes(look) if look is not None else ()
            inside = [box for b in found if (box := _moved(b, window)).side > MULTIPLE_PX / 4]
            for box in inside:
                picture = run.repainted(picture, box)
            told = ", ".join(box.name for box in inside)
            notes.append(f"gone over once more: {told}" if told else "no face or hand was found to go over")
        if self.upscaler is not None:
            drawing, mask, _ = framed(view, *run.hires_size)
            picture = run.enlarged(picture, drawing)
        return Styled(picture, drawing, kept(drawing, picture, mask), tuple(notes))


def framed(
    view: View, height: int, width: int
) -> tuple[Float32[np.ndarray, "h w 3"], Bool[np.ndarray, "h w"], tuple[int, int, float, int, int]]:
    """The character on white in the middle of a picture, its mask, and where it went.

    The last value: row and column of the cut-out's corner in the view, then scale, top and left. ValueError
    for an empty view.
    """
    rows, columns = np.flatnonzero(view.mask.any(1)), np.flatnonzero(view.mask.any(0))
    if not len(rows):
        raise ValueError(f"the {view.name} view is empty: no pixel is opaque; draw it")
    pad = round(MARGIN * max(np.ptp(rows), np.ptp(columns)))
    padded = np.pad(view.rgba, ((pad, pad), (pad, pad), (0, 0)))
    part = padded[rows[0] : rows[-1] + 2 * pad + 1, columns[0] : columns[-1] + 2 * pad + 1]
    alpha = part[..., 3:]
    white = part[..., :3] * alpha + (1 - alpha)
    picture = fit(white.astype(np.float32), height, width)
    mask = fit(np.ascontiguousarray(alpha), height, width, 0.0)[..., 0] > 0.5
    where = placed(part.shape[0], part.shape[1], height, width)
    return np.clip(picture, 0, 1), mask, (int(rows[0]) - pad, int(columns[0]) - pad, *where)


def _moved(box: Box, window: tuple[int, int, float, int, int]) -> Box:
    row, column, scale, top, left = window
    return Box(box.name, box.left - column, box.top - row, box.side).within(scale, top, left)
