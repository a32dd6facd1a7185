"""Laws of layers and of the face that is drawn once."""

import numpy as np
from scipy.ndimage import binary_erosion

from genkei.geometry.contours import edges
from genkei.geometry.raster import rasterise
from genkei.geometry.render import render
from genkei.texture import Paint
from genkei.texture.features import find_head, second_face
from genkei.texture.layers import behind_edges, claimed
from genkei.types import Camera, View
from tests.texture.solids import balls, painted, plain

COAT = (0, 0.5, -0.15, 0.3)
HAND, BESIDE = (0, 0.5, 0.4, 0.1), (0.02, 0.5, 0.4, 0.1)
MESH = balls(COAT, HAND)
BALL = balls((0, 0.5, 0, 0.4))
DOLL = balls((0, 0.35, 0, 0.3), (0, 0.62, 0, 0.08), (0, 0.8, 0, 0.2))
SKIN, HAIR, CLOTH = (1.0, 0.88, 0.8), (0.45, 0.3, 0.2), (0.15, 0.3, 0.7)


def red_hand(points: np.ndarray) -> np.ndarray:
    return np.where(points[:, 2:] > 0.25, [[1.0, 0.0, 0.0]], [[0.0, 0.0, 1.0]]).astype(np.float32)


def depth_of(mesh, size: int) -> np.ndarray:
    return rasterise(mesh.vertices, mesh.faces, Camera.orthographic(0), size, size).depth


def test_without_a_depth_step_every_pixel_agrees():
    view = painted(BALL, 0, plain((0.5, 0.5, 0.5)))
    depth = depth_of(BALL, 256)
    agreed, border = claimed(view, depth, 7)
    inner = np.asarray(binary_erosion(view.mask, iterations=8))
    assert (agreed[inner] == 1).all() and not border.any() and not edges(depth)[inner].any()


def test_a_hand_drawn_beside_its_arm_is_believed_on_neither_side():
    """The drawn hand stands 17 px beside the solid's."""
    view = painted(balls(COAT, BESIDE), 0, red_hand, 1024)
    depth = depth_of(MESH, 1024)
    agreed, _ = claimed(view, depth, 28)
    red = (view.rgba[..., 0] > 0.5) & view.mask
    far = np.isfinite(depth) & (depth > -0.2)
    assert (agreed[red & far] == 0).mean() > 0.98
    assert (agreed[~red & view.mask & np.isfinite(depth) & ~far] == 0).mean() > 0.9
    assert (agreed[~red & far] == 1).mean() > 0.8


def test_a_hand_beside_its_arm_does_not_stain_the_coat():
    character = Paint(size=512)(MESH, (painted(balls(COAT, BESIDE), 0, red_hand, 512),))
    coat = render(MESH, character.uv, character.texture, Camera.orthographic(60), 128)
    assert coat[64, 50:80, 0].max() < 0.2 and coat[64, 50:80, 2].min() > 0.8


def test_the_near_side_of_an_edge_keeps_its_colour():
    depth = depth_of(MESH, 256)
    clear = behind_edges(depth, np.full(depth.shape, 3.0))
    assert (clear[depth < -0.35] == 1).all() and clear.min() == 0


def faced(points: np.ndarray) -> np.ndarray:
    """A face on a blue body; eyes on its front, hair behind and above."""
    x, y, z = points.T
    colour = np.where((y < 0.62)[:, None], CLOTH, SKIN)
    colour = np.where((((y > 0.9) | (z < 0)) & (y >= 0.62))[:, None], HAIR, colour)
    eye = (np.abs(np.abs(x) - 0.08) < 0.03) & (np.abs(y - 0.77) < 0.03) & (z > 0)
    return np.where(eye[:, None], (0.0, 0.2, 0.1), colour).astype(np.float32)


def profile(azimuth: float, size: int = 512) -> View:
    """A side view whose eye is drawn farther back than the solid has it."""

    def paint(points):
        colour = faced(points)
        eye = (np.abs(points[:, 2] - 0.1) < 0.025) & (np.abs(points[:, 1] - 0.77) < 0.03)
        return np.where(eye[:, None], (0.0, 0.2, 0.1), colour).astype(np.float32)

    return painted(DOLL, azimuth, paint, size)


def test_the_eye_of_a_profile_is_found_and_nothing_on_front_and_back():
    front = painted(DOLL, 0, faced, 512)
    head = find_head(DOLL, 0.66, (front,))
    assert head is not None and np.abs(head.skin - SKIN).max() < 0.02
    side = profile(90)
    depth = rasterise(DOLL.vertices, DOLL.faces, side.camera, 512, 512).depth
    found = second_face(side, head, depth)
    eye = (side.rgba[..., 1] < 0.25) & side.mask
    assert found[eye].mean() > 0.9 and found.sum() < 6 * eye.sum()
    assert not second_face(front, head, depth).any()
    assert find_head(DOLL, 0.66, (side,)) is None


def test_a_face_is_painted_once_and_never_behind():
    views = (painted(DOLL, 0, faced, 512), profile(90), profile(270))
    character = Paint(size=1024)(DOLL, views)

    def dark(azimuth: float) -> float:
        shown = render(DOLL, character.uv, character.texture, Camera.orthographic(azimuth), 256)
        head = shown[: round(256 * (0.5 - (0.68 - 0.5) / 1.2))]
        return float(((head[..., :3].max(-1) < 0.25) & (head[..., 3] > 0.9)).sum())

    assert dark(0) > 60 and dark(90) < 0.3 * dark(0) and dark(180) == 0
