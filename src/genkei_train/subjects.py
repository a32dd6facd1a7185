"""Subjects: rigged, painted triangles at rest, ours or other people's, to be posed and drawn."""

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Float32, Int32

from genkei.formats.soup import Soup, concatenate, only
from genkei.types import Character

JOINTS = (
    "hips",
    "spine",
    "chest",
    "neck",
    "head",
    "leftUpperArm",
    "leftLowerArm",
    "leftHand",
    "rightUpperArm",
    "rightLowerArm",
    "rightHand",
    "leftUpperLeg",
    "leftLowerLeg",
    "leftFoot",
    "rightUpperLeg",
    "rightLowerLeg",
    "rightFoot",
)
"""The joints every subject has, parents first; VRM humanoid names."""
ABOVE = {"spine": "hips", "chest": "spine", "neck": "chest", "head": "neck"} | {
    f"{side}{bone}": (f"{side}{up}" if up in ("UpperArm", "LowerArm", "UpperLeg", "LowerLeg") else up)
    for side in ("left", "right")
    for bone, up in (
        ("UpperArm", "chest"),
        ("LowerArm", "UpperArm"),
        ("Hand", "LowerArm"),
        ("UpperLeg", "hips"),
        ("LowerLeg", "UpperLeg"),
        ("Foot", "LowerLeg"),
    )
}
PARENT = np.array([JOINTS.index(ABOVE[name]) if name in ABOVE else -1 for name in JOINTS], np.int32)
HEAD = JOINTS.index("head")
WARP_CELLS = (4, 5, 3)


@dataclass(frozen=True)
class Subject:
    """Triangles at rest in character space (feet 0, height 1, +z front) and seventeen joints to bend them."""

    soup: Soup
    """Opaque; its `parts` are not used."""
    labels: Int32[np.ndarray, "f"]
    """Index into PARTS of genkei_train.characters.spec per face; -1 where nobody can tell."""
    joints: Float32[np.ndarray, "17 3"]
    known: Bool[np.ndarray, "17"]
    """False for joints the file did not have: their positions are guesses and teach nothing."""
    weights: Float32[np.ndarray, "v 17"]
    """Rows sum to 1."""
    name: str
    identity: str
    family: str
    """`own`, `toys`, `anime` or `cc0`."""
    closings: int = 1
    """Closings that seal the solid at the protocol's resolution."""


def of_character(character: Character, name: str, family: str = "own") -> Subject:
    """One of our own characters or toys; bones without a joint of their own go to the nearest joint above."""
    names = list(character.rig.names)
    owner = []
    for index, bone in enumerate(names):
        at = index
        while names[at] not in JOINTS and character.rig.parents[at] >= 0:
            at = int(character.rig.parents[at])
        owner.append(JOINTS.index(names[at]) if names[at] in JOINTS else 0)
        if bone in JOINTS:
            owner[-1] = JOINTS.index(bone)
    weights = np.zeros((len(character.mesh.vertices), len(JOINTS)), np.float32)
    for index, joint in enumerate(owner):
        weights[:, joint] += character.rig.weights[:, index]
    faces = character.mesh.faces
    texture = np.concatenate(
        [character.texture, np.full((*character.texture.shape[:2], 1), 255, np.uint8)], 2
    )
    soup = Soup(
        vertices=character.mesh.vertices,
        faces=faces,
        uv=character.uv,
        texture=np.zeros(len(faces), np.int32),
        textures=(texture,),
        colours=np.full((len(faces), 3, 4), 255, np.uint8),
        unit_mm=1000.0,
        source=name,
    )
    joints = np.stack([character.rig.positions[names.index(joint)] for joint in JOINTS])
    known = np.ones(len(JOINTS), bool)
    return Subject(soup, character.parts, joints, known, weights, name, name, family)


def warped(subject: Subject, rng: np.random.Generator, amount: float = 0.015) -> Subject:
    """A smooth random displacement of `amount` heights (standard deviation) on a 4 x 5 x 3 lattice."""
    low, high = subject.soup.bounds
    knots = rng.normal(0, amount, (*WARP_CELLS, 3)).astype(np.float32)

    def moved(points: np.ndarray) -> np.ndarray:
        share = np.clip((points - low) / np.maximum(high - low, 1e-6), 0, 1) * (np.array(WARP_CELLS) - 1)
        base = np.minimum(np.floor(share).astype(int), np.array(WARP_CELLS) - 2)
        t = share - base
        t = t * t * (3 - 2 * t)
        out = np.zeros_like(points)
        for corner in np.ndindex(2, 2, 2):
            weight = np.prod(np.where(corner, t, 1 - t), 1)
            at = base + corner
            out += weight[:, None] * knots[at[:, 0], at[:, 1], at[:, 2]]
        return (points + out).astype(np.float32)

    soup = replace(subject.soup, vertices=moved(subject.soup.vertices))
    return replace(subject, soup=soup, joints=moved(subject.joints))


def recombined(head: Subject, body: Subject, size: float = 1.0) -> Subject:
    """`head`'s head on `body`'s neck, at `size` times the size that the body's own head had."""
    neck = JOINTS.index("neck")
    upper = (head.weights[:, [neck, HEAD]].sum(1) > 0.5)[head.soup.faces].all(1)
    lower = ~(body.weights[:, [neck, HEAD]].sum(1) > 0.5)[body.soup.faces].all(1)
    if not upper.any() or not lower.any():
        raise ValueError(f"{head.name} has no head of its own, or {body.name} is nothing but a head")
    scale = size * _head_size(body) / max(_head_size(head), 1e-6)
    place = body.joints[HEAD]

    def moved(points: np.ndarray) -> np.ndarray:
        return ((points - head.joints[HEAD]) * scale + place).astype(np.float32)

    top = only(replace(head.soup, vertices=moved(head.soup.vertices)), upper)
    soup = concatenate([top, only(body.soup, lower)], f"{head.name} on {body.name}")
    joints = body.joints.copy()
    joints[HEAD] = place
    return Subject(
        soup,
        np.concatenate([head.labels[upper], body.labels[lower]]),
        joints,
        body.known & (head.known | (np.arange(len(JOINTS)) != HEAD)),
        np.concatenate([head.weights, body.weights]),
        f"{head.name}+{body.name}",
        f"{head.identity}+{body.identity}",
        body.family,
        max(head.closings, body.closings),
    )


def _head_size(subject: Subject) -> float:
    """From the head joint to the crown: the 97 % quantile of what the head alone holds, near its axis."""
    held = subject.weights[:, HEAD] > 0.9
    if not held.any():
        return 0.2
    rows = subject.soup.vertices[held]
    near = rows[np.hypot(rows[:, 0] - subject.joints[HEAD, 0], rows[:, 2] - subject.joints[HEAD, 2]) < 0.3]
    above = near[:, 1] if len(near) else rows[:, 1]
    return float(max(np.quantile(above, 0.97) - subject.joints[HEAD, 1], 0.05))
