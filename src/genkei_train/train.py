"""Train a net from a folder of labelled pictures, for so many minutes, on a CPU or a GPU.

    python -m genkei_train.train --data FOLDER --held FOLDER --out FOLDER --net solid --minutes 60

Read from top to bottom: options, state, one step, the loop. The folder may grow while training goes on.
Ctrl-C or SIGTERM saves and ends; `--resume` goes on where the last checkpoint was, with the same weights as
if nothing had happened (on the same machine, with the same thread count and an unchanged folder).
"""

import csv
import json
import math
import signal
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from types import FrameType
from typing import Literal

import numpy as np
import torch  # pyright: ignore[reportMissingImports]
from torch import Tensor  # pyright: ignore[reportMissingImports]

from genkei_train.beginning import begin_from
from genkei_train.bent import Batch
from genkei_train.feed import Arrays, Feed, Kept, Place, Samples, Variation, stack, truth
from genkei_train.laid import Grounds
from genkei_train.losses import inputs, losses
from genkei_train.resident import Pool, Resident
from genkei_train.scores import Scores
from genkei_train.sheets import sheet
from genkei_train.unet import Architecture, UNet


@dataclass(frozen=True)
class Options:
    data: Path
    """Folder of labelled pictures; it may grow meanwhile."""
    out: Path
    """Folder for the checkpoint, the curves and the contact sheets."""
    net: Literal["solid", "matte"] = "solid"
    held: Path | None = None
    """Folder of pictures of characters that are not in `data`, to score on."""
    minutes: float = 60
    """Training time in all, that before a `--resume` counted; the learning rate falls to nothing over it."""
    steps: int = 0
    """Train exactly so many steps instead."""
    batch: int = 8
    side: int = 0
    """Shrink the drawings of the matte net to so many pixels: it learns as much there at half the cost.
    The last fifth of a training should see them as they are."""
    lr: float = 2e-3
    width: int = 32
    """Channels at half resolution; time and size grow with its square."""
    threads: int = 1
    seed: int = 0
    device: str = "cpu"
    precision: Literal["auto", "fp32", "bf16"] = "auto"
    """bf16 is several times faster with AMX or on a GPU and slower elsewhere; `auto` tries both."""
    resume: bool = False
    start: Path | None = None
    """An exported .onnx of the same width whose weights training begins from; the matte net may take over the
    solid net's trunk."""
    ahead: int = 2
    """Batches prepared meanwhile, each by a thread of its own; more for a fast GPU."""
    resident: int = 0
    """Keep so many samples on the device and vary them there, a batch at a time: about 0.7 MB a sample of the
    solid net, 0.26 MB one of the matte net. 0: the processor makes every batch."""
    least: int = 2048
    """With --resident: samples that must be there before training begins."""
    grounds: int = 6000
    """With --resident, matte net: pictures without a figure that figures are laid on."""
    photographs: Path | None = None
    """With --resident, matte net: a folder of photographs whose pieces are among the grounds."""
    shares: dict[str, float] = field(
        default_factory=lambda: {"anime": 1.0, "own": 1.0, "toys": 1.0, "cc0": 0.35}
    )
    """Chance that a drawn sample of a family is used."""
    save_minutes: float = 2
    score_minutes: float = 20
    scored: int = 48
    """Held-out samples that are scored, spread over the folder."""
    decay: float = 0.01
    """Weight decay."""
    clip: float = 10.0
    """Longest gradient; a longer one, from an odd batch, is scaled down to it."""
    warm_up: int = 100
    """Steps over which the learning rate rises."""
    average: float = 0.999
    """Share of the averaged weights that a step keeps; less in the beginning."""


