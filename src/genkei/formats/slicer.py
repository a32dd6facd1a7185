"""PrusaSlicer, where it is installed, as an outside program: its word on a mesh, its times.

Its graphics are never opened. Exit code 0 alone proves nothing (a torn mesh slices too): `accepted`
is the gate, `slice_part` gives plausible times and material. Measured with 2.5.0.
"""

import os
import re
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

NAME = "prusa-slicer"
MISSING = "PrusaSlicer is not installed"
REPAIRS = ("open_edges", "edges_fixed", "facets_removed", "facets_reversed", "degenerate", "backwards_edges")
"""Words of `--info` that only appear when something had to be mended."""
VOLUME_SHARE = 1e-3
RESIN_G_CM3, PLA_G_CM3 = 1.1, 1.24


@dataclass(frozen=True)
class Machine:
    """What the slicer has to know; millimetres."""

    kind: Literal["resin", "fdm"]
    bed_mm: tuple[float, float]
    height_mm: float
    layer_mm: float
    supports: bool = False
    """Supports of the slicer's own."""
    filaments: int = 1
    more: Mapping[str, str | float] | None = None
    """Settings in the slicer's words, in place of ours."""

    @property
    def says(self) -> str:
        """The settings a time depends on, for people."""
        if self.kind == "resin":
            return f"layers of {self.layer_mm:g} mm, {EXPOSURE_S:g} s of light each, PrusaSlicer's tilt times"
        return f"layers of {self.layer_mm:g} mm, 0.4 mm nozzle, 2 perimeters, 10 % gyroid, supports"

    @property
    def settings(self) -> dict[str, str | float]:
        """The flat ini that `--load` takes."""
        width, depth = self.bed_mm
        shared: dict[str, str | float] = {
            "bed_shape": f"0x0,{width:g}x0,{width:g}x{depth:g},0x{depth:g}",
            "max_print_height": self.height_mm,
            "layer_height": self.layer_mm,
        }
        own = self._resin(width, depth) if self.kind == "resin" else self._fdm()
        return {**shared, **own, **(self.more or {})}

    def _resin(self, width: float, depth: float) -> dict[str, str | float]:
        return {
            "printer_technology": "SLA", "initial_layer_height": self.layer_mm,
            "display_width": width, "display_height": depth,
            "display_pixels_x": round(width / PIXEL_MM), "display_pixels_y": round(depth / PIXEL_MM),
            "supports_enable": int(self.supports), "pad_enable": int(self.supports),
            "exposure_time": EXPOSURE_S, "initial_exposure_time": 10 * EXPOSURE_S, "faded_layers": 5,
            "elefant_foot_compensation": 0, "gamma_correction": 0,
        }  # fmt: skip

    def _fdm(self) -> dict[str, str | float]:
        each = {
            "nozzle_diameter": 0.4, "filament_diameter": 1.75, "filament_density": PLA_G_CM3,
            "temperature": 210, "first_layer_temperature": 215,
        }  # fmt: skip
        return {
            "printer_technology": "FFF", "gcode_flavor": "marlin2", "first_layer_height": self.layer_mm,
            **{key: ",".join([f"{value:g}"] * self.filaments) for key, value in each.items()},
            "perimeters": 2, "fill_density": "10%", "fill_pattern": "gyroid", "brim_width": 4, "skirts": 0,
            "support_material": int(self.supports), "support_material_threshold": 45, "wipe_tower": 0,
        }  # fmt: skip


EXPOSURE_S = 2.5
"""Of a layer of 0.05 mm under a monochrome screen; the lift between layers takes longer than the light."""
PIXEL_MM = 0.25
"""Of the layer pictures: times and volumes do not depend on it, the seconds of slicing do."""


@dataclass(frozen=True)
class Sliced:
    """What the slicer says about one print."""

    minutes: float
    cm3: float
    """Resin or filament, supports included."""
    grams: float
    layers: int


def program() -> str:
    """The slicer's path; empty when it is not installed."""
    return shutil.which(NAME) or ""


def run(*arguments: str | Path, timeout_s: float = 600.0) -> str:
    """Run the slicer without a display; returns its stdout. ValueError with its own words when it fails."""
    found = program()
    if not found:
        raise ValueError(f"{MISSING}: apt install prusa-slicer")
    environment = {key: value for key, value in os.environ.items() if key != "DISPLAY"}
    command = [found, *map(str, arguments)]
    try:
        done = subprocess.run(command, capture_output=True, timeout=timeout_s, env=environment, check=False)
    except subprocess.TimeoutExpired:
        raise ValueError(f"PrusaSlicer did not finish within {timeout_s:g} s") from None
    told = done.stdout.decode("utf-8", "replace")
    if done.returncode:
        says = (told + done.stderr.decode("utf-8", "replace")).strip().splitlines()
        last = says[-1] if says else "it said nothing"
        raise ValueError(f"PrusaSlicer ended with code {done.returncode}: {last}")
    return told


def info(path: Path) -> list[dict[str, str]]:
    """`--info` of an STL or 3MF: a table an object. ValueError when it cannot be read."""
    told = run("--info", path)
    blocks = re.split(r"^\[.*\]\s*$", told, flags=re.MULTILINE)[1:]
    tables = [dict(re.findall(r"^(\w+)\s*=\s*(\S+)\s*$", block, re.MULTILINE)) for block in blocks]
    return [table for table in tables if "manifold" in table]


