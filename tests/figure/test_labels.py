"""What is what on people made of capsules, painted and bare."""

from dataclasses import replace

import numpy as np
import pytest

from genkei.figure.build import Build
from genkei.figure.labels import NAMES, find_labels
from genkei.types import Figure, Mesh, Part
from tests.figure.characters import doll


def person(**options) -> Figure:
    return Build(with_base=False)(doll(0.0125, **options))


def mirrored(figure: Figure) -> Figure:
    part = figure.parts[0]
    points = part.mesh.vertices * np.array([-1, 1, 1], np.float32)
    mesh = Mesh(points, np.ascontiguousarray(part.mesh.faces[:, ::-1]))
    return replace(figure, parts=(Part(part.name, mesh, np.ascontiguousarray(part.uv[:, ::-1])),))


@pytest.fixture(scope="module")
def figure() -> Figure:
    return person()


@pytest.fixture(scope="module")
def labels(figure):
    return find_labels(figure)


def centres(figure: Figure) -> np.ndarray:
    mesh = figure.parts[0].mesh
    return mesh.vertices[mesh.faces].mean(1)


def test_limbs_and_head_are_where_they_were_put(figure, labels):
    at = centres(figure)
    assert {limb.name for limb in labels.limbs} >= {"head", "left arm", "right arm", "left leg", "right leg"}
    assert (at[labels.where("left arm"), 0] > 10).all() and (at[labels.where("right arm"), 0] < -10).all()
    assert (at[labels.where("left leg"), 0] > 0).mean() > 0.98
    assert at[labels.where("left leg", "right leg"), 2].max() < 0.3 * 150
    assert at[labels.where("head", "face", "hair", "bangs"), 2].min() > 0.45 * 150
    hand = at[:, 0] > 0.3 * 150
    assert (labels.faces[hand] == NAMES.index("left arm")).mean() > 0.95


def test_hair_is_what_the_crown_is_painted_with(figure, labels):
    z = centres(figure)[:, 2]
    hair = labels.where("hair", "bangs", "accessory")
    border = 150 * (1 - 40 / 128)  # rows of the doll's texture
    assert hair[z > border + 4].all() and not hair[z < border - 4].any()


def test_the_face_is_in_front_of_the_head(figure, labels):
    at = centres(figure)[labels.where("face")]
    assert len(at) and (at[:, 1] < 0).all()


def test_planes_look_out_of_the_body(labels):
    for limb in labels.limbs:
        assert np.linalg.norm(limb.normal) == pytest.approx(1)
        assert (limb.normal[2] > 0.5) == (limb.name == "head")


def test_the_mirror_image_has_the_mirrored_labels(figure, labels):
    swap = np.arange(len(NAMES))
    for kind in ("arm", "leg"):
        a, b = NAMES.index(f"left {kind}"), NAMES.index(f"right {kind}")
        swap[a], swap[b] = b, a
    other = find_labels(mirrored(figure))
    assert (swap[labels.faces] == other.faces).mean() > 0.97


def test_a_bare_figure_keeps_its_head_and_limbs(figure):
    grey = replace(figure, texture=np.full_like(figure.texture, 180))
    labels = find_labels(grey)
    assert not labels.where("hair", "bangs").any()
    assert all(
        labels.where(name).any() for name in ("head", "left arm", "right arm", "left leg", "right leg")
    )


def test_a_ball_has_no_neck_and_says_so(figure):
    import manifold3d

    from tests.figure.characters import solid

    ball = solid(manifold3d.Manifold.sphere(75, 64).translate((0, 0, 75)))
    part = Part("figure", ball, np.full((len(ball.faces), 3, 2), 0.5, np.float32))
    labels = find_labels(replace(figure, parts=(part,)))
    assert (labels.faces == 0).all() and any("no neck" in note for note in labels.notes)


def test_the_base_is_the_base():
    figure = Build()(doll(0.0125))
    labels = find_labels(figure)
    at = centres(figure)
    assert (at[labels.where("base"), 2] < figure.lift_mm + 3).all() and labels.where("base").any()
    assert labels.where("left leg").any()


def test_several_parts_are_refused(figure):
    with pytest.raises(ValueError, match="2 parts"):
        find_labels(replace(figure, parts=figure.parts * 2))
