"""SDXL and its ControlNets from files on this machine: whole and of the right kind, or not at all."""

import math
from collections.abc import Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from genkei.nets.published.contents import Contents, read, refuse_eight_bit
from genkei.nets.published.devices import DIFFUSION, refuse_unready
from genkei.nets.published.folders import local, pipeline_of, read_json, require_parts
from genkei.nets.published.recognise import expect, looks_like
from genkei.nets.published.weights import explained_memory, refuse_too_large
from genkei.stylise.single_file import parts_of_file

if TYPE_CHECKING:
    import torch

PARTS = ("unet", "vae", "text_encoder", "text_encoder_2", "tokenizer", "tokenizer_2")
CLASSES = {
    "unet": ("diffusers", "UNet2DConditionModel"),
    "vae": ("diffusers", "AutoencoderKL"),
    "text_encoder": ("transformers", "CLIPTextModel"),
    "text_encoder_2": ("transformers", "CLIPTextModelWithProjection"),
}
SMALL_FILES = (
    "unet/config.json, vae/config.json, text_encoder/config.json, text_encoder_2/config.json, "
    "scheduler/scheduler_config.json, tokenizer and tokenizer_2 (vocab.json, merges.txt), model_index.json"
)


def load(
    checkpoint: Path | str, config: Path | str | None, device: str, dtype: "torch.dtype"
) -> Mapping[str, Any]:
    """The parts of SDXL by name, on a device, in evaluation mode.

    `checkpoint` is a folder of diffusers, or one .safetensors file with `config`, a folder that holds the
    small files of SDXL base. Raises ValueError in the user's words; nothing is downloaded.
    """
    refuse_unready(device, DIFFUSION)
    path = local(checkpoint)
    if path.is_dir():
        return _from_folder(path, device, dtype)
    contents, _ = expect(path, ["sdxl"])
    if config is None:
        raise ValueError(
            f"{path} is one file of weights, and its words and shapes are described elsewhere; give"
            f" --config FOLDER with the small files of SDXL base ({SMALL_FILES}):"
            ' hf download stabilityai/stable-diffusion-xl-base-1.0 --include "*.json" "*.txt"'
        )
    folder = local(config)
    _refuse_incomplete(folder)
    return {**parts_of_file(contents, folder, device, dtype), **_tokenizers(folder)}


def noise_of(checkpoint: Path | str, config: Path | str | None) -> Mapping[str, Any]:
    """What the UNet was trained to tell: the sampler's `prediction`, and whether its last step has no signal.

    A folder's scheduler says it. Of a file, tensors called `v_pred` and `ztsnr` do, as trainers put them
    there, else the scheduler of `config`.
    """
    path = local(checkpoint)
    if path.is_file():
        names = read(path).tensors
        if "v_pred" in names:
            return {"prediction": "v_prediction", "zero_snr": "ztsnr" in names}
        path = local(config) if config is not None else path.parent
    file = path / "scheduler" / "scheduler_config.json"
    told = read_json(file) if file.is_file() else {}
    return {
        "prediction": str(told.get("prediction_type", "epsilon")),
        "zero_snr": bool(told.get("rescale_betas_zero_snr", False)),
    }


def load_control(where: Path | str, device: str, dtype: "torch.dtype") -> "torch.nn.Module":
    """A ControlNet for SDXL from its folder; ValueError for anything else."""
    path = local(where)
    contents = read(path)
    refuse_eight_bit(contents)
    first = contents.tensors.get("controlnet_cond_embedding.conv_in.weight")
    if not path.is_dir() or first is None or "add_embedding.linear_1.weight" not in contents.tensors:
        told = looks_like(contents).told
        raise ValueError(
            f"{path} is no ControlNet for SDXL in a folder of diffusers (config.json and"
            f" diffusion_pytorch_model.safetensors): {told}. One for SD 1.5 does not fit; see genkei"
            " models info controlnet-sdxl"
        )
    _refuse_too_large(contents, path, device, dtype)
    return _part("diffusers", "ControlNetModel", path, "", device, dtype)


