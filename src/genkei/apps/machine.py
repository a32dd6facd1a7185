"""The machine a run is on: where kernels are kept, cores, memory, disk, and the programs found."""

import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from genkei import __version__


def cache_folder() -> Path:
    """Where compiled kernels are kept: the user's cache folder, or a temporary one if that is closed."""
    from platformdirs import user_cache_path

    chosen = os.environ.get("GENKEI_CACHE")
    folder = Path(chosen) if chosen else user_cache_path("genkei", appauthor=False)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return Path(tempfile.gettempdir()) / "genkei-cache"
    return folder if os.access(folder, os.W_OK) else Path(tempfile.gettempdir()) / "genkei-cache"


def prepare_kernels(cache: Path) -> bool:
    """Let numba keep compiled kernels in `cache`, unless the environment names another place already.

    Returns whether they still have to be compiled. Must run before numba is imported.
    """
    folder = Path(os.environ.setdefault("NUMBA_CACHE_DIR", str(cache / f"kernels-{__version__}")))
    return not any(folder.rglob("*.nbi"))


def memory_gb() -> float | None:
    """Physical memory; None where the system does not tell."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    except (AttributeError, ValueError, OSError):
        return None


def free_disk_gb(folder: Path) -> float:
    """Free space where `folder` is or would be."""
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free / 1e9


def cores() -> int:
    """Processor cores this process may use."""
    usable = getattr(os, "sched_getaffinity", None)
    return len(usable(0)) if usable else os.cpu_count() or 1


@dataclass(frozen=True)
class Client:
    """A program other people wrote that can open our files; none is needed."""

    name: str
    purpose: str
    found: str
    """Its version or place; empty when it is not here."""


def clients() -> tuple[Client, ...]:
    """Slicers, validators and browsers on this machine."""
    return (
        Client("prusa-slicer", "slices STL and 3MF", _first_line(["prusa-slicer", "--help"])),
        Client("admesh", "a second opinion on STL", _first_line(["admesh", "--version"])),
        Client("node", "runs the validators", _first_line(["node", "--version"])),
        Client("gltf-validator", "checks GLB", _node_package("gltf-validator")),
        Client("@pixiv/three-vrm", "opens VRM", _node_package("@pixiv/three-vrm")),
        Client("chromium", "shows the report", _first_line(["chromium", "--version"])),
    )


def _first_line(command: list[str]) -> str:
    if shutil.which(command[0]) is None:
        return ""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    lines = [line.strip() for line in (done.stdout or done.stderr).splitlines() if line.strip()]
    return lines[0][:60] if lines else "found"


def _node_package(name: str) -> str:
    """Version of a node package beside the working folder or where GENKEI_NODE_MODULES says."""
    import json

    places = [os.environ.get("GENKEI_NODE_MODULES", ""), str(Path.cwd() / "node_modules")]
    for place in filter(None, places):
        manifest = Path(place) / name / "package.json"
        if manifest.is_file():
            return str(json.loads(manifest.read_text(encoding="utf-8")).get("version", "found"))
    return ""
