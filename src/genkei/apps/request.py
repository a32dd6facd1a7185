"""From the words that were typed to what the pipeline is asked: every refusal here is wrong usage."""

from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import TypedDict

from genkei.apps.cutting import refuse_two_ways
from genkei.apps.machine import cores
from genkei.apps.options import (
    FORMATS,
    Drawn,
    Kitted,
    Limits,
    Make,
    Printify,
    Say,
    Standing,
    UsageError,
    Written,
)
from genkei.apps.outputs import VOXELS, Grids, Wanted
from genkei.drawing.around import Around
from genkei.drawing.escher import Escher
from genkei.drawing.names import azimuth_of
from genkei.figure.base import Base
from genkei.figure.grids import FEWEST
from genkei.figure.joints import Joints
from genkei.figure.kit import KitMaker
from genkei.figure.profiles import Profile, profile_with
from genkei.figure.scale import checked_height, parse_scale
from genkei.figure.split import Split
from genkei.nets.published.folders import local
from genkei.pipeline import SHAPES
from genkei.shape import Shape
from genkei.texture import Paint
from genkei.types import NAMES

FREE = 64
"""Colours where any number will do: more than the eye tells apart on one figure."""
MOULDED = ("cast", "injection")
"""Processes whose kits are moulds."""
MOST_PROCESSES = 2
"""That make a kit's parts ready side by side: every one of them takes up to about 1 GB."""
SLICED = ("resin", "fdm")
"""Processes PrusaSlicer knows."""
UNTOLD = ("out", "force", "json", "quiet", "debug", "threads")
"""Options that change nothing in the result: they stay out of run.json."""


class Request(TypedDict, total=False):
    """Keyword arguments of `genkei.read` and `genkei.make` that say where the drawing is."""

    pictures: Mapping[str | float, Path]
    sheet: Path
    folder: Path
    cameras: Path | tuple[Path, str]
    order: tuple[str, ...]


def request(verb: Drawn) -> Request:
    """Exactly one kind of input; UsageError says what is missing or too much."""
    pictures = _pictures(verb)
    kinds = {
        "single views": bool(pictures),
        "--sheet": verb.sheet is not None,
        "--from": verb.source is not None,
        "--cameras": verb.cameras is not None,
    }
    given = [name for name, there in kinds.items() if there]
    if verb.grid is not None:
        if given not in ([], ["single views"]):
            raise UsageError(f"--grid stands alone or beside single views; found {' and '.join(given)}")
        told: Request = {"cameras": (verb.grid, verb.rig)}
        return {**told, "pictures": pictures} if pictures else told
    if not given:
        raise UsageError(
            "there is no drawing: give a front view (genkei make front.png -o out), a turnaround sheet "
            "(--sheet sheet.png) or a corrected views folder (--from out/views)"
        )
    if len(given) > 1:
        raise UsageError(f"{' and '.join(given)} were given together; give one kind of input")
    if verb.order and verb.sheet is None:
        raise UsageError("--order names the views of a --sheet; give a sheet, or leave --order out")
    refuse_two_ways(verb)
    if verb.sheet is not None:
        return {"sheet": verb.sheet, "order": order(verb.order)}
    if verb.source is not None:
        return {"folder": verb.source}
    if verb.cameras is not None:
        return {"cameras": verb.cameras}
    return {"pictures": pictures}


def _pictures(verb: Drawn) -> dict[str | float, Path]:
    named = {"front": verb.front, "back": verb.back, "left": verb.left, "right": verb.right}
    found: dict[str | float, Path] = {name: path for name, path in named.items() if path is not None}
    for word in verb.view:
        azimuth, sign, path = word.partition("=")
        if not sign or not path:
            raise UsageError(f"--view {word!r} is not understood; write degrees=file, as in 45=q.png")
        try:
            degrees = azimuth_of(azimuth)
        except ValueError as error:
            raise UsageError(f"--view {word}: {error}") from error
        if degrees in found or NAMES.get(round(degrees)) in found:
            raise UsageError(f"there are two pictures for {degrees:g} degrees; give one")
        found[degrees] = Path(path)
    return found


