"""`genkei stylise`: the figure-style picture of a drawing, by the user's checkpoint or by light alone."""

from genkei import __version__, pipeline
from genkei.apps.options import Stylise as Verb
from genkei.apps.options import UsageError
from genkei.apps.outputs import as_json
from genkei.apps.photo_job import free, put
from genkei.apps.progress import Progress
from genkei.apps.record import input_records
from genkei.formats import png
from genkei.photo import Vinyl
from genkei.stylise import Stylise


def stylise(verb: Verb) -> bool:
    """Writes one PNG, complete or not at all."""
    way, out = _way(verb), free(verb.out, verb.force)
    with Progress(verb.quiet) as progress:
        styled = pipeline.stylise(verb.drawing, way, progress=progress)
    picture, notes = styled.picture, styled.notes
    held = {"lines_kept": round(styled.kept.lines, 3), "colour_error": round(styled.kept.colour_lab, 2)}
    if isinstance(way, Vinyl):
        notes = (*notes, "no checkpoint was given: the studio's light was thrown on the drawing itself")
    put(png.encode(picture), out)
    inputs = input_records([verb.drawing])
    told = {"genkei": __version__, "verb": "stylise", "inputs": inputs, "picture": str(out), **held}
    if verb.json:
        print(as_json({**told, "seed": verb.seed, "notes": list(notes)}), end="")
        return True
    lines, off = held["lines_kept"], held["colour_error"]
    print(f"kept of the drawing: {lines:.0%} of its lines, colours off by {off} Lab")
    for note in notes:
        print(f"note: {note}")
    print(f"picture: {out}")
    return True


def _way(verb: Verb) -> Vinyl | Stylise:
    """By the checkpoint where there is one; UsageError for what cannot be meant."""
    try:
        if verb.checkpoint is None:
            alone = {
                "--config": verb.config,
                "--canny": verb.canny,
                "--tile": verb.tile,
                "--upscaler": verb.upscaler,
            }
            given = [name for name, path in alone.items() if path is not None]
            if given:
                raise UsageError(f"{' and '.join(given)} work on a --checkpoint; give one, or leave them out")
            return Vinyl(*verb.size)
        return Stylise(
            verb.checkpoint,
            verb.config,
            verb.canny,
            verb.tile,
            verb.upscaler,
            verb.preset,
            verb.words,
            verb.keep,
            *verb.size,
            verb.steps,
            verb.guidance,
            details=verb.details,
            seed=verb.seed,
            device=verb.device,
            half=verb.precision == "16" or (verb.precision == "auto" and verb.device.startswith("cuda")),
        )
    except ValueError as error:
        raise UsageError(str(error)) from error
