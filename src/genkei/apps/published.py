"""`genkei models`: the table of published models, and what a file of weights is."""

from dataclasses import asdict
from pathlib import Path

from genkei.apps.options import Models, UsageError
from genkei.nets.published.contents import read, refuse_eight_bit
from genkei.nets.published.folders import local
from genkei.nets.published.recognise import looks_like, sha256
from genkei.nets.published.table import STATUSES, Cost, Model, models, named


def show(verb: Models) -> bool:
    """Print what is asked; returns whether a checked file is sound and known."""
    if verb.action == "list":
        _list(verb)
        return True
    if not verb.what:
        wanted = (
            "a model's NAME (genkei models list)" if verb.action == "info" else "the PATH of a file or folder"
        )
        raise UsageError(f"genkei models {verb.action} needs {wanted}")
    if verb.action == "info":
        _info(named(verb.what), verb.json)
        return True
    return _check(local(verb.what), verb.json)


def _list(verb: Models) -> None:
    rows = [model for model in models().values() if model.job != "none"]
    if verb.json:
        _print_json({"models": [_row(model) for model in rows]})
        return
    heads = ("name", "job", "genkei", "commercial use", "MB", "licence")
    cells = [heads, *(_cells(model) for model in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(heads))]
    for row in cells:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    print("\n" + "\n".join(f"{word}: {meaning}" for word, meaning in STATUSES.items()))
    print("genkei models info NAME tells the rest. genkei ships and downloads none of them.")


def _cells(model: Model) -> tuple[str, ...]:
    size = f"{model.bytes / 1e6:,.0f}" if model.bytes else ""
    return (model.name, model.job, model.status, model.commercial, size, model.licence)


def _info(model: Model, as_json: bool) -> None:
    if as_json:
        _print_json(_row(model))
        return
    told = {
        "job": model.job,
        "genkei": f"{model.status}: {STATUSES[model.status]}",
        "use": model.use,
        "licence": f"{model.licence}; commercial use: {model.commercial}",
        "bad at": model.weak,
        "get it": model.get,
        "source": model.source,
        "files": ", ".join(model.files),
        "size": f"{model.bytes:,} bytes" if model.bytes else "",
        "sha256": model.sha256,
        "told by": ", ".join(f"{name} {list(shape)}" for name, shape in model.keys),
        "cost": "; ".join(_cost(cost) for cost in model.cost),
    }
    print(model.title)
    for word, value in told.items():
        if value:
            print(f"  {word:<9}{value}")


def _check(path: Path, as_json: bool) -> bool:
    contents = read(path)
    refuse_eight_bit(contents)
    found = looks_like(contents)
    hashes = {m.sha256 for m in found.models if m.sha256}
    digest = sha256(path) if hashes and path.is_file() else ""
    same = next((m.name for m in found.models if digest and m.sha256 == digest), "")
    told = {
        "path": str(path),
        "form": contents.form,
        "tensors": len(contents.tensors),
        "bytes": contents.bytes,
        "looks_like": [m.name for m in found.models],
        "says": found.told,
        "sha256": digest,
        "same_file_as": same,
    }
    if as_json:
        _print_json(told)
        return bool(found.models)
    print(
        f"{path}: {contents.form}, {len(contents.tensors)} tensors, {contents.bytes / 1e6:,.1f} MB of numbers"
    )
    print(found.told)
    if digest:
        print(f"sha256 {digest}: " + (f"the published file of {same}" if same else "not the one on record"))
    for model in found.models:
        print(f"{model.name}: {model.use or model.get}")
    return bool(found.models)


def _row(model: Model) -> dict[str, object]:
    return {**asdict(model), "keys": [[name, list(shape)] for name, shape in model.keys]}


def _cost(cost: Cost) -> str:
    parts = [f"{cost.device} {cost.precision}"]
    parts += [f"{cost.seconds:g} s"] if cost.seconds else []
    parts += [f"{cost.memory_gb:g} GB"] if cost.memory_gb else []
    return ", ".join(parts) + f" ({cost.source})"


def _print_json(told: dict[str, object]) -> None:
    from genkei.apps.outputs import as_json

    print(as_json(told), end="")
