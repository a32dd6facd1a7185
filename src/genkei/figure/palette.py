"""A texture as few colours, one a triangle: what printers with filaments can do."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int32, UInt8

from genkei.geometry.colour import to_lab
from genkei.geometry.mesh import area_vectors, edge_keys
from genkei.types import Figure, Mesh, Part

BIN_LAB = 3.0
"""Colours nearer than about one noticeable step share a bin."""
ROUNDS = 40
"""Lloyd's iteration settles long before."""
_PROBES = np.array([[4, 1, 1], [1, 4, 1], [1, 1, 4], [2, 2, 2]], np.float32) / 6
"""Barycentric points of a triangle that vote for its colour."""


@dataclass(frozen=True)
class Palette:
    """The colours, and for every part the colour of every triangle."""

    colours: UInt8[np.ndarray, "n 3"]
    faces: tuple[Int32[np.ndarray, "_"], ...]


def reduce_colours(figure: Figure, count: int, tidy_rounds: int = 3) -> Palette:
    """At most `count` colours that cover the surface best in CIE Lab, and each triangle's majority.

    k-means weighted by area from a fixed start, so the same figure gives the same colours; then single
    triangles take their neighbours' colour, `tidy_rounds` times. ValueError when `count` is below 1.
    """
    if count < 1:
        raise ValueError(f"{count} colours were asked for; wanted at least 1")
    samples = [_samples(figure, part) for part in figure.parts]
    areas = [np.linalg.norm(area_vectors(part.mesh), axis=1) for part in figure.parts]
    weight = np.repeat(np.concatenate(areas), len(_PROBES))
    rgb = np.concatenate(samples).reshape(-1, 3)
    colours = np.clip(np.round(_centres(rgb, weight, count) * 255), 0, 255).astype(np.uint8)
    votes = [_votes(sample, colours / 255) for sample in samples]
    faces = tuple(_tidied(p.mesh, vote, tidy_rounds) for p, vote in zip(figure.parts, votes, strict=True))
    return Palette(colours, faces)


def apply_colours(figure: Figure, colours: UInt8[np.ndarray, "n 3"], tidy_rounds: int = 3) -> Palette:
    """Each triangle's majority among given colours, single triangles taking their neighbours'."""
    faces = tuple(
        _tidied(part.mesh, _votes(_samples(figure, part), colours / 255), tidy_rounds)
        for part in figure.parts
    )
    return Palette(colours, faces)


def nearest_colours(
    rgb: Float[np.ndarray, "*n 3"], colours: Float[np.ndarray, "k 3"]
) -> Int32[np.ndarray, "*n"]:
    """Number of the nearest colour in CIE Lab; both sRGB in 0..1."""
    lab, target = to_lab(rgb.astype(np.float32)), to_lab(colours.astype(np.float64)).astype(np.float32)
    planes = np.ascontiguousarray(lab.reshape(-1, 3).T)
    best, label = np.full(planes.shape[1], np.inf, np.float32), np.zeros(planes.shape[1], np.int32)
    for number, centre in enumerate(target):
        lightness, a, b = ((plane - value) ** 2 for plane, value in zip(planes, centre, strict=True))
        away = lightness + a + b
        np.copyto(label, number, where=away < best)
        np.minimum(best, away, out=best)
    return label.reshape(lab.shape[:-1])


def _samples(figure: Figure, part: Part) -> Float[np.ndarray, "f p 3"]:
    """sRGB of the texture at the probes of every triangle."""
    from genkei.geometry.raster import sample

    uv = _PROBES @ part.uv
    return (sample(figure.texture, uv.reshape(-1, 2)) / 255).reshape(len(uv), len(_PROBES), 3)


def _centres(
    rgb: Float[np.ndarray, "n 3"], weight: Float[np.ndarray, "n"], count: int
) -> Float[np.ndarray, "k 3"]:
    """Weighted k-means in Lab over binned colours, from the heaviest bin and then the worst covered."""
    key = np.round(to_lab(rgb.astype(np.float64)) / BIN_LAB).astype(np.int64)
    key -= key.min(0)
    _, inverse = np.unique(np.ravel_multi_index(tuple(key.T), tuple(key.max(0) + 1)), return_inverse=True)
    mass = np.bincount(inverse, weight) + 1e-12
    mean = np.stack([np.bincount(inverse, weight * rgb[:, c]) for c in range(3)], 1) / mass[:, None]
    lab = to_lab(np.clip(mean, 0, 1))
    chosen = [int(np.argmax(mass))]
    while len(chosen) < min(count, len(lab)):
        away = ((lab[:, None] - lab[chosen]) ** 2).sum(-1).min(1)
        chosen.append(int(np.argmax(away * np.sqrt(mass))))
    centres = lab[chosen]
    for _ in range(ROUNDS):
        label = ((lab[:, None] - centres) ** 2).sum(-1).argmin(1)
        total = np.bincount(label, mass, len(centres))
        sums = np.stack([np.bincount(label, mass * lab[:, c], len(centres)) for c in range(3)], 1)
        centres = np.where(total[:, None] > 0, sums / np.maximum(total, 1e-12)[:, None], centres)
    label = ((lab[:, None] - centres) ** 2).sum(-1).argmin(1)
    used = np.unique(label)
    return np.stack([np.average(mean[label == k], 0, mass[label == k]) for k in used])


def _votes(samples: Float[np.ndarray, "f p 3"], colours: Float[np.ndarray, "k 3"]) -> Int32[np.ndarray, "f"]:
    """The colour most probes of a triangle are nearest to; the lower number wins a tie."""
    nearest = nearest_colours(samples, colours)
    counts = np.stack([(nearest == k).sum(1) for k in range(len(colours))], 1)
    return counts.argmax(1).astype(np.int32)


def _tidied(mesh: Mesh, label: Int32[np.ndarray, "f"], rounds: int) -> Int32[np.ndarray, "f"]:
    """A triangle whose neighbours mostly agree on another colour takes it: no specks."""
    face, other = np.concatenate([pair := np.stack(_neighbours(mesh)), pair[::-1]], 1)
    for _ in range(rounds):
        colours = int(label.max(initial=0)) + 1
        counts = np.bincount(face * colours + label[other], minlength=len(label) * colours)
        counts = counts.reshape(-1, colours)
        best = counts.argmax(1)
        label = np.where(counts[np.arange(len(label)), best] >= 2, best, label).astype(np.int32)
    return label


def _neighbours(mesh: Mesh) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of faces that share an edge."""
    key = edge_keys(mesh.faces, len(mesh.vertices)).ravel()
    face = np.repeat(np.arange(len(mesh.faces)), 3)
    order = np.argsort(key, kind="stable")
    same = key[order][1:] == key[order][:-1]
    return face[order][:-1][same], face[order][1:][same]
