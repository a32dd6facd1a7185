"""Paint against the truth: colour of given views and of views nobody was given, and what it costs.

    python benchmarks/texture.py
    python benchmarks/texture.py --models 'kaykit_knight,mmd_gene' --pairs flat true --dump out/paint

Real models are drawn from four sides and painted onto their own sealed solid (`true`: paint alone is scored)
and onto the solid our road makes of the drawings (`ours`). The four diagonals are compared with flat renders
of the model. `flat` gives bare colours, `drawn` two tones and dark lines, which a painter has to see through.
PSNR inside is over pixels that both pictures cover; PSNR and SSIM of the picture are over all of it on white,
1.2 heights wide, as numbers.md and the published tables have it. The first, unreported run compiles kernels.
Two demo characters with exact solids come first, then the unwrapping methods.
"""

import resource
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
import tyro

from contact import on_paper, shrunk, solid_mesh
from genkei.formats import png
from genkei.geometry.field import Grid, largest_piece, surface
from genkei.geometry.mesh import simplify
from genkei.geometry.render import render
from genkei.nets.look import Remembered, look
from genkei.shape import Occupancy
from genkei.texture import Paint, Painting, Projective, Xatlas
from genkei.types import Camera, Character, Mesh, Rig, View
from genkei_train.characters.build import build_character
from genkei_train.characters.cast import CAST
from inputs import Model, load_model, model_paths

VIEW_PX = 1024
EIGHT = tuple(range(0, 360, 45))
DIAGONALS = EIGHT[1::2]
MODELS = "kaykit_knight,mmd_gene,sd_unitychan"
"""Textured, of three makers: a toy, seven heads tall, and three heads tall."""
CHORD = 6e-4
"""Character heights by which the sealed solid may be simplified."""


@dataclass(frozen=True)
class Options:
    """Score the texture stage."""

    models: str = MODELS
    """File names without ending, wildcards and commas allowed; empty: the demo characters alone."""
    pairs: tuple[tuple[Literal["flat", "drawn"], Literal["true", "ours"]], ...] = (
        ("flat", "true"),
        ("drawn", "true"),
        ("drawn", "ours"),
    )
    """How the views are drawn, and which solid is painted."""
    demo: bool = True
    """The demo characters and the unwrapping methods too."""
    dump: Path | None = None
    """Folder for a picture of each row: truth above, paint below, given views and diagonals."""


@dataclass(frozen=True)
class Row:
    """One painting."""

    name: str
    geometry: str
    style: str
    triangles: int
    given: float
    """PSNR inside, mean of the given views, dB."""
    inside: float
    """The same of the diagonals."""
    picture: float
    """PSNR of the whole diagonals on white, dB."""
    ssim: float
    seen: float
    cpu_s: float


HEAD = (
    "| model | solid | given as | triangles | PSNR given | inside, 45° | PSNR 45° | SSIM 45° | seen | CPU s |"
    "\n|" + "---|" * 10
)


def line(row: Row) -> str:
    return (
        f"| {row.name} | {row.geometry} | {row.style} | {row.triangles} | {row.given:.1f} | "
        f"{row.inside:.1f} | {row.picture:.1f} | {row.ssim:.3f} | {row.seen:.2f} | {row.cpu_s:.1f} |"
    )


def mean(rows: list[Row], geometry: str, style: str) -> Row:
    """Of the rows on one kind of solid, from one kind of drawing."""
    chosen = [row for row in rows if (row.geometry, row.style) == (geometry, style)]
    keys = ("triangles", "given", "inside", "picture", "ssim", "seen", "cpu_s")
    means = {key: float(np.mean([getattr(row, key) for row in chosen])) for key in keys}
    return replace(
        chosen[0], name=f"**mean of {len(chosen)}**", **{**means, "triangles": int(means["triangles"])}
    )


def model_rows(path: Path, options: Options) -> list[Row]:
    """One model as every pair of drawing and solid, printed as they come."""
    rows, truth = [], load_model(path, "flat", azimuths=EIGHT).views[1::2]
    for style, geometry in options.pairs:
        model = load_model(path, style)
        net = Remembered()
        mesh = true_solid(model) if geometry == "true" else Occupancy(net=net)(model.views)
        looks = look(model.views, net)
        start = time.process_time()
        painting = Paint().explain(mesh, model.views, looks)
        spent = time.process_time() - start
        rows.append(scored(painting, model, truth, (geometry, style), spent))
        if options.dump is not None:
            name = f"{path.stem}-{geometry}-{style}.png"
            save_picture(options.dump / name, painting.character, model.views + truth)
        print(line(rows[-1]), flush=True)
    return rows


def true_solid(model: Model) -> Mesh:
    """The largest piece of the model's sealed voxels, smoothed over one and simplified."""
    return simplify(largest_piece(solid_mesh(model.truth)), CHORD)


def scored(
    painting: Painting, model: Model, truth: tuple[View, ...], kind: tuple[str, str], cpu_s: float
) -> Row:
    shown = painting.character
    return Row(
        model.name,
        *kind,
        len(shown.mesh.faces),
        compared(shown, model.views, psnr),
        compared(shown, truth, psnr),
        compared(shown, truth, picture_psnr),
        compared(shown, truth, ssim),
        painting.seen_share,
        cpu_s,
    )


