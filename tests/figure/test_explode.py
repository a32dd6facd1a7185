"""The exploded view: parts move along their joints, carry what hangs on them, and do not overlap."""

import math

import manifold3d
import numpy as np
import pytest

from genkei.figure.explode import exploded, holding_joints, seats, travels
from genkei.geometry.mesh import from_manifold, to_manifold
from genkei.types import Joint, Kit, Part

Solid = manifold3d.Manifold
FRONT = np.array([0, 1.0, 0])
"""A camera before the figure looks towards +y."""


def part(name: str, size: tuple[float, float, float], place: tuple[float, float, float]) -> Part:
    mesh = from_manifold(Solid.cube(size, True).translate(place))
    return Part(name, mesh, np.zeros((len(mesh.faces), 3, 2), np.float32))


def joint(carrier: str, plugged: str, way: tuple[float, float, float]) -> Joint:
    zero = np.zeros(3, np.float32)
    return Joint(carrier, plugged, "d peg", zero, np.array(way, np.float32), 4.0, 6.0, 0.15)


def doll(arm_way: tuple[float, float, float] = (1, 0, 0)) -> Kit:
    """Body, head on top, hat on the head, an arm at the left side, bangs before the head."""
    parts = (
        part("body", (20, 10, 40), (0, 0, 20)),
        part("head", (20, 20, 20), (0, 0, 50)),
        part("hat", (24, 24, 8), (0, 0, 64)),
        part("arm", (6, 6, 30), (13, 0, 22)),
        part("bangs", (18, 4, 12), (0, -12, 54)),
    )
    joints = (
        joint("body", "head", (0, 0, 1)), joint("head", "hat", (0, 0, 1)),
        joint("body", "arm", arm_way), joint("head", "bangs", (0, -1, 0)),
    )  # fmt: skip
    return Kit(parts, np.zeros((2, 2, 3), np.uint8), joints, 68.0)


def shadow(piece: Part, forward: np.ndarray) -> "manifold3d.CrossSection":
    """Seen along `forward`."""
    right = np.cross(forward, [0, 0, 1.0])
    rows = np.stack([right, np.cross(right, forward), forward])
    return to_manifold(piece.mesh).transform(np.column_stack([rows, np.zeros(3)])).project()


def overlaps(parts: tuple[Part, ...], forward: np.ndarray) -> float:
    """The largest area two of the parts share in the picture."""
    shadows = [shadow(piece, forward) for piece in parts]
    return max((a ^ b).area() for k, a in enumerate(shadows) for b in shadows[:k])


def test_parts_move_along_their_joints_and_take_theirs_along():
    moves = travels(doll())
    body, head, hat, arm, bangs = moves
    assert (body == 0).all() and head[2] > 0 and (head[:2] == 0).all()
    assert hat[2] > head[2] and (hat[:2] == 0).all() and arm[0] > 0 and (arm[1:] == 0).all()
    assert bangs[1] < 0 and bangs[2] == head[2] and bangs[0] == 0
    assert head[2] == pytest.approx(0.05 * 68, abs=0.5)  # it touches the body: only the air


@pytest.mark.parametrize("spread", [0.3, 1.0, 2.0])
def test_no_two_parts_touch_and_shapes_are_kept(spread):
    kit = doll()
    parts = exploded(kit, spread)
    for k, one in enumerate(parts):
        assert np.ptp(one.mesh.vertices, axis=0) == pytest.approx(np.ptp(kit.parts[k].mesh.vertices, axis=0))
        assert one.name == kit.parts[k].name and one.uv is kit.parts[k].uv
        for other in parts[:k]:
            gap = to_manifold(one.mesh).min_gap(to_manifold(other.mesh), 50.0)
            assert gap > 0.9 * spread * 0.05 * 68


