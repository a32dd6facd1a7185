"""The rim of a solid that one look alone has told: round to the outline, no seam where front and back meet.

On the last rays within its outline a net finds little or nothing, and three cells of matter kept on each of
them stand out as a ridge all round the figure. Their matter is told by the rays further in instead.
"""

import numpy as np
from jaxtyping import Bool, Float32

from genkei.shape.silhouette import Silhouette

WIDE = 2.5
"""Cells from the outline over which the rim is rounded."""
INNER = 0.75
"""Share of `WIDE`, or of half a narrow thing's width, from which a ray counts as further in."""
FULL = 0.45
"""Share of the depth further in from which the rim's quarter of an ellipse falls off; 1 is a pill's rim, and
measured too fat (docs/decisions.md): what ends at an outline is as often a blade of hair or a hem."""
SPREADS = 1.5, 3.0, 6.0
"""Cells over which depths further in are averaged; the first that finds any counts."""
LEAST = 0.02
"""Weight of found depths below which a wider average is taken."""


def rounded(own: Silhouette, rays: Float32[np.ndarray, "rows cols depth"]) -> None:
    """Adds matter to the rays near the outline, in place; `rays` are soft distances, negative inside.

    It lies round the mean depth of the thickest runs further in:
    |z - middle| <= FULL half sqrt(1 - (1 - e)^2),
    e the distance from the outline as a share of `WIDE`.
    """
    from scipy.ndimage import maximum_filter

    near, far = thickest(rays < 0)
    deep = np.where(own.mask, -own.distance / own.step, 0).astype(np.float32)
    width = np.minimum(WIDE, maximum_filter(deep, size=2 * int(WIDE) + 1))
    further_in = own.mask & (far > near) & (deep >= INNER * width)
    middle, told = spread((near + far) / 2, further_in)
    half, _ = spread((far - near) / 2, further_in)
    rim = own.mask & told & (deep < width)
    edge = deep[rim] / width[rim]
    reach = FULL * half[rim] * np.sqrt(1 - (1 - edge) ** 2)
    z = np.arange(rays.shape[2], dtype=np.float32)
    ellipse = np.abs(z - middle[rim][:, None]) - reach[:, None]
    rays[rim] = np.minimum(rays[rim], (ellipse * own.step).astype(np.float32))


def thickest(
    full: Bool[np.ndarray, "rows cols depth"],
) -> tuple[Float32[np.ndarray, "rows cols"], Float32[np.ndarray, "rows cols"]]:
    """Where each ray's longest run begins and ends, in cells from the first one's middle; equal without."""
    run = np.zeros(full.shape, np.int32)
    run[..., 0] = full[..., 0]
    for k in range(1, full.shape[2]):
        run[..., k] = (run[..., k - 1] + 1) * full[..., k]
    last, count = run.argmax(2), run.max(2)
    far = (last + 0.5).astype(np.float32)
    return far - count.astype(np.float32), far


def spread(
    found: Float32[np.ndarray, "rows cols"], known: Bool[np.ndarray, "rows cols"]
) -> tuple[Float32[np.ndarray, "rows cols"], Bool[np.ndarray, "rows cols"]]:
    """The known values averaged into their surroundings, and where there are any."""
    from scipy.ndimage import gaussian_filter

    weight = known.astype(np.float32)
    mean, told = np.zeros_like(found), np.zeros(found.shape, bool)
    for cells in SPREADS:
        share = gaussian_filter(weight, cells, truncate=3.0)
        new = (share > LEAST) & ~told
        mean[new] = gaussian_filter(weight * found, cells, truncate=3.0)[new] / share[new]
        told |= new
    return mean, told
