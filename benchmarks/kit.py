"""Kits of real models and of the demo characters: does every part pass every check, and what does it cost?

    python benchmarks/kit.py --process resin --models '*'

Every model is made printable at 150 mm and cut into a kit on a base, in a process of its own, so that a crash
is a row and not the end. Rows already in `out` are not run again: delete a JSON to measure it anew. The
models are other people's: look at the pictures beside the rows, don't publish them. Seconds are from the
file to the last check, without the kit's files; with `--processes 2` CPU seconds are those of all processes,
and the peak is the sum of their peaks. A kit for casting is solid and has a mould of every part.
"""

import fnmatch
import json
import pickle
import resource
import subprocess
import sys
import time
import traceback
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import tyro

from inputs import model_paths

if TYPE_CHECKING:
    from genkei.figure.kit import MadeKit
    from genkei.types import Kit

EXAMPLES = Path(__file__).parents[1] / "examples"
DEMO = ("hana", "mame", "ren")
LONGEST_CPU_S = 900
"""A kit that takes longer is stopped and counts as crashed."""
WHO = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
HEAD = (
    "| model | process | triangles | parts | joints | checks passed | CPU s | of it the solid | wall s "
    "| peak MB |\n" + "|---" * 10 + "|"
)


@dataclass(frozen=True)
class Options:
    """Make kits of models and count what fails."""

    models: str = "*"
    """Names of models or demo characters, wildcards and commas allowed."""
    process: tuple[str, ...] = ("resin",)
    height_mm: float = 150.0
    out: Path = Path("out/kit")
    """For a JSON and a picture per kit, and the table."""
    processes: int = 1
    """Parts are made ready side by side by so many."""
    keep: bool = False
    """Also leave the kit itself, pickled, to look at it closer."""
    table: bool = False
    """Run nothing: print the table of what is there."""
    one: Path | None = None
    """Run this one only, in this process, and write its JSON there."""


def main(options: Options) -> None:
    if options.one is not None:
        resource.setrlimit(resource.RLIMIT_CPU, (LONGEST_CPU_S, LONGEST_CPU_S))
        options.one.write_text(json.dumps(measured(options), indent=1))
        return
    options.out.mkdir(parents=True, exist_ok=True)
    rows = []
    print(HEAD, flush=True)
    for process in options.process:
        for name in names(options.models):
            path = options.out / f"{name}-{process}.json"
            if not path.exists() and not options.table:
                run(name, process, path, options)
            if path.exists():
                rows.append(json.loads(path.read_text()))
                print(line(rows[-1]), flush=True)
    told = "\n".join([HEAD, *map(line, rows), "", summary(rows)])
    print("\n" + summary(rows))
    (options.out / "table.md").write_text(told + "\n")


def names(pattern: str) -> list[str]:
    """Demo characters, then the real models, of those asked for."""
    known = [*DEMO, *(path.stem for path in model_paths())]
    found = [name for name in known if any(fnmatch.fnmatch(name, one) for one in pattern.split(","))]
    if not found:
        raise SystemExit(f"no model matches {pattern!r}; known are {', '.join(known)}")
    return found


def run(name: str, process: str, path: Path, options: Options) -> None:
    """One kit in a process of its own; what killed it stands in the row."""
    command = [sys.executable, __file__, "--models", name, "--process", process, "--one", str(path)]
    command += ["--height-mm", str(options.height_mm), "--out", str(options.out)]
    command += ["--processes", str(options.processes)]
    command += ["--keep"] if options.keep else []
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    said = (done.stderr or f"exit status {done.returncode}").strip()
    if not path.exists():
        path.write_text(json.dumps({"model": name, "process": process, "crash": said.splitlines()[-1]}))
        path.with_suffix(".log").write_text(said)


