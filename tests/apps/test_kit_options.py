"""What can be asked about a kit on the command line: each word changes files, page and record."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from genkei.apps.kit_job import in_parts
from genkei.formats import stl, threemf
from genkei.types import Check
from tests.apps.test_printify import BOX_MM, box_mesh, run

PAINTS = "name,hex,range\nChalk <white>,#fdfdfd,A\nRed,#b01020,A\n"


@pytest.fixture(scope="module")
def box(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("box") / "box.stl"
    stl.write(path, box_mesh(BOX_MM))
    return path


def kit(capsys, box: Path, out: Path, *words: str) -> tuple[int, dict, str]:
    plain = ("--unit", "mm", "--formats", "stl", "--kit", "--no-supports")
    return run(capsys, "printify", box, "-o", out, *plain, *words)


def test_moulds_paints_and_ballast_and_no_slicer(capsys, box, tmp_path, monkeypatch):
    (tmp_path / "paints.csv").write_bytes(b"\xef\xbb\xbf" + PAINTS.encode())
    monkeypatch.setenv("PATH", str(tmp_path))
    words = ("--moulds", "--ballast", "--base-mm", "70", "--paints", tmp_path / "paints.csv", "--print-times")
    code, told, error = kit(capsys, box, tmp_path / "out", *words)
    assert code in (0, 3), error
    written = {entry["name"] for entry in told["outputs"]}
    for name in ("moulds/torso_a.stl", "moulds/torso_b.stl", "moulds/base_a.stl", "parts/base_plug.stl",
                 "print/base_plug.stl", "print.3mf", "kit.html"):  # fmt: skip
        assert f"kit/{name}" in written, name
    made = told["kit"]
    assert {mould["part"] for mould in made["moulds"]} == {"torso", "base"} and made["plugs"] == ["base plug"]
    assert all(mould["halves"] == 2 for mould in made["moulds"])
    assert any("PrusaSlicer is not installed: there are no print times" in note for note in made["notes"])
    assert made["saved_cm3"] == 0  # a mould's master is solid
    base = next(part for part in made["parts"] if part["name"] == "base")
    assert base["size_mm"][0] == pytest.approx(70, abs=0.1)
    assert any(check["name"] == "undercut" for check in made["checks"])
    half = stl.read_mesh(tmp_path / "out" / "kit" / "moulds" / "torso_a.stl")
    assert half.vertices[:, 2].min() == pytest.approx(0, abs=1e-4)
    html = (tmp_path / "out" / "kit" / "kit.html").read_text("utf-8")
    for says in ("Moulds", "Chalk &lt;white&gt;", "CIEDE2000", "PrusaSlicer is not installed", "base plug",
                 "On the printer", "leaves the mould freely"):  # fmt: skip
        assert says in html, says
    assert threemf.strict_findings(tmp_path / "out" / "kit" / "print.3mf") == ()
    assert json.loads((tmp_path / "out" / "run.json").read_text())["kit"]["moulds"] == made["moulds"]


def test_injection_is_a_report_without_halves(capsys, box, tmp_path):
    code, told, _ = kit(capsys, box, tmp_path / "out", "--process", "injection")
    assert code == 3  # a box is too thick for steel, and says so
    failed = {row["name"]: row for row in told["kit"]["checks"] if not row["passed"]}
    assert "too thick" in failed and "hollow it" in failed["too thick"]["advice"]
    assert {mould["halves"] for mould in told["kit"]["moulds"]} == {0}
    assert not (tmp_path / "out" / "kit" / "moulds").exists()
    assert "Injection moulding" in (tmp_path / "out" / "kit" / "kit.html").read_text("utf-8")


def test_a_kit_is_judged_by_its_parts():
    large = Check("fits the machine", 60.0, 36.0, "mm", "the height", False)
    thin = Check("thin walls", 3.0, 2.0, "%", "x", False)
    kept, notes = in_parts((large, thin))
    assert kept == (thin,) and "does not fit the machine (60 mm, limit 36 mm): print the kit" in notes[0]
    assert in_parts((replace(large, passed=True), thin)) == ((replace(large, passed=True), thin), ())


BAD_PAINTS = {
    "missing": (None, "cannot be read"),
    "sjis": ("name,hex\n白,#ffffff\n".encode("shift_jis"), "save it as 'CSV UTF-8'"),
    "utf16": ("name,hex\nWhite,#ffffff\n".encode("utf-16"), "save it as 'CSV UTF-8'"),
    "columns": (b"paint,colour\nWhite,#ffffff\n", "found paint, colour, wanted name,hex"),
    "colour": (b"name,hex\nWhite,#ggg\nRed,12\n", "row 2: White has the colour '#ggg'"),
    "empty": (b"", "found nothing, wanted name,hex"),
    "no rows": (b"name,hex\n", "has no paints below its first row"),
    "a picture": (b"\x89PNG\r\n\x1a\n\x00\x00", "save it as 'CSV UTF-8'"),
    "nul": (b"name,hex\nWh\x00ite,#ffffff\n\x00", "is no text table"),
}


@pytest.mark.parametrize("kind", BAD_PAINTS)
def test_a_bad_table_of_paints_is_told_before_the_work(capsys, box, tmp_path, kind):
    content, says = BAD_PAINTS[kind]
    if content is not None:
        (tmp_path / "p.csv").write_bytes(content)
    code, told, error = kit(capsys, box, tmp_path / "out", "--paints", tmp_path / "p.csv")
    assert (code, told) == (1, {}) and says in error and "fault of genkei" not in error
    assert not (tmp_path / "out").exists()
