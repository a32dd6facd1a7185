"""What a run leaves on record: inputs, options, versions, findings, outputs and, apart, the timings."""

import hashlib
import math
import platform
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from genkei.figure.kit import MadeKit
from genkei.figure.profiles import NUMBERS, Profile
from genkei.formats.slicer import Sliced
from genkei.geometry.score import Score
from genkei.types import Check, Figure, Reading, Sheet, Timing, all_passed

if TYPE_CHECKING:
    from genkei.figure.moulds import Moulded

SEED = 0
"""No stage draws a random number that is not seeded by this."""
TIMELESS = "timings"
"""The only key of run.json that differs between two runs with the same inputs and options."""


def input_records(paths: Sequence[Path]) -> list[dict[str, object]]:
    """Name, size and SHA-256 of every file that went in; a folder counts as its files."""
    files = [file for path in paths for file in (sorted(path.rglob("*")) if path.is_dir() else [path])]
    return [_file_record(file, file.name) for file in files if file.is_file()]


def output_records(folder: Path, leave_out: Sequence[str] = ()) -> list[dict[str, object]]:
    """Every file below `folder` by relative name; `leave_out` are listed without size and hash."""
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    names = [(file, file.relative_to(folder).as_posix()) for file in files]
    return [{"name": name} if name in leave_out else _file_record(file, name) for file, name in names]


def _file_record(file: Path, name: str) -> dict[str, object]:
    with file.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return {"name": name, "bytes": file.stat().st_size, "sha256": digest}


def versions() -> dict[str, str]:
    """Python, genkei and everything genkei is installed with."""
    found = {"python": platform.python_version(), "platform": f"{sys.platform} {platform.machine()}"}
    needed = [line for line in requires("genkei") or [] if "extra ==" not in line]
    for line in ["genkei", *needed]:
        name = re.split(r"[^\w.-]", line, maxsplit=1)[0]
        found[name] = _version(name)
    return found


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "missing"


def check_record(check: Check) -> dict[str, object]:
    """The check's fields, numbers that JSON cannot hold as null."""
    row = asdict(check)
    return {key: _plain(value) for key, value in row.items()}


def view_records(sheet: Sheet) -> list[dict[str, object]]:
    """How each drawn view was found on paper."""
    return [
        {"name": view.name, "azimuth_deg": view.camera.azimuth_deg, **_reading_record(reading)}
        for view, reading in zip(sheet.views, sheet.readings, strict=True)
    ]


def agreement_records(sheet: Sheet) -> list[dict[str, object]]:
    """How drawn views of one outline were brought together, and where they still contradict each other."""
    return [{**asdict(row), "conflicts": dict(row.conflicts)} for row in sheet.agreements]


def _reading_record(reading: Reading) -> dict[str, object]:
    row = asdict(reading)
    row["source"] = Path(reading.source).name
    return {key: _plain(value) for key, value in row.items()}


def figure_record(figure: Figure) -> dict[str, object]:
    """Size, volume and triangles of what is printed."""
    from genkei.geometry.mesh import volume

    points = np.concatenate([part.mesh.vertices for part in figure.parts])
    size = points.max(0) - points.min(0)
    return {
        "parts": [part.name for part in figure.parts],
        "size_mm": [round(float(side), 3) for side in size],
        "character_height_mm": round(float(points[:, 2].max()) - figure.lift_mm, 3),
        "volume_cm3": round(sum(volume(part.mesh) for part in figure.parts) / 1000, 4),
        "triangles": sum(len(part.mesh.faces) for part in figure.parts),
    }


def kit_record(made: MadeKit, prints: Mapping[str, Sliced], moulds: Sequence["Moulded"]) -> dict[str, object]:
    """Parts in the order of assembly with what the slicer says of them, joints, moulds, and every check."""
    from genkei.geometry.mesh import volume

    parts = [
        {
            "name": part.name,
            "size_mm": [round(float(side), 2) for side in np.ptp(part.mesh.vertices, axis=0)],
            "volume_cm3": round(volume(part.mesh) / 1000, 4),
            "triangles": len(part.mesh.faces),
            **({"print": _print_record(prints[part.name])} if part.name in prints else {}),
        }
        for part in made.kit.parts
    ]
    joints = [
        {
            "carrier": joint.carrier, "plugged": joint.plugged, "kind": joint.kind,
            "width_mm": round(joint.size_mm, 3), "depth_mm": round(joint.depth_mm, 3),
            "clearance_mm": round(joint.clearance_mm, 3),
        }
        for joint in made.kit.joints
    ]  # fmt: skip
    return {
        "parts": parts,
        "plugs": [plug.name for plug in made.plugs],
        "joints": joints,
        "moulds": [_mould_record(part.name, one) for part, one in zip(made.kit.parts, moulds, strict=False)],
        "saved_cm3": round(made.saved_mm3 / 1000, 4),
        "passed": made.sound,
        "checks": [check_record(check) for check in made.checks],
        "notes": list(made.notes),
    }


def _print_record(sliced: Sliced) -> dict[str, object]:
    return {
        "minutes": round(sliced.minutes, 1),
        "cm3": round(sliced.cm3, 2),
        "grams": round(sliced.grams, 1),
        "layers": sliced.layers,
    }


def _mould_record(name: str, made: "Moulded") -> dict[str, object]:
    return {
        "part": name,
        "halves": len(made.halves),
        "pull": [round(float(v), 4) for v in made.pull],
        "undercut_share": round(made.undercut_share, 4),
        "parting_mm": round(made.parting_mm, 1),
        "passed": all_passed(made.checks),
        "notes": list(made.notes),
    }


def profile_record(profile: Profile) -> dict[str, object]:
    """Every limit the result was checked against and who says so; a limit there is none of as null."""
    numbers = {key: _plain(getattr(profile, key)) for key in NUMBERS}
    return {"name": profile.name, **numbers, "sources": dict(profile.sources)}


def timing_records(timings: Sequence[Timing], started: str) -> dict[str, object]:
    """When the run began and what each stage took; the process's peak memory where the system tells."""
    stages = [{"stage": t.stage, "wall_s": round(t.wall_s, 3), "cpu_s": round(t.cpu_s, 3)} for t in timings]
    total = round(sum(t.wall_s for t in timings), 3)
    return {"started": started, "total_s": total, "peak_memory_mb": peak_memory_mb(), "stages": stages}


def peak_memory_mb() -> float | None:
    """Largest resident size of this process so far; None where the system does not tell (Windows)."""
    try:
        import resource
    except ImportError:
        return None
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(used / (1024 * 1024 if sys.platform == "darwin" else 1024), 1)


def plain(record: Mapping[str, object]) -> dict[str, object]:
    """Paths as text, tuples as lists, not-a-number as null: what `json` writes without loss."""
    return {key: _plain(value) for key, value in record.items()}


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return plain(value)
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, np.generic):
        return _plain(value.item())
    if isinstance(value, float):
        return round(value, 6) if math.isfinite(value) else None
    if isinstance(value, Path):
        return value.name
    return value


def score_records(scores: Sequence[Score]) -> list[dict[str, object]]:
    """The given views against the result, without the pictures."""
    return [
        {
            "name": score.name,
            "silhouette_iou": round(score.silhouette_iou, 5),
            "colour_error": round(score.colour_error, 3),
            "colour_median": round(score.colour_median, 3),
        }
        for score in scores
    ]
