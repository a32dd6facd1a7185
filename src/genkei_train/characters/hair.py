"""Hair: a cap on the skull and locks swept over it, tails, buns and ribbons."""

import numpy as np

from genkei_train.characters.body import HEAD, Figurine, Piece
from genkei_train.characters.forms import Form, both, clipped, column, ellipsoid, limb, ring, sweep
from genkei_train.characters.paint import Paint, gloss, gradient, mixed, over, plain


def hair(f: Figurine) -> list[Piece]:
    """Every piece of hair and what ties it."""
    h, spec = f.m.head, f.spec.hair
    colour = f.spec.palette.hair
    base = gradient(
        mixed(colour, f.spec.palette.accent, 0.12), colour, f.m.chin - 0.3 * h, f.m.chin + 0.5 * h
    )
    shine = gloss(f.m.chin + 0.785 * h, 0.020 * h, 0.05 * h, 13, 0.02 * h)
    crown = over(base, mixed(colour, "#ffffff", 0.45), shine)
    forms = [_cap(f), *_bangs(f), *_sides(f), *_back(f)]
    if spec.ahoge:
        forms.append(_ahoge(f))
    pieces = [Piece(form, "hair", crown, HEAD) for form in forms]
    if spec.tails == "twin":
        pieces += _twin_tails(f, base)
    if spec.tails == "bun":
        pieces += _bun(f, crown)
    return pieces


def _core(f: Figurine) -> np.ndarray:
    return np.array([0.0, f.m.chin + 0.5 * f.m.head, 0.01 * f.m.head])


def _cap(f: Figurine) -> Form:
    """Hair lying on the skull, open over the face and the nape."""
    h, chin = f.m.head, f.m.chin
    solid = column(f.skull.grown(f.spec.hair.volume * h), square=2.1)
    lifted = Form(
        lambda p: solid.distance(p - np.array([0, 0.035 * h, 0], np.float32)),
        solid.low,
        solid.high + 0.04 * h,
    )

    def region(p: np.ndarray) -> np.ndarray:
        hairline = chin + 0.76 * h - np.clip((0.20 * h - p[:, 2]) / (0.24 * h), 0, 1) * 0.66 * h
        return (hairline - p[:, 1]) * 0.5

    return clipped(lifted, region)


def _lock(
    f: Figurine, way: list[tuple[float, float, float]], wide: list[float], thick: float, count: int = 12
) -> Form:
    """A lock along (angle in degrees, height, lift) on the skull; widths and thickness in head heights.

    Heights count from the chin in head heights.
    """
    h = f.m.head
    knots = []
    for (angle, y, lift), w in zip(way, wide, strict=True):
        level = min(max(y, 0.3), 0.985)
        point = f.skull.point(np.radians(angle), f.m.chin + level * h, lift * h)
        point[1] = f.m.chin + y * h
        share = w / max(wide)
        knots.append((*point, w * h, thick * h * (0.35 + 0.65 * share)))
    return sweep(np.asarray(knots), _core(f), count)


def _bangs(f: Figurine) -> list[Form]:
    spec = f.spec.hair
    tip = spec.bang_level
    v = spec.volume
    locks: list[Form] = []
    if spec.bangs == "straight":
        fan = [
            (0, 1.5, -0.03),
            (15, 15, 0.03),
            (-15, -16, 0.00),
            (31, 31, -0.02),
            (-31, -30, 0.01),
            (47, 47, -0.06),
            (-47, -47, -0.06),
        ]
    elif spec.bangs == "parted":
        fan = [
            (7, 20, 0.07),
            (12, 38, 0.01),
            (-3, -13, 0.08),
            (-10, -28, 0.02),
            (-22, -44, -0.06),
            (26, 52, -0.08),
            (2, 4, 0.10),
        ]
    else:
        fan = [
            (-4, -15, -0.04),
            (8, 5, 0.05),
            (18, 24, -0.01),
            (-16, -32, 0.03),
            (30, 42, -0.06),
            (-28, -48, -0.08),
            (3, -4, -0.02),
        ]
    for rank, (top, end, shift) in enumerate(fan):
        outward = 0.030 * (rank % 2)
        locks.append(
            _lock(
                f,
                [
                    (top * 0.35, 0.985, v * 0.7),
                    (top * 0.8, 0.87, v + 0.030 + outward),
                    (0.5 * (top + end), 0.70, v + 0.040 + outward),
                    (0.2 * top + 0.8 * end, 0.35 * 0.70 + 0.65 * (tip + shift), v + 0.022 + outward),
                    (end, tip + shift, v * 0.55 + 0.015 + outward),
                ],
                [0.05, 0.088, 0.098, 0.066, 0.006],
                0.045,
            )
        )
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


def _ahoge(f: Figurine) -> Form:
    h, top = f.m.head, f.m.chin + 1.02 * f.m.head
    curve = [
        (0.0, 0.0, 0.0, 0.020),
        (0.03, 0.09, 0.05, 0.026),
        (0.11, 0.14, 0.12, 0.022),
        (0.19, 0.09, 0.17, 0.006),
    ]
    return limb([(x * h, top + y * h, z * h, r * h) for x, y, z, r in curve], 14)


