"""Animal ears, horns, tails and wings."""

import numpy as np

from genkei_train.characters.body import HEAD, Figurine, Piece
from genkei_train.characters.forms import Form, both, ellipsoid, limb, sweep
from genkei_train.characters.paint import gradient, mixed, over, plain
from genkei_train.characters.skirts import worn_column

FLAT = np.array([0.0, 0.0, -100.0])
"""Core of flat things that face the front."""


def _strip(root: np.ndarray, rows: list[tuple[float, float, float, float, float]], scale: float) -> Form:
    """A swept strip that faces the front; rows: offset from the root, half width, half thickness."""
    table = np.asarray(rows, float) * scale
    table[:, :3] += root
    return sweep(table, FLAT, 10)


def ears(f: Figurine) -> list[Piece]:
    kind, h, palette = f.spec.extras.ears, f.m.head, f.spec.palette
    if kind == "none":
        return []
    if kind == "elf":
        root = f.skull.point(np.radians(97), f.m.chin + 0.36 * h, -0.01 * h)
        tip = [(0, 0, 0, 0.085, 0.04), (0.16, 0.06, -0.05, 0.070, 0.035), (0.46, 0.17, -0.14, 0.008, 0.02)]
        return [Piece(both(_strip(root, tip, h)), "skin", plain(palette.skin), HEAD)]
    angle, rows = _EARS[kind]
    root = f.skull.point(np.radians(angle), f.m.chin + 0.86 * h, 0.5 * f.spec.hair.volume * h)
    outer = _strip(root, rows, h)
    inner = _strip(
        root + np.array([0, 0, 0.035 * h]), [(x, y * 0.9, z, 0.62 * w, t) for x, y, z, w, t in rows], h
    )
    fur = plain(palette.hair)
    pink = plain(mixed(palette.hair, "#ffd8d4", 0.75))
    return [Piece(both(outer), "accessory", fur, HEAD), Piece(both(inner), "accessory", pink, HEAD)]


_EARS: dict[str, tuple[float, list[tuple[float, float, float, float, float]]]] = {
    "cat": (74, [(0, -0.05, 0, 0.17, 0.06), (0.05, 0.16, 0, 0.13, 0.05), (0.10, 0.40, 0, 0.01, 0.02)]),
    "fox": (68, [(0, -0.05, 0, 0.19, 0.07), (0.06, 0.22, 0, 0.17, 0.06), (0.14, 0.60, -0.02, 0.01, 0.02)]),
    "rabbit": (
        50,
        [
            (0, -0.05, 0, 0.08, 0.05),
            (0.03, 0.25, 0, 0.12, 0.05),
            (0.09, 0.70, -0.03, 0.12, 0.05),
            (0.16, 1.02, -0.08, 0.02, 0.03),
        ],
    ),
    "dog": (
        72,
        [
            (0, 0, 0, 0.13, 0.06),
            (0.14, 0.08, 0.02, 0.14, 0.06),
            (0.25, -0.10, 0.05, 0.15, 0.06),
            (0.27, -0.36, 0.06, 0.03, 0.04),
        ],
    ),
    "bear": (62, [(0, 0.0, 0, 0.10, 0.06), (0.05, 0.12, 0, 0.16, 0.07), (0.08, 0.22, 0, 0.10, 0.06)]),
}
"""Angle of the root on the head and the ear's rows in head heights."""


def horns(f: Figurine) -> list[Piece]:
    kind, h = f.spec.extras.horns, f.m.head
    if kind == "none":
        return []
    paint = gradient(
        mixed(f.spec.palette.second, "#20181c", 0.6), "#efe6d2", f.m.chin + 0.8 * h, f.m.chin + 1.3 * h
    )
    v = f.spec.hair.volume
    if kind == "oni":
        root = f.skull.point(np.radians(26), f.m.chin + 0.84 * h, v * h)
        rows = [(0, -0.05, 0, 0.065), (0.02, 0.12, 0.05, 0.045), (0.02, 0.30, 0.06, 0.012)]
    elif kind == "short":
        root = f.skull.point(np.radians(70), f.m.chin + 0.86 * h, v * h)
        rows = [
            (0, -0.05, 0, 0.07),
            (0.12, 0.12, 0.0, 0.055),
            (0.16, 0.34, -0.04, 0.035),
            (0.10, 0.50, -0.10, 0.012),
        ]
    else:
        root = f.skull.point(np.radians(82), f.m.chin + 0.76 * h, v * h)
        turn = np.linspace(0.9, -4.4, 12)
        size = np.linspace(1.0, 0.45, 12)
        rows = [
            (0.05 + 0.022 * k, 0.16 * s * np.sin(t), -0.10 + 0.17 * s * np.cos(t), 0.085 * s * s + 0.01)
            for k, (t, s) in enumerate(zip(turn, size, strict=True))
        ]
    table = np.asarray(rows, float) * h
    table[:, :3] += root
    return [Piece(both(limb(table, 26 if kind == "ram" else 12)), "accessory", paint, HEAD)]


