"""The report in a real browser: it shows something, and it asks the network for nothing."""

import json
import shutil
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pytest
from PIL import Image

from genkei.apps import record, report
from genkei.apps.palette import chips
from genkei.figure.palette import reduce_colours
from tests.apps.drawings import made_of_a_box

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome") or ""
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions",
)  # fmt: skip
OFFLINE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
OWN = ("google.com", "googleapis.com", "gvt1.com")
"""Where the browser itself looks for updates, whatever the flags; the page names no address at all."""
LEAK = '<img src="http://127.0.0.1:9/leak.png">'

pytestmark = [
    pytest.mark.clients,
    pytest.mark.skipif(not BROWSER, reason="no chromium on this machine"),
]


def page() -> str:
    made = made_of_a_box()
    told = {
        "genkei": "0", "verb": "make", "title": "花 Hana", "subtitle": "A test.", "process": "resin",
        "inputs": [], "outputs": [], "versions": {"python": "3"},
        "figure": record.figure_record(made.figure),
        "timings": record.timing_records(made.timings, "2000-01-01"),
    }  # fmt: skip
    return report.make_report(made, told, chips(made.figure, reduce_colours(made.figure, 2)))


def visit(folder: Path, html: str) -> tuple[np.ndarray, set[str]]:
    """The page's picture, and every address that a page (not the browser itself) asked for."""
    (folder / "report.html").write_text(html, "utf-8")
    command = [
        BROWSER, *FLAGS, OFFLINE, f"--user-data-dir={folder}/profile", f"--log-net-log={folder / 'net.json'}",
        f"--screenshot={folder / 'page.png'}", "--window-size=1200,1600", (folder / "report.html").as_uri(),
    ]  # fmt: skip
    subprocess.run(command, capture_output=True, timeout=120, check=True)
    events = json.loads((folder / "net.json").read_text("utf-8"))["events"]
    urls = {event["params"]["url"] for event in events if "url" in event.get("params", {})}
    asked = {url for url in urls if not url.startswith(("file:", "data:", "chrome", "about:"))}
    outside = {url for url in asked if not (urlsplit(url).hostname or "").endswith(OWN)}
    return np.asarray(Image.open(folder / "page.png").convert("RGB")), outside


def test_the_report_is_shown_and_asks_nobody(tmp_path):
    picture, outside = visit(tmp_path, page())
    assert outside == set()
    assert picture.shape[:2] == (1600, 1200)
    assert len(np.unique(picture.reshape(-1, 3), axis=0)) > 200
    red = (np.abs(picture.astype(int) - (204, 51, 77)).sum(-1) < 40).sum()
    assert red > 2000


def test_the_page_forbids_a_request_to_slip_in(tmp_path):
    _, outside = visit(tmp_path, page().replace("<main>", f"<main>{LEAK}"))
    assert outside == set()


def test_the_watch_sees_a_request(tmp_path):
    _, outside = visit(tmp_path, f"<!doctype html><title>leak</title>{LEAK}")
    assert any("leak.png" in url for url in outside)
