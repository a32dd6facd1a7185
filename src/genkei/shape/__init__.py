"""Views -> Mesh: the union of backends of this stage."""

from genkei.shape.hull import Hull
from genkei.shape.inflation import Inflation
from genkei.shape.occupancy import Occupancy
from genkei.shape.triposr import TripoSr

Shape = Hull | Inflation | Occupancy | TripoSr

__all__ = ["Hull", "Inflation", "Occupancy", "Shape", "TripoSr"]
