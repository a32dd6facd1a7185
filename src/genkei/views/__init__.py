"""The sides nobody drew: Sheet -> views."""

from genkei.views.mirror import Mirrored

Sides = Mirrored
"""The union of backends of this stage."""

__all__ = ["Mirrored", "Sides"]
