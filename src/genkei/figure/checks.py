"""Would it print: every promise measured, as rows a person, an exit code and a web page can use."""

import math

import numpy as np
from jaxtyping import Bool, Float, Float32

from genkei.figure.balance import balance
from genkei.figure.machine import fit, room_of
from genkei.figure.profiles import Profile
from genkei.figure.sections import weakest
from genkei.figure.union import shell_volumes
from genkei.figure.walls import Walls, walls
from genkei.geometry.mesh import (
    area_vectors,
    compact,
    component_labels,
    corners,
    open_edges,
    volume,
)
from genkei.geometry.rays import Surface, surface_of
from genkei.types import Check, Figure, Mesh

TIP_ANGLE_DEG = 10.0
"""A figure that falls at less is knocked over by a shelf being touched."""
THIN_SHARE = 0.02
"""Share of the surface that may be thinner than the process can make: hair and finger tips end in a point."""
BURIED_SHARE = 1e-3
MOST_TRIANGLES = 1_500_000
BED_MM = 0.02
HEIGHT_MM = 0.1
BURIED_SAMPLES = 60_000
OFFSET_MM = 5e-3
"""Distance of the probes outside the surface that ask whether another shell covers it."""


def check_figure(figure: Figure, profile: Profile) -> tuple[Check, ...]:
    """All checks of every part, the height that was asked, and the whole figure's size and balance."""
    whole = _joined([part.mesh for part in figure.parts])
    rows: list[Check] = []
    surfaces = [Surface(part.mesh) for part in figure.parts]
    for surface, part in zip(surfaces, figure.parts, strict=True):
        rows += solid_checks(surface, part.name)
    rows += _place_checks(whole, profile, "figure", figure.scale_mm)
    height = float(whole.vertices[:, 2].max()) - figure.lift_mm if len(whole.vertices) else 0.0
    rows.append(_height_check(height, figure.scale_mm))
    for surface, part in zip(surfaces, figure.parts, strict=True):
        rows += wall_checks(surface, profile, part.name) + _section_checks(part.mesh, profile)
    return tuple(rows)


def check_mesh(mesh: Mesh, profile: Profile, name: str = "mesh") -> tuple[Check, ...]:
    """The same rows for one mesh in figure space (millimetres, +z up) of unknown origin; it may be broken."""
    if not len(mesh.faces) or not np.isfinite(mesh.vertices).all():
        what = "no triangles" if not len(mesh.faces) else "coordinates that are not numbers"
        return (Check("readable", 0.0, 1.0, "", f"{name}: {what}", False, "Export the file again."),)
    surface = Surface(mesh)
    rows = solid_checks(surface, name) + _place_checks(mesh, profile, name)
    return tuple(rows + wall_checks(surface, profile, name) + _section_checks(mesh, profile))


def _joined(meshes: list[Mesh]) -> Mesh:
    if len(meshes) == 1:
        return meshes[0]
    starts = np.cumsum([0, *(len(mesh.vertices) for mesh in meshes)])
    faces = [mesh.faces + start for mesh, start in zip(meshes, starts, strict=False)]
    return Mesh(np.concatenate([m.vertices for m in meshes]), np.concatenate(faces).astype(np.int32))


def solid_checks(surface: Surface, name: str) -> list[Check]:
    """Closed, outward, one piece, no trapped void, no self-overlap, triangle count."""
    mesh = surface.mesh
    gaps = open_edges(mesh.faces)
    shells = _shells(mesh)
    outer = [shell for shell in shells if shell[1] > 0]
    voids = [shell for shell in shells if shell[1] < 0]
    signed = volume(mesh)
    cavity = -sum(v for _, v in voids)
    covered, spot = buried(surface)
    rows = [
        Check("closed", gaps, 0, "open edges", _where_open(mesh, name) if gaps else name, gaps == 0,
              "Close it with `genkei printify`: a slicer fills holes as it likes."),
        Check("outward", signed, 0, "mm³", name, signed > 0,
              "The surface is inside-out or has no volume: `genkei printify` turns it."),
        Check("one piece", len(outer), 1, "pieces", _where_pieces(mesh, outer, name), len(outer) == 1,
              "Loose pieces fall off: connect them, or drop them with `genkei printify`."),
        Check("trapped voids", cavity, 0, "mm³", _where_pieces(mesh, voids, name), cavity <= 0.0,
              "Resin or powder stays inside: fill the cavity or give it a drain hole."),
        Check("self-overlap", 100 * covered, 100 * BURIED_SHARE, "% of the surface", spot or name,
              covered <= BURIED_SHARE, "Shells run through each other: unite them with `genkei printify`."),
        Check("triangles", len(mesh.faces), MOST_TRIANGLES, "triangles", name,
              len(mesh.faces) <= MOST_TRIANGLES, "Slicers become slow: simplify the mesh."),
    ]  # fmt: skip
    return rows


