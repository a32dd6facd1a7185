"""Hats and what else is worn on the head."""

import numpy as np

from genkei_train.characters.body import HEAD, Figurine, Piece, above
from genkei_train.characters.forms import Form, both, clipped, column, ellipsoid, limb, stations, without
from genkei_train.characters.paint import mixed, plain


def hat(f: Figurine) -> list[Piece]:
    """The hat's pieces; its size follows the hair below."""
    kind, palette = f.spec.extras.hat, f.spec.palette
    if kind == "none":
        return []
    rows = _HATS[kind](f)
    colours = {"main": palette.second, "trim": palette.accent}
    colours["white"] = mixed(palette.second, "#ffffff", 0.85)
    colours["gold"] = mixed(palette.accent, "#e8c050", 0.75)
    return [Piece(form, "accessory", plain(colours[colour]), HEAD) for form, colour in rows]


def _at(f: Figurine, x: float, y: float, z: float) -> np.ndarray:
    """Head heights from the chin, about the head's middle."""
    h = f.m.head
    return np.array([x * h, f.m.chin + y * h, (z - 0.03) * h])


def _round(f: Figurine, level: float) -> float:
    """Radius of the hair at a height, in head heights."""
    wide = f.skull.point(np.pi / 2, f.m.chin + min(level, 0.97) * f.m.head)[0] / f.m.head
    return float(wide) + f.spec.hair.volume + 0.06


def _disc(f: Figurine, level: float, radius: float, thick: float = 0.035) -> Form:
    return ellipsoid(_at(f, 0, level, 0), np.array([radius, thick, radius]) * f.m.head)


def _tube(f: Figurine, rows: list[tuple[float, float]]) -> Form:
    """A round column through rows (height above the chin, radius) in head heights."""
    h = f.m.head
    return column(stations([(f.m.chin + y * h, r * h, r * h, r * h, -0.03 * h) for y, r in rows]))


def _witch(f: Figurine) -> list[tuple[Form, str]]:
    h, r = f.m.head, _round(f, 0.82)
    cone = [(*_at(f, 0, 0.80, 0), r), (*_at(f, 0, 1.10, -0.02), 0.30), (*_at(f, 0.05, 1.42, -0.10), 0.15)]
    cone = [*cone, (*_at(f, 0.16, 1.66, -0.24), 0.05), (*_at(f, 0.24, 1.70, -0.30), 0.02)]
    rows = [(x, y, z, w * h) for x, y, z, w in cone]
    band = _tube(f, [(0.90, r + 0.015), (0.97, r - 0.045)])
    brim = _disc(f, 0.84, 0.88 if f.m.tall > 0.3 else 0.74, 0.045)
    return [(clipped(limb(rows, 14), above(f.m.chin + 0.80 * h)), "main"), (brim, "main"), (band, "trim")]


def _cap(f: Figurine) -> list[tuple[Form, str]]:
    h, r = f.m.head, _round(f, 0.62) + 0.06
    dome = ellipsoid(_at(f, 0, 0.64, 0), np.array([r, 0.44 + f.spec.hair.volume, r + 0.02]) * h)
    visor = ellipsoid(_at(f, 0, 0.74, r), np.array([0.30, 0.035, 0.30]) * h)
    return [(clipped(dome, above(f.m.chin + 0.70 * h)), "main"), (visor, "trim")]


def _beret(f: Figurine) -> list[tuple[Form, str]]:
    side = -0.08 if f.spec.hair.flip else 0.08
    lean = np.array([[0.96, -2.5 * side, 0], [2.5 * side, 0.96, 0], [0, 0, 1.0]])
    axes = np.linalg.qr(lean)[0]
    pad = ellipsoid(_at(f, side, 0.97, -0.02), np.array([0.50, 0.15, 0.48]) * f.m.head, axes)
    stalk = limb([(*_at(f, side, 1.08, 0), 0.03 * f.m.head), (*_at(f, side, 1.18, 0), 0.025 * f.m.head)], 3)
    return [(pad, "main"), (stalk, "main")]


def _top(f: Figurine) -> list[tuple[Form, str]]:
    tall = 0.45 + 0.35 * f.m.mix(0, 1)
    crown = _tube(f, [(0.86, 0.34), (0.95, 0.335), (0.95 + tall, 0.37)])
    return [
        (crown, "main"),
        (_disc(f, 0.90, 0.56), "main"),
        (_tube(f, [(0.93, 0.355), (1.02, 0.355)]), "trim"),
    ]


def _straw(f: Figurine) -> list[tuple[Form, str]]:
    r = _round(f, 0.75)
    dome = ellipsoid(_at(f, 0, 0.80, 0), np.array([r, 0.36, r]) * f.m.head)
    band = _tube(f, [(0.84, r + 0.01), (0.92, r - 0.01)])
    return [
        (clipped(dome, above(_at(f, 0, 0.78, 0)[1])), "main"),
        (_disc(f, 0.81, 0.92, 0.05), "main"),
        (band, "trim"),
    ]


