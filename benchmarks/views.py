"""Many views: solid and paint from exact and from disagreeing views of real models, any shape backend.

    python benchmarks/views.py --shape hull occupancy --models 'sd_*,uc_*' --out out/views.md

Settings: four and eight exact views (every 90 and 45 degrees); `drawn`, four views with a hand's errors
(benchmarks/disagreeing.py), and `agreed`, the same brought together as `genkei make` does. Scores follow
benchmarks/truth.py; F and CD stand after the best shift along z, the same for exact and drawn views,
because sides that were moved take their z = 0 with them. PSNR is over pixels that both pictures show; SSIM
(Wang et al. 2004) over whole pictures on white, 1.2 heights wide. Pictures are flat (bare colours): what a
side shows is then the same from everywhere, and a truth for unseen sides. `--own` adds our own character
Hana from eight exact views: Chamfer distances in percent of its height.
"""

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
import tyro

from contact import on_paper
from disagreeing import disagreeing
from genkei.drawing.agree import agree
from genkei.formats import png
from genkei.geometry.mesh import area_vectors
from genkei.geometry.render import halve, render
from genkei.pipeline import SHAPES
from genkei.texture import Paint
from genkei.types import Camera, Character, Mesh, View
from genkei.views import Mirrored
from inputs import Model, load_model, model_paths
from models import as_sheet, reprojection
from nets import Options as HeldOut
from nets import chosen
from texture import psnr
from truth import Scores, score, score_aligned, seal_mesh

EIGHT = tuple(range(0, 360, 45))
POINTS = 40_000
SIZE_PX = 1024
"""Of the given pictures; results are compared at half of it."""


@dataclass(frozen=True)
class Options:
    """Score shape backends and the paint on them."""

    shape: tuple[str, ...] = ("hull", "occupancy")
    """Backends by the names of `genkei make --shape`."""
    setting: tuple[Literal["four", "eight", "drawn", "agreed"], ...] = ("four", "eight", "drawn", "agreed")
    device: Literal["cpu", "cuda"] = "cpu"
    """Where neus and splats run."""
    models: str = ""
    """File names without ending, wildcards and commas allowed; empty: those the shipped net never saw."""
    style: Literal["drawn", "flat"] = "flat"
    """Bare colours, or two tones and dark lines: then the PSNR of unseen views is bounded by shading."""
    seed: int = 0
    """Of the hand's errors."""
    paint: bool = True
    """Paint the solids too, and compare colours."""
    own: bool = False
    """Our own character from eight views, in percent of its height."""
    dump: Path | None = None
    """Folder for a strip of eight painted sides a row."""
    out: Path | None = None
    """File for the table."""


@dataclass(frozen=True)
class Colours:
    """How near the painted result comes to pictures; `nan` where nothing was compared."""

    given: float = np.nan
    unseen: float = np.nan
    ssim: float = np.nan
    cpu_s: float = np.nan


@dataclass(frozen=True)
class Row:
    model: str
    setting: str
    shape: str
    raw: Scores
    aligned: Scores
    reprojection: float
    cpu_s: float
    colours: Colours = field(default_factory=Colours)
    refusal: str = ""


HEAD = (
    "| model | given | shape | IoU | F@.01 | F@.01 z | CD z | shift z | re-projection | PSNR given "
    "| PSNR unseen | SSIM unseen | shape CPU s | paint CPU s |\n" + "|---" * 14 + "|"
)


def main(options: Options) -> None:
    unknown = [name for name in options.shape if name not in SHAPES]
    if unknown:
        raise SystemExit(f"no shape backend {', '.join(unknown)}; there are {', '.join(SHAPES)}")
    rows: list[Row] = []
    print(HEAD, flush=True)
    for path in model_paths(options.models) if options.models else chosen(HeldOut()):
        model = load_model(path, options.style, SIZE_PX, EIGHT)
        if not model.truth.sealed:
            print(f"| {model.name} does not seal: left out |", flush=True)
            continue
        for setting in options.setting:
            given = views_of(model, path, setting, options)
            for name in options.shape:
                rows.append(run(model, setting, given, name, options))
                print(line(rows[-1]), flush=True)
    told = [HEAD, *map(line, rows), *map(line, means(rows)), "", *losses(rows)]
    print("\n".join(told[1 + len(rows) :]))
    if options.own:
        told += ["", *own(options.shape)]
        print("\n".join(told[-1 - len(options.shape) - 2 :]))
    if options.out is not None:
        options.out.write_text("\n".join(told) + "\n")


