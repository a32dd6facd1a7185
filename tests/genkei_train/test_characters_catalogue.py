"""Laws of the catalogue: every seed has its own character, always the same one, whole and rigged."""

from typing import get_args

import numpy as np
import pytest

from genkei.geometry.mesh import component_labels, open_edges
from genkei_train.characters.build import build_character
from genkei_train.characters.catalogue import random_spec
from genkei_train.characters.spec import PARTS, Back, Bangs, Eyes, Hat, Mouth, Skirt, Tails, Top

BUILT = (3, 8, 17)


def test_a_seed_is_a_character_and_another_seed_another():
    specs = [random_spec(seed) for seed in range(200)]
    assert specs == [random_spec(seed) for seed in range(200)]
    assert len({repr(s) for s in specs}) == 200


def test_the_catalogue_is_wide():
    specs = [random_spec(seed) for seed in range(200)]
    heads = [s.heads for s in specs]
    assert min(heads) < 2.5
    assert max(heads) > 7.0
    for choices, chosen in (
        (Bangs, {s.hair.bangs for s in specs}),
        (Back, {s.hair.back for s in specs}),
        (Tails, {s.hair.tails for s in specs}),
        (Top, {s.outfit.top for s in specs}),
        (Skirt, {s.outfit.skirt for s in specs}),
        (Hat, {s.extras.hat for s in specs}),
        (Eyes, {s.face.eyes for s in specs}),
        (Mouth, {s.face.mouth for s in specs}),
    ):
        assert chosen == set(get_args(choices))


def test_everyone_is_dressed():
    """No legs without a skirt, trousers, or a suit that has its own."""
    for seed in range(300):
        wear = random_spec(seed).outfit
        assert wear.skirt != "none" or wear.trousers or wear.top == "bodysuit"


def test_the_share_of_boys():
    specs = [random_spec(seed) for seed in range(200)]
    assert 0.2 < np.mean([s.masculine > 0.5 for s in specs]) < 0.6


@pytest.mark.parametrize("seed", BUILT)
def test_a_built_seed_keeps_the_laws(seed):
    character = build_character(random_spec(seed), 64, 1024, 2)
    mesh, rig = character.mesh, character.rig
    assert open_edges(mesh.faces) == 0
    assert component_labels(mesh.faces).max() == 0
    assert mesh.vertices[:, 1].min() == pytest.approx(0, abs=1e-6)
    assert mesh.vertices[:, 1].max() == pytest.approx(1, abs=1e-6)
    assert character.parts.min() >= 0
    assert character.parts.max() < len(PARTS)
    np.testing.assert_allclose(rig.weights.sum(1), 1, atol=1e-5)


def test_a_seed_builds_the_same_bytes():
    one, two = (build_character(random_spec(5), 56, 1024, 2) for _ in range(2))
    assert one.mesh.vertices.tobytes() == two.mesh.vertices.tobytes()
    assert one.texture.tobytes() == two.texture.tobytes()
    assert one.rig.weights.tobytes() == two.rig.weights.tobytes()
