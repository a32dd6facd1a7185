"""Draw real models, rebuild them from some of their sides, compare with their sealed solids.

    python benchmarks/models.py --setting four --models 'sd_*' --dump /tmp/sheets

Settings: front (one drawing), two (front and back), four (front, left, back, right). Scores follow
benchmarks/truth.py; the aligned ones move the result along z first, because no front
picture says where z = 0 is.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import tyro

from contact import contact_sheet
from genkei.formats import png
from genkei.geometry.mesh import component_labels, open_edges
from genkei.geometry.raster import rasterise
from genkei.geometry.score import silhouette_iou
from genkei.types import Cue, Mesh, Reading, Sheet, View
from genkei.views import Mirrored
from inputs import Model, load_model, model_paths
from truth import Frame, Scores, score, score_aligned, seal_mesh

LOST = Scores(0.0, 1.0, 0.0)
"""What a refused model counts for in the means."""
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
    wall_s: float
    cpu_s: float
    notes: tuple[str, ...] = ()


def main(options: Options) -> None:
    paths = model_paths(options.models, options.cc0)
    if not paths:
        raise SystemExit(f"no model matches {options.models!r}")
    rows: list[Row] = []
    print(HEAD, flush=True)
    for model in sealed_models(paths, options.style):
        for setting in options.setting:
            shape = backend(options.shape, setting, options.resolution)
            rows.append(run(model, setting, shape, options.dump))
            print(line(rows[-1]), flush=True)
        if options.reference:
            rows.append(reference(model))
            print(line(rows[-1]), flush=True)
    tell_means(rows, options.out)


def sealed_models(paths: list[Path], style: str) -> Iterator[Model]:
    """The models whose surface closes a solid; of the others there is no truth."""
    for path in paths:
        model = load_model(path, style)
        if model.truth.sealed:
            yield model
        else:
            print(f"| {model.name} does not seal: left out |", flush=True)


def tell_means(rows: list[Row], out: Path | None) -> None:
    """The mean of each setting printed, and the whole table written where it is wanted."""
    means = [line(mean(rows, setting)) for setting in dict.fromkeys(row.setting for row in rows)]
    print("\n".join(means))
    if out is not None:
        out.write_text("\n".join([HEAD, *map(line, rows), *means]) + "\n")


def run(model: Model, setting: str, shape: Any, dump: Path | None = None, axis_z: float = 0.0) -> Row:
    """Rebuild one model from the sides the setting gives and score the result.

    `axis_z`: where in the truth's frame the backend's z = 0 is known to lie, in heights.
    """
    given = tuple(model.views[k] for k in SETTINGS[setting])
    start = (time.perf_counter(), time.process_time())
    try:
        mesh = shape(Mirrored()(as_sheet(given)))
    except ValueError as error:
        return Row(model.name, setting, LOST, LOST, 0.0, False, 0.0, 0.0, (f"refused: {error}",))
    wall_s, cpu_s = time.perf_counter() - start[0], time.process_time() - start[1]
    mesh = Mesh(mesh.vertices + np.array([0, 0, axis_z], np.float32), mesh.faces)
    found = seal_mesh(mesh, model.truth.frame).inside
    if dump is not None:
        dump.mkdir(parents=True, exist_ok=True)
        png.write(dump / f"{model.name}-{setting}.png", contact_sheet(model, given, mesh))
    closed = open_edges(mesh.faces) == 0 and int(component_labels(mesh.faces).max()) == 0
    return Row(
        model.name,
        setting,
        score(model.truth.inside, found),
        score_aligned(model.truth.inside, found),
        float(np.mean([reprojection(view, mesh) for view in given])),
        closed,
        wall_s,
        cpu_s,
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
    found = np.ones_like(model.truth.inside)
    for view in model.views[:2]:
        found &= mask_column(view, model.truth.frame)
    raw, aligned = score(model.truth.inside, found), score_aligned(model.truth.inside, found)
    return Row(model.name, "exact hull", raw, aligned, 1.0, True, 0.0, 0.0, model.notes)


def mask_column(view: View, frame: Frame) -> np.ndarray:
    """Bool [n, n, n]: the voxel centre is seen on the view's mask."""
    n = frame.resolution
    x, y, z = (frame.origin[k] + (np.arange(n) + 0.5) * frame.edge / n for k in range(3))
    height, width = view.mask.shape
    framed = np.pad(view.mask, 1)
    right, up = view.camera.world_to_clip[:2]
    across = (
        right[0] * x[:, None] + right[2] * z + right[3]
    )  # an upright orthographic camera: y has no part in it
    column = np.clip(np.floor((across + 1) / 2 * width) + 1, 0, width + 1).astype(np.int64)
    row = np.clip(np.floor((1 - (up[1] * y + up[3])) / 2 * height) + 1, 0, height + 1).astype(np.int64)
    return framed[row[None, :, None], column[:, None, :]]


HEAD = (
    "| model | given | IoU | CD | F@.01 | IoU z | CD z | F@.01 z | shift z "
    "| re-projection | closed | wall s | CPU s |"
    "\n|---|---|---|---|---|---|---|---|---|---|---|---|---|"
)


def line(row: Row) -> str:
    """A row of the table."""
    raw, aligned = row.raw, row.aligned
    name = row.model + (f" ({'; '.join(row.notes)})" if row.notes else "")
    return (
        f"| {name} | {row.setting} | {raw.iou:.3f} | {raw.cd:.4f} | {raw.f:.3f} | {aligned.iou:.3f} | "
        f"{aligned.cd:.4f} | {aligned.f:.3f} | {aligned.shift:+.3f} | {row.reprojection:.3f} | "
        f"{'yes' if row.closed else '**no**'} | {row.wall_s:.1f} | {row.cpu_s:.1f} |"
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
        float(np.mean([row.wall_s for row in chosen])),
        float(np.mean([row.cpu_s for row in chosen])),
    )


if __name__ == "__main__":
    main(tyro.cli(Options, description=__doc__))
