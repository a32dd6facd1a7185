"""Half figures, backs, profiles and pairs: a note or a refusal that says why."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from genkei.drawing.sheet import Options, read_views
from genkei.nets.certainty import doubts
from genkei.nets.loader import load, records
from genkei.nets.look import look
from tests.drawing.figures import person, saved

SMALL = Options(size_px=256)


def note_of(tmp_path, figure: Image.Image, margin: int = 20) -> str:
    """The notes of a lone drawing handed in as the front."""
    page = Image.new("RGBA", (figure.width + 2 * margin, figure.height + 2 * margin))
    page.paste(figure, (margin, margin))
    return " ".join(read_views({0.0: saved(page, tmp_path / "one.png")}, SMALL).notes)


def test_a_back_is_told(tmp_path):
    assert "no face is seen" in note_of(tmp_path, person("back"))


@pytest.mark.parametrize("side", ["left", "right"])
def test_a_profile_is_told(tmp_path, side):
    assert f"profile, face and toes point to picture-{side}" in note_of(tmp_path, person(side))


def test_a_front_is_not_doubted(tmp_path):
    assert note_of(tmp_path, person("front")) == ""


def test_colourless_drawings_are_not_missed_a_face(tmp_path):
    grey = np.asarray(person("back")).copy()
    grey[..., :3] = grey[..., :3].mean(-1, keepdims=True)
    assert "no face" not in note_of(tmp_path, Image.fromarray(grey))


def test_half_a_body_is_told(tmp_path):
    half = person("front").crop((0, 0, person("front").width, 180))
    half = half.crop(half.getbbox())
    page = Image.new("RGBA", (half.width + 40, half.height + 20))
    page.paste(half, (20, 20))
    notes = " ".join(read_views({0.0: saved(page, tmp_path / "half.png")}, SMALL).notes)
    assert "the bottom border of the picture cuts the character" in notes


def test_two_people_are_refused(tmp_path):
    one = person("front")
    page = Image.new("RGBA", (2 * one.width + 60, one.height + 40))
    page.paste(one, (20, 20))
    page.paste(one, (one.width + 40, 20))
    with pytest.raises(ValueError, match="shows 2 figures, wanted one"):
        read_views({0.0: saved(page, tmp_path / "two.png")}, SMALL)


def test_noise_is_refused(tmp_path):
    noise = np.random.default_rng(0).integers(0, 256, (200, 200, 3), np.uint8)
    with pytest.raises(ValueError, match=r"no character|can't be told"):
        read_views({0.0: saved(Image.fromarray(noise), tmp_path / "noise.png")}, SMALL)


@pytest.mark.skipif("solid" not in records(), reason="no weights of the solid net in the wheel")
def test_a_landscape_and_a_thing_are_doubted(tmp_path):
    net = load("solid")
    for name, picture in (("hills", hills()), ("car", car())):
        sheet = read_views({0.0: saved(picture, tmp_path / f"{name}.png")}, SMALL)
        (note,) = doubts(look(sheet.views, net))
        assert "hard to read as one standing character" in note


def hills() -> Image.Image:
    """Sky and three ranges."""
    hills = np.zeros((200, 240, 3), np.uint8)
    hills[:] = np.linspace(230, 150, 200)[:, None, None] * [0.7, 0.85, 1.0]
    for k in range(3):
        line = 90 + 35 * k + 12 * np.sin(np.arange(240) / (9 + 4 * k))
        hills[np.arange(200)[:, None] > line] = (60 + 30 * k, 130 - 20 * k, 50)
    return Image.fromarray(hills)


def car() -> Image.Image:
    """A car on white."""
    image = Image.new("RGB", (420, 260), (255, 255, 255))
    draw = ImageDraw.Draw(image)
    for kind, box, fill in (
        (draw.rounded_rectangle, [110, 40, 310, 140], (90, 140, 200)),
        (draw.rounded_rectangle, [30, 110, 390, 200], (200, 60, 50)),
        (draw.ellipse, [70, 160, 150, 240], (40, 40, 45)),
        (draw.ellipse, [270, 160, 350, 240], (40, 40, 45)),
    ):
        kind(box, fill=fill, outline=(20, 20, 20), width=3)
    return image
