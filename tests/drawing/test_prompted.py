"""Box and points: what is shown is cut out, which mask is taken and why, and what is refused."""

import json

import numpy as np
import pytest

from genkei.apps.cli import main
from genkei.drawing.matte import Background
from genkei.drawing.prompted import Prompt, Prompted
from tests.apps.drawings import draw_girl
from tests.drawing.test_matte import figure, iou, on

OWN = (Background(),)


def two() -> tuple[np.ndarray, np.ndarray]:
    """Two figures side by side on grey, and the mask of the left one."""
    rgba = figure()
    paper = np.full((*rgba.shape[:2], 3), 0.8)
    one = on(rgba, paper)
    left = np.hstack([rgba[..., 3] > 0.5, np.zeros(rgba.shape[:2], bool)])
    return np.hstack([one, one]), left


def noise() -> np.ndarray:
    rgb = np.random.default_rng(1).random((80, 80, 3))
    return np.dstack([rgb, np.ones((80, 80))]).astype(np.float32)


def box_of_left() -> tuple[float, float, float, float]:
    height, width = figure().shape[:2]
    return (5.0, 5.0, width - 5.0, height - 5.0)


def test_a_box_leaves_the_other_figure_out():
    picture, left = two()
    found = Prompted(Prompt(box_of_left()), OWN)(picture)
    assert found.method == "prompt" and iou(found.rgba[..., 3] > 0.5, left) > 0.97


