"""`genkei stylise`: the figure-style picture of a drawing, by the user's checkpoint or by the studio."""

from genkei import __version__, pipeline
from genkei.apps.options import Stylise as Verb
from genkei.apps.options import UsageError
from genkei.apps.outputs import as_json
from genkei.apps.photo_job import free, put, score_line
from genkei.apps.progress import Progress
from genkei.apps.record import input_records, score_records
from genkei.formats import png
from genkei.photo import Studio
from genkei.stylise import Stylise


def stylise(verb: Verb) -> bool:
    """Writes one PNG, complete or not at all."""
    way, out = _way(verb), free(verb.out, verb.force)
    with Progress(verb.quiet) as progress:
        if isinstance(way, Studio):
            taken = pipeline.photo(verb.drawing, studio=way, progress=progress)
            picture, notes, held = taken.picture, taken.notes, {"scores": score_records(taken.scores)}
            kept = [score_line(score) for score in taken.scores]
            notes = (*notes, "no checkpoint was given: the figure was built and photographed instead")
        else:
            styled = pipeline.stylise(verb.drawing, way, progress=progress)
            picture, notes = styled.picture, styled.notes
            held = {
                "lines_kept": round(styled.kept.lines, 3),
                "colour_error": round(styled.kept.colour_lab, 2),
            }
            kept = [
                f"kept of the drawing: {held['lines_kept']:.0%} of its lines, colours off by"
                f" {held['colour_error']} Lab"
            ]
    put(png.encode(picture), out)
    inputs = input_records([verb.drawing])
    told = {"genkei": __version__, "verb": "stylise", "inputs": inputs, "picture": str(out), **held}
    if verb.json:
        print(as_json({**told, "seed": verb.seed, "notes": list(notes)}), end="")
        return True
    for line in kept:
        print(line)
    for note in notes:
        print(f"note: {note}")
    print(f"picture: {out}")
    return True


def _way(verb: Verb) -> Studio | Stylise:
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
            return Studio(0.0, 4.0, *verb.size)
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
            half=verb.device.startswith("cuda"),
        )
    except ValueError as error:
        raise UsageError(str(error)) from error
