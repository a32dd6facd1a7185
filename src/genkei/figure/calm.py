"""What nobody sees in one calm colour a cut: cut faces, pegs and sockets look like their part near them."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Bool, Int, UInt8

from genkei.geometry.colour import to_lab
from genkei.geometry.mesh import area_vectors, component_labels, corners, distinct_rows, joined
from genkei.geometry.nearest import closest
from genkei.geometry.raster import sample
from genkei.types import Mesh, Part

INNER_MM = 0.03
"""A face whose middle is farther from the figure's surface was made by a cut."""
REACH_MM = 5.0
"""Paint so far from a cut counts a third; less follows the seam, where slivers of the other side's paint
are."""
ALIKE_LAB = 12.0
"""Colours no farther apart are one paint and its shadow."""
SAMPLES = 1200


def calmed(parts: Sequence[Part], body: Mesh, texture: UInt8[np.ndarray, "h w 3"]) -> tuple[Part, ...]:
    """The parts with every connected piece of surface that is not the body's painted in one colour."""
    whole = joined([part.mesh for part in parts])
    inner = ~kept(whole, body)
    asked = corners(Mesh(whole.vertices, whole.faces[inner])).mean(1)
    if len(asked):
        inner[inner] = closest(asked, body.vertices, body.faces)[0] > INNER_MM
    ends = np.cumsum([len(part.mesh.faces) for part in parts])[:-1]
    pairs = zip(parts, np.split(inner, ends), strict=True)
    return tuple(_painted(part, one, texture) for part, one in pairs)


def kept(mesh: Mesh, body: Mesh) -> Bool[np.ndarray, "f"]:
    """Which faces of a mesh are the body's own, corner by corner: nobody has to ask how far they are."""
    count = len(mesh.vertices)
    _, place = distinct_rows(np.concatenate([mesh.vertices, body.vertices]) + np.float32(0))
    own, other = (
        np.sort(numbers[faces], axis=1)
        for numbers, faces in ((place[:count], mesh.faces), (place[count:], body.faces))
    )
    _, same = distinct_rows(np.concatenate([other, own]))
    known = np.zeros(int(same.max(initial=-1)) + 1, bool)
    known[same[: len(other)]] = True
    return known[same[len(other) :]]


def _painted(part: Part, inner: Bool[np.ndarray, "f"], texture: UInt8[np.ndarray, "h w 3"]) -> Part:
    if not inner.any() or inner.all():
        return part
    from scipy.spatial import KDTree

    shown = _spread(part.mesh, ~inner)
    places = corners(part.mesh)[shown].mean(1)
    paint = part.uv[shown].mean(1)
    lab = to_lab(sample(texture, paint).astype(np.float64) / 255)
    alike = np.linalg.norm(lab[:, None] - lab[None], axis=-1) < ALIKE_LAB
    rows = np.flatnonzero(inner)
    label = component_labels(part.mesh.faces[rows])
    middles = corners(part.mesh)[rows].mean(1)
    uv = part.uv.copy()
    for piece in range(int(label.max()) + 1):
        chosen = label == piece
        away, _ = KDTree(middles[chosen]).query(places)
        votes = alike @ np.exp(-np.asarray(away) / REACH_MM)
        uv[rows[chosen]] = paint[int(votes.argmax())]
    return Part(part.name, part.mesh, uv)


def _spread(mesh: Mesh, chosen: Bool[np.ndarray, "f"]) -> Int[np.ndarray, "n"]:
    """Faces of those chosen, as many to every equal share of their area."""
    area = np.linalg.norm(area_vectors(mesh), axis=1) * chosen
    ends = np.cumsum(area)
    step = (np.arange(SAMPLES) + 0.5) / SAMPLES * ends[-1]
    return np.minimum(np.searchsorted(ends, step), len(area) - 1)
