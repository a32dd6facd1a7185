"""Views -> Mesh: the union of backends of this stage."""

from genkei.shape.hull import Hull
from genkei.shape.inflation import Inflation

Shape = Hull | Inflation

__all__ = ["Hull", "Inflation", "Shape"]
