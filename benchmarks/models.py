"""Draw real models, rebuild them from some of their sides, compare with their sealed solids.

    python benchmarks/models.py --setting four --models 'sd_*' --dump /tmp/sheets

Settings: front (one drawing), two (front and back), four (front, left, back, right). Scores follow
benchmarks/truth.py; the aligned ones move the result along z first, because no front
picture says where z = 0 is.
"""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import tyro

from contact import contact_sheet
from genkei.formats import png
from genkei.geometry.camera import project
from genkei.geometry.mesh import component_labels, open_edges
from genkei.geometry.raster import rasterise
from genkei.geometry.score import silhouette_iou
from genkei.types import Cue, Mesh, Reading, Sheet, View
from genkei.views import Mirrored
from inputs import Model, load_model, model_paths
from truth import Frame, Scores, score, score_aligned, seal_mesh

SETTINGS = {"front": (0,), "two": (0, 2), "four": (0, 1, 2, 3)}


@dataclass(frozen=True)
class Options:
    """Score shape backends on real models."""

    models: str = "*"
    """File names without ending, wildcards and commas allowed."""
    setting: tuple[Literal["front", "two", "four"], ...] = ("front", "two", "four")
    """Which sides are given."""
    shape: str = "auto"
    """A backend of genkei.shape; auto: Hull with a side view, Inflation without."""
    resolution: int = 0
    """Cells per height handed to the backend; 0 keeps its default."""
    style: Literal["drawn", "flat"] = "drawn"
    """Two tones and dark lines, or bare colours."""
    cc0: bool = False
    """The 128 CC0 characters too."""
    reference: bool = False
    """Add the exact voxel hull of the front and left masks: a check of the protocol, not a backend."""
    dump: Path | None = None
    """Folder for one contact sheet a model and setting: given, result and truth."""
    out: Path | None = None
    """File for the table."""


@dataclass(frozen=True)
class Row:
    """One model in one setting."""

    model: str
    setting: str
    raw: Scores
    aligned: Scores
    reprojection: float
    """Mean IoU of the given silhouettes with the result's."""
    closed: bool
    """Closed and one piece."""
    seconds: float
    notes: tuple[str, ...] = ()


def main(options: Options) -> None:
    paths = model_paths(options.models, options.cc0)
    if not paths:
        raise SystemExit(f"no model matches {options.models!r}")
    rows: list[Row] = []
    print(HEAD, flush=True)
    for path in paths:
        model = load_model(path, options.style)
        if not model.truth.sealed:
            print(f"| {model.name} does not seal: left out |", flush=True)
            continue
        for setting in options.setting:
            rows.append(run(model, setting, options))
            print(line(rows[-1]), flush=True)
        if options.reference:
            rows.append(reference(model))
            print(line(rows[-1]), flush=True)
    means = [line(mean(rows, setting)) for setting in dict.fromkeys(row.setting for row in rows)]
    print("\n".join(means))
    if options.out is not None:
        options.out.write_text("\n".join([HEAD, *map(line, rows), *means]) + "\n")


def run(model: Model, setting: str, options: Options) -> Row:
    """Rebuild one model from the sides the setting gives and score the result."""
    given = tuple(model.views[k] for k in SETTINGS[setting])
    shape = backend(options.shape, setting, options.resolution)
    start = time.perf_counter()
    mesh = shape(Mirrored()(as_sheet(given)))
    seconds = time.perf_counter() - start
    found = seal_mesh(mesh, model.truth.frame).inside
    if options.dump is not None:
        options.dump.mkdir(parents=True, exist_ok=True)
        png.write(options.dump / f"{model.name}-{setting}.png", contact_sheet(model, given, mesh))
    closed = open_edges(mesh.faces) == 0 and int(component_labels(mesh.faces).max()) == 0
    return Row(
        model.name,
        setting,
        score(model.truth.inside, found),
        score_aligned(model.truth.inside, found),
        float(np.mean([reprojection(view, mesh) for view in given])),
        closed,
        seconds,
        model.notes,
    )


