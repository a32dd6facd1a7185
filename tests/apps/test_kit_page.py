"""The assembly sheet: it names every part and joint, stands alone, its labels point at the right part."""

import re

import manifold3d
import numpy as np
import pytest

from genkei.apps.kit_checks import kit_checks_section
from genkei.apps.kit_drawing import _rows, labelled, with_arrows
from genkei.apps.kit_marks import hours, letter, way_words
from genkei.apps.kit_page import kit_page
from genkei.apps.kit_pictures import BACK_RIGHT, FRONT_LEFT, FRONT_RIGHT, Side, clearest, moved, shoot
from genkei.figure.paints import Paint, paint_guide
from genkei.formats.slicer import Sliced
from genkei.geometry.mesh import from_manifold
from genkei.types import Check, Joint, Kit, Part

SHADES = np.array([[[250, 250, 250], [200, 30, 40], [20, 40, 180], [40, 160, 60]]], np.uint8)
TEXTURE = np.repeat(np.repeat(SHADES, 8, 0), 8, 1)
"""White, red, blue, green from left to right."""
PAINTS = (Paint("Clear <White>", (255, 255, 255)), Paint("Shine Red", (205, 35, 45)))


def part(name: str, size: tuple[float, float, float], place: tuple[float, float, float], shade: int) -> Part:
    mesh = from_manifold(manifold3d.Manifold.cube(size, True).translate(place))
    uv = np.broadcast_to(np.array([(shade + 0.5) / 4, 0.5], np.float32), (len(mesh.faces), 3, 2))
    return Part(name, mesh, np.ascontiguousarray(uv))


def doll() -> Kit:
    parts = (
        part("body", (20, 10, 40), (0, 0, 20), 0),
        part("head & face", (16, 16, 16), (0, 0, 48), 1),
        part("arm left", (6, 6, 30), (13, 0, 22), 2),
        part("arm right", (6, 6, 30), (-13, 0, 22), 3),
    )

    def joint(carrier: str, plugged: str, at: tuple[float, float, float], way: tuple[float, float, float]):
        return Joint(
            carrier, plugged, "d peg", np.array(at, np.float32), np.array(way, np.float32), 4.5, 6, 0.15
        )

    joints = (
        joint("body", "head & face", (0, 0, 40), (0, 0, 1)),
        joint("body", "arm left", (10, 0, 32), (1, 0, 0)),
        joint("body", "arm right", (-10, 0, 32), (-1, 0, 0)),
    )
    return Kit(parts, TEXTURE, joints, 56.0)


def told(**more: object) -> dict:
    return {"title": "花 <Hana>", "subtitle": "A test.", "genkei": "0", "process": "resin", **more}


def test_the_sheet_tells_parts_joints_steps_paints_and_checks():
    kit = doll()
    checks = (Check("clearance", 0.15, 0.15, "mm", "head & face on body", True),)
    guide = paint_guide(kit.parts, kit.texture, PAINTS)
    prints = {"body": Sliced(75.0, 7.5, 8.25, 900)}
    html = kit_page(
        kit, told(checks=checks, guide=guide, prints=prints, notes=("Mind the arm.",), material="grey")
    )
    for words in (
        "花 &lt;Hana&gt;", "head &amp; face", "arm left", "(d peg, 4.5 mm wide, 6.0 mm deep)", "from above",
        "from its left", "20.0 × 10.0 × 40.0", "8.00 cm³", "Ready to print", "Mind the arm.", "1 h 15",
        "Clear &lt;White&gt;", "8.2 g", "Shine Red", "#c81e28", "grey", "Paint guide", "CIEDE2000",
    ):  # fmt: skip
        assert words in html, words
    assert "<Hana>" not in html and "<White>" not in html and "head & face" not in html
    steps = re.findall(r'<b class="count">(\d+)</b>', html)
    assert steps == ["1", "2"]  # the head, then both arms
    assert html.count('class="leader"') == len(kit.parts) and html.count('class="tip"') == 3


def test_a_sheet_without_what_is_optional():
    html = kit_page(doll(), told())
    assert "Paint guide" not in html and "Will it print" not in html and "ΔE" not in html
    assert "<th>material</th>" in html and 'class="number">print' not in html
    plain = Kit(doll().parts[:1], TEXTURE, (), 56.0)
    assert "Assembly" not in kit_page(plain, told()) and "sits on" not in kit_page(plain, told())
    without = kit_page(doll(), told(guide=paint_guide(doll().parts, TEXTURE)))
    assert "Paint guide" in without and "nearest of your paints" not in without


def test_the_sheet_stands_alone_and_is_the_same_every_time():
    html = kit_page(doll(), told())
    assert html == kit_page(doll(), told())
    assert "default-src 'none'" in html and "<script" not in html and "@media print" in html
    assert not re.findall(r'(?:src|href)="(?!data:)', html) and "://" not in html


@pytest.mark.parametrize("side", [FRONT_LEFT, FRONT_RIGHT, BACK_RIGHT, Side(90.0, -20.0)])
def test_anchors_lie_on_their_parts_and_points_fall_where_they_are_seen(side):
    kit = doll()
    shot = shoot(kit.parts, TEXTURE, side, 240)
    for k, shade in enumerate(SHADES[0].astype(float)):
        if np.isfinite(shot.anchors[k]).all():
            x, y = shot.anchors[k].astype(int)
            seen = shot.rgba[y, x, :3]
            alike = seen @ shade / (np.linalg.norm(seen) * np.linalg.norm(shade))
            assert shot.rgba[y, x, 3] > 0.99 and alike > 0.995
    corners = np.concatenate([piece.mesh.vertices for piece in kit.parts]).astype(np.float64)
    pixels = shot.place(corners)
    rows, columns = np.nonzero(shot.rgba[..., 3] > 0.5)
    assert pixels[:, 0].min() == pytest.approx(columns.min(), abs=2.5)
    assert pixels[:, 0].max() == pytest.approx(columns.max(), abs=2.5)
    assert pixels[:, 1].min() == pytest.approx(rows.min(), abs=2.5)
    assert pixels[:, 1].max() == pytest.approx(rows.max(), abs=2.5)


