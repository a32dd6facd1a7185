"""Colours for surface that nobody drew: carried over the surface from the rim of what was seen.

The nearest seen vertex along the surface lends its colour, levelly rather than up or down, so that the back
of a head becomes hair. Colours travel as a few palette labels that are smoothed and sharpened again (crisp
borders), plus a smooth remainder (soft shades).
"""

import numpy as np
from jaxtyping import Bool, Float, Float32, Int

from genkei.geometry.colour import to_lab
from genkei.geometry.mesh import area_vectors, corners, vertex_normals
from genkei.texture.project import Seen
from genkei.texture.texels import Texels
from genkei.types import Mesh

PALETTE = 12
"""Colours that keep crisp borders on unseen surface."""
LEVEL = 1.5
"""A step straight up costs 1 + LEVEL times a level one: rims lend their colour at their own height."""
CREASE = 0.3
"""Character heights that a right-angled crease costs: colours stay on their side of hems and joints."""
RARE = 0.1
"""Character heights by which a locally rare colour lends later: ribbons do not paint heads."""
PATCH = 0.05
"""Character heights within which a colour is rare or common."""
HOLD = 10.0
"""How much more than a guess a seen colour resists smoothing."""
CRISP = 6
"""Power that sharpens the borders between palette colours again."""
CHUNK = 200_000


def complete(mesh: Mesh, texels: Texels, seen: Seen, smoothing: float) -> Float32[np.ndarray, "n 3"]:
    """sRGB of every texel: seen colours where trusted, the guess elsewhere, blended between."""
    source = seen.source if seen.source.any() else seen.trust > 0
    count = len(mesh.vertices)
    colour, weight = texels.gather(seen.colour, source.astype(np.float32), count)
    known = weight > 0.05
    known = known if known.any() else weight > 0
    label, palette = find_palette(colour[known])
    label_of = np.zeros(count, np.int64)
    label_of[known] = label
    lender = nearest_known(mesh, known, RARE * (1 - _support(mesh, known, label_of, len(palette))))
    share = np.eye(len(palette), dtype=np.float32)[label_of[lender]]
    rest = (colour - palette[label_of])[lender]
    state = relax(mesh, np.concatenate([share, rest], 1), known, smoothing)
    result = seen.colour.copy()
    guessed = np.flatnonzero(seen.trust < 1)
    for start in range(0, len(guessed), CHUNK):
        rows = guessed[start : start + CHUNK]
        at = texels.select(rows).interpolate(state)
        crisp = at[:, : len(palette)] ** CRISP
        crisp /= np.maximum(crisp.sum(1, keepdims=True), 1e-12)
        guess = np.clip(crisp @ palette + at[:, len(palette) :], 0, 1)
        trust = seen.trust[rows, None]
        result[rows] = trust * seen.colour[rows] + (1 - trust) * guess
    return result


def _support(mesh: Mesh, known: np.ndarray, label: np.ndarray, colours: int) -> Float32[np.ndarray, "v"]:
    """Share of a known vertex's own colour among the known surface within about PATCH of it."""
    own = np.eye(colours, dtype=np.float32)[label] * known[:, None]
    spread = np.maximum(relax(mesh, own, np.zeros(len(known), bool), PATCH), 0)
    share = spread[np.arange(len(label)), label] / np.maximum(spread.sum(1), 1e-9)
    return np.clip(share, 0, 1)


def nearest_known(
    mesh: Mesh, known: Bool[np.ndarray, "v"], handicap: Float[np.ndarray, "v"] | None = None
) -> Int[np.ndarray, "v"]:
    """The known vertex nearest along the surface; through the air where the surface does not connect.

    `handicap` is a distance in character heights added to the loans of each known vertex, which always keeps
    its own colour.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import dijkstra
    from scipy.spatial import KDTree

    count = len(known)
    a, b = mesh.faces.ravel(), mesh.faces[:, [1, 2, 0]].ravel()
    step = (mesh.vertices[a] - mesh.vertices[b]).astype(np.float64)
    normals = vertex_normals(mesh)
    bend = 1 - np.einsum("ek,ek->e", normals[a], normals[b])
    length = np.linalg.norm(step, axis=1) + LEVEL * np.abs(step[:, 1]) + CREASE * bend + 1e-9
    key, first = np.unique(np.minimum(a, b).astype(np.int64) * count + np.maximum(a, b), return_index=True)
    graph = coo_array((length[first], (key // count, key % count)), shape=(count, count)).tocsr()
    starts = np.flatnonzero(known)
    delay = np.zeros(len(starts)) if handicap is None else handicap[starts].astype(np.float64)
    first_hop = coo_array((delay + 1e-9, (np.full(len(starts), count), starts)), shape=(count + 1,) * 2)
    graph.resize((count + 1, count + 1))
    _, before = dijkstra((graph + graph.T + first_hop).tocsr(), indices=count, return_predecessors=True)
    lender = _follow(np.asarray(before, np.int64)[:count], count)
    lender[starts] = starts
    lost = np.flatnonzero(lender < 0)
    if len(lost):
        lender[lost] = starts[KDTree(mesh.vertices[starts]).query(mesh.vertices[lost])[1]]
    return lender


def _follow(before: Int[np.ndarray, "v"], root: int) -> Int[np.ndarray, "v"]:
    """First vertex after `root` on everyone's shortest path; negative where there is no path."""
    lender = np.where(before == root, np.arange(len(before)), before)
    while True:
        further = np.where(lender >= 0, lender[np.maximum(lender, 0)], lender)
        if (further == lender).all():
            return lender
        lender = further


