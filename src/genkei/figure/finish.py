"""One part of a kit made ready to print: turned, hollow, supported, and tried again where a check fails."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from genkei.figure.checks import solid_checks, wall_checks
from genkei.figure.contact import SAME_MM, lies_on
from genkei.figure.hollow import Begun, Hollow, Hollowed
from genkei.figure.machine import fit
from genkei.figure.orient import Orient, Posture, in_sight, laid
from genkei.figure.posture import Terms
from genkei.figure.profiles import Profile
from genkei.figure.supports import Supports, resin_like
from genkei.geometry.mesh import corners
from genkei.geometry.rays import Surface
from genkei.types import Check, Mesh, Part, all_passed

if TYPE_CHECKING:
    from jaxtyping import Bool

STANDING = Terms(*([0.0] * 8))
FLAT = Posture(np.eye(3), STANDING, 0.0, STANDING, 1, "flat on the bed")
FACE_SCAR = 8.0
"""A support's mark on the face is so many times worse than one on the rest of the front."""
MOST_WAYS = 5
"""Ways up that are tried while supports fail; with three, tips stood on one face of 23."""
FINER = 0.6
"""A wall that came out uneven is made again with cells so much smaller."""
NARROWER = 0.75
"""Then, and in a larger part at once, with passages so much narrower: a cavity follows smaller bumps."""
FINE_MM3 = 60_000.0
"""Of the part's box: a larger part takes too long with fine cells."""
WORTH_MM3 = 6000.0
"""A smaller part whose cavity fails a check stays solid: six millilitres of resin are worth less than a part
that is thrown away."""
ON_FACE = "tips on the face"
TURNED = (
    "islands", "unsupported ledge", "support points", ON_FACE, "branch clearance",
    "fits with supports", "support resin", "drains", "drain holes",
)  # fmt: skip
"""Checks that another way up may pass."""


@dataclass(frozen=True)
class Plate:
    """One part as it is printed."""

    part: Part
    """In the printer's frame, above its raft where it has one."""
    posture: Posture
    supports: Mesh
    """No faces where none are needed or the slicer makes them."""


@dataclass(frozen=True)
class Finished:
    """What became of one part."""

    part: Part
    plugs: tuple[Part, ...]
    plate: Plate | None
    """None when it fits the machine no way up."""
    saved_mm3: float
    checks: tuple[Check, ...]
    notes: tuple[str, ...]

    @property
    def failed(self) -> tuple[str, ...]:
        return tuple(check.name for check in self.checks if not check.passed)


@dataclass(frozen=True)
class Finish:
    """The stages a part goes through after its joints are cut."""

    orient: Orient = Orient(directions=100)
    hollow: Hollow = Hollow()
    supports: Supports = field(default_factory=Supports)
    solid: bool = False
    """Leave every part solid."""
    unsupported: bool = False
    """Leave supports to the slicer."""

    def __call__(
        self,
        part: Part,
        profile: Profile,
        face: "Bool[np.ndarray, 'f']",
        keep_out: Sequence[Mesh],
        around: Sequence[Surface],
    ) -> Finished:
        """The first way up in which all is well, else the one in which fewest checks fail; where tips stand
        on the face, one in which it looks up is tried too.

        `face`: which of the part's faces are the figure's face; `keep_out` and `around`: see `Hollow`.
        """
        sight = (in_sight(part.mesh) + FACE_SCAR * face).astype(np.float32)
        try:
            ways = self.orient.ways(part, profile, sight)
        except ValueError as error:
            return Finished(part, (), None, 0.0, (_misfit(part, profile, str(error)),), ())
        beside = _Beside(tuple(keep_out), tuple(around))

        def ready(posture: Posture) -> Finished:
            return self._one(part, posture, profile, face, beside)

        best = _soundest(ready, ways[1:MOST_WAYS], ready(ways[0]))
        if ON_FACE in best.failed:
            best = _soundest(ready, self.orient.ways(part, profile, sight, face), best)
        return best

    def flat(self, part: Part, profile: Profile) -> Finished:
        """A part that is printed as it stands, such as a base, whose underside is no scar."""
        plate = Plate(part, FLAT, _no_supports(part.mesh))
        tightest = fit(np.ptp(part.mesh.vertices.astype(np.float64), axis=0), profile)
        fits = Check(
            f"{part.name} fits the machine", tightest.size_mm, tightest.room_mm, "mm",
            f"{part.name}, {tightest.along}", tightest.fits,
            "Give a smaller one (--base-mm), a smaller figure, or a larger machine (--build-mm).",
        )  # fmt: skip
        return Finished(part, (), plate, 0.0, (*part_checks(part, profile), fits), ())

    def _one(
        self,
        part: Part,
        posture: Posture,
        profile: Profile,
        face: "Bool[np.ndarray, 'f']",
        beside: "_Beside",
    ) -> Finished:
        """The part this way up."""
        if self.solid:
            plate, rows, says = self._plate(part, posture, profile, face)
            return Finished(part, (), plate, 0.0, (*part_checks(part, profile), *rows), says)
        made, inner = self._hollowed(part, posture, profile, beside)
        keep = face if made.part is part else _same_faces(made.part, part, face)
        plate, rows, says = self._plate(made.part, posture, profile, keep)
        checks = (*made.checks, *inner, *rows)
        return Finished(made.part, made.plugs, plate, made.saved_mm3, checks, (*made.notes, *says))

    def _hollowed(
        self,
        part: Part,
        posture: Posture,
        profile: Profile,
        beside: "_Beside",
    ) -> tuple[Hollowed, tuple[Check, ...]]:
        """The part with its cavities, made again otherwise where the wall failed; solid where that is no
        loss and it fails still. With it, the checks of the part itself."""
        down = tuple(float(v) for v in -posture.rotation[2])
        made = self.hollow.drained(beside.begun(self.hollow, part, profile), down, beside.around)
        for way in self._otherwise(part, profile):
            if all_passed(made.checks):
                break
            other = way.drained(beside.begun(way, part, profile), down, beside.around)
            made = other if _failed(other.checks) < _failed(made.checks) else made
        rows = part_checks(made.part, profile)
        if made.part is part or all_passed((*made.checks, *rows)) or made.saved_mm3 > WORTH_MM3:
            return made, rows
        whole = part_checks(part, profile)
        failed = {check.name for check in (*made.checks, *rows) if not check.passed}
        if failed <= {check.name for check in whole if not check.passed}:
            return made, rows
        why = f"{part.name}: left solid, its cavity would fail the check of {' and '.join(sorted(failed))}"
        return Hollowed(part, (), (), (), 0.0, made.wall, (), (why,)), whole

    def _otherwise(self, part: Part, profile: Profile) -> list[Hollow]:
        """Other ways to hollow a part, in the order they are tried; none where the user chose the cells."""
        if self.hollow.step_mm:
            return []
        box = float(np.ptp(part.mesh.vertices.astype(np.float64), axis=0).prod())
        finer = [self.hollow.finer(FINER, part, profile)] if box < FINE_MM3 else []
        return [*finer, replace(self.hollow, passage_mm=NARROWER * self.hollow.passage_mm)]

    def _plate(
        self, part: Part, posture: Posture, profile: Profile, face: "Bool[np.ndarray, 'f']"
    ) -> tuple[Plate, tuple[Check, ...], tuple[str, ...]]:
        """The part in print position, with its supports where the process wants them."""
        turned = replace(part, mesh=laid(part.mesh, posture))
        if self.unsupported or not resin_like(profile):
            return Plate(turned, posture, _no_supports(turned.mesh)), (), ()
        held = self.supports(turned, profile, face)
        rows = tuple(replace(row, where=f"{part.name}: {row.where}") for row in held.checks)
        notes = tuple(f"{part.name}: {note}" for note in held.notes)
        return Plate(replace(turned, mesh=held.part), posture, held.supports), rows, notes