def _twin_tails(f: Figurine, paint: Paint) -> list[Piece]:
    """Two bundles of three strands that leave the head high at the sides and swing out."""
    h, length = f.m.head, f.spec.hair.tail_length
    root = f.skull.point(np.radians(112), f.m.chin + 0.80 * h, 0.055 * h)
    bend = [
        (0.0, 0.0, 0.0),
        (0.16, 0.02, -0.05),
        (0.30, -0.20, -0.09),
        (0.36, -0.5, -0.10),
        (0.36, -0.75, -0.07),
        (0.46, -1.0, -0.02),
    ]
    pieces = []
    strands = [
        ((0.0, 0.0, 0.0), 1.0, 1.0),
        ((0.085, 0.0, 0.05), 0.80, 0.72),
        ((-0.075, 0.0, -0.05), 0.90, 0.70),
        ((0.0, 0.0, -0.10), 0.72, 0.66),
    ]
    for (dx, dy, dz), reach, size in strands:
        knots = []
        for rank, (x, y, z) in enumerate(bend):
            spread = min(rank / 2, 1.0) * (1 + 0.25 * max(rank - 3, 0))
            drop = y * length * reach if rank > 1 else y
            centre = root + h * np.array([x + dx * spread, drop + dy, z + dz * spread])
            radius = (0.055, 0.090, 0.135, 0.125, 0.085, 0.004)[rank] * size * h
            knots.append((*centre, radius, radius * 0.85))
        pieces.append(Piece(both(sweep(np.asarray(knots), _core(f), 18)), "hair", paint, HEAD))
    tie = root + h * np.array([0.035, 0.004, -0.01])
    band = plain(f.spec.palette.accent)
    pieces.append(
        Piece(both(ring(tie, np.array([1.0, 0.1, -0.3]), 0.055 * h, 0.026 * h)), "accessory", band, HEAD)
    )
    for up in (1, -1):
        loop = tie + h * np.array([0.03, 0.105 * up, 0.035])
        turn = np.array([[0.35, -0.94 * up, 0], [0.94 * up, 0.35, 0], [0, 0, 1.0]])
        bow = ellipsoid(loop, np.array([0.095, 0.050, 0.040]) * h, turn)
        pieces.append(Piece(both(bow), "accessory", band, HEAD))
    return pieces


def _bun(f: Figurine, paint: Paint) -> list[Piece]:
    """A big bun high at the back, with a ribbon before it."""
    h = f.m.head
    centre = np.array([0.0, f.m.chin + 1.10 * h, -0.20 * h])
    pieces = [Piece(ellipsoid(centre, np.array([0.235, 0.215, 0.225]) * h), "hair", paint, HEAD)]
    for turn in (0.35, 1.4, 2.45):
        axis = np.array([np.cos(turn), 0.35, np.sin(turn)])
        coil = ring(centre, axis, 0.185 * h, 0.055 * h)
        pieces.append(Piece(coil, "hair", paint, HEAD))
    if f.spec.outfit.hair_ribbon:
        band = plain(f.spec.palette.accent)
        knot = centre + h * np.array([0.0, -0.13, 0.17])
        pieces += [Piece(form, "accessory", band, HEAD) for form in bow(knot, 0.24 * h, tails=False)]
    return pieces


def bow(knot: np.ndarray, size: float, tails: bool) -> list[Form]:
    """A ribbon bow facing the front: knot, two loops and, if wanted, two hanging ends."""
    loops = sweep(
        np.array(
            [
                (knot[0] + 0.05 * size, knot[1], knot[2], 0.12 * size, 0.14 * size),
                (
                    knot[0] + 0.55 * size,
                    knot[1] + 0.16 * size,
                    knot[2] + 0.06 * size,
                    0.36 * size,
                    0.17 * size,
                ),
                (
                    knot[0] + 0.98 * size,
                    knot[1] + 0.20 * size,
                    knot[2] - 0.06 * size,
                    0.34 * size,
                    0.10 * size,
                ),
            ]
        ),
        knot - np.array([0, 0, 10.0]),
        8,
    )
    forms = [
        ellipsoid(knot + np.array([0, 0, 0.05 * size]), np.array([0.19, 0.19, 0.18]) * size),
        both(loops),
    ]
    if tails:
        end = sweep(
            np.array(
                [
                    (knot[0] + 0.04 * size, knot[1], knot[2], 0.10 * size, 0.08 * size),
                    (
                        knot[0] + 0.28 * size,
                        knot[1] - 0.55 * size,
                        knot[2] + 0.02 * size,
                        0.17 * size,
                        0.07 * size,
                    ),
                    (
                        knot[0] + 0.42 * size,
                        knot[1] - 1.05 * size,
                        knot[2] - 0.02 * size,
                        0.20 * size,
                        0.06 * size,
                    ),
                ]
            ),
            knot - np.array([0, 0, 10.0]),
            8,
        )
        forms.append(both(end))
    return forms
