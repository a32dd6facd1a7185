"""Bodies a filament: together they are the part, they only touch, and colours end where the core begins."""

from itertools import combinations

import manifold3d
import numpy as np
import pytest

from genkei.figure.bodies import Bodies, ByColour
from genkei.figure.profiles import PROFILES, profile_with
from genkei.geometry.mesh import open_edges, to_manifold, volume
from genkei.types import Mesh, Part
from tests.figure.characters import solid

COLOURS = np.array([[200, 40, 40], [245, 245, 240], [40, 60, 150]], np.uint8)
"""Red, white, blue."""
RED, WHITE, BLUE = 0, 1, 2
TEXTURE = np.repeat(np.repeat(COLOURS[None], 8, 0), 8, 1)


def painted(shape: manifold3d.Manifold, colour) -> Part:
    """Every face in one colour, by its middle."""
    mesh = solid(shape)
    number = np.asarray(colour(mesh.vertices[mesh.faces].mean(1)), np.float32)
    uv = np.stack([(number + 0.5) / len(COLOURS), np.full(len(number), 0.5, np.float32)], 1)
    corner = np.broadcast_to(uv[:, None], (len(number), 3, 2))
    return Part("ball", mesh, np.ascontiguousarray(corner, np.float32))


def flag(points: np.ndarray) -> np.ndarray:
    """White, with a red cap and a blue band."""
    z = points[:, 2]
    return np.where(z > 4, RED, np.where((z > -6) & (z < -3), BLUE, WHITE))


BALL = manifold3d.Manifold.sphere(10, 96)


@pytest.fixture(scope="module")
def ball() -> tuple[Part, Bodies]:
    part = painted(BALL, flag)
    return part, ByColour()(part, TEXTURE, COLOURS)


def test_the_bodies_are_closed_disjoint_and_together_the_part(ball):
    part, made = ball
    assert made.filaments == (RED, WHITE, BLUE) and made.main == WHITE and made.check.passed
    whole = to_manifold(part.mesh)
    solids = [to_manifold(mesh) for mesh in made.meshes]
    assert all(open_edges(mesh.faces) == 0 and volume(mesh) > 0 for mesh in made.meshes)
    assert sum(body.volume() for body in solids) == pytest.approx(whole.volume(), rel=1e-5)
    for first, second in combinations(solids, 2):
        assert (first ^ second).volume() < 1e-6 * whole.volume()
    united = manifold3d.Manifold.batch_boolean(solids, manifold3d.OpType.Add)
    assert (whole - united).volume() < 1e-5 * whole.volume()
    assert (united - whole).volume() < 1e-5 * whole.volume()


def test_a_colour_goes_as_deep_as_the_skin_and_no_deeper(ball):
    _, made = ball
    how = ByColour()
    for filament in (RED, BLUE):
        points = made.meshes[made.filaments.index(filament)].vertices
        depth = 10 - np.linalg.norm(points, axis=1)
        assert depth.max() < how.skin_mm + 1.5 * how.step_mm
        assert np.median(depth[depth > 0.6 * how.skin_mm]) == pytest.approx(
            how.skin_mm, abs=0.6 * how.step_mm
        )
    red = made.meshes[made.filaments.index(RED)].vertices
    outside = red[np.linalg.norm(red, axis=1) > 9.95]
    assert outside[:, 2].min() == pytest.approx(4, abs=how.step_mm)  # the border stays where it was painted


def test_a_sheet_is_parted_half_way_between_its_sides():
    sheet = painted(
        manifold3d.Manifold.cube((20, 2, 20), True).refine(8), lambda p: np.where(p[:, 1] < 0, RED, BLUE)
    )
    made = ByColour()(sheet, TEXTURE, COLOURS)
    for mesh in made.meshes:
        assert volume(mesh) == pytest.approx(400, rel=0.03)


def test_no_core_thinner_than_the_skin_is_left():
    """3 mm of red all round would leave 0.6 mm of white between two skins of 1.2."""

    def mostly_white(points):
        return np.where(points[:, 0] < 0, RED, WHITE)

    slab = painted(manifold3d.Manifold.cube((30, 3, 20), True).translate((4, 0, 0)).refine(12), mostly_white)
    made = ByColour()(slab, TEXTURE, COLOURS)
    assert made.main == WHITE
    red = volume(made.meshes[made.filaments.index(RED)])
    assert red == pytest.approx(11 * 3 * 20, rel=0.05)


def test_a_dot_too_small_to_print_stays_with_what_surrounds_it():
    dotted = painted(BALL.refine(2), lambda p: np.where(p[:, 2] > 9.995, BLUE, WHITE))
    assert ByColour()(dotted, TEXTURE, COLOURS).filaments == (WHITE,)


def test_a_mirrored_part_has_mirrored_bodies(ball):
    part, made = ball
    turned = Mesh(
        part.mesh.vertices * np.array([-1, 1, 1], np.float32), np.ascontiguousarray(part.mesh.faces[:, ::-1])
    )
    mirrored = ByColour()(Part("ball", turned, part.uv[:, ::-1].copy()), TEXTURE, COLOURS)
    for one, other in zip(made.meshes, mirrored.meshes, strict=True):
        assert volume(one) == pytest.approx(volume(other), rel=0.01)


def test_the_skin_is_the_process_least_wall():
    assert ByColour.of(PROFILES["fdm"]) == ByColour(1.2, 0.3)
    assert ByColour.of(profile_with("fdm", wall_mm=0.4)) == ByColour(0.4, 0.2)


@pytest.mark.parametrize("sizes", [(0.5, 0.3, 0.4), (1.2, 0.01, 0.4), (1.2, 0.3, -1.0)])
def test_skins_no_nozzle_can_make_are_refused(sizes):
    with pytest.raises(ValueError, match="a skin of at least two cells"):
        ByColour(*sizes)


def test_an_open_part_is_refused(ball):
    part, _ = ball
    torn = Part("torn", Mesh(part.mesh.vertices, part.mesh.faces[1:]), part.uv[1:])
    with pytest.raises(ValueError, match="not a closed solid"):
        ByColour()(torn, TEXTURE, COLOURS)
