"""The assembly sheet in a real browser: it asks nobody, and it prints on pages of its own."""

import re
import subprocess

import numpy as np
import pytest

from genkei.apps.kit_page import kit_page
from genkei.figure.paints import paint_guide
from tests.apps.test_kit_page import doll, told
from tests.clients.test_page import BROWSER, FLAGS, visit

pytestmark = [
    pytest.mark.clients,
    pytest.mark.skipif(not BROWSER, reason="no chromium on this machine"),
]


def sheet() -> str:
    kit = doll()
    return kit_page(kit, told(guide=paint_guide(kit.parts, kit.texture)))


def test_the_sheet_is_shown_and_asks_nobody(tmp_path):
    picture, outside = visit(tmp_path, sheet())
    assert outside == set()
    blue = (np.abs(picture.astype(int) - (20, 40, 180)).sum(-1) < 120).sum()
    assert blue > 2000  # the arm is drawn: pictures inside drawings load


def test_the_sheet_prints_on_a4(tmp_path):
    """The exploded view, parts and joints, assembly, paints, and the rest each begin a page."""
    (tmp_path / "kit.html").write_text(sheet(), "utf-8")
    command = [
        BROWSER, *FLAGS, f"--user-data-dir={tmp_path}/profile", "--no-pdf-header-footer",
        f"--print-to-pdf={tmp_path / 'kit.pdf'}", (tmp_path / "kit.html").as_uri(),
    ]  # fmt: skip
    subprocess.run(command, capture_output=True, timeout=120, check=True)
    pdf = (tmp_path / "kit.pdf").read_bytes()
    boxes = re.findall(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", pdf)
    assert pdf.startswith(b"%PDF") and 4 <= len(boxes) <= 5
    assert all(abs(float(w) - 595) < 2 and abs(float(h) - 842) < 2 for w, h in boxes)
