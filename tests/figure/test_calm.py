"""Cut faces take one colour of their part, and the figure's own paint stays."""

import manifold3d
import numpy as np

from genkei.figure.calm import calmed, kept
from genkei.geometry.mesh import corners
from genkei.geometry.nearest import closest
from genkei.types import Mesh, Part
from tests.figure.characters import solid

Solid = manifold3d.Manifold
TEXTURE = np.zeros((8, 8, 3), np.uint8)
TEXTURE[:, :4], TEXTURE[:, 4:] = (230, 200, 180), (70, 40, 30)
SKIN, HAIR = (0.25, 0.5), (0.75, 0.5)
BODY = solid(Solid.cylinder(40, 10, 10, 48).refine_to_length(1.5))


def cut(low: float, high: float, hair_above: float) -> Part:
    """A stretch of the body with a streaky cut: skin, and hair from a height on."""
    whole = Solid.cylinder(40, 10, 10, 48).refine_to_length(1.5)
    mesh = solid(whole.trim_by_plane((0, 0, 1), low).trim_by_plane((0, 0, -1), -high))
    z = corners(mesh).mean(1)[:, 2]
    uv = np.where((z > hair_above)[:, None, None], HAIR, np.broadcast_to(SKIN, (len(z), 3, 2)))
    uv[sides(mesh, 20)[0] & (np.arange(len(z)) % 3 > 0)] = HAIR
    return Part("head", mesh, uv.astype(np.float32))


def sides(mesh: Mesh, z: float) -> tuple[np.ndarray, np.ndarray]:
    flat = (np.abs(corners(mesh)[:, :, 2] - z) < 1e-3).all(1)
    return flat, ~flat


def test_a_cut_takes_the_colour_most_of_what_is_near_has():
    for hair_above, wanted in ((19.0, SKIN), (9.0, HAIR)):
        part = cut(0, 20, hair_above)
        (calm,) = calmed((part,), BODY, TEXTURE)
        flat, shown = sides(part.mesh, 20)
        assert flat.any() and np.allclose(calm.uv[flat], np.float32(wanted))
        assert np.array_equal(calm.uv[shown], part.uv[shown])
        assert calm.mesh is part.mesh


def test_every_cut_has_its_own_colour():
    low, high = cut(10, 30, 12), cut(10, 30, 28)
    for part, colours in ((low, (HAIR, HAIR)), (high, (SKIN, SKIN))):
        (calm,) = calmed((part,), BODY, TEXTURE)
        for z, colour in zip((10, 30), colours, strict=True):
            assert np.allclose(calm.uv[sides(part.mesh, z)[0]], np.float32(colour))
    two = cut(2, 38, 20)
    (calm,) = calmed((two,), BODY, TEXTURE)
    assert np.allclose(calm.uv[sides(two.mesh, 2)[0]], np.float32(SKIN))
    assert np.allclose(calm.uv[sides(two.mesh, 38)[0]], np.float32(HAIR))


def test_a_part_of_its_own_and_one_without_a_cut_stay():
    whole = Part("body", BODY, np.full((len(BODY.faces), 3, 2), 0.5, np.float32))
    apart = Part("base", Mesh(BODY.vertices + np.float32(100), BODY.faces), whole.uv)
    assert calmed((whole, apart), BODY, TEXTURE) == (whole, apart)


def test_a_face_is_the_bodys_own_whatever_its_corners_are_called_and_wherever_it_begins():
    part = cut(0, 20, 9)
    middles = corners(part.mesh).mean(1)
    away = np.asarray(closest(middles, BODY.vertices, BODY.faces)[0])
    own = kept(part.mesh, BODY)
    assert own.any() and not own.all() and away[own].max() < 1e-4
    turned = Mesh(
        part.mesh.vertices[::-1].copy(), np.roll(len(part.mesh.vertices) - 1 - part.mesh.faces, 1, 1)
    )
    assert np.array_equal(kept(turned, BODY), own)
    assert kept(BODY, BODY).all() and not kept(Mesh(BODY.vertices + np.float32(1), BODY.faces), BODY).any()