@dataclass
class State:
    """All that a checkpoint holds."""

    net: UNet
    averaged: dict[str, Tensor]
    optimiser: torch.optim.Optimizer
    precision: str
    step: int = 0
    elapsed_s: float = 0.0
    place: Place = Place()
    history: list[dict[str, float]] = field(default_factory=list)
    """Held-out scores, with the step they were taken at."""

    def save(self, path: Path, options: Options) -> None:
        """Written beside and moved into place, so that a crash leaves the last one."""
        record = {
            "architecture": self.net.architecture.record(),
            "model": self.net.state_dict(),
            "averaged": self.averaged,
            "optimiser": self.optimiser.state_dict(),
            "precision": self.precision,
            "step": self.step,
            "elapsed_s": self.elapsed_s,
            "place": asdict(self.place),
            "history": self.history,
            "options": json.dumps(asdict(options), default=str),
        }
        beside = path.with_suffix(".part")
        torch.save(record, beside)
        beside.replace(path)


def read_checkpoint(path: Path) -> dict:
    """The record `State.save` wrote, on the CPU."""
    if not path.is_file():
        raise ValueError(f"there is no checkpoint {path}; train first, or leave --resume out")
    return torch.load(path, map_location="cpu", weights_only=True)


def load_averaged(record: dict) -> UNet:
    """The net with its averaged weights, ready to be used."""
    net = Architecture(**record["architecture"]).build()
    net.load_state_dict(record["averaged"])
    return net.eval()


def begin(options: Options) -> State:
    torch.manual_seed(options.seed)
    net = Architecture(options.net, options.width).build().to(options.device)
    if options.start is not None:
        begin_from(net, options.start)
    optimiser = torch.optim.AdamW(_groups(net, options.decay), lr=options.lr, betas=(0.9, 0.98))
    averaged = {name: value.clone() for name, value in net.state_dict().items()}
    precision = options.precision if options.precision != "auto" else faster_precision(options.device)
    if precision == "bf16" and options.device == "cpu":  # on a GPU the plain layout is a fifth faster
        net = net.to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
    state = State(net, averaged, optimiser, precision)
    if options.resume:
        record = read_checkpoint(options.out / "checkpoint.pt")
        if record["architecture"] != net.architecture.record():
            raise ValueError(
                f"{options.out / 'checkpoint.pt'} holds {record['architecture']}, asked for was "
                f"{net.architecture.record()}; give the same --net and --width, or another --out"
            )
        net.load_state_dict(record["model"])
        optimiser.load_state_dict(record["optimiser"])
        state.averaged = {n: v.to(options.device) for n, v in record["averaged"].items()}
        state.step, state.elapsed_s = record["step"], record["elapsed_s"]
        state.place, state.history = Place(**record["place"]), record["history"]
        state.precision = record["precision"]
    elif (options.out / "checkpoint.pt").exists():
        raise ValueError(
            f"{options.out} holds a checkpoint already; go on with --resume or give another --out"
        )
    return state


def _groups(net: UNet, decay: float) -> list[dict]:
    """Weights decay, biases and norms do not."""
    matrices = [p for p in net.parameters() if p.ndim > 1]
    return [
        {"params": matrices, "weight_decay": decay},
        {"params": [p for p in net.parameters() if p.ndim <= 1], "weight_decay": 0.0},
    ]


def faster_precision(device: str) -> str:
    """bf16 where a convolution and its gradient run faster in it."""
    if device != "cpu":
        return "bf16"
    conv = torch.nn.Conv2d(64, 64, 3, padding=1)
    x = torch.zeros(4, 64, 48, 48)

    def seconds(precision: str) -> float:
        best = math.inf
        for _ in range(3):
            start = time.perf_counter()
            with torch.autocast("cpu", torch.bfloat16, enabled=precision == "bf16"):
                conv(x).float().sum().backward()
            best = min(best, time.perf_counter() - start)
        return best

    return min(("fp32", "bf16"), key=seconds)


def learning_rate(state: State, options: Options) -> float:
    """Rises over the warm-up, then half a cosine over the minutes (or steps) that were asked for."""
    spent = state.step / options.steps if options.steps else state.elapsed_s / (60 * options.minutes)
    rise = min(1.0, (state.step + 1) / options.warm_up)
    return options.lr * rise * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * min(spent, 1.0))))


def averaging(step: int, most: float) -> float:
    """Share of the averaged weights kept by a step: a tenth of the training so far is remembered, at most."""
    return min(most, (1 + step) / (10 + step))


