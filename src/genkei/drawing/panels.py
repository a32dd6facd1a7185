"""Splitting a sheet into its figures; captions, swatches and props are told apart by their size."""

import itertools
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Float32, Int

from genkei.drawing.cutout import Cutout
from genkei.drawing.pieces import pieces_of
from genkei.drawing.resample import box_of

FIGURE_HEIGHT = 0.6
"""A figure is at least this tall against the tallest one: views of one character share their height."""
FIGURE_AREA = 0.12
"""And covers at least this share of the largest one's area: a side view is thin, a frame line thinner."""
NEAR = 0.012
"""Detached bits (a hair tip, a charm) closer than this share of the figure's height belong to it."""
BIT_AREA = 2e-3
"""Inside a figure's box, bits above this share of its area belong to it as well."""
HEAD_GAP = 0.25
"""Two heads are at least this far apart, in heights: ears and raised fists are nearer."""
THIN_BRIDGE = 0.12
"""Figures that touch are parted where the bridge is thinner than this share of their height."""


@dataclass(frozen=True)
class Panel:
    """One figure, cropped to its box; everything else in the crop is transparent."""

    rgba: Float32[np.ndarray, "h w 4"]
    box_px: tuple[int, int, int, int]
    """Left, top, right, bottom in the cut-out picture."""
    cut: tuple[str, ...]
    """Borders of the picture that cut the subject."""

    @property
    def mask(self) -> Bool[np.ndarray, "h w"]:
        return self.rgba[..., 3] > 0.5


def split(cutout: Cutout) -> tuple[tuple[Panel, ...], tuple[str, ...]]:
    """The figures in reading order (rows from the top, each left to right), and what was dropped."""
    from scipy.ndimage import find_objects

    mask = cutout.rgba[..., 3] > 0.5
    assert mask.any(), "a matte returned an empty cut-out"
    pieces, count = pieces_of(mask)
    boxes = [(s[1].start, s[0].start, s[1].stop, s[0].stop) for s in find_objects(pieces)]
    areas = np.bincount(pieces.ravel(), minlength=count + 1)[1:]
    big = _figures(boxes, areas)
    owner = np.zeros(count + 1, np.int64)
    dropped = []
    for piece in range(count):
        if piece in big:
            owner[piece + 1] = big.index(piece) + 1
        else:
            owner[piece + 1] = _owner_of(piece, boxes, areas, big, pieces) + 1
            if owner[piece + 1] == 0:
                dropped.append(boxes[piece])
    panels = [_panel(cutout, owner[pieces], k + 1) for k in range(len(big))]
    return _reading_order(panels), _dropped_note(dropped, max(boxes[b][3] - boxes[b][1] for b in big))


def part_touching(panel: Panel) -> tuple[Panel, ...]:
    """A panel that holds several standing figures, parted at the thinnest columns between their heads.

    ValueError when the figures overlap so much that no thin column lies between them.
    """
    heads = standing_heads(panel.mask)
    if len(heads) < 2:
        return (panel,)
    mask = panel.mask
    thickness = mask.sum(0)
    cuts = []
    for left, right in itertools.pairwise(heads):
        column = int(left + np.argmin(thickness[left:right]))
        share = float(thickness[column] / mask.shape[0])
        if share > THIN_BRIDGE:
            raise ValueError(
                f"{len(heads)} figures overlap in one piece: the thinnest column between them still covers"
                f" {share:.0%} of their height (limit {THIN_BRIDGE:.0%}). Move them apart, or crop each view"
                " and hand it in by name (--front, --left, --back, --right)"
            )
        cuts.append(column)
    edges = [0, *cuts, mask.shape[1]]
    return tuple(_columns(panel, a, b) for a, b in itertools.pairwise(edges))


def standing_heads(mask: Bool[np.ndarray, "h w"]) -> list[int]:
    """Columns of the tops that have feet under them, left to right: more than one means several figures.

    A raised hand reaches as high as a head, but nothing below it reaches the floor.
    """
    height = mask.shape[0]
    top = np.flatnonzero(mask[: max(1, round(0.15 * height))].any(0))
    floor = np.flatnonzero(mask[-max(1, round(0.12 * height)) :].any(0))
    groups = np.split(top, np.flatnonzero(np.diff(top) > HEAD_GAP * height) + 1)
    heads = [int(group.mean()) for group in groups if len(group) > 0.02 * height]
    return [h for h in heads if len(floor) and np.abs(floor - h).min() < 0.08 * height]