def backend(name: str, setting: str, resolution: int) -> Any:
    """A shape stage by name; SystemExit lists what there is."""
    import genkei.shape as stage

    if name == "auto":
        name = "Hull" if setting == "four" else "Inflation"
    if not hasattr(stage, name):
        raise SystemExit(f"genkei.shape has no {name!r}; it has {', '.join(stage.__all__)}")
    return getattr(stage, name)(**({"resolution": resolution} if resolution else {}))


def as_sheet(views: tuple[View, ...]) -> Sheet:
    """A sheet without cues, as a reader would hand it on."""
    readings = tuple(Reading("model", (0, 0, 0, 0), "alpha", 0.0, "rendered", 1.0) for _ in views)
    size = views[0].mask.shape
    blank = {c: Cue(np.zeros((*size, c), np.float32), np.zeros(size, np.float32)) for c in (1, 3)}
    return Sheet(views, readings, tuple(blank[1] for _ in views), tuple(blank[3] for _ in views))


def reprojection(view: View, mesh: Mesh) -> float:
    """IoU of the view's silhouette and the mesh seen by the same camera."""
    hits = rasterise(mesh.vertices, mesh.faces, view.camera, *view.mask.shape)
    return silhouette_iou(view.mask, hits.triangle >= 0)


def reference(model: Model) -> Row:
    """Every voxel whose centre falls on the front and on the left silhouette."""
    start = time.perf_counter()
    found = np.ones_like(model.truth.inside)
    for view in model.views[:2]:
        found &= mask_column(view, model.truth.frame)
    seconds = time.perf_counter() - start
    raw, aligned = score(model.truth.inside, found), score_aligned(model.truth.inside, found)
    return Row(model.name, "exact hull", raw, aligned, 1.0, True, seconds, model.notes)


def mask_column(view: View, frame: Frame) -> np.ndarray:
    """Bool [n, n, n]: the voxel centre is seen on the view's mask."""
    n = frame.resolution
    axes = [frame.origin[k] + (np.arange(n) + 0.5) * frame.edge / n for k in range(3)]
    points = np.stack(np.meshgrid(*axes, indexing="ij"), -1).reshape(-1, 3).astype(np.float32)
    height, width = view.mask.shape
    pixels = np.floor(project(points, view.camera, height, width)[:, :2]).astype(np.int64)
    inside = (pixels >= 0).all(1) & (pixels[:, 0] < width) & (pixels[:, 1] < height)
    pixels = np.clip(pixels, 0, [width - 1, height - 1])
    return (inside & view.mask[pixels[:, 1], pixels[:, 0]]).reshape(n, n, n)


HEAD = (
    "| model | given | IoU | CD | F@.01 | IoU z | CD z | F@.01 z | shift z | re-projection | closed | s |"
    "\n|---|---|---|---|---|---|---|---|---|---|---|---|"
)


def line(row: Row) -> str:
    """A row of the table."""
    raw, aligned = row.raw, row.aligned
    name = row.model + (f" ({'; '.join(row.notes)})" if row.notes else "")
    return (
        f"| {name} | {row.setting} | {raw.iou:.3f} | {raw.cd:.4f} | {raw.f:.3f} | {aligned.iou:.3f} | "
        f"{aligned.cd:.4f} | {aligned.f:.3f} | {aligned.shift:+.3f} | {row.reprojection:.3f} | "
        f"{'yes' if row.closed else '**no**'} | {row.seconds:.1f} |"
    )


def mean(rows: list[Row], setting: str) -> Row:
    """Means over the models of one setting; the shift's is of its size."""
    chosen = [row for row in rows if row.setting == setting]

    def average(pick: str) -> Scores:
        scores = [getattr(row, pick) for row in chosen]
        values = [(s.iou, s.cd, s.f, abs(s.shift)) for s in scores]
        return Scores(*map(float, np.mean(values, axis=0)))

    return Row(
        f"**mean of {len(chosen)}**",
        setting,
        average("raw"),
        average("aligned"),
        float(np.mean([row.reprojection for row in chosen])),
        all(row.closed for row in chosen),
        float(np.mean([row.seconds for row in chosen])),
    )


if __name__ == "__main__":
    main(tyro.cli(Options, description=__doc__))
