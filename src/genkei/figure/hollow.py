"""A solid part made hollow: an even wall, drained cavities, plugs for the holes, and the proof of it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float, Float32

from genkei.figure.backfill import backfilled
from genkei.figure.bores import Bore, Ground
from genkei.figure.cavity import Room, Wall, recut, room, wall_between
from genkei.figure.depth import Gauge
from genkei.figure.drains import Drained, Rule, drain
from genkei.figure.profiles import Profile
from genkei.figure.proof import Cut, check_cut
from genkei.figure.union import CRUMB_MM3, Painted, from_solid, shell_volumes, to_solid, unite, without_crumbs
from genkei.geometry.mesh import from_manifold, to_manifold, volume
from genkei.geometry.rays import Surface
from genkei.types import Check, Mesh, Part

if TYPE_CHECKING:
    from manifold3d import Manifold

DOWN = (0.0, 0.0, -1.0)
QUICK_CELLS, MOST_CELLS = 12e6, 50e6
"""Of the distance field; 50 million take about 1 GB."""
BIG_MM3 = 2000.0
"""A cavity of this size needs air while it drains, and so a second hole."""
UNMEASURED = Wall(0.0, 0.0, 0.0, 0.0, 0.0, np.zeros(3, np.float32))


@dataclass(frozen=True)
class Hollowed:
    """The hollow part, its plugs, and what was measured; an unchanged part has no cavities and no checks."""

    part: Part
    plugs: tuple[Part, ...]
    """One for every hole, in its place, flush with the part's surface."""
    cavities: tuple[Mesh, ...]
    """What was taken out, without the holes; closed, outward."""
    bores: tuple[Bore, ...]
    saved_mm3: float
    """Material less; the plugs count as material."""
    wall: Wall
    checks: tuple[Check, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Begun:
    """A solid part and the room in it, before it is known which way up it will be."""

    part: Part
    profile: Profile
    keep_out: tuple[Mesh, ...]
    solid: "Manifold"
    """The part's, painted."""
    kept: "Manifold"
    """All of `keep_out`, united."""
    rule: Rule
    clearance_mm: float
    found: Room
    gauge: Gauge
    """Of the part's surface: what was measured to it is not measured again."""


@dataclass(frozen=True)
class Hollow:
    """Solid part to hollow part; where 0 is allowed it takes the number from the profile."""

    wall_mm: float = 0.0
    """Thickness of the wall; 0: what the profile recommends."""
    passage_mm: float = 2.0
    """No pocket or passage of a cavity is narrower; larger drains better and saves less."""
    least_cavity_mm3: float = 500.0
    """A smaller cavity stays solid: half a millilitre is not worth two holes."""
    hole_mm: float = 0.0
    """Diameter of the drain holes where they are narrowest."""
    hole_count: int = 0
    """Holes a cavity above 2 ml gets at least; there are more where liquid would stay in a pool."""
    taper_deg: float = 10.0
    """Slope of a hole's side: the plug is wider outside and cannot fall in."""
    clearance_mm: float = 0.0
    """Gap between a plug and its hole."""
    step_mm: float = 0.0
    """Cells of the distance field; 0: a quarter to a third of the wall or the passage, whichever is less."""

    def __post_init__(self) -> None:
        sizes = {
            "wall": self.wall_mm, "least cavity": self.least_cavity_mm3, "hole": self.hole_mm,
            "clearance": self.clearance_mm, "step": self.step_mm, "number of holes": self.hole_count,
        }  # fmt: skip
        for what, size in sizes.items():
            if not 0 <= size < 1e9:
                raise ValueError(
                    f"hollow: the {what} is {size:g}; wanted more than 0, or 0 for the profile's"
                )
        if not 0.2 <= self.passage_mm <= 50:
            raise ValueError(f"hollow: a passage of {self.passage_mm:g} mm; wanted 0.2 to 50 mm")
        if not 1 <= self.taper_deg <= 45:
            raise ValueError(f"hollow: a hole's taper of {self.taper_deg:g} degrees; wanted 1 to 45")
        if self.step_mm > self.passage_mm / 2 or 0 < self.wall_mm < 2 * self.step_mm:
            raise ValueError(
                f"hollow: steps of {self.step_mm:g} mm are too coarse for a wall of {self.wall_mm:g} mm and "
                f"passages of {self.passage_mm:g} mm; take at most half of either, or 0"
            )

    def __call__(
        self,
        part: Part,
        profile: Profile,
        keep_out: Sequence[Mesh] = (),
        down: Sequence[float] = DOWN,
        around: Sequence[Surface] = (),
    ) -> Hollowed:
        """The part, in figure space, made hollow and proven.

        `keep_out`: closed solids, such as the surroundings of joints, in which nothing is taken away.
        `down`: where liquid runs to when the part is printed, in the part's frame. `around`: other parts of
        the kit in their place, which hide holes. ValueError for a part that is no closed solid, and for
        options that contradict each other or the profile.
        """
        return self.drained(self.begun(part, profile, keep_out), down, around)

    def begun(self, part: Part, profile: Profile, keep_out: Sequence[Mesh] = ()) -> Begun | Hollowed:
        """What is the same for every way down; the unchanged part where the process wants no cavity."""
        solid = _accepted(part)
        kept = _kept(keep_out)
        wall_mm = self._wall(part, profile)
        if not (self.hole_mm or self.hole_count or profile.drain_mm):
            return _unchanged(part, f"{part.name}: left solid, {profile.name} has no use for a cavity")
        rule = self._rule(profile, wall_mm)
        clearance = self.clearance_mm or profile.clearance_mm
        if 2 * clearance >= rule.width_mm:
            raise ValueError(
                f"hollow: a gap of {clearance:g} mm leaves nothing of the plug of a {rule.width_mm:g} mm hole"
            )
        step = self.step_mm or _step(part.mesh, min(wall_mm, self.passage_mm) / 4)
        found = _clear(room(part.mesh, wall_mm, self.passage_mm / 2, tuple(keep_out), step), kept)
        gauge = Gauge(part.mesh)
        found = backfilled(found, gauge, wall_mm)
        return Begun(part, profile, tuple(keep_out), solid, kept, rule, clearance, found, gauge)

    def drained(
        self, begun: Begun | Hollowed, down: Sequence[float] = DOWN, around: Sequence[Surface] = ()
    ) -> Hollowed:
        """What was begun, with its holes; several ways down may go on from it."""
        up = _up(down)
        if isinstance(begun, Hollowed):
            return begun
        part, keep_out, rule, gauge = begun.part, begun.keep_out, begun.rule, begun.gauge
        worth, notes = self._worthwhile(begun.found, part.name)
        ground = Ground(gauge, worth.cavities, keep_out, tuple(around), begun.profile.wall_mm)
        drained = [drain(ground, worth, k, up, rule) for k in range(len(worth.cavities))]
        worth, drained, dry = _drainable(worth, drained, part.name)
        notes += dry
        if not drained:
            return _unchanged(part, *notes)
        cut = _cut(part, begun.solid, worth, drained, begun.clearance_mm)
        wall = wall_between(gauge, worth.cavities, rule.wall_mm, keep_out)
        checks = check_cut(cut, wall, rule.wall_mm, begun.kept, begun.clearance_mm, rule)
        notes += _hole_notes(cut.bores, part.name)
        return Hollowed(
            part=cut.after,
            plugs=cut.plugs,
            cavities=worth.cavities,
            bores=cut.bores,
            saved_mm3=volume(part.mesh) - volume(cut.after.mesh) - sum(volume(p.mesh) for p in cut.plugs),
            wall=wall,
            checks=checks,
            notes=notes,
        )

    def finer(self, share: float, part: Part, profile: Profile) -> "Hollow":
        """The same with cells so much smaller than this part gets by itself."""
        step = self.step_mm or _step(part.mesh, min(self._wall(part, profile), self.passage_mm) / 4)
        return replace(self, step_mm=share * step)

    def _wall(self, part: Part, profile: Profile) -> float:
        wall = self.wall_mm or profile.recommended_wall_mm
        size = part.mesh.vertices.max(0) - part.mesh.vertices.min(0)
        if wall < profile.wall_mm:
            raise ValueError(
                f"hollow: a wall of {wall:g} mm is under the {profile.wall_mm:g} mm that {profile.name} can "
                "make; take a thicker one, or a profile with your own --wall-mm"
            )
        if wall >= float(size.max()):
            raise ValueError(
                f"hollow: a wall of {wall:g} mm is larger than the part {part.name!r} "
                f"({' x '.join(f'{s:.1f}' for s in size)} mm); take a thinner one"
            )
        return wall

    def _rule(self, profile: Profile, wall_mm: float) -> Rule:
        width, count = self.hole_mm or profile.drain_mm, self.hole_count or profile.drain_count
        if not width:
            raise ValueError(
                f"hollow: {count} drain holes are asked for, but {profile.name} has no diameter for them; "
                "give one with hole_mm"
            )
        if width < profile.drain_mm or count < profile.drain_count:
            raise ValueError(
                f"hollow: {count} drain holes of {width:g} mm are less than the {profile.drain_count} of "
                f"{profile.drain_mm:g} mm that {profile.name} needs; take those, or a profile of your own"
            )
        return Rule(width, max(count, 1), BIG_MM3, self.taper_deg, wall_mm)

    def _worthwhile(self, found: Room, name: str) -> tuple[Room, tuple[str, ...]]:
        """The cavities that are large enough, and what is said about the others."""
        large = [k for k, size in enumerate(found.volumes_mm3) if size >= self.least_cavity_mm3]
        small = sum(found.volumes_mm3) - sum(found.volumes_mm3[k] for k in large)
        notes: tuple[str, ...] = ()
        if found.lumps_mm3:
            notes += (
                f"{name}: a cavity was left solid because {found.lumps_mm3:.1f} mm³ that must be kept would "
                "float loose in it",
            )
        if not large:
            notes += (
                f"{name}: too small to hollow, a wall leaves {sum(found.volumes_mm3):.0f} mm³ inside "
                f"(wanted {self.least_cavity_mm3:g})",
            )
        elif small > CRUMB_MM3:
            notes += (f"{name}: thin places stayed solid, {small:.0f} mm³ in them could have been hollow",)
        return _only(found, large), notes


def _up(down: Sequence[float]) -> Float[np.ndarray, "3"]:
    """Unit vector against gravity."""
    vector = np.array(down, np.float64)
    length = float(np.linalg.norm(vector)) if vector.shape == (3,) else math.nan
    if not (math.isfinite(length) and length > 1e-9):
        raise ValueError(
            f"hollow: down is {tuple(down)}; wanted a direction of three numbers such as (0, 0, -1)"
        )
    return -vector / length


def _accepted(part: Part) -> "Manifold":
    """The painted solid, or why the part cannot be hollowed."""
    mesh = part.mesh
    if not len(mesh.faces) or not np.isfinite(mesh.vertices).all():
        what = "has no triangles" if not len(mesh.faces) else "has coordinates that are not numbers (NaN)"
        raise ValueError(f"hollow: the part {part.name!r} {what}; export it again")
    try:
        solid = to_solid(Painted(mesh, part.uv))
    except ValueError as error:
        raise ValueError(f"hollow: the part {part.name!r}: {error}") from error
    signed = shell_volumes(mesh)[1]
    if volume(mesh) <= 0 or (signed < 0).any():
        inner = -float(signed[signed < 0].sum())
        raise ValueError(
            f"hollow: the part {part.name!r} has a closed void of {inner:.1f} mm³ inside, or is inside-out; "
            "fill it first, for example with `genkei printify`"
        )
    return solid


def _kept(keep_out: Sequence[Mesh]) -> "Manifold":
    """The union of the solids that stay."""
    import manifold3d

    solids = []
    for k, mesh in enumerate(keep_out):
        try:
            solids.append(to_manifold(mesh))
        except ValueError as error:
            raise ValueError(f"hollow: solid {k} of those to keep out of: {error}") from error
    return unite(solids) if solids else manifold3d.Manifold()


def _unchanged(part: Part, *notes: str) -> Hollowed:
    return Hollowed(part, (), (), (), 0.0, UNMEASURED, (), notes)


def _step(mesh: Mesh, finest: float) -> float:
    """`finest`, or up to a third more where that keeps the field quick; larger only for want of memory."""
    size = mesh.vertices.max(0).astype(np.float64) - mesh.vertices.min(0)
    box = float(np.prod(size + 4 * finest))
    quick = min(max(finest, (box / QUICK_CELLS) ** (1 / 3)), 4 / 3 * finest)
    return max(quick, (box / MOST_CELLS) ** (1 / 3))


def _clear(found: Room, kept: "Manifold") -> Room:
    """The room without what the solids to keep have of it: the field rounds their edges, this does not."""
    if kept.is_empty():
        return found
    return recut(found, lambda cavity: to_manifold(cavity) - kept)


def _only(found: Room, index: Sequence[int]) -> Room:
    return replace(
        found,
        cavities=tuple(found.cavities[k] for k in index),
        volumes_mm3=tuple(found.volumes_mm3[k] for k in index),
    )


def _drainable(
    found: Room, drained: Sequence[Drained], name: str
) -> tuple[Room, list[Drained], tuple[str, ...]]:
    """Without the cavities for which there is no hole."""
    wet = [k for k, one in enumerate(drained) if one.bores]
    notes = tuple(
        f"{name}: a cavity of {size:.0f} mm³ stayed solid because no drain hole fits at its bottom"
        for size, one in zip(found.volumes_mm3, drained, strict=True)
        if not one.bores
    )
    return _only(found, wet), [drained[k] for k in wet], notes


def _cut(part: Part, solid: "Manifold", found: Room, drained: Sequence[Drained], clearance: float) -> Cut:
    """Cavities and holes taken out of the painted solid, and the plugs."""
    bores = tuple(bore for one in drained for bore in one.bores)
    rooms = unite([_painted(part, to_manifold(mesh), _lowest(mesh)) for mesh in found.cavities])
    shell = solid - rooms
    holes = unite([_painted(part, bore.cone(), bore.mouth) for bore in bores])
    removed, made = shell.split(holes)
    after = without_crumbs(from_solid(made))
    plugs = []
    for k, bore in enumerate(bores):
        plug = without_crumbs(from_solid(_painted(part, bore.cone(clearance), bore.mouth) ^ solid))
        plugs.append(Part(f"{part.name} plug {k + 1}", plug.mesh, plug.uv))
    return Cut(
        before=part,
        after=Part(part.name, after.mesh, after.uv),
        plugs=tuple(plugs),
        bores=bores,
        cavities_mm3=found.volumes_mm3,
        holes_mm3=removed.volume(),
        hole_counts=tuple(len(one.bores) for one in drained),
        left_mm3=tuple(one.left_mm3 for one in drained),
        taken=rooms + holes,
    )


def _lowest(mesh: Mesh) -> Float32[np.ndarray, "3"]:
    return mesh.vertices[int(mesh.vertices[:, 2].argmin())]


def _painted(part: Part, solid: "Manifold", near: Float32[np.ndarray, "3"]) -> "Manifold":
    """The solid in one colour: that of the part's vertex next to a point."""
    mesh = from_manifold(solid)
    apart = part.mesh.vertices - near
    vertex = int(np.einsum("vk,vk->v", apart, apart).argmin())
    uv = part.uv.reshape(-1, 2)[int((part.mesh.faces.ravel() == vertex).argmax())]
    return to_solid(Painted(mesh, np.broadcast_to(uv, (len(mesh.faces), 3, 2)).astype(np.float32)))


def _hole_notes(bores: Sequence[Bore], name: str) -> tuple[str, ...]:
    shown = [bore for bore in bores if bore.seen > 0.1]
    if not shown:
        return ()
    return (
        f"{name}: {len(shown)} of {len(bores)} drain holes can be seen, since there was no hidden place for "
        "them: glue their plugs in and sand them flush",
    )