def views_of(model: Model, path: Path, setting: str, options: Options) -> tuple[View, ...]:
    """The pictures a setting gives."""
    if setting == "eight":
        return model.views
    four = Model(model.name, model.views[::2], model.truth, model.notes)
    if setting == "four":
        return four.views
    drawn = disagreeing(four, path, options.style, options.seed)
    return agree(drawn).views if setting == "agreed" else drawn


def run(model: Model, setting: str, given: tuple[View, ...], name: str, options: Options) -> Row:
    """Rebuild one model with one backend and score it."""
    start = time.process_time()
    try:
        views = Mirrored()(as_sheet(given))
        mesh = backend(name, options.device)(views)
    except ValueError as error:
        lost = Scores(0.0, 1.0, 0.0)
        return Row(model.name, setting, name, lost, lost, 0.0, 0.0, Colours(), str(error).replace("|", "/"))
    cpu_s = time.process_time() - start
    found = seal_mesh(mesh, model.truth.frame).inside
    colours = painted(model, views, mesh, setting, name, options) if options.paint else Colours()
    return Row(
        model.name,
        setting,
        name,
        score(model.truth.inside, found),
        score_aligned(model.truth.inside, found),
        float(np.mean([reprojection(view, mesh) for view in given])),
        cpu_s,
        colours,
    )


def backend(name: str, device: str) -> Any:
    """The shape of that name, on the device if it has a choice."""
    kind = SHAPES[name]
    return kind(device=device) if name in ("neus", "splats") else kind()


def painted(
    model: Model, views: tuple[View, ...], mesh: Mesh, setting: str, name: str, options: Options
) -> Colours:
    """Paint the solid; compare the given sides with themselves, the diagonals with the truth."""
    start = time.process_time()
    character = Paint()(mesh, views)
    cpu_s = time.process_time() - start
    given = [view for view in views if view.drawn]
    same = np.mean([psnr(seen(character, view.camera), halve(view.rgba.copy())) for view in given])
    if options.dump is not None:
        options.dump.mkdir(parents=True, exist_ok=True)
        strip = [on_paper(seen(character, view.camera)) for view in model.views]
        png.write(options.dump / f"{model.name}-{setting}-{name}.png", np.concatenate(strip, 1))
    if setting == "eight":
        return Colours(float(same), cpu_s=cpu_s)
    pairs = [(seen(character, view.camera), halve(view.rgba.copy())) for view in model.views[1::2]]
    return Colours(
        float(same),
        float(np.mean([psnr(a, b) for a, b in pairs])),
        float(np.mean([ssim(a, b) for a, b in pairs])),
        cpu_s,
    )


