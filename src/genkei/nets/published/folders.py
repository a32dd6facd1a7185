"""Folders in the layout of diffusers and transformers: their parts, and the files that hold weights."""

import json
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

INDEX, CONFIG = "model_index.json", "config.json"
HUB_NAME = re.compile(r"[\w.-]+/[\w.-]+")
TOKENIZERS = (("vocab.json", "merges.txt"), ("tokenizer.json",), ("spiece.model",))
"""Any one of these sets makes a tokenizer."""


def local(where: Path | str) -> Path:
    """A file or folder that is given, or that the hub's own program keeps on this machine under a hub name.

    Nothing is ever downloaded: ValueError says what to run, where there is a network, when it is not there.
    """
    path = Path(where)
    if path.exists():
        return path
    name = str(where)
    if not HUB_NAME.fullmatch(name):
        raise ValueError(
            f"{where} does not exist; check the spelling, and give a file or folder on this machine"
        )
    kept = _hub_cache() / f"models--{name.replace('/', '--')}"
    main = kept / "refs" / "main"
    revision = main.read_text("utf-8").strip() if main.is_file() else ""
    snapshots = sorted((kept / "snapshots").glob(revision or "*"))
    if snapshots:
        return snapshots[-1]
    raise ValueError(
        f"there is no file {name}, and no model of that hub name on this machine (looked in {kept}). genkei"
        f" downloads nothing: run `hf download {name}` where there is a network, or give the folder's path"
    )


def parts_of(folder: Path) -> Iterator[tuple[str, tuple[Path, ...]]]:
    """Prefix (`unet/`, or nothing for a folder that is one model) and files of weights of every part."""
    if (folder / INDEX).is_file():
        index = read_json(folder / INDEX)
        names = [name for name, kind in index.items() if isinstance(kind, list) and kind[-1] is not None]
        yield from ((f"{name}/", found) for name in names if (found := _weights(folder / name)))
        return
    found = _weights(folder)
    if not found:
        raise ValueError(
            f"the folder {folder} holds neither {INDEX} nor weights (.safetensors): wanted a folder in the"
            " layout of diffusers or transformers. Give the folder those files lie in, or get the model"
            " again"
        )
    yield "", found


def pipeline_of(folder: Path) -> str:
    """Class that model_index.json names; "" without that file."""
    index = folder / INDEX
    return str(read_json(index).get("_class_name", "")) if index.is_file() else ""


def require_parts(folder: Path, names: tuple[str, ...], title: str) -> None:
    """ValueError lists the parts of a pipeline that are missing or empty, and how to get them."""
    missing = [name for name in names if not _complete(folder / name)]
    if not missing:
        return
    hint = "its words cannot be read offline without it; " if any("tokenizer" in n for n in missing) else ""
    raise ValueError(
        f"{folder} is no whole {title}: {', '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing"
        f" (found: {', '.join(sorted(p.name for p in folder.iterdir())) or 'nothing'}); {hint}get the whole"
        " folder with `hf download`, its small .json and .txt files too"
    )


def read_json(file: Path) -> Mapping[str, Any]:
    """ValueError when the file is missing or no JSON."""
    if not file.is_file():
        raise ValueError(f"{file} is missing: the folder is no whole model; get it again with `hf download`")
    try:
        told = json.loads(file.read_text("utf-8"))
    except ValueError as error:
        raise ValueError(f"{file} is damaged ({error}); get the folder again with `hf download`") from error
    if not isinstance(told, dict):
        raise ValueError(f"{file} is no description of a model: it holds a {type(told).__name__}")
    return told


def _complete(part: Path) -> bool:
    if "tokenizer" in part.name:
        return any(all((part / name).is_file() for name in names) for names in TOKENIZERS)
    if "scheduler" in part.name:
        return (part / "scheduler_config.json").is_file()
    return (part / CONFIG).is_file() and bool(_weights(part))


def _weights(folder: Path) -> tuple[Path, ...]:
    """Full weights before their fp16 twins; the shards of an index together. A pickle is named, not read."""
    for index in sorted(folder.glob("*.safetensors.index.json")):
        shards = sorted(set(read_json(index).get("weight_map", {}).values()))
        absent = [name for name in shards if not (folder / name).is_file()]
        if absent:
            raise ValueError(
                f"{folder} lacks {len(absent)} of {len(shards)} files of weights ({absent[0]} first);"
                " get the folder again with `hf download`"
            )
        return tuple(folder / name for name in shards)
    found = sorted(folder.glob("*.safetensors"), key=lambda file: (file.name.count("."), file.name))
    if found:
        return (found[0],)
    pickles = sorted([*folder.glob("*.bin"), *folder.glob("*.pth"), *folder.glob("*.ckpt")])
    if pickles:
        raise ValueError(
            f"{folder} holds its weights as {pickles[0].name}, a pickle, which may hold a program and is not"
            " read from folders. Take the .safetensors files of the same model"
        )
    return ()


def _hub_cache() -> Path:
    """Where the hub's own program keeps what it downloaded."""
    if "HF_HUB_CACHE" in os.environ:
        return Path(os.environ["HF_HUB_CACHE"])
    return Path(os.environ.get("HF_HOME", Path.home() / ".cache" / "huggingface")) / "hub"
