"""Published matte nets in ONNX form: a picture in, how much of each pixel is character out.

The nets differ by size, normalisation and what their output means: rows of the table (`run`), not code.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float32
from PIL import Image

from genkei.nets.loader import open_session
from genkei.nets.published.contents import Contents, read
from genkei.nets.published.devices import providers
from genkei.nets.published.recognise import looks_like
from genkei.nets.published.table import Model, models, named
from genkei.nets.published.weights import explained_memory, refuse_too_large

WORK = 3.0
"""Memory of a run over the size of the weights, at least (BiRefNet, published: 4.8 GB for 0.97)."""


@dataclass(frozen=True)
class MatteNet:
    """A net ready to run, with the row that says how pictures go in and come out."""

    path: Path
    model: Model
    size_px: tuple[int, int]
    """Height and width that it sees."""
    kind: str
    """Numbers it takes: F32 or F16."""
    session: Any

    def __call__(self, rgb: Float32[np.ndarray, "h w 3"]) -> Float32[np.ndarray, "h w"]:
        """0..1 that a pixel is character. ValueError when the net cannot be run."""
        run = self.model.run
        seen, box = framed(rgb, self.size_px, run["frame"])
        paper = normalised(seen, run).astype(np.float32 if self.kind == "F32" else np.float16)
        port = self.session.get_inputs()[0].name
        with explained_memory(f"the matte net {self.path}"):
            out = _run(self.session, port, np.ascontiguousarray(paper.transpose(2, 0, 1)[None]), self.path)
        plane = np.asarray(out[0], np.float32)[0, 0]
        if plane.shape != self.size_px:
            raise ValueError(
                f"{self.path} answered with {plane.shape[1]} x {plane.shape[0]} px, wanted"
                f" {self.size_px[1]} x {self.size_px[0]} px as it was shown: it is no matte net of the"
                f" {self.model.name} kind; name another with --matte-model"
            )
        left, top, right, bottom = box
        return _unframed(meaning(plane, run["output"])[top:bottom, left:right], rgb.shape[:2])


def load_matte(path: Path | str, name: str = "", threads: int = 0, device: str = "cpu") -> MatteNet:
    """The net in an .onnx file, by the row `name`, or by the row its inputs and outputs fit.

    Where several rows fit, they differ by what the net was trained on alone. ValueError, in the user's
    words, when it is another file.
    """
    run_by = providers(device)
    contents = read(path)
    model = _row(contents, name)
    port = next(t for n, t in contents.tensors.items() if n.startswith("input:"))
    side = int(model.run["side_px"])
    height, width = (side if n == -1 else n for n in port.shape[2:])
    refuse_too_large(int(contents.bytes * WORK), f"the matte net {path} and its work")
    with explained_memory(f"the matte net {path}"):
        session = open_session(contents.path, threads, run_by)
    return MatteNet(contents.path, model, (height, width), port.kind, session)


def framed(
    rgb: Float32[np.ndarray, "h w 3"], size_px: tuple[int, int], how: str
) -> tuple[Float32[np.ndarray, "s t 3"], tuple[int, int, int, int]]:
    """The picture at the net's size, stretched or letterboxed on black, and the box it fills there."""
    height, width = size_px
    box = (0, 0, width, height)
    if how == "letterbox":
        scale = min(height / rgb.shape[0], width / rgb.shape[1])
        wide, high = max(round(rgb.shape[1] * scale), 1), max(round(rgb.shape[0] * scale), 1)
        box = ((width - wide) // 2, (height - high) // 2, (width + wide) // 2, (height + high) // 2)
    left, top, right, bottom = box
    picture = Image.fromarray((np.clip(rgb, 0, 1) * 255).round().astype(np.uint8))
    small = picture.resize((right - left, bottom - top), Image.Resampling.LANCZOS)
    out = np.zeros((height, width, 3), np.float32)
    out[top:bottom, left:right] = np.asarray(small, np.float32) / 255
    return out, box


def normalised(seen: Float32[np.ndarray, "s t 3"], run: Mapping[str, Any]) -> Float32[np.ndarray, "s t 3"]:
    """(picture / its largest value, where the row says so, - mean) / std."""
    top = max(float(seen.max()), 1e-6) if run["divide"] == "largest" else 1.0
    return ((seen / top - np.array(run["mean"])) / np.array(run["std"])).astype(np.float32)


def meaning(plane: Float32[np.ndarray, "s t"], output: str) -> Float32[np.ndarray, "s t"]:
    """A net's answer as 0..1: the sigmoid of a logit, its range stretched, or as it is."""
    if output == "sigmoid":
        from scipy.special import expit

        return expit(plane)
    if output == "range":
        low, high = float(plane.min()), float(plane.max())
        return ((plane - low) / max(high - low, 1e-6)).astype(np.float32)
    return np.clip(plane, 0, 1)


def _unframed(plane: Float32[np.ndarray, "s t"], shape: tuple[int, ...]) -> Float32[np.ndarray, "h w"]:
    size = (shape[1], shape[0])
    return np.clip(np.asarray(Image.fromarray(plane).resize(size, Image.Resampling.BICUBIC)), 0, 1)


def _row(contents: Contents, name: str) -> Model:
    usable = [model for model in models().values() if model.job == "matte" and model.run]
    if name:
        model = named(name)
        if model not in usable:
            raise ValueError(f"{name} is no matte that genkei runs; those are {_list(usable)}")
        _refuse_other_ports(contents, model)
        return model
    found = looks_like(contents)
    fits = [model for model in found.models if model in usable]
    if not fits:
        raise ValueError(
            f"{contents.path} is no matte net that genkei knows by its inputs and outputs: {found.told}. If"
            f" it is an export of one under other names, say which with --matte-model ({_list(usable)})"
        )
    return fits[0]


def _refuse_other_ports(contents: Contents, model: Model) -> None:
    """Under any names: one picture in, one plane out."""
    shapes = {
        word: [t.shape for n, t in contents.tensors.items() if n.startswith(word)]
        for word in ("input:", "output:")
    }
    pictures, planes = shapes["input:"], shapes["output:"]
    if contents.form == "onnx" and len(pictures) == 1 and _holds(pictures[0], 3) and _holds(planes[0], 1):
        return
    raise ValueError(
        f"{contents.path} is no {model.title} in ONNX form: wanted one input [1, 3, height, width] and an"
        f" output [1, 1, height, width], found {contents.form} with inputs {[list(s) for s in pictures]} and"
        f" outputs {[list(s) for s in planes]}. `genkei models info {model.name}` says where to get it"
    )


def _holds(shape: tuple[int, ...], channels: int) -> bool:
    return len(shape) == 4 and shape[1] in (channels, -1)


def _list(rows: list[Model]) -> str:
    return ", ".join(model.name for model in rows)


def _run(session: Any, port: str, paper: np.ndarray, path: Path) -> list[np.ndarray]:
    from genkei.nets.loader import session_faults

    try:
        return session.run(None, {port: paper})
    except session_faults() as error:
        raise ValueError(f"{path} cannot be run ({str(error).splitlines()[0]}); get it again") from error
