"""Predictions of several views in one frame: first they are moved along their own depth until they agree."""

import math
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Float32, Float64

from genkei.geometry.camera import turned_deg
from genkei.shape.decode import BIN, NEAREST, SURE
from genkei.shape.silhouette import Silhouette
from genkei.shape.volume import Volume


@dataclass(frozen=True)
class Solid:
    """What the net says of one view, on rays through the cells of its outline."""

    odds: Float32[np.ndarray, "k rows cols"]
    """Log-odds over the ray's threshold, positive inside; bin 0 is nearest to the viewer."""
    outline: Silhouette
    """The view's own, columns to the right in its picture."""
    side: float
    """Heights that one crop unit stands for."""
    azimuth_deg: float
    shift: float = 0.0
    """Heights towards the viewer by which the prediction's z = 0 lies before the views' axis."""
    face: Bool[np.ndarray, "rows cols"] | None = None
    """Rays that a face is seen on, where the net tells parts."""

    @property
    def inside(self) -> Bool[np.ndarray, "k rows cols"]:
        return (self.odds > 0) & self.outline.mask

    @property
    def depth(self) -> Float32[np.ndarray, "k"]:
        """Of the bins' middles: heights from the views' axis towards the viewer."""
        bins = np.arange(len(self.odds))
        return ((NEAREST - (bins + 0.5) * BIN) * self.side + self.shift).astype(np.float32)

    @property
    def across(self) -> Float32[np.ndarray, "cols"]:
        """Of the columns: heights from the views' axis to the right."""
        return (self.outline.u0 + self.outline.step * np.arange(self.odds.shape[2])).astype(np.float32)

    @property
    def up(self) -> Float64[np.ndarray, "rows"]:
        """Of the rows: heights above the ground."""
        return self.outline.y0 + self.outline.step * np.arange(self.odds.shape[1])

    def reach(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """Lowest and highest x, lowest and highest z of its matter in character space."""
        bins, columns = np.nonzero(self.inside.any(1))
        d, u = self.depth[bins], self.across[columns]
        sine, cosine = turn(self.azimuth_deg)
        x, z = u * cosine + d * sine, d * cosine - u * sine
        return (float(x.min()), float(x.max())), (float(z.min()), float(z.max()))


def turn(azimuth_deg: float) -> tuple[float, float]:
    """Sine and cosine, exact at the quarters."""
    quarter = azimuth_deg / 90
    if abs(quarter - round(quarter)) < 1e-6:
        return ((0.0, 1.0), (1.0, 0.0), (0.0, -1.0), (-1.0, 0.0))[round(quarter) % 4]
    return math.sin(math.radians(azimuth_deg)), math.cos(math.radians(azimuth_deg))


FARTHEST = 0.25
"""Heights along the ray that are tried."""
ASIDE = 0.5
"""Sine of the angle between two views from which one's outline tells about the other's depth."""


def agreed(solids: tuple[Solid, ...]) -> tuple[Solid, ...]:
    """Every prediction moved along its own depth to where the other views' outlines want it.

    Without a view from aside the spine stays at the views' axis, and a front and a back prediction meet
    half-way.
    """
    if any(_aside(a, b) for a in solids for b in solids):
        return tuple(replace(solid, shift=_shift(solid, solids)) for solid in solids)
    gaps = [_gap(solids[0], other) for other in solids]
    mean = float(np.mean(gaps))
    return tuple(
        replace(
            solid,
            shift=(mean - gap) * (1 if turned_deg(solids[0].azimuth_deg, solid.azimuth_deg) < 90 else -1),
        )
        for solid, gap in zip(solids, gaps, strict=True)
    )


def _aside(a: Solid, b: Solid) -> bool:
    return math.sin(math.radians(turned_deg(a.azimuth_deg, b.azimuth_deg))) > ASIDE


def _shift(solid: Solid, solids: tuple[Solid, ...]) -> float:
    """Where the outlines of the views from aside overlap most with the prediction seen from there."""
    steps = np.arange(-round(FARTHEST / STEP), round(FARTHEST / STEP) + 1) * STEP
    total = np.zeros(len(steps))
    for other in solids:
        if _aside(solid, other):
            total += _overlaps(solid, other.azimuth_deg, other.outline, steps)
    if not total.any():
        return 0.0
    best = int(np.argmax(total - 1e-6 * np.abs(steps)))
    if not 0 < best < len(steps) - 1:
        return float(steps[best])
    left, here, right = total[best - 1 : best + 2]
    bend = left - 2 * here + right
    return float(steps[best] + (0.5 * STEP * (left - right) / bend if bend < 0 else 0.0))


STEP = 0.004
"""Heights between two tried shifts; the best is refined by a parabola."""


def _overlaps(solid: Solid, azimuth_deg: float, outline: Silhouette, steps: np.ndarray) -> np.ndarray:
    """IoU of an outline and the prediction seen from its azimuth, for every shift of the prediction."""
    from scipy.ndimage import binary_closing

    sine, cosine = turn(azimuth_deg - solid.azimuth_deg)
    bins, rows, columns = np.nonzero(solid.inside)
    # u' = u cos - d sin: moving by s towards its own viewer moves the prediction by -s sin on this outline
    u = solid.across[columns] * cosine - solid.depth[bins] * sine
    height, width = outline.mask.shape
    pad = math.ceil(FARTHEST / outline.step) + 1
    column = np.round((u - outline.u0) / outline.step).astype(int) + pad
    there = (column >= 0) & (column < width + 2 * pad)
    cover = np.zeros((height, width + 2 * pad), bool)
    cover[rows[there], column[there]] = True
    cover = binary_closing(cover, iterations=2)
    wanted = np.pad(outline.mask, ((0, 0), (pad, pad)))
    spectrum = (np.conj(np.fft.rfft(cover)) * np.fft.rfft(wanted)).sum(0)
    both = np.fft.irfft(spectrum, width + 2 * pad)
    moved = np.arange(-pad, pad + 1)
    iou = both[moved] / np.maximum(cover.sum() + wanted.sum() - both[moved], 1.0)
    return np.interp(-steps * sine, moved * outline.step, iou)


def _gap(first: Solid, other: Solid) -> float:
    """Heights towards the first view's viewer by which an opposite view's matter lies before the first's."""
    if first is other or not (
        turned_deg(first.azimuth_deg, other.azimuth_deg) < PARALLEL_DEG
        or turned_deg(first.azimuth_deg, other.azimuth_deg) > 180 - PARALLEL_DEG
    ):
        return 0.0
    sign = 1.0 if turned_deg(first.azimuth_deg, other.azimuth_deg) < 90 else -1.0
    here, there = _middles(first), _middles(other)
    column = np.round((first.across * sign - other.outline.u0) / other.outline.step).astype(int)
    known = (column >= 0) & (column < there.shape[1])
    gap = sign * there[:, column[known]] - here[:, known]
    return float(np.nanmedian(gap)) if np.isfinite(gap).any() else 0.0


PARALLEL_DEG = 10.0
"""Views that differ by less, or by less from opposite, see the same depth."""


def _middles(solid: Solid) -> Float32[np.ndarray, "rows cols"]:
    """Mean depth of each ray's matter in heights; NaN without any."""
    inside = solid.inside
    count = inside.sum(0)
    total = np.einsum("khw,k->hw", inside.astype(np.float32), solid.depth)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan).astype(np.float32)


def fused(solids: tuple[Solid, ...], body: Volume) -> Float32[np.ndarray, "nx ny nz"]:
    """The predictions' mean log-odds on the body's grid, as a soft distance in heights: negative inside."""
    from genkei.shape.kernels import add_rays

    odds = np.zeros(body.field.shape, np.float32)
    x, z = (body.origin[k] + body.step * np.arange(odds.shape[k]) for k in (0, 2))
    for solid in solids:
        sine, cosine = turn(solid.azimuth_deg)
        u = x[:, None] * cosine - z[None] * sine
        depth = (x[:, None] * sine + z[None] * cosine - solid.shift) / solid.side
        columns = (u - solid.outline.u0) / solid.outline.step
        bins = (NEAREST - depth) / BIN - 0.5
        rays = np.ascontiguousarray(solid.odds.transpose(2, 0, 1))
        add_rays(odds, rays, columns.astype(np.float32), bins.astype(np.float32))
    scale = np.mean([solid.side for solid in solids]) * BIN / (2 * SURE) / len(solids)
    odds *= -np.float32(scale)  # sure bins on both sides of the surface: a slope of 1
    return odds
