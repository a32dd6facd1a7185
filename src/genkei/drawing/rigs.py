"""Where other programs' cameras stand: the grids and orbits of views they write, as rows of a table.

Azimuths are genkei's: 0 front, 90 the character's left side, which is where a camera that walks to the
viewer's right comes to first.
"""

import math
from dataclasses import dataclass

import numpy as np

LEVEL_DEG = 5.0
"""A camera that looks down or up by less than this sees head and feet in one scale with the front."""


@dataclass(frozen=True)
class Rig:
    """The cameras of one program, in the order its pictures stand: rows from the top, each left to right."""

    name: str
    azimuths_deg: tuple[float, ...]
    elevations_deg: tuple[float, ...]
    """Positive looks down."""
    cell_aspect: float
    """Width over height of one picture."""
    field_of_view_deg: float
    """0: parallel rays."""
    source: str
    """Where the numbers come from."""
    orbit: bool = False
    """The pictures may also be frames: a folder of files in order, or one animation."""

    @property
    def count(self) -> int:
        return len(self.azimuths_deg)

    def layout(self, width_px: int, height_px: int) -> tuple[int, int]:
        """Rows and columns of a picture that holds all views; ValueError when no whole layout fits."""
        found = []
        for rows in range(1, self.count + 1):
            if self.count % rows == 0:
                columns = self.count // rows
                aspect = (width_px / columns) / (height_px / rows)
                found.append((abs(math.log(aspect / self.cell_aspect)), rows, columns))
        misfit, rows, columns = min(found)
        if misfit > ASPECT_SLACK:
            raise ValueError(
                f"{width_px} x {height_px} px cannot be cut into the {self.count} views of {self.name} "
                f"(each {self.cell_aspect:.2f} times as wide as high); is it another program's grid? "
                f"Known are {', '.join(RIGS)}"
            )
        return rows, columns


ASPECT_SLACK = 0.05
"""Relative misfit of a cell's proportions that rounding may leave."""


def _orbit(name: str, count: int, first: float, elevation: float, fov: float, source: str) -> Rig:
    azimuths = tuple(float(a) for a in (first + np.arange(count) * 360 / count) % 360)
    return Rig(name, azimuths, (elevation,) * count, 1.0, fov, source, orbit=True)


QUARTERS = (0.0, 90.0, 180.0, 270.0)
WALK = (30.0, 90.0, 150.0, 210.0, 270.0, 330.0)
STAR = (0.0, 45.0, 90.0, 180.0, 270.0, 315.0)
"""Front, front-right, right, back, left, front-left, named from the viewer: Wonder3D's file for `right` has
its camera at (1.3, 0, 0), for `front_right` at (1.3, -1.3, 0), for `front` at (0, -1.3, 0), z up."""
SIX = "front, front_right, right, back, left, front_left, level and parallel: "
RIGS = {
    rig.name: rig
    for rig in (
        Rig("zero123plus", WALK, (20.0, -10.0) * 3, 1.0, 30.0, "Zero123++ 1.2, as InstantMesh reads it"),
        Rig("zero123plus-1.1", WALK, (30.0, -20.0) * 3, 1.0, 30.0, "README of Zero123++ 1.1; angle of 1.2"),
        Rig("era3d", STAR, (0.0,) * 6, 1.0, 0.0, SIX + "app.py and datasets/ortho.py of pengHTYX/Era3D"),
        Rig("wonder3d", STAR, (0.0,) * 6, 1.0, 0.0, SIX + "fixed_poses/000_*_RT.txt of xxlong0/Wonder3D"),
        Rig(
            "unique3d",
            QUARTERS,
            (0.0,) * 4,
            1.0,
            0.0,
            "scripts/multiview_inference.py and mesh_reconstruction/recon.py of AiuniAI/Unique3D: azimuths "
            "0, 90, 180, 270 of cameras at (sin, cos) on x and z",
        ),
        Rig(
            "charactergen",
            (270.0, 180.0, 90.0, 0.0),
            (0.0,) * 4,
            2 / 3,
            40.0,
            "its pose.json and example grids",
        ),
        Rig("eschernet", QUARTERS, (0.0,) * 4, 1.0, 49.1, "focal length of 560 on 512 px in its dataset.py"),
        _orbit("syncdreamer", 16, 0.0, 30.0, 49.1, "Liu et al. 2023: sixteen views from 30 degrees above"),
        _orbit("sv3d", 21, 360 / 21, 0.0, 33.8, "Voleti et al. 2024: the last frame is the front"),
        _orbit(
            "cycle3d",
            12,
            0.0,
            0.0,
            49.1,
            "infer_ours_masa.py of PKU-YuanGroup/Cycle3D: a level turn, a frame every 2 degrees, named by its"
            " angle; every fifteenth is taken. Its field of view is that of LGM, which it holds",
        ),
        _orbit("videomv", 24, 0.0, 0.0, 0.0, "Zuo et al. 2024: a level turn in 24 frames"),
    )
}
