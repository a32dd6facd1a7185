"""Refined: a closed mesh polished to the drawings by a rasteriser with derivatives, never through itself.

Outlines pull the vertices that lie on them (the silhouette's antialiasing is smooth in the edges' places),
normals and colours, where given, the surface between. Steps are spread over neighbours and taken along the
surface's normal, so that edges keep their lengths; a step that would make faces cross is taken back.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Bool, Float, Float32, Int

from genkei.geometry.camera import project
from genkei.geometry.mesh import area_vectors, component_labels, from_manifold, simplify, to_manifold
from genkei.geometry.mesh import vertex_normals as normals_of
from genkei.shape.occupancy import Net
from genkei.shape.outlines import refuse
from genkei.shape.relief import Relief
from genkei.shape.sdf import Sdf
from genkei.shape.volume import CHORD
from genkei.types import Camera, Mesh, View

if TYPE_CHECKING:
    from scipy.sparse import csr_array


@dataclass(frozen=True)
class Refined:
    """Another backend's solid, polished."""

    resolution: int = 128
    """Cells per character height of the solid that is polished."""
    rough: Callable[[tuple[View, ...]], Mesh] | None = None
    """Who makes it; None: `Sdf`."""
    rounds: int = 12
    """Steps; each goes over all views."""
    size_px: int = 320
    """Side of the pictures that are compared."""
    step_px: float = 0.2
    """Farthest that a vertex moves in a step."""
    spread: int = 2
    """Rings of neighbours over which a step is spread."""
    tolerance_px: float = 4.0
    """Outlines farther off than this are a contradiction, not an error, and do not pull."""
    reliefs: tuple[Relief, ...] = ()
    """Normals to agree with."""
    net: Net | None = field(default=None, repr=False)
    """None: the net that comes with genkei."""

    def __call__(self, views: tuple[View, ...]) -> Mesh:
        """One closed outward mesh in character space. Raises ValueError without a usable view."""
        refuse(views)
        given = tuple(view for view in views if view.drawn) or views
        mesh = (self.rough or Sdf(self.resolution, reliefs=self.reliefs, net=self.net))(views)
        polished = self.polished(mesh, given)
        lighter = simplify(polished, CHORD)
        return polished if component_labels(lighter.faces).any() else lighter

    def polished(self, mesh: Mesh, views: tuple[View, ...]) -> Mesh:
        """The mesh, its long edges cut, after all steps; no face crosses another that did not before."""
        from genkei.geometry.crossing import crossing_faces
        from genkei.geometry.soft_raster import neighbours
        from genkei.shape.slab_kernels import adam

        pixel = views[0].camera.span / self.size_px
        mesh = cut_edges(mesh, LONGEST_PX * pixel)
        targets = [target(view.rgba[..., 3:], view.camera, self.size_px) for view in views]
        wanted = [pulls(mesh, t, self.tolerance_px) for t in targets]
        wanted += [shading(relief, self.size_px) for relief in self.reliefs]
        ring, opposite = _ring(mesh), neighbours(mesh.faces)
        crossed = crossing_faces(mesh)
        points = mesh.vertices.astype(np.float64)
        first, second = np.zeros_like(points), np.zeros_like(points)
        safe = points
        for turn in range(1, self.rounds + 1):
            way = pixel * spread(
                slope(Mesh(points.astype(np.float32), mesh.faces), wanted, opposite), ring, self.spread
            )
            moved = points.copy()
            adam(moved, way, first, second, self.step_px * pixel, turn)
            points = points + along_normals(points, mesh.faces, spread(moved - points, ring, self.spread))
            if turn % CHECK_EVERY == 0 or turn == self.rounds:
                points = safe = stepped_back(points, safe, mesh.faces, crossed)
        return Mesh(points.astype(np.float32), mesh.faces)


LONGEST_PX = 4.0
"""Longer edges are cut before the first step, or outlines would have corners."""
CHECK_EVERY = 6
"""Steps between two searches for faces that cross."""


Opposite = Int[np.ndarray, "f 3"] | None
"""`neighbours` of the faces where the caller keeps them from step to step; None: found again."""


@dataclass(frozen=True)
class Target:
    """What a camera should see: channels and how much every pixel of them counts."""

    camera: Camera
    picture: Float32[np.ndarray, "s s c"]
    weight: Float32[np.ndarray, "s s"]
    normals: bool = False
    """The channels are normals in the camera's frame; else 1 where there is something."""


def target(channels: Float32[np.ndarray, "h h c"], camera: Camera, size_px: int) -> Target:
    """A picture at another size, area means."""
    from PIL import Image

    small = [
        Image.fromarray(np.ascontiguousarray(channel)).resize((size_px, size_px), Image.Resampling.BOX)
        for channel in np.moveaxis(channels, 2, 0)
    ]
    picture = np.stack([np.asarray(channel, np.float32) for channel in small], -1)
    return Target(camera, picture, np.ones((size_px, size_px), np.float32))


def pulls(mesh: Mesh, wanted: Target, tolerance_px: float) -> Target:
    """The target without the pixels where the mesh differs farther from the outline than the tolerance."""
    from scipy.ndimage import distance_transform_edt

    size = len(wanted.weight)
    shown = _seen(mesh, wanted, size)[0][..., 0]
    inside = wanted.picture[..., 0] > 0.5
    edge = np.asarray(distance_transform_edt(inside)) + np.asarray(distance_transform_edt(~inside))
    against = (np.abs(shown - wanted.picture[..., 0]) > 0.5) & (edge > tolerance_px)
    return replace(wanted, weight=np.where(against, 0, 1).astype(np.float32))


