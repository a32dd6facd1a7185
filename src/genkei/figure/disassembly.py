"""A kit taken apart part by part, easing what hooks behind another part on the way."""

from collections.abc import Sequence

import numpy as np

from genkei.figure.assembly import Step, assembly
from genkei.figure.ease import ease
from genkei.geometry.rays import Surfaces
from genkei.types import Interface, Part


def taken_apart(
    parts: Sequence[Part],
    interfaces: Sequence[Interface],
    easing: bool = True,
    wall_mm: float = 0.0,
    surfaces: Surfaces | None = None,
) -> tuple[tuple[Step, ...], tuple[str, ...]]:
    """The order of assembly and what it took, in words; material changes sides only with `easing`, without
    flakes thinner than `wall_mm`. `surfaces` keeps those of the parts for later.

    Who carries whom is as the caller says, if the parts come off so; else smaller touches may be turned.
    """
    surfaces = Surfaces() if surfaces is None else surfaces
    asked = _worked(parts, interfaces, wall_mm if easing else None, surfaces, strict=True)
    if _held(asked[0]) == 0:
        return asked
    other = _worked(parts, interfaces, wall_mm if easing else None, surfaces, strict=False)
    return other if _held(other[0]) < _held(asked[0]) else asked


def _held(steps: Sequence[Step]) -> int:
    return sum(not step.way.free for step in steps)


def _worked(
    parts: Sequence[Part],
    interfaces: Sequence[Interface],
    wall_mm: float | None,
    surfaces: Surfaces,
    strict: bool,
) -> tuple[tuple[Step, ...], tuple[str, ...]]:
    """Every part that is held is eased once, the one that comes off first before the others; none is
    without a `wall_mm`."""
    steps, notes = assembly(parts, interfaces, strict=strict, surfaces=surfaces), []
    ways: dict[str, np.ndarray] = {}
    for _ in parts if wall_mm is not None else ():
        held = [k for k, step in enumerate(steps) if not step.way.free and step.part.name not in ways]
        if not held:
            break
        k = held[-1]
        step, before, after = steps[k], steps[:k], steps[k + 1 :]
        eased = ease(step, [s.part for s in before], [s.part for s in after], interfaces, wall_mm or 0.0)
        ways[step.part.name] = step.way.direction if eased is None else eased.direction
        if eased is not None:
            notes.append(eased.note)
            interfaces = eased.interfaces
            steps = assembly(eased.parts, interfaces, ways, strict, surfaces)
    return steps, tuple(notes)
