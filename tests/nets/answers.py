"""A solid net for tests that knows parts by their colours and joints by the picture's own box."""

import numpy as np

from genkei.nets.look import JOINTS, PARTS

COLOURS = np.array(
    [(0.6, 0.3, 0.1), (1.0, 0.9, 0.8), (0.9, 0.7, 0.6), (0.1, 0.3, 0.8), (0.1, 0.1, 0.1), (0.9, 0.9, 0.1)]
)
"""Of PARTS."""
HEIGHTS = {"head": 0.85, "neck": 0.7, "chest": 0.6, "spine": 0.5, "hips": 0.42, "Upper": 0.4, "Lower": 0.25}
"""Shares of the box's height above its foot; feet at 0.05, everything else at the spine's."""


def colour_net(*, picture: np.ndarray, behind: np.ndarray, sure: float = 12.0) -> dict[str, np.ndarray]:
    """The outputs of the solid net that a look asks for; `sure` scales the logits, 0 knows nothing."""
    answers = [_answer(one, sure) for one in picture]
    return {name: np.stack([answer[name] for answer in answers]).astype(np.float32) for name in answers[0]}


def _answer(picture: np.ndarray, sure: float) -> dict[str, np.ndarray]:
    side = picture.shape[1]
    h = side // 2
    rows, columns = np.nonzero(picture[3] > 0.5)
    top, bottom = rows.min(), rows.max() + 1
    away = np.linalg.norm(picture[:3, None] - COLOURS.T[:, :, None, None], axis=0)
    low, high = np.mgrid[0:h, 0:h] * 2 + 1
    share = (bottom - low) / (bottom - top)
    hairy = np.zeros((len(PARTS), h, h))
    hairy[0], hairy[3] = (share > 0.66) * sure, (share <= 0.66) * sure
    heat, middle = [], (columns.min() + columns.max() + 1) / 2
    for name in JOINTS:
        at = next((v for key, v in HEIGHTS.items() if key in name), 0.05 if "Foot" in name else 0.5)
        aside = (("left" in name) - ("right" in name)) * 0.1 * (bottom - top)
        row = bottom - at * (bottom - top)
        heat.append(-sure * (((low - row) / 8) ** 2 + ((high - middle - aside) / 8) ** 2))
    return {
        "occupancy": np.zeros((80, h, h)),
        "parts": -sure * away,
        "parts_back": hairy,
        "joints": np.stack(heat),
        "joint_z": np.zeros(len(JOINTS)),
    }
