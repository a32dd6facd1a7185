"""Measures of a toy in design space: head, torso, joints, thickness of limbs."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32

from genkei_train.toys.lumps import Lump
from genkei_train.toys.spec import Block, ToySpec

REACH = 0.60
"""Fingertips stay within so many heights of the middle."""
CLEAR = 1.15
"""Arm radii between an arm's middle and the torso: less, and they grow together and stretch when it rises."""
WIDEST = 0.36
"""Greatest half width of a head or torso."""


@dataclass(frozen=True)
class ToyFrame:
    spec: ToySpec
    head: Lump
    torso: Lump
    at: dict[str, Float32[np.ndarray, "3"]]
    """Joints and tips by the names of genkei_train.characters.skeleton."""
    arm: float
    """Radius."""
    leg: float
    """Radius, 0 without legs."""
    crotch: float

    @property
    def head_size(self) -> float:
        """Height of the head, or what a head of its width would have: hats are cut to it."""
        return min(self.head.high - self.head.low, 1.7 * self.head.wide)

    @property
    def face_square(self) -> tuple[float, float, float]:
        """Where the face lies: y of its middle, its side, and the z before which it is painted."""
        lump = self.head
        side = min(1.7 * lump.wide, 0.95 * (lump.high - lump.low))
        middle = lump.at(0.47)
        if self.spec.kind == "blob":
            middle = lump.at(0.40) if self.spec.gear.top != "none" else max(middle, lump.high - 0.8 * side)
        return middle, side, 0.15 * lump.deep


def toy_frame(spec: ToySpec) -> ToyFrame:
    blob = spec.kind == "blob"
    h = 1 / spec.heads
    chin = 1 - h
    crotch = max(chin * spec.limbs.legs, 0.035)
    head = _lump(spec.head, (0.6 * crotch if blob else chin, 1.0), None)
    torso = head if blob else _lump(spec.torso, (crotch - 0.012, chin + spec.sink * h), head)
    arm = float(np.clip(spec.limbs.arm_thick * torso.wide, 0.016, 0.075))
    room = 0.5 * torso.half_width(torso.at(0.15))
    leg = float(np.clip(room * spec.limbs.leg_thick, 0.018, max(min(0.11, 0.75 * crotch), 0.02)))
    at = _trunk(head, torso, chin, crotch, blob)
    at |= _left_arm(spec, torso, arm) | _left_leg(spec, max(room, 1.02 * leg), leg, crotch)
    right = {k.replace("left", "right"): v * np.array([-1, 1, 1]) for k, v in at.items() if "left" in k}
    joints = {k: np.asarray(v, np.float32) for k, v in (at | right).items()}
    return ToyFrame(spec, head, torso, joints, arm, leg, crotch)


def _lump(block: Block, ends: tuple[float, float], head: Lump | None) -> Lump:
    low, high = ends
    widest = WIDEST if head is None else min(WIDEST, 1.25 * max(head.wide, 0.12))
    wide = min(block.wide * (high - low) / 2, widest)
    return Lump(low, high, wide, min(block.deep * wide, 0.30), block)


def _trunk(head: Lump, torso: Lump, chin: float, crotch: float, blob: bool) -> dict[str, np.ndarray]:
    if blob:
        levels = {"hips": 0.15, "spine": 0.25, "chest": 0.33, "neck": 0.42, "head": 0.5}
        heights = {k: head.at(v) for k, v in levels.items()}
    else:
        heights = {k: torso.at(v) for k, v in (("hips", 0.18), ("spine", 0.42), ("chest", 0.62))}
        heights |= {"neck": min(torso.at(0.94), chin), "head": chin + 0.10 * (1 - chin)}
    return {k: np.array([0, y, 0.0]) for k, y in (heights | {"headTip": 1.0}).items()}


def _left_arm(spec: ToySpec, torso: Lump, arm: float) -> dict[str, np.ndarray]:
    """Shoulder, elbow, wrist and tip; the arm is raised until it clears the torso."""
    limbs = spec.limbs
    y = torso.at(0.45) if spec.kind == "blob" else max(torso.high - 1.7 * arm, torso.at(0.6))
    shoulder = np.array([max(torso.half_width(y) - 0.3 * arm, 0.5 * torso.wide), y, 0.0])
    long = max(min(limbs.arms * y, REACH - shoulder[0]), 3.0 * arm)
    for out in np.arange(limbs.arm_out_deg, 100.0, 4.0):
        a, b = np.radians([out, max(out - limbs.elbow_deg, 0)])
        elbow = shoulder + 0.42 * long * np.array([np.sin(a), -np.cos(a), 0.0])
        way = np.array([np.sin(b), -np.cos(b), 0.12])
        wrist, tip = elbow + 0.36 * long * way, elbow + 0.58 * long * way
        lower = 0.3 * shoulder + 0.7 * elbow
        clear = all(p[0] - CLEAR * arm > torso.half_width(p[1]) for p in (lower, elbow, wrist, tip))
        if clear and tip[1] - limbs.hand_size * arm > 0.02:
            break
    return {"leftUpperArm": shoulder, "leftLowerArm": elbow, "leftHand": wrist, "leftHandTip": tip}


def _left_leg(spec: ToySpec, x: float, leg: float, crotch: float) -> dict[str, np.ndarray]:
    ankle = min(0.75 * leg, 0.45 * crotch)
    hip = np.array([x, crotch + 0.3 * leg, 0.0])
    foot = np.array([1.03 * x, ankle, 0.0])
    toe = foot + np.array([0.004, -0.5 * ankle, spec.limbs.foot_long * leg])
    return {"leftUpperLeg": hip, "leftLowerLeg": (hip + foot) / 2, "leftFoot": foot, "leftToe": toe}
