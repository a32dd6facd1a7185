"""Which drawn lines are contours: the edge of what is seen, no mark upon it.

A contour runs where the surface turns away from the viewer or ends before something farther; lashes, mouth,
seams and patterns lie on surface that faces him. Painted onto the solid, a contour would stand in the middle
of what another side sees.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Float32

from genkei.geometry.colour import to_lab
from genkei.types import View

APART = 0.05
"""Depth step that parts two layers: a fringe lies nearer to its brow than an arm to the skirt behind it."""
STEP = 15.0
"""L* by which a line is darker than what it borders."""
DARK = 45.0
"""L* of the lightest outline."""
THICKEST = 20.0
"""Pixels of a picture 1024 px high that an outline may be wide."""
THIN = 3.0
"""The same of an outline that was not measured to be thick: farther in, lines belong to shades and hems."""
EVEN = 0.7
"""Share of its median width that three quarters of an outline reach; borders of dark clothes vary more."""
RIM, INSIDE = 6.0, 9.0
"""Pixels of a picture 1024 px high: an outline darkens the rim up to the one, and not beyond the other."""
FAINT = 10.0
"""L* by which a rim is darker than its inside to count as outlined."""
BLACK = 35.0
"""L* of an inside so dark that no outline shows before it."""
OUTLINED = 0.7
"""Share of the rim before lighter insides that is outlined in a drawing with contours: .77 to 1 in 13
outlined pictures, at most .64 in 15 that are painted or rendered without."""
TURNED = 0.5
"""Cosine to the viewer below which a line on the solid is a contour."""
NEAR = 3.0
"""Pixels of a picture 1024 px high by which a contour may lie beside the solid's own edge."""
INKED = 0.3
"""Strength from which the drawing stage's lines count."""
SOFT = 1.0
"""Pixels of a picture 1024 px high that a line's soft edge is wide."""
FACE = 0.4
"""The net's chance of a face from which lines are features, however the solid lies there."""

JAW = (0.06, 0.15)
"""Shares of the face's height, in and out of the border that the net gives it, where its chin is drawn."""
CHIN = 0.7
"""Share of the face's height below which its border is the chin's: locks lie beside the rest."""


@dataclass(frozen=True)
class Inked:
    """The lines of a view, per pixel."""

    line: Bool[np.ndarray, "h w"]
    """Thin dark lines, whatever they mean."""
    contour: Bool[np.ndarray, "h w"]
    """What is ink of a contour, or lies outside one; nowhere where none is told."""
    told: bool
    """Whether contours are told from other lines: they are drawn, and are not to be kept."""
    stroke_px: float


def inked(
    view: View,
    contour_px: float,
    lines: Float32[np.ndarray, "hl wl"],
    face: Float32[np.ndarray, "hf wf"],
    cosine: Float[np.ndarray, "h w"],
    depth: Float32[np.ndarray, "h w"],
    keep: bool = False,
) -> Inked:
    """What is inked in a view of a surface that faces the viewer by `cosine` and lies at `depth`.

    Outlines within `contour_px`, of a picture 1024 px high, of the silhouette are contours, thicker ones in
    full. `lines`, the strength of drawn lines, and `face`, the chance of one, may be empty: then outlines
    alone count. `keep`: no contour is told from other lines.
    """
    pixel = len(view.mask) / 1024
    distance = inwards(view)
    stroke = stroke_width(view, contour_px * pixel, THICKEST * pixel)
    thin = lines.size and stroke <= max(contour_px * pixel, 1)
    line = drawn_lines(lines) & view.mask if thin else ink(view, stroke)
    contour, told = np.zeros_like(line), not keep and outlined(view)
    if told:
        strand = strands(view, stroke / 2)
        reach = THIN * pixel if thin else stroke
        contour = line & (distance <= max(reach, 1) + 1) & ~strand
        contour |= outside(contour, distance) & view.mask & ~strand
        if lines.size:
            contour |= inner_contours(lines, cosine, depth, face)
    return Inked(line, contour, told, stroke)


