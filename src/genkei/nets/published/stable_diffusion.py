"""The parts of a folder in diffusers' layout, each built from its own description and filled whole.

diffusers' and transformers' own loading only warns over tensors that are missing or too many.
"""

import re
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from genkei.nets.published.contents import Contents, read
from genkei.nets.published.folders import CONFIG, read_json
from genkei.nets.published.weights import Rename, fill

OLD_ATTENTION = {"query": "to_q", "key": "to_k", "value": "to_v", "proj_attn": "to_out.0"}
"""What diffusers called the layers of a VAE's attention before version 0.18."""
OLD_NAME = re.compile(r"(.*\.attentions\.\d+\.)(query|key|value|proj_attn)(\.\w+)")
TORCH_FILES = ("diffusion_pytorch_model.bin", "pytorch_model.bin")
"""Plain weights in torch's own form, which older folders hold; nothing but numbers is ever read of them."""


def weights_of(part: Path) -> Contents:
    """A part's weights: .safetensors, else a torch file of plain weights; ValueError where there are none."""
    found = [part / name for name in TORCH_FILES if (part / name).is_file()]
    return read(found[0] if found and not any(part.glob("*.safetensors")) else part)


def unet(part: Path, device: str, dtype: Any = None) -> Any:
    """diffusers' UNet2DConditionModel of a folder."""
    return fill(bare_unet(read_json(part / CONFIG)), weights_of(part), dtype=dtype, device=device)


def bare_unet(config: Mapping[str, Any]) -> Any:
    """The class without numbers yet, for `fill`."""
    return _without_numbers("UNet2DConditionModel", config)


def vae(part: Path, device: str, dtype: Any = None) -> Any:
    """diffusers' AutoencoderKL of a folder, under the names of either generation."""
    module = bare_vae(read_json(part / CONFIG))
    return fill(module, weights_of(part), rename=vae_name, dtype=dtype, device=device)


def bare_vae(config: Mapping[str, Any]) -> Any:
    """The class without numbers yet."""
    return _without_numbers("AutoencoderKL", config)


def vae_name(name: str) -> str:
    """Today's name of a VAE's tensor."""
    old = OLD_NAME.fullmatch(name)
    return f"{old[1]}{OLD_ATTENTION[old[2]]}{old[3]}" if old else name


def text(part: Path, device: str, dtype: Any = None) -> Any:
    """transformers' CLIPTextModel of a folder."""
    return _of_transformers("CLIPText", "CLIPTextModel", part, device, dtype)


def bare_text(part: Path, kind: str = "CLIPTextModel") -> Any:
    """CLIP's text net as a folder describes it; its numbers are random."""
    transformers: Any = import_module("transformers")
    told = transformers.CLIPTextConfig.from_dict(dict(read_json(part / CONFIG)))
    return getattr(transformers, kind)(told)


def clip_vision(part: Path, device: str, dtype: Any = None) -> Any:
    """transformers' CLIPVisionModelWithProjection of a folder."""
    return _of_transformers("CLIPVision", "CLIPVisionModelWithProjection", part, device, dtype)


def convnext(part: Path, device: str, dtype: Any = None) -> Any:
    """transformers' ConvNextV2Model of a folder."""
    return _of_transformers("ConvNextV2", "ConvNextV2Model", part, device, dtype)


def tokenizer(part: Path, length: int) -> Any:
    """transformers' CLIPTokenizer of a folder, for texts of that many tokens."""
    kind: Any = import_module("transformers").CLIPTokenizer
    return kind.from_pretrained(part, local_files_only=True, model_max_length=length)


def ddim(part: Path, **more: Any) -> Any:
    """diffusers' DDIMScheduler by a folder's settings, with some of them set otherwise."""
    kind: Any = import_module("diffusers").DDIMScheduler
    return kind.from_config({**read_json(part / "scheduler_config.json"), **more})


def _without_numbers(kind: str, config: Mapping[str, Any]) -> Any:
    torch: Any = import_module("torch")
    with torch.device("meta"):
        return getattr(import_module("diffusers"), kind).from_config(dict(config))


def _of_transformers(config: str, kind: str, part: Path, device: str, dtype: Any) -> Any:
    transformers: Any = import_module("transformers")
    told = getattr(transformers, f"{config}Config").from_dict(dict(read_json(part / CONFIG)))
    module = getattr(transformers, kind)(told)
    return fill(module, weights_of(part), rename=_short(module), dtype=dtype, device=device)


def _short(module: Any) -> Rename:
    """transformers 5 left `text_model.` out of the names, and positions out of the weights."""
    names = set(module.state_dict())

    def rename(name: str) -> str | None:
        prefix, _, rest = name.partition(".")
        short = rest if name not in names and prefix in ("text_model", "vision_model") else name
        return None if short.endswith("position_ids") else short

    return rename
