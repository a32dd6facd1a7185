"""Conservation, closedness, mirror images and refusals of splits, on people made of capsules."""

from dataclasses import replace

import numpy as np
import pytest

from genkei.figure.build import Build
from genkei.figure.divide import Piece, divide
from genkei.figure.labels import find_labels
from genkei.figure.sockets import Limb
from genkei.figure.split import Cut, Plane, Split
from genkei.figure.union import Painted, to_solid
from genkei.geometry.mesh import component_labels, corners, face_normals, open_edges, volume
from genkei.types import Figure, Mesh, Part
from tests.figure.characters import doll, solid
from tests.figure.test_labels import mirrored


@pytest.fixture(scope="module")
def figure() -> Figure:
    return Build(with_base=False)(doll(0.0125))


@pytest.fixture(scope="module")
def labels(figure):
    return find_labels(figure)


@pytest.fixture(scope="module")
def cut(figure, labels) -> Cut:
    return Split()(figure, labels)


def assert_lawful(figure: Figure, cut: Cut) -> None:
    whole = volume(figure.parts[0].mesh)
    assert sum(volume(part.mesh) for part in cut.parts) == pytest.approx(whole, rel=1e-5)
    for part in cut.parts:
        assert open_edges(part.mesh.faces) == 0 and volume(part.mesh) > 0
        assert component_labels(part.mesh.faces).max() == 0, part.name
        assert part.uv.shape == (len(part.mesh.faces), 3, 2)


def test_parts_are_closed_whole_and_sum_to_the_figure(figure, cut):
    assert cut.parts[0].name == "torso"
    names = {part.name for part in cut.parts}
    assert names >= {"torso", "head", "hair", "left arm", "right arm", "left leg", "right leg"}
    assert_lawful(figure, cut)


def test_a_doll_comes_apart_where_its_capsules_meet(cut):
    parts = {part.name: part.mesh.vertices for part in cut.parts}
    assert parts["left arm"][:, 0].min() == pytest.approx(0.15 * 150, abs=10)
    assert parts["left leg"][:, 2].max() == pytest.approx(0.17 * 150, abs=8)
    assert parts["head"][:, 2].min() == pytest.approx(0.5 * 150, abs=8)


def on_surface(triangles: np.ndarray, part: Part) -> np.ndarray:
    import point_cloud_utils

    points = np.ascontiguousarray(triangles.reshape(-1, 3))
    away, _, _ = point_cloud_utils.closest_points_on_mesh(points, part.mesh.vertices, part.mesh.faces)
    return away


def test_interfaces_lie_on_both_parts_and_leave_the_carrier(cut):
    parts = {part.name: part for part in cut.parts}
    pairs = {(face.carrier, face.plugged) for face in cut.interfaces}
    assert pairs >= {("torso", "head"), ("head", "hair"), ("torso", "left arm"), ("torso", "right leg")}
    for face in cut.interfaces:
        assert on_surface(face.triangles, parts[face.carrier]).max() < 1e-3
        assert on_surface(face.triangles, parts[face.plugged]).max() < 1e-3
        out = parts[face.plugged].mesh.vertices.mean(0) - face.centre
        assert out @ face.normal > 0, (face.carrier, face.plugged)


def test_limbs_are_cut_flat_but_for_the_rim(cut):
    for face in cut.interfaces:
        if face.plugged in ("head", "left arm", "right arm", "left leg", "right leg"):
            away = (face.triangles.reshape(-1, 3) - face.centre) @ face.normal
            assert np.percentile(np.abs(away), 90) < 0.35, face.plugged


def test_no_rim_is_a_feather_edge(cut):
    for part in cut.parts:
        angle, length = rim(part, cut)
        assert (length * (angle < 30)).sum() < 0.05 * length.sum(), part.name


