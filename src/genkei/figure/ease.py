"""Parts that hook behind others made to come off: what is in the way changes sides, nothing is lost.

Along the way out, whatever of a part lies under another part cannot pass. It is cut off by a surface that
follows the way out and becomes a piece of the part it is caught behind; the figure as a whole stays the same.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Bool, Float

from genkei.figure.assembly import Step
from genkei.figure.columns import Window, window_over
from genkei.figure.contact import lies_on
from genkei.figure.cutting import colour_at
from genkei.figure.flakes import firm_pieces
from genkei.figure.fuse import fused
from genkei.figure.pegs import Frame, one_colour
from genkei.figure.sweep import TOUCH_MM
from genkei.figure.union import Painted, from_solid, to_solid
from genkei.geometry.mesh import corners, from_manifold
from genkei.geometry.rays import Surfaces
from genkei.types import Interface, Mesh, Part

if TYPE_CHECKING:
    from manifold3d import Manifold

PIXEL_MM, MOST_PIXELS = 0.2, 500
SPREAD = 2
"""Columns by which the cut goes round what is caught: thin rims are seen in every other column only."""
SMOOTH_MM = 0.01
"""Flat stretches of the cut are made of few triangles; less than `TOUCH_MM`: nothing is caught again."""
TILTED_DEG, TILTED_SHARE = 30.0, 0.01
"""Coming off this far from the mean normal costs as much again as what changes sides, and as such a share of
the part: pegs sit best square to the surface."""
MOST_SHARE = 0.2
"""A part that would lose more of itself than this is cut in the wrong place: it is left, and reported."""
CRUMBS = 5e-5
"""Severed pieces that touch no other part are dropped up to this share of the part; more, and it is left."""
LEAST_MM2 = 0.5
"""A smaller contact is no shared surface."""


@dataclass(frozen=True)
class Eased:
    """The parts after material changed sides, and what they share now."""

    parts: tuple[Part, ...]
    interfaces: tuple[Interface, ...]
    direction: Float[np.ndarray, "3"]
    """The way the part comes off now."""
    note: str


@dataclass(frozen=True)
class Caught:
    """What of a part lies under others along a direction."""

    window: Window
    under: Bool[np.ndarray, "n n"]
    top: Float[np.ndarray, "n n"]
    """Upper skin of the others; of the nearest column that has one elsewhere."""
    floor_mm: float
    """Height of the lowest that is caught."""
    volume_mm3: float
    """About so much of the part is caught."""


def caught(
    part: Mesh, others: Sequence[Mesh], direction: Float[np.ndarray, "3"], surfaces: Surfaces
) -> Caught:
    """Columns in which the part begins lower than the others end."""
    from scipy.ndimage import distance_transform_edt

    frame = Frame.along(part.vertices.mean(0), direction)
    window = window_over(frame, part.vertices, 1.0, PIXEL_MM, MOST_PIXELS)
    low = window.heights(part, upper=False)
    top = np.maximum.reduce([window.heights(other, upper=True) for other in others])
    has = np.isfinite(top)
    under = np.isfinite(low) & has
    under &= np.where(under, top, 0.0) - np.where(under, low, 0.0) > TOUCH_MM
    if not under.any():
        return Caught(window, under, np.zeros(under.shape), 0.0, 0.0)
    nearest = np.asarray(distance_transform_edt(~has, return_distances=False, return_indices=True))
    filled = top[tuple(nearest)]
    starts = window.points(np.where(under, low, 0.0))[under] + 1e-3 * frame.direction
    _, thick = surfaces.of(part).first_hit(starts, np.broadcast_to(frame.direction, starts.shape))
    deep = np.minimum(top[under] - low[under], np.where(np.isfinite(thick), thick, 0.0))
    return Caught(window, under, filled, float(low[under].min()), float(deep.sum()) * window.step_mm**2)


def ease(
    step: Step,
    before: Sequence[Part],
    after: Sequence[Part],
    interfaces: Sequence[Interface],
    wall_mm: float = 0.0,
) -> Eased | None:
    """A held part made to come off those before it, along the direction that costs it least.

    What is put on `after` it is only asked what it touches now. Of what changes sides, flakes thinner than
    `wall_mm` are left out: they would break off.

    None when it would lose more than a fifth, or a piece would be left hanging in the air.
    """
    part = step.part
    others = [other.mesh for other in before]
    solid = to_solid(Painted(part.mesh, part.uv))
    normal = np.sum([face.area_mm2 * face.normal for face in step.interfaces], axis=0)
    surfaces = Surfaces()
    tried = [caught(part.mesh, others, d, surfaces) for d in (step.way.direction, *step.way.spare)]
    best = min(tried, key=lambda one: _price(one, normal, solid.volume()))
    if not best.under.any() or best.volume_mm3 > MOST_SHARE * solid.volume():
        return None
    tool = one_colour(_cutter(best), colour_at(part, best.window.frame.origin))
    inside, outside = solid.split(tool)
    kept = sorted(outside.decompose(), key=lambda piece: piece.volume())
    moved = [piece for piece in (*inside.decompose(), *kept[:-1]) if piece.volume() > 0]
    if sum(piece.volume() for piece in moved) > MOST_SHARE * solid.volume():
        return None
    given: dict[str, list[Manifold]] = {}
    for piece in moved:
        given.setdefault(_heir(piece, before), []).append(piece)
    crumbs = sum(piece.volume() for piece in given.pop("", []))
    if crumbs > CRUMBS * solid.volume() or not given:
        return None
    flakes = 0.0
    if wall_mm > 0:
        firm = {other.name: firm_pieces(other, given.get(other.name, []), wall_mm) for other in before}
        flakes = sum(p.volume() for name in given for p in given[name])
        flakes -= sum(p.volume() for name in firm for p in firm[name])
        given = {name: pieces for name, pieces in firm.items() if pieces}
    parts = tuple(fused(other, given.get(other.name, [])) for other in before)
    left = from_solid(kept[-1])
    eased = Part(part.name, left.mesh, left.uv)
    return Eased(
        (*parts, eased, *after),
        _shared_again(eased, (*parts, *after), interfaces),
        best.window.frame.direction,
        f"{part.name} hooked behind {' and '.join(given) or 'others'}: "
        f"{sum(p.volume() for p in moved) - crumbs - flakes:.0f} mm³ of it now belong there, so that it "
        "comes off"
        + (f"; crumbs of {crumbs:.2f} mm³ were dropped" if crumbs > 0.005 else "")
        + (f"; flakes of {flakes:.1f} mm³, too thin to print, were left out" if flakes > 0.05 else ""),
    )


def _price(caught: Caught, normal: Float[np.ndarray, "3"], whole_mm3: float) -> float:
    """What a direction costs: the material that changes sides, and more the more it is tilted."""
    along = float(caught.window.frame.direction @ normal) / max(float(np.linalg.norm(normal)), 1e-12)
    tilt = math.degrees(math.acos(float(np.clip(along, -1, 1))))
    return (caught.volume_mm3 + TILTED_SHARE * whole_mm3) * (1 + (tilt / TILTED_DEG) ** 2)


def _cutter(caught: Caught) -> "Manifold":
    """Everything under the others' upper skin, in the columns where the part is caught and a hair beyond."""
    import manifold3d
    from scipy.ndimage import binary_dilation, gaussian_filter, maximum_filter
    from skimage.measure import find_contours

    window = caught.window
    spread = gaussian_filter(binary_dilation(caught.under, iterations=SPREAD).astype(np.float64), 1.0)
    place = np.pad(spread, 1)
    rings = [
        (ring[:, ::-1] - 0.5) * window.step_mm - window.half_mm + np.array(window.centre)
        for ring in find_contours(place, 0.3)
    ]
    outline = manifold3d.CrossSection([ring for ring in rings if len(ring) > 3], manifold3d.FillRule.EvenOdd)
    rows, cols = np.nonzero(place[1:-1, 1:-1] > 0.01)
    box = (slice(max(rows.min() - 2, 0), rows.max() + 3), slice(max(cols.min() - 2, 0), cols.max() + 3))
    roof = maximum_filter(caught.top, 3)[box] + TOUCH_MM
    ticks = window.ticks
    relief = _relief(
        ticks[box[1]] + window.centre[0], ticks[box[0]] + window.centre[1], roof, caught.floor_mm - 1
    )
    low, high = float(relief.bounding_box()[2]), float(relief.bounding_box()[5])
    column = outline.extrude(high - low + 2).translate((0, 0, low - 1))
    return window.frame.placed((column ^ relief).simplify(SMOOTH_MM))


