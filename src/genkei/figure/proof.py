"""What must be true of a hollowed part, measured on the cut meshes themselves."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from genkei.figure.bores import Bore
from genkei.figure.cavity import TOLERANCE, Wall
from genkei.figure.drains import POOL_MM3, Rule
from genkei.figure.union import shell_volumes
from genkei.geometry.mesh import to_manifold, volume
from genkei.types import Check, Part

if TYPE_CHECKING:
    from manifold3d import Manifold

OFF_SHARE = 0.01
"""Share of the wall that may be off by more than the tolerance: where it runs into a rounded corner."""
GAP_MM = 0.02
"""Largest error of the gap round a plug."""
LEFT_SHARE = 0.02
"""Share of a cavity that may stay full when the part drains without being turned."""
VOLUME_SHARE = 1e-4
KEPT_MM3 = 0.01


@dataclass(frozen=True)
class Cut:
    """A part before and after, and all that was taken out of it."""

    before: Part
    after: Part
    plugs: tuple[Part, ...]
    bores: tuple[Bore, ...]
    cavities_mm3: tuple[float, ...]
    holes_mm3: float
    """Wall that the holes took."""
    hole_counts: tuple[int, ...]
    """Per cavity."""
    left_mm3: tuple[float, ...]
    """Per cavity: liquid that stays in it."""
    taken: "Manifold"
    """Cavities and holes, as far as they go, also into the air."""


def check_cut(
    cut: Cut, wall: Wall, wall_mm: float, kept: "Manifold", clearance_mm: float, rule: Rule
) -> tuple[Check, ...]:
    """Rows about the wall, voids, pieces, volumes, holes, plugs and joints of one part."""
    name, before = cut.before.name, volume(cut.before.mesh)
    signed = shell_volumes(cut.after.mesh)[1]
    trapped, pieces = -float(signed[signed < 0].sum()), int((signed > 0).sum())
    balance = before - sum(cut.cavities_mm3) - cut.holes_mm3 - volume(cut.after.mesh)
    lost = (kept ^ cut.taken).volume() if not kept.is_empty() else 0.0
    least = (1 - TOLERANCE) * wall_mm
    at = ", ".join(f"{value:.1f}" for value in wall.thinnest)
    return (
        Check("thinnest wall", wall.least_mm, least, "mm", f"{name} at ({at})", wall.least_mm >= least,
              "Hollow with a smaller step, or take a thicker wall."),
        Check("even wall", 100 * wall.off_share, 100 * OFF_SHARE, f"% off by more than {TOLERANCE:.0%}",
              f"{name}: mean {wall.mean_mm:.3f}, wanted {wall_mm:g} mm", wall.off_share <= OFF_SHARE,
              "Hollow with a smaller step."),
        Check("trapped voids", trapped, 0.0, "mm³", name, trapped <= 0,
              "Resin or powder stays inside: leave this cavity solid, or give it a hole."),
        Check("one piece", pieces, 1, "pieces", name, pieces == 1, "Hollow less: take a thicker wall."),
        Check("volume", abs(balance) / before, VOLUME_SHARE, "of the part",
              f"{name}: {before:.0f} mm³ before, {volume(cut.after.mesh):.0f} after",
              abs(balance) <= VOLUME_SHARE * before, "A cut went wrong: report this part."),
        Check("joints kept", lost, KEPT_MM3, "mm³ taken from them", name, lost <= KEPT_MM3,
              "Leave this part solid."),
        *_drain_checks(cut, rule),
        *_plug_checks(cut, clearance_mm),
    )  # fmt: skip


def _drain_checks(cut: Cut, rule: Rule) -> list[Check]:
    """The cavity with the fewest holes against what it needs, and the one that keeps most liquid."""
    name = cut.before.name
    needed = [rule.count if size >= rule.big_mm3 else 1 for size in cut.cavities_mm3]
    worst = min(range(len(needed)), key=lambda k: cut.hole_counts[k] - needed[k])
    limits = [max(LEFT_SHARE * size, POOL_MM3) for size in cut.cavities_mm3]
    fullest = max(range(len(limits)), key=lambda k: cut.left_mm3[k] / limits[k])
    return [
        Check("drain holes", cut.hole_counts[worst], needed[worst], "holes",
              f"{name}: a cavity of {cut.cavities_mm3[worst]:.0f} mm³",
              cut.hole_counts[worst] >= needed[worst],
              "No second hole fits: take thinner holes or a thinner wall, or leave the part solid."),
        Check("drains", cut.left_mm3[fullest], limits[fullest], "mm³ stay inside", name,
              cut.left_mm3[fullest] <= limits[fullest],
              "Turn the part while it drains, or print it another way up."),
    ]  # fmt: skip


def _plug_checks(cut: Cut, clearance_mm: float) -> list[Check]:
    """Overlap and gap of the plug that fits worst."""
    if not cut.plugs:
        return []
    whole = to_manifold(cut.after.mesh)
    solids = [to_manifold(plug.mesh) for plug in cut.plugs]
    overlaps = [(whole ^ plug).volume() for plug in solids]
    errors = [abs(whole.min_gap(plug, 3 * clearance_mm + 0.5) - clearance_mm) for plug in solids]
    over, off = (
        max(range(len(solids)), key=overlaps.__getitem__),
        max(range(len(solids)), key=errors.__getitem__),
    )
    return [
        Check("plugs overlap", overlaps[over], 0.0, "mm³", cut.plugs[over].name, overlaps[over] <= 1e-6,
              "Take a larger clearance."),
        Check("gap of plugs", errors[off], GAP_MM, f"mm off {clearance_mm:g}", cut.plugs[off].name,
              errors[off] <= GAP_MM, "The hole lies on too rough a surface: take a wider one."),
    ]  # fmt: skip
