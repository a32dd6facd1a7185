"""The parting surface of a two-part mould: heights along the pull that pass through the silhouette."""

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Bool, Float, Int

from genkei.geometry.mesh import edge_keys, face_normals, to_manifold
from genkei.geometry.rays import Surface
from genkei.types import Mesh

if TYPE_CHECKING:
    from manifold3d import Manifold

FINEST_MM, COARSEST_MM = 0.35, 1.5
"""Ends of the grid's step, whatever the number of cells."""
WALL = math.sin(math.radians(2.0))
"""On the outline, faces flatter to the pull count as wall: the surface passes anywhere over them. A wall of
3 mm may then lock by a tenth; a finer threshold makes the parting line follow every ripple."""
RIM_MM = 0.02
"""Outline points are looked at from this far beside the surface."""
INSIDE_MM = 0.3
"""Under the silhouette the surface keeps this far inside the part: no two faces of a mould fall together."""
TAUT = (48, 32, 16, 8, 4, 2, 1)
"""Widths (in cells) of the blurs that draw the surface taut, wide first; each is done `ROUNDS` times."""
ROUNDS = 6


@dataclass(frozen=True)
class Parting:
    """Heights along the pull on a square grid over the block, in the pull's frame (millimetres)."""

    frame: Float[np.ndarray, "3 3"]
    """Rows: the block's two sides and the pull; `frame @ p` takes figure space to the pull's frame."""
    corner: Float[np.ndarray, "2"]
    """Position of node (0, 0)."""
    step: float
    height: Float[np.ndarray, "nx ny"]
    bottom: Float[np.ndarray, "nx ny"]
    """Lowest point of the part in every column; inf beside it."""
    top: Float[np.ndarray, "nx ny"]
    """Highest point; -inf beside it."""
    low: float
    high: float
    """Ends of the block along the pull."""

    @property
    def covered(self) -> Bool[np.ndarray, "nx ny"]:
        return np.isfinite(self.top)

    @property
    def size_mm(self) -> tuple[float, float, float]:
        """Of the block; the last along the pull."""
        nx, ny = self.height.shape
        return (nx - 1) * self.step, (ny - 1) * self.step, self.high - self.low

    def at(self, xy: Float[np.ndarray, "n 2"], field: np.ndarray | None = None) -> Float[np.ndarray, "n"]:
        """The height (or another field of the grid) there, linear between nodes and constant outside."""
        from scipy.ndimage import map_coordinates

        values = self.height if field is None else field
        return map_coordinates(values, (xy - self.corner).T / self.step, order=1, mode="nearest")

    def nodes(self) -> Float[np.ndarray, "nx ny 2"]:
        nx, ny = self.height.shape
        x, y = np.meshgrid(np.arange(nx), np.arange(ny), indexing="ij")
        return self.corner + self.step * np.stack([x, y], -1)

    def above(self, points: Float[np.ndarray, "n 3"]) -> Bool[np.ndarray, "n"]:
        """Which points of figure space the upper half owns."""
        turned = points.astype(np.float64) @ self.frame.T
        return turned[:, 2] > self.at(turned[:, :2])

    def block(self) -> "Manifold":
        """The whole block, in the pull's frame: in the very same float32 places as `lower`."""
        return to_manifold(_prism(self, np.full((2, 2), self.high)))

    def lower(self) -> "Manifold":
        """The block under the surface, in the pull's frame."""
        return to_manifold(_prism(self, self.height))

    def turn(self, solid: "Manifold") -> "Manifold":
        """From figure space to the pull's frame."""
        return solid.transform(np.concatenate([self.frame, np.zeros((3, 1))], 1))

    def turn_back(self, solid: "Manifold") -> "Manifold":
        """From the pull's frame to figure space."""
        return solid.transform(np.concatenate([self.frame.T, np.zeros((3, 1))], 1))


