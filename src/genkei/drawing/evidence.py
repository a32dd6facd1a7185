"""What a figure's picture says about the side it shows: symmetry, face, the way it looks, how wide it is."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float32

from genkei.drawing.panels import Panel
from genkei.drawing.pieces import pieces_of
from genkei.drawing.resample import resample
from genkei.geometry.colour import to_lab

ROWS = 256
"""Height to which every figure is reduced before it is measured."""


@dataclass(frozen=True)
class Evidence:
    """Measures of one figure, `ROWS` tall."""

    silhouette: Float32[np.ndarray, "r w"]
    """Opacity, the figure centred by its box; every figure of a sheet has the same width here."""
    core: Float32[np.ndarray, "r w"]
    """The silhouette without thin limbs and locks."""
    symmetry: float
    """IoU of the core with its own mirror image at the best shift."""
    width: float
    """Box width in figure heights."""
    skin: float
    """Skin-coloured area in the middle of the head, in thousandths of the squared height."""
    eyes: float
    """Dark or saturated blobs inside the skin of the head, same unit."""
    detail: float
    """Mean colour gradient inside the head: faces have more than the back of the hair."""
    looks_right: float
    """-1 looks to picture-left, 0 to us or away, 1 to picture-right: face, toes."""


def measure(panels: tuple[Panel, ...]) -> tuple[Evidence, ...]:
    """One `Evidence` a panel, on one common canvas."""
    aspects = [(p.mask.shape[1]) / p.mask.shape[0] for p in panels]
    columns = 2 * round(ROWS * max(0.6, max(aspects)) / 2) + 16
    return tuple(_measure(panel, columns) for panel in panels)


def register(moving: Float32[np.ndarray, "r w"], fixed: Float32[np.ndarray, "r w"]) -> tuple[float, float]:
    """Best IoU over horizontal shifts, and the shift (pixels, below one) that moves `moving` onto `fixed`."""
    width = fixed.shape[1]
    size = 2 * width
    product = np.fft.rfft(fixed, size) * np.conj(np.fft.rfft(moving, size))
    overlap = np.fft.irfft(product.sum(0), size)
    peak = int(np.argmax(overlap))
    left, here, right = (float(overlap[(peak + k) % size]) for k in (-1, 0, 1))
    bend = left - 2 * here + right
    shift = peak + (0.5 * (left - right) / bend if bend < 0 else 0.0)
    total = float(moving.sum() + fixed.sum())
    return here / max(total - here, 1e-6), shift - size if shift > width else shift


def _measure(panel: Panel, columns: int) -> Evidence:
    from scipy.ndimage import grey_opening

    rgba = _normalised(panel, columns)
    silhouette = (rgba[..., 3] > 0.5).astype(np.float32)
    core = np.asarray(grey_opening(silhouette, (9, 9)), np.float32)
    core = core if core.sum() > 0.3 * silhouette.sum() else silhouette
    lab = to_lab(rgba[..., :3])
    skin = _skin(lab) & (silhouette > 0)
    face = _face(skin)
    looks = 0.6 * _face_side(face, silhouette) + 0.4 * _toe_side(silhouette)
    head = _head_window(face, silhouette)
    blobs = (lab[..., 0] < 45) | (np.hypot(lab[..., 1], lab[..., 2]) > 55)
    steps = np.hypot(*np.gradient(lab[..., 0])) * (silhouette > 0)
    unit = 1000 / ROWS**2
    return Evidence(
        silhouette,
        core,
        register(core[:, ::-1].copy(), core)[0],
        panel.mask.shape[1] / panel.mask.shape[0],
        float((face & head).sum() * unit),
        float((blobs & _filled(face) & ~skin).sum() * unit),
        float(steps[head & (silhouette > 0)].mean()) if (head & (silhouette > 0)).any() else 0.0,
        float(looks),
    )


def _normalised(panel: Panel, columns: int) -> Float32[np.ndarray, "r w 4"]:
    height, width = panel.mask.shape
    per_row = height / ROWS
    left = width / 2 - columns / 2 * per_row
    return resample(panel.rgba, (left, 0.0, left + columns * per_row, float(height)), columns, ROWS)


def _skin(lab: Float32[np.ndarray, "r w 3"]) -> Bool[np.ndarray, "r w"]:
    """From pale to dark skin: orange hue of moderate chroma; hair of the same hue is told apart by place."""
    chroma = np.hypot(lab[..., 1], lab[..., 2])
    hue = np.degrees(np.arctan2(lab[..., 2], lab[..., 1]))
    return (hue > 15) & (hue < 82) & (chroma > 5) & (chroma < 48) & (lab[..., 0] > 30) & (lab[..., 0] < 98)


def _face(skin: Bool[np.ndarray, "r w"]) -> Bool[np.ndarray, "r w"]:
    """The topmost large skin-coloured piece; empty when there is none in the upper half."""
    from scipy.ndimage import binary_opening

    upper = np.asarray(binary_opening(skin, np.ones((2, 2)))).copy()
    upper[ROWS * 6 // 10 :] = False
    pieces, count = pieces_of(upper, corners=False)
    sizes = np.bincount(pieces.ravel(), minlength=count + 1)
    sizes[0] = 0
    large = np.flatnonzero(sizes > max(20, 0.25 * sizes.max()))
    if len(large) == 0:
        return np.zeros_like(upper)
    middle = [float(np.nonzero(pieces == k)[0].mean()) for k in large]
    return pieces == large[int(np.argmin(middle))]


def _filled(face: Bool[np.ndarray, "r w"]) -> Bool[np.ndarray, "r w"]:
    """The face with its eyes and mouth: closed and filled."""
    from scipy.ndimage import binary_closing, binary_fill_holes

    return np.asarray(binary_fill_holes(binary_closing(np.pad(face, 8), np.ones((9, 9)))))[8:-8, 8:-8]


def _head_window(
    face: Bool[np.ndarray, "r w"], silhouette: Float32[np.ndarray, "r w"]
) -> Bool[np.ndarray, "r w"]:
    """Rows of the face (or the top third), the middle half of the figure there."""
    rows = np.flatnonzero(face.any(1))
    top, bottom = (int(rows[0]), int(rows[-1]) + 1) if len(rows) > 4 else (ROWS // 20, ROWS * 35 // 100)
    columns = np.flatnonzero(silhouette[top:bottom].sum(0) > 0.3 * (bottom - top))
    window = np.zeros(face.shape, bool)
    if len(columns):
        quarter = (columns[-1] - columns[0]) // 5
        window[top:bottom, columns[0] + quarter : columns[-1] + 1 - quarter] = True
    return window


def _face_side(face: Bool[np.ndarray, "r w"], silhouette: Float32[np.ndarray, "r w"]) -> float:
    """How far the face lies off the head's middle: -1 at its left edge, 1 at its right."""
    rows = np.flatnonzero(face.any(1))
    if face.sum() < 25:
        return 0.0
    head = silhouette[rows[0] : rows[-1] + 1]
    columns = np.flatnonzero(head.any(0))
    offset = float(np.nonzero(face)[1].mean() - (np.nonzero(head)[1].mean()))
    return float(np.clip(offset / max(0.25 * (columns[-1] - columns[0]), 1), -1, 1))


def _toe_side(silhouette: Float32[np.ndarray, "r w"]) -> float:
    """Toes stick out in front of the ankle: the offset of the lowest rows against those above them."""
    sole, ankle = silhouette[-ROWS * 4 // 100 :], silhouette[-ROWS * 12 // 100 : -ROWS * 7 // 100]
    if not sole.any() or not ankle.any():
        return 0.0
    forward = float(np.nonzero(sole)[1].mean() - np.nonzero(ankle)[1].mean())
    return float(np.clip(forward / (0.03 * ROWS), -1, 1))
