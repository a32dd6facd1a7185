"""The order of assembly as pictures: what stands is pale, what comes is in colour, an arrow says how."""

from collections.abc import Mapping, Sequence
from html import escape
from itertools import groupby

import numpy as np
from jaxtyping import Float

from genkei.apps.kit_drawing import with_arrows
from genkei.apps.kit_marks import badge, way_words
from genkei.apps.kit_pictures import BACK_LEFT, BACK_RIGHT, FRONT_LEFT, FRONT_RIGHT, Side, moved, shoot
from genkei.apps.page import section
from genkei.figure.explode import holding_joints
from genkei.types import Joint, Kit

STEP_PX = 420
LIFT = 0.14
"""How far a part is drawn from its place in a step, of the kit's height."""


def steps_section(kit: Kit) -> str:
    """A picture a step: what stands is pale, what comes is in colour, an arrow says how."""
    holds = holding_joints(kit)
    carried = [k for k, joint in enumerate(holds) if joint is not None]
    steps = [list(group) for _, group in groupby(carried, key=lambda k: _step_name(kit, k, holds[k]))]
    number = {part.name: k + 1 for k, part in enumerate(kit.parts)}
    cards = []
    for count, step in enumerate(steps, 1):
        there = [k for k in range(len(kit.parts)) if k < step[0] or (k < step[-1] and k not in step)]
        drawing = _step_picture(kit, there, step, [holds[k] for k in step])
        says = "".join(f"<li>{_step_words(kit, k, number)}</li>" for k in step)
        cards.append(f'<div class="step"><b class="count">{count}</b>{drawing}<ul>{says}</ul></div>')
    hint = "Dry-fit everything once; then clean, paint, and glue what is meant to stay."
    carriers = {joint.carrier for joint in kit.joints}
    loose = [k for k in range(1, len(holds)) if holds[k] is None and kit.parts[k].name not in carriers]
    if loose:
        named = ", ".join(f"{badge(k + 1)} {escape(kit.parts[k].name)}" for k in loose)
        hint += f" Without a joint, to be glued in place: {named}."
    return (
        section("Assembly", hint, f'<div class="steps">{"".join(cards)}</div>', "lead-page") if cards else ""
    )


def _step_name(kit: Kit, k: int, joint: Joint | None) -> str:
    """Left and right twins on one carrier share a step."""
    assert joint is not None
    words = [word for word in kit.parts[k].name.split() if word not in ("left", "right")]
    return f"{joint.carrier}: {' '.join(words)}"


def _step_picture(kit: Kit, there: Sequence[int], step: Sequence[int], joints: Sequence[Joint | None]) -> str:
    ways = np.stack([joint.direction for joint in joints if joint is not None]).astype(np.float64)
    everything = np.concatenate([part.mesh.vertices for part in kit.parts])
    lift = LIFT * float(np.ptp(everything, axis=0).max())
    chosen = [*there, *step]
    moves = np.concatenate([np.zeros((len(there), 3)), lift * ways])
    parts = moved([kit.parts[k] for k in chosen], moves)
    side = _best_side(ways)
    faded = [k not in step for k in chosen]
    shot = shoot(parts, kit.texture, side, STEP_PX, faded)
    seats = [joint.origin.astype(np.float64) for joint in joints if joint is not None]
    arrows = [(seat + lift * way, seat) for seat, way in zip(seats, ways, strict=True)]
    return with_arrows(shot, arrows, " and ".join(kit.parts[k].name for k in step))


def _best_side(ways: Float[np.ndarray, "n 3"]) -> Side:
    """The side from which the ways are seen long and come towards the viewer rather than away."""
    sides = [FRONT_LEFT, FRONT_RIGHT, BACK_LEFT, BACK_RIGHT]

    def seen(side: Side) -> float:
        ahead = ways @ side.forward
        return float((np.sqrt(np.maximum(1 - ahead**2, 0)) - 0.6 * ahead).mean())

    scores = [seen(side) - 0.15 * (k > 1) for k, side in enumerate(sides)]
    return sides[int(np.argmax(np.round(scores, 3)))]


def _step_words(kit: Kit, k: int, number: Mapping[str, int]) -> str:
    """What goes where, from which side, by which joints; a second carrier is told as well."""
    name = kit.parts[k].name
    mine = [joint for joint in kit.joints if joint.plugged == name]
    told: dict[str, list[str]] = {}
    for joint in mine:
        sizes = f"{escape(joint.kind)}, {joint.size_mm:.1f} mm wide, {joint.depth_mm:.1f} mm deep"
        told.setdefault(joint.carrier, [])
        if sizes not in told[joint.carrier]:
            told[joint.carrier].append(sizes)
    on = [
        f"{badge(number[carrier])} {escape(carrier)} ({'; '.join(sizes)})" for carrier, sizes in told.items()
    ]
    seat = " and ".join(on)
    return f"{badge(k + 1)} <b>{escape(name)}</b> goes from {way_words(mine[0].direction)} on {seat}"


__all__ = ["steps_section"]