def test_a_part_passes_what_is_in_its_way():
    """An arm that leaves upward along the body's side goes past the head's and the hat's overhang."""
    kit = doll((0, 0, 1))
    parts = exploded(kit)
    assert parts[3].mesh.vertices[:, 2].min() > 40
    assert travels(kit, 0.0)[3, 2] >= 0


def test_no_two_parts_overlap_in_the_picture():
    slanted = np.array([math.sin(0.6), math.cos(0.6), -0.2])
    slanted /= np.linalg.norm(slanted)
    seen, unseen = exploded(doll(), 1.0, slanted), exploded(doll(), 1.0)
    assert overlaps(unseen, slanted) > 1 > overlaps(seen, slanted)
    straight = exploded(doll(), 1.0, FRONT)  # bangs come straight at this camera: they stay before the head
    assert straight[4].mesh.vertices[:, 1].max() < -10
    assert (shadow(straight[4], FRONT) ^ shadow(straight[1], FRONT)).area() > 100


def test_twins_leave_side_by_side():
    """Two legs that touch go down as far as one another; a sock that leaves with a leg goes beyond it."""
    legs = [part("leg left", (8, 8, 30), (4, 0, -15)), part("leg right", (8, 8, 30), (-4, 0, -15))]
    socks = [part("sock", (8, 8, 6), (4, 0, -33))]
    kit = doll()
    down = [joint("body", piece.name, (0, 0, -1)) for piece in (*legs, *socks)]
    whole = Kit((*kit.parts, *legs, *socks), kit.texture, (*kit.joints, *down), 68.0)
    for forward in (None, FRONT):
        *_, left, right, sock = travels(whole, 1.0, forward)
        assert left[2] == right[2] < 0 and sock[2] < left[2] - 3


def test_seats_are_the_ends_of_every_way():
    kit = doll()
    moves = travels(kit)
    for (start, end), held in zip(seats(kit, moves), kit.joints, strict=True):
        assert np.cross(end - start, held.direction) == pytest.approx([0, 0, 0], abs=1e-4)
        assert (end - start) @ held.direction > 3


def test_nothing_spread_is_nothing_moved_but_what_is_in_the_way():
    assert travels(doll(), 0.0)[1] == pytest.approx([0, 0, 0], abs=1e-4)


def test_a_mirrored_kit_is_taken_apart_mirrored():
    kit = doll((0.8, 0.6, 0))
    sides = np.array([-1, 1, 1], np.float32)
    parts = tuple(Part(p.name, from_manifold(to_manifold(p.mesh).mirror((1, 0, 0))), p.uv) for p in kit.parts)
    joints = tuple(
        Joint(j.carrier, j.plugged, j.kind, j.origin * sides, j.direction * sides, 4, 6, 0.15)
        for j in kit.joints
    )
    mirrored = travels(Kit(parts, kit.texture, joints, 68.0))
    assert mirrored == pytest.approx(travels(kit) * sides, abs=0.5)


def test_the_holding_joint_is_the_first():
    kit = doll()
    twice = Kit(kit.parts, kit.texture, (*kit.joints, joint("head", "arm", (0, 0, 1))), 68.0)
    assert [j and j.carrier for j in holding_joints(twice)] == [None, "body", "head", "body", "head"]


@pytest.mark.parametrize(
    ("joints", "says"),
    [
        (
            (joint("body", "wing", (0, 0, 1)),),
            "a joint holds 'wing'; the kit has body, head, hat, arm, bangs",
        ),
        ((joint("hat", "head", (0, 0, 1)),), "head stands before its carrier hat"),
    ],
)
def test_a_kit_in_disorder_is_refused(joints, says):
    kit = doll()
    with pytest.raises(ValueError, match=says):
        travels(Kit(kit.parts, kit.texture, joints, 68.0))


@pytest.mark.parametrize("spread", [-1.0, math.nan])
def test_a_bad_spread_is_refused(spread):
    with pytest.raises(ValueError, match="wanted 0 or more"):
        exploded(doll(), spread)
