"""How a mould stands while it is poured: the gate, and a vent at every top where air would stay."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float

from genkei.figure.parting import Parting
from genkei.figure.walls import thickness_at
from genkei.geometry.mesh import vertex_normals
from genkei.geometry.rays import Surface
from genkei.types import Mesh

if TYPE_CHECKING:
    from manifold3d import Manifold

MOST_VENTS = 12
SINK_MM = 1.0
"""Channels start this far inside the part, so that they meet it in more than a point."""
OPEN_WIDTHS = 2.0
"""A channel up to this many widths off the parting surface is a slot that opens with the mould; one farther
off is a thin rod that breaks off inside the silicone and is pulled out."""
OPEN_MM = 1.0
"""A slot reaches this far past the parting surface."""
CUP_MM = 8.0
"""Depth of the funnel at the gate's mouth."""
SIDES = 16


@dataclass(frozen=True)
class Channel:
    """A straight way from the part to the outside or to the next hollow above; the pull's frame."""

    start: Float[np.ndarray, "3"]
    length_mm: float
    width_mm: float
    is_gate: bool


@dataclass(frozen=True)
class Pour:
    """The position while pouring: `up` lies along one side of the block."""

    up: Float[np.ndarray, "3"]
    """In the pull's frame: plus or minus x or y."""
    channels: tuple[Channel, ...]
    """The gate first."""
    unvented: int
    """Tops beyond the most vents: tilt and tap the mould while it fills."""


@dataclass(frozen=True)
class Widths:
    """Of the channels; a pocket of air lower than `pocket_mm` is brushed full of resin before closing."""

    gate_mm: float
    vent_mm: float
    pocket_mm: float


def plan_pour(mesh: Mesh, surface: Surface, parting: Parting, widths: Widths) -> Pour:
    """Of the four sides that may be up, the one with the fewest pockets; the gate where the part is thick."""
    plans = [
        _plan(mesh, surface, parting, widths, np.array(up, np.float64))
        for up in ((0, 1, 0), (0, -1, 0), (1, 0, 0), (-1, 0, 0))
    ]
    return min(plans, key=lambda plan: len(plan.channels) + plan.unvented)


def _plan(mesh: Mesh, surface: Surface, parting: Parting, widths: Widths, up: np.ndarray) -> Pour:
    from genkei.figure.pockets import tops

    ahead = (up @ parting.frame).astype(np.float64)
    found = tops(mesh, ahead, widths.pocket_mm).vertex
    points = mesh.vertices[found].astype(np.float64)
    apart: list[int] = []
    for k in range(len(found)):
        near = np.linalg.norm(points[apart] - points[k], axis=1) if apart else np.array([np.inf])
        if near.min() > 2 * widths.vent_mm:
            apart.append(k)
    points, normals = points[apart], vertex_normals(mesh)[found[apart]]
    thick = np.minimum(thickness_at(mesh, points.astype(np.float32), normals), 99.0)
    gate = int(np.argmax(np.round(np.minimum(thick, 2 * widths.gate_mm), 1)))
    order = [gate, *(k for k in range(len(points)) if k != gate)]
    chosen = order[: MOST_VENTS + 1]
    _, clear = surface.first_hit(points[chosen] + 0.05 * ahead, np.broadcast_to(ahead, (len(chosen), 3)))
    channels = []
    for k, gap in zip(chosen, clear, strict=True):
        sink = min(SINK_MM, float(thick[k]) / 2)
        start = parting.frame @ points[k] - sink * up
        room = float(np.abs(np.where(up > 0, _ends(parting)[1], _ends(parting)[0]) - start) @ np.abs(up))
        length = float(gap) + 0.05 + 2 * sink if np.isfinite(gap) else room
        width = widths.gate_mm if k == gate else widths.vent_mm
        channels.append(Channel(start, length, width, k == gate))
    return Pour(up, tuple(channels), len(order) - len(chosen))


def _ends(parting: Parting) -> tuple[np.ndarray, np.ndarray]:
    """Least and most corner of the block in the pull's frame."""
    low = np.append(parting.corner, parting.low)
    return low, low + np.array(parting.size_mm)


def is_open(channel: Channel, parting: Parting, up: np.ndarray) -> bool:
    """Whether it comes out with the pull: its centre runs near the parting surface."""
    off = _heights(channel, parting, up) - channel.start[2]
    return float(np.abs(off).max()) <= OPEN_WIDTHS * channel.width_mm


def _heights(channel: Channel, parting: Parting, up: np.ndarray) -> np.ndarray:
    """The parting surface along the channel."""
    way = np.arange(0, channel.length_mm + parting.step, parting.step)[:, None]
    return parting.at((channel.start + way * up)[:, :2])


def channel_rooms(channel: Channel, parting: Parting, up: np.ndarray) -> "Rooms":
    """What a channel takes out of each half: a round rod, open to the parting surface where it is near.

    A half may be cut past the surface too, where the other half is: no two faces fall together.
    """
    import manifold3d

    radius, length = channel.width_mm / 2, channel.length_mm
    rod = _along(_rod(length, radius, radius), up).translate(channel.start)
    lower, upper = [rod], [rod]
    heights = _heights(channel, parting, up) - channel.start[2]
    if not is_open(channel, parting, up):
        return Rooms(lower, upper)
    if heights.min() > radius / 2:
        upper = []
    elif heights.max() < -radius / 2:
        lower = []
    for rooms, reach in ((lower, float(heights.max())), (upper, -float(heights.min()))):
        if rooms and reach > 0.01:
            side = 1.0 if rooms is lower else -1.0
            slot = manifold3d.Manifold.cube((reach + OPEN_MM, channel.width_mm, length), True)
            slot = _along(slot.translate((side * (reach + OPEN_MM) / 2, 0, length / 2)), up)
            rooms.append(slot.translate(channel.start))
    if channel.is_gate:
        depth = min(CUP_MM, length)
        mouth = channel.start + (length - depth) * up
        mouth[2] = float(parting.at((channel.start + length * up)[None, :2])[0])
        cup = _along(_rod(depth, radius, 2 * radius), up).translate(mouth)
        lower.append(cup)
        upper.append(cup)
    return Rooms(lower, upper)


@dataclass(frozen=True)
class Rooms:
    """Solids to take out of the two halves; the pull's frame."""

    lower: "list[Manifold]"
    upper: "list[Manifold]"


def _rod(length: float, radius: float, end: float) -> "Manifold":
    """Along z from 0; no edge of its sides lies level with its axis, where the parting surface may be."""
    import manifold3d

    return manifold3d.Manifold.cylinder(length, radius, end, SIDES).rotate((0, 0, 180 / SIDES))


def _along(solid: "Manifold", up: np.ndarray) -> "Manifold":
    """Turned so that its z runs along `up` and its x along the pull."""
    across = np.cross(up, np.array([0, 0, 1.0]))
    rotation = np.stack([np.array([0, 0, 1.0]), -across, up], 1)
    return solid.transform(np.concatenate([rotation, np.zeros((3, 1))], 1))


__all__ = ["Channel", "Pour", "Rooms", "Widths", "channel_rooms", "is_open", "plan_pour"]
