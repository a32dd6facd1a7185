"""Mesh and views to a painted character."""

from genkei.texture.paint import Paint, Painting
from genkei.texture.unwrap import Atlas, Projective, Unwrap, Xatlas

__all__ = ["Atlas", "Paint", "Painting", "Projective", "Unwrap", "Xatlas"]
