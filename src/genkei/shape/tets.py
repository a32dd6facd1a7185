"""Tets: the fitted field's surface by marching tetrahedra on corners moved off the surface."""

from dataclasses import dataclass, field

from genkei.geometry.field import Grid
from genkei.geometry.tetrahedra import spread_corners, tet_surface
from genkei.shape.occupancy import Net
from genkei.shape.outlines import refuse
from genkei.shape.relief import Relief
from genkei.shape.sdf import Sdf
from genkei.shape.volume import finished, solid
from genkei.types import Mesh, View


@dataclass(frozen=True)
class Tets:
    """The same solid as Sdf, cut out by tetrahedra: a manifold for any field, without slivers."""

    resolution: int = 160
    """Cells per character height."""
    clearance: float = 0.15
    """Cells that corners keep from the surface; 0 leaves the grid as it is."""
    reliefs: tuple[Relief, ...] = ()
    """See `Sdf.reliefs`."""
    net: Net | None = field(default=None, repr=False)
    """None: the net that comes with genkei."""

    def __call__(self, views: tuple[View, ...]) -> Mesh:
        """One closed outward mesh in character space. Raises ValueError without a usable view."""
        refuse(views)
        given = tuple(view for view in views if view.drawn) or views
        body, found = Sdf(self.resolution, reliefs=self.reliefs, net=self.net).field(given)
        return finished(solid(body, found, self.cut))

    def cut(self, grid: Grid) -> Mesh:
        """The surface of a distance field in heights."""
        cells = Grid(grid.values / grid.step, grid.origin, grid.step)
        return tet_surface(*spread_corners(cells, self.clearance)) if self.clearance else tet_surface(cells)
