"""Line art and pencil on paper: what the lines close in is the character, in a plain colour under them."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float32

from genkei.drawing.backdrop import Backdrop, dilate, distance, fit_backdrop
from genkei.drawing.cutout import REMEDY, Cutout, Unexplained
from genkei.drawing.edge import soft_rim
from genkei.drawing.pieces import pieces_of
from genkei.drawing.resample import box_of
from genkei.geometry.colour import to_lab

INNER_PX = 640
"""Height to which the drawing is reduced before gaps are bridged."""
PAPER_PX = 192
"""Longer side at which the paper's own colour is followed over the page."""
GAPS = (0.0, 0.006, 0.012, 0.024)
"""Gaps in an outline that are bridged, in shares of the drawing's height; only round what is wider itself."""
NOISE = 5.0
"""Ink is at least this many times as far from the paper as the paper's own grain."""
WASH = 12.0
"""CIE Lab distance from the border's paper from which a place is tinted."""
FRAME = 0.9
"""Share of the page that no character fills."""
STROKE = 0.025
"""Width in drawing heights of the widest stroke: what is wider has been filled in."""


@dataclass(frozen=True)
class Sketch:
    """Cuts a drawing without fills out of its paper and paints it plain."""

    clay: tuple[float, float, float] = (0.80, 0.78, 0.75)
    """sRGB of what is left white: primed resin."""
    keep_lines: bool = True
    """False leaves the plain colour alone, for a figure that will be painted by hand."""
    least_ink: float = 8.0
    """CIE Lab distance from the paper from which a stroke is ink; less picks up creases and shadows."""
    least_width: float = 0.04
    """Widest closed area, in the drawing's heights: less is a picture of strokes."""
    asked: bool = True
    """False cuts out only what is a sketch beyond doubt, and leaves the rest to other mattes."""
    least_bare: float = 0.5
    """Share of bare paper in the character from which it is one."""
    most_filled: float = 0.1
    """Share of filled areas up to which it is one."""
    most_uneven: float = 12.0
    """CIE Lab distance of the picture's border from one smooth paper up to which it is one: creased paper
    photographed in a room reaches 6, a photograph of the room itself 19."""

    def __call__(self, rgba: Float32[np.ndarray, "h w 4"]) -> Cutout:
        """ValueError when there is no ink, or its lines close nothing in; Unexplained when not asked."""
        rgb = (rgba[..., :3] * rgba[..., 3:] + 1 - rgba[..., 3:]).astype(np.float32)
        off = ink_distance(rgb)
        limit = self._threshold(off)
        ink = _without_dust(off > limit)
        if not self.asked:
            self._refuse_paintings(ink)
        if not ink.any():
            raise ValueError(
                f"no drawn line was found: nothing is more than {limit:.0f} Lab units off the paper. Scan it"
                f" with more contrast, or leave --sketch out. {REMEDY}"
            )
        subject, gap = closed_in(ink)
        if subject.mean() > FRAME:
            raise (ValueError if self.asked else Unexplained)(
                f"the lines run round {subject.mean():.0%} of the picture, as a frame does, so nothing could"
                f" be cut away: crop the frame off. {REMEDY}"
            )
        bare = float((subject & ~ink).sum() / subject.sum())
        filled = _filled_share(ink, subject)
        if not self.asked:
            lab = to_lab(rgb)
            backdrop = fit_backdrop(rgb, lab)
            tinted = _tinted_share(lab, subject & ~ink, backdrop)
            on_paper = backdrop.residual <= self.most_uneven
            if bare < self.least_bare or max(filled, tinted) > self.most_filled or not on_paper:
                raise Unexplained("the picture is no sketch")
        width = _width(subject)
        if width < self.least_width:
            raise ValueError(
                f"the lines close in nothing wider than {width:.1%} of the drawing's height (wanted"
                f" {self.least_width:.0%}): the outline is open. Close its gaps in a paint program. {REMEDY}"
            )
        alpha, _ = soft_rim(rgb, np.ones_like(rgb), subject)
        share = np.clip(1 - off / limit, 0, 1)[..., None] if self.keep_lines else 1
        colour = rgb * (1 - share) + np.array(self.clay, np.float32) * share
        colour[alpha <= 0] = 0
        note = f"taken as a sketch: {bare:.0%} of the character is bare paper, painted in a plain colour"
        if gap:
            note += f"; gaps of up to {gap:.1%} of its height in the outline were bridged"
        return Cutout(np.dstack([colour, alpha]).astype(np.float32), "sketch", 0.0, (note,))

    def _refuse_paintings(self, ink: Bool[np.ndarray, "h w"]) -> None:
        """Before anything slow: ink that is mostly wider than a stroke is paint."""
        if ink.mean() > 0.3 or not ink.any() or _filled_share(ink, ink) > 0.5:
            raise Unexplained("the picture is no sketch")

    def _threshold(self, off: Float32[np.ndarray, "h w"]) -> float:
        return max(self.least_ink, NOISE * float(np.median(off)))


