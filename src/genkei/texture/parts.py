"""Which part of a character every face is: hair, face, skin, cloth, shoes, accessory.

The net's word on the drawing, front and back, is carried onto the surface; what has one colour in the head or
below it votes together, for borders between materials are where the net is vaguest; heights rule out the
rest. Then labels are smoothed over the surface.
"""

from dataclasses import replace

import numpy as np
from jaxtyping import Bool, Float, Float32, Int

from genkei.geometry.raster import sample
from genkei.nets.look import PARTS, Look
from genkei.texture.hints import neck_of, seen_parts
from genkei.texture.surface import blur, vertex_areas
from genkei.texture.tones import find_materials
from genkei.types import Character, Mesh

HAIR, FACE, SKIN, CLOTH, SHOES, ACCESSORY = range(len(PARTS))
GROUP = 0.6
"""Weight of what a material's whole surface votes for beside the net's word on the place itself."""
RULED_OUT = 6.0
"""Log-odds against a part where it cannot be."""
TONE = 0.5
"""Log-odds that a material known from the face's middle, or from the crown, brings."""
LOW_HAIR = 0.7
"""Log-odds against hair 0.15 heights below the neck: most has ended there."""
LONG_HAIR = 2.0
"""Log-odds for hair where the crown's colour hangs on below the neck."""
SOLE, SHIN = 0.06, 0.25
"""Character heights below which shoes are likely, and above which there are none."""
ROUNDS = 6
"""Rounds over the mesh that straighten the borders."""


def with_parts(character: Character, looks: tuple[Look, ...]) -> Character:
    """The character with a part on every face; unchanged without a look at it."""
    if not looks:
        return character
    mesh = character.mesh
    colour = vertex_colours(character)
    area = vertex_areas(mesh)
    chance, weight = seen_parts(mesh, looks)
    neck = neck_of(looks, mesh)
    material = find_materials(colour)
    head = mesh.vertices[:, 1] > neck
    voted = _voted(chance, weight * area, 2 * material + head)
    own = (weight[:, None] * chance + voted) / (weight[:, None] + 1)
    score = GROUP * np.log(voted + 0.02) + (1 - GROUP) * np.log(own + 0.02)
    score += _heights(mesh, neck) + _tones(mesh, neck, material, area, chance)
    share = np.eye(len(PARTS))[blur(mesh.faces, score, 2).argmax(1)]
    share = blur(mesh.faces, share, ROUNDS)
    parts = share[mesh.faces].sum(1).argmax(1).astype(np.int32)
    return replace(character, parts=parts, part_names=PARTS)


def vertex_colours(character: Character) -> Float32[np.ndarray, "v 3"]:
    """Mean of the texture at each vertex's corners, a little inside their faces: charts end there."""
    mesh = character.mesh
    inner = 0.8 * character.uv + 0.2 * character.uv.mean(1, keepdims=True)
    picture = character.texture.astype(np.float32) / 255
    at = sample(picture, inner.reshape(-1, 2).astype(np.float32))
    count = np.maximum(np.bincount(mesh.faces.ravel(), minlength=len(mesh.vertices)), 1)
    sums = [np.bincount(mesh.faces.ravel(), at[:, k], len(mesh.vertices)) for k in range(3)]
    return (np.stack(sums, 1) / count[:, None]).astype(np.float32)


def _voted(
    chance: Float[np.ndarray, "v 6"], weight: Float[np.ndarray, "v"], group: Int[np.ndarray, "v"]
) -> Float[np.ndarray, "v 6"]:
    """Each vertex's group's mean."""
    total = np.bincount(group, weight)
    sums = np.stack([np.bincount(group, weight * column) for column in chance.T], 1)
    mean = (sums + 1e-4 / len(PARTS)) / (total[:, None] + 1e-4)
    return mean[group]


def _heights(mesh: Mesh, neck: float) -> Float[np.ndarray, "v 6"]:
    """Log-odds by where a vertex lies."""
    _, y, z = mesh.vertices.T
    score = np.zeros((len(y), len(PARTS)))
    head = y > neck
    front = z > (np.median(z[head]) if head.any() else 0.0)
    score[~(head & front), FACE] -= RULED_OUT
    score[:, HAIR] -= LOW_HAIR * np.clip((neck - y) / 0.15, 0, 1)
    score[:, SHOES] -= RULED_OUT * np.clip((y - SOLE) / (SHIN - SOLE), 0, 1)
    score[head, SHOES] -= RULED_OUT
    return score


def _tones(
    mesh: Mesh,
    neck: float,
    material: Int[np.ndarray, "v"],
    area: Float[np.ndarray, "v"],
    chance: Float[np.ndarray, "v 6"],
) -> Float[np.ndarray, "v 6"]:
    """Log-odds by colour: the face's middle shows what is skin, the crown what is hair."""
    _, y, z = mesh.vertices.T
    score = np.zeros((len(y), len(PARTS)))
    head = y > neck
    if not head.any():
        return score
    height = (y - neck) / max(float(y.max()) - neck, 1e-6)
    middle = head & (z > np.median(z[head])) & (height < 0.6)
    skin = _commonest(material, area * (0.05 + chance[:, FACE]), middle)
    crown = _commonest(material, area, head & (height > 0.6) & (material != skin))
    front = z > np.median(z[head])
    score[head & front & (material == skin), FACE] += TONE
    score[~head & (material == skin), SKIN] += TONE
    score[material == skin, CLOTH] -= TONE
    score[material == skin, HAIR] -= TONE
    score[material != skin, SKIN] -= TONE
    if crown >= 0:
        score[head & (material == crown), HAIR] += TONE
        score[head & (material == crown), FACE] -= TONE
        score[_hanging(mesh, material == crown, head), HAIR] += LONG_HAIR
    score[head, CLOTH] -= TONE / 2
    return score


def _hanging(mesh: Mesh, alike: Bool[np.ndarray, "v"], head: Bool[np.ndarray, "v"]) -> Bool[np.ndarray, "v"]:
    """Vertices below the head, not near the ground, whose colour goes on unbroken from the head's."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    count = len(alike)
    faces = mesh.faces[alike[mesh.faces].all(1)]
    a, b = faces.ravel(), faces[:, [1, 2, 0]].ravel()
    piece = connected_components(coo_array((np.ones(len(a), np.int8), (a, b)), shape=(count, count)), False)[
        1
    ]
    from_head = np.zeros(count, bool)
    from_head[piece[alike & head]] = True
    return alike & ~head & from_head[piece] & (mesh.vertices[:, 1] > SHIN)


def _commonest(material: np.ndarray, weight: np.ndarray, where: Bool[np.ndarray, "v"]) -> int:
    return int(np.bincount(material[where], weight[where]).argmax()) if where.any() else -1
