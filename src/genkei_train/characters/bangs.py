"""Locks over the forehead and in front of the ears."""

from genkei_train.characters.body import Figurine
from genkei_train.characters.forms import Form, mirrored
from genkei_train.characters.locks import Stop, lock, tousled

Fan = list[tuple[float, float, float, float]]
FANS: dict[str, Fan] = {
    "straight": [
        (0, 3, -0.02, 0.075),
        (13, 17, 0.03, 0.080),
        (-13, -14, 0.05, 0.080),
        (27, 33, -0.04, 0.085),
        (-27, -31, -0.01, 0.085),
        (44, 49, -0.12, 0.080),
        (-44, -49, -0.12, 0.080),
        (7, 10, 0.06, 0.060),
        (-20, -23, -0.03, 0.055),
    ],
    "parted": [
        (10, 30, 0.08, 0.085),
        (16, 44, -0.02, 0.090),
        (-2, -12, 0.09, 0.085),
        (-10, -28, 0.04, 0.085),
        (-22, -44, -0.06, 0.090),
        (30, 56, -0.14, 0.080),
        (5, 13, 0.11, 0.070),
        (-34, -55, -0.15, 0.080),
    ],
    "spiky": [
        (-3, -14, -0.04, 0.075),
        (8, 6, 0.03, 0.075),
        (18, 24, -0.03, 0.080),
        (-16, -33, 0.02, 0.080),
        (32, 44, -0.10, 0.085),
        (-30, -50, -0.12, 0.085),
        (2, -3, 0.08, 0.060),
        (24, 34, 0.05, 0.065),
    ],
    "blunt": [(a, 1.02 * a, 0.0 if abs(a) < 40 else -0.05, 0.105) for a in (0, 15, -15, 30, -30, 44, -44)],
    "swept": [
        (-22, 8, 0.09, 0.085),
        (-24, 22, 0.06, 0.090),
        (-26, 36, 0.0, 0.095),
        (-24, 50, -0.08, 0.095),
        (-30, -8, 0.12, 0.080),
        (-34, -34, 0.04, 0.085),
        (-38, -52, -0.10, 0.085),
        (-20, 60, -0.16, 0.085),
    ],
    "curtain": [
        (4, 22, 0.16, 0.085),
        (-4, -22, 0.16, 0.085),
        (8, 38, 0.04, 0.100),
        (-8, -38, 0.04, 0.100),
        (16, 52, -0.12, 0.100),
        (-16, -52, -0.12, 0.100),
        (28, 60, -0.22, 0.085),
        (-28, -60, -0.22, 0.085),
    ],
    "messy": [
        (-4, 10, -0.03, 0.080),
        (14, 2, 0.05, 0.080),
        (-18, -10, 0.01, 0.075),
        (28, 40, -0.06, 0.085),
        (-30, -26, -0.05, 0.085),
        (40, 28, 0.05, 0.070),
        (-44, -54, -0.10, 0.085),
        (48, 56, -0.12, 0.080),
        (6, -6, 0.09, 0.060),
        (-10, -20, 0.08, 0.060),
    ],
    "veil": [
        (-14, -2, 0.06, 0.090),
        (-10, 14, -0.06, 0.105),
        (-6, 28, -0.20, 0.120),
        (0, 42, -0.30, 0.115),
        (10, 54, -0.34, 0.095),
        (-22, -22, 0.06, 0.085),
        (-30, -38, 0.0, 0.085),
        (-40, -52, -0.10, 0.085),
    ],
    "wisps": [
        (-12, -16, 0.04, 0.045),
        (0, 4, 0.0, 0.040),
        (12, 18, 0.03, 0.045),
        (34, 46, -0.08, 0.080),
        (-34, -46, -0.08, 0.080),
        (24, 32, 0.05, 0.050),
        (-24, -30, 0.02, 0.050),
        (48, 58, -0.18, 0.080),
        (-48, -58, -0.18, 0.080),
    ],
    "fringe": [
        (a, a, s, 0.062)
        for a, s in (
            (0, 0.0),
            (10, -0.02),
            (-10, 0.02),
            (20, 0.01),
            (-20, -0.03),
            (30, -0.04),
            (-30, -0.01),
            (40, -0.07),
            (-40, -0.06),
            (50, -0.14),
            (-50, -0.15),
        )
    ],
    "slick": [(38, 66, 0.22, 0.10), (-38, -66, 0.22, 0.10)],
}
"""Bangs: angle at the crown, angle at the tip, tip above or below the bangs' level, half width."""
SIDEWAYS = ("swept", "veil")
"""Bangs that are drawn over the forehead from one side."""