def shading(relief: Relief, size_px: int) -> Target:
    """A relief's normals as a target."""
    sure = relief.normals.confidence[..., None]
    found = target(np.concatenate([relief.normals.value * sure, sure], -1), relief.camera, size_px)
    weight = np.where(found.picture[..., 3] > 0.9, NORMALS, 0).astype(np.float32)
    return Target(relief.camera, found.picture[..., :3], weight, True)


NORMALS = 1.0
"""Weight of a pixel's normal beside a pixel of the mask."""


def _seen(mesh: Mesh, wanted: Target, size: int, opposite: Opposite = None) -> tuple:
    """Picture, and what its derivatives want: pixels, values, memory."""
    from genkei.geometry.soft_raster import neighbours, soft_picture

    points = mesh.vertices.astype(np.float64)
    pixels = project(points, wanted.camera, size, size)
    values = np.ones((len(points), 1))
    if wanted.normals:
        right, up, forward = wanted.camera.axes.astype(np.float64)
        values = normals_of(mesh).astype(np.float64) @ np.stack([right, up, -forward], 1)
    across = neighbours(mesh.faces) if opposite is None else opposite
    picture, known = soft_picture(pixels, mesh.faces, across, values, size)
    return picture, pixels, values, known


def slope(mesh: Mesh, targets: Sequence[Target], opposite: Opposite = None) -> Float[np.ndarray, "v 3"]:
    """Derivative by the vertices of half the weighted squared difference of all pictures."""
    return sum((loss(mesh, one, opposite)[1] for one in targets), np.zeros(mesh.vertices.shape))


def loss(mesh: Mesh, wanted: Target, opposite: Opposite = None) -> tuple[float, Float[np.ndarray, "v 3"]]:
    """Half the weighted squared difference of one picture, and its derivative by the vertices."""
    from genkei.geometry.soft_raster import soft_slopes

    size = len(wanted.weight)
    picture, pixels, values, known = _seen(mesh, wanted, size, opposite)
    off = picture - wanted.picture
    weighted = off * wanted.weight[..., None]
    by_place, by_value = soft_slopes(pixels, mesh.faces, values, known, weighted)
    across, up = wanted.camera.world_to_clip[:2, :3].astype(np.float64) * size / 2
    out = by_place[:, :1] * across - by_place[:, 1:] * up
    if wanted.normals:
        right, above, forward = wanted.camera.axes.astype(np.float64)
        out = out + by_normals(mesh, by_value @ np.stack([right, above, -forward]))
    return float(0.5 * (off * weighted).sum()), out


def by_normals(mesh: Mesh, by_normal: Float[np.ndarray, "v 3"]) -> Float[np.ndarray, "v 3"]:
    """Derivative by the vertices from one by the area-weighted vertex normals."""
    index = mesh.faces.ravel()
    vectors = area_vectors(mesh)
    total = np.stack([np.bincount(index, np.repeat(vectors[:, k], 3), len(by_normal)) for k in range(3)], 1)
    length = np.maximum(np.linalg.norm(total, axis=1, keepdims=True), 1e-12)
    unit = total / length
    by_total = (by_normal - unit * (by_normal * unit).sum(1, keepdims=True)) / length
    by_vector = by_total[mesh.faces].sum(1)
    points = mesh.vertices.astype(np.float64)[mesh.faces]
    out = np.zeros((len(by_normal), 3))
    for k in range(3):  # area vector = cross of the two edges at a corner / 2
        opposite = points[:, (k + 2) % 3] - points[:, (k + 1) % 3]
        part = np.cross(by_vector, opposite) / 2
        for axis in range(3):
            out[:, axis] += np.bincount(mesh.faces[:, k], part[:, axis], len(out))
    return out


def cut_edges(mesh: Mesh, length: float) -> Mesh:
    """Edges longer than `length` cut, the surface the same."""
    return from_manifold(to_manifold(mesh).refine_to_length(length))


def _ring(mesh: Mesh) -> "csr_array":
    """Sparse [v, v]: mean of a vertex and its neighbours."""
    from scipy.sparse import coo_array, diags_array

    n = len(mesh.vertices)
    a, b = mesh.faces.ravel(), mesh.faces[:, [1, 2, 0]].ravel()
    graph = coo_array((np.ones(len(a)), (a, b)), shape=(n, n)).tocsr()
    graph = graph + graph.T
    graph.data[:] = 1.0
    graph = graph + diags_array(np.ones(n))
    return diags_array(1 / np.asarray(graph.sum(1)).ravel()) @ graph


def spread(way: Float[np.ndarray, "v 3"], ring: "csr_array", rounds: int) -> Float[np.ndarray, "v 3"]:
    """Means over so many rings of neighbours."""
    for _ in range(rounds):
        way = ring @ way
    return way


def along_normals(
    points: Float[np.ndarray, "v 3"], faces: np.ndarray, way: Float[np.ndarray, "v 3"]
) -> Float[np.ndarray, "v 3"]:
    """The part of a step that leaves the surface."""
    normal = normals_of(Mesh(points.astype(np.float32), faces)).astype(np.float64)
    return normal * (normal * way).sum(1, keepdims=True)


def stepped_back(
    points: Float[np.ndarray, "v 3"],
    safe: Float[np.ndarray, "v 3"],
    faces: np.ndarray,
    crossed: Bool[np.ndarray, "f"],
) -> Float[np.ndarray, "v 3"]:
    """The points; where faces cross that did not before, vertices and, at need, more around go back."""
    from genkei.geometry.crossing import crossing_faces

    points = points.copy()
    for _ in range(MOST_BACK):
        bad = crossing_faces(Mesh(points.astype(np.float32), faces)) & ~crossed
        if not bad.any():
            return points
        back = np.zeros(len(points), bool)
        back[faces[bad]] = True
        back[faces[back[faces].any(1)]] = True
        points[back] = safe[back]
    return safe


MOST_BACK = 6
