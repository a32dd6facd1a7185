"""One self-contained HTML page about a run: no script, no request, readable by day and by night."""

from collections.abc import Mapping, Sequence
from html import escape

from genkei.apps import pictures
from genkei.apps.page import Record, hex_code, number, page, picture, pill, section, size
from genkei.apps.palette import Chip
from genkei.apps.record import TIMELESS
from genkei.geometry.score import Score
from genkei.pipeline import Made, Printed
from genkei.types import Check, Sheet, all_passed

TIMINGS_START, TIMINGS_END = "<!-- timings -->", "<!-- end of timings -->"
"""What stands between these differs from run to run; everything else is the same for the same inputs."""


def make_report(made: Made, record: Record, chips: Sequence[Chip]) -> str:
    """The page about a finished `make`."""
    shown = pictures.show_figure(made.figure)
    return page(
        record,
        verdict(made.checks),
        facts(record, views=len(made.sheet.views)),
        comparison_section(made),
        turntable_section(shown),
        guess_section(made),
        palette_section(chips),
        checks_section(made.checks),
        readings_section(made.sheet),
        agreements_section(made.sheet),
        notes_section(made.notes),
        files_section(record),
        timings_section(record),
    )


def printify_report(printed: Printed, record: Record, chips: Sequence[Chip]) -> str:
    """The page about a finished `printify`: no drawing to compare with."""
    shown = pictures.show_figure(printed.figure)
    return page(
        record,
        verdict(printed.checks),
        facts(record),
        turntable_section(shown),
        palette_section(chips),
        checks_section(printed.checks),
        notes_section(printed.notes),
        files_section(record),
        timings_section(record),
    )


def views_report(sheet: Sheet, record: Record) -> str:
    """The page about `views`: the cut-out drawing and how it was read."""
    hint = "The cut-out views the solid is made from. Correct them in the views folder, then go on with "
    return page(
        record,
        "",
        sheet_section(sheet, hint + "<code>genkei make --from views -o out</code>."),
        readings_section(sheet),
        agreements_section(sheet),
        notes_section(sheet.notes),
        files_section(record),
        timings_section(record),
    )


def verdict(checks: Sequence[Check]) -> str:
    failed = sum(not check.passed for check in checks)
    if all_passed(checks):
        return f'<div class="verdict good">Ready to print<small>{len(checks)} checks passed</small></div>'
    says = f"{failed} of {len(checks)} checks failed"
    return f'<div class="verdict bad">Would not print<small>{says}</small></div>'


def facts(record: Record, views: int = 0) -> str:
    """The size of the thing in one row."""
    figure = record["figure"]
    assert isinstance(figure, Mapping)
    size = " × ".join(f"{side:.0f}" for side in figure["size_mm"])
    rows = [
        (f"{figure['character_height_mm']:.0f} mm", "character height"),
        (f"{size} mm", "with the base"),
        (f"{figure['volume_cm3']:.1f} cm³", "volume, solid"),
        (f"{figure['triangles']:,}", "triangles"),
        (str(record["process"]), "printer profile"),
    ]
    if views:
        rows.append((str(views), "drawn view" if views == 1 else "drawn views"))
    if "certainty" in record:
        rows.append((f"{record['certainty']:.0%}", "certain that it shows one character"))
    cells = "".join(f"<div><b>{escape(value)}</b><span>{escape(says)}</span></div>" for value, says in rows)
    return f'<section class="facts">{cells}</section>'


def comparison_section(made: Made) -> str:
    """Every drawn view beside the same view of the result, with its numbers."""
    drawn = [view for view in made.views if view.drawn]
    pairs = "".join(_pair(view, score) for view, score in zip(drawn, made.scores, strict=True))
    return section(
        "The drawing beside the result",
        "Left the drawing, then the same view of the painted solid, then their difference: red where the "
        "colour is off, blue where only the drawing has something, orange where only the result has. A "
        "colour distance (CIE Lab) of 2.3 is just noticeable.",
        f'<div class="pairs">{pairs}</div>',
    )


