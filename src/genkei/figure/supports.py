"""Resin supports of our own: tips on every island and underside, trees that merge downward, a raft."""

import math
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Float

from genkei.figure.branches import Box, Branches, Guard, Space, grow, space_round
from genkei.figure.dexels import Dexels, dexels_of
from genkei.figure.elbowroom import with_room
from genkei.figure.islands import fresh
from genkei.figure.orient import printable
from genkei.figure.posture import prices_for
from genkei.figure.profiles import Profile
from genkei.figure.support_checks import Grid, Promise, air_checks, promise_checks
from genkei.figure.tips import Heads, Struts, Tip, cone, heads, strut_ring, struts
from genkei.figure.touch import Spacing, Touches, touches
from genkei.figure.tubes import STRAIGHT_MM, Raft, Ring, chains, straightened, tube, united
from genkei.geometry.mesh import volume
from genkei.geometry.rays import Surface
from genkei.types import Check, Mesh, Part

NOTHING = Mesh(np.zeros((0, 3), np.float32), np.zeros((0, 3), np.int32))
BORDER_MM = 6.0
"""Room beside the part that branches may use."""
LATTICE_MM = 0.5
MERGE_MM = 14.0
"""Branches farther apart than this go down alone: long leaning branches swing."""
GIRTH, TAPER = 0.3, 0.008
"""A branch's radius grows with its tips to this power, and by this much a millimetre of length."""
THINNEST_MM, THICKEST_MM = 0.3, 1.8
FOOT_MM = 1.6
PAD_MM = 2.0
"""A pad's radius beyond the raft's thickness."""
STEEP = 1.5
LEDGES = 1.6
"""A level underside may be unsupported for this many spacings."""