def part_along(
    mesh: Mesh, surface: Surface, pull: Float[np.ndarray, "3"], wall_mm: float, cells: int
) -> Parting:
    """The parting surface of a part whose mould opens along `pull` and leaves `wall_mm` all round.

    Where an outline separates faces that look up from faces that look down, the surface goes through it;
    elsewhere inside the silhouette it stays between the part's lowest and highest point, and between all
    these it is drawn taut.
    """
    frame = block_frame(mesh, pull)
    turned = mesh.vertices.astype(np.float64) @ frame.T
    low, high = turned.min(0) - wall_mm, turned.max(0) + wall_mm
    step = float(np.clip((high - low)[:2].max() / cells, FINEST_MM, COARSEST_MM))
    count = np.ceil((high - low)[:2] / step).astype(int) + 1
    corner = (low + high)[:2] / 2 - (count - 1) * step / 2
    empty = np.zeros(tuple(count))
    blank = Parting(frame, corner, step, empty, empty, empty, float(low[2]), float(high[2]))
    bottom, top = _columns(blank, surface)
    least, most = _bounds(replace(blank, bottom=bottom, top=top), mesh, surface)
    return replace(blank, bottom=bottom, top=top, height=_taut(least, most))


def block_frame(mesh: Mesh, pull: Float[np.ndarray, "3"]) -> Float[np.ndarray, "3 3"]:
    """Rows x', y', pull: right-handed, the silhouette's box as small as quarter turns by degrees make it."""
    helper = np.array([0, 0, 1.0]) if abs(pull[2]) < 0.9 else np.array([0, -1.0, 0])
    side = np.cross(helper, pull)
    side /= np.linalg.norm(side)
    flat = mesh.vertices.astype(np.float64) @ np.stack([side, np.cross(pull, side)], 1)
    turn = np.radians(np.arange(90))
    along, across = np.cos(turn), np.sin(turn)
    size = np.ptp(flat @ np.stack([along, across]), axis=0) * np.ptp(
        flat @ np.stack([-across, along]), axis=0
    )
    best = int(np.argmin(np.round(size / size.min(), 2)))
    x = along[best] * side + across[best] * np.cross(pull, side)
    return np.stack([x, np.cross(pull, x), pull])


def _columns(parting: Parting, surface: Surface) -> tuple[np.ndarray, np.ndarray]:
    """Lowest and highest point of the part over every node, by one ray each way."""
    flat = parting.nodes().reshape(-1, 2)
    found = []
    for z, sign in ((parting.low, 1.0), (parting.high, -1.0)):
        starts = np.column_stack([flat, np.full(len(flat), z)]) @ parting.frame
        ways = np.broadcast_to(sign * parting.frame[2], starts.shape)
        _, distance = surface.first_hit(starts, ways)
        found.append((z + sign * distance.astype(np.float64)).reshape(parting.height.shape))
    bottom, top = found
    hit = np.isfinite(bottom) & np.isfinite(top)
    return np.where(hit, bottom, np.inf), np.where(hit, top, -np.inf)


def _bounds(parting: Parting, mesh: Mesh, surface: Surface) -> tuple[np.ndarray, np.ndarray]:
    """Least and most height of the surface at every node: the part's columns, tightened at the outline."""
    inside = parting.covered
    with np.errstate(invalid="ignore"):
        gap = np.where(inside, np.minimum(INSIDE_MM, (parting.top - parting.bottom) / 4), 0)
    least = np.where(inside, parting.bottom + gap, -np.inf)
    most = np.where(inside, parting.top - gap, np.inf)
    points, over, under = outline(mesh, surface, parting)
    node, weight = _around(parting, points[:, :2])
    flat_least, flat_most = least.ravel(), most.ravel()
    height = np.repeat(points[:, 2], 4)
    both = np.repeat(over & under, 4)
    np.minimum.at(flat_most, node[np.repeat(over, 4) & ~both], height[np.repeat(over, 4) & ~both])
    np.maximum.at(flat_least, node[np.repeat(under, 4) & ~both], height[np.repeat(under, 4) & ~both])
    mass = np.bincount(node[both], weight[both], least.size)
    mean = np.bincount(node[both], (weight * height)[both], least.size) / np.maximum(mass, 1e-12)
    flat_least[mass > 0] = flat_most[mass > 0] = mean[mass > 0]
    crossed = flat_least > flat_most
    middle = (np.where(crossed, flat_least, 0) + np.where(crossed, flat_most, 0)) / 2
    flat_least[crossed] = flat_most[crossed] = middle[crossed]
    return flat_least.reshape(least.shape), flat_most.reshape(least.shape)


