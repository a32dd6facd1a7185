"""A figure as a kit: split, joined, hollow, laid out for the printer, supported, checked."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from genkei.figure.balance import balance
from genkei.figure.base import Base, with_swatch
from genkei.figure.calm import calmed
from genkei.figure.checks import TIP_ANGLE_DEG
from genkei.figure.finish import Finish, Finished, Plate, on_face
from genkei.figure.footing import foot_interfaces
from genkei.figure.hollow import Hollow
from genkei.figure.joints import Joined, Joints
from genkei.figure.labels import Labels, find_labels
from genkei.figure.orient import Orient
from genkei.figure.profiles import Profile
from genkei.figure.split import Cut, Split
from genkei.figure.stand import Stand, stand
from genkei.figure.supports import Supports
from genkei.figure.together import together
from genkei.figure.union import Painted, without_crumbs
from genkei.figure.workshop import shared_out
from genkei.geometry.mesh import volume
from genkei.geometry.rays import Surfaces
from genkei.types import Check, Figure, Interface, Kit, Mesh, Part, all_passed

if TYPE_CHECKING:
    from jaxtyping import Bool

VOLUME_SHARE = 1e-4
"""Parts and whole may differ by this share of the whole before joints are cut."""
BASE = "base"


@dataclass(frozen=True)
class MadeKit:
    """The kit in its assembled place, every part's plate, and the proof."""

    kit: Kit
    plugs: tuple[Part, ...]
    """Of the drain holes, in their place."""
    plates: tuple[Plate, ...]
    """In the order of the kit's parts; of all parts that fit the machine."""
    saved_mm3: float
    """Material that hollowing took out."""
    checks: tuple[Check, ...]
    notes: tuple[str, ...]

    @property
    def sound(self) -> bool:
        return all_passed(self.checks)


@dataclass(frozen=True)
class KitMaker:
    """How a bare figure becomes a kit."""

    split: Split = Split()
    joints: Joints = Joints()
    hollow: Hollow = Hollow()
    orient: Orient = Orient(directions=100)
    supports: Supports = field(default_factory=Supports)
    base: Base = field(default_factory=Base)
    solid: bool = False
    """Leave every part solid."""
    unsupported: bool = False
    """Leave supports to the slicer."""
    processes: int = 1
    """Parts are made ready side by side by so many; above 1 a script needs `if __name__ == "__main__":`."""

    def __call__(
        self, bare: Figure, profile: Profile, progress: Callable[[str], None] = lambda stage: None
    ) -> MadeKit:
        """A bare figure of one part, in mm. What fails is a check; ValueError in the user's words."""
        progress("split")
        whole, under = self._on_stand(bare, profile)
        body = whole.parts[0]
        labels = find_labels(whole)
        split = replace(self.split, wall_mm=profile.wall_mm)
        cut = split(whole, labels)
        rows = [_volume_check(cut, body)]
        progress("joints")
        joined = self._joined(cut, under[:1], profile)
        rows += joined.checks
        notes = [*cut.notes, *joined.notes]
        engineered = calmed([_tidy(part) for part in joined.parts], body.mesh, whole.texture)
        face = _face_of(body, labels)
        jobs = [
            _Job(part, on_face(part, face), tuple(joined.keep_out), _others(engineered, part))
            for part in engineered
        ]
        finish = Finish(self.orient, self.hollow, self.supports, self.solid, self.unsupported)
        done = shared_out(
            _Finishing(finish, profile),
            jobs,
            self.processes,
            lambda job: progress(f"print {job.part.name}"),
            [len(job.part.mesh.faces) for job in jobs],
        )
        rows += [row for one in done for row in one.checks]
        notes += [note for one in done for note in one.notes]
        parts, plugs = tuple(one.part for one in done), tuple(plug for one in done for plug in one.plugs)
        if under:
            rows.append(_stands([part.mesh for part in (*parts, *plugs, *under[1:])]))
        kit = Kit(parts, whole.texture, joined.joints, bare.scale_mm)
        plates = tuple(one.plate for one in done if one.plate is not None)
        saved = sum(one.saved_mm3 for one in done)
        return MadeKit(kit, (*plugs, *under[1:]), plates, saved, tuple(rows), tuple(notes))

    def _joined(self, cut: Cut, base: Sequence[Part], profile: Profile) -> Joined:
        """The parts with their joints; what finds no joint and nobody asked for by name is not cut off."""
        parts, faces, notes = cut.parts, cut.interfaces, ()
        while True:
            standing = (face for plate in base for face in _footings(parts, plate))
            joined = self.joints((*parts, *base), (*faces, *standing), profile)
            loose = [face for face in joined.apart if face.plugged in self.split.unasked]
            if not loose:
                return replace(joined, notes=(*notes, *joined.notes))
            parts, faces = together(parts, faces, loose[0])
            notes += (f"{loose[0].plugged}: no joint holds it on {loose[0].carrier}, so it was not cut off",)

    def _on_stand(self, bare: Figure, profile: Profile) -> tuple[Figure, tuple[Part, ...]]:
        """The body, seated on its base when it has one, and that base with the plug of its ballast."""
        if len(bare.parts) != 1:
            raise ValueError(f"a figure of {len(bare.parts)} parts was given; wanted one whole body")
        if self.base.look == "none":
            return bare, ()
        texture, shrink, swatch = with_swatch(bare.texture, self.base.colour)
        part = bare.parts[0]
        made: Stand = stand(
            replace(part, uv=part.uv * np.array([1, shrink], np.float32)), self.base, profile, swatch
        )
        return Figure((made.body,), texture, bare.scale_mm, 0.0), (made.base, *made.plugs)


