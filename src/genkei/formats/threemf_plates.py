"""Parts with their supports as one 3MF in print position, in the two dialects there are.

The core specification has objects of type `support`. PrusaSlicer 2.5 refuses the whole file when one of them
is built ("Found item with invalid object id", measured), and names volumes of one object in a file of its own
instead. So there are two writers.
"""

from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import quoteattr

import numpy as np
from jaxtyping import Int32, UInt8

from genkei.formats.threemf import package
from genkei.formats.threemf_dialects import added, prusa_package
from genkei.geometry.mesh import joined
from genkei.types import Figure, Mesh, Part

GREY = np.array([[205, 205, 202]], np.uint8)
"""Of supports, and of parts that print in one colour."""
Held = tuple[Part, Mesh]
"""A part and its supports (no faces: none), both in print position."""


def write(
    path: Path,
    plates: Sequence[Held],
    palette: UInt8[np.ndarray, "n 3"] = GREY,
    colours: Sequence[Int32[np.ndarray, "_"]] = (),
) -> None:
    """For PrusaSlicer and most others: an object a part, its supports a named second volume of the object.

    `colours`: a palette index per triangle of every part, or none. ValueError as `threemf.write`.
    """
    shades = colours or [np.zeros(len(part.mesh.faces), np.int32) for part, _ in plates]
    table, grey = (palette, 0) if not colours else (np.concatenate([palette, GREY]), len(palette))
    objects, painted = [], []
    for (part, supports), index in zip(plates, shades, strict=True):
        both = joined([part.mesh, supports]) if len(supports.faces) else part.mesh
        objects.append(Part(part.name, both, np.zeros((len(both.faces), 3, 2), np.float32)))
        painted.append(np.concatenate([index, np.full(len(supports.faces), grey, np.int32)]).astype(np.int32))
    whole = Figure(tuple(objects), np.zeros((1, 1, 3), np.uint8), 1.0, 0.0)
    coloured = len(palette) if colours else 1
    data = prusa_package(package(whole, table, painted, "print"), coloured, "print")
    path.write_bytes(added(data, "Metadata/Slic3r_PE_model.config", _volumes(plates).encode()))


def write_core(path: Path, plates: Sequence[Held]) -> None:
    """By the core specification: supports are objects of type `support` beside their parts."""
    parts, supports = [], []
    for part, tree in plates:
        parts.append(part)
        if len(tree.faces):
            supports.append(f"{part.name} supports")
            parts.append(Part(supports[-1], tree, np.zeros((len(tree.faces), 3, 2), np.float32)))
    whole = Figure(tuple(parts), np.zeros((1, 1, 3), np.uint8), 1.0, 0.0)
    shades = [np.zeros(len(part.mesh.faces), np.int32) for part in parts]
    path.write_bytes(prusa_package(package(whole, GREY, shades, "print", frozenset(supports)), 1, "print"))


def _volumes(plates: Sequence[Held]) -> str:
    rows = []
    for part, supports in plates:
        solids = [(part.name, part.mesh, 0)]
        if len(supports.faces):
            solids.append((f"{part.name} supports", supports, 0))
        rows.append((part.name, solids))
    return volume_list(rows)


def volume_list(objects: Sequence[tuple[str, Sequence[tuple[str, Mesh, int]]]]) -> str:
    """PrusaSlicer's own list of every object's volumes: name, solid, and its extruder (0: the usual one).

    A volume is known by its first and last triangle; objects are numbered as lib3mf does.
    """
    rows = ""
    for number, (title, solids) in enumerate(objects):
        volumes, first = "", 0
        for name, mesh, extruder in solids:
            volumes += _volume(name, first, first + len(mesh.faces) - 1, extruder)
            first += len(mesh.faces)
        rows += (
            f' <object id="{number + FIRST_ID}" instances_count="1">\n'
            f'  <metadata type="object" key="name" value={quoteattr(title)}/>\n{volumes} </object>\n'
        )
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<config>\n{rows}</config>\n'


FIRST_ID = 2
"""The colour group is resource 1."""


def _volume(name: str, first: int, last: int, extruder: int) -> str:
    filament = f'   <metadata type="volume" key="extruder" value="{extruder}"/>\n' if extruder else ""
    return (
        f'  <volume firstid="{first}" lastid="{last}">\n'
        f'   <metadata type="volume" key="name" value={quoteattr(name)}/>\n'
        f'   <metadata type="volume" key="volume_type" value="ModelPart"/>\n{filament}'
        "  </volume>\n"
    )


__all__ = ["volume_list", "write", "write_core"]
