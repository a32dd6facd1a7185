"""A part may be turned on the bed, and everybody asks so."""

import manifold3d
import numpy as np
import pytest

from genkei.figure.checks import check_mesh
from genkei.figure.finish import Finish
from genkei.figure.machine import fit
from genkei.figure.profiles import profile_with
from genkei.types import Part
from tests.figure.characters import solid

PROFILE = profile_with("resin", build_mm=(70.0, 130.0, 160.0))


@pytest.mark.parametrize(
    ("size", "fits", "along"),
    [
        ((100.0, 40.0, 100.0), True, ""),
        ((40.0, 100.0, 100.0), True, ""),
        ((100.0, 100.0, 100.0), False, "the shorter side"),
        ((200.0, 40.0, 100.0), False, "the longer side"),
        ((40.0, 40.0, 170.0), False, "the height"),
    ],
)
def test_a_block_fits_as_it_is_turned_best(size, fits, along):
    found = fit(np.array(size), PROFILE)
    assert found.fits == fits and (fits or found.along == along)
    assert fit(np.array([size[1], size[0], size[2]]), PROFILE) == found
    mesh = solid(manifold3d.Manifold.cube(size))
    row = next(row for row in check_mesh(mesh, PROFILE, "block") if row.name == "fits the machine")
    made = Finish(unsupported=True).flat(Part("base", mesh, np.zeros((12, 3, 2), np.float32)), PROFILE)
    base = next(row for row in made.checks if row.name == "base fits the machine")
    for told in (row, base):
        assert told.passed == fits and told.measured == pytest.approx(found.size_mm, abs=1e-4)
        assert told.limit == found.room_mm
