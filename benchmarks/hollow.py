"""Hollowing real figures: seconds, memory, wall and material, beside PrusaSlicer's own hollowing.

    python benchmarks/hollow.py $GENKEI_DATA/models/uc_unitychan.glb --triangles 225000 --slicer

Every model is made printable at 150 mm without a base and subdivided to about `triangles` triangles; then a
process of its own hollows it; an STL is one closed part in mm and taken as it is. The slicer exports no
hollowed mesh (PrusaSlicer #3643), so its resin is what its sliced file says, with and without hollowing, both
without supports; its seconds are CPU seconds, hollow less solid.
"""

import json
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tyro

from genkei.figure.union import Painted, from_solid, to_solid
from genkei.formats import slicer, stl
from genkei.types import Mesh, Part
from slicing import resin

LAYER_MM, PIXEL_MM = 0.1, 0.25


@dataclass(frozen=True)
class Options:
    """Time the hollowing of real models."""

    models: tyro.conf.Positional[tuple[Path, ...]] = ()
    triangles: int = 0
    """Each model is subdivided to about this many; 0: as it is."""
    wall_mm: float = 2.0
    process: str = "resin"
    out: Path = Path("out/hollow")
    slicer: bool = False
    """Slice every part with PrusaSlicer, solid and hollowed by it."""
    part: Path | None = None
    """Hollow this prepared part only and print its numbers as JSON."""


def main(options: Options) -> None:
    if options.part is not None:
        print(json.dumps(measure(options.part, options)))
        return
    options.out.mkdir(parents=True, exist_ok=True)
    print("| model | triangles | CPU s | wall s | peak MB | wall min / mean / 99 % mm | off > 5 % "
          "| cm³ before | after | holes | left mm³ | failed checks "
          "| slicer: s, cm³ solid and hollow |")  # fmt: skip
    print("|---" * 13 + "|")
    for path in options.models:
        prepared = prepare(path, options)
        command = [sys.executable, __file__, "--part", str(prepared), "--wall-mm", str(options.wall_mm)]
        told = subprocess.run(
            [*command, "--process", options.process], capture_output=True, text=True, check=True
        )
        row = json.loads(told.stdout.splitlines()[-1])
        sliced = sliced_by_prusa(prepared, options) if options.slicer else "-"
        print(f"| {path.stem} | {row['triangles']} | {row['cpu']:.1f} | {row['wall']:.1f} | {row['mb']:.0f} "
              f"| {row['least']:.3f} / {row['mean']:.3f} / {row['most']:.3f} | {row['off']:.2%} "
              f"| {row['before']:.1f} | {row['after']:.1f} | {row['holes']} | {row['left']:.0f} "
              f"| {', '.join(row['failed']) or 'none'} | {sliced} |", flush=True)  # fmt: skip


def prepare(path: Path, options: Options) -> Path:
    """The part as `.npz`, made once."""
    from genkei import pipeline
    from genkei.figure.build import Build

    prepared = options.out / f"{path.stem}-{options.triangles}.npz"
    if prepared.exists():
        return prepared
    if path.suffix == ".stl":
        mesh = stl.read_mesh(path)
        np.savez(
            prepared,
            vertices=mesh.vertices,
            faces=mesh.faces,
            uv=np.zeros((len(mesh.faces), 3, 2), np.float32),
        )
        return prepared
    made = pipeline.printify(path, height_mm=150.0, build=Build(with_base=False)).figure.parts[0]
    painted, length = Painted(made.mesh, made.uv), 4.0
    while len(painted.mesh.faces) < options.triangles:
        length *= 0.9
        painted = from_solid(to_solid(Painted(made.mesh, made.uv)).refine_to_length(length))
    np.savez(prepared, vertices=painted.mesh.vertices, faces=painted.mesh.faces, uv=painted.uv)
    return prepared


def loaded(path: Path) -> Part:
    kept = np.load(path)
    return Part(path.stem, Mesh(kept["vertices"], kept["faces"]), kept["uv"])


def measure(path: Path, options: Options) -> dict:
    """One hollowing; the kernels are compiled on a small ball first."""
    import manifold3d

    from genkei.figure.hollow import Hollow
    from genkei.figure.profiles import profile_named
    from genkei.geometry.mesh import from_manifold, volume

    hollow, profile = Hollow(wall_mm=options.wall_mm), profile_named(options.process)
    ball = from_manifold(manifold3d.Manifold.sphere(12.0, 32))
    hollow(Part("ball", ball, np.zeros((len(ball.faces), 3, 2), np.float32)), profile)
    part = loaded(path)
    start = (time.perf_counter(), time.process_time())
    made = hollow(part, profile)
    wall_s, cpu_s = time.perf_counter() - start[0], time.process_time() - start[1]
    left = [check.measured for check in made.checks if check.name == "drains"]
    return {
        "triangles": len(part.mesh.faces), "cpu": cpu_s, "wall": wall_s,
        "mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3,
        "least": made.wall.least_mm, "mean": made.wall.mean_mm, "most": made.wall.most_mm,
        "off": made.wall.off_share, "before": volume(part.mesh) / 1e3, "after": volume(made.part.mesh) / 1e3,
        "holes": len(made.bores), "left": max(left, default=0.0),
        "failed": [check.name for check in made.checks if not check.passed],
    }  # fmt: skip


def sliced_by_prusa(path: Path, options: Options) -> str:
    """CPU seconds of the slicer's hollowing (slicing hollow less slicing solid) and cm³, solid and hollow."""
    if not slicer.program():
        return "not installed"
    mesh = loaded(path).mesh
    hollowing = {
        "hollowing_enable": 1, "hollowing_min_thickness": options.wall_mm, "hollowing_quality": 0.5,
        "hollowing_closing_distance": 2,
    }  # fmt: skip
    solid, hollow = (resin(mesh, LAYER_MM, PIXEL_MM, **more) for more in ({}, hollowing))
    return f"{hollow.cpu_s - solid.cpu_s:.0f} s {solid.cm3:.1f}, {hollow.cm3:.1f}"


if __name__ == "__main__":
    main(tyro.cli(Options))
