"""Everything a user can get wrong ends in one paragraph, the right exit code, and no change on disk."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from genkei.apps.cli import main
from tests.apps.drawings import draw_girl

USAGE = {
    "nothing given": (["make"], "there is no drawing: give a front view"),
    "two kinds": (["make", "a.png", "--sheet", "s.png"], "single views and --sheet were given together"),
    "from and sheet": (
        ["views", "--from", "x", "--sheet", "s.png"],
        "--sheet and --from were given",
    ),
    "order without sheet": (["make", "a.png", "--order", "front"], "--order names the views of a --sheet"),
    "unknown order": (
        ["make", "--sheet", "s.png", "--order", "front,bacl"],
        "'bacl' is no view. Wanted",
    ),
    "order twice": (["make", "--sheet", "s.png", "--order", "front,front"], "names the front view twice"),
    "view without a file": (["make", "a.png", "--view", "45"], "write degrees=file, as in 45=q.png"),
    "view of no angle": (["make", "a.png", "--view", "x=q.png"], "'x' is no view"),
    "view twice": (["make", "a.png", "--view", "0=q.png"], "two pictures for 0 degrees"),
    "two sizes": (["make", "a.png", "--height-mm", "9", "--scale", "1/7"], "both set the size"),
    "negative height": (["make", "a.png", "--height-mm", "-5"], "the figure would be -5 mm tall"),
    "no scale": (["make", "a.png", "--scale", "big"], "a scale looks like 1/7"),
    "unknown format": (
        ["make", "a.png", "--formats", "glb,fbx"],
        "--formats is 'glb,fbx'; wanted one",
    ),
    "no format": (["make", "a.png", "--formats", ","], "wanted one or more of glb,3mf,stl,obj"),
    "too many colours": (["make", "a.png", "--colours", "17"], "--colours is 17; wanted 1 to 16"),
    "negative threads": (["views", "a.png", "--threads", "-1"], "--threads is -1"),
    "unknown verb": (["mkae", "a.png"], "make, views, printify, check, models, photo"),
    "no verb": ([], "make"),
    "unknown process": (["make", "a.png", "--process", "wax"], "'resin', 'fdm', 'sls', 'mjf'"),
    "no wall": (["check", "a.stl", "--wall-mm", "-1"], "the wall is -1 mm, wanted more than 0"),
    "no clearance": (["make", "a.png", "--clearance-mm", "0"], "the clearance is 0 mm"),
    "no room": (["printify", "a.stl", "--build-mm", "100", "100", "3"], "leaves nothing inside its margin"),
    "a name on nothing": (["make", "a.png", "--base", "none", "--name", "Hana"], "no place for a name"),
    "no such base": (["make", "a.png", "--base", "cube"], "'disc', 'square', 'outline', 'post', 'none'"),
    "no such font": (["make", "a.png", "--name", "初音", "--font", "x.ttf"], "there is no such font file"),
    "a font for nothing": (["make", "a.png", "--font", __file__], "give a --name, or leave --font out"),
    "half a box": (["check", "a.stl", "--build-mm", "100", "100"], "--build-mm"),
    "unknown unit": (["printify", "a.stl", "--unit", "yard"], "yard"),
    "no model": (["check"], "FILE"),
    "no weights": (["make", "a.png", "--shape", "triposr"], "wants --checkpoint FILE"),
    "weights for nothing": (
        ["make", "a.png", "--checkpoint", "a.ckpt"],
        "--shape auto takes none of --checkpoint",
    ),
    "a grid and a sheet": (["make", "--grid", "g.png", "--sheet", "s.png"], "--grid stands alone or beside"),
    "unknown rig": (["make", "--grid", "g.png", "--rig", "dream"], "'charactergen', 'zero123plus'"),
    "moulds of no kit": (["make", "a.png", "--moulds"], "--moulds says how a kit is made; add --kit"),
    "paints for no kit": (["make", "a.png", "--paints", "p.csv"], "--paints says how a kit is made"),
    "supports of no kit": (["printify", "a.stl", "--no-supports"], "--no-supports says how a kit is made"),
    "ballast in no kit": (["make", "a.png", "--ballast"], "--ballast says how a kit is made"),
    "ballast in nothing": (["make", "a.png", "--kit", "--ballast", "--base", "none"], "or ballast"),
    "no slicer for it": (
        ["make", "a.png", "--kit", "--print-times", "--process", "sls"],
        "which slices for resin and fdm, not for sls",
    ),
    "no such part": (
        ["make", "a.png", "--kit", "--parts", "hair,wings"],
        "there is no part 'wings'; known are",
    ),
    "bodies of one material": (
        ["make", "a.png", "--bodies"],
        "resin prints one material; take --process fdm",
    ),
    "a wall wider than the machine": (
        ["make", "a.png", "--kit", "--process", "fdm", "--wall-mm", "20", "--build-mm", "60", "60", "60"],
        "smaller than any piece that could be cut",
    ),
    "no base to size": (["make", "a.png", "--base", "none", "--base-mm", "60"], "--base-mm 60 is the width"),
    "a base of nothing": (["make", "a.png", "--base-mm", "0"], "give one above 0"),
}


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def run(capsys, arguments) -> tuple[int, str, str]:
    code = main([str(argument) for argument in arguments])
    told = capsys.readouterr()
    return code, told.out, " ".join(told.err.split())


@pytest.mark.parametrize(("arguments", "says"), USAGE.values(), ids=USAGE.keys())
def test_wrong_usage_is_exit_2(capsys, tmp_path, arguments, says):
    code, out, error = run(capsys, arguments)
    assert (code, out) == (2, "")
    assert says in error.replace("│ ", "")
    assert "Traceback" not in error
    assert list(tmp_path.iterdir()) == []


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _text(path: Path) -> None:
    path.write_text("this is no picture")


def _truncated(path: Path) -> None:
    whole = draw_girl(path).read_bytes()
    path.write_bytes(whole[: len(whole) // 2])


def _one_pixel(path: Path) -> None:
    Image.new("RGB", (1, 1)).save(path)


def _blank(path: Path) -> None:
    Image.new("RGB", (300, 500), "white").save(path)


def _transparent(path: Path) -> None:
    Image.new("RGBA", (300, 500), (0, 0, 0, 0)).save(path)


def _noise(path: Path) -> None:
    rng = np.random.default_rng(0)
    Image.fromarray(rng.integers(0, 256, (300, 300, 3), dtype=np.uint8)).save(path)


def _two(path: Path) -> None:
    draw_girl(path, copies=2)


def _folder(path: Path) -> None:
    path.mkdir()


BAD_PICTURES = (_empty, _text, _truncated, _one_pixel, _blank, _transparent, _noise, _two, _folder)


@pytest.mark.parametrize("spoil", BAD_PICTURES, ids=lambda spoil: spoil.__name__.strip("_"))
def test_a_bad_picture_is_one_paragraph_and_exit_1(capsys, tmp_path, spoil):
    picture = tmp_path / "front.png"
    spoil(picture)
    code, out, error = run(capsys, ["make", picture, "-o", tmp_path / "out", "--quiet"])
    assert (code, out) == (1, "")
    assert error.startswith("genkei: ")
    assert "front.png" in error
    assert "fault of genkei" not in error
    assert [entry.name for entry in tmp_path.iterdir()] == ["front.png"]


def test_a_missing_picture(capsys, tmp_path):
    code, _, error = run(capsys, ["make", "nowhere.png", "-o", "out", "--quiet"])
    assert code == 1
    assert "nowhere.png" in error
    assert list(tmp_path.iterdir()) == []


def test_a_missing_views_folder(capsys, tmp_path):
    code, _, error = run(capsys, ["make", "--from", "nowhere", "-o", "out", "--quiet"])
    assert code == 1
    assert "nowhere" in error


def test_existing_results_are_refused_before_the_work(capsys, tmp_path):
    girl = draw_girl(tmp_path / "girl.png")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine")
    code, _, error = run(capsys, ["make", girl, "-o", "out", "--quiet"])
    assert code == 1
    assert "exists already and nothing was overwritten; add --force" in error
    code, _, error = run(capsys, ["make", girl, "-o", "out", "--quiet", "--force"])
    assert code == 1
    assert "did not write (mine.txt)" in error
    assert (tmp_path / "out" / "mine.txt").read_text() == "mine"


def test_an_output_that_cannot_be_written_is_refused_before_the_work(capsys, tmp_path):
    girl = draw_girl(tmp_path / "girl.png")
    code, _, error = run(capsys, ["make", girl, "-o", girl / "out", "--quiet"])
    assert code == 1
    assert "cannot be written to" in error
    assert [entry.name for entry in tmp_path.iterdir()] == ["girl.png"]


BAD_MODELS = {
    "missing.glb": (None, "does not exist"),
    "model.fbx": (b"x", "has the ending .fbx; wanted one of .glb"),
    "empty.stl": (b"", "empty"),
    "text.stl": (b"hello, I am no triangle at all, but long enough" * 3, "text.stl"),
    "text.glb": (b"hello", "text.glb"),
    "empty.obj": (b"", "empty.obj"),
    "nan.obj": (b"v nan 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n", "nan.obj"),
    "flat.obj": (b"v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n", "flat.obj"),
}


@pytest.mark.parametrize("name", BAD_MODELS)
def test_a_bad_model_is_one_paragraph_and_exit_1(capsys, tmp_path, name):
    content, says = BAD_MODELS[name]
    if content is not None:
        (tmp_path / name).write_bytes(content)
    before = sorted(tmp_path.iterdir())
    code, out, error = run(capsys, ["printify", name, "-o", "out", "--quiet"])
    assert (code, out) == (1, "")
    assert says in error
    assert "fault of genkei" not in error
    assert sorted(tmp_path.iterdir()) == before


def test_help_and_version(capsys):
    assert main(["--help"]) == 0
    told = capsys.readouterr().out
    for verb in ("make", "views", "printify", "check", "doctor"):
        assert f"• {verb}" in told
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("genkei 0.")
    assert main(["make", "--help"]) == 0
    assert "--sheet" in capsys.readouterr().out


def test_debug_shows_the_place(capsys, tmp_path):
    assert main(["make", "nowhere.png", "-o", "out", "--quiet", "--debug"]) == 1
    assert "Traceback" in capsys.readouterr().err


def test_a_fault_of_ours_is_called_one(capsys, monkeypatch, tmp_path):
    from genkei.apps import jobs

    monkeypatch.setattr(jobs, "views", lambda verb: int("seven"))
    assert main(["views", "a.png"]) == 1
    assert "a fault of genkei; --debug shows where" in " ".join(capsys.readouterr().err.split())


def test_too_little_memory_is_said(capsys, monkeypatch):
    from genkei.apps import jobs

    def hungry(verb):
        raise MemoryError

    monkeypatch.setattr(jobs, "views", hungry)
    assert main(["views", "a.png"]) == 1
    assert "not enough memory" in capsys.readouterr().err


def test_doctor(capsys):
    assert main(["doctor", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["healthy"] is True
    assert told["needed"]["numpy"]["good"] is True
    assert told["needed"]["python"]["found"] == ".".join(map(str, sys.version_info[:3]))
    assert main(["doctor"]) == 0
    assert "genkei can work here" in capsys.readouterr().out


def test_doctor_names_what_is_missing(capsys, monkeypatch):
    from genkei.apps import record

    monkeypatch.setattr(record, "versions", lambda: {"python": "3.11.1", "lib3mf": "missing"})
    assert main(["doctor"]) == 1
    assert "problem lib3mf" in " ".join(capsys.readouterr().out.split())
