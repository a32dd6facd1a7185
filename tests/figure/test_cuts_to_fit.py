"""A machine smaller than the figure: every piece fits, and every piece knows what it stands on."""

import numpy as np
import pytest

from genkei.figure.assembly import assembly
from genkei.figure.build import Build
from genkei.figure.contact import lies_on
from genkei.figure.labels import find_labels
from genkei.figure.split import Split
from genkei.geometry.mesh import corners, volume
from tests.figure.characters import doll

ROOM = (60.0, 58.0, 56.0)


def test_pieces_fit_sum_to_the_whole_and_go_together():
    whole = Build(with_base=False)(doll())
    cut = Split(parts=("hair",), build_mm=ROOM)(whole, find_labels(whole))
    assert len(cut.parts) > 5
    for part in cut.parts:
        assert (np.sort(np.ptp(part.mesh.vertices, axis=0)) <= np.sort(ROOM) + 1e-3).all(), part.name
    total = sum(volume(part.mesh) for part in cut.parts)
    assert total == pytest.approx(volume(whole.parts[0].mesh), rel=1e-4)
    by_name = {part.name: part for part in cut.parts}
    assert len(by_name) == len(cut.parts)
    for face in cut.interfaces:  # each shared surface lies on the part that is put on it
        skin = corners(by_name[face.plugged].mesh)
        assert face.carrier != face.plugged and lies_on(face.triangles, skin, facing=True).mean() > 0.97
    assert len(assembly(cut.parts, cut.interfaces)) == len(cut.parts)
