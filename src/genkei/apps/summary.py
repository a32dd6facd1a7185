"""How a run ended, on stdout: a table for people or JSON for programs; failed checks loudly on stderr."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from genkei.apps.outputs import REPORT, as_json
from genkei.apps.page import Record, number, size


def show_run(told: Record, json: bool, out: Path) -> None:
    """The result of a verb that wrote a folder."""
    folder = str(out)
    if json:
        print(as_json({**told, "folder": folder}), end="")
    else:
        console = _console()
        if "scores" in told:
            console.print(_scores(_rows(told["scores"])))
        if "checks" in told:
            console.print(_checks(_rows(told["checks"])))
        if "kit" in told:
            _show_kit(console, told["kit"])
        for note in _list(told["notes"]):
            console.print(f"note: {escape(str(note))}")
        console.print(_files(_rows(told["outputs"]), folder))
        console.print(f"report: {escape(str(out / REPORT))}")
    _warn(told, f"the files were written to {folder} all the same")


def _show_kit(console: Console, kit: object) -> None:
    """How many checks of the kit passed; those that did not are told with the warnings."""
    assert isinstance(kit, Mapping)
    rows, parts = _rows(kit["checks"]), _rows(kit["parts"])
    failed = [row for row in rows if not row["passed"]]
    count = f"{len(rows) - len(failed)} of {len(rows)} checks passed"
    console.print(f"kit: {len(parts)} parts, {len(_list(kit['joints']))} joints; {count}")


def show_checks(told: Record, json: bool) -> None:
    """The result of `genkei check`."""
    if json:
        print(as_json(told), end="")
    else:
        _console().print(_checks(_rows(told["checks"])))
    _warn(told, "the file was not changed")


def _console() -> Console:
    return Console(
        highlight=False, soft_wrap=not sys.stdout.isatty(), width=None if sys.stdout.isatty() else 120
    )


def _list(value: object) -> Sequence[object]:
    assert isinstance(value, Sequence)
    return value


def _rows(value: object) -> list[Mapping[str, object]]:
    return [row for row in _list(value) if isinstance(row, Mapping)]


def _scores(rows: Sequence[Mapping[str, object]]) -> Table:
    table = Table("view", "silhouette", "colour off by", box=None, pad_edge=False)
    for row in rows:
        table.add_row(str(row["name"]), f"{row['silhouette_iou']:.1%}", f"{row['colour_error']:.1f} Lab")
    return table


def _checks(rows: Sequence[Mapping[str, object]]) -> Table:
    table = Table("", "check", "measured", "limit", "where", box=None, pad_edge=False)
    for row in rows:
        mark = "[green]pass[/green]" if row["passed"] else "[bold red]FAIL[/bold red]"
        numbers = [_value(row[key], str(row["unit"])) for key in ("measured", "limit")]
        table.add_row(mark, escape(str(row["name"])), *numbers, escape(str(row["where"])))
    return table


def _value(value: object, unit: str) -> str:
    return f"{number(value)} {unit}".strip() if isinstance(value, int | float) else "–"


def _files(rows: Sequence[Mapping[str, object]], folder: str) -> str:
    names = []
    for row in rows:
        bytes_ = row.get("bytes", 0)
        top = str(row["name"])
        if "/" not in top:
            names.append(f"{top} {size(bytes_)}".strip() if isinstance(bytes_, int) else top)
    below = sum("/" in str(row["name"]) for row in rows)
    return escape(f"{folder}: {', '.join(names)}" + (f", views/ with {below} files" if below else ""))


def _warn(told: Record, consolation: str) -> None:
    """Every failed check with its advice, in red, on stderr."""
    kit = told.get("kit", {})
    assert isinstance(kit, Mapping)
    rows = (*_rows(told.get("checks", [])), *_rows(kit.get("checks", [])))
    failed = [row for row in rows if not row["passed"]]
    if not failed:
        return
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    count = "one check" if len(failed) == 1 else f"{len(failed)} checks"
    console.print(f"[bold red]THIS WOULD NOT PRINT:[/bold red] {count} failed; {escape(consolation)}.")
    for row in failed:
        measured, limit = (_value(row[key], str(row["unit"])) for key in ("measured", "limit"))
        console.print(escape(f"  {row['name']}: {measured}, limit {limit} ({row['where']}). {row['advice']}"))
