"""Weights into a torch module: every tensor it has, in its shape, or nothing at all."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from genkei.nets.published.contents import Contents, refuse_eight_bit
from genkei.nets.published.tensor import BYTES, Tensor

if TYPE_CHECKING:
    import torch

Rename = Callable[[str], str | None]
"""From a name in the file to the module's; None: the module has no use for it."""
SHOWN = 3
"""Names given of each kind of misfit."""
HEADROOM_GB = 0.5
"""Left to everything else on the machine."""
OUT_OF_MEMORY = ("out of memory", "can't allocate memory", "not enough memory", "bad_alloc")


def fill(
    module: "torch.nn.Module",
    contents: Contents,
    *,
    rename: Rename = lambda name: name,
    dtype: "torch.dtype | None" = None,
    device: str = "cpu",
    twins: Mapping[str, str] = MappingProxyType({}),
) -> "torch.nn.Module":
    """The module with the file's weights, on `device`, in evaluation mode; it may have been built on `meta`.

    `twins`: names of the module that share another's numbers, which the file holds once.
    Names and shapes are compared before a byte of the weights is read. ValueError, in the user's words, when
    they differ, when the numbers are 8-bit floats, or when the memory would not do.
    """
    refuse_eight_bit(contents)
    names = _names(contents, rename)
    wanted = {name: tensor for name, tensor in module.state_dict().items() if name not in twins}
    refuse_misfit(
        contents.path, {name: tuple(contents.tensors[f].shape) for name, f in names.items()}, wanted
    )
    size = dtype.itemsize if dtype is not None else 0
    need = sum(t.numel() * (size or BYTES.get(contents.tensors[names[n]].kind, 4)) for n, t in wanted.items())
    refuse_too_large(need, f"the weights in {contents.path}", device)
    with explained_memory(f"the weights in {contents.path}"):
        found = tensors(contents)
        ready = {name: _ready(found.pop(file), dtype, device) for name, file in names.items()}
        ready.update({twin: ready[name] for twin, name in twins.items()})
        module.load_state_dict(ready, strict=True, assign=True)
        return module.to(device).eval()


def fit(
    contents: Contents,
    layout: Mapping[str, tuple[int, ...]],
    *,
    rename: Rename = lambda name: name,
    device: str = "cpu",
) -> dict[str, "torch.Tensor"]:
    """The file's weights by the names of a layout, float32 on the processor and as they are elsewhere.

    For nets that are functions of named tensors. Refuses like `fill`, before a byte of the weights is read.
    """
    import torch

    refuse_eight_bit(contents)
    names = _names(contents, rename)
    wanted = {name: Tensor("F32", shape) for name, shape in layout.items()}
    refuse_misfit(
        contents.path, {name: tuple(contents.tensors[f].shape) for name, f in names.items()}, wanted
    )
    dtype = torch.float32 if device == "cpu" else None
    refuse_too_large(sum(t.bytes for t in wanted.values()), f"the weights in {contents.path}", device)
    with explained_memory(f"the weights in {contents.path}"):
        found = tensors(contents)
        return {name: _ready(found.pop(names[name]), dtype, device) for name in layout}


def tensors(contents: Contents) -> dict[str, "torch.Tensor"]:
    """Every tensor of the file or folder by the names of `contents`, on the processor."""
    import torch

    out: dict[str, torch.Tensor] = {}
    if contents.form == "torch":
        whole = torch.load(contents.path, map_location="cpu", weights_only=True, mmap=True)
        root = contents.notes.get("root", "")
        found = whole[root] if root else whole
        return {name: found[name] for name in contents.tensors}
    from safetensors.torch import load_file

    for file in contents.files:
        part = "" if contents.path == file else _part(contents.path, file)
        out.update({f"{part}{name}": tensor for name, tensor in load_file(file).items()})
    return out


def refuse_misfit(
    path: Path,
    found: Mapping[str, tuple[int, ...]],
    wanted: "Mapping[str, torch.Tensor] | Mapping[str, Tensor]",
    role: str = "",
) -> None:
    """ValueError counts and names what is missing, what is too much, and what has another shape."""
    missing = [name for name in wanted if name not in found]
    extra = [name for name in found if name not in wanted]
    other = [
        f"{name} {list(found[name])} instead of {list(wanted[name].shape)}"
        for name in wanted
        if name in found and found[name] != tuple(wanted[name].shape)
    ]
    kinds = {"missing": missing, "not asked for": extra, "of another shape": other}
    says = [f"{len(few)} {kind} ({_few(few)})" for kind, few in kinds.items() if few]
    if says:
        raise ValueError(
            f"{path} fits only in part{role}: of {len(wanted)} tensors wanted, {'; '.join(says)}. Nothing was"
            " loaded. It is another version, another size or a damaged copy: `genkei models check` says what"
            " it looks like"
        )


def refuse_too_large(need: int, what: str, device: str = "cpu") -> None:
    """ValueError when `need` bytes are more than the device has free; silent where that cannot be asked."""
    free = free_bytes(device)
    if free is not None and need > free - HEADROOM_GB * 1e9:
        raise ValueError(
            f"{what} take {need / 1e9:.1f} GB, and {device} has {free / 1e9:.1f} GB free (of which"
            f" {HEADROOM_GB:.1f} GB stay free). Close other programs, take the fp16 file or a smaller model"
            " (`genkei models list`), or use a machine with more memory"
        )


def free_bytes(device: str) -> int | None:
    """Memory that could be had now; None where the system does not tell."""
    if device.startswith("cuda"):
        import torch

        return torch.cuda.mem_get_info(device)[0]
    told = Path("/proc/meminfo")
    if not told.is_file():
        return None
    rows = dict(line.split(":", 1) for line in told.read_text("utf-8").splitlines() if ":" in line)
    return int(rows["MemAvailable"].split()[0]) * 1024 if "MemAvailable" in rows else None


@contextmanager
def explained_memory(what: str) -> Iterator[None]:
    """Running out of memory, on the processor or a GPU, as a ValueError with the next step."""
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if isinstance(error, RuntimeError) and not any(w in str(error).lower() for w in OUT_OF_MEMORY):
            raise
        raise ValueError(
            f"the memory ran out over {what}. Close other programs, take the fp16 file, a smaller model"
            " (`genkei models list`) or a smaller picture, or use a machine with more memory"
        ) from error


def _names(contents: Contents, rename: Rename) -> dict[str, str]:
    """The module's names to the file's; ValueError when two of the file's become one."""
    names: dict[str, str] = {}
    for name in contents.tensors:
        new = rename(name)
        if new is None:
            continue
        if new in names:
            raise ValueError(
                f"{contents.path}: {name} and {names[new]} would both be {new}; the file is mixed up"
            )
        names[new] = name
    return names


def _ready(tensor: "torch.Tensor", dtype: Any, device: str) -> "torch.Tensor":
    """Numbers that are no floats (positions, counts) keep their own kind."""
    if dtype is None or not tensor.is_floating_point():
        return tensor.to(device)
    return tensor.to(device, dtype)


def _part(folder: Path, file: Path) -> str:
    inside = file.parent.relative_to(folder).as_posix()
    return "" if inside == "." else f"{inside}/"


def _few(names: list[str]) -> str:
    return ", ".join(names[:SHOWN]) + (" ..." if len(names) > SHOWN else "")
