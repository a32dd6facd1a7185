"""The kinds of joint, and which one an interface gets: what is wanted first, then what there is room for."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np

from genkei.figure.columns import Columns
from genkei.figure.pegs import Outline, Peg
from genkei.figure.profiles import Profile
from genkei.figure.seats import (
    Rules,
    Sized,
    Spot,
    bore_rooms,
    mouth_room,
    peg_rooms,
    standing,
    wanted_width,
    widest,
)

Kind = Literal["d peg", "square peg", "two pegs", "dowel", "pin", "magnet"]
KINDS: tuple[Kind, ...] = get_args(Kind)

LAYERED = ("fdm",)
"""Processes whose standing pegs snap along their layers, and whose cut faces print best flat on the bed."""
FLAT_MM = 0.3
WIDE_MM, WIDE = 14.0, 3.0
"""Two pegs go where they can stand this far apart, and this many widths."""
TWIN_MM = 6.0
"""Widest of two pegs."""
SMALLER = 0.7
"""The second peg's width, in widths of the first."""
REVERSED = 1.25
"""A peg stands on the carrier instead of on the plugged part only where it can be this much wider."""
PIN_DEPTHS = (3.0, 2.0)
"""Depth of a pin's hole in diameters: wanted, least."""


@dataclass(frozen=True)
class Metal:
    """What is bought: brass pins and magnets; millimetres."""

    pins: tuple[float, ...]
    magnets: tuple[tuple[float, float], ...]
    """Diameter and height."""
    clearance_mm: float

    def other_than(self, used_mm: Sequence[float]) -> "Metal":
        """Without the sizes a part has already, so that it goes on one way; all of them when none is left."""
        pins = tuple(pin for pin in self.pins if pin not in used_mm)
        magnets = tuple(magnet for magnet in self.magnets if magnet[0] not in used_mm)
        return Metal(pins or self.pins, magnets or self.magnets, self.clearance_mm)


@dataclass(frozen=True)
class Plug:
    """One peg of a joint, the part it goes into, and the part it grows on; "" when it is loose."""

    peg: Peg
    host: str
    grown_on: str


@dataclass(frozen=True)
class Fitting:
    """A joint that fits: what is added to and cut from which part."""

    kind: Kind
    plugs: tuple[Plug, ...]
    size_mm: float
    depth_mm: float
    wall_mm: float
    """Material it was promised round its sockets."""


@dataclass(frozen=True)
class Shortage:
    """A joint that does not fit, and what there was instead."""

    what: str
    found_mm: float
    wanted_mm: float


@dataclass(frozen=True)
class Site:
    """An interface ready for a joint: the surface seen along its way out, the parts' names, the limits."""

    columns: Columns
    carrier: str
    plugged: str
    rules: Rules
    metal: Metal

    def with_wall(self, wall_mm: float) -> "Site":
        return replace(self, rules=replace(self.rules, wall_mm=wall_mm))


def preferred(site: Site, profile: Profile) -> tuple[Kind, ...]:
    """Kinds in the order they are tried for an interface nobody chose one for."""
    level = site.columns.level[site.columns.face]
    if profile.name in LAYERED:
        flat = len(level) > 0 and float(np.ptp(level)) <= FLAT_MM
        return ("dowel", "two pegs", "square peg", "pin") if flat else ("two pegs", "square peg", "pin")
    return ("two pegs", "d peg", "pin")


def fit(site: Site, kinds: Sequence[Kind], walls: Sequence[float]) -> Fitting | Shortage:
    """The first kind that fits, with the thicker wall before the thinner; else what the last one lacked."""
    found: Fitting | Shortage = Shortage("shared surface seen along the way out", 0.0, 1.0)
    if not site.columns.face.any():
        return found
    for kind in kinds:
        for wall in walls:
            found = _MAKERS[kind](site.with_wall(wall))
            if isinstance(found, Fitting):
                return found
    return found


def _single(site: Site, kind: Kind, outline: Outline) -> Fitting | Shortage:
    """One peg, on the side that lets it be wider."""
    rules, down = site.rules, site.columns
    best, host, guest = widest(down, outline, rules, loose=False), site.carrier, site.plugged
    other = widest(down.turned_over(), outline, rules, loose=False)
    least_gain = 1.0 if best.width_mm < rules.least_mm else REVERSED
    if other.width_mm > least_gain * best.width_mm:
        best, host, guest = other, site.plugged, site.carrier
    if best.width_mm < rules.least_mm:
        return Shortage(f"width left for a {kind}", max(best.width_mm, 0.0), rules.least_mm)
    peg = _peg(best, outline, rules)
    return Fitting(kind, (Plug(peg, host, guest),), peg.width_mm, peg.depth_mm, rules.wall_mm)


def _peg(sized: Sized, outline: Outline, rules: Rules) -> Peg:
    return standing(sized.room.columns, sized.spot, outline, (sized.width_mm, sized.depth_mm), rules)


