"""Every base is closed, one piece, on the bed and reaches the asked tilt; names fit or say why not."""

import math

import manifold3d
import numpy as np
import pytest
from shapely import Polygon

from genkei.figure.balance import balance, balance_of
from genkei.figure.ballast import SHOT, ballasted
from genkei.figure.base import Base
from genkei.figure.build import Build
from genkei.figure.lettering import lettering
from genkei.figure.plates import around, circle, plate, smallest, square
from genkei.figure.pole import find_pole
from genkei.figure.profiles import PROFILES
from genkei.figure.stand import stand
from genkei.geometry.mesh import component_labels, from_manifold, open_edges, to_manifold, volume
from genkei.types import Mesh, Part
from tests.figure.characters import doll, painted, solid

DOLL = doll()
RESIN = PROFILES["resin"]
BARE = Build(with_base=False, height_mm=120.0)(DOLL).parts[0]
LOOKS = ("disc", "square", "outline", "post")


def sound(mesh: Mesh) -> bool:
    return open_edges(mesh.faces) == 0 and component_labels(mesh.faces).max() == 0 and volume(mesh) > 0


@pytest.mark.parametrize("angle", [9.0, 16.0])
@pytest.mark.parametrize("look", LOOKS)
def test_every_look_is_closed_on_the_bed_and_reaches_the_asked_tilt(look, angle):
    built = Build(height_mm=120.0, base=Base(look=look, tip_angle_deg=angle))(doll(lean=0.1))
    mesh = built.parts[0].mesh
    assert sound(mesh) and abs(mesh.vertices[:, 2].min()) < 1e-4
    assert balance(mesh).tip_angle_deg >= angle
    assert mesh.vertices[:, 2].max() - built.lift_mm == pytest.approx(120.0, abs=1e-3)


def test_no_base_is_the_bare_body():
    none = Build(height_mm=120.0, base=Base(look="none"))(DOLL).parts[0]
    assert none.mesh.vertices.tobytes() == BARE.mesh.vertices.tobytes()


def test_a_leaping_figure_touches_nothing_but_its_post():
    built = Build(height_mm=120.0, base=Base(look="post")).with_notes(DOLL)
    assert built.placement != "no base" and len(built.placement.poles) == 1 and not built.placement.soles
    section = to_manifold(built.figure.parts[0].mesh).slice(built.placement.thickness_mm + 4.0)
    pole = built.placement.poles[0]
    assert section.area() == pytest.approx(math.pi * pole.radius_mm**2, rel=0.02)


def test_a_ball_has_its_pole_under_the_middle_and_a_plate_on_edge_none():
    ball = solid(manifold3d.Manifold.sphere(20, 64).translate((3, 4, 20)))
    found = find_pole(ball, np.array([3.0, 4.0, 20.0]))
    assert np.allclose(found.centre, [3, 4], atol=0.8) and 2 < found.top_mm < 8
    with pytest.raises(ValueError, match="no underside"):
        find_pole(solid(manifold3d.Manifold.cube((60, 0.5, 60), True)), np.zeros(3))


def test_outlines_are_what_they_are_called():
    assert Polygon(circle(np.zeros(2), 10.0)).area == pytest.approx(math.pi * 100, rel=1e-3)
    box = Polygon(square(np.array([5.0, 0]), 10.0))
    assert box.bounds == pytest.approx((-5, -10, 15, 10)) and 360 < box.area < 400 and box.exterior.is_ccw
    feet = np.array([[-8.0, 0], [8.0, 0]])
    shape = Polygon(around(feet)(6.0))
    assert shape.bounds == pytest.approx((-14, -6, 14, 6), abs=0.15)
    assert shape.area < shape.convex_hull.area - 5
    far = Polygon(around(np.array([[-50.0, 0], [50.0, 0]]))(3.0))
    assert far.area == pytest.approx(600 + math.pi * 9, rel=0.05)


