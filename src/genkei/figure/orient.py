"""Which way up a part is printed: a search over directions, each measured and priced."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from heapq import heappop, heappush

import numpy as np
from jaxtyping import Bool, Float, Float32

from genkei.figure.posture import Prices, Subject, Terms, measure, outlined, prices_for, sliced, subject
from genkei.figure.profiles import Profile
from genkei.geometry.mesh import area_vectors, corners, face_normals, open_edges, volume
from genkei.types import Mesh, Part

GOLDEN = math.pi * (3 - math.sqrt(5))
FLAT_SHARE = 0.01
"""A flat face of the convex hull that is smaller than this share of it is no face to stand on."""
MOST_FLATS = 24
REFINED = 5
"""Best directions that are looked at more closely."""
RINGS_DEG = (9.0, 4.5, 2.2)
APART_DEG = 15.0


@dataclass(frozen=True)
class Posture:
    """A way up: `rotation @ point` turns the assembled figure's frame into the printer's (+z up)."""

    rotation: Float[np.ndarray, "3 3"]
    terms: Terms
    cost_min: float
    """The terms' price in minutes."""
    as_assembled: Terms
    """The terms of the part as it stands in the figure."""
    examined: int
    why: str


@dataclass(frozen=True)
class Orient:
    """The cheapest way up that fits the machine; deterministic."""

    directions: int = 200
    """Samples of the sphere before the best are refined; fewer are faster and find worse postures."""
    pixel_mm: float = 0.8
    """Lattice of the search; finer finds smaller islands and takes longer."""
    lift_mm: float = 8.0
    """Height and border that lift, supports and raft need in a resin machine."""
    prices: Prices | None = None
    """None: the process's own (`posture.prices_for`)."""

    def __post_init__(self) -> None:
        if not 1 <= self.directions <= 5000:
            raise ValueError(f"{self.directions} directions were asked for, wanted 1 to 5000")
        if not 0.05 <= self.pixel_mm <= 10:
            raise ValueError(f"the search's pixel is {self.pixel_mm} mm, wanted 0.05 to 10")
        if not 0 <= self.lift_mm < 100:
            raise ValueError(f"the lift is {self.lift_mm} mm, wanted 0 to 100")

    def __call__(
        self, part: Part, profile: Profile, visible: Float32[np.ndarray, "f"] | None = None
    ) -> Posture:
        """The cheapest of `ways`."""
        return self.ways(part, profile, visible)[0]

    def ways(
        self,
        part: Part,
        profile: Profile,
        visible: Float32[np.ndarray, "f"] | None = None,
        upward: Bool[np.ndarray, "f"] | None = None,
    ) -> tuple[Posture, ...]:
        """A few ways up that differ, the cheapest first.

        `visible`: per face 0..1 (or more, for a face nobody may touch); None: `in_sight`. `upward`: faces
        none of which may look down, so that no support begins there; there may be no such way up.
        ValueError when the mesh is no closed solid, or fits the machine no way up.
        """
        mesh = printable(part.mesh, part.name)
        weight = in_sight(mesh) if visible is None else np.asarray(visible, np.float64)
        if weight.shape != (len(mesh.faces),) or not (np.isfinite(weight).all() and (weight >= 0).all()):
            raise ValueError(
                f"{part.name}: the visibility needs one number from 0 up for each of {len(mesh.faces)} "
                f"faces, found {weight.shape}"
            )
        prices = self.prices or prices_for(profile.name)
        room = self.room(profile)
        body = subject(mesh, weight)
        looking = face_normals(mesh)[[] if upward is None else upward].astype(np.float64)
        search = _Search(body, prices, room, self.pixel_mm, looking)
        frame = _frame(mesh)
        tried = [*_sphere(self.directions) @ frame.T, *_flats(body), *_axes(frame)]
        good = _distinct(search.cheapest_first(tried))
        if not good and not len(looking):
            raise ValueError(_too_large(part.name, body, room))
        refined = [_refined(search, row) for row in good]
        best = _distinct(sorted(refined, key=lambda row: row.cost_min))
        stands = measure(body, np.eye(3), prices.on_bed, self.pixel_mm)
        examined = len(tried) + REFINED * 6 * len(RINGS_DEG)
        return tuple(
            replace(row, as_assembled=stands, examined=examined, why=_why(row, stands, prices))
            for row in best
        )

    def room(self, profile: Profile) -> Float[np.ndarray, "3"]:
        """What a part itself may take, mm: margins off, and where it is lifted also lift and raft."""
        lift = 0.0 if (self.prices or prices_for(profile.name)).on_bed else self.lift_mm
        return np.array(profile.build_mm) - 2 * profile.margin_mm - lift


