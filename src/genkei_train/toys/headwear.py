"""Hair, helmets, hats and antennas, cut to the head below them."""

import numpy as np

from genkei_train.characters.body import HEAD, Piece
from genkei_train.characters.forms import Form, both, clipped, ellipsoid, limb, ring, sweep, without
from genkei_train.characters.paint import mixed, plain
from genkei_train.toys.frame import ToyFrame
from genkei_train.toys.lumps import cap, tube

BRIM = 0.013
"""Least half thickness of a brim: a thinner one falls between the samples of the grid."""


def headwear(f: ToyFrame) -> list[Piece]:
    """Hair, helmets, hats and antennas."""
    kind, p = f.spec.gear.top, f.spec.palette
    if kind == "none":
        return []
    pieces = []
    if f.spec.kind == "person" and kind not in ("helmet", "horned", "crested", "hood", "hair"):
        pieces.append(_hair(f))
    colours = {"hair": p.hair, "main": p.main, "second": p.second, "accent": p.accent, "dark": p.dark}
    colours |= {"glow": p.glow, "bone": "#efe6d2", "steel": mixed(p.second, "#8d95a3", 0.6)}
    for form, colour in _WORN[kind](f):
        part = "hair" if colour == "hair" else "accessory"
        pieces.append(Piece(form, part, plain(colours[colour]), HEAD))
    return pieces


def _hair(f: ToyFrame) -> Piece:
    form, _ = _hair_cap(f)[0]
    return Piece(form, "hair", plain(f.spec.palette.hair), HEAD)


def _hair_cap(f: ToyFrame) -> list[tuple[Form, str]]:
    k = f.head_size
    form = cap(f.head, 0.06 * k, f.head.at(0.74), f.head.at(0.22), (f.spec.gear.fringe, 0.05 * k))
    return [(form, "hair")]


def _helmet(f: ToyFrame) -> list[tuple[Form, str]]:
    k = f.head_size
    dome = cap(f.head, 0.07 * k, f.head.at(0.70), f.head.at(0.25))
    band = clipped(
        cap(f.head, 0.10 * k, f.head.at(0.68), f.head.at(0.23)),
        lambda p: -_edge(f, p, 0.80, 0.35),
    )
    return [(dome, "steel"), (band, "accent")]


def _edge(f: ToyFrame, p: np.ndarray, front: float, back: float) -> np.ndarray:
    """Distance below the edge of a cap from a share of the head's height in front to one behind."""
    t = np.clip(0.5 + 0.9 * p[:, 2] / f.head.deep, 0, 1)
    t = t * t * (3 - 2 * t)
    return f.head.at(back) + (f.head.at(front) - f.head.at(back)) * t - p[:, 1]


def _horned(f: ToyFrame) -> list[tuple[Form, str]]:
    k, w = f.head_size, f.head.wide
    root = f.head.point(np.pi / 2, f.head.at(0.78))
    rows = [(-0.1, 0, 0.17), (0.18, 0.05, 0.15), (0.36, 0.22, 0.10), (0.38, 0.42, 0.04)]
    horn = limb([(root[0] + x * w, root[1] + y * k, 0, r * w) for x, y, r in rows])
    return [*_helmet(f), (both(horn), "bone")]


def _crested(f: ToyFrame) -> list[tuple[Form, str]]:
    k, d = f.head_size, f.head.deep
    rows = [(0.86, 0.75), (1.06, 0.35), (1.10, -0.2), (0.98, -0.85), (0.6, -1.1)]
    knots = [(0, f.head.at(y), z * d, 0.05 * k, 0.13 * k) for y, z in rows]
    return [*_helmet(f), (sweep(knots, np.array([0, f.head.at(0.4), 0])), "main")]


def _cone(f: ToyFrame) -> list[tuple[Form, str]]:
    k = f.head_size
    top, thick = f.head.at(0.74), max(0.04 * k, BRIM)
    body = tube(f.head, [(top, 1.02), (top + 0.35 * k, 0.62), (top + 0.8 * k, 0.10)])
    brim = tube(f.head, [(top - thick, 1.55), (top + thick, 1.45)])
    band = tube(f.head, [(top + 0.05 * k, 1.04), (top + 0.14 * k, 0.94)])
    return [(body, "main"), (brim, "main"), (band, "accent")]


def _cap(f: ToyFrame) -> list[tuple[Form, str]]:
    k = f.head_size
    dome = cap(f.head, 0.08 * k, f.head.at(0.70), f.head.at(0.62))
    front = f.head.point(0.0, f.head.at(0.71))
    visor = ellipsoid(front, np.array([0.72 * f.head.wide, max(0.05 * k, 1.3 * BRIM), 0.30 * k]))
    return [(dome, "main"), (visor, "second")]