def ink_distance(rgb: Float32[np.ndarray, "h w 3"]) -> Float32[np.ndarray, "h w"]:
    """CIE Lab distance of every pixel from the paper round it; shadows over the page are paper too."""
    from PIL import Image
    from scipy.ndimage import gaussian_filter, median_filter, percentile_filter

    height, width = rgb.shape[:2]
    lab = to_lab(rgb)
    scale = min(1.0, PAPER_PX / max(height, width))
    small = tuple(max(round(v * scale), 2) for v in (width, height))
    planes = [
        np.asarray(Image.fromarray(lab[..., k].astype(np.float32)).resize(small, Image.Resampling.BOX))
        for k in range(3)
    ]
    reach = max(3, max(small) // 8)
    light = percentile_filter(planes[0], 80, reach)
    local = [light, *(median_filter(plane, 2 * reach) for plane in planes[1:])]
    smooth = [gaussian_filter(plane, reach / 2) for plane in local]
    paper = np.stack(
        [np.asarray(Image.fromarray(p).resize((width, height), Image.Resampling.BICUBIC)) for p in smooth], -1
    )
    step = lab - paper
    step[..., 0] = np.minimum(step[..., 0], 0)
    return np.linalg.norm(step, axis=-1).astype(np.float32)


def closed_in(ink: Bool[np.ndarray, "h w"]) -> tuple[Bool[np.ndarray, "h w"], float]:
    """Ink and what it closes in, and the widest gap that was bridged, in the drawing's heights.

    A ball as wide as a gap can't pass it (trapped-ball segmentation, Zhang et al. 2009): where it fits but
    can't come from the border is a chamber of the drawing. Clefts between limbs hold no such ball.
    """
    left, top, right, bottom = box_of(ink)
    scale = max(1, round((bottom - top) / INNER_PX))
    margin = round(2 * GAPS[-1] * (bottom - top)) + 4 * scale
    page = np.pad(ink[top:bottom, left:right], margin)
    page = np.pad(page, [(0, -side % scale) for side in page.shape])
    walls = np.asarray(page.reshape(len(page) // scale, scale, -1, scale).any((1, 3)))
    height = (bottom - top) / scale
    bridged, inside = 0.0, walls
    for gap in GAPS:
        chambers = _chambers(walls, round(gap * height / 2))
        if (chambers & ~inside).sum() > 1e-3 * height**2:
            bridged = gap
        inside = inside | chambers
    inside = inside | _chambers(inside, 0)
    if scale > 1:  # the coarse walls are up to a coarse pixel wider than the ink
        inside = inside & ~(walls & dilate(~inside, 1))
    large = inside.repeat(scale, 0).repeat(scale, 1)
    subject = ink.copy()
    subject[top:bottom, left:right] |= large[margin : margin + bottom - top, margin : margin + right - left]
    return subject, bridged


def _chambers(walls: Bool[np.ndarray, "h w"], radius_px: int) -> Bool[np.ndarray, "h w"]:
    """Where a ball fits that can't have come from the border."""
    from scipy.ndimage import binary_propagation

    room = ~dilate(walls, radius_px) if radius_px else ~walls
    border = np.zeros_like(room)
    border[0], border[-1], border[:, 0], border[:, -1] = True, True, True, True
    trapped = room & ~np.asarray(binary_propagation(border & room, mask=room), bool)
    return dilate(trapped, radius_px) if radius_px else trapped


def _width(subject: Bool[np.ndarray, "h w"]) -> float:
    """Of the widest disc in it, in its heights."""
    from scipy.ndimage import distance_transform_edt

    _, top, _, bottom = box_of(subject)
    return 2 * float(np.asarray(distance_transform_edt(np.pad(subject, 1))).max()) / (bottom - top)


def _tinted_share(
    lab: Float32[np.ndarray, "h w 3"], bare: Bool[np.ndarray, "h w"], backdrop: Backdrop
) -> float:
    """Share of the bare places whose colour the page's border doesn't explain: wide washes are no paper."""
    off = distance(lab, backdrop)
    return float((off[bare] > max(WASH, 4 * backdrop.residual)).mean()) if bare.any() else 0.0


def _filled_share(ink: Bool[np.ndarray, "h w"], subject: Bool[np.ndarray, "h w"]) -> float:
    """Share of the character covered by ink wider than a stroke."""
    from scipy.ndimage import distance_transform_edt

    _, top, _, bottom = box_of(subject)
    deep = np.asarray(distance_transform_edt(np.pad(ink, 1)))[1:-1, 1:-1] > STROKE / 2 * (bottom - top)
    return float((dilate(deep, round(STROKE / 2 * (bottom - top))) & ink).sum() / subject.sum())


def _without_dust(ink: Bool[np.ndarray, "h w"]) -> Bool[np.ndarray, "h w"]:
    """Specks are grain: pieces below a hundredth of the largest one's box diagonal in length."""
    from scipy.ndimage import find_objects

    pieces, count = pieces_of(ink)
    if not count:
        return ink
    lengths = np.array([np.hypot(*(s.stop - s.start for s in box)) for box in find_objects(pieces)])
    return np.r_[False, lengths > max(3.0, 0.02 * lengths.max())][pieces]
