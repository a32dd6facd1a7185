"""One subject through the road in this process; drawings.py starts it and reads the JSON it prints."""

import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

WHITE = 1.0
"""A drawing with transparency is put on white paper to score the background remover."""


def main(told: str, strip: str, quality: str) -> None:
    from genkei.apps.machine import cache_folder, prepare_kernels

    prepare_kernels(cache_folder())
    subject = json.loads(told)
    began = time.perf_counter()
    made, row = walk(subject, quality == "draft")
    row |= {
        "wall_s": time.perf_counter() - began,
        "cpu_s": time.process_time(),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    row |= mattes(subject)
    from strips import strip_of

    pictures = [Path(path) for path in (subject["pictures"] or {"": subject["sheet"]}).values()]
    strip_of(subject["name"], pictures, made, row).save(strip)
    print(json.dumps(row))


def walk(subject: dict[str, Any], draft: bool) -> tuple[Any, dict[str, Any]]:
    """What the road returned (None when it refused) and the row's findings."""
    from genkei.pipeline import make

    given = {"sheet": subject["sheet"]} if subject["sheet"] else {"pictures": subject["pictures"]}
    try:
        made = make(**given, recipe=recipe(draft))
    except ValueError as error:
        return None, {"refused": str(error).split(". ")[0]}
    scores = made.scores
    return made, {
        "views": [view.name for view in made.sheet.views],
        "iou": float(np.mean([score.silhouette_iou for score in scores])),
        "colour": float(np.mean([score.colour_error for score in scores])),
        "scores": {s.name: [round(s.silhouette_iou, 4), round(s.colour_error, 2)] for s in scores},
        "failed": [check.name for check in made.checks if not check.passed],
        "notes": list(made.notes),
        "timings": {timing.stage: round(timing.wall_s, 2) for timing in made.timings},
    }


def recipe(draft: bool) -> Any:
    """What `genkei make` does by default; a draft reads and paints small pictures."""
    from genkei.drawing.sheet import Options
    from genkei.pipeline import Recipe
    from genkei.texture import Paint

    return Recipe(read=Options(size_px=256), paint=Paint(size=512)) if draft else Recipe()


def mattes(subject: dict[str, Any]) -> dict[str, Any]:
    """Mean IoU of the cut-outs with true silhouettes: mask pictures, and the drawings' own alpha on white."""
    from genkei.drawing.matte import Alpha, Background, cut_out
    from genkei.drawing.read import read_picture

    against_mask, against_alpha = [], []
    for side, path in (subject["pictures"] or {"sheet": subject["sheet"]}).items():
        try:
            rgba = read_picture(path)
        except ValueError:
            continue  # the row says why already
        if side in subject["masks"]:
            truth = read_picture(subject["masks"][side])[..., 0] > 0.5
            against_mask.append(scored(truth, lambda rgba=rgba: cut_out(rgba, (Alpha(), Background()))))
        if Alpha().fits(rgba):
            opaque = rgba[..., 3:]
            paper = rgba[..., :3] * opaque + WHITE * (1 - opaque)
            paper = np.dstack([paper, np.ones_like(opaque)]).astype(np.float32)
            truth = rgba[..., 3] > 0.5
            against_alpha.append(scored(truth, lambda paper=paper: Background()(paper)))
    return {"matte_mask": mean(against_mask), "matte_alpha": mean(against_alpha)}


def scored(truth: np.ndarray, cut: Any) -> float | None:
    """IoU of the silhouette that `cut` returns; None when it refuses."""
    from genkei.geometry.score import silhouette_iou

    try:
        return silhouette_iou(truth, cut().rgba[..., 3] > 0.5)
    except ValueError:
        return None


def mean(scores: list[float | None]) -> float | str | None:
    """None without a truth; a word where every cut-out was refused."""
    numbers = [score for score in scores if score is not None]
    if numbers:
        return float(np.mean(numbers))
    return "refused" if scores else None


if __name__ == "__main__":
    main(*sys.argv[1:4])
