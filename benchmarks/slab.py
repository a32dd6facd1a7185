"""CPU seconds of the slab fit alone: the start, and all rounds on all views, per resolution.

python benchmarks/slab.py --models sd_jack --resolution 64 128 160
"""

import time
from dataclasses import dataclass

import tyro

from genkei.nets.look import Remembered
from genkei.shape import Occupancy, Sdf
from genkei.shape.sdf import begun
from inputs import load_model, model_paths


@dataclass(frozen=True)
class Options:
    """Time the fit on four exact views of real models."""

    models: str = "sd_jack,mmd_appearance_teto"
    """File names without ending, wildcards and commas allowed."""
    resolution: tuple[int, ...] = (64, 128, 160)
    """Cells per height."""


def main(options: Options) -> None:
    print("| model | cells a height | grid | rounds | start CPU s | fit CPU s | a round, ms |")
    print("|---|---|---|---|---|---|---|")
    for path in model_paths(options.models):
        model, net = load_model(path), Remembered()
        for index, resolution in enumerate((options.resolution[0], *options.resolution)):
            shape = Sdf(resolution, net=net)
            at = [time.process_time()]
            body, start = begun(Occupancy(resolution, slim=shape.slim, net=net), model.views)
            at.append(time.process_time())
            shape.moved(body, start, model.views)
            at.append(time.process_time())
            if index:  # the first turn compiles and asks the net
                begin, fit = at[1] - at[0], at[2] - at[1]
                size, rounds = " x ".join(map(str, start.shape)), shape.pull.rounds
                print(
                    f"| {model.name} | {resolution} | {size} | {rounds} | {begin:.2f} | {fit:.2f} "
                    f"| {1000 * fit / rounds:.0f} |",
                    flush=True,
                )


if __name__ == "__main__":
    main(tyro.cli(Options, description=__doc__))
