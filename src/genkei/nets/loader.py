"""The nets in the wheel: found by name, checked against their record, run by onnxruntime on the processor."""

import hashlib
import os
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

REGISTRY = Path(__file__).with_name("weights.toml")
"""What is known of the weights in the wheel: file, hash, licence, inputs, recipe, held-out scores."""


@dataclass(frozen=True)
class Net:
    """A net that is ready to run. `net(picture=..., behind=...)` gives its outputs by name."""

    name: str
    record: dict[str, Any]
    """Its entry in weights.toml."""
    session: Any
    """onnxruntime's."""

    def __call__(self, **arrays: np.ndarray) -> dict[str, np.ndarray]:
        """float32 arrays [b, channels, s, s] in, one for each input; outputs by name.

        ValueError says which input is missing, unknown or of the wrong kind or size.
        """
        wanted: dict[str, int] = self.record["inputs"]
        if set(arrays) != set(wanted):
            raise ValueError(
                f"the {self.name} net takes {_list(wanted)}, given were {_list(arrays) or 'none'}"
            )
        for name, channels in wanted.items():
            _check(name, arrays[name], channels, self.record["multiple"])
        shapes = {(a.shape[0], a.shape[2]) for a in arrays.values()}
        if len(shapes) > 1:
            sizes = ", ".join(f"{name} {arrays[name].shape}" for name in wanted)
            raise ValueError(f"the inputs of one call share batch and side; given were {sizes}")
        names: list[str] = self.record["outputs"]
        contiguous = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
        return dict(zip(names, self.session.run(names, contiguous), strict=True))


def load(name: str, path: Path | None = None, threads: int = 0) -> Net:
    """The net called `name`, from the wheel, or from the set of weights that `path`, a weights.toml, records.

    `threads`: processor threads it may use; 0 follows OMP_NUM_THREADS as `genkei --threads` sets it, else the
    cores. ValueError if the name is unknown, or the file is missing or not the one on record.
    """
    registry = path or REGISTRY
    record = records(registry)
    if name not in record:
        raise ValueError(
            f"there is no net called {name!r} in {registry}; there are {_list(record) or 'none'}"
        )
    content = _content(name, registry.parent / record[name]["file"], record[name])
    return Net(name, record[name], open_session(content, threads))


def open_session(
    content: bytes | Path, threads: int = 0, providers: Sequence[str] = ("CPUExecutionProvider",)
) -> Any:
    """onnxruntime's session of a net, by default on the processor; ValueError when it cannot be run."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads or _threads_set()
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 4
    try:
        return onnxruntime.InferenceSession(content, options, providers=list(providers))
    except session_faults() as error:
        what = content if isinstance(content, Path) else "the net"
        raise ValueError(
            f"onnxruntime cannot open {what} ({str(error).splitlines()[0]}); get the file again, with the"
            " files of weights that lie beside it"
        ) from error


def session_faults() -> tuple[type[Exception], ...]:
    """What onnxruntime raises over a net that it cannot open or run."""
    from onnxruntime.capi import onnxruntime_pybind11_state as state  # pyright: ignore[reportAttributeAccessIssue]

    return tuple(
        getattr(state, name)
        for name in (
            "Fail", "InvalidArgument", "InvalidGraph", "InvalidProtobuf", "NoSuchFile", "NotImplemented",
            "RuntimeException",
        )
    )  # fmt: skip


def _threads_set() -> int:
    first = os.environ.get("OMP_NUM_THREADS", "").split(",")[0].strip()
    return int(first) if first.isdigit() else 0


def records(registry: Path = REGISTRY) -> dict[str, dict[str, Any]]:
    """What a weights.toml says of each net, by name; ValueError if it cannot be read."""
    if not registry.is_file():
        raise ValueError(f"the list of nets {registry} is missing; install genkei again")
    try:
        return tomllib.loads(registry.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{registry} is no list of nets (weights.toml): {error}") from error


def _content(name: str, file: Path, record: dict[str, Any]) -> bytes:
    if not file.is_file():
        raise ValueError(f"the weights of the {name} net are missing at {file}; install genkei again")
    content = file.read_bytes()
    found = hashlib.sha256(content).hexdigest()
    if found != record["sha256"]:
        raise ValueError(
            f"{file} is corrupt or was swapped: it has {len(content)} bytes, sha256 {found[:12]}, "
            f"on record are {record['bytes']} bytes, {record['sha256'][:12]}; install genkei again, or "
            "export the weights again to renew the record"
        )
    return content


def _check(name: str, array: np.ndarray, channels: int, multiple: int) -> None:
    if array.dtype != np.float32 or array.ndim != 4:
        raise ValueError(
            f"{name} must be float32 [batch, {channels}, side, side], is {array.dtype} {list(array.shape)}"
        )
    batch, found, high, wide = array.shape
    if found != channels or high != wide or wide % multiple or not wide or not batch:
        raise ValueError(
            f"{name} must be [batch, {channels}, side, side] with a side that {multiple} divides, "
            f"is {list(array.shape)}"
        )


def _list(names: dict[str, Any]) -> str:
    return ", ".join(names)