@pytest.mark.parametrize("outline", [circle(np.zeros(2), 15.0), square(np.zeros(2), 12.0)])
@pytest.mark.parametrize("rim", [0.0, 1.0])
def test_a_plate_is_its_outline_with_a_rounded_rim(outline, rim):
    made = plate(outline, 1.0, 4.0, rim)
    assert made.genus() == 0 and made.bounding_box()[2::3] == pytest.approx((1.0, 5.0))
    lost = (1 - math.pi / 4) * rim**2 * Polygon(outline).length
    assert made.volume() == pytest.approx(4 * Polygon(outline).area - lost, rel=0.004)


def test_the_smallest_size_is_found_and_the_impossible_told():
    found = smallest(lambda r: circle(np.zeros(2), r), lambda o: Polygon(o).area >= 1000, 1.0)
    assert found == pytest.approx(math.sqrt(1000 / math.pi), abs=0.12)
    with pytest.raises(ValueError, match="no base under 2 m"):
        smallest(lambda r: circle(np.zeros(2), r), lambda o: False, 1.0)


@pytest.mark.parametrize("look", LOOKS)
def test_a_name_is_engraved_in_front_of_the_feet(look):
    built = Build(height_mm=120.0, base=Base(look=look, name="Hana")).with_notes(DOLL)
    placed = built.placement
    assert placed != "no base" and sound(built.figure.parts[0].mesh)
    (name,) = placed.letters
    left, low, right, high = name.bounds()
    assert high < placed.centre[1] and Polygon(placed.outline).contains(
        Polygon([(left, low), (right, low), (right, high)])
    )
    whole = to_manifold(built.figure.parts[0].mesh)
    top = placed.thickness_mm
    letters = name.extrude(0.5).translate((0, 0, top - 0.5))
    assert (letters ^ whole).volume() < 0.02 * letters.volume()


def test_letters_are_as_high_as_asked_and_hollow_where_they_are():
    ring = lettering("O", 7.0)
    left, low, right, high = ring.bounds()
    assert high - low == pytest.approx(7.0, rel=0.06) and ring.num_contour() == 2
    assert left == pytest.approx(-right, abs=1e-6) and low == pytest.approx(-high, abs=1e-6)
    assert lettering("I", 7.0).area() < ring.area()
    ell = lettering("L", 7.0)
    assert (ell ^ manifold3d.CrossSection.square((9, 1)).translate((-4.5, high - 1.5))).bounds()[0] < 0


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (" ", "wanted one line"),
        ("x" * 41, "wanted one line"),
        ("初音", "no letter for 初 音; give a font file"),
    ],
)
def test_names_that_cannot_be_written_are_refused(text, says):
    with pytest.raises(ValueError, match=says):
        lettering(text, 7.0)


def test_a_file_that_is_no_font_is_refused(tmp_path):
    (tmp_path / "x.ttf").write_bytes(b"no font")
    with pytest.raises(ValueError, match="this is no font file"):
        lettering("a", 7.0, tmp_path / "x.ttf")


def test_a_name_too_long_for_a_given_base_is_refused():
    with pytest.raises(ValueError, match="does not fit on a base"):
        Build(height_mm=120.0, base=Base(diameter_mm=40.0, name="A rather long name of hers"))(DOLL)


def test_contradictions_are_refused():
    with pytest.raises((ValueError, TypeError), match="cube"):  # the tests' type checker is first
        Base(look="cube")  # pyright: ignore[reportArgumentType]
    with pytest.raises(ValueError, match="no place for a name"):
        Base(look="none", name="Hana")
    with pytest.raises(ValueError, match="make a kit of it"):
        Build(base=Base(ballast=True))
    with pytest.raises(ValueError, match="with the base `none`"):
        stand(BARE, Base(look="none"), RESIN)


