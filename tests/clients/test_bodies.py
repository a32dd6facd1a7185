"""PrusaSlicer prints every body of a part with its own filament, and as much of it as the body holds."""

import re

import manifold3d
import numpy as np
import pytest

from genkei.figure.bodies import ByColour
from genkei.formats import slicer, stl, threemf_bodies
from genkei.formats.slicer import accepted
from genkei.geometry.mesh import volume
from genkei.types import Mesh
from tests.clients.test_slicer import needs_slicer
from tests.figure.test_bodies import BLUE, COLOURS, RED, TEXTURE, WHITE, painted

pytestmark = [pytest.mark.clients, needs_slicer]
MACHINE = slicer.Machine(
    "fdm", (60.0, 60.0), 60.0, 0.2, filaments=3,
    more={"fill_density": "100%", "fill_pattern": "rectilinear", "brim_width": 0,
          "extruder_colour": "#FF0000;#FFFFFF;#0000FF"},
)  # fmt: skip


def stripes(points: np.ndarray) -> np.ndarray:
    x = points[:, 0]
    return np.where(x < -4, RED, np.where(x > 6, BLUE, WHITE))


def test_every_body_is_printed_with_its_own_filament(tmp_path):
    block = manifold3d.Manifold.cube((24, 12, 8), True).refine(12).translate((0, 0, 4))
    made = ByColour()(painted(block, stripes), TEXTURE, COLOURS)
    named = [("bar", list(zip(made.filaments, made.meshes, strict=True)))]
    threemf_bodies.write(tmp_path / "bar.3mf", named, COLOURS)
    (told,) = slicer.info(tmp_path / "bar.3mf")
    assert told["manifold"] == "yes" and not any(word in told for word in slicer.REPAIRS)
    assert float(told["volume"]) == pytest.approx(24 * 12 * 8, rel=1e-4)
    slicer.slice_part(tmp_path / "bar.3mf", MACHINE, tmp_path / "bar.gcode")
    code = (tmp_path / "bar.gcode").read_text()
    assert set(re.findall(r"^T(\d)", code, re.MULTILINE)) == {"0", "1", "2"}
    used = re.search(r"filament used \[cm3\] = ([\d., ]+)", code)
    assert used
    printed = [1000 * float(word) for word in used[1].split(",")]
    assert printed == pytest.approx([volume(mesh) for mesh in made.meshes], rel=0.12)
    for filament, mesh in zip(made.filaments, made.meshes, strict=True):
        stl.write(tmp_path / f"bar_{filament}.stl", mesh)
        assert accepted(tmp_path / f"bar_{filament}.stl", volume(mesh))
    torn = [("bar", [(0, Mesh(made.meshes[0].vertices, made.meshes[0].faces[3:]))])]
    threemf_bodies.write(tmp_path / "torn.3mf", torn, COLOURS)
    assert not accepted(tmp_path / "torn.3mf", volume(made.meshes[0]))
