"""What may not run round the back of a head: a face ends where the hair or the hat begins."""

import numpy as np
from jaxtyping import Bool, Float, Int

from genkei.geometry.colour import to_lab
from genkei.texture.hints import Hints
from genkei.types import Mesh

BROW = 0.6
"""Share of the head's height above the chin up to which a face lends no colour; above it is hair or hat."""
CENTRE = 0.5
"""Share of the head's half width in which the face is looked for."""
COMMON = 0.2
"""Share of the head's top and sides that a material must cover to go round its back: ribbons do not."""
SHADE = 8.0
"""Lab distance between the tones of a face and of the head's sides from which these are pale hair."""
LEAST = 0.02
"""Share of the head's surface that hair and face must have to count."""


def hair_lenders(
    mesh: Mesh,
    known: Bool[np.ndarray, "v"],
    colour: Float[np.ndarray, "v 3"],
    label: Int[np.ndarray, "v"],
    area: Float[np.ndarray, "v"],
    hints: Hints,
) -> tuple[Bool[np.ndarray, "v"], Bool[np.ndarray, "v"]]:
    """Known vertices of hair and hat, and unknown ones of the back of the head: those borrow from these only.

    Both empty where the head's top and sides are of the face's own material: bald heads, masks, animals.
    """
    x, y, z = mesh.vertices.T
    chin = hints.chin
    head = y > chin
    none = np.zeros(len(y), bool), np.zeros(len(y), bool)
    front = head & known & (z > np.median(z[head])) if head.any() else head
    if not front.any():
        return none
    height = (y - chin) / max(float(y.max()) - chin, 1e-9)
    aside = np.abs(x - np.median(x[front])) / max(float(np.percentile(np.abs(x[head]), 95)), 1e-9)
    face = _commonest(label, area * hints.face, front & (height < BROW) & (aside < CENTRE))
    top = head & known & ((height > 1 - BROW / 2) | (aside > 0.8) & (height > BROW / 2))
    label = _parted(colour, label, face, front & (height < BROW) & (aside < CENTRE), top)
    shares = np.bincount(label[top], area[top], int(label.max()) + 1)
    if shares.sum() - shares[face] < max(shares[face], LEAST * area[head].sum()):
        return none
    wide = shares > COMMON * shares.sum()
    crown = head & known & (height > (1 + BROW) / 2)
    hat = area[crown & (label == face)].sum() > COMMON * area[crown].sum()
    lenders = head & known & wide[label] & ((label != face) | (hat & (height > BROW)))
    if not lenders.any():
        return none
    return lenders, head & ~known & (z < np.median(z[head]))


def _parted(
    colour: np.ndarray, label: np.ndarray, face: int, inner: np.ndarray, top: np.ndarray
) -> np.ndarray:
    """Labels in which pale hair that counts as the face's own material is a material by itself."""
    inner, top = inner & (label == face), top & (label == face)
    if not inner.any() or not top.any():
        return label
    lab = to_lab(colour.astype(np.float64))
    skin, hair = np.median(lab[inner], 0), np.median(lab[top], 0)
    if np.linalg.norm(hair - skin) < SHADE:
        return label
    nearer = np.linalg.norm(lab - hair, axis=1) < np.linalg.norm(lab - skin, axis=1)
    return np.where((label == face) & nearer, label.max() + 1, label)


def _commonest(label: np.ndarray, area: np.ndarray, where: np.ndarray) -> int:
    return int(np.bincount(label[where], area[where]).argmax()) if where.any() else -1