def cut_borders(mask: Bool[np.ndarray, "h w"]) -> tuple[str, ...]:
    """Borders where the subject is as wide as just inside: it goes on outside the picture."""
    lines = {"top": mask, "bottom": mask[::-1], "left": mask.T, "right": mask.T[::-1]}
    found = []
    for name, rows in lines.items():
        inside = rows[min(max(3, round(0.02 * len(rows))), len(rows) - 1)]
        at_border = int(rows[0].sum())
        if at_border >= 4 and at_border > 0.85 * inside.sum() and (rows[0] & inside).sum() > 0.8 * at_border:
            found.append(name)
    return tuple(found)


def _figures(boxes: list[tuple[int, int, int, int]], areas: Int[np.ndarray, "n"]) -> list[int]:
    heights = np.array([b[3] - b[1] for b in boxes])
    widths = np.array([b[2] - b[0] for b in boxes])
    fill = areas / np.maximum(heights * widths, 1)
    body = fill > 0.06  # a frame round the sheet is all box and no fill
    tallest = heights[body].max() if body.any() else heights.max()
    good = body & (heights >= FIGURE_HEIGHT * tallest)
    good &= areas >= FIGURE_AREA * areas[good].max() if good.any() else False
    return [int(k) for k in np.flatnonzero(good)] or [int(np.argmax(areas))]


def _owner_of(
    piece: int,
    boxes: list[tuple[int, int, int, int]],
    areas: Int[np.ndarray, "n"],
    big: list[int],
    pieces: Int[np.ndarray, "h w"],
) -> int:
    """Index into `big` of the figure this piece belongs to, or -1."""
    left, top, right, bottom = boxes[piece]
    for index, figure in enumerate(big):
        x0, y0, x1, y1 = boxes[figure]
        near = max(2, round(NEAR * (y1 - y0)))
        inside = left >= x0 and right <= x1 and top >= y0 and bottom <= y1
        if inside and areas[piece] > BIT_AREA * areas[figure]:
            return index
        window = pieces[max(top - near, 0) : bottom + near, max(left - near, 0) : right + near]
        if (window == figure + 1).any():
            return index
    return -1


def _panel(cutout: Cutout, owner: Int[np.ndarray, "h w"], index: int) -> Panel:
    """Soft rim pixels go with the figure they touch: those within 4 px of it and of no other."""
    from scipy.ndimage import binary_dilation

    own = owner == index
    rim = np.asarray(binary_dilation(own, np.ones((3, 3)), iterations=4)) & ((owner == index) | (owner == 0))
    rim &= own | (cutout.rgba[..., 3] <= 0.5)
    left, top, right, bottom = box_of(rim & (cutout.rgba[..., 3] > 0))
    rgba = cutout.rgba[top:bottom, left:right].copy()
    rgba[~rim[top:bottom, left:right]] = 0
    return Panel(rgba, (left, top, right, bottom), cut_borders(own))


def _columns(panel: Panel, left: int, right: int) -> Panel:
    rgba = panel.rgba.copy()
    rgba[:, :left] = 0
    rgba[:, right:] = 0
    x0, y0, x1, y1 = box_of(rgba[..., 3] > 0.5)
    ox, oy = panel.box_px[:2]
    return replace(panel, rgba=rgba[y0:y1, x0:x1], box_px=(ox + x0, oy + y0, ox + x1, oy + y1))


def _reading_order(panels: list[Panel]) -> tuple[Panel, ...]:
    """Rows are figures whose vertical middles lie within half a figure of the row's first."""
    height = max(p.box_px[3] - p.box_px[1] for p in panels)
    rows: list[list[Panel]] = []
    for panel in sorted(panels, key=lambda p: p.box_px[1] + p.box_px[3]):
        middle = (panel.box_px[1] + panel.box_px[3]) / 2
        row = rows[-1] if rows else None
        if row and middle - (row[0].box_px[1] + row[0].box_px[3]) / 2 < 0.5 * height:
            row.append(panel)
        else:
            rows.append([panel])
    return tuple(p for row in rows for p in sorted(row, key=lambda p: p.box_px[0]))


def _dropped_note(dropped: list[tuple[int, int, int, int]], figure_px: int) -> tuple[str, ...]:
    shown = [b for b in dropped if max(b[2] - b[0], b[3] - b[1]) > 0.01 * figure_px]
    if not shown:
        return ()
    first = ", ".join(f"{x1 - x0} x {y1 - y0} px at ({x0}, {y0})" for x0, y0, x1, y1 in shown[:3])
    more = f" and {len(shown) - 3} more" if len(shown) > 3 else ""
    return (f"dropped as caption, swatch, prop or speck: {first}{more}",)