@dataclass(frozen=True)
class _Search:
    """Prices of ways up, sliced only where what the surface alone says does not rule them out already."""

    body: Subject
    prices: Prices
    room: Float[np.ndarray, "3"]
    pixel_mm: float
    upward: Float[np.ndarray, "k 3"]
    """Normals none of which may point down."""

    def cheapest_first(self, downs: Sequence[Float[np.ndarray, "3"]]) -> Iterator[Posture]:
        """All that fit the machine, by price; equal ones in the order given.

        The next one is sliced when its least price is below all that are known: the order is as if all were.
        """
        waiting: list[tuple[float, bool, int]] = []
        ways = [self.least(down) for down in downs]
        for k, way in enumerate(ways):
            if way.cost_min < math.inf:
                heappush(waiting, (way.cost_min, False, k))
        while waiting:
            _, known, k = heappop(waiting)
            if known:
                yield ways[k]
                continue
            ways[k] = self.whole(ways[k])
            heappush(waiting, (ways[k].cost_min, True, k))

    def cheaper(self, down: Float[np.ndarray, "3"], best: Posture) -> Posture:
        """This way down where it costs less than the best, else the best."""
        way = self.least(down)
        if way.cost_min < best.cost_min:
            way = self.whole(way)
        return way if way.cost_min < best.cost_min else best

    def least(self, down: Float[np.ndarray, "3"]) -> Posture:
        """Priced by its surface alone, which is never more than its price; inf where it does not fit."""
        rotation, fits = _upright(down, self.body.hull, self.room)
        if not fits or (self.upward @ down > 0).any():
            nothing = Terms(*([math.inf] * 8))
            return Posture(rotation, nothing, math.inf, nothing, 0, "")
        return self._priced(rotation, outlined(self.body, rotation, self.prices.on_bed))

    def whole(self, way: Posture) -> Posture:
        """With its layers."""
        return self._priced(way.rotation, sliced(self.body, way.rotation, way.terms, self.pixel_mm))

    def _priced(self, rotation: Float[np.ndarray, "3 3"], terms: Terms) -> Posture:
        return Posture(rotation, terms, self.prices.of(terms), terms, 0, "")


def _refined(search: _Search, start: Posture) -> Posture:
    """Six neighbours in ever smaller rings; moves whenever one is cheaper."""
    best = start
    for ring in RINGS_DEG:
        down = -best.rotation[2]
        side = _beside(down)
        other = np.cross(down, side)
        for turn in np.arange(6) * (math.pi / 3):
            aside = math.cos(turn) * side + math.sin(turn) * other
            tilt = math.radians(ring)
            best = search.cheaper(math.cos(tilt) * down + math.sin(tilt) * aside, best)
    return best


def printable(mesh: Mesh, name: str) -> Mesh:
    """The mesh, refused with the reason when it is empty, not a number, open or has no volume."""
    if not len(mesh.faces) or not len(mesh.vertices):
        raise ValueError(f"{name}: the mesh has no triangles, there is nothing to print")
    if not np.isfinite(mesh.vertices).all():
        raise ValueError(f"{name}: the mesh has coordinates that are not numbers; export it again")
    gaps = open_edges(mesh.faces)
    if gaps:
        raise ValueError(f"{name}: the mesh has {gaps} open edges, wanted 0: close it with `genkei printify`")
    if not volume(mesh) > 0:
        raise ValueError(f"{name}: the mesh is inside-out or has no volume: `genkei printify` turns it")
    return mesh


def in_sight(mesh: Mesh) -> Float[np.ndarray, "f"]:
    """Visibility by default, 0..1: in full where a face looks to -y (the figure's front), half of it on top,
    a third at the sides, a tenth at the back, none below."""
    x, y, z = face_normals(mesh).astype(np.float64).T
    return np.max([np.clip(-y, 0, 1), z / 2, np.abs(x) / 3, y / 10, np.zeros(len(z))], axis=0)


def laid(mesh: Mesh, posture: Posture) -> Mesh:
    """The mesh in the printer's frame: turned, its lowest point at z = 0, centred over x = y = 0."""
    points = mesh.vertices.astype(np.float64) @ posture.rotation.T
    low, high = points.min(0), points.max(0)
    middle = np.array([(low[0] + high[0]) / 2, (low[1] + high[1]) / 2, low[2]])
    return Mesh((points - middle).astype(np.float32), mesh.faces)


def _sphere(count: int) -> Float[np.ndarray, "n 3"]:
    """Directions spread evenly (Fibonacci lattice)."""
    z = 1 - (2 * np.arange(count) + 1) / count
    radius = np.sqrt(1 - z * z)
    turn = GOLDEN * np.arange(count)
    return np.stack([radius * np.cos(turn), radius * np.sin(turn), z], 1)


def _frame(mesh: Mesh) -> Float[np.ndarray, "3 3"]:
    """Columns: axes that turn with the part about z, so that turning the input turns the search with it.

    x is the horizontal direction in which the surface spreads most, towards its heavier tail.
    """
    area = np.linalg.norm(area_vectors(mesh), axis=1)
    xy = corners(mesh).astype(np.float64).mean(1)[:, :2]
    xy -= np.average(xy, axis=0, weights=area)
    _, axes = np.linalg.eigh(np.einsum("f,fi,fj->ij", area, xy, xy))
    x = axes[:, -1]
    x = x if (area * (xy @ x) ** 3).sum() >= 0 else -x
    return np.array([[x[0], -x[1], 0], [x[1], x[0], 0], [0, 0, 1.0]])


