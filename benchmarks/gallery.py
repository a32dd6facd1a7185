"""Drawings and what becomes of them, to look at: the front as drawn, then front, left and back of the result.

    python benchmarks/gallery.py FOLDER [FOLDER ...] --out out/gallery.png

Subjects are found as benchmarks/drawings.py finds them. Only the first drawing of a subject is given unless
--all-views asks for what there is; painted and clay pictures stand side by side, because paint hides shape.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import tyro

from contact import on_paper, shrunk
from drawings import Subject, find_subjects
from genkei.drawing.sheet import Options as Reading
from genkei.formats import png
from genkei.geometry.render import render, render_clay
from genkei.pipeline import SHAPES, read
from genkei.texture import Paint
from genkei.types import Camera, Sheet
from genkei.views import Mirrored

TILE_PX = 320
PER_ROW = 2
"""Subjects side by side."""


@dataclass(frozen=True)
class Options:
    """Make one picture of many results."""

    folders: tyro.conf.Positional[tuple[Path, ...]]
    out: Path = Path("out/gallery.png")
    limit: int = 24
    only: Annotated[str, tyro.conf.arg(metavar="NAMES")] = ""
    """Commas between; only subjects whose name contains one of them."""
    shape: str = "auto"
    """A backend by the name the command line knows."""
    all_views: bool = False
    """Give every drawn view, not the front alone."""
    paint: bool = True
    """Paint the results too; without, clay alone."""


def main(options: Options) -> None:
    wanted = [name for name in options.only.split(",") if name]
    found = [s for s in find_subjects(options.folders) if not wanted or any(n in s.name for n in wanted)]
    strips = []
    for subject in found[: options.limit]:
        try:
            strips.append(strip(subject, options))
        except ValueError as error:
            print(f"{subject.name}: refused: {error}", flush=True)
            continue
        print(subject.name, flush=True)
    if not strips:
        raise SystemExit("no drawing could be made into anything")
    blank = np.ones_like(strips[0])
    strips += [blank] * (-len(strips) % PER_ROW)
    rows = [np.concatenate(strips[k : k + PER_ROW], 1) for k in range(0, len(strips), PER_ROW)]
    options.out.parent.mkdir(parents=True, exist_ok=True)
    png.write(options.out, np.concatenate(rows, 0))


def strip(subject: Subject, options: Options) -> np.ndarray:
    """One subject's pictures, [TILE_PX, k * TILE_PX, 3]."""
    sheet = drawn(subject, options.all_views)
    views = Mirrored()(sheet)
    mesh = SHAPES[options.shape]()(views)
    span = sheet.views[0].camera.span
    cameras = [Camera.orthographic(azimuth, span) for azimuth in (0, 90, 180)]
    tiles = [shrunk(sheet.views[0].rgba)]
    if options.paint:
        character = Paint()(mesh, views)
        tiles += [render(mesh, character.uv, character.texture, c, TILE_PX, light=0.35) for c in cameras]
    tiles += [render_clay(mesh, Camera.orthographic(azimuth, span), TILE_PX) for azimuth in (0, 45, 90)]
    return np.concatenate([on_paper(tile) for tile in tiles], 1)


def drawn(subject: Subject, all_views: bool) -> Sheet:
    """The subject's drawings as read, or its front alone."""
    options = Reading(size_px=768)
    if subject.sheet is not None:
        sheet = read(sheet=subject.sheet, options=options)
        return sheet if all_views else first_of(sheet)
    sides = dict(subject.pictures) if all_views else {next(iter(subject.pictures)): None}
    return read({side: subject.pictures[side] for side in sides}, options=options)


def first_of(sheet: Sheet) -> Sheet:
    """The sheet with its first view alone."""
    return Sheet(sheet.views[:1], sheet.readings[:1], sheet.lines[:1], sheet.normals[:1], sheet.notes)


if __name__ == "__main__":
    main(tyro.cli(Options, description=__doc__))
