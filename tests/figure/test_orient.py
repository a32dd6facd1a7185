"""Which way up: known solids lie as a printer would lay them, and turning the input turns the answer."""

import math

import manifold3d
import numpy as np
import pytest

from genkei.figure.orient import Orient, _Search, _sphere, in_sight, laid, printable
from genkei.figure.posture import FDM, RESIN, Prices, measure, prices_for, subject
from genkei.figure.profiles import PROFILES
from genkei.types import Mesh, Part
from tests.figure.characters import solid

Solid = manifold3d.Manifold
QUICK = Orient(directions=60, pixel_mm=1.0)
RESIN_LCD, FDM_04 = PROFILES["resin"], PROFILES["fdm"]


def part(shape: Solid | Mesh) -> Part:
    mesh = solid(shape) if isinstance(shape, Solid) else shape
    return Part("part", mesh, np.zeros((len(mesh.faces), 3, 2), np.float32))


def plain(shape: Mesh) -> np.ndarray:
    """All faces equally visible: nothing but the shape decides."""
    return np.full(len(shape.faces), 0.3, np.float32)


DOME = Solid.sphere(15, 48).trim_by_plane((0, 0, 1), 0)
LUMP = Solid.batch_boolean(
    [
        Solid.cube((30, 18, 12)),
        Solid.cylinder(25, 4, 4, 24).translate((7, 9, 8)),
        Solid.sphere(6, 24).translate((26, 9, 14)),
    ],
    manifold3d.OpType.Add,
)


@pytest.mark.parametrize("tilt", [(0, 0, 0), (130, 20, 0), (90, 0, 45)])
def test_fdm_lays_the_cut_face_on_the_bed(tilt):
    mesh = solid(DOME.rotate(tilt))
    found = QUICK(part(mesh), FDM_04)
    assert found.terms.contact_cm2 == pytest.approx(math.pi * 2.25, rel=0.02)
    assert found.terms.overhang_cm2 == pytest.approx(0, abs=0.02) and found.terms.islands == 0
    placed = laid(mesh, found)
    assert placed.vertices[:, 2].min() == pytest.approx(0, abs=1e-4)
    assert np.ptp(placed.vertices[:, 2]) == pytest.approx(15, abs=0.05)


def test_resin_tilts_a_plate_and_keeps_marks_off_its_front():
    plate = solid(Solid.cube((40, 3, 60), True))
    found = Orient(directions=60, pixel_mm=1.0)(part(plate), RESIN_LCD)
    assert found.terms.peel_cm2 < 10 < 24  # its face has 24 cm²
    front = found.rotation @ np.array([0, -1.0, 0])
    assert front[2] > -0.1  # the front never looks down


def test_marks_go_where_nobody_looks():
    ball = solid(Solid.sphere(15, 48))
    centre = ball.vertices[ball.faces].mean(1)
    wanted = np.array([0.6, 0.48, 0.64])
    seen = (centre @ wanted > -2).astype(np.float32)
    found = QUICK(part(ball), RESIN_LCD, seen)
    down = -found.rotation[2]
    assert down @ wanted < -0.8
    assert found.terms.scar_cm2 < 0.1 < found.terms.overhang_cm2


def test_turning_the_input_turns_the_answer():
    costs, downs = [], []
    for turn in (0.0, 37.0, 160.0):
        mesh = solid(LUMP.rotate((0, 0, turn)))
        found = QUICK(part(mesh), RESIN_LCD, plain(mesh))
        back = np.radians(-turn)
        spin = np.array([[np.cos(back), -np.sin(back), 0], [np.sin(back), np.cos(back), 0], [0, 0, 1]])
        costs.append(found.cost_min)
        downs.append(spin @ found.rotation[2])
    assert np.allclose(costs, costs[0], rtol=0.02)
    assert all(down @ downs[0] > 0.97 for down in downs)


def test_the_answer_is_a_rotation_and_always_the_same():
    one, two = (QUICK(part(LUMP), RESIN_LCD) for _ in range(2))
    assert one.rotation.tobytes() == two.rotation.tobytes() and one.terms == two.terms and one.why == two.why
    assert np.allclose(one.rotation @ one.rotation.T, np.eye(3)) and np.linalg.det(one.rotation) > 0
    assert one.cost_min <= RESIN.of(one.as_assembled) + 1e-9
    assert "as assembled" in one.why


