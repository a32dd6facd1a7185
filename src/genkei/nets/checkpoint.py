"""The tensors in a published checkpoint's file, by name; nothing in the file is ever executed."""

import pickle
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor


def read_weights(path: Path, device: str = "cpu") -> dict[str, "Tensor"]:
    """Of a .safetensors file, or of a torch file: a state dict, or a training checkpoint with one inside.

    ValueError for a file that is missing, cut off, or holds code beside its tensors, and without torch.
    """
    if not path.is_file():
        raise ValueError(f"{path}: there is no such checkpoint file")
    try:
        found = _safetensors(path, device) if path.suffix == ".safetensors" else _torch(path, device)
    except ImportError as error:
        raise ValueError(
            f"{path}: reading it takes {error.name}, which is not installed: pip install 'genkei[diffusion]'"
        ) from error
    tensors = {name: value for name, value in _state(found).items() if hasattr(value, "shape")}
    if not tensors:
        raise ValueError(f"{path} holds no tensors by name; wanted is a model's state dict")
    return tensors


def _state(found: object) -> dict[str, Any]:
    """The state dict itself, or the one inside a training checkpoint."""
    inner = found.get("state_dict", found) if isinstance(found, dict) else {}
    return inner if isinstance(inner, dict) else {}


def _safetensors(path: Path, device: str) -> dict[str, "Tensor"]:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        return load_file(path, device)
    except SafetensorError as error:
        raise ValueError(f"{path} is no whole .safetensors file ({error}); download it again") from error


def _torch(path: Path, device: str) -> object:
    import torch

    try:
        return torch.load(path, map_location=device, weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError) as error:
        raise ValueError(
            f"{path} cannot be read as a checkpoint ({str(error).splitlines()[0][:120]}): it is cut off, or "
            "holds code beside its tensors, which genkei does not run; get it again, or as .safetensors"
        ) from error
