"""Which layer of the solid each drawn pixel shows, where an arm, a lock or a hem lies before something else.

The solid's edges are never quite where the drawing has them: an arm is thinner than drawn, or stands beside
it. Every layer of the solid is sure of the drawing in its middle; from there it grows over the drawing as far
as the next drawn border (watershed, Meyer 1991), so that a drawn hand goes to the hand, not to the skirt.
"""

import numpy as np
from jaxtyping import Bool, Float, Float32, Int

from genkei.geometry.colour import to_lab
from genkei.geometry.contours import APART, edges
from genkei.types import View

JUMP = 0.02
"""Depth step in character heights that is an edge and not a slope: a 75-degree slope steps 0.004 a pixel."""
SURE = 0.6
"""Share of a layer's own half width, at most the reach, from which on its middle is sure of the drawing."""
FEWEST = 30
"""Pixels of the smallest layer that claims anything."""
PLAIN = 3.0
"""Lab units a pixel below which colour goes on within one drawn patch."""
OUTLINE = 6
"""Pixels of outline round a patch that share its fate."""
MAJORITY = 1.3
"""How many times more of a patch must lie on one side of an edge to lose what lies on the other."""
MOST = 0.35
"""Share of the whole patch that must lie there, near the edge: a skirt is no part of the hand before it."""


def claimed(
    view: View, depth: Float32[np.ndarray, "h w"], reach_px: float
) -> tuple[Float32[np.ndarray, "h w"], Bool[np.ndarray, "h w"]]:
    """How far the drawn layer and the solid's agree, 0..1 per pixel, and where two drawn layers meet.

    The solid may stand up to about `reach_px` beside the drawing. All ones and no border without depth steps.
    """
    from skimage.measure import label

    edge = edges(depth)
    if not edge.any():
        return np.ones(depth.shape, np.float32), np.zeros(depth.shape, bool)
    own = np.asarray(label(np.isfinite(depth) & ~edge, connectivity=1))
    box = _box(np.isfinite(depth) | view.mask)
    steep, mask = _steepness(view.rgba[box]), view.mask[box]
    agree, drawn = np.zeros(depth.shape, bool), np.zeros(depth.shape, np.int32)
    drawn[box] = _grown(steep, mask, _markers(own[box], mask, reach_px))
    agree[box] = (drawn[box] == own[box]) & (own[box] > 0)
    agree[box] &= ~_strays(steep, mask, depth[box], edge[box], reach_px)
    return _softened(agree), _borders(drawn)


def _box(where: np.ndarray) -> tuple[slice, slice]:
    rows, columns = np.flatnonzero(where.any(1)), np.flatnonzero(where.any(0))
    return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)


def _markers(
    own: Int[np.ndarray, "h w"], mask: Bool[np.ndarray, "h w"], reach_px: float
) -> Int[np.ndarray, "h w"]:
    """Labels on the middles of the layers, 0 elsewhere."""
    from scipy.ndimage import distance_transform_edt, find_objects, maximum_filter

    markers = np.zeros(own.shape, np.int32)
    width = 2 * int(np.ceil(reach_px)) + 1
    for k, box in enumerate(find_objects(own), start=1):
        here = own[box] == k
        if here.sum() < FEWEST:
            continue
        inward = np.asarray(distance_transform_edt(np.pad(here, 1)))[1:-1, 1:-1]
        widest = np.minimum(maximum_filter(inward, width), reach_px)
        sure = here & mask[box] & (inward >= SURE * widest) & (inward > 1)
        markers[box][sure] = k
    return markers


def _steepness(rgba: Float32[np.ndarray, "h w 4"]) -> Float32[np.ndarray, "h w"]:
    """Greatest change of any Lab channel per pixel."""
    from scipy.ndimage import gaussian_gradient_magnitude

    lab = to_lab(np.ascontiguousarray(rgba[..., :3]))
    return np.max([gaussian_gradient_magnitude(lab[..., k], 1.0) for k in range(3)], axis=0)


