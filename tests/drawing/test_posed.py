"""Pictures with known cameras: seen as they are, kept in the views folder, refused with the entry's name."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from genkei.drawing.posed import read_posed
from genkei.drawing.sheet import Options, load_sheet, save_sheet
from genkei.geometry.colour import to_bytes
from genkei.types import Camera
from tests.shape.figures import figure, seen

SMALL = Options(size_px=128)


def written(folder: Path, *entries: dict) -> Path:
    for azimuth, view in zip((0, 90), seen(figure(), 0.0, 90.0, size=128), strict=True):
        Image.fromarray(to_bytes(view.rgba)).save(folder / f"{azimuth}.png")
    path = folder / "cameras.json"
    path.write_text(json.dumps(list(entries)))
    return path


def test_pictures_are_taken_as_they_are(tmp_path):
    side = Camera.orthographic(90).world_to_clip.tolist()
    path = written(tmp_path, {"picture": "0.png"}, {"picture": "90.png", "world_to_clip": side})
    sheet = read_posed(path, SMALL)
    for view, truth in zip(sheet.views, seen(figure(), 0.0, 90.0, size=128), strict=True):
        assert np.allclose(view.camera.world_to_clip, truth.camera.world_to_clip, atol=1e-6)
        assert np.abs(view.rgba[..., 3] - truth.rgba[..., 3]).max() < 0.01


def test_perspective_and_elevation_survive_the_views_folder(tmp_path):
    lens = {"picture": "0.png", "azimuth": 30, "elevation": 15, "fov": 40, "distance": 2.5}
    sheet = read_posed(written(tmp_path, lens, {"picture": "90.png", "azimuth": 90, "elevation": -10}), SMALL)
    wanted = Camera.perspective(30, 2.5, 40, 15)
    assert np.allclose(sheet.views[0].camera.world_to_clip, wanted.world_to_clip)
    save_sheet(sheet, tmp_path / "views")
    back = load_sheet(tmp_path / "views")
    for a, b in zip(back.views, sheet.views, strict=True):
        assert np.allclose(a.camera.world_to_clip, b.camera.world_to_clip, atol=1e-5)


FLAT = [[1, 0, 0, 0], [1, 0, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]


@pytest.mark.parametrize(
    ("entries", "says"),
    [
        ([{"picture": "0.png", "world_to_clip": FLAT}], r"entry 0: world_to_clip is singular \(condition"),
        ([{"picture": "0.png", "world_to_clip": [[0] * 4] * 4}], "entry 0: world_to_clip is singular"),
        ([{"picture": "0.png", "world_to_clip": [[1, 2], [3, 4]]}], r"has shape \(2, 2\)"),
        ([{"picture": "0.png", "world_to_clip": "wide"}], "world_to_clip is no matrix"),
        ([{"picture": "0.png", "azimuth": "left"}], "azimuth is 'left', wanted a number"),
        ([{"picture": "0.png", "elevation": 95}], "elevation is 95"),
        ([{"picture": "0.png", "fov": 170}], "fov 170 degrees"),
        ([{"picture": "0.png", "span": -1}], "span is -1"),
        ([{"picture": "0.png", "azimut": 5}], "says azimut; known are picture, azimuth"),
        ([{"picture": "0.png"}, {"picture": "90.png"}], "entries 0 and 1 have one and the same camera"),
        ([{"picture": "none.png"}], "none.png does not exist"),
        ([{"azimuth": 3}], "holds no list of cameras"),
        ([], "holds no list of cameras"),
        ([{"picture": "0.png", "azimuth": k} for k in range(200)], "lists 200 pictures, at most 24"),
    ],
)
def test_a_camera_file_that_cannot_be_meant_is_refused(tmp_path, entries, says):
    with pytest.raises(ValueError, match=says):
        read_posed(written(tmp_path, *entries), SMALL)


def test_a_picture_that_is_not_square_is_refused(tmp_path):
    path = written(tmp_path, {"picture": "wide.png"})
    Image.fromarray(np.full((64, 96, 4), 255, np.uint8)).save(tmp_path / "wide.png")
    with pytest.raises(ValueError, match="96 x 64 px, wanted a square"):
        read_posed(path, SMALL)


def test_a_file_that_is_missing_or_no_json_is_refused(tmp_path):
    with pytest.raises(ValueError, match="does not exist"):
        read_posed(tmp_path / "cameras.json", SMALL)
    (tmp_path / "text.json").write_text("front: 0")
    with pytest.raises(ValueError, match="is no JSON"):
        read_posed(tmp_path / "text.json", SMALL)
