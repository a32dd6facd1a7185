"""Occupancy: a net reads one drawing as matter along every ray; more drawings are fused and carve.

The solid stands in the drawn pose. z = 0 is at the spine while no drawing from aside says otherwise.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float32

from genkei.geometry.camera import turned_deg
from genkei.geometry.crop import Crop, column_of, crop_of, cut, row_of
from genkei.nets.look import mirrored, seen_behind
from genkei.shape.carving import shaped, spare
from genkei.shape.decode import half_mask, matter
from genkei.shape.fuse import Solid, agreed, fused
from genkei.shape.head import headed, with_face
from genkei.shape.hull import Hull
from genkei.shape.limbs import told_apart
from genkei.shape.outlines import SAME_DEG, cropped, outline, refuse, room
from genkei.shape.rows import stretched
from genkei.shape.silhouette import silhouette
from genkei.shape.volume import Volume, empty, finished, solid
from genkei.types import Mesh, View

Net = Callable[..., Mapping[str, np.ndarray]]
"""`net(picture=, behind=)`, float32 [b, 4, s, s] each: RGBA, colours times alpha, in the net frame of
genkei.geometry.crop; `behind` is the opposite side mirrored onto the picture, clear when nobody drew it.
Among its outputs is `occupancy` [b, 80, s/2, s/2], log-odds of the bins of genkei.shape.decode, and there
may be `parts` [b, 6, s, s], log-odds of `genkei.nets.look.PARTS`."""


@dataclass(frozen=True)
class Occupancy:
    """Shape from any drawn views; one is enough, and every further one is used."""

    resolution: int = 224
    """Cells per character height; more keeps finer locks and costs time with its cube."""
    side_px: int = 192
    """Side of the picture that the net sees, a multiple of 32."""
    smoothing: float = 1.0
    """Cells over which the net's coarse steps are rounded off; more melts fingers."""
    twice: bool = True
    """The net looks at the mirror image too, and the mean of both answers counts."""
    trust: float = 0.8
    """Share of the net's word where the character is drawn from two directions; the rounded hull of their
    outlines has the rest."""
    slim: float = 0.0
    """Cells of the solids that nets are trained on (a picture's side has `side_px`) by which net and hull
    together are made slimmer, more where their soft distance is flat because the net is unsure."""
    net: Net | None = field(default=None, repr=False)
    """None: the net that comes with genkei."""

    def __call__(self, views: tuple[View, ...]) -> Mesh:
        """One closed outward mesh in character space. Raises ValueError without a usable view."""
        refuse(views)
        return finished(solid(*self.field(tuple(view for view in views if view.drawn) or views)))

    def field(self, given: tuple[View, ...]) -> tuple[Volume, Float32[np.ndarray, "nx ny nz"]]:
        """The work grid and a soft distance on it, in heights, negative inside."""
        body, found, limit = self.soft(given)
        drawn = directions(given)
        if len(drawn) < 2:
            return body, shaped(body, found, drawn, self.smoothing)
        return body, Hull(smoothing=BLENDED).carved(body, np.maximum(found, limit), limit)

    def soft(
        self, given: tuple[View, ...]
    ) -> tuple[Volume, Float32[np.ndarray, "nx ny nz"], Float32[np.ndarray, "nx ny nz"]]:
        """The work grid, what net and hull say on it, and the outlines' limit, not yet joined."""
        solids = stretched(agreed(self.predicted(given)))
        body = work_volume(given, solids, self.resolution)
        drawn = directions(given)
        found, limit = fused(solids, body), body.outlines
        pitch = solids[0].side / (self.side_px / 2) / body.step
        if len(drawn) < 2:
            found = steadied(found, body.step, ALONE * pitch)
            found = headed(body, found, solids[0])
        else:
            hull = Hull(self.resolution, smoothing=BLENDED)
            rounded = told_apart(body, hull.filled(body, given), found, solids)
            found = blended(body, found, rounded, self.trust, pitch)
            fade = np.clip(np.abs(limit) / (SLIM_RIM * body.step), 0, 1)
            found += np.float32(self.slim * solids[0].side / self.side_px) * fade
            for axis in drawn:
                spare(body, found, limit, axis)
        return body, found, limit

    def predicted(self, views: tuple[View, ...]) -> tuple[Solid, ...]:
        """What the net says of each view whose opposite does not stand before it; that one helps instead.

        A back read for itself knows less than the front that saw it: measured, the mean of both was worse.
        """
        net = self.net
        if net is None:
            from genkei.nets.loader import load

            net = load("solid")
        read = leading(views)
        crops = [crop_of(view) for view in read]
        pictures = np.stack([cut(view, crop, self.side_px) for view, crop in zip(read, crops, strict=True)])
        behind = np.stack(
            [seen_behind(v, crop, views, self.side_px) for v, crop in zip(read, crops, strict=True)]
        )
        said = net(picture=pictures, behind=behind)
        odds, parts = said["occupancy"], said.get("parts")
        if self.twice:
            turned = net(picture=mirrored(pictures), behind=mirrored(behind))
            odds = (odds + turned["occupancy"][..., ::-1]) / 2
            parts = None if parts is None else parts + turned["parts"][..., ::-1]
        solids = (
            _read(view, crop, picture, o, self.resolution)
            for view, crop, picture, o in zip(read, crops, pictures, odds, strict=True)
        )
        if parts is None:
            return tuple(solids)
        return tuple(with_face(one, crop, p) for one, crop, p in zip(solids, crops, parts, strict=True))


