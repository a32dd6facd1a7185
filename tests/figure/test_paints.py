"""The paint guide: areas add up, the nearest paint is the nearest, and every bad table is refused."""

import numpy as np
import pytest

from genkei.figure.paints import Paint, paint_guide, parse_paints, read_paints
from genkei.geometry.mesh import surface_area
from genkei.types import Mesh, Part
from tests.geometry.solids import cube

RED, WHITE, BLUE = (200, 30, 40), (250, 250, 250), (20, 40, 180)
SHADES = [RED, WHITE, BLUE]
TEXTURE = np.repeat(np.repeat(np.array([SHADES], np.uint8), 8, 0), 8, 1)
TABLE = (
    Paint("Clear White", (255, 255, 255)),
    Paint("Shine Red", (205, 35, 45)),
    Paint("Navy", (10, 20, 90)),
)


def painted_cube(name: str, edge: float, shades: list[int]) -> Part:
    """A cube whose twelve triangles take the shades in turn."""
    uv = np.array([[(shades[f % len(shades)] + 0.5) / 3, 0.5] for f in range(12)], np.float32)
    return Part(name, cube(edge), np.repeat(uv[:, None], 3, 1))


def test_areas_are_those_of_the_faces_and_sum_to_the_surface():
    parts = [painted_cube("head", 10, [0, 0, 1]), painted_cube("base", 30, [1])]
    guide = paint_guide(parts, TEXTURE, colours=8)
    assert guide.part_names == ("head", "base")
    assert [tone.number for tone in guide.tones] == [1, 2]
    white, red = guide.tones
    assert white.rgb == WHITE and white.areas_mm2 == pytest.approx((200, 5400), rel=1e-5)
    assert red.rgb == RED and red.areas_mm2 == pytest.approx((400, 0), rel=1e-5)
    for k, part in enumerate(parts):
        assert sum(tone.areas_mm2[k] for tone in guide.tones) == pytest.approx(surface_area(part.mesh))
    assert guide.of_part(0) == (red, white) and guide.of_part(1) == (white,)
    assert all(not tone.matches for tone in guide.tones)


def test_mirrored_part_needs_the_same_paint():
    part = painted_cube("head", 10, [0, 1, 2])
    turned = Mesh(part.mesh.vertices * np.array([-1, 1, 1], np.float32), part.mesh.faces[:, ::-1].copy())
    mirrored = Part("head", turned, part.uv[:, ::-1].copy())
    assert paint_guide([part], TEXTURE) == paint_guide([mirrored], TEXTURE)


def test_the_nearest_paint_stands_first_with_its_distance():
    (red,) = paint_guide([painted_cube("head", 10, [0])], TEXTURE, TABLE, colours=1).tones
    assert [match.paint.name for match in red.matches] == ["Shine Red", "Navy", "Clear White"]
    assert 0 < red.matches[0].away < 2 < 30 < red.matches[1].away
    exact = paint_guide([painted_cube("head", 10, [0])], TEXTURE, [Paint("same", RED)]).tones[0]
    assert exact.matches[0].away < 1e-3


def test_both_kinds_of_table_and_a_spreadsheets_habits(tmp_path):
    want = (Paint("Shine Red", (205, 35, 45)), Paint("白", (255, 255, 255)))
    assert parse_paints("name,hex\nShine Red,#CD232D\n白,fff\n", "my.csv") == want
    assert parse_paints("Range;Name;R;G;B\nx;Shine Red;205;35;45\n;;;;\nx;白;255;255;255\n", "my.csv") == want
    assert parse_paints("name\thex\nShine Red\tcd232d\nShine Red\tcd232d\n白\tffffff", "my.csv") == want
    path = tmp_path / "my.csv"
    path.write_text("name,hex\r\nShine Red,#cd232d\r\n白,#ffffff\r\n", "utf-8-sig")
    assert read_paints(path) == want


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "found nothing, wanted name,hex or name,r,g,b"),
        ("paint,colour\nx,#fff", "found paint, colour, wanted"),
        ("name,hex\n", "no paints below"),
        ("name,hex\nRed,#12345", "row 2: Red has the colour '#12345', wanted one like"),
        ("name,hex\nRed,", "Red has r, g, b = nothing, nothing, nothing"),
        ("name,r,g,b\nRed,1,2,256", "Red has r, g, b = 1, 2, 256, wanted whole numbers from 0 to 255"),
        ("name,r,g,b\nRed,1,2", "Red has r, g, b = 1, 2, nothing"),
        ("name,hex\n,#fff", "row 2: the paint has no name"),
        ("name,hex\nRed,#f00\nRed,#e00", "row 3: Red has a colour already"),
        ("name,hex\n" + "Red,?\n" * 8, "and 3 rows more"),
    ],
)
def test_bad_tables_are_refused_with_the_row(text, says):
    with pytest.raises(ValueError, match=r"^my\.csv") as error:
        parse_paints(text, "my.csv")
    assert says in str(error.value)


def test_files_that_are_no_text_are_refused(tmp_path):
    with pytest.raises(ValueError, match="cannot be read: No such file"):
        read_paints(tmp_path / "none.csv")
    (tmp_path / "odd.csv").write_bytes(b"name,hex\n\xff\xfe,#fff")
    with pytest.raises(ValueError, match=r"not UTF-8 text .* at byte 9"):
        read_paints(tmp_path / "odd.csv")
