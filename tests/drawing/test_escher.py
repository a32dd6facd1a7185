"""The sides nobody drew from whatever draws them: which are asked for, framing, what stays, what is said."""

import numpy as np
import pytest
from PIL import Image

from genkei.drawing.escher import Escher, frame_of, on_white
from genkei.drawing.sheet import Options, read_views
from genkei.geometry.render import render_clay
from genkei.geometry.score import silhouette_iou
from genkei.nets.eschernet import FOCAL_PX, SIDE_PX
from genkei.types import Camera
from tests.shape.figures import figure

SMALL = Options(size_px=192)


def drawn(tmp_path, *azimuths: float):
    files = {}
    for azimuth in azimuths:
        picture = (render_clay(figure(), Camera.orthographic(azimuth), 256) * 255).astype(np.uint8)
        files[azimuth] = tmp_path / f"{azimuth:g}.png"
        Image.fromarray(picture).save(files[azimuth])
    return read_views(files, SMALL)


def draw(pictures, given, made, **options):
    """A draughtsman that renders the figure itself."""
    assert pictures.shape == (len(given), 3, SIDE_PX, SIDE_PX)
    assert options == {"steps": 50, "guidance": 3.0, "seed": 7}
    span = 1.5 * SIDE_PX / FOCAL_PX
    sides = [render_clay(figure(), Camera.orthographic(s.azimuth_deg, span), SIDE_PX) for s in made]
    return np.stack([(s[..., :3] * s[..., 3:] + 1 - s[..., 3:]).transpose(2, 0, 1) for s in sides])


def test_what_is_drawn_stays_and_the_rest_is_made(tmp_path):
    before = drawn(tmp_path, 0.0, 80.0)
    sheet = Escher(seed=7, draw=draw)(before, SMALL)
    assert sheet.views[:2] == before.views
    assert [view.name for view in sheet.views[2:]] == ["back", "right"]  # 80 degrees are near enough to left
    for view in sheet.views[2:]:
        seen = render_clay(figure(), view.camera, 192)[..., 3] > 0.5
        assert silhouette_iou(seen, view.mask) > 0.93
    (note,) = [note for note in sheet.notes if "EscherNet" in note and "guesses" in note]
    assert note.startswith("2 views were made") and "seed 7" in note and "non-commercial" in note


def test_where_all_is_drawn_nothing_is_asked(tmp_path):
    before = drawn(tmp_path, 0.0, 90.0, 180.0, 270.0)
    sheet = Escher(draw=lambda *_, **__: pytest.fail("it was asked"))(before, SMALL)
    assert sheet.views == before.views and "not asked" in sheet.notes[-1]


@pytest.mark.parametrize("distance", [1.5, 2.2])
def test_the_character_stands_in_the_picture_as_its_cameras_would_show_it(tmp_path, distance):
    (view,) = drawn(tmp_path, 0.0).views
    picture = on_white(view, frame_of((view,), distance))
    rows = np.flatnonzero((np.abs(picture - 1) > 0.1).any((0, 2)))
    assert abs(rows[-1] - rows[0] + 1 - FOCAL_PX / distance) < 4
    assert abs(rows[-1] + rows[0] - SIDE_PX) < 5
    assert (picture[:, :, :20] == 1).all()


def test_running_out_of_memory_is_explained(tmp_path):
    def full(*_, **__):
        raise RuntimeError("CUDA out of memory. Tried to allocate 9 GiB")

    with pytest.raises(ValueError, match="the memory ran out over the four views of EscherNet"):
        Escher(draw=full)(drawn(tmp_path, 0.0), SMALL)


def test_a_model_without_its_folder_is_refused(tmp_path):
    with pytest.raises(ValueError, match="no whole EscherNet"):
        Escher(tmp_path, 6)(drawn(tmp_path, 0.0), SMALL)
