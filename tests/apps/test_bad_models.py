"""Models nobody should print, on the command line: a refusal in words, a mended solid, or a loud check."""

from pathlib import Path

import manifold3d
import numpy as np
import pytest

from genkei.formats import glb, stl, threemf
from genkei.geometry.mesh import from_manifold, joined, volume
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


def test_half_a_million_triangles_are_simplified_with_a_word(capsys, tmp_path):
    ball = from_manifold(manifold3d.Manifold.sphere(20, 64).refine(16))
    assert len(ball.faces) > 500_000
    code, told, error = printified(capsys, tmp_path, ball, "--base", "none")
    assert code in (0, 3), error
    assert told["figure"]["triangles"] <= 400_000
    assert any(f"{len(ball.faces)} triangles are more than a print shows" in note for note in told["notes"])
    assert told["figure"]["volume_cm3"] == pytest.approx(volume(ball) / 1000, rel=1e-3)


def test_full_colour_takes_as_many_colours_as_it_needs(capsys, tmp_path):
    glb.write_character(tmp_path / "x.glb", box_character())
    words = ("--colours", "0", "--process", "colour", "--formats", "3mf", "--height-mm", "50")
    code, _, error = run(capsys, "printify", tmp_path / "x.glb", "-o", tmp_path / "out", *words)
    assert code == 0, error
    assert threemf.strict_findings(tmp_path / "out" / "figure.3mf") == ()
    shades = np.concatenate([body.colours for body in threemf.read(tmp_path / "out" / "figure.3mf")])
    assert len(np.unique(shades.reshape(-1, 4), axis=0)) >= 2  # the box and its base


def test_a_base_larger_than_the_machine_fails_loudly(capsys, tmp_path):
    code, told, error = printified(capsys, tmp_path, box_mesh(BOX_MM), "--base-mm", "130")
    assert code == 3 and "THIS WOULD NOT PRINT" in error
    assert not next(row for row in told["checks"] if row["name"] == "fits the machine")["passed"]
    kit = ("--base-mm", "130", "--kit", "--no-supports", "--solid", "--force")
    code, told, error = printified(capsys, tmp_path, box_mesh(BOX_MM), *kit)
    row = next(row for row in told["kit"]["checks"] if row["name"] == "base fits the machine")
    assert code == 3 and not row["passed"] and row["limit"] == 119 and "--base-mm" in row["advice"]


REFUSED = {
    "a plane": (
        Mesh(box_mesh(BOX_MM).vertices * np.array([1, 0, 1], np.float32), box_mesh(BOX_MM).faces),
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
