"""Smooth displacements that bring one outline onto another: turn, scale, shift and a low-frequency bend.

Drawings of one character are not consistent in 3-D; slack of a few per cent, smooth over the figure, makes
them so (Toon3D, Weber et al. 2024, bend pictures by meshes for the same reason). Here a coarse lattice of
displacements is fitted to signed distances by Gauss-Newton with robust weights, so that an arm that only one
picture has drags nothing along.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float

from genkei.types import View

GRID = 192
"""Side of the square on which outlines are compared."""
KNOTS = (8, 6)
"""Rows and columns of the lattice: more follows details that a hand drew on purpose."""
NEAR = 0.04
"""Heights from an outline beyond which distances count no more."""
ROBUST = 0.01
"""Heights of disagreement at which a pixel's say is halved."""
STIFF = 0.003
"""Weight of the bend's curvature against the outlines: more leaves limbs where they are drawn."""
FARTHEST = 0.05
"""Heights that no knot moves farther."""
ROUNDS = 12


@dataclass(frozen=True)
class Bend:
    """`picture(p + move(p))` is what is wanted; [2, GRID, GRID] heights, x right and y down."""

    move: Float[np.ndarray, "2 g g"]

    @staticmethod
    def none() -> "Bend":
        return Bend(np.zeros((2, GRID, GRID)))

    @property
    def mirrored(self) -> "Bend":
        """The same for the pictures' mirror images."""
        return Bend(self.move[:, :, ::-1] * np.array([-1.0, 1.0])[:, None, None])

    @property
    def largest(self) -> float:
        """Farthest that a point of the picture is moved, heights."""
        return float(np.hypot(*self.move).max())

    def part(self, share: float) -> "Bend":
        return Bend(share * self.move)

    def after(self, earlier: "Bend", span: float) -> "Bend":
        """Both as one: the picture moved by `earlier` first, then by this."""
        where = _sampling(self.move, span)
        return Bend(self.move + np.stack([_sampled(plane, where) for plane in earlier.move]))

    def pixels(self, size: int, span: float) -> Float[np.ndarray, "2 s s"]:
        """On the picture's own pixels, in pixels."""
        from scipy.ndimage import map_coordinates

        at = (np.arange(size) + 0.5) / size * GRID - 0.5
        where = np.stack(np.meshgrid(at, at, indexing="ij"))
        return np.stack([map_coordinates(p, where, order=1, mode="nearest") for p in self.move]) * size / span


def affine(scale: float, right: float, down: float, span: float) -> Bend:
    """Shows the picture `scale` times as large about its middle, then moved by heights."""
    u, v = _places(span)
    return Bend(np.stack([(u - right) / scale - u, (v - down) / scale - v]))


def outline_of(view: View) -> Float[np.ndarray, "g g"]:
    """Signed distance to the view's outline on the grid, heights, negative inside, cut at `NEAR`."""
    from scipy.ndimage import distance_transform_edt, map_coordinates

    mask, size = view.mask, view.mask.shape[0]
    px = view.camera.span / size
    inside, outside = np.asarray(distance_transform_edt(mask)), np.asarray(distance_transform_edt(~mask))
    distance = np.where(mask, 0.5 - inside, outside - 0.5) * px
    at = (np.arange(GRID) + 0.5) / GRID * size - 0.5
    where = np.stack(np.meshgrid(at, at, indexing="ij"))
    return np.clip(map_coordinates(distance, where, order=1, mode="nearest"), -NEAR, NEAR)


def moved(outline: Float[np.ndarray, "g g"], bend: Bend, span: float) -> Float[np.ndarray, "g g"]:
    return _sampled(outline, _sampling(bend.move, span))


def overlap(a: Float[np.ndarray, "g g"], b: Float[np.ndarray, "g g"]) -> float:
    """Intersection over union of what two outlines enclose."""
    both, either = (a < 0) & (b < 0), (a < 0) | (b < 0)
    return float(both.sum() / max(int(either.sum()), 1))