def outline(
    mesh: Mesh, surface: Surface, parting: Parting
) -> tuple[Float[np.ndarray, "n 3"], Bool[np.ndarray, "n"], Bool[np.ndarray, "n"]]:
    """Points of the silhouette in the pull's frame; whether the upper half ends there, and the lower.

    Edges between faces that look up, down or along the wall, seen freely from both sides.
    """
    first, second, ends = _edges(mesh)
    slope = face_normals(mesh).astype(np.float64) @ parting.frame[2]
    way = np.where(np.abs(slope) < WALL, 0, np.sign(slope)).astype(int)
    turns = np.flatnonzero(way[first] != way[second])
    a, b = (mesh.vertices[ends[turns, k]].astype(np.float64) for k in (0, 1))
    count = np.maximum(np.ceil(np.linalg.norm(b - a, axis=1) / (parting.step / 2)), 1).astype(int)
    edge = np.repeat(np.arange(len(turns)), count)
    place = (np.arange(len(edge)) - np.repeat(np.cumsum(count) - count, count) + 0.5) / count[edge]
    points = a[edge] + place[:, None] * (b - a)[edge]
    normals = face_normals(mesh)[first[turns]].astype(np.float64) + face_normals(mesh)[second[turns]]
    beside = normals - (normals @ parting.frame[2])[:, None] * parting.frame[2]
    beside /= np.maximum(np.linalg.norm(beside, axis=1, keepdims=True), 1e-9)
    starts = points + RIM_MM * beside[edge]
    free = np.ones(len(points), bool)
    for sign in (1.0, -1.0):
        free &= surface.first_hit(starts, np.broadcast_to(sign * parting.frame[2], starts.shape))[0] < 0
    ways = np.stack([way[first[turns]], way[second[turns]]], 1)[edge[free]]
    return points[free] @ parting.frame.T, (ways == 1).any(1), (ways == -1).any(1)


