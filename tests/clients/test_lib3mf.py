"""lib3mf's strict reader on a whole coloured figure, and on one that must not pass."""

import numpy as np
import pytest

from genkei.figure.build import Build
from genkei.figure.colour import sharpen
from genkei.figure.palette import reduce_colours
from genkei.formats import threemf
from genkei.types import Figure, Mesh, Part
from tests.figure.characters import doll

pytestmark = pytest.mark.clients


def test_a_figure_is_perfect_and_a_torn_one_is_not(tmp_path):
    figure = Build(height_mm=60.0)(doll())
    cut = sharpen(figure, reduce_colours(figure, 4))
    path = tmp_path / "figure.3mf"
    threemf.write(path, cut.figure, cut.palette.colours, cut.palette.faces)
    assert threemf.strict_findings(path) == ()
    part = figure.parts[0]
    torn = Part(part.name, Mesh(part.mesh.vertices, part.mesh.faces[:-1]), part.uv[:-1])
    colours = (np.zeros(len(part.mesh.faces) - 1, np.int32),)
    threemf.write(path, Figure((torn,), figure.texture, 60.0, 0.0), cut.palette.colours, colours)
    assert threemf.strict_findings(path)
