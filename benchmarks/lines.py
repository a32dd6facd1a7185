"""Table of line finding: every backend of `genkei.drawing.lines` on labelled pictures.

    python -m genkei_train.data --held --side 768 --models ../shared/data --out out/lines --shards 1
    python benchmarks/lines.py out/lines

A line pixel counts as found when truth lies within `near` of it, and truth counts as found likewise; both at
the threshold .5 and at the best one of all pictures together.
"""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import tyro

from genkei.drawing.backdrop import dilate
from genkei.drawing.lines import Classical, LearnedLines, Lines
from genkei.nets.loader import load
from genkei.types import Camera, View
from genkei_train.data import open_folder

LEVELS = np.array([0.02, 0.1, 0.25, 0.5, 0.75])


@dataclass(frozen=True)
class Options:
    """Score lines against labelled pictures."""

    folder: Annotated[Path, tyro.conf.Positional]
    """Data set as `genkei_train.data` writes it."""
    weights: Path | None = None
    """Another weights.toml than the shipped one."""
    near: float = 0.003
    """Shares of the picture's side within which two lines are one."""


def contenders(weights: Path | None) -> dict[str, Lines]:
    return {"classical": Classical(), "net": LearnedLines(net=load("solid", weights))}


def hits(found: np.ndarray, truth: np.ndarray, radius: int) -> np.ndarray:
    """Found, of these right, true, of these found: pixels per level."""
    to_truth = dilate(truth, radius)
    rows = []
    for level in LEVELS:
        there = found > level
        rows.append(
            [there.sum(), (there & to_truth).sum(), truth.sum(), (truth & dilate(there, radius)).sum()]
        )
    return np.array(rows, np.float64)


def main(options: Options) -> None:
    data = open_folder(options.folder)
    table = {name: np.zeros((len(LEVELS), 4)) for name in contenders(options.weights)}
    spent = dict.fromkeys(table, 0.0)
    backends = contenders(options.weights)
    for k in range(len(data)):
        sample = data.sample(k)
        view = View(sample["picture"].astype(np.float32) / 255, Camera.orthographic(0.0))
        truth = (sample["lines"] > 127) & view.mask
        for name, backend in backends.items():
            began = time.process_time()
            found = backend(view).value[..., 0]
            spent[name] += time.process_time() - began
            table[name] += hits(found, truth, max(round(options.near * len(truth)), 1))
    side = view.mask.shape[0]
    print(f"n = {len(data)} pictures of {side} px\n")
    print("| lines | precision | recall | F at .5 | best F (level) | CPU s |\n|---|---|---|---|---|---|")
    for name, rows in table.items():
        precision, recall = rows[:, 1] / np.maximum(rows[:, 0], 1), rows[:, 3] / np.maximum(rows[:, 2], 1)
        f = 2 * precision * recall / np.maximum(precision + recall, 1e-9)
        half, best = 3, int(f.argmax())
        print(
            f"| {name} | {precision[half]:.3f} | {recall[half]:.3f} | {f[half]:.3f}"
            f" | {f[best]:.3f} ({LEVELS[best]:.2f}) | {spent[name] / len(data):.2f} |"
        )


if __name__ == "__main__":
    main(tyro.cli(Options, description=__doc__))
