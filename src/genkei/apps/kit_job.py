"""The kit of a run: made, written, moulded, asked about, and told. No algorithm."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from genkei import pipeline
from genkei.apps import options, record
from genkei.apps.body_files import write_kit_bodies
from genkei.apps.kit_files import KIT, KIT_PAGE, file_name, plates_of, write_kit, write_moulds
from genkei.apps.kit_page import kit_page
from genkei.apps.outputs import write_text
from genkei.apps.request import base, kit_maker, moulds_wanted, refuse_bodies, wanted
from genkei.figure.beds import on_beds
from genkei.figure.build import Build
from genkei.figure.kit import KitMaker, MadeKit
from genkei.figure.paints import Paint, paint_guide, read_paints
from genkei.figure.profiles import Profile
from genkei.formats import slicer
from genkei.pipeline import Clock, Made, Printed
from genkei.types import Check

FITS = "fits the machine"
LAYER_MM: Mapping[str, float] = {"resin": 0.05, "fdm": 0.2}


@dataclass(frozen=True)
class KitJob:
    """What was asked about a kit, read and refused before the work begins."""

    verb: options.Make | options.Printify
    maker: KitMaker
    paints: tuple[Paint, ...]

    @staticmethod
    def asked(verb: options.Make | options.Printify) -> "KitJob | None":
        """None without --kit. UsageError for words that contradict each other, ValueError for bad paints."""
        maker = kit_maker(verb)
        _ = base(verb, verb.ballast)
        refuse_bodies(verb)
        paints = read_paints(verb.paints) if verb.paints is not None else ()
        return KitJob(verb, maker, paints) if verb.kit else None

    def __call__(
        self, whole: Made | Printed, build: Build, clock: Clock, folder: Path, told: dict[str, object]
    ) -> bool:
        """The kit's folder below `folder`, and what run.json says of it; whether all its checks passed."""
        verb, profile = self.verb, build.profile
        under = replace(build, base=base(verb, verb.ballast), with_base=False)
        with clock("kit"):
            made = pipeline.kit(whole.character, under, self.maker, clock.progress, whole.begun)
        moulded = ()
        if moulds_wanted(verb):
            with clock("moulds"):
                moulded = pipeline.moulds(made, profile, clock.progress)
        checks = (*made.checks, *(check for one in moulded for check in one.checks))
        made = replace(made, checks=checks)
        with clock("kit files"):
            write_kit(folder / KIT, made, profile, wanted(verb).colours)
            if moulded:
                write_moulds(folder / KIT, moulded, [part.name for part in made.kit.parts])
        if wanted(verb).bodies:
            with clock("colour bodies"):
                rows = write_kit_bodies(folder / KIT, made, profile, wanted(verb).colours)
            made = replace(made, checks=(*made.checks, *rows))
        prints, says = self._prints(made, profile, clock, folder / KIT) if verb.print_times else ({}, "")
        made = replace(made, notes=(*made.notes, *([says] if says else [])))
        with clock("kit page"):
            sheet = {
                **told,
                "subtitle": "Parts, joints, order of assembly, paint and checks.",
                "checks": made.checks,
                "notes": made.notes,
                "guide": paint_guide(made.kit.parts, made.kit.texture, self.paints),
                "prints": prints,
                "moulds": moulded,
                "profile": profile,
                "plugs": made.plugs,
                "beds": on_beds(plates_of(made), profile),
            }
            write_text(folder / KIT / KIT_PAGE, kit_page(made.kit, sheet))
        told["kit"] = record.kit_record(made, prints, moulded)
        return made.sound

    def _prints(
        self, made: MadeKit, profile: Profile, clock: Clock, folder: Path
    ) -> tuple[dict[str, slicer.Sliced], str]:
        """What PrusaSlicer says of every printed part, and a note: under which settings, or why not."""
        if not slicer.program():
            return {}, f"{slicer.MISSING}: there are no print times (apt install prusa-slicer)"
        machine = machine_of(profile, own_supports=not self.maker.unsupported)
        found, failed = {}, []
        with clock("print times"):
            for plate in plates_of(made):
                name = plate.part.name
                clock.progress(f"slice {name}")
                file = (
                    folder
                    / "print"
                    / f"{file_name(name)}{'_supported' if len(plate.supports.faces) else ''}.stl"
                )
                try:
                    found[name] = slicer.slice_part(file, machine)
                except ValueError as error:
                    failed.append(f"{name} ({error})")
        note = f"print times: {machine.says}"
        return found, note + (f"; none for {', '.join(failed)}" if failed else "")


def in_parts(checks: Sequence[Check]) -> tuple[tuple[Check, ...], tuple[str, ...]]:
    """The checks of a figure that is printed as a kit: its parts have to fit the machine, it need not."""
    kept = tuple(check for check in checks if check.passed or check.name != FITS)
    notes = tuple(
        f"in one piece the figure does not fit the machine ({check.measured:.0f} mm, limit "
        f"{check.limit:.0f} mm): print the kit"
        for check in checks
        if check not in kept
    )
    return kept, notes


def machine_of(profile: Profile, own_supports: bool = True) -> slicer.Machine:
    """The machine of a profile as PrusaSlicer wants it; for FDM the slicer makes the supports."""
    kind = "fdm" if profile.name == "fdm" else "resin"
    width, depth, height = profile.build_mm
    return slicer.Machine(kind, (width, depth), height, LAYER_MM[kind], kind == "fdm" and own_supports)


__all__ = ["KitJob", "in_parts", "machine_of"]
