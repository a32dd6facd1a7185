"""Cutting the character out: a matte is a frozen dataclass whose call turns a picture into a `Cutout`."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Bool, Float32

from genkei.drawing.backdrop import Backdrop, distance, fit_backdrop, flood
from genkei.drawing.cutout import REMEDY, Cutout, Unexplained
from genkei.drawing.edge import soft_rim, subject_colour
from genkei.drawing.learned import Learned
from genkei.drawing.patches import among_white, faces_outside, flat
from genkei.drawing.pieces import pieces_of
from genkei.drawing.prompted import Prompted
from genkei.drawing.published import Published
from genkei.drawing.read import SHORTEST_PX, read_picture
from genkei.drawing.resample import box_of
from genkei.drawing.sketch import Sketch
from genkei.geometry.colour import to_lab

SMALL = 0.1
"""Share of `Alpha.eaten_share` from which on white patches go with the larger ones they lie among."""
WHITE_LIGHTNESS = 90.0
"""CIE L of white paper at least."""


@dataclass(frozen=True)
class Alpha:
    """The picture's own transparency."""

    least_transparent: float = 0.02
    """Share of the picture that must be transparent before its alpha is believed."""
    least_open_border: float = 0.3
    """Share of the border that must be transparent: rounded corners of a screenshot are no cut-out."""
    eaten_share: float = 2e-3
    """White patches inside the outline that a background remover took away are given back from this share of
    the subject on; 1 believes every hole."""

    def fits(self, rgba: Float32[np.ndarray, "h w 4"]) -> bool:
        clear = rgba[..., 3] < 0.5
        border = np.concatenate([clear[0], clear[-1], clear[:, 0], clear[:, -1]])
        return bool(clear.mean() >= self.least_transparent and border.mean() >= self.least_open_border)

    def __call__(self, rgba: Float32[np.ndarray, "h w 4"]) -> Cutout:
        """ValueError when the picture has no cut-out in its alpha channel."""
        if not self.fits(rgba):
            clear = float((rgba[..., 3] < 0.5).mean())
            raise ValueError(
                f"the alpha channel is no cut-out: {clear:.0%} of the picture is transparent, wanted at least"
                f" {self.least_transparent:.0%} and {self.least_open_border:.0%} of its border. {REMEDY}"
            )
        _refuse_no_subject(rgba[..., 3] > 0.5)
        eaten = self._eaten(rgba)
        if not eaten.any():
            return Cutout(rgba, "alpha", 0.0)
        whole = np.dstack([rgba[..., :3], np.where(eaten, 1, rgba[..., 3])]).astype(np.float32)
        share = float((eaten & (rgba[..., 3] <= 0.5)).sum() / (rgba[..., 3] > 0.5).sum())
        note = (
            f"white patches behind the outline ({share:.1%} of the character) are transparent but still hold"
            " the paper's white: taken for clothes that a background remover ate, and filled"
        )
        return Cutout(whole, "alpha", 0.0, (note,))

    def _eaten(self, rgba: Float32[np.ndarray, "h w 4"]) -> Bool[np.ndarray, "h w"]:
        """Enclosed holes whose hidden colour is white, parted from the outside by no more than a drawn line.

        Where there is one, others go with it that lie line by line among such holes: the halves of white
        trousers between pockets, seam and hem.

        Removers leave the colour under alpha 0 as it was, drawing programs set it to black; between an arm
        and the body lies more than a line.
        """
        from scipy.ndimage import binary_dilation, binary_fill_holes

        opaque = rgba[..., 3] > 0.5
        full = np.asarray(binary_fill_holes(opaque), bool)
        patches, count = pieces_of(full & ~opaque, corners=False)
        if count == 0:
            return np.zeros_like(opaque)
        sizes = np.maximum(np.bincount(patches.ravel(), minlength=count + 1), 1)
        light = np.bincount(patches.ravel(), to_lab(rgba[..., :3])[..., 0].ravel(), count + 1) / sizes
        share = sizes / opaque.sum()
        white = (light > WHITE_LIGHTNESS) & (share > SMALL * self.eaten_share)
        white[0] = False
        good = white & (share > self.eaten_share) & faces_outside(full, patches, count)
        if not good.any():
            return np.zeros_like(opaque)
        good |= among_white(full, patches, white)
        return np.asarray(binary_dilation(good[patches], iterations=3), bool) & full


