"""The files of a kit: parts as assembled, plates as printed, the whole in one 3MF, moulds."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from genkei.figure.beds import Placed, lying, on_beds
from genkei.figure.kit import MadeKit
from genkei.figure.palette import Palette, apply_colours, reduce_colours
from genkei.figure.profiles import Profile
from genkei.types import Figure, Mesh, Part

if TYPE_CHECKING:
    from genkei.figure.moulds import Moulded

KIT, KIT_PAGE, MOULDS = "kit", "kit.html", "moulds"


def write_kit(folder: Path, made: MadeKit, profile: Profile, colours: int) -> None:
    """`parts/NAME.stl` as assembled, `print/NAME.stl` and `print/NAME_supported.stl` as printed, `kit.3mf`
    assembled, `print.3mf` on the bed (`print_2.3mf`, ... on further ones). Raises OSError.
    """
    from genkei.figure.supports import supported_mesh
    from genkei.formats import stl, threemf

    for name in ("parts", "print"):
        (folder / name).mkdir(parents=True)
    for part in (*made.kit.parts, *made.plugs):
        stl.write(folder / "parts" / f"{file_name(part.name)}.stl", part.mesh)
    plates = plates_of(made)
    for plate in plates:
        name = file_name(plate.part.name)
        stl.write(folder / "print" / f"{name}.stl", plate.part.mesh)
        if len(plate.supports.faces):
            both = supported_mesh(plate.part.mesh, plate.supports)
            stl.write(folder / "print" / f"{name}_supported.stl", both)
    palette = kit_palette(made, colours)
    threemf.write(folder / "kit.3mf", _whole(made), palette.colours, palette.faces, "kit")
    _write_beds(folder, plates, made, profile, palette)


def kit_palette(made: MadeKit, colours: int) -> Palette:
    """At most so many colours over all parts and plugs together."""
    return reduce_colours(_whole(made), colours)


def _whole(made: MadeKit) -> Figure:
    return Figure((*made.kit.parts, *made.plugs), made.kit.texture, made.kit.scale_mm, 0.0)


def plates_of(made: MadeKit) -> list[Placed]:
    """Everything that is printed, in print position: the parts, then the plugs on their flat sides."""
    nothing = Mesh(made.kit.parts[0].mesh.vertices[:0], made.kit.parts[0].mesh.faces[:0])
    plugs = [Placed(lying(plug), nothing) for plug in made.plugs]
    return [*(Placed(plate.part, plate.supports) for plate in made.plates), *plugs]


def _write_beds(
    folder: Path, plates: Sequence[Placed], made: MadeKit, profile: Profile, palette: Palette
) -> None:
    """A 3MF a bed, and where there are supports the same by the core specification (`print_core.3mf`)."""
    from genkei.formats import threemf_plates

    for number, bed in enumerate(on_beds(plates, profile), 1):
        tail = "" if number == 1 else f"_{number}"
        held = [(plate.part, plate.supports) for plate in bed]
        if profile.colours == 1:
            threemf_plates.write(folder / f"print{tail}.3mf", held)
        else:
            shown = Figure(tuple(plate.part for plate in bed), made.kit.texture, made.kit.scale_mm, 0.0)
            index = apply_colours(shown, palette.colours).faces
            threemf_plates.write(folder / f"print{tail}.3mf", held, palette.colours, index)
        if any(len(plate.supports.faces) for plate in bed):
            threemf_plates.write_core(folder / f"print_core{tail}.3mf", held)


def write_moulds(folder: Path, moulds: Sequence["Moulded"], names: Sequence[str]) -> None:
    """`moulds/NAME_a.stl` and `_b.stl`, each on its flat back; nothing where there are no halves."""
    from genkei.formats import stl

    for name, made in zip(names, moulds, strict=True):
        for half, letter in zip(made.halves, "ab", strict=False):
            (folder / MOULDS).mkdir(exist_ok=True)
            laid = _opened(half, made, letter)
            stl.write(folder / MOULDS / f"{file_name(name)}_{letter}.stl", laid.mesh)


def _opened(half: Part, made: "Moulded", letter: str) -> Part:
    """A half with its parting face up."""
    frame = made.parting.frame if letter == "a" else made.parting.frame * np.array([[1.0], [-1.0], [-1.0]])
    points = half.mesh.vertices.astype(np.float64) @ frame.T
    points -= np.append((points.min(0) + points.max(0))[:2] / 2, points[:, 2].min())
    return Part(half.name, Mesh(points.astype(np.float32), half.mesh.faces), half.uv)


def file_name(part: str) -> str:
    """A part's name without blanks: `left arm` is `left_arm`."""
    return part.replace(" ", "_").replace("/", "_")


__all__ = ["KIT", "KIT_PAGE", "file_name", "kit_palette", "plates_of", "write_kit", "write_moulds"]
