"""SDXL and a ControlNet with a few thousand random weights, in the folders real ones come in."""

import json
import string
from pathlib import Path

CROSS = 16 + 20


def tiny_sdxl(folder: Path) -> Path:
    """A folder of diffusers that loads as StableDiffusionXLPipeline: 8 px a latent, 4 latent channels."""
    import torch
    from diffusers import (
        AutoencoderKL,
        EulerAncestralDiscreteScheduler,
        StableDiffusionXLPipeline,
        UNet2DConditionModel,
    )
    from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer

    torch.manual_seed(0)
    unet = UNet2DConditionModel(
        block_out_channels=(8, 16),
        layers_per_block=1,
        sample_size=8,
        in_channels=4,
        out_channels=4,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        attention_head_dim=(2, 4),
        norm_num_groups=4,
        use_linear_projection=True,
        addition_embed_type="text_time",
        addition_time_embed_dim=4,
        transformer_layers_per_block=(1, 1),
        projection_class_embeddings_input_dim=6 * 4 + 24,
        cross_attention_dim=CROSS,
    )
    vae = AutoencoderKL(
        block_out_channels=(4, 4, 8, 8),
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        latent_channels=4,
        norm_num_groups=2,
        sample_size=64,
    )
    encoders = []
    for width, kind in ((16, CLIPTextModel), (20, CLIPTextModelWithProjection)):
        encoders.append(
            kind(
                CLIPTextConfig(
                    hidden_size=width,
                    intermediate_size=24,
                    num_hidden_layers=3,
                    num_attention_heads=2,
                    vocab_size=140,
                    projection_dim=24,
                    bos_token_id=136,
                    eos_token_id=137,
                    pad_token_id=137,
                )
            )
        )
    for name in ("tokenizer", "tokenizer_2"):
        write_tokenizer(folder / name)
    tokenizers = [CLIPTokenizer.from_pretrained(str(folder / n)) for n in ("tokenizer", "tokenizer_2")]
    pipeline = StableDiffusionXLPipeline(
        vae, encoders[0], encoders[1], tokenizers[0], tokenizers[1], unet, EulerAncestralDiscreteScheduler()
    )
    pipeline.save_pretrained(folder, safe_serialization=True)
    return folder


def tiny_control(folder: Path) -> Path:
    """A ControlNet that fits `tiny_sdxl`; its last layers are not zero, so that it says something."""
    import torch
    from diffusers import ControlNetModel

    torch.manual_seed(1)
    control = ControlNetModel(
        block_out_channels=(8, 16),
        layers_per_block=1,
        in_channels=4,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        conditioning_embedding_out_channels=(4, 8, 8, 16),
        cross_attention_dim=CROSS,
        attention_head_dim=(2, 4),
        norm_num_groups=4,
        use_linear_projection=True,
        addition_embed_type="text_time",
        addition_time_embed_dim=4,
        transformer_layers_per_block=1,
        projection_class_embeddings_input_dim=6 * 4 + 24,
    )
    for block in (*control.controlnet_down_blocks, control.controlnet_mid_block):
        torch.nn.init.normal_(block.weight, std=0.3)
    control.save_pretrained(folder, safe_serialization=True)
    return folder


def write_tokenizer(folder: Path) -> None:
    """Letters are the words of this CLIP tokenizer; with its end-of-word marks, 138 of them."""
    letters = string.ascii_lowercase + string.digits + string.punctuation
    words = [*letters, *(f"{letter}</w>" for letter in letters)][:136]
    vocabulary = {word: k for k, word in enumerate(words)}
    vocabulary["<|startoftext|>"], vocabulary["<|endoftext|>"] = 136, 137
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "vocab.json").write_text(json.dumps(vocabulary))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    marks = {"bos_token": "<|startoftext|>", "eos_token": "<|endoftext|>", "unk_token": "<|endoftext|>"}
    told = {**marks, "pad_token": "<|endoftext|>", "model_max_length": 77, "tokenizer_class": "CLIPTokenizer"}
    (folder / "tokenizer_config.json").write_text(json.dumps(told))
