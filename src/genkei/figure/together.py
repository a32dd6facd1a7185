"""Parts that were cut apart put together again, as if the cut had never been made."""

from collections.abc import Sequence
from dataclasses import replace

from genkei.figure.fuse import fused
from genkei.figure.union import Painted, to_solid
from genkei.types import Interface, Part


def together(
    parts: Sequence[Part], interfaces: Sequence[Interface], face: Interface
) -> tuple[tuple[Part, ...], tuple[Interface, ...]]:
    """The parts with one less: what was plugged in at `face` is a piece of its carrier now.

    What it shares with others its carrier shares now. ValueError when the interface names unknown parts.
    """
    named = {part.name: part for part in parts}
    for name in (face.carrier, face.plugged):
        if name not in named:
            raise ValueError(f"the shared surface is {name!r}'s, which is none of {', '.join(named)}")
    guest = named[face.plugged]
    whole = fused(named[face.carrier], [to_solid(Painted(guest.mesh, guest.uv))])
    left = [whole if part.name == face.carrier else part for part in parts if part.name != face.plugged]
    renamed = [
        replace(
            one,
            carrier=face.carrier if one.carrier == face.plugged else one.carrier,
            plugged=face.carrier if one.plugged == face.plugged else one.plugged,
        )
        for one in interfaces
    ]
    return tuple(left), tuple(one for one in renamed if one.carrier != one.plugged)


__all__ = ["together"]
