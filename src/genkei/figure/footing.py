"""Feet on a base of their own: soles cut flat on it, and what they share with it."""

import numpy as np

from genkei.figure.contact import SAME_MM, lies_on
from genkei.figure.union import Painted, from_solid, to_solid
from genkei.geometry.mesh import component_labels, corners
from genkei.types import Interface, Part

SMALL_MM2 = 1.0
"""Touches smaller than this are no sole."""


def seated(body: Part, base: Part) -> Part:
    """The body without what it has inside the base: its soles are as the base's top is."""
    left = to_solid(Painted(body.mesh, body.uv)) - to_solid(Painted(base.mesh, base.uv))
    pieces = sorted(left.decompose(), key=lambda piece: -piece.volume())
    if not pieces:
        raise ValueError(f"{body.name} lies wholly inside {base.name}: nothing would stand on it")
    painted = from_solid(pieces[0])
    return Part(body.name, painted.mesh, painted.uv)


def foot_interfaces(body: Part, base: Part, base_last: bool = False) -> tuple[Interface, ...]:
    """One shared surface a sole, the largest first; the body is plugged onto the base.

    `base_last`: the base is plugged onto the body instead, for legs that are put on a torso before.
    ValueError when nothing of the body touches the base: see `seated`.
    """
    triangles = corners(body.mesh)
    low, high = base.mesh.vertices.min(0) - SAME_MM, base.mesh.vertices.max(0) + SAME_MM
    near = np.flatnonzero(((triangles.max(1) >= low) & (triangles.min(1) <= high)).all(1))
    touching = near[lies_on(triangles[near], corners(base.mesh), facing=True)]
    if not len(touching):
        raise ValueError(
            f"{body.name} touches {base.name} nowhere flat: cut its soles on the base first (`seated`)"
        )
    found = []
    labels = component_labels(body.mesh.faces[touching])
    for k in range(int(labels.max()) + 1):
        sole = triangles[touching[labels == k]]
        if base_last:
            found.append(Interface(body.name, base.name, sole))
        else:
            found.append(Interface(base.name, body.name, np.ascontiguousarray(sole[:, ::-1])))
    soles = [face for face in found if face.area_mm2 >= SMALL_MM2]
    return tuple(sorted(soles, key=lambda face: -face.area_mm2))
