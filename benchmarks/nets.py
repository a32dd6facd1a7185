"""The nets on real models they never saw: the solid, by the protocol of benchmarks/truth.py.

    python benchmarks/nets.py
    python benchmarks/nets.py --perfect --noise 2
    python benchmarks/nets.py --labelled out/held

Raw scores put the backend's z = 0 where it says that it is: at the spine of the rig with a front (and back)
drawing, at the centre of the box with drawings from aside. Aligned ones move the result along z first.
With --labelled, what the nets say of single pictures (matte, parts, normals, joints) is scored on a data set
of held-out characters in drawn styles, as `python -m genkei_train.data --held` makes it.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import tyro

from genkei.geometry.camera import turned_deg
from genkei.geometry.crop import crop_of, cut
from genkei.nets.loader import load
from genkei.shape import Occupancy
from genkei.shape.decode import BIN, BINS, NEAREST
from genkei_train.data import FOLDS, open_folder
from genkei_train.real import load_real
from genkei_train.scores import Scores
from genkei_train.subjects import JOINTS
from inputs import Model, data_folder, model_paths
from models import HEAD, Row, line, run, sealed_models, tell_means

FOLD = FOLDS[0]
"""Identities that the shipped net never saw, beside every model whose `train` flag is false."""
SIDEWAYS = ("four",)
"""Settings that hold a drawing from aside, which fixes where z = 0 is."""


@dataclass(frozen=True)
class Options:
    """Score the solid net, or the road behind it."""

    models: str = ""
    """File names without ending, wildcards and commas allowed; empty: the held-out ones."""
    cc0_held: bool = False
    """The held-out CC0 characters instead of the held-out anime and toy ones."""
    setting: tuple[Literal["front", "two", "four"], ...] = ("front", "two", "four")
    """Which sides are given."""
    weights: Path | None = None
    """Another weights.toml than the shipped one."""
    labelled: Path | None = None
    """Folder of labelled pictures: score the cues on them instead."""
    perfect: bool = False
    """Put the truth in the net's place: what decoding, fusing and meshing lose."""
    blur: float = 0.0
    """With --perfect: bins over which the truth is blurred, half as many pixels across."""
    noise: float = 0.0
    """With --perfect: bins by which rays are moved in depth, the same for neighbours some 8 pixels around."""
    resolution: int = Occupancy.resolution
    """Cells per height."""
    style: Literal["drawn", "flat"] = "drawn"
    """Two tones and dark lines, or bare colours."""
    dump: Path | None = None
    """Folder for one contact sheet a model and setting: given, result and truth."""
    out: Path | None = None
    """File for the table."""


def main(options: Options) -> None:
    if options.labelled is not None:
        print(cues(options.labelled, options.weights))
        return
    paths = chosen(options)
    if not paths:
        raise SystemExit(f"no model matches {options.models!r}")
    path_of = {path.stem: path for path in paths}
    rows: list[Row] = []
    print(HEAD, flush=True)
    for model in sealed_models(paths, options.style):
        spine = spine_of(path_of[model.name])
        perfect = options.perfect
        net = (
            TruthNet(model, spine, options.blur, options.noise) if perfect else load("solid", options.weights)
        )
        shape = Occupancy(resolution=options.resolution, twice=not options.perfect, net=net)
        for setting in options.setting:
            axis_z = 0.0 if setting in SIDEWAYS else float(spine[2])
            rows.append(run(model, setting, shape, options.dump, axis_z))
            print(line(rows[-1]), flush=True)
    tell_means(rows, options.out)


