"""Joints of a kit: pegs, dowels, pins and magnets between parts that share a surface, proven to go together.

Shared surfaces meet flush, as a cut leaves them; the only gap is the clearance between a peg and its socket.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from genkei.figure.assembly import Step
from genkei.figure.columns import Stock, columns
from genkei.figure.cutting import cut, dowels, pieces
from genkei.figure.disassembly import taken_apart
from genkei.figure.fits import (
    Made,
    held_check,
    joint_checks,
    key_check,
    path_checks,
    pieces_check,
    shortage_check,
)
from genkei.figure.fittings import KINDS, Fitting, Kind, Metal, Shortage, Site, fit, preferred
from genkei.figure.pegs import Frame
from genkei.figure.profiles import Profile
from genkei.figure.seats import Rules
from genkei.figure.union import Painted, from_solid, to_solid
from genkei.geometry.mesh import from_manifold
from genkei.geometry.rays import Surfaces
from genkei.types import Check, Interface, Joint, Mesh, Part, all_passed

MOST_TRIES = 5
"""Other ways out that are tried when a joint finds no room along the first."""
MINOR = 0.25
"""A joint on a surface with at least this share of all that a part shares holds it: the others are glued."""


@dataclass(frozen=True)
class Joined:
    """The parts with their joints cut in, in the order of assembly, each still in its place."""

    parts: tuple[Part, ...]
    """Loose dowels stand among them, before the part they hold."""
    joints: tuple[Joint, ...]
    checks: tuple[Check, ...]
    notes: tuple[str, ...]
    keep_out: tuple[Mesh, ...]
    """Solids round the joints, on both sides, that hollowing must leave full."""
    apart: tuple[Interface, ...] = ()
    """Shared surfaces at which a part should be held and no joint holds it."""


@dataclass(frozen=True)
class Joints:
    """How parts hold on each other; 0 in a size means "take it from the process"."""

    kind: Literal["auto", "d peg", "square peg", "two pegs", "dowel", "pin", "magnet"] = "auto"
    """One kind for every joint; `auto` chooses by cross-section and process."""
    force: tuple[str, ...] = ()
    """Kinds for single parts, `hair=magnet`, or single surfaces, `head/hair=magnet` (carrier/plugged)."""
    clearance_mm: float = 0.0
    """Gap per side between a peg and its socket."""
    ease: bool = True
    """What of a part hooks behind another changes sides, up to a fifth of it; False: it is only reported."""
    metal_clearance_mm: float = 0.05
    """Gap per side round bought pins and magnets: holes 0.1 mm wider than what goes in."""
    taper_deg: float = 3.0
    """Slope of a peg's sides; more guides it in earlier and holds it less."""
    most_width_mm: float = 8.0
    """Widest peg, however wide the neck."""
    pins_mm: tuple[float, ...] = (3.0, 2.0, 1.5, 1.0)
    """Diameters of the brass wire at hand."""
    magnets_mm: tuple[tuple[float, float], ...] = ((5.0, 2.0), (4.0, 2.0), (3.0, 2.0))
    """Diameters and heights of the magnets at hand."""

    def __post_init__(self) -> None:
        for what, value, most in (
            ("clearance", self.clearance_mm, 2.0),
            ("clearance round metal", self.metal_clearance_mm, 1.0),
            ("taper", self.taper_deg, 10.0),
        ):
            if not 0 <= value <= most:
                raise ValueError(f"the joints' {what} is {value:g}; wanted 0 to {most:g}")
        if not self.most_width_mm > 1 or min((*self.pins_mm, *np.ravel(self.magnets_mm)), default=1) <= 0:
            raise ValueError("widths of pegs, pins and magnets are more than 0 mm (a peg's more than 1 mm)")
        for rule in self.force:
            name, _, kind = rule.rpartition("=")
            if not name or kind not in KINDS:
                raise ValueError(
                    f"a forced joint reads PART=KIND or CARRIER/PLUGGED=KIND with one of {', '.join(KINDS)}; "
                    f"this is {rule!r}"
                )

    def __call__(self, parts: Sequence[Part], interfaces: Sequence[Interface], profile: Profile) -> Joined:
        """Choose, place, cut and prove a joint for every shared surface that needs one.

        ValueError for a kit that contradicts itself; a joint that cannot be made is a failed check.
        """
        self._check_names(interfaces)
        surfaces = Surfaces()
        steps, eased = taken_apart(parts, interfaces, self.ease, profile.wall_mm, surfaces)
        stocks = {step.part.name: Stock(surfaces.of(step.part.mesh)) for step in steps}
        found = _Findings((), (), eased)
        for k, step in enumerate(steps):
            before = [other.part.mesh for other in steps[:k]]
            more = self._join(step, stocks, before, profile)
            found = found + more
            for one in more.made:
                stocks = _less(stocks, one.fitting)
        joined, failed = _finished(steps, found, profile)
        while spare := [one for one in failed if _held_without(one, found.made, failed)]:
            found = _left_out(found, spare[0])
            joined, failed = _finished(steps, found, profile)
        return joined

    def _join(
        self, step: Step, stocks: Mapping[str, Stock], before: Sequence[Mesh], profile: Profile
    ) -> "_Findings":
        """The joints of one part with what carries it."""
        if not step.interfaces:
            return _Findings((), (), ())
        if not step.way.free:
            face = step.interfaces[0]
            return _Findings((), (held_check(step, face, before),), (), (face,))
        tries = [self._along(step, stocks, profile)]
        for direction in step.way.spare[:MOST_TRIES]:
            if not tries[-1].checks:
                break
            turned = replace(step, way=replace(step.way, direction=direction))
            tries.append(self._along(turned, stocks, profile))
        return min(tries, key=lambda found: len(found.checks))

    def _along(self, step: Step, stocks: Mapping[str, Stock], profile: Profile) -> "_Findings":
        """The joints of one part when it comes off along the step's way."""
        large = MINOR * sum(face.area_mm2 for face in step.interfaces)
        made: list[Made] = []
        short: list[tuple[Interface, Shortage]] = []
        notes: list[str] = []
        for face in step.interfaces:
            walls = (profile.recommended_wall_mm, profile.wall_mm)
            site = self._site(face, step, stocks, profile)
            kinds = self.kinds(face) or preferred(site, profile)
            used = [one.fitting.size_mm for one in made]
            fitting = fit(replace(site, metal=site.metal.other_than(used)), kinds, walls)
            if isinstance(fitting, Shortage):
                fitting = fit(site, kinds, walls)
            if isinstance(fitting, Fitting):
                made.append(Made(face, fitting, step))
                stocks = _less(stocks, fitting)
                notes += _remarks(face, fitting)
            else:
                short.append((face, fitting))
        if any(one.interface.area_mm2 >= large for one in made):
            notes += [_glued(face) for face, _ in short]
            short = []
        checks = tuple(shortage_check(face, shortage) for face, shortage in short)
        return _Findings(tuple(made), checks, tuple(notes), tuple(face for face, _ in short))

    def _site(self, face: Interface, step: Step, stocks: Mapping[str, Stock], profile: Profile) -> Site:
        """The interface seen along the way out, with the limits its joint keeps to."""
        rules = Rules(
            wall_mm=profile.recommended_wall_mm,
            clearance_mm=self.clearance_mm or profile.clearance_mm,
            least_mm=profile.section_mm,
            most_mm=max(self.most_width_mm, profile.section_mm),
            taper_deg=self.taper_deg,
        )
        frame = Frame.along(face.centre.astype(np.float64), step.way.direction)
        seen = columns(
            face, frame, stocks[face.carrier], stocks[face.plugged], profile.recommended_wall_mm + 1.0
        )
        metal = Metal(self.pins_mm, self.magnets_mm, self.metal_clearance_mm)
        return Site(seen, face.carrier, face.plugged, rules, metal)

    def _check_names(self, interfaces: Sequence[Interface]) -> None:
        known = {face.plugged for face in interfaces} | {f"{f.carrier}/{f.plugged}" for f in interfaces}
        for rule in self.force:
            if rule.rpartition("=")[0] not in known:
                raise ValueError(
                    f"no shared surface is called as in {rule!r}; known are {', '.join(sorted(known))}"
                )

    def kinds(self, interface: Interface) -> tuple[Kind, ...]:
        """The kind the user wants here; empty when it is left to the process."""
        wanted: str = self.kind
        for name in (interface.plugged, f"{interface.carrier}/{interface.plugged}"):
            for rule in self.force:
                if rule.rpartition("=")[0] == name:
                    wanted = rule.rpartition("=")[2]
        return tuple(kind for kind in KINDS if kind == wanted)


