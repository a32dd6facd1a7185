"""Which published model a file is: by the names and shapes of a few of its tensors."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from genkei.nets.published.contents import Contents, read, refuse_eight_bit
from genkei.nets.published.devices import refuse_unready
from genkei.nets.published.table import Key, Model, models, named
from genkei.nets.published.tensor import Tensor
from genkei.nets.published.weights import Rename, fit

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class Likeness:
    """Rows of the table that fit a file; several where only the numbers inside differ."""

    models: tuple[Model, ...]
    nearest: str = ""
    """Where none fits: the nearest row, and what speaks against it."""

    @property
    def told(self) -> str:
        """`this file looks like ...`, as a clause."""
        if self.models:
            return "it looks like " + " or ".join(f"{m.title} ({m.name})" for m in self.models)
        return "it looks like no model that genkei knows" + (f"; {self.nearest}" if self.nearest else "")


def looks_like(contents: Contents) -> Likeness:
    """The rows with the most tensors that all fit; a folder's own class decides between equals."""
    fits = [m for m in models().values() if m.keys and all(_fits(contents.tensors, key) for key in m.keys)]
    fits = [m for m in fits if not any(_named(contents.tensors, pattern) for pattern in m.without)]
    if not fits:
        return Likeness((), _nearest(contents))
    most = max(len(m.keys) for m in fits)
    best = [m for m in fits if len(m.keys) == most]
    alike = max(_alike(contents.tensors, m) for m in best)
    best = [m for m in best if _alike(contents.tensors, m) == alike]
    pipeline, name = contents.notes.get("pipeline", ""), contents.path.name
    best = [m for m in best if m.pipeline and m.pipeline == pipeline] or best
    best = [m for m in best if any(fnmatchcase(name, file) for file in m.files)] or best
    return Likeness(tuple(best))


def expect(path: Path | str, wanted: Sequence[str]) -> tuple[Contents, Model]:
    """The file as one of the rows `wanted`, the first that fits; ValueError says what it looks like."""
    contents = read(path)
    refuse_eight_bit(contents)
    found = looks_like(contents)
    for model in found.models:
        if model.name in wanted:
            return contents, model
    titles = " or ".join(dict.fromkeys(named(name).title for name in wanted))
    instead = next((f". What to do: {m.get}" for m in found.models if m.get), "")
    raise ValueError(
        f"{path} is not what is wanted here ({titles}): {found.told}{instead}."
        f" `genkei models info {wanted[0]}` says where the right file comes from"
    )


def whole(
    path: Path | str,
    wanted: str,
    layout: Mapping[str, tuple[int, ...]],
    *,
    rename: Rename = lambda name: name,
    device: str = "cpu",
) -> "dict[str, torch.Tensor]":
    """The tensors of a net that is told by its layout, from a file of that row of the table.

    ValueError says what else the file is, or what in it does not fit.
    """
    refuse_unready(device)
    contents, _ = expect(path, [wanted])
    return fit(contents, layout, rename=rename, device=device)


def sha256(path: Path) -> str:
    """Of the whole file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _named(tensors: Mapping[str, Tensor], pattern: str) -> str | None:
    if "*" not in pattern:
        return pattern if pattern in tensors else None
    return next((name for name in tensors if fnmatchcase(name, pattern)), None)


def _fits(tensors: Mapping[str, Tensor], key: Key) -> bool:
    pattern, shape = key
    name = _named(tensors, pattern)
    return name is not None and _same(tensors[name].shape, shape)


def _alike(tensors: Mapping[str, Tensor], model: Model) -> int:
    """How many lengths are the row's to the letter: free where it says free, fixed where it says fixed."""
    names = [(_named(tensors, name), shape) for name, shape in model.keys]
    return sum(
        a == b for name, shape in names if name for a, b in zip(tensors[name].shape, shape, strict=False)
    )


def _same(found: tuple[int, ...], wanted: tuple[int, ...]) -> bool:
    return not wanted or (
        len(found) == len(wanted) and all(-1 in (a, b) or a == b for a, b in zip(found, wanted, strict=True))
    )


def _nearest(contents: Contents) -> str:
    """The row most of whose tensors are there by name, and the first that does not fit."""
    counts = [
        (sum(_named(contents.tensors, name) is not None for name, _ in m.keys) / len(m.keys), m)
        for m in models().values()
        if m.keys
    ]
    share, model = max(counts, key=lambda pair: pair[0])
    if share == 0:
        return (
            f"its first tensor is {next(iter(contents.tensors))}"
            if contents.tensors
            else "it holds no tensors"
        )
    for name, shape in model.keys:
        found = _named(contents.tensors, name)
        if found is None:
            return f"the nearest is {model.title} ({model.name}), but {name} is missing"
        if not _same(contents.tensors[found].shape, shape):
            is_, wanted = list(contents.tensors[found].shape), list(shape)
            return f"the nearest is {model.title} ({model.name}), but {found} is {is_} instead of {wanted}"
    return f"the nearest is {model.title} ({model.name})"
