"""Normals and light by published models: cues and colours of a view, where the user has such a model."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from jaxtyping import Float32

from genkei.drawing.cues import normals
from genkei.types import Cue, View

Layers = Callable[[Float32[np.ndarray, "h w 3"]], Mapping[str, Float32[np.ndarray, "h w c"]]]
"""Like `genkei.nets.published.priors.Prior`."""
SURE = 0.8
"""Confidence of a model's word; made for photographs, it is twice as far off on other pictures."""
RELIEF = 0.25
"""Depth of the character, of its height, that a model's depth is taken to span."""


@dataclass(frozen=True)
class Inflated:
    """Normals of the inflated outline; needs no model."""

    def __call__(self, view: View) -> Cue:
        return normals(view)


@dataclass(frozen=True)
class Predicted:
    """Normals by a model that says normals or depth."""

    net: Layers = field(repr=False)
    relief: float = RELIEF
    """Of a model that says depth: how deep the character is, of its height."""

    def __call__(self, view: View) -> Cue:
        """ValueError when the model says neither."""
        said = self.net(on_grey(view))
        if "normals" in said:
            return as_cue(said["normals"], view)
        if "depth" in said:
            return as_cue(slopes(said["depth"][..., 0], view, self.relief), view)
        raise ValueError(f"the model says {', '.join(said)}; wanted one that says depth or normals")


Normals = Inflated | Predicted


@dataclass(frozen=True)
class Delight:
    """Colours with the light taken out: the albedo a model sees, as bright in the middle as the drawing."""

    net: Layers = field(repr=False)

    def __call__(self, view: View) -> View:
        """ValueError when the model says no albedo, or sees the character black."""
        said = self.net(on_grey(view))
        if "albedo" not in said:
            raise ValueError(f"the model says {', '.join(said)}; wanted one that says albedo")
        albedo = np.clip(said["albedo"], 0, 1)
        drawn, seen = (float(np.median(rgb[view.mask].mean(-1))) for rgb in (view.rgba[..., :3], albedo))
        if seen < 1e-3:
            raise ValueError("the model sees the whole character black: its light cannot be taken out")
        rgb = np.clip(albedo * (drawn / seen), 0, 1)
        return replace(view, rgba=np.dstack([rgb, view.rgba[..., 3]]).astype(np.float32))


def on_grey(view: View) -> Float32[np.ndarray, "s s 3"]:
    """The cut-out on middle grey, which is no light and no depth of its own."""
    alpha = view.rgba[..., 3:]
    return (view.rgba[..., :3] * alpha + 0.5 * (1 - alpha)).astype(np.float32)


def as_cue(vectors: Float32[np.ndarray, "s s 3"], view: View) -> Cue:
    """Unit normals that face the viewer, sure inside the character."""
    facing = np.dstack([vectors[..., :2], np.maximum(vectors[..., 2], 0.02)])
    length = np.maximum(np.linalg.norm(facing, axis=-1, keepdims=True), 1e-6)
    return Cue((facing / length).astype(np.float32), (SURE * view.mask).astype(np.float32))


def slopes(far: Float32[np.ndarray, "s s"], view: View, relief: float) -> Float32[np.ndarray, "s s 3"]:
    """Normals of a depth in any scale: its range over the character is taken for `relief` of the height."""
    inside = far[view.mask]
    low, high = (float(np.quantile(inside, q)) for q in (0.01, 0.99)) if inside.size else (0.0, 1.0)
    near = -np.clip((far - low) / max(high - low, 1e-6), 0, 1) * relief
    down, right = np.gradient(near, view.camera.span / len(far))
    vectors = np.dstack([-right, down, np.ones_like(far)])
    return (vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)).astype(np.float32)
