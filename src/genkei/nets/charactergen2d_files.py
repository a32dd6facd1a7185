"""Where CharacterGen's 2D stage lies on disk: its own three files, and the folder of Stable Diffusion 2.1."""

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from genkei.nets.charactergen2d import Drawer
from genkei.nets.published.contents import read
from genkei.nets.published.weights import fill, fit

FILES = {
    "the net that draws": "checkpoint/pytorch_model.bin",
    "the net that reads the drawing": "checkpoint/pytorch_model_2.bin",
    "CLIP": "image_encoder/config.json",
}
"""Below 2D_Stage/models; pytorch_model_1.bin is a pose net that the released program never asks."""
PARTS = ("unet", "vae", "text_encoder", "tokenizer", "scheduler")
"""Of the folder of Stable Diffusion 2.1."""
CAMERA, CLASS = "camera_embedding.", "class_embedding."


def load(models: Path, base: Path, device: str = "cpu") -> Drawer:
    """The stage from `2D_Stage/models` and a local stable-diffusion-2-1 folder; nothing is downloaded.

    ValueError says which file or folder is missing, or what in a file does not fit.
    """
    missing = [f"{what} ({models / name})" for what, name in FILES.items() if not (models / name).is_file()]
    missing += [f"{part} ({base / part})" for part in PARTS if not (base / part).is_dir()]
    if missing:
        raise ValueError(
            f"CharacterGen's 2D stage is not whole: missing {', '.join(missing)}. Wanted are 2D_Stage/models "
            "of zjpshadow/CharacterGen and a folder of stabilityai/stable-diffusion-2-1; none is downloaded"
        )
    diffusers: Any = import_module("diffusers")
    transformers: Any = import_module("transformers")
    here: dict[str, Any] = {"local_files_only": True}
    config = diffusers.UNet2DConditionModel.load_config(base / "unet", **here)
    drawing = models / FILES["the net that draws"]
    unet = _unet({**config, "class_embed_type": "identity"}, drawing, device)
    size = 4 * unet.config["block_out_channels"][0]
    return Drawer(
        unet=unet,
        reference=_unet(config, models / FILES["the net that reads the drawing"], device),
        camera=fit(read(drawing), camera_layout(size), rename=camera_name, device=device),
        vae=diffusers.AutoencoderKL.from_pretrained(base / "vae", **here).to(device).eval(),
        clip=transformers.CLIPVisionModelWithProjection.from_pretrained(models / "image_encoder", **here)
        .to(device)
        .eval(),
        tokenizer=transformers.CLIPTokenizer.from_pretrained(base / "tokenizer", **here),
        text=transformers.CLIPTextModel.from_pretrained(base / "text_encoder", **here).to(device).eval(),
        scheduler=diffusers.DDIMScheduler.from_pretrained(base / "scheduler", **here),
    )


def _unet(config: Mapping[str, Any], path: Path, device: str) -> Any:
    diffusers: Any = import_module("diffusers")
    net = diffusers.UNet2DConditionModel.from_config(dict(config))
    return fill(net, read(path), rename=own_name, device=device)


def own_name(name: str) -> str | None:
    """A UNet's tensors; None for what CharacterGen adds and diffusers' class has no place for."""
    return None if name.startswith((CAMERA, CLASS)) else name


def camera_name(name: str) -> str | None:
    """The camera's two layers; None for everything else."""
    return name.removeprefix(CAMERA) if name.startswith(CAMERA) else None


def camera_layout(width: int) -> dict[str, tuple[int, ...]]:
    """Of the camera's two layers, for a time embedding of that width (1280)."""
    return {"0.weight": (width, 12), "0.bias": (width,), "2.weight": (width, width), "2.bias": (width,)}
