"""Other people's rigged characters as subjects: their bones by our names, their skins on seventeen joints.

Names follow what the index of the data folder holds (Mixamo, Unity, MMD, Blender and MakeHuman rigs).
"""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np

from genkei.formats.glb import read_rigged
from genkei.formats.soup import Soup
from genkei.types import Rig
from genkei_train.characters.spec import PARTS
from genkei_train.parts import borrowed, part_labels
from genkei_train.soups import cut_out, to_character, without_props
from genkei_train.subjects import JOINTS, Subject

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
TWINS = {
    "sd_marie_sum": "sd_utc_sum",
    "sd_toko_sum": "sd_utc_sum",
    "sd_marie_win": "sd_utc_win",
    "sd_toko_win": "sd_utc_win",
}
"""Files whose bodies are one mesh with the named pieces of another."""


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
    labels = part_labels(soup, weights, path.stem)
    soup, labels = _with_twin(soup, labels, joints, path)
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


def _with_twin(soup: Soup, labels: np.ndarray, joints: np.ndarray, path: Path) -> tuple[Soup, np.ndarray]:
    """Labels of a body painted in one piece, taken from the file that has the same body in named pieces."""
    twin = TWINS.get(path.stem)
    if twin is None or not path.with_stem(twin).is_file():
        return soup, labels
    other = load_real(path.with_stem(twin), "", "")
    return borrowed((soup, labels, joints), (other.soup, other.labels, other.joints))


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
