"""`genkei photo` from file to picture."""

import json

import numpy as np
import pytest
from PIL import Image

from genkei.apps.cli import main
from genkei.formats import stl
from tests.apps.drawings import box_character, draw_girl

SIZE = ("--size", "36", "48")


@pytest.fixture
def box(tmp_path):
    stl.write(tmp_path / "箱 box.stl", box_character().mesh)
    return tmp_path / "箱 box.stl"


def run(capsys, *arguments) -> tuple[int, str, str]:
    code = main(["photo", *map(str, arguments), "--quiet"])
    told = capsys.readouterr()
    return code, told.out, " ".join(told.err.split())


def test_a_model_becomes_one_picture(capsys, box, tmp_path):
    out = tmp_path / "写真 photo.png"
    code, says, error = run(capsys, box, "-o", out, *SIZE, "--json")
    assert code == 0, error
    assert Image.open(out).size == (36, 48)
    assert json.loads(says)["picture"] == str(out)
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted([box.name, out.name])


def test_a_drawing_is_made_into_a_figure_first(capsys, tmp_path):
    out = tmp_path / "shop.png"
    code, says, error = run(capsys, draw_girl(tmp_path / "girl.png"), "-o", out, *SIZE, "--backdrop", "none")
    assert code == 0, error
    assert "front: silhouette 9" in says
    picture = np.asarray(Image.open(out))
    assert picture[24, 18, 3] == 255 and picture[0, 0, 3] == 0


def test_a_picture_is_not_overwritten_unasked(capsys, box, tmp_path):
    out = tmp_path / "a.png"
    out.write_bytes(b"mine")
    code, _, error = run(capsys, box, "-o", out, *SIZE)
    assert code == 1 and "exists already" in error and out.read_bytes() == b"mine"
    code, _, error = run(capsys, box, "-o", out, *SIZE, "--force")
    assert code == 0 and out.read_bytes() != b"mine"


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("-o", "a.jpg"), 2, "written as PNG"),
        (("-o", "no such folder/a.png"), 1, "does not exist"),
        (("--backdrop", "beach"), 2, "'beach' is not known"),
        (("--size", "3", "3"), 2, "width is 3 px"),
    ],
)
def test_what_cannot_be_done_is_said(capsys, box, tmp_path, monkeypatch, arguments, code, says):
    monkeypatch.chdir(tmp_path)
    found, _, error = run(capsys, box, *arguments)
    assert (found, says in error) == (code, True), error
    assert [p.name for p in tmp_path.iterdir()] == [box.name]


def test_a_folder_is_no_picture(capsys, box, tmp_path):
    (tmp_path / "there.png").mkdir()
    code, _, error = run(capsys, box, "-o", tmp_path / "there.png", "--force")
    assert code == 1 and "is a folder" in error
