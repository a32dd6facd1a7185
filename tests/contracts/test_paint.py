"""What the painted character promises with every way of unwrapping it."""

from functools import cache
from typing import get_args

import numpy as np
import pytest

from genkei.geometry.render import render
from genkei.geometry.score import score_view, silhouette_iou
from genkei.texture import Paint, Painting, Unwrap
from genkei.texture.unwrap import texture_hits
from genkei.types import View
from tests.shape.figures import LEFT_ARM, RIGHT_ARM, capsules
from tests.texture.solids import painted, waves

MESH = capsules(
    ((0, 0.85, 0), (0, 0.85, 0), 0.14), ((0, 0.7, 0), (0, 0.1, 0), 0.1), LEFT_ARM, RIGHT_ARM, cells=48
)
VIEWS = tuple(painted(MESH, azimuth, waves) for azimuth in (0, 180))
backend = pytest.mark.parametrize("kind", [pytest.param(kind, id=kind.__name__) for kind in get_args(Unwrap)])


@cache
def painting(kind: type) -> Painting:
    return Paint(size=512, unwrap=kind()).explain(MESH, VIEWS)


@backend
def test_every_face_has_its_place_on_the_texture(kind):
    from scipy.ndimage import distance_transform_edt

    character = painting(kind).character
    assert character.uv.shape == (len(MESH.faces), 3, 2) and character.uv.dtype == np.float32
    assert character.uv.min() >= 0 and character.uv.max() <= 1 and np.isfinite(character.uv).all()
    assert character.texture.shape == (512, 512, 3) and character.drawn.shape == (512, 512)
    assert character.drawn.min() >= 0 and character.drawn.max() <= 1
    edge = np.diff(character.uv.astype(np.float64), axis=1)
    area = np.abs(edge[:, 0, 0] * edge[:, 1, 1] - edge[:, 0, 1] * edge[:, 1, 0]) / 2
    assert 0.2 < area.sum() < 1  # charts lie apart, so their areas add up to less than the square
    hits = texture_hits(character.uv, np.zeros(character.uv.shape[:2], np.float32), 512)
    assert len(np.unique(hits.triangle[hits.triangle >= 0])) > 0.97 * (area * 512**2 > 2).sum()
    texel = np.clip((character.uv.reshape(-1, 2) * 512).astype(int), 0, 511)
    near = (np.asarray(distance_transform_edt(hits.triangle < 0)) < 3)[texel[:, 1], texel[:, 0]]
    assert near.mean() > 0.99  # corners lie on their chart


@backend
def test_the_solid_is_untouched(kind):
    assert painting(kind).character.mesh is MESH


@backend
def test_the_result_shows_the_drawings(kind):
    character = painting(kind).character
    for view in VIEWS:
        score = score_view(view, character.mesh, character.uv, character.texture)
        assert score.silhouette_iou > 0.98 and score.colour_median < 2.3 and score.colour_error < 4


@backend
def test_what_was_drawn_is_marked_and_the_rest_is_not_black(kind):
    character = painting(kind).character
    assert painting(kind).seen_share > 0.6
    marks = np.repeat(np.round(character.drawn * 255).astype(np.uint8)[..., None], 3, 2)
    front = VIEWS[0]
    shown = render(MESH, character.uv, marks, front.camera, 256)
    assert silhouette_iou(shown[..., 3] > 0.5, front.mask) > 0.98
    assert (shown[front.mask, 0] > 0.5).mean() > 0.8
    side = View(
        render(MESH, character.uv, character.texture, painted(MESH, 90, waves).camera, 256), front.camera
    )
    assert side.rgba[side.mask, :3].min() > 0.02


@backend
def test_the_same_drawings_give_the_same_bytes(kind):
    one, other = painting(kind).character, Paint(size=512, unwrap=kind())(MESH, VIEWS)
    assert one.uv.tobytes() == other.uv.tobytes() and one.texture.tobytes() == other.texture.tobytes()
    assert one.drawn.tobytes() == other.drawn.tobytes()
