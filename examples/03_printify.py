"""A finished 3-D model to a printable figure: closed, scaled, on a base, checked, with no reconstruction.

Takes any GLB, VRM, OBJ, STL or 3MF; without an argument it builds Mame, our own chibi, and prints her.
Writes the painted figure on its base as `figure.glb`; `genkei printify` also writes 3MF, STL and OBJ.
Run it from the repository: `python examples/03_printify.py [model.glb] [height in mm]`.
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import genkei
from genkei.formats import glb
from genkei_train.characters.build import build_character
from genkei_train.characters.cast import MAME


def main(model: str = "", height_mm: str = "90", out: Path = Path("figure.glb")) -> genkei.Printed:
    with TemporaryDirectory() as folder:
        path = Path(model or f"{folder}/mame.glb")
        if not model:
            glb.write_character(path, build_character(MAME, cells=160, texture_px=1024))
        printed = genkei.printify(path, height_mm=float(height_mm))
    glb.write_figure(out, printed.figure)
    print(f"{out}: {'ready to print' if printed.printable else 'LOOK at the failed checks'}")
    for check in printed.checks:
        print(f"  {check.name}: {check.measured:.3g} {check.unit} (limit {check.limit:.3g})")
    return printed


if __name__ == "__main__":
    main(*sys.argv[1:3])
