"""`genkei photo`: the shop picture of a model or of what a drawing becomes."""

from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from genkei import __version__, pipeline
from genkei.apps.options import Photo, UsageError
from genkei.apps.outputs import as_json
from genkei.apps.progress import Progress
from genkei.apps.record import input_records, score_records
from genkei.formats import png
from genkei.geometry.score import Score
from genkei.photo import Studio


def photo(verb: Photo) -> bool:
    """Writes one PNG, complete or not at all; a picture cannot fail to print, so it always passes."""
    studio, out = _studio(verb), free(verb.out, verb.force)
    with Progress(verb.quiet) as progress:
        taken = pipeline.photo(verb.subject, studio=studio, progress=progress)
    put(png.encode(taken.picture), out)
    told = {
        "genkei": __version__,
        "verb": "photo",
        "inputs": input_records([verb.subject]),
        "picture": str(out),
        "scores": score_records(taken.scores),
        "notes": list(taken.notes),
    }
    if verb.json:
        print(as_json(told), end="")
        return True
    for score in taken.scores:
        print(score_line(score))
    for note in taken.notes:
        print(f"note: {note}")
    print(f"picture: {out}")
    return True


def score_line(score: Score) -> str:
    """How near a view of the figure is to the drawing it was made from."""
    return f"{score.name}: silhouette {score.silhouette_iou:.1%}, colour off by {score.colour_error:.1f} Lab"


def _studio(verb: Photo) -> Studio:
    try:
        return Studio(verb.azimuth, verb.elevation, *verb.size, verb.backdrop)
    except ValueError as error:
        raise UsageError(str(error)) from error


def free(out: Path, force: bool) -> Path:
    """Where the picture may go; ValueError before any work when it may not."""
    out = out.expanduser()
    if out.suffix.lower() != ".png":
        raise UsageError(f"{out}: the picture is written as PNG; name it with .png")
    if out.is_dir():
        raise ValueError(f"{out} is a folder; wanted the name of a picture")
    if out.exists() and not force:
        raise ValueError(
            f"{out} exists already and nothing was overwritten; add --force, or choose another name"
        )
    if not out.parent.is_dir():
        raise ValueError(f"{out.parent} does not exist; make that folder first, or choose another with -o")
    return out


def put(content: bytes, out: Path) -> None:
    """Beside its place first, then moved: a full disk or Ctrl-C leaves nothing."""
    beside = out.with_name(f".genkei-{uuid4().hex[:12]}.png")
    try:
        beside.write_bytes(content)
        beside.replace(out)
    finally:
        with suppress(FileNotFoundError):
            beside.unlink()