def measured(options: Options) -> dict[str, Any]:
    """The row of one kit; a crash of ours and a refusal are rows too."""
    from genkei import pipeline
    from genkei.figure.build import Build
    from genkei.figure.kit import KitMaker

    name, process = options.models, options.process[0]
    row: dict[str, Any] = {"model": name, "process": process}
    build = Build(height_mm=options.height_mm, process=process)
    start = (time.perf_counter(), spent())
    stages: dict[str, float] = {}
    last = ["", spent()]

    def progress(stage: str) -> None:
        now = spent()
        stages[last[0]] = stages.get(last[0], 0.0) + now - last[1]
        last[:] = [stage.split(" ")[0], now]

    try:
        if name in DEMO:
            whole = pipeline.make(sheet=EXAMPLES / name / "sheet.png")
        else:
            (path,) = model_paths(name)
            whole = pipeline.printify(path, height_mm=options.height_mm, build=build)
        character = whole.character
        row["solid_cpu_s"] = spent() - start[1]
        last[1] = spent()
        maker = KitMaker(processes=options.processes, solid=process == "cast")
        made = pipeline.kit(character, build, maker, progress, whole.begun)
        if process == "cast":
            found = pipeline.moulds(made, build.profile, progress)
            made = replace(made, checks=(*made.checks, *(row for one in found for row in one.checks)))
        progress("")
    except ValueError:
        return {**row, "crash": traceback.format_exc().splitlines()[-1], "trace": traceback.format_exc()}
    row["wall_s"], row["cpu_s"] = time.perf_counter() - start[0], spent() - start[1]
    row["peak_mb"] = sum(resource.getrusage(who).ru_maxrss for who in WHO) / 1e3
    row["triangles"], row["stages"] = len(character.mesh.faces), stages
    if options.keep:
        (options.out / f"{name}-{process}.pickle").write_bytes(pickle.dumps((character, made)))
    draw(made.kit, options.out / f"{name}-{process}.png")
    return row | told(made)


def spent() -> float:
    """CPU seconds of this process and of the helpers that have ended."""
    return sum(resource.getrusage(who).ru_utime + resource.getrusage(who).ru_stime for who in WHO)


def told(made: "MadeKit") -> dict[str, Any]:
    """What the kit says of itself."""
    failed = [check for check in made.checks if not check.passed]
    return {
        "parts": [part.name for part in made.kit.parts], "joints": len(made.kit.joints),
        "checks": len(made.checks), "passed": len(made.checks) - len(failed),
        "failed": [{"name": c.name, "measured": c.measured, "limit": c.limit, "unit": c.unit,
                    "where": c.where} for c in failed],
        "notes": list(made.notes),
    }  # fmt: skip


def draw(kit: "Kit", path: Path) -> None:
    """The kit in one piece and taken apart, from the front and from behind."""
    from genkei.apps.kit_pictures import BACK_LEFT, FRONT_LEFT, moved, shoot
    from genkei.figure.explode import travels
    from genkei.formats import png

    shots = [shoot(kit.parts, kit.texture, FRONT_LEFT, 700).rgba]
    for side in (FRONT_LEFT, BACK_LEFT):
        parts = moved(kit.parts, travels(kit, 1.0, side.forward))
        shots.append(shoot(parts, kit.texture, side, 1000).rgba)
    high = max(len(shot) for shot in shots)
    padded = [np.pad(shot, ((high - len(shot), 0), (0, 20), (0, 0))) for shot in shots]
    sheet = np.concatenate(padded, 1)
    png.write(path, np.round(255 * (sheet[..., :3] * sheet[..., 3:] + 1 - sheet[..., 3:])).astype(np.uint8))


def line(row: dict[str, Any]) -> str:
    """A row of the table."""
    if "crash" in row:
        return f"| {row['model']} | {row['process']} | **{row['crash']}** |" + " |" * 7
    counts = Counter(check["name"] for check in row["failed"])
    failed = "; no: " + ", ".join(f"{n} {name}" for name, n in counts.items()) if counts else ""
    return (
        f"| {row['model']} | {row['process']} | {row['triangles'] / 1e3:.0f}k | {len(row['parts'])} "
        f"| {row['joints']} | {row['passed']} of {row['checks']}{failed} | {row['cpu_s']:.0f} "
        f"| {row['solid_cpu_s']:.0f} | {row['wall_s']:.0f} | {row['peak_mb']:.0f} |"
    )


def summary(rows: list[dict[str, Any]]) -> str:
    """The share of kits without a failed check, and the failures by name."""
    made = [row for row in rows if "crash" not in row]
    sound = sum(not row["failed"] for row in made)
    says = [f"{sound} of {len(rows)} kits pass every check; {len(rows) - len(made)} crashed or were refused."]
    if made:
        checks, passed = sum(row["checks"] for row in made), sum(row["passed"] for row in made)
        cpu, peak = [row["cpu_s"] for row in made], max(row["peak_mb"] for row in made)
        says.append(
            f"{passed} of {checks} checks passed. Mean {np.mean(cpu):.0f} CPU-s, most {max(cpu):.0f}; "
            f"peak {peak:.0f} MB."
        )
    counts = Counter(check["name"] for row in made for check in row["failed"])
    kits = Counter(name for row in made for name in {check["name"] for check in row["failed"]})
    says += [f"- {name}: {n} times in {kits[name]} kits" for name, n in counts.most_common()]
    return "\n".join(says)


if __name__ == "__main__":
    main(tyro.cli(Options, description=__doc__))