def rim(part: Part, cut: Cut) -> tuple[np.ndarray, np.ndarray]:
    """Angle of the solid at every edge between cut and outer surface in degrees, and its length in mm."""
    key = {tuple(t) for i in cut.interfaces for t in np.round(i.triangles.mean(1), 3)}
    inner = np.array([tuple(c) in key for c in np.round(corners(part.mesh).mean(1), 3)])
    normals, faces = face_normals(part.mesh), part.mesh.faces
    tail, head = faces.ravel(), np.roll(faces, -1, axis=1).ravel()
    owner = {(int(a), int(b)): n // 3 for n, (a, b) in enumerate(zip(tail, head, strict=True))}
    angles, lengths = [], []
    for (a, b), one in owner.items():
        other = owner[b, a]
        if inner[one] and not inner[other]:
            edge = part.mesh.vertices[b] - part.mesh.vertices[a]
            bend = np.arctan2(np.cross(normals[one], normals[other]) @ edge / np.linalg.norm(edge),
                              normals[one] @ normals[other])  # fmt: skip
            angles.append(180 - np.degrees(bend))
            lengths.append(np.linalg.norm(edge))
    return np.array(angles), np.array(lengths)


def test_the_face_stays_whole(figure, labels, cut):
    mesh = figure.parts[0].mesh
    face = mesh.vertices[mesh.faces].mean(1)[labels.where("face")]
    hair_border = 150 * (1 - 40 / 128) - 3  # the seam is smoothed by as much
    inner = face[face[:, 2] < hair_border]
    head = next(part for part in cut.parts if part.name == "head")
    assert len(inner) > 50 and on_surface(inner, head).max() < 0.01


def test_the_mirror_image_is_cut_at_the_mirrored_places(figure, cut):
    other = mirrored(figure)
    again = {part.name: volume(part.mesh) for part in Split()(other, find_labels(other)).parts}
    for part in cut.parts:
        swapped = part.name.translate({}) if " " not in part.name else (
            part.name.replace("left", "right") if "left" in part.name else part.name.replace("right", "left")
        )  # fmt: skip
        assert again[swapped] == pytest.approx(volume(part.mesh), rel=0.05), part.name


def test_the_same_figure_gives_the_same_bytes(figure, labels):
    first, second = (Split(parts=("arms",))(figure, labels) for _ in range(2))
    assert all(
        (a.mesh.vertices == b.mesh.vertices).all() for a, b in zip(first.parts, second.parts, strict=True)
    )


def test_only_what_is_asked_for_comes_off(figure, labels):
    cut = Split(parts=("arms",))(figure, labels)
    assert sorted(part.name for part in cut.parts) == ["left arm", "right arm", "torso"]
    assert_lawful(figure, cut)


def test_what_is_not_there_is_said(figure, labels):
    bald = replace(labels, faces=np.zeros_like(labels.faces))
    cut = Split(parts=("bangs",))(figure, bald)
    assert len(cut.parts) == 1 and any("bangs" in note for note in cut.notes)


def test_a_part_too_small_stays_and_says_so(figure, labels):
    cut = Split(parts=("arms",), least_share=0.4)(figure, labels)
    assert [part.name for part in cut.parts] == ["torso"]
    assert sum("not worth a part" in note for note in cut.notes) == 2


def test_a_plane_cuts_only_the_limb_at_its_point(figure, labels):
    arm = next(limb for limb in labels.limbs if limb.name == "left arm")
    tip = arm.point + 12 * arm.normal
    cut = Split(parts=(), planes=(Plane(tuple(tip), (2.0, 0.0, 0.0)),))(figure, labels)
    assert_lawful(figure, cut)
    hand = min(cut.parts, key=lambda part: volume(part.mesh)).mesh.vertices
    assert hand[:, 0].min() == pytest.approx(tip[0], abs=0.02) and hand[:, 2].max() < 80


def test_parts_are_cut_to_fit_the_machine(figure, labels):
    cut = Split(parts=(), build_mm=(80.0, 200.0, 90.0))(figure, labels)
    assert_lawful(figure, cut)
    for part in cut.parts:
        assert (np.sort(np.ptp(part.mesh.vertices, axis=0)) <= np.array([80, 90, 200]) + 1e-3).all()
    assert any("fit the machine" in note for note in cut.notes)


def test_refusals(figure, labels):
    with pytest.raises(ValueError, match="no part 'wings'; known are"):
        Split(parts=("wings",))
    with pytest.raises(ValueError, match="smaller than any"):
        Split(build_mm=(3.0, 3.0, 3.0))
    with pytest.raises(ValueError, match="wanted 0 to 50"):
        Split(wall_mm=-1.0)
    with pytest.raises(ValueError, match="direction"):
        Plane((0.0, 0.0, 1.0), (0.0, 0.0, 0.0))
    with pytest.raises(ValueError, match="does not meet"):
        Split(parts=(), planes=(Plane((0.0, 0.0, 900.0), (0.0, 0.0, 1.0)),))(figure, labels)
    with pytest.raises(ValueError, match="sliver"):
        Split(parts=(), planes=(Plane((0.0, 0.0, 149.8), (0.0, 0.0, 1.0)),))(figure, labels)
    with pytest.raises(ValueError, match="2 parts"):
        Split()(replace(figure, parts=figure.parts * 2), labels)
    with pytest.raises(ValueError, match=r"more than 40 pieces|cannot be cut"):
        Split(parts=(), build_mm=(20.0, 20.0, 20.0), wall_mm=0.4)(figure, labels)


def cube(size: tuple[float, float, float], at: tuple[float, float, float] = (0, 0, 0)) -> Mesh:
    import manifold3d

    return solid(manifold3d.Manifold.cube(size, True).translate(at))


def block(size: tuple[float, float, float]) -> Piece:
    mesh = cube(size)
    return Piece("torso", to_solid(Painted(mesh, np.zeros((len(mesh.faces), 3, 2), np.float32))), ())


@pytest.mark.parametrize(
    ("cutter", "says"),
    [
        (cube((30, 30, 0.2), (0, 0, 9.9)), "sliver 0.2"),
        (cube((5, 5, 5), (40, 0, 0)), "does not meet"),
        (cube((4, 30, 30)), "several pieces"),
        (cube((30, 30, 1.5), (0, 0, 9.25)), "not worth"),
    ],
)
def test_cuts_that_would_spoil_the_figure_are_not_made(cutter, says):
    least = 1000.0 if says == "not worth" else 1.0
    got = divide(block((20, 20, 20)), "hair", cutter, 1.0, least)
    assert isinstance(got, str) and got.startswith("hair") and says in got


def test_crumbs_go_to_the_other_side():
    two = np.concatenate([cube((20, 20, 10), (0, 0, 5)).vertices, cube((2, 2, 2), (5, 5, -5)).vertices])
    faces = cube((1, 1, 1)).faces
    cutter = Mesh(two.astype(np.float32), np.concatenate([faces, faces + 8]).astype(np.int32))
    got = divide(block((20, 20, 20)), "hair", cutter, 1.0, 1.0)
    assert not isinstance(got, str)
    assert got.piece.solid.volume() == pytest.approx(4000) and got.rest.solid.volume() == pytest.approx(4000)


def test_a_flat_cut_is_flat_and_where_it_was_asked():
    from genkei.figure.cells import voxelise
    from genkei.figure.cutters import cutter

    mesh = cube((10, 10, 40))
    cells = voxelise(mesh, 0.8)
    z = cells.origin[2] + cells.step * np.arange(cells.inside.shape[2])
    label = np.where(cells.inside, np.where(z > 3.33, 1, 0), -1).astype(np.int16)
    plane = Limb("arm", "torso", np.array([0.0, 0, 3.33]), np.array([0.0, 0, 1]), 7.5)
    got = divide(block((10, 10, 40)), "arm", cutter(cells, label, 1, plane, (0,)), 1.0, 1.0)
    assert not isinstance(got, str)
    assert got.piece.solid.bounding_box()[2] == pytest.approx(3.33, abs=0.03)
    assert got.rest.solid.bounding_box()[5] == pytest.approx(3.33, abs=0.03)