@pytest.mark.parametrize("prices", [RESIN, FDM])
def test_what_the_surface_alone_says_rules_out_only_what_slicing_would(prices):
    mesh = solid(LUMP)
    body = subject(mesh, plain(mesh).astype(np.float64))
    search = _Search(body, prices, np.full(3, 200.0), 1.0, np.zeros((0, 3)))
    downs = [*_sphere(40), *-np.eye(3)]
    known = [search.whole(search.least(down)) for down in downs]
    for down, whole in zip(downs, known, strict=True):
        assert search.least(down).cost_min <= whole.cost_min
        assert whole.terms == measure(body, whole.rotation, prices.on_bed, 1.0)
    ordered = sorted(known, key=lambda way: way.cost_min)
    found = list(search.cheapest_first(downs))
    assert [way.rotation.tolist() for way in found] == [way.rotation.tolist() for way in ordered]
    for down, whole in zip(downs, known, strict=True):
        wanted = whole if whole.cost_min < ordered[7].cost_min else ordered[7]
        assert (search.cheaper(down, ordered[7]).rotation == wanted.rotation).all()


def test_a_comb_stands_on_its_back():
    teeth = [Solid.cube((3, 6, 10 + k)).translate((8 * k, 0, 10 - k)) for k in range(5)]
    comb = Solid.batch_boolean([Solid.cube((40, 6, 4)).translate((0, 0, 19)), *teeth], manifold3d.OpType.Add)
    mesh = solid(comb)
    found = QUICK(part(mesh), FDM_04, plain(mesh))
    assert found.as_assembled.islands >= 4 and found.terms.islands == 0


def test_a_long_rod_is_laid_to_fit():
    mesh = solid(Solid.cube((8, 8, 240)))
    low = QUICK(part(mesh), FDM_04)  # 250 x 210 x 210
    assert np.ptp(laid(mesh, low).vertices[:, 2]) <= 206
    with pytest.raises(ValueError, match=r"8 x 8 x 400 mm fits the machine.*none of the directions"):
        QUICK(part(Solid.cube((8, 8, 400))), FDM_04)


def test_sight_is_the_front():
    ball = solid(Solid.sphere(10, 32))
    seen, centre = in_sight(ball), ball.vertices[ball.faces].mean(1)
    assert seen[centre[:, 1] < -9].min() > 0.8 and seen[centre[:, 2] < -9.5].max() < 0.3


def test_prices_by_process():
    assert {name for name in PROFILES if prices_for(name) is RESIN} == {"resin", "cast"}
    assert {name for name in PROFILES if prices_for(name) is FDM} == {"fdm"}
    with pytest.raises(ValueError, match="the price island is -1"):
        Prices(-1, 0, 0, 0, 0, 0, 0, True)


def test_refusals():
    block = solid(Solid.cube((9, 9, 9)))
    torn = Mesh(block.vertices, block.faces[1:])
    nan = Mesh(block.vertices * np.float32(np.nan), block.faces)
    empty = Mesh(np.zeros((0, 3), np.float32), np.zeros((0, 3), np.int32))
    for mesh, told in (
        (torn, "open edges"),
        (nan, "not numbers"),
        (empty, "no triangles"),
        (Mesh(block.vertices, block.faces[:, ::-1].copy()), "inside-out"),
    ):
        with pytest.raises(ValueError, match=f"leg: .*{told}"):
            printable(mesh, "leg")
        with pytest.raises(ValueError, match=told):
            QUICK(part(mesh), RESIN_LCD)
    for weight in (np.ones(3, np.float32), np.full(12, -1, np.float32), np.full(12, np.nan, np.float32)):
        with pytest.raises(ValueError, match="one number from 0 up"):
            QUICK(part(block), RESIN_LCD, weight)
    for options, told in (
        ({"directions": 0}, "0 directions"),
        ({"pixel_mm": 0.0}, "pixel is 0"),
        ({"lift_mm": -1.0}, "lift is -1"),
    ):
        with pytest.raises(ValueError, match=told):
            Orient(**options)