def _pair(view: "pictures.View", score: Score) -> str:
    trio = pictures.crop_together([view.rgba, score.rendered, pictures.difference(view, score)])
    names = (f"{view.name} as drawn", f"{view.name} of the result", f"{view.name}, difference")
    tiles = "".join(
        picture(pictures.data_uri(rgba, 480, 0 if "diff" not in name else 64), name, caption)
        for rgba, name, caption in zip(trio, names, ("drawing", "result", "difference"), strict=True)
    )
    off = f"colour off by {score.colour_error:.1f} (median {score.colour_median:.1f})"
    head = f"<h3>{escape(view.name)}<span>silhouette {score.silhouette_iou:.1%} · {off}</span></h3>"
    return f'<div class="pair">{head}<div class="grid three">{tiles}</div></div>'


def turntable_section(shown: pictures.Shown) -> str:
    """Eight painted views and four of bare clay."""
    painted = pictures.crop_together(pictures.turntable(shown))
    clay = pictures.crop_together(pictures.clay(shown))
    turns = "".join(
        picture(pictures.data_uri(rgba), f"figure at {a} degrees", f"{a}°")
        for rgba, a in zip(painted, pictures.TURNS, strict=True)
    )
    bare = "".join(
        picture(pictures.data_uri(rgba, 0, 48), f"bare shape, {name}", name)
        for rgba, name in zip(clay, ("front", "three-quarter", "left", "back"), strict=True)
    )
    return section(
        "All round", "The figure on its base, every 45 degrees.", f'<div class="grid four turn">{turns}</div>'
    ) + section("Bare shape", "The same solid without paint.", f'<div class="grid four bare">{bare}</div>')


def guess_section(made: Made) -> str:
    """The turntable with every region nobody drew marked as a guess."""
    hatched, seen = pictures.guesses(made.character)
    tiles = "".join(
        picture(pictures.data_uri(rgba, 0, 128), f"guessed regions at {a} degrees", f"{a}°")
        for rgba, a in zip(pictures.crop_together(hatched), pictures.TURNS, strict=True)
    )
    hint = (
        f'Nobody drew what is hatched <span class="hatch"></span>: its colour is carried over from '
        f"what was drawn nearby, its shape is a guess. {seen:.0%} of the visible surface was drawn."
    )
    return section("Drawn and guessed", hint, f'<div class="grid eight">{tiles}</div>')


def palette_section(chips: Sequence[Chip]) -> str:
    """The colours that go into the 3MF."""
    if not chips:
        return ""
    tiles = "".join(
        f'<div class="chip"><i style="background:{hex_code(chip.rgb)}"></i>'
        f"<div><code>{hex_code(chip.rgb)}</code><br><span>{chip.share:.0%}</span></div></div>"
        for chip in chips
    )
    return section(
        "Palette",
        "The filament colours of the 3MF and how much of the surface each covers.",
        f'<div class="chips">{tiles}</div>',
    )


def checks_section(checks: Sequence[Check]) -> str:
    """Every finding with its measured value and its limit."""
    rows = "".join(
        "<tr>"
        f"<td>{pill(check.passed)}</td><td>{escape(check.name)}</td>"
        f'<td class="number">{number(check.measured)} {escape(check.unit)}</td>'
        f'<td class="number">{number(check.limit)} {escape(check.unit)}</td>'
        f"<td>{escape(check.where)}{_advice(check)}</td></tr>"
        for check in checks
    )
    head = (
        '<tr><th></th><th>check</th><th class="number">measured</th><th class="number">limit</th>'
        "<th>where, and what to do</th></tr>"
    )
    return section("Will it print?", "", f"<table>{head}{rows}</table>")


def _advice(check: Check) -> str:
    if check.passed or not check.advice:
        return ""
    return f'. <span class="advice">{escape(check.advice)}</span>'


def sheet_section(sheet: Sheet, hint: str) -> str:
    """The cut-out views alone."""
    cut = pictures.crop_together([view.rgba for view in sheet.views])
    tiles = "".join(
        picture(pictures.data_uri(rgba, 560), f"{view.name} view", view.name)
        for rgba, view in zip(cut, sheet.views, strict=True)
    )
    return section("The views", hint, f'<div class="grid four">{tiles}</div>')


