"""PrusaSlicer prints what we support: its resin is our volume, and its own layer pictures show no island."""

import io
import re
import zipfile
from pathlib import Path

import manifold3d
import numpy as np
import pytest
from PIL import Image

from genkei.figure.profiles import PROFILES
from genkei.figure.supports import Supported, Supports, supported_mesh
from genkei.formats import slicer, stl
from genkei.formats.slicer import accepted
from genkei.geometry.mesh import volume
from genkei.types import Mesh, Part
from tests.clients.test_slicer import needs_slicer
from tests.figure.characters import solid
from tests.figure.test_islands import box, comb, table
from tests.figure.test_islands import islands as found_islands

pytestmark = [pytest.mark.clients, needs_slicer]
BED_MM, LAYER_MM = 60.0, 0.1
SLA = slicer.Machine("resin", (BED_MM, BED_MM), 120.0, LAYER_MM, more={
    "display_pixels_x": 600, "display_pixels_y": 600, "faded_layers": 3,
})  # fmt: skip


def sliced(folder: Path, mesh: Mesh) -> tuple[float, int]:
    """Resin in mm³ and islands in the slicer's own layer pictures."""
    from scipy.ndimage import label

    stl.write(folder / "x.stl", mesh)
    told = slicer.slice_part(folder / "x.stl", SLA, folder / "x.sl1")
    with zipfile.ZipFile(folder / "x.sl1") as archive:
        names = sorted(name for name in archive.namelist() if re.fullmatch(r"x\d+\.png", name))
        islands, before = 0, np.zeros(0)
        for name in names:
            now = np.asarray(Image.open(io.BytesIO(archive.read(name))).convert("L")) > 127
            if before.size:
                pieces, count = label(now, np.ones((3, 3)))
                islands += count - len(np.unique(pieces[now & before]))
            before = now
    assert len(names) > 50
    return 1000 * told.cm3, islands


@pytest.fixture(scope="module", params=["ball", "table"])
def held(request) -> Supported:
    shape = {"ball": manifold3d.Manifold.sphere(8, 64), "table": table(4, 3.0) + box(2, 2, 9, (36, 9, 22))}
    mesh = solid(shape[request.param])
    return Supports(layer_mm=LAYER_MM)(
        Part("x", mesh, np.zeros((len(mesh.faces), 3, 2), np.float32)), PROFILES["resin"]
    )


def test_the_supported_part_passes_the_bar_and_uses_our_volume(tmp_path, held):
    both = supported_mesh(held.part, held.supports)
    stl.write(tmp_path / "both.stl", both)
    assert accepted(tmp_path / "both.stl", volume(both))
    resin, islands = sliced(tmp_path, both)
    assert resin == pytest.approx(volume(both), rel=5e-3)
    assert resin == pytest.approx(volume(held.part) + held.resin_mm3, rel=5e-3)
    assert islands == 0


def test_without_them_the_slicer_shows_our_islands(tmp_path):
    teeth = solid(comb(4))
    resin, islands = sliced(tmp_path, teeth)
    assert islands == len(found_islands(teeth)) == 3
    assert resin == pytest.approx(volume(teeth), rel=5e-3)


def test_a_slicer_that_fails_is_told(tmp_path):
    with pytest.raises(ValueError, match="PrusaSlicer ended with code"):
        slicer.slice_part(tmp_path / "missing.stl", SLA)
