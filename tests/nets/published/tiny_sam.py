"""Segment Anything in small: random weights, the published classes, a folder as the hub gives it."""

from dataclasses import replace
from pathlib import Path

from genkei.nets.published.table import models

SIDE = 128
DECODER = {"hidden_size": 32, "mlp_dim": 64, "num_attention_heads": 2, "iou_head_hidden_dim": 32}
PROMPT = {"hidden_size": 32, "image_size": SIDE, "patch_size": 16, "mask_input_channels": 4}
HIERA = {
    "model_type": "sam2_hiera_det_model",
    "hidden_size": 16,
    "image_size": [SIDE, SIDE],
    "blocks_per_stage": [1, 1, 1, 1],
    "embed_dim_per_stage": [16, 32, 64, 128],
    "window_size_per_stage": [8, 4, 4, 2],
    "window_positional_embedding_background_size": [4, 4],
    "global_attention_blocks": [],
}


def tiny(name: str):
    """A SamModel or Sam2Model in evaluation mode."""
    import torch
    import transformers as t

    torch.manual_seed(7)
    if name == "sam-vit-b":
        vision = {
            "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "image_size": SIDE,
            "output_channels": 32, "global_attn_indexes": [1], "window_size": 4, "num_pos_feats": 16,
            "initializer_range": 0.02,
        }  # fmt: skip
        config = t.SamConfig(vision_config=vision, prompt_encoder_config=PROMPT, mask_decoder_config=DECODER)
        return t.SamModel(config).eval()
    vision = {
        "backbone_config": HIERA,
        "backbone_channel_list": [128, 64, 32, 16],
        "backbone_feature_sizes": [[32, 32], [16, 16], [8, 8]],
        "fpn_hidden_size": 32,
    }
    config = t.Sam2Config(vision_config=vision, prompt_encoder_config=PROMPT, mask_decoder_config=DECODER)
    return t.Sam2Model(config).eval()


def save(name: str, folder: Path) -> Path:
    tiny(name).save_pretrained(folder)
    return folder


def tiny_rows():
    """The table, its Segment Anything rows told by small lengths."""
    short = {1: 1, 2: 2, 3: 3, 7: 7, 16: 16}
    return {
        name: replace(m, keys=tuple((key, tuple(short.get(n, -1) for n in shape)) for key, shape in m.keys))
        if m.job == "mask by prompt"
        else m
        for name, m in models().items()
    }
