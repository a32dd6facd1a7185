"""What is cut out of a view and laid back lies where it was."""

import numpy as np

from genkei.geometry.crop import crop_of, cut, uncut
from genkei.types import Camera, View


def test_cutting_and_laying_back_is_the_same_picture():
    y, x = np.mgrid[0:160, 0:160] / 160
    rgba = np.zeros((160, 160, 4), np.float32)
    rgba[30:120, 50:100] = 1
    rgba[..., 0] = 0.5 + 0.3 * np.sin(6 * x) * np.cos(5 * y)
    view = View(rgba, Camera.orthographic(0.0))
    crop = crop_of(view)
    laid = uncut(cut(view, crop, 192)[[0, 3]], view, crop, beyond=-1.0)
    inner = np.zeros((160, 160), bool)
    inner[35:115, 55:95] = True
    assert np.abs(laid[0] - rgba[..., 0])[inner].max() < 0.01
    assert (laid[1][inner] > 0.99).all()
    assert laid[1][75, 2] == -1.0
