"""Views -> Mesh: the union of backends of this stage."""

from genkei.shape.hull import Hull
from genkei.shape.inflation import Inflation
from genkei.shape.occupancy import Occupancy

Shape = Hull | Inflation | Occupancy

__all__ = ["Hull", "Inflation", "Occupancy", "Shape"]
