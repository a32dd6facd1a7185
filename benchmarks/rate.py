"""How fast labelled pictures are made: CPU seconds a picture, by family, and where they go.

    python benchmarks/rate.py --side 256 --subjects 4

Kernels are compiled and files read before the clock starts. CPU seconds do not depend on who else uses the
machine as much as wall seconds do; two cores make 2 / (CPU seconds) pictures a second.
"""

import time
from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import tyro

from genkei_train import data
from genkei_train.data import Plan, entries, packed
from genkei_train.render import prepare
from inputs import data_folder


@dataclass(frozen=True)
class Options:
    side: int = 256
    subjects: int = 4
    """Characters of each family, eight pictures each."""
    seed: int = 11


def main(options: Options) -> None:
    root = data_folder()
    models = str(root) if (root / "index.json").is_file() else ""
    print(f"side {options.side} px\n")
    print("| family | pictures | CPU s a picture | character | drawing | packing | a second on 2 cores |")
    print("|---|---|---|---|---|---|---|")
    for family in ("own", "toys", "anime", "cc0") if models else ("own", "toys"):
        own, toys, anime, cc0 = (float(name == family) for name in ("own", "toys", "anime", "cc0"))
        plan = Plan(options.seed, options.side, models, own=own, toys=toys, anime=anime, cc0=cc0)
        measured(plan, np.random.default_rng(options.seed + 1), 1)
        spent = measured(plan, np.random.default_rng(options.seed), options.subjects)
        count = options.subjects * data.SAMPLES_PER_SUBJECT
        each = {name: seconds / count for name, seconds in spent.items()}
        total = sum(each.values())
        parts = " | ".join(f"{each[n]:.3f}" for n in ("character", "pictures", "packing"))
        print(f"| {family} | {count} | {total:.3f} | {parts} | {2 / total:.1f} |", flush=True)


def measured(plan: Plan, rng: np.random.Generator, subjects: int) -> dict[str, float]:
    """CPU seconds of each step over so many characters."""
    spent: dict[str, float] = defaultdict(float)
    pool = entries(plan)
    for _ in range(subjects):
        start = time.process_time()
        prepared = prepare(data._subject(plan, pool, rng))
        built = time.process_time()
        samples = list(data._pictures(plan, prepared, rng))
        drawn = time.process_time()
        packed(samples)
        spent["character"] += built - start
        spent["pictures"] += drawn - built
        spent["packing"] += time.process_time() - drawn
    return spent


if __name__ == "__main__":
    main(tyro.cli(Options, description=__doc__))
