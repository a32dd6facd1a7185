"""A part through PrusaSlicer for the benchmarks: what it says, the islands in its pictures, its seconds."""

import io
import re
import resource
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from genkei.formats import slicer, stl
from genkei.types import Mesh

ROOM_MM = 40.0
"""Of the bed round the part: supports and pad need some."""


@dataclass(frozen=True)
class Told:
    """What came of slicing one mesh."""

    cm3: float
    """Resin; nan where the slicer failed."""
    islands: int
    """Pieces of a layer's picture that touch nothing in the one below; -1 where the slicer failed."""
    cpu_s: float


def resin(mesh: Mesh, layer_mm: float, pixel_mm: float, **settings: str | float) -> Told:
    """Slice for resin on a bed just large enough, with further settings in the slicer's words."""
    width, depth, height = (float(side) + ROOM_MM for side in np.ptp(mesh.vertices, axis=0))
    pixels = {"display_pixels_x": round(width / pixel_mm), "display_pixels_y": round(depth / pixel_mm)}
    machine = slicer.Machine("resin", (width, depth), height, layer_mm, more={**pixels, **settings})
    with tempfile.TemporaryDirectory() as name:
        stl.write(Path(name) / "x.stl", mesh)
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        try:
            told = slicer.slice_part(Path(name) / "x.stl", machine, Path(name) / "x.sl1")
        except ValueError:
            return Told(float("nan"), -1, _spent(before))
        seconds = _spent(before)
        return Told(told.cm3, islands_in(Path(name) / "x.sl1"), seconds)


def _spent(before: resource.struct_rusage) -> float:
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def islands_in(path: Path) -> int:
    """Counted in the layer pictures of a sliced file."""
    from scipy.ndimage import label

    count, before = 0, np.zeros(0, bool)
    with zipfile.ZipFile(path) as archive:
        for name in sorted(name for name in archive.namelist() if re.fullmatch(r"x\d+\.png", name)):
            now = np.asarray(Image.open(io.BytesIO(archive.read(name))).convert("L")) > 127
            if before.size:
                pieces = np.zeros(now.shape, np.int32)
                label(now, np.ones((3, 3)), output=pieces)
                count += int(pieces.max()) - len(np.unique(pieces[now & before]))
            before = now
    return count
