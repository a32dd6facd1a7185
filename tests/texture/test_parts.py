"""Part labels on the solid: the drawn ones are right, and without a look there is one, `body`."""

import numpy as np

from genkei.nets.look import PARTS, look
from genkei.texture import Paint
from genkei.texture.charts import neck_height
from genkei.texture.hints import hints_of, neck_of, seen_parts
from tests.nets.answers import COLOURS, colour_net
from tests.texture.solids import balls, painted

DOLL = balls(
    (0, 0.35, 0, 0.3), (0, 0.62, 0, 0.08), (0, 0.8, 0, 0.2), (-0.1, 0.06, 0.05, 0.1), (0.1, 0.06, 0.05, 0.1)
)


def dressed(points: np.ndarray) -> np.ndarray:
    x, y, z = points.T
    part = np.where(y < 0.12, 4, 3)
    part[y > 0.66] = 0
    part[(y > 0.66) & (y < 0.88) & (np.abs(x) < 0.13) & (z > 0)] = 1
    return COLOURS[part].astype(np.float32)


VIEW = painted(DOLL, 0, dressed, 384)


def sharp(*, picture: np.ndarray, behind: np.ndarray) -> dict[str, np.ndarray]:
    return colour_net(picture=picture, behind=behind)


def test_faces_get_the_parts_they_are_drawn_as():
    character = Paint(size=256)(DOLL, (VIEW,), look((VIEW,), sharp))
    middle = DOLL.vertices[DOLL.faces].mean(1)
    truth = np.array([np.abs(COLOURS - c).sum(1).argmin() for c in dressed(middle)])
    assert character.part_names == PARTS and character.parts.dtype == np.int32
    assert (character.parts == truth).mean() > 0.85
    behind = (middle[:, 2] < -0.05) & (middle[:, 1] > 0.7)
    assert (character.parts[behind] == PARTS.index("hair")).mean() > 0.95
    assert not (character.parts[middle[:, 1] > 0.4] == PARTS.index("shoes")).any()


def test_without_a_look_there_is_one_part():
    character = Paint(size=256)(DOLL, (VIEW,))
    assert character.part_names == ("body",) and not character.parts.any()


def test_the_neck_is_where_a_sure_look_sees_it():
    looks = look((VIEW,), sharp)
    assert abs(neck_of(looks, DOLL) - 0.7) < 0.03
    unsure = look((VIEW,), lambda picture, behind: colour_net(picture=picture, behind=behind, sure=0.0))
    assert neck_of(unsure, DOLL) == neck_height(DOLL) == hints_of(DOLL, ()).chin


def test_unseen_surface_is_told_nothing():
    chance, weight = seen_parts(DOLL, look((VIEW,), sharp))
    assert np.allclose(chance.sum(1), 1, atol=1e-3) and (weight >= 0).all() and (weight == 0).any()
    assert np.allclose(chance[weight == 0], 1 / len(PARTS))