def seen(character: Character, camera: Camera) -> np.ndarray:
    return render(character.mesh, character.uv, character.texture, camera, SIZE_PX // 2)


def ssim(a: np.ndarray, b: np.ndarray) -> float:
    """Of whole pictures on white."""
    from skimage.metrics import structural_similarity

    on_white = [picture[..., :3] * picture[..., 3:] + 1 - picture[..., 3:] for picture in (a, b)]
    found = structural_similarity(*on_white, channel_axis=-1, data_range=1.0)
    assert not isinstance(found, tuple)
    return float(found)


def means(rows: list[Row]) -> list[Row]:
    """The mean over the models of every setting and backend; a refusal counts as nothing found."""
    out = []
    for setting, name in dict.fromkeys((row.setting, row.shape) for row in rows):
        chosen = [row for row in rows if (row.setting, row.shape) == (setting, name)]

        def mean(pick: Any, chosen: list[Row] = chosen) -> Any:
            values = np.array([pick(row) for row in chosen], np.float64)
            known = ~np.isnan(values)
            total = np.where(known, values, 0).sum(0)
            return np.where(known.any(0), total / np.maximum(known.sum(0), 1), np.nan)

        raw, aligned = (
            Scores(*mean(lambda row, of=of: _numbers(getattr(row, of)))) for of in ("raw", "aligned")
        )
        told = mean(lambda r: (r.colours.given, r.colours.unseen, r.colours.ssim, r.colours.cpu_s))
        again, cpu_s = mean(lambda row: (row.reprojection, row.cpu_s))
        title = f"**mean of {len(chosen)}**"
        out.append(Row(title, setting, name, raw, aligned, again, cpu_s, Colours(*told)))
    return out


def _numbers(scores: Scores) -> tuple[float, ...]:
    return scores.iou, scores.cd, scores.f, abs(scores.shift)


def losses(rows: list[Row]) -> list[str]:
    """What the hand's errors cost every backend."""
    f = {(row.setting, row.shape): row.aligned.f for row in means(rows)}
    names = dict.fromkeys(row.shape for row in rows)
    return [
        f"{name}, {setting}: {f['four', name] - f[setting, name]:.3f} of F@.01 lost to views that disagree"
        for name in names
        for setting in ("drawn", "agreed")
        if ("four", name) in f and (setting, name) in f
    ]


def line(row: Row) -> str:
    """A row of the table."""
    if row.refusal:
        return f"| {row.model} | {row.setting} | {row.shape} | refused: {row.refusal} |" + " |" * 10
    colours = row.colours
    told = (colours.given, colours.unseen, colours.ssim)
    psnr_given, psnr_unseen, alike = (
        "-" if np.isnan(v) else f"{v:.{d}f}" for v, d in zip(told, (1, 1, 3), strict=True)
    )
    paint = "-" if np.isnan(colours.cpu_s) else f"{colours.cpu_s:.1f}"
    raw, aligned = row.raw, row.aligned
    return (
        f"| {row.model} | {row.setting} | {row.shape} | {raw.iou:.3f} | {raw.f:.3f} | {aligned.f:.3f} "
        f"| {aligned.cd:.4f} | {aligned.shift:+.3f} | {row.reprojection:.3f} | {psnr_given} "
        f"| {psnr_unseen} | {alike} | {row.cpu_s:.1f} | {paint} |"
    )


def own(names: tuple[str, ...]) -> list[str]:
    """Chamfer distances of our own character from eight exact views, percent of its height."""
    from scipy.spatial import KDTree

    from genkei_train.characters.build import build_character
    from genkei_train.characters.cast import CAST

    truth = build_character(CAST["hana"], cells=150)
    cameras = [Camera.orthographic(azimuth) for azimuth in EIGHT]
    views = tuple(View(render(truth.mesh, truth.uv, truth.texture, c, SIZE_PX), c) for c in cameras)
    wanted = spread(truth.mesh, 0)
    lines = ["| hana, eight views | accuracy % | completeness % | F@1% | CPU s |", "|---|---|---|---|---|"]
    for name in names:
        start = time.process_time()
        mesh = SHAPES[name]()(views)
        cpu_s = time.process_time() - start
        points = spread(mesh, 1)
        there, here = (
            100 * np.asarray(KDTree(a).query(b)[0]) for a, b in ((wanted, points), (points, wanted))
        )
        shares = float((there < 1).mean()), float((here < 1).mean())
        f = 2 * shares[0] * shares[1] / max(sum(shares), 1e-9)
        lines.append(f"| {name} | {there.mean():.2f} | {here.mean():.2f} | {f:.2f} | {cpu_s:.1f} |")
    return lines


def spread(mesh: Mesh, seed: int) -> np.ndarray:
    """POINTS points even over the surface, [n, 3]."""
    return spread_with_normals(mesh, seed)[0]


def spread_with_normals(mesh: Mesh, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """POINTS points even over the surface and their outward unit normals, [n, 3] each."""
    rng = np.random.default_rng(seed)
    vectors = area_vectors(mesh)
    area = np.linalg.norm(vectors, axis=1)
    face = rng.choice(len(area), POINTS, p=area / area.sum())
    points = np.einsum("nk,nkc->nc", rng.dirichlet((1, 1, 1), POINTS), mesh.vertices[mesh.faces[face]])
    return points, vectors[face] / area[face, None]


if __name__ == "__main__":
    main(tyro.cli(Options, description=__doc__))
