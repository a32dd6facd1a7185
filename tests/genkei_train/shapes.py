"""Labelled pictures of ellipsoids and boxes, with every array of the data contract, known exactly."""

import numpy as np

from genkei_train.subjects import JOINTS

Arrays = dict[str, np.ndarray]
BINS = 80


def labelled(seed: int, side: int = 64) -> Arrays:
    """One sample of three to five solids; the first is always an ellipsoid in the middle."""
    rng = np.random.default_rng(seed)
    count = int(rng.integers(3, 6))
    full, half = _surfaces(rng, count, (side, side // 2))
    colours = rng.integers(30, 226, (count, 3))
    picture, behind = (np.zeros((side, side, 4), np.uint8) for _ in range(2))
    for rgba, owner in ((picture, full["front"]), (behind, full["hind"])):
        rgba[owner >= 0] = np.concatenate(
            [colours[owner[owner >= 0]], np.full((int((owner >= 0).sum()), 1), 255)], 1
        )
    lines = np.where((full["front"] != np.roll(full["front"], 1, 1)) & (full["front"] >= 0), 255, 0).astype(
        np.uint8
    )
    picture[lines > 0, :3] = 20
    paper = np.where(picture[..., 3:] > 0, picture[..., :3], rng.integers(0, 256, (side, side, 1))).astype(
        np.uint8
    )
    joints = np.zeros((len(JOINTS), 4), np.float32)
    inside = np.argwhere(full["front"] >= 0)
    chosen = inside[rng.integers(0, len(inside), len(JOINTS))]
    joints[:, :2] = chosen[:, ::-1] + 0.5
    joints[:, 2] = 0.1 * rng.uniform(-1, 1, len(JOINTS))
    joints[:, 3] = 1
    joints[3, 3] = 0
    canonical = np.zeros((side // 2, side // 2, 3), np.int8)
    canonical[...] = (_grid(side // 2)[..., [0, 1, 1]] * 200).clip(-127, 127)
    return {
        "picture": picture, "behind": behind, "paper": paper, "lines": lines,
        "parts": np.where(full["front"] < 0, -1, full["front"] % 6).astype(np.int8),
        "parts_back": np.where(half["hind"] < 0, -1, half["hind"] % 6).astype(np.int8),
        "normals": full["normals"], "normals_back": half["normals_back"],
        "depth": half["depth"].astype(np.float16), "occupancy": np.packbits(half["occupancy"], -1),
        "canonical": canonical, "joints": joints, "azimuth": np.zeros((), np.float32),
        "family": np.array("own"), "identity": np.array(f"shapes_{seed}"), "name": np.array("x"),
        "seed": np.array(seed),
    }  # fmt: skip


class Shapes:
    """`count` samples, made once."""

    def __init__(self, count: int, side: int = 64, first: int = 0):
        self.made = [labelled(first + index, side) for index in range(count)]

    def __len__(self) -> int:
        return len(self.made)

    def sample(self, index: int) -> Arrays:
        return self.made[index]


def _grid(side: int) -> np.ndarray:
    """(x, y) of each pixel in crop units, y up."""
    centre = (np.arange(side) + 0.5) / side - 0.5
    return np.stack(np.broadcast_arrays(centre[None], -centre[:, None]), -1)


def _surfaces(rng: np.random.Generator, count: int, sides: tuple[int, int]) -> list[Arrays]:
    centres = rng.uniform((-0.2, -0.2, -0.12), (0.2, 0.2, 0.12), (count, 3))
    radii = rng.uniform(0.08, 0.2, (count, 3))
    centres[0], boxes = 0, rng.random(count) < 0.3
    boxes[0] = False
    return [_seen(_grid(side), centres, radii, boxes) for side in sides]


def _seen(grid: np.ndarray, centres: np.ndarray, radii: np.ndarray, boxes: np.ndarray) -> Arrays:
    away = (grid[None] - centres[:, None, None, :2]) / radii[:, None, None, :2]
    inside = np.where(boxes[:, None, None], (np.abs(away) < 1).all(-1), (away**2).sum(-1) < 1)
    bulge = np.where(boxes[:, None, None], 1, np.sqrt(np.maximum(1 - (away**2).sum(-1), 1e-4)))
    near = centres[:, 2, None, None] + radii[:, 2, None, None] * bulge
    far = centres[:, 2, None, None] - radii[:, 2, None, None] * bulge
    top = np.where(inside, near, -9)
    bottom = np.where(inside, far, 9)
    front = np.where(inside.any(0), top.argmax(0), -1)
    hind = np.where(inside.any(0), bottom.argmin(0), -1)
    z = 0.395 - 0.01 * np.arange(BINS)
    matter = inside[..., None] & (near[..., None] > z) & (far[..., None] < z)
    flat = away / radii[:, None, None, :2]
    turned = np.where(boxes[:, None, None, None], 0, flat)
    found = {"front": front, "hind": hind, "occupancy": matter.any(0)}
    for name, owner, sign in (("normals", front, 1), ("normals_back", hind, -1)):
        side = np.take_along_axis(turned, np.maximum(owner, 0)[None, ..., None], 0)[0]
        steep = np.take_along_axis(sign * bulge / radii[:, 2, None, None], np.maximum(owner, 0)[None], 0)[0]
        normal = np.concatenate([side, steep[..., None]], -1)
        normal /= np.linalg.norm(normal, axis=-1, keepdims=True)
        found[name] = np.where(owner[..., None] >= 0, np.rint(normal * 127), 0).astype(np.int8)
    found["depth"] = np.stack([np.where(front >= 0, top.max(0), 0), np.where(hind >= 0, bottom.min(0), 0)])
    return found
