"""Where a joint fits and how big it may be: every column of material it needs, round it and under it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Float

from genkei.figure.columns import Columns
from genkei.figure.pegs import Frame, Outline, Peg, Section

RIM_MM = 0.4
"""Shared surface left round the mouth of a socket: the seam stays a seam."""
ROOT_MM = 0.4
"""Least height a peg reaches back into its own part; it grows there to half its width where it can."""
COVER_MM = 0.2
"""Material left over a peg's root."""
SHARE = 0.42
"""Width of a peg in widths of the neck it sits in (print.md: 30 to 45 %)."""
DEEP, SHALLOW = 1.25, 0.8
"""Wanted and least depth of a peg, in widths."""
BOTTOM_MM = 0.3
MOUTH_MM = 0.1
"""A socket is cut this far past the root of its peg: on a slant the surface beside it is that high."""


@dataclass(frozen=True)
class Rules:
    """What a peg must keep to; millimetres."""

    wall_mm: float
    """Material left round a socket."""
    clearance_mm: float
    least_mm: float
    """Narrowest printed peg."""
    most_mm: float
    taper_deg: float

    @property
    def bottom_mm(self) -> float:
        """Room between a peg's tip and the bottom of its socket: the seam closes before it touches."""
        return max(BOTTOM_MM, self.clearance_mm)


@dataclass(frozen=True)
class Spot:
    """A column of the shared surface, chosen for a joint."""

    row: int
    column: int
    room_mm: float
    """Radius that is free for the joint there, clearance and walls already taken off."""


@dataclass(frozen=True)
class Room:
    """Free radius at every column for a joint of one depth, clearance and walls taken off; millimetres."""

    columns: Columns
    radius: Float[np.ndarray, "n n"]

    def best(self) -> Spot:
        """The roomiest column; of equals the one nearest to the middle of the shared surface."""
        rows, cols = np.nonzero(self.columns.face)
        away = np.hypot(rows - rows.mean(), cols - cols.mean())
        radius = self.radius[rows, cols]
        k = int(np.lexsort((cols, away.round(6), -radius.round(6)))[0])
        return Spot(int(rows[k]), int(cols[k]), float(radius[k]))

    def farthest_pair(self, big_mm: float, small_mm: float) -> tuple[Spot, Spot, float] | None:
        """Spots far apart for a disc of either radius, the big one first, and their distance.

        The big one takes the roomier end; of two alike the figure's own left one, where x is larger.
        """
        face = self.columns.face
        big, small = (
            np.argwhere(face & (self.radius >= big_mm)),
            np.argwhere(face & (self.radius >= small_mm)),
        )
        if not len(big):
            return None
        p = _farthest(big, _farthest(small, np.argwhere(face).mean(0)))
        q = _farthest(small, p)
        ends = [Spot(int(at[0]), int(at[1]), float(self.radius[tuple(at)])) for at in (p, q)]
        if ends[1].room_mm >= big_mm and self._rank(ends[1]) > self._rank(ends[0]):
            ends.reverse()
        return ends[0], ends[1], float(np.linalg.norm(p - q)) * self.columns.window.step_mm

    def _rank(self, spot: Spot) -> tuple[float, float]:
        """Room to 5 % of the largest, then x."""
        coarse = round(20 * spot.room_mm / max(float(self.radius.max()), 1e-9))
        return coarse, float(spot_frame(self.columns, spot).origin[0])


def _farthest(points: np.ndarray, start: np.ndarray) -> np.ndarray:
    return points[int(np.linalg.norm(points - start, axis=1).round(6).argmax())]


def _relief(columns: Columns, near_mm: float) -> Float[np.ndarray, "n n"]:
    """How much lower the surface gets within a distance of every column."""
    from scipy.ndimage import minimum_filter

    size = 2 * int(near_mm / columns.window.step_mm) + 1
    return columns.level - np.asarray(minimum_filter(columns.level, size, mode="nearest"))


def socket_room(columns: Columns, depth_mm: float, rules: Rules, near_mm: float) -> Float[np.ndarray, "n n"]:
    """Free radius for a socket cut down into the part below, within `near_mm`."""
    needed = depth_mm + rules.bottom_mm + rules.wall_mm + _relief(columns, near_mm)
    return columns.inset(columns.below >= needed) - rules.wall_mm - rules.clearance_mm


