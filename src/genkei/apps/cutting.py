"""From the words that say how a drawing is cut out to the matte that does it."""

from dataclasses import replace
from pathlib import Path

from genkei.apps.options import Drawn, UsageError, Views
from genkei.drawing.imported import with_depth, with_normals
from genkei.drawing.matte import Background
from genkei.drawing.priors import Delight, Predicted
from genkei.drawing.prompted import Prompt, Prompted
from genkei.drawing.published import Published
from genkei.drawing.sheet import Options
from genkei.drawing.sketch import Sketch
from genkei.types import Sheet


def refuse_two_ways(verb: Drawn) -> None:
    """UsageError for two ways to cut a drawing out, or for one where nothing is cut."""
    shown = bool(verb.box or verb.point or verb.sam)
    ways = {"--sketch": verb.sketch, "--matte": verb.matte is not None, "--box, --point, --sam": shown}
    asked = [name for name, there in ways.items() if there]
    if asked and verb.source is not None:
        raise UsageError(
            f"{asked[0]} says how a drawing is cut out, and the views of --from are; leave it out"
        )
    if len(asked) > 1:
        raise UsageError(f"{' and '.join(asked)} are two ways to cut a drawing out; give one")
    if verb.matte_model and verb.matte is None:
        raise UsageError("--matte-model names the net in a --matte file; give the file, or leave it out")
    if verb.sam is not None and not (verb.box or verb.point):
        raise UsageError("--sam wants to be shown the character: give a --box, or --point, or both")


def reading(verb: Drawn) -> Options:
    """How the drawing is cut out; loads the net that is named."""
    options = Options(agree=not verb.as_drawn)
    if verb.prior is not None or verb.delight is not None:
        options = _with_priors(options, verb)
    if verb.box or verb.point:
        return replace(options, mattes=(_prompted(verb),))
    if verb.matte is not None:
        from genkei.nets.published.matte_net import load_matte

        net = load_matte(verb.matte, verb.matte_model, verb.threads, verb.device)
        return replace(options, mattes=(Published(net, net.model.title),))
    return replace(options, mattes=(Sketch(),)) if verb.sketch else options


def _with_priors(options: Options, verb: Drawn) -> Options:
    """UsageError where nothing is read, or where a model has another job."""
    if verb.source is not None:
        raise UsageError("--prior and --delight work on a drawing; the views of --from are read already")
    from genkei.nets.published.priors import load_prior

    if verb.prior is not None:
        prior = load_prior(verb.prior, device=verb.device)
        if prior.job not in ("normals", "depth"):
            raise UsageError(f"--prior {verb.prior} is {prior.model.title}; wanted one for normals or depth")
        options = replace(options, normals=Predicted(prior))
    if verb.delight is not None:
        light = load_prior(verb.delight, device=verb.device)
        if light.job != "intrinsics":
            raise UsageError(f"--delight {verb.delight} is {light.model.title}; wanted marigold-lighting")
        options = replace(options, delight=Delight(light))
    return options


def with_pictures(sheet: Sheet, verb: Views) -> Sheet:
    """The views of --from with the normal and depth pictures that were handed in."""
    if (verb.normals or verb.depth) and verb.source is None:
        raise UsageError("--normals and --depth are made of cut-outs: run genkei views first, then --from")
    for kind, words in (("--normals", verb.normals), ("--depth", verb.depth)):
        for word in words:
            name, sign, path = word.partition("=")
            if not sign or not path:
                raise UsageError(f"{kind} {word!r} is not understood; write view=file, as in front=n.png")
            if kind == "--normals":
                sheet = with_normals(sheet, name, Path(path), verb.normals_axes)
            else:
                sheet = with_depth(sheet, name, Path(path), verb.near)
    return sheet


def _prompted(verb: Drawn) -> Prompted:
    """Box and points are pixels of the file, which is read smaller when it is large."""
    from genkei.drawing.learned import Learned
    from genkei.drawing.read import read_file

    named = [verb.front, verb.back, verb.left, verb.right, verb.sheet]
    given = [path for path in named if path is not None]
    if len(given) != 1 or verb.view:
        raise UsageError("--box and --point are pixels of one picture: give one view, or one --sheet")
    reduction = read_file(given[0]).reduction
    try:
        prompt = Prompt.parsed(verb.box, verb.point, reduction)
    except ValueError as error:
        raise UsageError(str(error)) from error
    own = (Background(), Learned())
    if verb.sam is None:
        return Prompted(prompt, own)
    from genkei.nets.published.sam import load_segmenter

    net = load_segmenter(verb.sam, verb.device)
    return Prompted(prompt, own, net, net.model.title)