def bangs(f: Figurine) -> list[Form]:
    """Locks from the crown over the forehead; every second one lies on top of its neighbours."""
    spec = f.spec.hair
    level, v = spec.bang_level, spec.volume
    end_wide = {"blunt": 0.92, "fringe": 0.35}.get(spec.bangs, 0.0)
    locks = []
    for rank, (top, end, shift, half) in enumerate(tousled(FANS[spec.bangs], spec.tousle)):
        on_top = 0.028 * (rank % 2) if spec.bangs != "blunt" else 0.004 * (rank % 2)
        tip = level + shift
        crown = 0.3 * top if spec.bangs not in SIDEWAYS else 0.8 * top
        way: list[Stop] = [
            (crown, 0.985, v * 0.9),
            (top * 0.8, 0.90, v + 0.035 + on_top),
            (0.6 * top + 0.4 * end, 0.76, v + 0.050 + on_top),
            (0.2 * top + 0.8 * end, 0.45 * 0.76 + 0.55 * tip, v + 0.035 + on_top),
            (end, tip, v * 0.6 + 0.012 + on_top),
        ]
        tip_half = max(0.004, end_wide * half)
        wide = [0.04, 0.85 * half, 1.1 * half, max(0.78, end_wide) * half, tip_half]
        locks.append(lock(f, way, wide, 0.045))
    return [mirrored(form) for form in locks] if spec.flip else locks


def sides(f: Figurine) -> list[Form]:
    """Locks in front of the ears, as pairs' left halves."""
    spec, v = f.spec.hair, f.spec.hair.volume
    low, kind = spec.side_level, f.spec.hair.sides
    if kind == "none":
        return []
    front: list[Stop] = [
        (38, 0.93, v),
        (60, 0.72, v + 0.04),
        (66, 0.45, v + 0.035),
        (63, 0.5 * (0.45 + low), v + 0.04),
        (58, low, v + 0.02),
    ]
    rear: list[Stop] = [
        (70, 0.90, v),
        (84, 0.66, v + 0.035),
        (86, 0.45, v + 0.04),
        (82, 0.55 * (0.5 + low) + 0.04, v + 0.03),
        (80, low + 0.14, v),
    ]
    tip = 0.075 if kind == "blunt" else 0.006
    wide = [0.06, 0.090, 0.085, max(tip, 0.060), tip]
    if kind in ("long", "wavy"):
        front = _long_side(f, low - 0.9, v, 0.035 if kind == "wavy" else 0.0)
        wide = [0.06, 0.095, 0.095, 0.09, 0.085, 0.075, 0.06, 0.006]
    count = 14 if len(front) == 5 else 22
    return [
        lock(f, front, wide, 0.045, count),
        lock(f, rear, [0.06, 0.095, 0.09, 0.06, 0.006], 0.045, 14),
    ]


def _long_side(f: Figurine, low: float, v: float, wave: float) -> list[Stop]:
    """A side lock that falls before the shoulder onto the chest."""
    rows: list[Stop] = [(38, 0.93, v), (60, 0.72, v + 0.04), (64, 0.45, v + 0.04)]
    for rank, share in enumerate((0.2, 0.42, 0.62, 0.82, 1.0)):
        y = 0.45 + share * (low - 0.45)
        angle = 62 - 26 * min(max((0.25 - y) / 0.5, 0.0), 1.0)
        rows.append((angle + (8 if wave else 0) * (-1) ** rank, y, v + 0.03 + wave * (rank % 2)))
    return rows
