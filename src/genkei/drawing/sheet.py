"""Pictures on paper to a `Sheet`: one square view a side, one scale, head and foot rows shared."""

from dataclasses import dataclass, replace
from pathlib import Path

from genkei.drawing.agree import Agreed, agree
from genkei.drawing.align import axes_px, place, span_of
from genkei.drawing.contradictions import contradictions
from genkei.drawing.cutout import Cutout
from genkei.drawing.evidence import measure
from genkei.drawing.label import label
from genkei.drawing.lines import Classical, Lines
from genkei.drawing.matte import MATTES, Matte, cut_out, cut_with_mask
from genkei.drawing.names import azimuths_of, name_of
from genkei.drawing.panels import Panel, part_touching, split, standing_heads
from genkei.drawing.priors import Delight, Inflated, Normals
from genkei.drawing.read import Picture, read_file
from genkei.drawing.store import load_sheet, save_sheet
from genkei.types import Camera, Reading, Sheet

SMALLER = 0.9
"""Views of one sheet below this share of the tallest one's height are scaled, with a note."""
MOST_VIEWS = 24
DOUBTED = 0.3
"""Certainty of a label that the picture contradicts, even when a person gave it."""
FEW_PX = 200
"""Figures drawn smaller than this are read, with a note."""


@dataclass(frozen=True)
class Options:
    """How drawings are read."""

    size_px: int = 1024
    """Side of every square view; half of it is enough for a draft."""
    mattes: tuple[Matte, ...] = MATTES
    """Tried in order: the first that fits the picture cuts the character out."""
    lines: Lines = Classical()
    """Where contour lines run."""
    normals: Normals = Inflated()
    """Which way the surface faces."""
    delight: Delight | None = None
    """Takes the light out of the colours; None leaves them as drawn."""
    agree: bool = True
    """Bring views that disagree together; False takes them as drawn."""


@dataclass(frozen=True)
class _Found:
    """A figure with everything known about it before it is placed."""

    panel: Panel
    azimuth: float
    reading: Reading


def read_sheet(
    path: Path | str, order: tuple[str, ...] = (), options: Options = Options(), mask: Path | str = ""
) -> Sheet:
    """A turnaround sheet, or one drawing; `order` names the views in reading order and is then believed.

    `mask` is a picture of the same size, white where the character is. ValueError in the user's words.
    """
    picture = read_file(path)
    cutout = _cut(picture, options, mask)
    panels, notes = split(cutout)
    parted = tuple(part for panel in panels for part in part_touching(panel))
    if len(parted) > len(panels):
        notes += (f"{picture.source}: touching figures were parted at their thinnest columns",)
    evidence = measure(parted)
    if order:
        azimuths = azimuths_of(order, len(parted))
        whys = [("named by the user", 1.0)] * len(parted)
    else:
        labels = label(evidence)
        azimuths = tuple(found.azimuth for found in labels)
        whys = [(found.reason, found.certainty) for found in labels]
    found = [
        _Found(p, a, _reading(picture, cutout, p, why))
        for p, a, why in zip(parted, azimuths, whys, strict=True)
    ]
    kept, double = _without_doubles(found)
    return _assemble(kept, cutout.notes + notes + double, options)


def read_views(
    pictures: dict[float, Path | str] | dict[float, Path] | dict[float, str],
    options: Options = Options(),
    masks: dict[float, Path] | None = None,
) -> Sheet:
    """One picture a view, azimuth in degrees -> file; `masks` may hold a mask picture for some of them.

    The labels are the user's; where the pictures contradict them, `Sheet.notes` says so.
    """
    if not pictures:
        raise ValueError("no picture was given. Wanted at least the front view")
    if len(pictures) > MOST_VIEWS:
        raise ValueError(
            f"{len(pictures)} views were given, at most {MOST_VIEWS} are used: beyond one every 15"
            " degrees they add time and no shape. Leave some out"
        )
    found: list[_Found] = []
    notes: tuple[str, ...] = ()
    masks = masks or {}
    for azimuth, path in pictures.items():
        picture = read_file(path)
        cutout = _cut(picture, options, masks.get(azimuth, ""))
        panels, dropped = split(cutout)
        figures = sum(max(1, len(standing_heads(p.mask))) for p in panels)
        if figures > 1:
            raise ValueError(
                f"{picture.source} shows {figures} figures, wanted one for the {name_of(azimuth % 360)} view."
                " Crop it to one character, or hand a turnaround sheet of one character in with --sheet"
            )
        notes += tuple(f"{picture.source}: {n}" for n in cutout.notes + dropped)
        reading = _reading(picture, cutout, panels[0], ("named by the user", 1.0))
        found.append(_Found(panels[0], float(azimuth) % 360, reading))
    if len({f.azimuth for f in found}) < len(found):
        raise ValueError("two pictures were given for one azimuth; every view may be given once")
    return _assemble(found, notes, options)


