"""Drawings onto texels: depth test, grazing angles, and the choice between views that see the same surface.

The bake follows Hunyuan3D-2.1 (depth test, weight times cos^4) with a sharpened, surface-smoothed choice of
the view, so that two drawings that disagree by pixels are never averaged outside a narrow seam.
"""

import math
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Float, Float32, Int

from genkei.geometry.camera import project, turned_deg
from genkei.geometry.mesh import vertex_normals
from genkei.texture.evidence import Evidence
from genkei.texture.features import Head
from genkei.texture.seams import Vote, agreement, shifts
from genkei.texture.surface import blur
from genkei.texture.symmetry import measure
from genkei.texture.texels import Texels
from genkei.types import Camera, Mesh

GRAZING = math.cos(math.radians(75))
"""Flatter than this a pixel is smeared over almost four texels."""
DEPTH_TOLERANCE = 3e-3
"""Character heights; the slope inside a pixel comes on top."""


FRONT = 0.35
"""Cosine (70 degrees) above which a drawn front beats drawn sides: no second eye beside the front's eye."""
FACING = 0.95
"""Cosine between a camera and the front from which a view is a front."""
FRONT_GAIN = 30.0
"""How much the front's score grows there, in the face."""
STEEP = 6
"""Power of the cosine in a view's score: front and side change over at 56 degrees, with 4 at 61, where the
front's pixels are smeared over two texels."""
GUESSED = 0.02
"""Rank of a guessed view beside a drawn one from the same side: it wins only where no drawing sees well."""


@dataclass(frozen=True)
class Seen:
    """What the drawings say per texel."""

    colour: Float32[np.ndarray, "n 3"]
    trust: Float32[np.ndarray, "n"]
    """0 no view saw it .. 1 seen well."""
    drawn: Float32[np.ndarray, "n"]
    """The same for the drawn views alone: what only a guessed view shows is a guess."""
    source: Bool[np.ndarray, "n"]
    """Seen well and no drawn line: may lend its colour to unseen surface."""
    twin: Int[np.ndarray, "v"]
    """Per vertex the one opposite, where the character is symmetric, or -1."""


def rank(camera: Camera) -> float:
    """How much a view counts: front 1, back 0.5, sides 0.1, from above or below 0.05; geometric between."""
    forward = camera.axes[2]
    turn = turned_deg(camera.azimuth_deg, 0.0) / 90
    level = 0.1**turn if turn <= 1 else 0.1 * 5 ** (turn - 1)
    lift = abs(math.asin(float(np.clip(forward[1], -1, 1)))) / (math.pi / 2)
    return level ** (1 - lift) * 0.05**lift


def observe(
    evidence: Evidence, points: Float[np.ndarray, "n 3"], normals: Float[np.ndarray, "n 3"]
) -> tuple[Float32[np.ndarray, "n"], Float32[np.ndarray, "n"]]:
    """Trust 0..1 that the view shows this surface point, and the cosine between normal and viewer."""
    height, width = evidence.trust.shape
    cosine = np.einsum("nk,nk->n", normals, _to_viewer(evidence.camera, points))
    trust = np.zeros(len(points), np.float32)
    front = np.flatnonzero(cosine > GRAZING)
    pixel = project(points[front], evidence.camera, height, width)
    column, row = np.floor(pixel[:, 0]).astype(np.int64), np.floor(pixel[:, 1]).astype(np.int64)
    framed = (column >= 0) & (column < width) & (row >= 0) & (row < height)
    front, pixel, column, row = front[framed], pixel[framed], column[framed], row[framed]
    face_on = cosine[front]
    slope = np.sqrt(np.maximum(1 / face_on**2 - 1, 0))
    pitch = _pixel_pitch(evidence.camera, points[front], height)
    reached = pixel[:, 2] - evidence.depth[row, column] < DEPTH_TOLERANCE + pitch * slope
    steep = np.clip((face_on - GRAZING) / GRAZING, 0, 1)
    trust[front] = reached * steep * evidence.trust[row, column]
    return trust, np.maximum(cosine, 0).astype(np.float32)


def _to_viewer(camera: Camera, points: np.ndarray) -> np.ndarray:
    """Unit vectors from the points to the eye."""
    if camera.is_orthographic:
        return np.broadcast_to(-camera.axes[2], points.shape)
    matrix = camera.world_to_clip[[0, 1, 3]].astype(np.float64)
    eye = np.linalg.solve(matrix[:, :3], -matrix[:, 3]).astype(np.float32)
    ray = eye - points
    return ray / np.maximum(np.linalg.norm(ray, axis=1, keepdims=True), 1e-9)


def _pixel_pitch(camera: Camera, points: np.ndarray, height: int) -> np.ndarray | float:
    """World size of a pixel at the points, in character heights."""
    scale = float(np.linalg.norm(camera.world_to_clip[1, :3])) * height / 2
    if camera.is_orthographic:
        return 1 / scale
    matrix = camera.world_to_clip[3]
    return (points @ matrix[:3] + matrix[3]) / scale