@dataclass(frozen=True)
class _Beside:
    """What one part's cavities have to mind, and how far each way to hollow it came before its holes: that
    does not depend on which way up it is."""

    keep_out: tuple[Mesh, ...]
    around: tuple[Surface, ...]
    _known: dict[Hollow, Begun | Hollowed] = field(default_factory=dict)

    def begun(self, way: Hollow, part: Part, profile: Profile) -> Begun | Hollowed:
        if way not in self._known:
            self._known[way] = way.begun(part, profile, self.keep_out)
        return self._known[way]


def _soundest(ready: Callable[[Posture], Finished], ways: Sequence[Posture], best: Finished) -> Finished:
    """The part with fewest failed checks, tried other ways up while some are left that these may pass."""
    for posture in ways:
        if not set(best.failed) & set(TURNED):
            break
        made = ready(posture)
        best = made if len(made.failed) < len(best.failed) else best
    return best


def _failed(checks: Sequence[Check]) -> int:
    return sum(not check.passed for check in checks)


def part_checks(part: Part, profile: Profile) -> tuple[Check, ...]:
    """Of the solid and its walls; every row names the part."""
    surface = Surface(part.mesh)
    rows = (*solid_checks(surface, part.name), *wall_checks(surface, profile, part.name))
    return tuple(
        row if row.where.startswith(part.name) else replace(row, where=f"{part.name}: {row.where}")
        for row in rows
    )


def on_face(part: Part, face: Mesh) -> "Bool[np.ndarray, 'f']":
    """Which faces of a part in its place belong to the figure's face, which is given as a surface: they
    lie in it and look the same way, as the inner side of a fringe does not."""
    found = np.zeros(len(part.mesh.faces), bool)
    if not len(face.faces):
        return found
    triangles, skin = corners(part.mesh), corners(face)
    low, high = skin.min((0, 1)) - SAME_MM, skin.max((0, 1)) + SAME_MM
    near = np.flatnonzero(((triangles >= low) & (triangles <= high)).all((1, 2)))
    # what lies on it and is turned against its other side
    found[near] = lies_on(triangles[near].astype(np.float64), skin[:, ::-1].astype(np.float64), facing=True)
    return found


def _same_faces(part: Part, before: Part, marked: "Bool[np.ndarray, 'f']") -> "Bool[np.ndarray, 'f']":
    """Marks of faces carried over to a part that was cut since."""
    return on_face(part, Mesh(before.mesh.vertices, before.mesh.faces[marked]))


def _no_supports(mesh: Mesh) -> Mesh:
    return Mesh(mesh.vertices[:0], mesh.faces[:0])


def _misfit(part: Part, profile: Profile, why: str) -> Check:
    size = float(np.ptp(part.mesh.vertices, axis=0).max())
    return Check("fits the machine", size, max(profile.build_mm), "mm", f"{part.name}: {why}", False,
                 "Print the kit smaller, cut it into more --parts, or use a larger machine.")  # fmt: skip


__all__ = ["FLAT", "Finish", "Finished", "Plate", "on_face", "part_checks"]
