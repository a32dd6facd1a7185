"""Which reader a file wants, by the ending of its name."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from genkei.formats import glb, obj, stl, threemf
from genkei.formats.soup import Soup
from genkei.types import Mesh

MODELS: dict[str, Callable[[Path], Soup]] = {
    ".glb": glb.read,
    ".gltf": glb.read,
    ".vrm": glb.read,
    ".obj": obj.read,
    ".stl": stl.read,
    ".3mf": threemf.read_soup,
}
SMALLEST_MM, LARGEST_MM = 5.0, 3000.0
"""An STL outside of this is not in millimetres: 5 is a thimble, 3000 taller than any printer."""


def read_model(path: Path) -> Soup:
    """Any model as a soup, turned to +y up; ValueError for a missing file or an unknown ending."""
    _refuse(path, tuple(MODELS))
    return MODELS[path.suffix.lower()](path)


def read_solids(path: Path) -> tuple[tuple[str, Mesh], ...]:
    """The named solids of a 3MF or STL as they lie on the bed, in millimetres; or ValueError."""
    _refuse(path, (".3mf", ".stl"))
    if path.suffix.lower() == ".3mf":
        bodies = threemf.read(path)
        return tuple(
            (body.name or path.stem, Mesh(body.mesh.vertices * np.float32(body.unit_mm), body.mesh.faces))
            for body in bodies
        )
    mesh = stl.read_mesh(path)
    longest = float(np.ptp(mesh.vertices, axis=0).max())
    if not SMALLEST_MM <= longest <= LARGEST_MM:
        raise ValueError(
            f"{path}: the longest side is {longest:.4g}, and slicers read an STL in millimetres; export it "
            "in millimetres, or say what it is in: genkei printify MODEL --unit m (or cm, inch)"
        )
    return ((path.stem, mesh),)


def _refuse(path: Path, known: tuple[str, ...]) -> None:
    if not path.is_file():
        what = "is a folder" if path.is_dir() else "does not exist"
        raise ValueError(f"{path} {what}; wanted a {', '.join(known)} file")
    if path.suffix.lower() not in known:
        found = path.suffix or "no ending"
        raise ValueError(f"{path} has the ending {found}; wanted one of {', '.join(known)}")
