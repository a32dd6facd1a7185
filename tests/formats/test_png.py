"""PNG: exact pixels back, equal bytes, refusals."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from genkei.formats import png


@pytest.mark.parametrize("shape", [(3, 5), (3, 5, 1), (3, 5, 3), (3, 5, 4)])
def test_pixels_come_back(shape: tuple[int, ...], tmp_path: Path) -> None:
    picture = np.random.default_rng(1).integers(0, 256, shape).astype(np.uint8)
    back = np.asarray(Image.open(io.BytesIO(png.encode(picture))))
    assert (back == picture.reshape(back.shape)).all()
    floats = (picture / 255).astype(np.float32)
    assert png.encode(floats) == png.encode(picture)
    png.write(tmp_path / "p.png", picture)
    assert (tmp_path / "p.png").read_bytes() == png.encode(picture)


def test_refusals() -> None:
    with pytest.raises(ValueError, match=r"this picture is \[4, 4, 2\]"):
        png.encode(np.zeros((4, 4, 2), np.uint8))
    with pytest.raises(ValueError, match=r"this picture is \[0, 4, 3\]"):
        png.encode(np.zeros((0, 4, 3), np.uint8))
    with pytest.raises(ValueError, match="NaN or infinite"):
        png.encode(np.full((2, 2), np.nan, np.float32))
