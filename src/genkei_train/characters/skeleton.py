"""Proportions and joints of a character: where everything else hangs."""

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, Int32

from genkei_train.characters.spec import CharacterSpec

PARENTS = {
    "hips": "",
    "spine": "hips",
    "chest": "spine",
    "neck": "chest",
    "head": "neck",
    "leftUpperArm": "chest",
    "leftLowerArm": "leftUpperArm",
    "leftHand": "leftLowerArm",
    "rightUpperArm": "chest",
    "rightLowerArm": "rightUpperArm",
    "rightHand": "rightLowerArm",
    "leftUpperLeg": "hips",
    "leftLowerLeg": "leftUpperLeg",
    "leftFoot": "leftLowerLeg",
    "rightUpperLeg": "hips",
    "rightLowerLeg": "rightUpperLeg",
    "rightFoot": "rightLowerLeg",
}
"""VRM humanoid names, a parent before its children."""


@dataclass(frozen=True)
class Measures:
    """Heights and radii in design space, where the top of the skull is at 1."""

    head: float
    """Chin to top of the skull."""
    chin: float
    shoulder: float
    waist: float
    crotch: float
    knee: float
    ankle: float
    half_shoulder: float
    thick: float
    """Factor on limb radii: 1 at six heads, more for chibis."""
    tall: float
    """0 at 2.5 heads, 1 at six."""

    def mix(self, chibi: float, adult: float) -> float:
        return chibi + (adult - chibi) * self.tall


def measure(spec: CharacterSpec) -> Measures:
    """Proportions of anime figures between a chibi of 2.5 heads and a figure of six, extrapolated beyond."""
    tall = min(max((spec.heads - 2.5) / 3.5, -0.1), 1.3)

    def mix(chibi: float, adult: float) -> float:
        return chibi + (adult - chibi) * tall

    head = 1 / spec.heads
    chin = 1 - head
    shoulder = chin - mix(0.030, 0.042)
    crotch = chin * mix(0.40, 0.565) * spec.build.legs
    return Measures(
        head=head,
        chin=chin,
        shoulder=shoulder,
        waist=crotch + 0.46 * (shoulder - crotch),
        crotch=crotch,
        knee=crotch * 0.55,
        ankle=mix(0.045, 0.05),
        half_shoulder=(mix(0.082, 0.078) + 0.016 * spec.masculine) * spec.build.shoulders,
        thick=mix(1.45, 1.0) * spec.girth * spec.build.limbs,
        tall=tall,
    )


def joints(spec: CharacterSpec, m: Measures) -> dict[str, Float32[np.ndarray, "3"]]:
    """Joint positions by VRM name, plus tips (`headTip`, `leftHandTip`, ...) for the last bones."""
    out: dict[str, tuple[float, float, float]] = {
        "hips": (0, m.crotch + 0.035, 0),
        "spine": (0, m.waist, 0),
        "chest": (0, m.waist + 0.45 * (m.shoulder - m.waist), 0),
        "neck": (0, m.shoulder + 0.005, -0.006),
        "head": (0, m.chin + 0.08 * m.head, 0),
        "headTip": (0, 1.0, 0),
    }
    out["leftUpperArm"] = shoulder = (m.half_shoulder, m.shoulder - m.mix(0.026, 0.029), -0.004)
    long = spec.build.arms
    upper, inner = math.radians(spec.pose.arm_out_deg), math.radians(spec.pose.elbow_deg)
    out["leftLowerArm"] = elbow = _along(shoulder, upper, m.mix(0.098, 0.145) * long, -0.002)
    out["leftHand"] = wrist = _along(elbow, upper - inner, m.mix(0.075, 0.128) * long, 0.010)
    out["leftHandTip"] = _along(wrist, upper - inner, m.mix(0.058, 0.070) * spec.build.hands, 0.004)
    splay = math.radians(spec.pose.leg_out_deg)
    out["leftUpperLeg"] = hip = (m.mix(0.045, 0.041), m.crotch + 0.02, 0)
    out["leftLowerLeg"] = _along(hip, splay, hip[1] - m.knee, 0.004)
    out["leftFoot"] = foot = _along(hip, splay, hip[1] - m.ankle, -0.008)
    out["leftToe"] = (foot[0] + 0.006, 0.012, foot[2] + m.mix(0.066, 0.076))
    right = {k.replace("left", "right"): (-v[0], v[1], v[2]) for k, v in out.items() if k.startswith("left")}
    return {k: np.asarray(v, np.float32) for k, v in (out | right).items()}


def _along(
    start: tuple[float, float, float], out_rad: float, length: float, forward: float
) -> tuple[float, float, float]:
    """`length` down from start, leaning `out_rad` to the character's left."""
    return (
        start[0] + length * math.sin(out_rad),
        start[1] - length * math.cos(out_rad),
        start[2] + forward,
    )


_TIPS = {"head": "headTip", "leftHand": "leftHandTip", "rightHand": "rightHandTip"} | {
    "leftFoot": "leftToe",
    "rightFoot": "rightToe",
}


def bones(
    at: dict[str, Float32[np.ndarray, "3"]],
) -> tuple[Float32[np.ndarray, "j 3"], Float32[np.ndarray, "j 3"], Int32[np.ndarray, "j"]]:
    """Per bone of PARENTS: where it starts, where it ends, its parent's index."""
    names = list(PARENTS)
    ends = []
    for name in names:
        children = [k for k, parent in PARENTS.items() if parent == name]
        chain = {"hips": "spine", "chest": "neck"}.get(name, children[0] if children else "")
        ends.append(at[_TIPS.get(name, chain)])
    parents = [names.index(p) if p else -1 for p in PARENTS.values()]
    return np.stack([at[n] for n in names]), np.stack(ends), np.asarray(parents, np.int32)
