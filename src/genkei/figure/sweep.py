"""The way a part comes off: directions in which it is free, and the proof that nothing stands in its path."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from genkei.figure.columns import window_over
from genkei.figure.pegs import Frame
from genkei.geometry.mesh import area_vectors, corners
from genkei.geometry.rays import Surface, Surfaces, meets_any
from genkei.types import Mesh

PLAY_MM = 0.05
"""A part may be held by less than this sideways: filing dust, and less than any clearance."""
SLANT = 0.02
"""sin of the angle by which a shared surface may lean against the way out before it holds the part."""
SPECK = 3e-3
"""Where fewer points are held, they may be shards a cut left: the exact check decides."""
HELD = 0.01
"""Share of a shared surface that may lean so: grain of its triangles."""
PROBES = (600, 4000)
"""Points of the part that are followed: for every direction, and for those that survive the first."""
RINGS_DEG, TURNS = (15.0, 30.0, 45.0, 60.0, 75.0), 12
CONE_MOST_DEG = 45.0
MOST_FOLLOWED = 8
"""Directions whose path is followed exactly before the part counts as held."""
EASED_DEG = 47.0
"""A part that is held everywhere is to come off no further than this from the mean normal, for its pegs."""
PIXEL_MM, MOST_PIXELS = 0.08, 900
TOUCH_MM = 0.02
"""Surfaces that overlap by less than this along the way only touch."""


@dataclass(frozen=True)
class Way:
    """How a part leaves the others by a straight push."""

    direction: Float[np.ndarray, "3"]
    cone_deg: float
    """Angle to the nearest direction in which it is held; 0 when it is held in this one."""
    held_share: float
    """Share of its surface that runs into another part; 0 when it is free."""
    spare: tuple[Float[np.ndarray, "3"], ...] = ()
    """Other free directions, the likeliest first, for a joint that finds no room along this one; the next
    least held ones when none is free."""

    @property
    def free(self) -> bool:
        return self.held_share == 0.0


def directions(middle: Float[np.ndarray, "3"]) -> Float[np.ndarray, "n 3"]:
    """The middle and rings round it up to 75 degrees, mirror-symmetric where the middle is."""
    axes = Frame.along(np.zeros(3), middle).axes
    tilt, turn = np.meshgrid(
        np.radians(RINGS_DEG), np.arange(TURNS) * 2 * math.pi / TURNS + math.pi / 2, indexing="ij"
    )
    local = np.stack([np.sin(tilt) * np.cos(turn), np.sin(tilt) * np.sin(turn), np.cos(tilt)], -1)
    return np.concatenate([axes[2:], local.reshape(-1, 3) @ axes])


def way_out(
    part: Mesh, others: Sequence[Surface], shared: Float[np.ndarray, "n 3 3"], more: Float[np.ndarray, "m 3"]
) -> Way:
    """The mean normal when it is free, else one of `more`, the widest free cone, or the least held one.

    `shared` are the part's contacts, counter-clockwise seen from the part; `more` are further directions to
    try, such as the limb's. A part eroded by `PLAY_MM` leaves freely along d exactly when no ray along d from
    its surface meets another part; rays are sampled, and where few of them do the path is followed exactly.
    """
    vectors = np.cross(shared[:, 1] - shared[:, 0], shared[:, 2] - shared[:, 0]).astype(np.float64)
    area = np.linalg.norm(vectors, axis=1)
    normal = vectors.sum(0)
    length = float(np.linalg.norm(normal))
    middle = normal / length if length > 1e-3 * area.sum() else np.array([0.0, 0.0, 1.0])
    tried = np.concatenate([directions(middle), more])
    lean = (vectors @ tried.T < -SLANT * area[:, None]).T @ area / max(float(area.sum()), 1e-12)
    held = np.where(lean > HELD, lean, 0.0)
    for count in PROBES:
        open_ = np.flatnonzero(held < SPECK)
        if len(open_):
            held[open_] = _held(part, others, tried[open_], count)
    meshes = [other.mesh for other in others]
    apart = np.degrees(np.arccos(np.clip(tried @ tried.T, -1, 1)))
    liked = (0, *range(len(tried) - len(more), len(tried)))
    for _ in range(MOST_FOLLOWED):
        k = _next_liked(held, apart, liked)
        if k < 0:
            break
        if _columns(part, meshes, tried[k]).held_mm <= PLAY_MM:
            held[k] = 0.0
            spare = [i for i in (*liked[1:], *np.argsort(apart[k], kind="stable")[:25]) if held[i] == 0]
            return Way(
                tried[k], float(_cone(held, apart)[k]), 0.0, tuple(tried[[i for i in spare if i != k]])
            )
        held[k] = max(held[k], SPECK)
    steep = np.lexsort((held, apart[0] > EASED_DEG))
    share = max(float(held[steep[0]]), SPECK)
    return Way(tried[steep[0]], 0.0, share, (tried[0], *tried[steep[1:6]]))


def _next_liked(held: Float[np.ndarray, "n"], apart: Float[np.ndarray, "n n"], liked: Sequence[int]) -> int:
    """The next direction to follow: the first liked one few points hold, else the middle of the free.

    -1 when every direction is held.
    """
    for k in liked:
        if held[k] < SPECK:
            return k
    cone = _cone(held, apart)
    return int(np.lexsort((apart[0].round(3), -cone.round(1)))[0]) if cone.max() > 0 else -1


def _cone(held: Float[np.ndarray, "n"], apart: Float[np.ndarray, "n n"]) -> Float[np.ndarray, "n"]:
    """Angle from every free direction to the nearest held one, in degrees; 0 for the held."""
    cone = np.minimum(np.where(held[None] > 0, apart, 90.0 - apart[0][:, None]).min(1), CONE_MOST_DEG)
    return np.where(held == 0, np.maximum(cone, 0.1), 0.0)


def _held(part: Mesh, others: Sequence[Surface], tried: Float[np.ndarray, "k 3"], count: int) -> np.ndarray:
    """Share of points of the part, a hair inside it, whose ray along each direction meets the others."""
    points = _under_surface(part, count)
    starts = np.broadcast_to(points, (len(tried), *points.shape)).reshape(-1, 3)
    along = np.repeat(tried, len(points), axis=0)
    return meets_any(others, starts, along).reshape(len(tried), -1).mean(1)


def _under_surface(mesh: Mesh, count: int) -> Float[np.ndarray, "n 3"]:
    """Middles of faces spread evenly by area, `PLAY_MM` under the surface."""
    vectors = area_vectors(mesh)
    area = np.linalg.norm(vectors, axis=1)
    ends = np.cumsum(area)
    face = np.unique(
        np.searchsorted(ends, (np.arange(count) + 0.5) / count * ends[-1]).clip(0, len(area) - 1)
    )
    inward = vectors[face] / np.maximum(area[face, None], 1e-12)
    return corners(mesh)[face].astype(np.float64).mean(1) - PLAY_MM * inward


def limb_axis(
    part: Mesh, others: Sequence[Mesh], shared: Float[np.ndarray, "n 3 3"]
) -> Float[np.ndarray, "3"]:
    """From the middle of what is near the shared surface in the others to the middle of that in the part."""
    area = np.linalg.norm(np.cross(shared[:, 1] - shared[:, 0], shared[:, 2] - shared[:, 0]), axis=1) / 2
    centre = (shared.mean(1) * area[:, None]).sum(0) / max(float(area.sum()), 1e-12)
    reach = 3 * math.sqrt(float(area.sum()) / math.pi)
    ends = []
    for meshes in ([part], others):
        points = np.concatenate([corners(mesh).mean(1) for mesh in meshes]).astype(np.float64)
        weight = np.concatenate([np.linalg.norm(area_vectors(mesh), axis=1) for mesh in meshes])
        weight = weight * (np.linalg.norm(points - centre, axis=1) < reach)
        ends.append((points * weight[:, None]).sum(0) / max(float(weight.sum()), 1e-12))
    along = ends[0] - ends[1]
    length = float(np.linalg.norm(along))
    return along / length if length > 1e-6 else np.array([0.0, 0.0, 1.0])


@dataclass(frozen=True)
class Path:
    """What a straight push out meets, column by column."""

    held_mm: float
    """Half width of the widest thing in the way, seen along it."""
    needed_mm: float
    """Length after which nothing of the others is level with the part any more."""
    travel_mm: float
    """Length it moves before it meets something; `needed_mm` when it meets nothing."""
    where: Float[np.ndarray, "3"]
    """In the middle of what is in the way."""


def follow(
    part: Mesh, others: Sequence[Mesh], direction: Float[np.ndarray, "3"], surfaces: Surfaces | None = None
) -> Path:
    """A part leaves freely exactly when in no column its lower skin is under the others' upper skin.

    `surfaces`: where those of the meshes are, or will be, known.
    """
    path = _columns(part, others, direction)
    if path.held_mm <= PLAY_MM:
        return Path(path.held_mm, path.needed_mm, path.needed_mm, path.where)
    known = Surfaces() if surfaces is None else surfaces
    walls = [known.of(other) for other in others]
    travel = _travel(known.of(part), walls, path.deep, path.direction, path.needed_mm)
    return Path(path.held_mm, path.needed_mm, travel, path.where)


@dataclass(frozen=True)
class _Met:
    """What of a path the columns tell."""

    held_mm: float
    needed_mm: float
    where: Float[np.ndarray, "3"]
    direction: Float[np.ndarray, "3"]
    deep: Float[np.ndarray, "k 3"]
    """The part's lower skin where it is held by more than `PLAY_MM`."""


