"""How a kit lies on the printer's bed, as pictures: parts in their colours, supports grey."""

from collections.abc import Sequence
from html import escape

import numpy as np
from jaxtyping import UInt8

from genkei.apps.kit_pictures import Side, shoot
from genkei.apps.page import picture, section
from genkei.apps.pictures import data_uri
from genkei.figure.base import with_swatch
from genkei.figure.beds import Placed
from genkei.figure.profiles import Profile
from genkei.types import Mesh, Part

PICTURE_PX = 760
VIEW = Side(18.0, 34.0)
SUPPORTS, BED = (168, 172, 178), (232, 230, 224)
BED_MM = 1.0


def beds_section(
    beds: Sequence[Sequence[Placed]], texture: UInt8[np.ndarray, "th tw 3"], profile: Profile
) -> str:
    """A picture a bed, and which file it is."""
    if not any(beds):
        return ""
    tiles = "".join(
        picture(data_uri(_shot(bed, texture, profile), 0, 160), f"bed {number}", _caption(number, bed))
        for number, bed in enumerate(beds, 1)
    )
    width, depth, _ = profile.build_mm
    held = any(len(plate.supports.faces) for bed in beds for plate in bed)
    hint = f"As they lie in <code>print.3mf</code> on a bed of {width:g} × {depth:g} mm. "
    hint += (
        "Supports are bodies of their own there: no slicer has to make any. The same part with its supports "
        "as one solid is <code>print/NAME_supported.stl</code>."
        if held
        else "Every part alone is <code>print/NAME.stl</code>."
    )
    kind = "grid two" if len(beds) > 1 else ""
    return section("On the printer", hint, f'<div class="beds {kind}">{tiles}</div>', "lead-page")


def _caption(number: int, bed: Sequence[Placed]) -> str:
    file = "print.3mf" if number == 1 else f"print_{number}.3mf"
    count = "one piece" if len(bed) == 1 else f"{len(bed)} pieces"
    return escape(f"{file}: {count}")


def _shot(bed: Sequence[Placed], texture: np.ndarray, profile: Profile) -> np.ndarray:
    grey, shrink, support_uv = with_swatch(texture, SUPPORTS)
    both, again, bed_uv = with_swatch(grey, BED)
    scale, lower = np.array([1, shrink * again], np.float32), np.array([1, again], np.float32)
    shown = [Part(plate.part.name, plate.part.mesh, plate.part.uv * scale) for plate in bed]
    for plate in bed:
        if len(plate.supports.faces):
            shown.append(_plain("supports", plate.supports, support_uv * lower))
    width, depth, _ = profile.build_mm
    shown.append(_plain("bed", _slab(width, depth), bed_uv))
    return shoot(shown, both, VIEW, PICTURE_PX).rgba


def _plain(name: str, mesh: Mesh, uv: np.ndarray) -> Part:
    corners = np.broadcast_to(uv, (len(mesh.faces), 3, 2)).astype(np.float32)
    return Part(name, mesh, corners)


def _slab(width: float, depth: float) -> Mesh:
    """The bed itself, its top at z = 0."""
    import manifold3d

    from genkei.geometry.mesh import from_manifold

    return from_manifold(manifold3d.Manifold.cube((width, depth, BED_MM)).translate((0, 0, -BED_MM)))


__all__ = ["beds_section"]
