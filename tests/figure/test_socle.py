"""Busts: the cut is flat, the socle is fitted to it, and the whole stands on its base."""

import numpy as np
import pytest

from genkei.figure.build import Build
from genkei.figure.checks import check_figure
from genkei.figure.profiles import PROFILES
from genkei.figure.socle import INSET, TALL, on_socle
from genkei.figure.union import Painted, to_solid
from genkei.geometry.field import Grid, surface
from genkei.types import Mesh
from tests.figure.characters import capsule, painted


def bust_mesh() -> Mesh:
    """Head and shoulders, the lower edge rounded off as surfaces that a border cuts come out; height 1."""
    axes = [np.arange(-0.6, 0.6, 0.03), np.arange(-0.1, 1.15, 0.03), np.arange(-0.45, 0.45, 0.03)]
    p = np.stack(np.meshgrid(*axes, indexing="ij"), -1)
    head, neck = capsule(p, (0, 0.75, 0), (0, 0.76, 0), 0.24), capsule(p, (0, 0.3, 0), (0, 0.6, 0), 0.1)
    chest = capsule(p, (-0.2, 0.2, 0.03), (0.2, 0.2, 0.03), 0.2)
    field = np.minimum(np.minimum(head, neck), np.maximum(chest, 0.08 - p[..., 1]))
    mesh = surface(Grid(field.astype(np.float32), np.array([a[0] for a in axes], np.float32), 0.03))
    low, high = mesh.vertices[:, 1].min(), mesh.vertices[:, 1].max()
    vertices = (mesh.vertices - np.float32([0, low, 0])) / (high - low)
    return Mesh(vertices.astype(np.float32), mesh.faces)


def upright():
    mesh = bust_mesh()
    points = mesh.vertices[:, [0, 2, 1]] * np.float32([100, -100, 100])
    return to_solid(Painted(Mesh(points, mesh.faces), np.zeros((len(mesh.faces), 3, 2), np.float32)))


def test_the_cut_is_flat_and_the_socle_is_fitted_to_it():
    made = on_socle(upright(), 100.0)
    tall = TALL * 100
    assert made.bust.bounding_box()[2] == pytest.approx(tall, abs=1e-4)
    cut, above = made.bust.slice(tall + 0.05), made.bust.slice(tall + 3)
    assert cut.area() > 0.85 * above.area()
    left, front, _, right, back, top = made.socle.bounding_box()
    wanted = np.array(cut.bounds()) + INSET * 100 * np.array([1, 1, -1, -1])
    assert np.array([left, front, right, back]) == pytest.approx(wanted, abs=0.4)
    assert top > tall > 0 and made.socle.bounding_box()[2] == pytest.approx(0, abs=1e-4)


def test_a_bust_is_one_closed_part_that_stands():
    built = Build(100.0, bust=True).with_notes(painted(bust_mesh()))
    rows = {row.name: row for row in check_figure(built.figure, PROFILES["resin"])}
    assert rows["closed"].passed and rows["one piece"].passed and rows["stands"].passed
    assert len(built.figure.parts) == 1
    assert any("it is a bust" in note for note in built.notes)
    assert not any("post" in note for note in built.notes)
    plain = Build(100.0).with_notes(painted(bust_mesh()))
    assert built.figure.lift_mm > plain.figure.lift_mm + 3
    assert built.figure.scale_mm == plain.figure.scale_mm


def test_nothing_at_the_cut_is_refused():
    import manifold3d

    with pytest.raises(ValueError, match="no matter at its cut"):
        on_socle(manifold3d.Manifold.cube((1, 1, 1)).translate((0, 0, 90)), 100.0)
