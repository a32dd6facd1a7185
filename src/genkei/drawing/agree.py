"""Views of one sheet that disagree, brought together: opposite orthographic outlines are mirror images.

The front is the reference for the back, because it is what people look at; a left and a right side meet
half-way. Before that all views get the front's head row and foot row. What still differs afterwards is
measured by region.
"""

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Float, Int

from genkei.drawing.bend import GRID, Bend, affine, fitted, moved, outline_of, overlap, share_of
from genkei.drawing.resample import bleed
from genkei.geometry.camera import turned_deg
from genkei.geometry.warp import warped
from genkei.types import Agreement, View

SAME_DEG = 10.0
"""Views nearer than this to opposite directions show one outline."""
AGREED = 0.985
"""Outlines that overlap so much are one already: nothing is moved."""
STRANGERS = 0.7
"""Below this even after a shift, a scale and a turn it is another pose or character: nothing is moved."""
SLACK = 0.01
"""Heights by which outlines may differ before it counts as a conflict."""
TOLD = 0.08
"""Share of a region in conflict from which on it is told."""
FAR = 0.075
"""Heights: a bend that moves anything farther explains too much, and is not used."""


@dataclass(frozen=True)
class Agreed:
    """The views in one frame, and what was done."""

    views: tuple[View, ...]
    rows: tuple[Agreement, ...]

    @property
    def notes(self) -> tuple[str, ...]:
        """What still speaks against the views being one character, in words."""
        return tuple(_note(row) for row in self.rows if row.conflicts)


def agree(views: tuple[View, ...]) -> Agreed:
    """The views with head rows, foot rows and opposite outlines brought together; one span for all of them.

    Views without an opposite only get the rows of the front. Consistent views come back as they are.
    """
    bends = {k: bend for k, bend in enumerate(_same_rows(views)) if bend is not None}
    rows = []
    for first, second in opposite_pairs(views):
        row, changed = _together(views, first, second, bends)
        rows.append(row)
        bends |= changed
    out = tuple(bent(view, bends[k]) if k in bends else view for k, view in enumerate(views))
    return Agreed(out, tuple(rows))


def bent(view: View, bend: Bend) -> View:
    """The view redrawn through a bend."""
    across, down = bend.pixels(view.rgba.shape[0], view.camera.span)
    return replace(view, rgba=bleed(warped(view.rgba, across, down)))


def opposite_pairs(views: tuple[View, ...]) -> list[tuple[int, int]]:
    """Indices of views half a turn apart; of every pair the one nearer to the front, or the left, leads."""
    pairs = []
    for i, a in enumerate(views):
        for j, b in enumerate(views):
            lead, follow = a.camera.azimuth_deg, b.camera.azimuth_deg
            ahead = turned_deg(lead, LEADING_DEG) < turned_deg(follow, LEADING_DEG)
            if ahead and turned_deg(lead + 180, follow) < SAME_DEG:
                pairs.append((i, j))
    return pairs


LEADING_DEG = 40.0
"""Between front and left, nearer to the front."""


def _same_rows(views: tuple[View, ...]) -> list[Bend | None]:
    """What gives every view the head and foot row of the reference; None where they are within two pixels."""
    wanted = _ends(views[_reference(views)])
    out: list[Bend | None] = []
    for view in views:
        top, foot = _ends(view)
        if max(abs(top - wanted[0]), abs(foot - wanted[1])) <= 2 * view.camera.span / len(view.mask):
            out.append(None)
            continue
        scale = (wanted[1] - wanted[0]) / (foot - top)
        out.append(affine(scale, 0.0, wanted[1] - scale * foot, view.camera.span))
    return out


def _reference(views: tuple[View, ...]) -> int:
    return min(range(len(views)), key=lambda k: turned_deg(views[k].camera.azimuth_deg, 0.0))


def _ends(view: View) -> tuple[float, float]:
    """Heights below the picture's middle of the first row and the end of the last."""
    rows = np.flatnonzero(view.mask.any(1))
    size = len(view.mask)
    return tuple((edge / size - 0.5) * view.camera.span for edge in (rows[0], rows[-1] + 1))  # pyright: ignore[reportReturnType]


