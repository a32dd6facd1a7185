"""How well a painted solid repeats the drawings it was made from: silhouettes and colours, view by view."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float32, UInt8

from genkei.geometry.colour import to_lab
from genkei.types import Mesh, View


@dataclass(frozen=True)
class Score:
    """One given view against the same view of the result."""

    name: str
    """`front`, `left`, ...: the view's name."""
    silhouette_iou: float
    """Intersection over union of the two silhouettes, 1 = identical."""
    colour_error: float
    """Mean CIE Lab distance where both pictures show the character; 2.3 is just noticeable."""
    colour_median: float
    """Median of the same distance: what the typical pixel is off by."""
    rendered: Float32[np.ndarray, "s s 4"]
    """The result seen by the view's camera, flat paint."""


def silhouette_iou(a: Bool[np.ndarray, "h w"], b: Bool[np.ndarray, "h w"]) -> float:
    """Intersection over union; two empty pictures are identical."""
    union = int((a | b).sum())
    return float((a & b).sum() / union) if union else 1.0


def colour_distances(
    a: Float32[np.ndarray, "h w 4"], b: Float32[np.ndarray, "h w 4"]
) -> Float32[np.ndarray, "n"]:
    """CIE Lab distance of every pixel that both pictures show (alpha above one half)."""
    both = (a[..., 3] > 0.5) & (b[..., 3] > 0.5)
    return np.linalg.norm(to_lab(a[both, :3]) - to_lab(b[both, :3]), axis=-1).astype(np.float32)


def score_view(
    view: View,
    mesh: Mesh,
    uv: Float32[np.ndarray, "f 3 2"],
    texture: UInt8[np.ndarray, "th tw 3"],
) -> Score:
    """Render the painted mesh through the view's own camera and compare. The view must be square."""
    from genkei.geometry.render import render

    height, width = view.rgba.shape[:2]
    if height != width:
        raise ValueError(f"the {view.name} view is {width} x {height} px; scoring wants a square picture")
    rendered = render(mesh, uv, texture, view.camera, height)
    distance = colour_distances(view.rgba, rendered)
    mean, median = (float(distance.mean()), float(np.median(distance))) if distance.size else (0.0, 0.0)
    return Score(view.name, silhouette_iou(view.mask, rendered[..., 3] > 0.5), mean, median, rendered)


def score_views(
    views: Sequence[View],
    mesh: Mesh,
    uv: Float32[np.ndarray, "f 3 2"],
    texture: UInt8[np.ndarray, "th tw 3"],
) -> tuple[Score, ...]:
    """Every view somebody drew; guessed sides have nothing to be compared with."""
    return tuple(score_view(view, mesh, uv, texture) for view in views if view.drawn)
