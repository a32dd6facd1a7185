"""Poses for any subject: where limbs point, other proportions, and the skinning that bends it."""

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float32

from genkei_train.subjects import JOINTS, PARENT, Subject

INDEX = {name: k for k, name in enumerate(JOINTS)}
CHILD = {
    "UpperArm": "LowerArm",
    "LowerArm": "Hand",
    "UpperLeg": "LowerLeg",
    "LowerLeg": "Foot",
}


@dataclass(frozen=True)
class Pose:
    """Where limbs point (unit vectors in character space), turns of the trunk, sizes of the flesh."""

    limbs: dict[str, np.ndarray]
    """Joint name (leftUpperArm, ...) -> direction to the next joint; joints left out stay as they are."""
    turns: dict[str, np.ndarray]
    """Joint name (spine, neck, head, hands) -> 3 x 3 rotation about the joint, in character space."""
    scale: Float32[np.ndarray, "17"]
    """Size of what hangs on each joint, 1 as at rest."""
    name: str = "rest"


REST = Pose({}, {}, np.ones(len(JOINTS), np.float32))


def a_pose() -> Pose:
    """Arms 45 degrees down, legs straight: the pose of canonical coordinates."""
    limbs = {}
    for side, out in (("left", 1.0), ("right", -1.0)):
        arm = np.array([out * np.sqrt(0.5), -np.sqrt(0.5), 0.0])
        leg = np.array([out * 0.06, -1.0, 0.0])
        limbs |= {f"{side}UpperArm": arm, f"{side}LowerArm": arm}
        limbs |= {f"{side}UpperLeg": leg, f"{side}LowerLeg": leg}
    return Pose({k: v / np.linalg.norm(v) for k, v in limbs.items()}, {}, REST.scale, "A")


def random_pose(rng: np.random.Generator) -> Pose:
    """A natural pose: mostly standing, else contrapposto, walking, sitting, arms crossed, a jump ..."""
    kind = rng.choice(KINDS, p=WEIGHTS)
    limbs, turns = POSES[kind](rng)
    turns |= {
        "head": _turn(rng.normal(0, 10), rng.normal(0, 14), rng.normal(0, 7)),
        "spine": _turn(rng.normal(0, 3), rng.normal(0, 4), rng.normal(0, 3)),
    }
    limbs = {k: np.asarray(v, float) / np.linalg.norm(v) for k, v in limbs.items()}
    return Pose(limbs, turns, random_proportions(rng), str(kind))


def random_proportions(rng: np.random.Generator) -> Float32[np.ndarray, "17"]:
    """Another build of the same character: head, trunk, arms and legs a little larger or smaller."""
    scale = np.ones(len(JOINTS), np.float32)
    scale[INDEX["head"]] = np.exp(rng.normal(0.0, 0.12))
    scale[[INDEX[k] for k in ("hips", "spine", "chest")]] = np.exp(rng.normal(0, 0.06))
    arm, leg = np.exp(rng.normal(0, 0.08, 2))
    for name, value in (("Arm", arm), ("Hand", arm), ("Leg", leg), ("Foot", leg)):
        scale[[k for j, k in INDEX.items() if j.endswith(name)]] = value
    return scale


def posed(subject: Subject, pose: Pose) -> Subject:
    """The subject bent by linear blend skinning; its feet may leave the ground, its height may leave 1."""
    count = len(JOINTS)
    turn = np.tile(np.eye(3), (count, 1, 1))
    place = np.zeros((count, 3))
    rest = subject.joints.astype(np.float64)
    for k, name in enumerate(JOINTS):
        above = PARENT[k]
        carried = turn[above] if above >= 0 else np.eye(3)
        stretch = float(pose.scale[above]) if above >= 0 else 1.0
        place[k] = rest[k] if above < 0 else place[above] + carried @ (rest[k] - rest[above]) * stretch
        own = pose.turns.get(name, np.eye(3)) @ carried
        if name in pose.limbs:
            child = INDEX[_next(name)]
            now = own @ (rest[child] - rest[k])
            own = between(now, pose.limbs[name]) @ own
        turn[k] = own
    matrices = np.zeros((count, 3, 4), np.float32)
    matrices[:, :, :3] = turn * pose.scale[:, None, None]
    matrices[:, :, 3] = place - np.einsum("kij,kj->ki", matrices[:, :, :3], rest)
    blended = (subject.weights @ matrices.reshape(count, 12)).reshape(-1, 3, 4)
    points = subject.soup.vertices
    moved = np.einsum("vij,vj->vi", blended[:, :, :3], points) + blended[:, :, 3]
    soup = replace(subject.soup, vertices=moved.astype(np.float32))
    return replace(subject, soup=soup, joints=place.astype(np.float32))


