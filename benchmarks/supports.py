"""Supports for resin: ours against PrusaSlicer's own, on the same parts in the same posture.

    python benchmarks/supports.py hana mame ren --height-mm 60

Islands are counted in PrusaSlicer's layer pictures for both, so that nobody judges himself. Resin is what the
slicer says it uses beyond the bare part; seconds are CPU seconds of making supports, which for the slicer is
slicing with supports less slicing without. A name is a demo character or a mesh file, printified first; an
STL is one closed part in mm and taken as it is.
"""

import argparse
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from genkei.figure.build import Build
from genkei.figure.orient import Orient, laid
from genkei.figure.profiles import PROFILES
from genkei.figure.supports import Supports, supported_mesh
from genkei.formats import stl
from genkei.geometry.mesh import volume
from genkei.types import Part
from slicing import resin

EXAMPLES = Path(__file__).parents[1] / "examples"
PIXEL_MM = 0.1


def part_of(name: str, height_mm: float) -> Part:
    from genkei import pipeline

    if (EXAMPLES / name).is_dir():
        character = pipeline.make(sheet=next((EXAMPLES / name).glob("sheet.png"))).character
        return replace(Build(height_mm=height_mm, with_base=False)(character).parts[0], name=name)
    if name.endswith(".stl"):
        mesh = stl.read_mesh(Path(name))
        return Part(Path(name).stem, mesh, np.zeros((len(mesh.faces), 3, 2), np.float32))
    printed = pipeline.printify(Path(name), build=Build(height_mm=height_mm, with_base=False))
    return replace(printed.figure.parts[0], name=Path(name).stem)


def compare(part: Part, layer_mm: float) -> None:
    profile = PROFILES["resin"]
    start = time.process_time()
    posture = Orient()(part, profile)
    turned = time.process_time()
    found = Supports()(replace(part, mesh=laid(part.mesh, posture)), profile)
    ours_s = time.process_time() - turned
    both = supported_mesh(found.part, found.supports)
    bare, ours = (resin(mesh, layer_mm, PIXEL_MM) for mesh in (found.part, both))
    theirs = resin(found.part, layer_mm, PIXEL_MM, supports_enable=1, pad_enable=1)
    failed = [check.name for check in found.checks if not check.passed]
    print(
        f"| {part.name} | {len(part.mesh.faces) / 1000:.0f} k | {volume(part.mesh) / 1000:.1f} | "
        f"{turned - start:.1f} | {bare.islands} | {ours.islands} | {theirs.islands} | "
        f"{ours.cm3 - bare.cm3:.2f} | {theirs.cm3 - bare.cm3:.2f} | {ours_s:.1f} | "
        f"{theirs.cpu_s - bare.cpu_s:.1f} | {len(found.tips)} | "
        f"{', '.join(failed) or 'all pass'} |",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("names", nargs="+")
    parser.add_argument("--height-mm", type=float, default=60.0)
    parser.add_argument("--layer-mm", type=float, default=0.05)
    options = parser.parse_args()
    print(
        "| part | triangles | cm³ | orientation s | islands bare | with ours | with the slicer's | "
        "resin ours cm³ | slicer's | CPU s ours | slicer's | tips | our checks |\n" + "|---" * 13 + "|"
    )
    for name in options.names:
        compare(part_of(name, options.height_mm), options.layer_mm)


if __name__ == "__main__":
    main()
