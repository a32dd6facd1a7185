"""A two-part block mould of one part, or the reasons why there is none: silicone casting and injection."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Bool, Float, Float32

from genkei.figure.fuse import reaching
from genkei.figure.mould_checks import Findings, injection_checks, silicone_checks
from genkei.figure.parting import Parting, part_along, parting_lines
from genkei.figure.pouring import Pour, Widths, channel_rooms, is_open, plan_pour
from genkei.figure.profiles import Profile
from genkei.figure.pull import Probes, Search, draft_angles, free_path
from genkei.figure.registration import keyed, misfit_mm
from genkei.figure.rings import rings
from genkei.geometry.mesh import from_manifold, to_manifold
from genkei.geometry.rays import Surface
from genkei.types import Check, Mesh, Part

if TYPE_CHECKING:
    from manifold3d import Manifold

CRUMB_MM3 = 1.0
"""Loose bits of a half under this volume fall off: they are left out and told."""


@dataclass(frozen=True)
class Moulded:
    """A part's mould and what was found about it; per face of the part where it says f."""

    halves: tuple[Part, ...]
    """Lower and upper (towards the pull), closed, in the part's place; none for injection."""
    sprues: tuple[Part, ...]
    """What hardens in gate and vents; none for injection."""
    pull: Float[np.ndarray, "3"]
    """Unit; the upper half leaves along it, the lower one against it."""
    pour_up: Float[np.ndarray, "3"]
    """Unit; up while pouring; across the pull."""
    undercut: Bool[np.ndarray, "f"]
    undercut_share: float
    """0..1 of the part's area that neither half can leave straight."""
    draft: Float32[np.ndarray, "f"]
    """Degrees to the pull: 0 a wall along it."""
    parting: Parting
    parting_mm: float
    """Length of the parting line on the part."""
    block_mm3: float
    checks: tuple[Check, ...]
    notes: tuple[str, ...]


_SIDES = (attrgetter("lower"), attrgetter("upper"))


@dataclass(frozen=True)
class Mould:
    """Options of a mould; millimetres."""

    wall_mm: float = 12.0
    """Silicone left round the part (Freeman Supply: at least half an inch); less bulges, more costs."""
    key_mm: float = 6.0
    """Diameter of the registration keys; they need 1.2 mm of room on either side in the wall."""
    gate_mm: float = 6.0
    """Diameter where the resin is poured in; less fills slowly, more leaves a larger scar."""
    vent_mm: float = 2.0
    """Diameter of the air's ways out; thinner ones clog with skin."""
    pocket_mm: float = 2.0
    """A top that rises less needs no vent: its air is brushed out."""
    cells: int = 180
    """Of the parting surface along the block's longer side; fewer are coarser at the parting line."""
    probes: int = 6000
    """Points that vote for the pull; more find smaller undercuts, in proportion slower."""

    def __post_init__(self) -> None:
        for what in ("wall_mm", "key_mm", "gate_mm", "vent_mm", "pocket_mm"):
            value = getattr(self, what)
            if not (math.isfinite(value) and 0.2 <= value <= 200):
                raise ValueError(f"a mould with {what} = {value:g}: wanted from 0.2 to 200 mm")
        if self.gate_mm > self.wall_mm:
            raise ValueError(
                f"a gate of {self.gate_mm:g} mm breaks through a wall of {self.wall_mm:g} mm: "
                "make the wall thicker or the gate narrower"
            )
        if not 16 <= self.cells <= 2000:
            raise ValueError(f"a parting surface of {self.cells} cells was asked for; wanted 16 to 2000")
        if not 100 <= self.probes <= 1_000_000:
            raise ValueError(f"{self.probes} probes were asked for; wanted 100 to 1,000,000")

    def __call__(self, part: Part, profile: Profile) -> Moulded:
        """The mould in the part's place. A profile with a draft is injection: a report without halves.

        ValueError when the part is no closed solid; what cannot be moulded is a failed check.
        """
        mesh = part.mesh
        if not len(mesh.faces) or not np.isfinite(mesh.vertices).all():
            raise ValueError(f"{part.name}: the mesh is empty or has coordinates that are not numbers")
        solid, surface = to_manifold(mesh), Surface(mesh)
        if not solid.volume() > 0:
            raise ValueError(f"{part.name}: the mesh is inside-out or has no volume")
        search = Search.over(mesh, surface, self.probes)
        pull = search.best(mesh, profile.draft_deg)
        parting = part_along(mesh, surface, pull, self.wall_mm, self.cells)
        probes = Probes.of_faces(mesh)
        undercut = np.isfinite(free_path(surface, probes, pull))
        found = Findings(part.name, mesh, search, parting, probes, undercut, draft_angles(mesh, pull))
        if profile.draft_deg > 0:
            halves, sprues, up, block = (), (), parting.frame[1], parting.block().volume()
            checks, notes = injection_checks(found, profile)
        else:
            cast = self._cast(part.name, mesh, solid, surface, parting)
            halves, sprues, up, block, parting = (
                cast.halves,
                cast.sprues,
                cast.up,
                cast.block_mm3,
                cast.parting,
            )
            checks, notes = silicone_checks(found, profile, cast.facts)
            notes = (*notes, *cast.notes)
        return Moulded(
            halves, sprues, pull, up, undercut, probes.share(undercut), found.draft, parting,
            float(parting_lines(mesh, parting).sum()), block, checks, notes,
        )  # fmt: skip

    def _cast(self, name: str, mesh: Mesh, solid: "Manifold", surface: Surface, bare: Parting) -> "_Cast":
        """Halves, keys, gate and vents of a silicone block, in figure space."""
        pour = plan_pour(mesh, surface, bare, Widths(self.gate_mm, self.vent_mm, self.pocket_mm))
        parting, places = keyed(bare, self._taken(bare, pour), self.key_mm)
        block, lower, turned = parting.block(), parting.lower(), parting.turn(solid).as_original()
        upper = block - lower
        below, above = _held(lower - turned, upper - turned)
        rooms = [channel_rooms(channel, parting, pour.up) for channel in pour.channels]
        cut_low, cut_up = (_sum([solid for room in rooms for solid in side(room)]) for side in _SIDES)
        channels = (cut_low ^ lower) + (cut_up ^ upper) - turned
        halves, loops, pieces, crumbs = [], 0, [], []
        for what, half, cut in (("lower", below, cut_low), ("upper", above, cut_up)):
            loops += rings(_largest(half), turned.original_id())
            kept, lost = _without_crumbs(half - cut)
            crumbs += lost
            pieces.append(len(kept.decompose()))
            halves.append(_part(f"{name} mould {what}", parting.turn_back(kept)))
        rods = sum(not is_open(channel, parting, pour.up) for channel in pour.channels)
        facts = {
            "rings": loops, "pieces": max(pieces), "keys": len(places),
            "misfit_mm": misfit_mm(parting), "key_mm": self.key_mm,
        }  # fmt: skip
        poured = parting.turn_back(_sum([channels, *crumbs]))
        sprues = (_part(f"{name} sprues", poured),) if poured.volume() > 0 else ()
        notes = tuple(
            self._says(
                pour,
                rods,
                sum(crumb.volume() for crumb in crumbs),
                block.volume(),
                solid.volume() + channels.volume(),
            )
        )
        up = parting.frame.T @ pour.up
        return _Cast(tuple(halves), sprues, up, block.volume(), parting, facts, notes)

    def _taken(self, parting: Parting, pour: Pour) -> Bool[np.ndarray, "nx ny"]:
        """Nodes where no key may stand: over the part and over channels."""
        taken, nodes = parting.covered.copy(), parting.nodes()
        for channel in pour.channels:
            along = (nodes - channel.start[:2]) @ pour.up[:2]
            across = np.abs((nodes - channel.start[:2]) @ np.array([-pour.up[1], pour.up[0]]))
            width = channel.width_mm if channel.is_gate else channel.width_mm / 2
            taken |= (along > 0) & (along < channel.length_mm) & (across < width)
        return taken

    def _says(self, pour: Pour, rods: int, crumbs: float, block: float, resin: float) -> Iterator[str]:
        vents = len(pour.channels) - 1
        yield (
            f"{(block - resin) / 1000:.0f} cm³ of silicone, {resin / 1000:.1f} cm³ of resin a cast; "
            f"{vents} vents; the gate is up while pouring"
        )
        if rods:
            yield f"{rods} channels run inside one half: those thin rods break off and are pulled out"
        if pour.unvented:
            yield f"{pour.unvented} small pockets of air have no vent: tilt and tap the mould while it fills"
        if crumbs > 0:
            yield f"{crumbs:.2f} mm³ of silicone would be loose crumbs: resin fills their place"