def _top(f: ToyFrame) -> list[tuple[Form, str]]:
    k, low = f.head_size, f.head.at(0.86)
    body = tube(f.head, [(low, 0.72), (low + 0.55 * k, 0.78)])
    thick = max(0.035 * k, BRIM)
    brim = tube(f.head, [(low - thick, 1.15), (low + thick, 1.15)])
    band = tube(f.head, [(low + 0.05 * k, 0.76), (low + 0.16 * k, 0.77)])
    return [(body, "dark"), (brim, "dark"), (band, "accent")]


def _beanie(f: ToyFrame) -> list[tuple[Form, str]]:
    k = f.head_size
    dome = cap(f.head, 0.07 * k, f.head.at(0.72), f.head.at(0.6))
    edge = clipped(
        cap(f.head, 0.12 * k, f.head.at(0.68), f.head.at(0.56)), lambda p: -_edge(f, p, 0.84, 0.72)
    )
    ball = ellipsoid(np.array([0, f.head.high + 0.12 * k, 0]), np.full(3, 0.12 * k))
    return [(dome, "main"), (edge, "second"), (ball, "second")]


def _crown(f: ToyFrame) -> list[tuple[Form, str]]:
    k, low = f.head_size, f.head.at(0.80)
    high = low + 0.42 * k
    inside = tube(f.head, [(f.head.high, 0.72), (high + 0.1 * k, 0.86)])
    wall = without(tube(f.head, [(low, 0.86), (high, 0.98)]), inside)

    def points(p: np.ndarray) -> np.ndarray:
        turn = np.arctan2(p[:, 0], p[:, 2]) * 6 / (2 * np.pi)
        return p[:, 1] - (high - 0.22 * k * np.abs((turn % 1) - 0.5) * 2)

    return [(clipped(wall, points), "accent")]


def _hood(f: ToyFrame) -> list[tuple[Form, str]]:
    middle, side, _ = f.face_square
    k = f.head_size

    def region(p: np.ndarray) -> np.ndarray:
        hole = np.hypot(p[:, 0] / (0.5 * side), (p[:, 1] - middle) / (0.46 * side)) - 1
        return np.where(p[:, 2] > 0, -hole * 0.4 * side, -1.0)

    return [(clipped(f.head.grown(0.09 * k).form(), region), "main")]


def _antenna(f: ToyFrame) -> list[tuple[Form, str]]:
    k, top = f.head_size, f.head.high
    rod = limb([(0, top - 0.1 * k, 0, 0.045 * k), (0, top + 0.3 * k, 0, 0.03 * k)], 3)
    return [(rod, "dark"), (ellipsoid(np.array([0, top + 0.34 * k, 0]), np.full(3, 0.085 * k)), "glow")]


def _antennas(f: ToyFrame) -> list[tuple[Form, str]]:
    k = f.head_size
    root = f.head.point(np.pi / 2, f.head.at(0.85), -0.05 * k)
    tip = root + np.array([0.10, 0.45, 0]) * k
    rod = limb([(*root, 0.05 * k), (*tip, 0.03 * k)], 3)
    return [(both(rod), "dark"), (both(ellipsoid(tip, np.full(3, 0.07 * k))), "accent")]


def _fin(f: ToyFrame) -> list[tuple[Form, str]]:
    k, d = f.head_size, f.head.deep
    knots = [
        (0, f.head.at(y), z * d, 0.06 * k, 0.12 * k) for y, z in ((0.75, 0.9), (1.02, 0.2), (0.95, -0.7))
    ]
    return [(sweep(knots, np.array([0, f.head.at(0.4), 0])), "accent")]


def _lamp(f: ToyFrame) -> list[tuple[Form, str]]:
    k, top = f.head_size, f.head.high
    bulb = ellipsoid(np.array([0, top, 0]), np.array([0.32 * f.head.wide, 0.22 * k, 0.32 * f.head.wide]))
    foot = ring(np.array([0, top, 0]), np.array([0, 1.0, 0]), 0.32 * f.head.wide, 0.03 * k)
    return [(bulb, "glow"), (foot, "dark")]


_WORN = {
    "hair": _hair_cap,
    "helmet": _helmet,
    "horned": _horned,
    "crested": _crested,
    "cone": _cone,
    "cap": _cap,
    "top": _top,
    "beanie": _beanie,
    "crown": _crown,
    "hood": _hood,
    "antenna": _antenna,
    "antennas": _antennas,
    "fin": _fin,
    "lamp": _lamp,
}