@dataclass(frozen=True)
class Background:
    """Removes a plain or smoothly graded background (robust border model, trapped-ball flood, soft rim)."""

    ball_px: int = 2
    """Gaps in an outline narrower than twice this do not let the background in."""
    gap_share: float = 4e-4
    """Enclosed patches of background colour larger than this share of the picture become holes."""
    most_residual: float = 9.0
    """Border residual (CIE Lab) above which the background counts as unexplained."""
    least_explained: float = 0.55
    """Share of the border that must follow the model; the rest may be the subject cut by the border."""
    most_white_gap: float = 0.05
    """Before white paper, larger patches against the subject are white clothes."""
    most_gap: float = 0.2
    """Enclosed background above this share of the subject is paper inside a line drawing, not holes."""

    def __call__(self, rgba: Float32[np.ndarray, "h w 4"]) -> Cutout:
        """Unexplained, with the measured residual, when the background is no smooth colour."""
        opaque = rgba[..., 3:]
        rgb = rgba[..., :3] * opaque + (1 - opaque)
        lab = to_lab(rgb)
        backdrop = fit_backdrop(rgb, lab)
        self._refuse_unexplained(backdrop)
        off = distance(_calmed(lab, backdrop.residual), backdrop)
        behind = flood(off < max(4.0, 4 * backdrop.residual), self.ball_px)
        subject = _without_specks(~behind)
        _refuse_no_subject(subject)
        inside = _paper(subject)
        if inside:
            return self._on_paper(rgba, inside)
        subject, notes = self._open_gaps(subject, off, backdrop)
        alpha, colour = soft_rim(rgb.astype(np.float32), backdrop.rgb, subject)
        colour[alpha <= 0] = 0
        return Cutout(
            np.dstack([colour, alpha]).astype(np.float32), "background", round(backdrop.residual, 2), notes
        )

    def _on_paper(self, rgba: Float32[np.ndarray, "h w 4"], inside: tuple[int, int, int, int]) -> Cutout:
        """What stands out is a rectangle: a sheet of paper or a framed picture, so the drawing is inside."""
        left, top, right, bottom = inside
        found = self(rgba[top:bottom, left:right])
        whole = np.zeros_like(rgba)
        whole[top:bottom, left:right] = found.rgba
        note = (
            f"a rectangle of {right - left} x {bottom - top} px was taken as the paper, the drawing is inside"
        )
        return Cutout(whole, found.method, found.residual, (note, *found.notes))

    def _refuse_unexplained(self, backdrop: Backdrop) -> None:
        if backdrop.residual > self.most_residual or backdrop.explained < self.least_explained:
            raise Unexplained(
                f"the background is not one smooth colour: its border is {backdrop.residual:.1f} Lab units"
                f" off a smooth gradient (limit {self.most_residual:.0f}) and follows it on"
                f" {backdrop.explained:.0%} of its length (wanted {self.least_explained:.0%})"
            )

    def _open_gaps(
        self, subject: Bool[np.ndarray, "h w"], off: Float32[np.ndarray, "h w"], backdrop: Backdrop
    ) -> tuple[Bool[np.ndarray, "h w"], tuple[str, ...]]:
        """Between arm and body the background shows through, out of the flood's reach.

        Before white paper a patch is taken for white clothes when it is shaded, large, or parted from the
        outside by no more than a drawn line: between an arm and the body lies a whole arm.
        """
        white = float(np.median(backdrop.lab[..., 0])) > 95
        same = subject & (off < max(2.0, 2 * backdrop.residual))
        patches, count = pieces_of(same, corners=False)
        if count == 0:
            return subject, ()
        sizes = np.bincount(patches.ravel(), minlength=count + 1)
        good = sizes > self.gap_share * subject.size
        if white:
            good &= sizes < self.most_white_gap * subject.sum()
            good &= flat(off, patches, count, backdrop.residual) & ~faces_outside(subject, patches, count)
        good[0] = False
        gaps = good[patches]
        if gaps.sum() > self.most_gap * subject.sum():
            return subject, (
                f"{gaps.sum() / subject.sum():.0%} of the inside has the background's colour: taken as the"
                " paper of a line drawing and kept; if these are holes, cut them out yourself",
            )
        note = f"{good.sum()} enclosed patches as white as the paper were taken as see-through: check them"
        return subject & ~gaps, ((note,) if white and gaps.any() else ())