def advance(state: State, batch: Arrays | Batch, options: Options) -> dict[str, float]:
    """One step of AdamW on one batch; returns its losses."""
    tensors = {name: torch.as_tensor(value).to(options.device) for name, value in batch.items()}
    rate = learning_rate(state, options)
    for group in state.optimiser.param_groups:
        group["lr"] = rate
    state.net.train()
    with torch.autocast(options.device.split(":")[0], torch.bfloat16, enabled=state.precision == "bf16"):
        found = losses(state.net, tensors)
    state.optimiser.zero_grad()
    found["total"].backward()
    length = torch.nn.utils.clip_grad_norm_(state.net.parameters(), options.clip)
    state.optimiser.step()
    state.step += 1
    _average(state, averaging(state.step, options.average))
    told = dict(zip(found, torch.stack([v.detach().float() for v in found.values()]).tolist(), strict=True))
    if not math.isfinite(told["total"]):
        raise ValueError(
            f"the loss became {told['total']} at step {state.step}; lower --lr (it is {options.lr})"
        )
    return told | {"lr": rate, "gradient": float(length)}


@torch.no_grad()
def _average(state: State, keep: float) -> None:
    values = state.net.state_dict()
    averaged = [state.averaged[name] for name in values]
    torch._foreach_lerp_(averaged, list(values.values()), 1 - keep)  # pyright: ignore[reportPrivateImportUsage]


@torch.no_grad()
def predict(net: UNet, samples: list[Arrays], device: str, given: bool = False) -> list[Arrays]:
    """All maps of each sample, without batch axis; `given`: the view from behind is shown too."""
    found = []
    for sample in samples:
        shown = stack([truth(sample, net.architecture.net)])
        shown["given"][:] = given
        tensors = {name: torch.from_numpy(np.ascontiguousarray(v)).to(device) for name, v in shown.items()}
        maps = net(*inputs(net, tensors))
        found.append({name: value[0].float().cpu().numpy() for name, value in maps.items()})
    return found


def held_out(state: State, samples: list[Arrays], options: Options) -> dict[str, float]:
    """Scores of the averaged weights; draws the contact sheet of the first samples."""
    net = state.net.architecture.build().to(options.device).eval()
    net.load_state_dict(state.averaged)
    means: dict[str, float] = {"step": state.step, "minutes": state.elapsed_s / 60}
    for given in (False, True) if options.net == "solid" else (False,):
        scores, found = Scores(), predict(net, samples, options.device, given)
        for maps, sample in zip(found, samples, strict=True):
            (scores.add_solid if options.net == "solid" else scores.add_matte)(maps, sample)
        means |= {f"{name}{'_two_views' if given else ''}": value for name, value in scores.means().items()}
        if not given:
            sheet(samples[:12], found[:12]).save(options.out / "held.png")
    state.history.append(means)
    write_table(options.out / "held.csv", state.history)
    return means


