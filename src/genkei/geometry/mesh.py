"""Triangle meshes: normals, volumes, closedness, components, smoothing, and the door to manifold3d."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float, Float32, Int, Int32, Num

from genkei.types import Mesh

if TYPE_CHECKING:
    from manifold3d import Manifold


def corners(mesh: Mesh) -> Float32[np.ndarray, "f 3 3"]:
    """Corner positions of every face."""
    return mesh.vertices.take(mesh.faces, axis=0)


def area_vectors(mesh: Mesh) -> Float[np.ndarray, "f 3"]:
    """Outward normals whose length is the face's area; float64."""
    points, faces = mesh.vertices.T.astype(np.float64), np.ascontiguousarray(mesh.faces.T)
    (ax, bx, cx), (ay, by, cy), (az, bz, cz) = (axis.take(faces) for axis in points)
    ux, uy, uz, vx, vy, vz = bx - ax, by - ay, bz - az, cx - ax, cy - ay, cz - az
    return np.stack([uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx], 1) / 2


def face_middles(mesh: Mesh) -> Float[np.ndarray, "f 3"]:
    """Means of every face's corners; float64. `mean` over an axis of three takes several times longer."""
    points = mesh.vertices.astype(np.float64)
    a, b, c = (points.take(corner, axis=0) for corner in mesh.faces.T)
    a += b
    a += c
    a /= 3
    return a


def face_normals(mesh: Mesh) -> Float32[np.ndarray, "f 3"]:
    """Unit normals; 0 for a face without area."""
    return _unit(area_vectors(mesh))


def parted(mesh: Mesh, distance: float) -> Mesh:
    """Vertices at one place moved apart, each inward by `distance` along its own normal.

    Formats that name no vertices, such as STL, would weld them into an edge with four faces.
    """
    _, index, count = np.unique(mesh.vertices, axis=0, return_inverse=True, return_counts=True)
    shared = count[index.ravel()] > 1
    if not shared.any():
        return mesh
    vertices = mesh.vertices.copy()
    vertices[shared] -= np.float32(distance) * vertex_normals(mesh)[shared]
    return Mesh(vertices, mesh.faces)


def vertex_normals(mesh: Mesh) -> Float32[np.ndarray, "v 3"]:
    """Area-weighted unit normals."""
    vectors = np.repeat(area_vectors(mesh), 3, axis=0)
    index = mesh.faces.ravel()
    total = np.stack([np.bincount(index, vectors[:, k], len(mesh.vertices)) for k in range(3)], 1)
    return _unit(total)


def _unit(vectors: np.ndarray) -> np.ndarray:
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return (vectors / np.where(length > 0, length, 1)).astype(np.float32)


def surface_area(mesh: Mesh) -> float:
    return float(np.linalg.norm(area_vectors(mesh), axis=1).sum())


def volume(mesh: Mesh) -> float:
    """Signed volume by the divergence theorem: positive when a closed mesh faces outward."""
    return float(np.einsum("fk,fk->", face_middles(mesh), area_vectors(mesh)) / 3)


def open_edges(faces: Int[np.ndarray, "f 3"]) -> int:
    """Directed edges without exactly one opposite twin: 0 for a closed, consistently turned 2-manifold."""
    tail = faces.astype(np.int64)
    head, n = np.roll(tail, -1, axis=1), int(faces.max()) + 1 if len(faces) else 1
    forward, backward = np.sort((tail * n + head).ravel()), np.sort((head * n + tail).ravel())
    repeated = forward[1:] == forward[:-1]
    if not repeated.any() and np.array_equal(forward, backward):
        return 0
    starts = np.concatenate([[True], ~repeated])
    twin = backward[np.minimum(np.searchsorted(backward, forward), len(backward) - 1)]
    doubled = np.diff(np.append(np.flatnonzero(starts), len(forward))) > 1
    return int(doubled.sum() + (starts & (twin != forward)).sum())


def edge_keys(faces: Int[np.ndarray, "f 3"], count: int) -> Int[np.ndarray, "f 3"]:
    """One number per undirected edge 01, 12, 20 of every face over `count` vertices: `low * count + high`."""
    tail = faces.astype(np.int64)
    head = np.roll(tail, -1, axis=1)
    return np.minimum(tail, head) * count + np.maximum(tail, head)