def _cut(picture: Picture, options: Options, mask: Path | str) -> Cutout:
    if str(mask):
        return cut_with_mask(picture.rgba, Path(mask))
    try:
        return cut_out(picture.rgba, options.mattes)
    except ValueError as error:
        raise ValueError(f"{picture.source}: {error}") from error


def _reading(picture: Picture, cutout: Cutout, panel: Panel, why: tuple[str, float]) -> Reading:
    left, top, right, bottom = (round(v * picture.reduction) for v in panel.box_px)
    box = (left, top, right, bottom)
    return Reading(picture.source, box, cutout.method, cutout.residual, why[0], why[1], panel.cut)


def _without_doubles(found: list[_Found]) -> tuple[list[_Found], tuple[str, ...]]:
    """Of two figures with one label the surer stays."""
    kept: dict[float, _Found] = {}
    notes: tuple[str, ...] = ()
    for figure in found:
        rival = kept.get(figure.azimuth)
        if rival is None:
            kept[figure.azimuth] = figure
            continue
        worse, better = sorted((rival, figure), key=lambda f: (f.reading.certainty, -f.reading.box_px[0]))
        kept[figure.azimuth] = better
        notes += (
            f"two figures look like the {name_of(figure.azimuth)}: that at {better.reading.box_px[:2]} stays,"
            f" that at {worse.reading.box_px[:2]} was left out; name them with --order if that is wrong",
        )
    return list(kept.values()), notes


def _assemble(found: list[_Found], notes: tuple[str, ...], options: Options) -> Sheet:
    found = sorted(found, key=lambda f: f.azimuth)
    panels = tuple(f.panel for f in found)
    azimuths = tuple(f.azimuth for f in found)
    evidence = measure(panels)
    axes = axes_px(panels, evidence, azimuths)
    span = span_of(panels, axes)
    views = tuple(
        place(panel, axis, Camera.orthographic(azimuth, span), options.size_px)
        for panel, axis, azimuth in zip(panels, axes, azimuths, strict=True)
    )
    against = contradictions(views, evidence)
    readings = tuple(
        replace(f.reading, certainty=min(f.reading.certainty, DOUBTED))
        if any(k in doubt.views for doubt in against)
        else f.reading
        for k, f in enumerate(found)
    )
    agreed = agree(views) if options.agree else Agreed(views, ())
    delight = options.delight
    placed = agreed.views if delight is None else tuple(delight(view) for view in agreed.views)
    light = () if delight is None else ("the light was taken out of the colours by a model: check them",)
    return Sheet(
        placed,
        readings,
        tuple(options.lines(view) for view in agreed.views),
        tuple(options.normals(view) for view in agreed.views),
        notes + _quality_notes(found) + tuple(doubt.note for doubt in against) + agreed.notes + light,
        agreed.rows,
    )


def _tall(figure: _Found) -> int:
    return figure.reading.box_px[3] - figure.reading.box_px[1]


def _quality_notes(found: list[_Found]) -> tuple[str, ...]:
    notes = []
    tallest = {f.reading.source: _tall(f) for f in sorted(found, key=_tall)}
    for figure in found:
        name = name_of(figure.azimuth)
        smaller = _tall(figure) / tallest[figure.reading.source]
        if smaller < SMALLER:
            notes.append(f"{name}: drawn {smaller:.0%} as tall as the tallest view; scaled to it")
        _, top, _, bottom = figure.reading.box_px
        if figure.reading.cut:
            where = " and ".join(figure.reading.cut)
            note = f"{name}: the {where} border of the picture cuts the character"
            notes.append(
                note + ("; the cut row counts as the floor" if "bottom" in figure.reading.cut else "")
            )
        if bottom - top < FEW_PX:
            notes.append(f"{name}: drawn only {bottom - top} px tall; {FEW_PX} or more keep the details")
    return tuple(notes)


__all__ = ["Options", "load_sheet", "read_sheet", "read_views", "save_sheet"]
