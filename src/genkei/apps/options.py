"""What can be typed after each verb: plain dataclasses, no array library, so that `--help` is quick."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from tyro.conf import Positional, UseAppendAction, arg, subcommand

Process = Literal["resin", "fdm", "sls", "mjf", "polyjet", "colour", "cast", "injection"]
Look = Literal["disc", "square", "outline", "post", "none"]
ShapeName = Literal[
    "auto", "hull", "inflation", "occupancy", "poisson", "refined", "sdf", "tets", "neus", "splats",
    "triposr", "charactergen",
]  # fmt: skip
RigName = Literal[
    "charactergen", "zero123plus", "zero123plus-1.1", "era3d", "wonder3d", "unique3d", "syncdreamer", "sv3d",
    "videomv", "eschernet", "cycle3d",
]  # fmt: skip
JointName = Literal["auto", "d peg", "square peg", "two pegs", "dowel", "pin", "magnet"]
Unit = Literal["mm", "cm", "m", "inch"]
FORMATS = ("glb", "3mf", "stl", "obj")

Out = Annotated[Path, arg(aliases=["-o"], metavar="FOLDER")]
Picture = Annotated[Path | None, arg(metavar="PNG")]
Number = Annotated[float | None, arg(metavar="MM")]
Word = Annotated[str, arg(metavar="LIST")]
Box = Annotated[tuple[float, float, float] | None, arg(metavar="W D H")]


class UsageError(ValueError):
    """What was typed cannot be meant: exit code 2."""


@dataclass(frozen=True, kw_only=True)
class Say:
    """What every verb says and how loudly."""

    json: bool = False
    """Print the result as JSON instead of a table."""
    quiet: bool = False
    """No progress on stderr."""
    debug: bool = False
    """Show where in the program an error came from."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Whose limits the result is checked against, and what you know better about your machine."""

    process: Process = "resin"
    """The way it is made, whose limits are checked."""
    wall_mm: Number = None
    """Thinnest wall your machine makes, instead of the process'."""
    clearance_mm: Number = None
    """Gap per side between parts, instead of the process'."""
    build_mm: Box = None
    """Width, depth and height of your machine, instead of the process'."""


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What the figure stands on, and whether that holds."""

    base: Look = "disc"
    """Disc, square, outline of the feet, post under a leaping figure, or none."""
    name: Annotated[str, arg(metavar="TEXT")] = ""
    """Engraved into the base in front of the feet."""
    base_mm: Number = None
    """Diameter of the base, or its square's side; else the least that stands safely."""
    font: Annotated[Path | None, arg(metavar="FILE")] = None
    """Font for the name: .ttf, .otf or .ttc; needed for other letters than Latin ones."""
    strengthen: bool = False
    """Make necks and ankles as thick as the process needs, where the drawing has them thinner."""