def bake(
    mesh: Mesh,
    texels: Texels,
    evidences: tuple[Evidence, ...],
    sharpness: float,
    soften: int,
    head: Head | None = None,
) -> Seen:
    """Colour, trust and sources of every texel from all drawn views."""
    points, normals = texels.positions(mesh), texels.normals(mesh)
    votes = tuple(_vote(mesh, evidence, head) for evidence in evidences)
    pairs = measure(mesh, tuple(v for v, e in zip(votes, evidences, strict=True) if e.drawn))
    votes = tuple(
        vote if evidence.drawn else _doubted(vote, pairs.belief)
        for vote, evidence in zip(votes, evidences, strict=True)
    )
    belief = texels.interpolate(pairs.belief[:, None])[:, 0]
    trusts = [observe(e, points, normals)[0] * (1 if e.drawn else belief) for e in evidences]
    drawn = [trust for trust, evidence in zip(trusts, evidences, strict=True) if evidence.drawn]
    if not max(trust.max(initial=0) for trust in drawn) > 0:
        raise ValueError(
            "none of the drawn views sees the mesh: the drawings and the solid do not overlap; check that "
            "both stand in character space (feet at y = 0, height 1, front to +z) and that the cameras fit"
        )
    share = _shares(mesh, votes, soften)
    weights = _choose(texels, share, trusts, sharpness)
    shift = shifts(mesh, votes, share)
    colour, lined = np.zeros((len(points), 3), np.float32), np.zeros(len(points), np.float32)
    for evidence, weight, field in zip(evidences, weights, shift, strict=True):
        rows = np.flatnonzero(weight > 1e-3)
        shade, line = _look_up(evidence, points[rows])
        if field.any():
            shade = np.clip(shade + texels.select(rows).interpolate(field), 0, 1)
        colour[rows] += weight[rows, None] * shade
        lined[rows] += weight[rows] * line
    colour /= np.maximum(np.sum(weights, axis=0), 1e-6)[:, None]
    trust = np.max(trusts, axis=0)
    twin = np.where(pairs.belief > 0.5, pairs.partner, -1)
    source = (trust > 0.5) & (lined < 0.1)
    return Seen(colour, _softened(trust), _softened(np.max(drawn, axis=0)), source, twin)


def _doubted(vote: Vote, belief: Float[np.ndarray, "v"]) -> Vote:
    """A guess counts as far as the character is symmetric."""
    return replace(
        vote,
        trust=(vote.trust * belief).astype(np.float32),
        score=(vote.score * belief).astype(np.float32),
    )


def _vote(mesh: Mesh, evidence: Evidence, head: Head | None) -> Vote:
    """What the view says at the vertices."""
    trust, cosine = observe(evidence, mesh.vertices, vertex_normals(mesh))
    score = (_score(evidence, cosine, _face(mesh, head)) * trust).astype(np.float32)
    colour, _ = _look_up(evidence, mesh.vertices)
    standing = rank(evidence.camera) * (1 if evidence.drawn else GUESSED)
    return Vote(colour, trust, score, standing)


def _face(mesh: Mesh, head: Head | None) -> Bool[np.ndarray, "v"]:
    """Where a face may be; everywhere while nobody knows."""
    if head is None:
        return np.ones(len(mesh.vertices), bool)
    _, y, z = mesh.vertices.T
    return (y > head.chin) & (y < head.brow) & (z > head.back)


def _score(evidence: Evidence, cosine: np.ndarray, face: np.ndarray) -> np.ndarray:
    """How well the view shows what it sees at this cosine, against the other views."""
    score = rank(evidence.camera) * cosine**STEEP * (1 if evidence.drawn else GUESSED)
    facing = float(-evidence.camera.axes[2][2])
    if not evidence.drawn or facing < FACING:
        return score
    step = np.clip((cosine - FRONT) / 0.05, 0, 1) * face
    return score * (1 + (FRONT_GAIN - 1) * step)


def _softened(trust: np.ndarray) -> Float32[np.ndarray, "n"]:
    """Trust to a share: a smooth step up to 0.3."""
    share = np.clip(trust / 0.3, 0, 1)
    return (share * share * (3 - 2 * share)).astype(np.float32)


def _shares(mesh: Mesh, votes: tuple[Vote, ...], soften: int) -> Float32[np.ndarray, "k v"]:
    """How well every view shows each vertex, by itself and by what all say together.

    Smoothed over the surface, so that noise of the normals does not fray the seams.
    """
    scores = np.stack([vote.score for vote in votes])
    if len(votes) > 1:
        scores = scores * agreement(mesh, votes)
    return blur(mesh.faces, scores.T, soften).T.astype(np.float32)


def _choose(
    texels: Texels, share: Float32[np.ndarray, "k v"], trusts: list[np.ndarray], sharpness: float
) -> list[np.ndarray]:
    """Weights of the views per texel, 1 in sum where anything is seen: nearly 0 or 1 off the seams."""
    if len(trusts) == 1:
        return [(trusts[0] > 0).astype(np.float32)]
    smooth = texels.interpolate(np.ascontiguousarray(share.T))
    # a view that no vertex near by sees still paints what nobody else does
    weights = [trust * np.maximum(smooth[:, k], 1e-9) for k, trust in enumerate(trusts)]
    best = np.maximum(np.max(weights, axis=0), 1e-12)
    weights = [(weight / best) ** sharpness for weight in weights]
    total = np.maximum(np.sum(weights, axis=0), 1e-12)
    return [(weight / total).astype(np.float32) for weight in weights]


def _look_up(evidence: Evidence, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Bilinear colour and 1 on drawn lines under the points."""
    from genkei.geometry.raster import sample

    height, width = evidence.trust.shape
    pixel = project(points, evidence.camera, height, width)[:, :2]
    row = np.clip(np.floor(pixel[:, 1]).astype(np.int64), 0, height - 1)
    column = np.clip(np.floor(pixel[:, 0]).astype(np.int64), 0, width - 1)
    uv = pixel / np.array([width, height], np.float32)
    return sample(evidence.colour, uv), evidence.ink[row, column].astype(np.float32)
