"""Does something fit the machine, turned on the bed as it fits best?"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from genkei.figure.profiles import Profile

ROUND_MM = 1e-3
"""What coordinates in float32 may round."""


@dataclass(frozen=True)
class Fit:
    """The side that fits worst; millimetres."""

    size_mm: float
    room_mm: float
    along: str
    """`the shorter side`, `the longer side` or `the height`."""

    @property
    def fits(self) -> bool:
        return self.size_mm <= self.room_mm + ROUND_MM


def fit(size_mm: Float[np.ndarray, "3"], profile: Profile) -> Fit:
    """Width and depth may be exchanged: a part can be turned on the bed."""
    size, room = _turned(size_mm), _turned(room_of(profile))
    worst = int((size - room).argmax())
    along = ("the shorter side", "the longer side", "the height")[worst]
    return Fit(float(size[worst]), float(room[worst]), along)


def room_of(profile: Profile) -> Float[np.ndarray, "3"]:
    """The machine's box less its margins."""
    return np.array(profile.build_mm) - 2 * profile.margin_mm


def _turned(sides: Float[np.ndarray, "3"]) -> Float[np.ndarray, "3"]:
    return np.concatenate([np.sort(sides[:2]), sides[2:]]).astype(np.float64)