def accepted(path: Path, expected_mm3: float) -> bool:
    """One object, manifold, nothing mended, one part, our volume to 0.1 %."""
    tables = info(path)
    return len(tables) == 1 and not _faults(tables[0], Expected(expected_mm3))


@dataclass(frozen=True)
class Expected:
    """One object of a file as we made it."""

    mm3: float
    """Of all its shells together."""
    shells: int = 1
    """2 for a part and its supports."""


def objections(path: Path, expected: Sequence[Expected], machine: Machine) -> tuple[str, ...]:
    """What speaks against a file of several objects, in the order they were written; nothing for a good one.

    Every object is manifold, unmended, of our volume and inside the machine; no two boxes overlap.
    """
    tables = info(path)
    if len(tables) != len(expected):
        return (f"{len(tables)} objects, wanted {len(expected)}",)
    found, boxes = [], []
    limits = (*machine.bed_mm, machine.height_mm)
    for number, (told, wanted) in enumerate(zip(tables, expected, strict=True), 1):
        found += [f"object {number}: {fault}" for fault in _faults(told, wanted)]
        box = [(float(told[f"min_{axis}"]), float(told[f"max_{axis}"])) for axis in "xyz"]
        if any(
            low < -TOUCH_MM or high > limit + TOUCH_MM for (low, high), limit in zip(box, limits, strict=True)
        ):
            found.append(f"object {number}: outside the machine")
        for other, earlier in enumerate(boxes, 1):
            if all(min(a[1], b[1]) - max(a[0], b[0]) > TOUCH_MM for a, b in zip(box, earlier, strict=True)):
                found.append(f"objects {other} and {number} are in each other's way")
        boxes.append(box)
    return tuple(found)


TOUCH_MM = 0.01
"""What is written with six digits may be off by less."""


def _faults(told: Mapping[str, str], wanted: Expected) -> list[str]:
    """Why an object is not the one we made."""
    found = [word for word in REPAIRS if word in told]
    if told["manifold"] != "yes":
        found.append("not manifold")
    if told["number_of_parts"] != str(wanted.shells):
        found.append(f"{told['number_of_parts']} shells, wanted {wanted.shells}")
    if abs(float(told["volume"]) - wanted.mm3) > VOLUME_SHARE * wanted.mm3:
        found.append(f"{float(told['volume']):.1f} mm³, wanted {wanted.mm3:.1f}")
    return found


def slice_part(path: Path, machine: Machine, keep: Path | None = None) -> Sliced:
    """Slice a file in the middle of the bed; `keep`: where the G-code or .sl1 goes, else it is thrown away.

    ValueError when the slicer fails, writes nothing or not a single layer.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ini = folder / "machine.ini"
        ini.write_text("".join(f"{key} = {value}\n" for key, value in machine.settings.items()), "utf-8")
        out = keep or folder / ("x.sl1" if machine.kind == "resin" else "x.gcode")
        middle = ",".join(f"{side / 2:g}" for side in machine.bed_mm)
        verb = "--export-sla" if machine.kind == "resin" else "--export-gcode"
        run(verb, "--load", ini, "--center", middle, "-o", out, path)
        if not out.is_file():
            raise ValueError(f"PrusaSlicer wrote nothing for {path.name}")
        sliced = _sliced_resin(out) if machine.kind == "resin" else _sliced_fdm(out)
    if not sliced.layers:
        raise ValueError(f"PrusaSlicer made no layers of {path.name}")
    return sliced


def _sliced_resin(path: Path) -> Sliced:
    with zipfile.ZipFile(path) as archive:
        told = dict(re.findall(r"^(\w+) = (\S+)\s*$", archive.read("config.ini").decode(), re.MULTILINE))
    cm3 = float(told["usedMaterial"])
    layers = int(told["numFast"]) + int(told["numSlow"])
    return Sliced(float(told["printTime"]) / 60, cm3, cm3 * RESIN_G_CM3, layers)


def _sliced_fdm(path: Path) -> Sliced:
    text = path.read_text("utf-8", "replace")
    cm3 = _total(r"filament used \[cm3\] = ([\d., ]+)", text)
    grams = _total(r"filament used \[g\] = ([\d., ]+)", text)
    time = re.search(r"estimated printing time \(normal mode\) = (.+)", text)
    minutes = _minutes(time[1]) if time else 0.0
    return Sliced(minutes, cm3, grams, text.count(";LAYER_CHANGE"))


def _total(pattern: str, text: str) -> float:
    found = re.search(pattern, text)
    return sum(float(word) for word in found[1].split(",") if word.strip()) if found else 0.0


def _minutes(words: str) -> float:
    """`1d 2h 3m 4s` in minutes."""
    units = {"d": 1440.0, "h": 60.0, "m": 1.0, "s": 1 / 60}
    return sum(float(number) * units[unit] for number, unit in re.findall(r"(\d+)\s*([dhms])", words))


__all__ = [
    "MISSING", "REPAIRS", "Expected", "Machine", "Sliced", "accepted", "info", "objections", "program", "run",
    "slice_part",
]  # fmt: skip