@dataclass(frozen=True)
class _Cast:
    halves: tuple[Part, ...]
    sprues: tuple[Part, ...]
    up: Float[np.ndarray, "3"]
    block_mm3: float
    parting: Parting
    facts: dict[str, float]
    notes: tuple[str, ...]


def _sum(solids: "list[Manifold]") -> "Manifold":
    import manifold3d

    return manifold3d.Manifold.batch_boolean(solids, manifold3d.OpType.Add)


def _held(lower: "Manifold", upper: "Manifold") -> "tuple[Manifold, Manifold]":
    """The halves; what of one hangs only on the other, as the far end of a slanting socket does, is poured
    with that one. What hangs on neither stays apart."""
    below, above = _apart(lower), _apart(upper)
    if not below[1] and not above[1]:
        return lower, upper
    return _grown(below[0], above[1]), _grown(above[0], below[1])


def _apart(half: "Manifold") -> "tuple[Manifold, list[Manifold]]":
    """The largest piece with its crumbs, and the other pieces."""
    main, *others = sorted(half.decompose(), key=lambda piece: -piece.volume())
    crumbs = [piece for piece in others if piece.volume() < CRUMB_MM3]
    return _sum([main, *crumbs]), others[: len(others) - len(crumbs)]


def _grown(half: "Manifold", won: "list[Manifold]") -> "Manifold":
    """A half with pieces of the other one, which reach a hair into it."""
    return _sum([half, *(reaching(piece, from_manifold(half)) for piece in won)])


def _largest(solid: "Manifold") -> "Manifold":
    return max(solid.decompose(), key=lambda piece: piece.volume())


def _without_crumbs(solid: "Manifold") -> "tuple[Manifold, list[Manifold]]":
    pieces = solid.decompose()
    kept = [piece for piece in pieces if piece.volume() >= CRUMB_MM3]
    return _sum(kept), [piece for piece in pieces if piece.volume() < CRUMB_MM3]


def _part(name: str, solid: "Manifold") -> Part:
    """A part without paint: every corner shows the texture's first texel."""
    mesh = from_manifold(solid)
    return Part(name, mesh, np.zeros((len(mesh.faces), 3, 2), np.float32))


__all__ = ["Mould", "Moulded"]
