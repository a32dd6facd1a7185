"""The verbs: call the pipeline, write what it returned, say how it went. No algorithm."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from genkei import __version__, pipeline
from genkei.apps import options, record, report
from genkei.apps.body_files import write_figure_bodies
from genkei.apps.cutting import reading, with_pictures
from genkei.apps.folder import staged
from genkei.apps.kit_job import KitJob, in_parts
from genkei.apps.outputs import (
    RECORD,
    REPORT,
    VIEWS,
    with_outputs,
    write_character,
    write_figure,
    write_grids,
    write_record,
    write_splats,
    write_text,
)
from genkei.apps.page import Record
from genkei.apps.palette import chips
from genkei.apps.progress import Progress
from genkei.apps.request import (
    around,
    base,
    grids,
    height_mm,
    input_paths,
    paint,
    profile,
    request,
    shape,
    told_options,
    wanted,
)
from genkei.apps.summary import show_checks, show_run
from genkei.drawing.sheet import save_sheet
from genkei.figure.build import Build
from genkei.figure.palette import reduce_colours
from genkei.pipeline import Clock, Recipe
from genkei.types import Check, Timing


@dataclass(frozen=True)
class Run:
    """One run of a verb that writes a folder: its stopwatch, and the time it began."""

    verb: str
    clock: Clock
    started: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))

    def close(
        self, folder: Path, told: Record, page: Callable[[Record], str], earlier: Sequence[Timing]
    ) -> Record:
        """Write the report and then run.json; returns what run.json says."""
        with self.clock("report"):
            listed = with_outputs(told, folder, REPORT, RECORD)
            write_text(folder / REPORT, page(self._timed(listed, earlier)))
        final = self._timed(listed, earlier)
        write_record(folder, final)
        return final

    def _timed(self, told: Record, earlier: Sequence[Timing]) -> Record:
        return {**told, record.TIMELESS: record.timing_records([*earlier, *self.clock.timings], self.started)}


def make(verb: options.Make) -> bool:
    """`genkei make`; returns whether the figure would print."""
    asked, files, inputs = request(verb), wanted(verb), input_paths(verb)
    build = _build(verb, height_mm(verb, Build().height_mm))
    kit, numbers = KitJob.asked(verb), grids(verb)
    recipe = Recipe(reading(verb), around=around(verb), shape=shape(verb), paint=paint(verb), build=build)
    with Progress(verb.quiet) as progress, staged(verb.out, verb.force) as folder:
        run = Run("make", Clock(progress))
        hashes = record.input_records([*inputs, *([verb.checkpoint] if verb.checkpoint else [])])
        made = pipeline.make(**asked, recipe=recipe, progress=progress)
        if kit is not None:
            checks, says = in_parts(made.checks)
            made = replace(made, checks=checks, notes=(*made.notes, *says))
        with run.clock("files"):
            save_sheet(made.sheet, folder / VIEWS)
            palette = reduce_colours(made.figure, files.colours)
            write_character(folder, made.character, files)
            write_figure(folder, made.figure, palette, files)
            if files.bodies and kit is None:
                rows = write_figure_bodies(folder, made.figure, palette, build.profile)
                made = replace(made, checks=(*made.checks, *rows))
            write_grids(folder, made.character.mesh, made.figure.scale_mm, numbers)
            write_splats(folder, made.splats)
        told = {
            **_head("make", verb, _title(verb, inputs), hashes),
            "subtitle": "A drawing turned into a textured character and a printable figure.",
            "process": verb.process,
            "profile": record.profile_record(build.profile),
            "views": record.view_records(made.sheet),
            "agreements": record.agreement_records(made.sheet),
            "certainty": round(made.certainty, 3),
            "scores": record.score_records(made.scores),
            "figure": record.figure_record(made.figure),
            **_findings(made.checks, made.notes),
        }
        sound = kit is None or kit(made, build, run.clock, folder, told)
        shown = chips(made.figure, palette)
        told = run.close(folder, told, lambda told: report.make_report(made, told, shown), made.timings)
    show_run(told, verb.json, verb.out)
    return made.printable and sound


def _build(verb: options.Make | options.Printify, height: float) -> Build:
    return Build(height, profile(verb), base(verb), strengthen=verb.strengthen)


def views(verb: options.Views) -> bool:
    """`genkei views`: stop after the sheet. There is nothing to print yet, so nothing can fail to."""
    asked, inputs = request(verb), input_paths(verb)
    with Progress(verb.quiet) as progress, staged(verb.out, verb.force) as folder:
        run = Run("views", Clock(progress))
        hashes = record.input_records(inputs)
        with run.clock("read"):
            read = pipeline.read(**asked, options=reading(verb))
            sides = around(verb)
            sheet = with_pictures(read if sides is None else sides(read, reading(verb)), verb)
        with run.clock("files"):
            save_sheet(sheet, folder / VIEWS)
        told = {
            **_head("views", verb, _title(verb, inputs), hashes),
            "subtitle": "The views cut out of the drawing: the editable middle of the road.",
            "views": record.view_records(sheet),
            "agreements": record.agreement_records(sheet),
            "notes": list(sheet.notes),
        }
        told = run.close(folder, told, lambda told: report.views_report(sheet, told), ())
    show_run(told, verb.json, verb.out)
    return True


def printify(verb: options.Printify) -> bool:
    """`genkei printify`; returns whether the figure would print."""
    files, build = wanted(verb), _build(verb, Build().height_mm)
    kit = KitJob.asked(verb)
    size = {"unit": verb.unit or "", "height_mm": height_mm(verb, 0.0)}
    with Progress(verb.quiet) as progress, staged(verb.out, verb.force) as folder:
        run = Run("printify", Clock(progress))
        hashes = record.input_records([verb.model, *([verb.drawing] if verb.drawing else [])])
        printed = pipeline.printify(verb.model, drawing=verb.drawing, **size, build=build, progress=progress)
        if kit is not None:
            checks, says = in_parts(printed.checks)
            printed = replace(printed, checks=checks, notes=(*printed.notes, *says))
        with run.clock("files"):
            palette = reduce_colours(printed.figure, files.colours)
            write_character(folder, printed.character, files)
            write_figure(folder, printed.figure, palette, files)
            if files.bodies and kit is None:
                rows = write_figure_bodies(folder, printed.figure, palette, build.profile)
                printed = replace(printed, checks=(*printed.checks, *rows))
        told = {
            **_head("printify", verb, verb.model.stem, hashes),
            "subtitle": "A model closed, scaled, put on a base and checked; nothing was reconstructed.",
            "process": verb.process,
            "profile": record.profile_record(build.profile),
            "figure": record.figure_record(printed.figure),
            **_findings(printed.checks, printed.notes),
        }
        built = replace(build, height_mm=printed.figure.scale_mm)
        sound = kit is None or kit(printed, built, run.clock, folder, told)
        shown = chips(printed.figure, palette)
        told = run.close(
            folder, told, lambda told: report.printify_report(printed, told, shown), printed.timings
        )
    show_run(told, verb.json, verb.out)
    return printed.printable and sound


def check(verb: options.CheckFile) -> bool:
    """`genkei check`; returns whether the file would print."""
    limits = profile(verb)
    with Progress(verb.quiet) as progress:
        checks = pipeline.check(verb.model, process=limits, progress=progress)
    told = {
        "genkei": __version__,
        "verb": "check",
        "inputs": record.input_records([verb.model]),
        "process": verb.process,
        "profile": record.profile_record(limits),
        **_findings(checks, ()),
    }
    show_checks(told, verb.json)
    return bool(told["printable"])


def _head(verb: str, words: options.Say, title: str, hashes: Sequence[Record]) -> dict[str, object]:
    return {
        "genkei": __version__,
        "verb": verb,
        "title": title,
        "inputs": list(hashes),
        "options": told_options(words),
        "seed": record.SEED,
        "versions": record.versions(),
    }


def _findings(checks: Sequence[Check], notes: Sequence[str]) -> Mapping[str, object]:
    return {
        "printable": all(check.passed for check in checks),
        "checks": [record.check_record(check) for check in checks],
        "notes": list(notes),
    }


def _title(verb: options.Drawn, inputs: Sequence[Path]) -> str:
    """The drawing's own name; `sheet` and `front` say nothing, so their folder speaks for them."""
    first = (verb.source.resolve().parent / "views") if verb.source else inputs[0].resolve()
    return (
        first.parent.name if first.stem in ("sheet", "front", "views") and first.parent.name else first.stem
    )
