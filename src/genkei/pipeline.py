"""The whole road on one screen: pictures -> Sheet -> Views -> Mesh -> Character -> Figure -> Checks."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import numpy as np
from jaxtyping import Float32

from genkei.drawing.around import Around
from genkei.drawing.escher import Escher
from genkei.drawing.grid import read_grid
from genkei.drawing.names import azimuth_of
from genkei.drawing.posed import read_posed
from genkei.drawing.sheet import Options, load_sheet, read_sheet, read_views
from genkei.figure.build import Begun, Build
from genkei.figure.checks import check_figure, check_mesh
from genkei.figure.printify import Printify, resolve_unit
from genkei.figure.profiles import Profile, profile_named
from genkei.geometry.gaussians import Gaussians
from genkei.geometry.score import Score, score_views
from genkei.nets.certainty import certainty_of, doubts
from genkei.nets.look import Look, Remembered, look
from genkei.shape import Neus, Occupancy, Poisson, Refined, Sdf, Shape, Splats, Tets
from genkei.shape.outlines import level
from genkei.shape.relief import told_normals
from genkei.texture import Paint
from genkei.types import Character, Check, Figure, Mesh, Sheet, Timing, View, all_passed
from genkei.views import Mirrored, Sides

if TYPE_CHECKING:
    from genkei.figure.kit import KitMaker, MadeKit
    from genkei.figure.moulds import Moulded
    from genkei.photo import Studio, Vinyl
    from genkei.stylise import Styled, Stylise

Pictures = str | Path | Mapping[str | float, str | Path]
Grid = tuple[str | Path, str]
"""A picture, folder or animation of views, and the name of its rig."""
Progress = Callable[[str], None]
LIFE_SIZE_MM = 1000.0
"""A file whose unit is a metre holds a character as tall as a person, not a figure."""


KIT_THIN_SHARE = 0.004
"""Of a figure's surface: an arm is a twentieth of it, and may be thin in a fiftieth of its own."""

SHAPES = {"auto": Sdf, **{backend.__name__.lower(): backend for backend in get_args(Shape)}}
"""By the name the command line knows them under."""


@dataclass(frozen=True)
class Recipe:
    """Which backend does each stage, with its options."""

    read: Options = Options()
    around: Around | Escher | None = None
    """A published model that makes sides nobody drew; None: what is drawn is what there is."""
    views: Sides = Mirrored()
    shape: Shape = Sdf()
    paint: Paint = Paint()
    build: Build = Build()
    """Its `process` names the printer whose limits the figure is checked against."""
    look: bool = True
    """The solid net also tells parts, neck and how sure it is; False: outline and colours decide."""


@dataclass(frozen=True)
class Made:
    """What every stage of `make` returned, so that debugging is looking."""

    sheet: Sheet
    views: tuple[View, ...]
    mesh: Mesh
    character: Character
    figure: Figure
    begun: Begun
    """What a kit of it goes on from."""
    checks: tuple[Check, ...]
    scores: tuple[Score, ...]
    """The given views against the same views of the result."""
    timings: tuple[Timing, ...]
    notes: tuple[str, ...]
    looks: tuple[Look, ...] = ()
    """What the net says of each drawn view."""
    splats: tuple[Gaussians, ...] = ()
    """What the shape `Splats` fitted; nothing for any other."""

    @property
    def certainty(self) -> float:
        """0..1 that the drawing shows one standing character; 1 where the net was not asked."""
        return certainty_of(self.looks)

    @property
    def printable(self) -> bool:
        return all_passed(self.checks)


@dataclass(frozen=True)
class Printed:
    """What every stage of `printify` returned."""

    character: Character
    """The model as one painted solid, in character space."""
    figure: Figure
    begun: Begun
    """What a kit of it goes on from."""
    checks: tuple[Check, ...]
    timings: tuple[Timing, ...]
    notes: tuple[str, ...]

    @property
    def printable(self) -> bool:
        return all_passed(self.checks)


@dataclass(frozen=True)
class Photographed:
    """What `photo` returned."""

    picture: Float32[np.ndarray, "h w 4"]
    """RGBA, sRGB, straight alpha."""
    scores: tuple[Score, ...]
    """Of a drawing: the given view against the figure; empty for a model."""
    notes: tuple[str, ...]