def _shells(mesh: Mesh) -> list[tuple[int, float]]:
    """Label and signed volume of every connected shell, largest first."""
    _, signed = shell_volumes(mesh)
    order = np.argsort(-np.abs(signed), kind="stable")
    return [(int(k), float(signed[k])) for k in order]


def buried(mesh: Mesh | Surface) -> tuple[float, str]:
    """Share of the surface that lies inside another shell or is covered twice, and where.

    A point a hair outside a good solid has winding number 0 (Jacobson 2013; fast evaluation: Barill 2018).
    Where the mesh is closed, rays that count what they cross tell the same in a third of the time.
    """
    surface = surface_of(mesh)
    mesh = surface.mesh
    area = np.linalg.norm(area_vectors(mesh), axis=1)
    if not area.sum() > 0:
        return 0.0, ""
    chosen = np.arange(len(area))
    if len(area) > BURIED_SAMPLES:
        ends = np.cumsum(area)
        step = (np.arange(BURIED_SAMPLES) + 0.5) / BURIED_SAMPLES * ends[-1]
        chosen = np.unique(np.minimum(np.searchsorted(ends, step), len(area) - 1))
    outward = surface.normals[chosen]
    probes = corners(mesh)[chosen].astype(np.float64).mean(1) + OFFSET_MM * outward
    inside = _covered(surface, probes, outward)
    if not inside.any():
        return 0.0, ""
    weight = area[chosen] if len(chosen) == len(area) else np.ones(len(chosen))
    worst = probes[inside].astype(np.float32)
    return float(weight[inside].sum() / weight.sum()), place_name(worst[len(worst) // 2], mesh)


def _covered(
    surface: Surface, probes: Float[np.ndarray, "n 3"], outward: Float32[np.ndarray, "n 3"]
) -> Bool[np.ndarray, "n"]:
    """Which probes lie inside the mesh; a ray that says so is believed when one of two others agrees."""
    import igl

    mesh = surface.mesh
    if open_edges(mesh.faces):
        vertices, faces = mesh.vertices.astype(np.float64), mesh.faces.astype(np.int64)
        return np.asarray(igl.fast_winding_number(vertices, faces, probes)) > 0.5
    inside = surface.crossings(probes, outward) > 0
    doubtful = np.flatnonzero(inside)
    tilted = [outward[doubtful] + 0.4 * np.roll(outward[doubtful], turn, axis=1) for turn in (1, 2)]
    second, third = (surface.crossings(probes[doubtful], _unit(along)) > 0 for along in tilted)
    inside[doubtful] = second | third
    return inside


def _unit(directions: Float32[np.ndarray, "n 3"]) -> Float32[np.ndarray, "n 3"]:
    return directions / np.linalg.norm(directions, axis=1, keepdims=True)


def _place_checks(mesh: Mesh, profile: Profile, name: str, height_mm: float = 0.0) -> list[Check]:
    """On the bed, inside the machine, standing; `height_mm`: what was asked for (0: the whole mesh's)."""
    low, high = mesh.vertices.min(0).astype(np.float64), mesh.vertices.max(0).astype(np.float64)
    size = high - low
    room, tightest = room_of(profile), fit(size, profile)
    fitting = (height_mm or size[2]) * float((np.sort(room[:2]) / np.maximum(np.sort(size[:2]), 1e-6)).min())
    fitting = min(fitting, (height_mm or size[2]) * float(room[2] / max(size[2], 1e-6)))
    fitting = math.floor(fitting + 1e-3)
    machine = "x".join(f"{side:g}" for side in profile.build_mm)
    stand = balance(mesh)
    return [
        Check("on the bed", float(low[2]), 0.0, "mm", name, abs(float(low[2])) <= BED_MM,
              "Move the model so that its lowest point is at z = 0."),
        Check("fits the machine", tightest.size_mm, tightest.room_mm, "mm",
              f"{tightest.along} of {size[0]:.1f} x {size[1]:.1f} x {size[2]:.1f} mm", tightest.fits,
              f"The {profile.name} profile's machine is {machine} mm, less {profile.margin_mm:g} a side: "
              f"print it at most {fitting} mm high (--height-mm {fitting}), "
              "or elsewhere."),
        Check("stands", stand.tip_angle_deg, TIP_ANGLE_DEG, "degrees",
              f"centre of mass {stand.centre[2]:.1f} mm up, {stand.margin_mm:.2f} mm inside its footprint",
              stand.tip_angle_deg >= TIP_ANGLE_DEG, "Give it a base, or a wider one (--base-mm)."),
    ]  # fmt: skip


def _height_check(height: float, wanted: float) -> Check:
    passed = abs(height - wanted) <= HEIGHT_MM
    return Check("height", height, wanted, "mm", "soles to the top of the hair", passed,
                 "The character's mesh was cut or moved after it was scaled.")  # fmt: skip


def wall_checks(surface: Surface, profile: Profile, name: str) -> list[Check]:
    """Share of the surface under the least wall, edges apart, and the middle of the largest thin place."""
    found = walls(surface)
    thin = found.thin(profile.wall_mm)
    share = float(thin.mean()) if len(thin) else 0.0
    where = name
    if share > 0:
        index = thinnest(found, thin, profile.wall_mm)
        where = f"{found.thickness[index]:.2f} mm at {place_name(found.points[index], surface.mesh)}"
    return [
        Check("thin walls", 100 * share, 100 * THIN_SHARE, f"% under {profile.wall_mm:g} mm", where,
              share <= THIN_SHARE, "Print it larger, or thicken hair tips, hems and wrists in the drawing."),
    ]  # fmt: skip


def _section_checks(mesh: Mesh, profile: Profile) -> list[Check]:
    """The weakest neck or ankle; no row for a mesh that is not closed, which other rows tell."""
    try:
        section = weakest(mesh)
    except ValueError:  # not a manifold
        return []
    if section is None:
        return []
    where = f"{place_name(np.array(section.centre), mesh)}, carries {section.carried_share:.0%} of the volume"
    return [
        Check("weakest section", section.diameter_mm, profile.section_mm, "mm", where,
              section.diameter_mm >= profile.section_mm,
              "It may snap there: print it larger, or thicken that neck, ankle or strand in the drawing."),
    ]  # fmt: skip


def thinnest(found: Walls, thin: Bool[np.ndarray, "n"], limit_mm: float) -> int:
    """Index of the point in the middle of the largest thin region: what a person should look at first.

    Each thin point is weighed by how many thin neighbours it has within 2 limits; the busiest wins.
    """
    from scipy.spatial import KDTree

    chosen = np.flatnonzero(thin)
    tree = KDTree(found.points[chosen])
    crowd = tree.query_ball_point(found.points[chosen], 2 * limit_mm, return_length=True)
    return int(chosen[int(np.argmax(crowd))])


def place_name(point: np.ndarray, mesh: Mesh) -> str:
    """Words for a position in figure space, such as `z = 84 mm, left side, back`: the figure's own left."""
    low, high = mesh.vertices.min(0), mesh.vertices.max(0)
    share = (point - (low + high) / 2) / np.maximum(high - low, 1e-6)
    sides = [_side(float(share[0]), "right side", "left side"), _side(float(share[1]), "front", "back")]
    named = ", ".join(side for side in sides if side) or "middle"
    return f"z = {float(point[2]):.0f} mm, {named} (x {float(point[0]):.1f}, y {float(point[1]):.1f})"


def _side(share: float, less: str, more: str) -> str:
    return less if share < -0.12 else more if share > 0.12 else ""


def _where_open(mesh: Mesh, name: str) -> str:
    """Where the first unpaired edge is."""
    directed = np.concatenate([mesh.faces[:, [0, 1]], mesh.faces[:, [1, 2]], mesh.faces[:, [2, 0]]]).astype(
        np.int64
    )
    count = int(mesh.faces.max()) + 1
    _, inverse, times = np.unique(
        directed[:, 0] * count + directed[:, 1], return_inverse=True, return_counts=True
    )
    backward = np.isin(directed[:, 0] * count + directed[:, 1], directed[:, 1] * count + directed[:, 0])
    bad = np.flatnonzero(~backward | (times[inverse] > 1))
    if not len(bad):
        return name
    return f"{name}, first at {place_name(mesh.vertices[directed[bad[0], 0]], mesh)}"


def _where_pieces(mesh: Mesh, shells: list[tuple[int, float]], name: str) -> str:
    """Volumes and the place of the second piece."""
    if len(shells) < 2:
        return name
    piece = compact(mesh.vertices, mesh.faces[component_labels(mesh.faces) == shells[1][0]])
    at = place_name(piece.vertices.mean(0), mesh)
    listed = ", ".join(f"{abs(v):.1f}" for _, v in shells[:4])
    return f"{name}: {listed} mm³, the second at {at}"


__all__ = ["TIP_ANGLE_DEG", "check_figure", "check_mesh", "place_name", "thinnest"]
