"""The order in which the parts of a kit go together, found by taking the whole figure apart."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from genkei.figure.sweep import Way, limb_axis, way_out
from genkei.geometry.rays import Surfaces
from genkei.types import Interface, Part

NOTHING: Mapping[str, np.ndarray] = {}


@dataclass(frozen=True)
class Step:
    """One part is put on those that stand before it."""

    part: Part
    way: Way
    """The way it comes off again; straight up for a part that is put on nothing."""
    interfaces: tuple[Interface, ...]
    """What it shares with parts that stand before it, the largest first; it is the plugged one in all."""


def assembly(
    parts: Sequence[Part],
    interfaces: Sequence[Interface],
    hints: Mapping[str, Float[np.ndarray, "3"]] = NOTHING,
    strict: bool = False,
    surfaces: Surfaces | None = None,
) -> tuple[Step, ...]:
    """Every part with the way it leaves those before it.

    Parts are taken off one by one: whichever comes off freely goes first, and taking one off never blocks
    another, so the greedy order finds a free one whenever there is one (for straight, single pushes). When
    none is free, the one that is held least is taken, and its way says so. A part stays as long as another
    one hangs on it by its largest surface; at smaller touches either of the two may be the plugged one,
    unless `strict`: then every carrier stands before what it carries.
    `hints` are ways out to try first for parts of that name; `surfaces` keeps those of the parts for later.
    ValueError when interfaces name unknown parts or parts carry each other in a circle.
    """
    _refuse(parts, interfaces)
    left, steps = list(parts), []
    surfaces = Surfaces() if surfaces is None else surfaces
    while left:
        names = {part.name for part in left}
        faces = [face for face in interfaces if {face.carrier, face.plugged} <= names]
        held = {part.name: main_carrier(part.name, faces) for part in left}
        busy = {face.carrier for face in faces} if strict else set(held.values())
        loose = [part for part in reversed(left) if part.name not in busy]
        if not loose:
            raise ValueError(f"the parts {', '.join(p.name for p in left)} carry each other in a circle")
        loose.sort(key=lambda part: held[part.name] == "")  # what hangs on nothing is the ground: last
        step = _next(loose, left, faces, hints, surfaces)
        steps.append(step)
        left = [part for part in left if part.name != step.part.name]
    return tuple(reversed(steps))


def main_carrier(name: str, interfaces: Sequence[Interface]) -> str:
    """What a part hangs on: the carrier it shares most surface with; "" when it is plugged onto nothing."""
    area: dict[str, float] = {}
    for face in interfaces:
        if face.plugged == name:
            area[face.carrier] = area.get(face.carrier, 0.0) + face.area_mm2
    return max(area, key=lambda carrier: area[carrier]) if area else ""


def touching(name: str, interfaces: Sequence[Interface]) -> tuple[Interface, ...]:
    """Everything a part shares, turned so that it is the plugged one; the largest first."""
    own = [face for face in interfaces if face.plugged == name]
    for face in interfaces:
        if face.carrier == name:
            own.append(Interface(face.plugged, name, np.ascontiguousarray(face.triangles[:, ::-1])))
    return tuple(sorted(own, key=lambda face: -face.area_mm2))


def _refuse(parts: Sequence[Part], interfaces: Sequence[Interface]) -> None:
    named = {part.name for part in parts}
    if len(named) != len(parts):
        raise ValueError("two parts of the kit have the same name: every part needs its own")
    for face in interfaces:
        if {face.carrier, face.plugged} - named or face.carrier == face.plugged:
            raise ValueError(
                f"a shared surface joins {face.plugged!r} to {face.carrier!r}, "
                f"but the parts are {', '.join(part.name for part in parts)}"
            )


def _next(
    loose: Sequence[Part],
    left: Sequence[Part],
    interfaces: Sequence[Interface],
    hints: Mapping[str, Float[np.ndarray, "3"]],
    surfaces: Surfaces,
) -> Step:
    """The first of the loose parts that comes off, else the one that is held least."""
    tried: list[Step] = []
    for part in loose:
        own = touching(part.name, interfaces)
        if not own:
            tried.append(Step(part, Way(np.array([0.0, 0.0, 1.0]), 90.0, 0.0), ()))
            return tried[-1]
        shared = np.concatenate([face.triangles for face in own])
        carriers = [other.mesh for other in left if other.name in {face.carrier for face in own}]
        more = [hints[part.name]] if part.name in hints else []
        more.append(limb_axis(part.mesh, carriers, shared))
        others = [surfaces.of(other.mesh) for other in left if other.name != part.name]
        tried.append(Step(part, way_out(part.mesh, others, shared, np.stack(more)), own))
        if tried[-1].way.free:
            return tried[-1]
    return min(tried, key=lambda step: step.way.held_share)