def _grown(
    steep: Float32[np.ndarray, "h w"], mask: Bool[np.ndarray, "h w"], markers: Int[np.ndarray, "h w"]
) -> Int[np.ndarray, "h w"]:
    """The markers grown over the drawing to the strongest borders of colour between them."""
    from skimage.segmentation import watershed

    return watershed(np.round(4 * steep).astype(np.int32), markers, mask=mask).astype(np.int32)


def _strays(
    steep: Float32[np.ndarray, "h w"],
    mask: Bool[np.ndarray, "h w"],
    depth: Float32[np.ndarray, "h w"],
    edge: Bool[np.ndarray, "h w"],
    reach_px: float,
) -> Bool[np.ndarray, "h w"]:
    """Pixels near a depth step, on the other side of it than most of the plain patch they belong to.

    Steps that end in a smooth crossing part no layers, but a drawn patch still lies on one side of them.
    """
    from scipy.ndimage import binary_dilation, distance_transform_edt
    from skimage.measure import label

    nearest = np.asarray(distance_transform_edt(~edge, return_distances=False, return_indices=True))
    near = np.linalg.norm(nearest - np.indices(edge.shape), axis=0) <= reach_px
    here = np.isfinite(depth) & mask
    step = np.where(here, depth, 0) - depth[nearest[0], nearest[1]]
    behind = step > APART / 2
    patch = np.asarray(label((steep < PLAIN) & mask, connectivity=1))
    count = int(patch.max())
    votes = [np.bincount(patch[near & here & side], minlength=count + 1) for side in (~behind, behind)]
    least = MOST * np.bincount(patch[here], minlength=count + 1)
    front = votes[0] > np.maximum(MAJORITY * votes[1], least)
    back = votes[1] > np.maximum(MAJORITY * votes[0], least)
    stray = near & here & (patch > 0) & np.where(behind, front[patch], back[patch])
    # the line round a patch goes with it
    return stray | np.asarray(binary_dilation(stray, iterations=OUTLINE, mask=(patch == 0) & mask))


def _softened(agree: Bool[np.ndarray, "h w"]) -> Float32[np.ndarray, "h w"]:
    """1, falling to 0 at the rim over two pixels: bilinear look-up reaches 1.5 px."""
    from scipy.ndimage import distance_transform_edt

    inside = np.asarray(distance_transform_edt(agree))
    return np.clip((inside - 1) / 2, 0, 1).astype(np.float32)


def _borders(drawn: Int[np.ndarray, "h w"]) -> Bool[np.ndarray, "h w"]:
    """Pixels beside a pixel of another drawn layer."""
    border = np.zeros(drawn.shape, bool)
    for one, other in ((np.s_[1:], np.s_[:-1]), (np.s_[:, 1:], np.s_[:, :-1])):
        differ = (drawn[one] != drawn[other]) & (drawn[one] > 0) & (drawn[other] > 0)
        border[one] |= differ
        border[other] |= differ
    return border


def behind_edges(
    depth: Float32[np.ndarray, "h w"], reach_px: Float[np.ndarray, "h w"]
) -> Float[np.ndarray, "h w"]:
    """1, falling to 0 on far surface within `reach_px` of the edge of something nearer, which keeps 1.

    For steps that part no layers; below 2 px a bilinear look-up would let the nearer colour in.
    """
    from scipy.ndimage import distance_transform_edt, maximum_filter

    finite = np.where(np.isfinite(depth), depth, depth[np.isfinite(depth)].max(initial=0) + 1)
    edge = maximum_filter(finite, 3) - finite > JUMP
    if not edge.any():
        return np.ones(depth.shape)
    nearest = np.asarray(distance_transform_edt(~edge, return_distances=False, return_indices=True))
    away = np.linalg.norm(nearest - np.indices(depth.shape), axis=0)
    behind = finite - finite[nearest[0], nearest[1]] > JUMP / 2
    return np.where(behind, np.clip((away - reach_px) / (1.5 * reach_px), 0, 1), 1.0)
