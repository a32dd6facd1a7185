"""`--bodies` on the command line: files, record, checks, and where the word means nothing."""

from dataclasses import replace
from pathlib import Path

import pytest

from genkei.formats import glb, threemf
from tests.apps.drawings import box_character
from tests.apps.test_printify import run


@pytest.fixture(scope="module")
def two_tone(tmp_path_factory) -> Path:
    """A box, its upper half painted red."""
    path = tmp_path_factory.mktemp("two") / "box.glb"
    made = box_character()
    texture = made.texture.copy()
    texture[32:] = (250, 250, 250)
    glb.write_character(path, replace(made, texture=texture))
    return path


def test_a_body_a_filament_of_the_figure_or_of_every_part(capsys, two_tone, tmp_path):
    words = (
        "--process",
        "fdm",
        "--bodies",
        "--colours",
        "2",
        "--formats",
        "stl",
        "--height-mm",
        "40",
        "--base",
        "none",
    )
    code, told, error = run(capsys, "printify", two_tone, "-o", tmp_path / "whole", *words)
    assert code in (0, 3), error
    written = {entry["name"] for entry in told["outputs"]}
    assert {
        "figure_bodies.3mf",
        "figure_bodies_bambu.3mf",
        "bodies/figure_1.stl",
        "bodies/figure_2.stl",
    } <= written
    (row,) = [row for row in told["checks"] if row["name"] == "colour bodies"]
    assert row["passed"]
    assert threemf.strict_findings(tmp_path / "whole" / "figure_bodies.3mf") == ()
    code, told, error = run(capsys, "printify", two_tone, "-o", tmp_path / "kit", "--kit", *words)
    assert code in (0, 3), error
    written = {entry["name"] for entry in told["outputs"]}
    assert {"kit/print_bodies.3mf", "kit/print_bodies_bambu.3mf", "kit/bodies/torso_2.stl"} <= written
    assert not {"figure_bodies.3mf"} & written
    rows = [row for row in told["kit"]["checks"] if row["name"] == "colour bodies"]
    assert len(rows) == len(told["kit"]["parts"]) and all(row["passed"] for row in rows)


REFUSED_BODIES = {
    ("--process", "resin"): "resin prints one material; take --process fdm",
    ("--process", "colour"): "colour colours every point by itself",
    ("--process", "fdm", "--colours", "1"): "wanted 2 to 16",
    ("--process", "fdm", "--colours", "0"): "wanted 2 to 16",
}


@pytest.mark.parametrize("words", REFUSED_BODIES)
def test_bodies_where_they_mean_nothing_are_refused(capsys, tmp_path, words):
    code, told, error = run(
        capsys, "printify", "box.stl", "-o", tmp_path / "out", "--unit", "mm", "--bodies", *words
    )
    assert (code, told) == (2, {}) and REFUSED_BODIES[words] in error
    assert not (tmp_path / "out").exists()
