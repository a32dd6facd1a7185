"""A labelled picture stretched, turned and bent in its plane, together with everything that it means.

A solid is known along every ray, and rays don't cross: moving pixels about moves whole rays, so the truth of
a warped drawing is known exactly. It is another character with other proportions.
"""

import numpy as np

Arrays = dict[str, np.ndarray]
SOFT = ("picture", "behind", "lines", "mask")
"""Arrays whose values may be mixed; all others are taken from the nearest pixel."""
WAVES = 3


def warped(sample: Arrays, strength: float, rng: np.random.Generator) -> Arrays:
    """The sample seen through a random smooth map of the plane; `strength` 1 is up to 15 % of stretching,
    7 degrees and gentle waves. A figure that the map would push over the border is moved less."""
    side = sample["mask"].shape[0]
    strayed = _stray(side, rng)
    for share in (strength, strength / 2, strength / 4):
        mask = _mixed(sample["mask"], _at(share * strayed, side))
        if _at_border(mask) <= _at_border(sample["mask"]):
            return _seen(sample, share * strayed)
    return sample


def _stray(side: int, rng: np.random.Generator) -> np.ndarray:
    """Where each pixel looks, less where it is: [2 (row, column), side, side] in pixels."""
    down, across = (np.mgrid[:side, :side] + 0.5) / side - 0.5
    grow, turn, lean = (
        np.exp(rng.uniform(-0.15, 0.15, 2)) - 1,
        rng.uniform(-0.12, 0.12),
        rng.uniform(-0.06, 0.06),
    )
    stray = np.stack([grow[0] * down + turn * across, grow[1] * across - (turn + lean) * down])
    for _ in range(WAVES):
        towards = rng.normal(size=2)
        wave = rng.uniform(4, 12) * (down * towards[0] + across * towards[1]) / np.linalg.norm(towards)
        stray += rng.uniform(-0.012, 0.012, 2)[:, None, None] * np.sin(wave + rng.uniform(0, 2 * np.pi))
    return stray * side


def _seen(sample: Arrays, stray: np.ndarray) -> Arrays:
    side = stray.shape[1]
    changed = dict(sample)
    for name, value in sample.items():
        if name in ("given", "joints"):
            continue
        first = 1 if name == "depth" else 0
        size = value.shape[first]
        where = _at(stray, size)
        if name in SOFT:
            changed[name] = _mixed(value, where)
        else:
            rows, columns = np.clip(np.floor(where), 0, size - 1).astype(int)
            changed[name] = value[:, rows, columns] if first else value[rows, columns]
    for name in ("normals", "normals_back"):
        if name in changed:
            changed[name] = _tilted(changed[name], _at(stray, changed[name].shape[0]))
    if "joints" in sample:
        changed["joints"] = _moved(sample["joints"], stray, side)
    return changed


def _at(stray: np.ndarray, size: int) -> np.ndarray:
    """Where the pixels of a picture of `size` look, in its own pixels: [2, size, size]."""
    step = stray.shape[1] // size
    centre = np.indices((size, size)) + 0.5
    return centre + stray.reshape(2, size, step, size, step).mean((2, 4)) / step


def _mixed(value: np.ndarray, where: np.ndarray) -> np.ndarray:
    """u8 [s, s] or [s, s, c] between its pixels; colours weigh by alpha where there is one."""
    planes = np.atleast_3d(value).astype(np.float32)
    if planes.shape[2] == 4:
        planes[..., :3] *= planes[..., 3:] / 255
    first = np.floor(where - 0.5).astype(int)
    share = (where - 0.5 - first)[..., None].astype(np.float32)
    (up, left), (down, right) = (np.clip(first + k, 0, len(planes) - 1) for k in (0, 1))
    above = planes[up, left] * (1 - share[1]) + planes[up, right] * share[1]
    below = planes[down, left] * (1 - share[1]) + planes[down, right] * share[1]
    found = above * (1 - share[0]) + below * share[0]
    if planes.shape[2] == 4:
        found[..., :3] *= 255 / np.maximum(found[..., 3:], 1)
    return np.clip(found + 0.5, 0, 255).astype(np.uint8).reshape(value.shape)


def _tilted(normals: np.ndarray, where: np.ndarray) -> np.ndarray:
    """Signed bytes [h, h, 3] of a surface z(x, y) after its plane was warped; 0 stays unknown."""
    (rows_down, rows_across), (columns_down, columns_across) = (np.gradient(w) for w in where)
    n = normals.astype(np.float32)
    # y points up, rows go down: what crosses from one to the other changes its sign
    tilted = np.stack(
        [columns_across * n[..., 0] - rows_across * n[..., 1],
         rows_down * n[..., 1] - columns_down * n[..., 0], n[..., 2]], -1
    )  # fmt: skip
    length = np.linalg.norm(tilted, axis=-1, keepdims=True)
    return np.round(127 * tilted / np.maximum(length, 1e-6)).astype(np.int8)


def _moved(joints: np.ndarray, stray: np.ndarray, side: int) -> np.ndarray:
    """Joints [j, 4] (x, y in pixels of the square) where the pixels that look at them are (fixed point)."""
    moved = joints.copy()
    for _ in range(8):
        row, column = (np.clip(moved[:, k].astype(int), 0, side - 1) for k in (1, 0))
        moved[:, 0] = joints[:, 0] - stray[1, row, column]
        moved[:, 1] = joints[:, 1] - stray[0, row, column]
    return moved


def _at_border(mask: np.ndarray) -> int:
    """Border pixels that the figure covers."""
    return sum(int((edge > 127).sum()) for edge in (mask[0], mask[-1], mask[:, 0], mask[:, -1]))
