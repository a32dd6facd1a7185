"""What every face of a painted figure is: hair, face, head, torso, skirt, arms, legs, base.

Hair is what the crown is painted with and what hangs together with it; the neck is where the silhouette
without hair narrows; limbs are branches of the solid. Borders are smoothed over the surface.
"""

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Float, Int, Int32

from genkei.figure.cells import Cells, Spread, coarser, connected, extended, spread, voxelise
from genkei.figure.hair import find_hair
from genkei.figure.limbs import find_limbs
from genkei.figure.outline import front_picture
from genkei.figure.sockets import Limb, plane_section, slid
from genkei.figure.visage import visage
from genkei.types import Figure, Part

NAMES = (
    "torso", "head", "face", "hair", "bangs", "skirt",
    "left arm", "right arm", "left leg", "right leg", "accessory", "base", "left shoe", "right shoe",
)  # fmt: skip
TORSO, HEAD, FACE, HAIR, BANGS, SKIRT, ACCESSORY, BASE = (
    NAMES.index(name) for name in ("torso", "head", "face", "hair", "bangs", "skirt", "accessory", "base")
)
FLARE = 1.35
"""A skirt's hem spans this many times what the waist and the legs span."""
COLLAR = 0.025
"""Heights over the neck in which shoulders and what the hands hold may still reach."""
SLIDE = 0.04
"""Heights by which a limb's cut may be moved up to where its section grows."""
CHANGE = 0.6
"""Share of the colours that change at a waistband or over a shoe."""
SHOE = 0.55
"""Of a leg's height, from the floor: what begins higher is a stocking."""
CELL = 1 / 200
"""Heights: 0.75 mm at 150 mm."""
COLOURS = 14


@dataclass(frozen=True)
class Labels:
    """A name per face, and the planes through which limbs leave the body."""

    faces: Int32[np.ndarray, "f"]
    """Index into `names`."""
    names: tuple[str, ...]
    limbs: tuple[Limb, ...]
    """Where arms, legs, head and skirt are best cut."""
    notes: tuple[str, ...]
    """What could not be told apart, in the user's words."""

    def where(self, *names: str) -> Bool[np.ndarray, "f"]:
        """Faces of these names."""
        return np.isin(self.faces, [self.names.index(name) for name in names])


def find_labels(figure: Figure) -> Labels:
    """Labels of a figure of one part. ValueError for a figure that has none or several."""
    if len(figure.parts) != 1:
        raise ValueError(
            f"a figure of {len(figure.parts)} parts was given; labels are found on one whole part"
        )
    part = figure.parts[0]
    floor = float(part.mesh.vertices[:, 2].min()) + figure.lift_mm
    height = float(part.mesh.vertices[:, 2].max()) - floor
    cells = voxelise(part.mesh, CELL * height)
    sampled = spread(part.mesh, 0.7 * cells.step)
    colour, front = _colours(figure), front_picture(part.mesh, floor, height)
    surface, neck = find_hair(part.mesh, colour, front, cells, sampled, floor, height)
    body = _Body(cells, front.axis, neck, floor, height, figure.lift_mm)
    label, limbs, notes = _volume(body, surface)
    waist = _waist(body, label, sampled, colour, limbs) if neck is not None else None
    if waist is not None:
        z = cells.origin[2] + cells.step * np.arange(label.shape[2])
        label[(label == TORSO) & (z < waist.point[2])] = SKIRT
        limbs = tuple(replace(b, carrier="skirt") if b.name.endswith("leg") else b for b in (*limbs, waist))
    shoes = _shoes(body, label, sampled, colour, limbs)
    for shoe in shoes:
        leg = label == NAMES.index(shoe.carrier)
        label[leg & (body.z < shoe.point[2])] = NAMES.index(shoe.name)
    return Labels(_faces(part, body, label, sampled), NAMES, (*limbs, *shoes), notes)


@dataclass(frozen=True)
class _Body:
    """The cells of a figure and its measures, mm."""

    cells: Cells
    axis: float
    neck: float | None
    floor: float
    height: float
    lift: float

    @property
    def z(self) -> Float[np.ndarray, "nz"]:
        return self.cells.origin[2] + self.cells.step * np.arange(self.cells.inside.shape[2])

    @property
    def x(self) -> Float[np.ndarray, "nx"]:
        return self.cells.origin[0] + self.cells.step * np.arange(self.cells.inside.shape[0])


