"""What the shop picture costs: CPU seconds and memory by picture size.

    python benchmarks/photo.py out/hana/figure.glb

One process a row, so that the peak is the row's own; the scene is read before the clock starts.
"""

import argparse
import resource
import subprocess
import sys
import time
from pathlib import Path

SIZES = ((450, 600), (900, 1200), (1200, 1600))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=Path)
    parser.add_argument("--size", type=int, nargs=2, help="one row alone")
    told = parser.parse_args()
    if told.size:
        print(row(told.model, *told.size))
        return
    print("| picture | triangles | CPU s | peak MB |\n|---|---|---|---|")
    for size in SIZES:
        words = [sys.executable, __file__, str(told.model), "--size", *map(str, size)]
        print(subprocess.run(words, capture_output=True, text=True, check=True).stdout, end="", flush=True)


def row(model: Path, width_px: int, height_px: int) -> str:
    from genkei.formats.files import read_model
    from genkei.photo import Studio, scene_of_soup

    scene = scene_of_soup(read_model(model))
    Studio(width_px=32, height_px=32)(scene)  # compiles
    begin = time.process_time()
    Studio(width_px=width_px, height_px=height_px)(scene)
    spent = time.process_time() - begin
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return f"| {width_px} x {height_px} | {len(scene.soup.faces):,} | {spent:.1f} | {peak:.0f} |"


if __name__ == "__main__":
    main()
