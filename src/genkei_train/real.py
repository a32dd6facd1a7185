"""Other people's rigged characters as subjects: their bones by our names, their skins on seventeen joints.

Names follow what the index of the data folder holds (Mixamo, Unity, MMD, Blender and MakeHuman rigs). Labels
are guesses from names of meshes and materials, else from where a face hangs and what colour it has: good
enough to teach, never used to measure.
"""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np

from genkei.formats.glb import read_rigged
from genkei.formats.soup import Soup, soup_colours
from genkei.types import Rig
from genkei_train.characters.spec import PARTS
from genkei_train.soups import cut_out, to_character, without_props
from genkei_train.subjects import HEAD, JOINTS, Subject

PREFIX = re.compile(r"^(character1|unitychan|mixamorig|bip01?|def|j_bip_[clr]|j)[_: ]", re.IGNORECASE)
BONES = {
    "hips": ("hips", "pelvis", "下半身", "body", "hip"),
    "spine": ("spine", "abdomen", "spine01", "上半身", "torso1"),
    "chest": ("chest", "spine1", "spine2", "spine02", "spine03", "torso", "上半身2", "upperchest"),
    "neck": ("neck", "neck01", "首"),
    "head": ("head", "頭"),
    "UpperArm": ("upperarm", "arm", "腕"),
    "LowerArm": ("lowerarm", "forearm", "ひじ"),
    "Hand": ("hand", "wrist", "palm", "fist", "手首", "middlehand"),
    "UpperLeg": ("upperleg", "upleg", "thigh", "leg upper", "足"),
    "LowerLeg": ("lowerleg", "leg", "calf", "downleg", "ひざ"),
    "Foot": ("foot", "足首"),
}
CHOICE = {"chest": ("chest", "spine2", "spine03", "上半身2", "spine02", "spine1", "torso")}
"""Where several bones go to one joint, whose position stands for it: first found."""
HAIR = re.compile(r"hair|髪|ツイン|ドリル|tail|あほ毛|bangs|long0|bob0|ponytail|braid", re.IGNORECASE)
FACE = re.compile(
    r"face|顔|eye|目|瞳|mouth|mth|brow|blw|cheek|頬|iris|pupil|teeth|tongue|el_def|lash", re.IGNORECASE
)
SHOES = re.compile(r"shoe|boot|kutu|靴|feet|footwear", re.IGNORECASE)
SKIN = re.compile(r"skin|肌", re.IGNORECASE)
EXTRA = re.compile(
    r"hat|helmet|ribbon|glass|sword|shield|weapon|crown|horn|backpack|cape|gold|megane|acce|bag|staff|bow",
    re.IGNORECASE,
)


def joint_of(bone: str) -> str | None:
    """The joint a bone's name means, or None for fingers, hair, twists and helpers."""
    name = PREFIX.sub("", bone.strip())
    lower = name.lower()
    side = ""
    if "左" in name or re.search(r"(^|[_.\- ])l($|[_.\- ])|left", lower):
        side = "left"
    elif "右" in name or re.search(r"(^|[_.\- ])r($|[_.\- ])|right", lower):
        side = "right"
    bare = re.sub(r"left|right|左|右|(^|[_.\- ])[lr](?=$|[_.\- ])", "", lower)
    bare = re.sub(r"[_.\- ]", "", bare)
    for joint, names in BONES.items():
        if bare in names:
            sided = joint[0].isupper()
            if sided != bool(side):
                return None
            return side + joint
    return None


def load_real(path: Path, family: str, identity: str, step: float = 1 / 320) -> Subject:
    """A rigged file as a subject; ValueError when it has no hips, head or legs by any name we know."""
    soup, rig = read_rigged(path)
    soup = replace(soup, joint_names=rig.names, joint_positions=rig.positions)
    soup = to_character(without_props(soup, path.stem))
    joints, known = _joints(soup, rig, path.name)
    weights = _on_joints(rig, soup.joint_names)
    labels = _labels(soup, weights)
    at_rest = soup.vertices
    numbered = replace(soup, parts=labels + 1, part_names=("unknown", *PARTS))
    opaque = cut_out(numbered, step) if soup.shows_alpha.any() else numbered
    if len(opaque.vertices) != len(at_rest):
        from scipy.spatial import KDTree

        weights = weights[KDTree(at_rest).query(opaque.vertices)[1]]
    bare = replace(opaque, parts=np.zeros(0, np.int32), part_names=(), joint_names=())
    bare = replace(bare, joint_positions=np.zeros((0, 3), np.float32), unit_mm=1000.0)
    labels = opaque.parts % (len(PARTS) + 1) - 1  # a cut soup names its parts twice
    return Subject(bare, labels, joints, known, weights, path.stem, identity, family)


