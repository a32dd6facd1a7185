"""What it costs to print a part one way up: islands, overhang, scars, height, peel and how it stands."""

import math
from dataclasses import dataclass, fields, replace

import numpy as np
from jaxtyping import Float, Float32

from genkei.figure.balance import margin
from genkei.figure.dexels import dexels_of
from genkei.figure.islands import fresh, islands_of, layer_areas
from genkei.geometry.mesh import area_vectors, corners, face_normals
from genkei.types import Mesh

OVERHANG_DEG = 45.0
"""Between the surface and the horizontal: flatter undersides need support."""
CONTACT_MM = 0.1
"""Faces this near to the lowest point lie on the bed."""
SAFE_TIP_DEG = 25.0
"""A print that tips at less may be torn off by the nozzle."""
LEAST_PEEL = 0.7
"""The largest layer has at least the mean layer's area, less this share for what a lattice rounds."""
ISLAND_SCAR_CM2 = 0.25
"""The tip under an island spoils as much of what is seen as so much overhang does."""


@dataclass(frozen=True)
class Terms:
    """One way up, measured; lower is better but for the contact and the tip angle."""

    islands: float
    """First layers of something that begins in the air."""
    overhang_cm2: float
    """Undersides flatter than the limit, a level one counted in full and one at the limit not at all."""
    scar_cm2: float
    """Overhang, each face times how visible it is, and islands as visible as they are: where supports leave
    their marks."""
    support_cm3: float
    """Room between such undersides and what is below them: what a slicer fills with support."""
    height_mm: float
    peel_cm2: float
    """Largest layer: what a resin machine has to pull off its film at once."""
    contact_cm2: float
    """Surface that lies flat on the bed."""
    tip_deg: float
    """Tilt at which it falls over, standing on its lowest points alone."""


@dataclass(frozen=True)
class Prices:
    """Minutes of somebody's or the machine's time that a unit of each term costs: our estimates, tunable."""

    island: float
    overhang_cm2: float
    scar_cm2: float
    support_cm3: float
    height_mm: float
    peel_cm2: float
    tipping: float
    """For a part that falls by itself; less in proportion up to `SAFE_TIP_DEG`."""
    on_bed: bool
    """The lowest faces lie on the bed and need no support (FDM); False: it is lifted and tilted (resin)."""

    def __post_init__(self) -> None:
        for field in fields(self):
            if not 0 <= float(getattr(self, field.name)) < 1e6:
                raise ValueError(f"the price {field.name} is {getattr(self, field.name)}, wanted 0 or more")

    def of(self, terms: Terms) -> float:
        """Minutes in all."""
        shortfall = min(max(1 - terms.tip_deg / SAFE_TIP_DEG, 0.0), 1.0)
        return (
            self.island * terms.islands
            + self.overhang_cm2 * terms.overhang_cm2
            + self.scar_cm2 * terms.scar_cm2
            + self.support_cm3 * terms.support_cm3
            + self.height_mm * terms.height_mm
            + self.peel_cm2 * terms.peel_cm2
            + self.tipping * shortfall
        )


RESIN = Prices(0.5, 1.0, 5.0, 0.05, 0.25, 1.0, 0.0, False)
"""A support costs half a minute to clip and sand, a square centimetre of marks on the front five minutes; a
millimetre is 20 layers of 8 s, of which a tenth is somebody's; a large layer peels hard and may tear off."""
FDM = Prices(1.0, 0.5, 4.0, 2.0, 0.3, 0.0, 40.0, True)
"""Support is a solid block that takes its own time; the part has to hold on the bed by itself."""
FREE = Prices(0.0, 0.0, 0.0, 0.0, 0.5, 0.0, 0.0, True)
"""Powder and jetting carry the part: only height takes time."""


def prices_for(process: str) -> Prices:
    """By the profile's name; silicone wants a master of resin; what powder or wax carries is FREE."""
    if process.startswith("fdm"):
        return FDM
    return RESIN if process in ("resin", "cast") else FREE


@dataclass(frozen=True)
class Subject:
    """A part as the search asks it: its surface, a coarser one to be sliced, the hull to be turned."""

    mesh: Mesh
    visible: Float[np.ndarray, "f"]
    """How visible every face of `mesh` is in the finished figure, 0..1."""
    coarse: Mesh
    coarse_normals: Float32[np.ndarray, "c 3"]
    coarse_visible: Float[np.ndarray, "c"]
    """Of the face of `mesh` whose middle is nearest."""
    hull: Float[np.ndarray, "h 3"]
    centre: Float[np.ndarray, "3"]
    """Of mass."""
    areas: Float[np.ndarray, "f 3"]
    """Area vectors of `mesh`."""
    area: Float[np.ndarray, "f"]
    points: Float[np.ndarray, "v 3"]
    """Vertices of `mesh`."""
    volume_mm3: float