def readings_section(sheet: Sheet) -> str:
    """How each view was found on paper and how sure its label is."""
    rows = "".join(
        f"<tr><td><b>{escape(view.name)}</b></td><td>{escape(reading.reason)}</td>"
        f'<td class="number">{reading.certainty:.0%}</td><td>{escape(reading.matte)}</td>'
        f'<td class="number">{reading.residual:.1f}</td><td>{escape(", ".join(reading.cut)) or "–"}</td>'
        f'<td class="number">{escape(_box(reading.box_px))}</td></tr>'
        for view, reading in zip(sheet.views, sheet.readings, strict=True)
    )
    head = (
        '<tr><th>view</th><th>why it has this label</th><th class="number">certainty</th><th>cut out by</th>'
        '<th class="number">background residual</th><th>cut at</th><th class="number">box, px</th></tr>'
    )
    return section(
        "How the drawing was read",
        "The residual is how far the picture's border is from the background model (CIE Lab): near 0 is a "
        "clean background. A wrong label is put right with <code>--order</code>, a wrong cut-out in the "
        "views folder.",
        f"<table>{head}{rows}</table>",
    )


def agreements_section(sheet: Sheet) -> str:
    """How far views of one outline agreed, what was moved for it, and where they contradict each other."""
    if not sheet.agreements:
        return ""
    rows = "".join(
        f"<tr><td><b>{escape(row.reference)}</b> and <b>{escape(row.view)}</b></td>"
        f'<td class="number">{row.before:.1%}</td><td class="number">{row.after:.1%}</td>'
        f'<td class="number">{row.moved:.1%}</td>'
        f"<td>{escape(', '.join(f'{name} {share:.0%}' for name, share in row.conflicts)) or '–'}</td></tr>"
        for row in sheet.agreements
    )
    head = (
        '<tr><th>views</th><th class="number">overlap as drawn</th><th class="number">overlap now</th>'
        '<th class="number">moved, of the height</th><th>still in conflict, share of the region</th></tr>'
    )
    return section(
        "Do the views agree?",
        "Seen from opposite sides a figure has one outline, mirrored. Where two drawings differ, the second"
        " was bent smoothly towards the first; what no small bend explains is listed, and the first wins.",
        f"<table>{head}{rows}</table>",
    )


def _box(box: tuple[int, int, int, int]) -> str:
    left, top, right, bottom = box
    return f"{left}, {top} – {right}, {bottom}"


def notes_section(notes: Sequence[str]) -> str:
    if not notes:
        return ""
    items = "".join(f"<li>{escape(note)}</li>" for note in notes)
    return section("Notes", "", f'<ul class="notes">{items}</ul>')


def files_section(record: Record) -> str:
    """What went in and what came out, with hashes."""
    return f'<div class="two">{_files("Inputs", record["inputs"])}{_files("Files", record["outputs"])}</div>'


def _files(title: str, entries: object) -> str:
    assert isinstance(entries, Sequence)
    rows = "".join(
        f'<tr><td>{escape(entry["name"])}</td><td class="number">{size(entry.get("bytes", 0))}</td>'
        f'<td class="hash">{entry.get("sha256", "")[:12]}</td></tr>'
        for entry in entries
    )
    return section(title, "", f"<table>{rows}</table>")


def timings_section(record: Record) -> str:
    """Stage by stage; the versions stand beside them. The only part of the page that differs between runs."""
    timings = record[TIMELESS]
    assert isinstance(timings, Mapping)
    rows = "".join(
        f'<tr><td>{escape(row["stage"])}</td><td class="number">{row["wall_s"]:.1f} s</td>'
        f'<td class="number">{row["cpu_s"]:.1f} s</td></tr>'
        for row in timings["stages"]
    )
    memory = f", peak memory {timings['peak_memory_mb']:.0f} MB" if timings["peak_memory_mb"] else ""
    hint = f"{escape(timings['started'])}; {timings['total_s']:.1f} s in all{memory}."
    head = '<tr><th>stage</th><th class="number">elapsed</th><th class="number">processor</th></tr>'
    versions = record["versions"]
    assert isinstance(versions, Mapping)
    installed = "".join(
        f'<tr><td>{escape(name)}</td><td class="number">{escape(str(found))}</td></tr>'
        for name, found in versions.items()
    )
    return (
        f'<div class="two" style="margin-top:18px">{TIMINGS_START}'
        f"{section('Time', hint, f'<table>{head}{rows}</table>')}{TIMINGS_END}"
        f"{section('Versions', '', f'<table>{installed}</table>')}</div>"
    )