def save_picture(path: Path, shown: Character, views: tuple[View, ...]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    tiles = [(on_paper(shrunk(view.rgba)), on_paper(shrunk(seen(shown, view)))) for view in views]
    png.write(path, np.concatenate([np.concatenate(pair, 0) for pair in tiles], 1))


def compared(shown: Character, views: tuple[View, ...], measure: Callable[..., float]) -> float:
    return float(np.mean([measure(seen(shown, view), view.rgba) for view in views]))


def seen(character: Character, view: View) -> np.ndarray:
    return render(character.mesh, character.uv, character.texture, view.camera, len(view.rgba))


def on_white(rgba: np.ndarray) -> np.ndarray:
    return rgba[..., :3] * rgba[..., 3:] + 1 - rgba[..., 3:]


def picture_psnr(a: np.ndarray, b: np.ndarray) -> float:
    return float(-10 * np.log10(((on_white(a) - on_white(b)) ** 2).mean() + 1e-12))


def ssim(a: np.ndarray, b: np.ndarray) -> float:
    from skimage.metrics import structural_similarity

    return float(np.asarray(structural_similarity(on_white(a), on_white(b), channel_axis=2, data_range=1.0)))


def sphere() -> Character:
    """About 50k triangles with a smooth pattern, unwrapped like any mesh."""
    axis = np.arange(-0.5, 0.5, 1 / 92, dtype=np.float32)
    field = np.sqrt(axis[:, None, None] ** 2 + axis[:, None] ** 2 + axis**2) - 0.4
    grid = Grid(field.astype(np.float32), np.array([-0.5, 0, -0.5], np.float32), 1 / 92)
    mesh = surface(grid)
    uv = Projective()(mesh, (), 1024).uv
    rows = np.linspace(0, 60, 1024)
    pattern = 0.5 + 0.4 * np.sin(rows[:, None] + np.array([0.0, 1, 2]))[None] * np.cos(rows[:, None, None])
    texture = (pattern * 255).astype(np.uint8)
    drawn = np.ones((1024, 1024), np.float32)
    parts = np.zeros(len(mesh.faces), np.int32)
    return Character(mesh, uv, texture, drawn, parts, ("body",), Rig.empty(len(mesh.vertices)))


def psnr(a: np.ndarray, b: np.ndarray) -> float:
    both = (a[..., 3] > 0.99) & (b[..., 3] > 0.99)
    return float(-10 * np.log10(((a[both, :3] - b[both, :3]) ** 2).mean() + 1e-12))


def view(character: Character, azimuth: float) -> View:
    camera = Camera.orthographic(azimuth)
    return View(render(character.mesh, character.uv, character.texture, camera, VIEW_PX), camera)


def mean_psnr(painted: Character, truth: Character, azimuths: tuple[int, ...]) -> float:
    return compared(painted, tuple(view(truth, a) for a in azimuths), psnr)


def row(name: str, truth: Character, azimuths: tuple[int, ...], paint: Paint) -> str:
    views = tuple(view(truth, a) for a in azimuths)
    wall, cpu = time.perf_counter(), time.process_time()
    painting = paint.explain(truth.mesh, views)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    given = mean_psnr(painting.character, truth, azimuths)
    unseen = mean_psnr(painting.character, truth, DIAGONALS)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    charts = int(painting.atlas.chart.max()) + 1
    return (
        f"| {name} | {len(truth.mesh.faces)} | {len(azimuths)} | {painting.atlas.method} | {charts} | "
        f"{wall:.1f} | {cpu:.1f} | {painting.seen_share:.2f} | {given:.1f} | {unseen:.1f} | {peak:.2f} |"
    )


def unwrap_row(name: str, mesh: Mesh, backend: Projective | Xatlas) -> str:
    start = time.perf_counter()
    atlas = backend(mesh, (), 2048)
    asked = type(backend).__name__
    return (
        f"| {name} | {len(mesh.faces)} | {asked} | {atlas.method} | {int(atlas.chart.max()) + 1} | "
        f"{time.perf_counter() - start:.1f} | {atlas.note} |"
    )


def demo_tables() -> None:
    solids = {"sphere": sphere(), "hana": build_character(CAST["hana"], cells=150)}
    print("\n| solid | triangles | views | atlas | charts | wall s | CPU s | seen | given | 45° | peak GB |")
    print("|" + "---|" * 11)
    for name, truth in solids.items():
        for azimuths in ((0,), (0, 180), (0, 90, 180, 270)):
            print(row(name, truth, azimuths, Paint()), flush=True)
    print("\n| solid | triangles | asked | used | charts | wall s | note |\n|" + "---|" * 7)
    for name, truth in solids.items():
        for backend in (Projective(), Xatlas(limit_s=60)):
            print(unwrap_row(name, truth.mesh, backend), flush=True)


def main(options: Options) -> None:
    ball = sphere()
    Paint(size=256)(ball.mesh, (view(ball, 0), view(ball, 180)))
    print(HEAD, flush=True)
    paths = model_paths(options.models) if options.models else []
    rows = [row for path in paths for row in model_rows(path, options)]
    for style, geometry in options.pairs if rows else ():
        print(line(mean(rows, geometry, style)))
    if options.demo:
        demo_tables()


if __name__ == "__main__":
    main(tyro.cli(Options, description=__doc__))
