"""All four sides of a lone drawing from whatever draws them: framing, order, and what the notes say."""

import numpy as np
from PIL import Image

from genkei.drawing.around import Around, framed
from genkei.drawing.sheet import Options, read_views
from genkei.geometry.render import render_clay
from genkei.geometry.score import silhouette_iou
from genkei.types import Camera
from tests.shape.figures import figure

SMALL = Options(size_px=192)


def drawn(tmp_path):
    picture = (render_clay(figure(), Camera.orthographic(0.0), 256) * 255).astype(np.uint8)
    Image.fromarray(picture).save(tmp_path / "front.png")
    return read_views({0.0: tmp_path / "front.png"}, SMALL)


def test_the_drawing_fills_the_picture_from_head_to_foot_on_grey(tmp_path):
    sheet = drawn(tmp_path)
    picture = framed(sheet.views[0])
    assert picture.shape == (3, 768, 512)
    rows = np.flatnonzero((np.abs(picture - 0.5).max(0) > 0.1).any(1))
    assert rows[0] < 12 and rows[-1] > 755
    assert np.abs(picture[:, 384, :40] - 0.5).max() < 1e-3


def test_made_views_stand_where_the_stage_draws_them(tmp_path):
    """A draughtsman that renders the figure itself: right, back, left, front."""

    def draw(picture: np.ndarray, **options: float) -> np.ndarray:
        assert picture.shape == (3, 768, 512) and options == {"steps": 3, "guidance": 5.0, "seed": 7}
        sides = [render_clay(figure(), Camera.orthographic(a, 1.3), 192) for a in (270, 180, 90, 0)]
        made = [s[..., :3] * s[..., 3:] + 1 - s[..., 3:] for s in sides]
        return np.stack([m[:, 32:160].transpose(2, 0, 1) for m in made]).astype(np.float32)

    sheet = Around(steps=3, seed=7, draw=draw)(drawn(tmp_path), SMALL)
    assert [view.name for view in sheet.views] == ["right", "back", "left", "front"]
    for view in sheet.views:
        seen = render_clay(figure(), view.camera, 192)[..., 3] > 0.5
        assert silhouette_iou(seen, view.mask) > 0.93
    assert any("made from the front drawing, in an A-pose (seed 7): guesses" in note for note in sheet.notes)
