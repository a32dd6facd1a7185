"""A body and its base as two parts that touch and do not overlap: what a kit is made of."""

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float32

from genkei.figure.ballast import ballasted
from genkei.figure.base import Base, Placement, place, plinth
from genkei.figure.feet import posts
from genkei.figure.footing import seated
from genkei.figure.profiles import Profile
from genkei.figure.union import Painted, from_solid, to_solid, unite
from genkei.geometry.mesh import from_manifold, to_manifold
from genkei.types import Mesh, Part


@dataclass(frozen=True)
class Stand:
    """Body, base and what belongs to the base, in figure space: the base's underside at z = 0."""

    body: Part
    base: Part
    plugs: tuple[Part, ...]
    """The plug of the ballast chamber, if there is one."""
    fills: tuple[Mesh, ...]
    """What is poured into it."""
    placement: Placement


def stand(body: Part, base: Base, profile: Profile, swatch: Float32[np.ndarray, "2"] | None = None) -> Stand:
    """The body moved onto a base of its own, its soles cut as the base's top is; nothing is fused.

    `swatch` is the uv of the base's colour (see `with_swatch`); without one the base is painted like the
    body's first corner. A pole goes into a hole of the body with the profile's clearance. ValueError for
    the look `none`, and as `place` and `ballasted` say.
    """
    if base.look == "none":
        raise ValueError("a stand was asked for with the base `none`: choose disc, square, outline or post")
    solid = to_solid(Painted(body.mesh, body.uv))
    placement = place(base, body.mesh, solid)
    lift = (0.0, 0.0, placement.thickness_mm - placement.sink_mm)
    columns = posts(list(placement.soles), placement.sink_mm, placement.thickness_mm)
    colour = body.uv[0, 0] if swatch is None else swatch
    under = _part("base", from_manifold(unite([plinth(base, placement), *columns]).translate(lift)), colour)
    raised = from_solid(solid.translate(lift))
    upper = seated(Part(body.name, raised.mesh, raised.uv), _with_room(under, placement, profile, lift[2]))
    if not base.ballast:
        return Stand(upper, under, (), (), placement)
    done = ballasted(under, placement.thickness_mm, profile)
    return Stand(upper, done.base, (done.plug,), (done.fill,), placement)


def _with_room(base: Part, placement: Placement, profile: Profile, lift: float) -> Part:
    """The base with its poles a clearance wider and longer: what is taken out of the body."""
    if not placement.poles:
        return base
    gap = profile.clearance_mm
    wider = [
        replace(pole, radius_mm=pole.radius_mm + gap, top_mm=pole.top_mm + gap) for pole in placement.poles
    ]
    columns = [pole.solid(placement.sink_mm).translate((0.0, 0.0, lift)) for pole in wider]
    return _part(base.name, from_manifold(unite([to_manifold(base.mesh), *columns])), base.uv[0, 0])


def _part(name: str, mesh: Mesh, uv: np.ndarray) -> Part:
    return Part(name, mesh, np.broadcast_to(uv, (len(mesh.faces), 3, 2)).astype(np.float32))


__all__ = ["Stand", "stand"]
