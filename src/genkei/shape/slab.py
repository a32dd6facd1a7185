"""The slab fit: a distance field moved until it shows what the views show.

Views of a turntable are rotations about the upright axis, so that every view is a two-dimensional resampling
of the field's rows, after which rays are grid lines (genkei.shape.slab_kernels). Lengths are cells.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float, Float32, Int32

from genkei.shape.relief import Relief
from genkei.types import Camera, View


@dataclass(frozen=True)
class Frame:
    """Where a field [y, x, z] stands in character space; 0 on x and z is a whole number of cells away."""

    shape: tuple[int, int, int]
    x0: float
    y0: float
    z0: float
    step: float


@dataclass(frozen=True)
class Sight:
    """What one view says, on a lattice [y, u, k] of its own: u to the right, k away from the viewer."""

    place: Int32[np.ndarray, "u k 4"]
    """Flat (x, z) cells of the field round every sample of a row."""
    share: Float32[np.ndarray, "u k 4"]
    """Their weights."""
    mask: Float32[np.ndarray, "y u"]
    weight: Float32[np.ndarray, "y u"]
    """How much the mask counts."""
    cost: Float32[np.ndarray, "y u k"]
    """Price of a surface between samples k and k + 1."""
    priced: Float32[np.ndarray, "y u"]
    """How much the ray's prices count; 0: none."""
    normals: Float32[np.ndarray, "y u 3"]
    """Unit, to the right, up, towards the viewer."""
    sure: Float32[np.ndarray, "y u"]
    """How much a ray's normal counts."""
    quarter: int = -1
    """Quarter turns of a view along an axis; -1 for any other."""


@dataclass(frozen=True)
class Pull:
    """How much every term of the fit counts, and how far it goes."""

    rounds: int = 20
    rate: float = 0.06
    """Cells that a cell's value may change in a round."""
    eikonal: float = 0.05
    bend: float = 0.02
    """Against ripples: squared Laplacian."""
    keep: float = 0.02
    """Towards the start, where no view contradicts."""
    spread: float = 1.5
    """Cells over which what a view wants is spread: an outline moves the surface around it, not a ridge."""
    sharp: tuple[float, float] = (1.0, 2.5)
    """Sharpness per cell in the first and last round."""


def sight(view: View, frame: Frame) -> Sight:
    """A view on the lattice of a frame: its mask with soft edges; no price, no normals."""
    u, k, place, share = _lattice(view.camera.azimuth_deg, frame)
    rows = frame.y0 + frame.step * np.arange(frame.shape[0])
    mask = picture_on(view.rgba[..., 3], view.camera, rows, u, frame.step)
    size = mask.shape
    return Sight(
        place,
        share,
        mask,
        np.ones(size, np.float32),
        np.zeros((*size, len(k)), np.float32),
        np.zeros(size, np.float32),
        np.zeros((*size, 3), np.float32),
        np.zeros(size, np.float32),
        round(view.camera.azimuth_deg / 90) % 4 if view.camera.azimuth_deg % 90 == 0 else -1,
    )


def told(one: Sight, relief: Relief, frame: Frame) -> Sight:
    """The sight with a relief's normals, and its depths as prices: cells off, at most `FARTHEST`."""
    u, d, _, _ = _lattice(relief.camera.azimuth_deg, frame)
    y = frame.y0 + frame.step * np.arange(frame.shape[0])

    def on(channel: np.ndarray) -> np.ndarray:
        return picture_on(channel, relief.camera, y, u, frame.step)

    deep, level = relief.depth.confidence, relief.normals.confidence
    sure = on(deep)
    depth = on(relief.depth.value[..., 0] * deep) / np.maximum(sure, 1e-3)
    middle = d - frame.step / 2
    off = np.minimum(np.abs(middle - depth[..., None]) / frame.step, FARTHEST)
    normals = np.stack([on(relief.normals.value[..., c] * level) for c in range(3)], -1)
    normals /= np.maximum(np.linalg.norm(normals, axis=-1, keepdims=True), 1e-6)
    return replace(
        one,
        cost=(off / FARTHEST).astype(np.float32),
        priced=np.where(sure > 0.9, BY_DEPTH * sure, 0).astype(np.float32),
        normals=normals.astype(np.float32),
        sure=np.where(on(level) > 0.9, BY_NORMAL * on(level), 0).astype(np.float32),
    )