@dataclass(frozen=True)
class _Findings:
    """What was decided so far."""

    made: tuple[Made, ...]
    checks: tuple[Check, ...]
    notes: tuple[str, ...]
    apart: tuple[Interface, ...] = ()

    def __add__(self, more: "_Findings") -> "_Findings":
        return _Findings(
            self.made + more.made, self.checks + more.checks, self.notes + more.notes, self.apart + more.apart
        )


def _less(stocks: Mapping[str, Stock], fitting: Fitting) -> dict[str, Stock]:
    """The parts without the material a joint takes or needs."""
    left = dict(stocks)
    for plug in fitting.plugs:
        for name, solid in ((plug.host, plug.peg.socket()), (plug.grown_on, plug.peg.solid())):
            if name:
                left[name] = replace(left[name], taken=(*left[name].taken, from_manifold(solid)))
    return left


def _glued(face: Interface) -> str:
    return f"{face.plugged} also touches {face.carrier}, without a joint there: glue it"


def _remarks(face: Interface, fitting: Fitting) -> list[str]:
    pair = f"{face.plugged} on {face.carrier}"
    if fitting.kind == "pin":
        return [f"{pair}: brass wire of {fitting.size_mm:g} mm, {2 * fitting.depth_mm:.0f} mm long, glued in"]
    if fitting.kind == "magnet":
        return [
            f"{pair}: a pair of magnets {fitting.size_mm:g} × {fitting.depth_mm:g} mm; "
            "mark their poles before gluing them in"
        ]
    if any(plug.grown_on == face.carrier for plug in fitting.plugs):
        return [f"{pair}: the peg stands on {face.carrier}, which is thinner there"]
    return []