def without(view: View, contour: Bool[np.ndarray, "h w"]) -> Float32[np.ndarray, "h w 3"]:
    """The drawing; on contours and outside it, the nearest opaque colour."""
    from scipy.ndimage import distance_transform_edt

    solid = view.rgba[..., 3] > 0.95
    solid = solid if solid.any() else view.mask
    solid = solid & ~contour if (solid & ~contour).any() else solid
    nearest = np.asarray(distance_transform_edt(~solid, return_distances=False, return_indices=True))
    return np.ascontiguousarray(view.rgba[..., :3][nearest[0], nearest[1]])


def outlined(view: View) -> bool:
    """Whether contours are drawn at all: the silhouette's rim is darker than what it encloses.

    True where everything is too dark to tell.
    """
    from scipy.ndimage import distance_transform_edt, minimum_filter

    pixel = len(view.mask) / 1024
    distance = inwards(view)
    light = _lightness(view)
    nearest = distance_transform_edt(distance < INSIDE * pixel, return_distances=False, return_indices=True)
    inside = light[tuple(np.asarray(nearest))]
    rim = (distance > 0) & (distance < RIM * pixel)
    darkest = minimum_filter(np.where(rim, light, 200), 2 * round(2 * pixel) + 1)
    edge = (distance >= 1) & (distance < 2.1)
    tells = edge & (inside > BLACK)
    if not tells.sum() > 0.05 * edge.sum() or not (distance >= INSIDE * pixel).any():
        return True
    return bool(((inside - darkest)[tells] > FAINT).mean() > OUTLINED)


def stroke_width(view: View, least_px: float, most_px: float) -> float:
    """Median width in pixels of the dark rim along the silhouette, `least_px` where a light rim prevails.

    Inwards from the silhouette a stroke ends where it is STEP lighter than the darkest of its first pixels.
    `least_px` too where widths vary so much that they are no strokes.
    """
    distance = inwards(view)
    rim = np.argwhere((distance >= 1.5) & (distance < 2.6))
    row, column = np.gradient(distance)
    inward = np.stack([row, column], -1)[rim[:, 0], rim[:, 1]]
    inward = inward / np.maximum(np.linalg.norm(inward, axis=1, keepdims=True), 1e-6)
    lightness = _lightness(view)
    steps = np.arange(int(1.5 * most_px) + 4)
    at = np.round(rim[:, None] + steps[:, None] * inward[:, None]).astype(np.int64)
    at = np.clip(at, 0, np.array(distance.shape) - 1)
    profile = lightness[at[..., 0], at[..., 1]]
    lighter = profile > profile[:, :3].min(1, keepdims=True) + STEP
    ends = lighter.any(1) & (profile[:, :3].min(1) < DARK)
    if ends.sum() < 0.3 * max(len(rim), 1):
        return least_px
    low, middle = np.percentile(lighter[ends].argmax(1), (25, 50))
    return float(np.clip(middle + 3, least_px, most_px)) if low >= EVEN * middle else least_px


def ink(view: View, width_px: float) -> Bool[np.ndarray, "h w"]:
    """Pixels far darker than the brightest one beside them, on lines at most twice `width_px` wide.

    A grey closing with the paper taken as white removes thin dark things only, so that
    dark shoes or hair that reach the silhouette are left alone.
    """
    from scipy.ndimage import binary_dilation, grey_closing, maximum_filter

    lightness = _lightness(view)
    reach = 2 * int(np.ceil(width_px)) + 1
    brightest = maximum_filter(lightness, reach)
    closed = grey_closing(np.where(view.mask, lightness, 100), reach)
    line = view.mask & (lightness < np.minimum(brightest, closed) - STEP)
    # the soft edge of the line is one pixel more
    return np.asarray(binary_dilation(line, np.ones((3, 3)))) & view.mask