def make(
    pictures: Pictures | None = None,
    *,
    sheet: str | Path | None = None,
    folder: str | Path | None = None,
    cameras: str | Path | Grid | None = None,
    order: tuple[str, ...] = (),
    recipe: Recipe = Recipe(),
    progress: Progress = lambda stage: None,
) -> Made:
    """A drawing in, a painted figure and its checks out.

    Give exactly one of `pictures` (a front view, or `{"front": ..., "left": ..., 45: ...}` by name or azimuth
    in degrees), `sheet` (a turnaround, its views named by `order` from left to right when that is given) or
    `folder` (the views another run left to be corrected) or `cameras` (a JSON list of pictures and their
    cameras, see `genkei.drawing.posed`; or views another program made and the name of its rig among
    `genkei.drawing.rigs`, which may stand beside pictures). `progress` is told each stage's name as it
    starts. Raises ValueError or OSError in the user's words.
    """
    clock = Clock(progress)
    with clock("read"):
        drawn = read(pictures, sheet=sheet, folder=folder, cameras=cameras, order=order, options=recipe.read)
    if recipe.around is not None:
        with clock("around"):
            drawn = recipe.around(drawn, recipe.read)
    with clock("views"):
        views = recipe.views(drawn)
    with clock("shape"):
        net = Remembered()
        way = recipe.shape
        if isinstance(way, Occupancy | Poisson | Refined | Sdf | Tets) and way.net is None:
            way = replace(way, net=net)
        way, informed = with_normals(way, drawn)
        upright = level(views) or views
        mesh, splats = shaped(way, views, upright)
    with clock("texture"):
        readable = tuple(view for view in upright if view.drawn and view.camera.is_orthographic)
        looks = look(readable, net) if recipe.look and readable else ()
        character = recipe.paint(mesh, views, looks, drawn.lines)
    with clock("figure"):
        bust = any("bottom" in reading.cut for reading in drawn.readings)
        built = replace(recipe.build, bust=recipe.build.bust or bust).with_notes(character)
    with clock("checks"):
        checks = check_figure(built.figure, recipe.build.profile)
    with clock("comparison"):
        scores = score_views(views, character.mesh, character.uv, character.texture)
    notes = (*drawn.notes, *informed, *doubts(looks), *built.notes)
    timings = tuple(clock.timings)
    return Made(
        drawn,
        views,
        mesh,
        character,
        built.figure,
        built.begun,
        checks,
        scores,
        timings,
        notes,
        looks,
        splats,
    )


def shaped(
    way: Shape, views: tuple[View, ...], upright: tuple[View, ...]
) -> tuple[Mesh, tuple[Gaussians, ...]]:
    """The solid, and the splats it was made of, if any; raised views go to those alone that know cameras."""
    if isinstance(way, Splats):
        found = way.splats(views)
        return way.closed(found, views), (found,)
    return way(views if isinstance(way, Neus) else upright), ()


def with_normals(way: Shape, drawn: Sheet) -> tuple[Shape, tuple[str, ...]]:
    """The backend with the normals that pictures or a model told of the drawn views, and what became of them.

    Normals of inflated outlines tell nothing that the outlines do not.
    """
    told = told_normals(drawn.views, drawn.normals)
    if not told:
        return way, ()
    names = ", ".join(v.name for v in drawn.views if any(r.camera is v.camera for r in told))
    if isinstance(way, Refined | Sdf | Tets):
        used = f"the surface was bent to the normals told of {names}"
        return (way if way.reliefs else replace(way, reliefs=told)), (used,)
    name = next(name for name, kind in SHAPES.items() if name != "auto" and isinstance(way, kind))
    return way, (
        f"NORMALS NOT USED: --shape {name} reads none, and they were told of {names}; --shape sdf, refined"
        " and tets do",
    )


