"""The moulds of a kit on its page: where a mould holds on to each part, how it opens, what comes of it."""

from collections.abc import Sequence
from html import escape

import numpy as np
from jaxtyping import UInt8

from genkei.apps.kit_marks import badge, swatch, way_words
from genkei.apps.kit_pictures import Side, moved, shoot
from genkei.apps.page import picture, pill, section
from genkei.apps.pictures import data_uri
from genkei.figure.moulds import Moulded
from genkei.figure.profiles import Profile
from genkei.types import Part, all_passed

FREE, STEEP, UNDERCUT, HALF, MATE = (
    (176, 184, 178),
    (232, 176, 74),
    (200, 50, 44),
    (196, 204, 214),
    (226, 220, 206),
)
CAST = (112, 132, 178)
SHADES = np.array([[FREE, STEEP, UNDERCUT, HALF, MATE, CAST]], np.uint8)
TEXTURE: UInt8[np.ndarray, "th tw 3"] = np.repeat(np.repeat(SHADES, 4, 0), 4, 1)
PICTURE_PX = 300
SIDES = (Side(28.0), Side(208.0))
LOW_DEG = 1.0
"""Walls steeper to the pull than this drag, where the process names no draft."""


def moulds_section(parts: Sequence[Part], moulds: Sequence[Moulded], profile: Profile) -> str:
    """A card a part: undercuts and draft from two sides, the open mould, and its numbers."""
    if not moulds:
        return ""
    draft = profile.draft_deg or LOW_DEG
    cards = "".join(
        _card(k + 1, part, made, draft) for k, (part, made) in enumerate(zip(parts, moulds, strict=True))
    )
    key = (
        f"{swatch(FREE)} leaves the mould freely, {swatch(STEEP)} under {draft:g}° of draft, "
        f"{swatch(UNDERCUT)} undercut: the mould has to bend there, or holds the part."
    )
    good = sum(all_passed(made.checks) for made in moulds)
    if any(made.halves for made in moulds):
        title = "Moulds"
        hint = (
            f"Two halves a part, in <code>moulds/</code>, as they are when both are full of silicone. {key}"
        )
    else:
        title = "Injection moulding"
        hint = f"A report for steel tools; no mould is made. {key}"
    hint += f" {good} of {len(moulds)} parts pass."
    return section(title, hint, f'<div class="moulds">{cards}</div>', "lead-page")


def _card(number: int, part: Part, made: Moulded, draft: float) -> str:
    shown = _mapped(part, made, draft)
    tiles = "".join(
        picture(data_uri(shoot([shown], TEXTURE, side, PICTURE_PX).rgba, 0, 64), f"{part.name}: {says}", says)
        for side, says in zip(SIDES, ("from the front", "from behind"), strict=True)
    )
    if made.halves:
        tiles += picture(data_uri(_open_picture(part, made), 0, 64), f"{part.name}: the open mould", "open")
    failed = [check for check in made.checks if not check.passed]
    says = "".join(
        f"<li><b>{escape(check.name)}</b> {check.measured:.3g} {escape(check.unit)} "
        f"(limit {check.limit:.3g}). "
        f'<span class="advice">{escape(check.advice)}</span></li>'
        for check in failed
    )
    numbers = (
        f"pull: {way_words(made.pull)}; parting line {made.parting_mm:.0f} mm, "
        f"{made.undercut_share:.1%} undercut"
    )
    notes = "; ".join(made.notes[1:]) if made.halves else ""
    return (
        f'<div class="mould"><h3>{badge(number)} {escape(part.name)} {pill(not failed)}</h3>'
        f'<div class="grid three">{tiles}</div><p>{escape(numbers)}. {escape(notes)}</p><ul>{says}</ul></div>'
    )


def _mapped(part: Part, made: Moulded, draft: float) -> Part:
    """The part with every face in the colour of what a mould thinks of it."""
    kind = np.where(made.undercut, 2, np.where(made.draft < draft, 1, 0))
    return Part(part.name, part.mesh, _uv(kind))


def _uv(kind: np.ndarray) -> np.ndarray:
    column = (kind + 0.5) / SHADES.shape[1]
    uv = np.stack([column, np.full(len(kind), 0.5)], 1).astype(np.float32)
    return np.ascontiguousarray(np.broadcast_to(uv[:, None], (len(kind), 3, 2)))


def _open_picture(part: Part, made: Moulded) -> np.ndarray:
    """Both halves apart along the pull, the part between them."""
    lower, upper = (
        Part(half.name, half.mesh, _uv(np.full(len(half.mesh.faces), 3 + k)))
        for k, half in enumerate(made.halves)
    )
    span = float(np.ptp(np.concatenate([lower.mesh.vertices, upper.mesh.vertices]) @ made.pull))
    moves = 0.55 * span * np.stack([-made.pull, 0 * made.pull, made.pull])
    plain = Part(part.name, part.mesh, _uv(np.full(len(part.mesh.faces), 5)))
    return shoot(moved([lower, plain, upper], moves), TEXTURE, _across(made.pull), PICTURE_PX).rgba


def _across(pull: np.ndarray) -> Side:
    """The side that sees the opening mould from beside it, a little into its lower half."""
    azimuth = float(np.degrees(np.arctan2(pull[0], -pull[1]))) if abs(pull[2]) < 0.9 else 0.0
    return Side(azimuth - 62.0, 24.0)


__all__ = ["moulds_section"]