def component_labels(faces: Int[np.ndarray, "f 3"]) -> Int32[np.ndarray, "f"]:
    """A number per face: faces that share a vertex share a number; 0 is the one with most faces."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    n = int(faces.max()) + 1 if len(faces) else 0
    a, b = faces[:, [0, 1]].ravel(), faces[:, [1, 2]].ravel()
    graph = coo_array((np.ones(len(a), bool), (a, b)), shape=(n, n))
    _, vertex_label = connected_components(graph, directed=False)
    label = vertex_label[faces[:, 0]]
    order = np.argsort(-np.bincount(label), kind="stable")
    rank = np.empty(len(order), np.int32)
    rank[order] = np.arange(len(order))
    return rank[label]


def compact(vertices: Float32[np.ndarray, "v 3"], faces: Int[np.ndarray, "f 3"]) -> Mesh:
    """The same faces without vertices that no face uses."""
    used = np.zeros(len(vertices), bool)
    used[faces] = True
    renumber = np.cumsum(used) - 1
    return Mesh(np.ascontiguousarray(vertices[used]), renumber[faces].astype(np.int32))


def distinct_rows(
    rows: Num[np.ndarray, "n k"],
) -> tuple[Int[np.ndarray, "d"], Int[np.ndarray, "n"]]:
    """First row of every set of equal ones, in the order of the rows' values, and each row's set.

    `np.unique` over axis 0 says the same several times slower.
    """
    order = np.lexsort(rows.T[::-1])
    ordered = rows[order]
    fresh = np.ones(len(rows), bool)
    fresh[1:] = (ordered[1:] != ordered[:-1]).any(1)
    number = np.empty(len(rows), np.int64)
    number[order] = np.cumsum(fresh) - 1
    return order[fresh], number


def weld(mesh: Mesh, tolerance: float = 0.0) -> Mesh:
    """Vertices nearer than `tolerance` (0: equal) become one; faces that lose a corner are dropped."""
    first, inverse = distinct_rows(mesh.vertices + np.float32(0))  # -0 becomes 0
    if tolerance > 0:
        order = np.argsort(first)
        number = np.empty(len(first), np.int64)
        number[order] = _clusters(mesh.vertices[first[order]], tolerance)
        head = np.full(int(number.max(initial=-1)) + 1, len(inverse))
        np.minimum.at(head, number, first)
        first, inverse = head, number[inverse]
    faces = inverse[mesh.faces]
    keep = (faces[:, 0] != faces[:, 1]) & (faces[:, 1] != faces[:, 2]) & (faces[:, 2] != faces[:, 0])
    return compact(mesh.vertices[first], faces[keep])


def _clusters(points: np.ndarray, tolerance: float) -> np.ndarray:
    """A number per point, shared by all that a chain of steps within `tolerance` connects."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components
    from scipy.spatial import KDTree

    pairs = KDTree(points).query_pairs(tolerance, output_type="ndarray")
    graph = coo_array((np.ones(len(pairs), bool), (pairs[:, 0], pairs[:, 1])), shape=(len(points),) * 2)
    return connected_components(graph, directed=False)[1]


def smooth(mesh: Mesh, rounds: int = 10, keep: float = 0.33, undo: float = -0.34) -> Mesh:
    """Taubin's lambda-mu smoothing (1995): removes voxel steps without shrinking the solid."""
    from scipy.sparse import coo_array

    n = len(mesh.vertices)
    a, b = mesh.faces[:, [0, 1, 2]].ravel(), mesh.faces[:, [1, 2, 0]].ravel()
    graph = coo_array((np.ones(len(a)), (a, b)), shape=(n, n)).tocsr()
    graph = graph + graph.T
    graph.data[:] = 1.0
    degree = np.maximum(np.asarray(graph.sum(1)).ravel(), 1)[:, None]
    points = mesh.vertices.astype(np.float64)
    for _ in range(rounds):
        for weight in (keep, undo):
            points = points + weight * (graph @ points / degree - points)
    return Mesh(points.astype(np.float32), mesh.faces)


def joined(meshes: Sequence[Mesh]) -> Mesh:
    """All faces in one mesh, in order; nothing is united; nothing for none."""
    if not meshes:
        return Mesh(np.zeros((0, 3), np.float32), np.zeros((0, 3), np.int32))
    starts = np.cumsum([0, *(len(mesh.vertices) for mesh in meshes[:-1])])
    faces = [mesh.faces + start for mesh, start in zip(meshes, starts, strict=True)]
    return Mesh(np.concatenate([mesh.vertices for mesh in meshes]), np.concatenate(faces).astype(np.int32))


def to_manifold(mesh: Mesh) -> "Manifold":
    """manifold3d's solid; raises ValueError with its reason when the mesh is no closed oriented manifold."""
    import manifold3d

    solid = manifold3d.Manifold(manifold3d.Mesh(mesh.vertices, mesh.faces.astype(np.uint32)))
    if solid.status() != manifold3d.Error.NoError:
        raise ValueError(
            f"the mesh is not a closed solid: {solid.status().name}, {open_edges(mesh.faces)} open edges"
        )
    return solid


def from_manifold(solid: "Manifold") -> Mesh:
    """Vertices and faces of a manifold3d solid."""
    data = solid.to_mesh()
    return Mesh(
        np.ascontiguousarray(data.vert_properties[:, :3].astype(np.float32)), data.tri_verts.astype(np.int32)
    )


def simplify(mesh: Mesh, tolerance: float) -> Mesh:
    """Fewer triangles, nowhere farther than `tolerance` from before; stays a closed manifold (manifold3d)."""
    return from_manifold(to_manifold(mesh).simplify(tolerance))
