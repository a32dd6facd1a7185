"""Sheets of known content: split, labelled, equalised; laws of the views and refusals in plain words."""

import json

import numpy as np
import pytest
from PIL import Image, ImageDraw

from genkei.drawing.evidence import measure
from genkei.drawing.label import label
from genkei.drawing.matte import Alpha, cut_out
from genkei.drawing.names import azimuth_of, azimuths_of, name_of
from genkei.drawing.panels import cut_borders, part_touching, split
from genkei.drawing.sheet import Options, load_sheet, read_sheet, read_views, save_sheet
from genkei.types import Sheet
from tests.drawing.figures import person, saved, sheet

SMALL = Options(size_px=256)
FOUR = ["front", "left", "back", "right"]


def names(found: Sheet) -> list[str]:
    return [view.name for view in found.views]


def picture(tmp_path, side: str, name: str = "", margin: int = 20) -> object:
    figure = person(side)
    padded = Image.new("RGBA", (figure.width + 2 * margin, figure.height + 2 * margin))
    padded.paste(figure, (margin, margin))
    return saved(padded, tmp_path / f"{name or side}.png")


@pytest.fixture(scope="module")
def four(tmp_path_factory) -> Sheet:
    folder = tmp_path_factory.mktemp("four")
    return read_sheet(saved(sheet(FOUR, [20, 35, 60, 25]), folder / "four.png"), (), SMALL)


@pytest.mark.parametrize(
    "sides",
    [
        ["front", "left", "back"],
        ["right", "front", "back"],
        ["back", "front"],
        ["front", "right"],
        ["left", "back", "right", "front"],
    ],
    ids=" ".join,
)
def test_labels_of_drawn_sheets(tmp_path, sides):
    path = saved(sheet(sides, [25, 60, 30, 45][: len(sides)], ground=(225, 235, 240)), tmp_path / "s.png")
    found = read_sheet(path, (), SMALL)
    by_column = sorted(zip(found.readings, names(found), strict=True), key=lambda pair: pair[0].box_px[0])
    assert [name for _, name in by_column] == sides
    assert all(reading.certainty > 0.6 and reading.reason for reading in found.readings)


def test_two_by_two_with_caption_and_swatches(tmp_path):
    paper = Image.new("RGB", (700, 860), (255, 255, 255))
    for side, place in zip(
        ["right", "back", "left", "front"], [(40, 60), (360, 50), (30, 450), (370, 460)], strict=True
    ):
        figure = person(side)
        paper.paste(figure, place, figure)
    draw = ImageDraw.Draw(paper)
    for k in range(5):
        draw.rectangle([20 + 30 * k, 810, 42 + 30 * k, 832], fill=(40 * k, 90, 200 - 40 * k))
    draw.text((300, 20), "TURNAROUND SHEET", fill=(0, 0, 0))
    found = read_sheet(saved(paper, tmp_path / "grid.png"), (), SMALL)
    assert names(found) == ["front", "left", "back", "right"]
    assert found.readings[0].box_px[1] > 400 and any("dropped as caption, swatch" in n for n in found.notes)


def test_head_and_foot_rows_are_exact_and_the_axis_is_centred(four):
    for view in four.views:
        rows = np.flatnonzero(view.mask.any(1))
        span = view.camera.span
        assert (
            abs(rows[0] - (0.5 - 0.5 / span) * 256) <= 1 and abs(rows[-1] + 1 - (0.5 + 0.5 / span) * 256) <= 1
        )
    front, back = four.views[0].mask, four.views[2].mask[:, ::-1]
    assert (front & back).sum() / (front | back).sum() > 0.95
    assert (front & front[:, ::-1]).sum() / (front | front[:, ::-1]).sum() > 0.95
    left, right = four.views[1].mask, four.views[3].mask[:, ::-1]
    assert (left & right).sum() / (left | right).sum() > 0.95


def test_a_sheet_of_one_panel_is_that_panel_and_margins_change_nothing(tmp_path):
    one = read_sheet(picture(tmp_path, "front"), (), SMALL)
    other = read_views({0.0: picture(tmp_path, "front", "wide", margin=90)}, SMALL)
    assert names(one) == ["front"] and np.abs(one.views[0].rgba - other.views[0].rgba).max() < 1e-3


