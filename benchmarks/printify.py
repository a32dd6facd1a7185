"""Any model to a print through the command line, at the size artists bring: seconds, memory, checks.

    python benchmarks/printify.py out/hana/character.glb $GENKEI_DATA/models/uc_unitychan.glb

Every model is first subdivided to about `triangles` triangles, each painted with the colour it had in the
middle; then `genkei printify` makes all files and the report of it in a process of its own.
"""

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import tyro

from genkei.formats import glb
from genkei.formats.files import read_model
from genkei.formats.soup import Soup, soup_colours
from genkei.geometry.mesh import open_edges, weld
from genkei.types import Character, Mesh, Rig


@dataclass(frozen=True)
class Options:
    """Time `genkei printify`."""

    models: tyro.conf.Positional[tuple[Path, ...]]
    triangles: int = 225_000
    """Each model is subdivided to this many (a little more)."""
    out: Path = Path("out/printify")
    process: str = "resin"
    threads: int = 2
    times: int = 1
    """Runs of every model; the table has the median."""


@dataclass(frozen=True)
class Row:
    """One run of the command line."""

    wall_s: float
    cpu_s: float
    peak_mb: float
    passed: int
    checks: int
    failed: tuple[str, ...]


def main(options: Options) -> None:
    options.out.mkdir(parents=True, exist_ok=True)
    print("| model | triangles | open edges | wall s | CPU s | peak MB | checks passed |")
    print("|---|---|---|---|---|---|---|")
    for path in options.models:
        fine, triangles, gaps = prepare(path, options)
        rows = sorted((run(fine, options) for _ in range(options.times)), key=lambda row: row.wall_s)
        row = rows[len(rows) // 2]
        checks = f"{row.passed} of {row.checks}" + "".join(f"; no: {name}" for name in row.failed)
        kind = f"{gaps:,}" if gaps else "0 (closed)"
        print(
            f"| {path.stem} | {triangles:,} | {kind} | {row.wall_s:.1f} | {row.cpu_s:.1f} "
            f"| {row.peak_mb:.0f} | {checks} |",
            flush=True,
        )


def prepare(path: Path, options: Options) -> tuple[Path, int, int]:
    """The subdivided model as a GLB of its own, its triangles and its open edges after welding."""
    soup = subdivided(read_model(path), options.triangles)
    count = len(soup.faces)
    side = int(np.ceil(np.sqrt(count)))
    middle = np.full((count, 3), 1 / 3)
    texture = np.zeros((side * side, 3), np.uint8)
    texture[:count] = soup_colours(soup, np.arange(count), middle)[:, :3]
    at = (np.stack([np.arange(count) % side, np.arange(count) // side], 1) + 0.5) / side
    low, high = soup.bounds
    mesh = Mesh((soup.vertices - low * [0, 1, 0]).astype(np.float32) / (high - low)[1], soup.faces)
    character = Character(
        mesh=mesh,
        uv=np.repeat(at[:, None], 3, axis=1).astype(np.float32),
        texture=texture.reshape(side, side, 3),
        drawn=np.ones((side, side), np.float32),
        parts=np.zeros(count, np.int32),
        part_names=("model",),
        rig=Rig.empty(len(mesh.vertices)),
    )
    fine = options.out / f"{path.parent.name}_{path.stem}.glb"
    glb.write_character(fine, character)
    return fine, count, open_edges(weld(mesh, 1e-6).faces)


def subdivided(soup: Soup, wanted: int) -> Soup:
    """Edges longer than a limit are halved, all at once and round by round, so that no gap opens.

    The limit is found by bisection: the longest that gives at least the wanted number of triangles.
    """
    plain = replace(soup, parts=soup.parts[:0])
    size = float(np.ptp(soup.bounds, axis=0).max())
    low, high = 1e-4 * size, size
    best = plain
    for _ in range(14):
        limit = float(np.sqrt(low * high))
        fine = plain
        while len(fine.faces) < 2 * wanted:
            finer = split(fine, limit)
            if len(finer.faces) == len(fine.faces):
                break
            fine = finer
        if len(fine.faces) >= wanted:
            low, best = limit, fine
        else:
            high = limit
    return best


CUTS = {
    0: [[0, 1, 2]],
    1: [[0, 3, 2], [3, 1, 2]],
    2: [[0, 3, 2], [3, 1, 4], [3, 4, 2]],
    3: [[0, 3, 5], [3, 1, 4], [5, 4, 2], [3, 4, 5]],
}
"""Marked edges -> new triangles; 3, 4, 5 are the middles of the edges 01, 12, 20; marked come first."""


def split(soup: Soup, limit: float) -> Soup:
    """Every edge longer than `limit` gets a vertex in its middle; faces are cut so that nothing opens."""
    ahead = np.roll(soup.faces, -1, axis=1)
    long = np.linalg.norm(soup.vertices[soup.faces] - soup.vertices[ahead], axis=2) > limit
    marks = long.sum(1)
    first = np.where(marks == 1, long.argmax(1), np.where(marks == 2, (long.argmin(1) + 1) % 3, 0))
    order = (first[:, None] + np.arange(3)) % 3
    faces = np.take_along_axis(soup.faces, order, 1).astype(np.int64)
    ends = np.sort(np.stack([faces, np.roll(faces, -1, axis=1)], -1), axis=-1)
    count = len(soup.vertices)
    edge, middle = np.unique(ends[..., 0] * count + ends[..., 1], return_inverse=True)
    halfway = (soup.vertices[edge // count] + soup.vertices[edge % count]) / 2
    index = np.concatenate([faces, count + middle.reshape(-1, 3)], 1)
    uv = _with_middles(np.take_along_axis(soup.uv, order[..., None], 1))
    colours = _with_middles(np.take_along_axis(soup.colours, order[..., None], 1).astype(np.float32))
    pieces = [(np.flatnonzero(marks == n), cut) for n, cuts in CUTS.items() for cut in cuts]
    source = np.concatenate([chosen for chosen, _ in pieces])
    corner = np.concatenate([np.tile(cut, (len(chosen), 1)) for chosen, cut in pieces])
    new, vertices = index[source[:, None], corner], np.concatenate([soup.vertices, halfway])
    used, renumbered = np.unique(new, return_inverse=True)
    return replace(
        soup,
        vertices=vertices[used].astype(np.float32),
        faces=renumbered.reshape(-1, 3).astype(np.int32),
        uv=uv[source[:, None], corner].astype(np.float32),
        texture=soup.texture[source],
        colours=np.rint(colours[source[:, None], corner]).astype(np.uint8),
    )


def _with_middles(corner: np.ndarray) -> np.ndarray:
    return np.concatenate([corner, (corner + np.roll(corner, -1, axis=1)) / 2], 1)


def run(model: Path, options: Options) -> Row:
    """One `genkei printify` as a person would call it."""
    folder = options.out / model.stem
    command = [
        sys.executable,
        "-m",
        "genkei",
        "printify",
        str(model),
        "--out",
        str(folder),
        "--force",
        "--quiet",
    ]
    command += ["--process", options.process, "--threads", str(options.threads)]
    started = time.perf_counter()
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, env={**os.environ, "PYTHONUNBUFFERED": "1"}
    )
    _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - started
    if os.waitstatus_to_exitcode(status) not in (0, 3):
        raise SystemExit(f"{model}: genkei printify ended with status {os.waitstatus_to_exitcode(status)}")
    checks = json.loads((folder / "run.json").read_text())["checks"]
    failed = tuple(check["name"] for check in checks if not check["passed"])
    peak = used.ru_maxrss / 1024
    return Row(wall, used.ru_utime + used.ru_stime, peak, len(checks) - len(failed), len(checks), failed)


if __name__ == "__main__":
    main(tyro.cli(Options))
