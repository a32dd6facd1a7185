"""Feet on a base of their own."""

import manifold3d
import numpy as np
import pytest

from genkei.figure.footing import foot_interfaces, seated
from genkei.figure.joints import Joints
from genkei.figure.profiles import PROFILES
from genkei.geometry.mesh import volume
from genkei.types import all_passed
from tests.figure.kits import part

Manifold = manifold3d.Manifold


def body(sink: float = 1.0):
    """Two rounded feet under a block; they reach `sink` under z = 0."""
    foot = Manifold.sphere(6, 48).scale((0.8, 1.2, 1.0)).translate((0, 0, 6 - sink))
    legs = [foot.translate((x, 0, 0)) for x in (-8.0, 8.0)]
    return part("body", legs[0] + legs[1] + Manifold.cube((26, 10, 20), True).translate((0, 0, 18)))


BASE = part("base", Manifold.cylinder(5, 25, 25, 96).translate((0, 0, -5)))


def test_both_soles_are_found_and_joined():
    standing = seated(body(), BASE)
    soles = foot_interfaces(standing, BASE)
    assert [(s.carrier, s.plugged) for s in soles] == [("base", "body")] * 2
    assert all(s.normal[2] == pytest.approx(1, abs=1e-5) for s in soles)
    assert {round(float(s.centre[0])) for s in soles} == {-8, 8}
    joined = Joints()((BASE, standing), soles, PROFILES["resin"])
    assert all_passed(joined.checks), [c for c in joined.checks if not c.passed]
    assert {round(float(j.origin[0])) for j in joined.joints} == {-8, 8}
    assert all(np.allclose(j.direction, [0, 0, 1], atol=1e-5) for j in joined.joints)
    assert volume(joined.parts[1].mesh) > volume(standing.mesh)  # pegs grow from the soles


def test_the_base_can_come_last():
    soles = foot_interfaces(seated(body(), BASE), BASE, base_last=True)
    assert [(s.carrier, s.plugged) for s in soles] == [("body", "base")] * 2
    assert all(s.normal[2] == pytest.approx(-1, abs=1e-5) for s in soles)


def test_seating_takes_what_is_inside_the_base():
    before, after = body(), seated(body(), BASE)
    assert after.mesh.vertices[:, 2].min() == pytest.approx(0, abs=1e-6)
    assert volume(after.mesh) < volume(before.mesh)


def test_refusals():
    with pytest.raises(ValueError, match="touches base nowhere flat"):
        foot_interfaces(body(sink=0.0), BASE)
    with pytest.raises(ValueError, match="wholly inside"):
        seated(part("dot", Manifold.sphere(1).translate((0, 0, -2.5))), BASE)