@dataclass(frozen=True, kw_only=True)
class Drawn(Say):
    """Where the drawing is: single views, one sheet, or the views folder of an earlier run."""

    front: Positional[Annotated[Path | None, arg(metavar="[FRONT]")]] = None
    """The front view: any picture file."""
    back: Picture = None
    """The back view."""
    left: Picture = None
    """The view of the character's own left side (the face looks to picture-left)."""
    right: Picture = None
    """The view of the character's own right side."""
    view: Annotated[UseAppendAction[tuple[str, ...]], arg(metavar="DEG=PNG")] = ()
    """A view from any other side, 45=three-quarter.png; may be given several times."""
    sheet: Picture = None
    """A turnaround sheet: several views in one picture."""
    order: Word = ""
    """Names of the sheet's views from left to right, front,left,back; decided by genkei when left out."""
    grid: Annotated[Path | None, arg(metavar="FILE")] = None
    """Views that another program made: one picture, a folder of frames or an animation; alone or beside
    drawn views, which win."""
    rig: RigName = "charactergen"
    """Which program made the --grid: where its cameras stand."""
    charactergen: Annotated[Path | None, arg(metavar="FOLDER")] = None
    """Its folder 2D_Stage/models: that published model makes all four sides of the drawing anew, in an A-pose
    (wants --sd21 too; extra [diffusion])."""
    sd21: Annotated[Path | None, arg(metavar="FOLDER")] = None
    """Folder of Stable Diffusion 2.1, which --charactergen was trained from."""
    eschernet: Annotated[Path | None, arg(metavar="FOLDER")] = None
    """Its folder or hub name: that published model makes the sides nobody drew, in the drawn pose (extra
    [diffusion]; its licence allows no commercial use)."""
    freedoms: Annotated[Literal[0, 4, 6], arg(metavar="4|6")] = 0
    """Of --eschernet's cameras; told by its folder's name when left out."""
    steps: Annotated[int, arg(metavar="N")] = 0
    """Denoising steps of --charactergen (40) or --eschernet (50); half of them are a draft."""
    seed: Annotated[int, arg(metavar="N")] = 0
    """Which of the sides that --charactergen or --eschernet can make; the same seed makes the same ones."""
    device: Literal["cpu", "cuda"] = "cpu"
    """Where published models run."""
    source: Annotated[Path | None, arg(name="from", metavar="FOLDER")] = None
    """Go on from a views folder that you have corrected."""
    cameras: Annotated[Path | None, arg(metavar="JSON")] = None
    """Pictures whose cameras are known: a list of {picture, azimuth, elevation, span or fov and distance}, or
    {picture, world_to_clip}."""
    sketch: bool = False
    """The drawing is line art or pencil on paper: what its lines close in becomes the figure, plain grey
    under the lines. Found by genkei where there is no doubt."""
    matte: Annotated[Path | None, arg(metavar="ONNX")] = None
    """Cut the character out by this published net (BiRefNet, ISNet-anime, ToonOut, U2-Net in ONNX form)."""
    matte_model: Annotated[str, arg(metavar="NAME")] = ""
    """Which net of genkei models list the --matte file is; told by its inputs and outputs when left out."""
    as_drawn: bool = False
    """Take several views as they are drawn; else those that disagree are bent a little towards each other."""
    prior: Annotated[Path | None, arg(metavar="FOLDER")] = None
    """Normals by Marigold or diffusion-e2e-ft (normals or depth), a folder or hub name on this machine."""
    delight: Annotated[Path | None, arg(metavar="FOLDER")] = None
    """Take the light out of the colours by Marigold's lighting model, a folder or hub name."""
    box: Annotated[str, arg(metavar="L,T,R,B")] = ""
    """The character is inside this box: left, top, right, bottom in pixels of the picture."""
    point: Annotated[UseAppendAction[tuple[str, ...]], arg(metavar="X,Y+")] = ()
    """A pixel on the character, 120,80+, or off it, 300,40-; may be given several times."""
    sam: Annotated[Path | None, arg(metavar="FOLDER")] = None
    """Segment Anything (1 or 2) as a folder or hub name on this machine: box and points go to it."""
    out: Out = Path("out")
    """Where the results go; made new, never overwritten without --force."""
    force: bool = False
    """Replace the results of an earlier run in that folder, after success."""
    threads: Annotated[int, arg(metavar="N")] = 0
    """Processor cores to use; 0 means all."""


@dataclass(frozen=True, kw_only=True)
class Kitted:
    """Whether and how the figure also becomes a kit."""

    kit: bool = False
    """Also cut the figure into parts that go together, in kit/: joints, hollows, supports, assembly sheet.
    Parts too large for the machine are cut again."""
    parts: Word = "auto"
    """What the kit is cut into, out of hair,hair back,bangs,face,head,torso,skirt,arms,legs,shoes,
    accessories,base, and left arm,right shoe, ...; decided by genkei when left out."""
    joint: JointName = "auto"
    """The joint between all parts; decided by cross-section and process when left out."""
    solid: bool = False
    """Leave the kit's parts solid."""
    supports: bool = True
    """Grow supports for resin; --no-supports leaves them to the slicer."""
    ballast: bool = False
    """A chamber for steel shot or sand in the kit's base, with a plug that closes it."""
    moulds: bool = False
    """Two-part silicone moulds of the kit's parts, in kit/moulds, with an undercut map; parts stay solid.
    Made unasked with --process cast; --process injection reports what steel could not let go of."""
    paints: Annotated[Path | None, arg(metavar="CSV")] = None
    """Your paints (columns name,hex or name,r,g,b): the kit's paint guide names the nearest, with the
    difference."""
    print_times: bool = False
    """Ask PrusaSlicer, where it is installed, for time and material of every part (resin and fdm); takes
    about half a minute a part."""


@dataclass(frozen=True, kw_only=True)
class Written:
    """Which files are written, in how many colours."""

    formats: Word = ",".join(FORMATS)
    """File formats to write, out of glb,3mf,stl,obj."""
    colours: Annotated[int, arg(metavar="N")] = 4
    """Colours in the 3MF, one a filament, 1 to 16; 0: as many as it takes, for full-colour printers."""
    bodies: bool = False
    """One closed body a filament, as STL and 3MF, for slicers that read no painted colours (fdm): colours go
    as deep as the least wall, the core is of the part's main filament."""


