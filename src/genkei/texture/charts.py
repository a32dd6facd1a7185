"""Faces to charts: every chart is a piece of surface that one direction sees without folds."""

import numpy as np
from jaxtyping import Bool, Float, Float32, Int, Int32

from genkei.geometry.mesh import corners, face_normals
from genkei.types import Camera, Mesh, View

FLATTEST = 0.35
"""Cosine below which a face is not handed to a neighbouring chart: texels would stretch threefold."""
CRUMB = 16
"""Charts of fewer faces join a neighbour where they can."""


def directions(views: tuple[View, ...]) -> Float32[np.ndarray, "d 3"]:
    """Unit vectors towards the viewer: front, views, other sides, top and bottom; >= 30 deg apart."""
    wanted = [-Camera.orthographic(0).axes[2]]
    wanted += [-view.camera.axes[2] for view in views]
    wanted += [-Camera.orthographic(azimuth).axes[2] for azimuth in (90, 180, 270)]
    wanted += [np.array([0, 1, 0], np.float32), np.array([0, -1, 0], np.float32)]
    kept: list[np.ndarray] = []
    for direction in wanted:
        if all(direction @ other < np.cos(np.radians(30)) for other in kept):
            kept.append(direction)
    return np.stack(kept).astype(np.float32)


def picture_axes(direction: Float[np.ndarray, "3"]) -> Float32[np.ndarray, "2 3"]:
    """Right and down of the picture that somebody in `direction` sees, in the world."""
    up = np.array([0.0, 1.0, 0.0]) if abs(direction[1]) < 0.99 else np.array([0.0, 0.0, -direction[1]])
    right = np.cross(up, direction)
    right = right / np.linalg.norm(right)
    return np.stack([right, -np.cross(direction, right)]).astype(np.float32)


def neighbours(faces: Int[np.ndarray, "f 3"]) -> Int32[np.ndarray, "e 2"]:
    """Pairs of faces that share an edge, each pair once."""
    edges = np.sort(np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]]), 1).astype(
        np.int64
    )
    key = edges[:, 0] * (int(faces.max()) + 1) + edges[:, 1]
    order = np.argsort(key, kind="stable")
    same = np.flatnonzero(key[order][1:] == key[order][:-1])
    owner = (order % len(faces)).astype(np.int32)
    return np.stack([owner[same], owner[same + 1]], 1)


def neck_height(mesh: Mesh) -> float:
    """y of the narrowest row between waist and crown of the middle column of the front silhouette.

    0.75 of the height where nothing narrows (long hair, capes): heads of ordinary proportions lie above.
    """
    from genkei.geometry.raster import rasterise

    rows = 256
    seen = rasterise(mesh.vertices, mesh.faces, Camera.orthographic(0), rows, rows).triangle >= 0
    low, high = (rows * (0.5 + (y - 0.5) / 1.2) for y in (0.4, 0.92))
    widths = np.array([_run_width(row) for row in seen[::-1]])
    gaps = np.flatnonzero(widths[: int(high)] == 0)  # between the legs
    between = np.arange(max(int(low), gaps.max(initial=-1) + 1), int(high))
    if not len(between):
        return 0.75
    neck = between[int(np.argmin(widths[between]))]
    above = widths[neck:].max()
    if widths[neck] > 0.7 * above:
        return 0.75
    return float((neck / rows - 0.5) * 1.2 + 0.5)


def _run_width(row: np.ndarray) -> int:
    """Length of the run of True through the middle of the row."""
    middle = len(row) // 2
    if not row[middle]:
        return 0
    left, right = np.flatnonzero(~row[:middle]), np.flatnonzero(~row[middle:])
    return int((right[0] if len(right) else middle) + middle - 1 - (left[-1] if len(left) else -1))


def choose_directions(
    mesh: Mesh, pairs: Int[np.ndarray, "e 2"], towards: Float[np.ndarray, "d 3"], rounds: int = 6
) -> Int32[np.ndarray, "f"]:
    """The direction that sees each face best, with the ragged borders and crumbs ironed out."""
    from scipy.sparse import coo_array

    count = len(mesh.faces)
    both = np.concatenate([pairs, pairs[:, ::-1]])
    graph = coo_array(
        (np.ones(len(both), np.float32), (both[:, 0], both[:, 1])), shape=(count, count)
    ).tocsr()
    normals = face_normals(mesh)
    allowed = normals @ towards.T >= FLATTEST
    blurred = normals.astype(np.float64)
    for _ in range(rounds):
        blurred = blurred + graph @ blurred
        blurred /= np.maximum(np.linalg.norm(blurred, axis=1, keepdims=True), 1e-12)
    score = np.where(allowed, blurred @ towards.T, -2.0)
    label = np.where(allowed.any(1), score.argmax(1), (normals @ towards.T).argmax(1)).astype(np.int32)
    for _ in range(rounds):
        piece = pieces(pairs, label)
        small = np.bincount(piece)[piece] < CRUMB
        votes = graph @ np.eye(len(towards), dtype=np.float32)[label]
        votes[np.arange(count), label] = 0
        votes[~allowed] = 0
        move = small & (votes.max(1) > 0)
        if not move.any():
            break
        label[move] = votes[move].argmax(1)
    return label


def pieces(pairs: Int[np.ndarray, "e 2"], label: Int[np.ndarray, "f"]) -> Int32[np.ndarray, "f"]:
    """Connected pieces of equally labelled faces, numbered in the order of their first face."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    inside = pairs[label[pairs[:, 0]] == label[pairs[:, 1]]]
    graph = coo_array((np.ones(len(inside), bool), (inside[:, 0], inside[:, 1])), shape=(len(label),) * 2)
    return connected_components(graph, directed=False)[1].astype(np.int32)


def flatten(
    mesh: Mesh, towards: Float[np.ndarray, "d 3"], label: Int[np.ndarray, "f"]
) -> tuple[Float32[np.ndarray, "f 3 2"], Float32[np.ndarray, "f 3"]]:
    """Corners in the picture plane of each face's direction (right, down), and their depth away from it."""
    points = corners(mesh)
    axes = np.stack([picture_axes(direction) for direction in towards])[label]
    plane = np.einsum("fkc,fac->fka", points, axes)
    depth = -np.einsum("fkc,fc->fk", points, towards[label])
    return plane.astype(np.float32), depth.astype(np.float32)


def portrait(
    mesh: Mesh, label: Int[np.ndarray, "f"], front: int, above: float | None = None
) -> Bool[np.ndarray, "f"]:
    """Faces of the head that look to the front."""
    neck = neck_height(mesh) if above is None else above
    return (label == front) & (corners(mesh)[:, :, 1].mean(1) > neck)
