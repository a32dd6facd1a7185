"""One closed solid into closed parts along hairline, neck, shoulders, hems and waist; never through the face.

Labels of the surface fill the solid (every cell takes the nearest), a smooth cutter is drawn round each part,
and exact booleans divide the solid: both sides keep the same surface, no material is lost (kerf 0).
"""

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Int

from genkei.figure.cells import Cells, commonest, connected, extended, spread, voxelise
from genkei.figure.cutters import cutter
from genkei.figure.divide import Divided, Piece, divide, finished, shared
from genkei.figure.firm import firm
from genkei.figure.labels import CELL, Labels
from genkei.figure.planes import cells_of, distance_to_section, flat_cut
from genkei.figure.union import Painted, to_solid
from genkei.types import Figure, Interface, Part

MEANS: dict[str, tuple[str, ...]] = {
    "arms": ("left arm", "right arm"),
    "legs": ("left leg", "right leg"),
    "shoes": ("left shoe", "right shoe"),
    "accessories": ("accessory",),
    "hair back": ("bangs", "hair"),
    "torso": ("head", "left arm", "right arm", "left leg", "right leg", "skirt"),
    "auto": ("base", "hair", "left arm", "right arm", "left leg", "right leg", "skirt", "head"),
}
SINGLE = (
    "base", "accessory", "bangs", "hair", "left shoe", "right shoe", "left arm", "right arm", "left leg",
    "right leg", "skirt", "face", "head",
)  # fmt: skip
"""In the order they are cut off."""
HOLDS = {
    "bangs": "hair", "accessory": "hair", "hair": "head", "face": "head", "head": "torso", "skirt": "torso",
    "left arm": "torso", "right arm": "torso", "left leg": "skirt", "right leg": "skirt", "base": "left leg",
    "left shoe": "left leg", "right shoe": "right leg",
}  # fmt: skip
"""To what a label belongs that is not cut off by itself."""
MOST_PIECES = 40


@dataclass(frozen=True)
class Plane:
    """A cut by hand: through a point, and only through what the plane meets there."""

    point: tuple[float, float, float]
    """mm."""
    normal: tuple[float, float, float]
    """Towards what comes off; any length."""

    def __post_init__(self) -> None:
        if not (np.isfinite([*self.point, *self.normal]).all() and np.linalg.norm(self.normal) > 0):
            raise ValueError(
                f"a cut at {self.point} along {self.normal}: wanted numbers, and a direction that is not 0"
            )


