"""Specification to Character: pieces, one closed solid, paint, part labels, rig."""

import numpy as np
from jaxtyping import Float32, Int16, Int32

from genkei.geometry.field import Grid, largest_piece, surface
from genkei.geometry.mesh import corners, smooth, to_manifold
from genkei.types import Character, Mesh, Rig
from genkei_train.characters.atlas import Atlas, unwrap
from genkei_train.characters.body import Figurine, Piece, body, figurine
from genkei_train.characters.extras import extras
from genkei_train.characters.face import DECAL_PX, face_paint
from genkei_train.characters.garments import garments
from genkei_train.characters.hair import hair
from genkei_train.characters.kernels import beyond
from genkei_train.characters.paint import plain
from genkei_train.characters.skeleton import PARENTS, bones
from genkei_train.characters.spec import PARTS, CharacterSpec

PAD = 3
"""Grid cells round a piece in which its distance is known."""
UNKNOWN = ""
"""Part of a piece that nobody can tell: its faces are labelled -1."""


def build_character(
    spec: CharacterSpec, cells: int = 260, texture_px: int = 2048, smoothing: int = 6
) -> Character:
    """The painted, rigged solid of a specification in character space.

    `cells` grid cells make the height of a figure of six heads, fewer that of a chibi: more keeps finer
    hair tips and costs time with its cube.
    """
    f = figurine(spec)
    pieces = _pieces(f, min(texture_px // 2, DECAL_PX))
    return assembled(pieces, f.at, round(cells * f.m.mix(0.72, 1.0)), texture_px, smoothing)


def assembled(
    pieces: list[Piece], at: dict[str, np.ndarray], cells: int, texture_px: int, smoothing: int
) -> Character:
    """One closed, painted, rigged solid of pieces in design space, scaled to a height of 1.

    `at`: joint positions and tips by the names of genkei_train.characters.skeleton; `cells` a design height.
    """
    grid = _sample(pieces, cells)
    mesh = smooth(largest_piece(surface(grid)), smoothing)
    to_manifold(mesh)
    owner, vertex_owner = _owners(pieces, corners(mesh).mean(1)), _owners(pieces, mesh.vertices)
    parts = np.array([-1 if p.part == UNKNOWN else PARTS.index(p.part) for p in pieces], np.int32)[owner]
    atlas = unwrap(mesh, parts == PARTS.index("face"), texture_px)
    texture = _paint(pieces, mesh, atlas, (owner, vertex_owner), texture_px)
    weights = _weights(pieces, vertex_owner, mesh, at)
    low, high = float(mesh.vertices[:, 1].min()), float(mesh.vertices[:, 1].max())
    shift = np.array([0, low, 0], np.float32)
    starts, _, parents = bones(at)
    solid = Mesh(((mesh.vertices - shift) / (high - low)).astype(np.float32), mesh.faces)
    rig = Rig(tuple(PARENTS), parents, ((starts - shift) / (high - low)).astype(np.float32), weights)
    return Character(solid, atlas.uv, texture, np.ones(texture.shape[:2], np.float32), parts, PARTS, rig)


def _pieces(f: Figurine, decal_px: int) -> list[Piece]:
    skin = plain(f.spec.palette.skin)
    face = face_paint(f.spec, f.m.chin, f.m.head, skin, decal_px)
    return [*body(f, skin, face), *garments(f), *hair(f), *extras(f)]


def _sample(pieces: list[Piece], cells: int) -> Grid:
    """The union's distance on a grid that is symmetric about x = 0; each piece only near its own box."""
    step = 1 / cells
    low = np.min([p.form.low for p in pieces], 0) - (PAD + 1) * step
    high = np.max([p.form.high for p in pieces], 0) + (PAD + 1) * step
    low[0], high[0] = -max(-low[0], high[0]), max(-low[0], high[0])
    first = np.floor(low * cells - 0.5).astype(int)
    first[0] = int(np.floor(low[0] * cells))
    origin = (first + np.array([0.5, 0.5, 0.5])) * step
    count = np.ceil((high - origin) / step).astype(int) + 1
    count[0] = -2 * first[0]
    values = np.full(count, PAD * step, np.float32)
    axes = [(origin[k] + step * np.arange(count[k])).astype(np.float32) for k in range(3)]
    for piece in pieces:
        a = np.maximum(np.floor((piece.form.low - origin) / step).astype(int) - PAD, 0)
        b = np.minimum(np.ceil((piece.form.high - origin) / step).astype(int) + PAD + 1, count)
        box = np.meshgrid(*(axes[k][a[k] : b[k]] for k in range(3)), indexing="ij")
        distance = piece.form(np.stack([c.ravel() for c in box], 1))
        at = np.s_[a[0] : b[0], a[1] : b[1], a[2] : b[2]]
        values[at] = np.minimum(values[at], distance.reshape(box[0].shape))
    return Grid(values, origin.astype(np.float32), step)


def _owners(pieces: list[Piece], points: Float32[np.ndarray, "n 3"]) -> Int32[np.ndarray, "n"]:
    """The piece whose surface each point lies on (the smallest distance)."""
    owner = np.zeros(len(points), np.int32)
    best = np.full(len(points), np.inf, np.float32)
    room = 0.012
    for number, piece in enumerate(pieces):
        near = np.flatnonzero(beyond(points, piece.form.low, piece.form.high) < room)
        distance = piece.form(points[near])
        closer = distance < best[near]
        owner[near[closer]] = number
        best[near[closer]] = distance[closer]
    return owner


def _paint(
    pieces: list[Piece], mesh: Mesh, atlas: Atlas, owners: tuple[np.ndarray, np.ndarray], size_px: int
) -> np.ndarray:
    """Every texel coloured by its piece; where pieces meet each texel asks anew, so borders are sharp.

    `owners`: the piece of each face and of each vertex.
    """
    texture = np.zeros((size_px, size_px, 3), np.uint8)
    owner, vertex_owner = owners
    around = np.column_stack([owner, vertex_owner[mesh.faces]])
    border = (around[:, 1:] != owner[:, None]).any(1)
    for tile in atlas.tiles:
        points = np.einsum("kj,fjc->fkc", tile.weights, corners(mesh)[tile.faces]).astype(np.float32)
        texel_owner = np.repeat(owner[tile.faces][:, None], len(tile.texels), 1).astype(np.int16)
        split = border[tile.faces]
        texel_owner[split] = _texel_owners(pieces, points[split], around[tile.faces[split]])
        points, colour = points.reshape(-1, 3), np.zeros((texel_owner.size, 3), np.uint8)
        order = np.argsort(texel_owner.ravel(), kind="stable")
        ends = np.searchsorted(texel_owner.ravel()[order], np.arange(len(pieces) + 1))
        for piece, first, last in zip(pieces, ends[:-1], ends[1:], strict=True):
            mine = order[first:last]
            if len(mine):
                colour[mine] = np.clip(np.round(piece.paint(points[mine]) * 255), 0, 255)
        at = tile.corner[:, None, :] + tile.texels
        texture[at[..., 1], at[..., 0]] = colour.reshape(*at.shape[:2], 3)
    return texture


def _texel_owners(
    pieces: list[Piece], points: Float32[np.ndarray, "f k 3"], around: Int32[np.ndarray, "f 4"]
) -> Int16[np.ndarray, "f k"]:
    """Which of the pieces around its face each texel lies on."""
    owner = np.repeat(around[:, :1], points.shape[1], 1).astype(np.int16)
    best = np.full(owner.shape, np.inf, np.float32)
    for number in np.unique(around):
        faces = np.flatnonzero((around == number).any(1))
        distance = pieces[number].form(points[faces].reshape(-1, 3)).reshape(len(faces), -1)
        closer = distance < best[faces]
        owner[faces] = np.where(closer, np.int16(number), owner[faces])
        best[faces] = np.minimum(best[faces], distance)
    return owner


def _weights(
    pieces: list[Piece], owner: np.ndarray, mesh: Mesh, at: dict[str, np.ndarray]
) -> Float32[np.ndarray, "v j"]:
    """Skin weights: near bones that may move the vertex's piece, evened out over the surface."""
    names = list(PARENTS)
    allowed = np.array([[n in p.bones for n in names] for p in pieces])[owner]
    starts, ends, _ = bones(at)
    pull = np.stack([_bone_distance(mesh.vertices, a, b) for a, b in zip(starts, ends, strict=True)], 1)
    side = np.array([("left" in n) - ("right" in n) for n in names])
    seam = np.array([p.seam for p in pieces])[owner][:, None]
    share = np.clip((mesh.vertices[:, :1] * side + seam) / np.maximum(2 * seam - 0.008, 1e-6), 0, 1)
    raw = np.where(allowed, (pull + 0.012) ** -4.0, 0) * np.where(side == 0, 1, share)
    raw[raw.sum(1) == 0, 0] = 1
    raw /= raw.sum(1, keepdims=True)
    return _spread(raw, mesh, rounds=4).astype(np.float32)


def _bone_distance(points: np.ndarray, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    t = np.clip((points - a) @ (b - a) / max(float((b - a) @ (b - a)), 1e-9), 0, 1)
    return np.linalg.norm(points - a - t[:, None] * (b - a), axis=1)


def _spread(weights: np.ndarray, mesh: Mesh, rounds: int) -> np.ndarray:
    """Average with the neighbours; rows still sum to 1."""
    from scipy.sparse import coo_array, diags_array

    n = len(mesh.vertices)
    a, b = mesh.faces.ravel(), np.roll(mesh.faces, 1, axis=1).ravel()
    graph = coo_array((np.ones(len(a)), (a, b)), shape=(n, n)).tocsr()
    graph = graph + graph.T
    mean = diags_array(1 / np.asarray(graph.sum(1)).ravel()) @ graph
    for _ in range(rounds):
        weights = 0.5 * weights + 0.5 * (mean @ weights)
    return weights / weights.sum(1, keepdims=True)
