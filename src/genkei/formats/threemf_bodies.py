"""Parts as one body a filament in 3MF: an object a part, in it a named solid with its extruder a colour.

PrusaSlicer takes the solids of one object from a list of its own, and would take components of the core
specification for objects; Bambu Studio, OrcaSlicer and most others read components. So there are two writers.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from jaxtyping import UInt8

from genkei.formats.threemf import package
from genkei.formats.threemf_dialects import MOST_EXTRUDERS, Volume, added, bambu_package, prusa_package
from genkei.formats.threemf_plates import volume_list
from genkei.geometry.mesh import joined
from genkei.types import Figure, Mesh, Part

Bodied = tuple[str, Sequence[tuple[int, Mesh]]]
"""A part's name, and of every filament it shows the palette number and the solid."""
NO_PAINT = np.zeros(0, np.int32)


def write(path: Path, parts: Sequence[Bodied], palette: UInt8[np.ndarray, "n 3"]) -> None:
    """For PrusaSlicer; viewers show the colours. ValueError as `threemf.write`, and for too many colours."""
    _refuse(parts, palette)
    objects, colours = [], []
    for name, bodies in parts:
        whole = joined([mesh for _, mesh in bodies])
        objects.append(Part(name, whole, np.zeros((len(whole.faces), 3, 2), np.float32)))
        colours.append(np.repeat([k for k, _ in bodies], [len(m.faces) for _, m in bodies]).astype(np.int32))
    figure = Figure(tuple(objects), np.zeros((1, 1, 3), np.uint8), 1.0, 0.0)
    data = prusa_package(package(figure, palette, colours, "bodies"), 1, "bodies")
    named = [(name, [(_name(name, k), mesh, k + 1) for k, mesh in bodies]) for name, bodies in parts]
    path.write_bytes(added(data, "Metadata/Slic3r_PE_model.config", volume_list(named).encode()))


def write_bambu(path: Path, parts: Sequence[Bodied], palette: UInt8[np.ndarray, "n 3"]) -> None:
    """For Bambu Studio, OrcaSlicer and readers of components; refuses what `write` refuses."""
    _refuse(parts, palette)
    objects = [
        (name, [Volume(_name(name, k), mesh, NO_PAINT, k + 1) for k, mesh in bodies])
        for name, bodies in parts
    ]
    path.write_bytes(bambu_package(objects, palette, "bodies"))


def _name(part: str, filament: int) -> str:
    return f"{part} filament {filament + 1}"


def _refuse(parts: Sequence[Bodied], palette: np.ndarray) -> None:
    if len(palette) > MOST_EXTRUDERS:
        raise ValueError(f"{len(palette)} filaments: slicers know {MOST_EXTRUDERS}; reduce the colours first")
    for name, bodies in parts:
        if not bodies or not all(len(mesh.faces) and 0 <= k < len(palette) for k, mesh in bodies):
            raise ValueError(
                f"{name}: wanted one solid or more, each with triangles and one of {len(palette)} colours"
            )


__all__ = ["Bodied", "write", "write_bambu"]
