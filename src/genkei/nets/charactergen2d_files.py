"""Where CharacterGen's 2D stage lies on disk: its own three files, and the folder of Stable Diffusion 2.1."""

from importlib import import_module
from pathlib import Path
from typing import Any

from genkei.nets.charactergen2d import Drawer
from genkei.nets.published import stable_diffusion
from genkei.nets.published.contents import read
from genkei.nets.published.devices import DIFFUSION, refuse_unready
from genkei.nets.published.folders import CONFIG, read_json, require_parts
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
    require_parts(base, ("tokenizer", "scheduler"), "Stable Diffusion 2.1")
    refuse_unready(device, DIFFUSION)
    config = read_json(base / "unet" / CONFIG)
    drawing = models / FILES["the net that draws"]
    unet = stable_diffusion.bare_unet({**config, "class_embed_type": "identity"})
    size = 4 * unet.config["block_out_channels"][0]
    words = stable_diffusion.text(base / "text_encoder", device)
    return Drawer(
        unet=fill(unet, read(drawing), rename=own_name, device=device),
        reference=fill(
            reader(stable_diffusion.bare_unet(config)),
            read(models / FILES["the net that reads the drawing"]),
            rename=own_name,
            device=device,
        ),
        camera=fit(read(drawing), camera_layout(size), rename=camera_name, device=device),
        vae=stable_diffusion.vae(base / "vae", device),
        clip=stable_diffusion.clip_vision(models / "image_encoder", device),
        tokenizer=stable_diffusion.tokenizer(base / "tokenizer", words.config.max_position_embeddings),
        text=words,
        scheduler=stable_diffusion.ddim(base / "scheduler"),
    )


def reader(unet: Any) -> Any:
    """The UNet without what lies behind the last tokens that are lent: the published file holds none of it.

    (`UNetMV2DRefModel` in 2D_Stage/tuneavideo/models/unet_mv2d_ref.py puts identities there.)
    """
    identity: Any = import_module("torch").nn.Identity
    last = unet.up_blocks[-1].attentions[-1]
    block = last.transformer_blocks[-1]
    for name in ("conv_norm_out", "conv_act", "conv_out"):
        setattr(unet, name, identity())
    for name in ("to_q", "to_k", "to_v"):
        setattr(block.attn1, name, identity())
    block.attn1.to_out[0] = identity()
    for name in ("norm2", "norm3", "ff"):
        setattr(block, name, identity())
    block.attn2 = None
    last.proj_out = identity()
    return unet


def own_name(name: str) -> str | None:
    """A UNet's tensors; None for what CharacterGen adds and diffusers' class has no place for."""
    return None if name.startswith((CAMERA, CLASS)) else name


def camera_name(name: str) -> str | None:
    """The camera's two layers; None for everything else."""
    return name.removeprefix(CAMERA) if name.startswith(CAMERA) else None


def camera_layout(width: int) -> dict[str, tuple[int, ...]]:
    """Of the camera's two layers, for a time embedding of that width (1280)."""
    return {"0.weight": (width, 12), "0.bias": (width,), "2.weight": (width, width), "2.bias": (width,)}
