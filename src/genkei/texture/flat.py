"""Paint without the drawing's light and shade: every connected piece of one material in its lit tone."""

import numpy as np
from jaxtyping import Float, Float32, Int

from genkei.geometry.colour import to_lab
from genkei.texture.texels import Texels
from genkei.texture.tones import SAME, find_materials, shadeless
from genkei.types import Mesh

CHUNK = 200_000
LIT = 70.0
"""Percentile of a piece's lightness that is lit and no highlight: a sheet shares two tones about equally."""
ALIKE = 4.0
"""L* round that percentile whose mean is the tone."""


def flattened(mesh: Mesh, texels: Texels, colour: Float32[np.ndarray, "n 3"]) -> Float32[np.ndarray, "n 3"]:
    """sRGB of every texel in its material's tone; what is no material's light or shade, a line, stays.

    A shadow scales a colour in linear light, so that hue and saturation tell the material (see tones.py).
    """
    ones = np.ones(len(texels.index), np.float32)
    at_vertex, weight = texels.gather(colour, ones, len(mesh.vertices))
    known = np.flatnonzero(weight > 0)
    tone = at_vertex.copy()
    label = find_materials(at_vertex[known])
    kind = np.full(len(mesh.vertices), -1)
    kind[known] = label
    for piece in _pieces(mesh, kind):
        tone[piece] = _lit(at_vertex[piece])
    place = shadeless(tone)
    result = colour.copy()
    for start in range(0, len(colour), CHUNK):
        rows = slice(start, start + CHUNK)
        corner, own = texels.vertices[rows], shadeless(colour[rows])
        away = np.linalg.norm(place[corner] - own[:, None], axis=-1)
        best = away.argmin(1)[:, None]
        share = np.clip(2 - 2 * np.take_along_axis(away, best, 1) / SAME, 0, 1)
        chosen = tone[np.take_along_axis(corner, best, 1)[:, 0]]
        result[rows] = share * chosen + (1 - share) * colour[rows]
    return result.astype(np.float32)


def _pieces(mesh: Mesh, kind: Int[np.ndarray, "v"]) -> list[Int[np.ndarray, "n"]]:
    """Vertices of one material that hang together, as lists."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    a, b = mesh.faces.ravel(), mesh.faces[:, [1, 2, 0]].ravel()
    same = kind[a] == kind[b]
    entry = (np.ones(int(same.sum()), bool), (a[same], b[same]))
    piece = connected_components(coo_array(entry, shape=(len(kind),) * 2), directed=False)[1]
    order = np.argsort(piece, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(piece[order])) + 1)


def _lit(colour: Float[np.ndarray, "n 3"]) -> Float[np.ndarray, "3"]:
    """Mean of the colours about as light as the lit ones."""
    light = to_lab(colour.astype(np.float64))[:, 0]
    return colour[np.abs(light - np.percentile(light, LIT, method="higher")) <= ALIKE].mean(0)