def _edges(mesh: Mesh) -> tuple[Int[np.ndarray, "e"], Int[np.ndarray, "e"], Int[np.ndarray, "e 2"]]:
    """The two faces of every edge of a closed mesh, and the edge's vertices."""
    count = len(mesh.vertices)
    key = edge_keys(mesh.faces, count).ravel()
    order = np.argsort(key, kind="stable")
    twin = np.flatnonzero(key[order][1:] == key[order][:-1])
    face = np.repeat(np.arange(len(mesh.faces)), 3)
    keys = key[order][twin]
    return face[order[twin]], face[order[twin + 1]], np.stack([keys // count, keys % count], 1)


def _around(
    parting: Parting, xy: Float[np.ndarray, "n 2"]
) -> tuple[Int[np.ndarray, "m"], Float[np.ndarray, "m"]]:
    """Numbers of the four nodes round every point, and their bilinear weights."""
    place = (xy - parting.corner) / parting.step
    cell = np.floor(place).astype(np.int64)
    part = place - cell
    corners = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    node = cell[:, None] + corners
    weight = np.where(corners, part[:, None], 1 - part[:, None]).prod(-1) + 1e-6
    return np.ravel_multi_index(
        (node[..., 0].ravel(), node[..., 1].ravel()), parting.height.shape
    ), weight.ravel()


def _taut(least: np.ndarray, most: np.ndarray) -> np.ndarray:
    """A smooth surface between two bounds: blurs from wide to narrow, held inside the bounds after each.

    It starts from the middle of the nearest bounded column. A membrane over obstacles up to the blur's width.
    """
    from scipy.ndimage import distance_transform_edt, gaussian_filter

    known = np.isfinite(least) & np.isfinite(most)
    middle = np.where(known, np.where(known, least, 0) / 2 + np.where(known, most, 0) / 2, 0)
    index = distance_transform_edt(~known, return_distances=False, return_indices=True)
    assert isinstance(index, np.ndarray)
    height = middle[tuple(index)]
    for width in TAUT:
        for _ in range(ROUNDS):
            height = np.clip(
                gaussian_filter(height, min(width, min(height.shape) / 4), mode="nearest"), least, most
            )
    return height


def _prism(parting: Parting, height: Float[np.ndarray, "mx my"]) -> Mesh:
    """The closed solid between the block's lower end and the heights, in the pull's frame.

    Two by two heights span the same block as one a node: the last place of an axis is the same float.
    """
    nx, ny = height.shape
    spans = [parting.step * (count - 1) for count in parting.height.shape]
    x, y = (parting.corner[k] + spans[k] * np.linspace(0, 1, count) for k, count in ((0, nx), (1, ny)))
    flat = np.stack(np.meshgrid(x, y, indexing="ij"), -1).reshape(-1, 2)
    number = np.arange(nx * ny).reshape(nx, ny)
    a, b, c, d = number[:-1, :-1], number[1:, :-1], number[1:, 1:], number[:-1, 1:]
    top = np.concatenate([np.stack([a, b, c], -1).reshape(-1, 3), np.stack([a, c, d], -1).reshape(-1, 3)])
    ring = np.concatenate([number[:-1, 0], number[-1, :-1], number[:0:-1, -1], number[0, :0:-1]])
    under = nx * ny + np.arange(len(ring))
    after, under_after = np.roll(ring, -1), np.roll(under, -1)
    sides = np.concatenate([np.stack([ring, under, under_after], 1), np.stack([ring, under_after, after], 1)])
    floor = np.stack([under_after, under, np.full(len(ring), nx * ny + len(ring))], 1)
    upper = np.column_stack([flat, height.ravel()])
    foot = np.column_stack([flat[ring], np.full(len(ring), parting.low)])
    vertices = np.concatenate([upper, foot, np.append(flat.mean(0), parting.low)[None]])
    return Mesh(vertices.astype(np.float32), np.concatenate([top, sides, floor]).astype(np.int32))


def parting_lines(mesh: Mesh, parting: Parting) -> Float[np.ndarray, "n"]:
    """Lengths of the closed lines in which the part's faces cross the surface."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    turned = mesh.vertices.astype(np.float64) @ parting.frame.T
    over = turned[:, 2] - parting.at(turned[:, :2])
    over = np.where(over == 0, 1e-9, over)[mesh.faces]
    crossed = np.flatnonzero((over > 0).any(1) & (over < 0).any(1))
    corner, over = mesh.vertices[mesh.faces[crossed]].astype(np.float64), over[crossed]
    after, over_after = np.roll(corner, -1, axis=1), np.roll(over, -1, axis=1)
    cut = (over > 0) != (over_after > 0)
    share = np.where(cut, over / np.where(cut, over - over_after, 1), 0)
    points = (corner + share[..., None] * (after - corner))[cut].reshape(-1, 2, 3)
    _, ends = np.unique(edge_keys(mesh.faces, len(mesh.vertices))[crossed][cut], return_inverse=True)
    first, second = ends.reshape(-1, 2).T
    count = int(ends.max(initial=-1)) + 1
    graph = coo_array((np.ones(len(first), bool), (first, second)), shape=(count, count))
    _, line = connected_components(graph, directed=False)
    return np.bincount(line[first], np.linalg.norm(points[:, 0] - points[:, 1], axis=1))


__all__ = ["Parting", "block_frame", "outline", "part_along", "parting_lines"]
