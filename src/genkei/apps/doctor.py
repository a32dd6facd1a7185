"""`genkei doctor`: is everything here that genkei needs, and what else was found."""

import sys
from pathlib import Path

from genkei.apps import machine
from genkei.apps.options import Doctor

LEAST_MEMORY_GB, LEAST_DISK_GB = 2.0, 1.0
"""The largest run of the benchmarks stays below 2 GB; one run writes about 50 MB, the kernels 20 MB."""

Row = tuple[str, str, bool | None]
"""What, its value, and whether that is good enough; None: only told."""


def examine(verb: Doctor) -> bool:
    """Print the findings; returns whether genkei can work here."""
    sections = {
        "needed": _needed(),
        "machine": _machine(),
        "clients, all optional": [
            (c.name, c.found or f"not found ({c.purpose})", None) for c in machine.clients()
        ],
    }
    healthy = all(passed is not False for rows in sections.values() for _, _, passed in rows)
    if verb.json:
        _print_json(sections, healthy)
    else:
        _print_table(sections, healthy)
    return healthy


def _needed() -> list[Row]:
    from genkei.apps.record import versions

    found = versions()
    rows: list[Row] = [("python", found["python"], sys.version_info >= (3, 11))]
    names = [name for name in found if name not in ("python", "platform")]
    return rows + [(name, found[name], found[name] != "missing") for name in names]


def _machine() -> list[Row]:
    cache = machine.cache_folder()
    memory, disk = machine.memory_gb(), machine.free_disk_gb(Path.cwd())
    return [
        ("cores", str(machine.cores()), None),
        ("memory", f"{memory:.1f} GB" if memory else "unknown", memory is None or memory >= LEAST_MEMORY_GB),
        ("free disk here", f"{disk:.1f} GB", disk >= LEAST_DISK_GB),
        ("cache folder", str(cache), None),
    ]


def _clients() -> list[Row]:
    return [(c.name, c.found or f"not found ({c.purpose})", None) for c in machine.clients()]


def _print_json(sections: dict[str, list[Row]], healthy: bool) -> None:
    from genkei.apps.outputs import as_json

    told: dict[str, object] = {
        title.split(",")[0]: {name: {"found": value, "good": passed} for name, value, passed in rows}
        for title, rows in sections.items()
    }
    print(as_json({"healthy": healthy, **told}), end="")


def _print_table(sections: dict[str, list[Row]], healthy: bool) -> None:
    from rich.console import Console
    from rich.markup import escape

    console = Console(highlight=False, soft_wrap=True)
    marks = {True: "[green]good[/green]   ", False: "[red]problem[/red]", None: "       "}
    for title, rows in sections.items():
        console.print(f"[bold]{title}[/bold]")
        for name, value, passed in rows:
            console.print(f"  {marks[passed]} {name:<20} {escape(value)}")
    console.print("[green]genkei can work here[/green]" if healthy else "[red]see the problems above[/red]")