Matte = Alpha | Sketch | Background | Learned | Published | Prompted
MATTES: tuple[Matte, ...] = (Alpha(), Sketch(asked=False), Background(), Learned())
"""Tried in order."""


def cut_out(rgba: Float32[np.ndarray, "h w 4"], mattes: tuple[Matte, ...] = MATTES) -> Cutout:
    """By the picture's alpha if it has a real one, else by the first matte that explains its background.

    ValueError says why none of them does.
    """
    assert mattes, "no matte to cut out with"
    reason = ""
    for matte in mattes:
        if isinstance(matte, Alpha) and not matte.fits(rgba) and len(mattes) > 1:
            continue
        try:
            return matte(rgba)
        except Unexplained as error:
            reason = str(error)
        except ValueError as error:
            raise ValueError(f"{reason}, and {error}" if reason else str(error)) from error
    raise ValueError(f"{reason}. {REMEDY}")


def cut_with_mask(rgba: Float32[np.ndarray, "h w 4"], mask: Path) -> Cutout:
    """By a mask a person made: white (or opaque) = character; ValueError when it does not fit the picture."""
    from scipy.ndimage import gaussian_filter

    drawn = read_picture(mask)
    height, width = rgba.shape[:2]
    if drawn.shape[:2] != (height, width):
        raise ValueError(
            f"the mask {mask} is {drawn.shape[1]} x {drawn.shape[0]} px, the picture"
            f" {width} x {height} px. Save the mask in the picture's size"
        )
    alpha = drawn[..., 3] if Alpha().fits(drawn) else drawn[..., :3].mean(-1) * drawn[..., 3]
    if not ((alpha > 0.02) & (alpha < 0.98)).any():
        alpha = np.clip(gaussian_filter(alpha.astype(np.float32), 0.7) * 1.4 - 0.2, 0, 1)
    _refuse_no_subject(alpha > 0.5)
    colour = subject_colour(rgba[..., :3], alpha.astype(np.float32))
    colour[alpha <= 0] = 0
    return Cutout(np.dstack([colour, alpha]).astype(np.float32), "mask", 0.0)


def _calmed(lab: Float32[np.ndarray, "h w 3"], residual: float) -> Float32[np.ndarray, "h w 3"]:
    """Noise and JPEG ringing averaged away before the flood, the more the noisier the border is."""
    from scipy.ndimage import gaussian_filter

    sigma = float(np.clip(0.5 * (residual - 1.0), 0, 1.2))
    return lab if sigma < 0.2 else gaussian_filter(lab, (sigma, sigma, 0))


def _without_specks(subject: Bool[np.ndarray, "h w"]) -> Bool[np.ndarray, "h w"]:
    """Pieces below 20 px or 0.2 % of the largest are dust on the paper."""
    pieces, count = pieces_of(subject)
    if count < 2:
        return subject
    sizes = np.bincount(pieces.ravel())
    sizes[0] = 0
    return (sizes >= max(20, 0.002 * sizes.max()))[pieces]


def _paper(subject: Bool[np.ndarray, "h w"]) -> tuple[int, int, int, int] | tuple[()]:
    """The inside of the box of a subject that fills it as a rectangle does; empty for any other shape."""
    left, top, right, bottom = box_of(subject)
    if subject[top:bottom, left:right].mean() < 0.97 or min(right - left, bottom - top) < 2 * SHORTEST_PX:
        return ()
    margin = max(2, round(0.015 * min(right - left, bottom - top)))
    return left + margin, top + margin, right - margin, bottom - margin


def _refuse_no_subject(subject: Bool[np.ndarray, "h w"]) -> None:
    share = float(subject.mean())
    if share < 0.002:
        raise ValueError(
            f"no character found: only {share:.2%} of the picture stands out from the background"
            f" (wanted 0.2 %). {REMEDY}"
        )
    left, top, right, bottom = box_of(subject)
    if share > 0.97:
        raise ValueError(
            f"{share:.0%} of the picture ({right - left} x {bottom - top} px) would be character, so nothing"
            f" could be cut away. {REMEDY}"
        )
