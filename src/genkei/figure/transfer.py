"""Paint for a new mesh from an old one's: every triangle gets texels, and each asks the nearest old point."""

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float32, Int, UInt8

from genkei.formats.soup import Soup, soup_colours
from genkei.geometry.mesh import corners, distinct_rows
from genkei.geometry.nearest import closest
from genkei.types import Mesh

STEPS = (2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256)
"""Texels along a triangle's legs: rounded to one of these, so that blocks of one size pack without gaps."""
GUTTER = 5
"""Texels a block is larger than its triangles' legs: bilinear look-ups never reach a neighbour's texels."""
MOST_QUERIES = 1_400_000
"""Texels that ask for the nearest old point; more make the texels coarser (about 3 s at this number)."""
LARGEST_ATLAS = 8192


@dataclass(frozen=True)
class Paint:
    """A texture and the uv of every face's corners, (0, 0) top left."""

    uv: Float32[np.ndarray, "f 3 2"]
    texture: UInt8[np.ndarray, "t t 3"]


def transfer(mesh: Mesh, soup: Soup, texel: float) -> Paint:
    """Paint for `mesh` from `soup` in the same frame; `texel` is the wanted texel size in its unit."""
    edge = np.linalg.norm(corners(mesh) - np.roll(corners(mesh), 1, axis=1), axis=2).max(1)
    steps = _steps(edge, texel)
    side, places = _pack(steps)
    texture = np.zeros((side, side, 3), np.uint8)
    uv = np.zeros((len(mesh.faces), 3, 2), np.float32)
    found = _lattice_colours(mesh, soup, [(np.flatnonzero(steps == step), step) for step in places])
    for (step, (rows, columns)), colours in zip(places.items(), found, strict=True):
        chosen = np.flatnonzero(steps == step)
        _lay(texture, colours, rows, columns, step)
        uv[chosen] = _block_uv(rows, columns, step, side)[: len(chosen)]
    return Paint(uv, texture)


