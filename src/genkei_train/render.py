"""Labelled pictures: one pose of one subject under one camera, drawn, with all that a net should learn of it.

The net frame: the silhouette's box is centred in a square, FILL of it large; lengths are in crop units (1 =
the square's side), x right and y up from the centre, z towards the viewer with z = 0 at the spine, where a
picture can tell; a box's centre depends on what nobody sees.
"""

from dataclasses import dataclass
from typing import no_type_check

import numpy as np
from jaxtyping import Bool, Float16, Float32, Int8, Int64, UInt8
from numba import njit

from genkei.geometry.colour import to_bytes
from genkei.geometry.crop import FILL
from genkei.geometry.mesh import area_vectors
from genkei.geometry.raster import Hits, corner_values, rasterise
from genkei.geometry.render import halve
from genkei.types import Camera, Mesh
from genkei_train.buffers import NOTHING, Buffers
from genkei_train.drawn import Style, draw
from genkei_train.grounds import lay, random_ground
from genkei_train.paper import degrade
from genkei_train.poses import Pose, a_pose, posed
from genkei_train.solids import sealed
from genkei_train.soups import same_place
from genkei_train.subjects import JOINTS, Subject

SUPERSAMPLE = 2
CANONICAL_REACH = 0.6
"""x and z of canonical coordinates run from -0.6 to 0.6 heights, y from 0 to 1.2."""
SQUARE = Camera(np.diag([2.0, 2.0, -2.0, 1.0]).astype(np.float32))
"""Sees crop units: the square from -0.5 to 0.5, looking along -z."""


@dataclass(frozen=True)
class Shot:
    """How the camera stands and how the paper is cut."""

    azimuth_deg: float = 0.0
    elevation_deg: float = 0.0
    tilt_deg: float = 0.0
    distance: float = 0.0
    """Character heights to the camera; 0 is orthographic."""
    cut: float = 0.0
    """Heights above the feet at which the picture ends: 0 shows all, 0.4 a thigh crop, 0.7 a bust."""
    fill: float = FILL
    offset: tuple[float, float] = (0.0, 0.0)
    """Of the box's centre from the square's, in crop units."""


@dataclass(frozen=True)
class Sample:
    """One labelled picture, s = side, h = s / 2; see the module's text for frames."""

    picture: UInt8[np.ndarray, "s s 4"]
    behind: UInt8[np.ndarray, "s s 4"]
    """The same character from the other side, mirrored so that the silhouettes coincide."""
    paper: UInt8[np.ndarray, "s s 3"]
    """The drawing on some ground, as scanned or exported; its true matte is picture's alpha."""
    lines: UInt8[np.ndarray, "s s"]
    parts: Int8[np.ndarray, "s s"]
    """PARTS index, -1 outside or unknown."""
    parts_back: Int8[np.ndarray, "h h"]
    normals: Int8[np.ndarray, "s s 3"]
    """Times 127, in the view's frame; 0 outside."""
    normals_back: Int8[np.ndarray, "h h 3"]
    """Of the hindmost surface, in the same frame."""
    depth: Float16[np.ndarray, "2 h h"]
    """z of the front and the hindmost surface, -9 outside."""
    occupancy: UInt8[np.ndarray, "h h 10"]
    """np.packbits of h x h x 80 cells."""
    canonical: Int8[np.ndarray, "h h 3"]
    joints: Float32[np.ndarray, "17 4"]
    """x and y in pixels of the square, z in crop units, 1 where the joint is known and inside."""
    azimuth: np.float32
    family: str
    identity: str
    name: str
    seed: int


@dataclass(frozen=True)
class Prepared:
    """A subject with what no pose changes: which corners share a place, and its canonical coordinates."""

    subject: Subject
    same: np.ndarray
    """Index of the place of every vertex."""
    canonical: Float32[np.ndarray, "v 3"]
    """In [-1, 1]."""
    texels: UInt8[np.ndarray, "t 3"]
    """All textures' colours one after the other; the last one is white, for faces without a texture."""
    sheets: Int64[np.ndarray, "k 3"]
    """First texel, width and height of each texture."""


