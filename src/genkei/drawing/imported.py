"""Normal and depth pictures that another tool made of a view's cut-out, in that tool's own axes."""

from dataclasses import replace
from pathlib import Path

import numpy as np
from jaxtyping import Float32

from genkei.drawing.priors import RELIEF, as_cue, slopes
from genkei.types import Cue, Sheet, View

AXES = "+x+y+z"
"""x right, y up, z towards the viewer, each as value = 2 * colour - 1: what Blender and OpenGL call it."""


def axes_of(word: str) -> tuple[tuple[int, int], ...]:
    """`+x-y+z` as channel and sign for right, up and towards the viewer. ValueError for other words."""
    parts = [word[k : k + 2] for k in range(0, len(word), 2)]
    if sorted(part[1:] for part in parts) != ["x", "y", "z"] or any(p[0] not in "+-" for p in parts):
        raise ValueError(
            f"{word} names no axes; write what red, green and blue hold, as in +x+y+z (OpenGL), +x-y+z"
            " (DirectX), -x+y+z"
        )
    channel = {part[1]: (k, 1 if part[0] == "+" else -1) for k, part in enumerate(parts)}
    return tuple(channel[name] for name in "xyz")


def with_normals(sheet: Sheet, name: str, path: Path, axes: str = AXES) -> Sheet:
    """The sheet with a view's normals from a picture of its cut-out. ValueError when it does not fit."""
    order = axes_of(axes)
    view = _view(sheet, name)
    picture = _picture(path, view) * 2 - 1
    if picture.shape[-1] < 3:
        raise ValueError(f"{path} is grey, and normals need three colours; is it a depth picture (--depth)?")
    vectors = np.stack([picture[..., channel] * sign for channel, sign in order], -1)
    away = float((vectors[view.mask][:, 2] < 0).mean())
    if away > 0.5:
        raise ValueError(
            f"in {path} {away:.0%} of the character looks away from the viewer, so the axes are not {axes};"
            " turn a sign with --normals-axes, as in +x+y-z"
        )
    return _replaced(sheet, name, as_cue(vectors.astype(np.float32), view))


def with_depth(sheet: Sheet, name: str, path: Path, near: str = "white", relief: float = RELIEF) -> Sheet:
    """The sheet with a view's normals from a depth picture of its cut-out; `near` is white or black."""
    view = _view(sheet, name)
    picture = _picture(path, view).mean(-1)
    far = 1 - picture if near == "white" else picture
    if float(np.ptp(far[view.mask])) < 2 / 255:
        raise ValueError(f"{path} is flat over the character: one value everywhere is no depth")
    return _replaced(sheet, name, as_cue(slopes(far.astype(np.float32), view, relief), view))


def _view(sheet: Sheet, name: str) -> View:
    for view in sheet.views:
        if view.name == name:
            return view
    raise ValueError(f"there is no {name} view; there are {', '.join(v.name for v in sheet.views)}")


def _picture(path: Path, view: View) -> Float32[np.ndarray, "s s c"]:
    """Values 0..1 at the view's size, of 8 or 16 bits a channel; no colour profile is applied."""
    from PIL import Image, UnidentifiedImageError

    if not path.is_file():
        raise ValueError(f"{path} does not exist; check the spelling and the folder")
    try:
        with Image.open(path) as opened:
            deep = opened.mode.startswith(("I", "F"))
            raw = np.asarray(opened if deep or opened.mode == "L" else opened.convert("RGB"), np.float32)
    except (UnidentifiedImageError, OSError) as error:
        raise ValueError(f"{path} is no picture that can be read ({error}); save it as PNG") from error
    if raw.shape[0] != raw.shape[1]:
        raise ValueError(
            f"{path} is {raw.shape[1]} x {raw.shape[0]} px; wanted a square as the cut-out in the views"
            " folder is, from which it must be made"
        )
    planes = np.atleast_3d(raw) / (65535.0 if deep and raw.max() > 255 else 255.0)
    side = len(view.rgba)
    sized = [
        np.asarray(Image.fromarray(planes[..., k]).resize((side, side), Image.Resampling.BILINEAR))
        for k in range(planes.shape[-1])
    ]
    return np.stack(sized, -1).astype(np.float32)


def _replaced(sheet: Sheet, name: str, cue: Cue) -> Sheet:
    cues = tuple(
        cue if view.name == name else old for view, old in zip(sheet.views, sheet.normals, strict=True)
    )
    return replace(sheet, normals=cues, notes=(*sheet.notes, f"{name}: normals from a picture handed in"))