def find_palette(
    colours: Float[np.ndarray, "n 3"], rounds: int = 12
) -> tuple[Int[np.ndarray, "n"], Float32[np.ndarray, "k 3"]]:
    """At most PALETTE colours (k-means in Lab from farthest points) and which of them each colour is."""
    lab = to_lab(colours.astype(np.float64))
    centres = [np.median(lab, axis=0)]
    distance = np.linalg.norm(lab - centres[0], axis=1)
    while len(centres) < PALETTE and distance.max() > 8:
        centres.append(lab[int(distance.argmax())])
        distance = np.minimum(distance, np.linalg.norm(lab - centres[-1], axis=1))
    middle = np.stack(centres)
    for _ in range(rounds):
        label = ((lab[:, None] - middle) ** 2).sum(-1).argmin(1)
        size = np.bincount(label, minlength=len(middle))
        sums = np.stack([np.bincount(label, lab[:, k], len(middle)) for k in range(3)], 1)
        middle = np.where(size[:, None] > 0, sums / np.maximum(size, 1)[:, None], middle)
    label = ((lab[:, None] - middle) ** 2).sum(-1).argmin(1)
    size = np.maximum(np.bincount(label, minlength=len(middle)), 1)
    sums = np.stack([np.bincount(label, colours[:, k], len(middle)) for k in range(3)], 1)
    return label, (sums / size[:, None]).astype(np.float32)


def relax(
    mesh: Mesh, state: Float[np.ndarray, "v c"], known: Bool[np.ndarray, "v"], length: float
) -> Float32[np.ndarray, "v c"]:
    """Heat flow over about `length` (character heights) on the surface; known vertices yield little.

    One backward Euler step with the cotangent Laplacian, so that uneven triangles leave no trace.
    """
    from scipy.sparse import diags_array

    stiffness = _stiffness(mesh)
    area = np.linalg.norm(area_vectors(mesh), axis=1)
    share = np.bincount(mesh.faces.ravel(), np.repeat(area / 3, 3), len(mesh.vertices))
    hold = np.where(known, HOLD, 1.0) * np.maximum(share, 1e-9 * max(share.sum(), 1e-12))
    matrix = (diags_array(hold) + length**2 * stiffness).tocsr()
    return _solve(matrix, hold[:, None] * state.astype(np.float64), state).astype(np.float32)


def _solve(matrix, right: np.ndarray, guess: np.ndarray) -> np.ndarray:
    """Conjugate gradients, Jacobi preconditioned, every column at once; residual below 1e-4 of the start."""
    scale = 1 / matrix.diagonal()[:, None]
    x = guess.astype(np.float64)
    residual = right - matrix @ x
    along = scale * residual
    power = (residual * along).sum(0)
    goal = 1e-8 * np.maximum((right * right * scale).sum(0), 1e-30)
    for _ in range(300):
        if (power <= goal).all():
            break
        pushed = matrix @ along
        step = power / np.maximum((along * pushed).sum(0), 1e-300)
        x += step * along
        residual -= step * pushed
        preconditioned = scale * residual
        before, power = power, (residual * preconditioned).sum(0)
        along = preconditioned + power / np.maximum(before, 1e-300) * along
    return x


def _stiffness(mesh: Mesh):
    """Sparse [v, v] cotangent Laplacian; cotangents clipped to 0.02..20, so rows stay diagonally dominant."""
    from scipy.sparse import coo_array, diags_array

    count = len(mesh.vertices)
    points = corners(mesh).astype(np.float64)
    area = np.maximum(2 * np.linalg.norm(area_vectors(mesh), axis=1), 1e-15)
    rows, columns, values = [], [], []
    for k in range(3):
        a, b = (k + 1) % 3, (k + 2) % 3
        dot = np.einsum("fk,fk->f", points[:, a] - points[:, k], points[:, b] - points[:, k])
        half = np.clip(dot / area, 0.02, 20.0) / 2
        rows += [mesh.faces[:, a], mesh.faces[:, b]]
        columns += [mesh.faces[:, b], mesh.faces[:, a]]
        values += [half, half]
    entry = (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns)))
    graph = coo_array(entry, shape=(count, count)).tocsr()
    return diags_array(np.asarray(graph.sum(1)).ravel()) - graph


def flood_gutters(values: Float[np.ndarray, "n c"], texels: Texels) -> Float32[np.ndarray, "t t c"]:
    """A square picture: used texels as given, every other texel like the nearest used one."""
    from scipy.ndimage import distance_transform_edt

    size = texels.size
    picture = np.zeros((size * size, values.shape[1]), np.float32)
    picture[texels.index] = values
    empty = np.ones(size * size, bool)
    empty[texels.index] = False
    nearest = np.asarray(
        distance_transform_edt(empty.reshape(size, size), return_distances=False, return_indices=True)
    )
    return picture.reshape(size, size, -1)[nearest[0], nearest[1]]
