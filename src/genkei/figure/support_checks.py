"""Do the supports hold: part and supports sliced together, and what was promised about branches and raft."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from genkei.figure.dexels import dexels_of, origin_of
from genkei.figure.islands import fresh, islands_of
from genkei.figure.machine import fit
from genkei.figure.profiles import Profile
from genkei.geometry.mesh import joined
from genkei.types import Check, Mesh


@dataclass(frozen=True)
class Promise:
    """What the makers of supports measured about themselves."""

    unreached: Float[np.ndarray, "u 3"]
    """Touch points without a support."""
    on_face: Float[np.ndarray, "k 3"]
    """Tips on faces that were to be kept clear."""
    closest_mm: float
    """Of a branch to the part; inf without branches."""
    clearance_mm: float
    resin_mm3: float
    """Of the supports outside the part."""
    part_mm3: float


@dataclass(frozen=True)
class Grid:
    """How finely a print is sliced in search of islands."""

    pixel_mm: float
    layer_mm: float


def air_checks(part: Mesh, supports: Mesh, grid: Grid, ledge_mm: float) -> tuple[Check, ...]:
    """Part and supports in print position, sliced together: islands and the widest unsupported ledge.

    The lattice is the one the part alone has: what is smaller than a pixel shows in both or in neither.
    """
    pixel = grid.pixel_mm
    dexels = dexels_of(joined((part, supports)), pixel, origin_of(part, pixel))
    found = fresh(dexels, grid.layer_mm)
    islands = islands_of(dexels, found)
    widest = int(found.reach.argmax()) if len(found.reach) else -1
    ledge = float(found.reach[widest]) * pixel if widest >= 0 else 0.0
    spot = "nowhere"
    if widest >= 0:
        x, y = dexels.places(found.column[widest : widest + 1])[0]
        spot = place_in_print(np.array([x, y, float(dexels.low[found.stretch[widest]])]))
    return (
        Check("islands", len(islands), 0, "islands", _places(np.array([i.point for i in islands])),
              not islands, "Resin would cure in the air there: add a support, or turn the part."),
        Check("unsupported ledge", ledge, ledge_mm, "mm", spot, ledge <= ledge_mm,
              "A level underside sags between its supports: set them closer (spacing) or turn the part."),
    )  # fmt: skip


def promise_checks(part: Mesh, supports: Mesh, promise: Promise, profile: Profile) -> tuple[Check, ...]:
    """Points without support, tips on the face, clearance, size against the machine, resin."""
    low = np.minimum(part.vertices.min(0), supports.vertices.min(0)) if len(supports.faces) else None
    both = part if low is None else joined((part, supports))
    size = np.ptp(both.vertices.astype(np.float64), axis=0)
    tightest = fit(size, profile)
    share = promise.resin_mm3 / promise.part_mm3
    box = " x ".join(f"{side:.1f}" for side in size)
    return (
        Check("support points", len(promise.unreached), 0, "not reached", _places(promise.unreached),
              not len(promise.unreached), "No branch gets there: turn the part, or split it there."),
        Check("tips on the face", len(promise.on_face), 0, "tips", _places(promise.on_face),
              not len(promise.on_face), "An island lies on the face: turn the part."),
        Check("branch clearance", min(promise.closest_mm, 999.0), promise.clearance_mm, "mm", "nearest one",
              promise.closest_mm >= promise.clearance_mm - 0.02,
              "A branch would fuse with the part: less branch_mm, or turn the part."),
        Check("fits with supports", tightest.size_mm, tightest.room_mm, "mm", f"{box} mm", tightest.fits,
              "Turn or split the part, print it smaller or on a larger machine."),
        Check("support resin", 100 * share, 100.0, "% of the part", f"{promise.resin_mm3 / 1000:.2f} cm³",
              share <= 1, "The supports need more resin than the part: turn it, or lower it (lift_mm)."),
    )  # fmt: skip


def place_in_print(point: Float[np.ndarray, "3"]) -> str:
    """Coordinates on the machine."""
    return f"x {point[0]:.1f}, y {point[1]:.1f}, z {point[2]:.1f} mm on the bed"


def _places(points: np.ndarray) -> str:
    """The first of some places."""
    if not len(points):
        return "nowhere"
    more = f" and {len(points) - 1} more" if len(points) > 1 else ""
    return place_in_print(points[0]) + more
