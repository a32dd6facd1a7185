"""Locks of hair laid over the skull and, when long, over what is worn."""

from collections.abc import Sequence

import numpy as np

from genkei_train.characters.body import Figurine
from genkei_train.characters.forms import Form, sweep
from genkei_train.characters.skirts import worn_column

Stop = tuple[float, float, float]
"""Angle round the head in degrees, height above the chin and lift off the skull in head heights."""


def lock(f: Figurine, way: Sequence[Stop], wide: Sequence[float], thick: float, count: int = 14) -> Form:
    """A lock along (angle in degrees, height above the chin, lift) on the skull and down over the clothes.

    Heights, lifts, widths and the thickness count in head heights.
    """
    from scipy.interpolate import PchipInterpolator

    h = f.m.head
    core = np.array([0.0, f.m.chin + 0.5 * h, 0.01 * h])
    rows = np.column_stack([np.asarray(way, float), wide])
    fine = PchipInterpolator(np.arange(len(rows)), rows)(np.linspace(0, len(rows) - 1, count))
    clothes = worn_column(f) if rows[:, 1].min() < -0.25 else None
    knots = []
    for angle, y, lift, w in fine:
        turn, level = np.radians(angle), f.m.chin + y * h
        point = f.skull.point(turn, f.m.chin + min(max(y, 0.3), 0.985) * h, lift * h)
        point[1] = level
        if clothes is not None and level < f.m.shoulder:
            body = clothes.point(turn, level, 0.8 * thick * h)
            if np.hypot(body[0], body[2]) > np.hypot(point[0], point[2]):
                point = body
        knots.append((*point, w * h, thick * h * (0.35 + 0.65 * w / max(wide))))
    return sweep(np.asarray(knots), core, count)


def tousled(
    fan: Sequence[tuple[float, float, float, float]], number: int
) -> list[tuple[float, float, float, float]]:
    """The fan with its angles, levels and widths a little disturbed; as it is for number 0."""
    if number == 0:
        return list(fan)
    rng = np.random.default_rng([number, 0x10C5])
    shake = rng.uniform(-1, 1, (len(fan), 4)) * (3.0, 5.0, 0.045, 0.012)
    return [(float(a), float(b), float(c), float(d)) for a, b, c, d in np.asarray(fan) + shake]