def test_a_hidden_part_has_no_label():
    inner = part("inner", (5, 5, 5), (0, 0, 20), 1)
    shot = shoot([doll().parts[0], inner], TEXTURE, FRONT_LEFT, 120)
    assert np.isnan(shot.anchors[1]).all()
    svg = labelled(shot, ["body", "inner"], [], "a box")
    assert ">body<" in svg and "inner" not in svg


def test_the_camera_of_a_side_looks_the_way_it_says():
    for side in (FRONT_LEFT, FRONT_RIGHT, BACK_RIGHT, Side(90.0, 30.0)):
        forward = shoot(doll().parts, TEXTURE, side, 40).camera.axes[2]
        assert side.forward == pytest.approx([forward[0], -forward[2], forward[1]], abs=1e-6)


def test_the_clearest_side_does_not_look_along_a_way():
    way = FRONT_LEFT.forward[None]
    assert clearest((FRONT_LEFT, FRONT_RIGHT), way) is FRONT_RIGHT
    assert clearest((FRONT_LEFT, FRONT_RIGHT), np.array([[0, 0, 1.0]])) is FRONT_LEFT
    assert clearest((FRONT_LEFT,), np.zeros((0, 3))) is FRONT_LEFT


def test_a_part_on_two_carriers_names_both():
    kit = doll()
    one = kit.joints[0]
    second = Joint("arm left", "arm right", "pin", one.origin, one.direction, 1.5, 5, 0.1)
    html = kit_page(Kit(kit.parts, kit.texture, (*kit.joints, second), 56.0), told())
    assert "body (d peg, 4.5 mm wide, 6.0 mm deep) and" in html and "arm left (pin, 1.5 mm wide" in html


def test_a_part_without_a_joint_is_told():
    kit = doll()
    html = kit_page(Kit(kit.parts, kit.texture, kit.joints[:2], 56.0), told())
    assert 'glued in place: <span class="number-badge">4</span> arm right.' in html
    assert "glued in place" not in kit_page(kit, told())


def test_faded_parts_go_towards_the_paper_and_others_stay():
    kit = doll()
    plain = shoot(kit.parts, TEXTURE, FRONT_LEFT, 200)
    faded = shoot(kit.parts, TEXTURE, FRONT_LEFT, 200, [False, True, False, False])
    head, arm = (tuple(plain.anchors[k].astype(int)[::-1]) for k in (1, 2))
    assert faded.rgba[head][:3].mean() > plain.rgba[head][:3].mean() + 0.15
    assert faded.rgba[arm] == pytest.approx(plain.rgba[arm], abs=0.02)


def test_moved_parts_keep_their_shape():
    kit = doll()
    away = moved(kit.parts, np.full((4, 3), 5.0))
    assert (
        np.allclose(away[2].mesh.vertices, kit.parts[2].mesh.vertices + 5) and away[2].uv is kit.parts[2].uv
    )


@pytest.mark.parametrize(
    ("wanted", "height"), [([5, 6, 7], 200), ([190, 195], 200), ([], 50), ([9] * 9, 120)]
)
def test_labels_keep_their_distance_inside_the_picture(wanted, height):
    rows = _rows(wanted, height)
    assert len(rows) == len(wanted)
    if len(rows):
        assert rows.min() >= 11 - 1e-9 and rows.max() <= height - 11 + 1e-9
        assert (np.diff(rows) >= min(30, (height - 22) / max(len(rows) - 1, 1)) - 1e-9).all()


def test_an_arrow_at_the_viewer_is_not_drawn():
    shot = shoot(doll().parts, TEXTURE, Side(0.0, 0.0), 200)
    towards = [(np.array([0.0, -20, 20]), np.array([0.0, 0, 20]))]
    across = [(np.array([-20.0, 0, 20]), np.array([0.0, 0, 20]))]
    assert 'class="tip"' not in with_arrows(shot, towards, "") and 'class="tip"' in with_arrows(
        shot, across, ""
    )


@pytest.mark.parametrize(
    ("way", "says"),
    [
        ((0, 0, 1), "above"),
        ((0, 0, -1), "below"),
        ((1, 0, 0), "its left"),
        ((0, -1, 0), "the front"),
        ((-0.6, 0, 0.8), "above and its right"),
        ((0.1, 0.99, 0), "the back"),
    ],
)
def test_ways_in_words(way, says):
    assert way_words(np.array(way, np.float64)) == says


def test_a_hundred_checks_become_a_few_rows():
    rows = [Check("gap", 0.1 * k, 0.1, "mm", f"joint {k}", True) for k in range(1, 5)]
    rows += [
        Check("wall", 0.5, 1.0, "mm", "<hair>", False, "Thicken it."),
        Check("one piece", 1, 1, "", "x", True),
    ]
    html = kit_checks_section(rows)
    assert html.count("<tr>") == 4 and html.index("wall") < html.index("gap")
    assert "0.1 – 0.4 mm" in html and "passed 4 times" in html and "&lt;hair&gt;" in html
    assert "Thicken it." in html and html.count(">pass<") == 2 and html.count(">fail<") == 1


def test_small_marks():
    assert [letter(k) for k in (1, 26, 27, 53)] == ["A", "Z", "AA", "BA"]
    assert [hours(m) for m in (0.4, 59.4, 59.6, 60, 125)] == ["0 min", "59 min", "1 h 00", "1 h 00", "2 h 05"]
