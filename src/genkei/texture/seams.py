"""Seams between views: who paints what where several see it, and tones that meet without a step.

Gradient-domain blending (Perez et al. 2003) in its membrane form (Farbman et al. 2009): every view keeps its
own gradients and is shifted by a smooth field that takes up the step at the seam and fades within a band. The
field lives on the mesh's vertices: it is smoother than they are apart, and no texel loses its sharpness.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float32

from genkei.geometry.colour import to_lab
from genkei.texture.surface import blur, relax
from genkei.types import Mesh

BAND = 0.04
"""Character heights over which a shift fades away from its seam: more bends a view's own colours further."""
HOLD = 3000.0
"""How much harder the seam holds its step than free surface holds 0."""
TONE = 15.0
"""Lab distance up to which two views differ in tone alone; twice as much is another material, which keeps its
border."""
STRAY = 25.0
"""Lab distance from the coarse colour at which a view's word counts 1/e beside the others'."""
LEAST = 0.02
"""What is left of it at any distance: a dark texel that one view alone shows is painted."""
NEAR, COARSE = 3, 10
"""Rounds over the mesh that make a view's colour calm, and all views' common colour coarse."""


@dataclass(frozen=True)
class Vote:
    """What one view says at every vertex."""

    colour: Float32[np.ndarray, "v 3"]
    trust: Float32[np.ndarray, "v"]
    score: Float32[np.ndarray, "v"]
    """How well it sees, trust included."""
    rank: float
    """Against other views; the higher one yields less at a seam."""


def agreement(mesh: Mesh, votes: tuple[Vote, ...]) -> Float32[np.ndarray, "k v"]:
    """Factor on each view's score: near 1 where its calm colour is the coarse one of all views together."""
    calm = [calmed(mesh, vote.colour, vote.trust, NEAR) for vote in votes]
    total = np.sum([vote.score for vote in votes], axis=0)
    mixed = np.sum([vote.score[:, None] * c for vote, c in zip(votes, calm, strict=True)], axis=0)
    coarse = to_lab(calmed(mesh, mixed / np.maximum(total, 1e-9)[:, None], total, COARSE))
    away = [np.linalg.norm(to_lab(c) - coarse, axis=1) for c in calm]
    return np.stack([np.maximum(np.exp(-((d / STRAY) ** 2)), LEAST) for d in away]).astype(np.float32)


def calmed(
    mesh: Mesh, colour: Float[np.ndarray, "v 3"], weight: Float[np.ndarray, "v"], rounds: int
) -> Float32[np.ndarray, "v 3"]:
    """Weighted mean over the neighbourhood; the colour itself where nothing weighs."""
    both = blur(mesh.faces, np.concatenate([colour * weight[:, None], weight[:, None]], 1), rounds)
    mean = both[:, :3] / np.maximum(both[:, 3:], 1e-9)
    return np.clip(np.where(both[:, 3:] > 1e-6, mean, colour), 0, 1).astype(np.float32)


def shifts(
    mesh: Mesh, votes: tuple[Vote, ...], share: Float[np.ndarray, "k v"]
) -> Float32[np.ndarray, "k v 3"]:
    """What to add to every view's sRGB so that tones meet where the largest `share` changes hands.

    0 for a single view, and where views agree already: shifting twice is shifting once.
    """
    field = np.zeros((len(votes), len(mesh.vertices), 3), np.float32)
    if len(votes) < 2:
        return field
    sees = [blur(mesh.faces, vote.trust[:, None], 1)[:, 0] > 0.2 for vote in votes]
    owner = np.where(share.max(0) > 0, share.argmax(0), -1)
    seam = _seam(mesh, owner, len(votes))
    for k, vote in enumerate(votes):
        goal, weight = np.zeros((len(owner), 3)), np.zeros(len(owner))
        for other in range(len(votes)):
            both = seam[k] & seam[other] & sees[k] & sees[other]
            if other == k or not both.any():
                continue
            # calm along the seam alone, so that a step once taken up is no step the second time
            here, there = (calmed(mesh, v.colour, v.trust * both, NEAR)[both] for v in (vote, votes[other]))
            apart = np.linalg.norm(to_lab(there) - to_lab(here), axis=1)
            yields = votes[other].rank ** 2 / (vote.rank**2 + votes[other].rank ** 2)
            goal[both] += yields * np.clip(2 - apart / TONE, 0, 1)[:, None] * (there - here)
            weight[both] += 1
        if weight.any():
            goal /= np.maximum(weight, 1)[:, None]
            field[k] = relax(mesh, goal, weight > 0, BAND, HOLD)
    return field


def _seam(mesh: Mesh, owner: np.ndarray, count: int) -> np.ndarray:
    """Bool [k, v]: vertices of faces in which view k and another one meet."""
    corner = owner[mesh.faces]
    mixed = (corner != corner[:, :1]).any(1)
    result = np.zeros((count, len(owner)), bool)
    for k in range(count):
        faces = mesh.faces[mixed & (corner == k).any(1)]
        result[k, faces.ravel()] = True
    return result