def _relief(
    u: Float[np.ndarray, "m"], v: Float[np.ndarray, "n"], roof: Float[np.ndarray, "n m"], floor_mm: float
) -> "Manifold":
    """The solid between a height field and a floor under it."""
    import manifold3d

    rows, cols = roof.shape
    floor = np.full(roof.shape, min(float(roof.min()), floor_mm) - 1.0)
    x, y = np.meshgrid(u, v)
    points = np.concatenate([np.stack([x, y, z], -1).reshape(-1, 3) for z in (roof, floor)])
    index = np.arange(rows * cols).reshape(rows, cols)
    a, b, c, d = (i.ravel() for i in (index[:-1, :-1], index[:-1, 1:], index[1:, 1:], index[1:, :-1]))
    top = np.concatenate([np.stack([a, b, c], 1), np.stack([a, c, d], 1)])
    rim = np.concatenate([index[0, :-1], index[:-1, -1], index[-1, :0:-1], index[:0:-1, 0]])
    after = np.roll(rim, -1)
    under = rows * cols
    sides = np.concatenate(
        [np.stack([rim, rim + under, after], 1), np.stack([after, rim + under, after + under], 1)]
    )
    faces = np.concatenate([top, top[:, ::-1] + under, sides])
    return manifold3d.Manifold(
        manifold3d.Mesh(points.astype(np.float32), np.ascontiguousarray(faces, np.uint32))
    )


