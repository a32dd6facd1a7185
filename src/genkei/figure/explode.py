"""A kit taken apart for a picture: every part moved out along its joint, its own parts with it."""

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from genkei.figure.walls import spread
from genkei.geometry.mesh import area_vectors
from genkei.types import Joint, Kit, Mesh, Part

GAP = 0.05
"""Air between two parts, of the kit's largest side, at a spread of 1."""
FARTHEST = 2.5
"""No part goes farther than this many times the kit's largest side."""
FLAT = 0.3
"""A way that shows less than this share of its length in the picture cannot clear anything there."""
ALIKE, SHARED = 0.98, 0.1
"""Parts whose ways are alike (cosine) and whose shadows across them share less than a tenth leave side by
side: they are drawn at one height, touching where they touch in the figure."""
SAMPLES = 4000
CELLS = 160
"""Along the kit's largest side: the grain of the shadows that may not overlap."""


def exploded(
    kit: Kit, spread: float = 1.0, forward: Float[np.ndarray, "3"] | None = None
) -> tuple[Part, ...]:
    """The kit's parts moved along their joints' directions, chained by the carrier, clear of each other.

    `spread` scales the air between them. Given the way a camera looks (`forward`, figure space), parts also
    go on until no two overlap in its picture, where their way can be seen in it; twins that leave one
    carrier side by side stay at one height. Parts that no joint holds stay. ValueError for a spread below 0
    or a joint whose parts are not there in order.
    """
    moves = travels(kit, spread, forward)
    return tuple(
        Part(part.name, Mesh((part.mesh.vertices + move).astype(np.float32), part.mesh.faces), part.uv)
        for part, move in zip(kit.parts, moves, strict=True)
    )


def travels(
    kit: Kit, spread: float = 1.0, forward: Float[np.ndarray, "3"] | None = None
) -> Float[np.ndarray, "n 3"]:
    """How far each part of `exploded` moves, in mm."""
    if not (math.isfinite(spread) and spread >= 0):
        raise ValueError(f"parts {spread:g} times apart were asked for; wanted 0 or more")
    holds = holding_joints(kit)
    points = [_samples(part.mesh) for part in kit.parts]
    everything = np.concatenate(points)
    side = float(np.ptp(everything, axis=0).max())
    grain = _Grain(side / CELLS, spread * GAP * side, FARTHEST * side)
    names = [part.name for part in kit.parts]
    moves = np.zeros((len(names), 3))
    for k, joint in enumerate(holds):
        if joint is None:
            continue
        way = joint.direction.astype(np.float64) / np.linalg.norm(joint.direction)
        moves[k] = moves[names.index(joint.carrier)]
        beside = [j for j in range(k) if _leave_together(kit, holds, points, (j, k), grain.cell)]
        placed = np.concatenate([points[j] + moves[j] for j in range(k) if j not in beside])
        moving = points[k] + moves[k]
        far = _clear_along(placed, moving, way, grain.cell) + grain.gap
        if forward is not None and spread > 0:
            far = _clear_in_picture(placed, moving, way, forward, far, grain)
        moves[k] += min(far, grain.most) * way
    return moves


@dataclass(frozen=True)
class _Grain:
    """Of the shadows, in mm: their cells, the air to leave, the farthest way."""

    cell: float
    gap: float
    most: float


def seats(
    kit: Kit, moves: Float[np.ndarray, "n 3"]
) -> list[tuple[Float[np.ndarray, "3"], Float[np.ndarray, "3"]]]:
    """Per joint its place on the moved carrier and on the moved part: the ends of a way of assembly."""
    place = {part.name: move for part, move in zip(kit.parts, moves, strict=True)}
    return [(j.origin + place[j.carrier], j.origin + place[j.plugged]) for j in kit.joints]


def _leave_together(
    kit: Kit, holds: tuple[Joint | None, ...], points: list[np.ndarray], pair: tuple[int, int], cell: float
) -> bool:
    """Whether two parts leave one carrier side by side the same way, like two legs: they need not part."""
    first, second = (holds[k] for k in pair)
    if first is None or second is None or first.carrier != second.carrier:
        return False
    way = first.direction.astype(np.float64)
    if way @ second.direction < ALIKE * np.linalg.norm(way) * np.linalg.norm(second.direction):
        return False
    across = _across(way)
    shadows = [{tuple(row) for row in _cells(points[k] @ across, cell).tolist()} for k in pair]
    return len(shadows[0] & shadows[1]) < SHARED * min(len(shadow) for shadow in shadows)