def _steps(edge: np.ndarray, texel: float) -> Int[np.ndarray, "f"]:
    """Texels per leg of every triangle: the wanted size, coarser when there would be too many."""
    table = np.array(STEPS)
    for _ in range(24):
        steps = table[np.minimum(np.searchsorted(table, edge / texel), len(table) - 1)]
        queries = ((steps + 1) * (steps + 2) // 2).sum()
        if (queries <= MOST_QUERIES and _side(steps) <= LARGEST_ATLAS) or steps.max() == table[0]:
            return steps
        texel *= 1.25
    return steps


def _side(steps: np.ndarray) -> int:
    """Side of the square atlas, a multiple of 4."""
    counts = np.bincount(steps)
    sizes = np.flatnonzero(counts)
    blocks = -(-counts[sizes] // 2)
    area = float((blocks * (sizes + GUTTER) ** 2).sum())
    side = max(math.ceil(math.sqrt(area) / 4) * 4, int(sizes.max()) + GUTTER)
    while (
        sum(-(-b // (side // (n + GUTTER))) * (n + GUTTER) for n, b in zip(sizes, blocks, strict=True)) > side
    ):
        side += 4
    return side


def _pack(steps: np.ndarray) -> tuple[int, dict[int, tuple[np.ndarray, np.ndarray]]]:
    """Atlas side, and per size the top row and left column of its blocks: shelves of equal blocks."""
    side, top = _side(steps), 0
    places = {}
    for step in np.flatnonzero(np.bincount(steps))[::-1]:
        block = int(step) + GUTTER
        count = -(-int((steps == step).sum()) // 2)
        per_shelf = side // block
        index = np.arange(count)
        places[int(step)] = (top + index // per_shelf * block, index % per_shelf * block)
        top += -(-count // per_shelf) * block
    return side, places


def _lattice(step: int) -> tuple[np.ndarray, np.ndarray]:
    """(i, j) with i + j <= step, and the number of each in a (step+1, step+1) table (-1 outside)."""
    i, j = np.nonzero(np.add.outer(np.arange(step + 1), np.arange(step + 1)) <= step)
    number = np.full((step + 1, step + 1), -1)
    number[i, j] = np.arange(len(i))
    return np.stack([i, j], 1), number


def _lattice_colours(
    mesh: Mesh, soup: Soup, wanted: list[tuple[np.ndarray, int]]
) -> list[UInt8[np.ndarray, "m w 3"]]:
    """Colour of the old surface nearest to every lattice point, for every (faces, step) in one search.

    A face that the old surface has too is its own nearest: its points are not searched for.
    """
    twin, turn = _twins(mesh, soup)
    weights = [_lattice_weights(step) for _, step in wanted]
    counts = [len(chosen) * len(w) for (chosen, _), w in zip(wanted, weights, strict=True)]
    face = np.empty(sum(counts), np.int64)
    barycentric = np.empty((sum(counts), 3))
    start = 0
    for (chosen, _), w, count in zip(wanted, weights, counts, strict=True):
        rows = slice(start, start + count)
        corner = (np.arange(3) - turn[chosen][:, None]) % 3
        face[rows] = np.repeat(twin[chosen], len(w))
        barycentric[rows] = w.T[corner].transpose(0, 2, 1).reshape(-1, 3)
        start += count
    known = face >= 0
    if not known.all():
        points = [_lattice_points(mesh, chosen, step).reshape(-1, 3) for chosen, step in wanted]
        face[~known], barycentric[~known] = _nearest(np.concatenate(points)[~known], soup)
    rgba = soup_colours(soup, face, barycentric)
    blocks = np.split(rgba[:, :3], np.cumsum(counts)[:-1])
    return [b.reshape(-1, len(w), 3) for b, w in zip(blocks, weights, strict=True)]


def _nearest(points: Float32[np.ndarray, "n 3"], soup: Soup) -> tuple[np.ndarray, np.ndarray]:
    """The nearest face of the soup and where on it."""
    _, face, weights = closest(points, soup.vertices, soup.faces)
    return face, weights


def _twins(mesh: Mesh, soup: Soup) -> tuple[Int[np.ndarray, "f"], Int[np.ndarray, "f"]]:
    """For every face the soup's face with the same three corners turning the same way, -1 for none.

    And by how many corners the two are rotated: corner k of the face is corner k + turn of its twin.
    """
    _, number = distinct_rows(np.concatenate([soup.vertices, mesh.vertices]) + np.float32(0))
    theirs, own = number[: len(soup.vertices)][soup.faces], number[len(soup.vertices) :][mesh.faces]
    corner = np.concatenate([theirs, own])
    lowest = corner.argmin(1)
    rolled = np.take_along_axis(corner, (lowest[:, None] + np.arange(3)) % 3, 1)
    first, group = distinct_rows(rolled)
    twin = first[group[len(theirs) :]]
    twin[twin >= len(theirs)] = -1
    return twin, (lowest[twin] - lowest[len(theirs) :]) % 3


def _lattice_points(mesh: Mesh, chosen: np.ndarray, step: int) -> Float32[np.ndarray, "m w 3"]:
    triangles = corners(mesh)[chosen].astype(np.float64)
    return (_lattice_weights(step) @ triangles).astype(np.float32)


def _lattice_weights(step: int) -> Float[np.ndarray, "w 3"]:
    lattice, _ = _lattice(step)
    return np.concatenate([step - lattice.sum(1, keepdims=True), lattice], 1) / step


def _lay(texture: np.ndarray, colours: np.ndarray, rows: np.ndarray, columns: np.ndarray, step: int) -> None:
    """Write two triangles into every block: one from its upper left, one turned half round."""
    block = step + GUTTER
    if len(colours) % 2:
        colours = np.concatenate([colours, colours[-1:]])
    y, x = np.mgrid[0:block, 0:block]
    lower = x + y > step + 3
    i = np.where(lower, block - 2 - x, x - 1)
    j = np.where(lower, block - 2 - y, y - 1)
    i, j = np.clip(i, 0, step), np.clip(j, 0, step)
    excess = np.maximum(i + j - step, 0)
    i = i - (excess + 1) // 2
    j = j - excess // 2
    i, j = np.clip(i, 0, step), np.clip(j, 0, step)
    _, number = _lattice(step)
    source = number[i, np.minimum(j, step - i)]
    pairs = colours.reshape(-1, 2, colours.shape[1], 3)
    filled = np.where(lower[None, :, :, None], pairs[:, 1][:, source], pairs[:, 0][:, source])
    texture[rows[:, None, None] + y, columns[:, None, None] + x] = filled


def _block_uv(rows: np.ndarray, columns: np.ndarray, step: int, side: int) -> Float[np.ndarray, "m 3 2"]:
    """uv of both triangles of every block, in the order the faces were given."""
    upper = np.array([[1, 1], [1 + step, 1], [1, 1 + step]], np.float64)
    lower = step + GUTTER - 1 - upper
    corner = np.stack([upper, lower]) + 0.5
    offset = np.stack([columns, rows], 1)[:, None, None].astype(np.float64)
    return ((offset + corner) / side).reshape(-1, 3, 2).astype(np.float32)