@dataclass(frozen=True)
class Supported:
    """A part in its place above the raft and the body that holds it, both in the printer's frame."""

    part: Mesh
    supports: Mesh
    """Trees, struts and raft as one solid that touches the part at its tips; no faces when none is needed."""
    tips: Float[np.ndarray, "t 3"]
    """Where tips touch the part."""
    struts: int
    """Of these, how many stand on the part itself."""
    trunks: int
    """Branches that reach the raft."""
    unreached: Float[np.ndarray, "u 3"]
    """Touch points no support can get to."""
    resin_mm3: float
    """Volume of the supports outside the part."""
    checks: tuple[Check, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Supports:
    """Supports for a part in print position; FDM and powder processes get none and a note."""

    layer_mm: float = 0.05
    """Height at which islands are searched and proven gone."""
    pixel_mm: float = 0.1
    """Lattice of that search: nothing thinner is seen."""
    lift_mm: float = 5.0
    """From the raft's upper side to the part; 0 prints it on the bed itself, without a raft."""
    overhang_deg: float = 45.0
    """Undersides flatter than this get tips; less leaves more to the resin, more leaves more marks."""
    spacing_mm: float = 3.2
    """Between tips under a level face; half as much again under one at the limit."""
    contact_mm: float = 0.35
    """Diameter of a tip's end: less leaves smaller marks and holds less."""
    penetration_mm: float = 0.08
    tip_mm: float = 2.5
    """Length of the thin end."""
    branch_mm: float = 0.9
    """Diameter of a branch that carries one tip."""
    clearance_mm: float = 0.4
    """Least distance of a branch from the part."""
    guard_mm: float = 2.5
    """Least distance of a branch from faces to keep clear."""
    raft_mm: float = 1.0
    """Thickness of the raft."""
    on_part: bool = True
    """Tips that cannot reach the bed may stand on the part."""

    def __post_init__(self) -> None:
        limits = {
            "layer_mm": (0.01, 1.0), "pixel_mm": (0.02, 1.0), "lift_mm": (0.0, 50.0), "raft_mm": (0.2, 5.0),
            "overhang_deg": (0.0, 80.0), "spacing_mm": (0.3, 50.0), "contact_mm": (0.1, 2.0),
            "penetration_mm": (0.0, 0.5), "tip_mm": (0.5, 10.0), "branch_mm": (0.4, 5.0),
            "clearance_mm": (0.0, 5.0), "guard_mm": (0.0, 50.0),
        }  # fmt: skip
        for name, (least, most) in limits.items():
            value = float(getattr(self, name))
            if not least <= value <= most:
                raise ValueError(f"supports: {name} is {value}, wanted {least} to {most}")

    def __call__(self, part: Part, profile: Profile, clear: Bool[np.ndarray, "f"] | None = None) -> Supported:
        """`clear`: faces (the figure's face) that tips and branches leave alone; None: no such faces.

        `part` is in print orientation anywhere in space; what comes back is lifted and centred.
        """
        mesh = printable(part.mesh, part.name)
        keep = np.zeros(len(mesh.faces), bool) if clear is None else clear
        if keep.shape != (len(mesh.faces),):
            raise ValueError(f"{part.name}: {len(mesh.faces)} faces but {keep.shape} marks to keep clear")
        ours = resin_like(profile)
        placed = _placed(mesh, self._floor_mm + self.lift_mm if ours else 0.0)
        dexels = dexels_of(placed, self.pixel_mm)
        spacing = Spacing(self.overhang_deg, self.spacing_mm, STEEP * self.spacing_mm, self.spacing_mm)
        wanted = touches(placed, dexels, fresh(dexels, self.layer_mm), spacing, keep)
        if not ours:
            return _declined(placed, profile, wanted)
        plan = self._plan(placed, dexels, profile, wanted, keep)
        supports = self._solid(plan) if len(plan.heads.touch) or len(plan.struts.touch) else NOTHING
        return self._judged(placed, supports, plan, profile)

    def _plan(
        self, part: Mesh, dexels: Dexels, profile: Profile, wanted: Touches, clear: Bool[np.ndarray, "f"]
    ) -> "Plan":
        """Where every tip, strut and branch goes."""
        surface = Surface(part)
        if not len(wanted.points):
            return Plan(wanted, Heads.none(), Struts.none(), Branches.none(), np.zeros(0), np.zeros(0))
        space = self._space(part, dexels, profile, clear)
        tip = self._tip
        found = heads(surface, wanted, space, tip)
        rest = np.setdiff1d(np.arange(len(wanted.points)), found.touch)
        may_stand = np.full(len(part.faces), self.on_part) & ~clear
        standing = struts(part, surface, wanted.only(rest), may_stand, on_bed=self.lift_mm == 0)
        standing = Struts(rest[standing.touch], standing.feet)
        branches = grow(space, found.points, MERGE_MM)
        points, distance = with_room(branches, part, THINNEST_MM + self.clearance_mm)
        branches = replace(branches, points=points)
        return Plan(wanted, found, standing, branches, self._radii(branches, distance), distance)

    def _space(self, part: Mesh, dexels: Dexels, profile: Profile, clear: Bool[np.ndarray, "f"]) -> Space:
        """The part's box and a border, as far as the machine allows, above the raft."""
        high = part.vertices.max(0).astype(np.float64)
        half = np.array(profile.build_mm[:2]) / 2 - profile.margin_mm - self._pad_mm
        inside = np.maximum(np.minimum(high[:2] + BORDER_MM, half), high[:2])
        box = Box(np.array([*-inside, self._floor_mm]), np.array([*inside, high[2]]))
        need = self.branch_mm / 2 + self.clearance_mm
        return space_round(dexels, box, LATTICE_MM, need, Guard(clear, self.guard_mm))

    def _radii(self, branches: Branches, distance: Float[np.ndarray, "n"]) -> Float[np.ndarray, "n"]:
        """Thicker the more tips a branch carries and the longer it is, as far as the part leaves room."""
        wanted = self.branch_mm / 2 * branches.tips**GIRTH + TAPER * branches.length
        room = distance - self.clearance_mm - STRAIGHT_MM
        return np.clip(np.minimum(wanted, room), THINNEST_MM, THICKEST_MM)

    def _solid(self, plan: "Plan") -> Mesh:
        """Tubes, struts and raft in one."""
        tip, points, branches = self._tip, plan.wanted.points, plan.branches
        rings = [
            strut_ring(points[touch], foot, tip)
            for touch, foot in zip(plan.struts.touch, plan.struts.feet, strict=True)
        ]
        for chain in chains(branches):
            way = Ring(branches.points[chain], plan.radius[chain])
            if branches.below[chain[-1]] < 0:
                way = self._footed(way)
            way = straightened(way)
            start = cone(points[plan.heads.touch[chain[0]]], way.centres[0], tip)
            rings.append(
                Ring(
                    np.concatenate([start.centres[:1], way.centres]),
                    np.concatenate([start.radii[:1], way.radii]),
                )
            )
        feet = branches.points[branches.below < 0, :2]
        raft = Raft(self.raft_mm, self._pad_mm).solids(feet) if len(feet) and self.lift_mm > 0 else []
        return united([tube(ring) for ring in rings], raft)

    def _footed(self, way: Ring) -> Ring:
        """A trunk that widens over its last millimetres and ends inside the raft, or on the bed."""
        height = way.centres[:, 2] - self._floor_mm
        radii = way.radii + np.clip(1 - height / FOOT_MM, 0, 1) * FOOT_MM / 2
        if self.lift_mm == 0:
            return Ring(way.centres, radii)
        sunk = way.centres[-1] * [1, 1, 0] + [0, 0, self.raft_mm / 2]
        return Ring(np.vstack([way.centres, sunk]), np.append(radii, radii[-1]))

    def _judged(self, part: Mesh, supports: Mesh, plan: "Plan", profile: Profile) -> Supported:
        """The result with every promise measured."""
        used = np.concatenate([plan.heads.touch, plan.struts.touch])
        missed = np.setdiff1d(np.arange(len(plan.wanted.points)), used)
        gap = plan.distance - plan.radius
        solid = volume(part)
        outside = volume(supported_mesh(part, supports)) - solid if len(supports.faces) else 0.0
        promise = Promise(
            unreached=plan.wanted.points[missed],
            on_face=plan.wanted.points[used][plan.wanted.forbidden[used]],
            closest_mm=float(gap.min(initial=math.inf)),
            clearance_mm=self.clearance_mm,
            resin_mm3=outside,
            part_mm3=solid,
        )
        checks = air_checks(part, supports, Grid(self.pixel_mm, self.layer_mm), LEDGES * self.spacing_mm)
        checks += promise_checks(part, supports, promise, profile)
        trunks = int((plan.branches.below < 0).sum())
        return Supported(
            part, supports, plan.wanted.points[used], len(plan.struts.touch), trunks, promise.unreached,
            outside, checks, _story(plan, trunks),
        )  # fmt: skip

    @property
    def _tip(self) -> Tip:
        return Tip(self.contact_mm, self.tip_mm, self.penetration_mm, self.branch_mm / 2)

    @property
    def _floor_mm(self) -> float:
        """Where trunks end: the raft's upper side, or the bed."""
        return self.raft_mm if self.lift_mm > 0 else 0.0

    @property
    def _pad_mm(self) -> float:
        return self.raft_mm + PAD_MM


@dataclass(frozen=True)
class Plan:
    """Touch points and what was found for them."""

    wanted: Touches
    heads: Heads
    struts: Struts
    branches: Branches
    radius: Float[np.ndarray, "n"]
    """Of every node of the branches, mm."""
    distance: Float[np.ndarray, "n"]
    """From every node to the part, mm."""


def resin_like(profile: Profile) -> bool:
    """Whether parts hang in a vat: their supports are ours; elsewhere the slicer's or nobody's."""
    return not prices_for(profile.name).on_bed


def supported_mesh(part: Mesh, supports: Mesh) -> Mesh:
    """Part and supports as one closed solid, for an STL."""
    return united([part, supports], []) if len(supports.faces) else part


def _placed(mesh: Mesh, lift_mm: float) -> Mesh:
    """Centred over x = y = 0, the lowest point at z = `lift_mm`."""
    points = mesh.vertices.astype(np.float64)
    low, high = points.min(0), points.max(0)
    points += np.array([*-(low + high)[:2] / 2, lift_mm - low[2]])
    return Mesh(points.astype(np.float32), mesh.faces)


def _declined(part: Mesh, profile: Profile, wanted: Touches) -> Supported:
    """No supports of ours, and why."""
    islands = int(wanted.island.sum())
    who = (
        f"{islands} islands and {len(wanted.points) - islands} further places under overhangs need support: "
        "switch supports on in the slicer, whose own are made for its nozzle"
        if prices_for(profile.name).support_cm3
        else "powder or wax carries the part: it needs no supports"
    )
    nowhere = np.zeros((0, 3))
    note = f"supports were left out for {profile.name}: {who}"
    return Supported(part, NOTHING, nowhere, 0, 0, nowhere, 0.0, (), (note,))


def _story(plan: Plan, trunks: int) -> tuple[str, ...]:
    """What a person should know."""
    if not len(plan.wanted.points):
        return ("nothing hangs in the air: no supports are needed",)
    notes = (
        f"{len(plan.heads.touch)} tips on {trunks} trunks, "
        f"{int(plan.wanted.island.sum())} of the touch points are islands",
    )
    if len(plan.struts.touch):
        notes += (f"{len(plan.struts.touch)} tips stand on the part itself: nothing free was below them",)
    return notes
