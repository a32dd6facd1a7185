"""Laws of measured symmetry: a mirror image is believed, another hairstyle is not; who hides is completed."""

from dataclasses import replace

import numpy as np

from genkei.geometry.render import render
from genkei.texture import Paint, Projective
from genkei.texture.fill import complete
from genkei.texture.hints import Hints
from genkei.texture.project import Seen
from genkei.texture.seams import Vote
from genkei.texture.symmetry import measure
from genkei.texture.texels import find_texels
from genkei.types import Camera
from tests.texture.solids import balls, painted, plain

BALL = balls((0, 0.5, 0, 0.4))
X, Y, Z = BALL.vertices.T
RED, GREEN, BLUE = (0.9, 0.1, 0.1), (0.1, 0.7, 0.2), (0.1, 0.1, 0.9)


def vote(colour: np.ndarray) -> Vote:
    seen = (Z > 0).astype(np.float32)
    return Vote(colour.astype(np.float32), seen, seen, 1.0)


def test_a_symmetric_front_is_believed_and_a_parted_one_is_not():
    same = np.where((Y > 0.5)[:, None], RED, BLUE)
    assert measure(BALL, (vote(same),)).belief.min() == 1
    parted = np.where((X > 0)[:, None], RED, BLUE)
    assert measure(BALL, (vote(parted),)).belief[np.abs(X) > 0.1].max() == 0


def test_only_the_part_that_differs_is_doubted():
    colour = np.where(((X > 0) & (Y > 0.6))[:, None], RED, BLUE)
    belief = measure(BALL, (vote(colour),)).belief
    below, above = (Y < 0.35) & (Z > 0), (Y > 0.7) & (np.abs(X) > 0.1) & (Z > 0.05)
    assert belief[below].min() > 0.9 and belief[above].max() < 0.1


def test_partners_are_mirror_images_and_a_lone_arm_has_none():
    pairs = measure(BALL, (vote(np.full((len(X), 3), 0.5)),))
    turned = BALL.vertices[pairs.partner] * [-1, 1, 1]
    assert np.linalg.norm(turned - BALL.vertices, axis=1).max() < 0.04
    lone = balls((0, 0.5, 0, 0.25), (0.4, 0.5, 0, 0.1))
    seen = np.ones(len(lone.vertices), np.float32)
    grey = Vote(np.full((len(seen), 3), 0.5, np.float32), seen, seen, 1.0)
    found, arm = measure(lone, (grey,)), lone.vertices[:, 0] > 0.36
    assert (found.partner[arm] == -1).all() and found.belief[arm].max() < 0.1


def test_without_a_pair_everything_is_believed():
    blind = Vote(np.zeros((len(X), 3), np.float32), np.zeros(len(X), np.float32), 0 * X, 1.0)
    assert measure(BALL, (blind,)).belief.min() == 1


def side_shown(front) -> np.ndarray:
    """The right side's middle, painted from `front`, a blue left side and its mirror image as a guess."""
    guess = replace(painted(BALL, 270, plain(BLUE)), drawn=False)
    views = (painted(BALL, 0, front), painted(BALL, 90, plain(BLUE)), guess)
    character = Paint(size=256)(BALL, views)
    return render(BALL, character.uv, character.texture, Camera.orthographic(270), 64)[32, 32, :3]


def test_the_drawn_side_is_mirrored_only_onto_a_symmetric_character():
    def parted(points):
        return np.where(points[:, :1] < 0, [RED], [BLUE]).astype(np.float32)

    assert side_shown(plain(BLUE))[2] > 0.8
    assert side_shown(parted)[0] > 0.7


def test_surface_that_one_side_hides_takes_the_paint_of_the_other():
    """Only the left half is seen; it has a green pole."""
    atlas = Projective()(BALL, (), 256)
    texels = find_texels(BALL, atlas, 256)
    points = texels.positions(BALL)
    colour = np.where(points[:, :1] > 0.3, [GREEN], [RED]).astype(np.float32)
    seen = (points[:, 0] > 0).astype(np.float32)
    hints = Hints(0.75, np.ones(len(X), np.float32))

    def pole(twin: np.ndarray) -> np.ndarray:
        told = Seen(colour, seen, seen, seen > 0, twin)
        return np.median(complete(BALL, texels, told, 0.005, hints)[points[:, 0] < -0.35], axis=0)

    partner = measure(BALL, (vote(np.full((len(X), 3), 0.5)),)).partner
    assert np.abs(pole(partner) - GREEN).max() < 0.05
    assert np.abs(pole(np.full(len(X), -1)) - RED).max() < 0.05
