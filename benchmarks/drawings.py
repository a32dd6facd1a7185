"""Every drawing in some folders through the whole road, each in a process of its own: table, contact sheets.

    python benchmarks/drawings.py $GENKEI_DATA/drawings examples

Which files belong together is read from their names. NAME_front, NAME_back, NAME_left and NAME_right are one
subject, and so are bare front, back, ... in one folder; names with `multiview`, `sheet` or `turnaround` are
sheets; NAME_mask is no drawing but the true silhouette of NAME, NAME_texture or NAME_image of the same size;
every other picture is a front view. Sets that are named otherwise stand in sets.json beside this file.

The matte is scored twice: against a mask picture, and, where a drawing brings its own transparency, by
putting it on white paper and cutting it out again. Seconds are those of the road without files and report.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import tyro

SETS = Path(__file__).with_name("sets.json")
"""Subject -> side -> file name, for folders whose naming rule is nobody's rule."""
SIDES = ("front", "left", "back", "right")
SHEETS = ("multiview", "sheet", "turnaround")
ENDINGS = {".png", ".jpg", ".jpeg", ".webp"}
LONGEST_S = 900
"""A subject that takes longer is stopped and counts as failed."""


@dataclass(frozen=True)
class Options:
    """Run every drawing found in folders."""

    folders: tyro.conf.Positional[tuple[Path, ...]]
    """Searched with everything below them."""
    out: Path = Path("out/drawings")
    """For the table and the contact sheets."""
    limit: int = 0
    """Only so many subjects; 0 for all."""
    only: str = ""
    """Only subjects whose name contains this."""
    draft: bool = False
    """Small pictures, coarse solid, small texture: a quick look, no numbers to quote."""


@dataclass(frozen=True)
class Subject:
    """One run of the road."""

    name: str
    pictures: dict[str, Path]
    """By side; empty for a sheet."""
    sheet: Path | None = None
    masks: dict[str, Path] = field(default_factory=dict)
    """True silhouettes by side."""

    @property
    def files(self) -> dict[str, Path]:
        return self.pictures or ({"sheet": self.sheet} if self.sheet else {})


def find_subjects(folders: tuple[Path, ...]) -> list[Subject]:
    """Sorted by name; ValueError when there is no picture in the folders."""
    found = [subject for folder in folders for subject in _subjects_in(folder)]
    if not found:
        raise ValueError(f"no drawing (png, jpg, webp) in {', '.join(map(str, folders))}")
    return sorted(found, key=lambda subject: subject.name)


def _subjects_in(folder: Path) -> Iterator[Subject]:
    files = sorted(path for path in folder.rglob("*") if path.suffix.lower() in ENDINGS)
    masks = {path for path in files if path.stem.endswith("_mask")}
    known = json.loads(SETS.read_text(encoding="utf-8"))
    sets: dict[str, dict[str, Path]] = {}
    for path in files:
        if path in masks:
            continue
        name, side = _place(path, known)
        where = path.parent.relative_to(folder.parent).as_posix()
        if side == "sheet":
            yield Subject(f"{where}/{name}", {}, path)
        else:
            sets.setdefault(f"{where}/{name}".rstrip("/"), {})[side] = path
    for name, pictures in sets.items():
        truth = {side: mask for side, path in pictures.items() for mask in _masks_of(path, masks)}
        yield Subject(name, pictures, None, truth)


def _place(path: Path, known: dict[str, dict[str, str]]) -> tuple[str, str]:
    """The subject a file belongs to and its side there, or `sheet`."""
    for subject, sides in known.items():
        for side, file in sides.items():
            if path.name == file:
                return subject, side
    if any(word in path.stem.lower() for word in SHEETS):
        return path.stem, "sheet"
    stem, _, side = path.stem.rpartition("_")
    return (stem, side) if side in SIDES else (path.stem, "front")


def _masks_of(path: Path, masks: set[Path]) -> list[Path]:
    """The mask that belongs to a drawing: the same stem up to its last word, the same size."""
    from PIL import Image

    stems = {path.stem, path.stem.rpartition("_")[0]}
    near = [m for m in masks if m.parent == path.parent and m.stem.removesuffix("_mask") in stems]
    return [mask for mask in near if Image.open(mask).size == Image.open(path).size]


