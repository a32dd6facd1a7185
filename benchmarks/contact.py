"""Contact sheets for looking: what was given, what came out, what it should have been."""

import numpy as np
from jaxtyping import Float32

from genkei.geometry.field import Grid, surface
from genkei.geometry.render import render_clay
from genkei.types import Camera, Mesh, View
from inputs import Model
from truth import Solid

TILE_PX = 320
PAPER = 0.93
TURNS = (0, 45, 90, 180)


def contact_sheet(model: Model, given: tuple[View, ...], mesh: Mesh) -> Float32[np.ndarray, "h w 3"]:
    """Three rows of four: the given drawings, the result in clay from four sides, the truth likewise."""
    span = given[0].camera.span
    cameras = [Camera.orthographic(turn, span) for turn in TURNS]
    truth = solid_mesh(model.truth)
    rows = [
        [shrunk(view.rgba) for view in given]
        + [np.zeros((TILE_PX, TILE_PX, 4), np.float32)] * (4 - len(given)),
        [render_clay(mesh, camera, TILE_PX) for camera in cameras],
        [render_clay(truth, camera, TILE_PX) for camera in cameras],
    ]
    return np.concatenate([np.concatenate([on_paper(tile) for tile in row], 1) for row in rows], 0)


def solid_mesh(solid: Solid) -> Mesh:
    """The voxels' surface, smoothed over one voxel, in character space."""
    from scipy.ndimage import gaussian_filter

    step = solid.frame.edge / solid.frame.resolution
    field = 0.5 - gaussian_filter(solid.inside.astype(np.float32), 0.8)
    return surface(Grid(field, (solid.frame.origin + step / 2).astype(np.float32), step))


def shrunk(rgba: np.ndarray) -> np.ndarray:
    """Area mean down to a tile, premultiplied."""
    from PIL import Image

    premultiplied = np.concatenate([rgba[..., :3] * rgba[..., 3:], rgba[..., 3:]], -1)
    picture = Image.fromarray(np.round(premultiplied * 255).astype(np.uint8))
    small = np.asarray(picture.resize((TILE_PX, TILE_PX), Image.Resampling.BOX), np.float32) / 255
    small[..., :3] /= np.maximum(small[..., 3:], 1e-6)
    return np.clip(small, 0, 1)


def on_paper(rgba: np.ndarray) -> np.ndarray:
    """Composited on light grey."""
    alpha = rgba[..., 3:]
    return (rgba[..., :3] * alpha + PAPER * (1 - alpha)).astype(np.float32)
