"""What can be asked about the paint on the command line."""

import pytest
import tyro

from genkei.apps.options import Make
from genkei.apps.request import paint
from genkei.texture import Paint


@pytest.mark.parametrize("words", [(), ("--flat",), ("--keep-contours",), ("--flat", "--keep-contours")])
def test_flat_paint_and_contours_are_asked_for_by_name(words):
    verb = tyro.cli(Make, args=["front.png", *words])
    assert paint(verb) == Paint(flat="--flat" in words, keep_contours="--keep-contours" in words)