def run(subject: Subject, options: Options) -> dict[str, Any]:
    """The row of one subject, made by a fresh process so that its peak memory is its own."""
    told = json.dumps(asdict(subject), default=str)
    strip = options.out / "strips" / f"{subject.name.replace('/', '-')}.png"
    strip.unlink(missing_ok=True)
    worker = Path(__file__).with_name("road.py")
    command = [sys.executable, str(worker), told, str(strip), "draft" if options.draft else "full"]
    row = {"name": subject.name, "strip": str(strip)}
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=LONGEST_S, check=False)
    except subprocess.TimeoutExpired:
        return {**row, "crash": f"stopped after {LONGEST_S} s"}
    if done.returncode:
        last = (done.stderr.strip() or "no message").splitlines()[-1]
        return {**row, "crash": f"exit {done.returncode}: {last}"}
    return {**row, **json.loads(done.stdout.splitlines()[-1])}


HEAD = (
    "| drawing | views | matte IoU, mask | matte IoU, own alpha | re-projection IoU | colour error "
    "| closed | one piece | stands | all checks | wall s | CPU s | peak MB |\n"
    "|---|---|---|---|---|---|---|---|---|---|---|---|---|"
)
COLUMNS = HEAD.splitlines()[1].count("---")


def line(row: dict[str, Any]) -> str:
    """A row of the table; a refusal keeps its reason."""
    if "crash" in row:
        return f"| {row['name']} | **crash** {row['crash']} |" + " |" * (COLUMNS - 2)
    mattes = f"{_number(row['matte_mask'])} | {_number(row['matte_alpha'])}"
    spent = f"{row['wall_s']:.1f} | {row['cpu_s']:.1f} | {row['peak_mb']:.0f}"
    if "refused" in row:
        says = row["refused"].replace("|", "/")
        return f"| {row['name']} | refused: {says} | {mattes} |" + " |" * (COLUMNS - 7) + f" {spent} |"
    failed = row["failed"]
    gates = " | ".join("no" if gate in failed else "yes" for gate in ("closed", "one piece", "stands"))
    checks = "no: " + ", ".join(failed) if failed else "yes"
    return (
        f"| {row['name']} | {', '.join(row['views'])} | {mattes} | {row['iou']:.3f} | {row['colour']:.2f} "
        f"| {gates} | {checks} | {spent} |"
    )


def _number(value: float | str | None) -> str:
    return value if isinstance(value, str) else "-" if value is None else f"{value:.3f}"


def summary(rows: list[dict[str, Any]]) -> str:
    """Means over the subjects that became figures, and how many did."""
    made = [row for row in rows if "iou" in row]
    refused = sum("refused" in row for row in rows)
    crashed = sum("crash" in row for row in rows)
    told = f"{len(rows)} subjects: {len(made)} made, {refused} refused, {crashed} crashed."
    if not made:
        return told

    def mean(key: str, digits: int) -> str:
        numbers = [row[key] for row in rows if isinstance(row.get(key), float)]
        return f"{sum(numbers) / len(numbers):.{digits}f}" if numbers else "-"

    def counted(key: str) -> str:
        return f"{mean(key, 3)} (n = {sum(isinstance(row.get(key), float) for row in rows)})"

    printable = sum(not row["failed"] for row in made)
    return (
        f"{told} Of those made, {printable} pass all checks; means: re-projection IoU {mean('iou', 3)}, "
        f"colour error {mean('colour', 2)}, wall {mean('wall_s', 1)} s, CPU {mean('cpu_s', 1)} s; largest "
        f"peak {max(row['peak_mb'] for row in made):.0f} MB. "
        f"Matte IoU {counted('matte_mask')} against masks, {counted('matte_alpha')} against own alpha."
    )


def main(options: Options) -> int:
    """Prints the table as it grows; returns the number of crashes, which are faults of ours."""
    try:
        subjects = [s for s in find_subjects(options.folders) if options.only in s.name]
    except ValueError as error:
        raise SystemExit(str(error)) from error
    (options.out / "strips").mkdir(parents=True, exist_ok=True)
    print(HEAD, flush=True)
    rows = []
    for subject in subjects[: options.limit or None]:
        rows.append(run(subject, options))
        print(line(rows[-1]), flush=True)
    told = "\n".join([HEAD, *map(line, rows), "", summary(rows), ""])
    (options.out / "table.md").write_text(told, encoding="utf-8")
    (options.out / "rows.json").write_text(json.dumps(rows, indent=1), encoding="utf-8")
    print(f"\n{summary(rows)}")
    from strips import write_pages

    for page in write_pages([Path(row["strip"]) for row in rows], options.out):
        print(page)
    return sum("crash" in row for row in rows)


if __name__ == "__main__":
    sys.exit(main(tyro.cli(Options, description=__doc__)))