def _arc(f: Figurine, level: float, lift: float, thick: float, reach: float = 80) -> Form:
    """A band over the head from ear to ear."""
    h = f.m.head
    knots = []
    for turn in np.radians(np.linspace(-reach, reach, 9)):
        y = level + (1.0 + lift - level) * np.cos(turn)
        half = _round(f, 0.5) - 0.03 + lift
        knots.append((*_at(f, half * np.sin(turn), y, 0.10), thick * h))
    return limb(knots, 16)


def _frill(f: Figurine) -> list[tuple[Form, str]]:
    v = f.spec.hair.volume
    return [(_arc(f, 0.55, v + 0.05, 0.055, 62), "white"), (_arc(f, 0.55, v + 0.02, 0.040, 70), "trim")]


def _crown(f: Figurine) -> list[tuple[Form, str]]:
    h = f.m.head
    low, high = f.m.chin + (0.98 + f.spec.hair.volume) * h, f.m.chin + (1.22 + f.spec.hair.volume) * h
    shape = stations(
        [
            (low - 0.08 * h, 0.19 * h, 0.19 * h, 0.19 * h, -0.03 * h),
            (high, 0.25 * h, 0.25 * h, 0.25 * h, -0.03 * h),
        ]
    )
    wall = without(column(shape), column(shape.grown(-0.06 * h).between(low + 0.05 * h, high + 0.1 * h)))

    def points(p: np.ndarray) -> np.ndarray:
        turn = np.arctan2(p[:, 0], p[:, 2] + 0.03 * h) * 5 / (2 * np.pi)
        return p[:, 1] - (high - 0.16 * h * np.abs((turn % 1) - 0.5) * 2)

    return [(clipped(wall, points), "gold")]


def _helmet(f: Figurine) -> list[tuple[Form, str]]:
    h, r = f.m.head, _round(f, 0.6) + 0.075
    dome = ellipsoid(_at(f, 0, 0.60, 0), np.array([r, 0.50 + f.spec.hair.volume, r + 0.03]) * h)
    low = f.m.chin + 0.66 * h

    def edge(p: np.ndarray) -> np.ndarray:
        return low - 0.30 * h * np.clip(-p[:, 2] / (0.3 * h), 0, 1) - p[:, 1]

    crest = [
        (*_at(f, 0, y, z), 0.05 * h) for y, z in ((0.86, 0.42), (1.12, 0.18), (1.16, -0.12), (0.95, -0.44))
    ]
    return [(clipped(dome, edge), "white"), (limb(crest, 10), "trim")]


def _headphones(f: Figurine) -> list[tuple[Form, str]]:
    h, v = f.m.head, f.spec.hair.volume
    cup = ellipsoid(_at(f, _round(f, 0.42) + 0.04, 0.42, 0.06), np.array([0.08, 0.16, 0.15]) * h)
    return [(_arc(f, 0.42, v + 0.04, 0.035, 88), "main"), (both(cup), "trim")]


def _band(f: Figurine) -> list[tuple[Form, str]]:
    return [(_arc(f, 0.50, f.spec.hair.volume + 0.03, 0.040, 74), "trim")]


def _knit(f: Figurine) -> list[tuple[Form, str]]:
    """A woollen cap with a turned-up edge and a ball on top."""
    h, r, v = f.m.head, _round(f, 0.66) + 0.06, f.spec.hair.volume
    dome = ellipsoid(_at(f, 0, 0.66, 0), np.array([r, 0.44 + v, r]) * h)
    edge = _tube(f, [(0.68, r + 0.03), (0.82, r + 0.01)])
    ball = ellipsoid(_at(f, 0, 1.14 + v, 0), np.array([0.13, 0.13, 0.13]) * h)
    return [(clipped(dome, above(f.m.chin + 0.72 * h)), "main"), (edge, "trim"), (ball, "white")]


def _hood(f: Figurine) -> list[tuple[Form, str]]:
    """A hood drawn over the hair, open over the face."""
    h, r = f.m.head, _round(f, 0.5) + 0.075
    shell = ellipsoid(_at(f, 0, 0.50, -0.03), np.array([r + 0.03, 0.60 + f.spec.hair.volume, r + 0.06]) * h)

    def opening(p: np.ndarray) -> np.ndarray:
        hole = np.hypot(p[:, 0] / 0.36, (p[:, 1] - f.m.chin - 0.42 * h) / 0.44) - h
        return np.where(p[:, 2] > 0.08 * h, -0.36 * hole, p[:, 2] - 0.08 * h)

    neck = f.m.chin - 0.05 * h
    return [(clipped(clipped(shell, opening), above(neck)), "main")]


_HATS = {
    "witch": _witch,
    "cap": _cap,
    "beret": _beret,
    "top": _top,
    "straw": _straw,
    "frill": _frill,
    "crown": _crown,
    "helmet": _helmet,
    "headphones": _headphones,
    "hood": _hood,
    "band": _band,
    "knit": _knit,
}
