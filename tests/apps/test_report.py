"""The page and its numbers, on a painted box; the scores behind them."""

import json
from dataclasses import replace

import numpy as np
import pytest

from genkei.apps import pictures, record, report
from genkei.apps.outputs import as_json
from genkei.apps.page import number, size
from genkei.apps.palette import chips
from genkei.figure.palette import reduce_colours
from genkei.geometry.score import colour_distances, score_view, silhouette_iou
from genkei.types import Camera, Check, View
from tests.apps.drawings import box_character, made_of_a_box


@pytest.fixture(scope="module")
def made():
    return made_of_a_box()


def told(made) -> dict[str, object]:
    return {
        "genkei": "0",
        "verb": "make",
        "title": "<Hana>",
        "subtitle": "s",
        "process": "resin",
        "inputs": [{"name": "front.png", "bytes": 1234, "sha256": "ab" * 32}],
        "outputs": [
            {"name": "figure.stl", "bytes": 12_345_678, "sha256": "cd" * 32},
            {"name": "report.html"},
        ],
        "versions": {"python": "3"},
        "figure": record.figure_record(made.figure),
        "timings": record.timing_records(made.timings, "2000-01-01"),
    }


def test_the_page_holds_every_finding(made):
    palette = reduce_colours(made.figure, 2)
    page = report.make_report(made, told(made), chips(made.figure, palette))
    for check in made.checks:
        assert f"<td>{check.name}</td>" in page
    assert "&lt;Hana&gt;" in page
    assert "a note with &lt;b&gt;marks&lt;/b&gt; &amp; signs" in page
    assert page.count("data:image/png;base64,") == 3 + 8 + 4 + 8
    assert "12.3 MB" in page
    assert "<script" not in page


def test_a_failed_check_is_loud(made):
    bad = Check("thin walls", 0.4, 1.0, "mm", "left hand", False, "Make it thicker.")
    page = report.make_report(replace(made, checks=(*made.checks, bad)), told(made), ())
    assert "Would not print" in page
    assert "Make it thicker." in page


def test_guesses_are_where_nobody_drew(made):
    hatched, seen = pictures.guesses(made.character, 64)
    assert 0.4 < seen < 0.6
    magenta = (hatched[0][..., 2] > 0.4) & (hatched[0][..., 3] > 0.5)
    rows = np.flatnonzero(magenta.any(1))
    shown = np.flatnonzero((hatched[0][..., 3] > 0.5).any(1))
    assert rows.min() >= (shown.min() + shown.max()) / 2 - 4


def test_the_figure_is_shown_upright_and_whole(made):
    shown = pictures.show_figure(made.figure)
    low, high = shown.mesh.vertices.min(0), shown.mesh.vertices.max(0)
    assert low[1] == pytest.approx(0, abs=1e-4)
    assert high[1] == pytest.approx(1, abs=1e-4)
    for picture in pictures.turntable(shown, 48):
        border = np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]])
        assert not (border[:, 3] > 0).any()


def test_a_drawing_of_the_solid_itself_scores_perfectly():
    character = box_character()
    camera = Camera.orthographic(90.0, 1.2)
    blank = View(np.zeros((64, 64, 4), np.float32), camera)
    seen = score_view(blank, character.mesh, character.uv, character.texture).rendered
    score = score_view(View(seen, camera), character.mesh, character.uv, character.texture)
    assert (score.silhouette_iou, score.colour_error) == (1.0, 0.0)


def test_silhouette_iou_is_an_iou():
    a, b = np.zeros((4, 4), bool), np.zeros((4, 4), bool)
    assert silhouette_iou(a, b) == 1.0
    a[:2], b[1:3] = True, True
    assert silhouette_iou(a, b) == silhouette_iou(b, a) == pytest.approx(1 / 3)


def test_colour_distance_is_lab_where_both_are_seen():
    white, black = np.ones((2, 2, 4), np.float32), np.ones((2, 2, 4), np.float32)
    black[..., :3] = 0
    black[0, 0, 3] = 0
    assert colour_distances(white, black) == pytest.approx([100, 100, 100], abs=0.01)


def test_a_view_must_be_square():
    character = box_character()
    view = View(np.zeros((4, 6, 4), np.float32), Camera.orthographic(0.0))
    with pytest.raises(ValueError, match="6 x 4 px; scoring wants a square picture"):
        score_view(view, character.mesh, character.uv, character.texture)


def test_palette_is_few_and_fixed(made):
    palette = reduce_colours(made.figure, 2)
    assert len(palette.colours) == 2
    assert len(palette.faces[0]) == len(made.figure.parts[0].mesh.faces)
    again = reduce_colours(made.figure, 2)
    assert (again.colours == palette.colours).all()
    assert (again.faces[0] == palette.faces[0]).all()
    shares = [chip.share for chip in chips(made.figure, palette)]
    assert sum(shares) == pytest.approx(1)
    assert shares == sorted(shares, reverse=True)
    near = np.abs(palette.colours.astype(int) - (204, 51, 77)).sum(1)
    assert near.min() < 8
    with pytest.raises(ValueError, match="0 colours were asked for"):
        reduce_colours(made.figure, 0)


def test_records_are_strict_json():
    row = record.check_record(Check("x", float("nan"), np.float32(1).item(), "mm", "", False))
    assert json.loads(as_json({"row": row}))["row"]["measured"] is None


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (-4.77e-8, "0"), (1234567, "1,234,567"), (0.1234, "0.123"), (76.54, "76.5")],
)
def test_numbers_are_for_people(value, text):
    assert number(value) == text


@pytest.mark.parametrize(("value", "text"), [(0, ""), (999, "999 B"), (12_345, "12 kB"), (2500000, "2.5 MB")])
def test_sizes_are_for_people(value, text):
    assert size(value) == text
