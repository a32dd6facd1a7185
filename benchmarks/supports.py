"""Supports for resin: ours against PrusaSlicer's own, on the same parts in the same posture.

    python benchmarks/supports.py hana mame ren --height-mm 60

Islands are counted in PrusaSlicer's layer pictures for both, so that nobody judges himself. Resin is what the
slicer says it uses beyond the bare part; seconds are CPU seconds of making supports, which for the slicer is
slicing with supports less slicing without. A name is a demo character or a mesh file (printified first).
"""

import argparse
import io
import re
import resource
import subprocess
import tempfile
import time
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

from genkei.figure.build import Build
from genkei.figure.orient import Orient, laid
from genkei.figure.profiles import PROFILES
from genkei.figure.supports import Supports, supported_mesh
from genkei.formats import stl
from genkei.geometry.mesh import volume
from genkei.types import Mesh, Part

EXAMPLES = Path(__file__).parents[1] / "examples"
LAYER_MM, PIXEL_MM = 0.05, 0.1


def ini(size: tuple[float, float], supports: bool) -> str:
    width, depth = size
    return f"""printer_technology = SLA
bed_shape = 0x0,{width}x0,{width}x{depth},0x{depth}
max_print_height = 260
display_width = {width}
display_height = {depth}
display_pixels_x = {round(width / PIXEL_MM)}
display_pixels_y = {round(depth / PIXEL_MM)}
supports_enable = {int(supports)}
pad_enable = {int(supports)}
layer_height = {LAYER_MM}
initial_layer_height = {LAYER_MM}
elefant_foot_compensation = 0
gamma_correction = 0
"""


def slice_it(mesh: Mesh, supports: bool) -> tuple[float, int, float]:
    """Resin in cm³, islands in the layer pictures, CPU seconds; nan where PrusaSlicer fails."""
    width, depth = (float(side) + 40 for side in np.ptp(mesh.vertices[:, :2], axis=0))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        stl.write(folder / "x.stl", mesh)
        (folder / "sla.ini").write_text(ini((width, depth), supports))
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run(
            ["prusa-slicer", "--export-sla", "--load", folder / "sla.ini",
             "--center", f"{width / 2:g},{depth / 2:g}", "-o", folder / "x.sl1", folder / "x.stl"],
            capture_output=True, check=False,
        )  # fmt: skip
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        if done.returncode or not (folder / "x.sl1").exists():
            return float("nan"), -1, spent
        with zipfile.ZipFile(folder / "x.sl1") as archive:
            told = archive.read("config.ini").decode()
            return float(re.findall(r"usedMaterial = ([\d.]+)", told)[0]), islands_in(archive), spent


def islands_in(archive: zipfile.ZipFile) -> int:
    """Pieces of a layer's picture that touch nothing in the one below."""
    from scipy.ndimage import label

    count, before = 0, np.zeros(0, bool)
    for name in sorted(name for name in archive.namelist() if re.fullmatch(r"x\d+\.png", name)):
        now = np.asarray(Image.open(io.BytesIO(archive.read(name))).convert("L")) > 127
        if before.size:
            pieces, pieces_count = label(now, np.ones((3, 3)))
            count += pieces_count - len(np.unique(pieces[now & before]))
        before = now
    return count


def part_of(name: str, height_mm: float) -> Part:
    from genkei import pipeline

    if (EXAMPLES / name).is_dir():
        character = pipeline.make(sheet=next((EXAMPLES / name).glob("sheet.png"))).character
        return replace(Build(height_mm=height_mm, with_base=False)(character).parts[0], name=name)
    printed = pipeline.printify(Path(name), build=Build(height_mm=height_mm, with_base=False))
    return replace(printed.figure.parts[0], name=Path(name).stem)


def compare(part: Part) -> None:
    profile = PROFILES["resin"]
    start = time.process_time()
    posture = Orient()(part, profile)
    turned = time.process_time()
    found = Supports()(replace(part, mesh=laid(part.mesh, posture)), profile)
    ours_s = time.process_time() - turned
    bare, bare_islands, bare_s = slice_it(found.part, supports=False)
    ours, ours_islands, _ = slice_it(supported_mesh(found.part, found.supports), supports=False)
    theirs, their_islands, their_s = slice_it(found.part, supports=True)
    failed = [check.name for check in found.checks if not check.passed]
    print(
        f"| {part.name} | {len(part.mesh.faces) / 1000:.0f} k | {volume(part.mesh) / 1000:.1f} | "
        f"{turned - start:.1f} | {bare_islands} | {ours_islands} | {their_islands} | {ours - bare:.2f} | "
        f"{theirs - bare:.2f} | {ours_s:.1f} | {their_s - bare_s:.1f} | {len(found.tips)} | "
        f"{', '.join(failed) or 'all pass'} |",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("names", nargs="+")
    parser.add_argument("--height-mm", type=float, default=60.0)
    options = parser.parse_args()
    print(
        "| part | triangles | cm³ | orientation s | islands bare | with ours | with the slicer's | "
        "resin ours cm³ | slicer's | CPU s ours | slicer's | tips | our checks |\n" + "|---" * 13 + "|"
    )
    for name in options.names:
        compare(part_of(name, options.height_mm))


if __name__ == "__main__":
    main()
