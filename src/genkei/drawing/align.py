"""Every view into one frame: head row at y = 1, foot row at y = 0, the body's axis at x = 0."""

import numpy as np
from jaxtyping import Float32

from genkei.drawing.evidence import ROWS, Evidence, register
from genkei.drawing.panels import Panel
from genkei.drawing.resample import bleed, box_of, resample, resample_plane
from genkei.types import Camera, View

MARGIN = 1.2
"""Picture width and height per character height (or width, when that is more)."""


def axes_px(
    panels: tuple[Panel, ...], evidence: tuple[Evidence, ...], azimuths: tuple[float, ...]
) -> tuple[float, ...]:
    """Column of the body's axis in every panel, in pixels of the panel.

    Front: the column about which head, torso and legs (no thin limbs) mirror best. Back: so that its mirror
    image falls on the front. A side has no symmetry, so the middle of its torso and legs stands in; its depth
    against the front is unknown. The opposite side is registered on it.
    """
    local = [_own_axis(e, a) for e, a in zip(evidence, azimuths, strict=True)]
    for first, second in _opposite_pairs(azimuths):
        mirrored = evidence[second].silhouette[:, ::-1].copy()
        iou, shift = register(mirrored, evidence[first].silhouette)
        if iou < 0.6:
            continue
        width = mirrored.shape[1]
        local[second] = width - (local[first] - shift)
    widths = [e.silhouette.shape[1] for e in evidence]
    return tuple(
        p.mask.shape[1] / 2 + (x - w / 2) * p.mask.shape[0] / ROWS
        for p, x, w in zip(panels, local, widths, strict=True)
    )


def span_of(panels: tuple[Panel, ...], axes: tuple[float, ...]) -> float:
    """Width of the square pictures in character heights, so that the widest view keeps its margin."""
    half = []
    for panel, axis in zip(panels, axes, strict=True):
        left, top, right, bottom = box_of(panel.mask)
        half.append(max(right - axis, axis - left) / (bottom - top))
    return MARGIN * max(1.0, round(2 * max(half), 3))


def place(panel: Panel, axis_px: float, camera: Camera, size_px: int) -> View:
    """The panel as a square view whose mask reaches from y = 1 to y = 0 within a pixel."""
    span = camera.span
    _, top, _, bottom = (float(v) for v in box_of(panel.mask))
    wanted_top, wanted_bottom = (0.5 - 0.5 / span) * size_px, (0.5 + 0.5 / span) * size_px
    for _ in range(2):  # filtering eats thin tips, so the rows are measured on the result
        box = _box(axis_px, top, bottom, span)
        alpha = resample_plane(panel.rgba[..., 3], box, size_px, size_px)
        if not (alpha > 0.5).any():
            break
        _, found_top, _, found_bottom = box_of(alpha > 0.5)
        per_px = (bottom - top) * span / size_px
        if abs(found_top - wanted_top) <= 0.5 and abs(found_bottom - wanted_bottom) <= 0.5:
            break
        top += (found_top - wanted_top) * per_px
        bottom += (found_bottom - wanted_bottom) * per_px
    rgba = resample(panel.rgba, _box(axis_px, top, bottom, span), size_px, size_px)
    return View(bleed(rgba), camera)


def _box(axis: float, top: float, bottom: float, span: float) -> tuple[float, float, float, float]:
    middle, half = (top + bottom) / 2, (bottom - top) * span / 2
    return axis - half, middle - half, axis + half, middle + half


def _own_axis(evidence: Evidence, azimuth: float) -> float:
    core = evidence.core
    if round(azimuth) % 180 == 0:
        _, shift = register(core[:, ::-1].copy(), core)
        return (core.shape[1] + shift) / 2
    return _middle(core)


def _middle(core: Float32[np.ndarray, "r w"]) -> float:
    """Median over the rows from neck to ankle of the middle of the row."""
    band = core[ROWS // 5 : ROWS * 9 // 10]
    band = band[band.any(1)] if band.any() else core[core.any(1)]
    columns = np.arange(core.shape[1]) + 0.5
    return float(np.median((band * columns).sum(1) / band.sum(1)))


def _opposite_pairs(azimuths: tuple[float, ...]) -> list[tuple[int, int]]:
    """Views half a turn apart, the one with the smaller azimuth first."""
    pairs = []
    for first, a in enumerate(azimuths):
        for second, b in enumerate(azimuths):
            if a < b and abs(b - a - 180) < 1:
                pairs.append((first, second))
    return pairs
