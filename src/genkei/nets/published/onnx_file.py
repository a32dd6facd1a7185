"""Inputs, outputs and weights of an .onnx file, by name and shape, off its protobuf bytes.

A message is a row of fields: a number that says which field and how it is written, then its value. Only
these are looked at (onnx.proto): ModelProto.graph 7; GraphProto.initializer 5, input 11, output 12;
TensorProto.dims 1, data_type 2, name 8; ValueInfoProto.name 1, type 2. All else is stepped over.
"""

import mmap
from collections.abc import Iterator
from pathlib import Path

from genkei.nets.published.tensor import Tensor

KINDS = {
    1: "F32",
    2: "U8",
    3: "I8",
    5: "I16",
    6: "I32",
    7: "I64",
    9: "BOOL",
    10: "F16",
    11: "F64",
    16: "BF16",
}
"""TensorProto.DataType."""
Span = tuple[int, int]


def read_onnx(path: Path) -> dict[str, Tensor]:
    """`input:NAME`, `output:NAME` and weights; ValueError when the file is no ONNX file, or is cut off."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as raw:
        try:
            graphs = [span for number, span in _fields(raw, (0, len(raw))) if number == 7]
            if len(graphs) != 1 or isinstance(graphs[0], int):
                raise ValueError("no graph")
            return _graph(raw, graphs[0])
        except (ValueError, IndexError) as error:
            raise ValueError(
                f"{path} is no whole ONNX file ({error}; {len(raw):,} bytes): the download broke off, or it"
                " is another kind of file under that name. Delete it and get it again"
            ) from error


def _graph(raw: mmap.mmap, graph: Span) -> dict[str, Tensor]:
    found: dict[str, Tensor] = {}
    ports: dict[str, Tensor] = {}
    for number, span in _fields(raw, graph):
        if isinstance(span, int):
            continue
        if number == 5:
            name, tensor = _initializer(raw, span)
            found[name] = tensor
        elif number in (11, 12):
            name, tensor = _port(raw, span)
            ports[f"{'input' if number == 11 else 'output'}:{name}"] = tensor
    return {**{p: t for p, t in ports.items() if p.removeprefix("input:") not in found}, **found}


def _initializer(raw: mmap.mmap, span: Span) -> tuple[str, Tensor]:
    name, kind, shape = "", "", []
    for number, value in _fields(raw, span):
        if number == 1:
            shape += [value] if isinstance(value, int) else list(_packed(raw, value))
        elif number == 2 and isinstance(value, int):
            kind = KINDS.get(value, f"type {value}")
        elif number == 8 and not isinstance(value, int):
            name = raw[slice(*value)].decode("utf-8")
    return name, Tensor(kind, tuple(shape))


def _port(raw: mmap.mmap, span: Span) -> tuple[str, Tensor]:
    """ValueInfoProto: name, TypeProto.tensor_type 1 -> elem_type 1, shape 2 -> dim 1 -> dim_value 1."""
    name, kind, shape = "", "", []
    for number, value in _fields(raw, span):
        if isinstance(value, int):
            continue
        if number == 1:
            name = raw[slice(*value)].decode("utf-8")
        for _, tensor in _fields(raw, value) if number == 2 else ():
            for field, told in _fields(raw, tensor) if not isinstance(tensor, int) else ():
                if field == 1 and isinstance(told, int):
                    kind = KINDS.get(told, f"type {told}")
                elif field == 2 and not isinstance(told, int):
                    shape = [_length(raw, dim) for _, dim in _fields(raw, told) if not isinstance(dim, int)]
    return name, Tensor(kind, tuple(shape))


def _length(raw: mmap.mmap, dim: Span) -> int:
    """-1 where the length is free."""
    return next((v for number, v in _fields(raw, dim) if number == 1 and isinstance(v, int)), -1)


def _fields(raw: mmap.mmap, span: Span) -> Iterator[tuple[int, int | Span]]:
    """Number and value of every field; a value is a whole number, or where its bytes lie."""
    at, end = span
    while at < end:
        tag, at = _varint(raw, at)
        number, way = tag >> 3, tag & 7
        if way == 0:
            value, at = _varint(raw, at)
            yield number, value
            continue
        if way == 2:
            length, at = _varint(raw, at)
        elif way in (1, 5):
            length = 8 if way == 1 else 4
        else:
            raise ValueError(f"bytes that are no field at {at:,}")
        if at + length > end or not number:
            raise ValueError(f"it breaks off at {end:,}")
        yield number, (at, at + length)
        at += length


def _packed(raw: mmap.mmap, span: Span) -> Iterator[int]:
    at, end = span
    while at < end:
        value, at = _varint(raw, at)
        yield value


def _varint(raw: mmap.mmap, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = raw[at]
        value |= (byte & 127) << shift
        at += 1
        if byte < 128:
            return value, at
        shift += 7
        if shift > 63:
            raise ValueError(f"bytes that are no number at {at:,}")
