"""Laws of our own characters: closed, upright, labelled, rigged, the same every time; faces in front only."""

from dataclasses import replace

import numpy as np
import pytest

from genkei.geometry.mesh import component_labels, open_edges, to_manifold, volume
from genkei.geometry.render import render
from genkei.types import Camera, Character
from genkei_train.characters.build import build_character
from genkei_train.characters.cast import CAST, HANA
from genkei_train.characters.paint import rgb
from genkei_train.characters.spec import PARTS, CharacterSpec, Hair, Pose
from genkei_train.toon import ToonStyle, draw

CELLS, TEXTURE_PX = 84, 1024
QUICK = ToonStyle(samples=2)


@pytest.fixture(scope="module")
def cast() -> dict[str, Character]:
    return {name: build_character(spec, CELLS, TEXTURE_PX) for name, spec in CAST.items()}


@pytest.mark.parametrize("name", list(CAST))
def test_the_solid_is_closed_outward_in_one_piece_and_one_high(cast, name):
    mesh = cast[name].mesh
    assert open_edges(mesh.faces) == 0
    assert volume(mesh) > 0
    assert to_manifold(mesh).volume() == pytest.approx(volume(mesh), rel=1e-3)
    assert component_labels(mesh.faces).max() == 0
    assert mesh.vertices[:, 1].min() == pytest.approx(0, abs=1e-6)
    assert mesh.vertices[:, 1].max() == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("name", list(CAST))
def test_every_vertex_hangs_on_the_skeleton(cast, name):
    rig = cast[name].rig
    assert rig.weights.min() >= 0
    np.testing.assert_allclose(rig.weights.sum(1), 1, atol=1e-5)
    assert (rig.parents < np.arange(len(rig.names))).all()
    hand = rig.weights[:, rig.names.index("leftHand")]
    assert (cast[name].mesh.vertices[hand > 0.5, 0] > 0).all(), "the left hand's bone moves the other side"


def test_every_part_is_there(cast):
    assert set(np.unique(cast["hana"].parts)) == set(range(len(PARTS)))
    for character in cast.values():
        assert {0, 1, 2, 3, 4} <= set(np.unique(character.parts))


def test_one_spec_makes_the_same_bytes(cast):
    again = build_character(HANA, CELLS, TEXTURE_PX)
    assert again.mesh.vertices.tobytes() == cast["hana"].mesh.vertices.tobytes()
    assert again.texture.tobytes() == cast["hana"].texture.tobytes()
    assert again.rig.weights.tobytes() == cast["hana"].rig.weights.tobytes()


def test_front_and_back_show_mirrored_silhouettes(cast):
    for character in cast.values():
        front, back = (draw(character, Camera.orthographic(a), 200, QUICK)[..., 3] > 0.5 for a in (0, 180))
        union = (front | back[:, ::-1]).sum()
        assert (front & back[:, ::-1]).sum() / union > 0.98


def test_a_symmetric_body_is_symmetric(cast):
    alpha = draw(cast["mame"], Camera.orthographic(0), 256, QUICK)[150:, :, 3] > 0.5
    assert (alpha & alpha[:, ::-1]).sum() / (alpha | alpha[:, ::-1]).sum() > 0.97


def test_eyes_look_forward_and_nowhere_else(cast):
    """The pupils' colour is seen from the front, and from behind there is none."""
    pupil = rgb("#140e20")
    for name, character in cast.items():
        seen = []
        for azimuth in (0, 180):
            rgba = render(character.mesh, character.uv, character.texture, Camera.orthographic(azimuth), 512)
            near = np.abs(rgba[..., :3] - pupil).max(-1) < 0.07
            seen.append(int((near & (rgba[..., 3] > 0.9)).sum()))
        assert seen[0] > 10, f"{name} has no pupils in front"
        assert seen[1] == 0, f"{name} has pupils at the back"


def test_drawings_hold_nothing_but_the_figure(cast):
    rgba = draw(cast["ren"], Camera.orthographic(0), 200, QUICK)
    assert rgba.shape == (200, 200, 4)
    assert rgba.dtype == np.float32
    assert rgba.min() >= 0
    assert rgba.max() <= 1
    rows = np.flatnonzero((rgba[..., 3] > 0.5).any(1))
    assert rows[0] == pytest.approx(200 / 12, abs=2)
    assert rows[-1] == pytest.approx(200 - 200 / 12, abs=2)


def test_any_choice_of_hair_makes_a_solid():
    for bangs, back, tails in (
        ("parted", "long", "none"),
        ("spiky", "short", "twin"),
        ("straight", "bob", "bun"),
    ):
        spec = replace(HANA, hair=Hair(bangs=bangs, back=back, tails=tails))
        assert open_edges(build_character(spec, 56, 1024).mesh.faces) == 0


def test_refusals():
    with pytest.raises(ValueError, match="heads is 12"):
        CharacterSpec(name="Giant", heads=12)
    with pytest.raises(ValueError, match="arm_out_deg is 0"):
        replace(HANA, pose=Pose(arm_out_deg=0.0))
    with pytest.raises(ValueError, match="#rrggbb"):
        rgb("red")
    with pytest.raises(ValueError, match="do not fit into a 128 px texture"):
        build_character(HANA, 72, 128)


def test_a_camera_that_misses_is_refused(cast):
    shifted = replace(cast["hana"], mesh=replace(cast["hana"].mesh, vertices=cast["hana"].mesh.vertices + 9))
    with pytest.raises(ValueError, match="sees nothing"):
        draw(shifted, Camera.orthographic(0), 64, QUICK)
