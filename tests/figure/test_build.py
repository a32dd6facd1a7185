"""Character to figure: sizes, fusion, paint, mirror, refusals."""

from dataclasses import replace

import manifold3d
import numpy as np
import pytest

from genkei.figure.balance import balance
from genkei.figure.base import SWATCH_PX, Base
from genkei.figure.build import Build
from genkei.figure.checks import check_figure
from genkei.figure.profiles import PROFILES
from genkei.figure.union import Painted, from_solid, resolve, to_solid
from genkei.geometry.mesh import component_labels, open_edges, to_manifold, volume
from genkei.types import Mesh
from tests.figure.characters import doll, joined, painted, solid

DOLL = doll()
RESIN = PROFILES["resin"]


def test_closed_one_piece_as_tall_as_asked_and_standing():
    built = Build(height_mm=120.0).with_notes(DOLL)
    mesh = built.figure.parts[0].mesh
    assert open_edges(mesh.faces) == 0 and component_labels(mesh.faces).max() == 0
    assert mesh.vertices[:, 2].max() - built.figure.lift_mm == pytest.approx(120.0, abs=1e-3)
    assert mesh.vertices[:, 2].min() == pytest.approx(0.0, abs=1e-5)
    assert balance(mesh).tip_angle_deg >= 11.5
    assert built.notes == ()


def test_without_a_base_it_is_the_character():
    figure = Build(height_mm=100.0, with_base=False)(DOLL)
    assert volume(figure.parts[0].mesh) == pytest.approx(1e6 * volume(DOLL.mesh), rel=1e-5)
    assert figure.lift_mm == pytest.approx(0.0, abs=1e-6)


def test_a_leaning_character_gets_a_base_it_does_not_fall_from():
    built = Build().with_notes(doll(lean=0.2))
    assert balance(built.figure.parts[0].mesh).tip_angle_deg >= 11.5
    assert built.placement != "no base" and built.placement.centre[0] > 1


def test_a_lifted_foot_stands_on_a_column():
    built = Build().with_notes(doll(lift_left=0.02))
    assert any("one spot hovered" in note for note in built.notes)
    assert component_labels(built.figure.parts[0].mesh.faces).max() == 0


def test_a_second_foot_is_met_by_a_post_that_hides_under_it():
    body = doll(lift_left=0.06)
    built = Build().with_notes(body)
    assert built.placement != "no base" and len(built.placement.soles) == 1
    sole, placed = built.placement.soles[0], built.placement
    assert abs(placed.centre[0]) < 4 and balance(built.figure.parts[0].mesh).tip_angle_deg >= 10
    bare = to_manifold(Build(with_base=False)(body).parts[0].mesh)
    assert (sole.outline - bare.slice(sole.grip)).area() < 0.02 * sole.outline.area()


def test_a_leg_in_the_air_stays_in_the_air_and_is_told():
    built = Build().with_notes(doll(lift_left=0.1))
    assert built.placement != "no base" and not built.placement.soles
    (note,) = built.notes
    (gap,) = built.placement.lifted_mm
    assert 12 < gap < 18 and note.startswith(f"a leg hovers {gap:.0f} mm over the base") and "no post" in note


def test_a_torn_leg_in_the_air_is_told_once():
    """Shreds the size of a foot, as a soup of triangles leaves them."""
    shreds = [manifold3d.Manifold.cylinder(0.2, 0.05, 0.05, 24).rotate((-90, 0, 0)).translate((x, 0.1, z))
              for x, z in ((0.06, -0.12), (0.06, 0.12), (0.2, 0))]  # fmt: skip
    body = painted(joined(doll(lift_left=0.14).mesh, *(solid(shred) for shred in shreds)))
    built = Build().with_notes(body)
    assert built.placement != "no base" and len(built.placement.lifted_mm) > 1
    assert len([note for note in built.notes if "taken as lifted" in note]) == 1
    assert len(set(built.notes)) == len(built.notes)


def test_what_hangs_higher_than_a_foot_or_beside_two_feet_is_no_lifted_leg():
    for body in (doll(lift_left=0.14), DOLL, doll(lift_left=0.06)):
        placed = Build().with_notes(body).placement
        assert placed != "no base" and placed.lifted_mm == ()


def test_the_mirrored_character_gives_the_mirrored_figure():
    mirrored = Mesh(DOLL.mesh.vertices * np.array([-1, 1, 1], np.float32), DOLL.mesh.faces[:, ::-1].copy())
    one, other = (Build()(c).parts[0].mesh for c in (DOLL, painted(mirrored)))
    assert volume(one) == pytest.approx(volume(other), rel=1e-5)
    low, high = one.vertices.min(0), one.vertices.max(0)
    assert np.allclose(other.vertices.min(0)[0], -high[0], atol=1e-3)
    assert np.allclose(other.vertices.max(0)[1:], high[1:], atol=1e-3) and abs(low[2]) < 1e-5


def test_same_input_same_bytes():
    one, other = Build()(DOLL), Build()(DOLL)
    assert one.parts[0].mesh.vertices.tobytes() == other.parts[0].mesh.vertices.tobytes()
    assert one.parts[0].uv.tobytes() == other.parts[0].uv.tobytes()


def test_paint_survives_and_the_base_has_its_colour():
    figure = Build(base=Base(colour=(1, 2, 3)))(DOLL)
    part, texture = figure.parts[0], figure.texture
    assert texture.shape[0] == DOLL.texture.shape[0] + SWATCH_PX and (texture[-1] == (1, 2, 3)).all()
    centre = part.mesh.vertices[part.mesh.faces].mean(1)
    uv = part.uv.mean(1)
    seen = texture[(uv[:, 1] * texture.shape[0]).astype(int), (uv[:, 0] * texture.shape[1]).astype(int)]
    assert (seen[centre[:, 2] < 0.5] == (1, 2, 3)).all()
    assert (np.abs(seen[centre[:, 2] > 140].astype(int) - (60, 60, 120)) <= 1).all()