def _across(way: np.ndarray) -> np.ndarray:
    """Columns: two axes across a direction."""
    side = np.cross(way, np.eye(3)[int(np.abs(way).argmin())])
    side /= np.linalg.norm(side)
    return np.stack([side, np.cross(way / np.linalg.norm(way), side)], 1)


def holding_joints(kit: Kit) -> tuple[Joint | None, ...]:
    """The joint every part hangs on, the first that plugs it in; None for a part that only carries.

    ValueError for a joint whose parts are not in the kit, or whose carrier does not stand first.
    """
    order = {part.name: k for k, part in enumerate(kit.parts)}
    found: dict[str, Joint] = {}
    for joint in kit.joints:
        for name in (joint.carrier, joint.plugged):
            if name not in order:
                raise ValueError(f"a joint holds {name!r}; the kit has {', '.join(order)}")
        if order[joint.carrier] >= order[joint.plugged]:
            raise ValueError(f"{joint.plugged} stands before its carrier {joint.carrier} in the kit")
        found.setdefault(joint.plugged, joint)
    return tuple(found.get(part.name) for part in kit.parts)


def _samples(mesh: Mesh) -> Float[np.ndarray, "n 3"]:
    """Points all over the surface, the same for the same mesh."""
    area = np.linalg.norm(area_vectors(mesh), axis=1)
    _, points = spread(mesh, area, SAMPLES, np.random.default_rng(0))
    return np.concatenate([points, mesh.vertices[:: max(1, len(mesh.vertices) // SAMPLES)]]).astype(
        np.float64
    )


def _clear_along(placed: np.ndarray, moving: np.ndarray, way: np.ndarray, cell: float) -> float:
    """How far `moving` goes along `way` until it has passed all of `placed` that is in its way.

    Both as heights along the way over cells across it.
    """
    across = _across(way)
    at, to = (np.floor(points @ across / (2 * cell)).astype(np.int64) for points in (placed, moving))
    low = np.minimum(at.min(0), to.min(0))
    shape = tuple(np.maximum(at.max(0), to.max(0)) - low + 1)
    top, bottom = np.full(shape, -np.inf), np.full(shape, np.inf)
    np.maximum.at(top, tuple((at - low).T), placed @ way)
    np.minimum.at(bottom, tuple((to - low).T), moving @ way)
    shared = np.isfinite(top) & np.isfinite(bottom)
    return max(float((top - bottom)[shared].max()), 0.0) if shared.any() else 0.0


def _clear_in_picture(
    placed: np.ndarray, moving: np.ndarray, way: np.ndarray, forward: np.ndarray, far: float, grain: "_Grain"
) -> float:
    """The least way from `far` on at which the shadows on the picture do not meet; `far` if there is none."""
    from scipy.ndimage import binary_dilation

    cell = grain.cell
    forward = forward / np.linalg.norm(forward)
    up = np.array([0, 0, 1.0]) if abs(forward[2]) < 0.95 else np.array([0, 1.0, 0])
    right = np.cross(forward, up)
    right /= np.linalg.norm(right)
    plane = np.stack([right, np.cross(right, forward)], 1)
    along = way @ plane
    if np.linalg.norm(along) < FLAT:
        return far
    margin = round(grain.gap / 2 / cell) + 2
    at = _cells(placed @ plane, cell)
    low = at.min(0) - margin
    mask = np.zeros(tuple(np.ptp(at, axis=0) + 2 * margin + 1), bool)
    mask[tuple((at - low).T)] = True
    mask = binary_dilation(mask, iterations=margin)
    flat = np.unique(_cells(moving @ plane, cell), axis=0)
    for step in np.arange(far, grain.most, cell / np.linalg.norm(along)):
        place = flat + np.round(step * along / cell).astype(np.int64) - low
        inside = ((place >= 0) & (place < mask.shape)).all(1)
        if not mask[tuple(place[inside].T)].any():
            return float(step)
    return far


def _cells(points: np.ndarray, cell: float) -> Int[np.ndarray, "n 2"]:
    return np.floor(points / cell).astype(np.int64)


__all__ = ["exploded", "holding_joints", "seats", "travels"]
