"""Another program's grid or orbit of views to a posed `Sheet`, alone or beside drawings of one's own."""

import re
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from jaxtyping import Float32

from genkei.drawing.align import MARGIN, axes_px, place, span_of
from genkei.drawing.cues import normals
from genkei.drawing.evidence import measure
from genkei.drawing.matte import cut_out
from genkei.drawing.panels import Panel, split
from genkei.drawing.read import read_file
from genkei.drawing.resample import bleed, box_of, resample
from genkei.drawing.rigs import LEVEL_DEG, RIGS, Rig
from genkei.drawing.sheet import Options
from genkei.geometry.camera import turned_deg
from genkei.types import Camera, Reading, Sheet, View

SAME_DEG = 20.0
"""A picture of the grid nearer than this to a drawn view is left out: the drawing is better."""
DEEP = 0.25
"""Depth of a standing character over its height, by which a raised camera sees it taller."""
LARGEST_PERSPECTIVE_DEG = 5.0
"""Fields of view from here on are worth a note: their pictures are taken as parallel."""


@dataclass(frozen=True)
class Cell:
    """One picture of a grid, cut out."""

    panel: Panel
    azimuth_deg: float
    elevation_deg: float
    reading: Reading
    place_px: tuple[float, float]
    """Middle of the picture, in pixels of the panel."""
    side_px: int
    """Longer side of the picture."""
    touches: bool
    """The character goes up to a border."""

    @property
    def level(self) -> bool:
        """Seen from the height of its middle."""
        return abs(self.elevation_deg) < LEVEL_DEG


def read_grid(path: Path | str, rig: str, drawn: Sheet | None = None, options: Options = Options()) -> Sheet:
    """The views of a grid picture, a folder of frames or an animation, as cameras of the named rig saw them.

    Beside `drawn`, pictures from where something is drawn are left out. Level views share head and foot rows;
    raised ones keep the place their picture has, in a scale guessed from all of them. ValueError for an
    unknown rig, a picture that is not its grid, and one in which no character is found.
    """
    if rig not in RIGS:
        raise ValueError(f"there is no rig called {rig!r}; known are {', '.join(RIGS)}")
    wanted = RIGS[rig]
    kept = [cell for cell in cells_of(Path(path), wanted, options) if not _is_drawn(cell, drawn)]
    level, raised = [c for c in kept if c.level], [c for c in kept if not c.level]
    pairs = [*_level_views(level, options), *_raised_views(raised, level, options)]
    own = Sheet(
        tuple(view for view, _ in pairs),
        tuple(reading for _, reading in pairs),
        tuple(options.lines(view) for view, _ in pairs),
        tuple(normals(view) for view, _ in pairs),
        _notes(wanted, len(pairs), Path(path).name),
    )
    return own if drawn is None else _joined(drawn, own)


def cells_of(path: Path, rig: Rig, options: Options = Options()) -> list[Cell]:
    """Every picture of the grid, cut out."""
    pictures = _frames(path, rig)
    cells = []
    for index, (rgba, box) in enumerate(pictures):
        azimuth, elevation = rig.azimuths_deg[index], rig.elevations_deg[index]
        where = f"{path.name}, picture {index + 1} of {rig.count}"
        try:
            cutout = cut_out(rgba, options.mattes)
        except ValueError as error:
            raise ValueError(f"{where}: {error}") from error
        panels, _ = split(cutout)
        panel = max(panels, key=lambda p: p.mask.sum())
        reading = Reading(
            path.name, box, cutout.method, cutout.residual, f"{rig.name}, {where}", 1.0, panel.cut
        )
        left, top = panel.box_px[:2]
        middle = rgba.shape[1] / 2 - left, rgba.shape[0] / 2 - top
        height, width = rgba.shape[:2]
        right, bottom = panel.box_px[2:]
        touches = left <= 0 or top <= 0 or right >= width or bottom >= height
        cells.append(Cell(panel, azimuth, elevation, reading, middle, max(height, width), touches))
    _refuse_cut(cells, path, rig)
    return cells


def _refuse_cut(cells: list[Cell], path: Path, rig: Rig) -> None:
    """Most pictures cut: the grid is another program's that happens to have the same proportions."""
    cut = sum(cell.touches for cell in cells)
    if 2 * cut > len(cells):
        raise ValueError(
            f"{path.name}: {cut} of the {len(cells)} pictures are cut by their borders, read as a "
            f"grid of {rig.name}; is it another program's (--rig)? Known are {', '.join(RIGS)}"
        )


