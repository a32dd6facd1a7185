"""Views -> Mesh: the union of backends of this stage."""

from genkei.shape.charactergen import CharacterGen
from genkei.shape.hull import Hull
from genkei.shape.inflation import Inflation
from genkei.shape.neus import Neus
from genkei.shape.occupancy import Occupancy
from genkei.shape.poisson import Poisson
from genkei.shape.refine import Refined
from genkei.shape.relief import Relief
from genkei.shape.sdf import Sdf
from genkei.shape.splats import Splats
from genkei.shape.tets import Tets
from genkei.shape.triposr import TripoSr

Shape = Hull | Inflation | Neus | Occupancy | Poisson | Refined | Sdf | Splats | Tets | TripoSr | CharacterGen

__all__ = [
    "CharacterGen",
    "Hull",
    "Inflation",
    "Neus",
    "Occupancy",
    "Poisson",
    "Refined",
    "Relief",
    "Sdf",
    "Shape",
    "Splats",
    "Tets",
    "TripoSr",
]
