"""Pegs and sockets: the gap is the clearance on every side, and a key goes in one way."""

import math

import numpy as np
import pytest

from genkei.figure.pegs import Frame, Peg, Section, one_colour
from genkei.figure.union import from_solid

OUTLINES = ("d", "square", "round")
ASKEW = Frame.along(np.array([3.0, -2.0, 50.0]), np.array([0.3, 0.5, -0.8]))


def peg(outline, **changes) -> Peg:
    options = {"width_mm": 4.0, "depth_mm": 5.0, "root_mm": 1.0, "mouth_mm": 1.1, "clearance_mm": 0.15}
    options["bottom_mm"] = max(0.3, changes.get("clearance_mm", 0.0))
    return Peg(ASKEW, outline, **(options | {"taper_deg": 3.0} | changes))


def host(one: Peg):
    """A block round the socket that ends at the shared plane."""
    w = ASKEW.direction
    block = one.keep_out(2.0).trim_by_plane(tuple(float(x) for x in w), float(w @ ASKEW.origin))
    return block - one.socket()


@pytest.mark.parametrize("outline", OUTLINES)
@pytest.mark.parametrize("clearance", [0.05, 0.15, 0.4])
def test_gap_is_the_clearance_seated_and_never_less_on_the_way_out(outline, clearance):
    one = peg(outline, clearance_mm=clearance)
    block = host(one)
    gaps = []
    for lift in (0.0, 0.05, 0.5, 2.0, 5.0):
        away = tuple(float(x) for x in -lift * ASKEW.direction)
        gaps.append(one.solid().translate(away).min_gap(block, 1.0))
    assert gaps[0] == pytest.approx(clearance, abs=1e-4)
    assert min(gaps) >= clearance - 1e-4


@pytest.mark.parametrize("outline", OUTLINES)
def test_sections_are_symmetric_and_hold_their_width(outline):
    section = Section.of(outline, 4.0)
    points = section.points
    assert {tuple(p) for p in (points * [-1, 1]).round(6) + 0.0} == {tuple(p) for p in points.round(6) + 0.0}
    assert (section.normals @ points.T <= section.reach[:, None] + 1e-9).all()
    assert section.radius <= {"d": 1.01, "round": 1.01, "square": 1.3}[outline] * 2.0
    assert np.allclose(section.grown(0.3).reach, section.reach + 0.3)


def test_keys_turn_a_little_and_rounds_all_the_way():
    assert 2 < Section.of("d", 4.0).free_turn_deg(0.15) < 15
    assert 0 < Section.of("square", 4.0).free_turn_deg(0.15) < 15
    assert Section.of("round", 4.0).free_turn_deg(0.15) == 180
    assert Section.of("d", 4.0).free_turn_deg(2.0) == 180  # a gap as wide as the flat is no key


def test_a_key_turned_over_or_mirrored_hits_its_socket():
    for outline in ("d", "square"):
        one = peg(outline)
        block = host(one)
        for turn in range(30, 331, 30):
            c, s = math.cos(math.radians(turn)), math.sin(math.radians(turn))
            spin = np.array([[c, s, 0], [-s, c, 0], [0, 0, 1.0]])
            turned = Peg(Frame(ASKEW.origin, spin @ ASKEW.axes), outline, 4.0, 5.0, 1.0, 1.1, 0.15, 3.0)
            assert (turned.solid() ^ block).volume() > 0.01


def test_frames_of_mirrored_places_mirror():
    flip = np.array([-1.0, 1.0, 1.0])
    for direction in ([0.3, 0.5, -0.8], [0.9, 0.1, 0.2], [0, 0, 1.0]):
        one = Frame.along(np.zeros(3), np.array(direction))
        other = Frame.along(np.zeros(3), np.array(direction) * flip)
        assert np.allclose(other.axes, one.axes * flip * np.array([[-1], [1], [1]]))
        assert np.linalg.det(one.axes) == pytest.approx(1)
        points = np.random.default_rng(0).normal(size=(5, 3))
        assert np.allclose(one.world(one.local(points)), points)


def test_keep_out_holds_peg_and_socket():
    one = peg("d")
    hold = one.keep_out(1.5)
    for inner in (one.solid(), one.socket()):
        assert (inner - hold).volume() < 1e-9


def test_one_colour():
    painted = from_solid(one_colour(peg("d").solid(), np.array([0.25, 0.75], np.float32)))
    assert np.allclose(painted.uv, [0.25, 0.75])