def between(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The smallest rotation that turns a's direction into b's."""
    a, b = a / max(np.linalg.norm(a), 1e-9), b / max(np.linalg.norm(b), 1e-9)
    axis, cosine = np.cross(a, b), float(a @ b)
    if cosine < -0.9999:
        other = np.eye(3)[np.abs(a).argmin()]
        axis = np.cross(a, other)
        axis /= np.linalg.norm(axis)
        return 2 * np.outer(axis, axis) - np.eye(3)
    k = _skew(axis)
    return np.eye(3) + k + k @ k / (1 + cosine)


def _skew(v: np.ndarray) -> np.ndarray:
    return np.array([[0, -v[2], v[1]], [v[2], 0, -v[0]], [-v[1], v[0], 0]])


def _next(name: str) -> str:
    side = "left" if name.startswith("left") else "right"
    return side + CHILD[name.removeprefix(side)]


def _turn(nod_deg: float, yaw_deg: float, roll_deg: float) -> np.ndarray:
    """Rotation about x (nod), then y (yaw), then z (roll)."""
    x, y, z = np.radians([nod_deg, yaw_deg, roll_deg])
    rx = np.array([[1, 0, 0], [0, np.cos(x), -np.sin(x)], [0, np.sin(x), np.cos(x)]])
    ry = np.array([[np.cos(y), 0, np.sin(y)], [0, 1, 0], [-np.sin(y), 0, np.cos(y)]])
    rz = np.array([[np.cos(z), -np.sin(z), 0], [np.sin(z), np.cos(z), 0], [0, 0, 1]])
    return rz @ ry @ rx


def _down(out_deg: float, forward_deg: float, side: float) -> np.ndarray:
    """A direction `out_deg` away from straight down towards the side, then swung forward."""
    a, b = np.radians([out_deg, forward_deg])
    return np.array([side * np.sin(a), -np.cos(a) * np.cos(b), np.cos(a) * np.sin(b)])


def _arms(rng: np.random.Generator, out: tuple[float, float], bend: float = 18.0) -> dict[str, np.ndarray]:
    limbs = {}
    both = rng.uniform(*out)
    for side, sign in (("left", 1.0), ("right", -1.0)):
        lift = both + rng.normal(0, 5)
        swing = rng.normal(0, 9)
        limbs[f"{side}UpperArm"] = _down(lift, swing, sign)
        limbs[f"{side}LowerArm"] = _down(
            lift - abs(rng.normal(0, 8)), swing + abs(rng.normal(bend * 0.5, bend)), sign
        )
    return limbs


def _legs(rng: np.random.Generator, spread: float = 4.0, stride: float = 3.0) -> dict[str, np.ndarray]:
    limbs = {}
    for side, sign in (("left", 1.0), ("right", -1.0)):
        out, ahead = abs(rng.normal(spread, spread * 0.6)), rng.normal(0, stride)
        limbs[f"{side}UpperLeg"] = _down(out, ahead, sign)
        limbs[f"{side}LowerLeg"] = _down(out * 0.7, ahead - abs(rng.normal(0, stride)), sign)
    return limbs


Limbs = tuple[dict[str, np.ndarray], dict[str, np.ndarray]]


def _stand(rng: np.random.Generator) -> Limbs:
    return _arms(rng, (8, 40)) | _legs(rng), {}


def _shown(rng: np.random.Generator) -> Limbs:
    """As model sheets show them: A-pose to T-pose, straight."""
    limbs = _arms(rng, (35, 92), bend=4.0)
    for side in ("left", "right"):
        limbs[f"{side}LowerArm"] = limbs[f"{side}UpperArm"] + rng.normal(0, 0.05, 3)
    return limbs | _legs(rng, 3.0, 1.0), {}


def _contrapposto(rng: np.random.Generator) -> Limbs:
    side = rng.choice([-1.0, 1.0])
    turns = {"hips": _turn(0, rng.normal(0, 6), side * rng.uniform(2, 7))}
    limbs = _arms(rng, (10, 45), 35) | _legs(rng, 5, 6)
    return limbs, turns


def _walk(rng: np.random.Generator) -> Limbs:
    step = rng.uniform(12, 35) * rng.choice([-1, 1])
    limbs = {}
    for side, sign in (("left", 1.0), ("right", -1.0)):
        ahead = step * sign
        limbs[f"{side}UpperLeg"] = _down(3, ahead, sign)
        limbs[f"{side}LowerLeg"] = _down(3, ahead - rng.uniform(5, 40), sign)
        limbs[f"{side}UpperArm"] = _down(rng.uniform(10, 25), -0.8 * ahead, sign)
        limbs[f"{side}LowerArm"] = _down(12, -0.8 * ahead + rng.uniform(10, 50), sign)
    return limbs, {}


def _sit(rng: np.random.Generator) -> Limbs:
    limbs = _arms(rng, (10, 35), 30)
    for side, sign in (("left", 1.0), ("right", -1.0)):
        limbs[f"{side}UpperLeg"] = _down(rng.uniform(4, 18), rng.uniform(65, 92), sign)
        limbs[f"{side}LowerLeg"] = _down(rng.uniform(0, 10), rng.uniform(-20, 15), sign)
    return limbs, {}


def _on_hips(rng: np.random.Generator) -> Limbs:
    limbs = _arms(rng, (10, 30)) | _legs(rng, 6, 3)
    for side, sign in (("left", 1.0), ("right", -1.0)):
        if rng.random() < 0.7:
            limbs[f"{side}UpperArm"] = _down(rng.uniform(38, 55), rng.uniform(-15, 10), sign)
            limbs[f"{side}LowerArm"] = _down(-rng.uniform(35, 60), rng.uniform(15, 40), sign)
    return limbs, {}


def _crossed(rng: np.random.Generator) -> Limbs:
    limbs = _legs(rng)
    for side, sign in (("left", 1.0), ("right", -1.0)):
        limbs[f"{side}UpperArm"] = _down(rng.uniform(8, 22), rng.uniform(10, 30), sign)
        limbs[f"{side}LowerArm"] = np.array([-sign * rng.uniform(0.6, 1.0), rng.uniform(0, 0.3), 0.75])
    return limbs, {}


def _raised(rng: np.random.Generator) -> Limbs:
    limbs = _arms(rng, (10, 45)) | _legs(rng, 5, 8)
    sides = [("left", 1.0), ("right", -1.0)]
    for side, sign in sides[: int(rng.integers(1, 3))] if rng.random() < 0.5 else sides[1:]:
        lift = rng.uniform(90, 165)
        limbs[f"{side}UpperArm"] = _down(lift, rng.normal(0, 15), sign)
        limbs[f"{side}LowerArm"] = _down(lift + rng.uniform(-10, 40), rng.normal(10, 20), sign)
    return limbs, {}


def _jump(rng: np.random.Generator) -> Limbs:
    limbs = _arms(rng, (40, 140), 30)
    for side, sign in (("left", 1.0), ("right", -1.0)):
        ahead = rng.uniform(-10, 60)
        limbs[f"{side}UpperLeg"] = _down(rng.uniform(5, 20), ahead, sign)
        limbs[f"{side}LowerLeg"] = _down(5, ahead - rng.uniform(20, 100), sign)
    return limbs, {}


POSES = {
    "stand": _stand,
    "shown": _shown,
    "contrapposto": _contrapposto,
    "walk": _walk,
    "sit": _sit,
    "hands on hips": _on_hips,
    "arms crossed": _crossed,
    "raised": _raised,
    "jump": _jump,
}
KINDS = tuple(POSES)
WEIGHTS = (0.26, 0.34, 0.12, 0.06, 0.03, 0.06, 0.03, 0.06, 0.04)
