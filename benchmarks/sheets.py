"""Do the views of real sheets agree, and are two characters told apart? `python benchmarks/sheets.py`

First table: opposite views of every set of drawings, their outlines' overlap as drawn and once brought
together, how far anything was moved for it, and what still contradicts. Second: the share of one view in
colours that another lacks, for views of one character and for a front and any view of another one.
"""

import time
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np
import tyro

from drawings import find_subjects
from genkei.drawing.agree import agree
from genkei.drawing.contradictions import strangeness
from genkei.drawing.sheet import Options as Reading
from genkei.pipeline import read
from genkei.types import View
from inputs import data_folder

HEAD = (
    "| sheet | views | overlap as drawn | now | moved, % of height | conflicts | CPU s |\n"
    "|---|---|---|---|---|---|---|"
)


@dataclass(frozen=True)
class Options:
    """Where the drawings are."""

    folders: tyro.conf.Positional[tuple[Path, ...]] = ()
    """Nothing: the shared drawings and our examples."""
    size_px: int = 512


def main(options: Options) -> None:
    folders = options.folders or (data_folder() / "drawings", Path("examples"))
    sets: dict[str, tuple[View, ...]] = {}
    print(HEAD, flush=True)
    for subject in find_subjects(folders):
        if subject.sheet is None and len(subject.pictures) < 2:
            continue
        given = {"sheet": subject.sheet} if subject.sheet else {"pictures": subject.pictures}
        drawn = read(**given, options=Reading(size_px=options.size_px, agree=False))  # pyright: ignore[reportArgumentType]
        start = time.process_time()
        found = agree(drawn.views)
        cpu_s = time.process_time() - start
        sets[subject.name] = drawn.views
        for row in found.rows:
            told = ", ".join(f"{name} {share:.0%}" for name, share in row.conflicts) or "-"
            print(
                f"| {subject.name} | {row.reference}, {row.view} | {row.before:.3f} | {row.after:.3f} "
                f"| {100 * row.moved:.1f} | {told} | {cpu_s:.1f} |",
                flush=True,
            )
    print(strangers(sets))


def strangers(sets: dict[str, tuple[View, ...]]) -> str:
    """A front and another view, of one character and of two; sheets repeat a set's drawings, left out."""
    chosen = {name: views for name, views in sets.items() if "sheet" not in name}
    same = [strangeness(views[0], view) for views in chosen.values() for view in views[1:]]
    other = [
        strangeness(a[0], view)
        for one, two in combinations(chosen.values(), 2)
        for a, b in ((one, two), (two, one))
        for view in b
    ]
    lines = ["", "| strange colours | pairs | least | median | largest |", "|---|---|---|---|---|"]
    for name, shares in (("one character", same), ("two characters", other)):
        least, middle, most = np.percentile(shares, [0, 50, 100])
        lines.append(f"| {name} | {len(shares)} | {least:.3f} | {middle:.3f} | {most:.3f} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main(tyro.cli(Options, description=__doc__))
