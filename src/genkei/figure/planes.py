"""Flat cuts through one limb only: a plane, and of what lies beyond it the piece that is meant."""

import numpy as np
from jaxtyping import Bool, Float

from genkei.figure.cells import Cells, connected, voxelise
from genkei.figure.cutters import cutter
from genkei.figure.divide import Divided, Piece, divide
from genkei.figure.sockets import Limb, plane_cells, plane_section
from genkei.figure.union import from_solid


def cells_of(piece: Piece, step: float) -> Cells:
    """The cells of a part in the making."""
    return voxelise(from_solid(piece.solid).mesh, step)


def distance_to_section(cells: Cells, point: Float[np.ndarray, "3"], normal: Float[np.ndarray, "3"]) -> float:
    """From the point to where its plane meets the solid, mm; inf where it does not."""
    reach = float(np.linalg.norm(np.array(cells.inside.shape))) * cells.step / 2
    box = cells.origin + cells.step * (np.array(cells.inside.shape) - 1) / 2
    if np.abs((box - point) @ normal) > reach or np.linalg.norm(box - point) > 2 * reach:
        return np.inf
    places, inside = plane_cells(cells, point, normal, 1.5 * reach)
    if not inside.any():
        return np.inf
    return float(np.linalg.norm(places[inside] - point, axis=1).min())


def flat_cut(
    piece: Piece,
    name: str,
    cells: Cells,
    point: Float[np.ndarray, "3"],
    normal: Float[np.ndarray, "3"],
    wall_mm: float,
) -> Divided | str:
    """What lies beyond the plane at the point, with what only hangs on it; a sentence if it can't be."""
    middle, _, radius = plane_section(cells, point, normal, 2 * max(cells.inside.shape) * cells.step)
    beyond = _beyond(cells, middle, normal)
    if not beyond.any():
        return f"{name}: the cut would leave a sliver thinner than {cells.step:.2f} mm: not made"
    label = np.where(cells.inside, beyond.astype(np.int16), np.int16(-1))
    label[_loose(label == 0)] = 1
    if not (label == 0).any():
        return f"{name}: the cut would leave nothing on its other side: not made"
    plane = Limb(name, piece.name, middle, normal, radius)
    return divide(piece, name, cutter(cells, label, 1, plane, (0,), square=False), wall_mm, 0.0)


def _beyond(
    cells: Cells, middle: Float[np.ndarray, "3"], normal: Float[np.ndarray, "3"]
) -> Bool[np.ndarray, "nx ny nz"]:
    """Cells over the plane that are connected there with the section round its middle."""
    i, j, k = (cells.origin[n] + cells.step * np.arange(cells.inside.shape[n]) - middle[n] for n in range(3))
    over = i[:, None, None] * normal[0] + j[:, None] * normal[1] + k * normal[2]
    pieces, count = connected(cells.inside & (over > 0))
    if not count:
        return pieces > 0
    near = np.argwhere((pieces > 0) & (over < 1.5 * cells.step))
    if not len(near):
        return np.zeros(cells.inside.shape, bool)
    away = np.linalg.norm(cells.centres(near) - middle, axis=1)
    return pieces == pieces[tuple(near[away.argmin()])]


def _loose(rest: Bool[np.ndarray, "nx ny nz"]) -> Bool[np.ndarray, "nx ny nz"]:
    """All pieces but the largest."""
    pieces, _ = connected(rest)
    size = np.bincount(pieces.ravel())
    size[0] = 0
    return (pieces > 0) & (pieces != size.argmax())