def test_mirroring_the_picture_mirrors_the_view_and_negates_normal_x(tmp_path):
    path = picture(tmp_path, "left")
    mirrored = saved(Image.open(path).transpose(Image.Transpose.FLIP_LEFT_RIGHT), tmp_path / "m.png")
    a, b = read_views({90.0: path}, SMALL), read_views({270.0: mirrored}, SMALL)
    assert (a.views[0].mask[:, ::-1] == b.views[0].mask).mean() > 0.998
    both = a.views[0].mask[:, ::-1] & b.views[0].mask
    difference = a.normals[0].value[:, ::-1] * [-1, 1, 1] - b.normals[0].value
    assert np.abs(difference[both]).mean() < 0.02


def test_cues(four):
    view, normal, line = four.views[0], four.normals[0], four.lines[0]
    assert np.allclose(np.linalg.norm(normal.value, axis=-1), 1, atol=1e-4)
    assert (normal.confidence[~view.mask] == 0).all() and normal.confidence.max() <= 1
    columns = np.flatnonzero(view.mask[128])
    assert normal.value[128, columns[0], 0] < -0.5 < 0.5 < normal.value[128, columns[-1], 0]
    head = np.flatnonzero(view.mask.any(1))[0]
    assert normal.value[head + 1, np.flatnonzero(view.mask[head + 1]), 1].mean() > 0.5
    assert line.value.max() > 0.5 and line.value.min() >= 0 and (line.confidence == view.mask).all()


def test_order_of_the_user_wins_and_is_checked(tmp_path):
    path = saved(sheet(["front", "left"], [20, 40]), tmp_path / "two.png")
    assert names(read_sheet(path, ("left", "45"), SMALL)) == ["az045", "left"]
    with pytest.raises(ValueError, match=r"names 3 views .* but 2 figures were found"):
        read_sheet(path, ("front", "left", "back"), SMALL)
    with pytest.raises(ValueError, match="'top' is no view"):
        read_sheet(path, ("front", "top"), SMALL)
    with pytest.raises(ValueError, match="no azimuth"):
        azimuth_of("1000")
    with pytest.raises(ValueError, match="more than once"):
        azimuths_of(("front", "0"), 2)
    assert azimuth_of(" Back ") == 180 and azimuth_of("-90") == 270 and name_of(45) == "front-left"
    assert name_of(30) == "30 degrees"


def test_doubles_keep_the_surer(tmp_path):
    path = saved(sheet(["front", "left", "left", "back"], [20, 40, 40, 40]), tmp_path / "d.png")
    found = read_sheet(path, (), SMALL)
    assert names(found) == ["front", "left", "back"] and any(
        "two figures look like" in n for n in found.notes
    )


def test_touching_figures_are_parted_or_refused(tmp_path):
    paper = sheet(["front", "back"], [20, 20])
    ImageDraw.Draw(paper).rectangle([100, 190, 350, 196], fill=(90, 60, 140))
    found = read_sheet(saved(paper, tmp_path / "t.png"), (), SMALL)
    assert len(found.views) == 2 and any("parted" in n for n in found.notes)
    ImageDraw.Draw(paper).rectangle([60, 150, 350, 300], fill=(90, 60, 140))
    with pytest.raises(ValueError, match="2 figures overlap"):
        read_sheet(saved(paper, tmp_path / "o.png"), (), SMALL)


def test_two_characters_in_one_view_are_refused(tmp_path):
    path = saved(sheet(["front", "front"], [20, 60]), tmp_path / "pair.png")
    with pytest.raises(ValueError, match=r"2 figures, wanted one for the front view.*--sheet"):
        read_views({0.0: path}, SMALL)
    with pytest.raises(ValueError, match="no picture"):
        read_views({}, SMALL)
    one = picture(tmp_path, "front")
    with pytest.raises(ValueError, match="two pictures"):
        read_views({0.0: one, 360.0: one}, SMALL)
    with pytest.raises(ValueError, match=r"plain.png: .*no character found"):
        read_views({0.0: saved(Image.new("RGB", (90, 90), "white"), tmp_path / "plain.png")}, SMALL)


def test_contradictions_are_noted_and_labels_kept(tmp_path):
    front, right = picture(tmp_path, "front"), picture(tmp_path, "right")
    found = read_views({0.0: front, 180.0: front, 90.0: right}, SMALL)
    assert names(found) == ["front", "left", "back"]
    assert any("same picture twice" in n for n in found.notes) and any(
        "picture-right" in n for n in found.notes
    )
    swapped = read_views({0.0: picture(tmp_path, "back"), 180.0: front}, SMALL)
    assert any("looks more like a face" in n for n in swapped.notes)
    thin = read_views({0.0: front, 180.0: picture(tmp_path, "left")}, SMALL)
    assert any("times as wide" in n for n in thin.notes) and any("overlap only" in n for n in thin.notes)


