"""Parts side by side on as few beds as rows allow, in the machine's frame: (0, 0) is its front left."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float

from genkei.figure.profiles import Profile
from genkei.geometry.mesh import area_vectors
from genkei.types import Mesh, Part

GAP_MM = 4.0
"""Between two neighbours: a scraper fits, and a brim of two lines each."""


@dataclass(frozen=True)
class Placed:
    """A part and what holds it where they are printed; +z up, the bed at z = 0."""

    part: Part
    supports: Mesh
    """No faces where there are none."""


def on_beds(plates: Sequence[Placed], profile: Profile) -> tuple[tuple[Placed, ...], ...]:
    """Rows of parts, the deepest first, every bed centred. A part too large for the bed has one to itself."""
    room = np.array(profile.build_mm[:2]) - 2 * profile.margin_mm
    sizes = [_box(plate)[1] - _box(plate)[0] for plate in plates]
    order = sorted(range(len(plates)), key=lambda k: (-sizes[k][1], -sizes[k][0], k))
    large = [k for k in order if (sizes[k] > room).any()]
    beds: list[list[tuple[int, np.ndarray]]] = []
    corner, row = np.zeros(2), 0.0
    for k in (k for k in order if k not in large):
        size = sizes[k]
        if beds and corner[0] and corner[0] + size[0] > room[0]:
            corner, row = np.array([0.0, corner[1] + row]), 0.0
        if not beds or corner[1] + size[1] > room[1]:
            beds.append([])
            corner, row = np.zeros(2), 0.0
        beds[-1].append((k, corner.copy()))
        corner[0] += size[0] + GAP_MM
        row = max(row, size[1] + GAP_MM)
    beds += [[(k, np.zeros(2))] for k in large]
    middle = np.array(profile.build_mm[:2]) / 2
    return tuple(
        _centred([(plates[k], at) for k, at in sorted(bed, key=lambda p: p[0])], middle) for bed in beds
    )


def _centred(
    bed: Sequence[tuple[Placed, Float[np.ndarray, "2"]]], middle: Float[np.ndarray, "2"]
) -> tuple[Placed, ...]:
    moved = [_moved(plate, at - _box(plate)[0]) for plate, at in bed]
    boxes = np.array([_box(plate) for plate in moved])
    shift = middle - (boxes[:, 0].min(0) + boxes[:, 1].max(0)) / 2
    return tuple(_moved(plate, shift) for plate in moved)


def _moved(plate: Placed, shift: Float[np.ndarray, "2"]) -> Placed:
    by = np.append(shift, 0.0)
    return Placed(replace(plate.part, mesh=_shifted(plate.part.mesh, by)), _shifted(plate.supports, by))


def _shifted(mesh: Mesh, by: Float[np.ndarray, "3"]) -> Mesh:
    return Mesh((mesh.vertices.astype(np.float64) + by).astype(np.float32), mesh.faces)


def _box(plate: Placed) -> tuple[Float[np.ndarray, "2"], Float[np.ndarray, "2"]]:
    """Low and high corner of what touches the bed's plane from above, supports included."""
    points = np.concatenate([plate.part.mesh.vertices, plate.supports.vertices])[:, :2].astype(np.float64)
    return points.min(0), points.max(0)


def lying(part: Part) -> Part:
    """The part on its largest flat face, the lowest point at z = 0: for plugs and mould halves."""
    towards = _largest_flat(part.mesh)
    turn = _turned(towards)
    points = part.mesh.vertices.astype(np.float64) @ turn.T
    points[:, 2] -= points[:, 2].min()
    return replace(part, mesh=Mesh(points.astype(np.float32), part.mesh.faces))


def _largest_flat(mesh: Mesh) -> Float[np.ndarray, "3"]:
    """Unit normal of the largest flat face of the convex hull."""
    from scipy.spatial import ConvexHull

    hull = ConvexHull(mesh.vertices.astype(np.float64))
    faces = Mesh(mesh.vertices, hull.simplices.astype(np.int32))
    area = np.linalg.norm(area_vectors(faces), axis=1)
    normals = hull.equations[:, :3]
    _, kind = np.unique(np.round(normals, 3), axis=0, return_inverse=True)
    largest = int(np.argmax(np.round(np.bincount(kind.ravel(), area), 6)))
    towards = (normals * area[:, None])[kind.ravel() == largest].sum(0)
    return towards / np.linalg.norm(towards)


def _turned(down: Float[np.ndarray, "3"]) -> Float[np.ndarray, "3 3"]:
    """The rotation that turns a direction to -z."""
    side = np.eye(3)[int(np.argmin(np.abs(down)))]
    x = np.cross(side, down)
    x /= np.linalg.norm(x)
    return np.stack([x, np.cross(-down, x), -down])


__all__ = ["Placed", "lying", "on_beds"]
