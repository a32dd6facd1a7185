"""Bodies a filament as files: of the figure in one piece, or of every part of a kit on its bed."""

from collections.abc import Sequence
from pathlib import Path

from genkei.apps.kit_files import file_name, kit_palette, plates_of
from genkei.figure.beds import on_beds
from genkei.figure.bodies import Bodies, ByColour, bodies_of
from genkei.figure.kit import MadeKit
from genkei.figure.palette import Palette
from genkei.figure.profiles import Profile
from genkei.types import Check, Figure

BODIES = "bodies"


def write_figure_bodies(
    folder: Path, figure: Figure, palette: Palette, profile: Profile
) -> tuple[Check, ...]:
    """`figure_bodies.3mf`, `figure_bodies_bambu.3mf`, `bodies/NAME_1.stl`, ...; raises OSError."""
    return _write(folder, "figure_bodies", bodies_of(figure, palette.colours, ByColour.of(profile)), palette)


def write_kit_bodies(folder: Path, made: MadeKit, profile: Profile, colours: int) -> tuple[Check, ...]:
    """The same of every part as it lies on its bed: `print_bodies.3mf`, `print_bodies_2.3mf`, ..."""
    palette, rows = kit_palette(made, colours), []
    for number, bed in enumerate(on_beds(plates_of(made), profile), 1):
        lying = Figure(tuple(placed.part for placed in bed), made.kit.texture, made.kit.scale_mm, 0.0)
        bodies = bodies_of(lying, palette.colours, ByColour.of(profile))
        rows += _write(folder, "print_bodies" + ("" if number == 1 else f"_{number}"), bodies, palette)
    return tuple(rows)


def _write(folder: Path, stem: str, bodies: Sequence[Bodies], palette: Palette) -> tuple[Check, ...]:
    from genkei.formats import stl, threemf_bodies

    (folder / BODIES).mkdir(exist_ok=True)
    for one in bodies:
        for filament, mesh in zip(one.filaments, one.meshes, strict=True):
            stl.write(folder / BODIES / f"{file_name(one.name)}_{filament + 1}.stl", mesh)
    named = [(one.name, list(zip(one.filaments, one.meshes, strict=True))) for one in bodies]
    threemf_bodies.write(folder / f"{stem}.3mf", named, palette.colours)
    threemf_bodies.write_bambu(folder / f"{stem}_bambu.3mf", named, palette.colours)
    return tuple(one.check for one in bodies)


__all__ = ["write_figure_bodies", "write_kit_bodies"]