def _joints(soup: Soup, rig: Rig, source: str) -> tuple[np.ndarray, np.ndarray]:
    found: dict[str, np.ndarray] = {}
    for joint in JOINTS:
        matching = [k for k, bone in enumerate(rig.names) if joint_of(bone) == joint]
        if not matching:
            continue
        best = matching[0]
        for wanted in CHOICE.get(joint, ()):
            named = [k for k in matching if PREFIX.sub("", rig.names[k]).lower().replace("_", "") == wanted]
            if named:
                best = named[0]
                break
        found[joint] = soup.joint_positions[best]
    missing = [j for j in ("hips", "head", "leftUpperLeg", "rightUpperLeg") if j not in found]
    if missing:
        raise ValueError(
            f"{source}: found no bone for {', '.join(missing)} among {', '.join(rig.names[:30])}"
        )
    known = np.array([joint in found for joint in JOINTS])
    return np.stack([found[j] if j in found else _guess(j, found) for j in JOINTS]).astype(np.float32), known


def _guess(joint: str, found: dict[str, np.ndarray]) -> np.ndarray:
    """Where a joint that a rig lacks would be."""
    hips, head = found["hips"], found["head"]
    if joint in ("spine", "chest", "neck"):
        share = {"spine": 0.25, "chest": 0.55, "neck": 0.9}[joint]
        return hips + share * (head - hips)
    side = "left" if joint.startswith("left") else "right"
    bone = joint.removeprefix(side)
    out = 1.0 if side == "left" else -1.0
    if "Leg" in bone or bone == "Foot":
        hip = found[f"{side}UpperLeg"]
        return hip * np.array([1, {"LowerLeg": 0.52, "Foot": 0.1}[bone], 1])
    shoulder = found.get(f"{side}UpperArm", hips + 0.75 * (head - hips) + np.array([0.1 * out, 0, 0]))
    elbow = found.get(f"{side}LowerArm", shoulder + np.array([0.08 * out, -0.08, 0]))
    if bone == "UpperArm":
        return shoulder
    return elbow if bone == "LowerArm" else elbow + 0.9 * (elbow - shoulder)


def _on_joints(rig: Rig, names: tuple[str, ...]) -> np.ndarray:
    """Skin weights on our joints: every bone gives its own to the nearest bone above with a known name."""
    owner = np.zeros(len(names), int)
    for index in range(len(names)):
        at = index
        while at >= 0 and joint_of(names[at]) is None:
            at = int(rig.parents[at])
        owner[index] = JOINTS.index(joint_of(names[at]) or "hips") if at >= 0 else 0
    weights = np.zeros((len(rig.weights), len(JOINTS)), np.float32)
    for index, joint in enumerate(owner):
        weights[:, joint] += rig.weights[:, index]
    free = weights.sum(1) < 1e-6
    weights[free, 0] = 1
    return (weights / weights.sum(1, keepdims=True)).astype(np.float32)


def _labels(soup: Soup, weights: np.ndarray) -> np.ndarray:
    """PARTS index per face, -1 where neither a name nor place and colour tell."""
    code = {name: k for k, name in enumerate(PARTS)}
    by_name = np.full(len(soup.part_names), -1)
    for index, name in enumerate(soup.part_names):
        for pattern, part in (
            (HAIR, "hair"),
            (FACE, "face"),
            (SHOES, "shoes"),
            (SKIN, "skin"),
            (EXTRA, "accessory"),
        ):
            if pattern.search(name):
                by_name[index] = code[part]
                break
    labels = by_name[soup.parts].astype(np.int32)
    held = weights[soup.faces].mean(1)
    on_head, on_feet = (
        held[:, HEAD] > 0.6,
        held[:, [JOINTS.index("leftFoot"), JOINTS.index("rightFoot")]].sum(1) > 0.6,
    )
    on_hands = held[:, [JOINTS.index("leftHand"), JOINTS.index("rightHand")]].sum(1) > 0.6
    middle = np.full((len(soup.faces), 3), 1 / 3, np.float32)
    colour = soup_colours(soup, np.arange(len(soup.faces)), middle)[:, :3].astype(np.float32)
    skin_like = _skin_like(colour)
    free = labels < 0
    labels[free & on_feet] = code["shoes"]
    labels[free & on_head & skin_like] = code["face"]
    labels[free & on_hands & skin_like] = code["skin"]
    labels[free & ~on_head & ~on_feet] = np.where(skin_like, code["skin"], code["cloth"])[
        free & ~on_head & ~on_feet
    ]
    # bare skin named so, on the head: it is the face
    labels[(labels == code["skin"]) & on_head] = code["face"]
    return labels


def _skin_like(colour: np.ndarray) -> np.ndarray:
    """Bool per colour 0..255: the warm, not too saturated hues people and elves have."""
    r, g, b = colour.T
    top, low = colour.max(1), colour.min(1)
    saturation = (top - low) / np.maximum(top, 1)
    return (
        (r >= g) & (g >= b * 0.92) & (r > 70) & (saturation > 0.08) & (saturation < 0.62) & (r - g < 0.42 * r)
    )
