"""Layouts of published checkpoints kept as data, and small random checkpoints of the same layout."""

import re
from pathlib import Path

import numpy as np
import torch

LAYOUTS = Path(__file__).with_name("layouts")
RANGE = re.compile(r"\{(\d+)\.\.(\d+)\}")


def layout(name: str) -> dict[str, tuple[int, ...]]:
    """What layouts/NAME.txt says: shape by tensor name."""
    found = {}
    for line in (LAYOUTS / f"{name}.txt").read_text("utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        pattern, *shape = line.split()
        for full in _expanded(pattern):
            assert full not in found
            found[full] = tuple(int(n) for n in shape)
    return found


def _expanded(pattern: str) -> list[str]:
    hit = RANGE.search(pattern)
    if not hit:
        return [pattern]
    numbers = range(int(hit[1]), int(hit[2]) + 1)
    return [one for n in numbers for one in _expanded(pattern[: hit.start()] + str(n) + pattern[hit.end() :])]


def random_weights(shapes: dict[str, tuple[int, ...]], seed: int = 0) -> dict[str, torch.Tensor]:
    """Normal numbers small enough that no activation saturates; norms near 1."""
    rng = np.random.default_rng(seed)
    made = {}
    for name, shape in shapes.items():
        fan = max(int(np.prod(shape[1:])), 1)
        values = rng.standard_normal(shape) / np.sqrt(fan)
        if len(shape) == 1:
            values = (1.0 if "norm" in name and name.endswith("weight") else 0.0) + 0.1 * values
        made[name] = torch.from_numpy(values.astype(np.float32))
    return made
