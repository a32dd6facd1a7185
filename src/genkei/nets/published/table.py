"""The table of published models: job, licence, size, the tensors that identify each, how to get it."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

TABLES = Path(__file__).with_name("tables")
STATUSES = {
    "runs": "genkei loads and runs it",
    "imports": "run it elsewhere, genkei takes its result",
    "recognised": "genkei tells it by name, and does not run it",
}
COMMERCIAL = ("yes", "no", "with conditions", "unknown")

Key = tuple[str, tuple[int, ...]]
"""Name of a tensor (`*` stands for anything) and its shape: -1 is any length, () any shape."""


@dataclass(frozen=True)
class Cost:
    """One measured or published run."""

    device: str
    precision: str
    seconds: float
    """Of one picture; 0 where it is not known."""
    memory_gb: float
    """Peak; 0 where it is not known."""
    source: str


@dataclass(frozen=True)
class Model:
    """What is known of a published model. Nothing in it is guessed: what is not known is empty."""

    name: str
    title: str
    job: str
    """matte, depth, picture, ...; `none`: no genkei job, only told by name."""
    status: str
    """One of STATUSES."""
    licence: str
    commercial: str
    """One of COMMERCIAL."""
    weak: str
    """What it is bad at."""
    get: str
    """Where it comes from, or what to take instead."""
    source: str
    use: str = ""
    """How genkei uses it."""
    bytes: int = 0
    """Of the file that `sha256` is of."""
    sha256: str = ""
    files: tuple[str, ...] = ()
    keys: tuple[Key, ...] = ()
    """All of these tensors together tell this model from the others."""
    without: tuple[str, ...] = ()
    """Names of tensors that must not be there."""
    pipeline: str = ""
    """Class that a folder of diffusers names in model_index.json."""
    cost: tuple[Cost, ...] = ()
    run: Mapping[str, Any] = field(default_factory=dict)
    """How pictures go in and come out, for backends that differ by nothing else."""


@cache
def models() -> Mapping[str, Model]:
    """Every row of the table by its name, in the order of the files and their rows."""
    rows: dict[str, dict[str, Any]] = {}
    for file in sorted(TABLES.glob("*.toml")):
        for name, row in tomllib.loads(file.read_text("utf-8")).items():
            assert name not in rows, f"{name} stands twice in the table of models"
            rows[name] = row
    return {name: _model(name, row, rows) for name, row in rows.items()}


def named(name: str) -> Model:
    """ValueError lists the names when there is no such model."""
    known = models()
    if name not in known:
        raise ValueError(f"there is no model called {name!r}; there are {', '.join(known)}")
    return known[name]


def _model(name: str, row: Mapping[str, Any], rows: Mapping[str, Mapping[str, Any]]) -> Model:
    """`like` lends the layout of another row: keys, run."""
    told = dict(row)
    lender = rows[told.pop("like")] if "like" in told else {}
    for lent in ("keys", "run"):
        if lent in lender:
            told.setdefault(lent, lender[lent])
    told["keys"] = tuple((key, tuple(shape)) for key, shape in told.get("keys", ()))
    told["cost"] = tuple(Cost(**cost) for cost in told.get("cost", ()))
    for listed in ("files", "without"):
        told[listed] = tuple(told.get(listed, ()))
    return Model(name=name, **told)
