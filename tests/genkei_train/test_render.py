"""Labelled pictures tell the truth about simple solids, whatever the camera, and repeat byte for byte."""

from dataclasses import fields, replace

import numpy as np
import pytest

from genkei.geometry.crop import FILL
from genkei.shape.decode import BINS, NEAREST
from genkei_train.drawn import random_style
from genkei_train.poses import REST
from genkei_train.render import Sample, Shot, frame, prepare, random_shot, take
from genkei_train.solids import FAR, sealed
from genkei_train.subjects import JOINTS, Subject
from tests.formats.probes import box
from tests.genkei_train.test_poses import doll

SIDE = 64


def shoot(subject: Subject, shot: Shot = Shot(), seed: int = 0) -> Sample:
    rng = np.random.default_rng(seed)
    return take(prepare(subject), REST, shot, random_style(rng), SIDE, rng, seed)


def solid(sample: Sample) -> np.ndarray:
    return np.unpackbits(sample.occupancy, axis=-1).astype(bool)


def test_a_box_fills_its_cells() -> None:
    cube = box((-0.2, -0.3, -0.1), (0.2, 0.3, 0.25))
    inside = sealed(cube.vertices.astype(np.float32), cube.faces.astype(np.int32), 64)
    low = (0.5 - 0.3) * 64, (-0.2 + 0.5) * 64, (NEAREST - 0.25) / (NEAREST - FAR) * BINS
    high = (0.5 + 0.3) * 64, (0.2 + 0.5) * 64, (NEAREST + 0.1) / (NEAREST - FAR) * BINS
    found = np.argwhere(inside)
    assert np.abs(found.min(0) - low).max() <= 1 and np.abs(found.max(0) + 1 - high).max() <= 1
    assert inside.sum() == pytest.approx(np.prod(np.subtract(high, low)), rel=0.12)


def test_a_hole_leaks_until_it_is_closed() -> None:
    cube = box((-0.2, -0.2, -0.2), (0.2, 0.2, 0.2))
    faces = cube.faces[:-2].astype(np.int32)  # one wall is missing: no closing can seal that
    assert (
        sealed(cube.vertices.astype(np.float32), faces, 64, 2).sum()
        < 0.4 * sealed(cube.vertices.astype(np.float32), cube.faces.astype(np.int32), 64).sum()
    )


def test_what_the_square_cuts_off_is_no_opening() -> None:
    column = box((-0.2, -3.0, -0.2), (0.2, 0.3, 0.2))
    inside = sealed(column.vertices.astype(np.float32), column.faces.astype(np.int32), 64)
    assert inside[-1].sum() == inside[30].sum() > 0.9 * (0.4 * 64) * (0.4 / (NEAREST - FAR) * BINS)
    sample = shoot(doll(), Shot(cut=0.6))
    deep = (sample.depth[0] - sample.depth[1]).astype(float)[(sample.depth > -5).all(0)]
    assert solid(sample).sum() == pytest.approx(deep.sum() * 100, rel=0.25)


def test_the_silhouette_fills_its_share_of_the_square() -> None:
    sample = shoot(doll())
    rows = np.flatnonzero((sample.parts >= 0).any(1))
    assert (rows[-1] - rows[0] + 1) / SIDE == pytest.approx(FILL, abs=0.04)


def test_occupied_rays_are_the_silhouette_and_end_at_the_depths() -> None:
    sample = shoot(doll())
    inside, seen = solid(sample), (sample.depth > -5).all(0)
    assert (inside.any(-1) ^ seen).mean() < 0.06  # cells on the outline
    both = inside.any(-1) & seen
    first = NEAREST - inside.argmax(-1) * (NEAREST - FAR) / BINS
    last = FAR + inside[..., ::-1].argmax(-1) * (NEAREST - FAR) / BINS
    assert np.abs(first - sample.depth[0].astype(float))[both].max() < 0.03
    assert np.abs(last - sample.depth[1].astype(float))[both].max() < 0.03


def test_the_view_from_behind_has_the_same_outline_and_turned_normals() -> None:
    sample = shoot(doll())
    front, back = sample.picture[..., 3] > 127, sample.behind[..., 3] > 127
    assert (front ^ back).mean() < 0.03
    facing = sample.normals[..., 2][sample.parts >= 0]
    assert (facing >= 0).all()
    assert (sample.normals_back[..., 2][sample.parts_back >= 0] <= 0).all()


def test_z_is_zero_at_the_spine_even_when_hair_hangs_behind() -> None:
    subject = doll()
    tail = box((-0.05, 0.5, -0.4), (0.05, 0.9, -0.3))
    faces = np.concatenate([subject.soup.faces, tail.faces + len(subject.soup.vertices)]).astype(np.int32)
    vertices = np.concatenate([subject.soup.vertices, tail.vertices]).astype(np.float32)
    soup = replace(
        subject.soup,
        vertices=vertices,
        faces=faces,
        uv=np.zeros((len(faces), 3, 2), np.float32),
        texture=np.full(len(faces), -1, np.int32),
        colours=np.full((len(faces), 3, 4), 255, np.uint8),
    )
    haired = replace(
        subject,
        soup=soup,
        labels=np.zeros(len(faces), np.int32),
        weights=np.concatenate([subject.weights, subject.weights[-8:]]),
    )
    for one in (subject, haired):
        _, joints, _ = frame(one, Shot(), SIDE)
        assert joints[JOINTS.index("hips"), 2] == pytest.approx(0, abs=1e-6)


def test_a_bust_crop_shows_nothing_below_its_edge() -> None:
    sample = shoot(doll(), Shot(cut=0.6))
    rows = np.flatnonzero((sample.parts >= 0).any(1))
    assert rows[-1] < SIDE - 1 and solid(sample)[rows[-1] // 2 + 1 :].sum() == 0
    assert sample.joints[JOINTS.index("leftFoot"), 3] == 0 and sample.joints[JOINTS.index("head"), 3] == 1


def test_the_left_side_is_seen_from_the_left() -> None:
    _, joints, _ = frame(doll(), Shot(azimuth_deg=90), SIDE)
    left, right = joints[JOINTS.index("leftHand")], joints[JOINTS.index("rightHand")]
    assert left[2] > right[2]


def test_perspective_enlarges_what_is_near() -> None:
    points, _, _ = frame(doll(), Shot(distance=2.5), SIDE)
    near, far = points[points[:, 2] > 0][:, :2], points[points[:, 2] < 0][:, :2]
    assert np.ptp(near, 0)[0] > np.ptp(far, 0)[0]


def test_the_same_seed_gives_the_same_bytes() -> None:
    rng = np.random.default_rng(5)
    shot = random_shot(rng)
    a, b = shoot(doll(), shot, 7), shoot(doll(), shot, 7)
    assert all(np.array_equal(getattr(a, f.name), getattr(b, f.name)) for f in fields(a))


def test_nothing_to_see_is_refused() -> None:
    subject = doll()
    flat = replace(subject, soup=replace(subject.soup, vertices=np.zeros_like(subject.soup.vertices)))
    with pytest.raises(ValueError, match="sees nothing"):
        shoot(flat)