@dataclass(frozen=True)
class Cut:
    """Closed parts whose volumes sum to the whole's, the surfaces they share, what was not cut and why."""

    parts: tuple[Part, ...]
    interfaces: tuple[Interface, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Split:
    """How a figure comes apart."""

    parts: tuple[str, ...] = ("auto",)
    """Any of `SINGLE` or of the words in `MEANS`; empty: only `planes`."""
    planes: tuple[Plane, ...] = ()
    build_mm: tuple[float, float, float] = (0.0, 0.0, 0.0)
    """Parts larger than this box, turned by right angles as needed, are cut again; 0: any size fits."""
    wall_mm: float = 1.0
    """A part that is thinner than this on the whole is a sliver: that cut is not made."""
    least_share: float = 0.006
    """Parts smaller than this share of the whole stay with their neighbour: not worth a joint."""

    def __post_init__(self) -> None:
        known = tuple(dict.fromkeys((*MEANS, *SINGLE)))
        wrong = [name for name in self.parts if name not in known]
        if wrong:
            raise ValueError(f"there is no part {wrong[0]!r}; known are {', '.join(known)}")
        if not (0 < self.wall_mm < 50 and 0 <= self.least_share < 0.5):
            raise ValueError(
                f"a wall of {self.wall_mm:g} mm and a least share of {self.least_share:g}: "
                "wanted 0 to 50 mm and 0 to 0.5"
            )
        if max(self.build_mm) > 0 and not min(self.build_mm) > 4 * self.wall_mm:
            raise ValueError(
                f"a build volume of {' x '.join(f'{s:g}' for s in self.build_mm)} mm is smaller than any "
                f"piece that could be cut (walls of {self.wall_mm:g} mm on both sides and a joint between). "
                "Choose a larger machine"
            )

    @property
    def wanted(self) -> tuple[str, ...]:
        """Single parts in the order they are cut off."""
        names = {single for name in self.parts for single in MEANS.get(name, (name,))}
        return tuple(name for name in SINGLE if name in names)

    @property
    def unasked(self) -> tuple[str, ...]:
        """Parts that `auto` cuts off by itself: they may as well stay."""
        named = {single for name in self.parts if name != "auto" for single in MEANS.get(name, (name,))}
        return tuple(name for name in self.wanted if name not in named and name != "base")

    def __call__(self, figure: Figure, labels: Labels) -> Cut:
        """ValueError when the figure has several parts, a given plane misses it or leaves a sliver."""
        if len(figure.parts) != 1:
            raise ValueError(
                f"a figure of {len(figure.parts)} parts was given; wanted one that is not split yet"
            )
        whole = figure.parts[0]
        pieces, notes = self._by_labels(whole, labels)
        step = CELL * float(np.ptp(whole.mesh.vertices[:, 2]))
        for plane in self.planes:
            pieces = self._by_plane(pieces, plane, step)
        if max(self.build_mm) > 0:
            pieces, more = self._to_fit(pieces, step)
            notes += more
        pieces = [pieces[0], *pieces[:0:-1]]  # the torso, then what is put on it last comes last
        parts, cuts = finished(pieces)
        return Cut(parts, shared(parts, cuts), notes)

    def _by_labels(self, whole: Part, labels: Labels) -> tuple[list[Piece], tuple[str, ...]]:
        """What remains first, then the parts in the order they came off."""
        height = float(np.ptp(whole.mesh.vertices[:, 2]))
        solid = to_solid(Painted(whole.mesh, whole.uv))
        here = [name for name in self.wanted if labels.where(name).any()]
        notes = labels.notes
        if missing := [
            name for name in self.wanted if name not in here and name not in ("base", *MEANS["auto"])
        ]:
            notes += (f"{', '.join(missing)}: not found on this figure, nothing was cut",)
        rest, pieces = Piece("torso", solid, ()), []
        if not here:
            return [rest], notes
        cells, volume = _filled(whole, labels, here, CELL * height)
        planes = {limb.name: limb for limb in labels.limbs}
        targets = _targets(here, labels, volume)
        for name, part in targets:
            plane = planes.get(name)
            holders = tuple(n for n in range(len(labels.names) + len(targets)) if n != part)
            mesh = cutter(cells, volume, part, plane, holders)
            got = divide(rest, name, mesh, self.wall_mm, self.least_share * solid.volume())
            if isinstance(got, str):
                notes += (got,)
                volume[volume == part] = _heir(_stem(name), here, labels, volume)
                continue
            rest = got.rest
            pieces.append(got.piece)
            volume[volume == part] = -1
        return [rest, *pieces], notes

    def _by_plane(self, pieces: list[Piece], plane: Plane, step: float) -> list[Piece]:
        """The pieces with one more, cut off by a plane from the piece that it meets nearest to its point."""
        point, normal = np.array(plane.point, float), np.array(plane.normal, float)
        normal /= np.linalg.norm(normal)
        cells = [cells_of(piece, step) for piece in pieces]
        away = [distance_to_section(one, point, normal) for one in cells]
        k = int(np.argmin(away))
        if not np.isfinite(away[k]):
            raise ValueError(
                f"the plane through {plane.point} along {plane.normal} does not meet the figure: "
                "give a point inside it, in mm, z from the bed up"
            )
        got = flat_cut(pieces[k], f"cut {len(pieces)}", cells[k], point, normal, self.wall_mm)
        if isinstance(got, str):
            raise ValueError(f"the plane through {plane.point} cannot be cut: {got}. Move it")
        return [*pieces[:k], got.rest, *pieces[k + 1 :], got.piece]

    def _to_fit(self, pieces: list[Piece], step: float) -> tuple[list[Piece], tuple[str, ...]]:
        """Pieces larger than the machine cut across their longest side until all fit."""
        room, notes, queue, done = sorted(self.build_mm), (), list(pieces), []
        while queue:
            piece = queue.pop(0)
            box = np.array(piece.solid.bounding_box())
            size = box[3:] - box[:3]
            if (np.sort(size) <= np.array(room) + 1e-4).all():
                done.append(piece)
                continue
            if len(queue) + len(done) > MOST_PIECES:
                raise ValueError(
                    f"a build volume of {' x '.join(f'{s:g}' for s in self.build_mm)} mm would take more "
                    f"than {MOST_PIECES} pieces. Choose a larger machine or a smaller figure"
                )
            alike = sum(_stem(other.name) == _stem(piece.name) for other in (*queue, *done))
            got = _halved(piece, int(size.argmax()), step, self.wall_mm, alike + 2)
            notes += (f"{piece.name} ({size.max():.0f} mm long) was cut in two to fit the machine",)
            queue = [got.rest, got.piece, *queue]
        return done, notes


def _stem(name: str) -> str:
    """`torso` of `torso 3`."""
    return name.rstrip("0123456789 ")


def _halved(piece: Piece, axis: int, step: float, wall_mm: float, number: int) -> Divided:
    """In two across an axis, where the section is smallest in the middle. ValueError where none can be."""
    normal = np.zeros(3)
    normal[axis] = 1.0
    cells = cells_of(piece, step)
    levels = np.flatnonzero(cells.inside.any(tuple(k for k in range(3) if k != axis)))
    first, last = int(levels[0]), int(levels[-1])
    middle = np.arange(first + 3 * (last - first) // 10, first + 7 * (last - first) // 10 + 1)
    areas = [int(cells.inside.take(level, axis).sum()) for level in middle]
    for level in middle[np.argsort(areas, kind="stable")]:
        row = np.argwhere(cells.inside.take(level, axis))
        at = cells.centres(np.insert(row, axis, level, axis=1))
        at = at[((at - at.mean(0)) ** 2).sum(1).argmin()]
        got = flat_cut(piece, f"{_stem(piece.name)} {number}", cells, at, normal, wall_mm)
        if not isinstance(got, str):
            return got
    raise ValueError(f"{piece.name} does not fit the machine and cannot be cut without leaving a sliver")


def _filled(
    whole: Part, labels: Labels, here: list[str], step: float
) -> tuple[Cells, Int[np.ndarray, "nx ny nz"]]:
    """The solid's cells, and of each the label to be cut off that its nearest surface has; -1 outside."""
    cells = voxelise(whole.mesh, step)
    sampled = spread(whole.mesh, 0.7 * cells.step)
    owner = np.array([labels.names.index(_owner(name, here)) for name in labels.names])
    seeds = commonest(cells, sampled, owner[labels.faces], len(labels.names))
    solid = cells.inside | (seeds >= 0)
    volume = firm(np.where(solid, extended(seeds), np.int16(-1)))
    return replace(cells, inside=solid), volume


def _owner(name: str, here: list[str]) -> str:
    """The part that a label goes to when only some are cut off."""
    while name != "torso" and name not in here:
        name = HOLDS[name]
    return name


def _targets(here: list[str], labels: Labels, volume: Int[np.ndarray, "nx ny nz"]) -> list[tuple[str, int]]:
    """What is cut off, and its number in `volume`; in place, every accessory gets a number of its own."""
    found, new = [], len(labels.names)
    for name in here:
        number = labels.names.index(name)
        if name != "accessory":
            found.append((name, number))
            continue
        pieces, count = connected(volume == number, by_corners=True)
        for k in range(1, count + 1):
            volume[pieces == k] = new
            found.append((name if count == 1 else f"{name} {k}", new))
            new += 1
    return found


def _heir(name: str, here: list[str], labels: Labels, volume: np.ndarray) -> int:
    """Who keeps what could not be cut off: who holds it, or whoever is left of these."""
    heir = _owner(HOLDS[name], here)
    while heir != "torso" and not (volume == labels.names.index(heir)).any():
        heir = _owner(HOLDS[heir], here)
    return labels.names.index(heir)