def write_table(path: Path, rows: list[dict[str, float]]) -> None:
    """Rows of numbers as CSV; columns in the order they first appear."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows({n: f"{v:.6g}" for n, v in row.items()} for row in rows)


@dataclass
class Curve:
    """Mean losses of every twenty steps, added to losses.csv."""

    path: Path
    window: list[dict[str, float]] = field(default_factory=list)
    every: int = 20

    def note(self, state: State, told: dict[str, float]) -> None:
        self.window.append(told)
        if len(self.window) < self.every:
            return
        row = {"step": state.step, "minutes": state.elapsed_s / 60}
        row |= {name: float(np.mean([w[name] for w in self.window])) for name in told}
        fresh = not self.path.exists()
        with self.path.open("a", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(row))
            if fresh:
                writer.writeheader()
            writer.writerow({n: f"{v:.6g}" for n, v in row.items()})
        print("  ".join(f"{n} {v:.4g}" for n, v in row.items()), flush=True)
        self.window.clear()

    def forget_after(self, step: int) -> None:
        """Drop rows that a crash left behind the checkpoint gone on from."""
        if self.path.exists():
            with self.path.open(encoding="utf-8", newline="") as file:
                rows = [r for r in csv.DictReader(file) if float(r["step"]) <= step]
            write_table(self.path, [{n: float(v) for n, v in row.items()} for row in rows])


class Stopped:
    """True once the process was asked to end; the running step is finished first."""

    def __init__(self) -> None:
        self.asked = False
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._ask)

    def _ask(self, number: int, frame: FrameType | None) -> None:
        self.asked = True

    def __bool__(self) -> bool:
        return self.asked


def train(
    options: Options,
    open_data: Callable[[], Samples],
    held: list[Arrays],
    stopped: Callable[[], bool] = lambda: False,
) -> State:
    """Trains until the minutes or steps are up or `stopped()`; leaves checkpoint.pt, losses.csv, held.*."""
    torch.set_num_threads(options.threads)
    options.out.mkdir(parents=True, exist_ok=True)
    state = begin(options)
    curve = Curve(options.out / "losses.csv")
    curve.forget_after(state.step)
    feed = _feed(options, open_data)
    saved = scored = state.elapsed_s
    clock = time.perf_counter()
    for batch, after in feed.batches(state.place):
        if stopped() or _spent(state, options):
            break
        waited = time.perf_counter() - clock
        told = advance(state, batch, options)
        state.place = after
        spent = time.perf_counter() - clock
        state.elapsed_s += spent
        curve.note(state, told | {"seconds": spent, "waited": waited})
        if state.elapsed_s - saved > 60 * options.save_minutes:
            saved = state.elapsed_s
            state.save(options.out / "checkpoint.pt", options)
        if held and state.elapsed_s - scored > 60 * options.score_minutes:
            scored = state.elapsed_s
            print(_line(held_out(state, held, options)), flush=True)
        clock = time.perf_counter()
    if held and not stopped():
        print(_line(held_out(state, held, options)), flush=True)
    state.save(options.out / "checkpoint.pt", options)
    return state


def _feed(options: Options, open_data: Callable[[], Samples]) -> Feed | Resident:
    variation = replace(Variation(), alone=0.6 if options.net == "solid" else 0.0)
    if not options.resident:
        return Feed(
            open_data, options.net, options.batch, options.seed, variation, options.shares, options.ahead
        )
    pool = Pool(open_data, options.net, options.device, options.resident)
    grounds = None
    if options.net == "matte":
        pool.wait(1)
        side = pool.arrays["picture"].shape[1]
        grounds = Grounds.made(
            options.grounds, side, options.seed, options.device, options.photographs, options.threads
        )
    return Resident(
        pool, options.net, options.batch, options.seed, variation, options.shares, options.device,
        options.least, grounds,
    )  # fmt: skip


def _spent(state: State, options: Options) -> bool:
    return state.step >= options.steps if options.steps else state.elapsed_s >= 60 * options.minutes


def _line(scores: dict[str, float]) -> str:
    return "held out: " + "  ".join(f"{name} {value:.4g}" for name, value in scores.items())


def spread(samples: Samples, count: int) -> list[Arrays]:
    """At most `count` samples, evenly spread over the folder."""
    places = np.unique(np.linspace(0, len(samples) - 1, min(count, len(samples))).round().astype(int))
    return [samples.sample(int(i)) for i in places]


def main() -> None:
    import tyro

    options = tyro.cli(Options, description=__doc__)
    from genkei_train.data import open_folder

    held = spread(open_folder(options.held), options.scored) if options.held else []
    kept = Kept("matte", options.side)

    folder = open_folder(options.data)

    def open_data() -> Samples:
        nonlocal folder
        folder = folder.grown()
        return kept.of(folder) if options.net == "matte" and not options.resident else folder

    state = train(options, open_data, held, Stopped().__bool__)
    size = sum(p.numel() for p in state.net.parameters()) / 1e6
    print(f"{state.step} steps in {state.elapsed_s / 60:.1f} min; {size:.2f} M parameters, {state.precision}")


if __name__ == "__main__":
    main()
