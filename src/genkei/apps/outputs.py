"""Which files a run writes, one writer a format, and the record beside them."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from genkei.apps.record import output_records, plain
from genkei.figure.palette import Palette
from genkei.geometry.gaussians import Gaussians
from genkei.types import Character, Figure, Mesh

REPORT, RECORD, VIEWS = "report.html", "run.json", "views"
VOXELS = "voxels.npz"
SPLATS = "splats.ply"


@dataclass(frozen=True)
class Wanted:
    """Formats in the order they are written, and the number of colours of the 3MF."""

    formats: tuple[str, ...]
    colours: int
    bodies: bool = False
    """One closed body a filament besides."""


@dataclass(frozen=True)
class Grids:
    """The solid as numbers on a grid: name of the field's file, empty for none; cells an edge, 0 for none."""

    field: str = ""
    voxels: int = 0


def write_grids(folder: Path, mesh: Mesh, scale_mm: float, wanted: Grids) -> None:
    """The field and `voxels.npz`, as far as they are wanted. Raises OSError."""
    from genkei.figure.grids import field_of, voxels_of
    from genkei.formats.grids import write_field, write_voxels

    if wanted.field:
        write_field(folder / wanted.field, field_of(mesh), scale_mm)
    if wanted.voxels:
        write_voxels(folder / VOXELS, *voxels_of(mesh, wanted.voxels), scale_mm)


def write_splats(folder: Path, splats: Sequence[Gaussians]) -> None:
    """`splats.ply`, where the solid was made of splats. Raises OSError."""
    from genkei.formats import splat_ply

    for found in splats:
        splat_ply.write(folder / SPLATS, found)


def write_character(folder: Path, character: Character, wanted: Wanted) -> None:
    """`character.glb`, when GLB is wanted. Raises OSError."""
    if "glb" in wanted.formats:
        from genkei.formats import glb

        glb.write_character(folder / "character.glb", character)


def write_figure(folder: Path, figure: Figure, palette: Palette, wanted: Wanted) -> None:
    """`figure.*` in every wanted format. Raises OSError."""
    for name in wanted.formats:
        WRITERS[name](folder, figure, palette)


def _glb(folder: Path, figure: Figure, palette: Palette) -> None:
    from genkei.formats import glb

    glb.write_figure(folder / "figure.glb", figure)


def _3mf(folder: Path, figure: Figure, palette: Palette) -> None:
    from genkei.figure.colour import sharpen
    from genkei.formats import threemf

    coloured = sharpen(figure, palette)
    colours, faces = coloured.palette.colours, coloured.palette.faces
    threemf.write(folder / "figure.3mf", coloured.figure, colours, faces)
    threemf.write_bambu(folder / "figure_bambu.3mf", coloured.figure, colours, faces)


def _stl(folder: Path, figure: Figure, palette: Palette) -> None:
    """One file a part; a figure of one part is `figure.stl`."""
    from genkei.formats import stl

    for part in figure.parts:
        name = "figure" if len(figure.parts) == 1 else f"figure_{part.name}"
        stl.write(folder / f"{name}.stl", part.mesh)


def _obj(folder: Path, figure: Figure, palette: Palette) -> None:
    from genkei.formats import obj

    obj.write(folder / "figure.obj", figure)


WRITERS: dict[str, Callable[[Path, Figure, Palette], None]] = {
    "glb": _glb,
    "3mf": _3mf,
    "stl": _stl,
    "obj": _obj,
}


def with_outputs(record: Mapping[str, object], folder: Path, *later: str) -> dict[str, object]:
    """The record with every file of `folder`; `later` are named without hash: they are written after it."""
    listed = output_records(folder)
    return {**record, "outputs": [*listed, *({"name": name} for name in later)]}


def write_text(path: Path, text: str) -> None:
    """UTF-8 with Unix line ends on every system."""
    path.write_bytes(text.encode("utf-8"))


def write_record(folder: Path, record: Mapping[str, object]) -> None:
    write_text(folder / RECORD, as_json(record))


def as_json(record: Mapping[str, object]) -> str:
    """Strict JSON with readable text, a newline at the end."""
    return json.dumps(plain(record), indent=2, ensure_ascii=False, allow_nan=False) + "\n"