def _from_folder(path: Path, device: str, dtype: "torch.dtype") -> Mapping[str, Any]:
    kind = pipeline_of(path)
    if not kind.startswith("StableDiffusionXL"):
        told = looks_like(read(path)).told
        raise ValueError(
            f"{path} is no SDXL: its model_index.json names {kind or 'nothing'}; {told}. Give an SDXL"
            " checkpoint (Pony, Illustrious and PVC styles are SDXL); see genkei models info sdxl"
        )
    require_parts(path, PARTS, "SDXL")
    contents = read(path)
    refuse_eight_bit(contents)
    _refuse_too_large(contents, path, device, dtype)
    parts = {name: _part(*CLASSES[name], path, name, device, dtype) for name in CLASSES}
    return {**parts, **_tokenizers(path)}


def _refuse_too_large(contents: Contents, path: Path, device: str, dtype: "torch.dtype") -> None:
    """ValueError when the numbers, in the precision they will run in, are more than the device has free."""
    count = sum(math.prod(tensor.shape) for tensor in contents.tensors.values())
    refuse_too_large(count * dtype.itemsize, f"the weights in {path}", device)


def _part(
    library: str, kind: str, folder: Path, name: str, device: str, dtype: "torch.dtype"
) -> "torch.nn.Module":
    """One part by its own class; ValueError when a tensor is missing, too many or of another shape."""
    import importlib

    class_ = getattr(importlib.import_module(library), kind)
    where = folder / name
    try:
        with explained_memory(f"the weights in {where}"), quiet():
            module, told = class_.from_pretrained(
                str(where),
                local_files_only=True,
                use_safetensors=True,
                torch_dtype=dtype,
                output_loading_info=True,
            )
            module = module.to(device).eval()
    except (OSError, RuntimeError) as error:
        raise ValueError(
            f"{where} does not fit its own config.json ({str(error).splitlines()[0][:200]}); get the folder"
            " again with `hf download`"
        ) from error
    wrong = {key: sorted(map(str, told.get(key) or ())) for key in _MISFITS}
    says = [f"{len(few)} {_MISFITS[key]} ({few[0]} first)" for key, few in wrong.items() if few]
    if says:
        raise ValueError(
            f"{where} fits its {kind} only in part: {'; '.join(says)}. Nothing was loaded; get the"
            " folder again with `hf download`"
        )
    return module


_MISFITS = {
    "missing_keys": "tensors are missing",
    "unexpected_keys": "are not asked for",
    "mismatched_keys": "are of another shape",
    "error_msgs": "could not be read",
}


def _tokenizers(folder: Path) -> Mapping[str, Any]:
    from transformers import CLIPTokenizer

    return {
        name: CLIPTokenizer.from_pretrained(str(folder / name), local_files_only=True)
        for name in ("tokenizer", "tokenizer_2")
    }


def _refuse_incomplete(config: Path) -> None:
    """The small files that a single file of weights needs beside it."""
    if not config.is_dir():
        raise ValueError(f"{config} is no folder; --config wants the one that holds {SMALL_FILES}")
    wanted = [f"{name}/config.json" for name in CLASSES]
    wanted += ["scheduler/scheduler_config.json", "model_index.json"]
    wanted += [
        f"{name}/{file}" for name in ("tokenizer", "tokenizer_2") for file in ("vocab.json", "merges.txt")
    ]
    missing = [name for name in wanted if not (config / name).is_file()]
    if missing:
        raise ValueError(
            f"{config} lacks {', '.join(missing)}; --config wants the small files of SDXL base, tokenizers"
            ' too: hf download stabilityai/stable-diffusion-xl-base-1.0 --include "*.json" "*.txt"'
        )
    read_json(config / "model_index.json")


@contextmanager
def quiet():
    """diffusers and transformers tell what they load; genkei says itself what is wrong."""
    import diffusers.utils.logging
    import transformers.utils.logging

    both = (diffusers.utils.logging, transformers.utils.logging)
    levels = [talk.get_verbosity() for talk in both]
    bars = transformers.utils.logging.is_progress_bar_enabled()
    for talk in both:
        talk.set_verbosity_error()
        talk.disable_progress_bar()
    try:
        yield
    finally:
        for talk, level in zip(both, levels, strict=True):
            talk.set_verbosity(level)
            if bars:
                talk.enable_progress_bar()