def _volume(
    body: _Body, surface: Int[np.ndarray, "nx ny nz"]
) -> tuple[Int[np.ndarray, "nx ny nz"], tuple[Limb, ...], tuple[str, ...]]:
    """A label per cell (-1 outside), the planes of neck, arms and legs, and what was not found."""
    solid = body.cells.inside | (surface >= 0)
    label = np.where(solid, np.int16(TORSO), np.int16(-1))
    levels = np.arange(label.shape[2])
    label[solid & (levels < _base_top(body, solid))] = BASE
    if (surface > 0).any():
        kind = extended(surface)
        label[solid & (kind > 0)] = HAIR
        label[surface == 2] = ACCESSORY
        pieces, count = connected(label == TORSO, by_corners=True)
        if count > 1:  # tips of another colour that only hair holds
            size = np.bincount(pieces.ravel())
            size[0] = 0
            label[(pieces > 0) & (pieces != size.argmax())] = HAIR
    if body.neck is None:
        return label, (), ("no neck was found: the figure stays in one piece",)
    limbs = [_cut_head(body, label)]
    trunk = coarser(Cells(label == TORSO, body.cells.origin, body.cells.step))
    found, notes = find_limbs(trunk, body.neck, body.axis, body.height, body.floor)
    rough = np.where(trunk.inside, 0, -1)
    fine = Cells(label == TORSO, body.cells.origin, body.cells.step)
    found = [(slid(fine, limb, SLIDE * body.height), mask) for limb, mask in found]
    for k, (limb, mask) in enumerate(found):
        rough[mask] = k + 1
        limbs.append(limb)
    nearest = extended(rough)
    places = np.argwhere(label == TORSO)
    number = nearest[tuple((places // 2).T)]
    points = body.cells.centres(places)
    for k, (limb, _) in enumerate(found):
        out = (number == k + 1) & ((points - limb.point) @ limb.normal > 0)
        label[tuple(places[out].T)] = NAMES.index(limb.name)
    return label, tuple(limbs), notes


def _base_top(body: _Body, solid: Bool[np.ndarray, "nx ny nz"]) -> int:
    """The first level over the base: 0 without one, else where the section shrinks most round the soles."""
    if body.lift <= 0:
        return 0
    count = solid.sum((0, 1)).astype(np.int64)
    near = np.flatnonzero((body.z > body.floor - body.lift) & (body.z < body.floor + SLIDE * body.height))
    return int(near[np.argmax(count[near - 1] - count[near])]) if len(near) else 0


def _cut_head(body: _Body, label: Int[np.ndarray, "nx ny nz"]) -> Limb:
    """Label what is over the neck in the middle as head, in place, and the front of the hair as bangs."""
    from scipy.ndimage import binary_dilation

    assert body.neck is not None
    over = (label == TORSO) & (body.z > body.neck)
    collar = body.neck + COLLAR * body.height
    pieces, _ = connected(over & (body.z > collar), by_corners=True)
    middle = np.abs(body.x - body.axis) < 0.08 * body.height
    size = np.bincount(pieces[middle].ravel(), minlength=2)
    size[0] = 0
    head = pieces == max(int(size.argmax()), 1)
    above = int(np.searchsorted(body.z, collar, side="right"))
    under = binary_dilation(head[:, :, above : above + 2].any(2), iterations=3)
    head |= over & (body.z <= collar) & under[:, :, None]  # what is beside it are shoulders and raised arms
    label[head] = HEAD
    level = int(np.searchsorted(body.z, body.neck))
    trunk = Cells((label == TORSO) | (label == HEAD), body.cells.origin, body.cells.step)
    row = np.argwhere(trunk.inside[:, :, level] & middle[:, None])
    at = body.cells.centres(np.column_stack([row, np.full(len(row), level)])).mean(0)
    at[2] = body.neck
    up = np.array([0.0, 0.0, 1.0])
    point, _, radius = plane_section(trunk, at, up)
    y = body.cells.origin[1] + body.cells.step * np.arange(label.shape[1])
    label[(label == HAIR) & (body.z > body.neck) & (y < point[1])[None, :, None]] = BANGS
    return Limb("head", "torso", point, up, radius)


def _waist(
    body: _Body,
    label: Int[np.ndarray, "nx ny nz"],
    sampled: Spread,
    colour: Int32[np.ndarray, "f"],
    limbs: tuple[Limb, ...],
) -> Limb | None:
    """The plane over a skirt: the trunk is narrow, its colour changes, below it flares over the legs."""
    assert body.neck is not None
    legs = [limb for limb in limbs if limb.name.endswith("leg")]
    trunk = np.asarray(label == TORSO)
    levels = np.flatnonzero(trunk.any((0, 1)))
    if len(legs) < 2 or not len(levels):
        return None
    wide, deep = trunk.any(1).sum(0).astype(float), trunk.any(0).sum(0).astype(float)
    spans = wide * deep
    low, high = levels[0], int(np.searchsorted(body.z, body.neck))
    numbers = [NAMES.index(leg.name) for leg in legs]
    legs_wide: Bool[np.ndarray, "nx ny nz"] = np.isin(label, numbers)
    under = max(low - 3, 0)
    row = np.asarray(legs_wide[:, :, under])
    leg_span = float(np.asarray(row.any(1)).sum() * np.asarray(row.any(0)).sum())
    hem = spans[low : low + max((high - low) // 5, 2)].max()
    range_ = np.arange(low + (high - low) // 4, low + 3 * (high - low) // 4)
    waist = int(range_[spans[range_].argmin()])
    if hem < FLARE * spans[waist] or hem < FLARE * leg_span:
        return None
    table = _colours_by_level(body, trunk, sampled, colour)
    near = range_[np.abs(range_ - waist) * body.cells.step < 0.07 * body.height]
    band = max(int(0.03 * body.height / body.cells.step), 2)
    change = [_change(table[max(n - band, 0) : n].sum(0), table[n : n + band].sum(0)) for n in near]
    best = int(np.argmax(change))
    if change[best] < CHANGE:
        return None
    return _below(body, trunk, int(near[best]), "skirt", "torso")


def _shoes(
    body: _Body,
    label: Int[np.ndarray, "nx ny nz"],
    sampled: Spread,
    colour: Int32[np.ndarray, "f"],
    limbs: tuple[Limb, ...],
) -> list[Limb]:
    """Planes over the shoes: the lowest place of each leg where its colours change."""
    found = []
    for leg in (limb for limb in limbs if limb.name.endswith("leg")):
        mine = np.asarray(label == NAMES.index(leg.name))
        levels = np.flatnonzero(mine.any((0, 1)))
        if not len(levels):
            continue
        table = _colours_by_level(body, mine, sampled, colour)
        band = max(int(0.02 * body.height / body.cells.step), 2)
        range_ = np.arange(levels[0] + band, levels[0] + int(SHOE * len(levels)))
        change = [_change(table[n - band : n].sum(0), table[n : n + band].sum(0)) for n in range_]
        sharp = [n for n, share in zip(range_, change, strict=True) if share >= CHANGE]
        if not sharp:
            continue
        near = [n for n in sharp if n < sharp[0] + band]  # the sharpest of the lowest change
        level = max(near, key=lambda n: change[n - range_[0]])
        found.append(_below(body, mine, int(level), leg.name.replace("leg", "shoe"), leg.name))
    return found


def _colours_by_level(
    body: _Body, inside: Bool[np.ndarray, "nx ny nz"], sampled: Spread, colour: Int32[np.ndarray, "f"]
) -> Float[np.ndarray, "nz c"]:
    """How much of each colour the surface in `inside` shows, level by level."""
    i, j, k = body.cells.index(sampled.points).T
    on = inside[i, j, k]
    table = np.zeros((inside.shape[2], COLOURS))
    np.add.at(table, (k[on], colour[sampled.face[on]]), sampled.weight[on])
    return table


def _below(body: _Body, inside: Bool[np.ndarray, "nx ny nz"], level: int, name: str, carrier: str) -> Limb:
    """What of `inside` lies under a level, as a limb that comes off downward."""
    row = np.argwhere(inside[:, :, level])
    at = body.cells.centres(np.column_stack([row, np.full(len(row), level)])).mean(0)
    at[2] -= body.cells.step / 2
    down = np.array([0.0, 0.0, -1.0])
    point, _, radius = plane_section(Cells(inside, body.cells.origin, body.cells.step), at, down)
    return Limb(name, carrier, point, down, radius)


def _change(under: np.ndarray, over: np.ndarray) -> float:
    """1 less the overlap of two histograms."""
    return 1 - float(np.minimum(under / max(under.sum(), 1e-9), over / max(over.sum(), 1e-9)).sum())


def _faces(
    part: Part, body: _Body, label: Int[np.ndarray, "nx ny nz"], sampled: Spread
) -> Int32[np.ndarray, "f"]:
    """The label most of each face has; the front of the head is the face."""
    at = label[tuple(body.cells.index(sampled.points).T)]
    assert (at >= 0).all()
    count = len(part.mesh.faces)
    mass = np.bincount(sampled.face * len(NAMES) + at, sampled.weight + 1e-12, count * len(NAMES))
    found = mass.reshape(count, len(NAMES)).argmax(1).astype(np.int32)
    if (found == HEAD).any():
        assert body.neck is not None
        found[visage(part.mesh, found == HEAD, body.neck, body.axis)] = FACE
    return found


def _colours(figure: Figure) -> Int32[np.ndarray, "f"]:
    """A number of one of few colours per face."""
    from genkei.figure.palette import reduce_colours

    return reduce_colours(figure, COLOURS, tidy_rounds=1).faces[0]
