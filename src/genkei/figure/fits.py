"""Would it go together: every promise of a joint measured on the finished solids."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float

from genkei.figure.assembly import Step
from genkei.figure.contact import distance_to, lies_on, normals_of
from genkei.figure.fittings import Fitting, Shortage
from genkei.figure.pegs import Peg
from genkei.figure.profiles import Profile
from genkei.figure.sweep import PLAY_MM, follow
from genkei.geometry.mesh import corners
from genkei.geometry.rays import Surface
from genkei.types import Check, Interface, Mesh

if TYPE_CHECKING:
    from manifold3d import Manifold

GAP_MM = 0.02
"""Tolerance of a measured clearance and wall."""
OVERLAP_MM3 = 0.01
ROUND_MM = 2e-5
"""Mean depth to which flush surfaces run into each other because coordinates are float32."""
GRAZE_MM = 5e-4
"""Mean depth over the shared surface to which steep stretches of it may graze each other on the way."""
TURN_DEG = 20.0
"""A key may be turned this far in its socket; any further and it must not go in."""
LIFTS = (0.0, 0.25, 0.02, 0.5, 1.0)
"""Places along the way out where gaps are measured, in depths of the joint; overlaps at every other one."""
LOOKS_OUT = 0.7
"""cos: a face turned so far to the socket's mouth is the surface it opens in, not a wall beside it."""
FLUSH_MM = 0.05
"""A surface this near to the shared one is part of it: where pieces changed sides, small steps of both meet
no closer. A wall can be so much thinner than measured."""
SLIVER_MM = 1e-4
"""A triangle lower than this may point anywhere: its corners are float32 at a hundred millimetres."""
INTO_MM = 0.05
WALL_REACH_MM = 3.0
"""How far round a socket a wall is looked for."""


@dataclass(frozen=True)
class Made:
    """A joint that was cut: between which parts, on which shared surface."""

    interface: Interface
    fitting: Fitting
    step: Step


def place_of(interface: Interface, point: Float[np.ndarray, "3"] | None = None) -> str:
    """`arm on torso, at (12, 3, 84) mm`."""
    x, y, z = np.asarray(interface.centre if point is None else point, float)
    return f"{interface.plugged} on {interface.carrier}, at ({x:.0f}, {y:.0f}, {z:.0f}) mm"


def held_check(step: Step, interface: Interface, others: Sequence[Mesh]) -> Check:
    """A part that no straight push takes off."""
    path = follow(step.part.mesh, others, step.way.direction)
    return Check(
        "joint path", path.travel_mm, max(path.needed_mm, path.travel_mm + PLAY_MM), "mm free",
        f"{place_of(interface, path.where)}: {path.held_mm:.1f} mm of it hook behind another part", False,
        "No straight push brings these parts together: cut it in two, or move the cut to where it is widest.",
    )  # fmt: skip


def shortage_check(interface: Interface, shortage: Shortage) -> Check:
    """An interface no joint of the wanted kinds fits in."""
    return Check(
        "joint room", shortage.found_mm, shortage.wanted_mm, "mm", f"{place_of(interface)}: {shortage.what}",
        False, "Too small a surface or too little material for a joint: make the figure larger, move the "
        "cut, keep the two parts together, or glue them and choose `pin`.",
    )  # fmt: skip


def joint_checks(made: Made, solids: "Mapping[str, Manifold]", profile: Profile) -> list[Check]:
    """Clearance (seated and along the way), wall, root and key of one joint."""
    fitting = made.fitting
    where = place_of(made.interface, fitting.plugs[0].peg.frame.origin)
    asked = fitting.plugs[0].peg.clearance_mm
    near = [_near(plug.peg, solids[plug.host]) for plug in fitting.plugs]
    gaps = [_gaps(plug.peg, host) for plug, host in zip(fitting.plugs, near, strict=True)]
    seated = min(gap[0] for gap in gaps)
    tightest = min(min(gap) for gap in gaps)
    rows = [
        Check("joint clearance", seated, asked, "mm", where, abs(seated - asked) <= GAP_MM,
              "The peg would be tight or loose: report this joint as a bug."),
        Check("joint clearance on its way", tightest, asked, "mm", where, tightest >= asked - GAP_MM,
              "The peg jams while it is pushed in: choose less taper or another kind of joint."),
    ]  # fmt: skip
    wall = min(
        socket_wall(plug.peg, host, made.interface) for plug, host in zip(fitting.plugs, near, strict=True)
    )
    rows.append(
        Check("joint wall", wall, profile.wall_mm, "mm", where, wall >= profile.wall_mm - GAP_MM,
              "The socket's wall is too thin: choose a pin, or make the figure larger.")
    )  # fmt: skip
    if fitting.kind not in ("pin", "magnet"):
        root = min(plug.peg.width_mm for plug in fitting.plugs)
        least = profile.section_mm
        rows.append(
            Check("joint root", root, least, "mm", where, root >= least - 1e-6,
                  "The peg would snap: choose a brass pin, or make the figure larger.")
        )  # fmt: skip
    return rows


