"""The assembly sheet of a kit as one self-contained page that prints well: no script, no request."""

from collections.abc import Mapping, Sequence
from html import escape
from importlib.resources import files

import numpy as np

from genkei.apps.kit_beds import beds_section
from genkei.apps.kit_checks import kit_checks_section
from genkei.apps.kit_drawing import labelled
from genkei.apps.kit_marks import badge, hours, letter, swatch, way_words
from genkei.apps.kit_moulds import moulds_section
from genkei.apps.kit_pictures import (
    BACK_LEFT,
    BACK_RIGHT,
    FRONT_LEFT,
    FRONT_RIGHT,
    clearest,
    moved,
    shoot,
)
from genkei.apps.kit_steps import STEP_PX, steps_section
from genkei.apps.page import Record, hex_code, page, picture, section
from genkei.apps.pictures import data_uri
from genkei.apps.report import notes_section, verdict
from genkei.figure.explode import seats, travels
from genkei.figure.paints import Guide, Match
from genkei.figure.profiles import Profile, profile_named
from genkei.formats.slicer import Sliced
from genkei.geometry.mesh import volume
from genkei.types import Check, Kit

LARGE_PX, THUMB_PX = 900, 150
CHIPS = 5
"""Colours shown beside a part in the list."""


def kit_page(kit: Kit, told: Record) -> str:
    """The page of a kit.

    `told` has what the run knows: `title`, `subtitle`, `genkei` (version) and `process`; and, each where
    there is one, `material` (words), `checks`, `notes`, `guide` (a paints.Guide of the kit's parts), `prints`
    (part name -> Sliced), `moulds` (a Moulded a part), `profile`, `plugs` (parts that close drain holes) and
    `beds` (what lies on the printer's beds).
    """
    guide, prints, checks = told.get("guide"), told.get("prints", {}), told.get("checks", ())
    assert guide is None or isinstance(guide, Guide)
    assert isinstance(prints, Mapping) and isinstance(checks, Sequence)
    rows: tuple[Check, ...] = tuple(checks)
    notes = told.get("notes", ())
    assert isinstance(notes, Sequence)
    return page(
        {**told, "verb": told.get("verb", "kit")},
        verdict(rows) if rows else "",
        facts_section(kit, told, prints),
        exploded_section(kit),
        parts_section(kit, guide, told),
        _beds(kit, told),
        joints_section(kit),
        steps_section(kit),
        paint_section(guide) if guide else "",
        _moulds(kit, told),
        f'<div class="lead-page">{kit_checks_section(rows) if rows else ""}{notes_section(notes)}</div>',
        style=files("genkei.apps").joinpath("kit.css").read_text(encoding="utf-8"),
    )


def _profile(told: Record) -> Profile:
    profile = told.get("profile")
    return profile if isinstance(profile, Profile) else profile_named(str(told["process"]))


def _moulds(kit: Kit, told: Record) -> str:
    moulds = told.get("moulds", ())
    assert isinstance(moulds, Sequence)
    return moulds_section(kit.parts, moulds, _profile(told))


def _beds(kit: Kit, told: Record) -> str:
    beds = told.get("beds", ())
    assert isinstance(beds, Sequence)
    return beds_section(beds, kit.texture, _profile(told))


def facts_section(kit: Kit, told: Record, prints: Mapping[str, Sliced]) -> str:
    """The kit in one row of numbers."""
    points = np.concatenate([part.mesh.vertices for part in kit.parts])
    size = " × ".join(f"{side:.0f}" for side in np.ptp(points, axis=0))
    total = sum(volume(part.mesh) for part in kit.parts) / 1000
    cells = [
        (str(len(kit.parts)), "parts"),
        (str(len(kit.joints)), "joints"),
        (f"{size} mm", "assembled"),
        (f"{total:.1f} cm³", "material"),
        (str(told["process"]), "printer profile"),
    ]
    if prints:
        cells.append((hours(sum(row.minutes for row in prints.values())), "printing, one after another"))
    body = "".join(f"<div><b>{escape(value)}</b><span>{escape(says)}</span></div>" for value, says in cells)
    return f'<section class="facts">{body}</section>'


def exploded_section(kit: Kit) -> str:
    """The parts moved apart, large from one side and smaller from two others."""
    names = [part.name for part in kit.parts]
    along = np.array([j.direction for j in kit.joints], np.float64).reshape(-1, 3)
    first = clearest((FRONT_LEFT, FRONT_RIGHT), along)
    other = FRONT_RIGHT if first is FRONT_LEFT else FRONT_LEFT
    back = clearest((BACK_LEFT, BACK_RIGHT), along)
    drawn = []
    for side, size, says in (
        (first, LARGE_PX, "from the front"), (other, STEP_PX, "from the other side"),
        (back, STEP_PX, "from behind"),
    ):  # fmt: skip
        moves = travels(kit, 1.0, side.forward)
        shot = shoot(moved(kit.parts, moves), kit.texture, side, size)
        ways = seats(kit, moves)
        if size == LARGE_PX:
            drawn.append(labelled(shot, names, ways, f"exploded view {says}"))
        else:
            drawn.append(picture(data_uri(shot.rgba, 0, 128), f"exploded view {says}", says))
    body = f'<div class="apart">{drawn[0]}<div class="beside">{drawn[1]}{drawn[2]}</div></div>'
    return section("All parts", "Every part has left its seat along the way it is put on.", body)


