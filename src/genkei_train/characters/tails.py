"""Tails, braids, drills and buns, and the ribbons that tie them."""

from collections.abc import Sequence

import numpy as np

from genkei_train.characters.body import Figurine, Piece
from genkei_train.characters.forms import Form, both, ellipsoid, limb, mirrored, ring, sweep, turned_back
from genkei_train.characters.ornaments import bow, bun
from genkei_train.characters.paint import Paint, plain

HANGING = ("head", "chest", "hips")
"""Bones of hair that hangs down: its ends stay with the body when the head turns."""
Way = Sequence[tuple[float, float, float]]
"""Offsets from the root in head heights; what falls (y < 0) is scaled by the tail's length."""

TWIN: Way = ((0, 0, 0), (0.16, 0.02, -0.05), (0.30, -0.20, -0.09), (0.36, -0.5, -0.10), (0.36, -0.75, -0.07))
TWIN = (*TWIN, (0.46, -1.0, -0.02))
LOW_TWIN: Way = ((0, 0, 0), (0.10, -0.04, 0.0), (0.20, -0.22, 0.04), (0.26, -0.5, 0.09), (0.28, -0.75, 0.10))
LOW_TWIN = (*LOW_TWIN, (0.25, -1.0, 0.10))
PONY: Way = ((0, 0, 0), (0, 0.06, -0.20), (0, -0.16, -0.42), (0, -0.5, -0.46), (0.03, -0.75, -0.40))
PONY = (*PONY, (0.06, -1.0, -0.34))
LOW_PONY: Way = ((0, 0, 0), (0, -0.05, -0.12), (0, -0.25, -0.17), (0, -0.5, -0.17), (0.02, -0.75, -0.15))
LOW_PONY = (*LOW_PONY, (0.04, -1.0, -0.12))
ROOTS = {
    "twin": (112, 0.80, TWIN),
    "drills": (108, 0.74, TWIN),
    "low_twin": (128, 0.20, LOW_TWIN),
    "braids": (122, 0.24, LOW_TWIN),
    "pony": (180, 0.84, PONY),
    "side_pony": (118, 0.72, TWIN),
    "low_pony": (180, 0.26, LOW_PONY),
    "braid": (180, 0.30, LOW_PONY),
}
"""Angle and height on the head where a tail leaves it, and its way."""
RADII = (0.055, 0.090, 0.135, 0.125, 0.085, 0.004)
SINGLE = ("pony", "side_pony", "low_pony", "braid")


def tied_hair(f: Figurine, crown: Paint, fall: Paint) -> list[Piece]:
    """Every tail, braid or bun of the character and what ties it."""
    kind = f.spec.hair.tails
    if kind == "none":
        return []
    if kind == "bun":
        return bun(f, crown)
    if kind == "odango":
        return _odango(f, crown)
    angle, level, way = ROOTS[kind]
    h = f.m.head
    root = f.skull.point(np.radians(angle), f.m.chin + level * h, (0.055 if kind == "twin" else 0.07) * h)
    if kind in ("braid", "braids"):
        forms = [_braid(f, root, way)]
    elif kind == "drills":
        forms = _drill(f, root, way)
    else:
        forms = _strands(f, root, way)
    pieces = [Piece(_sides(f, form), "hair", fall, HANGING) for form in forms]
    return [*pieces, *_tie(f, root)]


def _sides(f: Figurine, form: Form) -> Form:
    """Tails come in pairs, or as one on the side that the hair is combed to."""
    if f.spec.hair.tails not in SINGLE:
        return both(form)
    return mirrored(form) if f.spec.hair.flip else form


def _path(f: Figurine, root: np.ndarray, way: Way, reach: float = 1.0) -> np.ndarray:
    """The tail's offsets (n, 3) in head heights."""
    spec = f.spec.hair
    rows = np.array(way, float)
    rows[:, [0, 2]] *= spec.tail_spread
    falling = np.arange(len(rows)) > 1
    rows[falling, 1] *= min(spec.tail_length, (float(root[1]) - 0.03) / f.m.head) * reach
    return rows


def _strands(f: Figurine, root: np.ndarray, way: Way) -> list[Form]:
    """A bundle of four strands."""
    h, wide = f.m.head, f.spec.hair.tail_wide
    forms = []
    strands = [
        ((0.0, 0.0, 0.0), 1.0, 1.0),
        ((0.085, 0.0, 0.05), 0.80, 0.72),
        ((-0.075, 0.0, -0.05), 0.90, 0.70),
        ((0.0, 0.0, -0.10), 0.72, 0.66),
    ]
    for (dx, dy, dz), reach, size in strands:
        knots = []
        for rank, (x, y, z) in enumerate(_path(f, root, way, reach)):
            spread = min(rank / 2, 1.0) * (1 + 0.25 * max(rank - 3, 0)) * wide
            centre = root + h * np.array([x + dx * spread, y + dy, z + dz * spread])
            radius = RADII[rank] * size * h * (wide if rank > 1 else 1.0)
            knots.append((*centre, radius, radius * 0.85))
        forms.append(sweep(np.asarray(knots), root * [0, 1, 0], 18))
    return forms


