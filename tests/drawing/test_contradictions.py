"""Bad sheets: two characters, mirrored and swapped sides, another scale, a missing back, a perspective."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from genkei.drawing.agree import agree
from genkei.drawing.sheet import DOUBTED, Options, read_sheet, read_views
from genkei.geometry.render import render_clay
from genkei.shape import Hull
from genkei.types import Camera, View
from genkei.views import Mirrored
from tests.drawing.figures import person, saved
from tests.shape.figures import LEFT_ARM_FORWARD, RIGHT_ARM, figure, silhouette_of

SMALL = Options(size_px=128)


def picture(folder: Path, side: str, name: str = "", image: Image.Image | None = None) -> Path:
    page = Image.new("RGBA", (300, 360))
    drawn = image or person(side)
    page.paste(drawn, (20, 20), drawn)
    return saved(page, folder / f"{name or side}.png")


def recoloured(side: str) -> Image.Image:
    """Somebody else: green hair, a yellow dress."""
    pixels = np.array(person(side))
    blue = (pixels[..., 2] > pixels[..., 0]) & (pixels[..., 3] > 0)
    pixels[blue] = pixels[blue][:, [0, 2, 1, 3]]
    return Image.fromarray(pixels)


def test_one_character_is_not_doubted(tmp_path):
    sides = {0.0: "front", 90.0: "left", 180.0: "back", 270.0: "right"}
    sheet = read_views({azimuth: picture(tmp_path, side) for azimuth, side in sides.items()}, SMALL)
    assert [reading.certainty for reading in sheet.readings] == [1.0] * 4
    assert sheet.notes == ()


def test_two_characters_are_told_with_the_share_of_strange_colour(tmp_path):
    other = picture(tmp_path, "left", "other", recoloured("left"))
    sheet = read_views({0.0: picture(tmp_path, "front"), 90.0: other}, SMALL)
    note = next(note for note in sheet.notes if "another character" in note)
    assert "front and left" in note and "% of one is in colours that the other lacks (limit 9%)" in note
    assert [reading.certainty for reading in sheet.readings] == [1.0, DOUBTED]


def test_a_mirrored_side_is_told_and_doubted(tmp_path):
    mirrored = person("left").transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    views = {0.0: picture(tmp_path, "front"), 90.0: picture(tmp_path, "left", "left", mirrored)}
    sheet = read_views(views, SMALL)
    assert any("as on the right side: it is another side than named, or mirrored" in n for n in sheet.notes)
    assert sheet.readings[1].certainty == DOUBTED


def test_swapped_sides_are_told_once(tmp_path):
    front, left, right = (picture(tmp_path, side) for side in ("front", "left", "right"))
    sheet = read_views({0.0: front, 90.0: right, 270.0: left}, SMALL)
    assert sum("left and right seem to be swapped" in note for note in sheet.notes) == 1
    assert [reading.certainty for reading in sheet.readings] == [1.0, DOUBTED, DOUBTED]


def test_a_view_at_another_scale_is_scaled_and_told(tmp_path):
    paper = Image.new("RGB", (900, 420), "white")
    for x, (side, height) in zip((20, 320, 600), (("front", 320), ("left", 250), ("back", 320)), strict=True):
        drawn = person(side, height)
        paper.paste(drawn, (x, 370 - height), drawn)
    sheet = read_sheet(saved(paper, tmp_path / "sheet.png"), ("front", "left", "back"), SMALL)
    assert any(note.startswith("left: drawn 78% as tall") for note in sheet.notes)
    rows = [np.flatnonzero(view.mask.any(1))[[0, -1]] for view in sheet.views]
    assert np.abs(np.array(rows) - rows[0]).max() <= 1


def test_a_missing_back_is_a_guess(tmp_path):
    sheet = read_views({0.0: picture(tmp_path, "front"), 90.0: picture(tmp_path, "left")}, SMALL)
    views = {view.name: view for view in Mirrored()(sheet)}
    assert set(views) == {"front", "left", "back", "right"}
    assert not views["back"].drawn and not views["back"].coloured


def test_two_hundred_views_are_refused(tmp_path):
    path = picture(tmp_path, "front")
    with pytest.raises(ValueError, match="200 views were given, at most 24 are used"):
        read_views({float(k): path for k in range(200)}, SMALL)


def test_a_perspective_sheet_is_measured_and_wrecks_nothing():
    cameras = [Camera.perspective(azimuth, 1.2, 60) for azimuth in (0.0, 90.0, 180.0, 270.0)]
    flat = [Camera.orthographic(azimuth) for azimuth in (0.0, 90.0, 180.0, 270.0)]
    body = figure(LEFT_ARM_FORWARD, RIGHT_ARM)
    views = tuple(View(render_clay(body, a, 128), b) for a, b in zip(cameras, flat, strict=True))
    found = agree(views)
    assert min(row.before for row in found.rows) < 0.96
    mesh = Hull(resolution=64)(found.views)
    assert silhouette_of(mesh, flat[0], 128, found.views[0].mask) > 0.9