def subject(mesh: Mesh, visible: Float[np.ndarray, "f"]) -> Subject:
    """What `measure` needs, made once; ValueError when the mesh is no closed solid."""
    from scipy.spatial import ConvexHull, KDTree

    from genkei.figure.balance import mass_properties
    from genkei.geometry.mesh import simplify

    size = float(np.ptp(mesh.vertices, axis=0).max())
    coarse = simplify(mesh, size / 1500)
    _, nearest = KDTree(corners(mesh).mean(1)).query(corners(coarse).mean(1))
    volume_mm3, centre = mass_properties(mesh)
    hull = mesh.vertices[ConvexHull(mesh.vertices.astype(np.float64)).vertices].astype(np.float64)
    areas = area_vectors(mesh)
    return Subject(
        mesh, visible, coarse, face_normals(coarse), visible[nearest], hull, centre,
        areas, np.linalg.norm(areas, axis=1), mesh.vertices.astype(np.float64), volume_mm3,
    )  # fmt: skip


def outlined(part: Subject, rotation: Float[np.ndarray, "3 3"], on_bed: bool) -> Terms:
    """What the surface alone says of one way up, without slicing: no term is above `measure`'s."""
    down = part.areas @ rotation[2]
    steep = _severity(down / np.maximum(part.area, 1e-12)) * part.area
    heights = part.points @ rotation[2]
    low, high = float(heights.min()), float(heights.max())
    near = (heights < low + CONTACT_MM)[part.mesh.faces]
    lying = near[:, 0] & near[:, 1] & near[:, 2] & (down < 0)
    if on_bed:
        steep[lying] = 0
    return Terms(
        islands=0.0,
        overhang_cm2=float(steep.sum()) / 100,
        scar_cm2=float(steep @ part.visible) / 100,
        support_cm3=0.0,
        height_mm=high - low,
        peel_cm2=LEAST_PEEL * part.volume_mm3 / (high - low) / 100,
        contact_cm2=float(np.abs(down[lying]).sum()) / 100,
        tip_deg=_tip_deg(part, rotation),
    )


def measure(part: Subject, rotation: Float[np.ndarray, "3 3"], on_bed: bool, pixel_mm: float) -> Terms:
    """The terms of one way up."""
    return sliced(part, rotation, outlined(part, rotation, on_bed), pixel_mm)


def sliced(part: Subject, rotation: Float[np.ndarray, "3 3"], found: Terms, pixel_mm: float) -> Terms:
    """What was `outlined` with the terms that need layers, half a pixel high: islands are searched at the
    pixel's scale."""
    turned = Mesh((part.coarse.vertices @ rotation.T).astype(np.float32), part.coarse.faces)
    bottom = float(turned.vertices[:, 2].min())
    dexels = dexels_of(turned, pixel_mm)
    layers = fresh(dexels, pixel_mm / 2, bottom)
    severity = _severity(part.coarse_normals[dexels.under] @ rotation[2])
    gap, column = dexels.low - bottom, dexels.column
    follows = np.flatnonzero(column[1:] == column[:-1]) + 1
    gap[follows] = dexels.low[follows] - dexels.high[follows - 1]
    alone = islands_of(dexels, layers)
    samples = np.array([island.sample for island in alone], np.int64)
    seen = part.coarse_visible[dexels.under[layers.stretch[samples]]]
    return replace(
        found,
        islands=float(len(alone)),
        scar_cm2=found.scar_cm2 + ISLAND_SCAR_CM2 * float(seen.sum()),
        support_cm3=float((severity > 0) @ gap) * pixel_mm**2 / 1000,
        peel_cm2=float(layer_areas(dexels, pixel_mm / 2, bottom).max(initial=0)) / 100,
    )


def _severity(up: Float[np.ndarray, "n"] | Float32[np.ndarray, "n"]) -> np.ndarray:
    """0 at the overhang limit and above, 1 for a level underside; `up` is the normal's z."""
    limit = math.cos(math.radians(OVERHANG_DEG))
    return np.clip((-up - limit) / (1 - limit), 0, 1)


def _tip_deg(part: Subject, rotation: np.ndarray) -> float:
    """How the part stands on the points of its hull that touch the bed."""
    from scipy.spatial import ConvexHull

    points = part.hull @ rotation.T
    centre = rotation @ part.centre
    low = points[points[:, 2] < points[:, 2].min() + CONTACT_MM, :2]
    above = float(centre[2] - points[:, 2].min())
    if len(low) < 3 or np.linalg.matrix_rank(low - low[0], tol=1e-3) < 2:
        return 0.0
    polygon = low[ConvexHull(low).vertices]
    return max(math.degrees(math.atan2(margin(polygon, centre[:2]), above)), 0.0)