def order(text: str) -> tuple[str, ...]:
    """`front,left,back` as names; UsageError for an unknown or repeated one."""
    names = tuple(word.strip() for word in text.split(",") if word.strip())
    for name in names:
        try:
            azimuth_of(name)
        except ValueError as error:
            raise UsageError(f"--order: {error}") from error
        if names.count(name) > 1:
            raise UsageError(f"--order names the {name} view twice; each view has one place")
    return names


def wanted(verb: Written) -> Wanted:
    """Formats and colours; UsageError for an unknown format or a colour count no printer has."""
    names = tuple(word.strip().lower() for word in verb.formats.split(",") if word.strip())
    unknown = [name for name in names if name not in FORMATS]
    if unknown or not names:
        raise UsageError(f"--formats is {verb.formats!r}; wanted one or more of {','.join(FORMATS)}")
    if not 0 <= verb.colours <= 16:
        raise UsageError(
            f"--colours is {verb.colours}; wanted 1 to 16, one a filament, or 0 for as many as it takes"
        )
    if verb.bodies and verb.colours < 2:
        raise UsageError(f"--bodies is one body a filament; with --colours {verb.colours} wanted 2 to 16")
    return Wanted(tuple(name for name in FORMATS if name in names), verb.colours or FREE, verb.bodies)


def refuse_bodies(verb: Make | Printify) -> None:
    """UsageError for bodies of several filaments from a machine that has none or one."""
    colours = profile(verb).colours
    if verb.bodies and colours < 2:
        has = "colours every point by itself" if colours == 0 else "prints one material"
        raise UsageError(f"--bodies is one body a filament, and {verb.process} {has}; take --process fdm")


def grids(verb: Make) -> Grids:
    """Which grids are written; UsageError for a name that is no plain .npz name, or a size no grid has."""
    path = Path(verb.field)
    if verb.field and (path.suffix != ".npz" or path.name != verb.field or verb.field == VOXELS):
        raise UsageError(
            f"--field is {verb.field!r}; wanted a plain file name like field.npz: it stands among the results"
        )
    if verb.voxels and not FEWEST <= verb.voxels <= MOST_VOXELS:
        raise UsageError(f"--voxels is {verb.voxels}; wanted {FEWEST} to {MOST_VOXELS} cells along an edge")
    return Grids(verb.field, verb.voxels)


MOST_VOXELS = 256


def height_mm(verb: Make | Printify, otherwise: float) -> float:
    """Of the character without its base, from --height-mm or --scale."""
    if verb.height_mm is not None and verb.scale:
        raise UsageError("--height-mm and --scale both set the size; give one of them")
    try:
        if verb.height_mm is not None:
            return checked_height(verb.height_mm)
        return parse_scale(verb.scale) if verb.scale else otherwise
    except ValueError as error:
        raise UsageError(str(error)) from error


def profile(verb: Limits) -> Profile:
    """The process' limits with what was typed in their place; UsageError for limits no machine has."""
    typed = {"wall_mm": verb.wall_mm, "clearance_mm": verb.clearance_mm, "build_mm": verb.build_mm}
    try:
        return profile_with(verb.process, **{key: value for key, value in typed.items() if value is not None})
    except ValueError as error:
        raise UsageError(str(error)) from error


def around(verb: Drawn) -> Around | Escher | None:
    """What makes the sides nobody drew; UsageError for half of it, or for two of them."""
    if (verb.charactergen is None) != (verb.sd21 is None):
        raise UsageError(
            "--charactergen and --sd21 are two halves of one model; give both folders, or neither"
        )
    if verb.charactergen is not None and verb.eschernet is not None:
        raise UsageError("--charactergen and --eschernet are two ways to make the other sides; give one")
    if verb.freedoms and verb.eschernet is None:
        raise UsageError("--freedoms are those of EscherNet's cameras; give --eschernet FOLDER too")
    made = verb.charactergen is not None or verb.eschernet is not None
    if verb.steps < 0 or (verb.steps and not made):
        raise UsageError(
            f"--steps {verb.steps} is how often --charactergen or --eschernet denoises: give one of them, and"
            " 1 or more"
        )
    if verb.eschernet is not None:
        steps = verb.steps or Escher.steps
        return Escher(verb.eschernet, verb.freedoms, steps, seed=verb.seed, device=verb.device)
    if verb.charactergen is None or verb.sd21 is None:
        return None
    steps = verb.steps or Around.steps
    return Around(verb.charactergen, verb.sd21, steps, seed=verb.seed, device=verb.device)


