"""The head of a .safetensors file: eight bytes of length, that many of JSON, then the numbers."""

import json
from pathlib import Path

from genkei.nets.published.tensor import Tensor

LONGEST_HEAD = 100_000_000
"""Bytes; the limit of the format itself."""


def read_safetensors(path: Path) -> dict[str, Tensor]:
    """Names, kinds and shapes; ValueError when the file is no such file, or is cut off."""
    size = path.stat().st_size
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if not 2 <= length <= LONGEST_HEAD:
            raise ValueError(_other(path))
        if 8 + length > size:
            raise ValueError(_cut_off(path, size, 8 + length))
        head = file.read(length)
    try:
        listed = json.loads(head)
    except ValueError as error:
        raise ValueError(_other(path)) from error
    if not isinstance(listed, dict):
        raise ValueError(_other(path))
    listed.pop("__metadata__", None)
    end = 0
    tensors = {}
    for name, told in listed.items():
        if not isinstance(told, dict) or not {"dtype", "shape", "data_offsets"} <= told.keys():
            raise ValueError(_other(path))
        tensors[name] = Tensor(str(told["dtype"]), tuple(int(n) for n in told["shape"]))
        end = max(end, int(told["data_offsets"][1]))
    if 8 + length + end != size:
        raise ValueError(_cut_off(path, size, 8 + length + end))
    return tensors


def _other(path: Path) -> str:
    return (
        f"{path} is no .safetensors file: its first bytes are no list of tensors. Wanted a .safetensors file,"
        " a torch file of plain weights, an .onnx file, or a folder of diffusers; if it should be one, get"
        " it again"
    )


def _cut_off(path: Path, found: int, wanted: int) -> str:
    what = "is cut off" if found < wanted else "has more bytes than it lists"
    return (
        f"{path} {what}: it has {found:,} bytes, its own list of tensors says {wanted:,}. The download broke"
        " off or was mixed up; delete it and get it again"
    )