FARTHEST = 6.0
"""Cells: a surface farther from a told depth than this costs no more."""
BY_DEPTH, BY_NORMAL = 1.0, 0.3
"""Against the masks' 1."""


def _lattice(azimuth_deg: float, frame: Frame) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Places to the right, places towards the viewer (falling), cells and weights of every sample."""
    angle = np.radians(azimuth_deg)
    sine, cosine = (round(float(v), 9) for v in (np.sin(angle), np.cos(angle)))
    _, nx, nz = frame.shape
    x = frame.x0 + frame.step * np.array([0, nx - 1])
    z = frame.z0 + frame.step * np.array([0, nz - 1])
    cx, cz = (c.ravel() for c in np.meshgrid(x, z))
    u = _steps(cx * cosine - cz * sine, frame.step)
    d = _steps(cx * sine + cz * cosine, frame.step)[::-1]
    i = (u[:, None] * cosine + d * sine - frame.x0) / frame.step
    j = (d * cosine - u[:, None] * sine - frame.z0) / frame.step
    i, j = np.clip(np.round(i, 4), 0, nx - 1), np.clip(np.round(j, 4), 0, nz - 1)
    i0, j0 = np.minimum(i.astype(int), nx - 2), np.minimum(j.astype(int), nz - 2)
    a, b = i - i0, j - j0
    place = np.stack([i0 * nz + j0, i0 * nz + j0 + 1, (i0 + 1) * nz + j0, (i0 + 1) * nz + j0 + 1], -1)
    share = np.stack([(1 - a) * (1 - b), (1 - a) * b, a * (1 - b), a * b], -1)
    return u, d, place.astype(np.int32), share.astype(np.float32)


def _steps(values: np.ndarray, step: float) -> np.ndarray:
    """Whole multiples of the step over the values' range."""
    low, high = np.floor(values.min() / step + 1e-4), np.ceil(values.max() / step - 1e-4)
    return step * np.arange(int(low), int(high) + 1)


def picture_on(
    channel: Float32[np.ndarray, "h w"], camera: Camera, y: np.ndarray, u: np.ndarray, step: float
) -> Float32[np.ndarray, "y u"]:
    """A channel of a picture at heights `y` and places `u` right of the axis: means over cells, 0 beyond."""
    from scipy.ndimage import map_coordinates, uniform_filter

    size = channel.shape[0]
    px = camera.span / size
    calm = uniform_filter(channel, max(1, round(step / px)), mode="constant")
    rows, columns = size / 2 - 0.5 - (y - 0.5) / px, u / px + size / 2 - 0.5
    at = np.meshgrid(rows, columns, indexing="ij")
    return map_coordinates(calm, at, order=1, mode="constant").astype(np.float32)


def fitted(
    start: Float32[np.ndarray, "y x z"],
    sights: Sequence[Sight],
    keep: Float32[np.ndarray, "y x z"],
    pull: Pull,
) -> Float32[np.ndarray, "y x z"]:
    """The start (in cells, negative inside) after `pull.rounds` steps of Adam on all views and terms."""
    from genkei.shape.slab_kernels import adam

    field, first, second = start.copy(), np.zeros_like(start), np.zeros_like(start)
    for turn in range(1, pull.rounds + 1):
        done = (turn - 1) / max(pull.rounds - 1, 1)
        sharp = pull.sharp[0] + (pull.sharp[1] - pull.sharp[0]) * done
        _, slope = loss(field, start, sights, keep, pull, sharp)
        adam(field, slope, first, second, pull.rate, turn)
    return field


