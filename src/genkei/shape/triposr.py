"""TripoSR as a backend of this stage: one drawing, a published checkpoint, and the drawing's own outline."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from genkei.geometry.camera import turned_deg
from genkei.geometry.crop import FILL, Crop, crop_of, cut
from genkei.nets.published.weights import explained_memory
from genkei.nets.triposr import FILL as SEEN
from genkei.nets.triposr import TripoSrNet, load
from genkei.shape.known import known_solid
from genkei.shape.outlines import level, refuse
from genkei.types import Mesh, View

Net = Callable[[np.ndarray], Callable[[np.ndarray], np.ndarray]]
"""Like `genkei.nets.triposr.TripoSrNet` when it is called."""


@dataclass(frozen=True)
class TripoSr:
    """Shape from the foremost drawn view by TripoSR (extra [torch]); outlines of further views carve it."""

    checkpoint: Path | None = None
    """The published model.ckpt, or the same tensors as .safetensors."""
    resolution: int = 224
    """Cells per character height; its planes hold about 64, so more rounds off only."""
    smoothing: float = 1.0
    """Cells over which steps are rounded off."""
    steep: float = 2.0
    """Log-density over which the surface is sure; more smears thin parts out, less leaves steps."""
    device: str = "cpu"
    """`cpu` or `cuda`."""
    net: Net | None = field(default=None, repr=False)
    """None: the one in the checkpoint."""

    def __call__(self, views: tuple[View, ...]) -> Mesh:
        """One closed outward mesh in character space. Raises ValueError for a file that is no TripoSR."""
        refuse(views)
        net = self.net or self._loaded()
        seen = level(views)
        if not seen:
            raise ValueError("every view looks from above or below; TripoSR wants a level front view")
        drawn = tuple(view for view in seen if view.drawn) or seen
        read = min(drawn, key=lambda view: turned_deg(view.camera.azimuth_deg, FOREMOST_DEG))
        box = crop_of(read)
        square = Crop(box.u, box.y, box.side * FILL / SEEN)
        with explained_memory("the picture in TripoSR"):
            say = net(cut(read, square, PICTURE_PX))
        right, _, forward = read.camera.axes
        frame = np.stack([right, np.array([0, 1, 0], np.float32), -forward])
        middle = np.array([square.u, square.y, 0], np.float32)

        def matter(points: np.ndarray) -> np.ndarray:
            return say(((points @ frame.T - middle) / square.side).astype(np.float32)) / self.steep

        with explained_memory("the field of TripoSR"):
            return known_solid(drawn, matter, self.resolution, self.smoothing)

    def _loaded(self) -> TripoSrNet:
        if self.checkpoint is None:
            raise ValueError(
                "TripoSR wants its weights: give --checkpoint with the path of model.ckpt "
                "(1.6 GB, MIT, stabilityai/TripoSR on huggingface.co); genkei downloads nothing"
            )
        return load(self.checkpoint, self.device)


PICTURE_PX = 512
"""Side of the picture that is handed to the net."""
FOREMOST_DEG = 10.0
"""The view nearest to this is read: the front before the back, the left before the right."""
