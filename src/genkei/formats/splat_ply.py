"""Gaussian splats as .ply in the layout of Kerbl et al.'s own program, which public viewers read.

Little-endian floats without a gap: place, normal, harmonics (above degree 0 channel by channel; degree 3
announced, zeros above 1), opacity as logit, scales as logarithms, rotation (w, x, y, z). The viewers' y
points down and z away: all is turned half about x on its way out and in. A unit is a character's height.
"""

from pathlib import Path

import numpy as np

from genkei.geometry.gaussians import Gaussians

REST = 15
"""Harmonics of degree 1 to 3 per channel: the layout's own reader refuses any other number."""
NAMES = (
    *("x", "y", "z", "nx", "ny", "nz"),
    *(f"f_dc_{k}" for k in range(3)),
    *(f"f_rest_{k}" for k in range(3 * REST)),
    "opacity",
    *(f"scale_{k}" for k in range(3)),
    *(f"rot_{k}" for k in range(4)),
)
HALF_TURN = np.array([1, -1, -1], np.float32)
THINNEST = 1e-6
"""Heights: what stands for 0, whose logarithm no file holds; no thicker on any splat, they are surfels."""
CLEAREST = 1e-6
"""Opacity this near to 0 or 1 is stored so: their logits are endless."""


def write(path: Path, splats: Gaussians) -> None:
    """All splats, in their order. ValueError when there is none."""
    if not len(splats.places):
        raise ValueError(f"{path}: there are no splats to write")
    w, x, y, z = splats.turns.T
    opacity = np.clip(splats.opacities.astype(np.float64), CLEAREST, 1 - CLEAREST)
    rest = np.zeros((len(w), 3, REST))
    rest[:, :, :3] = (splats.colours[:, 1:] * SIGNS[:, None]).transpose(0, 2, 1)
    columns = [
        splats.places * HALF_TURN,
        splats.normals * HALF_TURN,
        splats.colours[:, 0],
        rest.reshape(len(w), -1),
        np.log(opacity / (1 - opacity))[:, None],
        np.log(np.maximum(splats.scales, THINNEST)),
        np.stack([-x, w, -z, y], 1),  # (0, 1, 0, 0) times the quaternion
    ]
    path.write_bytes(header(len(w)) + np.concatenate(columns, 1).astype("<f4").tobytes())


SIGNS = np.array([-1, -1, 1], np.float32)
"""Of the harmonics y, z, x under that half turn."""


def header(count: int) -> bytes:
    """Everything before the numbers."""
    told = "".join(f"property float {name}\n" for name in NAMES)
    return f"ply\nformat binary_little_endian 1.0\nelement vertex {count}\n{told}end_header\n".encode()


def read(path: Path) -> Gaussians:
    """What `write` wrote; harmonics above degree 1 are dropped. ValueError for any other file."""
    data = path.read_bytes()
    head, end, body = data.partition(b"end_header\n")
    words = head.decode("ascii", "replace").split()
    count = int(words[words.index("vertex") + 1]) if "vertex" in words else -1
    if not end or head + end != header(count):
        raise ValueError(
            f"{path} is no .ply of Gaussian splats of degree 3 as the layout's own program writes it"
        )
    wanted = 4 * count * len(NAMES)
    if len(body) != wanted:
        raise ValueError(
            f"{path} is cut off: {len(body)} bytes of splats, announced are {wanted}; copy it again"
        )
    rows = np.frombuffer(body, "<f4").reshape(count, -1).astype(np.float32)
    place, _, base, rest, logit, scale, turn = np.split(
        rows, [3, 6, 9, 9 + 3 * REST, 10 + 3 * REST, 13 + 3 * REST], 1
    )
    w, x, y, z = turn.T
    scales = np.exp(scale)
    if (scales[:, 2] < 2 * THINNEST).all():
        scales[:, 2] = 0
    first = rest.reshape(count, 3, REST)[:, :, :3].transpose(0, 2, 1) * SIGNS[:, None]
    return Gaussians(
        place * HALF_TURN,
        scales,
        np.stack([x, -w, z, -y], 1),
        1 / (1 + np.exp(-logit[:, 0])),
        np.concatenate([base[:, None], first], 1),
    )
