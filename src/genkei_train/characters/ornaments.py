"""A bun, a cowlick and ribbon bows."""

import numpy as np

from genkei_train.characters.body import HEAD, Figurine, Piece
from genkei_train.characters.forms import Form, both, ellipsoid, limb, sweep
from genkei_train.characters.paint import Paint, plain


def ahoge(f: Figurine) -> Form:
    h, top = f.m.head, f.m.chin + 1.02 * f.m.head
    curve = [
        (0.0, 0.0, 0.0, 0.020),
        (0.03, 0.09, 0.05, 0.026),
        (0.11, 0.14, 0.12, 0.022),
        (0.19, 0.09, 0.17, 0.006),
    ]
    return limb([(x * h, top + y * h, z * h, r * h) for x, y, z, r in curve], 14)


def bun(f: Figurine, paint: Paint) -> list[Piece]:
    """A big bun high at the back: one lock wound round a ball, a ribbon before it."""
    h = f.m.head
    centre = np.array([0.0, f.m.chin + 1.08 * h, -0.18 * h])
    ball = ellipsoid(centre, np.array([0.185, 0.180, 0.185]) * h)
    turn = np.linspace(0, 1, 34)
    rise, spin = np.pi * (0.18 + 0.70 * turn), 2 * np.pi * 2.6 * turn
    ways = np.column_stack([np.sin(rise) * np.sin(spin), -np.cos(rise), np.sin(rise) * np.cos(spin)])
    thick = 0.070 * h * np.clip(np.minimum(turn * 8 + 0.4, (1.03 - turn) * 7), 0.2, 1)
    coil = sweep(np.column_stack([centre + 0.175 * h * ways, 1.05 * thick, 0.72 * thick]), centre, 44)
    pieces = [Piece(form, "hair", paint, HEAD) for form in (ball, coil)]
    if f.spec.outfit.hair_ribbon:
        band = plain(f.spec.palette.accent)
        knot = centre + h * np.array([0.0, -0.10, 0.27])
        pieces += [Piece(form, "accessory", band, HEAD) for form in bow(knot, 0.23 * h, tails=False)]
    return pieces


def bow(knot: np.ndarray, size: float, tails: bool) -> list[Form]:
    """A ribbon bow facing the front: knot, two loops and, if wanted, two hanging ends."""
    behind = knot - np.array([0, 0, 10.0])

    def strip(rows: list[tuple[float, float, float, float, float]]) -> Form:
        """A swept ribbon; rows are offset from the knot, half width and half thickness in bow sizes."""
        table = np.asarray(rows) * size
        table[:, :3] += knot
        return both(sweep(table, behind, 10))

    loops = strip(
        [
            (0.08, 0.02, 0, 0.10, 0.12),
            (0.50, 0.14, 0.05, 0.27, 0.15),
            (0.92, 0.22, 0, 0.38, 0.12),
            (1.02, 0.24, -0.02, 0.30, 0.08),
        ]
    )
    forms = [ellipsoid(knot + np.array([0, 0, 0.10 * size]), np.array([0.17, 0.19, 0.17]) * size), loops]
    if tails:
        forms.append(
            strip(
                [
                    (0.05, -0.05, -0.04, 0.09, 0.08),
                    (0.30, -0.60, -0.02, 0.15, 0.07),
                    (0.46, -1.15, -0.05, 0.21, 0.06),
                ]
            )
        )
    return forms
