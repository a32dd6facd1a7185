"""All or nothing: results appear in the target folder complete, or not at all."""

import errno
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

RECORD = "run.json"


@contextmanager
def staged(target: Path, force: bool = False) -> Iterator[Path]:
    """An empty folder beside `target` that takes its place when the block ends well, else is gone.

    Opening it proves that the place can be written, before any long work. An existing folder is refused;
    with `force` it is replaced if genkei wrote everything in it. Raises ValueError and OSError.
    """
    target = target.expanduser().resolve()
    refuse(target, force)
    made = _make_parents(target.parent)
    staging = target.parent / f".genkei-{uuid4().hex[:12]}"
    try:
        _mkdir(staging, target)
        yield staging
        refuse(target, force)
        _swap(staging, target)
    except BaseException:
        shutil.rmtree(staging, ignore_errors=True)
        for folder in made:
            if folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()
        raise


def refuse(target: Path, force: bool) -> None:
    """ValueError when `target` stands in the way: a file, or a folder without `force` or not ours."""
    if not target.exists():
        return
    if not target.is_dir():
        raise ValueError(f"{target} is a file, and the results need a folder; choose another with -o")
    if not any(target.iterdir()):
        return
    if not force:
        raise ValueError(
            f"{target} exists already and nothing was overwritten; add --force to replace the earlier "
            "results once this run has succeeded, or choose another folder with -o"
        )
    strangers = sorted({entry.name for entry in target.iterdir()} - _written(target))
    if strangers:
        shown = ", ".join(strangers[:5]) + (" ..." if len(strangers) > 5 else "")
        raise ValueError(
            f"{target} holds files that genkei did not write ({shown}), and --force would delete them; "
            "move them away, or choose another folder with -o"
        )


def _written(target: Path) -> set[str]:
    """Top-level names that an earlier run says it wrote; empty when the folder is not one of ours."""
    record = target / RECORD
    if not record.is_file():
        return set()
    try:
        told = json.loads(record.read_text(encoding="utf-8"))
        names = {Path(entry["name"]).parts[0] for entry in told["outputs"]}
    except (ValueError, KeyError, TypeError, IndexError):
        return set()
    return names | {RECORD}


def _make_parents(folder: Path) -> list[Path]:
    """Make `folder`; returns what had to be made, the deepest first, for the way back."""
    missing = []
    while not folder.exists():
        missing.append(folder)
        folder = folder.parent
    for step in reversed(missing):
        _mkdir(step, step)
    return missing


def _mkdir(folder: Path, wanted: Path) -> None:
    try:
        folder.mkdir()
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise OSError(
            f"the results cannot be written to {wanted}: {folder.parent} refuses new folders "
            f"({reason.lower()}); choose another folder with -o"
        ) from error


def _swap(staging: Path, target: Path) -> None:
    """Put `staging` in the place of `target`; what stood there comes back if that fails."""
    if not target.exists():
        staging.rename(target)
        return
    old = staging.with_name(staging.name + "-old")
    target.rename(old)
    try:
        staging.rename(target)
    except BaseException:
        old.rename(target)
        raise
    shutil.rmtree(old, ignore_errors=True)
