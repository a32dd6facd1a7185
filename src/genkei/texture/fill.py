"""Colours for surface that nobody drew: carried over the surface from the rim of what was seen.

The nearest seen vertex along the surface lends its colour, levelly rather than up or down, so that the back
of a head becomes hair. Colours travel as a few palette labels that are smoothed and sharpened again (crisp
borders), plus a smooth remainder (soft shades).
"""

import numpy as np
from jaxtyping import Bool, Float, Float32, Int

from genkei.geometry.mesh import vertex_normals
from genkei.texture.head import hair_lenders
from genkei.texture.hints import Hints
from genkei.texture.project import Seen
from genkei.texture.surface import relax, vertex_areas
from genkei.texture.texels import Texels
from genkei.texture.tones import find_materials, nearby, tones
from genkei.types import Mesh

LEVEL = 3.0
"""A step straight up costs 1 + LEVEL times a level one: rims lend their colour at their own height."""
CREASE = 0.3
"""Character heights that a right-angled crease costs: colours stay on their side of hems and joints."""
RARE = 0.1
"""Character heights by which a locally rare colour lends later: ribbons do not paint heads."""
FADE = 0.03
"""Character heights over which the shade of the seen rim gives way to the calm tone of its material."""
PATCH = 0.05
"""Character heights within which a colour is rare or common."""
FAR = 0.06
"""Character heights from its lender at which a guess asks again, with rarity counted in full: a hand lends to
its own back and not to the coat it lies on."""
FAR_RARE, FAR_PATCH = 0.25, 0.12
"""The same as RARE and PATCH for them; there, rare is what is rare at its own height."""
FLAT = 8.0
"""How many times lower than wide the neighbourhood is then: a blue skirt under a white blouse is not rare."""
CRISP = 6
"""Power that sharpens the borders between palette colours again."""
CHUNK = 200_000


def complete(
    mesh: Mesh, texels: Texels, seen: Seen, smoothing: float, hints: Hints
) -> Float32[np.ndarray, "n 3"]:
    """sRGB of every texel: seen colours where trusted, the guess elsewhere, blended between."""
    state, palette = guess(mesh, texels, seen, smoothing, hints)
    result = seen.colour.copy()
    guessed = np.flatnonzero(seen.trust < 1)
    for start in range(0, len(guessed), CHUNK):
        rows = guessed[start : start + CHUNK]
        at = texels.select(rows).interpolate(state)
        crisp = np.maximum(at[:, : len(palette)], 1e-6) ** CRISP
        crisp /= np.maximum(crisp.sum(1, keepdims=True), 1e-12)
        shade = np.clip(crisp @ palette + at[:, len(palette) :], 0, 1)
        trust = seen.trust[rows, None]
        result[rows] = trust * seen.colour[rows] + (1 - trust) * shade
    return result


def guess(
    mesh: Mesh, texels: Texels, seen: Seen, smoothing: float, hints: Hints
) -> tuple[Float32[np.ndarray, "v c"], Float32[np.ndarray, "m 3"]]:
    """Per vertex the shares of the m materials and the rest that is added to their mixture; the materials."""
    source = seen.source if seen.source.any() else seen.trust > 0
    count = len(mesh.vertices)
    colour, weight = texels.gather(seen.colour, source.astype(np.float32), count)
    known = weight > 0.05
    known = known if known.any() else weight > 0
    rows = np.flatnonzero(known)
    area = vertex_areas(mesh)
    label = np.zeros(count, np.int64)
    label[rows] = find_materials(colour[rows])
    palette = np.stack([np.median(colour[rows][label[rows] == m], 0) for m in range(label.max() + 1)])
    tone = colour.copy()
    tone[rows] = tones(mesh.vertices[rows], colour[rows], label[rows], area[rows])
    lender = _lenders(mesh, known, colour, label, area, hints)
    mirrored = ~known & (seen.twin >= 0) & known[seen.twin]
    lender[mirrored] = seen.twin[mirrored]
    gap = np.linalg.norm(mesh.vertices - mesh.vertices[lender], axis=1, keepdims=True)
    near = np.exp(-gap / FADE)
    rest = (tone - palette[label])[lender] + (colour - tone)[lender] * near
    share = np.eye(len(palette), dtype=np.float32)[label[lender]]
    return relax(mesh, np.concatenate([share, rest], 1), known, smoothing), palette.astype(np.float32)


def _lenders(
    mesh: Mesh, known: np.ndarray, colour: np.ndarray, label: np.ndarray, area: np.ndarray, hints: Hints
) -> Int[np.ndarray, "v"]:
    """Who lends to every vertex: near the rim whoever is near, farther off who has much of its kind."""
    rows = np.flatnonzero(known)
    rare = np.zeros((2, len(known)), np.float32)
    points = mesh.vertices[rows]
    level = points * np.array([1, FLAT, 1], np.float32)
    for k, (cost, place, reach) in enumerate(((RARE, points, PATCH), (FAR_RARE, level, FAR_PATCH))):
        rare[k, rows] = cost * (1 - _support(place, label[rows], area[rows], reach))
    lender = nearest_known(mesh, known, rare[0])
    far = np.linalg.norm(mesh.vertices - mesh.vertices[lender], axis=1) > FAR
    lender[far] = nearest_known(mesh, known, rare[1])[far]
    hair, back = hair_lenders(mesh, known, colour, label, area, hints)
    if back.any():
        lender[back] = nearest_known(mesh, hair, rare[0])[back]
    return lender


def _support(points: np.ndarray, label: np.ndarray, area: np.ndarray, reach: float) -> np.ndarray:
    """Share [n] of a known vertex's own material among the known surface within about `reach` of it."""
    one = np.ones((len(points), 1))
    own, all_kinds = (nearby(points, kind, one, area, reach)[:, 0] for kind in (label, 0 * label))
    return np.clip(own / np.maximum(all_kinds, 1e-12), 0, 1)


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
