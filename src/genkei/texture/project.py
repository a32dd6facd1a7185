"""Drawings onto texels: depth test, grazing angles, and the choice between views that see the same surface.

The bake follows Hunyuan3D-2.1 (depth test, weight times cos^4) with a sharpened, surface-smoothed choice of
the view, so that two drawings that disagree by pixels are never averaged outside a narrow seam.
"""

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Float32, Int

from genkei.geometry.camera import project, turned_deg
from genkei.texture.evidence import Evidence
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
"""How much the front's score grows there."""
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


def bake(mesh: Mesh, texels: Texels, evidences: tuple[Evidence, ...], sharpness: float, soften: int) -> Seen:
    """Colour, trust and sources of every texel from all drawn views."""
    points, normals = texels.positions(mesh), texels.normals(mesh)
    count = len(points)
    trusts, scores = [], []
    for evidence in evidences:
        trust, cosine = observe(evidence, points, normals)
        trusts.append(trust)
        scores.append(_score(evidence, cosine) * trust)
    drawn = [trust for trust, evidence in zip(trusts, evidences, strict=True) if evidence.drawn]
    if not max(trust.max(initial=0) for trust in drawn) > 0:
        raise ValueError(
            "none of the drawn views sees the mesh: the drawings and the solid do not overlap; check that "
            "both stand in character space (feet at y = 0, height 1, front to +z) and that the cameras fit"
        )
    weights = _choose(mesh, texels, scores, trusts, sharpness, soften)
    colour, lined = np.zeros((count, 3), np.float32), np.zeros(count, np.float32)
    for evidence, weight in zip(evidences, weights, strict=True):
        rows = np.flatnonzero(weight > 1e-3)
        shade, line = _look_up(evidence, points[rows])
        colour[rows] += weight[rows, None] * shade
        lined[rows] += weight[rows] * line
    total = np.sum(weights, axis=0)
    colour /= np.maximum(total, 1e-6)[:, None]
    trust = np.max(trusts, axis=0)
    return Seen(colour, _softened(trust), _softened(np.max(drawn, axis=0)), (trust > 0.5) & (lined < 0.1))


def _score(evidence: Evidence, cosine: np.ndarray) -> np.ndarray:
    """How well the view shows what it sees at this cosine, against the other views."""
    score = rank(evidence.camera) * cosine**4 * (1 if evidence.drawn else GUESSED)
    facing = float(-evidence.camera.axes[2][2])
    if not evidence.drawn or facing < FACING:
        return score
    step = np.clip((cosine - FRONT) / 0.05, 0, 1)
    return score * (1 + (FRONT_GAIN - 1) * step)


def _softened(trust: np.ndarray) -> Float32[np.ndarray, "n"]:
    """Trust to a share: a smooth step up to 0.3."""
    share = np.clip(trust / 0.3, 0, 1)
    return (share * share * (3 - 2 * share)).astype(np.float32)


def _choose(
    mesh: Mesh,
    texels: Texels,
    scores: list[np.ndarray],
    trusts: list[np.ndarray],
    sharpness: float,
    soften: int,
) -> list[np.ndarray]:
    """Weights of the views per texel, 1 in sum where anything is seen: nearly 0 or 1 off the seams.

    The scores are smoothed over the surface first, so that noise of the normals does not fray the seams.
    """
    if len(scores) == 1:
        return [(trusts[0] > 0).astype(np.float32)]
    stacked, _ = texels.gather(
        np.stack(scores, 1), np.ones(len(texels.index), np.float32), len(mesh.vertices)
    )
    smooth = texels.interpolate(blur(mesh.faces, stacked, soften))
    weights = [trust * smooth[:, k] for k, trust in enumerate(trusts)]
    best = np.maximum(np.max(weights, axis=0), 1e-12)
    weights = [(weight / best) ** sharpness for weight in weights]
    total = np.maximum(np.sum(weights, axis=0), 1e-12)
    return [(weight / total).astype(np.float32) for weight in weights]


def blur(faces: Int[np.ndarray, "f 3"], values: Float[np.ndarray, "v c"], rounds: int) -> np.ndarray:
    """`rounds` times the mean of each vertex and its neighbours."""
    from scipy.sparse import coo_array, eye_array

    count = len(values)
    a, b = faces.ravel(), faces[:, [1, 2, 0]].ravel()
    graph = coo_array((np.ones(2 * len(a)), (np.r_[a, b], np.r_[b, a])), shape=(count, count)).tocsr()
    graph.data[:] = 1
    graph = graph + eye_array(count, format="csr")
    share = 1 / np.asarray(graph.sum(1)).ravel()[:, None]
    for _ in range(rounds):
        values = (graph @ values) * share
    return values


def _look_up(evidence: Evidence, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Bilinear colour and 1 on drawn lines under the points."""
    from genkei.geometry.raster import sample

    height, width = evidence.trust.shape
    pixel = project(points, evidence.camera, height, width)[:, :2]
    row = np.clip(np.floor(pixel[:, 1]).astype(np.int64), 0, height - 1)
    column = np.clip(np.floor(pixel[:, 0]).astype(np.int64), 0, width - 1)
    uv = pixel / np.array([width, height], np.float32)
    return sample(evidence.colour, uv), evidence.ink[row, column].astype(np.float32)
