"""What can be asked about a kit on the command line: each word changes files, page and record."""

import json
from pathlib import Path

import pytest

from genkei.formats import stl, threemf
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


def test_a_small_machine_cuts_the_figure(capsys, box, tmp_path):
    words = ("--process", "fdm", "--build-mm", "90", "90", "30", "--base", "none")
    code, told, error = kit(capsys, box, tmp_path / "out", *words)
    assert code == 0, error  # the figure in one piece does not fit, its kit does
    assert any("in one piece the figure does not fit the machine" in note for note in told["notes"])
    names = [part["name"] for part in told["kit"]["parts"]]
    assert len(names) >= 2, error
    assert all(sorted(part["size_mm"])[0] <= 26 for part in told["kit"]["parts"])
    assert any("was cut in two to fit the machine" in note for note in told["kit"]["notes"])


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
