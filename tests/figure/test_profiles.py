"""The table of processes: complete, sourced, overridable by name, and it refuses what no machine has."""

import math
from dataclasses import replace

import pytest

from genkei.figure.build import Build
from genkei.figure.profiles import NUMBERS, PROFILES, USER, profile_named, profile_with

RESIN = PROFILES["resin"]


def test_every_process_of_a_figure_maker_is_there():
    asked = {"resin", "fdm", "sls", "mjf", "polyjet", "colour", "cast", "injection"}
    assert set(PROFILES) == asked and all(name == profile.name for name, profile in PROFILES.items())


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES.keys())
def test_every_number_has_its_source(profile):
    said = set(profile.sources)
    assert said >= set(NUMBERS)
    assert all(profile.sources.values()) and USER not in profile.source


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES.keys())
def test_the_limits_are_in_order(profile):
    assert profile.feature_mm <= profile.wall_mm <= profile.recommended_wall_mm <= profile.section_mm
    assert profile.clearance_mm < profile.wall_mm and profile.recommended_wall_mm < profile.solid_mm
    assert (profile.drain_mm > 0) == (profile.drain_count > 0)


def test_numbers_are_replaced_by_name_and_say_whose_they_are():
    mine = profile_with("resin", wall_mm=1.2, build_mm=(100.0, 90.0, 80.0))
    assert (mine.wall_mm, mine.build_mm) == (1.2, (100.0, 90.0, 80.0)) and mine.name == "resin"
    assert mine.sources["wall_mm"] == mine.sources["build_mm"] == USER
    rest = {"wall_mm": RESIN.wall_mm, "build_mm": RESIN.build_mm, "sources": RESIN.sources}
    assert replace(mine, **rest) == RESIN
    assert profile_with("fdm") == PROFILES["fdm"] == profile_named("fdm")


def test_a_thick_wall_lifts_the_recommended_one():
    assert profile_with("resin", wall_mm=2.0).recommended_wall_mm == 2.0
    assert profile_with("resin", wall_mm=1.2).recommended_wall_mm == RESIN.recommended_wall_mm
    with pytest.raises(ValueError, match="thicker than the recommended"):
        profile_with("resin", wall_mm=2.0, recommended_wall_mm=1.5)


@pytest.mark.parametrize(
    ("numbers", "says"),
    [
        ({"wall_mm": 0.0}, "the wall is 0 mm"),
        ({"wall_mm": math.nan}, "the wall is nan mm"),
        ({"clearance_mm": -0.1}, "the clearance"),
        ({"build_mm": (100.0, 100.0, 3.0)}, "leaves nothing inside its margin"),
        ({"build_mm": (100.0, 100.0, -3.0)}, "the build volume is -3 mm"),
        ({"build_mm": 100.0}, "wanted width, depth and height"),
        ({"draft_deg": 50.0}, "the draft is 50 degrees"),
        ({"drain_count": 99}, "99 drain holes"),
        ({"walls_mm": 1.0}, "a profile has no walls_mm; it has wall_mm"),
    ],
)
def test_impossible_numbers_are_refused(numbers, says):
    with pytest.raises(ValueError, match=says):
        profile_with("resin", **numbers)


def test_an_unknown_process_is_refused_with_the_known_ones():
    with pytest.raises(ValueError, match="no process 'clay'; known are resin, fdm"):
        profile_with("clay")


def test_a_build_takes_a_profile_of_one_s_own():
    assert Build(process=profile_with("resin", wall_mm=1.3)).profile.wall_mm == 1.3
    assert Build(process="fdm").profile == PROFILES["fdm"]
