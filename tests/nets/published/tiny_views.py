"""Models that make views, in small: random weights, the published classes and folders.

What is random is their numbers alone; files hold exactly what the published ones do.
"""

import json
from pathlib import Path

import diffusers
import torch
import transformers
from safetensors.torch import save_file

VAE = {
    "block_out_channels": [8, 8, 8, 8], "layers_per_block": 1, "norm_num_groups": 4, "latent_channels": 4,
    "down_block_types": ["DownEncoderBlock2D"] * 4, "up_block_types": ["UpDecoderBlock2D"] * 4,
}  # fmt: skip
UNET = {
    "sample_size": 8, "layers_per_block": 1, "block_out_channels": [8, 8, 16, 16], "norm_num_groups": 4,
    "down_block_types": ["DownBlock2D", "DownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"],
    "up_block_types": ["UpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D", "CrossAttnUpBlock2D"],
    "cross_attention_dim": 16, "attention_head_dim": 2,
}  # fmt: skip
"""Two heads: eight channels each, or four."""
SCHEDULER = {
    "_class_name": "DDIMScheduler", "beta_start": 0.00085, "beta_end": 0.012,
    "beta_schedule": "scaled_linear",
    "clip_sample": False, "set_alpha_to_one": False, "steps_offset": 1,
}  # fmt: skip
EYE = {"hidden_sizes": [4, 4, 8, 16], "depths": [1, 1, 1, 1], "image_size": 224}
CLIP = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}


def put(part: Path, module: torch.nn.Module, config: dict, torch_file: str = "") -> None:
    """config.json and the weights, as .safetensors or as a torch file."""
    part.mkdir(parents=True, exist_ok=True)
    (part / "config.json").write_text(json.dumps(config))
    state = {name: tensor.contiguous() for name, tensor in module.state_dict().items()}
    if torch_file:
        torch.save(state, part / torch_file)
    else:
        save_file(state, part / "diffusion_pytorch_model.safetensors")


def write_eschernet(folder: Path, torch_file: str = "", seed: int = 3) -> Path:
    """As kxic/eschernet-6dof: unet, vae, image_encoder, scheduler."""
    torch.manual_seed(seed)
    put(folder / "unet", diffusers.UNet2DConditionModel(**UNET), UNET, torch_file)
    put(folder / "vae", diffusers.AutoencoderKL(**VAE), VAE, torch_file)
    eye = transformers.ConvNextV2Config(**EYE)
    put(folder / "image_encoder", transformers.ConvNextV2Model(eye), eye.to_dict())
    index = {"_class_name": "Zero1to3StableDiffusionPipeline"}
    for part, kind in (
        ("unet", "UNet2DConditionModel"), ("vae", "AutoencoderKL"), ("image_encoder", "CN_encoder"),
    ):  # fmt: skip
        index[part] = ["diffusers", kind]
    (folder / "model_index.json").write_text(json.dumps(index))
    _scheduler(folder, {**SCHEDULER, "steps_offset": 0})
    return folder


def write_charactergen(folder: Path, seed: int = 4, halvings: int = 3) -> tuple[Path, Path]:
    """Its 2D_Stage/models, and a folder of Stable Diffusion 2.1; a latent is 2^`halvings` pixels wide.

    The published VAE halves three times. Four make the attention over all views sixteen times cheaper.
    """
    from genkei.nets.charactergen2d_files import FILES, reader

    torch.manual_seed(seed)
    models, base = folder / "models", folder / "sd21"
    put(base / "unet", diffusers.UNet2DConditionModel(**UNET), UNET)
    vae = {
        **VAE,
        "block_out_channels": [8] * (halvings + 1),
        "down_block_types": ["DownEncoderBlock2D"] * (halvings + 1),
        "up_block_types": ["UpDecoderBlock2D"] * (halvings + 1),
    }
    put(base / "vae", diffusers.AutoencoderKL(**vae), vae)
    words = transformers.CLIPTextConfig(vocab_size=20, bos_token_id=0, eos_token_id=1, pad_token_id=1, **CLIP)
    put(base / "text_encoder", transformers.CLIPTextModel(words), words.to_dict())
    _tokenizer(base / "tokenizer")
    _scheduler(base, {**SCHEDULER, "prediction_type": "v_prediction"})
    seen = transformers.CLIPVisionConfig(image_size=32, patch_size=16, projection_dim=16, **CLIP)
    put(models / "image_encoder", transformers.CLIPVisionModelWithProjection(seen), seen.to_dict())
    width = 4 * UNET["block_out_channels"][0]
    camera = torch.nn.Sequential(torch.nn.Linear(12, width), torch.nn.SiLU(), torch.nn.Linear(width, width))
    added = {f"camera_embedding.{name}": tensor for name, tensor in camera.state_dict().items()}
    (models / "checkpoint").mkdir()
    drawing = diffusers.UNet2DConditionModel(**UNET)
    reading = reader(diffusers.UNet2DConditionModel(**UNET))
    for what, net in (("the net that draws", drawing), ("the net that reads the drawing", reading)):
        torch.save({**net.state_dict(), **added}, models / FILES[what])
    return models, base


def _scheduler(folder: Path, settings: dict) -> None:
    (folder / "scheduler").mkdir()
    (folder / "scheduler" / "scheduler_config.json").write_text(json.dumps(settings))


def _tokenizer(part: Path) -> None:
    """Two words and the letters a to r."""
    part.mkdir()
    words = ["<|startoftext|>", "<|endoftext|>", *"abcdefghijklmnopqr"]
    (part / "vocab.json").write_text(json.dumps({word: k for k, word in enumerate(words)}))
    (part / "merges.txt").write_text("#version: 0.2\n")
