"""CharacterGen's 3D stage as a backend of this stage: four sides and a published checkpoint."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from genkei.geometry.camera import turned_deg
from genkei.geometry.crop import FILL as FRAMED
from genkei.geometry.crop import Crop, crop_of, cut
from genkei.geometry.tetrahedra import tet_surface
from genkei.nets.charactergen3d import CAMERAS, FILL, CharacterGenNet, load
from genkei.nets.published.weights import explained_memory
from genkei.shape.known import known_solid
from genkei.shape.outlines import SAME_DEG, level, refuse
from genkei.types import NAMES, Mesh, View

Net = Callable[[Mapping[int, np.ndarray]], Callable[[np.ndarray], np.ndarray]]
"""Like `genkei.nets.charactergen3d.CharacterGenNet` when it is called."""
PICTURE_PX = 504
"""Side of the pictures that are handed to the net."""


@dataclass(frozen=True)
class CharacterGen:
    """Shape from four sides by CharacterGen's 3D stage (extra [torch]), bounded by their outlines."""

    checkpoint: Path | None = None
    """The published lrm.ckpt, or the same tensors as .safetensors."""
    resolution: int = 224
    """Cells per character height, cut into tetrahedra: its authors' lattice of 256 over their cube has 220.
    Its planes hold about 107, so more rounds off only."""
    smoothing: float = 1.0
    """Cells over which steps are rounded off."""
    steep: float = 1.0
    """Of the net's own value, over which the surface is sure."""
    device: str = "cpu"
    """`cpu` or `cuda`."""
    net: Net | None = field(default=None, repr=False)
    """None: the one in the checkpoint."""

    def __call__(self, views: tuple[View, ...]) -> Mesh:
        """One closed outward mesh in character space. ValueError for a missing side or a wrong file."""
        refuse(views)
        four = sides(views)
        net = self.net or self._loaded()
        square = frame_of(tuple(four.values()))
        with explained_memory("the pictures in CharacterGen"):
            say = net({azimuth: cut(view, square, PICTURE_PX) for azimuth, view in four.items()})
        middle = np.array([0, square.y, 0], np.float32)

        def matter(points: np.ndarray) -> np.ndarray:
            return say(((points - middle) / square.side).astype(np.float32)) / self.steep

        with explained_memory("the field of CharacterGen"):
            return known_solid(tuple(four.values()), matter, self.resolution, self.smoothing, tet_surface)

    def _loaded(self) -> CharacterGenNet:
        if self.checkpoint is None:
            raise ValueError(
                "CharacterGen wants its weights: give --checkpoint with the path of 3D_Stage/models/lrm.ckpt "
                "(Apache-2.0, zjpshadow/CharacterGen on huggingface.co); genkei downloads nothing"
            )
        return load(self.checkpoint, self.device)


def sides(views: tuple[View, ...]) -> dict[int, View]:
    """The level views from front, left, back and right, drawn ones first; ValueError names the missing."""
    ranked = sorted(level(views), key=lambda view: not view.drawn)
    found = {}
    for azimuth in CAMERAS:
        near = [v for v in ranked if turned_deg(v.camera.azimuth_deg, azimuth) < SAME_DEG]
        if near:
            found[azimuth] = near[0]
    missing = [NAMES[azimuth] for azimuth in sorted(set(CAMERAS) - set(found))]
    if missing:
        raise ValueError(
            f"CharacterGen's 3D stage wants front, left, back and right; missing: "
            f"{', '.join(missing)}. Draw them, or hand in a grid of its 2D stage (--grid FILE)"
        )
    return found


def frame_of(views: tuple[View, ...]) -> Crop:
    """One square for all sides, round the axis they turn about, as its own pictures are framed."""
    boxes = [crop_of(view) for view in views]
    wide = max(2 * abs(box.u) + box.side * FRAMED for box in boxes)
    return Crop(0.0, float(np.mean([box.y for box in boxes])), wide / FILL)
