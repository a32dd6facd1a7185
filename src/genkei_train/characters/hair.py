"""Hair: a cap on the skull and locks swept over it."""

from collections.abc import Sequence

import numpy as np

from genkei_train.characters.body import HEAD, Figurine, Piece
from genkei_train.characters.forms import Form, both, clipped, column, form, sweep
from genkei_train.characters.ornaments import ahoge, bun, twin_tails
from genkei_train.characters.paint import gloss, gradient, mixed, over

Stop = tuple[float, float, float]
"""Angle round the head in degrees, height above the chin and lift off the skull in head heights."""


def hair(f: Figurine) -> list[Piece]:
    """Every piece of hair and what ties it."""
    h, spec = f.m.head, f.spec.hair
    colour = f.spec.palette.hair
    base = gradient(
        mixed(colour, f.spec.palette.accent, 0.12), colour, f.m.chin - 0.3 * h, f.m.chin + 0.5 * h
    )
    shine = gloss(f.m.chin + 0.785 * h, 0.020 * h, 0.05 * h, 11, 0.02 * h)
    crown = over(base, mixed(colour, "#fff0e4", 0.42), shine)
    forms = [_cap(f), *_bangs(f), *_sides(f), *_back(f)]
    if spec.ahoge:
        forms.append(ahoge(f))
    pieces = [Piece(form, "hair", crown, HEAD) for form in forms]
    if spec.tails == "twin":
        pieces += twin_tails(f, base)
    if spec.tails == "bun":
        pieces += bun(f, crown)
    return pieces


def _core(f: Figurine) -> np.ndarray:
    return np.array([0.0, f.m.chin + 0.5 * f.m.head, 0.01 * f.m.head])


def _cap(f: Figurine) -> Form:
    """Hair lying on the skull, open over the face and the nape."""
    h, chin = f.m.head, f.m.chin
    middle = np.array([0.0, chin + 0.42 * h, 0.0], np.float32)
    size = 1 + 1.9 * f.spec.hair.volume
    skull = column(f.skull, square=2.1)

    def distance(p: np.ndarray) -> np.ndarray:
        return size * skull.distance((p - middle) / size + middle)

    def region(p: np.ndarray) -> np.ndarray:
        hairline = chin + 0.76 * h - np.clip((0.20 * h - p[:, 2]) / (0.24 * h), 0, 1) * 0.66 * h
        return (hairline - p[:, 1]) * 0.5

    low, high = (skull.low - middle) * size + middle, (skull.high - middle) * size + middle
    return clipped(form(distance, low, high), region)


def _lock(f: Figurine, way: Sequence[Stop], wide: list[float], thick: float, count: int = 14) -> Form:
    """A lock along (angle in degrees, height above the chin, lift) on the skull.

    Heights, lifts, widths and the thickness count in head heights.
    """
    from scipy.interpolate import PchipInterpolator

    h = f.m.head
    rows = np.column_stack([np.asarray(way, float), wide])
    fine = PchipInterpolator(np.arange(len(rows)), rows)(np.linspace(0, len(rows) - 1, count))
    knots = []
    for angle, y, lift, w in fine:
        point = f.skull.point(np.radians(angle), f.m.chin + min(max(y, 0.3), 0.985) * h, lift * h)
        point[1] = f.m.chin + y * h
        knots.append((*point, w * h, thick * h * (0.35 + 0.65 * w / max(wide))))
    return sweep(np.asarray(knots), _core(f), count)


_FANS: dict[str, list[tuple[float, float, float, float]]] = {
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
}
"""Bangs: angle at the crown, angle at the tip, tip above or below the bangs' level, half width."""


def _bangs(f: Figurine) -> list[Form]:
    """Pointed locks from the crown over the forehead; every second one lies on top of its neighbours."""
    level, v = f.spec.hair.bang_level, f.spec.hair.volume
    locks = []
    for rank, (top, end, shift, half) in enumerate(_FANS[f.spec.hair.bangs]):
        on_top = 0.028 * (rank % 2)
        tip = level + shift
        way = [
            (top * 0.3, 0.985, v * 0.9),
            (top * 0.8, 0.90, v + 0.035 + on_top),
            (0.6 * top + 0.4 * end, 0.76, v + 0.050 + on_top),
            (0.2 * top + 0.8 * end, 0.45 * 0.76 + 0.55 * tip, v + 0.035 + on_top),
            (end, tip, v * 0.6 + 0.012 + on_top),
        ]
        locks.append(_lock(f, way, [0.04, 0.85 * half, 1.1 * half, 0.78 * half, 0.004], 0.045))
    return locks


def _sides(f: Figurine) -> list[Form]:
    """Locks in front of the ears."""
    spec, v = f.spec.hair, f.spec.hair.volume
    low = spec.side_level
    front = [
        (38, 0.93, v),
        (60, 0.72, v + 0.04),
        (66, 0.45, v + 0.035),
        (63, 0.5 * (0.45 + low), v + 0.04),
        (58, low, v + 0.02),
    ]
    rear = [
        (70, 0.90, v),
        (84, 0.66, v + 0.035),
        (86, 0.45, v + 0.04),
        (82, 0.55 * (0.5 + low) + 0.04, v + 0.03),
        (80, low + 0.14, v),
    ]
    return [
        both(_lock(f, front, [0.06, 0.090, 0.085, 0.060, 0.006], 0.045, 14)),
        both(_lock(f, rear, [0.06, 0.095, 0.09, 0.06, 0.006], 0.045, 14)),
    ]


def _back(f: Figurine) -> list[Form]:
    kind, v = f.spec.hair.back, f.spec.hair.volume
    ends = {"short": -0.02, "bob": -0.10, "long": -1.5, "spiky": 0.02}[kind]
    angles = np.array([180, 156, -156, 133, -133, 110, -110], float)
    locks = []
    for rank, angle in enumerate(angles):
        flare = {"spiky": 0.10, "bob": 0.02}.get(kind, -0.01)
        low = ends + (0.10 if rank % 2 else 0.0) + abs(180 - abs(angle)) / 700
        way = [
            (angle * 0.92, 0.95, v * 0.8),
            (angle, 0.72, v + 0.035),
            (angle, 0.42, v + 0.045),
            (angle, 0.5 * (0.42 + low), v + 0.02 + flare / 3),
            (angle, low, v - 0.03 + flare),
        ]
        locks.append(_lock(f, way, [0.09, 0.135, 0.145, 0.105, 0.006], 0.06, 14))
    if kind == "spiky":
        locks += _spikes(f)
    return locks


def _spikes(f: Figurine) -> list[Form]:
    """Tufts that stand off a boy's crown."""
    v = f.spec.hair.volume
    rows = [
        (25, 0.97, 1.10, 40),
        (-30, 0.97, 1.09, -48),
        (165, 0.95, 1.06, 160),
        (-150, 0.92, 0.98, -145),
        (115, 0.90, 0.92, 112),
    ]
    rows += [
        (-105, 0.90, 0.93, -102),
        (80, 0.93, 1.01, 88),
        (-78, 0.94, 1.02, -86),
        (140, 0.72, 0.62, 138),
        (-140, 0.72, 0.62, -138),
        (180, 0.70, 0.55, 180),
    ]
    return [
        _lock(
            f,
            [(a, y0 - 0.06, v * 0.4), (0.5 * (a + b), 0.5 * (y0 + y1), v + 0.06), (b, y1, v + 0.19)],
            [0.11, 0.085, 0.006],
            0.06,
            9,
        )
        for a, y0, y1, b in rows
    ]