def _held_without(one: Made, made: Sequence[Made], failed: Sequence[Made]) -> bool:
    """Whether the part has another joint that is sound, on a good share of what it shares."""
    large = MINOR * sum(face.area_mm2 for face in one.step.interfaces)
    sound = [other for other in made if not any(other is bad for bad in failed)]
    mine = [other for other in sound if other.step.part.name == one.step.part.name]
    return any(other.interface.area_mm2 >= large for other in mine)


def _left_out(found: _Findings, one: Made) -> _Findings:
    """The findings without a joint: that surface is glued."""
    notes = tuple(note for note in found.notes if note not in _remarks(one.interface, one.fitting))
    made = tuple(other for other in found.made if other is not one)
    return replace(found, made=made, notes=(*notes, _glued(one.interface)))


def _finished(steps: Sequence[Step], found: _Findings, profile: Profile) -> tuple[Joined, list[Made]]:
    """Everything cut, measured and listed in the order of assembly, and the joints that fail a check."""
    whole = {step.part.name: to_solid(Painted(step.part.mesh, step.part.uv)) for step in steps}
    solids = cut(whole, {step.part.name: step.part for step in steps}, [one.fitting for one in found.made])
    meshes = {name: from_manifold(solid) for name, solid in solids.items()}
    rows, out, failed = list(found.checks), [], []
    notes = list(found.notes)
    for k, step in enumerate(steps):
        name = step.part.name
        mine = [one for one in found.made if one.step.part.name == name]
        touched = solids[name] is not whole[name]
        painted = from_solid(solids[name]) if touched else Painted(step.part.mesh, step.part.uv)
        out += [dowel for one in mine for dowel in dowels(one, step.part)]
        out.append(Part(name, painted.mesh, painted.uv))
        if touched:
            rows.append(pieces_check(name, pieces(whole[name]), pieces(solids[name])))
        for one in mine:
            proof = joint_checks(one, solids, profile)
            failed += [] if all_passed(proof) else [one]
            rows += proof
        if mine:
            rows += path_checks(mine[0].step, mine, solids, meshes, [other.part.name for other in steps[:k]])
            key = key_check(step, mine)
            rows += [key] if key else []
            notes += [] if key else [f"{name} can turn on its round {mine[0].fitting.kind}: line up the seam"]
    joints = tuple(joint for one in found.made for joint in _joints(one))
    keep = tuple(
        from_manifold(plug.peg.keep_out(profile.recommended_wall_mm))
        for one in found.made
        for plug in one.fitting.plugs
    )
    return Joined(tuple(out), joints, tuple(rows), tuple(notes), keep, found.apart), failed


def _joints(made: Made) -> list[Joint]:
    """One row a peg; one for what is loose."""
    face, fitting, step = made.interface, made.fitting, made.step
    pegs = [plug.peg for plug in fitting.plugs if plug.grown_on or plug.host == face.carrier]
    return [
        Joint(
            face.carrier,
            face.plugged,
            fitting.kind,
            peg.frame.origin.astype(np.float32),
            step.way.direction.astype(np.float32),
            peg.width_mm,
            peg.depth_mm,
            peg.clearance_mm,
        )
        for peg in pegs
    ]
