"""Models nobody should print, on the command line: a refusal in words, a mended solid, or a loud check."""

from pathlib import Path

import manifold3d
import numpy as np
import pytest

from genkei.formats import glb, stl, threemf
from genkei.geometry.mesh import from_manifold, joined
from genkei.types import Mesh
from tests.apps.drawings import box_character
from tests.apps.test_printify import BOX_MM, box_mesh, run

PLAIN = ("--unit", "mm", "--formats", "stl")


def printified(capsys, tmp_path: Path, mesh: Mesh, *words: str) -> tuple[int, dict, str]:
    stl.write(tmp_path / "x.stl", mesh)
    return run(capsys, "printify", tmp_path / "x.stl", "-o", tmp_path / "out", *PLAIN, *words)


def test_inside_out_is_turned(capsys, tmp_path):
    box = box_mesh(BOX_MM)
    code, told, error = printified(capsys, tmp_path, Mesh(box.vertices, box.faces[:, ::-1].copy()))
    assert code == 0, error
    assert next(row for row in told["checks"] if row["name"] == "outward")["passed"]


def test_triangles_without_area_change_nothing(capsys, tmp_path):
    box = box_mesh(BOX_MM)
    flat = np.array([[0, 0, 1], [3, 3, 3], [4, 5, 5]], np.int32)
    code, told, error = printified(capsys, tmp_path, Mesh(box.vertices, np.concatenate([box.faces, flat])))
    assert code == 0, error
    assert told["figure"]["character_height_mm"] == pytest.approx(BOX_MM, abs=0.5)


def test_nested_shells_become_one_solid(capsys, tmp_path):
    ball = manifold3d.Manifold.sphere(5, 24).translate((0, 0, BOX_MM / 2))
    code, told, error = printified(capsys, tmp_path, joined([box_mesh(BOX_MM), from_manifold(ball)]))
    assert code == 0, error
    assert next(row for row in told["checks"] if row["name"] == "one piece")["passed"]


def test_a_figure_smaller_than_its_wall_is_told_loudly(capsys, tmp_path):
    code, told, error = printified(capsys, tmp_path, box_mesh(BOX_MM), "--height-mm", "0.5")
    assert code == 3 and told["printable"] is False and "THIS WOULD NOT PRINT" in error


def test_full_colour_takes_as_many_colours_as_it_needs(capsys, tmp_path):
    glb.write_character(tmp_path / "x.glb", box_character())
    words = ("--colours", "0", "--process", "colour", "--formats", "3mf", "--height-mm", "50")
    code, _, error = run(capsys, "printify", tmp_path / "x.glb", "-o", tmp_path / "out", *words)
    assert code == 0, error
    assert threemf.strict_findings(tmp_path / "out" / "figure.3mf") == ()
    shades = np.concatenate([body.colours for body in threemf.read(tmp_path / "out" / "figure.3mf")])
    assert len(np.unique(shades.reshape(-1, 4), axis=0)) >= 2  # the box and its base


REFUSED = {
    "a plane": (
        Mesh(box_mesh(BOX_MM).vertices * np.float32([1, 0, 1]), box_mesh(BOX_MM).faces),
        (),
        "a plane has no volume",
    ),
    "a machine smaller than any part": (
        box_mesh(BOX_MM),
        ("--kit", "--process", "fdm", "--build-mm", "8", "8", "8"),
        "smaller than any piece that could be cut",
    ),
    "a machine that would take forty cuts": (
        box_mesh(BOX_MM),
        ("--kit", "--no-supports", "--process", "fdm", "--build-mm", "14", "14", "14", "--base", "none"),
        "Choose a larger machine",
    ),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_cannot_be_printed_is_refused_in_words(capsys, tmp_path, kind):
    mesh, words, says = REFUSED[kind]
    code, told, error = printified(capsys, tmp_path, mesh, *words)
    assert code in (1, 2) and told == {} and says in error, error
    assert "fault of genkei" not in error and not (tmp_path / "out").exists()
