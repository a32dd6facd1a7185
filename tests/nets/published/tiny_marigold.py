"""Marigold in small: random weights, the published classes, a folder as the hub gives it; nothing is saved by
diffusers' own loading code, so that what is tested is what reads it."""

import json
from dataclasses import replace
from pathlib import Path

from genkei.nets.published.table import models

SCHEDULER = {
    "_class_name": "DDIMScheduler",
    "beta_start": 0.00085,
    "beta_end": 0.012,
    "beta_schedule": "scaled_linear",
    "prediction_type": "v_prediction",
    "clip_sample": False,
    "set_alpha_to_one": False,
    "steps_offset": 1,
    "timestep_spacing": "leading",
}
UNET = {
    "sample_size": 8, "out_channels": 4, "layers_per_block": 1, "block_out_channels": [8, 16],
    "down_block_types": ["CrossAttnDownBlock2D", "DownBlock2D"],
    "up_block_types": ["UpBlock2D", "CrossAttnUpBlock2D"],
    "cross_attention_dim": 16, "attention_head_dim": 4, "norm_num_groups": 4,
}  # fmt: skip
VAE = {
    "block_out_channels": [8, 8, 8, 8], "layers_per_block": 1, "norm_num_groups": 4, "latent_channels": 4,
    "down_block_types": ["DownEncoderBlock2D"] * 4, "up_block_types": ["UpDecoderBlock2D"] * 4,
}  # fmt: skip
LIGHT = {
    "target_names": ["albedo", "shading", "residual"],
    "albedo": {"prediction_space": "linear", "up_to_scale": False},
    "shading": {"prediction_space": "linear", "up_to_scale": True},
    "residual": {"prediction_space": "linear", "up_to_scale": True},
}
INDEX = {
    "depth": {
        "_class_name": "MarigoldDepthPipeline", "prediction_type": "depth", "scale_invariant": True,
        "shift_invariant": True,
    },
    "normals": {"_class_name": "MarigoldNormalsPipeline", "prediction_type": "normals"},
    "intrinsics": {
        "_class_name": "MarigoldIntrinsicsPipeline", "prediction_type": "intrinsics",
        "target_properties": LIGHT,
    },
}  # fmt: skip
OF_JOB = {"depth": "marigold-depth", "normals": "marigold-normals", "intrinsics": "marigold-lighting"}


def write(folder: Path, job: str = "depth", steps: int = 2) -> Path:
    """A whole folder; `text_model.` stands before the text encoder's names as in published files."""
    import diffusers
    import torch
    import transformers
    from safetensors.torch import save_file

    torch.manual_seed(11)
    targets = 3 if job == "intrinsics" else 1
    unet_config = {**UNET, "in_channels": 4 + 4 * targets, "out_channels": 4 * targets}
    text_config = transformers.CLIPTextConfig(
        vocab_size=20, hidden_size=16, intermediate_size=16, num_hidden_layers=1, num_attention_heads=2,
        bos_token_id=0, eos_token_id=1, pad_token_id=1,
    )  # fmt: skip
    parts = {
        "unet": (diffusers.UNet2DConditionModel(**unet_config), unet_config),
        "vae": (diffusers.AutoencoderKL(**VAE), VAE),
        "text_encoder": (transformers.CLIPTextModel(text_config), text_config.to_dict()),
    }
    for name, (module, config) in parts.items():
        (folder / name).mkdir(parents=True)
        front = "text_model." if name == "text_encoder" else ""
        state = {f"{front}{key}": value.contiguous() for key, value in module.state_dict().items()}
        save_file(state, folder / name / "model.safetensors")
        (folder / name / "config.json").write_text(json.dumps(config))
    (folder / "tokenizer").mkdir()
    letters = {letter: k + 2 for k, letter in enumerate("abcdefgh")}
    vocab = {"<|startoftext|>": 0, "<|endoftext|>": 1, **letters}
    (folder / "tokenizer" / "vocab.json").write_text(json.dumps(vocab))
    (folder / "tokenizer" / "merges.txt").write_text("#version: 0.2\n")
    (folder / "scheduler").mkdir()
    (folder / "scheduler" / "scheduler_config.json").write_text(json.dumps(SCHEDULER))
    classes = {name: ["a", "B"] for name in (*parts, "tokenizer", "scheduler")}
    index = {**INDEX[job], **classes, "default_denoising_steps": steps, "default_processing_resolution": 64}
    (folder / "model_index.json").write_text(json.dumps(index))
    return folder


def tiny_rows():
    """The table, its Marigold rows told by channel counts alone."""

    def short(key: str, shape: tuple[int, ...]) -> tuple[int, ...]:
        if len(shape) != 4:
            return tuple(-1 for _ in shape)
        free = {"conv_in": (-1, shape[1], 3, 3), "conv_out": (shape[0], -1, 3, 3)}
        return next((lengths for word, lengths in free.items() if word in key), (-1, -1, -1, -1))

    return {
        name: replace(m, keys=tuple((key, short(key, shape)) for key, shape in m.keys)) if m.pipeline else m
        for name, m in models().items()
    }