def test_cut_subject_is_allowed_and_reported(tmp_path):
    bust = person("front").crop((0, 0, 256, 180))
    padded = Image.new("RGBA", (300, 200))
    padded.paste(bust, (20, 20))
    found = read_views({0.0: saved(padded, tmp_path / "bust.png")}, SMALL)
    assert found.readings[0].cut == ("bottom",) and any("counts as the floor" in n for n in found.notes)
    assert any("px tall" in n for n in found.notes)
    assert cut_borders(np.pad(np.ones((9, 9), bool), 5)) == ()


def test_masks_by_hand(tmp_path):
    path = picture(tmp_path, "front")
    alpha = Image.open(path).getchannel("A").point(lambda v: 255 * (v > 127))
    mask = saved(alpha, tmp_path / "m.png")
    rgb = saved(Image.open(path).convert("RGB"), tmp_path / "rgb.png")
    assert read_views({0.0: rgb}, SMALL, {0.0: mask}).readings[0].matte == "mask"
    assert read_sheet(rgb, (), SMALL, mask).readings[0].matte == "mask"


def test_too_many_figures(tmp_path):
    cutout = cut_out(np.asarray(person("front", 80), np.float32) / 255, (Alpha(0.01, 0.1),))
    panels, _ = split(cutout)
    with pytest.raises(ValueError, match="9 figures were found"):
        label(measure(panels * 9))
    assert part_touching(panels[0]) == panels
    assert len(label(measure(panels * 5))) == 5


# --- the editable middle


def test_round_trip(tmp_path, four):
    save_sheet(four, tmp_path / "a")
    again = load_sheet(tmp_path / "a")
    assert again.notes == four.notes and again.readings == four.readings
    for first, second in zip(four.views, again.views, strict=True):
        assert np.allclose(first.camera.world_to_clip, second.camera.world_to_clip)
        assert np.abs(first.rgba - second.rgba).max() < 0.5 / 255 + 1e-6
    for first, second in zip(four.normals, again.normals, strict=True):
        assert np.abs(first.value - second.value).max() < 0.02
    save_sheet(again, tmp_path / "b")
    for path in sorted((tmp_path / "a").glob("*[!s].png")):
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes(), path.name


def test_edits_win(tmp_path, four):
    save_sheet(four, tmp_path)
    mask = np.array(Image.open(tmp_path / "front_mask.png"))
    x = int(np.flatnonzero(mask[90])[-1])
    mask[100:120, x - 10 : x + 40] = 255
    saved(Image.fromarray(mask), tmp_path / "front_mask.png")
    back = np.array(Image.open(tmp_path / "back.png"))
    back[..., :3] = [10, 200, 30]
    saved(Image.fromarray(back), tmp_path / "back.png")
    (tmp_path / "left_lines.png").unlink()
    (tmp_path / "left_normals.png").unlink()
    found = load_sheet(tmp_path)
    assert found.views[0].mask[110, x + 35] and not four.views[0].mask[110, x + 35]
    assert found.views[0].rgba[110, x + 35, :3].sum() > 0
    inside = found.views[2].mask
    assert np.abs(found.views[2].rgba[inside][:, :3] - np.array([10, 200, 30]) / 255).max() < 0.02
    assert "front: corrected by hand" in found.notes and "back: corrected by hand" in found.notes
    assert found.normals[0].confidence[110, x + 35] > 0 and len(found.lines) == 4


def broken(tmp_path, four, change) -> str:
    save_sheet(four, tmp_path)
    change(tmp_path)
    with pytest.raises(ValueError) as caught:
        load_sheet(tmp_path)
    return str(caught.value)


def test_folders_that_do_not_fit_are_refused(tmp_path, four):
    with pytest.raises(ValueError, match=r"holds no sheet\.json"):
        load_sheet(tmp_path / "nowhere")
    wide, tiny = Image.new("RGBA", (300, 200), "red"), Image.new("L", (64, 64), 255)
    cases = {
        "cannot be understood": lambda f: (f / "sheet.json").write_text("{oops"),
        "another version": lambda f: (f / "sheet.json").write_text(
            json.dumps({"format": 9, "views": [], "notes": []})
        ),
        "front.png is missing": lambda f: (f / "front.png").unlink(),
        "wanted a square": lambda f: wide.save(f / "front.png"),
        "64 x 64 px, its cut-out 256": lambda f: tiny.save(f / "front_mask.png"),
        "nothing of the character": lambda f: Image.new("L", (256, 256)).save(f / "front_mask.png"),
        "or delete it": lambda f: tiny.save(f / "front_lines.png"),
    }
    for number, (words, change) in enumerate(cases.items()):
        assert words in broken(tmp_path / str(number), four, change)