@pytest.mark.parametrize("look", LOOKS)
def test_a_stand_is_two_parts_that_touch_and_do_not_overlap(look):
    made = stand(BARE, Base(look=look), RESIN, np.array([0.5, 0.9], np.float32))
    assert sound(made.body.mesh) and sound(made.base.mesh) and (made.base.uv == np.float32([0.5, 0.9])).all()
    body, base = to_manifold(made.body.mesh), to_manifold(made.base.mesh)
    assert (body ^ base).volume() < 1e-3 and abs(made.base.mesh.vertices[:, 2].min()) < 1e-5
    whole = balance_of([made.body.mesh, made.base.mesh])
    assert whole.tip_angle_deg >= 11.5
    if look == "post":
        assert body.min_gap(base, 2.0) == pytest.approx(RESIN.clearance_mm, abs=0.02)
    else:
        assert body.min_gap(base, 2.0) < 1e-3


def test_ballast_lowers_the_centre_and_its_plug_fits():
    made = stand(BARE, Base(ballast=True), RESIN)
    (plug,), (fill,) = made.plugs, made.fills
    assert sound(made.base.mesh) and sound(plug.mesh) and sound(fill)
    base, lid = to_manifold(made.base.mesh), to_manifold(plug.mesh)
    assert (base ^ lid).is_empty() or (base ^ lid).volume() < 1e-6
    assert (base ^ to_manifold(fill)).volume() < 1e-3 and plug.mesh.vertices[:, 2].min() == 0
    parts = [made.body.mesh, made.base.mesh, plug.mesh]
    empty, full = balance_of(parts), balance_of(parts, [(fill, SHOT)])
    assert full.centre[2] < empty.centre[2] and full.tip_angle_deg > empty.tip_angle_deg
    with pytest.raises(ValueError, match="make the base thicker"):
        ballasted(made.base, 3.0, RESIN)


def test_the_mirrored_body_stands_on_the_mirrored_base():
    lean = doll(lean=0.15)
    other = Mesh(lean.mesh.vertices * np.array([-1, 1, 1], np.float32), lean.mesh.faces[:, ::-1].copy())
    for look in LOOKS:
        one, two = (Build(base=Base(look=look)).with_notes(c).placement for c in (lean, painted(other)))
        assert one != "no base" and two != "no base"
        assert two.centre == pytest.approx(one.centre * [-1, 1], abs=0.6)
        assert two.radius_mm == pytest.approx(one.radius_mm, abs=0.5)


def test_balance_of_known_parts_to_a_tenth_of_a_millimetre():
    block = manifold3d.Manifold.cube((40, 40, 10), True).translate((0, 0, 5))
    shell = manifold3d.Manifold.cube((20, 20, 20), True) - manifold3d.Manifold.cube((16, 16, 16), True)
    shell = shell.translate((6, 0, 20))
    heavy = from_manifold(manifold3d.Manifold.cube((10, 10, 2), True).translate((0, 0, 5)))
    found = balance_of([solid(block), solid(shell)], [(heavy, 4.0)])
    weights = np.array([16000.0, 8000.0 - 4096.0, 800.0])
    x, z = weights @ [0, 6, 0] / weights.sum(), weights @ [5, 20, 5] / weights.sum()
    assert found.volume_mm3 == pytest.approx(16000 + 8000 - 4096, rel=1e-5)
    assert np.allclose(found.centre, [x, 0, z], atol=0.01)
    assert found.margin_mm == pytest.approx(20 - x, abs=0.01)
    assert found.tip_angle_deg == pytest.approx(math.degrees(math.atan2(20 - x, z)), abs=0.05)
    with pytest.raises(ValueError, match="no part"):
        balance_of([])


def test_a_part_s_own_uv_is_asked_when_there_is_no_swatch():
    made = stand(Part("body", BARE.mesh, BARE.uv), Base(), RESIN)
    assert (made.base.uv == BARE.uv[0, 0]).all() and made.body.name == "body"
