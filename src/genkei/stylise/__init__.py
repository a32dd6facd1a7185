"""A drawing as the photograph of a PVC figure, by an SDXL checkpoint the user has (extra [diffusion])."""

from genkei.stylise.presets import PRESETS, Preset
from genkei.stylise.recipe import Styled, Stylise

__all__ = ["PRESETS", "Preset", "Styled", "Stylise"]