def prepare(subject: Subject) -> Prepared:
    spread = posed(subject, a_pose())
    low, high = spread.soup.bounds
    middle = (spread.joints[0] * np.array([1, 0, 1])).astype(np.float32)
    unit = (spread.soup.vertices - np.array([0, low[1], 0], np.float32) - middle) / max(
        float(high[1] - low[1]), 1e-6
    )
    canonical = unit / CANONICAL_REACH - np.array([0, 1, 0], np.float32)
    textures = [*subject.soup.textures, np.full((1, 1, 4), 255, np.uint8)]
    starts = np.cumsum([0, *(t.shape[0] * t.shape[1] for t in textures)])
    sheets = np.array([(a, t.shape[1], t.shape[0]) for a, t in zip(starts, textures, strict=False)], np.int64)
    texels = np.concatenate([t[..., :3].reshape(-1, 3) for t in textures])
    return Prepared(
        subject,
        same_place(subject.soup.vertices),
        np.clip(canonical, -1, 1).astype(np.float32),
        texels,
        sheets,
    )


def random_shot(rng: np.random.Generator) -> Shot:
    """Fronts within 30 degrees mostly, sides, backs; a little tilt and perspective; thigh and bust crops."""
    kind = rng.random()
    if kind < 0.60:
        azimuth = float(np.clip(rng.normal(0, 13), -35, 35)) if rng.random() < 0.6 else rng.normal(0, 2.5)
    elif kind < 0.82:
        azimuth = float(rng.choice([90.0, 270.0]) + rng.normal(0, 12 if rng.random() < 0.5 else 2.5))
    else:
        azimuth = float(180 + rng.normal(0, 12 if rng.random() < 0.5 else 2.5))
    return Shot(
        azimuth,
        float(rng.normal(0, 3)),
        float(rng.normal(0, 1.5)),
        float(rng.uniform(2.5, 9.0)) if rng.random() < 0.5 else 0.0,
        float(rng.choice([0.0, rng.uniform(0.25, 0.45), rng.uniform(0.5, 0.68)], p=[0.84, 0.08, 0.08])),
        float(np.clip(rng.normal(FILL, 0.012), 0.88, 0.96)),
        (float(rng.normal(0, 0.006)), float(rng.normal(0, 0.006))),
    )