def parts_section(kit: Kit, guide: Guide | None, told: Record) -> str:
    """One row a part: number, picture, size, volume, material, colours, and print time where it is known."""
    prints, material = told.get("prints", {}), str(told.get("material", told["process"]))
    plugs = told.get("plugs", ())
    assert isinstance(prints, Mapping) and isinstance(plugs, Sequence)
    timed = '<th class="number">print, with supports</th>' if prints else ""
    head = (
        '<tr><th></th><th></th><th>part</th><th class="number">size, mm</th><th class="number">volume</th>'
        f"<th>material</th><th>colours</th>{timed}</tr>"
    )
    rows = "".join(_part_row(kit, k, guide, material, prints) for k in range(len(kit.parts)))
    hint = "<code>parts/NAME.stl</code> is each part in its place in the figure."
    if plugs:
        named = ", ".join(escape(plug.name) for plug in plugs)
        hint += f" With them go {len(plugs)} plugs that close the holes after washing: {named}."
    return section("Parts", hint, f'<table class="parts">{head}{rows}</table>', "lead-page")


def _part_row(kit: Kit, k: int, guide: Guide | None, material: str, prints: Mapping[str, Sliced]) -> str:
    part, row = kit.parts[k], prints.get(kit.parts[k].name)
    shot = shoot([part], kit.texture, FRONT_LEFT, THUMB_PX)
    size = " × ".join(f"{side:.1f}" for side in np.ptp(part.mesh.vertices, axis=0))
    chips = "".join(swatch(tone.rgb) for tone in guide.of_part(k)[:CHIPS]) if guide else ""
    told = f"{hours(row.minutes)}<br>{row.grams:.1f} g" if row else "–"
    return (
        f'<tr><td>{badge(k + 1)}</td><td class="thumb"><img src="{data_uri(shot.rgba, 0, 64)}" '
        f'alt="{escape(part.name)}"></td><td><b>{escape(part.name)}</b></td>'
        f'<td class="number">{size}</td><td class="number">{volume(part.mesh) / 1000:.2f} cm³</td>'
        f'<td>{escape(material)}</td><td><span class="swatches">{chips}</span></td>'
        + (f'<td class="number">{told}</td></tr>' if prints else "</tr>")
    )


def joints_section(kit: Kit) -> str:
    """Every joint with its sizes."""
    number = {part.name: k + 1 for k, part in enumerate(kit.parts)}
    rows = "".join(
        f"<tr><td>{badge(number[j.plugged])} {escape(j.plugged)}</td>"
        f"<td>{badge(number[j.carrier])} {escape(j.carrier)}</td><td>{escape(j.kind)}</td>"
        f'<td class="number">{j.size_mm:.1f} mm</td><td class="number">{j.depth_mm:.1f} mm</td>'
        f'<td class="number">{j.clearance_mm:.2f} mm</td><td>from {way_words(j.direction)}</td></tr>'
        for j in kit.joints
    )
    head = (
        '<tr><th>part</th><th>sits on</th><th>joint</th><th class="number">width</th>'
        '<th class="number">depth</th><th class="number">gap a side</th><th>put on</th></tr>'
    )
    hint = "Width and depth are the peg's; the gap is left all round it. Test the fit before you paint."
    return section("Joints", hint, f"<table>{head}{rows}</table>") if kit.joints else ""


def paint_section(guide: Guide) -> str:
    """The tones by area with the nearest paints, and what each part needs."""
    number = {name: k + 1 for k, name in enumerate(guide.part_names)}
    paints = any(tone.matches for tone in guide.tones)
    table = "".join(
        f'<tr><td class="letter">{letter(tone.number)}</td><td>{swatch(tone.rgb, True)}</td>'
        f"<td><code>{hex_code(tone.rgb)}</code></td>"
        f'<td class="number">{tone.area_mm2 / 100:.1f} cm²</td><td>{_on(tone.areas_mm2, number)}</td>'
        + (f"<td>{''.join(_paint(match) for match in tone.matches)}</td></tr>" if paints else "</tr>")
        for tone in guide.tones
    )
    nearest = "<th>nearest of your paints, ΔE</th>" if paints else ""
    head = (
        '<tr><th></th><th></th><th>colour</th><th class="number">area</th><th>on part</th>'
        + nearest
        + "</tr>"
    )
    rows = "".join(
        f"<tr><td>{badge(k + 1)}</td><td><b>{escape(name)}</b></td><td>"
        + "".join(
            f'<span class="need">{swatch(tone.rgb)}<b>{letter(tone.number)}</b> '
            f"{tone.areas_mm2[k]:,.0f} mm²</span>"
            for tone in guide.of_part(k)
        )
        + "</td></tr>"
        for k, name in enumerate(guide.part_names)
    )
    hint = "Areas are those of the solid's surface, joints included."
    if paints:
        hint += " ΔE is CIEDE2000 to your paints: under 2 is hardly seen, over 5 is another colour."
    return section("Paint guide", hint, f'<table class="tones">{head}{table}</table>', "lead-page") + section(
        "Paint, part by part", "", f'<table class="needs">{rows}</table>'
    )


def _on(areas: Sequence[float], number: Mapping[str, int]) -> str:
    """Badges of the parts that carry at least 2 % of a tone."""
    total = max(sum(areas), 1e-9)
    return " ".join(badge(n) for n, area in zip(number.values(), areas, strict=True) if area > 0.02 * total)


def _paint(match: Match) -> str:
    pot = f"{swatch(match.paint.rgb)}{escape(match.paint.name)}"
    return f'<span class="need">{pot} <b>{match.away:.1f}</b></span>'


__all__ = ["kit_page"]
