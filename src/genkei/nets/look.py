"""What the solid net says of a view beside its solid: parts and joints.

The net looks at the view and at its mirror image, and the mean of both counts.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Bool, Float32

from genkei.geometry.camera import turned_deg
from genkei.geometry.crop import Crop, crop_of, cut
from genkei.types import Cue, View

SolidNet = Callable[..., Mapping[str, np.ndarray]]
"""Like `genkei.nets.loader.Net` called with picture= and behind=, float32 [b, 4, s, s] each."""
PARTS = ("hair", "face", "skin", "cloth", "shoes", "accessory")
JOINTS = (
    "hips", "spine", "chest", "neck", "head",
    "leftUpperArm", "leftLowerArm", "leftHand", "rightUpperArm", "rightLowerArm", "rightHand",
    "leftUpperLeg", "leftLowerLeg", "leftFoot", "rightUpperLeg", "rightLowerLeg", "rightFoot",
)  # fmt: skip
"""VRM names, in the order of the net's heat maps."""
MIRRORED = np.array([0, 1, 2, 3, 4, 8, 9, 10, 5, 6, 7, 14, 15, 16, 11, 12, 13])
"""Which joint each one is in a mirror."""
REACH = 0.04
"""Crop units round a heat map's peak whose heat makes its sharpness."""
OPPOSITE_DEG = 10.0
"""A view nearer than this to another's opposite counts as it."""


@dataclass(frozen=True)
class Joints:
    """Where the net sees the joints of JOINTS."""

    place: Float32[np.ndarray, "17 2"]
    """Character heights in the view's plane: to the right of the axis views turn about, above the ground."""
    depth: Float32[np.ndarray, "17"]
    """Character heights towards the viewer, from the spine."""
    sharpness: Float32[np.ndarray, "17"]
    """0..1: share of the heat that lies near the peak; low where the net can't tell."""


@dataclass(frozen=True)
class Look:
    """One view as the net understands it; maps on the square `crop` round the character."""

    view: View
    crop: Crop
    mask: Bool[np.ndarray, "s s"]
    parts: Float32[np.ndarray, "6 s s"]
    """Chance of each of PARTS on the nearest surface; sums to 1."""
    parts_back: Float32[np.ndarray, "6 h h"]
    """The same for the hindmost surface under each pixel."""
    joints: Joints

    @property
    def labels(self) -> Cue:
        """Chances of PARTS on the view's own pixels, in the last axis; sure where one stands out."""
        from genkei.geometry.crop import uncut

        chance = uncut(self.parts, self.view, self.crop).transpose(1, 2, 0)
        two = np.sort(chance, -1)[..., -2:]
        return Cue(
            np.ascontiguousarray(chance), ((two[..., 1] - two[..., 0]) * self.view.mask).astype(np.float32)
        )


@dataclass
class Remembered:
    """A net that answers the same picture once; for one run, so that stages share what was inferred."""

    net: SolidNet | None = None
    """None: the net in the wheel, loaded when it is first asked."""
    known: dict[bytes, dict[str, np.ndarray]] = field(default_factory=dict, repr=False)

    def __call__(self, *, picture: np.ndarray, behind: np.ndarray) -> dict[str, np.ndarray]:
        keys = [one.tobytes() + other.tobytes() for one, other in zip(picture, behind, strict=True)]
        new = [k for k, key in enumerate(keys) if key not in self.known]
        if new:
            if self.net is None:
                from genkei.nets.loader import load

                self.net = load("solid")
            answers = self.net(picture=picture[new], behind=behind[new])
            for row, k in enumerate(new):
                self.known[keys[k]] = {name: value[row] for name, value in answers.items()}
        names = self.known[keys[0]]
        return {name: np.stack([self.known[key][name] for key in keys]) for name in names}


def look(views: tuple[View, ...], net: SolidNet, side_px: int = 192) -> tuple[Look, ...]:
    """A `Look` at each view; the net sees a drawn opposite side too. ValueError: empty view."""
    crops = [crop_of(view) for view in views]
    picture = np.stack([cut(view, crop, side_px) for view, crop in zip(views, crops, strict=True)])
    behind = np.stack(
        [seen_behind(view, crop, views, side_px) for view, crop in zip(views, crops, strict=True)]
    )
    straight = net(picture=picture, behind=behind)
    turned = net(picture=mirrored(picture), behind=mirrored(behind))
    return tuple(
        _look(view, crop, picture[k, 3] > 0.5, *({n: a[k] for n, a in o.items()} for o in (straight, turned)))
        for k, (view, crop) in enumerate(zip(views, crops, strict=True))
    )


def seen_behind(
    view: View, crop: Crop, views: tuple[View, ...], side_px: int
) -> Float32[np.ndarray, "4 s s"]:
    """The drawing from the opposite side, mirrored onto the view's own pixels; clear when there is none."""
    for other in views:
        if turned_deg(view.camera.azimuth_deg + 180, other.camera.azimuth_deg) < OPPOSITE_DEG:
            return mirrored(cut(other, crop.mirrored, side_px))
    return np.zeros((4, side_px, side_px), np.float32)


def mirrored(pictures: Float32[np.ndarray, "*b h w"]) -> Float32[np.ndarray, "*b h w"]:
    """Left and right exchanged."""
    return np.ascontiguousarray(pictures[..., ::-1])


def _look(
    view: View,
    crop: Crop,
    mask: Bool[np.ndarray, "s s"],
    straight: Mapping[str, np.ndarray],
    turned: Mapping[str, np.ndarray],
) -> Look:
    def mean(name: str) -> np.ndarray:
        return ((straight[name] + mirrored(turned[name])) / 2).astype(np.float32)

    here, there = softmax(straight["parts"]), softmax(mirrored(turned["parts"]))
    heat = (straight["joints"] + mirrored(turned["joints"])[MIRRORED]) / 2
    joint_z = (straight["joint_z"] + turned["joint_z"][MIRRORED]) / 2
    return Look(
        view,
        crop,
        mask,
        ((here + there) / 2).astype(np.float32),
        softmax(mean("parts_back")),
        _joints(heat, joint_z, crop),
    )


def softmax(logits: Float32[np.ndarray, "c h w"]) -> Float32[np.ndarray, "c h w"]:
    """Shares over the first axis."""
    power = np.exp(logits - logits.max(0))
    return (power / power.sum(0)).astype(np.float32)


def _joints(heat: np.ndarray, joint_z: np.ndarray, crop: Crop) -> Joints:
    """Peaks of the heat maps [17, h, h], refined by the mean of the heat round them."""
    count, rows, columns = heat.shape
    share = np.exp(heat - heat.max((1, 2), keepdims=True))
    share /= share.sum((1, 2), keepdims=True)
    y, x = np.mgrid[0:rows, 0:columns]
    peak = share.reshape(count, -1).argmax(1)
    away = np.hypot(x - (peak % columns)[:, None, None], y - (peak // columns)[:, None, None])
    near = share * (away <= REACH * rows)
    total = near.sum((1, 2))
    row, column = ((near * axis).sum((1, 2)) / total for axis in (y, x))
    u = crop.u + ((column + 0.5) / columns - 0.5) * crop.side
    height = crop.y + (0.5 - (row + 0.5) / rows) * crop.side
    place = np.stack([u, height], 1).astype(np.float32)
    return Joints(place, (joint_z * crop.side).astype(np.float32), total.astype(np.float32))