@dataclass(frozen=True, kw_only=True)
class Make(Drawn, Limits, Standing, Kitted, Written):
    """Turn a drawing into a textured character and a printable figure."""

    height_mm: Number = None
    """Height of the character without its base (150 when neither this nor --scale is given)."""
    scale: Annotated[str, arg(metavar="1/N")] = ""
    """Figure scale of a character 1.6 m tall: 1/7 is 229 mm."""
    field: Annotated[str, arg(metavar="NAME.npz")] = ""
    """Also write the solid as a grid of signed distances, under this name in the results."""
    voxels: Annotated[int, arg(metavar="N")] = 0
    """Also write the solid as N x N x N filled or empty cells, voxels.npz."""
    shape: ShapeName = "auto"
    """How the solid is found: auto is sdf, a field fitted to net, hull and all outlines together (refined
    polishes it, tets cuts it out by tetrahedra, poisson closes its points smoothly), and the net alone where
    one direction was drawn; occupancy by the net, hull by the outlines of two directions or more, inflation
    by the outline of one; neus and splats from two views or
    more by any cameras, perspective and raised ones too (extra [torch]; splats also writes splats.ply);
    triposr (from one view) and charactergen (from four sides) are published models and want --checkpoint."""
    flat: bool = False
    """Take the drawn light and shade out of the paint, for renderers that bring their own light."""
    keep_contours: bool = False
    """Paint the drawn contour lines too; else they take the colour beside them, and lashes, mouth and
    patterns stay."""
    checkpoint: Annotated[Path | None, arg(metavar="FILE")] = None
    """Weights of the published model that --shape names; genkei ships and downloads none."""


@dataclass(frozen=True, kw_only=True)
class Views(Drawn):
    """Stop after reading the drawing, so that you can correct a view and go on with make --from."""

    normals: Annotated[UseAppendAction[tuple[str, ...]], arg(metavar="VIEW=PNG")] = ()
    """With --from: normals of a view that another tool made of its cut-out, front=normals.png."""
    normals_axes: Annotated[str, arg(metavar="AXES")] = "+x+y+z"
    """What red, green and blue hold: +x+y+z right, up, towards the viewer; +x-y+z for DirectX."""
    depth: Annotated[UseAppendAction[tuple[str, ...]], arg(metavar="VIEW=PNG")] = ()
    """With --from: depth of a view that another tool made of its cut-out, front=depth.png."""
    near: Literal["white", "black"] = "white"
    """What is near in --depth pictures."""


@dataclass(frozen=True, kw_only=True)
class Printify(Say, Limits, Standing, Kitted, Written):
    """Close, scale, base, check and export any model; nothing is reconstructed."""

    model: Positional[Annotated[Path, arg(metavar="MODEL")]]
    """A .glb, .vrm, .obj or .stl file."""
    drawing: Picture = None
    """A front view in the model's own pose: the model is turned to face as drawn, and painted by it."""
    out: Out = Path("out")
    """Where the results go; made new, never overwritten without --force."""
    unit: Annotated[Unit | None, arg(metavar="{mm,cm,m,inch}")] = None
    """Unit of the file's numbers, for formats that do not say (STL, OBJ)."""
    height_mm: Number = None
    """Height without the base; else 150 for GLB and VRM (life size in metres), its own size otherwise."""
    scale: Annotated[str, arg(metavar="1/N")] = ""
    """Figure scale of a character 1.6 m tall: 1/7 is 229 mm."""
    force: bool = False
    """Replace the results of an earlier run in that folder, after success."""
    threads: Annotated[int, arg(metavar="N")] = 0
    """Processor cores to use; 0 means all."""


@dataclass(frozen=True, kw_only=True)
class CheckFile(Say, Limits):
    """Say whether a 3MF or STL would print; exit code 3 when it would not."""

    model: Positional[Annotated[Path, arg(metavar="FILE")]]
    """A .3mf or .stl file in millimetres."""
    threads: Annotated[int, arg(metavar="N")] = 0
    """Processor cores to use; 0 means all."""