def _columns(part: Mesh, others: Sequence[Mesh], direction: Float[np.ndarray, "3"]) -> _Met:
    from scipy.ndimage import distance_transform_edt

    middle = (part.vertices.min(0).astype(np.float64) + part.vertices.max(0)) / 2
    frame = Frame.along(middle, direction)
    window = window_over(frame, part.vertices, PIXEL_MM, PIXEL_MM, MOST_PIXELS)
    low = window.heights(part, upper=False)
    floor = float(low.min())
    tops = [
        window.heights(mesh, upper=True) for other in others if len((mesh := window.over(other, floor)).faces)
    ]
    top = np.maximum.reduce(tops) if tops else np.full(low.shape, -np.inf)
    reach = float(top.max(initial=floor))
    needed = max(reach - floor, 0.0)
    nothing = np.zeros((0, 3))
    held = np.isfinite(low) & np.isfinite(top)
    low, top = np.where(held, low, 0.0), np.where(held, top, 0.0)
    held &= top - low > TOUCH_MM
    if not held.any():
        return _Met(0.0, needed, middle, frame.direction, nothing)
    inside = np.asarray(distance_transform_edt(held))
    worst = np.unravel_index(int(inside.argmax()), inside.shape)
    sideways = max(float(inside[worst]) - 1, 0.0) * window.step_mm
    at = window.points((low + top) / 2)[worst]
    deep = inside > 1 + PLAY_MM / window.step_mm
    return _Met(sideways, needed, at, frame.direction, window.points(low)[deep])


def _travel(
    part: Surface, others: Sequence[Surface], starts: np.ndarray, direction: np.ndarray, needed: float
) -> float:
    """Least way from the part's upper end, over its lowest points, to what stands above them."""
    along = np.broadcast_to(direction, starts.shape)
    _, leaves = part.first_hit(starts + 1e-3 * direction, along)
    meets = np.min([other.first_hit(starts + 1e-3 * direction, along)[1] for other in others], axis=0)
    gap = np.where(np.isfinite(meets) & np.isfinite(leaves), meets - leaves, np.inf)
    return float(np.clip(gap.min(initial=np.inf), 0.0, needed))
