"""One full run of `genkei make`, shared by the tests of this folder."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.apps.drawings import draw_girl


def genkei(*arguments: str | Path, **options) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own."""
    command = [sys.executable, "-m", "genkei", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False, **options)


@pytest.fixture(scope="session")
def girl(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return draw_girl(tmp_path_factory.mktemp("絵 and spaces") / "少女 one.png")


@pytest.fixture(scope="session")
def finished(girl: Path) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """Folder and process of a `genkei make FRONT --json`."""
    out = girl.parent / "出力 out"
    return out, genkei("make", girl, "-o", out, "--json", "--height-mm", "80")


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever tries a connection fails."""

    def refuse(*words, **_):
        raise AssertionError(f"a connection was tried: {words}")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