def fitted(
    fixed: Float[np.ndarray, "g g"], moving: Float[np.ndarray, "g g"], span: float, bends: bool = True
) -> Bend:
    """The bend that brings `moving` onto `fixed`; without `bends` a turn, a scale and a shift alone."""
    similar = _similarity(span)
    found = _solve(fixed, moving, span, similar, np.zeros((4, 4)), np.zeros(4))
    bend = Bend(np.einsum("k,kcij->cij", found, similar))
    if not bends:
        return bend
    lattice, stiffness = _lattice()
    start = Bend(bend.move)
    carried = moved(moving, start, span)
    found = _solve(fixed, carried, span, lattice, stiffness, np.zeros(len(lattice)))
    return Bend(np.einsum("k,kcij->cij", found, lattice)).after(start, span)


def _solve(
    fixed: np.ndarray,
    moving: np.ndarray,
    span: float,
    basis: np.ndarray,
    stiffness: np.ndarray,
    start: np.ndarray,
) -> Float[np.ndarray, "k"]:
    """Gauss-Newton on robustly weighted differences of distances near either outline."""
    down, right = np.gradient(moving, span / GRID)
    slope = np.stack([right, down])
    found = start
    for _ in range(ROUNDS):
        move = np.einsum("k,kcij->cij", found, basis)
        where = _sampling(move, span)
        there = _sampled(moving, where)
        band = (np.abs(fixed) < NEAR) | (np.abs(there) < NEAR)
        error = (there - fixed)[band]
        weight = 1 / (1 + (error / ROBUST) ** 2) ** 2
        steep = np.stack([_sampled(plane, where) for plane in slope])
        lever = np.einsum("cn,kcn->nk", steep[:, band], basis[:, :, band])
        normal = lever.T @ (lever * weight[:, None]) + stiffness * len(error) + 1e-9 * np.eye(len(found))
        step = np.linalg.solve(normal, lever.T @ (weight * error) + stiffness @ found * len(error))
        found = np.clip(found - step, -FARTHEST, FARTHEST)
        if np.abs(step).max() < 1e-5:
            break
    return found


def _similarity(span: float) -> Float[np.ndarray, "4 2 g g"]:
    """Shift right, shift down, scale and turn about the middle."""
    u, v = _places(span)
    one, none = np.ones_like(u), np.zeros_like(u)
    return np.stack([[one, none], [none, one], [u, v], [-v, u]]).astype(np.float64)


def _lattice() -> tuple[Float[np.ndarray, "k 2 g g"], Float[np.ndarray, "k k"]]:
    """Displacements of single knots, linear between them, and the quadratic form of their curvature."""
    rows, columns = KNOTS
    tents = []
    for count in KNOTS:
        at = (np.arange(GRID) + 0.5) / GRID * (count - 1)
        tents.append(np.clip(1 - np.abs(at[None] - np.arange(count)[:, None]), 0, None))
    flat = np.einsum("ri,cj->rcij", *tents).reshape(rows * columns, GRID, GRID)
    basis = np.zeros((2 * len(flat), 2, GRID, GRID))
    basis[: len(flat), 0], basis[len(flat) :, 1] = flat, flat
    bent = [np.kron(_second(rows), np.eye(columns)), np.kron(np.eye(rows), _second(columns))]
    form = sum(b.T @ b for b in bent) + 0.02 * np.eye(rows * columns)
    return basis, STIFF * np.kron(np.eye(2), form)


def _second(count: int) -> np.ndarray:
    """Second differences along a row of knots."""
    return np.diff(np.eye(count), 2, axis=0)


def _places(span: float) -> tuple[np.ndarray, np.ndarray]:
    """Heights right of and below the picture's middle."""
    at = ((np.arange(GRID) + 0.5) / GRID - 0.5) * span
    v, u = np.meshgrid(at, at, indexing="ij")
    return u, v


def _sampling(move: np.ndarray, span: float) -> np.ndarray:
    """Row and column on the grid of every point once moved."""
    rows, columns = np.indices(move.shape[1:], float)
    return np.stack([rows + move[1] * GRID / span, columns + move[0] * GRID / span])


def _sampled(plane: np.ndarray, where: np.ndarray) -> np.ndarray:
    from scipy.ndimage import map_coordinates

    return map_coordinates(plane, where, order=1, mode="nearest")


def share_of(region: Bool[np.ndarray, "g g"], a: np.ndarray, b: np.ndarray, slack: float) -> float:
    """Share of a region in which one outline is inside and the other more than `slack` heights outside."""
    off = ((a < 0) & (b > slack)) | ((b < 0) & (a > slack))
    return float((off & region).sum() / max(int(region.sum()), 1))