def loss(
    field: Float[np.ndarray, "y x z"],
    start: Float[np.ndarray, "y x z"],
    sights: Sequence[Sight],
    keep: Float32[np.ndarray, "y x z"],
    pull: Pull,
    sharp: float,
) -> tuple[float, Float[np.ndarray, "y x z"]]:
    """Everything that is minimised, and its derivative by the field, the views' part of it spread out."""
    from genkei.shape.slab_kernels import regular, scatter

    slope = np.zeros_like(field)
    total = 0.0
    for one in sights:
        own = turned(slope, one)
        back = np.zeros((len(field), *one.place.shape[:2]), field.dtype) if own is None else own
        total += marched(seen_as(field, one), one, sharp, back)[0]
        if own is None:
            scatter(back, one.place, one.share, slope)
    slope = spread_out(slope, pull.spread)
    total += regular(field, start, BAND, pull.eikonal, pull.bend, keep, slope)
    return float(total), slope


def spread_out(slope: Float[np.ndarray, "y x z"], cells: float) -> Float[np.ndarray, "y x z"]:
    """A slope that lies along a line, such as an outline's rim, blurred (Sobolev gradient).

    Descent along it moves what is around the rim with it.
    """
    from scipy.ndimage import gaussian_filter

    if cells <= 0:
        return slope
    return gaussian_filter(slope, cells, truncate=2.0) * slope.dtype.type(2 * np.pi * cells**2)


def halved(field: Float32[np.ndarray, "y x z"], frame: Frame) -> tuple[Frame, Float32[np.ndarray, "b u w"]]:
    """A frame of cells twice as wide whose x = 0 and z = 0 are cells again, and the field on it."""
    x, z = round(frame.x0 / frame.step) % 2, round(frame.z0 / frame.step) % 2
    coarse = np.ascontiguousarray(field[::2, x::2, z::2]) / np.float32(2)
    x0, z0 = frame.x0 + x * frame.step, frame.z0 + z * frame.step
    rows, nx, nz = coarse.shape
    return Frame((rows, nx, nz), x0, frame.y0, z0, 2 * frame.step), coarse


def doubled(moved: Float32[np.ndarray, "b u w"], coarse: Frame, frame: Frame) -> Float32[np.ndarray, "y x z"]:
    """A change of a halved field on the finer frame, in its cells, linear between."""
    from scipy.ndimage import map_coordinates

    first = 0.0, (frame.x0 - coarse.x0) / coarse.step, (frame.z0 - coarse.z0) / coarse.step
    at = [low + 0.5 * np.arange(count) for low, count in zip(first, frame.shape, strict=True)]
    places = np.stack(np.meshgrid(*at, indexing="ij"))
    return 2 * map_coordinates(moved, places, order=1, mode="nearest").astype(np.float32)


def rendered(field: Float[np.ndarray, "y x z"], one: Sight, sharp: float = 2.0) -> Float[np.ndarray, "y u"]:
    """The soft mask that a view sees of the field."""
    slab = seen_as(field, one)
    return marched(slab, one, sharp, np.zeros_like(slab))[1]


def marched(
    slab: Float[np.ndarray, "y u k"], one: Sight, sharp: float, slope: Float[np.ndarray, "y u k"]
) -> tuple[float, Float[np.ndarray, "y u"]]:
    """The view's loss and soft mask; the loss' derivative by the slab is added to `slope`."""
    from genkei.shape.slab_kernels import march

    said = one.mask, one.weight, one.cost, one.priced, one.normals, one.sure
    return march(slab, sharp, said, slope)


def seen_as(field: Float[np.ndarray, "y x z"], one: Sight) -> Float[np.ndarray, "y u k"]:
    """The field on the view's lattice: a view of the same numbers at quarter turns, resampled else."""
    from genkei.shape.slab_kernels import gather

    own = turned(field, one)
    if own is None:
        own = np.empty((len(field), *one.place.shape[:2]), field.dtype)
        gather(field, one.place, one.share, own)
    return own


def turned(field: Float[np.ndarray, "y x z"], one: Sight) -> Float[np.ndarray, "y u k"] | None:
    """The same memory as [y, u, k] when the view looks along an axis, else None."""
    quarters = {
        0: lambda: field[:, :, ::-1],
        1: lambda: field.transpose(0, 2, 1)[:, ::-1, ::-1],
        2: lambda: field[:, ::-1, :],
        3: lambda: field.transpose(0, 2, 1),
    }
    return quarters[one.quarter]() if one.quarter in quarters else None


BAND = 3.0
"""Cells from the surface within which the field is held to be a distance without ripples."""