@dataclass(frozen=True)
class _Job:
    """A part with its joints cut, and what its finish must know of the others."""

    part: Part
    face: "Bool[np.ndarray, 'f']"
    keep_out: tuple[Mesh, ...]
    around: tuple[Mesh, ...]


@dataclass(frozen=True)
class _Finishing:
    """What is done with every part; the base is printed as it stands."""

    finish: Finish
    profile: Profile
    surfaces: Surfaces = field(default_factory=Surfaces)
    """Of the parts, for all that one process makes ready."""

    def __call__(self, job: _Job) -> Finished:
        if job.part.name == BASE:
            return self.finish.flat(job.part, self.profile)
        around = [self.surfaces.of(mesh) for mesh in job.around]
        return self.finish(job.part, self.profile, job.face, job.keep_out, around)


def _others(parts: Sequence[Part], part: Part) -> tuple[Mesh, ...]:
    return tuple(other.mesh for other in parts if other is not part)


def _tidy(part: Part) -> Part:
    """Without the crumbs that booleans leave where surfaces nearly touch."""
    painted = without_crumbs(Painted(part.mesh, part.uv))
    return Part(part.name, painted.mesh, painted.uv)


def _footings(parts: Sequence[Part], base: Part) -> list[Interface]:
    """What each part shares with the base, which is put on last."""
    low, high = base.mesh.vertices.min(0), base.mesh.vertices.max(0)
    found: list[Interface] = []
    for part in parts:
        near = (part.mesh.vertices.min(0) <= high).all() and (part.mesh.vertices.max(0) >= low).all()
        if near and part.mesh.vertices[:, 2].min() <= high[2]:
            try:
                found += foot_interfaces(part, base, base_last=True)
            except ValueError:  # it only overhangs the base
                continue
    return found


def _face_of(body: Part, labels: Labels) -> Mesh:
    """The surface of the figure's face."""
    return Mesh(body.mesh.vertices, body.mesh.faces[labels.where("face")])


def _volume_check(cut: Cut, body: Part) -> Check:
    whole = volume(body.mesh)
    off = abs(sum(volume(part.mesh) for part in cut.parts) - whole) / whole
    return Check("volume of the cuts", 1e6 * off, 1e6 * VOLUME_SHARE, "millionths", f"{len(cut.parts)} parts",
                 off <= VOLUME_SHARE, "A cut lost or doubled material: choose other --parts.")  # fmt: skip


def _stands(meshes: Sequence[Mesh]) -> Check:
    """The assembled kit as it is built, walls and hollows counted."""
    starts = np.cumsum([0, *(len(mesh.vertices) for mesh in meshes)])
    faces = np.concatenate([mesh.faces + start for mesh, start in zip(meshes, starts, strict=False)])
    stand = balance(Mesh(np.concatenate([m.vertices for m in meshes]), faces.astype(np.int32)))
    where = f"centre of mass {stand.centre[2]:.1f} mm up, {stand.margin_mm:.2f} mm inside its footprint"
    return Check("the kit stands", stand.tip_angle_deg, TIP_ANGLE_DEG, "degrees", where,
                 stand.tip_angle_deg >= TIP_ANGLE_DEG, "Give it a wider base (--base-mm).")  # fmt: skip
