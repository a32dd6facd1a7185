"""What a mould of a part may not have: undercuts, locks, rings, thin cores, steep walls, thick sections."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Float32

from genkei.figure.checks import place_name, thinnest
from genkei.figure.parting import Parting
from genkei.figure.profiles import Profile
from genkei.figure.pull import LIFT_MM, Probes, Search
from genkei.figure.walls import Walls, thickness_at, walls
from genkei.types import Check, Mesh

SOFT_SHARE = 0.15
"""Undercut a silicone of Shore A 10-25 lets go of, of the area: our estimate, nobody publishes one. The
makers give 350-600 % elongation at break; we ask for a quarter of that at most."""
SOFT_DEPTH_MM = 6.0
"""How far it may have to bend aside (95 % of the undercut area lies within): half the default wall, so that
the wall stretches by half. Our estimate too."""
STEEL_SHARE = 0.005
"""Steel does not bend; half a percent is what probes beside an edge get wrong."""
DRAFT_SHARE = 0.04
"""A ball has 1.7 % of its area under 1 degree, round the parting line; twice that is a wall."""
CORE_MM = {False: 1.0, True: 1.5}
"""Thinnest fin of silicone (False) that does not tear, of steel (True) that does not bend: our estimates."""
SHARE = 0.02
"""Of the surface that may be over a limit: creases and tips have no thickness."""
LEVELS = 48


@dataclass(frozen=True)
class Findings:
    """What was measured about one part and one pull."""

    name: str
    mesh: Mesh
    search: Search
    parting: Parting
    probes: Probes
    """One a face."""
    undercut: Bool[np.ndarray, "f"]
    draft: Float32[np.ndarray, "f"]

    @property
    def undercut_share(self) -> float:
        return self.probes.share(self.undercut)

    def worst(self, chosen: Bool[np.ndarray, "f"], weight: Float[np.ndarray, "f"]) -> str:
        """The place of the middle of the chosen faces, by weight."""
        if not chosen.any():
            return self.name
        points = self.probes.points[chosen]
        middle = np.average(points, 0, weight[chosen] + 1e-12)
        nearest = points[int(((points - middle) ** 2).sum(1).argmin())]
        return f"{self.name}, {place_name(nearest, self.mesh)}"


def silicone_checks(
    found: Findings, profile: Profile, facts: Mapping[str, float]
) -> tuple[tuple[Check, ...], tuple[str, ...]]:
    """Rows and notes about a soft mould."""
    area, locked = found.probes.area, found.undercut
    share, depth = found.undercut_share, lock_depths(found)
    bends = _within(depth, area, locked)
    where = found.worst(locked, area * depth)
    cure = _cure(found) if share > SOFT_SHARE or bends > SOFT_DEPTH_MM or facts["rings"] else ""
    sides = sorted(found.parting.size_mm)
    room = sorted(side - 2 * profile.margin_mm for side in profile.build_mm)
    over = max(side - limit for side, limit in zip(sides, room, strict=True))
    tightest = int(np.argmax([side - limit for side, limit in zip(sides, room, strict=True)]))
    checks = (
        Check("undercut", 100 * share, 100 * SOFT_SHARE, "% of the surface", where, share <= SOFT_SHARE,
              f"Silicone gives way, but not on so much of the part: {cure}."),
        Check("undercut depth", bends, SOFT_DEPTH_MM, "mm", where, bends <= SOFT_DEPTH_MM,
              f"The silicone would have to bend farther than it can: {cure}."),
        Check("rings", facts["rings"], 0, "loops of silicone through the part", found.name,
              facts["rings"] == 0, f"Slit the mould there with a knife to free the cast, or split: {cure}."),
        _core_check(found, steel=False),
        Check("mould in two pieces", facts["pieces"], 1, "pieces a half", found.name, facts["pieces"] == 1,
              "A piece of the mould is locked inside the part: fill the cavity, or cut it open."),
        Check("keys", facts["keys"], 3, "keys", found.name, facts["keys"] >= 3,
              "There is no room for keys: give the mould a thicker wall (wall_mm) or smaller keys (key_mm)."),
        Check("keys fit one way", facts["misfit_mm"], facts["key_mm"] / 8, "mm apart when turned",
              found.name, facts["misfit_mm"] >= facts["key_mm"] / 8, "Mark the halves' same side by hand."),
        Check("fits the mould box", room[tightest] + over, room[tightest], "mm",
              " x ".join(f"{side:.0f}" for side in found.parting.size_mm) + " mm", over <= 0,
              "Split the part, or cast it in a larger box (--build-mm)."),
    )  # fmt: skip
    return checks, (_about_pull(found),)


def injection_checks(found: Findings, profile: Profile) -> tuple[tuple[Check, ...], tuple[str, ...]]:
    """Rows and notes about a steel mould: nothing may lock, drag, sink or stay empty."""
    area, locked, share = found.probes.area, found.undercut, found.undercut_share
    steep = ~locked & (found.draft < profile.draft_deg)
    steep_share = found.probes.share(steep)
    wall = walls(found.mesh, 12_000)
    thick, fattest = _fat(found, profile.solid_mm)
    thin, below = wall.share_below(profile.wall_mm), wall.thickness < profile.wall_mm
    cure = _cure(found) if share > STEEL_SHARE else ""
    checks = (
        Check("undercut", 100 * share, 100 * STEEL_SHARE, "% of the surface", found.worst(locked, area),
              share <= STEEL_SHARE, f"Steel cannot let go of it without side cores: {cure}."),
        Check("draft", 100 * steep_share, 100 * DRAFT_SHARE, f"% under {profile.draft_deg:g}°",
              found.worst(steep, area), steep_share <= DRAFT_SHARE,
              f"Those walls drag along the steel: lean them by {profile.draft_deg:g}° or more."),
        Check("too thick", 100 * thick, 100 * SHARE, f"% over {profile.solid_mm:g} mm",
              fattest, thick <= SHARE,
              f"It sinks and warps: hollow it to walls under {profile.solid_mm:g} mm, open at a joint."),
        Check("too thin", 100 * thin, 100 * SHARE, f"% under {profile.wall_mm:g} mm",
              _spot(found, wall, thinnest(wall, below, profile.wall_mm)) if thin > 0 else found.name,
              thin <= SHARE,
              "The plastic freezes before it gets there: thicken it."),
        _core_check(found, steel=True),
    )  # fmt: skip
    return checks, (_about_pull(found),)


def lock_depths(found: Findings) -> Float[np.ndarray, "f"]:
    """How far (mm) the mould beside each face must bend aside before it can leave; 0 where nothing locks.

    At each height, the distance to the nearest column that is free from there on out: a lower bound.
    """
    from scipy.ndimage import distance_transform_edt

    parting = found.parting
    depth = np.zeros(len(found.undercut))
    chosen = np.flatnonzero(found.undercut)
    turned = found.probes.points[chosen].astype(np.float64) @ parting.frame.T
    above = turned[:, 2] > parting.at(turned[:, :2])
    level = np.clip((turned[:, 2] - parting.low) / (parting.high - parting.low) * LEVELS, 0, LEVELS - 1)
    for upper in (True, False):
        for k in np.unique(level[above == upper].astype(int)):
            z = parting.low + (k + 0.5) / LEVELS * (parting.high - parting.low)
            shadow = parting.top > z if upper else parting.bottom < z
            away = np.asarray(distance_transform_edt(np.pad(shadow, 1)))[1:-1, 1:-1] * parting.step
            here = (above == upper) & (level.astype(int) == k)
            depth[chosen[here]] = parting.at(turned[here, :2], away)
    return depth


def _fat(found: Findings, diameter_mm: float) -> tuple[float, str]:
    """Share of the surface under which a ball of that diameter fits inside the part, and where most does."""
    import igl

    probes = found.search.probes
    centres = (probes.points - (diameter_mm / 2 + LIFT_MM) * probes.normals).astype(np.float64)
    vertices, faces = found.mesh.vertices.astype(np.float64), found.mesh.faces.astype(np.int64)
    away = np.sqrt(igl.point_mesh_squared_distance(centres, vertices, faces)[0])
    fits = away > 0.98 * diameter_mm / 2
    if not fits.any():
        return 0.0, found.name
    middle = centres[fits].mean(0)
    nearest = centres[fits][int(((centres[fits] - middle) ** 2).sum(1).argmin())]
    return float(fits.mean()), f"{found.name}, {place_name(nearest, found.mesh)}"


def _within(depth: np.ndarray, area: np.ndarray, chosen: np.ndarray, share: float = 0.95) -> float:
    """The depth that 95 % of the chosen area stays within."""
    if not chosen.any():
        return 0.0
    order = np.argsort(depth[chosen])
    mass = np.cumsum(area[chosen][order])
    return float(depth[chosen][order][int(np.searchsorted(mass, share * mass[-1]))])


def _core_check(found: Findings, steel: bool) -> Check:
    """The mould's own thinnest fin: the gap between two faces of the part, by rays through the outside."""
    some = slice(None, None, max(1, len(found.search.probes.area) // 4000))
    probes = found.search.probes
    outside = Mesh(found.mesh.vertices, np.ascontiguousarray(found.mesh.faces[:, ::-1]))
    gap = thickness_at(outside, probes.points[some], -probes.normals[some])
    fins = Walls(probes.points[some], probes.normals[some], gap)
    limit = CORE_MM[steel]
    share, where = fins.share_below(limit), found.name
    if share > 0:
        where = _spot(found, fins, thinnest(fins, gap < limit, limit))
    gives = "bends" if steel else "tears"
    advice = f"The mould is so thin there that it {gives}: fill the gap, or split the part."
    return Check(
        "thin cores", 100 * share, 100 * SHARE, f"% under {limit:g} mm", where, share <= SHARE, advice
    )


def _spot(found: Findings, wall: Walls, index: int) -> str:
    return f"{found.name}: {wall.thickness[index]:.1f} mm at {place_name(wall.points[index], found.mesh)}"


def _cure(found: Findings) -> str:
    """The planar cut after which least is undercut, in words; honest when none helps."""
    cut, now = found.search.helping_cut(), found.undercut_share
    if cut.share_after > 0.8 * now:
        return f"no single planar cut helps ({now:.0%} undercut, {cut.share_after:.0%} after the best one)"
    return f"{cut.words} leaves {cut.share_after:.1%} undercut instead of {now:.1%}"


def _about_pull(found: Findings) -> str:
    x, y, z = found.parting.frame[2]
    share = found.undercut_share
    return f"the mould opens along ({x:.2f}, {y:.2f}, {z:.2f}); {share:.1%} of the part is undercut"


__all__ = ["SOFT_DEPTH_MM", "SOFT_SHARE", "Findings", "injection_checks", "lock_depths", "silicone_checks"]
