"""Files of weights made for the tests: heads that are true to their format, numbers that are zero."""

import json
from collections.abc import Mapping
from pathlib import Path

from genkei.nets.published.table import Model
from genkei.nets.published.tensor import BYTES

Shapes = Mapping[str, tuple[int, ...] | list[int]]


def write_safetensors(path: Path, shapes: Shapes, kind: str = "F32", numbers: bool = True) -> Path:
    """A .safetensors file of zeros; without `numbers` a head alone, over a sparse file of the right size."""
    head, at = {}, 0
    for name, shape in shapes.items():
        size = BYTES[kind]
        for length in shape:
            size *= length
        head[name] = {"dtype": kind, "shape": list(shape), "data_offsets": [at, at + size]}
        at += size
    raw = json.dumps(head).encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(len(raw).to_bytes(8, "little") + raw)
        file.truncate(8 + len(raw) + at)
    return path


def key_shapes(model: Model, free: int = 4) -> dict[str, tuple[int, ...]]:
    """The tensors a row is told by, with `free` where any length will do."""
    return {
        name.replace("*", "x"): tuple(free if n == -1 else n for n in shape) or (free,)
        for name, shape in model.keys
    }


def write_model(folder: Path, model: Model) -> Path:
    """A file, or a folder of diffusers, that holds what the row is told by and no more."""
    shapes = key_shapes(model)
    if not any(name.startswith("unet/") for name in shapes):
        return write_safetensors(folder / "some_weights.safetensors", shapes)
    index = {"_class_name": model.pipeline or "AnyPipeline"}
    for part in dict.fromkeys(name.partition("/")[0] for name in shapes):
        inner = {n.removeprefix(f"{part}/"): shape for n, shape in shapes.items() if n.startswith(f"{part}/")}
        write_safetensors(folder / part / "diffusion_pytorch_model.safetensors", inner)
        index[part] = ["diffusers", "AnyModel"]
    (folder / "model_index.json").write_text(json.dumps(index))
    return folder