def leading(views: tuple[View, ...]) -> tuple[View, ...]:
    """The views without those that are opposite to one nearer to the front or left."""
    ranked = sorted(views, key=lambda view: turned_deg(view.camera.azimuth_deg, LEADING_DEG))
    kept: list[View] = []
    for view in ranked:
        opposite = view.camera.azimuth_deg + 180
        if not any(turned_deg(opposite, other.camera.azimuth_deg) < SAME_DEG for other in kept):
            kept.append(view)
    return tuple(view for view in views if any(view is other for other in kept))


LEADING_DEG = 40.0
"""Between front and left, nearer to the front: front goes before back, left before right."""


def directions(views: tuple[View, ...]) -> tuple[int, ...]:
    """The axes along which some view looks: 2 for a front or back, 0 for a left or right."""
    return tuple(axis for axis, azimuth in ((2, 0.0), (0, 90.0)) if _sees(views, azimuth))


def _sees(views: tuple[View, ...], azimuth_deg: float) -> bool:
    """Whether a view from there or from the opposite side is among them."""
    return any(
        min(turned_deg(v.camera.azimuth_deg, azimuth_deg + t) for t in (0, 180)) <= SAME_DEG for v in views
    )


def _read(view: View, crop: Crop, picture: np.ndarray, logits: np.ndarray, resolution: int) -> Solid:
    """The net's answer on rays through the cells of the view's outline."""
    own = cropped(silhouette(view, view.camera.span / 2, 1 / resolution, 0.02))
    rows, columns = own.mask.shape
    y, u = own.y0 + own.step * np.arange(rows), own.u0 + own.step * np.arange(columns)
    _, h, w = logits.shape
    odds = matter(
        logits,
        half_mask(picture),
        row_of(y, crop, h),
        column_of(u, crop, w),
        own.distance < MARGIN * own.step,
    )
    read = Solid(odds, own, crop.side, view.camera.azimuth_deg)
    if not read.inside.any():
        raise ValueError(
            f"the net finds nothing solid in the {view.name} view; is it one character, cut out? "
            "Inflation and Hull go by the outline alone"
        )
    return read


SLIM_RIM = 2.0
"""Cells from the outlines over which slimming fades: what touches them is as wide as they are."""
MARGIN = 2.0
"""Cells outside its outline over which a view's prediction still counts; beyond, the outline speaks."""


def work_volume(views: tuple[View, ...], solids: tuple[Solid, ...], resolution: int) -> Volume:
    """A grid between the drawn outlines, as wide and deep as the predictions where nobody drew."""
    reach = np.array([one.reach() for one in solids])
    low, high = reach[..., 0].min(0), reach[..., 1].max(0)
    front, side = outline(views, 0.0, resolution), outline(views, 90.0, resolution)
    any_rows = front or side or solids[0].outline
    return empty(
        front or room(any_rows, float(low[0]), float(high[0])),
        side or room(any_rows, float(low[1]), float(high[1])),
    )


def blended(
    body: Volume,
    net: Float32[np.ndarray, "nx ny nz"],
    hull: Float32[np.ndarray, "nx ny nz"],
    trust: float,
    pitch: float,
) -> Float32[np.ndarray, "nx ny nz"]:
    """Two soft distances' weighted mean, each counted up to `SOFT` cells: far off, both only know the side.

    Where the outlines end the hull decides: it is round, and the net's rays, `pitch` cells apart, are steps.
    """
    reach = SOFT * body.step
    smooth = steadied(net, body.step, COARSE * pitch)
    share = trust * np.clip(np.abs(body.outlines) / (RIM * body.step), 0, 1)
    return (share * smooth + (1 - share) * np.clip(hull, -reach, reach)).astype(np.float32)


def steadied(
    net: Float32[np.ndarray, "nx ny nz"], step: float, cells: float
) -> Float32[np.ndarray, "nx ny nz"]:
    """The net's word smoothed over so many cells, each counted up to `SOFT` of them."""
    from scipy.ndimage import gaussian_filter

    return gaussian_filter(np.clip(net, -SOFT * step, SOFT * step), cells, truncate=2.5)


BLENDED = 1.2
"""The hull's smoothing where the net has already rounded it."""
SOFT, RIM = 4.0, 3.0
"""Cells."""
COARSE, ALONE = 1.2, 0.7
"""Distances of rays over which the net's word is smoothed. Beside a hull: less leaves beads where rays cross
the outline. Alone: less leaves terraces on hats and hair, more costs noses."""