def printify(
    path: str | Path,
    *,
    drawing: str | Path | None = None,
    unit: str = "",
    height_mm: float = 0.0,
    way: Printify = Printify(),
    build: Build = Build(),
    progress: Progress = lambda stage: None,
) -> Printed:
    """Any GLB, VRM, OBJ, STL or 3MF made into a closed, checked figure; nothing is reconstructed.

    Its size: `height_mm` without the base when given, else the file's own size in `unit` (mm, cm, m, inch) or
    in the unit its format states; life-size characters (GLB, VRM) become as tall as `build` says.
    Sheets become at least as thick as the thinnest wall `build.process` can make.
    A front `drawing` of the same character in the same pose turns the model to face as drawn and gives its
    colours to what it shows; other systems' results come turned anyhow, and with blurred paint.
    Raises ValueError or OSError in the user's words.
    """
    from genkei.formats.files import read_model

    clock = Clock(progress)
    with clock("read"):
        soup = read_model(Path(path))
        life_size = soup.unit_mm >= LIFE_SIZE_MM and not unit
        factor = resolve_unit(soup, unit, height_mm or (build.height_mm if life_size else 0.0))
    with clock("solid"):
        wall = max(way.wall_mm, build.profile.wall_mm)
        solid = replace(way, wall_mm=wall)(soup, factor)
    character, told = solid.character, solid.notes
    if drawing is not None:
        with clock("drawing"):
            character, seen = adopted(character, read(drawing).views[0])
        told = (*told, *seen)
    with clock("figure"):
        built = replace(build, height_mm=height_mm or solid.height_mm).with_notes(character)
    with clock("checks"):
        checks = check_figure(built.figure, build.profile)
    return Printed(character, built.figure, built.begun, checks, tuple(clock.timings), (*told, *built.notes))


LEAST_OVERLAP = 0.6
"""Of a model's outline and a drawing's: below, the drawing shows another pose or another character."""


def adopted(character: Character, front: View) -> tuple[Character, tuple[str, ...]]:
    """A character turned to face as drawn and painted by the drawing where it sees it, and how that went.

    ValueError where the drawing's outline fits it from no side.
    """
    from genkei.geometry.facing import facing, turned
    from genkei.texture.repaint import repaint

    found = facing(character.mesh, character.uv, character.texture, front)
    if found.overlap < LEAST_OVERLAP:
        raise ValueError(
            f"the drawing's outline overlaps the model's by {found.overlap:.0%} at best, from azimuth "
            f"{found.turn_deg:.0f} (wanted {LEAST_OVERLAP:.0%}): another pose, or another character. Give a "
            "front view in the model's own pose, or leave the drawing out"
        )
    stood = replace(character, mesh=turned(character.mesh, found.turn_deg))
    painted = repaint(stood, (replace(front, camera=found.camera),))
    share = float(painted.drawn.mean())
    return painted, (
        f"turned by {found.turn_deg:.0f} degrees to face as drawn; the outlines overlap by "
        f"{found.overlap:.0%}, the model's own paint was off by {found.colour_error:.1f} Lab",
        f"the drawing painted {share:.0%} of the texture; the rest keeps the model's own paint",
    )


def kit(
    character: Character,
    build: Build,
    maker: "KitMaker",
    progress: Progress = lambda stage: None,
    begun: Begun | None = None,
) -> "MadeKit":
    """A character as parts that go together on a base of their own, each laid out and supported for printing.

    Parts too large for the machine are cut again. `begun`: of the figure in one piece, if there is one, so
    that what was done for it is not done again. Raises ValueError in the user's words; what would fail in
    print is a failed check.
    """
    bare = replace(build, with_base=False, thin_share=KIT_THIN_SHARE).with_notes(character, begun).figure
    room = tuple(float(side) for side in maker.orient.room(build.profile))
    split = replace(maker.split, build_mm=room, wall_mm=build.profile.wall_mm)
    return replace(maker, split=split, base=build.base)(bare, build.profile, progress)


def moulds(
    made: "MadeKit", profile: Profile, progress: Progress = lambda stage: None
) -> tuple["Moulded", ...]:
    """A mould of every part of a kit whose parts are solid, or for injection the report about one.

    Silicone's limits are those of casting, whatever the parts are printed with. Raises ValueError.
    """
    from genkei.figure.moulds import Mould

    soft = profile if profile.draft_deg > 0 or profile.name == "cast" else profile_named("cast")
    found = []
    for part in made.kit.parts:
        progress(f"mould {part.name}")
        found.append(Mould()(part, soft))
    return tuple(found)