def take(
    prepared: Prepared, pose: Pose, shot: Shot, style: Style, side: int, rng: np.random.Generator, seed: int
) -> Sample:
    """One sample; `side` a multiple of 4. Raises ValueError when the camera sees nothing."""
    subject = posed(prepared.subject, pose) if pose.limbs or pose.turns else prepared.subject
    points, joints, cut_row = frame(subject, shot, side)
    faces = subject.soup.faces
    vectors = _smooth_normals(points, faces, prepared.same)
    full = SUPERSAMPLE * side
    front = _shown(rasterise(points, faces, SQUARE, full, full), cut_row * SUPERSAMPLE)
    turned = points * np.array([-1, 1, -1], np.float32)
    back = _shown(rasterise(turned, faces, SQUARE, full, full), cut_row * SUPERSAMPLE)
    seen, hidden = _buffers(prepared, front, vectors), _buffers(prepared, back, -vectors * _FLIP)
    drawing, other = draw(seen, style, rng), draw(hidden, style, rng)
    picture = to_bytes(halve(drawing.rgba))
    paper = lay(picture.astype(np.float32) / 255, random_ground(rng, side, style.surface.paper))
    solid = sealed(points, faces, side // 2, subject.closings)
    solid[-(-cut_row // 2) :] = False
    half, quarter = np.s_[1::2, 1::2], np.s_[2::4, 2::4]
    mirrored = [
        np.ascontiguousarray(a[:, ::-1]) for a in (hidden.depth, hidden.normal, _labels(subject, back))
    ]
    behind_z = np.where(mirrored[0] > NOTHING, -mirrored[0], NOTHING)
    canonical = corner_values(front, prepared.canonical[faces])
    return Sample(
        picture=picture,
        behind=to_bytes(halve(other.rgba))[:, ::-1].copy(),
        paper=degrade(paper, rng),
        lines=np.round(255 * _quartered(drawing.lines)).astype(np.uint8),
        parts=_labels(subject, front)[half].copy(),
        parts_back=mirrored[2][quarter].copy(),
        normals=_signed(seen.normal[half]),
        normals_back=_signed(mirrored[1][quarter] * np.array([-1, 1, -1], np.float32)),
        depth=np.stack([seen.depth[quarter], behind_z[quarter]]).astype(np.float16),
        occupancy=np.packbits(solid, axis=-1),
        canonical=_signed(canonical[quarter]),
        joints=joints,
        azimuth=np.float32(shot.azimuth_deg % 360),
        family=subject.family,
        identity=subject.identity,
        name=subject.name,
        seed=seed,
    )


_FLIP = np.array([1, -1, 1], np.float32)


def frame(subject: Subject, shot: Shot, side: int) -> tuple[np.ndarray, np.ndarray, int]:
    """Vertices in crop units, joints as a sample holds them, and the first row the paper does not show."""
    axes = Camera.orthographic(shot.azimuth_deg, 1.0, shot.elevation_deg).axes
    tilt = np.radians(shot.tilt_deg)
    roll = np.array([[np.cos(tilt), -np.sin(tilt), 0], [np.sin(tilt), np.cos(tilt), 0], [0, 0, 1]])
    turn = (roll @ np.stack([axes[0], axes[1], -axes[2]])).astype(np.float32)
    spine = (subject.joints[JOINTS.index("hips")] + subject.joints[JOINTS.index("neck")]) / 2
    points, joints = (subject.soup.vertices - spine) @ turn.T, (subject.joints - spine) @ turn.T
    if shot.distance > 0:
        points, joints = (
            p * np.array([[1, 1, 0]]) * (shot.distance / np.maximum(shot.distance - p[:, 2:], 0.5))
            + p * np.array([[0, 0, 1]])
            for p in (points, joints)
        )
    used = points[_corners_used(subject.soup.faces, len(points))]
    if shot.cut > 0:
        floor = used[:, 1].min() + shot.cut * np.ptp(used[:, 1])
        used = used[used[:, 1] > floor]
    low, high = used[:, :2].min(0), used[:, :2].max(0)
    if shot.cut > 0:
        low[1] = floor
    extent = float((high - low).max())
    if not np.isfinite(extent) or extent <= 0:
        raise ValueError(f"{subject.name}: the camera sees nothing of it")
    scale = shot.fill / extent
    centre = np.array([*(low + high) / 2, 0.0])
    shift = np.array([*shot.offset, 0.0])
    points, joints = (((p - centre) * scale + shift).astype(np.float32) for p in (points, joints))
    cut_row = side
    if shot.cut > 0:
        cut_row = int(np.clip(np.round((0.5 - ((low[1] - centre[1]) * scale + shift[1])) * side), 8, side))
    pixels = np.stack([(joints[:, 0] + 0.5) * side, (0.5 - joints[:, 1]) * side], 1)
    inside = ((pixels >= 0) & (pixels < [side, cut_row])).all(1) & subject.known
    return points, np.column_stack([pixels, joints[:, 2], inside]).astype(np.float32), cut_row


def _corners_used(faces: np.ndarray, count: int) -> Bool[np.ndarray, "v"]:
    """Which vertices a face has; by flags, as sorting the indices takes a twentieth of a picture's time."""
    used = np.zeros(count, bool)
    used[faces] = True
    return used


def _shown(hits: Hits, cut_row: int) -> Hits:
    """Nothing below the row where the paper ends."""
    hits.triangle[cut_row:] = -1
    if not (hits.triangle >= 0).any():
        raise ValueError("the camera sees nothing of the character")
    return hits


def _smooth_normals(points: np.ndarray, faces: np.ndarray, same: np.ndarray) -> Float32[np.ndarray, "v 3"]:
    """Area-weighted normals over vertices at the same place."""
    vectors = area_vectors(Mesh(points, faces))
    index = same[faces].ravel()
    count = int(same.max()) + 1
    total = np.stack([np.bincount(index, np.repeat(vectors[:, k], 3), count) for k in range(3)], 1)
    total /= np.maximum(np.linalg.norm(total, axis=1, keepdims=True), 1e-12)
    return total[same].astype(np.float32)


def _buffers(prepared: Prepared, hits: Hits, vectors: np.ndarray) -> Buffers:
    """G-buffers of the view in its own frame; normals turned towards the viewer."""
    soup, mask = prepared.subject.soup, hits.triangle >= 0
    face, weight = hits.triangle[mask], hits.barycentric[mask]
    albedo, normal = np.zeros((*mask.shape, 3), np.float32), np.zeros((*mask.shape, 3), np.float32)
    albedo[mask] = _painted(
        face, weight, soup.uv, soup.texture, soup.colours, prepared.texels, prepared.sheets
    )
    normal[mask] = _facing(face, weight, soup.faces, vectors)
    part = _labels(prepared.subject, hits)
    depth = np.where(mask, -hits.depth, NOTHING).astype(np.float32)
    return Buffers(albedo, normal, depth, part, mask)


@njit(cache=True)
@no_type_check
def _painted(face, weight, uv, texture, colours, texels, sheets):
    """sRGB 0..1 of points on faces: bilinear repeating texture times corner colours."""
    out = np.empty((len(face), 3), np.float32)
    for i in range(len(face)):
        f = face[i]
        first, width, height = sheets[texture[f]]  # -1 is the last, white
        u = v = 0.0
        for k in range(3):
            u += weight[i, k] * uv[f, k, 0]
            v += weight[i, k] * uv[f, k, 1]
        x, y = (u - np.floor(u)) * width - 0.5, (v - np.floor(v)) * height - 0.5
        x0, y0 = int(np.floor(x)), int(np.floor(y))
        fx, fy = x - x0, y - y0
        row0, row1 = first + (y0 % height) * width, first + ((y0 + 1) % height) * width
        c0, c1 = x0 % width, (x0 + 1) % width
        for c in range(3):
            tint = 0.0
            for k in range(3):
                tint += weight[i, k] * colours[f, k, c]
            above = texels[row0 + c0, c] * (1 - fx) + texels[row0 + c1, c] * fx
            below = texels[row1 + c0, c] * (1 - fx) + texels[row1 + c1, c] * fx
            out[i, c] = (above * (1 - fy) + below * fy) * tint / 65025.0
    return out


@njit(cache=True)
@no_type_check
def _facing(face, weight, faces, vectors):
    """Unit normals of points on faces, turned to +z."""
    out = np.empty((len(face), 3), np.float32)
    for i in range(len(face)):
        x = y = z = 0.0
        for k in range(3):
            v = faces[face[i], k]
            x += weight[i, k] * vectors[v, 0]
            y += weight[i, k] * vectors[v, 1]
            z += weight[i, k] * vectors[v, 2]
        size = max(np.sqrt(x * x + y * y + z * z), 1e-6)
        if z < 0:
            size = -size
        out[i, 0], out[i, 1], out[i, 2] = x / size, y / size, z / size
    return out


def _labels(subject: Subject, hits: Hits) -> Int8[np.ndarray, "n n"]:
    part = np.full(hits.triangle.shape, -1, np.int8)
    mask = hits.triangle >= 0
    part[mask] = subject.labels[hits.triangle[mask]]
    return part


def _quartered(values: np.ndarray) -> np.ndarray:
    """Mean of 2 x 2 pixels."""
    rows = values[::2] + values[1::2]
    return (rows[:, ::2] + rows[:, 1::2]) / 4


def _signed(values: np.ndarray) -> np.ndarray:
    return np.round(np.clip(values, -1, 1) * 127).astype(np.int8)


__all__ = ["Prepared", "Sample", "Shot", "frame", "prepare", "random_shot", "take"]