def test_points_choose_among_pieces():
    picture, left = two()
    y, x = (int(v) for v in np.argwhere(left)[len(np.argwhere(left)) // 2])
    width = figure().shape[1]
    for points in (((x, y, True),), ((x + width, y, False),)):
        found = Prompted(Prompt(None, points), OWN)(picture)
        assert iou(found.rgba[..., 3] > 0.5, left) > 0.97


def test_without_a_model_points_that_say_more_are_refused():
    picture, left = two()
    y, x = (int(v) for v in np.argwhere(left)[0])
    with pytest.raises(ValueError, match="a point on the character lies on none"):
        Prompted(Prompt(None, ((2.0, 2.0, True),)), OWN)(picture)
    with pytest.raises(ValueError, match="one has points of both signs"):
        Prompted(Prompt(None, ((x, y, True), (x, y + 1, False))), OWN)(picture)
    with pytest.raises(ValueError, match=r"inside what was shown, .*Draw --box closer"):
        Prompted(Prompt((10, 10, 70, 70)), OWN)(noise())


def model(masks: list[np.ndarray], worth: list[float]):
    return lambda rgb, box, points: (
        np.stack([np.where(m, 8.0, -8.0) for m in masks]).astype(np.float32),
        np.array(worth, np.float32),
    )


def test_of_many_masks_the_one_that_agrees_with_ours():
    picture, left = two()
    whole = left | np.roll(left, left.shape[1] // 2, 1)
    part = left & (np.arange(len(left)) < len(left) // 2)[:, None]
    net = model([part, left, whole], [0.9, 0.5, 0.95])
    found = Prompted(Prompt(box_of_left()), OWN, net)(picture)
    assert iou(found.rgba[..., 3] > 0.5, left) > 0.97
    assert "mask 2 of 3, which agrees to" in found.notes[0]


def test_points_come_before_agreement():
    picture, left = two()
    right = np.roll(left, left.shape[1] // 2, 1)
    y, x = (int(v) for v in np.argwhere(right)[0])
    prompt = Prompt(None, ((x, y, True),))
    found = Prompted(prompt, OWN, model([left, right], [0.9, 0.1]))(picture)
    assert iou(found.rgba[..., 3] > 0.5, right) > 0.97


def test_where_ours_tells_nothing_the_models_own_count_decides():
    small, large = np.zeros((80, 80), bool), np.zeros((80, 80), bool)
    small[30:50, 30:50], large[10:70, 10:70] = True, True
    found = Prompted(Prompt((5, 5, 75, 75)), OWN, model([small, large], [0.4, 0.8]))(noise())
    assert (found.rgba[..., 3] > 0.5).sum() > 3000
    assert "the best by its own count (0.80)" in found.notes[0]


def test_a_model_that_finds_nothing_is_refused():
    picture, left = two()
    nothing = model([np.zeros_like(left)], [0.9])
    with pytest.raises(ValueError, match="nothing was found where --box and --point show"):
        Prompted(Prompt(box_of_left()), OWN, nothing)(picture)


@pytest.mark.parametrize("prompt", [Prompt((5, 5, 9000, 50)), Prompt(None, ((-1, 4, True),))])
def test_what_lies_outside_is_refused(prompt):
    with pytest.raises(ValueError, match="outside the picture of"):
        Prompted(prompt, OWN)(two()[0])


def test_words_become_pixels_of_the_picture_as_it_is_read():
    found = Prompt.parsed("10,20,300,800", ("120,80+", "30,40-"), 2.0)
    assert found == Prompt((5, 10, 150, 400), ((60, 40, True), (15, 20, False)))
    assert Prompt.parsed("", ("1,2+",)).box is None


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["--box", "1,2,3"], 2, "--box 1,2,3 is not understood"),
        (["--box", "a,2,3,4"], 2, "write left,top,right,bottom as in"),
        (["--box", "50,50,40,90"], 2, "is -10 x 40 px; wanted left,top,right,bottom"),
        (["--point", "1,2"], 2, "--point 1,2 ends in no sign"),
        (["--point", "1+"], 2, "write x,y+ as in 120,80+"),
        (["--box", "1,2,30,40", "--sam", "nowhere"], 1, "nowhere does not exist"),
        (["--box", "1,2,30,40", "--sketch"], 2, "--sketch and --box, --point, --sam are two ways"),
        (["--box", "1,2,30,40", "--back", "b.png"], 2, "are pixels of one picture"),
        (["--box", "1,2,3000,4000"], 1, "reaches 2999,3999, outside the picture of 300 x 520 px"),
    ],
)
def test_wrong_words(capsys, tmp_path, words, code, says):
    drawing = draw_girl(tmp_path / "girl.png")
    assert main(["views", str(drawing), *words, "-o", str(tmp_path / "o")]) == code
    assert says in " ".join(capsys.readouterr().err.split())


def test_a_model_without_a_prompt_is_refused(capsys, tmp_path):
    drawing = draw_girl(tmp_path / "girl.png")
    assert main(["views", str(drawing), "--sam", str(tmp_path), "-o", str(tmp_path / "o")]) == 2
    assert "--sam wants to be shown the character" in " ".join(capsys.readouterr().err.split())


def test_the_command_line_cuts_out_what_is_shown(tmp_path, monkeypatch):
    pytest.importorskip("transformers", reason="needs the extra: pip install 'genkei[diffusion]'")
    from genkei.nets.published import recognise, sam
    from tests.nets.published.tiny_sam import save, tiny_rows

    monkeypatch.setattr(recognise, "models", tiny_rows)
    left = np.zeros((520, 600), bool)
    left[20:500, 60:240] = True
    real = sam.Segmenter.__call__
    monkeypatch.setattr(
        sam.Segmenter,
        "__call__",
        lambda self, *words: (
            real(self, *words)[0] * 0 + np.where(left, 8, -8).astype(np.float32),
            np.ones(3, np.float32),
        ),
    )
    folder = save("sam-vit-b", tmp_path / "sam")
    drawing = draw_girl(tmp_path / "girls.png", copies=2)
    words = ["--box", "20,10,280,510", "--point", "150,250+", "--sam", str(folder)]
    assert main(["views", str(drawing), *words, "-o", str(tmp_path / "out"), "--quiet"]) == 0
    told = json.loads((tmp_path / "out" / "run.json").read_text())
    assert told["views"][0]["matte"] == "prompt"
    assert any("cut out by Segment Anything, ViT-B" in note for note in told["notes"])