def _heir(piece: "Manifold", before: Sequence[Part]) -> str:
    """The part a severed piece touches most; "" when it touches none."""
    triangles = corners(from_manifold(piece))
    low, high = triangles.min((0, 1)), triangles.max((0, 1))
    best, name = 0.0, ""
    for other in before:
        skin = corners(other.mesh)
        near = ((skin.max(1) >= low - 0.1) & (skin.min(1) <= high + 0.1)).all(1)
        on = triangles[lies_on(triangles, skin[near], facing=True)]
        area = _area(on)
        if area > best:
            best, name = area, other.name
    return name


def _area(triangles: np.ndarray) -> float:
    if not len(triangles):
        return 0.0
    a, b, c = triangles.astype(np.float64).transpose(1, 0, 2)
    return float(np.linalg.norm(np.cross(b - a, c - a), axis=1).sum() / 2)


def _shared_again(
    eased: Part, parts: Sequence[Part], interfaces: Sequence[Interface]
) -> tuple[Interface, ...]:
    """All shared surfaces, those of the eased part measured anew."""
    same = [face for face in interfaces if eased.name not in (face.carrier, face.plugged)]
    skin = corners(eased.mesh)
    low, high = skin.min((0, 1)) - 0.1, skin.max((0, 1)) + 0.1
    for other in parts:
        triangles = corners(other.mesh)
        near = triangles[((triangles.max(1) >= low) & (triangles.min(1) <= high)).all(1)]
        touch = near[lies_on(near, skin, facing=True)]
        if _area(touch) >= LEAST_MM2:
            turned = any(face.carrier == eased.name and face.plugged == other.name for face in interfaces)
            if turned:
                same.append(Interface(eased.name, other.name, np.ascontiguousarray(touch[:, ::-1])))
            else:
                same.append(Interface(other.name, eased.name, touch))
    return tuple(same)
