"""The list of tensors of a torch file (.pt, .pth, .ckpt, .bin), with nothing in it ever run.

Such a file is a zip of raw numbers and one pickle. The pickle is read by an unpickler that knows the few
names of plain weights, and makes a `Tensor` where torch would make a tensor; any other name is refused.
"""

import collections
import pickle
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from genkei.nets.published.tensor import BYTES, Tensor

KINDS = {
    "DoubleStorage": "F64", "FloatStorage": "F32", "HalfStorage": "F16", "BFloat16Storage": "BF16",
    "LongStorage": "I64", "IntStorage": "I32", "ShortStorage": "I16", "CharStorage": "I8",
    "ByteStorage": "U8", "BoolStorage": "BOOL",
    "UntypedStorage": "U8",
}  # fmt: skip
NUMBERS = {
    "float8_e4m3fn": "F8_E4M3",
    "float8_e5m2": "F8_E5M2",
    "uint16": "U16",
    "uint32": "U32",
    "uint64": "U64",
}
"""Kinds that have no storage of their own: their bytes lie untyped."""
ROOTS = ("params_ema", "params", "state_dict", "model_state_dict", "model", "module")
"""Where the weights lie in files that keep other things beside them; the first that is there."""


def read_torch(path: Path) -> tuple[dict[str, Tensor], str]:
    """Names, kinds and shapes, and the root they lie under ("" for none); ValueError says what is wrong."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            listed = [name for name in names if name.endswith("data.pkl")]
            if len(listed) != 1 or any("/code/" in name for name in names):
                raise ValueError(
                    f"{path} is a zip, but no torch file of plain weights"
                    + (" (it holds a TorchScript program)" if any("/code/" in n for n in names) else "")
                    + ". Take the .safetensors file of the same model"
                )
            folder = listed[0].removesuffix("data.pkl")
            sizes = {name: archive.getinfo(name).file_size for name in names}
            with archive.open(listed[0]) as file:
                reader = _Plain(file, path, folder, sizes)
                found = reader.load()
    except zipfile.BadZipFile as error:
        raise ValueError(
            f"{path} is cut off or damaged ({error}): it has {path.stat().st_size:,} bytes, and the list at"
            " its end is missing. The download broke off; delete it and get it again"
        ) from error
    except (pickle.UnpicklingError, EOFError, IndexError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(
            f"{path}: its list of tensors cannot be read ({error}); get the file again"
        ) from error
    return _weights(found)


class _Storage:
    """Raw numbers of a kind; how many there must be is checked when a tensor asks for them."""

    def __init__(self, kind: str) -> None:
        self.kind = kind


class _Plain(pickle.Unpickler):
    """Knows dictionaries and tensors, and nothing that could act."""

    def __init__(self, file: Any, path: Path, folder: str, sizes: Mapping[str, int]) -> None:
        super().__init__(file)
        self.path, self.folder, self.sizes = path, folder, sizes

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("collections", "OrderedDict"):
            return collections.OrderedDict
        if module == "torch._utils" and name in ("_rebuild_tensor_v2", "_rebuild_tensor"):
            return _tensor
        if (module, name) == ("torch._utils", "_rebuild_parameter"):
            return _parameter
        if (module, name) == ("torch", "Size"):
            return tuple
        if (module, name) == ("torch._utils", "_rebuild_tensor_v3"):
            return _typed_tensor
        if module in ("torch", "torch.storage") and name in KINDS:
            return _Storage(KINDS[name])
        if module == "torch" and name in NUMBERS:
            return NUMBERS[name]
        raise ValueError(
            f"{self.path} is more than weights: to load it, {module}.{name} would have to run, and files may"
            " run nothing here. Take the .safetensors file of the same model; where there is none, save its"
            " state_dict alone again, on a machine where you trust the file"
        )

    def persistent_load(self, pid: Any) -> Any:
        _, kind, key, _, count = pid
        wanted = BYTES[kind.kind] * int(count)
        found = self.sizes.get(f"{self.folder}data/{key}", -1)
        if found != wanted:
            raise ValueError(
                f"{self.path} is damaged: the numbers {key} take {max(found, 0):,} bytes, its list says"
                f" {wanted:,}; get the file again"
            )
        return kind


def _tensor(storage: _Storage, offset: int, shape: tuple[int, ...], *rest: Any) -> Tensor:
    return Tensor(storage.kind, tuple(int(n) for n in shape))


def _typed_tensor(storage: _Storage, offset: int, shape: tuple[int, ...], *rest: Any) -> Tensor:
    """`rest`: stride, whether a gradient is wanted, hooks, kind, and more."""
    return Tensor(rest[3], tuple(int(n) for n in shape))


def _parameter(tensor: Tensor, *rest: Any) -> Tensor:
    return tensor


def _weights(found: Any) -> tuple[dict[str, Tensor], str]:
    """The dictionary of tensors, wherever it is usual to keep it."""
    if not isinstance(found, Mapping):
        return {}, ""
    for root in ROOTS:
        inner = found.get(root)
        if isinstance(inner, Mapping) and any(isinstance(value, Tensor) for value in inner.values()):
            return {str(name): value for name, value in inner.items() if isinstance(value, Tensor)}, root
    return {str(name): value for name, value in found.items() if isinstance(value, Tensor)}, ""