def _twins(site: Site) -> Fitting | Shortage:
    """Two round pegs of different width, as far apart as they find room."""
    rules, apart_mm = site.rules, 0.0
    big = float(np.clip(wanted_width(site.columns, rules), rules.least_mm / SMALLER, TWIN_MM))
    small = min(SMALLER * big, big - 2 * rules.clearance_mm - 0.4)
    wanted_mm = max(WIDE_MM, WIDE * big)
    if small < rules.least_mm - 1e-6:
        return Shortage("width of the smaller of two pegs", small, rules.least_mm)
    if _span(site.columns) < wanted_mm:
        return Shortage("span of the shared surface for two pegs", _span(site.columns), wanted_mm)
    for down, host, guest in _both_ways(site):
        (room,) = peg_rooms(down, [big], rules, big / 2)
        for spare in (1.4, 1.0):
            pair = room.farthest_pair(spare * big / 2, spare * small / 2)
            apart_mm = max(apart_mm, pair[2] if pair else 0.0)
            if pair and pair[2] >= wanted_mm:
                pegs = [
                    standing(down, spot, "round", (width, big), rules)
                    for spot, width in zip(pair[:2], (big, small), strict=True)
                ]
                plugs = tuple(Plug(peg, host, guest) for peg in pegs)
                return Fitting("two pegs", plugs, big, big, rules.wall_mm)
    return Shortage("distance two pegs can stand apart", apart_mm, wanted_mm)


def _span(columns: Columns) -> float:
    """Diagonal of the box round the shared surface."""
    rows, cols = np.nonzero(columns.face)
    return float(np.hypot(np.ptp(rows), np.ptp(cols))) * columns.window.step_mm


def _both_ways(site: Site) -> Iterator[tuple[Columns, str, str]]:
    yield site.columns, site.carrier, site.plugged
    yield site.columns.turned_over(), site.plugged, site.carrier


def _dowel(site: Site) -> Fitting | Shortage:
    rules = site.rules
    best = widest(site.columns, "d", rules, loose=True)
    if best.width_mm < rules.least_mm:
        return Shortage("width left for a dowel", max(best.width_mm, 0.0), rules.least_mm)
    return _loose(site, "dowel", best.spot, _peg(best, "d", rules))


def _pin(site: Site) -> Fitting | Shortage:
    rules = replace(site.rules, clearance_mm=site.metal.clearance_mm, taper_deg=0.0)
    wanted = min(site.metal.pins)
    mouth = max(2 * float(mouth_room(site.columns, rules).max()), 0.0)
    room = mouth if mouth < wanted else 0.0
    for diameter in sorted(site.metal.pins, reverse=True):
        if mouth < diameter:
            continue
        for depth in PIN_DEPTHS:
            (bore,) = bore_rooms(site.columns, [depth * diameter], rules, diameter)
            spot = bore.best()
            room = max(room, 2 * spot.room_mm)
            if 2 * spot.room_mm >= diameter:
                peg = standing(site.columns, spot, "round", (diameter, depth * diameter), rules)
                return _loose(replace(site, rules=rules), "pin", spot, peg)
    return Shortage("width left for a brass pin", room, wanted)


def _magnet(site: Site) -> Fitting | Shortage:
    rules = replace(site.rules, clearance_mm=site.metal.clearance_mm, taper_deg=0.0)
    room, wanted = 0.0, min(diameter for diameter, _ in site.metal.magnets)
    for diameter, height in sorted(site.metal.magnets, reverse=True):
        (bore,) = bore_rooms(site.columns, [height], rules, diameter)
        spot = bore.best()
        room = max(room, 2 * spot.room_mm)
        if 2 * spot.room_mm >= diameter:
            peg = standing(site.columns, spot, "round", (diameter, height), rules)
            return _loose(replace(site, rules=rules), "magnet", spot, replace(peg, bottom_mm=0.1))
    return Shortage("width left for a magnet", room, wanted)


def _loose(site: Site, kind: Kind, spot: Spot, down: Peg) -> Fitting:
    """The same hole on both sides, for something that grows on neither."""
    over = site.columns.turned_over()
    mirrored = Spot(spot.row, over.face.shape[1] - 1 - spot.column, spot.room_mm)
    up = standing(over, mirrored, down.outline, (down.width_mm, down.depth_mm), site.rules)
    plugs = [
        Plug(replace(peg, root_mm=0.0, bottom_mm=down.bottom_mm), host, "")
        for peg, host in ((down, site.carrier), (up, site.plugged))
    ]
    return Fitting(kind, tuple(plugs), down.width_mm, down.depth_mm, site.rules.wall_mm)


_MAKERS = {
    "d peg": lambda site: _single(site, "d peg", "d"),
    "square peg": lambda site: _single(site, "square peg", "square"),
    "two pegs": _twins,
    "dowel": _dowel,
    "pin": _pin,
    "magnet": _magnet,
}
