"""Laws of the seams: tones meet without a step, and what agrees stays as it is."""

import numpy as np
import pytest

from genkei.geometry.render import render
from genkei.texture import Paint
from genkei.texture.seams import Vote, agreement, shifts
from genkei.types import Camera
from tests.texture.solids import balls, painted, plain

BALL = balls((0, 0.5, 0, 0.3), cells=24)
FINE = balls((0, 0.5, 0, 0.3), cells=64)
X = BALL.vertices[:, 0]
ALL = np.ones(len(X), np.float32)


def vote(colour, rank: float, trust: np.ndarray = ALL) -> Vote:
    colour = np.broadcast_to(np.array(colour, np.float32), (len(X), 3))
    return Vote(np.ascontiguousarray(colour), trust, trust, rank)


def halves() -> np.ndarray:
    """The first view owns the left half, the second the right one."""
    return np.stack([X < 0, X >= 0]).astype(np.float32)


def test_one_view_keeps_its_own_gradients_exactly():
    assert not shifts(BALL, (vote((0.4, 0.5, 0.6), 1),), ALL[None]).any()


def test_a_step_in_tone_is_taken_up_at_the_seam_and_fades_away_from_it():
    one, other = vote((0.5, 0.5, 0.5), 0.1), vote((0.55, 0.55, 0.55), 0.1)
    first, second = shifts(BALL, (one, other), halves())
    seam, far = np.abs(X) < 0.01, np.abs(X) > 0.25
    left = np.abs((one.colour + first) - (other.colour + second))[seam]
    assert left.max() < 0.02 and np.abs(first[far]).max() < 0.01


def test_the_front_does_not_yield():
    front, side = shifts(BALL, (vote((0.5, 0.5, 0.5), 1), vote((0.55, 0.55, 0.55), 0.1)), halves())
    assert np.abs(front).max() < 0.002 and np.abs(side).max() > 0.03


def test_blending_twice_is_blending_once():
    votes = (vote((0.5, 0.5, 0.5), 0.5), vote((0.56, 0.54, 0.52), 0.1))
    once = shifts(BALL, votes, halves())
    shifted = tuple(
        Vote(np.clip(v.colour + f, 0, 1), v.trust, v.score, v.rank) for v, f in zip(votes, once, strict=True)
    )
    assert np.abs(shifts(BALL, shifted, halves())).max() < 0.03 * np.abs(once).max()


def test_another_material_keeps_its_border():
    assert (
        np.abs(shifts(BALL, (vote((0.9, 0.1, 0.1), 0.1), vote((0.1, 0.1, 0.9), 0.1)), halves())).max() < 1e-3
    )


def test_the_view_nearest_to_what_all_say_wins_and_darkness_alone_is_no_fault():
    skirt, hand = vote((0.1, 0.2, 0.6), 1), vote((1, 0.9, 0.8), 0.1, np.float32(0.3) * ALL)
    agreed = agreement(BALL, (skirt, hand))
    assert (agreed[0] > 5 * agreed[1]).all()
    assert (agreement(BALL, (vote((0, 0, 0), 1),)) > 0.99).all()


@pytest.mark.parametrize("colour", [(0.0, 0.0, 0.0), (0.02, 0.02, 0.05)])
def test_a_black_texel_survives(colour):
    """A black patch that the side alone sees, on a ball that the front shows in white."""

    def spot(points):
        black = (points[:, 0] > 0.24) & (np.abs(points[:, 1] - 0.5) < 0.08)
        return np.where(black[:, None], colour, (1.0, 1.0, 1.0)).astype(np.float32)

    views = tuple(painted(BALL, azimuth, spot) for azimuth in (0, 90))
    character = Paint(size=256)(BALL, views)
    side = render(BALL, character.uv, character.texture, Camera.orthographic(90), 128)
    assert side[64, 64, :3].max() < 0.1


def test_two_views_in_two_tones_meet_softly():
    views = (painted(FINE, 0, plain((0.6, 0.5, 0.5))), painted(FINE, 90, plain((0.66, 0.55, 0.55))))
    character = Paint(size=256)(FINE, views)
    diagonal = render(FINE, character.uv, character.texture, Camera.orthographic(60), 256)
    row = diagonal[128, diagonal[128, :, 3] > 0.99, 0]
    assert np.abs(np.diff(row)).max() < 0.02