def key_check(step: Step, made: Sequence[Made]) -> Check | None:
    """How far a part can be turned and still goes on; None for round pins and magnets that leave it free."""
    plugs = [
        plug for one in made for plug in one.fitting.plugs if plug.host != step.part.name or plug.grown_on
    ]
    turn = free_turn_deg([plug.peg for plug in plugs])
    bought = all(one.fitting.kind in ("pin", "magnet") for one in made)
    if turn is None or (bought and turn > TURN_DEG):
        return None
    return Check(
        "joint one way", turn, TURN_DEG, "degrees of free turn", place_of(made[0].interface),
        turn <= TURN_DEG, "It goes on in more than one way: choose a keyed peg for one of its joints.",
    )  # fmt: skip


def free_turn_deg(pegs: Sequence[Peg]) -> float | None:
    """The largest turn about the way out at which all pegs meet sockets they fit in; None for one round peg.

    Two or more: the first is tried in every socket, the others must then meet one that is wide enough.
    """
    keyed = [peg for peg in pegs if peg.outline != "round"]
    if keyed:
        return min(peg.section(0.0).free_turn_deg(peg.clearance_mm) for peg in keyed)
    if len(pegs) < 2:
        return None
    frame = pegs[0].frame
    at = np.array([frame.local(peg.frame.origin)[:2] for peg in pegs])
    width = np.array([peg.width_mm for peg in pegs])
    gap = pegs[0].clearance_mm
    turns = np.radians(np.arange(0, 360, 0.5))
    spin = np.stack([np.cos(turns), -np.sin(turns), np.sin(turns), np.cos(turns)], 1).reshape(-1, 2, 2)
    fits = np.zeros(len(turns), bool)
    for goal in range(len(pegs)):
        moved = np.einsum("tij,pj->tpi", spin, at - at[0]) + at[goal]
        miss = np.linalg.norm(moved[:, :, None] - at[None, None], axis=-1)
        fits |= (miss + (width[:, None] - width[None]) / 2 <= 2 * gap).any(2).all(1)
    away = np.degrees(np.minimum(turns, 2 * math.pi - turns))
    return float(away[fits].max(initial=0.0))


def _gaps(peg: Peg, host: "Manifold") -> list[float]:
    """Least distance from the peg to the part with its socket, seated and on the way out."""
    solid = peg.solid()
    back = -peg.frame.direction
    search = peg.clearance_mm + 0.5
    moved = [solid.translate(_triple(lift * peg.depth_mm * back)) for lift in LIFTS]
    return [float(one.min_gap(host, search)) for one in moved]


def _near(peg: Peg, solid: "Manifold") -> "Manifold":
    """What of a solid is within `WALL_REACH_MM` of a joint."""
    import manifold3d

    box = np.array(peg.keep_out(WALL_REACH_MM).bounding_box())
    low, high = box[:3], box[3:]
    return solid ^ manifold3d.Manifold.cube(_triple(high - low)).translate(_triple(low))


def _triple(vector: np.ndarray) -> tuple[float, float, float]:
    x, y, z = (float(value) for value in vector)
    return x, y, z


def socket_wall(peg: Peg, host: "Manifold", interface: Interface) -> float:
    """Least distance from the socket to any surface of its part but those that look out of its mouth.

    `host` is the part, or what of it is within `WALL_REACH_MM`.
    """
    from genkei.geometry.mesh import from_manifold

    mesh = from_manifold(host)
    inside = _socket_points(peg, mesh)
    own = from_manifold(peg.socket())
    skins = (corners(own).astype(np.float64), interface.triangles.astype(np.float64))
    outer = _beside(corners(mesh).astype(np.float64), peg)
    for skin in skins:
        outer = outer[~lies_on(outer, skin, within_mm=FLUSH_MM)]
    if not len(outer):
        return WALL_REACH_MM
    return float(min(distance_to(inside, outer).min(), WALL_REACH_MM))


