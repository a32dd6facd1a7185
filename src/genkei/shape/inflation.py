"""Inflation: one outline blown up like a balloon, deeper where it is wide, with limbs and locks laid on top.

The envelope of ellipsoids over the medial axis (Blum 1967), as in Teddy (Igarashi 1999) and Monster Mash
(2020). It knows no depth order but what the paint tells: long narrow regions of one colour stand out.
"""

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float32, Int32

from genkei.geometry.field import signed_distance
from genkei.shape.materials import find_materials, label_grid
from genkei.shape.outlines import outline, room
from genkei.shape.silhouette import Disks, inscribed_disks
from genkei.shape.volume import Volume, empty, fill_rays, finished, paint, relaxed, solid
from genkei.types import Mesh, View


@dataclass(frozen=True)
class Inflation:
    """Shape from a front view, a back view or both; the sides are guessed."""

    resolution: int = 192
    """Cells per character height."""
    depth: float = 1.15
    """Half depth over half width of heads, torsos and limbs."""
    most_depth: float = 0.18
    """Half depth in heights that nothing exceeds: wide skirts and wings stay flatter than they are wide."""
    boxiness: float = 2.2
    """Exponent of the cross-section: 2 an ellipse."""
    relief: float = 0.35
    """How far a layer stands out, in its own half widths; 0 keeps the balloon plain."""
    smoothing: float = 1.2
    """Cells over which creases are rounded off."""

    def __call__(self, views: tuple[View, ...]) -> Mesh:
        """One closed outward mesh in character space. Raises ValueError without a front or back view."""
        front = outline(views, 0.0, self.resolution)
        if front is None:
            have = ", ".join(view.name for view in views)
            raise ValueError(f"inflation wants a front or a back view; it got {have}")
        most = self.most_depth * (1 + self.relief)
        body = empty(front, room(front, -most, most))
        disks = inscribed_disks(front)
        half = self._half_depth(disks.radius)
        _paint_disks(body, disks, np.zeros_like(half), half, self.boxiness)
        for view in views:
            if self.relief and view.drawn and round(view.camera.azimuth_deg) in (0, 180):
                self._lay_on(body, view, 1.0 if round(view.camera.azimuth_deg) == 0 else -1.0)
        field = np.maximum(relaxed(body.field, body.step, self.smoothing), front.distance.T[:, :, None])
        return finished(solid(body, fill_rays(body, field, 2)))

    def _half_depth(self, radius: np.ndarray) -> Float32[np.ndarray, "n"]:
        """Proportional to the width at first, then levelling off at `most_depth`."""
        return (self.most_depth * np.tanh(self.depth * radius / self.most_depth)).astype(np.float32)

    def _lay_on(self, body: Volume, view: View, towards: float) -> None:
        """Paints long narrow one-colour regions of a view onto the balloon's near side (`towards` +-z)."""
        labels = label_grid(view, find_materials((view,)), body.front, flip=towards < 0)
        ground = _near_side(body, towards)
        for region in _limb_like(labels, body.step):
            distance = signed_distance(region, body.step)
            disks = inscribed_disks(replace(body.front, distance=distance))
            if not len(disks.u):
                continue
            column = np.round((disks.u - body.front.u0) / body.step).astype(int)
            row = np.round((disks.y - body.front.y0) / body.step).astype(int)
            rise = ground[row, column] - towards * (1 - self.relief) * disks.radius
            _paint_disks(body, disks, rise.astype(np.float32), disks.radius, 2.0)


def _paint_disks(
    body: Volume, disks: Disks, z: Float32[np.ndarray, "n"], half: Float32[np.ndarray, "n"], power: float
) -> None:
    centres = np.stack([disks.u, disks.y, z], 1)
    radii = np.stack([disks.radius, disks.radius, np.maximum(half, 0.6 * body.step)], 1)
    paint(body, centres.astype(np.float32), radii.astype(np.float32), 2, power)


def _near_side(body: Volume, towards: float) -> Float32[np.ndarray, "rows cols"]:
    """z of the surface that the viewer sees; 0 where there is nothing."""
    inside = body.field < 0
    nz = inside.shape[2]
    index = nz - 1 - inside[:, :, ::-1].argmax(2) if towards > 0 else inside.argmax(2)
    z = body.side.u0 + index * body.step
    return np.where(inside.any(2), z, 0).T.astype(np.float32)


def _limb_like(labels: Int32[np.ndarray, "rows cols"], step: float) -> list[np.ndarray]:
    """Masks of one-colour regions that are long and narrow, neither lines nor large areas."""
    from scipy.ndimage import binary_opening, find_objects, label

    found = []
    for kind in range(int(labels.max()) + 1):
        same = binary_opening(labels == kind, iterations=2)
        pieces = np.zeros(same.shape, np.int32)
        label(same, output=pieces)
        for number, box in enumerate(find_objects(pieces), start=1):
            piece = pieces[box] == number
            area = piece.sum() * step**2
            half = -float(signed_distance(np.pad(piece, 1), step).min())
            length = area / max(2 * half, step)
            if area > 0.003 and 0.016 < half < 0.06 and length > 6 * half:
                mask = np.zeros(labels.shape, bool)
                mask[box] = piece
                found.append(mask)
    return found
