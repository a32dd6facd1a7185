"""A cut that is taken back leaves the solid as it was."""

from dataclasses import replace

import pytest

from genkei.figure.checks import buried
from genkei.figure.together import together
from genkei.geometry.mesh import component_labels, open_edges, volume
from genkei.types import Interface
from tests.figure.kits import cut_in_two, rod


def test_the_two_halves_are_the_whole_again():
    parts, (face,) = cut_in_two(rod(), (0.3, 0.1, 1.0))
    (whole,), faces = together(parts, (face,), face)
    assert whole.name == "body" and faces == ()
    assert volume(whole.mesh) == pytest.approx(rod().volume(), rel=1e-4)
    assert open_edges(whole.mesh.faces) == 0 and component_labels(whole.mesh.faces).max() == 0
    assert buried(whole.mesh)[0] == 0


def test_what_was_shared_with_it_is_shared_with_its_carrier():
    parts, (face,) = cut_in_two(rod())
    other = Interface("arm", "hair", face.triangles)
    third = replace(parts[1], name="hair")
    (whole, hair), faces = together((*parts, third), (face, other), face)
    assert (whole.name, hair.name) == ("body", "hair")
    assert [(one.carrier, one.plugged) for one in faces] == [("body", "hair")]


def test_unknown_parts_are_refused():
    parts, (face,) = cut_in_two(rod())
    with pytest.raises(ValueError, match="is 'leg''s"):
        together(parts, (face,), Interface("leg", "arm", face.triangles))
