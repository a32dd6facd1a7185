"""One drawing to a figure: the front of a character is all we have, so the back is a guess.

Prints what was read, how well the result matches the drawing, and what a printer would say of the figure.
Run it from the repository: `python examples/01_one_drawing.py [drawing.png]`.
"""

import sys
from pathlib import Path

import genkei

HANA = Path(__file__).parent / "hana" / "front.png"


def main(drawing: Path = HANA) -> genkei.Made:
    made = genkei.make(drawing)
    print(f"{drawing.name}: {len(made.mesh.faces)} triangles, {len(made.figure.parts)} printable pieces")
    for score in made.scores:
        print(
            f"  {score.name}: silhouette {score.silhouette_iou:.3f}, colour off by {score.colour_median:.1f}"
        )
    for check in made.checks:
        verdict = "good" if check.passed else "LOOK"
        print(f"  {verdict}  {check.name}: {check.measured:.3g} {check.unit} (limit {check.limit:.3g})")
    return made


if __name__ == "__main__":
    main(*(Path(argument) for argument in sys.argv[1:2]))
