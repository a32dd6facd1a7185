"""Posing keeps what posing must keep: joints, lengths, and a subject that nobody bends."""

import numpy as np
import pytest

from genkei.formats.soup import Soup
from genkei_train.poses import REST, Pose, a_pose, between, posed, random_pose
from genkei_train.subjects import JOINTS, PARENT, Subject, recombined, warped
from tests.formats.probes import box


def doll(name: str = "doll") -> Subject:
    """A box for the trunk with the head on top, limbs of nothing but joints."""
    trunk, head = box((-0.15, 0.4, -0.1), (0.15, 0.8, 0.1)), box((-0.12, 0.85, -0.1), (0.12, 1.0, 0.1))
    vertices = np.concatenate([trunk.vertices, head.vertices])
    faces = np.concatenate([trunk.faces, head.faces + len(trunk.vertices)]).astype(np.int32)
    at = {
        "hips": (0, 0.45, 0), "spine": (0, 0.55, 0), "chest": (0, 0.65, 0), "neck": (0, 0.8, 0),
        "head": (0, 0.85, 0),
    }  # fmt: skip
    for side, x in (("left", 1), ("right", -1)):
        at |= {
            f"{side}UpperArm": (0.15 * x, 0.75, 0), f"{side}LowerArm": (0.3 * x, 0.75, 0),
            f"{side}Hand": (0.42 * x, 0.75, 0), f"{side}UpperLeg": (0.08 * x, 0.43, 0),
            f"{side}LowerLeg": (0.08 * x, 0.22, 0), f"{side}Foot": (0.08 * x, 0.03, 0),
        }  # fmt: skip
    weights = np.zeros((len(vertices), len(JOINTS)), np.float32)
    weights[: len(trunk.vertices), JOINTS.index("chest")] = 1
    weights[len(trunk.vertices) :, JOINTS.index("head")] = 1
    joints = np.array([at[j] for j in JOINTS], np.float32)
    soup = Soup.plain(vertices.astype(np.float32), faces, 1000.0, name)
    labels = np.zeros(len(faces), np.int32)
    return Subject(soup, labels, joints, np.ones(len(JOINTS), bool), weights, name, name, "own")


def lengths(joints: np.ndarray) -> np.ndarray:
    child = PARENT >= 0
    return np.linalg.norm(joints[child] - joints[PARENT[child]], axis=1)


def test_rest_leaves_a_subject_as_it_is() -> None:
    subject = doll()
    same = posed(subject, REST)
    assert np.allclose(same.soup.vertices, subject.soup.vertices, atol=1e-6)
    assert np.allclose(same.joints, subject.joints, atol=1e-6)


@pytest.mark.parametrize("seed", range(12))
def test_a_pose_keeps_the_length_of_every_bone(seed: int) -> None:
    pose = random_pose(np.random.default_rng(seed))
    bent = posed(doll(), Pose(pose.limbs, pose.turns, REST.scale, pose.name))
    assert np.allclose(lengths(bent.joints), lengths(doll().joints), atol=1e-5)


def test_limbs_point_where_the_pose_says() -> None:
    bent = posed(doll(), a_pose())
    arm = bent.joints[JOINTS.index("leftLowerArm")] - bent.joints[JOINTS.index("leftUpperArm")]
    assert np.allclose(arm / np.linalg.norm(arm), [np.sqrt(0.5), -np.sqrt(0.5), 0], atol=1e-5)


def test_a_larger_head_is_larger_by_that_much() -> None:
    scale = REST.scale.copy()
    scale[JOINTS.index("head")] = 1.5
    bent = posed(doll(), Pose({}, {}, scale))
    head = slice(-8, None)
    assert np.allclose(
        np.ptp(bent.soup.vertices[head], 0), 1.5 * np.ptp(doll().soup.vertices[head], 0), atol=1e-5
    )


@pytest.mark.parametrize("pair", [((0, 1, 0), (0, -1, 0)), ((1, 0, 0), (0, 0, 1)), ((1, 2, 3), (1, 2, 3))])
def test_the_smallest_rotation_is_a_rotation_that_arrives(pair: tuple) -> None:
    a, b = (np.array(v, float) for v in pair)
    turn = between(a, b)
    assert np.allclose(turn @ turn.T, np.eye(3), atol=1e-9)
    assert np.linalg.det(turn) == pytest.approx(1)
    assert np.allclose(turn @ a / np.linalg.norm(a), b / np.linalg.norm(b), atol=1e-9)


def test_a_warp_of_nothing_moves_nothing_and_any_other_moves_joints_along() -> None:
    subject = doll()
    assert np.array_equal(warped(subject, np.random.default_rng(0), 0.0).joints, subject.joints)
    moved = warped(subject, np.random.default_rng(0), 0.02)
    assert 0 < np.abs(moved.joints - subject.joints).max() < 0.15


def test_a_head_on_another_body_has_its_faces_and_the_bodys_joints() -> None:
    both = recombined(doll("a"), doll("b"), 1.2)
    assert len(both.soup.faces) == 24 and both.identity == "a+b"
    assert np.array_equal(both.joints, doll().joints)
    with pytest.raises(ValueError, match="no head of its own"):
        headless = doll("c")
        headless.weights[:] = np.eye(len(JOINTS), dtype=np.float32)[0]
        recombined(headless, doll("d"))
