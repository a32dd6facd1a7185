"""Where the face is on a head without its hair: what keeps free of supports, pegs and cuts."""

import numpy as np
from jaxtyping import Bool

from genkei.geometry.mesh import corners, face_normals
from genkei.geometry.rays import first_hit
from genkei.types import Mesh

CHIN, BROW, CHEEK = 0.1, 0.75, 0.4
"""From so high over the neck to so high, in heights of the head without hair, and so far from its middle, in
widths. Helmets' crests and antennas may bear supports."""
AHEAD = 0.1
"""Least cosine to somebody in front."""
OFF_MM = 0.01


def visage(mesh: Mesh, head: Bool[np.ndarray, "f"], neck: float, axis: float) -> Bool[np.ndarray, "f"]:
    """Which faces of `head` somebody in front sees between chin and brow; `neck` is its z, `axis` its x, mm.

    The inside of a helmet is no face.
    """
    centre, normals = corners(mesh).mean(1), face_normals(mesh)
    mine = centre[head]
    if not len(mine):
        return head
    low, high = neck + np.array([CHIN, BROW]) * (mine[:, 2].max() - neck)
    found = head & (normals[:, 1] < -AHEAD) & (centre[:, 1] < np.median(mine[:, 1]))
    found &= (centre[:, 2] > low) & (centre[:, 2] < high)
    found &= np.abs(centre[:, 0] - axis) < CHEEK * np.ptp(mine[:, 0])
    towards = np.broadcast_to(np.array([0, -1, 0], np.float32), (int(found.sum()), 3))
    hit, _ = first_hit(mesh, centre[found] + OFF_MM * normals[found], towards)
    found[found] = hit < 0
    return found


__all__ = ["visage"]
