"""What a character model really fills, and how near a prediction comes to it.

Real character meshes are open sheets, so the truth is the sealed outer solid: voxels touched by the visible
surface, closed by a voxel or more, and everything a flood from outside doesn't reach. Everything stands in
character space (feet y = 0, height 1, x = z = 0 at the centre of the box); predictions are voxelised by the
same code into the truth's own grid. Distances are in grid edges: .01 is 1.06 % of the longest extent.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from jaxtyping import Bool, Float32

from genkei.formats.soup import Soup
from genkei.types import Mesh
from genkei_train.solids import fewest_closings
from genkei_train.soups import RESOLUTION, SAMPLES_PER_VOXEL, visible_bounds, visible_samples

MARGIN = 1.06
"""Grid edge over the longest extent."""
MOST_POINTS = 60_000
TAU = 0.01
"""F-score threshold in grid edges."""
MOST_CLOSINGS = 3
HOLLOW = 0.8
"""Touched voxels over solid voxels: sealed characters have .13 to .53, a leaking one .9, a bare sheet 1."""
FARTHEST_SHIFT = 32
"""Voxels along z tried for the aligned scores: a sixth of the grid."""


@dataclass(frozen=True)
class Frame:
    """A cube of RESOLUTION^3 voxels in character space."""

    origin: Float32[np.ndarray, "3"]
    edge: float
    resolution: int = RESOLUTION

    @staticmethod
    def around(low: np.ndarray, high: np.ndarray, resolution: int = RESOLUTION) -> "Frame":
        """The cube MARGIN times as wide as the longest extent, centred on the box."""
        edge = MARGIN * float((high - low).max())
        return Frame(((low + high) / 2 - edge / 2).astype(np.float32), edge, resolution)


@dataclass(frozen=True)
class Solid:
    """Filled voxels, indices (x, y, z)."""

    inside: Bool[np.ndarray, "n n n"]
    frame: Frame
    closings: int
    hollow: float
    """Touched voxels over solid voxels; near 1 means that the surface does not seal."""

    @property
    def sealed(self) -> bool:
        return self.hollow < HOLLOW


@dataclass(frozen=True)
class Scores:
    """IoU of the solids, Chamfer distance and F-score of their surfaces, in grid edges."""

    iou: float
    cd: float
    f: float
    shift: float = 0.0
    """How far the prediction was moved along +z first, in grid edges."""


def seal_soup(soup: Soup, resolution: int = RESOLUTION) -> Solid:
    """The sealed outer solid of a soup in character space: as few closings as stop its leaks."""
    low, high = visible_bounds(soup)
    frame = Frame.around(low, high, resolution)
    touched = _touched(soup, frame)
    solids = [_fill(touched, frame, closings) for closings in range(1, MOST_CLOSINGS + 1)]
    volumes = [int(solid.inside.sum()) for solid in solids]
    return solids[fewest_closings(volumes)]


def seal_mesh(mesh: Mesh, frame: Frame) -> Solid:
    """A prediction in character space by the same code; what leaves the cube is pressed to its wall."""
    return _fill(_touched(Soup.plain(mesh.vertices, mesh.faces, 0.0, "prediction"), frame), frame, 1)


def _touched(soup: Soup, frame: Frame) -> np.ndarray:
    n = frame.resolution
    touched = np.zeros((n, n, n), bool)
    for points in visible_samples(soup, frame.edge / n / SAMPLES_PER_VOXEL):
        index = np.clip(np.floor((points - frame.origin) / frame.edge * n).astype(np.int64), 0, n - 1)
        touched[index[:, 0], index[:, 1], index[:, 2]] = True
    return touched


def _fill(touched: np.ndarray, frame: Frame, closings: int) -> Solid:
    from scipy.ndimage import binary_closing, label

    pad = closings + 1
    inside = np.zeros_like(touched)
    if touched.any():
        low, high = _box(touched)
        box = tuple(slice(a, b) for a, b in zip(low, high, strict=True))
        sheet = np.pad(touched[box], pad)
        closed = binary_closing(sheet, iterations=closings) | sheet
        pieces, _ = label(~closed)  # faces connect, edges and corners don't
        inside[box] = (pieces != pieces[0, 0, 0])[pad:-pad, pad:-pad, pad:-pad]
    return Solid(inside, frame, closings, float(touched.sum() / max(int(inside.sum()), 1)))


def surface_points(inside: Bool[np.ndarray, "n n n"]) -> Float32[np.ndarray, "m 3"]:
    """Centres, in grid edges, of the voxels an erosion takes away: at most 60,000, drawn with seed 0."""
    from scipy.ndimage import binary_erosion

    low, high = _box(inside)
    part = np.pad(inside[tuple(slice(a, b) for a, b in zip(low, high, strict=True))], 1)
    index = np.argwhere(part & ~binary_erosion(part)) - 1 + low
    if len(index) > MOST_POINTS:
        index = index[np.random.default_rng(0).choice(len(index), MOST_POINTS, replace=False)]
    return ((index + 0.5) / inside.shape[0]).astype(np.float32)


def score(truth: Bool[np.ndarray, "n n n"], found: Bool[np.ndarray, "n n n"]) -> Scores:
    """IoU, half the sum of the mean nearest distances, F at TAU; nothing found scores 0, 1 edge, 0."""
    from scipy.spatial import cKDTree

    if not found.any():
        return Scores(0.0, 1.0, 0.0)
    iou = float((truth & found).sum() / (truth | found).sum())
    a, b = surface_points(truth), surface_points(found)
    to_found = np.asarray(cKDTree(b).query(a)[0])
    to_truth = np.asarray(cKDTree(a).query(b)[0])
    recall, precision = float((to_found < TAU).mean()), float((to_truth < TAU).mean())
    f = 2 * precision * recall / (precision + recall) if precision + recall > 0 else 0.0
    return Scores(iou, float(to_found.mean() + to_truth.mean()) / 2, f)


def score_aligned(truth: Bool[np.ndarray, "n n n"], found: Bool[np.ndarray, "n n n"]) -> Scores:
    """The scores after the whole-voxel shift along z that gives the best IoU: no picture fixes that depth."""
    n = truth.shape[2]
    if not found.any():
        return score(truth, found)
    reach = min(FARTHEST_SHIFT * n // RESOLUTION, n - 1)
    low, high = _box(truth)
    column = (slice(low[0], high[0]), slice(low[1], high[1]))
    wanted, there = truth[column], found[column]
    both = {k: int((wanted & _moved(there, k)).sum()) for k in range(-reach, reach + 1)}
    shift = max(both, key=lambda k: (both[k], -abs(k)))
    return replace(score(truth, _moved(found, shift)), shift=shift / n)


def _box(inside: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """First and one past the last filled index of every axis."""
    filled = [np.flatnonzero(inside.any(axis)) for axis in ((1, 2), (0, 2), (0, 1))]
    return np.array([f[0] for f in filled]), np.array([f[-1] + 1 for f in filled])


def _moved(inside: np.ndarray, voxels: int) -> np.ndarray:
    """Shifted along +z; what leaves the cube is gone."""
    out = np.zeros_like(inside)
    if voxels >= 0:
        out[..., voxels:] = inside[..., : inside.shape[2] - voxels]
    else:
        out[..., :voxels] = inside[..., -voxels:]
    return out


def save(solid: Solid, path: Path) -> None:
    np.savez_compressed(
        path,
        bits=np.packbits(solid.inside),
        origin=solid.frame.origin,
        numbers=np.array([solid.frame.edge, solid.frame.resolution, solid.closings, solid.hollow]),
    )


def load(path: Path) -> Solid:
    with np.load(path) as stored:
        edge, resolution, closings, hollow = stored["numbers"]
        n = int(resolution)
        inside = np.unpackbits(stored["bits"], count=n**3).astype(bool).reshape(n, n, n)
        return Solid(inside, Frame(stored["origin"], float(edge), n), int(closings), float(hollow))
