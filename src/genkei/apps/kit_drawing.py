"""Drawings over pictures of kits, as SVG: numbered labels with leader lines, ways of assembly, arrows."""

from collections.abc import Sequence
from html import escape

import numpy as np
from jaxtyping import Float

from genkei.apps.kit_pictures import Shot
from genkei.apps.pictures import data_uri

LETTER_PX = 8.5
"""Mean width of a letter: the names stand beside the picture and need room."""
ROW_PX = 30
"""Least height between two labels."""
BADGE_PX = 11
COLOURS = 160


def labelled(
    shot: Shot, names: Sequence[str], ways: Sequence[tuple[np.ndarray, np.ndarray]], alt: str
) -> str:
    """The picture with a number and name beside every part that is seen, and dashed ways of assembly."""
    height, width = shot.rgba.shape[:2]
    seen = [k for k in range(len(names)) if np.isfinite(shot.anchors[k]).all()]
    left = sorted((k for k in seen if shot.anchors[k, 0] < width / 2), key=lambda k: shot.anchors[k, 1])
    right = sorted((k for k in seen if shot.anchors[k, 0] >= width / 2), key=lambda k: shot.anchors[k, 1])
    marks = [_way(shot, start, end) for start, end in ways]
    for side, column in ((-1, left), (1, right)):
        for k, y in zip(column, _rows([float(shot.anchors[k, 1]) for k in column], height), strict=True):
            marks.append(_label(k + 1, names[k], shot.anchors[k], side, y, width))
    margin = 50 + round(LETTER_PX * max((len(names[k]) for k in seen), default=0))
    return _svg(shot, "".join(marks), alt, margin)


def with_arrows(shot: Shot, ways: Sequence[tuple[np.ndarray, np.ndarray]], alt: str) -> str:
    """The picture with an arrow along every way (start, end in figure space)."""
    arrows = "".join(_arrow(*shot.place(np.stack(way))) for way in ways)
    return _svg(shot, arrows, alt, 0)


def _svg(shot: Shot, marks: str, alt: str, margin: int) -> str:
    height, width = shot.rgba.shape[:2]
    return (
        f'<svg class="drawing" viewBox="{-margin} 0 {width + 2 * margin} {height}" role="img" '
        f'aria-label="{escape(alt)}"><image href="{data_uri(shot.rgba, 0, COLOURS)}" '
        f'width="{width}" height="{height}"/>{marks}</svg>'
    )


def _way(shot: Shot, start: np.ndarray, end: np.ndarray) -> str:
    """A dashed line from where a part sits to where it was moved."""
    (x1, y1), (x2, y2) = shot.place(np.stack([start, end]))
    return f'<line class="way" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def _label(number: int, name: str, anchor: np.ndarray, side: int, y: float, width: int) -> str:
    x, near = (-14, "end") if side < 0 else (width + 14, "start")
    words, edge = x + side * (BADGE_PX + 7), x - side * BADGE_PX
    return (
        f'<polyline class="leader" points="{edge:.1f},{y:.1f} {anchor[0]:.1f},{anchor[1]:.1f}"/>'
        f'<circle class="anchor" cx="{anchor[0]:.1f}" cy="{anchor[1]:.1f}" r="3.2"/>'
        f'<circle class="badge" cx="{x}" cy="{y:.1f}" r="{BADGE_PX}"/>'
        f'<text class="digit" x="{x}" y="{y:.1f}">{number}</text>'
        f'<text class="name" x="{words}" y="{y:.1f}" text-anchor="{near}">{escape(name)}</text>'
    )


def _arrow(start: np.ndarray, end: np.ndarray) -> str:
    """A line with a head; nothing where the way points at the viewer."""
    way = end - start
    length = float(np.linalg.norm(way))
    if length < 6:
        return ""
    along = way / length
    across = np.array([-along[1], along[0]])
    head = min(14.0, length / 2)
    tip = [end, end - head * along + 0.45 * head * across, end - head * along - 0.45 * head * across]
    corners = " ".join(f"{x:.1f},{y:.1f}" for x, y in tip)
    stop = end - 0.8 * head * along
    return (
        f'<line class="arrow" x1="{start[0]:.1f}" y1="{start[1]:.1f}" x2="{stop[0]:.1f}" y2="{stop[1]:.1f}"/>'
        f'<polygon class="tip" points="{corners}"/>'
    )


def _rows(wanted: Sequence[float], height: int) -> Float[np.ndarray, "n"]:
    """Heights near the wanted ones (in order), at least a row apart and inside the picture where they fit."""
    rows = np.array(wanted, np.float64)
    if not len(rows):
        return rows
    step = min(ROW_PX, (height - 2 * BADGE_PX) / max(len(rows) - 1, 1))
    low = BADGE_PX + step * np.arange(len(rows))
    high = height - BADGE_PX - step * np.arange(len(rows))[::-1]
    for k in range(1, len(rows)):
        rows[k] = max(rows[k], rows[k - 1] + step)
    rows = np.clip(rows, low, high)
    for k in range(len(rows) - 2, -1, -1):
        rows[k] = min(rows[k], rows[k + 1] - step)
    return np.clip(rows, low, high)


__all__ = ["labelled", "with_arrows"]