def _beside(triangles: Float[np.ndarray, "n 3 3"], peg: Peg) -> Float[np.ndarray, "k 3 3"]:
    """Those that do not look out of the socket's mouth. A sliver's edges are its neighbours' as well."""
    longest = np.linalg.norm(triangles - np.roll(triangles, 1, axis=1), axis=2).max(1)
    normals = normals_of(triangles)
    doubled = np.linalg.norm(normals, axis=1)
    high = doubled / np.maximum(longest, 1e-12)
    return triangles[(high > SLIVER_MM) & (normals @ -peg.frame.direction < LOOKS_OUT * doubled)]


def _socket_points(peg: Peg, host: Mesh) -> Float[np.ndarray, "n 3"]:
    """Points on the socket's walls and bottom that the part surrounds, from a little under the mouth on."""
    gap = peg.clearance_mm / math.cos(math.radians(peg.taper_deg))
    end = peg.depth_mm + peg.bottom_mm
    rings = []
    for at in np.linspace(0.3, end, 9):
        ring = peg.section(float(at)).grown(gap).points
        sides = np.concatenate([ring, (ring + np.roll(ring, 1, 0)) / 2])
        rings.append(np.column_stack([sides, np.full(len(sides), at)]))
    walls = peg.frame.world(np.concatenate(rings))
    axis = peg.frame.world(np.array([[0.0, 0.0, 0.0]]))[0]
    outward = walls - axis
    outward -= np.outer(outward @ peg.frame.direction, peg.frame.direction)
    probes = walls + INTO_MM * outward / np.linalg.norm(outward, axis=1, keepdims=True)
    down = np.broadcast_to(peg.frame.direction, probes.shape)
    solid = Surface(host).crossings(probes, down) > 0
    bottom = np.column_stack([0.5 * ring, np.full(len(ring), end)])
    return np.concatenate([walls[solid], peg.frame.world(bottom)])


def path_checks(
    step: Step,
    made: Sequence[Made],
    solids: "Mapping[str, Manifold]",
    meshes: Mapping[str, Mesh],
    before: Sequence[str],
) -> list[Check]:
    """The finished part against all that stand before it: nothing overlaps, and nothing stands in its way.

    `meshes` are those of the solids.
    """
    part = solids[step.part.name]
    depth = max(one.fitting.depth_mm for one in made)
    where = place_of(made[0].interface)
    touched = {face.carrier for face in step.interfaces}
    shifts = [lift * depth * step.way.direction for lift in LIFTS[::2]]
    overlap = [sum(_moved(part, shift, solids[name]) for name in touched) for shift in shifts]
    area = sum(face.area_mm2 for face in step.interfaces)
    flush, graze = OVERLAP_MM3 + ROUND_MM * area, OVERLAP_MM3 + GRAZE_MM * area
    path = follow(meshes[step.part.name], [meshes[name] for name in before], step.way.direction)
    return [
        Check("joint overlap", overlap[0], flush, "mm³", where, overlap[0] <= flush,
              "The parts run into each other when put together: report this joint as a bug."),
        Check("joint overlap on its way", max(overlap), graze, "mm³", where, max(overlap) <= graze,
              "The part collides while it is pushed on: move the cut."),
        Check("joint path", path.travel_mm, path.needed_mm, "mm free",
              place_of(made[0].interface, path.where), path.held_mm <= PLAY_MM,
              "No straight push brings these parts together: move the cut."),
    ]  # fmt: skip


def _moved(part: "Manifold", by: np.ndarray, other: "Manifold") -> float:
    x, y, z = (float(value) for value in by)
    return float((part.translate((x, y, z)) ^ other).volume())


def pieces_check(name: str, before: int, after: int) -> Check:
    """Cutting a socket must not break a part up."""
    return Check(
        "joint keeps the part whole", after, before, "pieces", name, after == before,
        "A socket cuts the part in two: choose a smaller kind of joint.",
    )  # fmt: skip
