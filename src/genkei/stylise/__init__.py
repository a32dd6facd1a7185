"""A drawing as the photograph of a PVC figure: by light, or by an SDXL checkpoint (extra [diffusion])."""

from genkei.stylise.presets import PRESETS, Preset
from genkei.stylise.recipe import Styled, Stylise
from genkei.stylise.vinyl import Vinyl

__all__ = ["PRESETS", "Preset", "Styled", "Stylise", "Vinyl"]
