"""A turnaround sheet to a textured character: the four views are found, named and combined into one solid.

The order of the views is read from the drawing; `order=("front", "left", "back", "right")` would dictate it.
Writes the character as `character.glb`, which any 3-D viewer opens.
Run it from the repository: `python examples/02_turnaround_sheet.py [sheet.png]`.
"""

import sys
from pathlib import Path

import genkei
from genkei.formats import glb

HANA = Path(__file__).parent / "hana" / "sheet.png"


def main(sheet: Path = HANA, out: Path = Path("character.glb")) -> genkei.Made:
    made = genkei.make(sheet=sheet)
    for view, reading in zip(made.sheet.views, made.sheet.readings, strict=True):
        print(f"{view.name}: {reading.reason} ({reading.certainty:.0%} sure)")
    glb.write_character(out, made.character)
    print(f"{out}: {len(made.character.mesh.faces)} triangles")
    return made


if __name__ == "__main__":
    main(*(Path(argument) for argument in sys.argv[1:3]))