def _together(
    views: tuple[View, ...], first: int, second: int, bends: dict[int, Bend]
) -> tuple[Agreement, dict[int, Bend]]:
    """One pair compared, and the bends that bring it together as far as that is believable."""
    span = views[first].camera.span
    none = Bend.none()
    lead = moved(outline_of(views[first]), bends.get(first, none), span)
    follow = moved(outline_of(views[second]), bends.get(second, none), span)[:, ::-1]
    before = overlap(lead, follow)
    bend = none if before >= AGREED else _believable(lead, follow, span)
    halfway = turned_deg(views[first].camera.azimuth_deg, 0.0) > SAME_DEG
    shares = (-0.5, 0.5) if halfway else (0.0, 1.0)
    leads, follows = bend.part(shares[0]), bend.part(shares[1])
    here, there = moved(lead, leads, span), moved(follow, follows, span)
    after = overlap(here, there)
    if after <= before:
        leads, follows, here, there, after = none, none, lead, follow, before
    row = Agreement(
        views[second].name,
        views[first].name,
        round(before, 4),
        round(after, 4),
        round(follows.largest, 4),
        _conflicts(here, there, span, arms=not halfway),
    )
    changed = {}
    for index, own in ((first, leads), (second, follows.mirrored)):
        if own.largest > 0:
            changed[index] = own.after(bends.get(index, none), span)
    return row, changed


def _believable(fixed: np.ndarray, moving: np.ndarray, span: float) -> Bend:
    """The bend between two outlines; none at all where they are too different to be one pose."""
    similar = fitted(fixed, moving, span, bends=False)
    if overlap(fixed, moved(moving, similar, span)) < STRANGERS or similar.largest > FAR:
        return Bend.none()
    bend = fitted(fixed, moving, span)
    return similar if bend.largest > FAR else bend


REGIONS = ("head", "left arm", "right arm", "body", "legs")


def _conflicts(
    a: Float[np.ndarray, "g g"], b: Float[np.ndarray, "g g"], span: float, arms: bool
) -> tuple[tuple[str, float], ...]:
    where = regions(a < 0, span, arms)
    either = (a < 0) | (b < 0)
    found = []
    for index, name in enumerate(REGIONS):
        region = (where == index) & either
        if region.sum() >= LEAST:
            found.append((name, round(share_of(region, a, b, SLACK), 3)))
    return tuple(sorted((row for row in found if row[1] > TOLD), key=lambda row: -row[1]))


LEAST = 20
"""Cells of the grid below which a region is none."""


def regions(inside: Bool[np.ndarray, "g g"], span: float, arms: bool) -> Int[np.ndarray, "g g"]:
    """Index into REGIONS of every cell of the plane round an upright figure, told by its outline alone."""
    top, foot = (int(edge) for edge in np.flatnonzero(inside.any(1))[[0, -1]])
    tall = foot - top + 1
    row, column = np.indices(inside.shape)
    neck = top + _narrowest(inside[top + tall // 10 : top + tall * 11 // 20]) + tall // 10
    crotch = _crotch(inside, neck, foot)
    out = np.full(inside.shape, REGIONS.index("body"))
    if arms:
        chest = inside[neck : max((neck + crotch) // 2, neck + 2)]
        centre = float(np.median(np.flatnonzero(chest.any(0)))) if chest.any() else GRID / 2
        half = 1.3 * _half_width(chest, centre)
        out[column > centre + half] = REGIONS.index("left arm")
        out[column < centre - half] = REGIONS.index("right arm")
    out[row >= crotch] = REGIONS.index("legs")
    out[row < neck] = REGIONS.index("head")
    return out


def _narrowest(rows: Bool[np.ndarray, "n g"]) -> int:
    """The row whose middle run is shortest: the neck, where hair leaves it bare."""
    widths = rows.sum(1)
    smooth = np.convolve(widths, np.ones(3) / 3, mode="same")
    smooth[[0, -1]] = smooth.max(initial=0)
    return int(np.argmin(smooth)) if len(smooth) else 0


def _crotch(inside: Bool[np.ndarray, "g g"], neck: int, foot: int) -> int:
    """The row from which on the figure's middle column is open down to the feet; else half of the body."""
    body = np.flatnonzero(inside[neck:foot].any(0))
    centre = round(float(body.mean())) if len(body) else GRID // 2
    open_ = ~inside[neck : foot - 1, centre - 1 : centre + 2].any(1)
    closed = np.flatnonzero(~open_)
    last = int(closed[-1]) + neck if len(closed) else neck
    return last + 1 if last < foot - 0.15 * (foot - neck) else neck + (foot - neck) * 55 // 100


def _half_width(rows: Bool[np.ndarray, "n g"], centre: float) -> float:
    """Of the run round the centre, the median over the rows."""
    halves = []
    for line in rows:
        outside = np.flatnonzero(~line)
        right = outside[outside > centre]
        left = outside[outside < centre]
        if line[round(centre)] and len(right) and len(left):
            halves.append((right[0] - left[-1]) / 2)
    return float(np.percentile(halves, 25)) if halves else GRID / 20


def _note(row: Agreement) -> str:
    told = ", ".join(f"{name} {share:.0%}" for name, share in row.conflicts)
    return (
        f"{row.reference} and {row.view} contradict each other ({told} of it stands in one outline"
        f" alone, beyond {SLACK:.0%} of the height); the {row.reference} was believed"
    )
