"""`genkei make` from end to end: what is written, what is said, and that two runs write the same bytes."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from genkei.apps.cli import main
from genkei.apps.record import TIMELESS
from genkei.apps.report import TIMINGS_END, TIMINGS_START
from tests.apps.conftest import genkei
from tests.apps.drawings import draw_girl

FILES = {
    "character.glb", "figure.glb", "figure.3mf", "figure_bambu.3mf", "figure.stl", "figure.obj", "figure.mtl",
    "figure.png", "report.html", "run.json", "views",
}  # fmt: skip


def test_everything_is_written(finished):
    out, process = finished
    assert process.returncode in (0, 3), process.stderr
    assert {entry.name for entry in out.iterdir()} == FILES
    assert (out / "views" / "front.png").is_file()
    assert [entry.name for entry in out.parent.iterdir() if entry.name.startswith(".genkei")] == []
    assert (out / "report.html").stat().st_size < 6e6


def test_stdout_is_json_and_stderr_tells_the_stages(finished):
    out, process = finished
    told = json.loads(process.stdout)
    assert told["folder"] == str(out)
    assert told["printable"] == (process.returncode == 0)
    assert told["scores"][0]["name"] == "front"
    assert told["scores"][0]["silhouette_iou"] > 0.9
    assert abs(told["figure"]["character_height_mm"] - 80) < 1.5
    assert {check["name"] for check in told["checks"]} >= {"closed", "one piece", "stands"}
    assert all(len(entry["sha256"]) == 64 for entry in told["inputs"])
    for says in ("reading", "painting", "writing the report"):
        assert says in process.stderr
    assert "Traceback" not in process.stderr


def test_run_json_hashes_what_lies_there(finished):
    import hashlib

    out, process = finished
    told = json.loads((out / "run.json").read_text("utf-8"))
    assert told == {key: value for key, value in json.loads(process.stdout).items() if key != "folder"}
    for entry in told["outputs"]:
        if "sha256" in entry:
            assert hashlib.sha256((out / entry["name"]).read_bytes()).hexdigest() == entry["sha256"]
    assert {Path(entry["name"]).parts[0] for entry in told["outputs"]} == FILES


def test_the_page_shows_everything_and_asks_nobody(finished):
    out, _ = finished
    page = (out / "report.html").read_text("utf-8")
    assert re.findall(r'(?:src|href)="(?!data:)', page) == []
    assert "://" not in re.sub(r"data:image/png;base64,[A-Za-z0-9+/=]+", "", page)
    for angle in range(0, 360, 45):
        assert f"figure at {angle} degrees" in page
    for check in json.loads((out / "run.json").read_text("utf-8"))["checks"]:
        assert check["name"] in page
    assert "guessed regions at 180 degrees" in page


def without_timings(file: Path) -> bytes:
    """The file's bytes; run.json and report.html without their one block of timings."""
    text = file.read_bytes()
    if file.name == "run.json":
        told = json.loads(text)
        del told[TIMELESS]
        return json.dumps(told).encode()
    if file.name == "report.html":
        return re.sub(f"{TIMINGS_START}.*?{TIMINGS_END}".encode(), b"", text, flags=re.DOTALL)
    return text


@pytest.mark.slow
def test_two_runs_write_the_same_bytes(finished, girl):
    out, process = finished
    again = out.parent / "again"
    assert genkei("make", girl, "-o", again, "--quiet", "--height-mm", "80").returncode == process.returncode
    files = sorted(file.relative_to(out) for file in out.rglob("*") if file.is_file())
    assert files == sorted(file.relative_to(again) for file in again.rglob("*") if file.is_file())
    different = [str(f) for f in files if without_timings(out / f) != without_timings(again / f)]
    assert different == []


def _hear_interrupts() -> None:
    """A shell's background job starts with SIGINT ignored, and its children inherit that."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stopping_leaves_nothing(finished, tmp_path, number):
    girl = draw_girl(tmp_path / "girl.png")
    before = sorted(tmp_path.iterdir())
    command = [sys.executable, "-m", "genkei", "make", str(girl), "-o", str(tmp_path / "deep" / "out")]
    process = subprocess.Popen(
        command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, preexec_fn=_hear_interrupts
    )
    assert process.stderr is not None
    for line in process.stderr:
        if "reading" in line:
            break
    time.sleep(0.2)
    process.send_signal(number)
    _, told = process.communicate(timeout=120)
    assert process.returncode == 130, told
    assert "stopped; nothing was written" in told
    assert "Traceback" not in told
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
def test_a_module_that_is_stopped_while_it_loads_is_not_broken(monkeypatch, capsys):
    """Compiled modules turn an interrupt into `ImportError: initialization failed`."""

    def stopped(verb):
        try:
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(0.2)
        except KeyboardInterrupt as interrupt:
            raise ImportError("initialization failed") from interrupt

    def broken(verb):
        raise ImportError("no module named x")

    usual = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        monkeypatch.setattr("genkei.apps.cli._run", stopped)
        assert main(["doctor"]) == 130
        assert "stopped; nothing was written" in capsys.readouterr().err
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
        monkeypatch.setattr("genkei.apps.cli._run", broken)
        with pytest.raises(ImportError, match="no module named x"):
            main(["doctor"])
    finally:
        signal.signal(signal.SIGINT, usual)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no file size limit")
def test_a_full_disk_leaves_nothing(finished, tmp_path):
    import resource

    girl = draw_girl(tmp_path / "girl.png")

    def small_files():
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

    done = genkei("views", girl, "-o", tmp_path / "out", preexec_fn=small_files)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "nothing was written" in done.stderr
    assert [entry.name for entry in tmp_path.iterdir()] == ["girl.png"]


def test_views_then_make_from_them_is_offered(girl, tmp_path):
    out = tmp_path / "out"
    done = genkei("views", girl, "-o", out)
    assert done.returncode == 0, done.stderr
    assert {entry.name for entry in out.iterdir()} == {"views", "report.html", "run.json"}
    assert str(out / "report.html") in done.stdout.replace("\n", "")
    assert genkei("views", girl, "-o", out, "--quiet").returncode == 1
    again = genkei("views", "--from", out / "views", "-o", out, "--force", "--quiet")
    assert again.returncode == 0, again.stderr
    assert (out / "views" / "front.png").is_file()
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["out"]
