"""Laws of the toys: every seed has its own, always the same one, whole, rigged and labelled."""

from typing import get_args

import numpy as np
import pytest

from genkei.geometry.mesh import component_labels, open_edges, volume
from genkei_train.characters.spec import PARTS
from genkei_train.poses import posed, random_pose
from genkei_train.subjects import JOINTS, of_character
from genkei_train.toys.build import build_toy, known_joints, toy_pieces
from genkei_train.toys.catalogue import KINDS, random_toy
from genkei_train.toys.frame import toy_frame
from genkei_train.toys.lumps import Lump
from genkei_train.toys.spec import Beast, Block, Eyes, Foot, Hand, Headwear, Kind, Limb, Limbs, Mouth, ToySpec

SPECS = [random_toy(seed) for seed in range(400)]
BUILT = [next(s for s in SPECS if s.kind == kind) for kind in get_args(Kind)]
"""One toy of each kind."""


def test_a_seed_is_a_toy_and_another_seed_another():
    assert [random_toy(seed) for seed in range(50)] == SPECS[:50]
    assert len({repr(s) for s in SPECS}) == 400


def test_every_choice_occurs():
    for choices, chosen in (
        (Kind, {s.kind for s in SPECS}),
        (Beast, {s.beast for s in SPECS if s.kind == "animal"}),
        (Eyes, {s.face.eyes for s in SPECS}),
        (Mouth, {s.face.mouth for s in SPECS}),
        (Headwear, {s.gear.top for s in SPECS}),
        (Limb, {s.limbs.arm for s in SPECS}),
        (Hand, {s.limbs.hand for s in SPECS}),
        (Foot, {s.limbs.foot for s in SPECS}),
    ):
        assert chosen == set(get_args(choices))
    assert sum(KINDS.values()) == pytest.approx(1)
    heads = [s.heads for s in SPECS]
    assert min(heads) < 1.5 and max(heads) > 4


@pytest.mark.parametrize("spec", BUILT, ids=lambda s: s.kind)
def test_a_built_toy_keeps_the_laws(spec: ToySpec):
    toy = build_toy(spec, 64, 1024, 2)
    mesh, rig = toy.mesh, toy.rig
    assert open_edges(mesh.faces) == 0
    assert component_labels(mesh.faces).max() == 0
    assert volume(mesh) > 0.01
    assert mesh.vertices[:, 1].min() == pytest.approx(0, abs=1e-6)
    assert mesh.vertices[:, 1].max() == pytest.approx(1, abs=1e-6)
    assert np.abs(mesh.vertices[:, [0, 2]]).max() < 0.75
    assert toy.parts.min() >= -1 and toy.parts.max() < len(PARTS)
    assert rig.weights.min() >= 0
    np.testing.assert_allclose(rig.weights.sum(1), 1, atol=1e-5)
    subject = of_character(toy, spec.name, "toys")
    moved = posed(subject, random_pose(np.random.default_rng(3)))
    assert moved.family == "toys" and np.isfinite(moved.soup.vertices).all()


@pytest.mark.parametrize("seed", range(0, 400, 5))
def test_joints_lie_inside_and_nothing_floats(seed: int):
    spec = random_toy(seed)
    f = toy_frame(spec)
    pieces = toy_pieces(f)
    names = [n for n, known in zip(JOINTS, known_joints(spec), strict=True) if known]
    at = np.stack([f.at[n] for n in names])
    depth = np.min([p.form(at) for p in pieces], 0)
    assert (depth < 0.004).all(), dict(zip(names, depth.round(3), strict=True))
    low = np.min([p.form.low for p in pieces], 0)
    assert low[1] > -0.02


def test_a_seed_builds_the_same_bytes():
    one, two = (build_toy(random_toy(5), 56, 1024, 2) for _ in range(2))
    assert one.mesh.vertices.tobytes() == two.mesh.vertices.tobytes()
    assert one.texture.tobytes() == two.texture.tobytes()
    assert one.rig.weights.tobytes() == two.rig.weights.tobytes()


def test_faces_are_labelled_where_people_have_them():
    person = next(s for s in SPECS if s.kind == "person" and s.gear.top == "hair")
    toy = build_toy(person, 56, 1024, 2)
    centre = toy.mesh.vertices[toy.mesh.faces[toy.parts == PARTS.index("face")]].mean((0, 1))
    assert centre[1] > 1 - 1.2 / person.heads
    assert {PARTS[k] for k in np.unique(toy.parts)} >= {"face", "hair", "cloth"}


def test_only_what_has_no_legs_has_unknown_joints():
    for spec in SPECS:
        assert known_joints(spec).all() == (spec.limbs.foot != "none")


@pytest.mark.parametrize("block", [Block(1.2, 0.7, 2.0, 2.0), Block(0.8, 1.1, 6.0, 5.0, 0.3, 0.2)])
def test_points_on_a_lump_lie_on_its_form(block: Block):
    lump = Lump(0.2, 0.7, 0.3, 0.2, block)
    points = np.stack([lump.point(a, lump.at(t)) for a in np.linspace(-3, 3, 13) for t in (0.2, 0.5, 0.8)])
    assert np.abs(lump.form()(points)).max() < 0.004
    assert (lump.grown(0.01).form()(points) < 0).all()


def test_refusals():
    with pytest.raises(ValueError, match="heads is 6, but a toy"):
        ToySpec("x", heads=6)
    with pytest.raises(ValueError, match=r"legs is 0\.9; a crotch"):
        ToySpec("x", limbs=Limbs(legs=0.9))
    with pytest.raises(ValueError, match="the head is pointed"):
        ToySpec("x", head=Block(square=1.5))
