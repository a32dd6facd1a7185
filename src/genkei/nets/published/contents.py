"""What is in a file of weights, read from its head: names, shapes, kinds of numbers; nothing is run.

Every refusal is one paragraph: what was found, what was wanted, and the next step.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from genkei.nets.published.onnx_file import read_onnx
from genkei.nets.published.safetensors_file import read_safetensors
from genkei.nets.published.tensor import Tensor
from genkei.nets.published.torch_file import read_torch

WANTED = "wanted a .safetensors file, a torch file of plain weights, an .onnx file, or a folder of diffusers"
EIGHT_BIT_FLOATS = ("F8_E4M3", "F8_E5M2", "F8_E4M3FNUZ", "F8_E5M2FNUZ")

PICKLES = (b"\x02", b"\x03", b"\x04", b"\x05")
"""Second byte of a pickle: its protocol."""


@dataclass(frozen=True)
class Contents:
    """The tensors of a file or folder by name; those of a folder's parts as `unet/conv_in.weight`.

    Of an ONNX file, inputs and outputs stand as `input:NAME` and `output:NAME` beside its weights.
    """

    path: Path
    form: str
    """`safetensors`, `torch`, `onnx` or `folder`."""
    tensors: Mapping[str, Tensor]
    files: tuple[Path, ...]
    """The files of weights that were read."""
    notes: Mapping[str, str] = field(default_factory=dict)
    """`pipeline`: the class a diffusers folder names; `root`: where in a torch file the weights lie."""

    @property
    def bytes(self) -> int:
        """Memory the weights take in the numbers they are stored in."""
        return sum(t.bytes for name, t in self.tensors.items() if not name.startswith(("input:", "output:")))


def read(path: Path | str) -> Contents:
    """ValueError, in the user's words, when the file is missing, cut off, a program, or of no known form."""
    path = Path(path)
    if not path.exists():
        raise ValueError(
            f"{path} does not exist; check the spelling, and give a file or folder on this machine"
        )
    if path.is_dir():
        return _folder(path)
    with path.open("rb") as file:
        head = file.read(16)
    if not head:
        raise ValueError(f"{path} is empty (0 bytes): the download did not begin; get it again")
    if head[8:9] == b"{" and path.suffix != ".onnx":
        return _told(Contents(path, "safetensors", read_safetensors(path), (path,)))
    if head[:2] == b"PK":
        tensors, root = read_torch(path)
        return _told(Contents(path, "torch", tensors, (path,), {"root": root}))
    _refuse_other(path, head)
    if path.suffix == ".onnx":
        return Contents(path, "onnx", read_onnx(path), (path,))
    return _told(Contents(path, "safetensors", read_safetensors(path), (path,)))


def refuse_eight_bit(contents: Contents) -> None:
    """ValueError for weights in 8-bit floats, which only special kernels can multiply."""
    few = [name for name, tensor in contents.tensors.items() if tensor.kind in EIGHT_BIT_FLOATS]
    if few:
        raise ValueError(
            f"{contents.path} holds {len(few)} of {len(contents.tensors)} tensors as 8-bit floats"
            f" ({contents.tensors[few[0]].kind}, first {few[0]}); wanted 16- or 32-bit floats, which run on"
            " any processor and lose no detail. Take the fp16 or the full file of the same model"
        )


def _told(contents: Contents) -> Contents:
    if not contents.tensors:
        raise ValueError(f"{contents.path} holds no tensors: it is an empty shell; {WANTED}")
    return contents


def _refuse_other(path: Path, head: bytes) -> None:
    """Forms that are known and not read, by their first bytes."""
    if head[:4] == b"GGUF":
        raise ValueError(
            f"{path} is a GGUF file, weights pressed into few bits for other programs; {WANTED}. Take the"
            " .safetensors file of the same model"
        )
    if head[:1] == b"\x80" and head[1:2] in PICKLES and path.suffix != ".onnx":
        raise ValueError(
            f"{path} is a Python pickle: loading one runs whatever program its maker put in, so it is never"
            " opened here. Take the .safetensors file of the same model; where there is none, save the"
            " weights again with a torch of today, on a machine where you trust the file"
        )
    if head.lstrip()[:1] in (b"<", b"{"):
        raise ValueError(
            f"{path} begins with {head!r}: a web page or a text was saved instead of the weights (a login or"
            " an error page, as a rule). Download it again while logged in, or with the hub's own program"
        )
    if head.startswith(b"version https://"):
        raise ValueError(
            f"{path} is the pointer that git keeps in place of a large file, not the file; run `git lfs pull`"
            " in its folder, or download the file by itself"
        )


def _folder(path: Path) -> Contents:
    """A folder of diffusers or transformers: config.json with weights, or parts that have them."""
    from genkei.nets.published.folders import parts_of, pipeline_of

    tensors: dict[str, Tensor] = {}
    files: list[Path] = []
    for part, weights in parts_of(path):
        for file in weights:
            found = read(file)
            tensors.update({f"{part}{name}": tensor for name, tensor in found.tensors.items()})
            files.append(file)
    pipeline = pipeline_of(path)
    return Contents(path, "folder", tensors, tuple(files), {"pipeline": pipeline} if pipeline else {})
