"""Laws of paint without light and shade."""

import numpy as np

from genkei.texture import Paint
from genkei.texture.flat import _lit
from genkei.texture.texels import find_texels
from tests.texture.solids import balls, painted, plain

BALL = balls((0, 0.5, 0, 0.4), cells=48)
LIGHT, SHADE, BLUE = (0.9, 0.6, 0.5), (0.7, 0.45, 0.37), (0.15, 0.3, 0.7)


def two_tones(points: np.ndarray) -> np.ndarray:
    """A lit and a shaded side above blue, with a black spot on the lit side."""
    x, y, _ = points.T
    colour = np.where((x < 0)[:, None], LIGHT, SHADE)
    colour = np.where((y < 0.4)[:, None], BLUE, colour)
    spot = (np.abs(x + 0.12) < 0.03) & (np.abs(y - 0.6) < 0.03)
    return np.where(spot[:, None], 0.0, colour).astype(np.float32)


def shown(flat: bool) -> tuple[np.ndarray, np.ndarray]:
    """Positions of the texels in front and their colours."""
    painting = Paint(size=256, flat=flat).explain(BALL, (painted(BALL, 0, two_tones, 512),))
    texels = find_texels(BALL, painting.atlas, 256)
    points = texels.positions(BALL)
    colour = painting.character.texture.reshape(-1, 3)[texels.index].astype(np.float32) / 255
    front = points[:, 2] > 0.2
    return points[front], colour[front]


def test_shade_goes_and_borders_and_spots_stay():
    points, colour = shown(flat=True)
    _, drawn = shown(flat=False)
    x, y, _ = points.T
    lit, shaded = (y > 0.5) & (x < -0.16), (y > 0.5) & (x > 0.1)
    step = np.linalg.norm(np.median(colour[lit], 0) - np.median(colour[shaded], 0))
    assert step < 0.5 * np.linalg.norm(np.median(drawn[lit], 0) - np.median(drawn[shaded], 0))
    assert np.abs(np.median(colour[y < 0.35], 0) - BLUE).max() < 0.02
    assert colour[(np.abs(x + 0.12) < 0.015) & (np.abs(y - 0.6) < 0.015)].max() < 0.1


def test_one_colour_stays_itself():
    texture = Paint(size=256, flat=True)(BALL, (painted(BALL, 0, plain(LIGHT)),)).texture
    assert np.abs(texture.astype(int) - np.round(np.array(LIGHT) * 255)).max() <= 1


def test_two_tones_far_apart_have_a_tone():
    assert np.isfinite(_lit(np.array([[0.1, 0.1, 0.1], [0.9, 0.9, 0.9]]))).all()