@dataclass(frozen=True, kw_only=True)
class Photo(Say):
    """Photograph a finished figure, any model, or the figure a drawing would become: the shop picture."""

    subject: Positional[Annotated[Path, arg(metavar="MODEL_OR_DRAWING")]]
    """A .glb, .vrm, .obj, .stl or .3mf file, or a drawing's front view."""
    out: Annotated[Path, arg(aliases=["-o"], metavar="PNG")] = Path("photo.png")
    """The picture; never overwritten without --force."""
    azimuth: Annotated[float, arg(metavar="DEG")] = 18.0
    """Where the camera stands: 0 in front, 90 at the character's left side."""
    elevation: Annotated[float, arg(metavar="DEG")] = 7.0
    """Over the horizon, -10 to 80."""
    size: Annotated[tuple[int, int], arg(metavar="W H")] = (1200, 1600)
    """Width and height in pixels."""
    backdrop: Annotated[str, arg(metavar="NAME")] = "auto"
    """auto, white, grey, dark, rose, sky, #rrggbb, or none for a transparent picture."""
    force: bool = False
    """Replace the picture if it is there."""
    threads: Annotated[int, arg(metavar="N")] = 0
    """Processor cores to use; 0 means all."""


@dataclass(frozen=True, kw_only=True)
class Stylise(Say):
    """Redraw a drawing as the photograph of a PVC figure: by light alone, or by an SDXL checkpoint of yours.

    Without --checkpoint a studio's light falls on the drawing itself, which stays as drawn; the figure it
    would become is photographed by `genkei photo`. A checkpoint needs the extra [diffusion].
    """

    drawing: Positional[Annotated[Path, arg(metavar="DRAWING")]]
    """The front view: any picture file."""
    out: Annotated[Path, arg(aliases=["-o"], metavar="PNG")] = Path("styled.png")
    """The picture; never overwritten without --force."""
    checkpoint: Annotated[Path | None, arg(metavar="PATH")] = None
    """SDXL: one .safetensors file, a folder of diffusers, or a hub name that is on this machine already."""
    config: Annotated[Path | None, arg(metavar="FOLDER")] = None
    """For a single file: the folder with the small files of SDXL base, tokenizers too."""
    canny: Annotated[Path | None, arg(metavar="FOLDER")] = None
    """ControlNet for edges."""
    tile: Annotated[Path | None, arg(metavar="FOLDER")] = None
    """ControlNet for tiles; the drawing's colours are kept without it too."""
    upscaler: Annotated[Path | None, arg(metavar="FILE")] = None
    """ESRGAN-class file: enlarge the picture and go over it again."""
    preset: Literal["pvc", "pony", "cinema"] = "pvc"
    """Whose words are used: pony for Pony checkpoints."""
    words: Annotated[str, arg(metavar="TEXT")] = ""
    """Your own words, before the preset's; (word:1.2) counts more, [word] less."""
    keep: Literal["both", "lines", "colours"] = "both"
    """What of the drawing is held."""
    size: Annotated[tuple[int, int], arg(metavar="W H")] = (768, 1280)
    """Width and height in pixels; 1024 1024 for wide poses."""
    steps: Annotated[int, arg(metavar="N")] = 30
    """Denoising steps."""
    guidance: Annotated[float, arg(metavar="SCALE")] = 7.0
    """How strongly the words are followed."""
    details: bool = True
    """Go over face and hands once more; --no-details leaves them."""
    seed: Annotated[int, arg(metavar="N")] = 0
    """Another seed is another picture."""
    device: Annotated[str, arg(metavar="NAME")] = "cpu"
    """cpu or cuda."""
    precision: Literal["auto", "16", "32"] = "auto"
    """Bits of the numbers: 16 is what cuda uses anyhow; a processor works in 32, and with 16 in half the
    memory and, where it computes in bf16, a quarter of the time."""
    force: bool = False
    """Replace the picture if it is there."""
    threads: Annotated[int, arg(metavar="N")] = 0
    """Processor cores to use; 0 means all."""


@dataclass(frozen=True, kw_only=True)
class Doctor(Say):
    """Versions, cores, memory, disk and the programs found on this machine."""


@dataclass(frozen=True, kw_only=True)
class Models(Say):
    """Published models: list what is known, info NAME tells one, check PATH says what a file is."""

    action: Positional[Annotated[Literal["list", "info", "check"], arg(metavar="[list|info|check]")]] = "list"
    """What is asked."""
    what: Positional[Annotated[str, arg(metavar="[NAME|PATH]")]] = ""
    """A model's name for info; a file, a folder or a hub name for check."""


Verb = (
    Annotated[Make, subcommand("make")]
    | Annotated[Views, subcommand("views")]
    | Annotated[Printify, subcommand("printify")]
    | Annotated[CheckFile, subcommand("check")]
    | Annotated[Models, subcommand("models")]
    | Annotated[Photo, subcommand("photo")]
    | Annotated[Stylise, subcommand("stylise")]
    | Annotated[Doctor, subcommand("doctor")]
)