def cues(folder: Path, weights: Path | None) -> str:
    """A table of what single pictures are scored at: fronts alone, all pictures, all with the back given."""
    data = open_folder(folder)
    samples = [data.sample(k) for k in range(len(data))]
    solid, matte = load("solid", weights), load("matte", weights)
    rows: dict[str, Scores] = {"fronts": Scores(), "all": Scores(), "all, back given": Scores()}
    for sample in samples:
        colour = sample["picture"].astype(np.float32).transpose(2, 0, 1)[None] / 255
        back = sample["behind"].astype(np.float32).transpose(2, 0, 1)[None] / 255
        for picture in (colour, back):
            picture[:, :3] *= picture[:, 3:]
        alone = {k: v[0] for k, v in solid(picture=colour, behind=np.zeros_like(back)).items()}
        both = {k: v[0] for k, v in solid(picture=colour, behind=back).items()}
        paper = sample["paper"].astype(np.float32).transpose(2, 0, 1)[None] / 255
        cut_out = {k: v[0] for k, v in matte(paper=np.ascontiguousarray(paper)).items()}
        off = turned_deg(float(sample["azimuth"]), 0.0)
        for name in ("fronts", "all") if off < FRONT_DEG else ("all",):
            rows[name].add_solid(alone, sample)
            rows[name].add_matte(cut_out, sample)
        rows["all, back given"].add_solid(both, sample)
    means = {name: scores.means() for name, scores in rows.items()}
    lines = [f"n = {len(samples)} pictures", "| | " + " | ".join(means) + " |", "|---|" + "---|" * len(means)]
    for key in means["all"]:
        cells = [f"{found[key]:.3f}" if key in found else "" for found in means.values()]
        lines.append(f"| {key} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


FRONT_DEG = 35.0
"""Pictures seen from less than this to the side of the front count as fronts."""


def chosen(options: Options) -> list[Path]:
    """The models to measure."""
    if options.models:
        return model_paths(options.models, cc0=True)
    entries = json.loads((data_folder() / "index.json").read_text("utf-8"))["models"]
    held = {Path(e["file"]) for e in entries if not e["train"] or e["identity"] in FOLD}
    folder = "models_cc0" if options.cc0_held else "models"
    return sorted(data_folder() / file for file in held if file.parts[0] == folder)


def spine_of(path: Path) -> np.ndarray:
    """Between hips and neck in character space: where the net frame's z = 0 is. The rig's own, as trained."""
    joints = load_real(path, "", "").joints
    return (joints[JOINTS.index("hips")] + joints[JOINTS.index("neck")]) / 2


class TruthNet:
    """Answers for a model's own four views with its sealed solid; knows a view by its picture."""

    def __init__(self, model: Model, spine: np.ndarray, blur: float, noise: float) -> None:
        self.model, self.spine = model, spine
        self.worsened: Callable[[np.ndarray], np.ndarray] = lambda solid: worsened(solid, blur, noise)
        self.answers: dict[int, tuple[list[np.ndarray], list[np.ndarray]]] = {}

    def __call__(self, *, picture: np.ndarray, behind: np.ndarray) -> dict[str, Any]:
        side_px = picture.shape[2]
        if side_px not in self.answers:
            crops = [crop_of(view) for view in self.model.views]
            pictures = [cut(v, c, side_px) for v, c in zip(self.model.views, crops, strict=True)]
            solids = [self.worsened(self.solid(k, side_px // 2)) for k in range(len(crops))]
            self.answers[side_px] = pictures, [np.log(p / (1 - p)).astype(np.float32) for p in solids]
        pictures, odds = self.answers[side_px]
        nearest = [int(np.argmin([np.abs(known - one).mean() for known in pictures])) for one in picture]
        return {"occupancy": np.stack([odds[k] for k in nearest])}

    def solid(self, index: int, h: int) -> np.ndarray:
        """1 or 0 per bin [80, h, h]: the voxel that holds the bin's middle."""
        view, frame = self.model.views[index], self.model.truth.frame
        crop, (right, _, forward) = crop_of(view), view.camera.axes.astype(np.float64)
        u = crop.u + ((np.arange(h) + 0.5) / h - 0.5) * crop.side
        y = crop.y + (0.5 - (np.arange(h) + 0.5) / h) * crop.side
        z = (NEAREST - (np.arange(BINS) + 0.5) * BIN) * crop.side - self.spine @ forward
        x_z = u[None, :, None] * right - z[:, None, None] * forward
        n = frame.resolution
        i, k = (np.floor((x_z[..., a] - frame.origin[a]) / frame.edge * n).astype(int) for a in (0, 2))
        j = np.floor((y - frame.origin[1]) / frame.edge * n).astype(int)
        framed = np.pad(self.model.truth.inside, 1)
        i, j, k = (np.clip(a + 1, 0, n + 1) for a in (i, j, k))
        return framed[i[:, None, :], j[None, :, None], k[:, None, :]].astype(np.float64)


def worsened(solid: np.ndarray, blur: float, noise: float) -> np.ndarray:
    """Probabilities [k, h, w] of a solid: rays moved in depth, then blurred; never quite 0 or 1."""
    from scipy.ndimage import gaussian_filter, map_coordinates

    if noise:
        field = gaussian_filter(np.random.default_rng(0).normal(size=solid.shape[1:]), 8)
        depth, row, column = np.indices(solid.shape).astype(np.float64)
        solid = map_coordinates(solid, [depth + noise * field / field.std(), row, column], order=1)
    if blur:
        solid = gaussian_filter(solid, (blur, blur / 2, blur / 2))
    return np.clip(solid, 1e-6, 1 - 1e-6)


if __name__ == "__main__":
    main(tyro.cli(Options, description=__doc__))
