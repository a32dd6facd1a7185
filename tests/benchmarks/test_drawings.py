"""The run over a folder of drawings: what belongs together, and one drawing all the way to the table."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from benchmarks import drawings

SCRIPT = Path(drawings.__file__)


def doll(path: Path, white: bool = False) -> None:
    """A figure of a few ovals, on nothing or on white paper."""
    picture = Image.new("RGBA", (160, 240), (255, 255, 255, 255 if white else 0))
    pen = ImageDraw.Draw(picture)
    pen.ellipse((55, 15, 105, 75), fill=(230, 180, 150))
    pen.rounded_rectangle((50, 65, 110, 150), 20, fill=(60, 90, 170))
    pen.rounded_rectangle((56, 130, 76, 228), 8, fill=(50, 50, 60))
    pen.rounded_rectangle((84, 130, 104, 228), 8, fill=(50, 50, 60))
    picture.save(path)


def names(folder: Path) -> dict[str, tuple[set[str], set[str]]]:
    return {s.name: (set(s.files), set(s.masks)) for s in drawings.find_subjects((folder,))}


def test_names_say_what_belongs_together(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for stem in ("a_front", "a_back", "my_sheet", "b_texture", "b_photo", "c", "example_1_1", "example_1_2"):
        doll(folder / f"{stem}.png")
    Image.new("L", (160, 240)).save(folder / "b_mask.png")
    assert names(folder) == {
        "in/a": ({"front", "back"}, set()),
        "in/my_sheet": ({"sheet"}, set()),
        "in/b_texture": ({"front"}, {"front"}),
        "in/b_photo": ({"front"}, {"front"}),
        "in/c": ({"front"}, set()),
        "in/example_1": ({"back", "front"}, set()),
    }


def test_a_mask_of_another_size_is_no_truth(tmp_path: Path) -> None:
    doll(tmp_path / "b_texture.png")
    Image.new("L", (16, 24)).save(tmp_path / "b_mask.png")
    [subject] = drawings.find_subjects((tmp_path,))
    assert not subject.masks


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no drawing"):
        drawings.find_subjects((tmp_path,))


def test_one_drawing_becomes_a_row_and_a_page(tmp_path: Path) -> None:
    folder, out = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    doll(folder / "doll.png")
    (folder / "text.png").write_text("no picture")
    command = [sys.executable, str(SCRIPT), str(folder), "--out", str(out), "--draft"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    made, refused = json.loads((out / "rows.json").read_text())
    assert made["views"] == ["front"]
    assert made["iou"] > 0.9
    assert made["matte_alpha"] > 0.97
    assert made["matte_mask"] is None
    assert not {"closed", "one piece"} & set(made["failed"])
    assert 50 < made["peak_mb"] < 2000
    assert refused["refused"]
    table = (out / "table.md").read_text().splitlines()
    assert len({row.count("|") for row in table if row.startswith("|")}) == 1, "a ragged table"
    assert done.stdout.startswith(drawings.HEAD)
    assert Image.open(out / "page_01.png").width == 1596