def photo(
    path: str | Path,
    *,
    studio: "Studio | None" = None,
    recipe: Recipe = Recipe(),
    progress: Progress = lambda stage: None,
) -> Photographed:
    """The shop picture of any model, or of the figure that a front view becomes by `recipe`.

    A drawing's own scores come with it: the figure against what was drawn. Raises ValueError or OSError.
    """
    from genkei.formats.files import MODELS, read_model
    from genkei.photo import Studio, scene_of_figure, scene_of_soup

    clock = Clock(progress)
    if Path(path).suffix.lower() in MODELS:
        with clock("read"):
            scene = scene_of_soup(read_model(Path(path)))
        scores, notes = (), ()
    else:
        made = make(path, recipe=recipe, progress=progress)
        scene, scores, notes = scene_of_figure(made.figure), made.scores, made.notes
    with clock("photo"):
        return Photographed((studio or Studio())(scene), scores, notes)


def stylise(
    picture: str | Path, way: "Stylise | Vinyl", *, progress: Progress = lambda stage: None
) -> "Styled":
    """A drawing's front view as a figure's photograph, by light alone or by the user's own checkpoint.

    Raises ValueError or OSError in the user's words.
    """
    from genkei.photo import Vinyl
    from genkei.stylise import Styled
    from genkei.stylise.kept import kept

    clock = Clock(progress)
    with clock("read"):
        sheet = read(picture)
        view = sheet.views[0]
    if isinstance(way, Vinyl):
        with clock("stylise"):
            lit = way(view, sheet.lines[0])
            held = kept(lit.on_white, lit.picture, lit.drawing[..., 3] > 0.5)
            return Styled(lit.picture, lit.on_white, held)
    with clock("look"):
        (seen,) = look((view,), Remembered()) if way.details else (None,)
    with clock("stylise"):
        return way(view, seen)


def check(
    path: str | Path, *, process: str | Profile = "resin", progress: Progress = lambda stage: None
) -> tuple[Check, ...]:
    """Would this 3MF or STL print? One row a finding, part by part. Raises ValueError or OSError."""
    from genkei.formats.files import read_solids

    clock = Clock(progress)
    with clock("read"):
        solids = read_solids(Path(path))
    with clock("checks"):
        profile = process if isinstance(process, Profile) else profile_named(process)
        return tuple(row for name, mesh in solids for row in check_mesh(mesh, profile, name))


@dataclass
class Clock:
    """A stopwatch: `with clock("shape"):` tells `progress` and notes wall and CPU seconds."""

    progress: Progress = lambda stage: None
    timings: list[Timing] = field(default_factory=list)

    @contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        self.progress(stage)
        wall, cpu = time.perf_counter(), time.process_time()
        yield
        self.timings.append(Timing(stage, time.perf_counter() - wall, time.process_time() - cpu))


def read(
    pictures: Pictures | None = None,
    *,
    sheet: str | Path | None = None,
    folder: str | Path | None = None,
    cameras: str | Path | Grid | None = None,
    order: tuple[str, ...] = (),
    options: Options = Options(),
) -> Sheet:
    """The drawn views alone, from the same kinds of input as `make`."""
    grid = cameras if isinstance(cameras, tuple) else None
    given = {"pictures": pictures, "sheet": sheet, "folder": folder, "cameras": None if grid else cameras}
    found = [name for name, value in given.items() if value]
    if len(found) != 1 and not (grid and not found):
        says = " and ".join(found) or "nothing"
        raise ValueError(f"give either pictures, a sheet, a folder of views or a camera file; found {says}")
    if grid and (sheet or folder):
        raise ValueError("a grid stands alone or beside single pictures; found it beside a sheet or a folder")
    if order and sheet is None:
        raise ValueError("the order names the views of a sheet; give a sheet, or leave the order out")
    if sheet is not None:
        return read_sheet(Path(sheet), order, options)
    if folder is not None:
        return load_sheet(Path(folder))
    if cameras is not None and not isinstance(cameras, tuple):
        return read_posed(Path(cameras), options)
    drawn = read_views(azimuths(pictures), options) if pictures else None
    if grid is None:
        assert drawn is not None
        return drawn
    return read_grid(grid[0], grid[1], drawn, options)


def azimuths(pictures: Pictures) -> dict[float, Path]:
    """Pictures by azimuth in degrees; a single picture is the front. ValueError for an unknown name."""
    if isinstance(pictures, str | Path):
        return {0.0: Path(pictures)}
    found: dict[float, Path] = {}
    for key, path in pictures.items():
        azimuth = azimuth_of(str(key))
        if azimuth in found:
            raise ValueError(f"two pictures for {azimuth:g} degrees: {found[azimuth]} and {path}; give one")
        found[azimuth] = Path(path)
    return found