def shape(verb: Make) -> Shape:
    """The backend with its weights; UsageError for weights that nobody reads, or that are not there."""
    kind = SHAPES[verb.shape]
    names = {field.name for field in fields(kind)}
    if "checkpoint" not in names:
        if verb.checkpoint is not None:
            raise UsageError(f"--shape {verb.shape} takes none of --checkpoint; triposr and charactergen do")
        return kind(device=verb.device) if "device" in names else kind()
    if verb.checkpoint is None:
        raise UsageError(f"--shape {verb.shape} wants --checkpoint FILE, the published model's weights")
    return kind(checkpoint=verb.checkpoint, device=verb.device)


def paint(verb: Make) -> Paint:
    """What of the drawing's own light and lines is painted."""
    return Paint(flat=verb.flat, keep_contours=verb.keep_contours)


def kit_maker(verb: Make | Printify) -> KitMaker:
    """How the kit is made; UsageError for parts nobody knows, and for words about a kit nobody asked for."""
    _refuse_kit_words(verb)
    names = tuple(word.strip() for word in verb.parts.split(",") if word.strip())
    try:
        split = Split(parts=names or ("auto",))
    except ValueError as error:
        raise UsageError(f"--parts: {error}") from error
    solid = verb.solid or moulds_wanted(verb)
    processes = min(verb.threads or cores(), MOST_PROCESSES)
    maker = KitMaker(
        split, Joints(verb.joint), solid=solid, unsupported=not verb.supports, processes=processes
    )
    return _in_room(maker, profile(verb)) if verb.kit else maker


def _in_room(maker: KitMaker, limits: Profile) -> KitMaker:
    """UsageError where the machine has no room for walls that thick."""
    room = tuple(float(side) for side in maker.orient.room(limits))
    try:
        return replace(maker, split=replace(maker.split, build_mm=room, wall_mm=limits.wall_mm))
    except ValueError as error:
        raise UsageError(str(error)) from error


def moulds_wanted(verb: Make | Printify) -> bool:
    """Asked for, or what the process is."""
    return verb.moulds or verb.process in MOULDED


def _refuse_kit_words(verb: Make | Printify) -> None:
    if verb.print_times and verb.process not in SLICED:
        raise UsageError(
            f"--print-times asks PrusaSlicer, which slices for {' and '.join(SLICED)}, not for {verb.process}"
        )
    if verb.kit:
        return
    for field in fields(Kitted):
        if getattr(verb, field.name) != field.default:
            word = (
                field.name.replace("_", "-") if getattr(verb, field.name) is not False else f"no-{field.name}"
            )
            raise UsageError(f"--{word} says how a kit is made; add --kit, or leave it out")


def base(verb: Standing, ballast: bool = False) -> Base:
    """The base with its name; UsageError for a name on no base, or a font that is not there."""
    if verb.font is not None and not verb.font.is_file():
        raise UsageError(f"{verb.font}: there is no such font file")
    if verb.font is not None and not verb.name:
        raise UsageError("--font is the font of the name; give a --name, or leave --font out")
    if verb.base_mm is not None and (verb.base == "none" or not verb.base_mm > 0):
        raise UsageError(f"--base-mm {verb.base_mm:g} is the width of a base; give one above 0, and a --base")
    try:
        return Base(verb.base, verb.name, verb.font, ballast, verb.base_mm or 0.0)
    except ValueError as error:
        raise UsageError(str(error)) from error


def told_options(verb: Say) -> dict[str, object]:
    """The options that shaped the result, for run.json; files by name."""
    told = {key: value for key, value in asdict(verb).items() if key not in UNTOLD}
    assert {field.name for field in fields(verb)} >= set(told)
    return told


def input_paths(verb: Drawn) -> list[Path]:
    """Every file or folder the drawing is read from, and the net that cuts it out."""
    sam = None if verb.sam is None else local(verb.sam)
    listed = [*_pictures(verb).values(), verb.sheet, verb.grid, verb.source, verb.cameras, verb.matte, sam]
    return [path for path in listed if path is not None]
