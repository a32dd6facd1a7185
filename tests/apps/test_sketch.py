"""`genkei make --sketch` on a pencil drawing, and where the flag has no meaning."""

import json
from types import SimpleNamespace

from PIL import Image, ImageDraw

from genkei.apps.cli import main


def pencil(path):
    image = Image.new("L", (300, 420), 235)
    draw = ImageDraw.Draw(image)
    draw.ellipse([100, 20, 200, 120], outline=60, width=3)
    draw.rectangle([90, 118, 210, 260], outline=60, width=3)
    for x in (100, 165):
        draw.rectangle([x, 258, x + 35, 400], outline=60, width=3)
    image.save(path)
    return path


def test_views_of_a_sketch_are_cut_out_of_the_paper(tmp_path, capsys):
    out = tmp_path / "out"
    assert (
        main(["views", str(pencil(tmp_path / "p.png")), "--sketch", "-o", str(out), "--quiet", "--json"]) == 0
    )
    told = json.loads(capsys.readouterr().out)
    assert told["views"][0]["matte"] == "sketch" and told["options"]["sketch"] is True
    assert any("taken as a sketch" in note for note in told["notes"])


def test_corrected_views_are_no_sketch(tmp_path, capsys):
    assert main(["make", "--from", str(tmp_path), "--sketch", "-o", str(tmp_path / "out"), "--quiet"]) == 2
    assert "--sketch says how a drawing is cut out" in capsys.readouterr().err


def test_certainty_is_on_the_page():
    from genkei.apps.report import facts

    figure = {"size_mm": [1.0, 2.0, 3.0], "character_height_mm": 3.0, "volume_cm3": 1.0, "triangles": 4}
    record = SimpleNamespace(figure=figure, process="resin", certainty=0.42).__dict__
    assert "42%" in facts(record, views=1) and "certain that it shows" in facts(record, views=1)
