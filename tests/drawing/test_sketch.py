"""A sketch becomes what its lines close in; paintings, blank pages and bare strokes are refused."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from genkei.drawing.cutout import Unexplained
from genkei.drawing.matte import cut_out
from genkei.drawing.sketch import GAPS, Sketch, closed_in
from tests.drawing.figures import person

SIZE = 400


def page(draw_on, shade: float = 0.0, grain: float = 0.0) -> np.ndarray:
    """What `draw_on(draw)` leaves on a page that gets darker to the right by `shade`, with grain."""
    image = Image.new("L", (4 * SIZE, 4 * SIZE), 255)
    draw_on(ImageDraw.Draw(image))
    grey = np.asarray(image.resize((SIZE, SIZE), Image.Resampling.BOX), np.float32) / 255
    paper = (
        0.95 - shade * np.linspace(0, 1, SIZE)[None] + np.random.default_rng(0).normal(0, grain, grey.shape)
    )
    return np.dstack([np.clip(grey * paper, 0, 1)] * 3 + [np.ones_like(grey)]).astype(np.float32)


def outline(draw, gap: float = 0.0) -> None:
    """Head, body and legs in pencil; the body's outline is open at the picture's left by `gap` px."""
    draw.ellipse([600, 200, 1000, 600], outline=40, width=14)
    draw.rectangle([500, 590, 1100, 1100], outline=40, width=14)
    draw.rectangle([560, 1090, 720, 1400], outline=40, width=14)
    draw.rectangle([880, 1090, 1040, 1400], outline=40, width=14)
    draw.line([700, 380, 740, 380], fill=40, width=14)
    if gap:
        draw.rectangle([480, 850, 530, 850 + 4 * gap], fill=255)


def filled() -> np.ndarray:
    """The same figure, painted black: the truth."""
    image = Image.new("1", (4 * SIZE, 4 * SIZE))
    draw = ImageDraw.Draw(image)
    for kind, box in (
        (draw.ellipse, [600, 200, 1000, 600]),
        (draw.rectangle, [500, 590, 1100, 1100]),
        (draw.rectangle, [560, 1090, 720, 1400]),
        (draw.rectangle, [880, 1090, 1040, 1400]),
    ):
        kind(box, fill=1)
    return np.asarray(image.convert("L").resize((SIZE, SIZE), Image.Resampling.BOX)) > 127


def overlap(rgba: np.ndarray) -> float:
    found, truth = rgba[..., 3] > 0.5, filled()
    return float((found & truth).sum() / (found | truth).sum())


@pytest.mark.parametrize(("shade", "grain"), [(0.0, 0.0), (0.35, 0.0), (0.2, 0.012)])
def test_what_the_lines_close_in_is_the_character(shade, grain):
    cutout = Sketch()(page(outline, shade, grain))
    assert overlap(cutout.rgba) > 0.95 and cutout.method == "sketch" and "bare paper" in cutout.notes[0]


def test_a_gap_is_bridged_and_told():
    cutout = Sketch()(page(lambda draw: outline(draw, gap=5)))
    assert overlap(cutout.rgba) > 0.95 and "bridged" in cutout.notes[0]
    assert "bridged" not in Sketch()(page(outline)).notes[0]


def test_the_legs_stay_apart():
    found = Sketch()(page(outline)).rgba[..., 3] > 0.5
    assert not found[320, 188:212].any()


def test_paper_becomes_clay_and_lines_stay_unless_they_are_not_wanted():
    kept, plain = (Sketch(keep_lines=k)(page(outline, 0.2)).rgba for k in (True, False))
    assert np.abs(kept[220, 200, :3] - Sketch().clay).max() < 0.03
    assert kept[95, 180, :3].max() < 0.4
    opaque = plain[..., 3] > 0.9
    assert np.abs(plain[opaque][:, :3] - Sketch().clay).max() < 1e-6


def test_a_page_twice_as_large_gives_the_same_character():
    small = page(lambda draw: outline(draw, gap=5))
    ink = small[..., 0] < 0.6
    one, gap = closed_in(ink)
    two, other = closed_in(ink.repeat(2, 0).repeat(2, 1))
    assert gap == other and (one ^ two[::2, ::2]).mean() < 0.005


def test_an_outline_without_gaps_needs_no_bridge():
    ink = np.zeros((200, 200), bool)
    ink[40:160, 40:160] = True
    ink[44:156, 44:156] = False
    inside, gap = closed_in(ink)
    assert gap == GAPS[0] and inside[100, 100] and inside.sum() == 120 * 120


def test_sketches_are_found_unasked_and_paintings_are_not():
    assert Sketch(asked=False)(page(outline)).method == "sketch"
    assert cut_out(page(outline)).method == "sketch"
    coloured = np.ones((400, 340, 4), np.float32)
    figure = np.asarray(person("front", 320), np.float32) / 255
    box = coloured[40:360, 40 : 40 + figure.shape[1]]
    box[..., :3] = figure[..., :3] * figure[..., 3:] + 1 - figure[..., 3:]
    with pytest.raises(Unexplained, match="no sketch"):
        Sketch(asked=False)(coloured)
    assert cut_out(coloured).method == "background"


def test_a_pale_wash_is_no_bare_paper():
    washed = page(outline)
    inside = Sketch()(washed).rgba[..., 3] > 0.5
    washed[inside & (washed[..., 0] > 0.8), 2] *= 0.75
    with pytest.raises(Unexplained, match="no sketch"):
        Sketch(asked=False)(washed)


def test_a_wall_of_many_colours_is_no_paper():
    """Lines before a soft photograph: each place is as light as what lies round it, but it is no page."""
    knots = np.random.default_rng(1).integers(120, 256, (3, 3, 3)).astype(np.uint8)
    wall = np.asarray(Image.fromarray(knots).resize((SIZE, SIZE), Image.Resampling.BICUBIC), np.float32) / 255
    before = page(outline)
    before[..., :3] *= wall
    assert Sketch(asked=False, most_uneven=99.0)(before).method == "sketch"
    with pytest.raises(Unexplained, match="no sketch"):
        Sketch(asked=False)(before)


def test_a_blank_page_is_refused():
    with pytest.raises(ValueError, match="no drawn line was found"):
        Sketch()(page(lambda draw: None))


def test_bare_strokes_are_refused():
    with pytest.raises(ValueError, match="close in nothing wider than"):
        Sketch()(page(lambda draw: draw.line([400, 300, 1200, 1400], fill=30, width=16)))


def test_a_frame_round_the_page_is_refused():
    with pytest.raises(ValueError, match="as a frame does"):
        Sketch()(page(lambda draw: draw.rectangle([8, 8, 1592, 1592], outline=30, width=20)))


DRAWINGS = Path(__file__).parents[3] / "shared" / "data" / "drawings" / "sketches"


@pytest.mark.parametrize(("name", "least"), [("char1", 0.95), ("char2", 0.8), ("char6", 0.93)])
def test_real_sketches_against_their_masks(name, least):
    from genkei.drawing.read import read_picture

    if not (DRAWINGS / f"{name}_mask.png").is_file():
        pytest.skip(f"no sketches in {DRAWINGS}")
    found = Sketch()(read_picture(DRAWINGS / f"{name}_texture.png")).rgba[..., 3] > 0.5
    truth = np.asarray(Image.open(DRAWINGS / f"{name}_mask.png").convert("L")) > 127
    assert (found & truth).sum() / (found | truth).sum() > least