def peg_rooms(columns: Columns, depths_mm: Sequence[float], rules: Rules, near_mm: float) -> list[Room]:
    """For pegs of these depths that stand on the part above and go down into the part below."""
    over = columns.turned_over()
    rooted = columns.above >= ROOT_MM + COVER_MM + _relief(over, near_mm)[:, ::-1]
    seat = np.minimum(mouth_room(columns, rules), columns.inset(rooted & columns.face))
    return [
        Room(columns, np.minimum(seat, socket_room(columns, depth, rules, near_mm))) for depth in depths_mm
    ]


def bore_rooms(columns: Columns, depths_mm: Sequence[float], rules: Rules, near_mm: float) -> list[Room]:
    """For something loose that goes equally deep into both parts."""
    seat, over = mouth_room(columns, rules), columns.turned_over()
    return [
        Room(
            columns,
            np.minimum.reduce(
                [
                    seat,
                    socket_room(columns, depth, rules, near_mm),
                    socket_room(over, depth, rules, near_mm)[:, ::-1],
                ]
            ),
        )
        for depth in depths_mm
    ]


def mouth_room(columns: Columns, rules: Rules) -> Float[np.ndarray, "n n"]:
    """Free radius on the shared surface itself: no joint is wider, whatever is under it."""
    return columns.face_inset - RIM_MM - rules.clearance_mm


@dataclass(frozen=True)
class Sized:
    """A spot with the width and depth a peg gets there."""

    room: Room
    spot: Spot
    width_mm: float
    depth_mm: float

    @property
    def merit(self) -> float:
        """Wider first, then as deep as wanted."""
        return self.width_mm + 0.2 * min(self.depth_mm / max(self.width_mm, 0.1), DEEP)


def widest(columns: Columns, outline: Outline, rules: Rules, loose: bool) -> Sized:
    """The best single peg (or loose dowel): as wide as is wanted, else as wide as there is room for."""
    wanted = wanted_width(columns, rules)
    bulk = Section.of(outline, 2.0).radius
    mouth = Room(columns, mouth_room(columns, rules))
    if 2 * mouth.best().room_mm < bulk * rules.least_mm:
        return Sized(mouth, mouth.best(), 2 * mouth.best().room_mm / bulk, 0.0)
    depths = [float(depth) for depth in np.linspace(SHALLOW * rules.least_mm, DEEP * wanted, 8)]
    rooms = (bore_rooms if loose else peg_rooms)(columns, depths, rules, bulk * wanted / 2)
    found = [
        Sized(room, spot, min(2 * spot.room_mm / bulk, wanted, depth / SHALLOW), depth)
        for room, depth in zip(rooms, depths, strict=True)
        for spot in [room.best()]
    ]
    return max(found, key=lambda sized: sized.merit)


def wanted_width(columns: Columns, rules: Rules) -> float:
    """Of a peg in the neck that the shared surface shows; not less than the narrowest."""
    neck = 2 * float(columns.face_inset.max())
    return float(np.clip(SHARE * neck, rules.least_mm, rules.most_mm))


def spot_frame(columns: Columns, spot: Spot) -> Frame:
    """At the spot on the shared surface, the axis down into the part below."""
    at = columns.window.points(columns.level)[spot.row, spot.column]
    return replace(columns.window.frame, origin=at).turned_over()


def standing(columns: Columns, spot: Spot, outline: Outline, size: tuple[float, float], rules: Rules) -> Peg:
    """The peg of a width and depth at the spot, rooted in the part above as deep as that one is thick."""
    width, depth = size
    reach = Section.of(outline, width).radius + rules.clearance_mm + columns.window.step_mm
    under = _footprint(columns, spot, reach)
    top = float(columns.level[under].max())
    rise = top - float(columns.level[spot.row, spot.column])
    thick = float((columns.level + columns.above)[under].min()) - top - COVER_MM
    root = rise + float(np.clip(thick, ROOT_MM, max(width / 2, ROOT_MM)))
    return Peg(
        frame=spot_frame(columns, spot),
        outline=outline,
        width_mm=width,
        depth_mm=depth,
        root_mm=root,
        mouth_mm=root + max(MOUTH_MM, rules.clearance_mm),
        clearance_mm=rules.clearance_mm,
        taper_deg=rules.taper_deg,
        bottom_mm=rules.bottom_mm,
    )


def _footprint(columns: Columns, spot: Spot, radius_mm: float) -> Bool[np.ndarray, "n n"]:
    rows, cols = np.indices(columns.face.shape)
    near = np.hypot(rows - spot.row, cols - spot.column) * columns.window.step_mm <= radius_mm
    return near & columns.face
