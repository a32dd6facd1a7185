"""Every part that a maker names can be asked for: shoes, face, accessories, hair back, torso."""

from dataclasses import replace

import numpy as np
import pytest

from genkei.figure.build import Build
from genkei.figure.labels import Labels, find_labels
from genkei.figure.split import SINGLE, Split
from genkei.geometry.mesh import open_edges, volume
from genkei.types import Figure
from tests.figure.characters import doll

NAMED = (
    "hair back", "bangs", "face", "head", "torso", "skirt", "arms", "legs", "shoes", "accessories", "base",
)  # fmt: skip
SHOE = 0.05
"""Heights up to which the doll's feet are brown."""


@pytest.fixture(scope="module")
def shod() -> Figure:
    made = doll(0.02)
    texture = made.texture.copy()
    texture[round(len(texture) * (1 - SHOE)) :] = (90, 60, 30)
    return Build(with_base=False)(replace(made, texture=texture))


@pytest.fixture(scope="module")
def labels(shod) -> Labels:
    return find_labels(shod)


def test_shoes_end_where_their_colour_does(shod, labels):
    at = shod.parts[0].mesh.vertices[shod.parts[0].mesh.faces].mean(1)
    for side, sign in (("left", 1), ("right", -1)):
        shoe = at[labels.where(f"{side} shoe")]
        assert (sign * shoe[:, 0] > 0).all()
        assert shoe[:, 2].max() == pytest.approx(SHOE * 150, abs=2.5)
        (plane,) = [limb for limb in labels.limbs if limb.name == f"{side} shoe"]
        assert plane.carrier == f"{side} leg" and plane.normal[2] == -1


def test_shoes_and_face_come_off_in_whole_parts(shod, labels):
    cut = Split(parts=("shoes", "face", "hair back"), least_share=1e-3)(shod, labels)
    names = {part.name for part in cut.parts}
    assert {"torso", "left shoe", "right shoe", "face", "hair"} <= names, cut.notes
    assert not {"left leg", "head"} & names  # they were not asked for
    assert all(open_edges(part.mesh.faces) == 0 for part in cut.parts)
    whole = volume(shod.parts[0].mesh)
    assert sum(volume(part.mesh) for part in cut.parts) == pytest.approx(whole, rel=1e-4)
    assert {"left shoe", "right shoe"} <= {face.plugged for face in cut.interfaces}


def test_every_accessory_is_a_part_of_its_own(shod, labels):
    """Two patches of the torso called accessories."""
    at = shod.parts[0].mesh.vertices[shod.parts[0].mesh.faces].mean(1)
    faces = labels.faces.copy()
    hands = np.abs(at[:, 0]) > 0.26 * 150
    faces[hands] = labels.names.index("accessory")
    cut = Split(parts=("accessories",), least_share=1e-3)(shod, replace(labels, faces=faces))
    assert {part.name for part in cut.parts} == {"torso", "accessory 1", "accessory 2"}


def test_all_names_are_known_and_others_are_refused_with_the_list():
    assert set(Split(parts=NAMED).wanted) == set(SINGLE)
    assert Split(parts=("torso",)).wanted == (
        "left arm", "right arm", "left leg", "right leg", "skirt", "head",
    )  # fmt: skip
    assert Split(parts=("auto",)).unasked == (
        "hair",
        "left arm",
        "right arm",
        "left leg",
        "right leg",
        "skirt",
        "head",
    )
    with pytest.raises(ValueError, match="no part 'wings'; known are") as refused:
        Split(parts=("wings",))
    assert all(name in str(refused.value) for name in (*NAMED, "hair", "left shoe"))
