"""The order in which the parts of a kit go together, found by taking the whole figure apart."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from genkei.figure.columns import joined
from genkei.figure.sweep import Way, limb_axis, way_out
from genkei.figure.walls import Surface
from genkei.types import Interface, Part


@dataclass(frozen=True)
class Step:
    """One part is put on those that stand before it."""

    part: Part
    way: Way
    """The way it comes off again; straight up for a part that is put on nothing."""
    interfaces: tuple[Interface, ...]
    """What it shares with its carriers, the largest first."""


def assembly(parts: Sequence[Part], interfaces: Sequence[Interface]) -> tuple[Step, ...]:
    """Every part with the way it leaves those before it; carriers stand before what is plugged onto them.

    Parts are taken off one by one: whichever comes off freely goes first, and taking one off never blocks
    another, so the greedy order finds a free one whenever there is one (for straight, single pushes). When
    none is free, the one that is held least is taken, and its way says so.
    ValueError when interfaces name unknown parts or carry each other in a circle.
    """
    named = {part.name: part for part in parts}
    if len(named) != len(parts):
        raise ValueError("two parts of the kit have the same name: every part needs its own")
    for face in interfaces:
        missing = {face.carrier, face.plugged} - set(named)
        if missing or face.carrier == face.plugged:
            raise ValueError(
                f"a shared surface joins {face.plugged!r} to {face.carrier!r}, "
                f"but the parts are {', '.join(named)}"
            )
    left, steps = list(parts), []
    while left:
        busy = {face.carrier for face in interfaces if face.plugged in {p.name for p in left}}
        loose = [part for part in reversed(left) if part.name not in busy]
        if not loose:
            raise ValueError(f"the parts {', '.join(p.name for p in left)} carry each other in a circle")
        step = _next(loose, left, interfaces)
        steps.append(step)
        left = [part for part in left if part.name != step.part.name]
    return tuple(reversed(steps))


def _next(loose: Sequence[Part], left: Sequence[Part], interfaces: Sequence[Interface]) -> Step:
    """The first of the loose parts that comes off, else the least held one; a part on nothing goes last."""
    tried: list[Step] = []
    roots: list[Step] = []
    for part in loose:
        own = [face for face in interfaces if face.plugged == part.name]
        if not own:
            roots.append(Step(part, Way(np.array([0.0, 0.0, 1.0]), 90.0, 0.0), ()))
            continue
        shared = np.concatenate([face.triangles for face in own])
        carriers = [other.mesh for other in left if other.name in {face.carrier for face in own}]
        axis = limb_axis(part.mesh, carriers, shared)
        others = Surface(joined([other.mesh for other in left if other.name != part.name]))
        way = way_out(part.mesh, others, shared, axis)
        tried.append(Step(part, way, tuple(sorted(own, key=lambda face: -face.area_mm2))))
        if way.free:
            return tried[-1]
    return min(tried, key=lambda step: step.way.held_share) if tried else roots[0]