def test_union_counts_overlap_once():
    one = manifold3d.Manifold.cube((10, 10, 10))
    both = joined(solid(one), solid(one.translate((5, 0, 0))))
    resolved = resolve(to_solid(Painted(both, np.zeros((len(both.faces), 3, 2), np.float32))))
    assert resolved.solid.volume() == pytest.approx(1500, rel=1e-6)
    assert resolved.overlap_mm3 == pytest.approx(500, rel=1e-6)


def test_cavities_are_filled_and_crumbs_reported():
    hollow = manifold3d.Manifold.cube((10, 10, 10)) - manifold3d.Manifold.cube((4, 4, 4)).translate((3, 3, 3))
    crumb = manifold3d.Manifold.cube((1, 1, 1)).translate((20, 0, 0))
    mesh = joined(solid(hollow), solid(crumb))
    resolved = resolve(to_solid(Painted(mesh, np.zeros((len(mesh.faces), 3, 2), np.float32))))
    assert resolved.solid.volume() == pytest.approx(1000, rel=1e-6)
    assert resolved.filled_mm3 == pytest.approx(64, rel=1e-6) and resolved.dropped == pytest.approx((1.0,))


def test_uv_seams_do_not_open_the_solid():
    rng = np.random.default_rng(0)
    uv = rng.random((len(DOLL.mesh.faces), 3, 2)).astype(np.float32)
    back = from_solid(to_solid(Painted(DOLL.mesh, uv)))
    assert open_edges(back.mesh.faces) == 0 and volume(back.mesh) == pytest.approx(
        volume(DOLL.mesh), rel=1e-4
    )
    assert np.isin(back.uv, uv).mean() > 0.98


def test_open_or_empty_characters_are_refused():
    torn = replace(
        DOLL, mesh=Mesh(DOLL.mesh.vertices, DOLL.mesh.faces[1:]), uv=DOLL.uv[1:], parts=DOLL.parts[1:]
    )
    with pytest.raises(ValueError, match="not a closed solid"):
        Build()(torn)
    none = Mesh(np.zeros((0, 3), np.float32), np.zeros((0, 3), np.int32))
    empty = replace(DOLL, mesh=none, uv=DOLL.uv[:0], parts=DOLL.parts[:0])
    with pytest.raises(ValueError, match="nothing to print"):
        Build()(empty)
    inverted = replace(DOLL, mesh=Mesh(DOLL.mesh.vertices, DOLL.mesh.faces[:, ::-1].copy()))
    with pytest.raises(ValueError, match="inside-out"):
        Build()(inverted)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"diameter_mm": -1.0}, "diameter"),
        ({"thickness_mm": float("nan")}, "thickness"),
        ({"tip_angle_deg": 50.0}, "tip angle"),
        ({"colour": (300, 0, 0)}, "colour"),
    ],
)
def test_impossible_bases_are_refused(options, says):
    with pytest.raises(ValueError, match=says):
        Base(**options)


def test_impossible_builds_are_refused():
    with pytest.raises(ValueError, match="mm tall"):
        Build(height_mm=0.0)
    with pytest.raises(ValueError, match="process"):
        Build(process="clay")


def test_thin_walls_grow_when_the_check_would_fail_and_only_then():
    assert Build(process="resin")(DOLL).parts[0].mesh.vertices.tobytes() == (
        Build(process="resin", thicken=False)(DOLL).parts[0].mesh.vertices.tobytes()
    )
    body = skirted()
    thin, grown = (Build(height_mm=60.0, thicken=thicken).with_notes(body) for thicken in (False, True))
    rows = [
        {check.name: check for check in check_figure(built.figure, RESIN)}["thin walls"]
        for built in (thin, grown)
    ]
    assert not rows[0].passed and rows[1].passed and "were thickened" in grown.notes[-1]
    assert open_edges(grown.figure.parts[0].mesh.faces) == 0


def skirted():
    """The doll in a skirt that is too thin."""
    skirt = manifold3d.Manifold.cylinder(0.2, 0.3, 0.2, 48) - manifold3d.Manifold.cylinder(
        0.2, 0.296, 0.196, 48
    )
    return painted(solid(skirt.rotate((-90, 0, 0)).translate((0, 0.25, 0)) + to_manifold(DOLL.mesh)))


def test_a_build_that_wants_more_goes_on_from_one_that_wanted_less():
    body = skirted()
    coarse = Build(height_mm=60.0, thin_share=0.3)
    fine = replace(coarse, with_base=False, thin_share=0.002)
    first = coarse.with_notes(body).begun
    plain, on = fine.with_notes(body), fine.with_notes(body, first)
    assert first.grown.rounds and first.grown.rounds < on.begun.grown.rounds == plain.begun.grown.rounds
    one, two = plain.figure.parts[0], on.figure.parts[0]
    assert one.mesh.vertices.tobytes() == two.mesh.vertices.tobytes()
    assert one.mesh.faces.tobytes() == two.mesh.faces.tobytes() and one.uv.tobytes() == two.uv.tobytes()
    assert plain.notes == on.notes
    assert first.serves(body, 60.0, on.begun.thicken)
    assert not on.begun.serves(body, 60.0, first.thicken)  # it went too far
    assert not first.serves(body, 61.0, on.begun.thicken) and not first.serves(DOLL, 60.0, on.begun.thicken)
    assert not first.serves(body, 60.0, replace(on.begun.thicken, limit_mm=0.5))
