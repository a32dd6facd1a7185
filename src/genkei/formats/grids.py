"""Grids as .npz: numbers, and beside them where they lie and in which unit.

Both files hold `origin` (of sample 0, 0, 0), `spacing`, `frame` and `unit` (text) and `unit_mm`, millimetres
per unit on the figure as built.
"""

from pathlib import Path

import numpy as np
from jaxtyping import Bool

from genkei.geometry.field import Grid

FRAME = "right-handed, x to the character's left, y up, z towards the viewer of the front; feet at y = 0"
UNIT = "character height"
FORMAT = 1


def write_field(path: Path, grid: Grid, unit_mm: float) -> None:
    """`field`: float32 signed distances [x, y, z] in `unit`, negative inside."""
    np.savez_compressed(path, allow_pickle=False, field=grid.values, **_place(grid, unit_mm))


def write_voxels(path: Path, inside: Bool[np.ndarray, "n n n"], grid: Grid, unit_mm: float) -> None:
    """`inside`: bool [x, y, z], True where the cell centred on the sample is filled."""
    np.savez_compressed(path, allow_pickle=False, inside=inside, **_place(grid, unit_mm))


def read_field(path: Path) -> Grid:
    """What `write_field` wrote. ValueError when the file is no field."""
    try:
        with np.load(path) as stored:
            return Grid(stored["field"], stored["origin"], float(stored["spacing"]))
    except (KeyError, ValueError) as error:
        raise ValueError(f"{path} holds no field ({error}); wanted what genkei make --field wrote") from error


def _place(grid: Grid, unit_mm: float) -> dict[str, np.ndarray]:
    return {
        "format": np.array(FORMAT),
        "frame": np.array(FRAME),
        "unit": np.array(UNIT),
        "unit_mm": np.array(unit_mm),
        "origin": grid.origin,
        "spacing": np.array(grid.step),
    }
