"""From the words that say how a drawing is cut out to the matte that does it."""

from dataclasses import replace

from genkei.apps.options import Drawn, UsageError
from genkei.drawing.matte import Background
from genkei.drawing.prompted import Prompt, Prompted
from genkei.drawing.published import Published
from genkei.drawing.sheet import Options
from genkei.drawing.sketch import Sketch


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
    if verb.box or verb.point:
        return replace(options, mattes=(_prompted(verb),))
    if verb.matte is not None:
        from genkei.nets.published.matte_net import load_matte

        net = load_matte(verb.matte, verb.matte_model, verb.threads)
        return replace(options, mattes=(Published(net, net.model.title),))
    return replace(options, mattes=(Sketch(),)) if verb.sketch else options


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

    net = load_segmenter(verb.sam)
    return Prompted(prompt, own, net, net.model.title)