def _fine(f: Figurine, root: np.ndarray, way: Way, count: int) -> tuple[np.ndarray, np.ndarray]:
    """`count` offsets along the way in head heights, and how far along each is, 0 to 1."""
    from scipy.interpolate import PchipInterpolator

    rows, at = _path(f, root, way), np.linspace(0, len(way) - 1, count)
    return PchipInterpolator(np.arange(len(rows)), rows)(at), at / at[-1]


def _braid(f: Figurine, root: np.ndarray, way: Way) -> Form:
    """A rope of knots that ends in a tuft."""
    h, wide = f.m.head, f.spec.hair.tail_wide
    beads = max(round(f.spec.hair.tail_length * 4), 4)
    rows, share = _fine(f, root, way, 6 * beads)
    knot = np.abs(np.sin(np.pi * share * beads))
    radius = (
        (0.062 + 0.045 * knot) * wide * np.interp(share, [0, 0.08, 0.85, 0.9, 1.0], [0.7, 1, 0.8, 0.5, 0.9])
    )
    rows[:, 0] += 0.03 * wide * np.sin(np.pi * share * beads) * (share < 0.88)
    radius[-1] = 0.01
    return limb(np.column_stack([root + h * rows, h * radius]), 6 * beads)


def _drill(f: Figurine, root: np.ndarray, way: Way) -> list[Form]:
    """A corkscrew: a lock wound round a core that tapers to a point."""
    h, wide = f.m.head, f.spec.hair.tail_wide
    turns = max(f.spec.hair.tail_length * 1.8, 2.0)
    rows, share = _fine(f, root, way, 72)
    taper = np.interp(share, [0, 0.12, 0.3, 1.0], [0.35, 0.9, 1.0, 0.16]) * wide
    core = limb(np.column_stack([root + h * rows, 0.105 * h * taper]), 20)
    phase = 2 * np.pi * turns * share
    round_it = np.column_stack([np.cos(phase), 0 * phase, np.sin(phase)]) * (0.085 * taper)[:, None]
    coil = limb(np.column_stack([root + h * (rows + round_it), 0.070 * h * taper]), 72)
    return [core, coil]


def _tie(f: Figurine, root: np.ndarray) -> list[Piece]:
    """A band round the root and the loops of its ribbon."""
    h, kind = f.m.head, f.spec.hair.tails
    paint = plain(f.spec.palette.accent)
    head = ("head",)
    if kind in ("pony", "low_pony", "braid"):
        tie = root + h * np.array([0, 0, -0.05])
        pieces = [Piece(ring(tie, np.array([0.0, 0.2, -1.0]), 0.06 * h, 0.028 * h), "accessory", paint, head)]
        if f.spec.outfit.hair_ribbon:
            knot = tie + h * np.array([0, 0.03, -0.10])
            turned = [turned_back(form, knot[2]) for form in bow(knot, 0.24 * h, tails=False)]
            pieces += [Piece(form, "accessory", paint, head) for form in turned]
        return pieces
    tie = root + h * np.array([0.035, 0.004, -0.01])
    band = ring(tie, np.array([1.0, 0.1, -0.3]), 0.055 * h, 0.026 * h)
    pieces = [Piece(_sides(f, band), "accessory", paint, head)]
    for up in (1, -1):
        loop = tie + h * np.array([0.035, 0.125 * up + 0.02, 0.075])
        turn = np.array([[0.30, -0.95 * up, 0], [0.95 * up, 0.30, 0], [0, 0, 1.0]])
        loops = ellipsoid(loop, np.array([0.125, 0.062, 0.050]) * h, turn)
        pieces.append(Piece(_sides(f, loops), "accessory", paint, head))
    return pieces


def _odango(f: Figurine, paint: Paint) -> list[Piece]:
    """Two buns on top, each tied at its foot."""
    h, size = f.m.head, 0.165 * f.spec.hair.tail_wide
    root = f.skull.point(np.radians(100), f.m.chin + 0.90 * h, 0.05 * h)
    centre = root + h * np.array([0.07, 0.10, 0.0])
    ball = ellipsoid(centre, np.array([size, size * 0.95, size]) * h)
    lift = (centre - root) / np.linalg.norm(centre - root)
    coil = ring(centre + 0.02 * h * lift, lift, 0.72 * size * h, 0.42 * size * h)
    band = ring(centre - 0.75 * size * h * lift, lift, 0.6 * size * h, 0.035 * h)
    hair = [Piece(both(form), "hair", paint, ("head",)) for form in (ball, coil)]
    return [*hair, Piece(both(band), "accessory", plain(f.spec.palette.accent), ("head",))]
