"""`genkei printify` and `genkei check` from file to exit code."""

import json
from pathlib import Path

import numpy as np
import pytest

from genkei.apps.cli import main
from genkei.formats import stl
from genkei.types import Mesh
from tests.apps.drawings import box_character

BOX_MM = 60.0


def box_mesh(height_mm: float) -> Mesh:
    """A box of that height on the bed, +z up, a quarter as deep: it stands."""
    box = box_character().mesh
    size = np.array([2.0, 1.0, 4.0], np.float32)
    turned = (box.vertices * size)[:, [0, 2, 1]] * np.array([1, -1, 1], np.float32) * height_mm
    return Mesh(turned.astype(np.float32), box.faces)


@pytest.fixture
def box(tmp_path) -> Path:
    stl.write(tmp_path / "箱 box.stl", box_mesh(BOX_MM))
    return tmp_path / "箱 box.stl"


def run(capsys, *arguments) -> tuple[int, dict, str]:
    code = main([*map(str, arguments), "--json", "--quiet"])
    told = capsys.readouterr()
    return code, json.loads(told.out) if told.out else {}, " ".join(told.err.split())


def test_a_box_becomes_a_figure_with_all_files(capsys, box, tmp_path):
    code, told, error = run(capsys, "printify", box, "-o", tmp_path / "out", "--unit", "mm")
    assert code == 0, error
    assert {entry.name for entry in (tmp_path / "out").iterdir()} == {
        "character.glb", "figure.glb", "figure.3mf", "figure_bambu.3mf", "figure.stl", "figure.obj",
        "figure.mtl", "figure.png", "report.html", "run.json",
    }  # fmt: skip
    assert told["figure"]["character_height_mm"] == pytest.approx(BOX_MM, abs=0.5)
    assert told["printable"] is True
    for name in ("figure.3mf", "figure_bambu.3mf", "figure.stl"):
        code, told, error = run(capsys, "check", tmp_path / "out" / name)
        assert (code, told["printable"]) == (0, True), f"{name}: {error}"


def test_the_height_can_be_asked_for(capsys, box, tmp_path):
    arguments = ("--scale", "1/16", "--formats", "stl")
    code, told, error = run(capsys, "printify", box, "-o", tmp_path / "out", *arguments)
    assert code == 0, error
    assert told["figure"]["character_height_mm"] == pytest.approx(100, abs=0.5)
    assert {entry.name for entry in (tmp_path / "out").iterdir()} == {"figure.stl", "report.html", "run.json"}


def test_a_unit_is_asked_for_and_not_guessed(capsys, box, tmp_path):
    code, told, error = run(capsys, "printify", box, "-o", tmp_path / "out")
    assert (code, told) == (1, {})
    assert "does not say its unit" in error
    assert "--unit inch" in error
    assert not (tmp_path / "out").exists()


def test_a_broken_file_does_not_print(capsys, tmp_path):
    mesh = box_mesh(BOX_MM)
    stl.write(tmp_path / "broken.stl", Mesh(mesh.vertices, mesh.faces[1:]))
    code, told, error = run(capsys, "check", tmp_path / "broken.stl")
    assert (code, told["printable"]) == (3, False)
    assert "THIS WOULD NOT PRINT" in error
    closed = next(check for check in told["checks"] if check["name"] == "closed")
    assert closed["measured"] == 3


def test_a_figure_too_large_for_the_machine_is_written_loudly(capsys, box, tmp_path):
    arguments = ("--height-mm", "400", "--formats", "stl")
    code, told, error = run(capsys, "printify", box, "-o", tmp_path / "out", *arguments)
    assert (code, told["printable"]) == (3, False)
    assert "THIS WOULD NOT PRINT" in error
    assert "written to" in error
    assert (tmp_path / "out" / "figure.stl").is_file()


def test_an_stl_in_metres_is_asked_about(capsys, tmp_path):
    stl.write(tmp_path / "metres.stl", box_mesh(0.15))
    code, told, error = run(capsys, "check", tmp_path / "metres.stl")
    assert (code, told) == (1, {})
    assert "slicers read an STL in millimetres" in error


def test_only_printable_formats_are_checked(capsys, tmp_path):
    (tmp_path / "x.glb").write_bytes(b"x")
    code, _, error = run(capsys, "check", tmp_path / "x.glb")
    assert code == 1
    assert "wanted one of .3mf, .stl" in error


def test_your_own_limits_stand_in_the_rows_and_on_record(capsys, tmp_path):
    stl.write(tmp_path / "box.stl", box_mesh(BOX_MM))
    limits = ("--wall-mm", "3.5", "--clearance-mm", "0.2", "--build-mm", "90", "80", "50")
    code, told, _ = run(capsys, "check", tmp_path / "box.stl", *limits)
    rows = {row["name"]: row for row in told["checks"]}
    assert code == 3 and not rows["fits the machine"]["passed"]
    assert "90x80x50" in rows["fits the machine"]["advice"]
    assert rows["thin walls"]["unit"] == "% under 3.5 mm"
    profile = told["profile"]
    assert (profile["wall_mm"], profile["clearance_mm"], profile["build_mm"]) == (3.5, 0.2, [90, 80, 50])
    assert profile["sources"]["wall_mm"] == "given by the user" and profile["solid_mm"] == 12


def test_your_own_limits_reach_the_record_of_a_run(capsys, box, tmp_path):
    arguments = ("--scale", "1/16", "--formats", "stl", "--wall-mm", "1.7")
    code, told, error = run(capsys, "printify", box, "-o", tmp_path / "out", *arguments)
    assert code == 0, error
    assert told["profile"]["wall_mm"] == told["profile"]["recommended_wall_mm"] == 1.7
    assert told["options"]["wall_mm"] == 1.7 and told["options"]["build_mm"] is None
    assert json.loads((tmp_path / "out" / "run.json").read_text())["profile"] == told["profile"]


def test_a_kit_stands_beside_the_figure(capsys, box, tmp_path):
    words = ("--unit", "mm", "--formats", "stl", "--kit", "--solid", "--no-supports")
    code, told, error = run(capsys, "printify", box, "-o", tmp_path / "out", *words)
    assert code == 0, error
    kit = told["kit"]
    assert kit["passed"] and [part["name"] for part in kit["parts"]][-1] == "base"
    assert {(joint["carrier"], joint["plugged"]) for joint in kit["joints"]} == {("torso", "base")}
    written = {entry["name"] for entry in told["outputs"]}
    assert {"kit/parts/torso.stl", "kit/print/base.stl", "kit/kit.3mf"} <= written


def test_a_part_nobody_knows_is_a_slip_of_the_pen(capsys, box, tmp_path):
    code, _, error = run(capsys, "printify", box, "-o", tmp_path / "out", "--kit", "--parts", "hair,wheels")
    assert code == 2 and "'wheels'" in error and "known are" in error


def test_the_base_and_its_name_can_be_chosen(capsys, box, tmp_path):
    arguments = ("--scale", "1/16", "--formats", "stl", "--base", "square", "--name", "Box")
    code, told, error = run(capsys, "printify", box, "-o", tmp_path / "out", *arguments)
    assert code == 0, error
    assert (told["options"]["base"], told["options"]["name"]) == ("square", "Box")
    width, depth, _ = told["figure"]["size_mm"]
    assert width == pytest.approx(depth, abs=0.01) and width > 30
    code, told, _ = run(capsys, "printify", box, "-o", tmp_path / "bare", *arguments[:4], "--base", "none")
    assert told["figure"]["size_mm"][2] == pytest.approx(100, abs=0.5)
