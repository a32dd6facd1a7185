"""How symmetric the paint is, measured where drawings show both sides, and who is whose mirror image."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float32, Int

from genkei.geometry.colour import to_lab
from genkei.texture.seams import NEAR, Vote, calmed
from genkei.texture.tones import nearby
from genkei.types import Mesh

PARTNER = 0.04
"""Character heights from a vertex's mirror image within which a partner lies; without one, shapes differ."""
AROUND = 0.06
"""Character heights (one sigma) from which a place learns how symmetric it is."""
UNLIKE = 25.0
"""Lab distance of partners at which they count 1/e as alike: light from one side makes 10 to 25."""
BELIEVED = (0.3, 0.55)
"""Likeness from which the other side is believed at all, and in full."""
LEAST = 1e-4
"""Share of all that is seen on both sides below which a place knows nothing of its own."""


@dataclass(frozen=True)
class Symmetry:
    """Per vertex."""

    partner: Int[np.ndarray, "v"]
    """The vertex nearest to the mirror image; -1 where none is near."""
    belief: Float32[np.ndarray, "v"]
    """0..1: how far the other side's paint is believed here."""


def measure(mesh: Mesh, votes: tuple[Vote, ...]) -> Symmetry:
    """By what drawn views say of both halves; the plane is x = 0, which views turn about.

    Surface without a counterpart is unlike. Where nothing is seen near by, the whole character's likeness
    counts; 1 where nothing is seen at all.
    """
    from scipy.spatial import KDTree

    turned = mesh.vertices * np.array([-1, 1, 1], np.float32)
    away, partner = KDTree(mesh.vertices).query(turned, distance_upper_bound=PARTNER)
    partner = np.where(np.isfinite(away), partner, -1)
    total = np.sum([vote.score for vote in votes], axis=0)
    mixed = np.sum([vote.score[:, None] * vote.colour for vote in votes], axis=0)
    colour = calmed(mesh, mixed / np.maximum(total, 1e-9)[:, None], total, NEAR)
    seen = np.clip(np.max([vote.trust for vote in votes], axis=0), 0, 1)
    both = np.where(partner >= 0, seen * seen[partner], seen)
    # on the plane itself everything is its own partner
    both = both * np.clip(np.abs(mesh.vertices[:, 0]) / PARTNER, 0, 1)
    if not both.any():
        return Symmetry(partner, np.ones(len(both), np.float32))
    lab = to_lab(colour.astype(np.float64))
    alike = np.exp(-((np.linalg.norm(lab - lab[partner], axis=1) / UNLIKE) ** 2))
    # what one half tells holds for the other
    folded = np.concatenate([np.abs(mesh.vertices[:, :1]), mesh.vertices[:, 1:]], 1)
    return Symmetry(partner, _belief(folded, np.where(partner >= 0, alike, 0), both))


def _belief(
    points: Float[np.ndarray, "v 3"], alike: Float[np.ndarray, "v"], weight: Float[np.ndarray, "v"]
) -> Float32[np.ndarray, "v"]:
    """Likeness round every place of the folded halves, as a share between the limits of BELIEVED."""
    everywhere = float((alike * weight).sum() / weight.sum())
    kind = np.zeros(len(points), np.int64)
    near = nearby(points, kind, np.stack([alike, np.ones(len(alike))], 1), weight, AROUND)
    least = LEAST * weight.sum()
    likeness = (near[:, 0] + least * everywhere) / (near[:, 1] + least)
    low, high = BELIEVED
    return np.clip((likeness - low) / (high - low), 0, 1).astype(np.float32)
