"""A figure as a kit: split, joined, hollow, laid out for the printer, supported, checked."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from genkei.figure.balance import balance
from genkei.figure.base import Base, with_swatch
from genkei.figure.checks import TIP_ANGLE_DEG, solid_checks, wall_checks
from genkei.figure.footing import foot_interfaces
from genkei.figure.hollow import Hollow
from genkei.figure.joints import Joints
from genkei.figure.labels import Labels, find_labels
from genkei.figure.orient import Orient, Posture, in_sight, laid
from genkei.figure.posture import Terms
from genkei.figure.profiles import Profile
from genkei.figure.split import Cut, Split
from genkei.figure.stand import Stand, stand
from genkei.figure.supports import Supports, resin_like
from genkei.figure.union import Painted, without_crumbs
from genkei.geometry.mesh import corners, volume
from genkei.types import Check, Figure, Interface, Kit, Mesh, Part, all_passed

if TYPE_CHECKING:
    from jaxtyping import Bool, Float

STANDING = Terms(*([0.0] * 8))
FLAT = Posture(np.eye(3), STANDING, 0.0, STANDING, 1, "flat on the bed")
VOLUME_SHARE = 1e-4
"""Parts and whole may differ by this share of the whole before joints are cut."""
BASE = "base"
FACE_SCAR = 8.0
"""A support's mark on the face is so many times worse than one on the rest of the front."""
DISTANCE_MM = 0.3
"""A part's face that lies no farther from the figure's face belongs to it."""


@dataclass(frozen=True)
class Plate:
    """One part as it is printed."""

    part: Part
    """In the printer's frame, above its raft where it has one."""
    posture: Posture
    supports: Mesh
    """No faces where none are needed or the slicer makes them."""


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
        faces = (*cut.interfaces, *(face for base in under[:1] for face in _footings(cut.parts, base)))
        joined = self.joints((*cut.parts, *under[:1]), faces, profile)
        rows += joined.checks
        notes = [*cut.notes, *joined.notes]
        engineered = [_tidy(part) for part in joined.parts]
        face = _face_of(body, labels)
        done = []
        for part in engineered:
            progress(f"print {part.name}")
            around = tuple(other.mesh for other in engineered if other is not part)
            done.append(self._printed(part, profile, _on_face(part, face), joined.keep_out, around))
        rows += [row for one in done for row in one.checks]
        notes += [note for one in done for note in one.notes]
        parts, plugs = tuple(one.part for one in done), tuple(plug for one in done for plug in one.plugs)
        if under:
            rows.append(_stands([part.mesh for part in (*parts, *plugs, *under[1:])]))
        kit = Kit(parts, whole.texture, joined.joints, bare.scale_mm)
        plates = tuple(one.plate for one in done if one.plate is not None)
        saved = sum(one.saved_mm3 for one in done)
        return MadeKit(kit, (*plugs, *under[1:]), plates, saved, tuple(rows), tuple(notes))

    def _printed(
        self,
        part: Part,
        profile: Profile,
        face: "Bool[np.ndarray, 'f']",
        keep_out: Sequence[Mesh],
        around: Sequence[Mesh],
    ) -> "_Printed":
        """One part turned, made hollow and supported; `face`: which of its faces are the figure's face."""
        if part.name == BASE:  # flat on the bed, where its underside is no scar
            flat = Plate(part, FLAT, _no_supports(part.mesh))
            return _Printed(part, (), flat, 0.0, _part_checks(part, profile), ())
        sight = (in_sight(part.mesh) + FACE_SCAR * face).astype(np.float32)
        try:
            posture = self.orient(part, profile, sight)
        except ValueError as error:
            return _Printed(part, (), None, 0.0, (_misfit(part, profile, str(error)),), ())
        if self.solid:
            plate, rows, says = self._plate(part, posture, profile, face)
            return _Printed(part, (), plate, 0.0, (*_part_checks(part, profile), *rows), says)
        down = tuple(float(v) for v in -posture.rotation[2])
        made = self.hollow(part, profile, keep_out, down, around)
        keep = face if made.part is part else _same_faces(made.part, part, face)
        plate, rows, says = self._plate(made.part, posture, profile, keep)
        checks = (*made.checks, *_part_checks(made.part, profile), *rows)
        return _Printed(made.part, made.plugs, plate, made.saved_mm3, checks, (*made.notes, *says))

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
class _Printed:
    """What became of one part."""

    part: Part
    plugs: tuple[Part, ...]
    plate: Plate | None
    """None when it fits the machine no way up."""
    saved_mm3: float
    checks: tuple[Check, ...]
    notes: tuple[str, ...]


def _part_checks(part: Part, profile: Profile) -> tuple[Check, ...]:
    return (*solid_checks(part.mesh, part.name), *wall_checks(part.mesh, profile, part.name))


def _no_supports(mesh: Mesh) -> Mesh:
    return Mesh(mesh.vertices[:0], mesh.faces[:0])


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


def _face_of(body: Part, labels: Labels) -> "Float[np.ndarray, 'n 3']":
    """Middles of the triangles of the figure's face."""
    return corners(body.mesh)[labels.where("face")].mean(1).astype(np.float64)


def _on_face(part: Part, face: "Float[np.ndarray, 'n 3']") -> "Bool[np.ndarray, 'f']":
    """Which faces of a part in its assembled place belong to the figure's face."""
    from scipy.spatial import KDTree

    if not len(face):
        return np.zeros(len(part.mesh.faces), bool)
    distance, _ = KDTree(face).query(corners(part.mesh).mean(1))
    return np.asarray(distance) <= DISTANCE_MM


def _same_faces(part: Part, before: Part, marked: "Bool[np.ndarray, 'f']") -> "Bool[np.ndarray, 'f']":
    """Marks of faces carried over to a part that was cut since."""
    return _on_face(part, corners(before.mesh)[marked].mean(1))


def _volume_check(cut: Cut, body: Part) -> Check:
    whole = volume(body.mesh)
    off = abs(sum(volume(part.mesh) for part in cut.parts) - whole) / whole
    return Check("volume of the cuts", 1e6 * off, 1e6 * VOLUME_SHARE, "millionths", f"{len(cut.parts)} parts",
                 off <= VOLUME_SHARE, "A cut lost or doubled material: choose other --parts.")  # fmt: skip


def _misfit(part: Part, profile: Profile, why: str) -> Check:
    size = float(np.ptp(part.mesh.vertices, axis=0).max())
    return Check("fits the machine", size, max(profile.build_mm), "mm", f"{part.name}: {why}", False,
                 "Print the kit smaller, cut it into more --parts, or use a larger machine.")  # fmt: skip


def _stands(meshes: Sequence[Mesh]) -> Check:
    """The assembled kit as it is built, walls and hollows counted."""
    starts = np.cumsum([0, *(len(mesh.vertices) for mesh in meshes)])
    faces = np.concatenate([mesh.faces + start for mesh, start in zip(meshes, starts, strict=False)])
    stand = balance(Mesh(np.concatenate([m.vertices for m in meshes]), faces.astype(np.int32)))
    where = f"centre of mass {stand.centre[2]:.1f} mm up, {stand.margin_mm:.2f} mm inside its footprint"
    return Check("the kit stands", stand.tip_angle_deg, TIP_ANGLE_DEG, "degrees", where,
                 stand.tip_angle_deg >= TIP_ANGLE_DEG, "Give it a wider base (--base-mm).")  # fmt: skip