def outside(contour: Bool[np.ndarray, "h w"], distance: Float[np.ndarray, "h w"]) -> Bool[np.ndarray, "h w"]:
    """Pixels between an outline and the silhouette: the paper shines through there."""
    from scipy.ndimage import binary_dilation

    pixel = len(contour) / 1024
    near = np.asarray(binary_dilation(contour, iterations=max(round(3 * pixel), 1)), bool)
    return near & (distance <= 3 * pixel + 0.5)


def strands(view: View, width_px: float) -> Bool[np.ndarray, "h w"]:
    """What is drawn too thin for an inside between two outlines `width_px` wide: the line is the thing."""
    from scipy.ndimage import distance_transform_edt

    distance = inwards(view)
    core = distance > 1.2 * width_px
    reached = np.asarray(distance_transform_edt(~core)) <= 1.2 * width_px + 1 if core.any() else core
    return view.mask & ~reached


def inner_contours(
    lines: Float32[np.ndarray, "h w"],
    cosine: Float[np.ndarray, "h w"],
    depth: Float32[np.ndarray, "h w"],
    face: Float32[np.ndarray, "h w"],
) -> Bool[np.ndarray, "h w"]:
    """Lines within the figure that are contours by the solid under them; `face` is the chance of a face."""
    from scipy.ndimage import binary_opening, distance_transform_edt

    edge, pixel = edges(depth), len(lines) / 1024
    beside = np.asarray(distance_transform_edt(~edge)) <= NEAR * pixel if edge.any() else edge
    turned = (cosine < TURNED) & (face < FACE)
    drawn = drawn_lines(lines)
    # what is wider than a line with its edges is a hem or a lock
    wide = binary_opening(drawn, np.ones((3, 3)), iterations=max(round(THIN * pixel), 1))
    return drawn & ~np.asarray(wide, bool) & (beside | turned | _chin(face))


def edges(depth: Float32[np.ndarray, "h w"]) -> Bool[np.ndarray, "h w"]:
    """The nearer side of every step of APART between two pieces of surface; no silhouettes."""
    from scipy.ndimage import maximum_filter

    seen = np.isfinite(depth)
    behind = maximum_filter(np.where(seen, depth, -np.inf), 3)
    return seen & (behind - np.where(seen, depth, np.inf) > APART)


def drawn_lines(lines: Float32[np.ndarray, "h w"]) -> Bool[np.ndarray, "h w"]:
    """Lines with their soft edges: the drawing stage finds their middles."""
    from scipy.ndimage import binary_dilation

    return np.asarray(
        binary_dilation(lines > INKED, iterations=max(round(SOFT * len(lines) / 1024), 1)), bool
    )


def _chin(face: Float32[np.ndarray, "h w"]) -> Bool[np.ndarray, "h w"]:
    """The band along the lower border of the face, which the neck lies behind."""
    from scipy.ndimage import distance_transform_edt

    inner = face > 0.5
    rows = np.flatnonzero(inner.any(1))
    if not len(rows):
        return inner
    height = rows[-1] - rows[0] + 1
    within = np.asarray(distance_transform_edt(inner)) <= JAW[0] * height
    round_it = np.asarray(distance_transform_edt(~inner)) <= JAW[1] * height
    below = np.arange(len(face))[:, None] > rows[0] + CHIN * height
    return within & round_it & below


def inwards(view: View) -> Float[np.ndarray, "h w"]:
    """Pixels to the silhouette."""
    from scipy.ndimage import distance_transform_edt

    return np.asarray(distance_transform_edt(np.pad(view.mask, 1)))[1:-1, 1:-1]


def _lightness(view: View) -> Float32[np.ndarray, "h w"]:
    """L*, 0 outside the mask."""
    lightness = np.zeros(view.mask.shape, np.float32)
    lightness[view.mask] = to_lab(view.rgba[view.mask, :3])[:, 0]
    return lightness