def _axes(frame: Float[np.ndarray, "3 3"]) -> Float[np.ndarray, "6 3"]:
    """Down as it stands first, then the other axes."""
    return np.stack([-frame[:, 2], frame[:, 2], frame[:, 0], -frame[:, 0], frame[:, 1], -frame[:, 1]])


def _flats(body: Subject) -> Float[np.ndarray, "n 3"]:
    """Outward normals of the largest flat faces of the convex hull: cut faces want to lie on the bed."""
    from scipy.spatial import ConvexHull

    hull = ConvexHull(body.hull)
    a, b, c = body.hull[hull.simplices].transpose(1, 0, 2)
    area = np.linalg.norm(np.cross(b - a, c - a), axis=1) / 2
    normals, offsets = hull.equations[:, :3], hull.equations[:, 3]
    taken = np.zeros(len(area), bool)
    found: list[tuple[float, np.ndarray]] = []
    for k in np.argsort(-area, kind="stable"):
        if taken[k]:
            continue
        same = (normals @ normals[k] > 0.9998) & (np.abs(offsets - offsets[k]) < 0.1) & ~taken
        taken |= same
        found.append((float(area[same].sum()), normals[k]))
    found.sort(key=lambda row: -row[0])
    kept = [normal for size, normal in found[:MOST_FLATS] if size >= FLAT_SHARE * area.sum()]
    return np.array(kept).reshape(-1, 3)


def _beside(direction: Float[np.ndarray, "3"]) -> Float[np.ndarray, "3"]:
    """A unit vector across, in the plane of the direction and the vertical where there is one."""
    up = np.array([0, 0, 1.0]) if abs(direction[2]) < 0.999 else np.array([1.0, 0, 0])
    side = np.cross(direction, up)
    return side / np.linalg.norm(side)


def _upright(
    down: Float[np.ndarray, "3"], hull: Float[np.ndarray, "h 3"], room: Float[np.ndarray, "3"]
) -> tuple[Float[np.ndarray, "3 3"], bool]:
    """The rotation that takes `down` to -z and lays the part along the machine; whether it fits there."""
    down = down / np.linalg.norm(down)
    x = _beside(down)
    base = np.stack([x, np.cross(-down, x), -down])
    points = hull @ base.T
    turn = np.arange(90) * (math.pi / 90)
    along = np.stack([np.cos(turn), np.sin(turn)])
    wide = np.ptp(points[:, :2] @ along, axis=0)
    deep = np.ptp(points[:, :2] @ np.stack([-along[1], along[0]]), axis=0)
    best = int(np.argmin(np.round(np.maximum(wide / room[0], deep / room[1]), 6)))
    spin = np.array([[along[0, best], along[1, best], 0], [-along[1, best], along[0, best], 0], [0, 0, 1.0]])
    size = np.array([wide[best], deep[best], np.ptp(points[:, 2])])
    return spin @ base, bool((size <= room).all())


def _distinct(rows: Iterable[Posture]) -> list[Posture]:
    """The best few that look in different directions."""
    kept: list[Posture] = []
    for row in rows:
        if all(row.rotation[2] @ other.rotation[2] < math.cos(math.radians(APART_DEG)) for other in kept):
            kept.append(row)
        if len(kept) == REFINED:
            break
    return kept


def _too_large(name: str, body: Subject, room: np.ndarray) -> str:
    size = " x ".join(f"{side:.0f}" for side in np.ptp(body.hull, axis=0))
    box = " x ".join(f"{side:.0f}" for side in room)
    return (
        f"{name}: {size} mm fits the machine's usable {box} mm in none of the directions tried: "
        "split it further, print it smaller (--height-mm) or on a larger machine"
    )


def _why(best: Posture, stands: Terms, prices: Prices) -> str:
    """One sentence: what it gains over printing it as assembled."""
    t, s = best.terms, stands
    tilt = math.degrees(math.acos(float(np.clip(best.rotation[2, 2], -1, 1))))
    lead = (
        f"tilted {tilt:.0f}° from how it stands in the figure" if tilt > 1 else "as it stands in the figure"
    )
    return (
        f"{lead}: {t.islands:.0f} islands (as assembled {s.islands:.0f}), {t.overhang_cm2:.1f} cm² overhang "
        f"({s.overhang_cm2:.1f}), {t.scar_cm2:.1f} cm² of it in sight ({s.scar_cm2:.1f}), "
        f"{t.height_mm:.0f} mm high ({s.height_mm:.0f}), largest layer {t.peel_cm2:.1f} cm² "
        f"({s.peel_cm2:.1f}), {t.contact_cm2:.1f} cm² on the bed; {prices.of(t):.0f} instead of "
        f"{prices.of(s):.0f} minutes of work"
    )
