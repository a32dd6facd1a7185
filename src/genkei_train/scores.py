"""How good a net is on pictures it never saw: arrays in, numbers out."""

from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Bool, Float, Float32, Int8
from scipy.special import expit

from genkei_train.characters.spec import PARTS
from genkei_train.feed import Arrays
from genkei_train.parts import WELL_NAMED

SHIFTS = range(-12, 13)
"""Bins by which a whole prediction may be moved in depth for the aligned score."""


def solid_bins(
    probability: Float[np.ndarray, "h w k"], inside: Bool[np.ndarray, "h w"]
) -> Bool[np.ndarray, "h w k"]:
    """Bins that hold matter: along each ray inside the likeliest, as many as are expected, at least one.

    A threshold would lose thin limbs whose depth is unsure, for then no bin reaches it.
    """
    rays = probability[inside]
    count = np.maximum(np.rint(rays.sum(-1)), 1).astype(np.int32)
    rank = np.argsort(np.argsort(-rays, -1, kind="stable"), -1, kind="stable")
    solid = np.zeros(probability.shape, bool)
    solid[inside] = rank < count[:, None]
    return solid


def overlap(a: Bool[np.ndarray, "..."], b: Bool[np.ndarray, "..."]) -> float:
    """Intersection over union; 1 of two empty ones."""
    union = np.count_nonzero(a | b)
    return np.count_nonzero(a & b) / union if union else 1.0


def aligned_overlap(a: Bool[np.ndarray, "h w k"], b: Bool[np.ndarray, "h w k"]) -> float:
    """The best overlap after moving `a` as a whole along the rays."""
    rows = a.any(-1) | b.any(-1)
    a, b = a[rows], b[rows]
    padded = np.pad(a, ((0, 0), (len(SHIFTS) // 2, len(SHIFTS) // 2)))
    bins = a.shape[-1]
    return max(overlap(padded[:, s : s + bins], b) for s in range(len(SHIFTS)))


@dataclass
class Scores:
    """Sums over held-out samples; `means` are what is reported."""

    sums: dict[str, list[float]] = field(default_factory=dict)
    confusion: np.ndarray = field(default_factory=lambda: np.zeros((len(PARTS), len(PARTS)), np.int64))

    def add_solid(self, found: Arrays, sample: Arrays) -> None:
        """One sample of the solid net: `found` without batch axis, `sample` as in the data."""
        half = _half(sample["picture"][..., 3]) >= 0.25
        truth = np.unpackbits(sample["occupancy"], -1).astype(bool)
        guess = solid_bins(expit(found["occupancy"]).transpose(1, 2, 0), half)
        self._note("iou", overlap(guess, truth))
        self._note("iou_aligned", aligned_overlap(guess, truth))
        front, there = sample["parts"] >= 0, (sample["depth"] > -5).all(0)
        self._note("normals_deg", *angles_deg(found["normals"], sample["normals"]))
        self._note("normals_back_deg", *angles_deg(found["normals_back"], sample["normals_back"]))
        depth = np.abs(found["depth"] - sample["depth"].astype(np.float32))[:, there]
        if there.any():
            self._note("depth_front", *depth[:1].mean(1))
            self._note("depth_back", *depth[1:].mean(1))
        self._add_joints(found, sample)
        if not labels_are_known(sample):
            return
        guess_parts = found["parts"].argmax(0)[front]
        true_parts = sample["parts"][front].astype(np.int64)
        self.confusion += np.bincount(
            true_parts * len(PARTS) + guess_parts, minlength=self.confusion.size
        ).reshape(self.confusion.shape)
        self._note("parts_accuracy", float((guess_parts == true_parts).mean()) if front.any() else 1.0)

    def _add_joints(self, found: Arrays, sample: Arrays) -> None:
        drawn = np.flatnonzero((sample["picture"][..., 3] > 127).any(1))
        height = drawn[-1] - drawn[0] + 1 if len(drawn) else len(sample["picture"])
        xy = peaks(found["joints"]) * 2
        visible = sample["joints"][:, 3] > 0
        off = np.linalg.norm(xy - sample["joints"][:, :2], axis=1)[visible] / height
        self._note("joints_within_5", *(off < 0.05).astype(float))
        self._note("joint_z", *np.abs(found["joint_z"] - sample["joints"][:, 2])[visible])

    def add_matte(self, found: Arrays, sample: Arrays) -> None:
        alpha = sample["picture"][..., 3] / 255
        self._note("matte_iou", overlap(found["alpha"][0] > 0, alpha > 0.5))
        self._note("matte_mae", float(np.abs(expit(found["alpha"][0]) - alpha).mean()))

    def means(self) -> dict[str, float]:
        found = {name: float(np.mean(values)) for name, values in self.sums.items() if values}
        if self.confusion.any():
            found |= {f"iou_{name}": value for name, value in part_overlaps(self.confusion).items()}
            found["parts_miou"] = float(np.mean(list(part_overlaps(self.confusion).values())))
        return found

    def _note(self, name: str, *values: float) -> None:
        self.sums.setdefault(name, []).extend(float(v) for v in values)


def labels_are_known(sample: Arrays) -> bool:
    """Whether a name tells the part of every face: of our own characters, and of some real models."""
    return str(sample["family"]) == "own" or str(sample["identity"]) in WELL_NAMED


def part_overlaps(confusion: np.ndarray) -> dict[str, float]:
    """IoU of each part that occurs, from counts [truth, guess]."""
    hit = np.diag(confusion)
    union = confusion.sum(0) + confusion.sum(1) - hit
    return {name: float(h / u) for name, h, u in zip(PARTS, hit, union, strict=True) if u}


def angles_deg(found: Float32[np.ndarray, "3 h w"], truth: Int8[np.ndarray, "h w 3"]) -> list[float]:
    """Mean angle between unit vectors and signed bytes, where these are not 0; nothing if they all are."""
    where = truth.any(-1)
    if not where.any():
        return []
    unit = truth[where].astype(np.float32)
    unit /= np.maximum(np.linalg.norm(unit, axis=-1, keepdims=True), 1e-6)
    cosine = np.clip((found[:, where].T * unit).sum(-1), -1, 1)
    return [float(np.degrees(np.arccos(cosine)).mean())]


def peaks(heat: Float32[np.ndarray, "j h w"]) -> Float32[np.ndarray, "j 2"]:
    """Pixel (x, y) of each map's maximum, refined by the mean of its neighbourhood's softmax."""
    joints, high, wide = heat.shape
    place = heat.reshape(joints, -1).argmax(1)
    found = np.zeros((joints, 2), np.float32)
    for joint, (row, column) in enumerate(zip(*np.unravel_index(place, (high, wide)), strict=True)):
        r0, c0 = max(row - 2, 0), max(column - 2, 0)
        patch = heat[joint, r0 : row + 3, c0 : column + 3]
        share = np.exp(patch - patch.max())
        share /= share.sum()
        found[joint, 0] = (share.sum(0) * (np.arange(patch.shape[1]) + c0 + 0.5)).sum()
        found[joint, 1] = (share.sum(1) * (np.arange(patch.shape[0]) + r0 + 0.5)).sum()
    return found


def _half(full: np.ndarray) -> np.ndarray:
    """[s, s] bytes -> share of the drawn quarters [h, h], as the loss counts them."""
    s = full.shape[0]
    return (full > 127).reshape(s // 2, 2, s // 2, 2).mean((1, 3))