def _frames(path: Path, rig: Rig) -> list[tuple[Float32[np.ndarray, "h w 4"], tuple[int, int, int, int]]]:
    """The pictures and their boxes in the file."""
    if path.is_dir() or (rig.orbit and _moves(path)):
        if not rig.orbit:
            raise ValueError(f"{path} is a folder; {rig.name} writes one picture of {rig.count} views")
        frames = _files(path) if path.is_dir() else _animation(path)
        if rig.azimuths_deg[0] == 0 and len(frames) > rig.count and len(frames) % rig.count == 0:
            frames = frames[:: len(frames) // rig.count]  # a finer turn passes the same places
        if len(frames) != rig.count:
            raise ValueError(f"{path} holds {len(frames)} pictures; an orbit of {rig.name} has {rig.count}")
        return [(rgba, (0, 0, rgba.shape[1], rgba.shape[0])) for rgba in frames]
    picture = read_file(path)
    height, width = picture.rgba.shape[:2]
    rows, columns = rig.layout(width, height)
    found = []
    for row in range(rows):
        for column in range(columns):
            box = (
                round(column * width / columns),
                round(row * height / rows),
                round((column + 1) * width / columns),
                round((row + 1) * height / rows),
            )
            found.append((np.ascontiguousarray(picture.rgba[box[1] : box[3], box[0] : box[2]]), box))
    return found


def _files(folder: Path) -> list[Float32[np.ndarray, "h w 4"]]:
    names = [f for f in folder.iterdir() if f.suffix.lower() in (".png", ".jpg", ".jpeg", ".webp")]
    names.sort(key=_counted)
    return [read_file(name).rgba for name in names]


def _counted(file: Path) -> list[tuple[int, str]]:
    """A name in an order in which 8 comes before 10."""
    pieces = re.split(r"(\d+)", file.name)
    return [(int(piece), "") if piece.isdigit() else (-1, piece) for piece in pieces]


def _moves(path: Path) -> bool:
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(path) as opened:
            return getattr(opened, "n_frames", 1) > 1
    except (UnidentifiedImageError, OSError):
        return False


def _animation(path: Path) -> list[Float32[np.ndarray, "h w 4"]]:
    from PIL import Image, ImageSequence

    with Image.open(path) as opened:
        frames = [frame.convert("RGBA") for frame in ImageSequence.Iterator(opened)]
    return [np.asarray(frame, np.float32) / 255 for frame in frames]


def _is_drawn(cell: Cell, drawn: Sheet | None) -> bool:
    return drawn is not None and any(
        turned_deg(view.camera.azimuth_deg, cell.azimuth_deg) < SAME_DEG for view in drawn.views
    )


def _level_views(cells: list[Cell], options: Options) -> list[tuple[View, Reading]]:
    """Head and foot rows shared, the axis found as on a turnaround sheet."""
    if not cells:
        return []
    panels, azimuths = tuple(c.panel for c in cells), tuple(c.azimuth_deg for c in cells)
    axes = axes_px(panels, measure(panels), azimuths)
    span = span_of(panels, axes)
    return [
        (place(c.panel, axis, Camera.orthographic(c.azimuth_deg, span), options.size_px), c.reading)
        for c, axis in zip(cells, axes, strict=True)
    ]


def _raised_views(cells: list[Cell], level: list[Cell], options: Options) -> list[tuple[View, Reading]]:
    """Where their pictures have them: the camera looks at the character's middle, half its height up."""
    if not cells:
        return []
    height = height_share(level or cells)
    span = MARGIN * max(1.0, *(_reach(c, height) for c in cells))
    views = []
    for cell in cells:
        half = height * cell.side_px * span / 2
        x, y = cell.place_px
        rgba = resample(
            cell.panel.rgba, (x - half, y - half, x + half, y + half), options.size_px, options.size_px
        )
        camera = Camera.orthographic(cell.azimuth_deg, span, cell.elevation_deg)
        views.append((View(bleed(rgba), camera), cell.reading))
    return views


def height_share(cells: list[Cell]) -> float:
    """The character's height over the side of one picture, from the heights of all outlines.

    A camera raised by e sees height and depth as cos e and sin e of themselves.
    """
    shares = []
    for cell in cells:
        _, top, _, bottom = box_of(cell.panel.mask)
        rise = np.radians(abs(cell.elevation_deg))
        shares.append((bottom - top) / cell.side_px / (np.cos(rise) + DEEP * np.sin(rise)))
    return float(np.median(shares))


def _reach(cell: Cell, height: float) -> float:
    """Farthest that the outline lies from the picture's middle, in character heights, doubled."""
    left, top, right, bottom = box_of(cell.panel.mask)
    x, y = cell.place_px
    return 2 * max(right - x, x - left, bottom - y, y - top) / (height * cell.side_px)


def _notes(rig: Rig, used: int, source: str) -> tuple[str, ...]:
    note = f"{used} views come from {source}, a grid of {rig.name}: another program's guess, taken as given"
    angle = rig.field_of_view_deg
    if angle < LARGEST_PERSPECTIVE_DEG:
        return (note,)
    return (note, f"{rig.name} sees in perspective ({angle:g} degrees); its pictures are taken as parallel")


def _joined(drawn: Sheet, own: Sheet) -> Sheet:
    """Drawings first: what stands first is believed first."""
    return replace(
        drawn,
        views=drawn.views + own.views,
        readings=drawn.readings + own.readings,
        lines=drawn.lines + own.lines,
        normals=drawn.normals + own.normals,
        notes=drawn.notes + own.notes,
    )


__all__ = ["Cell", "cells_of", "height_share", "read_grid"]