def tail(f: Figurine) -> list[Piece]:
    kind, palette = f.spec.extras.tail, f.spec.palette
    if kind == "none":
        return []
    body, level = worn_column(f), f.m.waist - 0.055
    root = body.point(np.pi, max(level, float(body.y[0]) + 0.01), -0.01)
    bones = ("hips",)
    side = -1.0 if f.spec.hair.flip else 1.0
    fur = plain(palette.hair)
    if kind == "rabbit":
        return [
            Piece(
                ellipsoid(root + np.array([0, 0, -0.02]), np.array([0.036, 0.034, 0.034])),
                "accessory",
                plain("#f8f4f0"),
                bones,
            )
        ]
    rows = np.array(_TAILS[kind])
    scale = f.m.mix(0.75, 1.0)
    knots = rows * scale
    knots[:, :3] = knots[:, :3] * np.array([side, 1, 1]) + root
    knots[:, 1] = np.maximum(knots[:, 1], 0.02 + knots[:, 3])
    end = knots[-2, :3]
    if kind == "fox":
        fur = over(fur, "#fbf6ee", lambda p: np.clip((0.085 - np.linalg.norm(p - end, axis=1)) / 0.004, 0, 1))
    if kind == "dragon":
        fur = plain(palette.accent)
    pieces = [Piece(limb(knots, 20), "accessory", plain("#2a1c28") if kind == "devil" else fur, bones)]
    if kind == "devil":
        spade = ellipsoid(knots[-1, :3], np.array([0.026, 0.030, 0.008]))
        pieces.append(Piece(spade, "accessory", plain("#2a1c28"), bones))
    return pieces


_TAILS: dict[str, list[tuple[float, float, float, float]]] = {
    "cat": [
        (0, 0, 0, 0.014),
        (0.04, -0.05, -0.09, 0.013),
        (0.12, -0.06, -0.15, 0.013),
        (0.18, 0.04, -0.16, 0.013),
        (0.17, 0.16, -0.14, 0.013),
        (0.20, 0.23, -0.13, 0.010),
    ],
    "fox": [
        (0, 0, 0, 0.018),
        (0.05, -0.05, -0.08, 0.040),
        (0.12, -0.10, -0.15, 0.062),
        (0.18, -0.08, -0.20, 0.064),
        (0.23, 0.0, -0.22, 0.045),
        (0.26, 0.08, -0.22, 0.006),
    ],
    "dragon": [
        (0, 0, 0, 0.050),
        (0.02, -0.12, -0.09, 0.044),
        (0.06, -0.26, -0.18, 0.034),
        (0.13, -0.36, -0.26, 0.024),
        (0.22, -0.38, -0.32, 0.014),
        (0.29, -0.34, -0.36, 0.005),
    ],
    "devil": [
        (0, 0, 0, 0.013),
        (0.05, -0.08, -0.10, 0.011),
        (0.14, -0.10, -0.17, 0.011),
        (0.22, 0.0, -0.19, 0.010),
        (0.23, 0.12, -0.17, 0.009),
    ],
}
"""Offsets from the root and radius, for a figure of six heads."""


def wings(f: Figurine) -> list[Piece]:
    kind, palette = f.spec.extras.wings, f.spec.palette
    if kind == "none":
        return []
    root = f.torso.point(np.radians(160), f.m.shoulder - 0.055, 0.004)
    size = f.m.mix(0.75, 1.0)
    paint = plain(
        {"bat": mixed(palette.accent, "#1a1020", 0.7), "angel": "#fdfbf6"}.get(
            kind, mixed(palette.eye, "#ffffff", 0.6)
        )
    )
    forms: list[Form] = []
    if kind == "fairy":
        for up, long in ((0.10, 0.20), (-0.05, 0.15)):
            reach = np.array([0.15, up, -0.06])
            way = reach / np.linalg.norm(reach)
            axes = np.linalg.qr(np.column_stack([way, np.cross(way, [0, 0.3, 1.0]), [0, 0.3, 1.0]]))[0]
            forms.append(
                ellipsoid(
                    root + 0.55 * size * reach * long / 0.15,
                    np.array([long * 0.75, 0.058, 0.006]) * size,
                    axes,
                )
            )
    else:
        wrist = np.array([0.16, 0.13, -0.09])
        forms.append(
            _strip(
                root,
                [(0, 0, 0, 0.016, 0.014), (0.08, 0.09, -0.06, 0.02, 0.012), (*wrist, 0.016, 0.010)],
                size,
            )
        )
        tips = [
            (0.36, 0.16, -0.12),
            (0.36, 0.05, -0.12),
            (0.32, -0.05, -0.11),
            (0.25, -0.12, -0.10),
            (0.16, -0.15, -0.08),
            (0.07, -0.14, -0.05),
        ]
        for rank, tip in enumerate(tips):
            start = wrist * (1 - rank / 6)
            middle = 0.5 * (start + np.array(tip)) + np.array([0, 0.03, -0.01])
            wide = 0.040 if kind == "bat" else 0.030
            rows = [(*start, 0.022, 0.010), (*middle, wide, 0.006), (*tip, 0.006, 0.005)]
            forms.append(_strip(root, rows, size))
    return [Piece(both(form), "accessory", paint, ("chest",)) for form in forms]
