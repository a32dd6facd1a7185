"""Laws of materials, tones and heads."""

import numpy as np

from genkei.geometry.render import render
from genkei.texture import Paint
from genkei.texture.charts import neck_height
from genkei.texture.head import hair_lenders
from genkei.texture.hints import hints_of
from genkei.texture.tones import find_materials, shadeless, tones
from genkei.types import Camera
from tests.texture.solids import balls, painted, plain

HAIR, SHADOW, SKIN, CLOTH = (0.6, 0.45, 0.3), (0.45, 0.33, 0.21), (1.0, 0.88, 0.8), (0.15, 0.3, 0.7)
DOLL = balls((0, 0.35, 0, 0.3), (0, 0.62, 0, 0.06), (0, 0.8, 0, 0.18))
HINTS = hints_of(DOLL, ())


def haired(points: np.ndarray) -> np.ndarray:
    """Hair in bands of light and shade round a face that reaches the silhouette, over a blue body."""
    x, y, _ = points.T
    hair = np.where((np.floor(y * 40) % 2 < 1)[:, None], HAIR, SHADOW)
    face = (y < 0.85) & (np.abs(x) < 0.19)
    body = np.where((y < 0.6)[:, None], CLOTH, SKIN)
    return np.where((y < 0.66)[:, None], body, np.where(face[:, None], SKIN, hair)).astype(np.float32)


def test_light_and_shade_are_one_material_and_skin_and_cloth_are_not():
    colours = np.array([HAIR, SHADOW, SKIN, (1, 1, 1), CLOTH, (0, 0, 0)])
    label = find_materials(np.repeat(colours, 20, 0))[::20]
    assert label[0] == label[1] and len(set(label)) == 5


def test_a_shadow_moves_a_colour_less_than_a_hue_does():
    bright, dark, other = shadeless(np.array([HAIR, np.array(HAIR) * 0.8, CLOTH]))
    assert np.linalg.norm(bright - dark) < 0.2 * np.linalg.norm(bright - other)


def test_the_tone_is_the_commonest_one():
    rng = np.random.default_rng(0)
    points = rng.random((400, 3)).astype(np.float32) * 0.1
    colours = np.where(rng.random(400)[:, None] < 0.85, HAIR, (0.95, 0.9, 0.85)).astype(np.float32)
    tone = tones(points, colours, np.zeros(400, int), np.ones(400))
    assert np.abs(tone - HAIR).max() < 0.02


def test_the_nape_is_hair_in_one_tone_and_the_body_keeps_its_cloth():
    character = Paint(size=512)(DOLL, (painted(DOLL, 0, haired, 512),))
    back = render(DOLL, character.uv, character.texture, Camera.orthographic(180), 256)
    rows = [round(256 * (0.5 - (y - 0.5) / 1.2)) for y in (0.9, 0.85, 0.8, 0.75)]
    nape = back[rows, 128, :3]
    assert np.abs(nape - np.add(HAIR, SHADOW) / 2).max() < 0.15
    assert np.ptp(nape, axis=0).max() < 0.05
    assert np.abs(back[round(256 * 0.62), 128, :3] - CLOTH).max() < 0.05


def test_a_head_of_one_material_borrows_from_all_of_it():
    known = DOLL.vertices[:, 2] > 0
    area = np.ones(len(known))
    colour = np.broadcast_to(np.array(SKIN), (len(known), 3))
    lenders, back = hair_lenders(DOLL, known, colour, np.zeros(len(known), int), area, HINTS)
    assert not lenders.any() and not back.any()


def test_pale_hair_of_the_face_s_material_goes_round_the_head_under_a_hat():
    """Without the parting of the two tones only the hat would be left to lend."""
    x, y, z = DOLL.vertices.T
    known, face, hat = z > 0, (y < 0.86) & (np.abs(x) < 0.12), y > 0.92
    colour = np.where(face[:, None], (0.95, 0.9, 0.82), (0.78, 0.72, 0.63))
    colour[hat] = 1
    lenders, back = hair_lenders(DOLL, known, colour, np.where(hat, 0, 1), np.ones(len(known)), HINTS)
    head = known & (y > 0.7)
    assert lenders[head & hat].all() and lenders[head & ~hat & ~face].all() and not lenders[face & ~hat].any()
    assert back[(y > 0.75) & (z < -0.05)].all()


def test_the_neck_is_not_between_the_legs():
    legs = [(side * 0.12, y, 0, 0.1) for side in (-1, 1) for y in (0.1, 0.25, 0.4)]
    man = balls(*legs, (0, 0.6, 0, 0.18), (0, 0.78, 0, 0.05), (0, 0.9, 0, 0.1))
    assert 0.76 < neck_height(man) < 0.84


def test_one_colour_stays_one_colour():
    character = Paint(size=256)(DOLL, (painted(DOLL, 0, plain(SKIN)),))
    assert np.ptp(character.texture.reshape(-1, 3), axis=0).max() <= 1
